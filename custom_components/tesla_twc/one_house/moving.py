"""Moves the entities of a house between the entry of a bus and its own: their entity ids and unique ids stay."""

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.typing import UNDEFINED

from ..const import DOMAIN
from ..registry.bus_id import bus_id, known_as
from ..registry.devices import bus_identifier, register_shared_house
from ..registry.house_entry import HOUSE_ENTITIES
from ..registry.unique_ids import registered, unique_id


@callback
def gather_entities(hass: HomeAssistant, house: ConfigEntry[Any], buses: list[ConfigEntry[Any]]) -> None:
    """Give the house the entities of its first bus; those that other buses had for a house of their own go."""
    device_id = register_shared_house(hass, house)
    registry, founder = er.async_get(hass), bus_identifier(known_as(house))
    for platform, keys in HOUSE_ENTITIES.items():
        for key in keys:
            if (entity_id := registered(hass, platform, founder, key)) is not None:
                registry.async_update_entity(entity_id, config_entry_id=house.entry_id, device_id=device_id)
            for bus in buses:
                others = bus_identifier(bus_id(bus))
                if others != founder and (gone := registered(hass, platform, others, key)) is not None:
                    registry.async_remove(gone)


@callback
def give_entities_back(hass: HomeAssistant, house: ConfigEntry[Any], bus: ConfigEntry[Any]) -> None:
    """Give the entities of a house to one bus, under the unique ids that they have with that."""
    registry, founder = er.async_get(hass), bus_identifier(known_as(house))
    owner = bus_identifier(bus_id(bus))
    device_id = dr.async_get_device_id_by_identifier(hass, owner, config_entry_id=bus.entry_id)
    for platform, keys in HOUSE_ENTITIES.items():
        for key in keys:
            if (entity_id := registered(hass, platform, founder, key)) is None:
                continue
            known_already = registry.async_get_entity_id(platform, DOMAIN, unique_id(owner, key))
            if known_already in (None, entity_id):
                registry.async_update_entity(
                    entity_id,
                    config_entry_id=bus.entry_id,
                    device_id=device_id,
                    new_unique_id=UNDEFINED if known_already else unique_id(owner, key),
                )
