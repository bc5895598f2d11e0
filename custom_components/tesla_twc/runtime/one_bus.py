"""What one bus adds to the decision of a house, and what that decision is for one bus or for the house alone."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import chain
from math import ceil

from ..twc.charging.decision import Decision
from ..twc.charging.house_address import circuit_of, on_bus
from ..twc.charging.inputs import ConnectorInput
from ..twc.protocol.codes import TwcId
from .last_word import FIRST


def as_load(one: ConnectorInput) -> ConnectorInput:
    """Return a wall connector that we do not lead as what it is for the others: a load that keeps what it draws."""
    amps = ceil(max(one.facts.drawn_amps or 0.0, one.facts.offered_amps or 0.0))
    amps = min(amps, one.limit_amps)
    return replace(one, limit_amps=amps, fixed_amps=amps, priority=FIRST)


def at_circuit(decision: Decision, circuit: str, elsewhere_watts: float) -> Decision:
    """Return what a decision for a whole house is for one bus, by plain TWCIDs.

    ``elsewhere_watts``: what the cars on the other buses take.
    """
    house = decision.house
    told_of = (decision.connectors, decision.orders, decision.told, decision.house_phases, decision.spikes)
    # Each bus picks its own out of all, so they are looked for once.
    here = {
        address: on_bus(address)
        for address in dict.fromkeys(chain.from_iterable(told_of))
        if circuit_of(address) == circuit
    }

    def there[Told](known: Mapping[TwcId, Told]) -> dict[TwcId, Told]:
        return {twcid: known[address] for address, twcid in here.items() if address in known}

    return replace(
        decision,
        house=None if house is None else replace(house, elsewhere_watts=elsewhere_watts),
        connectors=there(decision.connectors),
        orders=there(decision.orders),
        told=there(decision.told),
        house_phases=there(decision.house_phases),
        watts_per_ampere=there(decision.watts_per_ampere),
        spikes=there(decision.spikes),
        rooms={"": decision.rooms[circuit]} if circuit in decision.rooms else {},
    )


def of_the_house(decision: Decision) -> Decision:
    """Return what a decision tells of the house, without anything for a wall connector."""
    return Decision(
        surplus_watts=decision.surplus_watts,
        house=decision.house,
        input_state=decision.input_state,
        stale_inputs=decision.stale_inputs,
        next_at=decision.next_at,
    )
