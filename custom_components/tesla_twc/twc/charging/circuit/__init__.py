"""Shares the amps of one circuit among its wall connectors."""
