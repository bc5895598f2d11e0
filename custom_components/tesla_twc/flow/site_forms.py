"""All forms about the house, its battery and its main fuse: their fields and bounds, and what is wrong with one."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.components.sensor import DOMAIN as SENSOR, SensorDeviceClass
from homeassistant.const import (
    ATTR_DEVICE_CLASS,
    ATTR_UNIT_OF_MEASUREMENT,
    STATE_UNAVAILABLE,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfPower,
    UnitOfTime,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    EntityWithDeviceFilterSelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import voluptuous as vol

from ..const import (
    CONF_BASE_LOAD,
    CONF_BATTERY_CHARGE,
    CONF_BATTERY_DISCHARGE,
    CONF_BATTERY_POSITIVE,
    CONF_BATTERY_POWER,
    CONF_BATTERY_SOC,
    CONF_CONSUMPTION_POWER,
    CONF_FUSE,
    CONF_FUSE_CONTINUOUS,
    CONF_GRID_EXPORT,
    CONF_GRID_IMPORT,
    CONF_GRID_OTHERS,
    CONF_GRID_POSITIVE,
    CONF_GRID_POWER,
    CONF_HIDDEN_SUN,
    CONF_IMBALANCE,
    CONF_INVERTER_LIMIT,
    CONF_METER_CONTAINS_CONNECTORS,
    CONF_OTHER_LOADS,
    CONF_PHASE_POWERS,
    CONF_PHASE_POWERS_POSITIVE,
    CONF_PHASE_SENSORS,
    CONF_PHASE_VOLTS,
    CONF_PHASES_POSITIVE,
    CONF_SOLAR_POWER,
    CONF_STALE_AMPS,
    CONF_STALE_CHOICE,
    CONF_STALE_HOLD,
    CONF_STALE_MINIMUM,
    CONF_TOLERATE_OVERLOAD,
)
from ..house.foreign_states import attribute_text
from ..house.sensors import sensors_of
from ..house.units import APPARENT_UNITS, REACTIVE_UNITS, Quantity
from ..registry.own_sensors import is_own
from ..twc.charging.settings import SiteSettings, StaleChoice
from . import limits

GRID: Final = "grid"
GRID_TWO: Final = "grid_two"
CONSUMPTION: Final = "consumption"
BASE_LOAD: Final = "base_load"
NONE: Final = "none"
METHODS: Final = (GRID, GRID_TWO, CONSUMPTION, BASE_LOAD, NONE)
"""How a house can be measured, as the owner chooses: a grid meter with one sensor or two is a difference here."""

_CLASSES: Mapping[Quantity, tuple[SensorDeviceClass, ...]] = {
    Quantity.POWER: (SensorDeviceClass.POWER,),
    Quantity.GENERATED: (SensorDeviceClass.POWER,),
    Quantity.PHASE: (
        SensorDeviceClass.CURRENT,
        SensorDeviceClass.POWER,
        SensorDeviceClass.APPARENT_POWER,
    ),
    Quantity.CURRENT: (SensorDeviceClass.CURRENT,),
    Quantity.PERCENT: (SensorDeviceClass.BATTERY,),
}


def _sensor(quantity: Quantity, *, multiple: bool = False) -> EntitySelector:
    wanted = EntityWithDeviceFilterSelectorConfig(domain=SENSOR, device_class=[*_CLASSES[quantity]])
    return EntitySelector(EntitySelectorConfig(domain=SENSOR, filter=[wanted], multiple=multiple))


def choice(key: str, *options: str) -> SelectSelector:
    """Return a list of translated options to choose one of."""
    return SelectSelector(
        SelectSelectorConfig(options=list(options), mode=SelectSelectorMode.LIST, translation_key=key)
    )


def _number(least: float, most: float, step: float, unit: str) -> NumberSelector:
    return NumberSelector(
        NumberSelectorConfig(
            min=least, max=most, step=step, mode=NumberSelectorMode.BOX, unit_of_measurement=unit
        )
    )


_POWER = _sensor(Quantity.POWER)
_POWERS = _sensor(Quantity.POWER, multiple=True)
_INVERTERS = _sensor(Quantity.GENERATED, multiple=True)
_GRID_SIGN = choice(CONF_GRID_POSITIVE, "import", "export")

METHOD_SCHEMAS: Final[Mapping[str, vol.Schema]] = {
    GRID: vol.Schema(
        {
            vol.Required(CONF_GRID_POWER): _POWER,
            vol.Required(CONF_GRID_POSITIVE): _GRID_SIGN,
            vol.Required(CONF_METER_CONTAINS_CONNECTORS): BooleanSelector(),
            vol.Optional(CONF_GRID_OTHERS): _POWERS,
            vol.Optional(CONF_SOLAR_POWER): _INVERTERS,
            vol.Optional(CONF_HIDDEN_SUN): BooleanSelector(),
        }
    ),
    GRID_TWO: vol.Schema(
        {
            vol.Required(CONF_GRID_IMPORT): _POWER,
            vol.Required(CONF_GRID_EXPORT): _POWER,
            vol.Required(CONF_METER_CONTAINS_CONNECTORS): BooleanSelector(),
            vol.Optional(CONF_SOLAR_POWER): _INVERTERS,
            vol.Optional(CONF_HIDDEN_SUN): BooleanSelector(),
        }
    ),
    CONSUMPTION: vol.Schema(
        {
            vol.Required(CONF_SOLAR_POWER): _INVERTERS,
            vol.Required(CONF_CONSUMPTION_POWER): _sensor(Quantity.GENERATED),
            vol.Required(CONF_METER_CONTAINS_CONNECTORS): BooleanSelector(),
        }
    ),
    BASE_LOAD: vol.Schema(
        {
            vol.Required(CONF_SOLAR_POWER): _INVERTERS,
            vol.Required(CONF_BASE_LOAD): _number(0, 20_000, 10, UnitOfPower.WATT),
        }
    ),
}
"""What each method has to know; the method without sensors asks nothing."""

BATTERY_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(CONF_BATTERY_POWER): _POWER,
        vol.Optional(CONF_BATTERY_POSITIVE): choice(CONF_BATTERY_POSITIVE, "charging", "discharging"),
        vol.Optional(CONF_BATTERY_CHARGE): _POWER,
        vol.Optional(CONF_BATTERY_DISCHARGE): _POWER,
        vol.Optional(CONF_BATTERY_SOC): _sensor(Quantity.PERCENT),
        vol.Optional(CONF_INVERTER_LIMIT): _number(100, 200_000, 10, UnitOfPower.WATT),
    }
)

FUSE_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(CONF_PHASE_SENSORS): _sensor(Quantity.PHASE, multiple=True),
        vol.Optional(CONF_PHASES_POSITIVE): choice(CONF_PHASES_POSITIVE, "import", "export"),
        vol.Optional(CONF_FUSE): _number(6, 400, 1, UnitOfElectricCurrent.AMPERE),
        vol.Required(CONF_TOLERATE_OVERLOAD): BooleanSelector(),
        vol.Optional(CONF_OTHER_LOADS): _sensor(Quantity.CURRENT, multiple=True),
    }
)

HOUSE_FUSE_SCHEMA: Final = vol.Schema(
    {field: what for field, what in FUSE_SCHEMA.schema.items() if field != CONF_OTHER_LOADS}
)
"""The same for a house of several buses: what else hangs on the circuit of one is said there."""

FUSE_MORE_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_FUSE_CONTINUOUS): BooleanSelector(),
        vol.Optional(CONF_IMBALANCE): _number(6, 100, 1, UnitOfElectricCurrent.AMPERE),
        vol.Optional(CONF_PHASE_VOLTS): _number(90, 300, 0.5, UnitOfElectricPotential.VOLT),
        vol.Optional(CONF_PHASE_POWERS): _POWERS,
        vol.Optional(CONF_PHASE_POWERS_POSITIVE): choice(CONF_GRID_POSITIVE, "import", "export"),
    }
)
"""What else there is to say of a main fuse whose phases are measured."""

PHASES_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_PHASE_SENSORS): _sensor(Quantity.PHASE, multiple=True),
        vol.Required(CONF_PHASES_POSITIVE): choice(CONF_PHASES_POSITIVE, "import", "export"),
    }
)
"""Other sensors for a main fuse that is guarded already."""

MISSING_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_STALE_HOLD): _number(0, 60, 0.5, UnitOfTime.MINUTES),
        vol.Required(CONF_STALE_MINIMUM): _number(0, 720, 0.5, UnitOfTime.MINUTES),
        vol.Required(CONF_STALE_CHOICE): choice(CONF_STALE_CHOICE, *StaleChoice),
        # Needed for one of the choices only, and then the default stands in for it: no star.
        vol.Optional(CONF_STALE_AMPS): limits.AMPS_SELECTOR,
    }
)

_OF_SETTINGS = SiteSettings()
DEFAULTS: Final[Mapping[str, Any]] = {
    CONF_GRID_POSITIVE: "import",
    CONF_METER_CONTAINS_CONNECTORS: True,
    CONF_BASE_LOAD: int(_OF_SETTINGS.base_load_watts),
    CONF_BATTERY_POSITIVE: "charging",
    CONF_PHASES_POSITIVE: "import",
    CONF_TOLERATE_OVERLOAD: False,
    CONF_FUSE_CONTINUOUS: False,
    CONF_STALE_HOLD: int(_OF_SETTINGS.stale_hold_seconds),
    CONF_STALE_MINIMUM: int(_OF_SETTINGS.stale_minimum_seconds),
    CONF_STALE_CHOICE: _OF_SETTINGS.stale_choice.value,
    CONF_STALE_AMPS: _OF_SETTINGS.stale_amps,
}
"""What is suggested until the owner decides; times in s, as the options hold them."""

MINUTES: Final = (CONF_STALE_HOLD, CONF_STALE_MINIMUM)
"""What the forms show in min."""

_WRONG: Mapping[Quantity, str] = {
    Quantity.POWER: "not_a_power",
    Quantity.GENERATED: "not_a_power",
    Quantity.PHASE: "not_a_phase",
    Quantity.CURRENT: "not_a_current",
    Quantity.PERCENT: "not_a_percentage",
}


def mistakes(
    hass: HomeAssistant,
    answer: Mapping[str, Any],
    present: Mapping[str, Any] | None = None,
    before: Mapping[str, Any] | None = None,
) -> dict[str, str]:
    """Return an error by field. A sensor that is unavailable now is none: inverters sleep at night.

    ``present`` is how the house is measured until now; None: not at all. A sensor of this integration that it names
    already is none, either: somebody who changes something else keeps what he has. ``before``: what the forms before
    this one were answered.
    """
    errors: dict[str, str] = {}
    known = {(key, entity_id) for key, entity_id, _ in sensors_of(present or {})}
    for key, entity_id, quantity in sensors_of(answer):
        is_new = (key, entity_id) not in known
        error = "own_sensor" if is_new and is_own(hass, entity_id) else _mistake(hass, entity_id, quantity)
        if error is not None:
            errors[key] = error
    for key in (CONF_FUSE, CONF_IMBALANCE, CONF_STALE_AMPS):
        if not float(answer.get(key, 0)).is_integer():
            errors[key] = "whole_amps"
    for key in _LISTS:
        if len(set(answer.get(key, []))) < len(answer.get(key, [])):
            errors[key] = "each_once"
    if CONF_GRID_IMPORT in answer and answer[CONF_GRID_IMPORT] == answer[CONF_GRID_EXPORT]:
        errors[CONF_GRID_EXPORT] = "each_once"
    others = answer.get(CONF_GRID_OTHERS, [])
    if answer.get(CONF_GRID_POWER) in others:
        errors[CONF_GRID_OTHERS] = "each_once"
    if len(others) > 2:
        errors[CONF_GRID_OTHERS] = "three_phases"
    return _missing_beside(answer, before or {}) | errors | _battery_mistakes(answer) | _fuse_mistakes(answer)


def _missing_beside(answer: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, str]:
    """Return what means nothing without an answer of another form."""
    errors: dict[str, str] = {}
    powers = answer.get(CONF_PHASE_POWERS)
    if powers and len(powers) != len(before.get(CONF_PHASE_SENSORS, [])):
        errors[CONF_PHASE_POWERS] = "one_for_each_phase"
    if powers and set(powers) & set(before.get(CONF_PHASE_SENSORS, [])):
        errors[CONF_PHASE_POWERS] = "each_once"
    if CONF_INVERTER_LIMIT in answer and not before.get(CONF_SOLAR_POWER):
        errors[CONF_INVERTER_LIMIT] = "needs_panels"
    return errors


def _battery_mistakes(answer: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with the battery: one sensor tells both directions, or each of two tells its own."""
    charge, discharge = answer.get(CONF_BATTERY_CHARGE), answer.get(CONF_BATTERY_DISCHARGE)
    if charge is None and discharge is None:
        return {}
    if answer.get(CONF_BATTERY_POWER):
        return {CONF_BATTERY_POWER: "one_or_two"}
    if charge is None or discharge is None:
        return {CONF_BATTERY_CHARGE if charge is None else CONF_BATTERY_DISCHARGE: "needs_both"}
    return {CONF_BATTERY_DISCHARGE: "each_once"} if charge == discharge else {}


def _fuse_mistakes(answer: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with the main fuse: its sensors and its rating are nothing without each other."""
    errors: dict[str, str] = {}
    phases, loads = answer.get(CONF_PHASE_SENSORS, []), answer.get(CONF_OTHER_LOADS, [])
    if set(loads) & set(phases):
        errors[CONF_OTHER_LOADS] = "each_once"
    for key, sensors in ((CONF_PHASE_SENSORS, phases), (CONF_OTHER_LOADS, loads)):
        if len(sensors) > 3:
            errors[key] = "three_phases"
    if CONF_FUSE in answer and not phases:
        errors[CONF_PHASE_SENSORS] = "needs_phases"
    if phases and CONF_FUSE not in answer:
        errors[CONF_FUSE] = "needs_fuse"
    return errors


def without_directions(site: Mapping[str, Any]) -> dict[str, Any]:
    """Return a site whose phases are others now: the powers that told their direction belong to those of before."""
    return {
        key: value
        for key, value in site.items()
        if key not in {CONF_PHASE_POWERS, CONF_PHASE_POWERS_POSITIVE}
    }


_LISTS = (CONF_GRID_OTHERS, CONF_SOLAR_POWER, CONF_PHASE_SENSORS, CONF_PHASE_POWERS, CONF_OTHER_LOADS)


def _mistake(hass: HomeAssistant, entity_id: str, quantity: Quantity) -> str | None:
    state = hass.states.get(entity_id)
    if state is None:
        return "no_such_sensor"
    unit = attribute_text(state, ATTR_UNIT_OF_MEASUREMENT)
    device_class = attribute_text(state, ATTR_DEVICE_CLASS)
    if unit is None and device_class is None and state.state == STATE_UNAVAILABLE:
        return None
    if unit in quantity.units and device_class in {None, *_CLASSES[quantity]}:
        return None
    if unit in REACTIVE_UNITS:
        return "reactive_power"
    if unit in APPARENT_UNITS and quantity in {Quantity.POWER, Quantity.GENERATED}:
        return "apparent_power"
    return _WRONG[quantity]


def clean(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed as the options hold it: whole numbers, seconds, and no empty lists."""
    found = {key: value for key, value in answer.items() if value not in (None, "", [])}
    for key in MINUTES:
        if key in found:
            found[key] = int(found[key] * 60)
    for key in (CONF_FUSE, CONF_IMBALANCE, CONF_STALE_AMPS, CONF_BASE_LOAD, CONF_INVERTER_LIMIT):
        if key in found:
            found[key] = int(found[key])
    return found
