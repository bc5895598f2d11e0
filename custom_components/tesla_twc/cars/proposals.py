"""Proposes entities of other integrations for a car, found by its VIN."""

from collections.abc import Mapping
from dataclasses import dataclass, field
import re

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er

from ..const import (
    CONF_CAR_AMPS,
    CONF_CAR_SWITCH,
    CONF_CHARGE_LIMIT,
    CONF_ODOMETER,
    CONF_PLUG,
    CONF_SOC,
    DOMAIN,
)
from ..registry.naming import name_of_device
from ..twc.cars.vin import model_of, short

_DOMAINS: Mapping[str, str] = {
    CONF_CAR_SWITCH: "switch",
    CONF_CAR_AMPS: "number",
    CONF_CHARGE_LIMIT: "number",
    CONF_SOC: "sensor",
    CONF_ODOMETER: "sensor",
    CONF_PLUG: "binary_sensor",
}

_BEHIND_VIN: Mapping[str, tuple[str, ...]] = {
    CONF_CAR_SWITCH: (
        "charge_state_user_charge_enable_request",
        "charge_state_charge_enable_request",
        "charger",
    ),
    CONF_CAR_AMPS: ("charge_state_charge_current_request", "charging_amps"),
    CONF_CHARGE_LIMIT: ("charge_state_charge_limit_soc", "charge_limit"),
    CONF_SOC: ("charge_state_battery_level", "charge_state_usable_battery_level", "battery"),
    CONF_ODOMETER: ("vehicle_state_odometer", "odometer"),
    CONF_PLUG: ("charge_state_conn_charge_cable", "charger"),
}
"""How unique ids go on that begin with a VIN: tesla_fleet, teslemetry and tessie, then tesla_custom."""

ESPHOME = "esphome"
_OF_ESPHOME: Mapping[str, tuple[str, ...]] = {
    CONF_CAR_SWITCH: ("charger", "charging"),
    CONF_CAR_AMPS: ("charging_amps",),
    CONF_CHARGE_LIMIT: ("charging_limit", "charge_limit"),
    CONF_SOC: ("battery", "charge_level", "battery_level"),
    CONF_ODOMETER: ("odometer",),
}
"""What boards that speak Bluetooth with a Tesla call their entities. They say no VIN."""


@dataclass(slots=True)
class CarProposal:
    """What may be said of a car."""

    name: str
    entities: dict[str, str] = field(default_factory=dict)
    """Entity ids by field."""


@dataclass(slots=True)
class _Found:
    """The entities of one device of one integration."""

    entities: dict[str, tuple[int, str]] = field(default_factory=dict)
    """By field: the place of its key among the known ones, the best being 0, and the entity id."""

    def note(self, name: str, place: int, entity_id: str) -> None:
        self.entities[name] = min(self.entities.get(name, (place, entity_id)), (place, entity_id))


def propose(hass: HomeAssistant, vin: str) -> CarProposal:
    """Return a name and entities for the car with a VIN, from the integration that knows most of it."""
    named: dict[str | None, _Found] = {}
    boards: dict[str | None, _Found] = {}
    for entity in er.async_get(hass).entities.values():
        if entity.disabled or entity.platform == DOMAIN:
            continue
        unique_id = str(entity.unique_id).lower()
        if unique_id.startswith(vin.lower()):
            key = unique_id[len(vin) :].lstrip("-_ ")
            _note(named, entity, key, _BEHIND_VIN)
        elif entity.platform == ESPHOME:
            _note(boards, entity, re.split(r"[-/]", unique_id)[-1], _OF_ESPHOME)
    device_id = max(named, key=lambda one: len(named[one].entities), default=None)
    found = named.get(device_id)
    if found is None:
        # A board may be any Tesla's, so it is proposed only where there is no doubt which board.
        known = [one for one in boards.values() if {CONF_CAR_SWITCH, CONF_CAR_AMPS} <= one.entities.keys()]
        found = known[0] if len(known) == 1 else _Found()
    device = dr.async_get(hass).async_get(device_id) if device_id else None
    name = name_of_device(device) if device is not None else model_of(vin) or f"Car {short(vin)}"
    return CarProposal(name, {key: entity_id for key, (_, entity_id) in found.entities.items()})


def _note(
    found: dict[str | None, _Found], entity: er.RegistryEntry, key: str, keys: Mapping[str, tuple[str, ...]]
) -> None:
    for name, known in keys.items():
        if entity.domain == _DOMAINS[name] and key in known:
            found.setdefault(entity.device_id, _Found()).note(name, known.index(key), entity.entity_id)
