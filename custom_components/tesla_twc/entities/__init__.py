"""What the entity platforms are made of: kinds of sensors, and when a value is worth publishing."""
