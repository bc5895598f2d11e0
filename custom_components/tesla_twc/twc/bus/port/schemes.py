"""Tells from the name of a port whether it is on this machine or on the network."""

OVER_TCP = frozenset({"socket", "tcp", "rfc2217"})
"""Schemes that reach a serial server by host and TCP port. These two say which port it is, and every process may
open it."""

_ESPHOME = "esphome"
"""Begins the schemes of ESPHome devices: Home Assistant itself writes ``esphome-hass://``."""


def scheme_of(port: str) -> str:
    """Return the scheme of a port in small letters; empty for a path."""
    scheme, separator, _ = port.partition("://")
    return scheme.lower() if separator else ""


def is_on_network(port: str) -> bool:
    """Whether a port is reached over a network.

    ``linux:///dev/ttyUSB0`` has a scheme, too, and is on this machine.
    """
    scheme = scheme_of(port)
    return scheme in OVER_TCP or scheme.partition("-")[0] == _ESPHOME
