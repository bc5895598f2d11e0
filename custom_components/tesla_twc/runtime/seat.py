"""What one bus adds to the decision of its house, and what the house asks of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ..twc.bus.snapshot import BusSnapshot
from ..twc.charging.decision import Decision
from ..twc.charging.inputs import ConnectorInput, Inputs
from ..twc.charging.readings import SensorReading
from ..twc.protocol.codes import TwcId


@dataclass(frozen=True, slots=True, kw_only=True)
class BusPart:
    """What one bus adds to a decision."""

    bus: BusSnapshot
    connectors: Mapping[TwcId, ConnectorInput] = field(default_factory=dict)
    """As the house names them."""
    other_loads: tuple[SensorReading, ...] = ()
    """What else hangs on its circuit, where that is measured for this circuit alone."""
    led: bool = True
    """Whether its wall connectors get orders from us."""
    kept_amps: int | None = None
    """A per phase that its keeper may give; None: it has none."""

    @property
    def limit_amps(self) -> int:
        """A per phase that they may draw together. That of somebody else is unknown: what they are built for."""
        if self.kept_amps is not None:
            return self.kept_amps
        if self.led:
            return self.bus.circuit_limit_amps
        built_for = sum(one.facts.maximum_amps for one in self.connectors.values())
        return max(self.bus.circuit_limit_amps, built_for)


class Seat(Protocol):
    """One bus in the house."""

    circuit: str
    """What the house calls it."""
    part: BusPart | None
    """What it added last; None: nothing yet."""

    def take(self, inputs: Inputs, decision: Decision, now: float) -> None:
        """Take what was decided anew for the whole house."""

    def hand_in(self) -> None:
        """Add what is known now."""

    def carry_out(self) -> None:
        """Give the orders that another bus, or a sensor, has led to."""

    def look_again(self) -> None:
        """Add what is known now, and carry out what follows."""

    def apply(self) -> None:
        """Let what the owner changed take effect at once."""

    def begin_anew(self) -> None:
        """Let a newly chosen default mode rule the wall connectors that have none of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatCalls:
    """What a house has done at one of its buses."""

    hand_in: Callable[[], None]
    carry_out: Callable[[], None]
    look_again: Callable[[], None]
    apply: Callable[[], None]
    begin_anew: Callable[[], None]
