"""Judges how far the readings of the house can be trusted, in steps from fresh to given up.

A sensor may be unavailable, unknown, frozen, no number or impossible. In each case its last good value becomes old:
first the amps are kept, then the minimum is kept, then the owner's choice counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite

from ..decision import InputState
from ..readings import SensorReading, SiteReadings
from ..report_interval import ReportInterval
from ..settings import SiteSettings

DARK_DEGREES = 8.0
"""Below this elevation the sun gives almost nothing, and an inverter that is switched off is no fault."""

_SUN_ENDS_WITH = frozenset({"solar", "grid", "consumption"})
"""The readings that inverters measure, and that disappear when they switch off at dusk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """The last good values, and how far they can be trusted."""

    values: Mapping[str, float] = field(default_factory=dict)
    """W and % by name."""
    reported_at: Mapping[str, float] = field(default_factory=dict)
    state: InputState = InputState.UNUSED
    stale: tuple[str, ...] = ()
    """Which readings are too old."""
    stale_since: float | None = None
    next_at: float | None = None
    """When the state changes unless a report comes before."""


class InputWatch:
    """Remembers the last good value of every reading and the time of its report."""

    def __init__(self, intervals: Mapping[str, float]) -> None:
        """Take how often each reading was reported before a restart, in s by name."""
        self.report_intervals = {name: ReportInterval(interval) for name, interval in intervals.items()}
        self._good: dict[str, SensorReading] = {}
        self._began_at: float | None = None
        self._silent_by_day: frozenset[str] = frozenset()
        """Which readings fell silent while the sun gave enough: these are broken and not asleep."""

    def intervals(self) -> dict[str, float]:
        """Return how often each reading is reported, in s by name, as far as known."""
        found = (
            (name, report_interval.interval_seconds)
            for name, report_interval in self.report_intervals.items()
        )
        return {name: seconds for name, seconds in found if seconds is not None}

    def follow(self, readings: SiteReadings, site: SiteSettings, now: float) -> Trusted:
        """Take in the newest readings and return what can be trusted."""
        self._began_at = now if self._began_at is None else self._began_at
        present = dict(readings.needed())
        self._good = {name: reading for name, reading in self._good.items() if name in present}
        for name, reading in present.items():
            report_interval = self.report_intervals.setdefault(name, ReportInterval())
            if reading.value is not None and isfinite(reading.value):
                self._good[name] = reading
                report_interval.note(reading.reported_at)
        if not present:
            return Trusted()
        values = {name: reading.value for name, reading in self._good.items() if reading.value is not None}
        due = {name: self._stale_at(name) for name in present}
        stale = tuple(name for name, at in due.items() if now >= at)
        reported = {name: reading.reported_at for name, reading in self._good.items()}
        dark = _is_dark(readings)
        self._silent_by_day = self._silent_by_day.intersection(stale) if dark else frozenset(stale)
        if not stale:
            return Trusted(
                values=values, reported_at=reported, state=InputState.FRESH, next_at=min(due.values())
            )
        since = min(due[name] for name in stale)
        if dark and _SUN_ENDS_WITH.issuperset(stale) and not self._silent_by_day:
            return Trusted(values=values, reported_at=reported, state=InputState.NIGHT, stale=stale)
        state, next_at = _rung(since, site, now)
        return Trusted(
            values=values, reported_at=reported, state=state, stale=stale, stale_since=since, next_at=next_at
        )

    def _stale_at(self, name: str) -> float:
        good = self._good.get(name)
        since = (self._began_at or 0.0) if good is None else good.reported_at
        return since + self.report_intervals[name].fresh_seconds


def _is_dark(readings: SiteReadings) -> bool:
    return readings.sun_elevation is not None and readings.sun_elevation < DARK_DEGREES


def _rung(since: float, site: SiteSettings, now: float) -> tuple[InputState, float | None]:
    minimum_at = since + site.stale_hold_seconds
    given_up_at = minimum_at + site.stale_minimum_seconds
    if now < minimum_at:
        return InputState.HELD, minimum_at
    if now < given_up_at:
        return InputState.MINIMUM, given_up_at
    return InputState.GIVEN_UP, None
