"""The main fuse: what its phases leave for all cars of a bus together.

Nobody knows which phase of the house a car loads, so every car counts on every phase. The house without cars is the
reading less what the cars drew at the moment it was measured; as that moment is unsure, a cut takes the most they may
have drawn, so that one overload is never cut twice, and a rise the least, so that no room is counted twice. Cuts are
made in full and at once, rises slowly (SmartEVSE, field.md 3.6).
"""

from dataclasses import dataclass
from enum import StrEnum
from math import inf, isfinite

from .power_history import PowerHistory
from .readings import Reading
from .settings import SiteSettings

MARGIN_AMPS = 0.5
"""Kept below the rating: what meters and rounding are off by."""
SAFE_AMPS = 6.0
"""What the cars may have together while the meter of the fuse is silent."""
SILENT_SECONDS = 10.0
SILENT_INTERVALS = 2.5
RISE_AFTER_SECONDS = 30.0
"""After a cut, before anything is given back."""
RISE_SECONDS_PER_AMPERE = 10.0
BEFORE_SECONDS, AFTER_SECONDS = 3.0, 1.0
"""How far the moment of a measurement may lie before and after the time that is computed for it."""
_DAY_HOURS = 24
_HOUR = 3600.0
_IMPOSSIBLE_AMPS = 1000.0

OVERLOADS = ((1.13, 60.0), (1.40, 30.0), (2.00, 10.0))
"""How many times its rating a breaker bears for how many s; more it does not bear (field.md 3.5)."""


class FuseState(StrEnum):
    """What the guard is doing."""

    UNUSED = "unused"
    CLEAR = "clear"
    LIMITING = "limiting"
    TOLERATING = "tolerating"
    """A short overload that the breaker bears."""
    SILENT = "silent"
    """The meter says nothing: the safe share."""


@dataclass(frozen=True, slots=True)
class CarsAmps:
    """What all cars together drew, in A per phase over time, and how late and how often the meter reports."""

    history: PowerHistory
    delay_seconds: float = 0.0
    interval_seconds: float | None = None

    def then(self, reported_at: float) -> tuple[float, float]:
        """Return the least and the most they drew when a reading was measured."""
        measured_at = reported_at - self.delay_seconds
        return self.history.between(measured_at - BEFORE_SECONDS, measured_at + AFTER_SECONDS)

    @property
    def silent_seconds(self) -> float:
        """How old a reading may be."""
        return max(SILENT_SECONDS, SILENT_INTERVALS * (self.interval_seconds or 0.0) + self.delay_seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class FuseCap:
    """What the fuse leaves for all cars together."""

    amps: float | None = None
    """A per phase; None without a guard."""
    state: FuseState = FuseState.UNUSED
    phase: int | None = None
    """Which phase binds, 1 to 3."""
    house_amps: float | None = None
    """What the house without cars takes from that phase."""
    next_at: float | None = None
    """When it changes by itself."""


class FuseGuard:
    """Remembers what it left, how long ago it cut, and how warm the breaker is."""

    def __init__(self) -> None:
        """Nothing was measured yet: the safe share."""
        self._cap: float | None = None
        self._rises_from = -inf
        self._risk: dict[int, float] = {}
        self._risk_at: float | None = None
        self._highest: dict[int, float] = {}

    def cap_amps(
        self, phases: tuple[Reading, ...], site: SiteSettings, cars: CarsAmps, now: float
    ) -> FuseCap:
        """Return what the cars may have now. ``phases`` are A of L1 to L3 at the fuse, cars included."""
        if site.fuse_amps is None:
            self._cap = None
            return FuseCap()
        fresh = [_is_good(reading) and now - reading.reported_at <= cars.silent_seconds for reading in phases]
        if not phases or not all(fresh):
            return self._fall_silent(site.fuse_amps, now)
        least, most = zip(*(cars.then(reading.reported_at) for reading in phases), strict=True)
        amps = [reading.value or 0.0 for reading in phases]
        house = [value - drawn for value, drawn in zip(amps, least, strict=True)]
        worst = max(range(len(house)), key=lambda phase: house[phase])
        room = site.fuse_amps - MARGIN_AMPS - house[worst]
        house_at_least = max(value - drawn for value, drawn in zip(amps, most, strict=True))
        self._note_highest(house_at_least, now)
        room_at_most = site.fuse_amps - MARGIN_AMPS - house_at_least
        tolerated = site.tolerate_short_overload and self._is_borne(amps, site.fuse_amps, now)
        self._move(max(0.0, room), max(0.0, room_at_most), tolerated=tolerated, now=now)
        assert self._cap is not None
        rising = self._cap < room
        return FuseCap(
            amps=self._cap,
            state=self._state(tolerated=tolerated, limiting=rising or room < site.fuse_amps / 2),
            phase=worst + 1,
            house_amps=house[worst],
            next_at=self._rises_from + RISE_SECONDS_PER_AMPERE
            if rising
            else min(reading.reported_at for reading in phases) + cars.silent_seconds + 0.1,
        )

    def _fall_silent(self, fuse_amps: float, now: float) -> FuseCap:
        """Leave the safe share, or less where the house needed more lately."""
        safe = min(SAFE_AMPS, max(0.0, fuse_amps - MARGIN_AMPS - max(self._highest.values(), default=0.0)))
        self._cap = safe if self._cap is None else min(self._cap, safe)
        self._rises_from = now + RISE_AFTER_SECONDS
        self._risk.clear()
        return FuseCap(amps=self._cap, state=FuseState.SILENT)

    def _move(self, room: float, room_at_most: float, *, tolerated: bool, now: float) -> None:
        """Cut in full, rise slowly. The first reading after a start is taken as it is."""
        first = self._cap is None
        if self._cap is None:
            self._cap = room
        if room_at_most < self._cap and not tolerated:
            self._cap, self._rises_from = room_at_most, now + RISE_AFTER_SECONDS
        elif room > self._cap and not first:
            steps = int((now - self._rises_from) / RISE_SECONDS_PER_AMPERE)
            if steps > 0:
                self._cap = min(room, self._cap + steps)
                self._rises_from = (
                    now if self._rises_from == -inf else (self._rises_from + steps * RISE_SECONDS_PER_AMPERE)
                )
        elif room <= self._cap:
            self._rises_from = max(self._rises_from, now + RISE_AFTER_SECONDS)

    def _state(self, *, tolerated: bool, limiting: bool) -> FuseState:
        if tolerated:
            return FuseState.TOLERATING
        return FuseState.LIMITING if limiting else FuseState.CLEAR

    def _is_borne(self, amps: list[float], fuse_amps: float, now: float) -> bool:
        """Whether the breaker bears what flows: it warms up while overloaded and cools down in the same measure."""
        elapsed = 0.0 if self._risk_at is None else now - self._risk_at
        self._risk_at = now
        overloaded = borne = False
        for phase, value in enumerate(amps):
            over = value / fuse_amps
            risk = self._risk.get(phase, 0.0)
            if over <= 1.0:
                self._risk[phase] = max(0.0, risk - elapsed / OVERLOADS[0][1])
                continue
            overloaded = True
            seconds = next((seconds for times, seconds in OVERLOADS if over <= times), 0.0)
            self._risk[phase] = risk + elapsed / seconds if seconds else 1.0
        borne = all(risk < 1.0 for risk in self._risk.values())
        return overloaded and borne

    def _note_highest(self, house_amps: float, now: float) -> None:
        """Remember the most that the house took in each hour of the last day."""
        hour = int(now // _HOUR)
        self._highest[hour] = max(self._highest.get(hour, 0.0), house_amps)
        if len(self._highest) > _DAY_HOURS:
            del self._highest[min(self._highest)]


def _is_good(reading: Reading) -> bool:
    value = reading.value
    return value is not None and isfinite(value) and abs(value) < _IMPOSSIBLE_AMPS
