"""What charging is expected to earn: a weighted mean of what it earns now and has earned in the last minutes.

The next minutes are like the present one or like one of the last. What charging at the minimum earns is a concave
function of the sun: a cloud costs more than a gap in the clouds brings. So the mean is lower under a sky that comes and
goes than under a steady one with as much sun.
"""

from math import exp, inf, log

PAST_SECONDS = 360.0
"""The time constant of the average: clouds pass in one to ten minutes."""


class Outlook:
    """The expected gain of one wall connector, in W. It is exact for any time between two notes."""

    def __init__(self, lately_watts: float, now: float) -> None:
        """Begin with the average of the last minutes."""
        self._lately = self._watts = lately_watts
        self._at = now

    def note(self, gain_watts: float, now: float) -> None:
        """Note what charging earns from ``now`` on, in W."""
        self._lately = self._lately_at(now)
        self._watts, self._at = gain_watts, now

    def skip(self, now: float) -> None:
        """Leave out the time until ``now``, in which the surplus was unknown."""
        self._at = now

    def at(self, time: float, past_share: float) -> float:
        """Return the outlook in W at a time that is not past, if the surplus stays as it is."""
        return self._watts + past_share * (self._lately_at(time) - self._watts)

    def reaches_at(self, watts: float, past_share: float) -> float:
        """Return when it is at ``watts`` if the surplus stays as it is; infinite if it never is again."""
        past = past_share * (self._lately - self._watts)
        left = (watts - self._watts) / past if past else 0.0
        return self._at - PAST_SECONDS * log(left) if 0.0 < left <= 1.0 else inf

    def _lately_at(self, time: float) -> float:
        return self._watts + (self._lately - self._watts) * exp((self._at - time) / PAST_SECONDS)
