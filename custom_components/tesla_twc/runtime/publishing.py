"""Decides when what the bus tells is passed on, at once or within a second, and what of it may still be shown."""

from collections.abc import Callable

from homeassistant.core import callback

from ..twc.bus.clock import Clock, Handle
from ..twc.bus.snapshot import BusPhase, BusSnapshot, Presence, WallConnectorSnapshot
from ..twc.bus.timing import LOST_SECONDS
from ..twc.charging.decision import Decision, Reason

PUBLISH_SECONDS = 1.0
"""Readings are published no more often than this. What an owner waits for is published at once."""

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


def was_heard(bus: BusSnapshot, connector: WallConnectorSnapshot) -> bool:
    """Whether anything is known of what goes on at a wall connector, be it from a while ago."""
    return bus.phase is not BusPhase.DISCONNECTED and connector.last_heard is not None


def is_muted(bus: BusSnapshot) -> bool:
    """Whether another controller is in charge: then nothing is decided for a wall connector that is silent to us."""
    return bus.phase is BusPhase.MUTED


def why_undecided(bus: BusSnapshot, connector: WallConnectorSnapshot) -> Reason | None:
    """Return why nothing is decided for a wall connector, if that is known."""
    if is_muted(bus):
        return Reason.OTHER_CONTROLLER
    return Reason.NOT_HEARD if connector.presence is Presence.LOST else None


def news(bus: BusSnapshot) -> tuple[object, ...]:
    """Return what is published at once when it changes: all but the readings that always move."""
    return (
        bus.phase,
        bus.circuit_limit_amps,
        bus.foreign_controller,
        bus.announced_controller,
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


type _Verdicts = tuple[object, ...]


def _verdicts(decision: Decision) -> _Verdicts:
    """What of a decision is published at once when it changes."""
    return (
        decision.sensors_state,
        decision.missing,
        *((twcid, decided.amps, decided.reason) for twcid, decided in decision.connectors.items()),
    )


class Publisher:
    """Publishes what an owner waits for at once, and readings that always move after a moment."""

    def __init__(
        self,
        clock: Clock,
        first: BusSnapshot,
        tell: Callable[[BusSnapshot, BusSnapshot], None],
        follow: Callable[[], None],
        *,
        speed: float,
    ) -> None:
        """Begin with a snapshot that nobody was told.

        ``tell`` hands the last snapshot and a new one to everybody who shows or keeps them. ``follow`` is called when
        a snapshot that had to wait is due, and takes a new one. ``speed``: s of the clock for one of the world.
        """
        self._clock, self._tell, self._follow = clock, tell, follow
        self._seconds = PUBLISH_SECONDS * speed
        self._published = first
        self._published_verdicts: _Verdicts = ()
        self._later: Handle | None = None

    def take(self, bus: BusSnapshot, decision: Decision) -> None:
        """Publish a snapshot and what was decided on it, now or in a moment."""
        due = self._published.now + self._seconds
        if bus.now >= due or news(bus) != news(self._published) or self._decided_anew(decision):
            self.publish(bus, decision)
        elif self._later is None:
            self._later = self._clock.call_at(due, self._publish_later)

    def publish(self, bus: BusSnapshot, decision: Decision) -> None:
        """Publish a snapshot now."""
        before, self._published = self._published, bus
        self._published_verdicts = _verdicts(decision)
        self._tell(before, bus)

    def stop(self) -> None:
        """Publish nothing more by itself."""
        if self._later is not None:
            self._later.cancel()
            self._later = None

    def _decided_anew(self, decision: Decision) -> bool:
        """Whether the decision changed in what an owner waits for."""
        return _verdicts(decision) != self._published_verdicts

    @callback
    def _publish_later(self) -> None:
        self._later = None
        self._follow()
