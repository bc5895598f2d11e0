"""The button that begins a check of the meter."""

from functools import partial
from typing import override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import TwcConfigEntry
from .entities.role import withdraw
from .entities.site_entities import add_site_entities
from .entity import Face, HouseEntity
from .twc.bus.snapshot import BusSnapshot

PARALLEL_UPDATES = 1

CHECK_METER = ButtonEntityDescription(key="check_meter", entity_category=EntityCategory.DIAGNOSTIC)


async def async_setup_entry(
    hass: HomeAssistant, entry: TwcConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the button of a house."""
    if not entry.runtime_data.gives_orders:
        withdraw(hass, entry, Platform.BUTTON, bus=[CHECK_METER])
        return
    add_site_entities(
        hass,
        entry,
        async_add_entities,
        Platform.BUTTON,
        [CHECK_METER],
        partial(CheckMeter, entry.runtime_data),
    )


class CheckMeter(HouseEntity, ButtonEntity):
    """Moves a charging car by 3 A a few times and listens to the meter; a notification tells what it heard."""

    @override
    def _read(self, bus: BusSnapshot) -> Face:
        return Face()

    @override
    async def async_press(self) -> None:
        """Begin the test."""
        self.coordinator.house.check_meter()
