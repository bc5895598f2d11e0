"""Options that no form can have left behind: a file was edited by hand, or damaged.

A bus with a circuit limit that nobody can have meant is not started at all. Its wall connectors give the controller
up, which is the fail-safe of the installation; any number that were put in its place would be a guess.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from math import isfinite
from typing import Any

import voluptuous as vol

from .const import (
    CONF_BASE_LOAD,
    CONF_CIRCUIT_LIMIT,
    CONF_CONNECTORS,
    CONF_FUSE,
    CONF_KEEP_MINUTES,
    CONF_MAXIMUM_CURRENT,
    CONF_MEASUREMENT,
    CONF_ON_SHUTDOWN,
    CONF_PACE,
    CONF_PHASES,
    CONF_ROTATION_MINUTES,
    CONF_SITE,
    CONF_STALE_AMPS,
    CONF_STALE_CHOICE,
    CONF_STALE_HOLD,
    CONF_STALE_MINIMUM,
    CONF_STOP_METHOD,
    CONF_VOLTAGE,
    ShutdownChoice,
)
from .twc.bus.settings import HARD_CAP_AMPS, StopMethod
from .twc.charging.settings import Measurement, PaceName, StaleChoice
from .twc.protocol.codes import TwcId


def _within(least: float, most: float) -> Callable[[Any], Any]:
    """Take a number, and no text or truth value that could be made one."""

    def number(value: Any) -> float:
        if type(value) not in (int, float) or not isfinite(value):
            raise vol.Invalid("this is no number")
        return float(value)

    return vol.All(number, vol.Range(min=least, max=most))


def _one_of(choices: type[StrEnum]) -> Callable[[Any], Any]:
    return vol.In([choice.value for choice in choices])


_LIMIT = _within(1, HARD_CAP_AMPS)

_CONNECTOR = vol.Schema(
    {vol.Optional(CONF_MAXIMUM_CURRENT): _LIMIT, vol.Optional(CONF_STOP_METHOD): _one_of(StopMethod)},
    extra=vol.ALLOW_EXTRA,
)

_SITE = vol.Schema(
    {
        vol.Optional(CONF_MEASUREMENT): _one_of(Measurement),
        vol.Optional(CONF_BASE_LOAD): _within(0, 1e6),
        vol.Optional(CONF_FUSE): _within(1, 1000),
        vol.Optional(CONF_STALE_HOLD): _within(0, 86_400),
        vol.Optional(CONF_STALE_MINIMUM): _within(0, 86_400),
        vol.Optional(CONF_STALE_CHOICE): _one_of(StaleChoice),
        vol.Optional(CONF_STALE_AMPS): _within(0, HARD_CAP_AMPS),
    },
    extra=vol.ALLOW_EXTRA,
)

_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_CIRCUIT_LIMIT): _LIMIT,
        vol.Required(CONF_PHASES): vol.All(_within(1, 3), vol.In([1, 2, 3])),
        vol.Required(CONF_VOLTAGE): _within(50, 500),
        vol.Optional(CONF_ROTATION_MINUTES): _within(1, 24 * 60),
        vol.Optional(CONF_PACE): _one_of(PaceName),
        vol.Optional(CONF_ON_SHUTDOWN): _one_of(ShutdownChoice),
        vol.Optional(CONF_KEEP_MINUTES): _within(0, 24 * 60),
        vol.Optional(CONF_CONNECTORS): vol.Schema({TwcId.parse: _CONNECTOR}),
        vol.Optional(CONF_SITE): _SITE,
    },
    extra=vol.ALLOW_EXTRA,
)
"""Wider than the forms: what they ask may change. Keys of a newer version are none of our business."""


def problem_with(options: Mapping[str, Any]) -> str | None:
    """Return what is wrong with the options of an entry; None if they can be used."""
    try:
        _SCHEMA(dict(options))
    except vol.MultipleInvalid as error:
        first = error.errors[0]
        return f"{'.'.join(map(str, first.path))}: {first.msg}"
    return None
