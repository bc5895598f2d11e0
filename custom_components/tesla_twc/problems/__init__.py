"""What an owner is told: when a trouble is one, its repair, and what the log keeps of it."""
