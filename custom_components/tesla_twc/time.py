"""Times: by when the car at a wall connector has to be ready."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from typing import override

from homeassistant.components.time import TimeEntity, TimeEntityDescription
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import TwcConfigEntry, TwcCoordinator
from .entities.role import withdraw
from .entity import ConnectorEntity, Face, add_connector_entities
from .runtime.availability import can_be_told
from .runtime.ready_plans import ReadyPlans
from .twc.bus.snapshot import BusSnapshot, WallConnectorSnapshot
from .twc.protocol.codes import TwcId

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class ConnectorTimeDescription(TimeEntityDescription):
    """Describe a time of day of one wall connector, and who keeps it."""

    value_fn: Callable[[ReadyPlans, TwcId], time]
    set_fn: Callable[[ReadyPlans, TwcId, time], None]


CONNECTOR_TIMES: tuple[ConnectorTimeDescription, ...] = (
    ConnectorTimeDescription(
        key="ready_by",
        value_fn=lambda ready, twcid: ready.of(twcid).time_of_day,
        set_fn=ReadyPlans.set_time,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: TwcConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the times of a bus."""

    def create(coordinator: TwcCoordinator, twcid: TwcId) -> list[ConnectorTime]:
        return [ConnectorTime(coordinator, twcid, description) for description in CONNECTOR_TIMES]

    if not entry.runtime_data.gives_orders:
        withdraw(hass, entry, Platform.TIME, connectors=CONNECTOR_TIMES)
        return
    add_connector_entities(entry, async_add_entities, create)


class ConnectorTime(ConnectorEntity, TimeEntity):
    """A time of day, in the time zone of Home Assistant."""

    entity_description: ConnectorTimeDescription

    @override
    def _read_connector(self, bus: BusSnapshot, connector: WallConnectorSnapshot) -> Face:
        at = self.entity_description.value_fn(self.coordinator.owner_settings.ready, self.twcid)
        return Face(available=can_be_told(bus), value=at.isoformat())

    @property
    @override
    def native_value(self) -> time | None:
        """The time of day."""
        return None if self._face.value is None else time.fromisoformat(str(self._face.value))

    @override
    async def async_set_value(self, value: time) -> None:
        """Choose a time of day."""
        self.entity_description.set_fn(self.coordinator.owner_settings.ready, self.twcid, value)
