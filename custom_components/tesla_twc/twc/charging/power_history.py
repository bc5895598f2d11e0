"""Remembers a power over the last half hour, so that a late reading is compared with the moment it was measured."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

KEPT_SECONDS = 1800.0
"""How long values are kept: longer than the delay of any cloud service (docs/algorithms.md 2: 5 to 15 minutes)."""


class PowerHistory:
    """One power over time. It keeps its value until another one is added."""

    def __init__(self) -> None:
        """Begin without any value."""
        self._times: list[float] = []
        self._values: list[float] = []
        self._amps: float | None = None

    def add(self, watts: float, now: float, amps: float | None = None) -> None:
        """Note what is drawn from ``now`` on, in W, and in A if known. Times never decrease.

        If the A are the same as before, no car changed its current: only the W per A were measured anew.
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
        """Whether the value at a time is known."""
        return bool(self._times) and self._times[0] <= time

    @property
    def latest(self) -> float:
        """What is drawn now, in W."""
        return self._values[-1] if self._values else 0.0

    @property
    def changed_at(self) -> float | None:
        """When it changed last; None before the first value."""
        return self._times[-1] if self._times else None

    def at(self, time: float) -> float:
        """Return what was drawn at a time, in W; before the first value, the first value."""
        if not self._values:
            return 0.0
        return self._values[max(0, bisect_right(self._times, time) - 1)]

    def between(self, begin: float, end: float) -> tuple[float, float]:
        """Return the least and the most that was drawn from ``begin`` to ``end``, in W."""
        values = self._from_to(begin, end)
        return (min(values), max(values))

    def least(self, begin: float, end: float) -> float:
        """Return the least that was drawn from ``begin`` to ``end``, in W."""
        return min(self._from_to(begin, end))

    def from_each(self, begins: Iterable[float], end: float) -> list[list[float]]:
        """Return for each begin every value from then to ``end``, in W, at least one."""
        times, values = self._times, self._values
        if not values:
            return [[0.0] for _ in begins]
        last, found = bisect_left(times, end), []
        for begin in begins:
            # Before the first value, the first value counts.
            second = bisect_right(times, begin) or 1
            found.append(values[second - 1 : max(second, last)])
        return found

    def _from_to(self, begin: float, end: float) -> list[float]:
        return self.from_each((begin,), end)[0]
