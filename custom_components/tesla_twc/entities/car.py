"""Sensors of a car: where it is, its battery, what it took, and what its charges have shown of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntityDescription, SensorStateClass
from homeassistant.const import PERCENTAGE, Platform, UnitOfEnergy
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_track_state_change_event

from ..cars.readings import soc_of
from ..coordinator import TwcConfigEntry, TwcCoordinator
from ..entity import Face
from ..registry.bus_id import bus_id
from ..registry.devices import car_identifier
from ..registry.naming import connector_name
from ..registry.unique_ids import unregister
from ..sessions.book import moment
from ..sessions.periods import Period
from ..twc.bus.snapshot import BusSnapshot
from ..twc.cars.car import OwnedCar
from .car_entity import CarEntity
from .car_habits import CAR_HABITS, CarHabitSensor
from .deadband import ENERGY_DETAIL, Detail, Thinned
from .sensor import TwcSensor

NOT_HERE = "not_here"
"""Where a car is that is plugged in at no wall connector of this bus."""


@callback
def add_soc_sensors(
    hass: HomeAssistant, entry: TwcConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Show the state of charge of each car whose own integration tells it, as its owner says, and of no other."""
    coordinator = entry.runtime_data
    shown: dict[str, bool] = {}
    """Of each car whether it is shown."""

    @callback
    def follow() -> None:
        for car_id, car in coordinator.cars.cars.items():
            told = car.soc is not None
            if shown.get(car_id) is told:
                continue
            shown[car_id] = told
            if told:
                async_add_entities([SocSensor(coordinator, car_id, CAR_SOC)], config_subentry_id=car_id)
            else:
                unregister(hass, Platform.SENSOR, car_identifier(bus_id(entry), car_id), CAR_SOC.key)

    follow()
    entry.async_on_unload(coordinator.async_add_listener(follow))


@dataclass(frozen=True, kw_only=True)
class CarEnergyDescription(SensorEntityDescription):
    """Describe what a car took in a period that goes on: a total that begins anew."""

    period: Period


CONNECTED_TO = SensorEntityDescription(key="connected_to")

CAR_SOC = SensorEntityDescription(
    key="car_soc",
    device_class=SensorDeviceClass.BATTERY,
    state_class=SensorStateClass.MEASUREMENT,
    native_unit_of_measurement=PERCENTAGE,
    suggested_display_precision=0,
)


CAR_ENERGY = tuple(
    CarEnergyDescription(
        key=f"car_energy_{period}",
        device_class=SensorDeviceClass.ENERGY,
        state_class=SensorStateClass.TOTAL,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=1,
        period=period,
    )
    for period in Period
)

LAST_SESSION = SensorEntityDescription(
    key="car_last_session_energy",
    device_class=SensorDeviceClass.ENERGY,
    state_class=SensorStateClass.TOTAL,
    native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
    suggested_display_precision=1,
)

SUN_SHARE = SensorEntityDescription(
    key="car_sun_share",
    state_class=SensorStateClass.MEASUREMENT,
    native_unit_of_measurement=PERCENTAGE,
    suggested_display_precision=0,
)


def car_sensors(coordinator: TwcCoordinator, car: OwnedCar) -> list[Entity]:
    """Return the sensors of a car."""
    return [
        WhereaboutsSensor(coordinator, car.car_id, CONNECTED_TO),
        *(CarEnergySensor(coordinator, car.car_id, description) for description in CAR_ENERGY),
        LastSessionSensor(coordinator, car.car_id, LAST_SESSION),
        SunShareSensor(coordinator, car.car_id, SUN_SHARE),
        *(CarHabitSensor(coordinator, car.car_id, description) for description in CAR_HABITS),
    ]


class WhereaboutsSensor(CarEntity, TwcSensor):
    """Tells at which wall connector a car is plugged in."""

    @override
    def _read_car(self, bus: BusSnapshot, car: OwnedCar) -> Face:
        cars = self.coordinator.cars
        if (twcid := cars.place_of(car.car_id)) is None:
            return Face(value=NOT_HERE)
        known = cars.known_at(twcid)
        by = None if known is None or known.by is None else known.by.value
        name = connector_name(self.coordinator.hass, self.coordinator.config_entry.entry_id, twcid)
        return Face(value=name, attributes={"recognised_by": by})


class SocSensor(CarEntity, TwcSensor):
    """Shows what the car's own integration says of its battery."""

    _followed: str | None = None
    _unfollow: Callable[[], None] | None = None

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the sensor, which may be another one after its owner chose so."""
        await super().async_added_to_hass()
        self._follow()
        self.async_on_remove(self._end)

    def _follow(self) -> None:
        car = self.coordinator.cars.cars.get(self.car_id)
        wanted = None if car is None else car.soc
        if wanted == self._followed:
            return
        self._end()
        self._followed = wanted
        if wanted is not None:
            self._unfollow = async_track_state_change_event(self.hass, wanted, self._on_event)

    def _end(self) -> None:
        if self._unfollow is not None:
            self._unfollow()
            self._unfollow = None

    @callback
    def _on_event(self, event: Event[EventStateChangedData]) -> None:
        self._handle_coordinator_update()

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        self._follow()
        super()._handle_coordinator_update()

    @override
    def _read_car(self, bus: BusSnapshot, car: OwnedCar) -> Face:
        percent = soc_of(self.coordinator.hass, car)
        return Face(available=percent is not None, value=percent)


class _CarTotalSensor(CarEntity, TwcSensor):
    """What a car took since some time, beginning anew with each."""

    _began: datetime | None = None

    def __init__(self, coordinator: TwcCoordinator, car_id: str, description: EntityDescription) -> None:
        """Show nothing yet."""
        self._thinned = Thinned(ENERGY_DETAIL)
        super().__init__(coordinator, car_id, description)

    def _show(self, kwh: float, began: datetime | None, now: float) -> Face:
        if began != self._began:
            self._thinned = Thinned(ENERGY_DETAIL)
            self._began = began
        return Face(value=self._thin(round(kwh, 3), now), last_reset=began)


class CarEnergySensor(_CarTotalSensor):
    """What a car took in this day, month or year, by when it flowed."""

    entity_description: CarEnergyDescription

    @override
    def _read_car(self, bus: BusSnapshot, car: OwnedCar) -> Face:
        period, periods = self.entity_description.period, self.coordinator.sessions.periods
        sums = periods.of_car(period, car.car_id)
        return Face() if sums is None else self._show(sums.energy, periods.begin(period), bus.now)


class LastSessionSensor(_CarTotalSensor):
    """What a car took in its last charge, or in the one that goes on."""

    @override
    def _read_car(self, bus: BusSnapshot, car: OwnedCar) -> Face:
        sessions = self.coordinator.car_figures.of(car.car_id)
        return self._show(sessions[-1].kwh, moment(sessions[-1].start), bus.now) if sessions else Face()


class SunShareSensor(CarEntity, TwcSensor):
    """The sun's share of what a car took in this month."""

    def __init__(self, coordinator: TwcCoordinator, car_id: str, description: EntityDescription) -> None:
        """Show nothing yet."""
        self._thinned = Thinned(Detail(step=1.0))
        super().__init__(coordinator, car_id, description)

    @override
    def _read_car(self, bus: BusSnapshot, car: OwnedCar) -> Face:
        sums = self.coordinator.sessions.periods.of_car(Period.MONTH, car.car_id)
        share = None if sums is None else sums.sun_share
        return Face(value=self._thin(None if share is None else round(100.0 * share, 1), bus.now))
