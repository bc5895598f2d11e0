"""Sheds load for the main fuse: stops cars whose minimum does not fit, and lets them return when there is lasting room.

A stop wears the contactor, and some cars refuse to start after a few stops without an order (protocol.md 3.8). So a
stopped car returns only if there has been room for it beside all others for some time, and this time doubles with every
stop soon after a return. The stops survive a restart; otherwise every restart would close the contactor again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import inf

from ...protocol.codes import TwcId
from ..circuit.demand import BEGINS_WITHIN_SECONDS
from ..decision import Plan
from ..inputs import ConnectorInput
from .cars import OPENS_SECONDS
from .conductor import FuseView, Purpose
from .idle_offers import SOON_BEGINS, IdleOffers, IdleRoom, stopped
from .room_left import RoomLeft

HOLDS_MINIMUM_SECONDS = 60.0
"""How long one that cannot be stopped keeps the minimum in an overload if the heat of a breaker is unknown."""
SPENT, URGENT = 0.5, 0.65
"""The heat that a breaker may have when the contactor of a car without heartbeats has opened."""
OBEYS_SECONDS = 20.0
"""A car that still draws after this time does not obey an order to stop."""
NEXT_SECONDS = 45.0
"""After one car lost its heartbeats the next one waits for this time, until the meter shows the result."""
SHED_REST_SECONDS = 300.0
"""There must have been room for this time before a stopped car returns (protocol.md 6.1); twice as long after the
second stop, and so on. Time without room counts twice against it, and time without readings does not count."""
LONGEST_REST_SECONDS = 3600.0
"""The longest such time, however many stops there were."""
FORGIVEN_SECONDS = 3600.0
"""After each such time without a stop, one earlier stop of a car no longer counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FuseStop:
    """A stopped car that waits, in the form that survives a restart."""

    left_alone: bool
    times: int


@dataclass(slots=True)
class _Stop:
    """A car that was stopped for the main fuse."""

    left_alone: bool
    """Whether it was stopped by ending its heartbeats."""
    times: int
    """The number of stops that count."""
    at: float = -inf
    rested: float = 0.0
    """For how many s there has been room for it, less the time without room."""
    has_room: bool | None = None
    """Whether there was room at the last decision; None if unknown."""
    seen_at: float = 0.0
    let_in_at: float | None = None
    """When it returned; None while it waits."""

    @property
    def waits(self) -> bool:
        return self.let_in_at is None

    @property
    def ends_at(self) -> float:
        """When it returns if there is room until then."""
        if not self.has_room:
            return inf
        doubled = SHED_REST_SECONDS * 2.0 ** min(self.times - 1, 10)
        return self.seen_at + min(LONGEST_REST_SECONDS, doubled) - self.rested

    def rest(self, now: float, *, has_room: bool | None) -> None:
        """Count the time since the last decision, and note whether there is room now."""
        if self.has_room is not None:
            passed = now - self.seen_at
            self.rested = max(0.0, self.rested + (passed if self.has_room else -2.0 * passed))
        self.has_room, self.seen_at = has_room, now


@dataclass(slots=True)
class _SheddingPass:
    """The result of load shedding in one decision, built up in the order of the cars."""

    plans: dict[TwcId, Plan]
    room_now: RoomLeft
    """The room in which no car has to be stopped."""
    lasting_room: RoomLeft
    room_beside: RoomLeft
    """The room now, beside cars that have just been offered their first current."""
    takers: dict[TwcId, float] = field(default_factory=dict)
    """What the served cars need at least, in A."""
    overload: list[TwcId] = field(default_factory=list)
    """The cars for which there is no room and that cannot be stopped."""

    def serve(self, twcid: TwcId, needs: float) -> None:
        """Leave one car what it needs, in A, before those behind it in line."""
        self.takers[twcid] = needs
        self.room_now.take(twcid, needs)
        self.lasting_room.take(twcid, needs)
        self.room_beside.take(twcid, needs)


class LoadShedding:
    """Stops and readmits the cars of one bus for the main fuse. Amps are A per phase."""

    def __init__(self, remembered: Mapping[TwcId, FuseStop] | None = None) -> None:
        """Take the stopped cars from before a restart."""
        self._stops = {
            twcid: _Stop(stop.left_alone, stop.times) for twcid, stop in (remembered or {}).items()
        }
        self._idle = IdleOffers()
        self._began_at: dict[TwcId, float] = {}
        """Since when each car has been charging."""
        self._overloaded_since: float | None = None
        self._left_at = -inf
        self._times: list[float] = []

    def remembered(self) -> dict[TwcId, FuseStop]:
        """Return the stopped cars that wait."""
        return {
            twcid: FuseStop(left_alone=stop.left_alone, times=stop.times)
            for twcid, stop in self._stops.items()
            if stop.waits
        }

    @property
    def left_alone(self) -> frozenset[TwcId]:
        """The wall connectors that get no heartbeats because of the main fuse."""
        waiting = {twcid for twcid, stop in self._stops.items() if stop.left_alone and stop.waits}
        return self._idle.left_alone.union(waiting)

    @property
    def next_at(self) -> float | None:
        """When the next tolerated overload or rest ends."""
        times = [stop.ends_at for stop in self._stops.values() if stop.waits and stop.ends_at < inf]
        return min(times + self._times + self._idle.times, default=None)

    def shed(
        self,
        connectors: Mapping[TwcId, ConnectorInput],
        plans: Mapping[TwcId, Plan],
        view: FuseView,
        now: float,
    ) -> tuple[dict[TwcId, Plan], dict[TwcId, float]]:
        """Stop cars whose minimum does not fit, and keep them stopped until there is lasting room.

        Returns the plans, and what each served car needs at least, in A. The lowest priority is stopped first, and
        among equals the car that began last. Cars that cannot be stopped keep the minimum as long as the breaker can
        carry it; cars that can be stopped make room for them.
        """
        if not view.conductors:
            self._stops.clear()
            self._idle.clear()
            self._began_at.clear()
            self._overloaded_since = None
            return dict(plans), {}
        self._times = []
        self._idle.begin(connectors)
        self._note_charging(connectors, now)
        shedding = _SheddingPass(
            dict(plans),
            room_now=RoomLeft(view, {}, Purpose.LOWER, stop=True),
            lasting_room=RoomLeft(view, {}, Purpose.RAISE),
            room_beside=RoomLeft(view, {}, Purpose.LOWER, stop=True),
        )
        for twcid in sorted(plans, key=lambda twcid: self._place(connectors[twcid])):
            self._serve(twcid, connectors[twcid], shedding, view, now)
        for twcid in self._shed_overload(shedding, view, now):
            shedding.plans[twcid] = stopped(shedding.plans[twcid])
            shedding.takers.pop(twcid, None)
        self._idle.end(plans)
        return shedding.plans, shedding.takers

    def _serve(
        self, twcid: TwcId, one: ConnectorInput, shedding: _SheddingPass, view: FuseView, now: float
    ) -> None:
        """Decide whether one car is served beside those before it in line."""
        plan, needs = shedding.plans[twcid], self._needs(one, now)
        fits = shedding.room_now.of(twcid) >= needs
        if self._is_stopped(twcid) and self._rests(twcid, needs, shedding, view, now):
            stop = self._stops[twcid]
            if one.facts.charging or plan.charge or plan.reason in SOON_BEGINS:
                shedding.plans[twcid] = stopped(plan, stop.ends_at)
            if one.facts.charging and not stop.left_alone:
                # It was told to stop, and still draws until it does.
                shedding.serve(twcid, needs)
                if not fits and self._does_not_end(one, now):
                    shedding.overload.append(twcid)
        elif one.facts.charging and not plan.charge and one.can_stop:
            # Its plan ends the charge, and until it has ended its current is not given to others.
            shedding.serve(twcid, needs)
            if one.facts.disobeys and not fits:
                shedding.overload.append(twcid)
        elif not self._takes(one, plan, now):
            lasts = shedding.lasting_room.of(twcid) >= needs
            beside = shedding.room_beside.of(twcid) >= needs
            room = IdleRoom(fits=fits, lasts=lasts, beside=beside)
            shedding.plans[twcid] = self._idle.follow(one, plan, room, now)
            if self._idle.may_begin(one, now):
                shedding.room_beside.take(twcid, needs)
        elif fits:
            self._idle.forget(twcid)
            shedding.serve(twcid, needs)
        elif one.can_stop and view.is_borne(twcid, shedding.takers, needs):
            shedding.serve(twcid, needs)
        elif one.can_stop:
            self._stop(twcid, now, left_alone=False)
            shedding.plans[twcid] = stopped(plan)
        else:
            shedding.serve(twcid, needs)
            shedding.overload.append(twcid)

    def _needs(self, one: ConnectorInput, now: float) -> float:
        """Return what a car takes at least, in A: the minimum of its wall connector, or all that it does not end."""
        # A wall connector cannot be offered less than its own minimum, whatever its car could be told.
        least = float(one.facts.minimum_amps)
        if one.facts.disobeys or self._does_not_end(one, now):
            least = max(least, one.facts.drawn_amps or 0.0)
        return least * one.facts.units

    def _does_not_end(self, one: ConnectorInput, now: float) -> bool:
        """Whether a car that was told to stop draws on, though it has had the time to obey or is known not to."""
        twcid = one.facts.twcid
        if not self._is_stopped(twcid) or not one.facts.charging:
            return False
        return one.facts.disobeys or now >= self._stops[twcid].at + OBEYS_SECONDS

    def _note_charging(self, connectors: Mapping[TwcId, ConnectorInput], now: float) -> None:
        charging = {twcid for twcid, one in connectors.items() if one.facts.charging}
        self._began_at = {
            twcid: self._began_at.get(twcid, now) for twcid in charging if not self._is_stopped(twcid)
        }
        for twcid in self._stops.keys() - connectors.keys():
            # What an absent one will need is unknown.
            self._stops[twcid].rest(now, has_room=None)
        for twcid, one in connectors.items():
            if one.facts.plugged_in is False:
                # The car that was stopped is gone.
                self._stops.pop(twcid, None)

    def _place(self, one: ConnectorInput) -> tuple[bool, int, float]:
        """Return the place in the order: first cars that charge and cannot be stopped, then priority and begin."""
        twcid = one.facts.twcid
        in_any_case = bool(one.facts.charging) and not one.can_stop and not self._is_stopped(twcid)
        return not in_any_case, -one.priority, self._began_at.get(twcid, inf)

    def _is_stopped(self, twcid: TwcId) -> bool:
        return twcid in self._stops and self._stops[twcid].waits

    def _takes(self, one: ConnectorInput, plan: Plan, now: float) -> bool:
        """Whether it loads the main fuse: it charges and will not end, or has just returned and may begin."""
        if one.facts.charging:
            return plan.charge or not one.can_stop
        stop = self._stops.get(one.facts.twcid)
        let_in_at = None if stop is None else stop.let_in_at
        return plan.charge and let_in_at is not None and now < let_in_at + BEGINS_WITHIN_SECONDS

    def _rests(self, twcid: TwcId, needs: float, shedding: _SheddingPass, view: FuseView, now: float) -> bool:
        """Count the rest of a stopped car; return whether it stays stopped or has had room for long enough."""
        stop, lasts = self._stops[twcid], shedding.lasting_room.of(twcid) >= needs
        stop.rest(now, has_room=lasts or (None if view.is_unsure_of(twcid) else False))
        if now < stop.ends_at:
            return True
        stop.let_in_at = now
        return False

    def _stop(self, twcid: TwcId, now: float, *, left_alone: bool) -> None:
        before, times = self._stops.get(twcid), 1
        if before is not None and before.waits:
            before.left_alone, before.rested = left_alone, 0.0
            return
        if before is not None and before.let_in_at is not None:
            times = max(1, before.times + 1 - int((now - before.let_in_at) / FORGIVEN_SECONDS))
        self._stops[twcid] = _Stop(left_alone, times, now)
        self._began_at.pop(twcid, None)

    def _shed_overload(self, shedding: _SheddingPass, view: FuseView, now: float) -> Iterable[TwcId]:
        """Return which cars that cannot be stopped lose their heartbeats, as the breaker cannot carry them longer.

        This is the last in line, and further ones only if there is no time to wait for its effect.
        """
        if not shedding.overload:
            self._overloaded_since = None
            return ()
        since = now if self._overloaded_since is None else self._overloaded_since
        self._overloaded_since = since
        ended = list[TwcId]()
        for twcid in reversed(shedding.overload):
            ends_at, urgent_at = self._borne_until(twcid, shedding, view, since, now)
            may_end = not ended and now >= self._left_at + NEXT_SECONDS and now >= ends_at
            if may_end or now >= urgent_at:
                self._stop(twcid, now, left_alone=True)
                self._left_at = now
                ended.append(twcid)
            elif ends_at < inf:
                self._times.append(max(ends_at, now + 1.0))
        return ended

    @staticmethod
    def _borne_until(
        twcid: TwcId, shedding: _SheddingPass, view: FuseView, since: float, now: float
    ) -> tuple[float, float]:
        """Return when a car that cannot be stopped has to lose its heartbeats, and when that is urgent.

        The load with all cars at their minimum counts; what they draw until then is already in the heat.
        """
        ends_at = urgent_at = inf
        for one in view.of(twcid):
            if one.stop_limit is None or one.starting:
                continue
            room = one.room(twcid, shedding.takers, Purpose.LOWER, stop=True)
            too_much = shedding.takers[twcid] - room
            if too_much <= 0.0:
                continue
            if one.phase is None:
                ends_at = min(ends_at, since + HOLDS_MINIMUM_SECONDS)
                continue
            flows = one.stop_limit + too_much
            ends_at = min(ends_at, now + one.borne_for(flows, SPENT) - OPENS_SECONDS)
            urgent_at = min(urgent_at, now + one.borne_for(flows, URGENT) - OPENS_SECONDS)
        return ends_at, urgent_at
