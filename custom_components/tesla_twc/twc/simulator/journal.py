"""Tells in words what happens at the wall connectors of a scene, one line per event."""

from collections.abc import Callable
from dataclasses import dataclass

from .connector import SimulatedConnector
from .line import Transmission
from .scene import Scene

WORTH_TELLING_AMPS = 0.5
"""A change of current below this is not news."""


@dataclass(frozen=True, slots=True)
class _Look:
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
        self._looks: dict[int, _Look] = {}
        self._told_amps: dict[int, float] = {}
        self._foreign = False
        scene.line.observers.append(self)

    def transmitted(self, transmission: Transmission) -> None:
        """Take no interest in single frames."""

    def sampled(self, now: float) -> None:
        """Compare every wall connector with the last look at it."""
        for number in list(self._looks):
            if number not in self._scene.stations:
                self._looks.pop(number)
                self._tell(f"{number}: taken off the line")
        for number, station in self._scene.stations.items():
            connector = station.connector
            look, before = _look(connector), self._looks.get(number)
            self._looks[number] = look
            news = [f"on the line as {look.twcid}"] if before is None else _news(before, look)
            news += self._current(number, connector)
            for text in news:
                self._tell(f"{number}: {text}")
        self._look_for_foreign()

    def _current(self, number: int, connector: SimulatedConnector) -> list[str]:
        """Tell of the current once it has settled."""
        amps, told = connector.drawn_amps, self._told_amps.get(number, 0.0)
        if not connector.is_steady or abs(amps - told) < WORTH_TELLING_AMPS:
            return []
        self._told_amps[number] = amps
        return [f"the car draws {amps:.1f} A"]

    def _look_for_foreign(self) -> None:
        if self._scene.foreign.present != self._foreign:
            self._foreign = self._scene.foreign.present
            what = "appeared" if self._foreign else "left"
            self._tell(f"another controller {what} ({self._scene.foreign.twcid})")


def _look(connector: SimulatedConnector) -> _Look:
    car = connector.car
    return _Look(
        twcid=str(connector.twcid),
        car=car.model.name if car is not None else None,
        linked=connector.linked,
        closed=connector.session.outlet.closed,
        offered_amps=connector.offered_amps,
        failed=connector.session.failed,
        refusing=car is not None and car.needs_replug,
        harms=len(connector.harms),
    )


def _news(before: _Look, now: _Look) -> list[str]:
    """Say what is different."""
    news: list[str] = []
    if now.twcid != before.twcid:
        news.append(f"took the TWCID {now.twcid} because {before.twcid} is used twice")
    if now.car != before.car:
        news.append(f"{now.car} plugged in" if now.car else f"{before.car} unplugged")
    if now.linked != before.linked:
        news.append("a controller is there" if now.linked else "no controller any more")
    if now.offered_amps != before.offered_amps:
        news.append(f"offers {now.offered_amps:g} A")
    if now.closed != before.closed:
        news.append(f"contactor {'closed' if now.closed else 'opened'}")
    if now.failed and not before.failed:
        news.append("an error was forced on it; it is silent until rebooted")
    if now.refusing and not before.refusing:
        news.append("the car refuses until it is plugged in again")
    if now.harms > before.harms:
        news.append("RECEIVED A COMMAND THAT DAMAGES REAL UNITS")
    return news
