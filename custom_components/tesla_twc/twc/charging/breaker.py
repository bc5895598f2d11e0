"""How much of what a main breaker bears was used on each phase: one thermal account for each.

The account fills faster than the quickest breaker of IEC 60898 type B may trip, begins to fill at its rating already,
and empties slowly. So a load that comes and goes ends in the same way as a steady one: no pause resets anything.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import exp, inf, log

BORNE = (
    (1.00, 300.0),
    (1.13, 240.0),
    (1.20, 150.0),
    (1.30, 90.0),
    (1.45, 45.0),
    (1.60, 25.0),
    (2.00, 10.0),
    (2.55, 3.5),
)
"""How many times its rating a breaker may carry for how many s; more it may not.

A type B breaker must bear 1.13 times its rating for an hour and may trip at 1.45 times within it, at 2.55 times after a
second at the earliest (IEC 60898-1 table 7); makers' bands begin at about a minute, 12 s and 4 s at 1.45, 2 and 2.55
times. These are less. Below 1.13 times no breaker trips, but no cable is made for it either: it ends after minutes."""
START_SECONDS = 1.0
"""So long the start of a motor lasts, which may be many times what it takes then."""
AGAIN_SECONDS = 3.0
"""Without another report for so long nobody knows that it was one, and it counts as what it looks like."""
COOLING_SECONDS = 900.0
"""From spent to cold, at or below the rating: the bimetal and its surroundings take a quarter of an hour."""


class Breaker:
    """How warm each phase of the main breaker is: 0 is cold, 1 is all that it surely bears."""

    def __init__(self) -> None:
        """Begin cold."""
        self._heat: list[float] = []
        self._rates: list[float] = []
        self._at: list[float] = []
        self._surged_at: list[float | None] = []
        """Since when each phase has been reported with more than a breaker bears for long; None where it is not."""

    def cool(self) -> None:
        """Forget what it bore."""
        self._heat, self._rates, self._at, self._surged_at = [], [], [], []

    def look(self, amps: Sequence[float | None], rating: float, now: float, fresh: Sequence[bool]) -> None:
        """Note what flows on each phase from ``now`` on, in A; None leaves a phase as it is. Times never go back.

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
        """Note what flows on one phase.

        Far too much was a motor that started, unless it is reported again or lasts.
        """
        if times <= BORNE[-1][0]:
            self._rates[phase], self._surged_at[phase] = rate(times), None
        elif self._surged_at[phase] is None:
            self._surged_at[phase] = now
            self._heat[phase] = min(1.0, self._heat[phase] + START_SECONDS / BORNE[-1][1])
            self._rates[phase] = 0.0
        elif is_new or not self.is_starting(phase, now):
            self._heat[phase], self._rates[phase] = 1.0, inf

    def is_starting(self, phase: int, now: float) -> bool:
        """Whether what its last report tells may have been a motor that started."""
        since = self._surged_at[phase]
        return since is not None and self._rates[phase] < inf and now < since + AGAIN_SECONDS

    def heat(self, now: float) -> tuple[float, ...]:
        """Return how much of what it bears each phase has used, 0 to 1."""
        return tuple(self._heat_at(phase, now) for phase in range(len(self._heat)))

    def reaches(self, phase: int, heat: float) -> float:
        """Return when what flows on a phase since the last look will have used so much; ``inf`` if it will not."""
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
    """Return which share of what it bears is used per s at so many times its rating; negative while it cools down."""
    if times <= BORNE[0][0]:
        return -1.0 / COOLING_SECONDS
    for (low, long), (high, short) in pairwise(BORNE):
        if times <= high:
            share = log(times / low) / log(high / low)
            return 1.0 / exp(log(long) + share * log(short / long))
    return inf


def bears_for(seconds: float) -> float:
    """Return how many times its rating a breaker may carry for so many s."""
    for (low, long), (high, short) in pairwise(BORNE):
        if seconds >= long:
            return low
        if seconds >= short:
            share = log(long / seconds) / log(long / short)
            return low * float((high / low) ** share)
    return BORNE[-1][0]
