"""Follows the averages of the surplus and its usual variation. They are exact for any time between two notes."""

from math import exp

SWAY_SECONDS = 900.0
LONG_SECONDS, LONGER_SECONDS = 1800.0, 7200.0
"""The sun rises while the average of half an hour is above that of two hours."""
_SMOOTH_SECONDS = 60.0


class Trends:
    """Keeps exponential averages of the surplus, in W. Times are s."""

    def __init__(self) -> None:
        """Begin without any value."""
        self._now: float | None = None
        self._watts = 0.0
        self.sway_watts = 0.0
        """Its usual deviation from its average of one minute, caused by clouds, kettles and ovens."""
        self._smooth = self._long = self._longer = 0.0

    def note(self, watts: float, now: float) -> None:
        """Apply the last value until ``now``, and note the one that holds from then on."""
        if self._now is None:
            self._smooth = self._long = self._longer = watts
        else:
            self._pass(now - self._now)
        self._watts, self._now = watts, now

    def _pass(self, seconds: float) -> None:
        off = abs(self._watts - self._smooth)
        slow, fast = exp(-seconds / SWAY_SECONDS), exp(-seconds / _SMOOTH_SECONDS)
        # The average over a quarter of an hour of a deviation that decays within a minute.
        fading = (slow - fast) / (SWAY_SECONDS / _SMOOTH_SECONDS - 1)
        self.sway_watts = self.sway_watts * slow + off * fading
        self._smooth = self._watts + (self._smooth - self._watts) * fast
        self._long = self._watts + (self._long - self._watts) * exp(-seconds / LONG_SECONDS)
        self._longer = self._watts + (self._longer - self._watts) * exp(-seconds / LONGER_SECONDS)

    def rising(self, scale_watts: float) -> float:
        """Return how fast the surplus rises (negative: falls), from -1 to 1; a difference of ``scale_watts`` is 1."""
        if scale_watts <= 0:
            return 0.0
        return max(-1.0, min(1.0, (self._long - self._longer) / scale_watts))
