"""One state of Home Assistant as a number in W, A or %, or the reason why it is none."""

from enum import Enum
from math import isfinite

from homeassistant.const import (
    ATTR_UNIT_OF_MEASUREMENT,
    PERCENTAGE,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    UnitOfElectricCurrent,
    UnitOfPower,
)
from homeassistant.core import State
from homeassistant.util.unit_conversion import ElectricCurrentConverter, PowerConverter

from .foreign_states import attribute_text
from .twc.charging.readings import Gap

POWER_UNITS = frozenset(
    {UnitOfPower.MILLIWATT, UnitOfPower.WATT, UnitOfPower.KILO_WATT, UnitOfPower.MEGA_WATT}
)
CURRENT_UNITS = frozenset({UnitOfElectricCurrent.MILLIAMPERE, UnitOfElectricCurrent.AMPERE})

LARGEST_WATTS = 200_000.0
"""More than any house has: 290 A on three phases."""
LARGEST_AMPS = 500.0
"""More than the main fuse of any house."""
SMALLEST_GENERATED_WATTS = -500.0
"""Inverters use a few watts at night; a sensor that says more than this has another sign or another meaning."""


class Quantity(Enum):
    """What a sensor shall measure."""

    POWER = "power"
    """W of either sign."""
    GENERATED = "generated"
    """W of panels or of a house, never negative but for a little."""
    PHASE = "phase"
    """A of one phase, or the W of it."""
    PERCENT = "percent"

    @property
    def units(self) -> frozenset[str]:
        """The units it may come in."""
        match self:
            case Quantity.PERCENT:
                return frozenset({PERCENTAGE})
            case Quantity.PHASE:
                return POWER_UNITS | CURRENT_UNITS
            case _:
                return POWER_UNITS


def measure(state: State, quantity: Quantity, volts: float) -> float | Gap:
    """Return what a state says in W, A or %, or why it says nothing. ``volts`` turn the W of a phase into A."""
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
        case Quantity.PHASE:
            amps = (
                ElectricCurrentConverter.convert(number, unit, UnitOfElectricCurrent.AMPERE)
                if unit in CURRENT_UNITS
                else PowerConverter.convert(number, unit, UnitOfPower.WATT) / volts
            )
            return amps if abs(amps) <= LARGEST_AMPS else Gap.IMPOSSIBLE
    watts = PowerConverter.convert(number, unit, UnitOfPower.WATT)
    if abs(watts) > LARGEST_WATTS:
        return Gap.IMPOSSIBLE
    if quantity is Quantity.GENERATED:
        return max(0.0, watts) if watts >= SMALLEST_GENERATED_WATTS else Gap.IMPOSSIBLE
    return watts
