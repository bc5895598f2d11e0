"""Sensors that tell on which phases of the house each wall connector is, where a main fuse is guarded."""

from typing import Any, override

from homeassistant.components.sensor import SensorEntityDescription
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..const import CONF_FUSE, CONF_PHASE_SENSORS, CONF_SITE
from ..coordinator import TwcConfigEntry
from ..entity import ConnectorEntity, Face
from ..house.sentences import names_of
from ..registry.bus_id import bus_id
from ..registry.devices import connector_identifier
from ..registry.house_entry import options_of
from ..registry.unique_ids import unregister
from ..runtime.role import role_of
from ..twc.bus.snapshot import BusRole, BusSnapshot, WallConnectorSnapshot
from ..twc.charging.house_phases import HousePhases
from ..twc.protocol.codes import TwcId
from .sensor import TwcSensor

HOUSE_PHASES = SensorEntityDescription(key="house_phases", entity_category=EntityCategory.DIAGNOSTIC)


class HousePhasesSensor(ConnectorEntity, TwcSensor):
    """The phases of the house that its car loads; unknown until they are stated or learnt."""

    @override
    def _read_connector(self, bus: BusSnapshot, connector: WallConnectorSnapshot) -> Face:
        # It is known of a wall connector, whether or not that is heard at this moment.
        found = self.coordinator.decision.house_phases.get(self.twcid, HousePhases())
        may_be = sorted({*found.sure, *found.possible})
        attributes: dict[str, Any] = {
            "possible": names_of(may_be),
            "source": "stated" if found.stated else "learnt" if found.steps else "unknown",
            "steps": found.steps,
        }
        value = names_of(found.sure).replace(",", "") if found.known else None
        return Face(value=value, attributes=attributes)


def has_phases(hass: HomeAssistant, entry: TwcConfigEntry) -> bool:
    """Whether there are phases to tell apart: a main fuse of two or three that are measured, and guarded by us."""
    site = options_of(hass, entry).get(CONF_SITE, {})
    return (
        role_of(entry.data) is BusRole.CONTROL
        and CONF_FUSE in site
        and len(site.get(CONF_PHASE_SENSORS) or []) > 1
    )


@callback
def add_house_phases(
    hass: HomeAssistant, entry: TwcConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add a sensor for every wall connector while there are phases to tell apart, and take it away when not."""
    coordinator = entry.runtime_data
    shown: set[TwcId] = set()
    is_used = True

    @callback
    def follow() -> None:
        nonlocal is_used
        was_used, is_used = is_used, has_phases(hass, entry)
        if not is_used:
            shown.clear()
            if was_used:
                _remove(hass, entry)
            return
        # One that was deleted and comes back is new again.
        shown.intersection_update(coordinator.connectors)
        new = [twcid for twcid in coordinator.connectors if twcid not in shown]
        shown.update(new)
        if new:
            async_add_entities(HousePhasesSensor(coordinator, twcid, HOUSE_PHASES) for twcid in new)

    follow()
    entry.async_on_unload(coordinator.async_add_listener(follow))


def _remove(hass: HomeAssistant, entry: TwcConfigEntry) -> None:
    for twcid in entry.runtime_data.connectors:
        owner = connector_identifier(bus_id(entry), twcid)
        unregister(hass, Platform.SENSOR, owner, HOUSE_PHASES.key)
