"""The judge's own breaker: the earliest that a miniature circuit breaker of type B may trip.

IEC 60898-1 says that a breaker never trips at 1.13 times its rating, and that one of type B may trip at once from 3
times its rating on. In between the makers publish bands. Their lower edge, that is the most impatient breaker, lies at
about 60 s for 1.45 times, 11 s for twice and 4 s for 2.55 times the rating from cold. One curve goes through all three:

    t(x) = 45.7 s / (x² - 1.13²)^1.42        x = current / rating, 1.13 < x < 3

Heat is what is used of that time: it grows by dt / t(x), and decays with a time constant of three minutes at 1.13 times
the rating and below. 0 is cold, 1 may trip.
"""

from math import exp

NEVER_TRIPS = 1.13
TRIPS_AT_ONCE = 3.0
COOLING_SECONDS = 180.0
_SCALE_SECONDS, _EXPONENT = 45.7, 1.42


def bears_seconds(times: float) -> float:
    """Return how long a cold breaker bears so many times its rating, more than 1.13 and less than 3."""
    return float(_SCALE_SECONDS / (times**2 - NEVER_TRIPS**2) ** _EXPONENT)


class Breaker:
    """One pole of a breaker. Amps are A."""

    def __init__(self, rating_amps: float) -> None:
        """Begin cold."""
        self.rating_amps = rating_amps
        self.share = 0.0
        """0 is cold, 1 may trip."""

    def carry(self, amps: float, seconds: float) -> float:
        """Let a current flow for a while; return the share of tripping after it."""
        times = abs(amps) / self.rating_amps
        if times >= TRIPS_AT_ONCE:
            self.share = 1.0
        elif times > NEVER_TRIPS:
            self.share = min(1.0, self.share + seconds / bears_seconds(times))
        else:
            self.share *= exp(-seconds / COOLING_SECONDS)
        return self.share
