"""What may be offered at most: circuit, cable and settings, and who is let in."""
