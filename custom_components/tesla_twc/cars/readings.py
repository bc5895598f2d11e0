"""Reads a car's state of charge (%) and odometer (km) as they are now; keeps nothing. Shown in entities/car.py."""

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, UnitOfLength
from homeassistant.core import HomeAssistant, State
from homeassistant.util.unit_conversion import DistanceConverter

from ..house.foreign_states import attribute_text, number_of
from ..twc.cars.car import OwnedCar


def soc_of(hass: HomeAssistant, car: OwnedCar) -> float | None:
    """Return the state of charge, %."""
    state = _state(hass, car.soc)
    return None if state is None else number_of(state.state)


def odometer_of(hass: HomeAssistant, car: OwnedCar) -> float | None:
    """Return the odometer, km; without a unit it is taken to be one of km."""
    state = _state(hass, car.odometer)
    distance = None if state is None else number_of(state.state)
    if state is None or distance is None:
        return None
    unit = attribute_text(state, ATTR_UNIT_OF_MEASUREMENT) or UnitOfLength.KILOMETERS
    if unit not in DistanceConverter.VALID_UNITS:
        return None
    return round(DistanceConverter.convert(distance, unit, UnitOfLength.KILOMETERS), 1)


def _state(hass: HomeAssistant, entity_id: str | None) -> State | None:
    return None if entity_id is None else hass.states.get(entity_id)
