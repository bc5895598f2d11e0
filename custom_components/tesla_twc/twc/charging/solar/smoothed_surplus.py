"""Smooths the surplus: a weighted mean of now and the last minutes, with the trend of the day.

The present value alone says little about the next ten minutes: a car that starts in a gap between clouds stops in the
next cloud. The mean says more. After a bright hour it stays high through a short cloud, and under a dull sky it falls
with the first one.
"""

from math import exp

NOW_SHARE = 0.4
"""The weight of the present value; the rest is the average of the last minutes."""
SMOOTHED_SECONDS = 300.0
"""The time constant of the average: clouds pass in one to ten minutes."""
BRIGHT = 2.5
"""A surplus above so many times the line counts as this much: a cloud takes nearly all of it."""
TREND_SHARE = 0.2
"""The share of the line that the fastest rise of the sun adds, or the fastest fall takes off."""


class SmoothedSurplus:
    """The smoothed surplus of one wall connector, in W. It is exact for any time between two notes."""

    def __init__(self, lately_watts: float, now: float) -> None:
        """Begin with the average of the last minutes."""
        self._lately = self._watts = lately_watts
        self._trend_watts = 0.0
        self._at = now

    def note(self, watts: float, line_watts: float, rising: float, now: float) -> None:
        """Note the surplus from ``now`` on and the line that it is compared with, in W; ``rising`` is from -1 to 1."""
        self._lately, self._at = self._lately_at(now), now
        self._watts = min(watts, BRIGHT * line_watts)
        self._trend_watts = TREND_SHARE * rising * line_watts

    def skip(self, now: float) -> None:
        """Leave out the time until ``now``, in which the surplus was unknown."""
        self._at = now

    def at(self, time: float) -> float:
        """Return the smoothed W at a time that is not past, if the surplus stays as it is."""
        lately = self._lately_at(time)
        return lately + NOW_SHARE * (self._watts - lately) + self._trend_watts

    def _lately_at(self, time: float) -> float:
        return self._watts + (self._lately - self._watts) * exp((self._at - time) / SMOOTHED_SECONDS)
