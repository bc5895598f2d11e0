"""The dashboard and the card: served, made known to the page, and told what flows in the house."""
