"""Makes the plan of a wall connector where its owner has decided it: off, refused, amps by an action, or full speed."""

from dataclasses import replace

from .decision import Plan
from .inputs import ConnectorInput, Hurry
from .reason import Reason
from .settings import Access, ChargeMode


def plan_without_sun(one: ConnectorInput, circuit_amps: int) -> Plan | None:
    """Return the plan before the main fuse and the circuit limit it; None where the sun decides.

    ``circuit_amps``: the limit of the circuit, A per phase.
    """
    if not one.enabled or one.mode is ChargeMode.OFF:
        return Plan(amps=0, charge=False, reason=Reason.OFF)
    if one.access is Access.REFUSED:
        return Plan(amps=0, charge=False, reason=Reason.NOT_ALLOWED)
    if one.fixed_amps is not None:
        amps = min(highest_amps(one), max(one.minimum_amps, one.fixed_amps)) if one.fixed_amps else 0
        return Plan(amps=amps, charge=amps > 0, reason=_why_fixed(one, amps, circuit_amps))
    if one.mode is ChargeMode.FAST:
        return Plan(amps=highest_amps(one), charge=True, reason=_why_fast(one, circuit_amps))
    return None


def as_fast(one: ConnectorInput) -> ConnectorInput:
    """Return it in fast mode if its mode follows the sun. Its car gets no amps by order and takes what is offered."""
    if not one.follows_sun:
        return one
    return replace(one, mode=ChargeMode.FAST, minimum_amps=max(one.minimum_amps, one.facts.minimum_amps))


def highest_amps(one: ConnectorInput) -> int:
    """Return the most that the owner and the wall connector allow, A per phase."""
    return max(one.minimum_amps, min(one.limit_amps, one.facts.maximum_amps))


_HURRIES = {Hurry.NOW: Reason.CHARGE_NOW, Hurry.READY_BY: Reason.READY_BY}


def _why_fast(one: ConnectorInput, circuit_amps: int) -> Reason:
    """Return what limits a car in fast mode, or why it is in it for a while."""
    if one.facts.plugged_in is False:
        return Reason.NO_CAR
    if one.access is Access.MINIMUM:
        return Reason.UNKNOWN_CAR
    if one.hurries is not None:
        return _HURRIES[one.hurries]
    if one.limit_amps < one.facts.maximum_amps:
        return Reason.AT_LIMIT
    # Where circuit and model carry the same, nothing is held back.
    is_circuit = one.facts.maximum_amps == circuit_amps < (one.facts.rated_amps or 0)
    return Reason.HELD_BY_CIRCUIT if is_circuit else Reason.FULL_SPEED


def _why_fixed(one: ConnectorInput, amps: int, circuit_amps: int) -> Reason:
    """Return whether a car has what an action set, or what limits it."""
    if one.facts.plugged_in is False:
        return Reason.NO_CAR
    return Reason.SET_BY_ACTION if amps >= (one.fixed_amps or 0) else _why_fast(one, circuit_amps)
