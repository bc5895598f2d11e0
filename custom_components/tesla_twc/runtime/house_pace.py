"""Says when a house of several buses decides: at once when something happens, and soon when readings only wander.

What a wall connector measures is never still, and a decision is made for all of them: with ten buses, each frame would
lead to one for thirty wall connectors.
"""

from collections.abc import Mapping
from dataclasses import fields
from operator import attrgetter

from ..twc.bus.snapshot import WallConnectorSnapshot
from ..twc.charging.inputs import ConnectorInput, Inputs
from ..twc.charging.settings import Measurement
from .seat import BusPart

WANDERING_SECONDS = 1.0
"""So long a decision for several buses holds while only currents and voltages of their wall connectors move. A wall
connector tells them every 1.8 s, and no guard waits for them: sensors of a fuse are answered at once."""
UNCOMPARED_SECONDS = 2.0
"""The same where no sensor is compared with them: then it does not matter how soon they are known."""

WANDERING = frozenset({
    "drawn_amps",
    "phase_amps",
    "volts",
    "power_watts",
    "energy_kwh",
    "odd_counter_share",
    "last_heard",
    "answered_share",
})  # fmt: skip
"""What a wall connector measures. Everything else of it is something that happens."""

_facts = attrgetter(
    *(field.name for field in fields(WallConnectorSnapshot) if field.name not in WANDERING | {"counted_amps"})
)
_owner_and_car = attrgetter(*(field.name for field in fields(ConnectorInput) if field.name != "facts"))


def settled(part: BusPart) -> tuple[object, ...]:
    """Return what a bus adds to a decision, without what only wanders."""
    return (
        part.bus.phase,
        part.bus.circuit_limit_amps,
        part.other_loads,
        part.led,
        [
            # What it takes from the circuit wanders with what it draws, once that is more than its offer.
            (_facts(one.facts), round(one.facts.counted_amps), _owner_and_car(one))
            for one in part.connectors.values()
        ],
    )


def _is_compared(inputs: Inputs) -> bool:
    """Whether a sensor of the house, of a feeder or of a circuit is compared with what wall connectors measure."""
    return (
        inputs.site.measurement is not Measurement.NONE
        or inputs.site.fuse_amps is not None
        or any(feeder.readings for feeder in inputs.feeders)
        or any(circuit.other_loads for circuit in inputs.circuits.values())
    )


class HousePace:
    """Remembers what the last decision of a house rested on."""

    def __init__(self) -> None:
        """Nothing was decided yet."""
        self._pressing = True
        self._decided_at = float("-inf")
        self._holds_seconds = WANDERING_SECONDS
        self._settled: dict[str, tuple[object, ...]] = {}

    def press(self) -> None:
        """Let the next one who asks be answered: a sensor spoke, or the owner did."""
        self._pressing = True

    def is_recent(self, now: float) -> bool:
        """Whether the last decision was made, or found to hold, so lately that currents may wander."""
        return now - self._decided_at < self._holds_seconds

    def may_wait(self, circuit: str, part: BusPart | None, now: float) -> bool:
        """Whether a bus whose part is new has nothing to tell that could not wait. ``now`` is s of one clock."""
        if self._pressing or part is None or not self.is_recent(now):
            return False
        return settled(part) == self._settled.get(circuit)

    def answered(self, now: float) -> None:
        """Take that the last decision still holds."""
        self._pressing, self._decided_at = False, now

    def decided(self, parts: Mapping[str, BusPart], inputs: Inputs, now: float) -> None:
        """Take that a decision was made for these, on such inputs."""
        self.answered(now)
        self._holds_seconds = WANDERING_SECONDS if _is_compared(inputs) else UNCOMPARED_SECONDS
        self._settled = {circuit: settled(part) for circuit, part in parts.items()}
