"""Tells what really happened after a decision, where a wall connector or its car does something else.

An owner wants to know whether the car takes what it is offered, and whether a stop really ended the current. This is
derived from what is measured and reported, because a state alone proves neither current nor its absence
(protocol.md 2.4). How the car has charged since it was plugged in is followed in ``visit``.
"""

from collections.abc import Hashable
from dataclasses import replace
from math import inf
from typing import Any

from ..bus.snapshot import BusPhase, Presence, Problem, StopState, WallConnectorSnapshot
from ..protocol.codes import ConnectorState
from .decision import ConnectorDecision
from .full_car import KeptFull
from .reason import BY_OWNER, LIMITS_THE_OFFER, OF_CURRENT, TAKES_NOTHING, Reason
from .visit import CAR_FINISHED_SECONDS, STARTS_WITHIN_SECONDS, CarVisit, sent_to
from .wear import Wear

CONNECTOR_ERROR_SECONDS = 5.0
"""A shorter error is not reported: after a break in the heartbeats a unit reports one once (protocol.md 3.14)."""
OLD_SECONDS = 26.0
"""What a wall connector without heartbeats reported so long ago is nothing to go by (protocol.md 6.1)."""

_SERVED = frozenset({Presence.LINKED, Presence.STALE})
_NOT_SERVED = frozenset({Presence.ANNOUNCED, Presence.RELEASED})
_DREW_TOO_MUCH = frozenset({Problem.OVERDRAWING, Problem.NOT_ACCEPTING})
"""What is wrong with one that is left alone because it drew more than it was told."""


class Outcome:
    """Follows what happens at one wall connector. Times are s of the clock of the decision."""

    def __init__(self, full: KeptFull | None = None) -> None:
        """Begin without any report; ``full``: a car that had ended its charge by itself before a restart."""
        self._visit = CarVisit() if full is None else CarVisit.resumed(full)
        self.full = full
        """What is to be known after a restart of a car that ended its charge by itself; None: it did not."""
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
        if facts.presence is Presence.REMEMBERED:
            # What is taken for granted of one that was not heard yet is no report.
            return
        # One that gets no heartbeats reports an error whenever it is asked (protocol.md 3.14).
        is_error = facts.state is ConnectorState.ERROR and not facts.charging and order is not None
        self._error_since = (now if self._error_since is None else self._error_since) if is_error else None
        if facts.plugged_in is False or (self.full is not None and not self.full.is_there(facts)):
            self._visit, self.full = CarVisit(), None
        if facts.plugged_in and wear.silent_stops:
            self._visit.know_silent_stop()
        is_served = facts.presence in _SERVED
        self._visit.note(facts, order, now, is_served=is_served, can_stop=can_stop, chosen=chosen)
        self.full = self._visit.kept(self.full, facts)

    def is_starting(self) -> bool:
        """Whether its car is about to begin, as its wall connector reports."""
        return self._visit.is_starting()

    def takes_nothing(self, now: float) -> bool:
        """Whether its car has taken nothing of its offer for so long that it is told of."""
        since = self._visit.offered_since
        waited = 0.0 if since is None else now - since
        return waited >= CAR_FINISHED_SECONDS and self._visit.of_an_idle_car(now) in TAKES_NOTHING

    def next_at(self, now: float) -> float | None:
        """Return when the outcome may change although nothing is reported."""
        moments = [at for at in self._visit.moments() if at > now]
        if self._error_since is not None and (at := self._error_since + CONNECTOR_ERROR_SECONDS) > now:
            moments.append(at)
        return min(moments, default=None)

    def tell(
        self,
        decided: ConnectorDecision,
        facts: WallConnectorSnapshot,
        phase: BusPhase,
        order: int | None,
        now: float,
        *,
        can_stop: bool = True,
        car_is_told: bool = False,
    ) -> ConnectorDecision:
        """Return the decision with what really happens instead of its reason, where the two differ.

        ``phase``: what its bus does. ``can_stop``: whether an order of 0 ends a charge. ``car_is_told``: the car has a
        switch of its own, which is expected to stop it.
        """
        if (reason := self._of_the_line(decided.reason, facts, phase, order, now)) is not None:
            amps = 0 if reason is Reason.NOT_CONNECTED else decided.amps
            since, overdrew = self._line_since(reason, facts), facts.problem in _DREW_TOO_MUCH
            return replace(decided, amps=amps, reason=reason, since=since, overdrew=overdrew)
        if facts.charging and not order and order is not None:
            return _not_stopped(decided, facts, can_stop=can_stop, car_is_told=car_is_told)
        if facts.charging and order is None and now - (facts.last_heard or now) < OLD_SECONDS:
            # It gets no heartbeats any more, and stops by itself within half a minute (protocol.md 1.13).
            return _stopping(decided)
        if order == 0 and (begins := self._begins_all_the_same(facts, now)) is not None:
            return _now(decided, begins, amps=_offered(facts))
        if decided.reason is Reason.NO_CAR and not facts.tells_plug_state:
            return _now(decided, Reason.NO_CAR_AWAKE)
        if decided.reason is Reason.ABOUT_TO_START and self._visit.needs_replug:
            # However much sun there is, it does not begin.
            return _now(decided, Reason.CAR_NEEDS_REPLUG)
        if decided.reason is Reason.ABOUT_TO_START and _rests_longer(decided, facts):
            return _resting(decided, facts)
        decided = self._as_offered(decided, facts, now)
        if decided.reason in LIMITS_THE_OFFER and self._visit.takes_less(now):
            return _now(decided, Reason.CAR_AT_ITS_LIMIT)
        if facts.plugged_in and decided.reason not in BY_OWNER and self._visit.is_told_full(now):
            # Whatever it would wait for, it wants nothing.
            return replace(decided, reason=Reason.CAR_FINISHED, since=self._visit.takes_nothing_since())
        if order and not facts.charging and facts.plugged_in is not False:
            return self._idle(decided, facts, now)
        return decided

    def _idle(
        self, decided: ConnectorDecision, facts: WallConnectorSnapshot, now: float
    ) -> ConnectorDecision:
        """Return the decision to charge with the reason why no current flows."""
        if facts.contactor_rests and (facts.rest_ends_at is None or facts.rest_ends_at > now):
            return _resting(decided, facts)
        if self._visit.is_kept_waiting(now):
            return _now(decided, Reason.HELD_BY_CIRCUIT, amps=0)
        # What is decided leaves with the next heartbeat, and is no offer before; nor is it while a contactor is open.
        sent = decided.sent_amps if sent_to(facts) and not facts.contactor_rests else 0
        if self._visit.pauses(now):
            if decided.reason not in OF_CURRENT:
                return decided
            return _now(decided, Reason.WAITING_FOR_CAR, sent_amps=sent)
        # Where it is not known whether there is a car, the reason for an idle car is reported as well.
        reason = self._visit.of_an_idle_car(now)
        tells = reason in TAKES_NOTHING
        since = self._visit.takes_nothing_since() if tells else self._visit.offered_since
        return replace(decided, reason=reason, since=since, sent_amps=sent)

    def _line_since(self, reason: Reason, facts: WallConnectorSnapshot) -> float | None:
        """Return since when something prevents every order from being carried out, where that is known."""
        if reason is Reason.CONNECTOR_ERROR:
            return self._error_since
        return facts.last_heard if reason is Reason.NOT_HEARD else None

    def _as_offered(
        self, decided: ConnectorDecision, facts: WallConnectorSnapshot, now: float
    ) -> ConnectorDecision:
        """Return the decision with what it was sent, as long as that is less."""
        sent = int(sent_to(facts))
        if facts.charging and self._visit.is_kept_low(now) and sent < decided.amps:
            # Amps that are kept for others have to become free first.
            return replace(decided, amps=sent, follows_amps=decided.amps)
        if self._visit.waits_for_raise(now) and sent < decided.amps:
            return replace(decided, sent_amps=sent)
        return decided

    def _begins_all_the_same(self, facts: WallConnectorSnapshot, now: float) -> Reason | None:
        """Return why a car that shall not charge is offered current that it may begin with, if it is."""
        is_offered = bool(facts.plugged_in) and not facts.contactor_open and bool(_offered(facts))
        if is_offered and facts.stop is StopState.ESTABLISHING:
            return Reason.ESTABLISHING
        if not self._visit.begins_unasked:
            return None
        came = facts.plugged_in_since
        is_new = came is not None and now - came < STARTS_WITHIN_SECONDS
        return Reason.ESTABLISHING if is_new else Reason.CANNOT_STOP

    def _of_the_line(
        self, reason: Reason, facts: WallConnectorSnapshot, phase: BusPhase, order: int | None, now: float
    ) -> Reason | None:
        """Return what prevents every order from being carried out, if anything does; ``reason``: why it was given."""
        if phase is BusPhase.MUTED:
            return Reason.OTHER_CONTROLLER
        if facts.presence is Presence.LOST or facts.problem is Problem.LOST:
            return Reason.NOT_HEARD
        if order is not None and _is_left_alone(facts, now) and not _is_off(reason, facts, order):
            return Reason.NOT_CONNECTED
        if self._error_since is not None and now - self._error_since >= CONNECTOR_ERROR_SECONDS:
            return Reason.CONNECTOR_ERROR
        return None


def _now(decided: ConnectorDecision, reason: Reason, **more: Any) -> ConnectorDecision:
    """Return the decision with another reason, of which nobody asks since when it holds, and ``more`` that is new."""
    return replace(decided, reason=reason, since=None, **more)


def _stopping(decided: ConnectorDecision) -> ConnectorDecision:
    """Return the decision to stop of a car that still draws current: whatever it will wait for, it does not yet."""
    return _now(decided, Reason.STOPPING, stops_for=decided.reason)


def _resting(decided: ConnectorDecision, facts: WallConnectorSnapshot) -> ConnectorDecision:
    """Return the decision of one whose contactor has to stay open for a while, with the end of that."""
    ends = {} if facts.rest_ends_at is None else {"minimum_off_left": facts.rest_ends_at}
    timers = {name: at for name, at in decided.timers.items() if name != "starts_in"}
    return _now(decided, Reason.RESTING, timers={**timers, **ends})


def _rests_longer(decided: ConnectorDecision, facts: WallConnectorSnapshot) -> bool:
    """Whether its contactor has to stay open for longer than its car would wait for the sun.

    When it would begin is not known while the sun is not enough for that, or not certain for a moment.
    """
    if not facts.contactor_rests or facts.rest_ends_at is None:
        return False
    return facts.rest_ends_at > decided.timers.get("starts_in", inf)


def _is_left_alone(facts: WallConnectorSnapshot, now: float) -> bool:
    """Whether it gets no heartbeats, and its last report is too old to go by."""
    recent = facts.last_heard is not None and now - facts.last_heard < OLD_SECONDS
    return facts.presence in _NOT_SERVED and not recent


def _is_off(reason: Reason, facts: WallConnectorSnapshot, order: int) -> bool:
    """Whether its owner wants no current there, so that it waits for no amps."""
    return order == 0 and reason in BY_OWNER and facts.problem not in _DREW_TOO_MUCH


def _offered(facts: WallConnectorSnapshot) -> int:
    """Return the A that it is offered, whatever was decided."""
    return max(facts.commanded_amps or 0, int(facts.offered_amps or 0.0))


def _not_stopped(
    decided: ConnectorDecision, facts: WallConnectorSnapshot, *, can_stop: bool, car_is_told: bool
) -> ConnectorDecision:
    """Return the decision to stop with the reason why current still flows."""
    offered = _offered(facts)
    if facts.stop is StopState.ESTABLISHING:
        return _now(decided, Reason.ESTABLISHING, amps=offered)
    if facts.stop is StopState.HOLDING and not car_is_told:
        return _now(decided, Reason.CANNOT_STOP, amps=offered)
    if not can_stop:
        # The minimum at which it will be held leaves with its next heartbeat.
        return _now(decided, Reason.CANNOT_STOP, amps=facts.minimum_amps)
    return _stopping(decided)
