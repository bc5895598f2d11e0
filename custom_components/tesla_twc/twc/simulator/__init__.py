"""Simulated wall connectors, cars and a house, speaking real bytes."""
