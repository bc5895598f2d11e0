"""Reads cars from the subentries of the entry of their bus; a broken one harms nobody."""

from collections.abc import Callable, Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..const import (
    CONF_ALLOWED,
    CONF_BATTERY_CAPACITY,
    CONF_CAR_AMPS,
    CONF_CAR_SWITCH,
    CONF_CHARGE_LIMIT,
    CONF_CHARGE_MODE,
    CONF_DEFAULT_AT,
    CONF_MAXIMUM_CURRENT,
    CONF_MINIMUM_CURRENT,
    CONF_ODOMETER,
    CONF_PHASES,
    CONF_PLUG,
    CONF_PRIORITY,
    CONF_SOC,
    CONF_VIN,
    LOGGER,
    SUBENTRY_CAR,
)
from ..twc.bus.settings import HARD_CAP_AMPS
from ..twc.cars.car import OwnedCar
from ..twc.cars.vin import fault_of, normalised
from ..twc.charging.settings import ChargeMode
from ..twc.protocol.codes import TwcId

PRIORITIES = (1, 10)
BATTERY_KWH = (1.0, 300.0)


def _vin(value: Any) -> str:
    if not isinstance(value, str) or fault_of(vin := normalised(value)) is not None:
        raise vol.Invalid("this is no VIN")
    return vin


def _whole(least: int, most: int) -> Callable[[Any], Any]:
    def whole(value: Any) -> int:
        if type(value) not in (int, float) or value != int(value):
            raise vol.Invalid("this is no whole number")
        return int(value)

    return vol.All(whole, vol.Range(min=least, max=most))


_AMPS = _whole(1, HARD_CAP_AMPS)

_SCHEMA = vol.Schema(
    {
        vol.Optional(CONF_VIN): _vin,
        vol.Optional(CONF_PHASES): _whole(1, 3),
        vol.Optional(CONF_MINIMUM_CURRENT): _AMPS,
        vol.Optional(CONF_MAXIMUM_CURRENT): _AMPS,
        vol.Optional(CONF_CAR_SWITCH): cv.entity_id,
        vol.Optional(CONF_CAR_AMPS): cv.entity_id,
        vol.Optional(CONF_SOC): cv.entity_id,
        vol.Optional(CONF_CHARGE_LIMIT): cv.entity_id,
        vol.Optional(CONF_ODOMETER): cv.entity_id,
        vol.Optional(CONF_PLUG): cv.entity_id,
        vol.Optional(CONF_BATTERY_CAPACITY): vol.All(
            vol.Coerce(float), vol.Range(min=BATTERY_KWH[0], max=BATTERY_KWH[1])
        ),
        vol.Optional(CONF_CHARGE_MODE): vol.Coerce(ChargeMode),
        vol.Optional(CONF_PRIORITY): _whole(*PRIORITIES),
        vol.Optional(CONF_ALLOWED): bool,
        vol.Optional(CONF_DEFAULT_AT): [TwcId.parse],
    },
    extra=vol.REMOVE_EXTRA,
)


def car_of(car_id: str, name: str, data: Mapping[str, Any]) -> OwnedCar:
    """Return one car as it is kept. Raises vol.Invalid if it is broken."""
    kept = _SCHEMA(dict(data))
    return OwnedCar(
        car_id=car_id,
        name=name,
        vin=kept.get(CONF_VIN),
        phases=kept.get(CONF_PHASES),
        minimum_amps=kept.get(CONF_MINIMUM_CURRENT),
        maximum_amps=kept.get(CONF_MAXIMUM_CURRENT),
        switch=kept.get(CONF_CAR_SWITCH),
        amps=kept.get(CONF_CAR_AMPS),
        soc=kept.get(CONF_SOC),
        charge_limit=kept.get(CONF_CHARGE_LIMIT),
        odometer=kept.get(CONF_ODOMETER),
        plug=kept.get(CONF_PLUG),
        battery_kwh=kept.get(CONF_BATTERY_CAPACITY),
        mode=kept.get(CONF_CHARGE_MODE),
        priority=kept.get(CONF_PRIORITY),
        allowed=kept.get(CONF_ALLOWED, True),
        default_at=frozenset(kept.get(CONF_DEFAULT_AT, ())),
    )


def car_subentries(entry: ConfigEntry[Any]) -> list[ConfigSubentry]:
    """Return the subentries of an entry that are cars."""
    return [one for one in entry.subentries.values() if one.subentry_type == SUBENTRY_CAR]


def cars_of(entry: ConfigEntry[Any]) -> dict[str, OwnedCar]:
    """Return the cars of a bus, by their ids. One that is broken is left out and told of in the log."""
    cars = {}
    for subentry in car_subentries(entry):
        try:
            cars[subentry.subentry_id] = car_of(subentry.subentry_id, subentry.title, subentry.data)
        except (vol.Invalid, TypeError, ValueError) as error:
            LOGGER.warning(
                "The car %s is left out, as its settings cannot be used: %s", subentry.title, error
            )
    return cars
