"""Sensors that tell what the cars draw: of the house they tell nothing, and one taken for a meter is a loop."""

from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er

from .const import DOMAIN

SIMULATED_METER = "_simulated_"
"""Stands in the unique ids of the simulated house, whose meters are meters."""


def is_own(hass: HomeAssistant, entity_id: str) -> bool:
    """Whether a sensor is one of this integration, a helper made of one, or a group with one in it."""
    state = hass.states.get(entity_id)
    members = () if state is None else state.attributes.get(ATTR_ENTITY_ID, ())
    if isinstance(members, list | tuple) and entity_id not in members:
        return _is_own(hass, entity_id) or any(is_own(hass, str(member)) for member in members)
    return _is_own(hass, entity_id)


def _is_own(hass: HomeAssistant, entity_id: str) -> bool:
    registered = er.async_get(hass).async_get(entity_id)
    if registered is None:
        return False
    if registered.platform == DOMAIN:
        return SIMULATED_METER not in registered.unique_id
    # A helper made of a sensor hangs on the device of that sensor.
    device = dr.async_get(hass).async_get(registered.device_id) if registered.device_id else None
    identifiers = set() if device is None else device.identifiers
    return any(domain == DOMAIN and "_simulated_house" not in name for domain, name in identifiers)
