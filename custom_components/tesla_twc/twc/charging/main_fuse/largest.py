"""Remembers the largest value of a short while and of a day: what the house and other loads take at their highest."""

from collections import deque


class Largest:
    """Remembers the values that may become the largest. Times are s of one clock and never decrease."""

    def __init__(self) -> None:
        """Begin without values."""
        self._values: deque[tuple[float, float]] = deque()

    def add(self, value: float, at: float) -> None:
        """Note a value."""
        while self._values and self._values[-1][1] <= value:
            self._values.pop()
        self._values.append((at, value))

    def forget_before(self, since: float) -> None:
        """Forget values that are older than ``since``, except the newest."""
        while len(self._values) > 1 and self._values[0][0] < since:
            self._values.popleft()

    def since(self, since: float, at_least: float) -> float:
        """Return the largest value that is not older than ``since``, at least ``at_least``."""
        return max(at_least, self._values[0][1]) if self._values and self._values[0][0] >= since else at_least

    def said_at(self, since: float, above: float) -> float | None:
        """Return the time of the largest value, if it is not older than ``since`` and larger than ``above``."""
        if not self._values:
            return None
        at, value = self._values[0]
        return at if at >= since and value > above else None


class LargestOfDay:
    """Remembers the largest value of each hour of the last day with values."""

    HOURS, HOUR_SECONDS = 24, 3600.0

    def __init__(self) -> None:
        """Begin without values."""
        self._hours: dict[int, float] = {}

    def add(self, value: float, now: float) -> None:
        """Note a value; negative ones count as 0."""
        hour = int(now // self.HOUR_SECONDS)
        self._hours[hour] = max(self._hours.get(hour, 0.0), value)
        for old in [known for known in self._hours if known < hour - self.HOURS]:
            del self._hours[old]

    def largest(self) -> float | None:
        """Return the largest value; None without values."""
        return max(self._hours.values(), default=None)

    def clear(self) -> None:
        """Forget everything."""
        self._hours.clear()
