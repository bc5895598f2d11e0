"""What the surplus did lately: its averages, and how much it sways. Exact between any two looks, however far apart."""

from math import exp

LATELY_SECONDS = 900.0
LONG_SECONDS, LONGER_SECONDS = 1800.0, 7200.0
"""Where the average of half an hour is above that of two hours, the sun rises."""
_SMOOTH_SECONDS = 60.0


class Trends:
    """Averages that weigh the latest most. Watts; times in s."""

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self._now: float | None = None
        self._watts = 0.0
        self.sway_watts = 0.0
        """By how much it is usually off its average of a minute: clouds, kettles, ovens."""
        self._smooth = self._long = self._longer = 0.0

    def follow(self, watts: float, now: float) -> None:
        """Let time pass with what held until now, and take what holds from now on."""
        if self._now is None:
            self._smooth = self._long = self._longer = watts
        else:
            self._pass(now - self._now)
        self._watts, self._now = watts, now

    def _pass(self, seconds: float) -> None:
        off = abs(self._watts - self._smooth)
        slow, fast = exp(-seconds / LATELY_SECONDS), exp(-seconds / _SMOOTH_SECONDS)
        # The average, over a quarter of an hour, of a deviation that fades within a minute.
        fading = (slow - fast) / (LATELY_SECONDS / _SMOOTH_SECONDS - 1)
        self.sway_watts = self.sway_watts * slow + off * fading
        self._smooth = self._watts + (self._smooth - self._watts) * fast
        self._long = self._watts + (self._long - self._watts) * exp(-seconds / LONG_SECONDS)
        self._longer = self._watts + (self._longer - self._watts) * exp(-seconds / LONGER_SECONDS)

    def rising(self, scale_watts: float) -> float:
        """Return how fast the sun rises (or falls, if negative), from -1 to 1; ``scale_watts`` counts as fast."""
        if scale_watts <= 0:
            return 0.0
        return max(-1.0, min(1.0, (self._long - self._longer) / scale_watts))
