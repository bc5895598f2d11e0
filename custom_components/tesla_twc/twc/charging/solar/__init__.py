"""Charging from the sun: the surplus is shared among the cars, and each begins, follows it, bridges clouds and ends."""
