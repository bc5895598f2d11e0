"""Actions that limit wall connectors from outside, and which wall connectors an action means."""
