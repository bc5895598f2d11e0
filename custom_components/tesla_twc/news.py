"""What of a snapshot is worth showing, and what is worth showing at once."""

from .twc.bus.snapshot import BusPhase, BusSnapshot, Presence, WallConnectorSnapshot
from .twc.bus.wall_connector import LOST_SECONDS

GONE = frozenset({Presence.REMEMBERED, Presence.LOST})
"""Nothing is heard of a wall connector in one of these."""


def is_heard(bus: BusSnapshot, connector: WallConnectorSnapshot) -> bool:
    """Whether the readings of a wall connector are of now."""
    if bus.phase is BusPhase.DISCONNECTED or connector.last_heard is None:
        return False
    if connector.presence is Presence.ANNOUNCED:
        # It asks for a controller, after a reboot or a bad moment on the line; most answer again within seconds.
        return bus.now - connector.last_heard < LOST_SECONDS
    return connector.presence not in GONE


def news(bus: BusSnapshot) -> tuple[object, ...]:
    """Return what is published at once when it changes: all but the readings that always move."""
    return (
        bus.phase,
        bus.circuit_limit_amps,
        bus.foreign_controller,
        bus.refused,
        [_connector_news(connector) for connector in bus.connectors.values()],
    )


def _connector_news(connector: WallConnectorSnapshot) -> tuple[object, ...]:
    return (
        connector.twcid,
        connector.presence,
        connector.maximum_amps,
        connector.state,
        connector.offered_amps,
        connector.plug_state,
        connector.plugged_in,
        connector.charging,
        connector.stop,
        connector.problem,
        connector.vin,
        connector.energy_kwh is None,
        identity(connector),
    )


def identity(connector: WallConnectorSnapshot) -> tuple[object, ...]:
    """Return what the device registry shows of a wall connector."""
    return (connector.rated_amps, connector.serial_number, connector.firmware, connector.model)
