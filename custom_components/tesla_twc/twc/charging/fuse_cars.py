"""What the cars drew over time, so that each report at the main fuse is compared with the moment it was measured."""

from collections.abc import Mapping

from ..bus.snapshot import WallConnectorSnapshot
from ..protocol.codes import TwcId
from .decision import ConnectorInput
from .fuse import Member
from .house_phases import HousePhases
from .power_history import PowerHistory

BEFORE_SECONDS, AFTER_SECONDS = 1.0, 3.0
"""How far the moment of a measurement may lie before and after the time that is computed for it: a wall connector tells
what its car draws up to 3 s late (protocol.md 3.1)."""
BLUR_SECONDS = 5.0
"""A meter may be so much later than known, or tell the mean since its last report: a car that fell meanwhile is still
in it, and must not be stopped for that."""
UNHEARD_SECONDS = 120.0
"""A wall connector that was not heard within so long of a start draws nothing that we gave it."""
OPENS_SECONDS = 30.0
"""A wall connector without heartbeats opens its contactor within so long (protocol.md 3.2)."""
HEARD_SECONDS = 8.0
"""A wall connector that was not heard for so long may draw what it likes: it counts as a part of the house."""


class FuseCars:
    """Remembers what each wall connector drew. Amps are A per phase, times are s of one clock."""

    def __init__(self) -> None:
        """Nobody was heard yet."""
        self._cars: dict[TwcId, PowerHistory] = {}
        self._drew: dict[TwcId, tuple[float, float]] = {}
        """What each wall connector drew when it was heard last, and when that was."""
        self._began_at: float | None = None

    def look(
        self, connectors: Mapping[TwcId, ConnectorInput], drawn: Mapping[TwcId, float], now: float
    ) -> frozenset[TwcId]:
        """Take what each wall connector draws, and return which of them are heard."""
        self._began_at = now if self._began_at is None else self._began_at
        for twcid, one in connectors.items():
            if _is_heard(one.facts, now):
                self._cars.setdefault(twcid, PowerHistory()).add(drawn[twcid], now)
                self._drew[twcid] = (drawn[twcid], now)
            else:
                self._cars.pop(twcid, None)
        for twcid in self._drew.keys() - connectors.keys():
            self._cars.pop(twcid, None)
            del self._drew[twcid]
        return frozenset(self._cars)

    def members(
        self,
        phase: int,
        mapping: Mapping[TwcId, HousePhases],
        reported_at: float,
        *,
        delay_seconds: float,
        latest_seconds: float,
    ) -> dict[TwcId, Member]:
        """Return the cars that are or may be on a phase, 1 to 3, with what they drew when it was measured.

        ``delay_seconds``: how late it was reported, as far as known; ``latest_seconds``: at most.
        """
        measured_at = reported_at - delay_seconds
        begin, end = measured_at - BEFORE_SECONDS, measured_at + AFTER_SECONDS
        blurred, earliest = begin - BLUR_SECONDS, reported_at - latest_seconds - BEFORE_SECONDS
        members = {}
        for twcid, on in mapping.items():
            if phase not in (*on.sure, *on.possible):
                continue
            if (history := self._cars.get(twcid)) is None:
                # To raise others it counts as house; nobody is lowered for what it drew when it was heard last.
                unheard = self._unheard_amps(twcid, blurred)
                members[twcid] = Member(phase in on.sure, most=unheard, heard=False)
            else:
                members[twcid] = Member(
                    phase in on.sure,
                    # Nobody knows what it drew before it was heard.
                    least=history.between(earliest, end)[0] if history.knows(earliest) else 0.0,
                    likely=history.between(begin, end)[0],
                    most=history.between(blurred, end)[1],
                )
        return members

    def surely_on(self, phase: int, mapping: Mapping[TwcId, HousePhases]) -> float:
        """Return what cars that are surely on a phase draw there now."""
        return sum(
            history.latest
            for twcid, history in self._cars.items()
            if twcid in mapping and phase in mapping[twcid].sure
        )

    def are_accounted_for(self, members: Mapping[TwcId, Member], now: float) -> bool:
        """Whether of each car on a phase it is known what it drew, so that it is not taken for the house."""
        started = self._began_at is not None and now >= self._began_at + UNHEARD_SECONDS
        return all(one.heard or started or twcid in self._drew for twcid, one in members.items())

    def _unheard_amps(self, twcid: TwcId, at: float) -> float:
        """Return what one that is not heard may have drawn: what it drew last, until its contactor has opened."""
        drew, heard_at = self._drew.get(twcid, (0.0, at))
        return drew if at <= heard_at + OPENS_SECONDS else 0.0


def _is_heard(facts: WallConnectorSnapshot, now: float) -> bool:
    """Whether what a wall connector told still holds."""
    if facts.charging is None:
        return False
    return facts.last_heard is None or now - facts.last_heard <= HEARD_SECONDS
