"""Computes the surplus that the house has for cars, from readings that may be late or missing."""
