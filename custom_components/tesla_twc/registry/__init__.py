"""Identifiers, devices, names and permissions in Home Assistant's registries."""
