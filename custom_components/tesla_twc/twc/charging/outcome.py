"""Finds what really happened after a decision, where a wall connector or its car does something else.

An owner wants to know whether the car takes what it is offered, and whether a stop really ended the current. This is
derived from what is measured and reported, because a state alone proves neither current nor its absence
(protocol.md 2.4).
"""

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from math import inf

from ..bus.snapshot import BusPhase, BusSnapshot, Presence, Problem, StopState, WallConnectorSnapshot
from ..protocol.codes import ConnectorState
from .car_orders import STOP_EFFECT_SECONDS
from .decision import ConnectorDecision, Reason
from .enough_offer import EnoughOffer
from .wear import Wear

SHORT_PAUSE_SECONDS = 10.0
"""A shorter interruption of the current is a pause in the charge and is not reported."""
TAKES_NOTHING_SECONDS = 180.0
"""A car that is offered current begins within this time (protocol.md 3.4: half a minute); later it is reported to
take none."""
CAR_FINISHED_SECONDS = 30.0
"""A car that ended its charge by itself and takes nothing for this time has finished: cars pause for less between two
steps (protocol.md 3.4). The account of a session ends the charge after the same time, with this reason."""
STARTS_WITHIN_SECONDS = 60.0
"""A car whose wall connector says that it begins draws current within half of this time (protocol.md 3.4)."""
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
_OF_CURRENT = frozenset(
    {
        *(Reason.HELD_BY_CIRCUIT, Reason.HELD_BY_FUSE, Reason.ABOUT_TO_STOP, Reason.BATTERY_HELPS),
        *(Reason.HOLDING_CANNOT_STOP, Reason.STOP_BUDGET_SPENT, Reason.AT_LIMIT, Reason.FULL_SPEED),
        Reason.SET_BY_ACTION,
    }
)
"""Reasons that tell what current flows or why it is no more: without current they are not true for a moment."""

_BEGINS = frozenset({ConnectorState.STARTING, ConnectorState.CHARGING})
"""What a wall connector reports of a car that begins …"""
_DOES_NOT_BEGIN = frozenset({ConnectorState.READY, ConnectorState.NOT_CHARGING, ConnectorState.PLUGGED_READY})
"""… and of one that does not. The other states tell of the offer and not of the car."""


@dataclass(slots=True)
class _ChargeSincePlugIn:
    """How a car has charged since it was plugged in."""

    charged: bool = False
    was_offered: bool = False
    """Whether it ever got an offer."""
    stopped_unawares: bool = False
    """Whether its last charge ended without an order, or it found no offer: some cars then refuse to begin."""
    told_to_stop_at: float = -inf
    """When its wall connector or its car was last told to end the present charge."""
    ended_by_itself: bool = False
    """Whether it ended its last charge although it was offered current, and the offer has lasted since then."""
    enough: EnoughOffer = field(default_factory=EnoughOffer)
    needs_amps: float = 0.0
    """A that may have been missing when it ended its last charge: an offer of less proves nothing."""
    enough_since: float | None = None
    """Since when it takes nothing of an offer that is enough."""
    finished: bool = False
    """Whether it took nothing of it for long enough, after it had ended its charge by itself."""
    idle_since: float = -inf
    offered_since: float | None = None
    """Since when it is offered current that it does not take."""
    takes_less_since: float | None = None
    """Since when it charges with less than it is offered and does not rise."""
    takes_amps: float = 0.0
    """What it charged with then."""
    without_offer_since: float | None = None
    begins_since: float | None = None
    """Since when its wall connector reports that it begins, while no current flows."""
    start_failed: bool = False
    """Whether it did not begin then, or has ended its charge: it is waited for until current flows."""


class Outcome:
    """Follows what happens at one wall connector. Times are s of the clock of the decision."""

    def __init__(self) -> None:
        """Begin without any report."""
        self._visit = _ChargeSincePlugIn()
        self._charging = False
        self._had_order = False
        self._had_offer = False
        self._chosen: Hashable = None
        self._error_since: float | None = None

    def note(
        self,
        facts: WallConnectorSnapshot,
        order: int | None,
        wear: Wear,
        now: float,
        *,
        can_stop: bool = True,
        chosen: Hashable = None,
    ) -> None:
        """Take in what is reported and the present order in A: 0 = shall not charge, None = no place in the circuit.

        ``can_stop``: whether an order of 0 ends a charge. ``chosen``: what the owner chose for it; a change makes each
        failed start worth another look.
        """
        is_error = facts.state is ConnectorState.ERROR and not facts.charging
        self._error_since = (now if self._error_since is None else self._error_since) if is_error else None
        if facts.plugged_in is False:
            self._visit = _ChargeSincePlugIn()
        served = facts.presence in _SERVED
        self._note_stop(facts, order, now, can_stop=can_stop)
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
        self._note_finished(order or 0, waits=waits, now=now)
        self._note_start(facts, waits=waits, is_new=chosen != self._chosen, now=now)
        self._note_less(facts, order, now)
        self._charging, self._had_order, self._chosen = bool(facts.charging), bool(order), chosen
        self._had_offer = bool(order) and served

    def _note_stop(
        self, facts: WallConnectorSnapshot, order: int | None, now: float, *, can_stop: bool
    ) -> None:
        """Note until when the present charge was to end: a car may need minutes to obey, and the order may change."""
        if facts.charging and not self._charging:
            self._visit.told_to_stop_at = -inf
        is_told = bool(facts.charging) and not order
        was_told = self._charging and not self._had_order
        if can_stop and (is_told or was_told):
            self._visit.told_to_stop_at = now

    def _note_finished(self, order: int, *, waits: bool, now: float) -> None:
        """Note whether a car that ended its charge by itself takes nothing for long enough."""
        visit = self._visit
        is_enough = waits and order >= visit.needs_amps
        visit.enough_since = (
            (now if visit.enough_since is None else visit.enough_since) if is_enough else None
        )
        if not visit.ended_by_itself:
            visit.finished = False
        elif visit.enough_since is not None and now - visit.enough_since >= CAR_FINISHED_SECONDS:
            visit.finished = True
        elif not waits and not visit.finished:
            # The offer ended before anybody knew whether the car only paused.
            visit.ended_by_itself = False

    def _note_start(self, facts: WallConnectorSnapshot, *, waits: bool, is_new: bool, now: float) -> None:
        """Note whether its car begins; a start that failed is not told as one again until something new happens."""
        visit = self._visit
        if facts.charging or not waits or is_new:
            visit.start_failed, visit.begins_since = False, None
        if not waits:
            return
        if facts.state in _BEGINS and visit.begins_since is None:
            visit.begins_since = now
        lasts = visit.begins_since is not None and now - visit.begins_since >= STARTS_WITHIN_SECONDS
        gave_up = visit.begins_since is not None and facts.state in _DOES_NOT_BEGIN
        visit.start_failed = visit.start_failed or self._charging or lasts or gave_up

    def is_starting(self) -> bool:
        """Whether its car is about to begin, as its wall connector reports."""
        return self._visit.begins_since is not None and not self._visit.start_failed

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
            visit.enough.follow(facts.offered_amps or 0.0, now)
        elif self._charging:
            lost_its_offer = self._had_offer and not facts.offered_amps
            visit.stopped_unawares = not served or facts.contactor_open or lost_its_offer
            obeyed = now - visit.told_to_stop_at < STOP_EFFECT_SECONDS
            visit.ended_by_itself = self._had_offer and not visit.stopped_unawares and not obeyed
            visit.needs_amps = 0.0 if visit.enough.end() else visit.enough.proved_amps
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
        if visit.ended_by_itself and visit.enough_since is not None:
            moments.append(visit.enough_since + CAR_FINISHED_SECONDS)
        if visit.begins_since is not None:
            moments.append(visit.begins_since + STARTS_WITHIN_SECONDS)
        if visit.offered_since is not None:
            waits = (CAR_FINISHED_SECONDS, REPLUG_SECONDS, TAKES_NOTHING_SECONDS)
            moments += (visit.offered_since + seconds for seconds in waits)
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
        if order and not facts.charging and facts.plugged_in is not False:
            if facts.contactor_open:
                return replace(decided, reason=Reason.RESTING)
            if now - self._visit.idle_since < SHORT_PAUSE_SECONDS:
                of_current = decided.reason in _OF_CURRENT
                return replace(decided, reason=Reason.WAITING_FOR_CAR) if of_current else decided
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
        if visit.finished and waited >= CAR_FINISHED_SECONDS:
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
