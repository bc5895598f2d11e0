"""Every term that led to an amp value, by name, for whoever asks why."""

from dataclasses import replace

from .balance import Balance
from .decision import ConnectorDecision, ConnectorInput, Reason
from .ledger import Wear
from .pilot import Plan, Share


def explain(
    one: ConnectorInput,
    plan: Plan,
    *,
    order: int | None,
    share: Share | None,
    balance: Balance | None,
    gathered_wh: float | None,
    line_watts: float | None,
    phases: int,
    fuse_amps: float | None,
    circuit_amps: int,
    wear: Wear,
) -> ConnectorDecision:
    """Return the decision for one wall connector; ``order`` is what the circuit and the fuse left of the plan, in A."""
    terms: dict[str, float | str | None] = {
        "mode": one.mode.value,
        "planned_current": plan.amps,
        "current_limit": one.limit_amps,
        "minimum_current": one.minimum_amps,
        "highest_current": one.facts.maximum_amps,
        "circuit_limit": circuit_amps,
        "fuse_limit": None if fuse_amps is None else round(fuse_amps, 1),
        "priority": one.priority,
        "phases": phases,
        "silent_stops": wear.silent_stops,
    }
    if share is not None:
        terms |= {
            "share_low": round(share.low_watts),
            "share_high": round(share.high_watts),
            "watts_per_ampere": round(share.watts_per_ampere),
        }
    if balance is not None:
        terms |= {name: round(watts) for name, watts in balance.terms.items()}
    if gathered_wh is not None and line_watts is not None:
        terms |= {"start_line": round(line_watts), "gathered_energy": round(gathered_wh, 1)}
    # A car that is told less than a wall connector can offer limits itself.
    amps = min(order or 0, plan.amps)
    decided = ConnectorDecision(amps=amps, charge=bool(order), reason=plan.reason, terms=terms)
    if order is None:
        by_fuse = plan.reason is Reason.HELD_BY_FUSE
        return decided if by_fuse else replace(decided, reason=Reason.WAITING_FOR_TURN)
    if plan.charge and order < plan.amps and plan.reason is not Reason.NO_CAR:
        by_fuse = fuse_amps is not None and fuse_amps < circuit_amps
        return replace(decided, reason=Reason.HELD_BY_FUSE if by_fuse else Reason.HELD_BY_CIRCUIT)
    return decided
