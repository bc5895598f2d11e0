"""Finds what really happened after a decision, where a wall connector or its car does something else.

An owner wants to know whether the car takes what it is offered, and whether a stop really ended the current. This is
derived from what is measured and reported, because a state alone proves neither current nor its absence
(protocol.md 2.4).
"""

from dataclasses import dataclass, replace
from math import inf

from ..bus.snapshot import BusPhase, BusSnapshot, Presence, Problem, StopState, WallConnectorSnapshot
from ..protocol.codes import ConnectorState
from .decision import ConnectorDecision, Reason
from .wear import Wear

SHORT_PAUSE_SECONDS = 10.0
"""A shorter interruption of the current is a pause in the charge and is not reported."""
TAKES_NOTHING_SECONDS = 180.0
"""A car that is offered current begins within this time (protocol.md 3.4: half a minute); later it is reported to
take none."""
CAR_FINISHED_SECONDS = 30.0
"""A car that ended its charge by itself and takes nothing for this time has finished: cars pause for less between two
steps (protocol.md 3.4). The account of a session ends the charge after the same time, with this reason."""
REPLUG_SECONDS = 90.0
"""A car that was stopped without an order, and is offered current again for this time, does not begin by itself."""
CONNECTOR_ERROR_SECONDS = 5.0
"""A shorter error is not reported: after a break in the heartbeats a unit reports one once (protocol.md 3.14)."""
LESS_AMPS = 2.0
"""A car that takes so much less than its offer has a limit of its own; wall connectors tell 1 A too little at most
(protocol.md 2.4)."""
LESS_SECONDS = 20.0
"""A car whose current has not risen for this time rises no more: it follows a new offer within 4 s (protocol.md 3.3),
and then rises without a pause."""
RISING_AMPS = 0.5
"""A change of the reported current that is more than its usual variation."""
TRAP_SECONDS = 15.0
"""A car that is offered nothing for this time after it was plugged in may never start (protocol.md 3.5)."""

OLD_SECONDS = 26.0
"""What a wall connector without heartbeats reported so long ago is nothing to go by (protocol.md 6.1)."""

TAKES_NOTHING = frozenset({Reason.CAR_FINISHED, Reason.CAR_NEEDS_REPLUG, Reason.CAR_TAKES_NOTHING})
"""Reasons with which a car is there, may charge, is offered current and has taken none for minutes."""

_SERVED = frozenset({Presence.LINKED, Presence.STALE})
_NOT_SERVED = frozenset({Presence.ANNOUNCED, Presence.RELEASED})

_UNTIL_THE_CAR = frozenset(
    {
        *(Reason.AT_LIMIT, Reason.FULL_SPEED, Reason.SET_BY_ACTION),
        *(Reason.HELD_BY_CIRCUIT, Reason.HELD_BY_FUSE),
    }
)
"""What an owner would take for the reason that no more flows."""
_EXPLAINS_THE_STOP = frozenset({Reason.HELD_BY_FUSE, Reason.WAITING_FOR_TURN, Reason.TESTING_METER})
"""Reasons that explain why the current ends, so they are kept while it still falls."""


@dataclass(slots=True)
class _ChargeSincePlugIn:
    """How a car has charged since it was plugged in."""

    charged: bool = False
    was_offered: bool = False
    """Whether it ever got an offer."""
    stopped_unawares: bool = False
    """Whether its last charge ended without an order, or it found no offer: some cars then refuse to begin."""
    ended_by_itself: bool = False
    """Whether it ended its last charge although it was offered current."""
    idle_since: float = -inf
    offered_since: float | None = None
    """Since when it is offered current that it does not take."""
    takes_less_since: float | None = None
    """Since when it charges with less than it is offered and does not rise."""
    takes_amps: float = 0.0
    """What it charged with then."""
    without_offer_since: float | None = None


class Outcome:
    """Follows what happens at one wall connector. Times are s of the clock of the decision."""

    def __init__(self) -> None:
        """Begin without any report."""
        self._visit = _ChargeSincePlugIn()
        self._charging = False
        self._had_offer = False
        self._error_since: float | None = None

    def note(self, facts: WallConnectorSnapshot, order: int | None, wear: Wear, now: float) -> None:
        """Take in what is reported and the present order in A: 0 = shall not charge, None = no place in the circuit."""
        is_error = facts.state is ConnectorState.ERROR and not facts.charging
        self._error_since = (now if self._error_since is None else self._error_since) if is_error else None
        if facts.plugged_in is False:
            self._visit = _ChargeSincePlugIn()
        served = facts.presence in _SERVED
        self._follow(facts, served=served, now=now)
        visit = self._visit
        if facts.plugged_in and not visit.charged and wear.silent_stops:
            # It was stopped before a restart. Without a car, these are the stops of the one that has left.
            visit.stopped_unawares = True
        self._note_trap(facts, now)
        # A contactor that is kept open shows the car no offer, whatever the order is.
        waits = bool(order) and served and not facts.charging and bool(facts.plugged_in)
        waits = waits and not facts.contactor_open
        visit.offered_since = (now if visit.offered_since is None else visit.offered_since) if waits else None
        self._note_less(facts, order, now)
        self._charging, self._had_offer = bool(facts.charging), bool(order) and served

    def _note_less(self, facts: WallConnectorSnapshot, order: int | None, now: float) -> None:
        """Note since when a car charges with less than it is offered and does not rise."""
        visit, drawn = self._visit, facts.drawn_amps or 0.0
        if not facts.charging or drawn >= min(order or 0, facts.offered_amps or 0.0) - LESS_AMPS:
            visit.takes_less_since = None
        elif visit.takes_less_since is None or drawn > visit.takes_amps + RISING_AMPS:
            visit.takes_less_since, visit.takes_amps = now, drawn

    def _follow(self, facts: WallConnectorSnapshot, *, served: bool, now: float) -> None:
        """Note how a charge ends: by the car itself, or without its consent."""
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

    def _note_trap(self, facts: WallConnectorSnapshot, now: float) -> None:
        """Note a car that got no offer for so long after it was plugged in that it may never start."""
        visit = self._visit
        visit.was_offered = visit.was_offered or bool(facts.plugged_in and facts.offered_amps)
        if visit.was_offered or not facts.plugged_in:
            visit.without_offer_since = None
        elif visit.without_offer_since is None:
            visit.without_offer_since = now
        elif now - visit.without_offer_since >= TRAP_SECONDS:
            visit.stopped_unawares = True

    def next_at(self, now: float) -> float | None:
        """Return when the outcome may change although nothing is reported."""
        visit = self._visit
        moments = [visit.idle_since + SHORT_PAUSE_SECONDS]
        if self._error_since is not None:
            moments.append(self._error_since + CONNECTOR_ERROR_SECONDS)
        if visit.without_offer_since is not None:
            moments.append(visit.without_offer_since + TRAP_SECONDS)
        if visit.takes_less_since is not None:
            moments.append(visit.takes_less_since + LESS_SECONDS)
        if visit.offered_since is not None:
            moments += (
                visit.offered_since + s for s in (CAR_FINISHED_SECONDS, REPLUG_SECONDS, TAKES_NOTHING_SECONDS)
            )
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
        """Return the decision with what really happens instead of its reason, where the two differ.

        ``car_is_told``: the car has a switch of its own, which is expected to stop it.
        """
        if (reason := self._of_the_line(facts, bus, order, now)) is not None:
            return replace(decided, reason=reason)
        if facts.charging and not order and order is not None:
            return _not_stopped(decided, facts, car_is_told=car_is_told)
        if decided.reason in _UNTIL_THE_CAR and self._takes_less(now):
            return replace(decided, reason=Reason.CAR_AT_ITS_LIMIT)
        idle = not facts.charging and now - self._visit.idle_since >= SHORT_PAUSE_SECONDS
        if order and idle and facts.plugged_in is not False:
            if facts.contactor_open:
                return replace(decided, reason=Reason.RESTING)
            # Where it is not known whether there is a car, the reason for an idle car is reported as well.
            return replace(decided, reason=self._of_an_idle_car(now))
        return decided

    def takes_nothing(self, now: float) -> bool:
        """Whether its car has taken nothing of its offer for so long that it is told of."""
        return self._of_an_idle_car(now) in TAKES_NOTHING

    def _of_the_line(
        self, facts: WallConnectorSnapshot, bus: BusSnapshot, order: int | None, now: float
    ) -> Reason | None:
        """Return what prevents every order from being carried out, if anything does."""
        if bus.phase is BusPhase.MUTED:
            return Reason.OTHER_CONTROLLER
        if facts.presence is Presence.LOST or facts.problem is Problem.LOST:
            return Reason.NOT_HEARD
        if order is not None and _is_left_alone(facts, now):
            return Reason.NOT_CONNECTED
        if self._error_since is not None and now - self._error_since >= CONNECTOR_ERROR_SECONDS:
            return Reason.CONNECTOR_ERROR
        return None

    def _takes_less(self, now: float) -> bool:
        since = self._visit.takes_less_since
        return since is not None and now - since >= LESS_SECONDS

    def _of_an_idle_car(self, now: float) -> Reason:
        """Return the most likely reason why a car that is offered current takes none."""
        visit = self._visit
        waited = 0.0 if visit.offered_since is None else now - visit.offered_since
        if visit.stopped_unawares and waited >= REPLUG_SECONDS:
            return Reason.CAR_NEEDS_REPLUG
        if visit.ended_by_itself and waited >= CAR_FINISHED_SECONDS:
            return Reason.CAR_FINISHED
        return Reason.CAR_TAKES_NOTHING if waited >= TAKES_NOTHING_SECONDS else Reason.WAITING_FOR_CAR


def _is_left_alone(facts: WallConnectorSnapshot, now: float) -> bool:
    """Whether it gets no heartbeats, and its last report is too old to go by."""
    recent = facts.last_heard is not None and now - facts.last_heard < OLD_SECONDS
    return facts.presence in _NOT_SERVED and not recent


def _not_stopped(
    decided: ConnectorDecision, facts: WallConnectorSnapshot, *, car_is_told: bool
) -> ConnectorDecision:
    """Return the decision to stop with the reason why current still flows."""
    offered = max(facts.commanded_amps or 0, int(facts.offered_amps or 0.0))
    if facts.stop is StopState.HOLDING and not car_is_told:
        return replace(decided, amps=offered, reason=Reason.CANNOT_STOP)
    if facts.stop is StopState.ESTABLISHING:
        return replace(decided, amps=offered, reason=Reason.ESTABLISHING)
    reason = decided.reason if decided.reason in _EXPLAINS_THE_STOP else Reason.STOPPING
    return replace(decided, reason=reason)
