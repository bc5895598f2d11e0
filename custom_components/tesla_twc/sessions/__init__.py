"""Sessions in Home Assistant: where they are kept, what a kWh costs, and the actions that ask for them."""
