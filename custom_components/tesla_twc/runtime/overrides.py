"""Keeps the amps that set_current fixed: until a time, or until the car goes or a mode is chosen; over restarts.

While Home Assistant runs, the clock of the bus counts. What is kept is the end by the wall clock, as nobody knows how
long Home Assistant will be away, and how much was left: a wall clock that was set back in between adds nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil

from homeassistant.util import dt as dt_util

from ..twc.bus.clock import Clock
from ..twc.protocol.codes import TwcId

LONGEST_OVERRIDE_SECONDS = 366 * 86_400.0
"""Whoever wants it for longer than a year leaves the end away."""

WALL_CLOCK_SECONDS = 60.0
"""A wall clock that was put right by more than this moves the kept end along."""

PAGE_SECONDS = 600.0
"""What is left is kept in steps of this, rounded up: memory cards wear out."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """Amps that an action set, whatever the mode."""

    amps: int
    """A per phase; 0 stops."""
    until: float | None
    """Clock time at which the mode rules again; None: when its car goes, or its owner chooses a mode."""
    waits_for_car: bool = False
    """Whether no car was known yet when it was set, so that its absence ends nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAmps:
    """The same in words that mean something after a restart. Without an end both times are None."""

    amps: int
    ends_at: float | None = None
    """Wall clock time, in s since 1970."""
    seconds_left: float | None = None
    """The most that was left when this was written, in s."""
    waits_for_car: bool = False


class FixedAmps:
    """The fixed amps of one bus."""

    def __init__(self, clock: Clock, kept: Mapping[TwcId, KeptAmps]) -> None:
        """Take up what was kept; an end that has passed meanwhile is dropped."""
        self._clock = clock
        self._fixed: dict[TwcId, Fixed] = {}
        self._ends_at: dict[TwcId, float] = {}
        for twcid, one in kept.items():
            seconds = _left(one)
            if seconds is None or seconds > 0:
                self.fix(twcid, one.amps, seconds, waits_for_car=one.waits_for_car)

    def fix(self, twcid: TwcId, amps: int, seconds: float | None, *, waits_for_car: bool = False) -> None:
        """Set the amps of a wall connector for a while; ``waits_for_car``: none is known yet."""
        until = None if seconds is None else self._clock.time() + seconds
        self._fixed[twcid] = Fixed(amps, until, waits_for_car)
        self._ends_at.pop(twcid, None)

    def release(self, twcid: TwcId) -> None:
        """Let the mode rule again."""
        self._fixed.pop(twcid, None)

    def pass_on(self, former: TwcId, heir: TwcId) -> None:
        """Let them follow a wall connector that had to choose another TWCID."""
        if (fixed := self._fixed.pop(former, None)) is not None:
            self._fixed.setdefault(heir, fixed)

    @property
    def twcids(self) -> tuple[TwcId, ...]:
        """For whom something is set."""
        return tuple(self._fixed)

    def of(self, twcid: TwcId) -> Fixed | None:
        """Return what was set."""
        return self._fixed.get(twcid)

    def end(self, plugged_in: Mapping[TwcId, bool | None], now: float) -> None:
        """End what is over, and what belongs to cars that are gone: tell whether there is one, None if unknown."""
        self._fixed = {
            twcid: replace(fixed, waits_for_car=False) if plugged_in.get(twcid) else fixed
            for twcid, fixed in self._fixed.items()
            if (fixed.waits_for_car or plugged_in.get(twcid) is not False)
            and (fixed.until is None or now < fixed.until)
        }

    def remembered(self) -> dict[TwcId, KeptAmps]:
        """Return what to keep."""
        now, wall = self._clock.time(), _wall_time()
        kept = {}
        for twcid, fixed in self._fixed.items():
            if fixed.until is None:
                kept[twcid] = KeptAmps(amps=fixed.amps, waits_for_car=fixed.waits_for_car)
                continue
            left = fixed.until - now
            ends_at = self._ends_at.get(twcid)
            if ends_at is None or abs(wall + left - ends_at) > WALL_CLOCK_SECONDS:
                ends_at = self._ends_at[twcid] = round(wall + left, 1)
            pages = max(1, ceil(left / PAGE_SECONDS))
            kept[twcid] = KeptAmps(
                amps=fixed.amps,
                ends_at=ends_at,
                seconds_left=pages * PAGE_SECONDS,
                waits_for_car=fixed.waits_for_car,
            )
        return kept


def _left(kept: KeptAmps) -> float | None:
    """Return how much is left by the wall clock, in s, and never more than when it was written."""
    if kept.ends_at is None or kept.seconds_left is None:
        return None
    return min(kept.ends_at - _wall_time(), kept.seconds_left)


def _wall_time() -> float:
    return dt_util.utcnow().timestamp()
