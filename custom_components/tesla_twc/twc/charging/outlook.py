"""What the sun promises: how much there is, was in the last minutes, and whether it rises.

What there is now says little about the next ten minutes: a car that starts in a gap between clouds stops in the next
cloud. A weighted mean of now and the last minutes tells more, and it is patience of the right kind at the same time:
after a bright hour it stays high through a short dark cloud, and under a dull sky it falls at the first.
"""

from math import exp

NOW_SHARE = 0.4
"""The weight of the present; the rest is the average of the last minutes."""
LATELY_SECONDS = 300.0
"""The clouds of a broken sky pass in one to ten minutes."""
BRIGHT = 2.5
"""Times the line: more promises no more, as a cloud takes nearly all of it."""
TREND_SHARE = 0.2
"""How much of the line a sun that rises or falls as fast as can be adds or takes."""


class Outlook:
    """The surplus that one wall connector may reckon with, in W. Exact between any two looks, however far apart."""

    def __init__(self, lately_watts: float, now: float) -> None:
        """Begin with what there was in the last minutes."""
        self._lately = self._watts = lately_watts
        self._trend_watts = 0.0
        self._at = now

    def see(self, watts: float, line_watts: float, rising: float, now: float) -> None:
        """Take what there is from now on and the line it is measured by, in W; ``rising`` is from -1 to 1."""
        self._lately, self._at = self._lately_at(now), now
        self._watts = min(watts, BRIGHT * line_watts)
        self._trend_watts = TREND_SHARE * rising * line_watts

    def skip(self, now: float) -> None:
        """Let the time until ``now`` pass as if it had not been: nobody knows what there was."""
        self._at = now

    def at(self, time: float) -> float:
        """Return the W to reckon with at a time that is not past, if what there is stays as it is until then."""
        lately = self._lately_at(time)
        return lately + NOW_SHARE * (self._watts - lately) + self._trend_watts

    def _lately_at(self, time: float) -> float:
        return self._watts + (self._lately - self._watts) * exp((self._at - time) / LATELY_SECONDS)
