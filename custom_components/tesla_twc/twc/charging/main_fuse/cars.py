"""Remembers what the cars drew, so that each report at the main fuse is compared with the moment of measurement."""

from collections.abc import Hashable, Mapping, Sequence
from functools import cached_property
from math import inf

from ...bus.snapshot import CHARGING_AMPS, WallConnectorSnapshot
from ...protocol.codes import TwcId
from ..house_phases import HousePhases
from ..inputs import ConnectorInput
from ..power_history import PowerHistory
from .conductor import Member

MEASURED_EARLIER_SECONDS, MEASURED_LATER_SECONDS = 1.0, 3.0
"""How much earlier or later a measurement may have been than computed: a wall connector reports the current of its car
up to 3 s late (protocol.md 3.1)."""
BLUR_SECONDS = 5.0
"""A meter may be so much later than known, or report the mean since its last report. A car that drew less meanwhile is
still in it, and must not be stopped for that."""
UNHEARD_SECONDS = 120.0
"""A wall connector that was not heard for so long after a start draws nothing that we offered."""
OPENS_SECONDS = 30.0
"""A wall connector without heartbeats opens its contactor within this time (protocol.md 3.2)."""
CONNECTOR_HEARD_SECONDS = 8.0
"""The current of a wall connector that was not heard for so long is unknown: it counts as a part of the house."""


class CarsThere:
    """The cars that are or may be on a phase, with what they drew when a meter measured. Amps are A per phase."""

    def __init__(self, members: Mapping[TwcId, Member], *, are_accounted_for: bool) -> None:
        """Take who they are."""
        self.members = members
        self.are_accounted_for = are_accounted_for
        """Whether the current of each of them is known, so that it is not taken for the house."""

    @cached_property
    def least(self) -> float:
        """The least that those may have drawn that are surely there."""
        return sum([one.least for one in self.members.values() if one.sure])

    @cached_property
    def likely(self) -> float:
        """What they most likely drew."""
        return sum([one.likely for one in self.members.values() if one.sure])

    @cached_property
    def most(self) -> float:
        """The most that they may have drawn."""
        return sum([one.most for one in self.members.values() if one.sure])

    @cached_property
    def unsure_least(self) -> float:
        """The least that those drew that may be elsewhere."""
        return sum([one.least for one in self.members.values() if not one.sure])

    @cached_property
    def unsure_most(self) -> float:
        """The most that those may have drawn that may be elsewhere."""
        return sum([one.most for one in self.members.values() if not one.sure])


class FuseCars:
    """Remembers what each wall connector drew. Amps are A per phase, times are s of one clock."""

    def __init__(self) -> None:
        """Begin without any report."""
        self._cars: dict[TwcId, PowerHistory] = {}
        self._drew: dict[TwcId, tuple[float, float]] = {}
        """What each wall connector drew at its last report, and the time of it."""
        self._began_at: float | None = None
        self._then: dict[tuple[float, float, float, bool], dict[TwcId, Member]] = {}
        """What cars drew at a moment of measurement, as long as nothing new is known: three phases ask the same."""
        self._there: dict[tuple[float, float, float, Hashable], CarsThere] = {}
        """The same of all cars on a phase."""

    def follow(
        self, connectors: Mapping[TwcId, ConnectorInput], drawn: Mapping[TwcId, float], now: float
    ) -> frozenset[TwcId]:
        """Take in what each wall connector draws, and return which of them are heard."""
        self._began_at = now if self._began_at is None else self._began_at
        self._then.clear()
        self._there.clear()
        for twcid, one in connectors.items():
            if _is_current(one.facts, now):
                if (history := self._cars.get(twcid)) is None:
                    history = self._cars[twcid] = PowerHistory()
                history.add(drawn[twcid], now)
                self._drew[twcid] = (drawn[twcid], now)
            else:
                self._cars.pop(twcid, None)
        for twcid in self._drew.keys() - connectors.keys():
            self._cars.pop(twcid, None)
            del self._drew[twcid]
        return frozenset(self._cars)

    def there(
        self,
        phase: int,
        mapping: Mapping[TwcId, HousePhases],
        who: Hashable,
        reported_at: float,
        now: float,
        *,
        delay_seconds: float,
        latest_seconds: float,
    ) -> CarsThere:
        """Return the cars that are or may be on a phase, 1 to 3, with what they drew at the moment of measurement.

        ``who``: who that is, as ``who_is_on`` tells. ``delay_seconds``: the most likely delay of the report;
        ``latest_seconds``: the longest one.
        """
        measured_at = reported_at - delay_seconds
        begin, end = measured_at - MEASURED_EARLIER_SECONDS, measured_at + MEASURED_LATER_SECONDS
        earliest = reported_at - latest_seconds - MEASURED_EARLIER_SECONDS
        if (there := self._there.get((earliest, begin, end, who))) is None:
            members = self._members(phase, mapping, earliest, begin, end)
            there = CarsThere(members, are_accounted_for=self._are_accounted_for(members, now))
            self._there[earliest, begin, end, who] = there
        return there

    def _members(
        self,
        phase: int,
        mapping: Mapping[TwcId, HousePhases],
        earliest: float,
        begin: float,
        end: float,
    ) -> dict[TwcId, Member]:
        """Return the cars on a phase with what they drew at a moment between ``begin`` and ``end``."""
        surely, maybe = (self._then.setdefault((earliest, begin, end, sure), {}) for sure in (True, False))
        members = {}
        for twcid, on in mapping.items():
            if phase in on.sure:
                there = surely
            elif phase in on.possible:
                there = maybe
            else:
                continue
            if (member := there.get(twcid)) is None:
                member = there[twcid] = self._member(twcid, earliest, begin, end, sure=there is surely)
            members[twcid] = member
        return members

    def _member(self, twcid: TwcId, earliest: float, begin: float, end: float, *, sure: bool) -> Member:
        """Return a car with what it drew when a meter measured."""
        if (history := self._cars.get(twcid)) is None:
            # It counts as house when others are raised; no car is lowered for what it drew last.
            return Member(sure, most=self._unheard_amps(twcid, begin - BLUR_SECONDS), heard=False)
        return Member(sure, *_drew(history, earliest, begin, end))

    def surely_on(self, phase: int, mapping: Mapping[TwcId, HousePhases]) -> float:
        """Return what the cars that are surely on a phase draw there now."""
        return sum(
            history.latest
            for twcid, history in self._cars.items()
            if twcid in mapping and phase in mapping[twcid].sure
        )

    def moved_on(self, phase: int, mapping: Mapping[TwcId, HousePhases], since: float) -> float:
        """Return by how many A the cars that are surely on a phase have changed there since a time."""
        moved = 0.0
        for twcid, history in self._cars.items():
            if twcid in mapping and phase in mapping[twcid].sure:
                least, most = history.between(since, inf)
                moved += most - least
        return moved

    def may_draw_on(self, phase: int, mapping: Mapping[TwcId, HousePhases]) -> bool:
        """Whether a car that was not heard yet, or may be on another phase as well, may draw current on a phase now.

        Then nobody knows what the house draws there.
        """
        for twcid, on in mapping.items():
            history = self._cars.get(twcid)
            if history is None and (phase in on.sure or phase in on.possible):
                return True
            if history is not None and phase in on.possible and history.latest >= CHARGING_AMPS:
                return True
        return False

    def _are_accounted_for(self, members: Mapping[TwcId, Member], now: float) -> bool:
        """Whether the current of each car on a phase is known, so that it is not taken for the house."""
        started = self._began_at is not None and now >= self._began_at + UNHEARD_SECONDS
        return started or all(one.heard or twcid in self._drew for twcid, one in members.items())

    def _unheard_amps(self, twcid: TwcId, at: float) -> float:
        """Return what an unheard wall connector may have drawn: its last current, until its contactor has opened."""
        drew, heard_at = self._drew.get(twcid, (0.0, at))
        return drew if at <= heard_at + OPENS_SECONDS else 0.0


def who_is_on(phases: Sequence[int], mapping: Mapping[TwcId, HousePhases]) -> dict[int, Hashable]:
    """Return for each phase, 1 to 3, who is on it: the same where the same cars are, and as surely."""
    kinds = {(on.sure, on.possible) for on in mapping.values()}
    return {
        phase: tuple([(phase in sure, phase in possible) for sure, possible in kinds]) for phase in phases
    }


def _drew(history: PowerHistory, earliest: float, begin: float, end: float) -> tuple[float, float, float]:
    """Return the least, the likely and the most A that a car drew when a meter measured."""
    since_earliest, lately, blurred = history.from_each((earliest, begin, begin - BLUR_SECONDS), end)
    # What it drew before its first report is unknown.
    least = min(since_earliest) if history.knows(earliest) else 0.0
    return least, min(lately), max(blurred)


def _is_current(facts: WallConnectorSnapshot, now: float) -> bool:
    """Whether the last report of a wall connector is recent enough."""
    if facts.charging is None:
        return False
    return facts.last_heard is None or now - facts.last_heard <= CONNECTOR_HEARD_SECONDS
