"""The grid meter of a replay: it measures all the time, and reports at intervals and with a delay."""

from collections import deque
from math import ceil, floor, inf

from ..charging.readings import SensorReading
from .house import MeterSettings

QUIET_SECONDS = 20.0
"""A value that does not change is reported so often, even by a meter of 1 s: often enough to be fresh, and seldom
enough to replay a month in seconds."""
LIVELY_REPORTS = 3
"""After a change of the cars' power the next reports are all used, for so many intervals."""
NOISY_SECONDS = 5.0
"""With noise every report is new. A faster meter then reports so often, and whenever house or cars change."""


class ReplayedMeter:
    """One meter. ``measure`` is called whenever the power changes, and at ``next_at``."""

    def __init__(self, meter: MeterSettings, start: float) -> None:
        """Begin to report at ``start``, in s."""
        self.reading = SensorReading(None, start)
        """The last report."""
        self._interval = max(1, round(meter.interval_seconds))
        self._delay = meter.delay_seconds
        self._noise = meter.noise
        self._start = start
        self._told_watts: float | None = None
        """The last reported value, without noise."""
        self._late_watts: float | None = None
        """The value that a report would have now."""
        self._coming: deque[tuple[float, float]] = deque()
        """Measured values that are not reported yet: when they will be, and W."""
        self._house_watts: float | None = None
        self._cars_watts = 0.0
        self._lively_until = -inf

    def measure(self, house_watts: float, cars_watts: float, now: float) -> None:
        """Measure what house and cars take from ``now`` on, and report if a report is due."""
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
            self.reading = SensorReading(self._late_watts + self._noise[number % len(self._noise)], now)

    def _reports(self, now: float) -> bool:
        """Whether a report is due in this second that is not a mere repetition."""
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
        """Return the time of the next report that is not a mere repetition."""
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
