"""What the owner chose about charging from the sun, and every figure that follows from it: prices, rests, accounts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

DEFAULT_FEW_STARTS = 50
DEFAULT_GRID_SHARE = 28
"""The two choices of an owner, %, unless he makes others."""

LEAST_SHARE = 0.01
"""Nothing from the grid at all would end a charge by the error of a meter: 14 W of the minimum on one phase."""
MOST_PAST = 0.7
"""The last minutes never count for more: who wishes still fewer starts has them by what a start costs."""


@dataclass(frozen=True, kw_only=True)
class Pace:
    """The owner's two choices, and how long a contactor stays as it is. docs/algorithms.md 4 holds the equations."""

    few_starts: float = DEFAULT_FEW_STARTS
    """From 0, as much sun as possible, to 100, as few starts as possible."""
    grid_share: float = DEFAULT_GRID_SHARE
    """% of the minimum that may come from the grid: with less from the sun, charging costs more than it earns."""
    start_hold_seconds: float = 10.0
    """A start must be worth it for this time, so that one odd reading starts no car."""
    minimum_on_seconds: float = 60.0
    minimum_off_seconds: float = 180.0
    """Less than the 300 s of protocol.md 6.1 and more than its 60 s: what a start costs prevents cycling."""

    @cached_property
    def start_cost_wh(self) -> float:
        """Return what a start is taken to cost, Wh from the sun: 100 unless the owner wishes otherwise."""
        return 10.0 + 1.8 * self.few_starts

    @cached_property
    def past_share(self) -> float:
        """Return the weight of the last minutes beside the present: 0.7 unless the owner wishes more starts."""
        return min(MOST_PAST, 0.02 * self.few_starts)

    @cached_property
    def grid_price(self) -> float:
        """Return what a Wh from the grid costs, Wh from the sun: at this price the least share of the sun just pays."""
        share = max(LEAST_SHARE, self.grid_share / 100.0)
        return (1.0 - share) / share


def gain_of(watts: float, drawn_watts: float, grid_price: float) -> float:
    """Return the W that drawing so much earns with such a surplus: from the sun, less the price of the grid's."""
    from_sun = max(0.0, min(watts, drawn_watts))
    return from_sun - grid_price * (drawn_watts - from_sun)


def watts_for(gain_watts: float, minimum_watts: float, grid_price: float) -> float:
    """Return the steady surplus with which drawing the minimum, or all of a larger surplus, earns so many W."""
    of_minimum = (gain_watts + grid_price * minimum_watts) / (1.0 + grid_price)
    return of_minimum if of_minimum < minimum_watts else gain_watts


FORMER_PACES: Mapping[str, tuple[int, int]] = {
    "steady": (100, 30),
    "calm": (80, 27),
    "balanced": (DEFAULT_FEW_STARTS, DEFAULT_GRID_SHARE),
    "close": (40, 22),
    "brisk": (25, 15),
    "eager": (0, 5),
}
"""The two choices that come nearest to each pace that an owner could choose before, by its name."""


def former_grid_share(pace: str | None, tolerated: float) -> int:
    """Return the share of the grid, %, that comes nearest to a former pace and a share that was tolerated beside it."""
    _, of_pace = FORMER_PACES.get(pace or "", FORMER_PACES["balanced"])
    return round(100.0 - (100.0 - of_pace) * (1.0 - tolerated / 100.0))


SPARING_REST_SECONDS = 600.0
"""How long a car rests at least after a stop while the house battery is spared: at most six starts an hour."""


def without_bridges(pace: Pace) -> Pace:
    """Return a pace that takes nothing but sun: it ends with the first dip longer than a flicker.

    It ends more charges, so each is followed by a longer rest. The battery takes what the sun gives meanwhile.
    """
    return replace(
        pace,
        few_starts=0.0,
        grid_share=0.0,
        minimum_off_seconds=max(pace.minimum_off_seconds, SPARING_REST_SECONDS),
    )
