"""What the main fuse makes of the plans: who is stopped for it, who is borne for a while, who is left alone in the end.

A stop wears a contactor, and under a car that was not told of it patience as well: some refuse after a few (protocol.md
3.8). So whoever was stopped comes back into room that lasts, beside all those that are served, and waits longer each
time it was in vain. This survives a restart, or every restart would close the contactor anew.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import inf

from ..protocol.codes import ProtocolVersion, TwcId
from .claim import UNUSED_SECONDS
from .decision import ConnectorInput, Reason
from .fuse import FuseView, View
from .fuse_cars import OPENS_SECONDS
from .pilot import Plan

PATIENCE_SECONDS = 60.0
"""A wall connector that cannot be stopped holds the minimum so long where nothing tells how warm a breaker is."""
SPENT, URGENT = 0.5, 0.65
"""So much of what a breaker bears may be used when the contactor of a car that is left alone has opened."""
OBEYS_SECONDS = 20.0
"""A car that still draws so long after it was stopped does not obey."""
NEXT_SECONDS = 45.0
"""So long after one car was left alone the meter has shown it; another one waits for that, unless it is urgent."""
REST_SECONDS = 300.0
"""There must have been room for so long before a car that was stopped for the fuse comes back (protocol.md 6.1); twice
as long after the second stop, and so on. A time without room counts twice against it, one in which nobody knows
does not."""
LONGEST_REST_SECONDS = 3600.0
FORGIVEN_SECONDS = 3600.0
"""For each time that a car was served for so long, one of its stops no longer counts."""
EMPTY_SECONDS = 10.0
"""Without room for so long, a wall connector without a car is taken its offer, so that the next car does not begin."""
WELCOME_SECONDS = 20.0
"""With room for so long it has one again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FuseStop:
    """A car that the fuse stopped and that waits, as it survives a restart."""

    left_alone: bool
    times: int


@dataclass(slots=True)
class _Stop:
    """A car that the fuse stopped."""

    left_alone: bool
    """Whether it had to be left without heartbeats."""
    times: int
    """How often, one stop soon after the other."""
    at: float = -inf
    rested: float = 0.0
    """For how many s there has been room for it."""
    has_room: bool | None = None
    """Whether there was room when it was last looked at; None if nobody knew."""
    seen_at: float = 0.0
    let_in_at: float | None = None
    """When it was let in again; None while it waits."""

    @property
    def waits(self) -> bool:
        return self.let_in_at is None

    @property
    def ends_at(self) -> float:
        """When it is let in if there is room until then."""
        if not self.has_room:
            return inf
        doubled = REST_SECONDS * 2.0 ** min(self.times - 1, 10)
        return self.seen_at + min(LONGEST_REST_SECONDS, doubled) - self.rested

    def rest(self, now: float, *, has_room: bool | None) -> None:
        """Let time pass, and note whether there is room now."""
        if self.has_room is not None:
            passed = now - self.seen_at
            self.rested = max(0.0, self.rested + (passed if self.has_room else -2.0 * passed))
        self.has_room, self.seen_at = has_room, now


@dataclass(slots=True)
class _Empty:
    """A wall connector without a current, for which there is or was no room."""

    closed: bool = False
    """Whether it is kept without an offer."""
    left_alone: bool = False
    """Whether that takes leaving it without heartbeats."""
    changes_since: float | None = None
    """Since when the other is right."""


@dataclass(slots=True)
class _Look:
    """One look at all cars, the first in line first."""

    plans: dict[TwcId, Plan]
    takers: dict[TwcId, float] = field(default_factory=dict)
    """What those that are served need at least, in A."""
    overload: list[TwcId] = field(default_factory=list)
    """Those for which there is no room and that cannot be stopped."""


class FuseDuty:
    """Remembers whom of one bus the main fuse stopped. Amps are A per phase."""

    def __init__(self, remembered: Mapping[TwcId, FuseStop] | None = None) -> None:
        """Take who waited before a restart."""
        self._stops = {
            twcid: _Stop(stop.left_alone, stop.times) for twcid, stop in (remembered or {}).items()
        }
        self._empty: dict[TwcId, _Empty] = {}
        self._began_at: dict[TwcId, float] = {}
        """Since when each car has been charging."""
        self._overloaded_since: float | None = None
        self._left_at = -inf
        self._times: list[float] = []

    def remembered(self) -> dict[TwcId, FuseStop]:
        """Return who waits."""
        return {
            twcid: FuseStop(left_alone=stop.left_alone, times=stop.times)
            for twcid, stop in self._stops.items()
            if stop.waits
        }

    @property
    def left_alone(self) -> frozenset[TwcId]:
        """Whoever gets no heartbeats for the sake of the fuse."""
        stopped = {twcid for twcid, stop in self._stops.items() if stop.left_alone and stop.waits}
        empty = {twcid for twcid, one in self._empty.items() if one.closed and one.left_alone}
        return frozenset(stopped | empty)

    @property
    def next_at(self) -> float | None:
        """When patience or a rest ends."""
        times = [stop.ends_at for stop in self._stops.values() if stop.waits and stop.ends_at < inf]
        return min(times + self._times, default=None)

    def shed(
        self,
        connectors: Mapping[TwcId, ConnectorInput],
        plans: Mapping[TwcId, Plan],
        view: FuseView,
        now: float,
    ) -> tuple[dict[TwcId, Plan], dict[TwcId, float]]:
        """Stop whoever's minimum does not fit, and keep them stopped until there is lasting room for it.

        Returns the plans, and what each of those that are served needs at least, in A. The lowest priority goes first,
        among equals whoever began last. Those that cannot be stopped hold the minimum as long as the breaker bears it,
        and whoever can be stopped makes room for them.
        """
        if not view.conductors:
            self._stops.clear()
            self._empty.clear()
            self._began_at.clear()
            self._overloaded_since = None
            return dict(plans), {}
        self._times = []
        self._note_charging(connectors, now)
        look = _Look(dict(plans))
        for twcid in sorted(plans, key=lambda twcid: self._place(connectors[twcid])):
            self._serve(twcid, connectors[twcid], look, view, now)
        for twcid in self._end_patience(look, view, now):
            look.plans[twcid] = _stopped(look.plans[twcid])
            look.takers.pop(twcid, None)
        return look.plans, look.takers

    def _serve(self, twcid: TwcId, one: ConnectorInput, look: _Look, view: FuseView, now: float) -> None:
        """Find out whether one car is served beside those before it in line."""
        # A wall connector cannot be offered less than its own minimum, whatever its car could be told.
        plan, needs = look.plans[twcid], float(one.facts.minimum_amps * one.facts.units)
        fits = view.room(twcid, look.takers, View.LOWER, stop=True) >= needs
        lasts = view.room(twcid, look.takers, View.RAISE) >= needs
        if self._stays_stopped(twcid, lasts or (None if view.is_unsure_of(twcid) else False), now):
            stop = self._stops[twcid]
            look.plans[twcid] = _stopped(plan, stop.ends_at)
            if one.facts.charging and not stop.left_alone:
                # It is told to stop, and draws on until it does.
                look.takers[twcid] = needs
                if now >= stop.at + OBEYS_SECONDS and not fits:
                    look.overload.append(twcid)
        elif one.facts.charging and not plan.charge and one.can_stop:
            # Its owner or the sun ends it, and until it has ended nobody else has what it draws.
            look.takers[twcid] = needs
        elif not self._takes(one, plan, now):
            self._watch_empty(twcid, one, look, now, lasts=lasts, fits=fits)
        elif fits:
            self._empty.pop(twcid, None)
            look.takers[twcid] = needs
        elif one.can_stop and view.is_borne(twcid, look.takers, needs):
            look.takers[twcid] = needs
        elif one.can_stop:
            self._stop(twcid, now, left_alone=False)
            look.plans[twcid] = _stopped(plan)
        else:
            look.takers[twcid] = needs
            look.overload.append(twcid)

    def _note_charging(self, connectors: Mapping[TwcId, ConnectorInput], now: float) -> None:
        charging = {twcid for twcid, one in connectors.items() if one.facts.charging}
        self._began_at = {
            twcid: self._began_at.get(twcid, now) for twcid in charging if not self._is_stopped(twcid)
        }
        for twcid in self._stops.keys() - connectors.keys():
            # Of one that is away nobody knows what it will need.
            self._stops[twcid].rest(now, has_room=None)
        for twcid, one in connectors.items():
            if one.facts.plugged_in is False:
                # The car that was stopped is gone.
                self._stops.pop(twcid, None)
        for twcid in self._empty.keys() - connectors.keys():
            del self._empty[twcid]

    def _place(self, one: ConnectorInput) -> tuple[bool, int, float]:
        """Return who is served first: whoever charges and cannot be stopped, for it takes its share in any case."""
        twcid = one.facts.twcid
        in_any_case = bool(one.facts.charging) and not one.can_stop and not self._is_stopped(twcid)
        return not in_any_case, -one.priority, self._began_at.get(twcid, inf)

    def _is_stopped(self, twcid: TwcId) -> bool:
        return twcid in self._stops and self._stops[twcid].waits

    def _takes(self, one: ConnectorInput, plan: Plan, now: float) -> bool:
        """Whether it takes something from the fuse: it charges and is not about to end, or was let in to begin."""
        if one.facts.charging:
            return plan.charge or not one.can_stop
        stop = self._stops.get(one.facts.twcid)
        let_in_at = None if stop is None else stop.let_in_at
        return plan.charge and let_in_at is not None and now < let_in_at + UNUSED_SECONDS

    def _stays_stopped(self, twcid: TwcId, has_room: bool | None, now: float) -> bool:
        """Whether it stays stopped: until there was room for it beside the others for long enough."""
        stop = self._stops.get(twcid)
        if stop is None or not stop.waits:
            return False
        stop.rest(now, has_room=has_room)
        if now < stop.ends_at:
            return True
        stop.let_in_at = now
        return False

    def _watch_empty(
        self, twcid: TwcId, one: ConnectorInput, look: _Look, now: float, *, lasts: bool, fits: bool
    ) -> None:
        """Keep an offer from a wall connector that draws nothing while a car that begins there finds no room.

        A car of which nobody can know how it would stop keeps its minimum: it may be full, and to leave it alone would
        wake it.
        """
        plan = look.plans[twcid]
        empty = self._empty.setdefault(twcid, _Empty())
        idle_car = one.facts.plugged_in is not False and not one.can_stop and not empty.closed
        if not plan.charge or (idle_car and not self._never_had_an_offer(one)):
            del self._empty[twcid]
            return
        right = lasts if empty.closed else fits
        if right is empty.closed:
            empty.changes_since = now if empty.changes_since is None else empty.changes_since
            patience = WELCOME_SECONDS if empty.closed else EMPTY_SECONDS
            if now >= empty.changes_since + patience:
                empty.closed, empty.changes_since = not empty.closed, None
            else:
                self._times.append(empty.changes_since + patience)
        else:
            empty.changes_since = None
        if empty.closed:
            # 0 A is an offer to a protocol-2 connector; one that was given none waits for its first (protocol.md 3.4).
            is_p2 = one.facts.version is not ProtocolVersion.P1
            no_car = one.facts.plugged_in is False
            empty.left_alone = is_p2 and (no_car or self._never_had_an_offer(one))
            reason = plan.reason if one.facts.plugged_in is False else Reason.HELD_BY_FUSE
            look.plans[twcid] = replace(_stopped(plan), reason=reason)

    @staticmethod
    def _never_had_an_offer(one: ConnectorInput) -> bool:
        return not one.facts.offered_amps and not one.facts.commanded_amps

    def _stop(self, twcid: TwcId, now: float, *, left_alone: bool) -> None:
        before, times = self._stops.get(twcid), 1
        if before is not None and before.waits:
            before.left_alone, before.rested = left_alone, 0.0
            return
        if before is not None and before.let_in_at is not None:
            times = max(1, before.times + 1 - int((now - before.let_in_at) / FORGIVEN_SECONDS))
        self._stops[twcid] = _Stop(left_alone, times, now)
        self._began_at.pop(twcid, None)

    def _end_patience(self, look: _Look, view: FuseView, now: float) -> Iterable[TwcId]:
        """Bear those that cannot stop and for which there is no room as long as the breaker does.

        Returns whom it ends for: the last in line, and the others only if there is no time to see what that brought.
        """
        if not look.overload:
            self._overloaded_since = None
            return ()
        since = now if self._overloaded_since is None else self._overloaded_since
        self._overloaded_since = since
        ended = list[TwcId]()
        for twcid in reversed(look.overload):
            ends_at, urgent_at = self._borne_until(twcid, look, view, since, now)
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
        twcid: TwcId, look: _Look, view: FuseView, since: float, now: float
    ) -> tuple[float, float]:
        """Return when a car that cannot be stopped has to be left alone, and when that is urgent.

        What counts is what flows while all of them hold their minimum; what they draw until then is in the heat.
        """
        ends_at = urgent_at = inf
        for one in view.of(twcid):
            if one.stop_limit is None or one.starting:
                continue
            room = one.room(twcid, look.takers, View.LOWER, stop=True)
            too_much = look.takers[twcid] - room
            if too_much <= 0.0:
                continue
            if one.phase is None:
                ends_at = min(ends_at, since + PATIENCE_SECONDS)
                continue
            flows = one.stop_limit + too_much
            ends_at = min(ends_at, now + one.borne_for(flows, SPENT) - OPENS_SECONDS)
            urgent_at = min(urgent_at, now + one.borne_for(flows, URGENT) - OPENS_SECONDS)
        return ends_at, urgent_at


def _stopped(plan: Plan, until: float = inf) -> Plan:
    next_at = None if until == inf else until
    return replace(plan, amps=0, charge=False, reason=Reason.HELD_BY_FUSE, next_at=next_at)
