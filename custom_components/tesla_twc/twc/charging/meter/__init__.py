"""Learns and checks how the meter of the house responds to the cars' load steps."""
