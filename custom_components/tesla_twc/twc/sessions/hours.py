"""Collects what flows by the hour while it flows, so that days and months count by when, not by the plug-in."""

from collections.abc import Iterator
from dataclasses import dataclass

from .energy import BySource

HOUR = 3600
LONGEST_HOURS = 31 * 24
"""What flowed in a longer time is put into the last so many hours: a clock that began in 1970 spans half a million."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What was integrated in a time, on the scale of the measured power."""

    kwh: BySource = BySource()
    gap_kwh: float = 0.0
    """What the counter alone knows."""
    cost: float = 0.0
    saved: float = 0.0
    seconds: float = 0.0
    """In which current flowed."""

    def plus(self, other: "Flow") -> "Flow":
        """Return the sum."""
        return Flow(
            kwh=self.kwh.plus(other.kwh),
            gap_kwh=self.gap_kwh + other.gap_kwh,
            cost=self.cost + other.cost,
            saved=self.saved + other.saved,
            seconds=self.seconds + other.seconds,
        )

    def times(self, factor: float) -> "Flow":
        """Return all of it times ``factor``."""
        return Flow(
            kwh=self.kwh.times(factor),
            gap_kwh=self.gap_kwh * factor,
            cost=self.cost * factor,
            saved=self.saved * factor,
            seconds=self.seconds * factor,
        )


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of a session; ``start`` is s since 1970, UTC, at a full hour."""

    start: int
    flow: Flow


def spread(hours: tuple[Hour, ...], flow: Flow, start: float, end: float) -> tuple[Hour, ...]:
    """Add what flowed evenly from ``start`` to ``end`` to the hours, each its part. They stay in order."""
    by_start = None
    for hour, share in _shares(max(start, end - LONGEST_HOURS * HOUR), end):
        part = flow if share == 1.0 else flow.times(share)
        if by_start is None and hours and hours[-1].start == hour:
            # Nearly always: a second more of the hour that goes on.
            hours = (*hours[:-1], Hour(hour, hours[-1].flow.plus(part)))
            continue
        if by_start is None:
            by_start = {one.start: one.flow for one in hours}
        by_start[hour] = by_start.get(hour, Flow()).plus(part)
    return hours if by_start is None else tuple(Hour(*one) for one in sorted(by_start.items(), key=_first))


def _first(one: tuple[int, Flow]) -> int:
    return one[0]


def _shares(start: float, end: float) -> Iterator[tuple[int, float]]:
    """Yield each hour in a time and which part of the time lies in it; a time without length lies in one."""
    hour = hour_of(start)
    if end <= hour + HOUR:
        yield hour, 1.0
        return
    while hour < end:
        yield hour, (min(end, hour + HOUR) - max(start, hour)) / (end - start)
        hour += HOUR


def hour_of(time: float) -> int:
    """Return the beginning of the hour of a time, s since 1970."""
    return int(time // HOUR) * HOUR
