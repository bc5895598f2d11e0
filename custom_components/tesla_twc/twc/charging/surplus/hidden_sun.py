"""Looks for sun that nobody sees, in a house that may export nothing: its inverter gives no more than is asked for.

The grid stands at zero then whatever the sun could give, and a car that waits for an export waits for ever. So, where
its owner wishes it, a car is asked to take a little more: from rest its minimum, while it charges one ampere. If the
inverter follows, the grid stays at zero and the car keeps it; if not, the house imports, the ordinary rules take it
back, and the next attempt comes later and later. It costs a few Wh each time it finds nothing.
"""

from dataclasses import replace
from math import inf

from ..settings import SiteSettings
from .balance import Balance
from .staleness import DARK_DEGREES, RESTING_WATTS

ZERO_WATTS = 100.0
"""A grid that takes and gives less than this stands at zero; inverters leave a few watts of import for safety."""
ZERO_SECONDS = 10.0
"""It must have stood there for so long before anything is tried."""
TRY_SECONDS = 30.0
"""A car has risen and an inverter has followed within this time; the delay of the meter comes on top."""
MOVED_WATTS = 100.0
"""A car that takes so much more has risen."""
EXPLAINED = 1.2
"""An import of more than so many times what a car took is not of its making: a cloud came, or a kettle."""
FIRST_WAIT_SECONDS, START_WAIT_SECONDS, LONGEST_TRY_WAIT_SECONDS = 300.0, 900.0, 3600.0
"""From an attempt that found nothing to the next one, twice as long each time; a start in vain wears a contactor."""


class HiddenSun:
    """Tries whether there is more. W and s."""

    def __init__(self) -> None:
        """Begin without having tried."""
        self._base: float | None = None
        """What the cars drew when the attempt began that is under way."""
        self._step = 0.0
        self._rose_at: float | None = None
        self._zero_since = inf
        self._rests_until = -inf
        self._wait = FIRST_WAIT_SECONDS
        self._takes_back = False
        """Whether the last attempt found nothing and its import still flows."""

    def apply(
        self,
        balance: Balance,
        site: SiteSettings,
        *,
        own_watts: float,
        step_watts: float,
        grid_at: float,
        late_seconds: float,
        sun_elevation: float | None,
        now: float,
    ) -> Balance:
        """Return the surplus, with what is worth an attempt.

        ``own_watts``: what the cars draw; ``step_watts``: what they shall try beyond that. ``grid_at``: when the grid
        was reported, and ``late_seconds`` how late it may be.
        """
        dark = sun_elevation is not None and sun_elevation < DARK_DEGREES
        if not site.seeks_hidden_sun or dark or step_watts <= 0.0 or balance.battery_first:
            self._base, self._zero_since = None, inf
            return balance
        grid, battery = balance.terms["grid"], balance.terms.get("battery", 0.0)
        rests = abs(grid) <= ZERO_WATTS and abs(battery) <= RESTING_WATTS
        self._zero_since = min(self._zero_since, now) if rests else inf
        self._takes_back = self._takes_back and grid > ZERO_WATTS
        if self._base is not None:
            self._judge(own_watts, grid, grid_at - late_seconds, now)
        if self._base is None and now >= max(self._zero_since + ZERO_SECONDS, self._rests_until):
            self._base, self._step, self._rose_at = own_watts, step_watts, None
        if self._base is not None:
            return balance.at_least(self._base + self._step)
        # What was a guess is not kept up by what is meant for clouds.
        return replace(balance, spares_battery=True) if self._takes_back else balance

    def _judge(self, own: float, grid: float, seen_until: float, now: float) -> None:
        """See what has come of the attempt; ``seen_until``: until when the grid surely contains what the cars did."""
        assert self._base is not None
        rise = own - self._base
        if self._rose_at is None:
            if rise >= MOVED_WATTS:
                self._rose_at = now
            elif rise <= -MOVED_WATTS or self._zero_since == inf:
                self._base = None
        elif rise < MOVED_WATTS:
            self._base = None
        elif grid > ZERO_WATTS + EXPLAINED * rise:
            self._fail(now)
        elif seen_until >= self._rose_at + TRY_SECONDS:
            if grid > ZERO_WATTS:
                self._fail(now)
            else:
                self._base, self._wait = None, FIRST_WAIT_SECONDS

    def _fail(self, now: float) -> None:
        assert self._base is not None
        wait = max(self._wait, START_WAIT_SECONDS if self._base < MOVED_WATTS else 0.0)
        self._rests_until, self._wait = now + wait, min(2 * wait, LONGEST_TRY_WAIT_SECONDS)
        self._base, self._takes_back = None, True
