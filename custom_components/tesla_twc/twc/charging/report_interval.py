"""Learns how often one sensor reports, and how old its last reading may therefore be.

A local meter reports every second, a manufacturer's cloud service every 5 to 15 minutes. One limit of age does not fit
both.
"""

from collections import deque
from math import isfinite
from statistics import median_low

REMEMBERED_GAPS = 8
"""The interval is the median of so many gaps: it follows a changed sensor in minutes and ignores one odd gap."""
LEAST_FRESH_SECONDS = 30.0
"""A reading may always be as old as this, because fast sensors miss reports now and then."""
UNKNOWN_FRESH_SECONDS = 60.0
"""How old a reading may be while its interval is not known."""
FRESH_INTERVALS = 2.5
"""A reading is stale after so many intervals: one report may be lost."""
REPEATED_SECONDS = 0.5
"""Reports closer together than this count as one: a template sensor repeats itself for each of its sources."""
OUTAGE_INTERVALS = 5.0
"""A gap longer than so many intervals is an outage (a night, a restart) and not the sensor's interval."""
OUTAGES_IN_A_ROW = 3
"""So many long gaps without a short one in between are a new interval."""


class ReportInterval:
    """Learns the interval of one sensor. All times are s of one clock."""

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

    def note(self, reported_at: float) -> None:
        """Note a report. A repeated or older one is ignored."""
        if self._last_at is None:
            self._last_at = reported_at
            return
        gap = reported_at - self._last_at
        if gap < REPEATED_SECONDS:
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
