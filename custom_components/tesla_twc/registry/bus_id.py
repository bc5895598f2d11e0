"""By what a bus is known in the registries, so that one that is deleted and added again is the same.

Home Assistant keeps what an owner did to devices and entities (their names, ids, areas) for a month after they were
deleted, and gives it back to whoever comes with the same unique ids. A new entry has a new entry id, so the bus it
takes up is recognised by its wall connectors, and goes on under the id it had.
"""

from collections import defaultdict
from collections.abc import Collection
import re
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from ..const import CONF_BUS_ID, CONF_FOUNDER, DOMAIN
from ..twc.protocol.codes import TwcId
from .house_entry import bus_entries

_OF_CONNECTOR = re.compile(r"([^_]+)_([0-9A-F]{4})_.+")
"""The unique id of an entity of a wall connector (``unique_ids``): bus, TWCID, key. Keys are in lower case."""


def bus_id(entry: ConfigEntry[Any]) -> str:
    """Return what the unique ids of everything on a bus begin with: of most, the id of their entry."""
    known_as: str = entry.data.get(CONF_BUS_ID, entry.entry_id)
    return known_as


def known_as(entry: ConfigEntry[Any]) -> str:
    """Return what the unique ids of the entities of a house begin with: with the id of its first bus, for good."""
    founder: str = entry.data.get(CONF_FOUNDER, bus_id(entry))
    return founder


def bus_id_of(hass: HomeAssistant, entry_id: str) -> str:
    """Return the same of an entry by its id; one that is not there yet, or no more, has its own."""
    entry = hass.config_entries.async_get_entry(entry_id)
    return entry_id if entry is None else bus_id(entry)


@callback
def former_bus_id(hass: HomeAssistant, heard: Collection[TwcId]) -> str | None:
    """Return the id of the deleted bus that had exactly these wall connectors.

    None if there is no such bus, or several: two buses may each have a 7973, and names and histories of one
    must not come to the other.
    """
    present = {bus_id(entry) for entry in bus_entries(hass)}
    had: defaultdict[str, set[str]] = defaultdict(set)
    for deleted in er.async_get(hass).deleted_entities.values():
        of_connector = _OF_CONNECTOR.fullmatch(deleted.unique_id) if deleted.platform == DOMAIN else None
        if of_connector is not None and of_connector[1] not in present:
            had[of_connector[1]].add(of_connector[2])
    names = {str(twcid) for twcid in heard}
    same = [former for former, connectors in had.items() if connectors == names]
    return same[0] if len(same) == 1 else None
