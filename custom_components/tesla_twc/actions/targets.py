"""Tells which wall connectors an action means: by device, entity, area, floor or label."""

from collections.abc import Iterable

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import (
    config_validation as cv,
    device_registry as dr,
    entity_registry as er,
    target,
)

from ..const import DOMAIN
from ..coordinator import TwcCoordinator
from ..registry.bus_id import bus_id
from ..registry.devices import twcid_of
from ..registry.house_entry import bus_entries
from ..registry.naming import connector_name, name_of_device
from ..twc.bus.snapshot import WallConnectorSnapshot


def meant_devices(call: ServiceCall) -> Iterable[str]:
    """Return the devices that are meant, by themselves or by an entity, an area, a floor or a label.

    A device that was named has to be a wall connector; of an area only those that are one are meant.
    """
    selection = target.TargetSelection(call.data)
    found = target.async_extract_referenced_entity_ids(call.hass, selection, primary_entities_only=False)
    entities = er.async_get(call.hass)
    of_entities = [
        entity.device_id if (entity := entities.async_get(entity_id)) and entity.device_id else entity_id
        for entity_id in sorted(found.referenced)
    ]
    around = {
        device_id
        for entity_id in found.indirectly_referenced
        if (entity := entities.async_get(entity_id)) is not None and (device_id := entity.device_id)
    }
    others = sorted(
        device_id
        for device_id in around | found.referenced_devices
        if _is_wall_connector(call.hass, device_id)
    )
    devices = dict.fromkeys([*cv.ensure_list(call.data.get(ATTR_DEVICE_ID)), *of_entities, *others])
    if not devices:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="current_nobody_meant", translation_placeholders={}
        )
    return devices


def _is_wall_connector(hass: HomeAssistant, device_id: str) -> bool:
    device = dr.async_get(hass).async_get(device_id)
    entries = bus_entries(hass, include_disabled=False)
    return device is not None and any(twcid_of(bus_id(entry), device) is not None for entry in entries)


def chosen_connector(hass: HomeAssistant, device_id: str) -> tuple[TwcCoordinator, WallConnectorSnapshot]:
    """Return the wall connector that a device is, and who looks after it."""
    device = dr.async_get(hass).async_get(device_id)
    for entry in bus_entries(hass):
        if device is None or (twcid := twcid_of(bus_id(entry), device)) is None:
            continue
        if entry.state is not ConfigEntryState.LOADED:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="current_not_running",
                translation_placeholders={"name": connector_name(hass, entry.entry_id, twcid)},
            )
        coordinator: TwcCoordinator = entry.runtime_data
        if (connector := coordinator.latest().connectors.get(twcid)) is not None:
            return coordinator, connector
    name = device_id if device is None else name_of_device(device)
    raise ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="current_not_a_wall_connector",
        translation_placeholders={"device": name},
    )
