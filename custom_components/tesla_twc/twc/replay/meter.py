"""The grid meter of a replay: it measures all the time, and tells now and then what was."""

from collections import deque
from math import ceil, floor, inf

from ..charging.readings import Reading
from .house import Meter

QUIET_SECONDS = 20.0
"""A value that does not change is heard so often, even from a meter of 1 s: enough to be fresh, and seldom enough to
live through a month in seconds."""
LIVELY_REPORTS = 3
"""After a change of the cars' power every report is heard, until it is late for this many intervals."""
NOISY_SECONDS = 5.0
"""With noise every report is news. A faster meter is then heard so often, and whenever house or car change."""


class MeterOnTheWall:
    """One meter. Call ``measure`` whenever the power changes, and when ``next_at`` has come."""

    def __init__(self, meter: Meter, start: float) -> None:
        """Begin to report at ``start``, in s."""
        self.reading = Reading(None, start)
        """What it told last."""
        self._interval = max(1, round(meter.interval_seconds))
        self._delay = meter.delay_seconds
        self._noise = meter.noise
        self._start = start
        self._told_watts: float | None = None
        """What it told last, without the noise."""
        self._late_watts: float | None = None
        """What it would tell now."""
        self._coming: deque[tuple[float, float]] = deque()
        """What it measured and does not tell yet: when it will, and W."""
        self._house_watts: float | None = None
        self._cars_watts = 0.0
        self._lively_until = -inf

    def measure(self, house_watts: float, cars_watts: float, now: float) -> None:
        """Measure what house and cars take from ``now`` on, and tell what is due."""
        if (house_watts, cars_watts) != (self._house_watts, self._cars_watts):
            self._coming.append((now + self._delay, house_watts + cars_watts))
        if cars_watts != self._cars_watts:
            self._lively_until = now + self._delay + LIVELY_REPORTS * self._interval
        self._house_watts, self._cars_watts = house_watts, cars_watts
        if self._late_watts is None:
            self._late_watts = house_watts + cars_watts
        while self._coming and self._coming[0][0] <= now:
            self._late_watts = self._coming.popleft()[1]
        if self._reports(now):
            number = round((now - self._start) / self._interval)
            self._told_watts = self._late_watts
            self.reading = Reading(self._late_watts + self._noise[number % len(self._noise)], now)

    def _reports(self, now: float) -> bool:
        """Whether it reports in this second, and whether that is worth hearing."""
        if (now - self._start) % self._interval >= 1.0:
            return False
        since = now - self.reading.reported_at
        return (
            self._told_watts != self._late_watts
            or now <= self._lively_until
            or since + self._interval > QUIET_SECONDS
            or (len(self._noise) > 1 and since >= NOISY_SECONDS)
        )

    def next_at(self, now: float) -> float:
        """Return when its next report is worth hearing: those in between repeat the last one."""
        told = self.reading.reported_at
        wanted = told + max(1, QUIET_SECONDS // self._interval) * self._interval
        if len(self._noise) > 1:
            wanted = min(wanted, told + NOISY_SECONDS)
        if self._coming:
            wanted = min(wanted, self._coming[0][0])
        if now < self._lively_until or self._told_watts != self._late_watts:
            wanted = now
        following = floor((now - self._start) / self._interval) + 1
        return self._start + max(following, ceil((wanted - self._start) / self._interval)) * self._interval
