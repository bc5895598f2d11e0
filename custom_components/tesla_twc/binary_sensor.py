"""What is or is not so: a car plugged in, current flowing, a port open, something wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import override

from homeassistant.components.binary_sensor import BinarySensorEntity, BinarySensorEntityDescription
from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import TwcConfigEntry, TwcCoordinator
from .entity import UNAVAILABLE, BusEntity, ConnectorEntity, Face, add_connector_entities
from .news import is_heard
from .twc.bus.snapshot import BusPhase, BusSnapshot, WallConnectorSnapshot
from .twc.protocol.codes import TwcId

PARALLEL_UPDATES = 0


def _can_tell_of_problems(bus: BusSnapshot, connector: WallConnectorSnapshot) -> bool:
    """A wall connector that no longer answers is a problem itself, so silence does not hide it."""
    return bus.phase is not BusPhase.DISCONNECTED and (
        is_heard(bus, connector) or connector.problem is not None
    )


CAR_DISOBEYS = "car_disobeys"
"""A car with a switch of its own charges on though it was told to stop. The bus knows nothing of that switch."""


def _problem(coordinator: TwcCoordinator, connector: WallConnectorSnapshot) -> str | None:
    if connector.problem is not None:
        return connector.problem.value
    return CAR_DISOBEYS if coordinator.deciding.cars.disobeys(connector.twcid) else None


@dataclass(frozen=True, kw_only=True)
class ConnectorBinarySensorDescription(BinarySensorEntityDescription):
    """Describe a fact about one wall connector."""

    is_on_fn: Callable[[WallConnectorSnapshot], bool | None]


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
)

PROBLEM = BinarySensorEntityDescription(
    key="problem",
    device_class=BinarySensorDeviceClass.PROBLEM,
    entity_category=EntityCategory.DIAGNOSTIC,
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

    def create(coordinator: TwcCoordinator, twcid: TwcId) -> list[BinarySensorEntity]:
        return [
            *(
                ConnectorBinarySensor(coordinator, twcid, description)
                for description in CONNECTOR_BINARY_SENSORS
            ),
            ProblemSensor(coordinator, twcid, PROBLEM),
        ]

    async_add_entities([ConnectedSensor(entry.runtime_data, CONNECTED)])
    add_connector_entities(entry, async_add_entities, create)


class ConnectorBinarySensor(ConnectorEntity, BinarySensorEntity):
    """A fact about one wall connector."""

    entity_description: ConnectorBinarySensorDescription

    @override
    def _read_connector(self, bus: BusSnapshot, connector: WallConnectorSnapshot) -> Face:
        if not is_heard(bus, connector):
            return UNAVAILABLE
        return Face(value=self.entity_description.is_on_fn(connector))

    @property
    @override
    def is_on(self) -> bool | None:
        """Whether it is so."""
        return None if self._face.value is None else bool(self._face.value)


class ProblemSensor(ConnectorEntity, BinarySensorEntity):
    """Whether something is wrong with a wall connector or the car there, and what."""

    @override
    def _read_connector(self, bus: BusSnapshot, connector: WallConnectorSnapshot) -> Face:
        if not _can_tell_of_problems(bus, connector):
            return UNAVAILABLE
        problem = _problem(self.coordinator, connector)
        return Face(value=problem is not None, attributes={"problem": problem or "none"})

    @property
    @override
    def is_on(self) -> bool:
        """Whether something is wrong."""
        return bool(self._face.value)


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
