"""The event entity of a wall connector: plugged in, started, stopped and why, and the whole session at its end."""

from typing import override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import TwcConfigEntry, TwcCoordinator
from .entity import ConnectorEntity, Face, add_connector_entities
from .sessions.report import summary
from .twc.bus.snapshot import BusSnapshot, WallConnectorSnapshot
from .twc.protocol.codes import TwcId
from .twc.sessions.happening import Happening, Told

PARALLEL_UPDATES = 0

HAPPENINGS = EventEntityDescription(key="charge", event_types=[one.value for one in Happening])


async def async_setup_entry(
    hass: HomeAssistant, entry: TwcConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add what tells what happens at each wall connector."""
    add_connector_entities(
        entry, async_add_entities, lambda coordinator, twcid: [ChargeEvent(coordinator, twcid)]
    )


class ChargeEvent(ConnectorEntity, EventEntity):
    """Each thing that happens is told once, also over a restart."""

    def __init__(self, coordinator: TwcCoordinator, twcid: TwcId) -> None:
        """Tell nothing yet."""
        super().__init__(coordinator, twcid, HAPPENINGS)

    @override
    def _read_connector(self, bus: BusSnapshot, connector: WallConnectorSnapshot) -> Face:
        return Face()

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to the account of the sessions."""
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.sessions.listen(self._on_told))

    @callback
    def _on_told(self, told: Told) -> None:
        if told.twcid == self.twcid:
            self._trigger_event(told.what.value, summary(told, self.coordinator.cars.names))
            self.async_write_ha_state()
