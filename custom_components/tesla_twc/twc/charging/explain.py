"""Explains a decision: its reason, every term that led to the amps, and the waiting times, by name.

The reason is there at once. Terms and times are worked out when somebody reads them: of all decisions few are read.
"""

from dataclasses import replace
from math import inf
from typing import NamedTuple

from ..bus.snapshot import Presence
from .decision import ConnectorDecision, FuseState, Plan, Share
from .grounds import Grounds, SunThere
from .inputs import ConnectorInput
from .main_fuse.conductor import FuseView
from .reason import Reason
from .surplus.hidden_sun import ZERO_WATTS
from .wear import Wear
from .when_read import WhenRead

DOUBTED_WATTS = 300.0
"""While there may be so much more than is told, no surplus is told; slow sun does not rise by that within seconds."""

_SHORT_OF_SUN = frozenset({Reason.WAITING_FOR_SURPLUS, Reason.ABOUT_TO_STOP})
_STALE = frozenset(
    {Reason.STALE_INPUT_WAITING, Reason.STALE_INPUT_HELD, Reason.STALE_INPUT_MINIMUM}
    | {Reason.STALE_INPUT_PAUSED, Reason.STALE_INPUT_FIXED}
)


class _Case(NamedTuple):
    """One wall connector, with what was decided for it and why."""

    one: ConnectorInput
    grounds: Grounds
    reason: Reason
    sun: SunThere
    phases: int
    circuit_amps: int
    wear: Wear

    @property
    def plan(self) -> Plan:
        return self.grounds.limited.plans[self.one.facts.twcid]

    @property
    def order(self) -> int | None:
        return self.grounds.limited.orders[self.one.facts.twcid]


def explain(
    one: ConnectorInput, grounds: Grounds, sun: SunThere, *, phases: int, circuit_amps: int, wear: Wear
) -> ConnectorDecision:
    """Return the decision for one wall connector, as far as the main fuse and the circuit left it its plan.

    ``phases``: how many its car loads. ``circuit_amps``: the limit of its circuit.
    """
    twcid, limited = one.facts.twcid, grounds.limited
    plan, order = limited.plans[twcid], limited.orders[twcid]
    reason = _reason(one, plan, order, grounds)
    case = _Case(one, grounds, reason, sun, phases, circuit_amps, wear)
    return ConnectorDecision(
        # A car that gets its amps by order limits itself below what a wall connector can offer.
        amps=min(order or 0, plan.amps),
        charge=bool(order),
        reason=reason,
        by_fuse=twcid in limited.left_alone,
        terms=WhenRead(_terms, case),
        timers=WhenRead(_timers, case),
        since=_since(reason, sun),
    )


def _terms(case: _Case) -> dict[str, float | str | None]:
    one, grounds, reason = case.one, case.grounds, case.reason
    twcid, limited, plan, order = one.facts.twcid, grounds.limited, case.plan, case.order
    terms: dict[str, float | str | None] = {
        "mode": one.mode.value,
        "planned_current": plan.amps,
        "current_limit": one.limit_amps if one.owner_limit_amps is None else one.owner_limit_amps,
        "minimum_current": one.minimum_amps,
        "highest_current": one.facts.maximum_amps,
        "drawn_current": None if one.facts.drawn_amps is None else round(one.facts.drawn_amps, 1),
        "circuit_limit": case.circuit_amps,
        "priority": one.priority,
        "phases": case.phases,
        "silent_stops": case.wear.silent_stops,
    }
    if one.then_mode is not None:
        terms["then_mode"] = one.then_mode.value
    if (outside := limited.outside.get(twcid)) is not None:
        terms |= {
            "planned_current": outside.planned_amps,
            "ceiling": outside.amps,
            "ceiling_source": outside.source,
        }
    if (fuse_amps := limited.fuse_amps(one)) is not None:
        terms["fuse_limit"] = _fuse_limit(one, order, fuse_amps)
    terms |= _sun_terms(one, case.sun, grounds)
    if reason is Reason.LESS_THAN_CAR_NEEDS:
        terms["car_minimum"] = one.car_minimum_amps
    is_held = reason is Reason.HELD_BY_FUSE
    # What it leaves at this moment is told where it does not hold the car.
    if (not is_held or not order) and (fuse_left := limited.fuse_left(one)) is not None:
        terms["fuse_limit"] = _fuse_limit(one, order, fuse_left)
    if is_held:
        fuse = grounds.fuse
        terms |= {
            "fuse_phase": None if fuse.phase is None else f"L{fuse.phase}",
            "fuse_house": None if fuse.house_amps is None else round(fuse.house_amps, 1),
        }
    return terms


def _sun_terms(one: ConnectorInput, sun: SunThere, grounds: Grounds) -> dict[str, float | str | None]:
    """Return what is told of the surplus, and of what one car may use of it."""
    site, share = grounds.site, sun.share
    terms: dict[str, float | str | None] = {}
    if grounds.told_watts is not None and grounds.is_fresh:
        terms |= grounds.balance_terms
        if share is not None and not _is_hidden(one, share, grounds):
            # A share counts what the cars may draw; what is told of it, what they were measured to draw.
            terms["share"] = round(max(0.0, min(share.likely_watts, grounds.told_watts)))
    if share is not None:
        terms |= {
            "share_low": round(share.low_watts),
            "share_high": round(share.high_watts),
            "watts_per_ampere": round(share.watts_per_ampere),
            "grid_share": site.pace.grid_share,
            "few_starts": site.pace.few_starts,
        }
        if share.battery_first:
            terms["battery_first"] = site.battery_first_soc
    terms |= sun.terms
    return terms


def _is_hidden(one: ConnectorInput, share: Share, grounds: Grounds) -> bool:
    """Whether nobody can tell what of the surplus is for it."""
    # Where nothing may be exported, a grid at zero hides what the sun could give.
    if grounds.site.seeks_hidden_sun and abs(grounds.trusted.values.get("grid", inf)) <= ZERO_WATTS:
        return True
    # For some seconds there is clearly more sun, or a car has fallen; or the meter tells of its own rise already.
    is_short = share.likely_watts < one.minimum_amps * share.watts_per_ampere
    there_may_be = share.high_watts if one.facts.charging else share.low_watts
    return is_short and share.likely_watts < there_may_be - DOUBTED_WATTS


def _timers(case: _Case) -> dict[str, float]:
    """Return when its waiting times end, future ones only."""
    grounds, plan, is_held = case.grounds, case.plan, case.reason is Reason.HELD_BY_FUSE
    timers = dict(case.sun.timers)
    if plan.charge or is_held:
        # One that charges since it was plugged in has begun; and however much sun there is, no car begins without room.
        timers.pop("starts_in", None)
    if is_held:
        rises_at = grounds.fuse.rises_at(case.one.facts.twcid)
        if plan.charge and rises_at is not None:
            timers["fuse_rises_in"] = rises_at
        if not plan.charge and plan.next_at is not None:
            timers["fuse_rest_left"] = plan.next_at
    return {name: at for name, at in timers.items() if grounds.now < at < inf}


def _since(reason: Reason, sun: SunThere) -> float | None:
    """Return since when the reason holds, where that is known."""
    if reason in _SHORT_OF_SUN:
        return sun.short_since
    return sun.stale_since if reason in _STALE else None


def _fuse_limit(one: ConnectorInput, order: int | None, fuse_amps: int) -> int:
    """Return what the fuse leaves: not less than a car keeps, for it gives no more until there is room for some time.

    A car that cannot stop keeps the minimum whatever is left.
    """
    kept = order or 0
    return max(fuse_amps, kept) if one.can_stop or kept > one.minimum_amps else fuse_amps


def _reason(one: ConnectorInput, plan: Plan, order: int | None, grounds: Grounds) -> Reason:
    """Return the reason of the plan, or which limit left less than the plan."""
    waits = order is None and (plan.charge or plan.reason is Reason.NO_CAR)
    if waits and plan.reason is not Reason.HELD_BY_FUSE:
        if one.facts.plugged_in:
            return Reason.WAITING_FOR_TURN
        # A wall connector without heartbeats does not report a car that arrives.
        is_empty = one.facts.plugged_in is False and one.facts.presence is Presence.LINKED
        return Reason.NO_CAR if is_empty else Reason.NOT_WATCHED
    if plan.charge and order is not None and order < plan.amps and plan.reason is not Reason.NO_CAR:
        return Reason.HELD_BY_FUSE if _is_held_by_fuse(one, order, grounds) else Reason.HELD_BY_CIRCUIT
    return plan.reason


def _is_held_by_fuse(one: ConnectorInput, order: int, grounds: Grounds) -> bool:
    """Whether it is the main fuse that leaves no more than ``order`` of the plan, in A."""
    limited, twcid = grounds.limited, one.facts.twcid
    if twcid in limited.full_by_circuit and grounds.fuse.state not in _BLIND:
        return False
    fuse_amps = limited.fuse_amps(one)
    # What another car gives back is left for it a moment before it gets it: no circuit is full meanwhile.
    return fuse_amps is not None and (fuse_amps <= order or twcid in limited.kept_by_fuse)


def of_limits(shown: ConnectorDecision, one: ConnectorInput, grounds: Grounds) -> ConnectorDecision:
    """Say of a car that is held back which feeder is full, and what is known of the limit that holds it."""
    twcid = one.facts.twcid
    if shown.reason in (Reason.HELD_BY_CIRCUIT, Reason.WAITING_FOR_TURN):
        feeder = grounds.limited.full_feeders.get(twcid)
        return shown if feeder is None else _with_feeder(shown, feeder)
    if Reason.HELD_BY_FUSE in (shown.reason, shown.stops_for):
        return of_guard(shown, grounds.fuse, one.circuit, grounds.limited.behind(twcid))
    return shown


_BLIND = {
    FuseState.SILENT: (Reason.STALE_INPUT_MINIMUM, Reason.STALE_INPUT_WAITING),
    FuseState.FAULTY: (Reason.NOT_BELIEVED_MINIMUM, Reason.NOT_BELIEVED_WAITING),
}
"""What is said instead of a full main fuse, by what its guard does: of a car that charges, and of one that waits."""


def of_guard(shown: ConnectorDecision, fuse: FuseView, circuit: str, feeder: str | None) -> ConnectorDecision:
    """Say of a car that a guard holds back what is known: a main fuse is full only if its sensors say so.

    A ``circuit`` is guarded in the same way where other loads on it are measured. ``feeder``: the one with sensors that
    leaves it the least.
    """
    if shown.stops_for is Reason.HELD_BY_FUSE:
        cause = replace(shown, reason=shown.stops_for, stops_for=None)
        return replace(shown, stops_for=of_guard(cause, fuse, circuit, feeder).reason)
    if shown.reason is not Reason.HELD_BY_FUSE:
        return shown
    state = fuse.state
    if feeder is not None:
        shown = _with_feeder(shown, feeder)
        state = fuse.feeder_states[feeder]
        if state not in _BLIND:
            return replace(shown, reason=Reason.HELD_BY_CIRCUIT)
    if state not in _BLIND:
        if fuse.phase is not None:
            return shown
        # Only other loads are measured.
        if circuit not in fuse.others_silent:
            return replace(shown, reason=Reason.HELD_BY_CIRCUIT, since=None)
        state = FuseState.SILENT
    charging, waiting = _BLIND[state]
    return replace(shown, reason=charging if shown.charge else waiting, since=None)


def _with_feeder(shown: ConnectorDecision, feeder: str) -> ConnectorDecision:
    return replace(shown, terms=WhenRead(lambda: {**shown.terms, "feeder": feeder}))
