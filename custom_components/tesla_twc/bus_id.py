"""By what a bus is known in the registries, so that one that is deleted and added again is the same.

Home Assistant keeps what an owner did to devices and entities (their names, ids, areas) for a month after they were
deleted, and gives it back to whoever comes with the same unique ids. A new entry has a new entry id, so the bus it
takes up is recognised by its wall connectors, and goes on under the id it had.
"""

from collections import Counter, defaultdict
from collections.abc import Collection
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .const import CONF_BUS_ID, DOMAIN
from .twc.protocol.codes import TwcId


def bus_id(entry: ConfigEntry[Any]) -> str:
    """Return what the unique ids of everything on a bus begin with: of most, the id of their entry."""
    known_as: str = entry.data.get(CONF_BUS_ID, entry.entry_id)
    return known_as


def bus_id_of(hass: HomeAssistant, entry_id: str) -> str:
    """Return the same of an entry by its id; one that is not there yet, or no more, has its own."""
    entry = hass.config_entries.async_get_entry(entry_id)
    return entry_id if entry is None else bus_id(entry)


@callback
def former_bus_id(hass: HomeAssistant, heard: Collection[TwcId]) -> str | None:
    """Return the id of the deleted bus on which most of these wall connectors were, the last one of several."""
    present = {bus_id(entry) for entry in hass.config_entries.async_entries(DOMAIN)}
    matches: defaultdict[str, set[str]] = defaultdict(set)
    last: Counter[str] = Counter()
    names = {str(twcid) for twcid in heard}
    for deleted in er.async_get(hass).deleted_entities.values():
        former, _, rest = deleted.unique_id.partition("_")
        name = rest.partition("_")[0]
        if deleted.platform == DOMAIN and former not in present and name in names:
            matches[former].add(name)
            last[former] = max(last[former], int(deleted.modified_at.timestamp()))
    return max(matches, key=lambda former: (len(matches[former]), last[former]), default=None)
