"""Options that no form can have left behind: a file was edited by hand, or damaged.

A bus with a circuit limit that nobody can have meant is not started at all. Its wall connectors give the controller
up, which is the fail-safe of the installation; any number that were put in its place would be a guess.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
import json
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_NAME
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..const import (
    CONF_ACCEPTS_MINIMUM,
    CONF_BASE_LOAD,
    CONF_BATTERY_CHARGE,
    CONF_BATTERY_DISCHARGE,
    CONF_BATTERY_POSITIVE,
    CONF_BATTERY_POWER,
    CONF_BATTERY_SOC,
    CONF_CAR_AMPS,
    CONF_CAR_SWITCH,
    CONF_CARRIES,
    CONF_CEILING_ENTITY,
    CONF_CEILING_FAILSAFE,
    CONF_CEILING_MINUTES,
    CONF_CEILING_UNIT,
    CONF_CEILING_VALUE,
    CONF_CIRCUIT_LIMIT,
    CONF_CONNECTORS,
    CONF_CONSUMPTION_POWER,
    CONF_CURE_ABOVE_LIMIT,
    CONF_CURE_SIX_AMP_BUG,
    CONF_FEEDERS,
    CONF_FEW_STARTS,
    CONF_FORMER_PACE,
    CONF_FUSE,
    CONF_FUSE_CONTINUOUS,
    CONF_GRID_CONTACT,
    CONF_GRID_EXPORT,
    CONF_GRID_FAILSAFE_ENDS,
    CONF_GRID_FAILSAFE_HOURS,
    CONF_GRID_FAILSAFE_WATTS,
    CONF_GRID_IMPORT,
    CONF_GRID_LIMIT,
    CONF_GRID_OPERATOR,
    CONF_GRID_OTHERS,
    CONF_GRID_POSITIVE,
    CONF_GRID_POWER,
    CONF_GRID_SILENCE,
    CONF_GRID_WATTS,
    CONF_HIDDEN_SUN,
    CONF_HOUSE_PHASES,
    CONF_IMBALANCE,
    CONF_INVERTER_LIMIT,
    CONF_KEEP_MINUTES,
    CONF_MAXIMUM_CURRENT,
    CONF_MEASUREMENT,
    CONF_METER_CONTAINS_CONNECTORS,
    CONF_ON_SHUTDOWN,
    CONF_OTHER_LOADS,
    CONF_OUTSIDE,
    CONF_PHASE_POWERS,
    CONF_PHASE_POWERS_POSITIVE,
    CONF_PHASE_SENSORS,
    CONF_PHASE_VOLTS,
    CONF_PHASES,
    CONF_PHASES_POSITIVE,
    CONF_ROTATION_MINUTES,
    CONF_SITE,
    CONF_SOLAR_POWER,
    CONF_STALE_AMPS,
    CONF_STALE_CHOICE,
    CONF_STALE_HOLD,
    CONF_STALE_MINIMUM,
    CONF_STOP_METHOD,
    CONF_TOLERATE_OVERLOAD,
    CONF_VOLTAGE,
    CONF_WHO_MAY_CHARGE,
    CONF_ZERO_STOPS,
    HOUSE_PHASES,
    LOGGER,
    ShutdownChoice,
)
from ..house.outside_words import AMPS, WATTS
from ..house.sensors import DISCHARGING, EXPORT
from ..registry.house_entry import is_house
from ..runtime.role import role_of
from ..twc.bus.settings import HARD_CAP_AMPS, MINIMUM_AMPS, StopMethod
from ..twc.bus.snapshot import BusRole
from ..twc.cars.access import WhoMayCharge
from ..twc.charging.outside.grid_operator import LEAST_WATTS, NO_LIMIT_WATTS
from ..twc.charging.outside.standing import Failsafe
from ..twc.charging.pace import FORMER_PACES
from ..twc.charging.settings import Measurement, StaleChoice
from ..twc.protocol.codes import TwcId
from .values import LIMIT, PHASES, number

_LONGEST = 60
"""Letters of a value that are told."""

_NUMBER = number("this is no number")


def _within(least: float, most: float) -> Callable[[Any], Any]:
    return vol.All(_NUMBER, vol.Range(min=least, max=most))


def _one_of(choices: type[StrEnum]) -> Callable[[Any], Any]:
    return vol.In([choice.value for choice in choices])


def _switch(value: Any) -> bool:
    """Take on or off, and nothing that Python would take for one of them: the text "false" is true."""
    if not isinstance(value, bool):
        raise vol.Invalid("this is neither true nor false")
    return value


def _entities(most: int | None = None) -> Callable[[Any], Any]:
    """Take a list of entities, and no text, which is a list of letters."""
    return vol.All(list, [cv.entity_id], vol.Length(max=most))


_LIMIT = vol.All(_NUMBER, LIMIT)

_PHASES = vol.All(_NUMBER, PHASES, vol.In([1, 2, 3]))

_CONNECTOR = vol.Schema(
    {
        vol.Optional(CONF_MAXIMUM_CURRENT): _LIMIT,
        vol.Optional(CONF_PHASES): _PHASES,
        vol.Optional(CONF_HOUSE_PHASES): vol.In(HOUSE_PHASES),
        vol.Optional(CONF_STOP_METHOD): _one_of(StopMethod),
        vol.Optional(CONF_ACCEPTS_MINIMUM): _switch,
        vol.Optional(CONF_CAR_SWITCH): cv.entity_id,
        vol.Optional(CONF_CAR_AMPS): cv.entity_id,
    },
    extra=vol.ALLOW_EXTRA,
)

_SIGN = vol.In(["import", EXPORT])
"""Whatever else is written there would be taken for the other sign."""

_SITE = vol.Schema(
    {
        vol.Optional(CONF_MEASUREMENT): _one_of(Measurement),
        vol.Optional(CONF_GRID_POWER): cv.entity_id,
        vol.Optional(CONF_GRID_OTHERS): _entities(2),
        vol.Optional(CONF_GRID_POSITIVE): _SIGN,
        vol.Inclusive(CONF_GRID_IMPORT, "two sensors of the grid"): cv.entity_id,
        vol.Inclusive(CONF_GRID_EXPORT, "two sensors of the grid"): cv.entity_id,
        vol.Optional(CONF_METER_CONTAINS_CONNECTORS): _switch,
        vol.Optional(CONF_SOLAR_POWER): _entities(),
        vol.Optional(CONF_HIDDEN_SUN): _switch,
        vol.Optional(CONF_CONSUMPTION_POWER): cv.entity_id,
        vol.Optional(CONF_BATTERY_POWER): cv.entity_id,
        vol.Optional(CONF_BATTERY_POSITIVE): vol.In(["charging", DISCHARGING]),
        vol.Inclusive(CONF_BATTERY_CHARGE, "two sensors of the battery"): cv.entity_id,
        vol.Inclusive(CONF_BATTERY_DISCHARGE, "two sensors of the battery"): cv.entity_id,
        vol.Optional(CONF_BATTERY_SOC): cv.entity_id,
        vol.Optional(CONF_INVERTER_LIMIT): _within(1, 1e6),
        vol.Optional(CONF_PHASE_SENSORS): _entities(3),
        vol.Optional(CONF_PHASES_POSITIVE): _SIGN,
        vol.Optional(CONF_PHASE_POWERS): _entities(3),
        vol.Optional(CONF_PHASE_POWERS_POSITIVE): _SIGN,
        vol.Optional(CONF_TOLERATE_OVERLOAD): _switch,
        vol.Optional(CONF_BASE_LOAD): _within(0, 1e6),
        vol.Optional(CONF_FUSE): _within(1, 1000),
        vol.Optional(CONF_PHASE_VOLTS): _within(50, 500),
        vol.Optional(CONF_FUSE_CONTINUOUS): _switch,
        vol.Optional(CONF_IMBALANCE): _within(1, 1000),
        vol.Optional(CONF_OTHER_LOADS): _entities(3),
        vol.Optional(CONF_STALE_HOLD): _within(0, 86_400),
        vol.Optional(CONF_STALE_MINIMUM): _within(0, 86_400),
        vol.Optional(CONF_STALE_CHOICE): _one_of(StaleChoice),
        vol.Optional(CONF_STALE_AMPS): _within(0, HARD_CAP_AMPS),
    },
    extra=vol.ALLOW_EXTRA,
)

_FEEDER = vol.Schema(
    {
        vol.Required(CONF_NAME): vol.All(str, vol.Length(min=1)),
        vol.Required(CONF_FUSE): _within(1, 1000),
        vol.Required(CONF_CARRIES): [str],
        vol.Optional(CONF_PHASE_SENSORS): _entities(3),
        vol.Optional(CONF_PHASES_POSITIVE): _SIGN,
    },
    extra=vol.ALLOW_EXTRA,
)
_OUTSIDE = vol.Schema(
    {
        vol.Required(CONF_CEILING_ENTITY): cv.entity_id,
        vol.Required(CONF_CEILING_UNIT): vol.In([AMPS, WATTS]),
        vol.Optional(CONF_CEILING_MINUTES): _within(1, 24 * 60),
        vol.Optional(CONF_CEILING_FAILSAFE): _one_of(Failsafe),
        vol.Optional(CONF_CEILING_VALUE): _within(0, NO_LIMIT_WATTS),
    },
    extra=vol.ALLOW_EXTRA,
)
_GRID_WATTS = _within(LEAST_WATTS, NO_LIMIT_WATTS)
_GRID_OPERATOR = vol.All(
    vol.Schema(
        {
            vol.Optional(CONF_GRID_CONTACT): cv.entity_id,
            vol.Optional(CONF_GRID_LIMIT): cv.entity_id,
            vol.Optional(CONF_GRID_WATTS): _GRID_WATTS,
            vol.Optional(CONF_GRID_FAILSAFE_WATTS): _GRID_WATTS,
            vol.Optional(CONF_GRID_FAILSAFE_HOURS): _within(2, 24),
            vol.Optional(CONF_GRID_FAILSAFE_ENDS): _switch,
            vol.Optional(CONF_GRID_SILENCE): _within(0, 24 * 60),
        },
        extra=vol.ALLOW_EXTRA,
    ),
    cv.has_at_least_one_key(CONF_GRID_CONTACT, CONF_GRID_LIMIT),
)

_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_CIRCUIT_LIMIT): _LIMIT,
        vol.Required(CONF_PHASES): _PHASES,
        vol.Required(CONF_VOLTAGE): _within(50, 500),
        vol.Optional(CONF_ROTATION_MINUTES): _within(1, 24 * 60),
        vol.Optional(CONF_FEW_STARTS): _within(0, 100),
        vol.Optional(CONF_FORMER_PACE): vol.In(FORMER_PACES),
        vol.Optional(CONF_CURE_SIX_AMP_BUG): _switch,
        vol.Optional(CONF_CURE_ABOVE_LIMIT): _switch,
        vol.Optional(CONF_ZERO_STOPS): _switch,
        vol.Optional(CONF_WHO_MAY_CHARGE): _one_of(WhoMayCharge),
        vol.Optional(CONF_ON_SHUTDOWN): _one_of(ShutdownChoice),
        vol.Optional(CONF_KEEP_MINUTES): _within(0, 24 * 60),
        vol.Optional(CONF_CONNECTORS): vol.Schema({TwcId.parse: _CONNECTOR}),
        vol.Optional(CONF_SITE): _SITE,
        vol.Optional(CONF_FEEDERS): [_FEEDER],
        vol.Optional(CONF_OUTSIDE): _OUTSIDE,
        vol.Optional(CONF_GRID_OPERATOR): _GRID_OPERATOR,
    },
    extra=vol.ALLOW_EXTRA,
)
"""Wider than the forms: what they ask may change. Keys of a newer version are none of our business."""


def problem_with(entry: ConfigEntry[Any], options: Mapping[str, Any] | None = None) -> str | None:
    """Return what is wrong with the options of an entry; None if they can be used.

    ``options`` are those in force, where a house that it shares has some of them. Nobody is asked for the limit of a
    circuit where we give no orders, or of a house, which has none.
    """
    asked = role_of(entry.data) is BusRole.CONTROL and not is_house(entry)
    given = {} if asked else {CONF_CIRCUIT_LIMIT: MINIMUM_AMPS}
    try:
        _SCHEMA({**given, **(entry.options if options is None else options)})
    except vol.MultipleInvalid as error:
        first = error.errors[0]
        LOGGER.debug("Options of %s: %s", entry.title, first)
        return _told(first.path, entry.options if options is None else options)
    return None


def _told(path: Sequence[Any], options: Any) -> str:
    """Return where an option stands and what is written there, which needs no language."""
    where, value = [str(key) for key in path], options
    try:
        for key in path:
            # What is read as a TWCID is written as text.
            value = value[str(key) if isinstance(key, TwcId) else key]
        written = json.dumps(value, default=str, ensure_ascii=False)
    except KeyError, IndexError, TypeError:
        written = "…"
    return f"{'.'.join(where)}: {written[:_LONGEST]}"
