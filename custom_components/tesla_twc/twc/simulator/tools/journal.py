"""Tells in words what happens at the wall connectors of a scene, one line per event."""

from collections.abc import Callable
from dataclasses import dataclass

from ..connector import SimulatedConnector
from ..line import Transmission
from ..scene import Scene

WORTH_TELLING_AMPS = 0.5
"""A smaller change of current is not told."""


@dataclass(frozen=True, slots=True)
class _Observed:
    """What can be seen of one wall connector at a moment."""

    twcid: str
    car: str | None
    linked: bool
    closed: bool
    offered_amps: float
    failed: bool
    refusing: bool
    harms: int


class Journal:
    """Watches a scene and calls ``tell`` with a line whenever something happens."""

    def __init__(self, scene: Scene, tell: Callable[[str], None]) -> None:
        """Begin to watch."""
        self._scene = scene
        self._tell = tell
        self._observed: dict[int, _Observed] = {}
        self._told_amps: dict[int, float] = {}
        self._foreign = False
        scene.line.observers.append(self)

    def transmitted(self, transmission: Transmission) -> None:
        """Take no interest in single frames."""

    def sampled(self, now: float) -> None:
        """Compare every wall connector with what it was last."""
        for number in list(self._observed):
            if number not in self._scene.stations:
                self._observed.pop(number)
                self._tell(f"{number}: taken off the line")
        for number, station in self._scene.stations.items():
            connector = station.connector
            observed, before = _observed(connector), self._observed.get(number)
            self._observed[number] = observed
            changes = [f"on the line as {observed.twcid}"] if before is None else _changes(before, observed)
            changes += self._current(number, connector)
            for text in changes:
                self._tell(f"{number}: {text}")
        self._tell_of_foreign()

    def _current(self, number: int, connector: SimulatedConnector) -> list[str]:
        """Tell of the current once it has settled."""
        amps, told = connector.drawn_amps, self._told_amps.get(number, 0.0)
        if not connector.is_steady or abs(amps - told) < WORTH_TELLING_AMPS:
            return []
        self._told_amps[number] = amps
        return [f"the car draws {amps:.1f} A"]

    def _tell_of_foreign(self) -> None:
        if self._scene.foreign.present != self._foreign:
            self._foreign = self._scene.foreign.present
            what = "appeared" if self._foreign else "left"
            self._tell(f"another controller {what} ({self._scene.foreign.twcid})")


def _observed(connector: SimulatedConnector) -> _Observed:
    car = connector.car
    return _Observed(
        twcid=str(connector.twcid),
        car=car.model.name if car is not None else None,
        linked=connector.linked,
        closed=connector.session.outlet.closed,
        offered_amps=connector.offered_amps,
        failed=connector.session.failed,
        refusing=car is not None and car.needs_replug,
        harms=len(connector.harms),
    )


def _changes(before: _Observed, now: _Observed) -> list[str]:
    """Say what is different."""
    changes: list[str] = []
    if now.twcid != before.twcid:
        changes.append(f"took the TWCID {now.twcid} because {before.twcid} is used twice")
    if now.car != before.car:
        changes.append(f"{now.car} plugged in" if now.car else f"{before.car} unplugged")
    if now.linked != before.linked:
        changes.append("a controller is there" if now.linked else "no controller any more")
    if now.offered_amps != before.offered_amps:
        changes.append(f"offers {now.offered_amps:g} A")
    if now.closed != before.closed:
        changes.append(f"contactor {'closed' if now.closed else 'opened'}")
    if now.failed and not before.failed:
        changes.append("an error was forced on it; it is silent until rebooted")
    if now.refusing and not before.refusing:
        changes.append("the car refuses until it is plugged in again")
    if now.harms > before.harms:
        changes.append("RECEIVED A COMMAND THAT DAMAGES REAL UNITS")
    return changes
