"""Computes the room of every car on all conductors together, and keeps it up to date while amperes are given.

Summed anew for each car and each ampere, a decision for thirty cars took 14 ms.
"""

from collections.abc import Mapping, Sequence
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
        self._on: dict[TwcId, list[_ConductorLeft]] | None = None
        """The conductors of each; None until somebody asks: mostly nobody does."""

    def of(self, twcid: TwcId) -> float:
        """Return the A that one may draw; infinite where nothing limits it."""
        there = self._conductors(twcid)
        rooms = [one.left + one.loads[twcid] + one.own_rooms[twcid] for one in there]
        return min(rooms, default=inf) + _ROUNDING_AMPS

    def tightest(self, twcid: TwcId) -> Conductor | None:
        """Return what leaves one the least; None where nothing limits it."""
        there = self._conductors(twcid)
        if not there:
            return None
        return min(there, key=lambda one: one.left + one.loads[twcid] + one.own_rooms[twcid]).conductor

    def take(self, twcid: TwcId, amps: float) -> None:
        """Take in that one draws so much from now on."""
        if self._on is None:
            self._takers[twcid] = amps
            return
        for one in self._on.get(twcid, ()):
            load = one.conductor.members[twcid].load(amps, self._purpose)
            one.left -= load - one.loads[twcid]
            one.loads[twcid] = load

    def _conductors(self, twcid: TwcId) -> Sequence["_ConductorLeft"]:
        if self._on is None:
            self._on = {}
            for conductor in self._view.conductors:
                one = _ConductorLeft(conductor, self._takers, self._purpose, stop=self._stop)
                for member in conductor.members:
                    self._on.setdefault(member, []).append(one)
        return self._on.get(twcid, ())


class _ConductorLeft:
    """What is left on one conductor."""

    __slots__ = ("conductor", "left", "loads", "own_rooms")

    def __init__(
        self, conductor: Conductor, takers: Mapping[TwcId, float], purpose: Purpose, *, stop: bool
    ) -> None:
        self.conductor = conductor
        self.loads = {
            twcid: member.load(takers.get(twcid), purpose) for twcid, member in conductor.members.items()
        }
        self.own_rooms = {twcid: member.own_room(purpose) for twcid, member in conductor.members.items()}
        self.left = conductor.free(purpose, stop=stop) - sum(self.loads.values())
