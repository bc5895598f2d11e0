"""How often one sensor reports, learnt from its reports, and how old its last word may therefore be.

A meter at the bus of the house speaks every second, a manufacturer's cloud every 5 to 15 minutes: no single limit of
age fits both.
"""

from collections import deque
from math import isfinite
from statistics import median_low

REMEMBERED_GAPS = 8
"""Few enough to follow a changed setting of the sensor within minutes, and enough that one odd gap does not count."""
LEAST_FRESH_SECONDS = 30.0
"""A reading may always be so old: fast sensors stumble now and then."""
UNKNOWN_FRESH_SECONDS = 60.0
"""How old a reading may be while its rhythm is not known."""
FRESH_INTERVALS = 2.5
"""One report may be lost before the reading counts as stale."""
BURST_SECONDS = 0.5
"""Reports this close together are one: a template sensor repeats itself once for each of its sources."""
OUTAGE_INTERVALS = 5.0
"""A gap longer than so many intervals is an outage (a night, a restart) and not the sensor's rhythm."""
OUTAGES_IN_A_ROW = 3
"""So many long gaps without a short one in between are a new rhythm."""


class Rhythm:
    """How often one sensor reports. All times are s of one clock."""

    def __init__(self, remembered_seconds: float | None = None) -> None:
        """Take the interval learnt before a restart, in s, where there is one."""
        self._gaps: deque[float] = deque(maxlen=REMEMBERED_GAPS)
        self._long: list[float] = []
        self._last_at: float | None = None
        if remembered_seconds is not None and isfinite(remembered_seconds) and remembered_seconds > 0:
            self._gaps.extend([remembered_seconds] * (REMEMBERED_GAPS // 2))
        self._interval = self._median()

    @property
    def interval_seconds(self) -> float | None:
        """How often the sensor reports, in s; None before its third report."""
        return self._interval

    @property
    def fresh_seconds(self) -> float:
        """How old a reading may be before it counts as stale, in s."""
        if self._interval is None:
            return UNKNOWN_FRESH_SECONDS
        return max(LEAST_FRESH_SECONDS, FRESH_INTERVALS * self._interval)

    def observe(self, reported_at: float) -> None:
        """Note a report; one that is told again, or that is older than the last one, is ignored."""
        if self._last_at is None:
            self._last_at = reported_at
            return
        gap = reported_at - self._last_at
        if gap < BURST_SECONDS:
            return
        self._last_at = reported_at
        if self._interval is not None and gap > OUTAGE_INTERVALS * self._interval:
            self._long.append(gap)
            if len(self._long) < OUTAGES_IN_A_ROW:
                return
            self._gaps.clear()
            self._gaps.extend(self._long)
        else:
            self._gaps.append(gap)
        self._long.clear()
        self._interval = self._median()

    def _median(self) -> float | None:
        return median_low(self._gaps) if len(self._gaps) > 1 else None
