"""Tells what may be shown of a wall connector, what may still be ordered, and why nothing is decided for it."""

from ..twc.bus.snapshot import BusPhase, BusSnapshot, Presence, WallConnectorSnapshot
from ..twc.bus.timing import LOST_SECONDS
from ..twc.charging.reason import Reason

GONE = frozenset({Presence.REMEMBERED, Presence.LOST})
"""Nothing is heard of a wall connector in one of these."""

_ITS_LAST_WORD_COUNTS = frozenset({Presence.ANNOUNCED, Presence.RELEASED})
"""It asks for a controller, after a reboot or a bad moment on the line, and mostly answers again within seconds; or it
is left alone. Neither is a reason to hide what it said a moment ago."""

_ASKED = frozenset({Presence.LINKED, Presence.STALE, Presence.ANNOUNCED})


def is_heard(bus: BusSnapshot, connector: WallConnectorSnapshot) -> bool:
    """Whether the readings of a wall connector are of now."""
    if bus.phase is BusPhase.DISCONNECTED or connector.last_heard is None:
        return False
    if connector.presence in _ITS_LAST_WORD_COUNTS:
        return bus.now - connector.last_heard < LOST_SECONDS
    return connector.presence not in GONE


def is_asked(bus: BusSnapshot, connector: WallConnectorSnapshot) -> bool:
    """Whether a wall connector gets heartbeats, so that it can be told how well they are answered."""
    return bus.phase is not BusPhase.DISCONNECTED and connector.presence in _ASKED


def can_be_told(bus: BusSnapshot) -> bool:
    """Whether orders for a wall connector that has a device are taken: the port is open.

    Also while it is lost, waits for its turn, or was not heard since the start, or the order of an automation would be
    dropped without a word: many act at Home Assistant's start.
    """
    return bus.phase is not BusPhase.DISCONNECTED


def can_be_explained(bus: BusSnapshot, connector: WallConnectorSnapshot) -> bool:
    """Whether anything is known of what goes on at a wall connector: it was heard, or is left alone since the start."""
    if bus.phase is BusPhase.DISCONNECTED:
        return False
    return connector.last_heard is not None or connector.presence is Presence.RELEASED


def is_muted(bus: BusSnapshot) -> bool:
    """Whether another controller is in charge: then nothing is decided for a wall connector that is silent to us."""
    return bus.phase is BusPhase.MUTED


def why_undecided(bus: BusSnapshot, connector: WallConnectorSnapshot) -> Reason | None:
    """Return why nothing is decided for a wall connector, if that is known."""
    if is_muted(bus):
        return Reason.OTHER_CONTROLLER
    return Reason.NOT_HEARD if connector.presence is Presence.LOST else None
