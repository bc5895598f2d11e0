"""Makes the unique ids of our entities. They never change: names, histories and rights hang on them."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from ..const import DOMAIN

SIMULATED = "simulated_"
"""Begins the keys of the simulated house, whose meters are meters to everybody else."""

type Owner = tuple[str, str]
"""The identifier of the device that an entity belongs to (``devices``)."""


def unique_id(owner: Owner, key: str) -> str:
    """Return what the entity with this translation key is known by, of the bus or of a wall connector."""
    return f"{owner[1]}_{key}"


def of_simulated_house(known_by: str) -> bool:
    """Whether a unique id is that of a meter of the simulated house."""
    return f"_{SIMULATED}" in known_by


@callback
def registered(hass: HomeAssistant, platform: str, owner: Owner, key: str) -> str | None:
    """Return the entity id that it has today; None if it is not registered."""
    return er.async_get(hass).async_get_entity_id(platform, DOMAIN, unique_id(owner, key))


@callback
def unregister(hass: HomeAssistant, platform: str, owner: Owner, key: str) -> None:
    """Take an entity away; harmless if it is not there. What its owner set for it comes back with it.

    One that he disabled stays where it is: it shows nothing anyway.
    """
    registry = er.async_get(hass)
    entity_id = registered(hass, platform, owner, key)
    entity = None if entity_id is None else registry.async_get(entity_id)
    if entity is not None and entity.disabled_by is not er.RegistryEntryDisabler.USER:
        registry.async_remove(entity.entity_id)
