"""Judges a house with several buses second by second, by what flows and by what is offered, and by nothing else.

It knows the wires and what is at their ends: the outlets of the simulated wall connectors and of the controller that is
one, what each of them may give its car, and the house. It never asks the integration.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from benchmarks.evenings.breaker import Breaker
from custom_components.tesla_twc.twc.simulator.line import Role, Transmission
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.week_places import Place

type Phases = tuple[float, float, float]

OFF_AMPS = 0.05
"""Less than this above a limit is rounding."""
SETTLING_SECONDS = 30.0
"""So long somebody who has just moved a cable to another fuse may see the offers of before."""
HOT = 0.8
"""Share of what trips the most impatient breaker."""
JOULES_PER_KWH = 3.6e6


@dataclass
class Fuse:
    """A breaker on each of three phases, and one beside that carries all but the cars that could be told to stop."""

    name: str
    rating: float
    carries: Callable[[], Iterable[Place]]
    own_amps: Callable[[], Phases]
    """What else hangs there, A."""
    hottest: float = 0.0
    longest_above: float = 0.0
    """The longest time in a row above the rating while cars that can be told drew more than their minimum, s."""
    highest: float = 0.0
    """The most that ever flowed there, A."""
    blamed: list[str] = field(default_factory=list)
    _above: list[float] = field(default_factory=lambda: [0.0] * 3)

    def __post_init__(self) -> None:
        """Begin cold."""
        self._all = [Breaker(self.rating) for _ in range(3)]
        self._rest = [Breaker(self.rating) for _ in range(3)]

    def look(self, now: float) -> None:
        """Carry what flows for a second."""
        own = self.own_amps()
        places = list(self.carries())
        for phase in range(3):
            moved = sum(one.phase_amps[phase] for one in places if one.can_be_moved)
            rest = own[phase] + sum(one.phase_amps[phase] for one in places if not one.can_be_moved)
            heat = self._all[phase].carry(max(0.0, rest + moved), 1.0)
            alone = self._rest[phase].carry(max(0.0, rest), 1.0)
            self.highest = max(self.highest, rest + moved)
            is_above = rest + moved > self.rating + OFF_AMPS and moved > OFF_AMPS and rest <= self.rating
            self._above[phase] = self._above[phase] + 1.0 if is_above else 0.0
            self.longest_above = max(self.longest_above, self._above[phase])
            if moved > OFF_AMPS and alone < HOT:
                self.hottest = max(self.hottest, heat)
                if heat >= HOT:
                    self.blamed.append(f"{now:.0f}: {rest + moved:.1f} A on L{phase + 1} of {self.name}")


@dataclass
class Wire:
    """A cable without sensors, or the circuit of a bus: what may flow there stays below its rating at any time."""

    name: str
    rating: float
    carries: Callable[[], Iterable[Place]]
    highest: float = 0.0
    """The most that ever was drawn or might have been drawn there, A per phase."""
    excess: float = 0.0
    """The most above the rating, A."""
    blamed: list[str] = field(default_factory=list)
    free_until: float = 0.0
    """Until when nobody is blamed, because the wires have just been changed."""

    def look(self, now: float) -> None:
        """See what may flow now."""
        amps = sum(one.outstanding_amps for one in self.carries())
        if now < self.free_until:
            return
        self.highest = max(self.highest, amps)
        self.excess = max(self.excess, amps - self.rating)
        if amps > self.rating + OFF_AMPS:
            self.blamed.append(f"{now:.0f}: {amps:.1f} A on {self.name} of {self.rating:g} A")


class Judge(Protocol):
    """Something with a limit."""

    blamed: list[str]

    def look(self, now: float) -> None:
        """See what flows in this second."""


class Ear:
    """Counts the bytes that an adapter of ours puts on a line."""

    def __init__(self) -> None:
        """Nothing was said yet."""
        self.said = 0

    def transmitted(self, transmission: Transmission) -> None:
        """Hear something."""
        if transmission.role is Role.CONTROLLER:
            self.said += len(transmission.data)

    def sampled(self, now: float) -> None:
        """Nothing is to be seen."""


class WeekMonitor:
    """Adds up energy, and lets every judge look, once for each second that passes."""

    def __init__(self, places: list[Place], judges: list[Judge]) -> None:
        """Take everything with a limit."""
        self.places, self.judges = places, judges
        self.seconds = 0
        self.kwh: dict[str, float] = defaultdict(float)
        """What each wall connector has delivered, by its name."""
        self.sun_kwh = 0.0
        """What the sun could give to all cars together: what the house left of it, as far as they took it."""
        self.max_amps_kept = True
        self.blamed: list[str] = []

    def look(self, now: float, solar_watts: float, house_watts: float) -> None:
        """Judge the second that has just passed."""
        self.seconds += 1
        cars = 0.0
        for place in self.places:
            place.advance(now)
            cars += place.watts
            self.kwh[place.name] += place.watts / JOULES_PER_KWH
            if place.drawn_amps > place.built_for + OFF_AMPS:
                self.blamed.append(f"{now:.0f}: {place.drawn_amps:.1f} A at {place.name}")
        self.sun_kwh += min(cars, max(0.0, solar_watts - house_watts)) / JOULES_PER_KWH
        for judge in self.judges:
            judge.look(now)

    @property
    def verdict(self) -> list[str]:
        """Everything that anybody is blamed for."""
        return [*self.blamed, *(found for judge in self.judges for found in judge.blamed)]


def outlets_of(stations: Iterable[Station]) -> list[Place]:
    """Return the wall connectors of a bus that we lead."""
    return [Place(str(station.connector.twcid), station, can_be_moved=True) for station in stations]
