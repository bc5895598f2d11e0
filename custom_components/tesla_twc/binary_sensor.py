"""What is or is not so: a car plugged in, current flowing, a port open, something wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import override

from homeassistant.components.binary_sensor import BinarySensorEntity, BinarySensorEntityDescription
from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import TwcConfigEntry, TwcCoordinator
from .entity import BusEntity, ConnectorEntity, Face, add_connector_entities
from .news import is_heard
from .twc.bus.snapshot import BusPhase, BusSnapshot, WallConnectorSnapshot
from .twc.protocol.codes import TwcId

PARALLEL_UPDATES = 0


def _can_tell_of_problems(bus: BusSnapshot, connector: WallConnectorSnapshot) -> bool:
    """A wall connector that no longer answers is a problem itself, so silence does not hide it."""
    return bus.phase is not BusPhase.DISCONNECTED and (
        is_heard(bus, connector) or connector.problem is not None
    )


def _problem(connector: WallConnectorSnapshot) -> dict[str, str]:
    return {"problem": "none" if connector.problem is None else connector.problem.value}


@dataclass(frozen=True, kw_only=True)
class ConnectorBinarySensorDescription(BinarySensorEntityDescription):
    """Describe a fact about one wall connector."""

    is_on_fn: Callable[[WallConnectorSnapshot], bool | None]
    available_fn: Callable[[BusSnapshot, WallConnectorSnapshot], bool] = is_heard
    attributes_fn: Callable[[WallConnectorSnapshot], Mapping[str, str]] | None = None


CONNECTOR_BINARY_SENSORS: tuple[ConnectorBinarySensorDescription, ...] = (
    ConnectorBinarySensorDescription(
        key="plugged_in",
        device_class=BinarySensorDeviceClass.PLUG,
        is_on_fn=lambda connector: connector.plugged_in,
    ),
    ConnectorBinarySensorDescription(
        key="charging",
        device_class=BinarySensorDeviceClass.BATTERY_CHARGING,
        is_on_fn=lambda connector: connector.charging,
    ),
    ConnectorBinarySensorDescription(
        key="problem",
        device_class=BinarySensorDeviceClass.PROBLEM,
        entity_category=EntityCategory.DIAGNOSTIC,
        is_on_fn=lambda connector: connector.problem is not None,
        available_fn=_can_tell_of_problems,
        attributes_fn=_problem,
    ),
)

CONNECTED = BinarySensorEntityDescription(
    key="connected",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    hass: HomeAssistant, entry: TwcConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the binary sensors of a bus."""

    def create(coordinator: TwcCoordinator, twcid: TwcId) -> list[ConnectorBinarySensor]:
        return [
            ConnectorBinarySensor(coordinator, twcid, description) for description in CONNECTOR_BINARY_SENSORS
        ]

    async_add_entities([ConnectedSensor(entry.runtime_data, CONNECTED)])
    add_connector_entities(entry, async_add_entities, create)


class ConnectorBinarySensor(ConnectorEntity, BinarySensorEntity):
    """A fact about one wall connector."""

    entity_description: ConnectorBinarySensorDescription

    @override
    def _read_connector(self, bus: BusSnapshot, connector: WallConnectorSnapshot) -> Face:
        description = self.entity_description
        if not description.available_fn(bus, connector):
            return Face(available=False)
        attributes = description.attributes_fn and description.attributes_fn(connector)
        return Face(value=description.is_on_fn(connector), attributes=attributes)

    @property
    @override
    def is_on(self) -> bool | None:
        """Whether it is so."""
        return None if self._face.value is None else bool(self._face.value)


class ConnectedSensor(BusEntity, BinarySensorEntity):
    """Whether the port is open, and what is done with it."""

    @override
    def _read(self, bus: BusSnapshot) -> Face:
        return Face(value=bus.phase is not BusPhase.DISCONNECTED, attributes={"phase": bus.phase.value})

    @property
    @override
    def is_on(self) -> bool:
        """Whether the port is open."""
        return bool(self._face.value)
