"""Tells whether anything has changed that a decision depends on: if not, the last decision holds."""

from dataclasses import fields
from operator import attrgetter

from ..bus.snapshot import WallConnectorSnapshot
from .inputs import ConnectorInput, Inputs

NOT_DECIDED_UPON = frozenset({
    # It moves with every heartbeat; whoever falls silent is known by its presence.
    "last_heard",
    # How well the line works moves all the time, and changes no amps.
    "answered_share",
    # It is made of volts and amps, which are compared.
    "power_watts",
    # They move with every kWh, and no decision reads them.
    "energy_kwh",
    "odd_counter_share",
    # What a car needed before is kept with its charge; whether it is offered now is part of the offer.
    "cures",
})  # fmt: skip
"""Facts of a wall connector that are no reason to decide anew. Every other one is: a new one, too."""

_facts = attrgetter(
    *(field.name for field in fields(WallConnectorSnapshot) if field.name not in NOT_DECIDED_UPON)
)
_owner_and_car = attrgetter(*(field.name for field in fields(ConnectorInput) if field.name != "facts"))


def decided_upon(inputs: Inputs) -> tuple[object, ...]:
    """Return everything that can change a decision, but for the time."""
    return (
        [(_facts(one.facts), _owner_and_car(one)) for one in inputs.connectors.values()],
        inputs.readings,
        inputs.site,
        inputs.feeders,
        dict(inputs.circuits),
        inputs.shadow,
        inputs.outside,
    )
