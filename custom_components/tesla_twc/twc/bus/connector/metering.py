"""Adds up what one wall connector delivers, from what it reports and what its counter says."""

from ...protocol.messages import Meter
from ..settings import BusSettings
from .counted_phases import CountedPhases
from .energy import EnergyMeter
from .facts import ConnectorFacts
from .power import charging_watts


def drawn_watts(
    facts: ConnectorFacts, counted: CountedPhases, *, stated: int | None, bus: BusSettings
) -> float:
    """Return the W it delivers; ``stated``: the phases that its owner says a car loads there."""
    phases = counted.in_use(stated=stated, assumed=bus.phases)
    return charging_watts(facts.drawn_amps, facts.meter, phases, bus.nominal_volts)


def count_energy(
    facts: ConnectorFacts,
    energy: EnergyMeter,
    counted: CountedPhases,
    *,
    stated: int | None,
    bus: BusSettings,
    now: float,
) -> None:
    """Add what it delivered since its last heartbeat."""
    if facts.charging:
        counted.reckon(facts.meter, energy, stated=stated, assumed=bus.phases)
    energy.integrate(drawn_watts(facts, counted, stated=stated, bus=bus), now)


def take_meter(message: Meter, facts: ConnectorFacts, energy: EnergyMeter, counted: CountedPhases) -> None:
    """Take a reading of its meter."""
    facts.meter = message
    energy.read_counter(message.energy_kwh)
    counted.compare(energy)
