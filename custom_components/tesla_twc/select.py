"""Selects: the charge mode of the bus, of each wall connector and of each car, and which car is plugged in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import override

from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DOMAIN
from .coordinator import TwcConfigEntry, TwcCoordinator
from .entities.car_entity import CarEntity, add_car_entities
from .entities.role import withdraw
from .entity import ConnectorEntity, Face, HouseEntity, TwcEntity, add_connector_entities
from .registry.bus_id import bus_id
from .registry.devices import connector_identifier
from .registry.house_entry import house_of, is_house
from .registry.unique_ids import unregister
from .runtime.availability import can_be_told
from .runtime.house_settings import HouseSettings
from .runtime.owner_settings import OwnerSettings
from .twc.bus.snapshot import BusSnapshot, WallConnectorSnapshot
from .twc.cars.car import OwnedCar
from .twc.cars.recognise import NOBODY, By
from .twc.charging.settings import ChargeMode
from .twc.protocol.codes import TwcId

PARALLEL_UPDATES = 1

FOLLOW_BUS = "follow_bus"
"""The mode of a wall connector whose mode is that of the bus."""
AS_CONNECTOR = "as_connector"
"""The mode of a car whose mode is that of its wall connector."""
AUTOMATIC = "automatic"
"""The car is recognised, or nobody knows it."""
GUEST = "guest"
"""It is none of the owner's cars."""


def _mode_name(owner: OwnerSettings, twcid: TwcId) -> str:
    mode = owner.of(twcid).charge_mode
    return FOLLOW_BUS if mode is None else mode.value


def _set_mode(owner: OwnerSettings, twcid: TwcId, option: str) -> None:
    owner.set_charge_mode(twcid, None if option == FOLLOW_BUS else ChargeMode(option))


@dataclass(frozen=True, kw_only=True)
class ConnectorSelectDescription(SelectEntityDescription):
    """Describe a choice for one wall connector, and who keeps it."""

    value_fn: Callable[[OwnerSettings, TwcId], str]
    set_fn: Callable[[OwnerSettings, TwcId, str], None]


@dataclass(frozen=True, kw_only=True)
class HouseSelectDescription(SelectEntityDescription):
    """Describe a choice for the house, and who keeps it."""

    value_fn: Callable[[HouseSettings], str]
    set_fn: Callable[[HouseSettings, str], None]


CONNECTOR_SELECTS: tuple[ConnectorSelectDescription, ...] = (
    ConnectorSelectDescription(
        key="charge_mode",
        options=[FOLLOW_BUS, *(mode.value for mode in ChargeMode)],
        value_fn=_mode_name,
        set_fn=_set_mode,
    ),
)

HOUSE_SELECTS: tuple[HouseSelectDescription, ...] = (
    HouseSelectDescription(
        key="default_mode",
        options=[mode.value for mode in ChargeMode],
        value_fn=lambda owner: owner.site.charge_mode.value,
        set_fn=lambda owner, option: owner.set_default_mode(ChargeMode(option)),
    ),
)


CAR_MODE = SelectEntityDescription(
    key="car_charge_mode", options=[AS_CONNECTOR, *(mode.value for mode in ChargeMode)]
)

WHICH_CAR = SelectEntityDescription(key="car")


async def async_setup_entry(
    hass: HomeAssistant, entry: TwcConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the modes of a bus, or of a house."""

    def create(coordinator: TwcCoordinator, twcid: TwcId) -> list[ConnectorSelect]:
        return [ConnectorSelect(coordinator, twcid, description) for description in CONNECTOR_SELECTS]

    if is_house(entry):
        async_add_entities(HouseSelect(entry.runtime_data, description) for description in HOUSE_SELECTS)
        return
    add_which_car(hass, entry, async_add_entities)
    if not entry.runtime_data.gives_orders:
        withdraw(
            hass, entry, Platform.SELECT, bus=HOUSE_SELECTS, connectors=CONNECTOR_SELECTS, cars=[CAR_MODE]
        )
        return
    if house_of(hass, entry) is None:
        async_add_entities(HouseSelect(entry.runtime_data, description) for description in HOUSE_SELECTS)
    add_connector_entities(entry, async_add_entities, create)
    add_car_entities(
        entry, async_add_entities, lambda coordinator, car: [CarModeSelect(coordinator, car.car_id, CAR_MODE)]
    )


@callback
def add_which_car(
    hass: HomeAssistant, entry: TwcConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the choice of a car to every wall connector, as long as there are cars."""
    coordinator = entry.runtime_data
    shown: set[TwcId] = set()

    @callback
    def follow() -> None:
        meant = set(coordinator.connectors) if coordinator.cars.cars else set()
        new, gone = meant - shown, shown & set(coordinator.connectors) - meant
        shown.intersection_update(meant)
        shown.update(new)
        if new:
            async_add_entities(WhichCarSelect(coordinator, twcid, WHICH_CAR) for twcid in sorted(new))
        for twcid in gone:
            unregister(hass, Platform.SELECT, connector_identifier(bus_id(entry), twcid), WHICH_CAR.key)

    follow()
    entry.async_on_unload(coordinator.async_add_listener(follow))


class TwcSelect(TwcEntity, SelectEntity):
    """One of several options."""

    @property
    @override
    def current_option(self) -> str:
        """The option in force."""
        return str(self._face.value)


class ConnectorSelect(ConnectorEntity, TwcSelect):
    """A choice for one wall connector."""

    entity_description: ConnectorSelectDescription

    @override
    def _read_connector(self, bus: BusSnapshot, connector: WallConnectorSnapshot) -> Face:
        value = self.entity_description.value_fn(self.coordinator.owner_settings, self.twcid)
        return Face(available=can_be_told(bus), value=value)

    @override
    async def async_select_option(self, option: str) -> None:
        """Choose an option."""
        self.entity_description.set_fn(self.coordinator.owner_settings, self.twcid, option)


class HouseSelect(HouseEntity, TwcSelect):
    """A choice for the house."""

    entity_description: HouseSelectDescription

    @override
    def _read(self, bus: BusSnapshot) -> Face:
        return Face(value=self.entity_description.value_fn(self.coordinator.house.owner))

    @override
    async def async_select_option(self, option: str) -> None:
        """Choose an option."""
        self.entity_description.set_fn(self.coordinator.house.owner, option)


class CarModeSelect(CarEntity, TwcSelect):
    """The mode of a car, wherever it is plugged in."""

    @override
    def _read_car(self, bus: BusSnapshot, car: OwnedCar) -> Face:
        return Face(value=AS_CONNECTOR if car.mode is None else car.mode.value)

    @override
    async def async_select_option(self, option: str) -> None:
        """Choose a mode."""
        mode = None if option == AS_CONNECTOR else ChargeMode(option)
        self.coordinator.set_car_mode(self.car_id, mode)


class WhichCarSelect(ConnectorEntity, TwcSelect):
    """Which car is plugged in: recognised, or chosen by hand for as long as it is."""

    @property
    def _named(self) -> dict[str, str]:
        """The cars by what they are called here: two of one name are told apart by the ends of their ids."""
        names = self.coordinator.cars.names
        twice = {name for name in names.values() if list(names.values()).count(name) > 1}
        return {
            f"{name} ({car_id[-4:]})" if name in {*twice, GUEST, AUTOMATIC} else name: car_id
            for car_id, name in names.items()
        }

    @property
    @override
    def options(self) -> list[str]:
        """The cars, a guest, or let it be recognised."""
        return list(self._face.options)

    @override
    def _read_connector(self, bus: BusSnapshot, connector: WallConnectorSnapshot) -> Face:
        cars = self.coordinator.cars
        known = cars.known_at(self.twcid) or NOBODY
        chosen = AUTOMATIC
        if known.by is By.HAND:
            chosen = next((name for name, car_id in self._named.items() if car_id == known.car_id), GUEST)
        attributes = {
            "recognised_car": cars.names.get(known.car_id or ""),
            "recognised_by": None if known.by is None else known.by.value,
        }
        options = (AUTOMATIC, *self._named, GUEST)
        return Face(available=can_be_told(bus), value=chosen, attributes=attributes, options=options)

    @override
    async def async_select_option(self, option: str) -> None:
        """Say which car it is."""
        cars = self.coordinator.cars
        if cars.known_at(self.twcid) is None:
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="no_car_plugged_in", translation_placeholders={}
            )
        cars.choose(self.twcid, self._named.get(option), by_hand=option != AUTOMATIC)
