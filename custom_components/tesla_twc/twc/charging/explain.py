"""Explains a decision: its reason, every term that led to the amps, and the waiting times, by name."""

from collections.abc import Mapping
from dataclasses import replace
from math import inf
from types import MappingProxyType
from typing import NamedTuple

from ..bus.snapshot import Presence
from .decision import ConnectorDecision, ConnectorInput, FuseState, InputState, Plan, Share
from .main_fuse.conductor import FuseView
from .outside_limit import OutsideHold
from .reason import Reason
from .settings import SiteSettings
from .solar.solar_control import SolarControl
from .surplus.balance import Balance
from .surplus.hidden_sun import ZERO_WATTS
from .surplus.staleness import Trusted
from .wear import Wear

_FRESH = frozenset({InputState.FRESH, InputState.NIGHT})

DOUBTED_WATTS = 300.0
"""While there may be so much more than is told, no surplus is told; slow sun does not rise by that within seconds."""


class SunTerms(NamedTuple):
    """The terms and waiting times of solar control for one wall connector."""

    terms: Mapping[str, float | str | None] = MappingProxyType({})
    timers: Mapping[str, float] = MappingProxyType({})
    likely_watts: float | None = None
    """What of the surplus is most likely for it; None where nobody can tell."""
    short_since: float | None = None
    """Since when the sun is too little for it."""
    stale_since: float | None = None
    """Since when readings are missing."""


_SHORT_OF_SUN = frozenset({Reason.WAITING_FOR_SURPLUS, Reason.ABOUT_TO_STOP})
_STALE = frozenset(
    {Reason.STALE_INPUT_WAITING, Reason.STALE_INPUT_HELD, Reason.STALE_INPUT_MINIMUM}
    | {Reason.STALE_INPUT_PAUSED, Reason.STALE_INPUT_FIXED}
)


def sun_terms(
    one: ConnectorInput,
    control: SolarControl | None,
    share: Share | None,
    trusted: Trusted,
    site: SiteSettings,
    now: float,
) -> SunTerms:
    """Return the terms of solar control; none where it is not active."""
    if control is None:
        return SunTerms()
    timers: dict[str, float] = {}
    if trusted.state in _FRESH:
        timers = control.timers(one, share, site)
    elif trusted.next_at is not None:
        # When the next step of missing readings comes: lower amps, or the owner's choice.
        timers = {"stale_input_left": trusted.next_at}
    if share is None or trusted.state not in _FRESH:
        # What was last read says nothing of now, and decides nothing.
        return SunTerms(timers=timers, stale_since=trusted.stale_since)
    terms: dict[str, float | str | None] = {
        "share_low": round(share.low_watts),
        "share_high": round(share.high_watts),
        "watts_per_ampere": round(share.watts_per_ampere),
        "grid_share": site.pace.grid_share,
        "few_starts": site.pace.few_starts,
    }
    if share.battery_first:
        terms["battery_first"] = site.battery_first_soc
    # Where nothing may be exported, a grid at zero hides what the sun could give.
    hides = site.seeks_hidden_sun and abs(trusted.values.get("grid", inf)) <= ZERO_WATTS
    terms |= control.terms(one, share, site, now)
    return SunTerms(
        terms=terms,
        timers=timers,
        likely_watts=None if hides or _is_doubted(one, share) else share.likely_watts,
        short_since=control.short_since,
    )


def _is_doubted(one: ConnectorInput, share: Share) -> bool:
    """Whether nobody can tell for some seconds if there is clearly more sun, or if a car has fallen."""
    is_short = share.likely_watts < one.minimum_amps * share.watts_per_ampere
    return is_short and share.likely_watts < share.low_watts - DOUBTED_WATTS


def explain(
    one: ConnectorInput,
    plan: Plan,
    *,
    order: int | None,
    sun: SunTerms,
    told_watts: float | None,
    balance_terms: Mapping[str, float | str],
    readings_state: InputState,
    phases: int,
    fuse: FuseView,
    fuse_amps: int | None,
    full_by_circuit: bool,
    circuit_amps: int,
    wear: Wear,
    fuse_left: int | None = None,
    kept_by_fuse: bool = False,
    left_alone: bool = False,
    outside: OutsideHold | None = None,
    now: float,
) -> ConnectorDecision:
    """Return the decision for one wall connector; ``order`` is what the circuit and the fuse left of the plan, and
    ``fuse_amps`` what the fuse leaves for this one, in A. ``full_by_circuit``: the circuit would leave it no more.
    ``fuse_left``: what it leaves at this moment, which is told where it does not hold the car.
    ``told_watts``: what is told of the surplus; None if it is unknown. ``balance_terms``: those of the house, the same
    for all (``terms_of``).
    ``kept_by_fuse``: it gets what the fuse leaves only once that is free. ``left_alone``: it gets no heartbeats for it.
    ``outside``: what limits from outside leave for it.
    """
    terms: dict[str, float | str | None] = {
        "mode": one.mode.value,
        "planned_current": plan.amps,
        "current_limit": one.limit_amps if one.owner_limit_amps is None else one.owner_limit_amps,
        "minimum_current": one.minimum_amps,
        "highest_current": one.facts.maximum_amps,
        "drawn_current": None if one.facts.drawn_amps is None else round(one.facts.drawn_amps, 1),
        "circuit_limit": circuit_amps,
        "priority": one.priority,
        "phases": phases,
        "silent_stops": wear.silent_stops,
    }
    if one.then_mode is not None:
        terms["then_mode"] = one.then_mode.value
    if outside is not None:
        terms |= {
            "planned_current": outside.planned_amps,
            "ceiling": outside.amps,
            "ceiling_source": outside.source,
        }
    if fuse_amps is not None:
        terms["fuse_limit"] = _fuse_limit(one, order, fuse_amps)
    if told_watts is not None and readings_state in _FRESH:
        terms |= balance_terms
        if sun.likely_watts is not None:
            # A share counts what the cars may draw; what is told of it, what they were measured to draw.
            terms["share"] = round(max(0.0, min(sun.likely_watts, told_watts)))
    terms |= sun.terms
    # A car that gets its amps by order limits itself below what a wall connector can offer.
    amps = min(order or 0, plan.amps)
    by_circuit = full_by_circuit and fuse.state not in _BLIND
    # What another car gives back is left for it a moment before it gets it: no circuit is full meanwhile.
    left = order if fuse_amps is not None and kept_by_fuse else fuse_amps
    reason = _reason(one, plan, order, None if by_circuit else left)
    timers = dict(sun.timers)
    if plan.charge:
        # One that charges since it was plugged in has begun.
        timers.pop("starts_in", None)
    if reason is Reason.LESS_THAN_CAR_NEEDS:
        terms["car_minimum"] = one.car_minimum_amps
    if fuse_left is not None and (reason is not Reason.HELD_BY_FUSE or not order):
        terms["fuse_limit"] = _fuse_limit(one, order, fuse_left)
    if reason is Reason.HELD_BY_FUSE:
        terms |= {
            "fuse_phase": None if fuse.phase is None else f"L{fuse.phase}",
            "fuse_house": None if fuse.house_amps is None else round(fuse.house_amps, 1),
        }
        # However much sun there is, it does not begin then.
        timers.pop("starts_in", None)
        rises_at = fuse.rises_at(one.facts.twcid)
        if plan.charge and rises_at is not None:
            timers["fuse_rises_in"] = rises_at
        if not plan.charge and plan.next_at is not None:
            timers["fuse_rest_left"] = plan.next_at
    return ConnectorDecision(
        amps=amps,
        charge=bool(order),
        reason=reason,
        by_fuse=left_alone,
        terms=terms,
        timers={name: at for name, at in timers.items() if now < at < inf},
        since=_since(reason, sun),
    )


def terms_of(balance: Balance | None) -> Mapping[str, float | str]:
    """Return what the balance of a house has to tell: its terms in whole W, and the names of other consumers.

    Those are the ones that get sun before the cars, that give it back, and whose sensors are silent.
    """
    if balance is None:
        return {}
    names = {
        "left_to": balance.left_to,
        "given_by": balance.given_by,
        "silent_consumers": balance.silent_others,
    }
    watts = {name: round(value) for name, value in balance.terms.items()}
    return {**watts, **{term: ", ".join(each) for term, each in names.items() if each}}


def _since(reason: Reason, sun: SunTerms) -> float | None:
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


def _reason(one: ConnectorInput, plan: Plan, order: int | None, fuse_amps: int | None) -> Reason:
    """Return the reason of the plan, or which limit left less than the plan."""
    waits = order is None and (plan.charge or plan.reason is Reason.NO_CAR)
    if waits and plan.reason is not Reason.HELD_BY_FUSE:
        if one.facts.plugged_in:
            return Reason.WAITING_FOR_TURN
        # A wall connector without heartbeats does not report a car that arrives.
        is_empty = one.facts.plugged_in is False and one.facts.presence is Presence.LINKED
        return Reason.NO_CAR if is_empty else Reason.NOT_WATCHED
    if plan.charge and order is not None and order < plan.amps and plan.reason is not Reason.NO_CAR:
        by_fuse = fuse_amps is not None and fuse_amps <= order
        return Reason.HELD_BY_FUSE if by_fuse else Reason.HELD_BY_CIRCUIT
    return plan.reason


def of_feeder(shown: ConnectorDecision, feeder: str | None) -> ConnectorDecision:
    """Say of a car that a circuit holds back that it is really the feeder above, where that one is full."""
    if feeder is None or shown.reason not in (Reason.HELD_BY_CIRCUIT, Reason.WAITING_FOR_TURN):
        return shown
    return replace(shown, terms={**shown.terms, "feeder": feeder})


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
        shown = replace(shown, terms={**shown.terms, "feeder": feeder})
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
