"""Names a bus and its wall connectors as the owner does: by their devices' names, wherever he is told of them."""

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr

from ..twc.protocol.codes import TwcId
from .bus_id import bus_id, bus_id_of
from .devices import bus_identifier, connector_identifier
from .house_entry import bus_entries, is_house
from .texts import loaded_text


def connector_name(hass: HomeAssistant, entry_id: str, twcid: TwcId) -> str:
    """Return what the owner calls a wall connector, or what it is called until he does."""
    identifier = connector_identifier(bus_id_of(hass, entry_id), twcid)
    device = dr.async_get(hass).async_get_device_by_identifier(identifier, entry_id)
    if device is not None:
        return name_of_device(device)
    return loaded_text(hass, "device.wall_connector.name", "{twcid}", twcid=str(twcid))


def addressed_name(hass: HomeAssistant, entry_id: str, twcid: TwcId) -> str:
    """Return what the owner calls a wall connector, with the address that is written on it."""
    name = connector_name(hass, entry_id, twcid)
    return name if str(twcid) in name else f"{name} ({twcid})"


def bus_name(hass: HomeAssistant, entry: ConfigEntry[Any]) -> str:
    """Return what the owner calls a bus: the name he gave its device, or the title of its entry."""
    identifier = bus_identifier(bus_id(entry))
    device = dr.async_get(hass).async_get_device_by_identifier(identifier, entry.entry_id)
    return (device.name_by_user if device is not None else None) or entry.title


def which_bus(hass: HomeAssistant, entry: ConfigEntry[Any]) -> str:
    """Return what is put behind a title to tell which bus is meant: nothing in a house with one that is in use."""
    in_use = bus_entries(hass, include_ignore=False, include_disabled=False)
    return "" if len(in_use) < 2 or is_house(entry) else f" ({bus_name(hass, entry)})"


def name_of_device(device: dr.AnyDeviceEntry) -> str:
    """Return what a device is called."""
    return device.name_by_user or device.name or device.id
