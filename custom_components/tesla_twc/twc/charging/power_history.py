"""What the wall connectors drew in the last minutes, so that a late meter is compared with the same moment."""

from bisect import bisect_left, bisect_right

KEPT_SECONDS = 1800.0
"""Longer than any cloud takes to tell (field.md: 5 to 15 minutes)."""


class PowerHistory:
    """One power over time: it stays as it was until it is said to be different."""

    def __init__(self) -> None:
        """Nothing was drawn yet."""
        self._times: list[float] = []
        self._values: list[float] = []
        self._amps: float | None = None

    def add(self, watts: float, now: float, amps: float | None = None) -> None:
        """Note what is drawn from ``now`` on, in W, and in A if known. Times never go back.

        Where the A are those of before, no car moved: the W that an ampere means were only measured anew.
        """
        stood_still, self._amps = amps is not None and amps == self._amps, amps
        if self._values and self._values[-1] == watts:
            return
        if self._values and stood_still:
            self._values[-1] = watts
            return
        if self._times and self._times[-1] >= now:
            self._values[-1] = watts
            return
        self._times.append(now)
        self._values.append(watts)
        if len(self._times) > 64 and self._times[len(self._times) // 2] < now - KEPT_SECONDS:
            old = bisect_right(self._times, now - KEPT_SECONDS) - 1
            del self._times[: max(0, old)], self._values[: max(0, old)]

    def knows(self, time: float) -> bool:
        """Whether anybody knows what was drawn at a time."""
        return bool(self._times) and self._times[0] <= time

    @property
    def latest(self) -> float:
        """What is drawn now, in W."""
        return self._values[-1] if self._values else 0.0

    def at(self, time: float) -> float:
        """Return what was drawn at a time, in W; before the first note, as much as then."""
        if not self._values:
            return 0.0
        return self._values[max(0, bisect_right(self._times, time) - 1)]

    def between(self, begin: float, end: float) -> tuple[float, float]:
        """Return the least and the most that was drawn from ``begin`` to ``end``, in W."""
        if not self._values:
            return (0.0, 0.0)
        first = max(0, bisect_right(self._times, begin) - 1)
        past = max(first + 1, bisect_left(self._times, end))
        values = self._values[first:past]
        return (min(values), max(values))
