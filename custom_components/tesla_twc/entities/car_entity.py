"""What all entities of a car have in common."""

from abc import abstractmethod
from collections.abc import Callable, Iterable
from typing import override

from homeassistant.core import callback
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..coordinator import TwcConfigEntry, TwcCoordinator
from ..entity import UNAVAILABLE, Face, TwcEntity
from ..registry.bus_id import bus_id
from ..registry.devices import car_identifier
from ..twc.bus.snapshot import BusSnapshot
from ..twc.cars.car import OwnedCar


class CarEntity(TwcEntity):
    """One thing that is shown of one car."""

    coordinator: TwcCoordinator

    def __init__(self, coordinator: TwcCoordinator, car_id: str, description: EntityDescription) -> None:
        """Belong to a car."""
        self.car_id = car_id
        owner = car_identifier(bus_id(coordinator.config_entry), car_id)
        super().__init__(coordinator, owner, description)

    @abstractmethod
    def _read_car(self, bus: BusSnapshot, car: OwnedCar) -> Face:
        """Return what to show of the car."""

    @override
    def _read(self, bus: BusSnapshot) -> Face:
        car = self.coordinator.cars.cars.get(self.car_id)
        return UNAVAILABLE if car is None else self._read_car(bus, car)


@callback
def add_car_entities(
    entry: TwcConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    create: Callable[[TwcCoordinator, OwnedCar], Iterable[Entity]],
) -> None:
    """Add entities for every car, now and whenever one is entered. With a car Home Assistant deletes its own."""
    coordinator = entry.runtime_data
    known: set[str] = set()

    @callback
    def add_new() -> None:
        cars = coordinator.cars.cars
        known.intersection_update(cars)
        for car_id in cars.keys() - known:
            known.add(car_id)
            async_add_entities(create(coordinator, cars[car_id]), config_subentry_id=car_id)

    add_new()
    entry.async_on_unload(coordinator.async_add_listener(add_new))
