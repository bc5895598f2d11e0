"""Sensors of what wall connectors report: current, power, energy, state, VIN and the like; adds all other sensors."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import (
    PERCENTAGE,
    EntityCategory,
    Platform,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfEnergy,
    UnitOfPower,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import TwcConfigEntry, TwcCoordinator
from .entities.car import add_soc_sensors, car_sensors
from .entities.car_entity import add_car_entities
from .entities.deadband import CURRENT_DETAIL, ENERGY_DETAIL, POWER_DETAIL, Detail, Thinned
from .entities.decision import (
    DECISION,
    ORDERED_WEAR,
    SITE_SENSORS,
    WEAR_SENSORS,
    DecisionSensor,
    SiteSensor,
    WearSensor,
)
from .entities.house_phases import add_house_phases
from .entities.last_heard import LastHeardSensor
from .entities.outside import CEILING_SENSORS, CeilingSensor
from .entities.period import PERIOD_SENSORS, BusPeriodSensor, ConnectorPeriodSensor
from .entities.role import NEVER_TOLD_BY_A_CONTROLLER, withdraw
from .entities.sensor import TwcSensor
from .entities.session import SESSION_SENSORS, SessionSensor
from .entities.simulated_house import add_house
from .entities.site_entities import add_site_entities
from .entities.status import StatusSensor
from .entity import UNAVAILABLE, BusEntity, ConnectorEntity, Face, add_connector_entities
from .registry.bus_id import bus_id
from .registry.devices import connector_identifier
from .registry.house_entry import is_house
from .registry.unique_ids import unregister
from .runtime.availability import is_asked, is_heard
from .twc.bus.snapshot import BusSnapshot, WallConnectorSnapshot
from .twc.charging.status import ChargingStatus, charging_status
from .twc.protocol.codes import ConnectorState, PlugState, TwcId

PARALLEL_UPDATES = 0

VOLTAGE_DETAIL = Detail(step=2)
QUALITY_DETAIL = Detail(step=5)


@dataclass(frozen=True, slots=True)
class Beside[Told]:
    """A reading that another one is shown anew with, so that the two never contradict each other."""

    value_fn: Callable[[Told], float | None]
    detail: Detail


@dataclass(frozen=True, kw_only=True)
class ConnectorSensorDescription(SensorEntityDescription):
    """Describe a reading of one wall connector."""

    value_fn: Callable[[WallConnectorSnapshot], float | str | None]
    detail: Detail | None = None
    """How finely a number is shown; None shows every change."""
    beside: Beside[WallConnectorSnapshot] | None = None
    available_fn: Callable[[BusSnapshot, WallConnectorSnapshot], bool] = is_heard


@dataclass(frozen=True, kw_only=True)
class BusSensorDescription(SensorEntityDescription):
    """Describe a reading of all wall connectors together."""

    value_fn: Callable[[BusSnapshot], float]
    detail: Detail
    beside: Beside[BusSnapshot]


def _voltage(phase: int) -> ConnectorSensorDescription:
    return ConnectorSensorDescription(
        key=f"voltage_l{phase}",
        device_class=SensorDeviceClass.VOLTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfElectricPotential.VOLT,
        suggested_display_precision=0,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda connector: None if connector.volts is None else connector.volts[phase - 1],
        detail=VOLTAGE_DETAIL,
    )


def _phase_current(phase: int) -> ConnectorSensorDescription:
    return ConnectorSensorDescription(
        key=f"current_l{phase}",
        device_class=SensorDeviceClass.CURRENT,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        suggested_display_precision=1,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda connector: None if connector.phase_amps is None else connector.phase_amps[phase - 1],
        detail=CURRENT_DETAIL,
    )


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


CONNECTOR_SENSORS: tuple[ConnectorSensorDescription, ...] = (
    ConnectorSensorDescription(
        key="charging_current",
        device_class=SensorDeviceClass.CURRENT,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        suggested_display_precision=1,
        value_fn=lambda connector: connector.drawn_amps,
        detail=CURRENT_DETAIL,
        beside=Beside(lambda connector: connector.power_watts, POWER_DETAIL),
    ),
    ConnectorSensorDescription(
        key="offered_current",
        device_class=SensorDeviceClass.CURRENT,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        suggested_display_precision=0,
        # What it reports to be in force reaches no car while its contactor is kept open.
        value_fn=lambda connector: 0.0 if connector.contactor_rests else connector.offered_amps,
    ),
    ConnectorSensorDescription(
        key="charging_power",
        device_class=SensorDeviceClass.POWER,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfPower.WATT,
        suggested_display_precision=0,
        value_fn=lambda connector: _whole(connector.power_watts),
        detail=POWER_DETAIL,
        beside=Beside(lambda connector: connector.drawn_amps, CURRENT_DETAIL),
    ),
    ConnectorSensorDescription(
        key="lifetime_energy",
        device_class=SensorDeviceClass.ENERGY,
        state_class=SensorStateClass.TOTAL_INCREASING,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=1,
        value_fn=lambda connector: None if connector.energy_kwh is None else round(connector.energy_kwh, 3),
        detail=ENERGY_DETAIL,
        # A counter stays true while its wall connector sleeps, and the Energy dashboard misses it if it goes.
        available_fn=lambda _, connector: connector.energy_kwh is not None,
    ),
    ConnectorSensorDescription(
        key="state",
        device_class=SensorDeviceClass.ENUM,
        options=[state.slug for state in ConnectorState],
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda connector: None if connector.state is None else connector.state.slug,
    ),
    ConnectorSensorDescription(
        key="charging_status",
        device_class=SensorDeviceClass.ENUM,
        options=[one.value for one in ChargingStatus],
        value_fn=lambda connector: None if (one := charging_status(connector)) is None else one.value,
    ),
    ConnectorSensorDescription(
        key="plug_state",
        device_class=SensorDeviceClass.ENUM,
        options=[state.slug for state in PlugState],
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda connector: None if connector.plug_state is None else connector.plug_state.slug,
    ),
    ConnectorSensorDescription(
        key="vin",
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda connector: connector.vin,
    ),
    ConnectorSensorDescription(
        key="firmware_version",
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda connector: connector.firmware,
    ),
    ConnectorSensorDescription(
        key="rated_current",
        device_class=SensorDeviceClass.CURRENT,
        native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        suggested_display_precision=0,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda connector: connector.rated_amps,
    ),
    ConnectorSensorDescription(
        key="bus_quality",
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda connector: (
            None if connector.answered_share is None else round(connector.answered_share * 100)
        ),
        detail=QUALITY_DETAIL,
        # One that never answers has the worst quality of all.
        available_fn=is_asked,
    ),
    *(_voltage(phase) for phase in (1, 2, 3)),
    *(_phase_current(phase) for phase in (1, 2, 3)),
)

BUS_SENSORS: tuple[BusSensorDescription, ...] = (
    BusSensorDescription(
        key="total_current",
        device_class=SensorDeviceClass.CURRENT,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        suggested_display_precision=1,
        value_fn=lambda bus: round(bus.total_amps, 2),
        detail=CURRENT_DETAIL,
        beside=Beside(lambda bus: bus.total_watts, POWER_DETAIL),
    ),
    BusSensorDescription(
        key="total_power",
        device_class=SensorDeviceClass.POWER,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfPower.WATT,
        suggested_display_precision=0,
        value_fn=lambda bus: round(bus.total_watts),
        detail=POWER_DETAIL,
        beside=Beside(lambda bus: bus.total_amps, CURRENT_DETAIL),
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: TwcConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the sensors of a bus, or of a house."""
    add_site_entities(
        hass,
        entry,
        async_add_entities,
        Platform.SENSOR,
        SITE_SENSORS,
        partial(SiteSensor, entry.runtime_data),
    )
    add_site_entities(
        hass,
        entry,
        async_add_entities,
        Platform.SENSOR,
        CEILING_SENSORS,
        partial(CeilingSensor, entry.runtime_data),
    )
    if is_house(entry):
        return
    gives_orders = entry.runtime_data.gives_orders
    wear = [one for one in WEAR_SENSORS if gives_orders or one.key not in ORDERED_WEAR]

    def create(coordinator: TwcCoordinator, twcid: TwcId) -> list[SensorEntity]:
        told = _told_by(hass, coordinator, twcid)
        return [
            *(ConnectorSensor(coordinator, twcid, description) for description in told),
            LastHeardSensor(coordinator, twcid),
            StatusSensor(coordinator, twcid),
            *([DecisionSensor(coordinator, twcid)] if gives_orders else []),
            *(WearSensor(coordinator, twcid, description) for description in wear),
            *(SessionSensor(coordinator, twcid, description) for description in SESSION_SENSORS),
            *(ConnectorPeriodSensor(coordinator, twcid, description) for description in PERIOD_SENSORS),
        ]

    if not gives_orders:
        ordered = [DECISION, *(one for one in WEAR_SENSORS if one.key in ORDERED_WEAR)]
        withdraw(hass, entry, Platform.SENSOR, connectors=ordered)
    async_add_entities(BusSensor(entry.runtime_data, description) for description in BUS_SENSORS)
    async_add_entities(BusPeriodSensor(entry.runtime_data, description) for description in PERIOD_SENSORS)
    add_connector_entities(entry, async_add_entities, create)
    add_car_entities(entry, async_add_entities, car_sensors)
    add_soc_sensors(hass, entry, async_add_entities)
    add_house_phases(hass, entry, async_add_entities)
    add_house(hass, entry, async_add_entities)


def _told_by(
    hass: HomeAssistant, coordinator: TwcCoordinator, twcid: TwcId
) -> list[ConnectorSensorDescription]:
    """Return the sensors that a wall connector can ever fill; what a controller never tells is taken away."""
    connector = coordinator.data.connectors.get(twcid)
    if connector is None or not connector.leads:
        return list(CONNECTOR_SENSORS)
    owner = connector_identifier(bus_id(coordinator.config_entry), twcid)
    for key in NEVER_TOLD_BY_A_CONTROLLER:
        unregister(hass, Platform.SENSOR, owner, key)
    return [one for one in CONNECTOR_SENSORS if one.key not in NEVER_TOLD_BY_A_CONTROLLER]


class ConnectorSensor(ConnectorEntity, TwcSensor):
    """A reading of one wall connector."""

    entity_description: ConnectorSensorDescription

    def __init__(
        self, coordinator: TwcCoordinator, twcid: TwcId, description: ConnectorSensorDescription
    ) -> None:
        """Show nothing yet."""
        beside = None if description.beside is None else description.beside.detail
        self._thinned = Thinned(description.detail, beside) if description.detail else None
        super().__init__(coordinator, twcid, description)

    @override
    def _read_connector(self, bus: BusSnapshot, connector: WallConnectorSnapshot) -> Face:
        description, beside = self.entity_description, self.entity_description.beside
        available = description.available_fn(bus, connector)
        value = description.value_fn(connector) if available else None
        other = beside.value_fn(connector) if available and beside is not None else None
        return Face(available=available, value=self._thin(value, bus.now, other))


class BusSensor(BusEntity, TwcSensor):
    """A reading of all wall connectors together."""

    entity_description: BusSensorDescription

    def __init__(self, coordinator: TwcCoordinator, description: BusSensorDescription) -> None:
        """Show nothing yet."""
        self._thinned = Thinned(description.detail, description.beside.detail)
        super().__init__(coordinator, description)

    @override
    def _read(self, bus: BusSnapshot) -> Face:
        if not any(is_heard(bus, connector) for connector in bus.connectors.values()):
            self._thin(None, bus.now)
            return UNAVAILABLE
        description = self.entity_description
        other = description.beside.value_fn(bus)
        return Face(value=self._thin(description.value_fn(bus), bus.now, other))
