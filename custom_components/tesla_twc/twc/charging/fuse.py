"""The main fuse: what its phases leave for all cars of a bus together.

Nobody knows which phase of the house a car loads, so every car counts on every phase (protocol.md 6.2). The house
without cars is a reading less what the cars drew when it was measured. That moment is unsure: a meter may be later than
known, and a wall connector tells what it draws up to three seconds late. So there are two answers:

* The cars drew the least they may have, and the house is as large as it may be: so much is given back, slowly.
* The cars drew the most they may have: only what is too much even then is cut, in full and at once (SmartEVSE,
  field.md 3.6). A reading from before a cut took effect is explained by what the cars drew before it, so no overload
  is cut twice.

What follows: while the cars are at rest, an overload ends with the first reading that shows it, that is after the
delay of the meter, one interval and the time the cars take. Cars that just go up an ampere or two may add these for one
interval and ``TOLD_SECONDS``. An overload that begins while an earlier cut has not shown yet is seen when that has:
another delay and interval later at most, and ``FALL_SECONDS``. Under a constant house the cap becomes constant: it
rises only into room that is there whatever the cars drew, and never up to its edge.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import ceil, floor, inf, isfinite

from .breaker import Breaker
from .power_history import PowerHistory
from .readings import Reading
from .settings import SiteSettings

MARGIN_AMPS = 0.5
"""Kept below the rating: what meters and rounding are off by."""
SAFE_AMPS = 6.0
"""What the cars may have together while the meter of the fuse is silent."""
UNKNOWN_SECONDS = 90.0
"""How old a reading may be while nobody knows how often the meter reports: a slow one is no silent one."""
SILENT_SECONDS = 10.0
SILENT_INTERVALS = 2.5
RISE_AFTER_SECONDS = 30.0
"""After a cut, and after the last time that all was used, before anything is given back."""
RISE_SECONDS_PER_AMPERE = 10.0
RISE_SLACK_AMPS = 0.3
"""Not given back: the noise of meters, which would be cut again a moment later."""
BEFORE_SECONDS, AFTER_SECONDS = 3.0, 3.0
"""How far the moment of a measurement may lie before and after the time that is computed for it."""
FALL_SECONDS = 5.0
"""Beside the delay and one interval, the time in which a fall of the cars shows at the meter."""
TOLD_SECONDS = 3.0
"""A wall connector tells what its car draws at most so late: it is asked every second or two (protocol.md 3.1)."""
STARTING_AMPS = 1.0
"""Cars that take what they may have lead to no overload larger than this; the house does."""
_DAY_HOURS = 24
_HOUR = 3600.0
_IMPOSSIBLE_AMPS = 1000.0


class FuseState(StrEnum):
    """What the guard is doing."""

    UNUSED = "unused"
    CLEAR = "clear"
    LIMITING = "limiting"
    """The cars take all they may have, or something is not given back yet."""
    TOLERATING = "tolerating"
    """A short overload that the breaker bears."""
    SILENT = "silent"
    """The meter says nothing: the safe share."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What all cars together may have drawn when a reading was measured, in A per phase."""

    least: float
    likely: float
    most: float


@dataclass(frozen=True, slots=True)
class CarsAmps:
    """What all cars together drew, in A per phase over time, and how late and how often the meter reports."""

    history: PowerHistory
    delay_seconds: float = 0.0
    interval_seconds: float | None = None

    def then(self, reported_at: float) -> Drawn:
        """Return what they drew when a reading was measured."""
        measured_at = reported_at - self.delay_seconds
        end = measured_at + AFTER_SECONDS
        least, _ = self.history.between(measured_at - BEFORE_SECONDS, end)
        _, most = self.history.between(measured_at - FALL_SECONDS - (self.interval_seconds or 0.0), end)
        return Drawn(least, self.history.at(measured_at), most)

    @property
    def silent_seconds(self) -> float:
        """How old a reading may be."""
        if self.interval_seconds is None:
            return UNKNOWN_SECONDS
        return max(SILENT_SECONDS, SILENT_INTERVALS * self.interval_seconds + self.delay_seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class FuseCap:
    """What the fuse leaves for all cars together."""

    amps: float | None = None
    """A per phase, never negative; None without a guard."""
    room_amps: float | None = None
    """What the phases leave by the last readings, before it is given back bit by bit; None while nobody knows."""
    state: FuseState = FuseState.UNUSED
    phase: int | None = None
    """Which phase binds, 1 to 3."""
    house_amps: float | None = None
    """What the house without cars takes from that phase; negative while it exports."""
    silent: tuple[int, ...] = ()
    """Which phases say nothing usable, 1 to 3."""
    rises_at: float | None = None
    """When another ampere is given back, if there is room for it."""
    next_at: float | None = None
    """When it changes by itself."""


@dataclass(frozen=True, slots=True)
class _Sight:
    """What the readings of all phases say together, in A."""

    amps: tuple[float, ...]
    """Of each phase, cars included."""
    drawn: tuple[Drawn, ...]
    highest: float
    """What may flow on a phase."""

    @property
    def room(self) -> float:
        """What is left for the cars if the house is as large as it may be."""
        return self._left(tuple(one.least for one in self.drawn))

    def room_at_most(self, at_least: float) -> float:
        """What is left if the house is as small as it may be; the cars drew ``at_least`` so much."""
        return self._left(tuple(max(one.most, at_least) for one in self.drawn))

    def room_after_cut(self, at_least: float) -> float:
        """The same, if the last ampere given back was not drawn yet: a cut must not be made in two steps."""
        return self._left(tuple(max(one.least, one.most - 1.0, at_least) for one in self.drawn))

    @property
    def most_drawn(self) -> float:
        """What the cars may have drawn."""
        return max(one.most for one in self.drawn)

    @property
    def houses(self) -> tuple[float, ...]:
        """What the house most likely takes from each phase without cars."""
        return tuple(value - one.likely for value, one in zip(self.amps, self.drawn, strict=True))

    def _left(self, cars: tuple[float, ...]) -> float:
        return self.highest - max(value - drawn for value, drawn in zip(self.amps, cars, strict=True))


class FuseGuard:
    """Remembers what it left, how long ago it cut, and how warm the breaker is."""

    def __init__(self) -> None:
        """Nothing was measured yet."""
        self._cap: float | None = None
        self._rises_at = -inf
        self._doubt: tuple[float, float] | None = None
        """Since when cars may have begun to draw unseen, and how many A they might take."""
        self._breaker = Breaker()
        self._highest: dict[int, float] = {}

    def cap_amps(
        self, phases: tuple[Reading, ...], site: SiteSettings, cars: CarsAmps, now: float
    ) -> FuseCap:
        """Return what the cars may have now. ``phases`` are A of L1 to L3 at the fuse, cars included.

        It may be called as often as one likes for the same readings. Before the first one there is the safe share.
        """
        if site.fuse_amps is None:
            self._cap = self._doubt = None
            self._breaker.cool()
            return FuseCap()
        highest = site.fuse_amps - MARGIN_AMPS
        silent = tuple(number for number, reading in enumerate(phases, 1) if _is_silent(reading, cars, now))
        if silent or not phases:
            return self._fall_silent(highest, silent, now)
        sight = _Sight(
            tuple(reading.value or 0.0 for reading in phases),
            tuple(cars.then(reading.reported_at) for reading in phases),
            highest,
        )
        if self._cap is None:
            self._cap = max(0.0, sight.room)
        told_at = max(reading.reported_at for reading in phases) - cars.delay_seconds + TOLD_SECONDS
        untold = self._untold(sight, self._cap, told_at, now)
        self._note_highest(highest - sight.room_at_most(untold), now)
        self._breaker.look(sight.amps, site.fuse_amps, now)
        borne_until = self._borne_until(sight, cars, now) if site.tolerate_short_overload else None
        state = self._move(sight, self._cap, untold, borne_until, now)
        worst = max(range(len(phases)), key=lambda phase: sight.houses[phase])
        times = [min(reading.reported_at for reading in phases) + cars.silent_seconds + 0.1]
        rises_at = self._rises_at if sight.room > self._cap + RISE_SLACK_AMPS else None
        times += [] if rises_at is None else [rises_at]
        times += [] if self._doubt is None else [min(self._doubt[0] + TOLD_SECONDS, told_at)]
        times += [] if borne_until is None else [borne_until]
        return FuseCap(
            amps=self._cap,
            room_amps=max(self._cap, sight.room),
            state=state,
            phase=worst + 1,
            house_amps=sight.houses[worst],
            rises_at=rises_at,
            next_at=min(at for at in times if at > now),
        )

    def _fall_silent(self, highest: float, silent: tuple[int, ...], now: float) -> FuseCap:
        """Leave the safe share, or less where the house needed more lately."""
        safe = min(SAFE_AMPS, max(0.0, highest - max(self._highest.values(), default=0.0)))
        self._cap = safe if self._cap is None else min(self._cap, safe)
        self._rises_at, self._doubt = now + RISE_AFTER_SECONDS, None
        self._breaker.cool()
        return FuseCap(amps=self._cap, state=FuseState.SILENT, silent=silent)

    def _untold(self, sight: _Sight, cap: float, told_at: float, now: float) -> float:
        """Return what cars may draw that no wall connector has told yet, in A; all is told at ``told_at``.

        A fast meter sees a car begin before the wall connector tells: that looks like a house that needs more. As the
        cap leaves room for the house, cars that take it lead to no overload worth the name, and they soon tell.
        """
        if sight.room_at_most(0.0) >= cap:
            self._doubt = None
            return 0.0
        if self._doubt is None:
            self._doubt = (now, float(floor(cap)))
        since, amps = self._doubt
        by_cars = max(sight.amps) <= sight.highest + STARTING_AMPS
        return amps if by_cars and now < min(since + TOLD_SECONDS, told_at) else 0.0

    def _borne_until(self, sight: _Sight, cars: CarsAmps, now: float) -> float | None:
        """Return until when the breaker bears what is too much; None if nothing is, or if it is time to cut.

        What flows before the meter shows that a cut took effect has to be borne as well.
        """
        unseen = cars.delay_seconds + (cars.interval_seconds or 0.0)
        until = self._breaker.bears_until() - unseen
        return until if max(sight.amps) > sight.highest and until > now else None

    def _move(
        self, sight: _Sight, cap: float, untold: float, borne_until: float | None, now: float
    ) -> FuseState:
        """Cut in full, rise slowly."""
        room = sight.room
        if sight.room_at_most(untold) < cap:
            cut = max(0.0, sight.room_after_cut(untold))
            if borne_until is not None:
                # Nobody may take more of it while it is borne.
                cut = max(cut, float(ceil(max(sight.most_drawn, untold, SAFE_AMPS))))
            self._cap, self._rises_at = min(cap, cut), now + RISE_AFTER_SECONDS
            return FuseState.LIMITING if borne_until is None else FuseState.TOLERATING
        if room <= cap + RISE_SLACK_AMPS:
            self._rises_at = max(self._rises_at, now + RISE_AFTER_SECONDS)
        elif now >= self._rises_at:
            self._cap = min(room - RISE_SLACK_AMPS, cap + 1.0)
            self._rises_at = now + RISE_SECONDS_PER_AMPERE
        used = sight.most_drawn >= floor(cap) - MARGIN_AMPS or cap < SAFE_AMPS
        return FuseState.LIMITING if used or room > cap + 2 * RISE_SLACK_AMPS else FuseState.CLEAR

    def _note_highest(self, house_amps: float, now: float) -> None:
        """Remember the most that the house took in each hour of the last day that was measured."""
        hour = int(now // _HOUR)
        self._highest[hour] = max(self._highest.get(hour, 0.0), house_amps)
        for old in [known for known in self._highest if known < hour - _DAY_HOURS]:
            del self._highest[old]


def _is_silent(reading: Reading, cars: CarsAmps, now: float) -> bool:
    value = reading.value
    good = value is not None and isfinite(value) and abs(value) < _IMPOSSIBLE_AMPS
    return not good or now - reading.reported_at > cars.silent_seconds
