"""What came of a decision, where a wall connector or its car does something else than what was decided.

What is decided is a wish. An owner who reads it wants to know what is so: whether the car takes what it is offered, and
whether a stop was one. Everything here is told from what is measured and reported; a state alone proves neither
current nor its absence (protocol.md 2.4).
"""

from dataclasses import dataclass, replace
from math import inf

from ..bus.snapshot import BusPhase, BusSnapshot, Presence, StopState, WallConnectorSnapshot
from ..protocol.codes import ConnectorState
from .decision import ConnectorDecision, Reason
from .ledger import Wear

PAUSE_SECONDS = 10.0
"""Current that is gone for less is a pause of a car that goes on: nothing is told of it."""
BEGIN_SECONDS = 180.0
"""A car that was offered current has begun by then (protocol.md 3.4: half a minute); afterwards it is said to take
none."""
FINISHED_SECONDS = 60.0
"""A car that ended its charge by itself and takes nothing for so long has finished."""
REPLUG_SECONDS = 90.0
"""A car that was stopped without being told, and was offered current for so long again, does not begin by itself."""
ERROR_SECONDS = 5.0
"""A wall connector that was alone for a moment answers with an error once (protocol.md 3.14)."""
TRAP_SECONDS = 15.0
"""A car that is offered nothing for so long after it was plugged in may never start later (protocol.md 3.5)."""

TAKES_NOTHING = frozenset({Reason.CAR_FINISHED, Reason.CAR_NEEDS_REPLUG, Reason.CAR_TAKES_NOTHING})
"""The car is there, may charge and is offered current, and for minutes takes none."""

_SERVED = frozenset({Presence.LINKED, Presence.STALE})

_EXPLAINS_THE_STOP = frozenset({Reason.HELD_BY_FUSE, Reason.WAITING_FOR_TURN, Reason.TESTING_METER})
"""These say why it shall have nothing, so they stand while the last of the current falls."""


@dataclass(slots=True)
class _Visit:
    """What is known of the car on the cable since it was plugged in."""

    charged: bool = False
    was_offered: bool = False
    """Whether it ever was shown an offer."""
    stopped_unawares: bool = False
    """Whether its last charge ended without it being told, or it met no offer: some cars refuse to begin then."""
    ended_by_itself: bool = False
    """Whether it ended its last charge while it was offered current."""
    idle_since: float = -inf
    offered_since: float | None = None
    """Since when it is offered current that it does not take."""
    without_offer_since: float | None = None


class Outcome:
    """One wall connector. Times are s of the clock of the decision."""

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self._visit = _Visit()
        self._charging = False
        self._had_offer = False
        self._error_since: float | None = None

    def look(self, facts: WallConnectorSnapshot, order: int | None, wear: Wear, now: float) -> None:
        """Take what is reported and the order of now, in A: 0 = shall not charge, None = no place in the circuit."""
        is_error = facts.state is ConnectorState.ERROR and not facts.charging
        self._error_since = (now if self._error_since is None else self._error_since) if is_error else None
        if facts.plugged_in is False:
            self._visit = _Visit()
        served = facts.presence in _SERVED
        self._follow(facts, served=served, now=now)
        visit = self._visit
        if not visit.charged and wear.silent_stops:
            # It was stopped before a restart.
            visit.stopped_unawares = True
        self._look_for_trap(facts, now)
        waits = bool(order) and served and not facts.charging and bool(facts.plugged_in)
        visit.offered_since = (now if visit.offered_since is None else visit.offered_since) if waits else None
        self._charging, self._had_offer = bool(facts.charging), bool(order) and served

    def _follow(self, facts: WallConnectorSnapshot, *, served: bool, now: float) -> None:
        """Notice how a charge ends: by the car itself, or under it."""
        visit = self._visit
        if facts.charging:
            visit.charged, visit.stopped_unawares, visit.ended_by_itself = True, False, False
        elif self._charging:
            lost_its_offer = self._had_offer and not facts.offered_amps
            visit.stopped_unawares = not served or facts.contactor_open or lost_its_offer
            visit.ended_by_itself = self._had_offer and not visit.stopped_unawares
            visit.idle_since = now
        elif visit.charged and facts.contactor_open:
            visit.stopped_unawares, visit.ended_by_itself = True, False

    def _look_for_trap(self, facts: WallConnectorSnapshot, now: float) -> None:
        visit = self._visit
        visit.was_offered = visit.was_offered or bool(facts.plugged_in and facts.offered_amps)
        if visit.was_offered or not facts.plugged_in:
            visit.without_offer_since = None
        elif visit.without_offer_since is None:
            visit.without_offer_since = now
        elif now - visit.without_offer_since >= TRAP_SECONDS:
            visit.stopped_unawares = True

    def next_at(self, now: float) -> float | None:
        """Return when something else may be told though nothing changes."""
        visit = self._visit
        moments = [visit.idle_since + PAUSE_SECONDS]
        if self._error_since is not None:
            moments.append(self._error_since + ERROR_SECONDS)
        if visit.without_offer_since is not None:
            moments.append(visit.without_offer_since + TRAP_SECONDS)
        if visit.offered_since is not None:
            moments += (visit.offered_since + s for s in (FINISHED_SECONDS, REPLUG_SECONDS, BEGIN_SECONDS))
        return min((at for at in moments if at > now), default=None)

    def tell(
        self,
        decided: ConnectorDecision,
        facts: WallConnectorSnapshot,
        bus: BusSnapshot,
        order: int | None,
        now: float,
        *,
        car_is_told: bool = False,
    ) -> ConnectorDecision:
        """Return the decision with what came of it in place of what was meant, where the two differ.

        ``car_is_told``: it has a switch of its own, which is expected to stop it.
        """
        if (reason := self._of_the_line(facts, bus, now)) is not None:
            return replace(decided, reason=reason)
        if facts.charging and not order and order is not None:
            return _not_stopped(decided, facts, car_is_told=car_is_told)
        idle = not facts.charging and now - self._visit.idle_since >= PAUSE_SECONDS
        if order and idle and facts.plugged_in is not False:
            # Where nobody knows yet whether there is a car, none has taken anything so far.
            return replace(decided, reason=self._of_an_idle_car(now))
        return decided

    def _of_the_line(self, facts: WallConnectorSnapshot, bus: BusSnapshot, now: float) -> Reason | None:
        """Return what keeps every order from being carried out."""
        if bus.phase is BusPhase.MUTED:
            return Reason.OTHER_CONTROLLER
        if facts.presence is Presence.LOST:
            return Reason.NOT_HEARD
        if self._error_since is not None and now - self._error_since >= ERROR_SECONDS:
            return Reason.CONNECTOR_ERROR
        return None

    def _of_an_idle_car(self, now: float) -> Reason:
        """Return why a car that is offered current takes none, as far as anybody can tell."""
        visit = self._visit
        waited = 0.0 if visit.offered_since is None else now - visit.offered_since
        if visit.stopped_unawares and waited >= REPLUG_SECONDS:
            return Reason.CAR_NEEDS_REPLUG
        if visit.ended_by_itself and waited >= FINISHED_SECONDS:
            return Reason.CAR_FINISHED
        return Reason.CAR_TAKES_NOTHING if waited >= BEGIN_SECONDS else Reason.WAITING_FOR_CAR


def _not_stopped(
    decided: ConnectorDecision, facts: WallConnectorSnapshot, *, car_is_told: bool
) -> ConnectorDecision:
    """Return what a stop is while current flows on."""
    offered = max(facts.commanded_amps or 0, int(facts.offered_amps or 0.0))
    if facts.stop is StopState.HOLDING and not car_is_told:
        return replace(decided, amps=offered, reason=Reason.CANNOT_STOP)
    if facts.stop is StopState.ESTABLISHING:
        return replace(decided, amps=offered, reason=Reason.ESTABLISHING)
    reason = decided.reason if decided.reason in _EXPLAINS_THE_STOP else Reason.STOPPING
    return replace(decided, reason=reason)
