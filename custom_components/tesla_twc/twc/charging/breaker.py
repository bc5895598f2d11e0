"""How much more than its rating a breaker bears, and for how long."""

from collections.abc import Sequence
from math import inf

OVERLOADS = ((1.13, 60.0), (1.40, 30.0), (2.00, 10.0))
"""How many times its rating a breaker bears for how many s; more it does not bear (field.md 3.5)."""
COOLING_SECONDS = 60.0
"""From spent to cold, at or below the rating (field.md 3.5)."""


class Breaker:
    """How warm each phase of the main breaker is: 0 is cold, 1 is all that it bears."""

    def __init__(self) -> None:
        """Cold."""
        self._heat: list[float] = []
        self._rates: list[float] = []
        self._at = -inf

    def cool(self) -> None:
        """Forget what it bore."""
        self._heat, self._rates = [], []

    def look(self, amps: Sequence[float], rating: float, now: float) -> None:
        """Note what flows on each phase from ``now`` on, in A. Times never go back."""
        if len(amps) != len(self._heat):
            self._heat, self._rates = [0.0] * len(amps), [0.0] * len(amps)
            self._at = now
        elapsed, self._at = now - self._at, now
        warmed = (heat + elapsed * rate for heat, rate in zip(self._heat, self._rates, strict=True))
        self._rates = [_rate(one / rating) for one in amps]
        self._heat = [
            1.0 if rate == inf else min(1.0, max(0.0, heat))
            for heat, rate in zip(warmed, self._rates, strict=True)
        ]

    def bears_until(self) -> float:
        """Return when what flows since the last look becomes too much; ``inf`` while nothing is overloaded."""
        return min(
            (
                self._at + (1.0 - heat) / rate
                for heat, rate in zip(self._heat, self._rates, strict=True)
                if rate > 0.0
            ),
            default=inf,
        )


def _rate(over: float) -> float:
    """Return how fast it warms up per s at so many times its rating; negative while it cools down."""
    if over <= 1.0:
        return -1.0 / COOLING_SECONDS
    return next((1.0 / seconds for times, seconds in OVERLOADS if over <= times), inf)
