"""Reads one state of Home Assistant as a number in W, A, VA or %, or tells why it is none."""

from enum import Enum
from math import isfinite

from homeassistant.const import (
    ATTR_UNIT_OF_MEASUREMENT,
    PERCENTAGE,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    UnitOfApparentPower,
    UnitOfElectricCurrent,
    UnitOfPower,
    UnitOfReactivePower,
)
from homeassistant.core import State
from homeassistant.util.unit_conversion import (
    ApparentPowerConverter,
    ElectricCurrentConverter,
    PowerConverter,
)

from ..twc.charging.readings import Gap, ReadingUnit
from .foreign_states import attribute_text

POWER_UNITS = frozenset(
    {UnitOfPower.MILLIWATT, UnitOfPower.WATT, UnitOfPower.KILO_WATT, UnitOfPower.MEGA_WATT}
)
CURRENT_UNITS = frozenset({UnitOfElectricCurrent.MILLIAMPERE, UnitOfElectricCurrent.AMPERE})
APPARENT_UNITS = frozenset({UnitOfApparentPower.VOLT_AMPERE, UnitOfApparentPower.KILO_VOLT_AMPERE})
REACTIVE_UNITS = frozenset(UnitOfReactivePower)
"""What flows to and fro: nobody is told by it what a house takes."""

LARGEST_WATTS = 200_000.0
"""More than any house has: 290 A on three phases."""
LARGEST_AMPS = 500.0
"""More than the main fuse of any house."""
LARGEST_PHASE_WATTS = LARGEST_AMPS * 250
"""The same in W or VA, at the highest voltage of a phase."""
SMALLEST_GENERATED_WATTS = -500.0
"""Inverters use a few watts at night; a sensor that says more than this has another sign or another meaning."""


class Quantity(Enum):
    """What a sensor shall measure."""

    POWER = "power"
    """W of either sign."""
    GENERATED = "generated"
    """W of panels or of a house, never negative but for a little."""
    PHASE = "phase"
    """A of one phase, or the W or VA of it."""
    CURRENT = "current"
    """A, and nothing else."""
    PERCENT = "percent"

    @property
    def units(self) -> frozenset[str]:
        """The units it may come in."""
        match self:
            case Quantity.PERCENT:
                return frozenset({PERCENTAGE})
            case Quantity.PHASE:
                return POWER_UNITS | CURRENT_UNITS | APPARENT_UNITS
            case Quantity.CURRENT:
                return CURRENT_UNITS
            case _:
                return POWER_UNITS


def measure(state: State, quantity: Quantity) -> float | Gap:
    """Return what a state says in W, A or %, or why it says nothing; for a phase in its ``unit_of``."""
    if state.state == STATE_UNAVAILABLE:
        return Gap.UNAVAILABLE
    if state.state == STATE_UNKNOWN:
        return Gap.UNKNOWN
    try:
        number = float(state.state)
    except ValueError:
        return Gap.NOT_A_NUMBER
    unit = attribute_text(state, ATTR_UNIT_OF_MEASUREMENT)
    if not isfinite(number) or unit is None or unit not in quantity.units:
        return Gap.NOT_A_NUMBER
    match quantity:
        case Quantity.PERCENT:
            return number if 0 <= number <= 100 else Gap.IMPOSSIBLE
        case Quantity.PHASE | Quantity.CURRENT:
            return _of_a_phase(number, unit)
    watts = PowerConverter.convert(number, unit, UnitOfPower.WATT)
    if abs(watts) > LARGEST_WATTS:
        return Gap.IMPOSSIBLE
    if quantity is Quantity.GENERATED:
        return max(0.0, watts) if watts >= SMALLEST_GENERATED_WATTS else Gap.IMPOSSIBLE
    return watts


def _of_a_phase(number: float, unit: str) -> float | Gap:
    """Return A, W or VA, whichever the unit belongs to."""
    if unit in CURRENT_UNITS:
        amps = ElectricCurrentConverter.convert(number, unit, UnitOfElectricCurrent.AMPERE)
        return amps if abs(amps) <= LARGEST_AMPS else Gap.IMPOSSIBLE
    if unit in APPARENT_UNITS:
        power = ApparentPowerConverter.convert(number, unit, UnitOfApparentPower.VOLT_AMPERE)
    else:
        power = PowerConverter.convert(number, unit, UnitOfPower.WATT)
    return power if abs(power) <= LARGEST_PHASE_WATTS else Gap.IMPOSSIBLE


def unit_of(state: State) -> ReadingUnit:
    """Return what a state that was measured as a phase is told in."""
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    if unit in CURRENT_UNITS:
        return ReadingUnit.PLAIN
    return ReadingUnit.VOLT_AMPERES if unit in APPARENT_UNITS else ReadingUnit.WATTS
