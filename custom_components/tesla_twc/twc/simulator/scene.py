"""Ready-made scenes: wall connectors on a line, and cars that come and go by themselves."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from ..bus.clock import Clock
from ..protocol.codes import ProtocolVersion
from .car import Car
from .car_models import CAR_MODELS
from .connector import SimulatedConnector
from .foreign import ForeignController
from .line import Line
from .line_faults import QUIET, Faults, noisy
from .station import Station
from .unit import EU, FIRMWARE_MIDDLE, FIRMWARE_NEW, FIRMWARE_OLD, US, Unit

MOST_CONNECTORS = 8
"""More than a real bus carries (three), so that the refusal of a fourth can be tried."""

KINDS: dict[str, Unit] = {
    "p2": Unit(version=ProtocolVersion.P2, model=EU, firmware=FIRMWARE_NEW),
    "p2-middle": Unit(version=ProtocolVersion.P2, model=EU, firmware=FIRMWARE_MIDDLE),
    "p2-old": Unit(version=ProtocolVersion.P2, model=EU, firmware=FIRMWARE_OLD),
    "p1": Unit(version=ProtocolVersion.P1, model=EU, firmware=FIRMWARE_OLD),
    "us": Unit(version=ProtocolVersion.P2, model=US, firmware=FIRMWARE_NEW),
    "p1-us": Unit(version=ProtocolVersion.P1, model=US, firmware=FIRMWARE_OLD),
}
"""Wall connectors by the names that the command line uses."""

_SERIAL_NUMBERS = (
    "A18G0004580",
    "A17A0003495",
    "A16K0001234",
    "A18E0006388",
    "A17L0002433",
    "A18B0005850",
    "A16M0007081",
    "A17T0009127",
)


class Scene:
    """A line with numbered wall connectors, the first being 1, and everything that can happen to them."""

    def __init__(self, clock: Clock, *, seed: int = 0, faults: Faults = QUIET) -> None:
        """Lay an empty line."""
        self.clock = clock
        self.seed = seed
        self.line = Line(clock, seed=seed, faults=faults)
        self.foreign = ForeignController(self.line)
        self.stations: dict[int, Station] = {}
        self._added = 0

    def add(self, unit: Unit | str = "p2") -> int:
        """Hang a wall connector on the line, by kind or described in full; returns its number.

        Raises ValueError when there are as many as can be, KeyError for an unknown kind.
        """
        if self._added >= MOST_CONNECTORS:
            raise ValueError(f"there is room for {MOST_CONNECTORS} wall connectors only")
        if isinstance(unit, str):
            unit = replace(KINDS[unit], serial_number=_SERIAL_NUMBERS[self._added], energy_kwh=self._worn_kwh)
        self._added += 1
        self.stations[self._added] = Station(self.line, SimulatedConnector(unit, seed=self.seed))
        self.line.sample()
        return self._added

    @property
    def _worn_kwh(self) -> float:
        """An energy counter that looks like years of use."""
        return 842.3 + 1657.0 * self._added

    def remove(self, number: int) -> None:
        """Take a wall connector off the line for good."""
        self.stations.pop(number).remove()

    def phase_watts(self, now: float) -> tuple[float, float, float]:
        """Return what all cars really draw from L1, L2 and L3 at ``now``, in W."""
        watts = [0.0, 0.0, 0.0]
        for station in self.stations.values():
            station.connector.advance(now)
            outlet = station.connector.session.outlet
            for phase, amps in enumerate(outlet.phase_amps):
                watts[phase] += amps * outlet.volts[phase]
        one, two, three = watts
        return (one, two, three)

    def later(self, seconds: float, action: Callable[[], object]) -> None:
        """Do something in ``seconds``."""
        self.clock.call_at(self.clock.time() + seconds, action)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A car that comes to the same wall connector again and again."""

    connector: int
    car: str
    charge: float
    """What it has in its battery whenever it arrives, 0 to 1."""
    first_seconds: float
    """Until it arrives for the first time."""
    stay_seconds: float
    away_seconds: float


DEMO_VISITS = (
    Visit(connector=1, car="tesla", charge=0.55, first_seconds=15, stay_seconds=2700, away_seconds=600),
    Visit(connector=2, car="zoe", charge=0.40, first_seconds=60, stay_seconds=1500, away_seconds=420),
)


_HOUR = 3600.0

DAY_VISITS = (
    Visit(
        connector=1,
        car="tesla",
        charge=0.30,
        first_seconds=15,
        stay_seconds=13 * _HOUR,
        away_seconds=11 * _HOUR,
    ),
    Visit(
        connector=2,
        car="zoe",
        charge=0.40,
        first_seconds=60,
        stay_seconds=10 * _HOUR,
        away_seconds=14 * _HOUR,
    ),
)
"""Cars that are at home while the sun shines, and the same every day: for a clock that makes days pass quickly."""


def demo(clock: Clock, *, seed: int = 0, visits: tuple[Visit, ...] = DEMO_VISITS) -> Scene:
    """Build the scene of the trial mode: two wall connectors for three phases, two cars that come and go."""
    scene = Scene(clock, seed=seed)
    _fill_demo(scene, visits)
    return scene


def _fill_demo(scene: Scene, visits: tuple[Visit, ...] = DEMO_VISITS) -> None:
    scene.add("p2")
    scene.add("p2")
    for visit in visits:
        scene.later(visit.first_seconds, _arrival(scene, visit))


def _arrival(scene: Scene, visit: Visit) -> Callable[[], None]:
    """Return the arrival, which asks for the departure, which asks for the next arrival."""

    def arrive() -> None:
        if (station := scene.stations.get(visit.connector)) is None:
            return
        if station.connector.car is None:
            station.plug(Car(CAR_MODELS[visit.car], charge=visit.charge))
        scene.later(visit.stay_seconds, leave)

    def leave() -> None:
        if (station := scene.stations.get(visit.connector)) is None:
            return
        station.unplug()
        scene.later(visit.away_seconds, arrive)

    return arrive


def _fill_single(scene: Scene) -> None:
    scene.add("p2")


def _fill_pair(scene: Scene) -> None:
    scene.add("p2")
    scene.add("p2")


def _fill_mixed(scene: Scene) -> None:
    for kind in ("p1", "p2-middle", "p2"):
        scene.add(kind)


def _fill_us(scene: Scene) -> None:
    scene.add("us")
    scene.add("us")


def _fill_crowd(scene: Scene) -> None:
    for _ in range(4):
        scene.add("p2")


def _fill_trouble(scene: Scene) -> None:
    """Noise, and a second controller that comes after two minutes and stays for one."""
    _fill_mixed(scene)
    scene.line.faults = noisy(0.05)
    scene.later(120, scene.foreign.appear)
    scene.later(180, scene.foreign.leave)


def _fill_alone(scene: Scene) -> None:
    """A wall connector whose rotary switch is not at F, and that has nobody to lead."""
    scene.foreign.appear()
    scene.foreign.plug(Car(CAR_MODELS["tesla"], charge=0.55))


def _fill_led(scene: Scene) -> None:
    """One of two wall connectors leads the other; a car at each."""
    _fill_alone(scene)
    led = scene.stations[scene.add("p2")]
    scene.later(15, lambda: led.plug(Car(CAR_MODELS["zoe"], charge=0.40)))


def _fill_empty(_scene: Scene) -> None:
    """Leave a line on which nobody answers."""


@dataclass(frozen=True, slots=True)
class _Recipe:
    text: str
    fill: Callable[[Scene], None]


_RECIPES: dict[str, _Recipe] = {
    "demo": _Recipe("two EU wall connectors; two cars come, charge and go", _fill_demo),
    "single": _Recipe("one EU wall connector", _fill_single),
    "pair": _Recipe("two EU wall connectors", _fill_pair),
    "mixed": _Recipe("an old, a middle-aged and a new wall connector", _fill_mixed),
    "us": _Recipe("two 80 A wall connectors on one phase", _fill_us),
    "crowd": _Recipe("four wall connectors, one more than a bus carries", _fill_crowd),
    "trouble": _Recipe("three wall connectors, noise, and now and then another controller", _fill_trouble),
    "led": _Recipe("a wall connector that is the controller itself, and one that it leads", _fill_led),
    "alone": _Recipe("a wall connector that is the controller itself, with nobody to lead", _fill_alone),
    "empty": _Recipe("a line without wall connectors", _fill_empty),
}

SCENES: dict[str, str] = {name: recipe.text for name, recipe in _RECIPES.items()}
"""What each scene shows, by name."""


def build(name: str, clock: Clock, *, seed: int = 0) -> Scene:
    """Build a scene by its name; raises KeyError if there is none."""
    scene = Scene(clock, seed=seed)
    _RECIPES[name].fill(scene)
    return scene
