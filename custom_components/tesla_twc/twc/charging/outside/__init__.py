"""Limits from outside: shared among the cars, ended in time, and commanded by the grid operator."""
