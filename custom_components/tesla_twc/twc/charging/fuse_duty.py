"""What the main fuse makes of the plans: first less for all, then stops by priority, in the end silence.

A stop wears a contactor, and under a car that was not told of it patience as well: some refuse after a few (protocol.md
3.8). So whoever was stopped comes back into room that lasts, beside all those that are served, and waits longer each
time it was in vain.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

from ..protocol.codes import TwcId
from .claim import UNUSED_SECONDS, Claim
from .decision import ConnectorInput, Reason
from .fuse import FuseCap
from .pilot import Plan

PATIENCE_SECONDS = 60.0
"""A wall connector that cannot be stopped holds the minimum so long under an overloaded fuse; then it is left without
heartbeats and opens its contactor by itself. A breaker bears a few amps too much for minutes."""
REST_SECONDS = 300.0
"""There must have been room for so long on end before a car that was stopped for the fuse comes back (protocol.md 6.1);
twice as long after the second stop, and so on."""
LONGEST_REST_SECONDS = 3600.0
FORGOTTEN_SECONDS = 4 * 3600.0
"""A car that was served for so long is no longer one that is stopped again and again."""


@dataclass(slots=True)
class _Stop:
    """A car that the fuse stopped."""

    left_alone: bool
    """Whether it had to be left without heartbeats."""
    times: int
    """How often, one stop soon after the other."""
    room_since: float | None = None
    """Since when there has been room for it."""
    let_in_at: float | None = None
    """When it was let in again; None while it waits."""

    @property
    def waits(self) -> bool:
        return self.let_in_at is None

    @property
    def ends_at(self) -> float:
        """When it is let in if there is room until then."""
        if self.room_since is None:
            return inf
        doubled = REST_SECONDS * 2.0 ** min(self.times - 1, 10)
        return self.room_since + min(LONGEST_REST_SECONDS, doubled)


class FuseDuty:
    """Remembers whom of one bus the main fuse stopped. Amps are A per phase."""

    def __init__(self) -> None:
        """Nobody was stopped yet."""
        self._stops: dict[TwcId, _Stop] = {}
        self._began_at: dict[TwcId, float] = {}
        """Since when each car has been charging."""
        self._overloaded_since: float | None = None

    @property
    def left_alone(self) -> frozenset[TwcId]:
        """Whoever gets no heartbeats for the sake of the fuse."""
        return frozenset(twcid for twcid, stop in self._stops.items() if stop.left_alone and stop.waits)

    @property
    def next_at(self) -> float | None:
        """When patience or a rest ends."""
        times = [stop.ends_at for stop in self._stops.values() if stop.waits and stop.ends_at < inf]
        if self._overloaded_since is not None:
            times.append(self._overloaded_since + PATIENCE_SECONDS)
        return min(times, default=None)

    def shed(
        self,
        connectors: Mapping[TwcId, ConnectorInput],
        plans: Mapping[TwcId, Plan],
        cap: FuseCap,
        now: float,
    ) -> dict[TwcId, Plan]:
        """Stop whoever's minimum does not fit, and keep them stopped until there is lasting room for it.

        The lowest priority goes first, among equals whoever began last. Those that cannot be stopped hold the minimum.
        Where the phases have room for that, only that it is not given back yet, nothing has to be borne.
        """
        if cap.amps is None:
            self._stops.clear()
            self._began_at.clear()
            self._overloaded_since = None
            return dict(plans)
        self._note_charging(connectors, now)
        left, shed, overload = cap.amps, dict(plans), list[TwcId]()
        room = 0.0 if cap.room_amps is None else cap.room_amps
        for twcid in sorted(plans, key=lambda twcid: self._place(connectors[twcid])):
            one, plan = connectors[twcid], plans[twcid]
            needs = one.minimum_amps * one.facts.units
            if self._stays_stopped(twcid, left >= needs, now):
                shed[twcid] = _stopped(plan, self._stops[twcid].ends_at)
            elif not self._takes(one, plan, now) or left >= needs:
                taken = needs if self._takes(one, plan, now) else 0
                left, room = left - taken, room - taken
            elif one.can_stop:
                self._stop(twcid, now, left_alone=False)
                shed[twcid] = _stopped(plan)
            elif room >= needs:
                room -= needs
            else:
                overload.append(twcid)
        for twcid in self._end_patience(overload, now):
            shed[twcid] = _stopped(plans[twcid])
        return shed

    def _note_charging(self, connectors: Mapping[TwcId, ConnectorInput], now: float) -> None:
        charging = {twcid for twcid, one in connectors.items() if one.facts.charging}
        self._began_at = {
            twcid: self._began_at.get(twcid, now) for twcid in charging if not self._is_stopped(twcid)
        }
        for twcid in self._stops.keys() - connectors.keys():
            # Of one that is away nobody knows what it will need.
            self._stops[twcid].room_since = None

    def _place(self, one: ConnectorInput) -> tuple[int, float]:
        return -one.priority, self._began_at.get(one.facts.twcid, inf)

    def _is_stopped(self, twcid: TwcId) -> bool:
        return twcid in self._stops and self._stops[twcid].waits

    def _takes(self, one: ConnectorInput, plan: Plan, now: float) -> bool:
        """Whether it takes something from the fuse: it charges and is not about to end, or was let in to begin."""
        if one.facts.charging:
            return plan.charge or not one.can_stop
        stop = self._stops.get(one.facts.twcid)
        let_in_at = None if stop is None else stop.let_in_at
        return plan.charge and let_in_at is not None and now < let_in_at + UNUSED_SECONDS

    def _stays_stopped(self, twcid: TwcId, fits: bool, now: float) -> bool:
        """Whether it stays stopped: until there was room for it beside the others for long enough."""
        stop = self._stops.get(twcid)
        if stop is None or not stop.waits:
            return False
        if not fits:
            stop.room_since = None
            return True
        stop.room_since = now if stop.room_since is None else stop.room_since
        if now < stop.ends_at:
            return True
        stop.let_in_at = now
        return False

    def _stop(self, twcid: TwcId, now: float, *, left_alone: bool) -> None:
        before, times = self._stops.get(twcid), 1
        if before is not None and before.let_in_at is not None:
            times = before.times + 1 if now < before.let_in_at + FORGOTTEN_SECONDS else 1
        self._stops[twcid] = _Stop(left_alone, times)
        self._began_at.pop(twcid, None)

    def _end_patience(self, overload: Sequence[TwcId], now: float) -> Sequence[TwcId]:
        """Bear those that cannot stop and for which there is no room for a while; return whom it ends for."""
        if not overload:
            self._overloaded_since = None
            return ()
        if self._overloaded_since is None:
            self._overloaded_since = now
        if now < self._overloaded_since + PATIENCE_SECONDS:
            return ()
        self._overloaded_since = None
        for twcid in overload:
            self._stop(twcid, now, left_alone=True)
        return overload

    @staticmethod
    def capacity_amps(circuit_amps: int, claims: Sequence[Claim], cap: FuseCap) -> int:
        """Return what the claims share: the circuit, or what the fuse leaves, but at least what they need.

        Whoever needs too much was stopped, is borne for a while, or is left alone; those without current take nothing.
        """
        if cap.amps is None:
            return circuit_amps
        return min(circuit_amps, max(int(cap.amps), sum(claim.need_amps for claim in claims)))


def _stopped(plan: Plan, until: float = inf) -> Plan:
    next_at = None if until == inf else until
    return replace(plan, amps=0, charge=False, reason=Reason.HELD_BY_FUSE, next_at=next_at)
