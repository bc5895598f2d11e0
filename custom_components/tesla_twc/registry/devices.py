"""Registers the bus, its wall connectors and its cars as devices."""

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_DEVICE
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.typing import UNDEFINED, UndefinedType

from ..const import DOMAIN, KIND_HOUSE
from ..port.names import short_name
from ..twc.bus.snapshot import WallConnectorSnapshot
from ..twc.cars.car import OwnedCar
from ..twc.cars.vin import model_of
from ..twc.protocol.codes import TwcId
from .bus_id import bus_id
from .house_entry import bus_entries
from .texts import loaded_text

MANUFACTURER = "Tesla"
MODEL = "Wall Connector Gen 2"

_HOUSE = "_simulated_house"
_CAR = "_car_"


def bus_identifier(bus: str) -> tuple[str, str]:
    """Return what the device of a bus is known by; ``bus`` is its id in the registries."""
    return (DOMAIN, bus)


def connector_identifier(bus: str, twcid: TwcId) -> tuple[str, str]:
    """Return what the device of a wall connector is known by; two buses may each have a 7973."""
    return (DOMAIN, f"{bus}_{twcid}")


def house_identifier() -> tuple[str, str]:
    """Return what the device of the house that several buses share is known by."""
    return (DOMAIN, KIND_HOUSE)


def simulated_house_identifier(bus: str) -> tuple[str, str]:
    """Return what the device of the house around simulated wall connectors is known by."""
    return (DOMAIN, f"{bus}{_HOUSE}")


def car_identifier(bus: str, car_id: str) -> tuple[str, str]:
    """Return what the device of a car is known by."""
    return (DOMAIN, f"{bus}{_CAR}{car_id}")


def is_car(device: dr.AnyDeviceEntry) -> bool:
    """Whether a device is one of the owner's cars."""
    return any(domain == DOMAIN and _CAR in name for domain, name in device.identifiers)


def is_bus_or_connector(device: dr.AnyDeviceEntry) -> bool:
    """Whether a device is one of this integration, other than a simulated house."""
    return any(domain == DOMAIN and not name.endswith(_HOUSE) for domain, name in device.identifiers)


def twcid_of(bus: str, device: dr.AnyDeviceEntry) -> TwcId | None:
    """Return which wall connector a device of this bus is, or None for the bus itself, its house and its cars."""
    prefix = f"{bus}_"
    for domain, identifier in device.identifiers - {simulated_house_identifier(bus)}:
        if domain == DOMAIN and identifier.startswith(prefix) and not identifier.startswith(f"{bus}{_CAR}"):
            return TwcId.parse(identifier.removeprefix(prefix))
    return None


@callback
def connectors_of(hass: HomeAssistant, entry: ConfigEntry[Any]) -> list[TwcId]:
    """Return every wall connector of a bus that has a device."""
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    bus = bus_id(entry)
    return sorted(twcid for device in devices if (twcid := twcid_of(bus, device)) is not None)


@callback
def register_bus(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Create the device of the bus; wall connectors hang on it, so it comes first."""
    first, *_ = bus_entries(hass)
    is_first = first.entry_id == entry.entry_id
    dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={bus_identifier(bus_id(entry))},
        manufacturer=MANUFACTURER,
        model=loaded_text(hass, "common.model_bus", MODEL),
        # Most houses have one bus, and its entities need no longer names than that.
        translation_key="bus" if is_first else "bus_on_port",
        translation_placeholders={} if is_first else {"port": short_name(entry.data[CONF_DEVICE])},
    )


@callback
def register_connector(hass: HomeAssistant, entry: ConfigEntry, connector: WallConnectorSnapshot) -> None:
    """Create the device of a wall connector, or add what was learnt of it since."""
    dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={connector_identifier(bus_id(entry), connector.twcid)},
        manufacturer=MANUFACTURER,
        model_id=_if_known(connector.model),
        serial_number=_if_known(connector.serial_number),
        sw_version=_if_known(connector.firmware),
        model=_model_of(hass, entry, connector),
        translation_key="wall_connector",
        translation_placeholders={"twcid": str(connector.twcid)},
        via_device_id=dr.async_get_device_id_by_identifier(
            hass, bus_identifier(bus_id(entry)), config_entry_id=entry.entry_id
        ),
    )


def _model_of(hass: HomeAssistant, entry: ConfigEntry, connector: WallConnectorSnapshot) -> str:
    """Return the model with its rating; one that never announced itself keeps what was known of it before."""
    if connector.rated_amps is not None:
        return f"{MODEL}, {connector.rated_amps:.0f} A"
    known = dr.async_get(hass).async_get_device_by_identifier(
        connector_identifier(bus_id(entry), connector.twcid), entry.entry_id
    )
    return MODEL if known is None or known.model is None else known.model


@callback
def register_car(hass: HomeAssistant, entry: ConfigEntry, car: OwnedCar) -> None:
    """Create the device of a car, or take over another name."""
    registry, identifier = dr.async_get(hass), car_identifier(bus_id(entry), car.car_id)
    model = None if car.vin is None else model_of(car.vin)
    device = registry.async_get_or_create(
        config_entry_id=entry.entry_id,
        config_subentry_id=car.car_id,
        identifiers={identifier},
        manufacturer=None if model is None else MANUFACTURER,
        model=model,
        name=car.name,
    )
    if device.name != car.name:
        registry.async_update_device(device.id, name=car.name)


@callback
def register_shared_house(hass: HomeAssistant, entry: ConfigEntry[Any]) -> str:
    """Create the device of the house that several buses share, and return its id."""
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={house_identifier()},
        model=loaded_text(hass, "common.model_house", MODEL),
        translation_key="house",
    )
    return device.id


@callback
def register_house(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Create the device of the house around simulated wall connectors."""
    dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={simulated_house_identifier(bus_id(entry))},
        model=loaded_text(hass, "common.model_simulated_house", MODEL),
        translation_key="simulated_house",
        via_device_id=dr.async_get_device_id_by_identifier(
            hass, bus_identifier(bus_id(entry)), config_entry_id=entry.entry_id
        ),
    )


@callback
def remove_house(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Remove that device with its entities; harmless if there is none."""
    registry = dr.async_get(hass)
    house = registry.async_get_device_by_identifier(simulated_house_identifier(bus_id(entry)), entry.entry_id)
    if house is not None:
        registry.async_remove_device(house.id)


def _if_known(fact: str | None) -> str | UndefinedType:
    """A fact that is not known yet must not wipe out one that was known before."""
    return UNDEFINED if fact is None else fact
