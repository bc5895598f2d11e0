"""Which entities there are in a role in which we give no orders; the others wait in the registry for another role."""

from collections.abc import Iterable

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity import EntityDescription

from ..coordinator import TwcConfigEntry
from ..registry.bus_id import bus_id
from ..registry.devices import bus_identifier, car_identifier, connector_identifier, connectors_of
from ..registry.house_entry import HOUSE_ENTITIES, house_of
from ..registry.unique_ids import Owner, unregister

NEVER_TOLD_BY_A_CONTROLLER = frozenset(
    {"offered_current", "state", "plug_state", "rated_current", "bus_quality"}
)
"""Sensors of a wall connector that is a controller itself that could never show anything: it answers no heartbeats, and
announces no rating (protocol.md 2.2)."""


@callback
def withdraw(
    hass: HomeAssistant,
    entry: TwcConfigEntry,
    platform: Platform,
    *,
    bus: Iterable[EntityDescription] = (),
    connectors: Iterable[EntityDescription] = (),
    cars: Iterable[EntityDescription] = (),
) -> None:
    """Take away what gives orders or tells of them. It comes back with the same ids when we give orders again."""
    known_as = bus_id(entry)
    # A shared house has those of the house, under the unique ids that its first bus had.
    elsewhere = () if house_of(hass, entry) is None else HOUSE_ENTITIES.get(platform, ())
    owners: list[tuple[Owner, Iterable[EntityDescription]]]
    owners = [(bus_identifier(known_as), [item for item in bus if item.key not in elsewhere])]
    owners += [(connector_identifier(known_as, twcid), connectors) for twcid in connectors_of(hass, entry)]
    owners += [(car_identifier(known_as, car_id), cars) for car_id in entry.runtime_data.cars.cars]
    for owner, descriptions in owners:
        for description in descriptions:
            unregister(hass, platform, owner, description.key)
