"""Tells whether a sensor is ours, or a helper made of ours, and so is no meter; simulated meters are allowed."""

from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er

from ..const import DOMAIN
from .devices import is_bus_or_connector
from .unique_ids import of_simulated_house


def is_own(hass: HomeAssistant, entity_id: str) -> bool:
    """Whether a sensor is one of this integration, a helper made of one, or a group with one in it.

    Groups may contain each other, and even themselves.
    """
    seen: set[str] = set()
    to_see = [entity_id]
    while to_see:
        one = to_see.pop()
        if one in seen:
            continue
        seen.add(one)
        if _is_own(hass, one):
            return True
        state = hass.states.get(one)
        members = None if state is None else state.attributes.get(ATTR_ENTITY_ID)
        if isinstance(members, list | tuple):
            to_see += map(str, members)
    return False


def _is_own(hass: HomeAssistant, entity_id: str) -> bool:
    registered = er.async_get(hass).async_get(entity_id)
    if registered is None:
        return False
    if registered.platform == DOMAIN:
        return not of_simulated_house(registered.unique_id)
    # A helper made of a sensor hangs on the device of that sensor.
    device = dr.async_get(hass).async_get(registered.device_id) if registered.device_id else None
    return device is not None and is_bus_or_connector(device)
