"""Every term that led to an amp value, by name, and what is waited for, for whoever asks why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf

from .balance import Balance
from .decision import ConnectorDecision, ConnectorInput, InputState, Reason
from .fuse import FuseView
from .ledger import Wear
from .pilot import Pilot, Plan, Share
from .settings import SiteSettings, name_of
from .staleness import Trusted

_FRESH = frozenset({InputState.FRESH, InputState.NIGHT})


@dataclass(frozen=True, slots=True, kw_only=True)
class SunTerms:
    """What of the sun decides over one wall connector."""

    terms: Mapping[str, float | str | None] = field(default_factory=dict)
    timers: Mapping[str, float] = field(default_factory=dict)


def sun_terms(
    one: ConnectorInput,
    pilot: Pilot | None,
    share: Share | None,
    trusted: Trusted,
    site: SiteSettings,
    now: float,
) -> SunTerms:
    """Return it; nothing where the sun has no say."""
    if pilot is None:
        return SunTerms()
    timers: dict[str, float] = {}
    if trusted.state in _FRESH:
        timers = pilot.timers(site)
    elif trusted.next_at is not None:
        # The next rung of the ladder, on which the amps are lower or the owner's choice counts.
        timers = {"stale_input_left": trusted.next_at}
    if share is None:
        return SunTerms(timers=timers)
    pace = name_of(site.pace)
    terms: dict[str, float | str | None] = {
        "share_low": round(share.low_watts),
        "share_high": round(share.high_watts),
        "watts_per_ampere": round(share.watts_per_ampere),
        "grid_share": site.start_grid_share,
        "pace": None if pace is None else pace.value,
    }
    return SunTerms(terms={**terms, **pilot.terms(one, share, site, now)}, timers=timers)


def explain(
    one: ConnectorInput,
    plan: Plan,
    *,
    order: int | None,
    sun: SunTerms,
    balance: Balance | None,
    phases: int,
    fuse: FuseView,
    fuse_amps: int | None,
    circuit_amps: int,
    wear: Wear,
    now: float,
) -> ConnectorDecision:
    """Return the decision for one wall connector; ``order`` is what the circuit and the fuse left of the plan, and
    ``fuse_amps`` what the fuse leaves for this one, in A.
    """
    terms: dict[str, float | str | None] = {
        "mode": one.mode.value,
        "planned_current": plan.amps,
        "current_limit": one.limit_amps,
        "minimum_current": one.minimum_amps,
        "highest_current": one.facts.maximum_amps,
        "drawn_current": None if one.facts.drawn_amps is None else round(one.facts.drawn_amps, 1),
        "circuit_limit": circuit_amps,
        "fuse_limit": fuse_amps,
        "priority": one.priority,
        "phases": phases,
        "silent_stops": wear.silent_stops,
    }
    if balance is not None:
        terms |= {name: round(watts) for name, watts in balance.terms.items()}
    terms |= sun.terms
    # A car that is told less than a wall connector can offer limits itself.
    amps = min(order or 0, plan.amps)
    reason = _reason(one, plan, order, fuse_amps)
    timers = dict(sun.timers)
    if reason is Reason.HELD_BY_FUSE:
        terms |= {
            "fuse_phase": fuse.phase,
            "fuse_house": None if fuse.house_amps is None else round(fuse.house_amps, 1),
        }
        rises_at = fuse.rises_at(one.facts.twcid)
        if plan.charge and rises_at is not None:
            timers["fuse_rises_in"] = rises_at
        if not plan.charge and plan.next_at is not None:
            timers["fuse_rest_left"] = plan.next_at
    return ConnectorDecision(
        amps=amps,
        charge=bool(order),
        reason=reason,
        terms=terms,
        timers={name: at for name, at in timers.items() if now < at < inf},
    )


def _reason(one: ConnectorInput, plan: Plan, order: int | None, fuse_amps: int | None) -> Reason:
    """Return why it has what it has: as planned, or what of the wiring left less."""
    if order is None and plan.charge and plan.reason is not Reason.HELD_BY_FUSE:
        # Whoever is left without heartbeats would not tell of a car that came meanwhile.
        return Reason.NOT_WATCHED if one.facts.plugged_in is False else Reason.WAITING_FOR_TURN
    if plan.charge and order is not None and order < plan.amps and plan.reason is not Reason.NO_CAR:
        by_fuse = fuse_amps is not None and fuse_amps <= order
        return Reason.HELD_BY_FUSE if by_fuse else Reason.HELD_BY_CIRCUIT
    return plan.reason
