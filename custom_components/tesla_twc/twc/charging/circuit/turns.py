"""Decides whose turn it is while the circuit cannot carry the minimum of every wall connector.

A car that loses its place stops, and some cars do not start again by themselves (protocol.md 3.2, 3.8). So no car
loses its place before its turn is over, or to a wall connector that needs it less.
"""

from collections.abc import Collection, Iterable, Sequence
from enum import IntEnum

from ...protocol.codes import TwcId
from .demand import BEGINS_WITHIN_SECONDS, Demand
from .wires import Wire, WiresLeft

WATCH_SECONDS = 120.0
"""How long an empty place is watched for a car before the next one is, while no car charges. Half of this time passes
until the amps of the last one are free."""


UNUSED_TURN_SECONDS = BEGINS_WITHIN_SECONDS
"""A car that has not begun within this time does not use its turn."""


class Need(IntEnum):
    """How much a wall connector needs a place; the greatest need first."""

    CHARGE = 0
    """A car that may charge, and as far as known wants to."""
    LEFTOVER = 1
    """A car that had its turn and did not use it."""
    HOLD = 2
    """A car that shall not charge and can only be held at the minimum."""
    WATCH = 3
    """No car; without a place a new one would not be noticed."""
    NOTHING = 4
    """No car; a new one would be noticed without a place."""


class Turns:
    """Remembers which wall connectors have a place, since when, and which come next."""

    def __init__(self) -> None:
        """Begin without any place given."""
        self._queue: list[TwcId] = []
        self._placed_at: dict[TwcId, float] = {}
        self._satisfied: set[TwcId] = set()

    def give_all_a_place(self, demands: Iterable[Demand], now: float) -> None:
        """Note that there is room for all. When room becomes scarce, cars that are present keep their places first."""
        self._line_up(demands)
        self._satisfied.clear()
        self._placed_at = {demand.twcid: now for demand in demands if demand.plugged_in}

    def admit(
        self, demands: Sequence[Demand], wires: Sequence[Wire], turn_seconds: float, now: float
    ) -> list[Demand]:
        """Give places to as many as fit on the wires with their minima, and return them."""
        self._line_up(demands)
        self._notice_unused(demands, now)
        ended = self._end_turns(demands, turn_seconds, now)
        left = WiresLeft(wires, {})
        admitted = []
        for demand in sorted(demands, key=lambda demand: self._order(demand, ended)):
            if self._need(demand) is not Need.NOTHING and demand.need_amps <= left.of(demand.twcid):
                left.take(demand.twcid, demand.need_amps)
                admitted.append(demand)
        self._placed_at = {demand.twcid: self._placed_at.get(demand.twcid, now) for demand in admitted}
        return admitted

    def _line_up(self, demands: Iterable[Demand]) -> None:
        """Add new wall connectors to the end of the queue, and remove those that are gone."""
        present = dict.fromkeys(demand.twcid for demand in demands)
        self._queue = [twcid for twcid in self._queue if twcid in present]
        waiting = set(self._queue)
        self._queue += [twcid for twcid in present if twcid not in waiting]

    def _notice_unused(self, demands: Iterable[Demand], now: float) -> None:
        for demand in demands:
            placed_at = self._placed_at.get(demand.twcid)
            if not demand.plugged_in or demand.wants_current:
                self._satisfied.discard(demand.twcid)
            elif placed_at is not None and now - placed_at >= UNUSED_TURN_SECONDS:
                self._satisfied.add(demand.twcid)

    def _end_turns(self, demands: Collection[Demand], turn_seconds: float, now: float) -> set[TwcId]:
        """Move those whose turn is over to the end of the queue, if another with the same need waits; return them.

        They are moved in the order of the queue, so that each comes back in turn.
        """
        ended = set()
        nobody_charges = all(self._need(demand) is not Need.CHARGE for demand in demands)
        for demand in sorted(demands, key=lambda demand: self._queue.index(demand.twcid)):
            placed_at = self._placed_at.get(demand.twcid)
            watches = nobody_charges and self._need(demand) is Need.WATCH
            seconds = min(turn_seconds, WATCH_SECONDS) if watches else turn_seconds
            if placed_at is None or now - placed_at < seconds:
                continue
            if any(
                other.twcid not in self._placed_at
                and self._need(other) is self._need(demand)
                and other.priority >= demand.priority
                for other in demands
            ):
                ended.add(demand.twcid)
                del self._placed_at[demand.twcid]
                self._queue.remove(demand.twcid)
                self._queue.append(demand.twcid)
        return ended

    def _need(self, demand: Demand) -> Need:
        if not demand.plugged_in:
            return Need.WATCH if demand.keeps_offer else Need.NOTHING
        if not demand.enabled:
            return Need.HOLD
        return Need.LEFTOVER if demand.twcid in self._satisfied else Need.CHARGE

    def _order(self, demand: Demand, ended: Collection[TwcId]) -> tuple[int, int, bool, bool, int]:
        """Return the place in the order: need, priority, those with a place, those found charging, the queue."""
        has_none = demand.twcid not in self._placed_at
        found_charging = demand.charging and demand.twcid not in ended
        queue = self._queue.index(demand.twcid)
        return (self._need(demand), -demand.priority, has_none, not found_charging, queue)
