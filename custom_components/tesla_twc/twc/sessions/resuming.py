"""Notes whether a car begins again after each stop by us, and how it was stopped."""

from dataclasses import dataclass

from ..bus.snapshot import Presence
from ..protocol.codes import ConnectorState, ProtocolVersion
from .habits import CarHabits, StopWay
from .sight import Sight

STAYS_SECONDS = 180.0
"""A car that is offered current again begins within this time (protocol.md 3.4: half a minute). One that begins later
in the same visit, as a sleeping car may, counts as one that resumed all the same."""


@dataclass(slots=True)
class _Stop:
    """A charge that ended while it should."""

    way: StopWay | None = None
    """None: not known yet."""
    offered_since: float | None = None
    """Since when the car is offered current again."""
    is_counted: bool = False
    """Whether it counts as one after which the car stayed still."""


class ResumingWatch:
    """Follows the stops of one car."""

    def __init__(self) -> None:
        """No stop yet."""
        self._drew = False
        self._was_left_alone = False
        self._stop: _Stop | None = None

    def silent(self) -> None:
        """Take that nothing was heard for so long that the contactor may have opened by itself."""
        by_us = self._drew and self._was_left_alone
        self._stop = _Stop(StopWay.LEFT_ALONE) if by_us else None
        self._drew = False

    def follow(self, sight: Sight, habits: CarHabits) -> CarHabits:
        """Take in a moment; return the habits with what came of a stop."""
        self._was_left_alone = sight.is_left_alone
        if sight.is_charging:
            self._drew = True
            return self._begun(sight, habits)
        if self._drew:
            self._drew = False
            self._stop = _Stop()
        return habits if self._stop is None else self._wait(self._stop, sight, habits)

    def _begun(self, sight: Sight, habits: CarHabits) -> CarHabits:
        """Note that current flows, which only counts if it shall."""
        stop, self._stop = self._stop, None
        if stop is None or stop.way is None or not sight.may_charge:
            return habits
        return habits.stopped(stop.way.value, resumed=1, stayed=-1 if stop.is_counted else 0)

    def _wait(self, stop: _Stop, sight: Sight, habits: CarHabits) -> CarHabits:
        if not sight.may_charge:
            stop.way, stop.offered_since = stop.way or _way_of(sight), None
            return habits
        if stop.way is None:
            # It ended while it should, and nothing tells that this was our doing.
            self._stop = None
            return habits
        if not _is_offered(sight):
            stop.offered_since = None
            return habits
        stop.offered_since = sight.now if stop.offered_since is None else stop.offered_since
        if stop.is_counted or sight.now - stop.offered_since < STAYS_SECONDS:
            return habits
        stop.is_counted = True
        return habits.stopped(stop.way.value, stayed=1)


def _way_of(sight: Sight) -> StopWay | None:
    """Return how it is stopped now, as far as that is certain: without doubt the one that the car feels most."""
    facts = sight.facts
    if facts.contactor_open:
        return StopWay.CONTACTOR
    if sight.told_to_stop:
        return StopWay.CAR_SWITCH
    # Without room in the circuit it is told 0 A, too.
    is_zero = facts.version is ProtocolVersion.P1 and facts.offered_amps == 0.0 and not facts.commanded_amps
    return StopWay.ZERO_AMPS if is_zero else None


def _is_offered(sight: Sight) -> bool:
    """Whether its car could draw current."""
    facts = sight.facts
    return (
        facts.presence is Presence.LINKED
        and bool(facts.offered_amps)
        and not facts.contactor_open
        and facts.state is not ConnectorState.ERROR
    )
