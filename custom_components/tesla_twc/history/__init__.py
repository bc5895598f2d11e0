"""What the recorder knows of the past, and decisions replayed over it."""
