"""Judges how far the readings of the house can be trusted, in steps from fresh to given up.

A sensor may be unavailable, unknown, frozen, no number or impossible. In each case its last good value becomes old:
first the amps are kept, then the minimum is kept, then the owner's choice counts.

Many sensors say nothing while their value stays the same (MQTT, templates, docs/algorithms.md 2), so silence alone is
no fault. What it can hide decides: a state of charge hides nothing that the amps follow from, and a battery that rested
when it was last heard rests. Only a gap, such as unavailable, is a fault whatever the value was.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import isfinite

from ..decision import InputState
from ..readings import SensorReading, SiteReadings
from ..report_interval import ReportInterval
from ..settings import SiteSettings
from .changes_only import UNCHANGED_SECONDS, ChangesOnly

DARK_DEGREES = 8.0
"""Below this elevation the sun gives almost nothing, and an inverter that is switched off is no fault."""

NO_SUN_DEGREES = -6.0
"""Below this elevation no panel gives anything: it is the end of civil twilight. Whatever sensors say then, there is no
surplus: one without a sign, one that is frozen, or two that told of different moments (docs/algorithms.md 2)."""

RESTING_WATTS = 100.0
"""A battery that takes or gives less than this rests, because it is full, empty or not needed."""

GIVEN_PERCENT = 3.0
"""A battery whose state of charge fell by so much has given: an idle one loses less in a night."""

_SUN_ENDS_WITH = frozenset({"solar", "grid", "consumption"})
"""The readings that inverters measure, and that disappear when they switch off at dusk."""

_METERS = frozenset({"grid", "consumption"})
"""The readings that show what the cars draw."""
_GATING = frozenset({"solar", "grid", "consumption", "battery"})
"""The readings without which the surplus is unknown. The state of charge only tells who has it first."""

Answered = Callable[[float, float], bool]
"""Tells of a meter that was reported last at a time whether it has shown all steps of the cars since of so many W."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """The last good values, and how far they can be trusted."""

    values: Mapping[str, float] = field(default_factory=dict)
    """W and % by name."""
    reported_at: Mapping[str, float] = field(default_factory=dict)
    hidden_watts: float = 0.0
    """By how many W the readings may have changed without a report."""
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
        self._changes_only: dict[str, ChangesOnly] = {}
        self._good: dict[str, SensorReading] = {}
        self._began_at: float | None = None
        self._silent_by_day: frozenset[str] = frozenset()
        """Which readings fell silent while the sun gave enough: these are broken and not asleep."""
        self._soc_then: tuple[float, float] | None = None
        """When the power of the battery was last reported, and the state of charge then."""

    def intervals(self) -> dict[str, float]:
        """Return how often each reading is reported, in s by name, as far as known."""
        found = (
            (name, report_interval.interval_seconds)
            for name, report_interval in self.report_intervals.items()
        )
        return {name: seconds for name, seconds in found if seconds is not None}

    def follow(
        self,
        readings: SiteReadings,
        site: SiteSettings,
        now: float,
        answered: Answered | None = None,
        *,
        contained: bool = False,
    ) -> Trusted:
        """Take in the newest readings and return what can be trusted.

        ``answered``: whether a meter that was reported at a time has shown every step of the cars since, as far as it
        shows W of a given size; None if nobody can tell. ``contained``: whether the cars' steps have shown that the
        meter contains them, so that what is doubted of it is right.
        """
        self._began_at = now if self._began_at is None else self._began_at
        present = {name: believed(reading) if contained else reading for name, reading in readings.needed()}
        self._good = {name: reading for name, reading in self._good.items() if name in present}
        for name, reading in present.items():
            report_interval = self.report_intervals.setdefault(name, ReportInterval())
            if reading.value is not None and isfinite(reading.value):
                self._good[name] = reading
                report_interval.note(reading.heard_at)
                if name in _GATING:
                    changes = self._changes_only.setdefault(name, ChangesOnly())
                    changes.note(reading.value, reading.heard_at)
        self._note_soc()
        if not present:
            return Trusted()
        values = {name: reading.value for name, reading in self._good.items() if reading.value is not None}
        hidden = self._hidden(now, answered)
        due = {name: self._stale_at(name, changes_only=name in hidden) for name in present}
        silent = frozenset(name for name, at in due.items() if now >= at)
        hides_nothing = frozenset(name for name in silent if self._hides_nothing(name, present, silent))
        stale = tuple(name for name in due if name in silent - hides_nothing)
        # One that reports changes only says at every moment that nothing has changed.
        reported = {name: now if name in hidden else reading.heard_at for name, reading in self._good.items()}
        if "battery" in hides_nothing:
            # It says no more than that nothing has changed, and that is as true as what the meter says.
            reported["battery"] = max(reported[name] for name in reported if name != "battery_soc")
        gating = [name for name in stale if name in _GATING]
        dark = _is_dark(readings)
        self._silent_by_day = self._silent_by_day.intersection(gating) if dark else frozenset(gating)
        if not gating:
            next_at = min((at for at in due.values() if at > now), default=None)
            return Trusted(
                values=values,
                reported_at=reported,
                hidden_watts=sum(hidden.values()),
                state=InputState.FRESH,
                stale=stale,
                next_at=next_at,
            )
        since = min(due[name] for name in gating)
        if dark and _SUN_ENDS_WITH.issuperset(gating) and not self._silent_by_day:
            return Trusted(values=values, reported_at=reported, state=InputState.NIGHT, stale=stale)
        state, next_at = _rung(since, site, now)
        return Trusted(
            values=values, reported_at=reported, state=state, stale=stale, stale_since=since, next_at=next_at
        )

    def _hides_nothing(self, name: str, present: Mapping[str, SensorReading], silent: frozenset[str]) -> bool:
        """Whether a reading that has not been reported for long is still true, as far as anything follows from it."""
        good = self._good.get(name)
        if good is None or good.value is None or present[name].gap is not None:
            return False
        if name == "battery_soc":
            return True
        meters = [other for other in present if other not in ("battery", "battery_soc")]
        rests = name == "battery" and abs(good.value) < RESTING_WATTS and not self._soc_fell()
        return rests and bool(meters) and silent.isdisjoint(meters)

    def _note_soc(self) -> None:
        """Remember how full the battery was when its power was last reported."""
        battery, soc = self._good.get("battery"), self._good.get("battery_soc")
        if battery is None or soc is None:
            self._soc_then = None
        elif self._soc_then is None or self._soc_then[0] != battery.reported_at:
            self._soc_then = (battery.reported_at, soc.value or 0.0)

    def _soc_fell(self) -> bool:
        """Whether the battery has given much since its power was last reported: then it does not rest."""
        soc = self._good.get("battery_soc")
        if self._soc_then is None or soc is None:
            return False
        return (soc.value or 0.0) <= self._soc_then[1] - GIVEN_PERCENT

    def _hidden(self, now: float, answered: Answered | None) -> dict[str, float]:
        """Return by how many W each reading may have changed that is reported when it has changed, and is believed."""
        hidden = {}
        for name, good in self._good.items():
            changes = self._changes_only.get(name)
            threshold = None if changes is None else changes.threshold_watts
            if threshold is None or now >= good.heard_at + UNCHANGED_SECONDS:
                continue
            if name not in _METERS or answered is None or answered(good.heard_at, threshold):
                hidden[name] = threshold
        return hidden

    def _stale_at(self, name: str, *, changes_only: bool) -> float:
        good = self._good.get(name)
        since = (self._began_at or 0.0) if good is None else good.heard_at
        fresh = self.report_intervals[name].fresh_seconds
        return since + (max(fresh, UNCHANGED_SECONDS) if changes_only else fresh)


def believed(reading: SensorReading) -> SensorReading:
    """Return a reading with what is doubted of it as its value; any other one as it is."""
    return (
        reading
        if reading.doubted is None
        else replace(reading, value=reading.doubted, gap=None, doubted=None)
    )


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
