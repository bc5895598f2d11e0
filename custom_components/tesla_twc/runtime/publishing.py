"""Decides when a snapshot is published: at once, or within seconds."""

from collections.abc import Callable

from homeassistant.core import callback

from ..twc.bus.clock import Clock, Handle
from ..twc.bus.snapshot import BusSnapshot, WallConnectorSnapshot
from ..twc.charging.decision import Decision

PUBLISH_SECONDS = 1.0
"""Readings are published no more often than this. What an owner waits for is published at once."""
SHARED_PUBLISH_SECONDS = 2.0
"""The same where several buses share a house: a wall connector tells its current every 1.8 s."""
SECONDS_FOR_EACH_BUS = 0.5
"""The same where many do: together they publish no more often than four buses would."""
QUIET_SECONDS = 5.0
"""What moves by itself, such as energy and the time of the last answer, is published so often while all else rests."""


def pause_seconds(buses: int) -> float:
    """Return after how many s readings that always move are published again, with so many buses in the house."""
    return PUBLISH_SECONDS if buses < 2 else max(SHARED_PUBLISH_SECONDS, SECONDS_FOR_EACH_BUS * buses)


def news(bus: BusSnapshot) -> tuple[object, ...]:
    """Return what is published at once when it changes: all but the readings that always move."""
    return (
        bus.phase,
        bus.circuit_limit_amps,
        bus.leader,
        bus.join_refused,
        bus.stays_away,
        bus.foreign_controller,
        bus.announced_controller,
        bus.refused,
        [_connector_news(connector) for connector in bus.connectors.values()],
    )


def _connector_news(connector: WallConnectorSnapshot) -> tuple[object, ...]:
    return (
        connector.twcid,
        connector.presence,
        connector.leads,
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
        pause: Callable[[], float],
        *,
        speed: float,
    ) -> None:
        """Begin with a snapshot that nobody was told.

        ``tell`` hands the last snapshot and a new one to everybody who shows or keeps them. ``follow`` is called when
        a snapshot that had to wait is due, and takes a new one. ``pause`` tells how many s readings wait that always
        move. ``speed``: s of the clock for one of the world.
        """
        self._clock, self._tell, self._follow, self._pause = clock, tell, follow, pause
        self._speed = speed
        self._published = first
        self._published_news = news(first)
        self._published_decision = Decision()
        self._published_verdicts: _Verdicts = ()
        self._later: Handle | None = None

    def take(self, bus: BusSnapshot, decision: Decision) -> None:
        """Publish a snapshot and what was decided on it, now or in a moment."""
        # Where nothing was decided anew the decision is the same one.
        quiet = decision is self._published_decision and bus == self._published
        pause = max(QUIET_SECONDS, self._pause()) if quiet else self._pause()
        due = self._published.now + pause * self._speed
        if bus.now >= due or news(bus) != self._published_news or self._decided_anew(decision):
            self.publish(bus, decision)
        elif not quiet and self._later is None:
            self._later = self._clock.call_at(due, self._publish_later)

    def publish(self, bus: BusSnapshot, decision: Decision) -> None:
        """Publish a snapshot now."""
        before, self._published, self._published_news = self._published, bus, news(bus)
        self._published_decision, self._published_verdicts = decision, _verdicts(decision)
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
