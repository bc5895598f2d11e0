"""Binary sensors: car plugged in, charging, problem, port connected."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import override

from homeassistant.components.binary_sensor import BinarySensorEntity, BinarySensorEntityDescription
from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import TwcConfigEntry, TwcCoordinator
from .entities.outside import DIMMED, DimmedSensor
from .entities.role import withdraw
from .entities.site_entities import add_site_entities
from .entity import UNAVAILABLE, BusEntity, ConnectorEntity, Face, add_connector_entities
from .problems.debounce import AT_ONCE, Debounce, Lasting
from .registry.house_entry import is_house
from .runtime.availability import can_be_told, is_heard, is_muted
from .twc.bus.snapshot import BusPhase, BusSnapshot, Problem, WallConnectorSnapshot
from .twc.charging.outcome import CONNECTOR_ERROR_SECONDS
from .twc.charging.settings import ChargeMode
from .twc.protocol.codes import TwcId

PARALLEL_UPDATES = 0


_LASTING = {Problem.ERROR_STATE.value: Lasting(appears_after=CONNECTOR_ERROR_SECONDS)}
"""After a break in the heartbeats a wall connector reports an error for a moment, and that is none (protocol.md 3.14).
Everything else is judged over time where it is found."""

CAR_DISOBEYS = "car_disobeys"
"""A car with a switch of its own charges on though it was told to stop. The bus knows nothing of that switch."""


def _problem(coordinator: TwcCoordinator, bus: BusSnapshot, connector: WallConnectorSnapshot) -> str | None:
    asked = not is_muted(bus) and bus.phase is not BusPhase.LISTENING
    if not asked and connector.problem is Problem.LOST:
        # It is asked nothing while another controller speaks, and when the port has just been opened.
        return None
    if connector.problem is not None:
        return connector.problem.value
    return CAR_DISOBEYS if coordinator.decider.cars.disobeys(connector.twcid) else None


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

ENABLED = BinarySensorEntityDescription(key="enabled")

CONNECTED = BinarySensorEntityDescription(
    key="connected",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    hass: HomeAssistant, entry: TwcConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the binary sensors of a bus, or of a house."""
    add_site_entities(
        hass,
        entry,
        async_add_entities,
        Platform.BINARY_SENSOR,
        [DIMMED],
        partial(DimmedSensor, entry.runtime_data),
    )
    if is_house(entry):
        return

    def create(coordinator: TwcCoordinator, twcid: TwcId) -> list[BinarySensorEntity]:
        return [
            *(
                ConnectorBinarySensor(coordinator, twcid, description)
                for description in CONNECTOR_BINARY_SENSORS
            ),
            ProblemSensor(coordinator, twcid, PROBLEM),
            *([EnabledSensor(coordinator, twcid, ENABLED)] if coordinator.gives_orders else []),
        ]

    if not entry.runtime_data.gives_orders:
        withdraw(hass, entry, Platform.BINARY_SENSOR, connectors=[ENABLED])

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

    def __init__(
        self, coordinator: TwcCoordinator, twcid: TwcId, description: BinarySensorEntityDescription
    ) -> None:
        """Show nothing yet."""
        self._debounce = Debounce[str]()
        super().__init__(coordinator, twcid, description)

    @override
    def _read_connector(self, bus: BusSnapshot, connector: WallConnectorSnapshot) -> Face:
        if bus.phase is BusPhase.DISCONNECTED:
            return UNAVAILABLE
        problem = _problem(self.coordinator, bus, connector)
        found = {} if problem is None else {problem: (problem, _LASTING.get(problem, AT_ONCE))}
        told = next(iter(self._debounce.take(found, bus.now)), None)
        # One that no longer answers is a problem itself, so silence does not hide it.
        if told is None and not is_heard(bus, connector):
            return UNAVAILABLE
        return Face(value=told is not None, attributes={"problem": told or "none"})

    @property
    @override
    def is_on(self) -> bool:
        """Whether something is wrong."""
        return bool(self._face.value)


class EnabledSensor(ConnectorEntity, BinarySensorEntity):
    """Whether a car may charge there as far as its owner has a say: what an energy manager switched on is on."""

    @override
    def _read_connector(self, bus: BusSnapshot, connector: WallConnectorSnapshot) -> Face:
        owner = self.coordinator.owner_settings
        own = owner.of(self.twcid)
        allowed = own.charging_enabled and not own.limit_stops
        wants = owner.charges_now(self.twcid)
        return Face(
            available=can_be_told(bus),
            value=allowed and (wants or owner.mode_of(self.twcid) is not ChargeMode.OFF),
        )

    @property
    @override
    def is_on(self) -> bool:
        """Whether it may."""
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
