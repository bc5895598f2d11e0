"""Computes the heat of the main breaker on each phase, from a trip curve on the safe side (docs/algorithms.md 3.5).

The heat rises faster than in the quickest breaker of IEC 60898 type B, begins to rise at the rating, and falls slowly.
A load with pauses therefore counts like a steady one.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import exp, inf, log

TRIP_CURVE = (
    (1.00, 300.0),
    (1.13, 240.0),
    (1.20, 150.0),
    (1.30, 90.0),
    (1.45, 45.0),
    (1.60, 25.0),
    (2.00, 10.0),
    (2.55, 3.5),
)
"""How many times its rating a breaker may carry for how many s.

A type B breaker must carry 1.13 times its rating for an hour, trips at 1.45 times within an hour, and at 2.55 times
after a second at the earliest (IEC 60898-1 table 7). Makers' bands begin at about 60, 12 and 4 s for 1.45, 2 and 2.55
times. The figures here are lower. Below 1.13 times no breaker trips, but the cables are not made for it either."""
MOTOR_START_SECONDS = 1.0
"""How long the start of a motor lasts. It may take many times its normal current."""
MOTOR_DOUBT_SECONDS = 3.0
"""A very high current without a second report for this time no longer counts as the start of a motor."""
COOLING_SECONDS = 900.0
"""The time to cool from 1 to 0 at or below the rating: a bimetal and its surroundings need a quarter of an hour."""


class Breaker:
    """Follows the heat of each phase of the main breaker: 0 is cold, 1 is the most that it surely carries."""

    def __init__(self) -> None:
        """Begin cold."""
        self._heat: list[float] = []
        self._rates: list[float] = []
        self._at: list[float] = []
        self._surged_at: list[float | None] = []
        """Since when each phase has had a current above the trip curve; None where it has not."""

    def cool(self) -> None:
        """Set all phases to cold."""
        self._heat, self._rates, self._at, self._surged_at = [], [], [], []

    def note(self, amps: Sequence[float | None], rating: float, now: float, fresh: Sequence[bool]) -> None:
        """Note what flows on each phase from ``now`` on, in A; None leaves a phase as it is. Times never decrease.

        ``fresh``: which of them are new reports.
        """
        if len(amps) != len(self._heat):
            self._heat, self._rates = [0.0] * len(amps), [0.0] * len(amps)
            self._at, self._surged_at = [now] * len(amps), [None] * len(amps)
        for phase, value in enumerate(amps):
            self._heat[phase] = self._heat_at(phase, now)
            self._at[phase] = now
            if value is not None:
                self._note(phase, value / rating, now, is_new=fresh[phase])

    def _note(self, phase: int, times: float, now: float, *, is_new: bool) -> None:
        """Note what flows on one phase, as a multiple of the rating.

        A very high current counts as the start of a motor, unless it is reported again or lasts.
        """
        if times <= TRIP_CURVE[-1][0]:
            self._rates[phase], self._surged_at[phase] = rate(times), None
        elif self._surged_at[phase] is None:
            self._surged_at[phase] = now
            self._heat[phase] = min(1.0, self._heat[phase] + MOTOR_START_SECONDS / TRIP_CURVE[-1][1])
            self._rates[phase] = 0.0
        elif is_new or not self.is_starting(phase, now):
            self._heat[phase], self._rates[phase] = 1.0, inf

    def is_starting(self, phase: int, now: float) -> bool:
        """Whether the last report may be the start of a motor."""
        since = self._surged_at[phase]
        return since is not None and self._rates[phase] < inf and now < since + MOTOR_DOUBT_SECONDS

    def heat(self, now: float) -> tuple[float, ...]:
        """Return the heat of each phase, 0 to 1."""
        return tuple(self._heat_at(phase, now) for phase in range(len(self._heat)))

    def reaches(self, phase: int, heat: float) -> float:
        """Return when a phase reaches a heat at its present current; ``inf`` if it does not."""
        missing = heat - self._heat[phase]
        if missing <= 0.0:
            return self._at[phase]
        rises = self._rates[phase]
        return self._at[phase] + missing / rises if rises > 0.0 else inf

    def _heat_at(self, phase: int, now: float) -> float:
        rises = self._rates[phase]
        if rises == inf:
            return 1.0
        return min(1.0, max(0.0, self._heat[phase] + rises * (now - self._at[phase])))


def rate(times: float) -> float:
    """Return by how much the heat rises per s at so many times the rating; negative while it cools."""
    if times <= TRIP_CURVE[0][0]:
        return -1.0 / COOLING_SECONDS
    for (low, long), (high, short) in pairwise(TRIP_CURVE):
        if times <= high:
            share = log(times / low) / log(high / low)
            return 1.0 / exp(log(long) + share * log(short / long))
    return inf


def bears_for(seconds: float) -> float:
    """Return how many times its rating a breaker may carry for so many s."""
    for (low, long), (high, short) in pairwise(TRIP_CURVE):
        if seconds >= long:
            return low
        if seconds >= short:
            share = log(long / seconds) / log(long / short)
            return low * float((high / low) ** share)
    return TRIP_CURVE[-1][0]
