"""Shares the main fuse among cars by priority, on all conductors together.

The shares are computed three times, for the three purposes of ``conductor.py``. A car is cut to the present room while
a conductor is overloaded. It is lowered when its current is surely too much for some seconds. It is raised to the room
that has lasted, and only after the cars that have to draw less for it do so.
"""

from collections.abc import Hashable, Mapping, Sequence
from itertools import groupby
from math import floor, inf
from typing import NamedTuple

from ...protocol.codes import TwcId
from ..circuit.demand import Demand
from ..circuit.sharing import rank
from .conductor import FuseView, Purpose
from .room_left import RoomLeft

FUSE_EXCEEDED_SECONDS = 4.0
"""Too much current must last for this time before a car is lowered without an overload: a fast meter shows a car before
its wall connector reports it (protocol.md 3.1), and this looks like a house that needs more."""
RECHECK_SECONDS = 2.0
"""The time until the next decision while a car could have more."""


class Taken(NamedTuple):
    """What one wall connector has and may still draw. Amps are A per phase, of all its units together."""

    counted: float
    """The largest of its order, its reported offer and what it draws."""
    offered: float
    """The offer that is in force; the guard begins with it."""
    charging: bool
    useful: int
    """The highest offer that its car uses, as far as known."""
    expected: float
    """The most that its car draws, as far as known: the rest of its offer is left to others."""
    insists: float = 0.0
    """What it draws whatever it is told; 0 for one that obeys."""

    def draws(self, amps: float) -> float:
        """Return what it draws at most if it is allowed so much."""
        return max(self.insists, min(amps, self.expected))


class FuseSharing:
    """Shares the main fuse, and remembers what each car was allowed last. Amps are A per phase."""

    def __init__(self) -> None:
        """Begin without allowed amps."""
        self._allowed: dict[TwcId, int] = {}
        self._too_much_since: dict[TwcId, float] = {}
        self.next_at: float | None = None

    def share(
        self,
        demands: Sequence[Demand],
        needs: Mapping[TwcId, float],
        taken: Mapping[TwcId, Taken],
        view: FuseView,
        now: float,
    ) -> dict[TwcId, int]:
        """Return the most that each demand may have, in A of all its units together.

        ``needs``: the served cars, with what they need at least. Offers to others do not count before they draw.
        """
        self.next_at = None
        if not view.conductors:
            self._allowed.clear()
            self._too_much_since.clear()
            return {}
        ranked = sorted(demands, key=rank)
        filled = _fill(ranked, needs, taken, view)
        raised, there, lowered = (filled[one] for one in (Purpose.RAISE, Purpose.CUT, Purpose.LOWER))
        others = {
            twcid: taken[twcid].draws(max(float(raised[twcid]), taken[twcid].counted)) for twcid in needs
        }
        # While the others may still draw what they had.
        room = RoomLeft(view, others, Purpose.RAISE)
        allowed = {}
        for demand in ranked:
            twcid, one = demand.twcid, taken[demand.twcid]
            before = self._allowed.get(twcid, floor(one.offered) if one.charging else 0)
            if _is_idle(twcid, needs, taken):
                continue
            if (cut := self._cut(twcid, before, there[twcid], lowered[twcid], view, now)) < before:
                allowed[twcid] = cut
            elif raised[twcid] > before:
                allowed[twcid] = max(before, _within(room.of(twcid), raised[twcid]))
            else:
                allowed[twcid] = before
            if there[twcid] > allowed[twcid]:
                self._recheck_at(now + RECHECK_SECONDS)
        beside = {twcid: taken[twcid].draws(float(allowed[twcid])) for twcid in needs}
        room = RoomLeft(view, beside, Purpose.RAISE)
        idle = [demand for demand in demands if _is_idle(demand.twcid, needs, taken)]
        for demand in sorted(idle, key=lambda demand: (not demand.plugged_in, rank(demand))):
            # An idle car is offered the room that is left; cars that draw are not limited by it. Two idle cars are not
            # offered the same room: after a power cut, or when a tariff begins, all cars begin together.
            twcid = demand.twcid
            most = _within(room.of(twcid), raised[twcid])
            allowed[twcid] = min(there[twcid], max(demand.need_amps, most))
            room.take(twcid, float(allowed[twcid]))
        self._allowed = allowed
        return allowed

    def _cut(self, twcid: TwcId, before: int, there: int, surely: int, view: FuseView, now: float) -> int:
        """Return what a car keeps: the present room during an overload, else less only if too much current lasts."""
        if twcid in view.overloaded:
            self._too_much_since.pop(twcid, None)
            return min(before, there)
        if surely >= before or twcid in view.tolerated:
            self._too_much_since.pop(twcid, None)
            return before
        since = self._too_much_since.setdefault(twcid, now)
        if now < since + FUSE_EXCEEDED_SECONDS:
            self._recheck_at(since + FUSE_EXCEEDED_SECONDS)
            return before
        del self._too_much_since[twcid]
        return min(before, max(there, surely - 1))

    def _recheck_at(self, at: float) -> None:
        self.next_at = at if self.next_at is None else min(self.next_at, at)


def _within(room: float, wish: int) -> int:
    """Return the whole A of a wish for which there is room."""
    return wish if room == inf else min(wish, floor(max(0.0, room)))


def _is_idle(twcid: TwcId, needs: Mapping[TwcId, float], taken: Mapping[TwcId, Taken]) -> bool:
    """Whether a wall connector does not load the main fuse yet."""
    return not taken[twcid].charging and twcid not in needs


def _fill(
    ranked: Sequence[Demand],
    needs: Mapping[TwcId, float],
    taken: Mapping[TwcId, Taken],
    view: FuseView,
) -> dict[Purpose, dict[TwcId, int]]:
    """Give all what they need, then what their cars can use, and then what is left on every conductor.

    ``ranked``: the highest rank first. Returns what each has, for each purpose.
    """
    equals = [[demand.twcid for demand in group if demand.enabled] for _, group in groupby(ranked, key=rank)]
    needed = {demand.twcid: demand.need_amps for demand in ranked}
    wished = {demand.twcid: demand.wish_amps for demand in ranked}
    used = {twcid: min(amps, taken[twcid].useful) for twcid, amps in wished.items()}
    # Any other has all that it could be offered, or finds no more room.
    unused = [[twcid for twcid in group if wished[twcid] > used[twcid]] for group in equals]
    more = [max(0, wished[twcid] - needed[twcid]) for group in equals for twcid in group]
    # Whoever is given amperes has those that it needs as well.
    asked = float(sum(more) + max(needed.values(), default=0))
    found, by_bounds = {}, dict[Hashable, dict[TwcId, int]]()
    for purpose in Purpose:
        filling = _Filling(needed, needs, taken, view, purpose)
        filling.room.leave_out_wide(asked)
        bounds = filling.room.what_bounds()
        if bounds not in by_bounds:
            filling.fill(equals, used)
            filling.fill(unused, wished)
            by_bounds[bounds] = filling.amps
        found[purpose] = by_bounds[bounds]
    return found


class _Filling:
    """Gives amperes: the highest rank first, equals together and one by one as far as that makes a difference."""

    def __init__(
        self,
        needed: Mapping[TwcId, int],
        needs: Mapping[TwcId, float],
        taken: Mapping[TwcId, Taken],
        view: FuseView,
        purpose: Purpose,
    ) -> None:
        self.amps = dict(needed)
        self._takers = needs.keys()
        takers = {twcid: max(float(self.amps.get(twcid, 0)), taken[twcid].insists) for twcid in needs}
        self._taken, self.room = taken, RoomLeft(view, takers, purpose)

    def fill(self, ranks: Sequence[Sequence[TwcId]], wishes: Mapping[TwcId, int]) -> None:
        """Give amperes up to these amounts, as far as there is room; ``ranks``: who gets some, the highest first."""
        for hungry in ranks:
            while hungry := [twcid for twcid in hungry if wishes[twcid] > self.amps[twcid]]:
                rooms = {twcid: self.room.of(twcid) for twcid in hungry}
                hungry = [twcid for twcid in hungry if rooms[twcid] >= self.amps[twcid] + 1]
                if len(hungry) == 1:
                    self._give(hungry[0], _within(rooms[hungry[0]], wishes[hungry[0]]))
                elif hungry:
                    self._raise_lowest(hungry, wishes, rooms)

    def _raise_lowest(
        self, hungry: Sequence[TwcId], wishes: Mapping[TwcId, int], rooms: Mapping[TwcId, float]
    ) -> None:
        """Give those that have least what surely fits for all together, or else one ampere as far as that fits."""
        least, *more = sorted({self.amps[twcid] for twcid in hungry})
        lowest = [twcid for twcid in hungry if self.amps[twcid] == least]
        most = min([wishes[twcid] for twcid in lowest] + more[:1]) - least
        # An ampere of one of them takes no more than an ampere from the room of another.
        together = floor(min([(rooms[twcid] - least) / len(lowest) for twcid in lowest] + [most]))
        for twcid in lowest:
            if together >= 1 or self.room.of(twcid) >= least + 1:
                self._give(twcid, least + max(1, together))

    def _give(self, twcid: TwcId, amps: int) -> None:
        self.amps[twcid] = amps
        if twcid in self._takers:
            self.room.take(twcid, self._taken[twcid].draws(float(amps)))
