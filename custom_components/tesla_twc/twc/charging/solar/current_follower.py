"""Chooses the whole amps that follow a varying surplus, with few changes.

Every change of the offer costs: the car reacts, and the recorder writes rows. So what other amps would have earned is
added up, and the change is made once that is worth it: at once for much, late for little, and never for what goes up
and down again. It is the cumulative sum test that finds a change of level soonest for a given rate of false alarms
(Page 1954). From the grid comes what the owner lets it give: an ampere pays if the sun gives enough of it.
"""

from math import floor, inf

from ..pace import Pace, gain_of
from .energy_account import JOULES_PER_WH, EnergyAccount

RAISE_SECONDS = 120.0
"""A rise is made once it would have earned as much as one ampere does in this time."""
LOWER_SECONDS = 6.0
"""A decrease is made once it would have saved as much as one ampere does in this time, at the price of the grid."""
SINGLE_RAISE_WH, SINGLE_LOWER_WH = 15.0, 6.0
"""A change of a single ampere has to earn, or save, so many Wh at least. On one phase it is worth little, and half of
all changes were such; on three phases the times above are longer."""
ROUNDED = 0.5
"""A change goes to an ampere only if at most so many times the owner's share of the grid is missing of it, so that the
next dip does not change it again."""
RAISE_SPACING_SECONDS = 20.0
"""From any change to a rise; at least 10 s (protocol.md 6.1). A car in motion makes its own power uncertain."""
LOWER_SPACING_SECONDS = 10.0
"""From any change to a decrease; at least the 5 s that a car needs to follow (protocol.md 6.1)."""


class CurrentFollower:
    """Holds the whole amps of one wall connector that follows the surplus."""

    def __init__(self, amps: int, now: float) -> None:
        """Begin with an offer in A per phase."""
        self.amps = amps
        self._changed_at = now - RAISE_SPACING_SECONDS
        self._more = EnergyAccount(floor_wh=0.0, ceiling_wh=inf)
        self._less = EnergyAccount(floor_wh=0.0, ceiling_wh=inf)
        self.next_at: float | None = None
        """When to adjust again if nothing changes before."""

    def bound(self, lowest: int, highest: int, now: float) -> None:
        """Keep the amps within limits, at once."""
        self._set(max(lowest, min(highest, self.amps)), now)

    def adjust(
        self,
        low_watts: float,
        high_watts: float,
        watts_per_ampere: float,
        lowest: int,
        highest: int,
        pace: Pace,
        now: float,
    ) -> None:
        """Adjust the amps to what it may use, from ``low_watts`` to ``high_watts``, between lowest and highest A."""
        self.bound(lowest, highest, now)

        share, price, present = pace.grid_share / 100.0, pace.grid_price, self.amps * watts_per_ampere
        more = max(self.amps + 1, min(highest, floor(low_watts / watts_per_ampere + share)))
        less = min(self.amps - 1, max(lowest, floor(high_watts / watts_per_ampere + share)))
        # What other amps would earn beyond the present ones, in W.
        gain = saved = -present
        if self.amps < highest:
            gain = gain_of(low_watts, more * watts_per_ampere, price) - gain_of(low_watts, present, price)
        if self.amps > lowest:
            saved = gain_of(high_watts, less * watts_per_ampere, price) - gain_of(high_watts, present, price)
        self._more.flow(gain, now)
        self._less.flow(saved, now)
        worth_a_rise = watts_per_ampere * RAISE_SECONDS / JOULES_PER_WH
        worth_less = watts_per_ampere * LOWER_SECONDS / JOULES_PER_WH
        if more == self.amps + 1:
            worth_a_rise = max(worth_a_rise, SINGLE_RAISE_WH)
        if less == self.amps - 1:
            worth_less = max(worth_less, SINGLE_LOWER_WH)
        raise_at = _due_at(self._more, worth_a_rise, self._changed_at + RAISE_SPACING_SECONDS, now)
        lower_at = _due_at(self._less, worth_less, self._changed_at + LOWER_SPACING_SECONDS, now)
        if lower_at <= now:
            amps = floor(high_watts / watts_per_ampere + ROUNDED * share + 1e-6)
            self._set(max(lowest, min(self.amps - 1, amps)), now)
        elif raise_at <= now:
            amps = floor(low_watts / watts_per_ampere + ROUNDED * share + 1e-6)
            self._set(min(highest, max(self.amps + 1, amps)), now)
        due = min(lower_at, raise_at)
        self.next_at = due if now < due < inf else None

    def _set(self, amps: int, now: float) -> None:
        if amps != self.amps:
            self.amps, self._changed_at = amps, now
            self._more.empty()
            self._less.empty()


def _due_at(account: EnergyAccount, enough_wh: float, not_before: float, now: float) -> float:
    """Return when an account holds enough, if nothing changes; infinite while it loses."""
    if account.watts <= 0:
        return inf
    at = now if account.wh >= enough_wh else account.reaches_at(enough_wh)
    return inf if at is None else max(at, not_before)
