"""What is seen of a car that is plugged in at one moment, and what its wall connector shall have."""

from dataclasses import dataclass

from ..bus.snapshot import Presence, StopState, WallConnectorSnapshot
from ..protocol.codes import ConnectorState

SILENT_SECONDS = 30.0
"""Whoever was not heard for so long may have opened its contactor: it does after 20 to 30 s (protocol.md 3.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One moment. Amps are A per phase, times s of the clock of the bus."""

    facts: WallConnectorSnapshot
    order: int | None
    """What it shall have: A, 0 = shall not charge, None = gets no heartbeats."""
    is_ordered: bool
    """Whether anything was decided for it; if not, ``order`` means nothing."""
    told_to_stop: bool
    """Whether its car was told to stop by a switch of its own a moment ago."""
    now: float

    @property
    def is_charging(self) -> bool:
        """Whether current flows."""
        return bool(self.facts.charging)

    @property
    def is_left_alone(self) -> bool:
        """Whether it gets no heartbeats, because of an order or because it drew too much."""
        return self.facts.presence is Presence.RELEASED or (self.is_ordered and self.order is None)

    @property
    def cannot_be_stopped(self) -> bool:
        """Whether it should stop and is held at the minimum, and nobody has told its car to stop."""
        return self.facts.stop is StopState.HOLDING and not (self.told_to_stop or self.is_left_alone)

    @property
    def may_charge(self) -> bool:
        """Whether it is ordered to offer current."""
        return self.is_ordered and bool(self.order)

    @property
    def offer_amps(self) -> int | None:
        """What its car is offered; None while that is changing, or where nothing can reach the car."""
        facts = self.facts
        offered = facts.offered_amps
        if (
            facts.presence is not Presence.LINKED
            or facts.state is ConnectorState.ERROR
            or facts.contactor_open
            or facts.units > 1
            or offered is None
            or offered < facts.minimum_amps
            or offered != facts.commanded_amps
        ):
            return None
        return int(offered)

    @property
    def ordered_amps(self) -> int | None:
        """What its car is offered because that was ordered; None: something else, or nothing."""
        return self.order if self.may_charge and self.offer_amps == self.order else None
