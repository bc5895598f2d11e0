"""Judges overloads: for how long cars that can be lowered are part of one, and how near the breaker comes to tripping.

What the house does alone is nobody's fault. A stretch begins anew whenever the house's own load rises on that
conductor, or a car that was just plugged in begins to draw; while the house alone is above the rating, and while the
program is away, no time counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from .breaker import Breaker
from .plan import Evening
from .trace import CarSample, Sample, Trace

RISE_AMPS = 0.5
"""What the house takes more at once than lately; less is the flicker of its base load."""
NOTICEABLE_AMPS = 0.5
MINIMUM_AMPS = 6.0
ABOVE_AMPS = 0.05
"""So little above the rating is rounding."""
ALONE_SHARE = 0.8
"""From this share of tripping on, the house alone is to blame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """How long a conductor was above the rating in a row."""

    seconds: float = 0.0
    ended_at: float = 0.0
    conductor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """How near the breaker came to tripping while a car drew."""

    share: float = 0.0
    at: float = 0.0
    conductor: int = 0
    alone: float = 0.0
    """What the house alone would have reached on any conductor."""


def longest_stretch(evening: Evening, trace: Trace) -> Stretch:
    """Return the longest stretch above the rating that cars which can be lowered were part of."""
    found = [_Conductor(evening, conductor) for conductor in range(evening.house.conductors)]
    for sample in trace.samples:
        for conductor in found:
            conductor.look(sample, trace.seconds)
    return max((one.longest for one in found), key=lambda stretch: stretch.seconds)


class _Conductor:
    """Counts on one conductor."""

    def __init__(self, evening: Evening, conductor: int) -> None:
        self.longest = Stretch()
        self._evening, self._conductor = evening, conductor
        self._seconds = 0.0
        self._lowest: float | None = None
        self._arrived = [False] * len(evening.connectors)
        """Whether each car has drawn anything since it was plugged in."""

    def look(self, sample: Sample, seconds: float) -> None:
        house = sample.house[self._conductor]
        begins = self._house_rises(house)
        begins = self._car_begins(sample.cars) or begins
        rating = self._evening.house.rating_amps
        above = sample.total[self._conductor] > rating + ABOVE_AMPS
        if begins or not above or not sample.speaks or self._reducible_amps(sample.cars) < NOTICEABLE_AMPS:
            self._seconds = 0.0
        elif house <= rating:
            self._seconds += seconds
        if self._seconds > self.longest.seconds:
            self.longest = Stretch(seconds=self._seconds, ended_at=sample.at, conductor=self._conductor)

    def _house_rises(self, house: float) -> bool:
        rises = self._lowest is not None and house >= self._lowest + RISE_AMPS
        self._lowest = house if rises or self._lowest is None else min(self._lowest, house)
        return rises

    def _car_begins(self, cars: Sequence[CarSample]) -> bool:
        begins = False
        for number, car in enumerate(cars):
            draws = drawn_on(car, self._conductor) > NOTICEABLE_AMPS
            begins = begins or (draws and not self._arrived[number])
            self._arrived[number] = car.present and (draws or self._arrived[number])
        return begins

    def _reducible_amps(self, cars: Sequence[CarSample]) -> float:
        """Return what an order could take away: all of a car that can be stopped, else what is above the minimum."""
        kept = [0.0 if plan.can_stop else MINIMUM_AMPS + NOTICEABLE_AMPS for plan in self._evening.connectors]
        drawn = [drawn_on(car, self._conductor) for car in cars]
        return sum(max(0.0, amps - keeps) for amps, keeps in zip(drawn, kept, strict=True))


def drawn_on(car: CarSample, conductor: int) -> float:
    """Return what a car draws from one conductor."""
    return sum(amps for wire, amps in car.loads if wire == conductor)


def worst_heat(evening: Evening, trace: Trace) -> Heat:
    """Return the worst share of tripping of the judge's own breaker while a car drew."""
    worst, alone = Heat(), 0.0
    for conductor in range(evening.house.conductors):
        rating = evening.house.rating_amps
        together, by_itself = Breaker(rating), Breaker(rating)
        for sample in trace.samples:
            share = together.carry(sample.total[conductor], trace.seconds)
            alone = max(alone, by_itself.carry(sample.house[conductor], trace.seconds))
            if share > worst.share and any(drawn_on(car, conductor) > NOTICEABLE_AMPS for car in sample.cars):
                worst = Heat(share=share, at=sample.at, conductor=conductor)
    return Heat(share=worst.share, at=worst.at, conductor=worst.conductor, alone=alone)


def is_houses_fault(heat: Heat) -> bool:
    """Whether the house alone would have come so near that nobody can blame the cars."""
    return heat.alone >= ALONE_SHARE
