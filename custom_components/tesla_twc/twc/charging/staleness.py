"""How far the readings of the house can be trusted: the ladder from fresh to given up.

Whatever goes wrong with a sensor (unavailable, unknown, frozen, no number, impossible), its last good value simply
grows old. First the amps are held, then the minimum is kept, then the owner's choice counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite

from .decision import InputState
from .readings import Reading, SiteReadings
from .rhythm import Rhythm
from .settings import SiteSettings

DARK_DEGREES = 8.0
"""Below this the sun gives next to nothing, and many inverters are switched off: one that is gone then is no fault."""

_SUN_ENDS_WITH = frozenset({"solar", "grid", "consumption"})
"""What inverters measure, and what therefore goes away with them at dusk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """The last good values, and how good they still are."""

    values: Mapping[str, float] = field(default_factory=dict)
    """W and % by name."""
    reported_at: Mapping[str, float] = field(default_factory=dict)
    state: InputState = InputState.UNUSED
    stale: tuple[str, ...] = ()
    """Which readings are too old."""
    stale_since: float | None = None
    next_at: float | None = None
    """When the state changes if nothing is reported until then."""


class InputWatch:
    """Remembers the last good value of every reading, and when it came."""

    def __init__(self, intervals: Mapping[str, float]) -> None:
        """Take how often each reading was reported before a restart, in s by name."""
        self.rhythms = {name: Rhythm(interval) for name, interval in intervals.items()}
        self._good: dict[str, Reading] = {}
        self._began_at: float | None = None

    def intervals(self) -> dict[str, float]:
        """Return how often each reading is reported, in s by name, as far as known."""
        found = ((name, rhythm.interval_seconds) for name, rhythm in self.rhythms.items())
        return {name: seconds for name, seconds in found if seconds is not None}

    def look(self, readings: SiteReadings, site: SiteSettings, now: float) -> Trusted:
        """Take the newest readings and say what can be trusted."""
        self._began_at = now if self._began_at is None else self._began_at
        present = dict(readings.needed())
        self._good = {name: reading for name, reading in self._good.items() if name in present}
        for name, reading in present.items():
            rhythm = self.rhythms.setdefault(name, Rhythm())
            if reading.value is not None and isfinite(reading.value):
                self._good[name] = reading
                rhythm.observe(reading.reported_at)
        if not present:
            return Trusted()
        values = {name: reading.value for name, reading in self._good.items() if reading.value is not None}
        due = {name: self._stale_at(name) for name in present}
        stale = tuple(name for name, at in due.items() if now >= at)
        reported = {name: reading.reported_at for name, reading in self._good.items()}
        if not stale:
            return Trusted(
                values=values, reported_at=reported, state=InputState.FRESH, next_at=min(due.values())
            )
        since = min(due[name] for name in stale)
        night = _is_dark(readings) and _SUN_ENDS_WITH.issuperset(stale)
        if night:
            return Trusted(values=values, reported_at=reported, state=InputState.NIGHT, stale=stale)
        state, next_at = _rung(since, site, now)
        return Trusted(
            values=values, reported_at=reported, state=state, stale=stale, stale_since=since, next_at=next_at
        )

    def _stale_at(self, name: str) -> float:
        good = self._good.get(name)
        since = (self._began_at or 0.0) if good is None else good.reported_at
        return since + self.rhythms[name].fresh_seconds


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
