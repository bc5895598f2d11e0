"""What goes on while an entry is loaded: decisions, settings of the owner, orders to cars, hand-over to the keeper."""
