"""Adds and removes the entities of a bus that mean something only where the house is measured in a certain way.

They come and go with the options, without a restart. What an owner did to one (its name, its entity id) is kept by the
registry and is back when the entity is. One that he disabled stays where it is, as it shows nothing anyway.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..const import CONF_BATTERY_SOC, CONF_FUSE, CONF_PHASE_SENSORS, CONF_SITE
from ..coordinator import TwcConfigEntry, TwcCoordinator
from ..house.sensors import measurement_of, tells_battery_power
from ..house_coordinator import HouseConfigEntry, HouseCoordinator
from ..registry.bus_id import known_as
from ..registry.devices import bus_identifier
from ..registry.house_entry import house_of
from ..registry.unique_ids import unregister
from ..twc.charging.settings import Measurement

_METERS = frozenset({Measurement.GRID, Measurement.CONSUMPTION})


type OfHouse = TwcCoordinator | HouseCoordinator


def _site(coordinator: OfHouse) -> Mapping[str, Any]:
    site: Mapping[str, Any] = coordinator.config_entry.options.get(CONF_SITE, {})
    return site


def _is_measured(coordinator: OfHouse) -> bool:
    return measurement_of(_site(coordinator)) is not Measurement.NONE


def _has_meter(coordinator: OfHouse) -> bool:
    return measurement_of(_site(coordinator)) in _METERS


def _has_sensors(coordinator: OfHouse) -> bool:
    site = _site(coordinator)
    return _is_measured(coordinator) or (CONF_FUSE in site and bool(site.get(CONF_PHASE_SENSORS)))


def _has_soc(coordinator: OfHouse) -> bool:
    return _is_measured(coordinator) and CONF_BATTERY_SOC in _site(coordinator)


def _has_battery(coordinator: OfHouse) -> bool:
    return _is_measured(coordinator) and tells_battery_power(_site(coordinator))


def _has_operator(coordinator: OfHouse) -> bool:
    return coordinator.house.outside.operator is not None


def _has_ceiling_power(coordinator: OfHouse) -> bool:
    return coordinator.house.outside.tells(in_watts=True)


def _has_ceiling_current(coordinator: OfHouse) -> bool:
    return coordinator.house.outside.tells(in_watts=False)


def _has_sun(coordinator: OfHouse) -> bool:
    # What is in force is to be seen, also where it means nothing any more.
    return _has_sensors(coordinator) or coordinator.house.owner.site.shadow


MEANT: Mapping[str, Callable[[OfHouse], bool]] = {
    **dict.fromkeys(("surplus_power", "available_current", "reserve", "start_grid_share"), _is_measured),
    **dict.fromkeys(("meter", "check_meter"), _has_meter),
    "input_state": _has_sensors,
    **dict.fromkeys(("battery_first_soc", "battery_helps_soc"), _has_soc),
    "battery_discharge": _has_battery,
    "shadow": _has_sun,
    "dimmed": _has_operator,
    "ceiling_power": _has_ceiling_power,
    "ceiling_current": _has_ceiling_current,
}
"""When each entity means something, by its key."""


OVERHEARD = frozenset({"surplus_power", "input_state"})
"""Those that mean something where we give no orders."""


def _is_meant(coordinator: OfHouse, key: str) -> bool:
    return (coordinator.gives_orders or key in OVERHEARD) and MEANT[key](coordinator)


@callback
def add_site_entities(
    hass: HomeAssistant,
    entry: TwcConfigEntry | HouseConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    platform: Platform,
    descriptions: Sequence[EntityDescription],
    create: Callable[[Any], Entity],
) -> None:
    """Add those that mean something, and follow the options: more of them, or fewer. A shared house has its own."""
    if house_of(hass, entry) is not None:
        return
    coordinator, owner = entry.runtime_data, bus_identifier(known_as(entry))
    shown: set[str] = set()

    @callback
    def follow() -> None:
        meant = {item.key for item in descriptions if _is_meant(coordinator, item.key)}
        new = [item for item in descriptions if item.key in meant - shown]
        gone = shown - meant
        shown.difference_update(gone)
        shown.update(meant)
        if new:
            async_add_entities(create(item) for item in new)
        for key in gone:
            unregister(hass, platform, owner, key)

    for item in descriptions:
        if not _is_meant(coordinator, item.key):
            # It may be there from a time when it meant something.
            unregister(hass, platform, owner, item.key)
    follow()
    entry.async_on_unload(coordinator.async_add_listener(follow))
