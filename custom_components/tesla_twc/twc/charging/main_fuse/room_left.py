"""Computes the room of every car on all conductors together, and keeps it up to date while amperes are given.

Summed anew for each car and each ampere, a decision for thirty cars took 14 ms.
"""

from collections.abc import Hashable, Mapping, Sequence
from math import inf

from ...protocol.codes import TwcId
from .conductor import Conductor, FuseView, Purpose

_ROUNDING_AMPS = 1e-9
"""A that adding up and taking off again may lose: 6 A of room are enough for 6 A."""


class RoomLeft:
    """The room for one purpose: that of each car while the takers draw what they do. Amps are A per phase."""

    def __init__(
        self, view: FuseView, takers: Mapping[TwcId, float], purpose: Purpose, *, stop: bool = False
    ) -> None:
        """Begin with what the takers draw. ``stop``: whether the question is if cars must be stopped."""
        self._view, self._purpose, self._stop = view, purpose, stop
        self._takers = dict(takers)
        self._left: list[float] = []
        """What is left on each conductor that counts; empty until somebody asks: mostly nobody does."""
        self._tightest: list[Conductor] = []
        """Those conductors: the tightest of ``FuseView.alike`` each."""
        self._places: Mapping[TwcId, Sequence[int]] = {}
        self._own: list[dict[TwcId, float]] = []
        """What each car takes of that, and may draw in any case: it has so much more than what is left."""

    def of(self, twcid: TwcId) -> float:
        """Return the A that one may draw; infinite where nothing limits it."""
        left, own = self._left or self._begin(), self._own
        rooms = [left[number] + own[number][twcid] for number in self._places.get(twcid, ())]
        return min(rooms) + _ROUNDING_AMPS if rooms else inf

    def tightest(self, twcid: TwcId) -> Conductor | None:
        """Return what leaves one the least; None where nothing limits it."""
        left, own = self._left or self._begin(), self._own
        if not (there := self._places.get(twcid)):
            return None
        return self._tightest[min(there, key=lambda number: left[number] + own[number][twcid])]

    def take(self, twcid: TwcId, amps: float) -> None:
        """Take in that one draws so much from now on."""
        if not self._left:
            self._takers[twcid] = amps
            return
        for number in self._places.get(twcid, ()):
            own = self._own[number]
            now = self._tightest[number].members[twcid].own(amps, self._purpose)
            self._left[number] -= now - own[twcid]
            own[twcid] = now

    def leave_out_wide(self, asked: float) -> None:
        """Leave out each conductor that has so many A left: it bounds no car if all of them ask for no more together.

        An ampere of one of them takes no more than an ampere from the room of another.
        """
        self._left = [inf if left >= asked else left for left in self._left or self._begin()]

    def what_bounds(self) -> Hashable:
        """Return what is the same for two purposes if each car has the same room for both, whatever is taken.

        Where no sensor measures the cars they take what they draw, for every purpose.
        """
        return tuple(
            (number, left, None if self._tightest[number].unmeasured else self._purpose)
            for number, left in enumerate(self._left)
            if left < inf
        )

    def _begin(self) -> list[float]:
        """Sum up each conductor once; of those that carry the same cars the tightest is the bound for all of them."""
        self._places = self._view.places
        for alike in self._view.alike:
            free = [one.free(self._purpose, stop=self._stop) for one in alike]
            conductor = alike[free.index(min(free))]
            loads, own = conductor.taken(self._takers, self._purpose)
            self._tightest.append(conductor)
            self._left.append(min(free) - loads)
            self._own.append(own)
        return self._left
