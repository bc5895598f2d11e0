"""The form that asks what the circuit can carry, and its translation to and from the entry's options."""

from collections.abc import Iterable, Mapping
from typing import Any

from homeassistant.const import UnitOfElectricCurrent, UnitOfElectricPotential
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import voluptuous as vol

from ..const import (
    CONF_CIRCUIT_LIMIT,
    CONF_KEEP_MINUTES,
    CONF_MAXIMUM_CURRENT,
    CONF_PHASES,
    CONF_RATING,
    CONF_ROTATION_MINUTES,
    CONF_VOLTAGE,
    DEFAULT_VOLTAGE,
)
from ..runtime.role import RATINGS
from ..twc.bus.port.scan import HeardConnector
from ..twc.bus.settings import HARD_CAP_AMPS, MINIMUM_AMPS

_US_RATED_AMPS = 80.0
"""The model with this rating is sold where two hot legs have 240 V between them (protocol.md 2.2)."""
_US_VOLTS = 240

AMPS_SELECTOR = NumberSelector(
    NumberSelectorConfig(
        step=1, mode=NumberSelectorMode.BOX, unit_of_measurement=UnitOfElectricCurrent.AMPERE
    )
)
"""For what nobody but the owner knows. With bounds, or if it were required, the page would fill in the lowest value."""

SCHEMA = vol.Schema(
    {
        vol.Optional(CONF_CIRCUIT_LIMIT): AMPS_SELECTOR,
        vol.Required(CONF_PHASES): SelectSelector(
            SelectSelectorConfig(
                options=["1", "2", "3"], mode=SelectSelectorMode.DROPDOWN, translation_key=CONF_PHASES
            )
        ),
        vol.Required(CONF_VOLTAGE, default=DEFAULT_VOLTAGE): NumberSelector(
            NumberSelectorConfig(
                min=100,
                max=300,
                step=1,
                mode=NumberSelectorMode.BOX,
                unit_of_measurement=UnitOfElectricPotential.VOLT,
            )
        ),
    }
)

WIRING_SCHEMA = vol.Schema(
    {field: what for field, what in SCHEMA.schema.items() if field != CONF_CIRCUIT_LIMIT}
)
"""The same for a bus that we do not lead: nobody asks us what its circuit can carry."""

JOIN_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_RATING): SelectSelector(
            SelectSelectorConfig(
                options=[str(amps) for amps in RATINGS],
                mode=SelectSelectorMode.LIST,
                translation_key=CONF_RATING,
            )
        ),
        **WIRING_SCHEMA.schema,
    }
)

OWN_BREAKER_SCHEMA = vol.Schema({vol.Optional(CONF_MAXIMUM_CURRENT): AMPS_SELECTOR})

_WHOLE = {
    CONF_VOLTAGE: "whole_volts",
    CONF_ROTATION_MINUTES: "whole_minutes",
    CONF_KEEP_MINUTES: "whole_minutes",
}
"""What is told of a fraction, by field."""


def suggestions(heard: Iterable[HeardConnector]) -> dict[str, Any]:
    """Return what the model of the wall connectors says about the country; nothing tells the limit."""
    ratings = {connector.rated_amps for connector in heard}
    if ratings == {_US_RATED_AMPS}:
        return {CONF_PHASES: "1", CONF_VOLTAGE: _US_VOLTS}
    return {CONF_PHASES: "3", CONF_VOLTAGE: DEFAULT_VOLTAGE} if ratings else {}


def to_form(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options as the form shows them."""
    return {**options, CONF_PHASES: str(options[CONF_PHASES])}


def from_form(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed as the options hold it: whole numbers."""
    asked = (CONF_CIRCUIT_LIMIT, CONF_PHASES, CONF_VOLTAGE)
    return {name: int(user_input[name]) for name in asked if name in user_input}


def amps_errors(user_input: Mapping[str, Any], field: str) -> dict[str, str]:
    """Refuse everything but whole A within the bounds, and nothing at all. Return an error by field.

    Offers are whole amps, and rounding is the owner's business.
    """
    amps = user_input.get(field)
    if amps is not None and float(amps).is_integer() and MINIMUM_AMPS <= amps <= HARD_CAP_AMPS:
        return {}
    return {field: "amps_missing" if amps is None else "amps_range"}


def fractions(user_input: Mapping[str, Any]) -> dict[str, str]:
    """Refuse fractions of what is counted in whole volts or minutes. Return an error by field."""
    return {
        field: error for field, error in _WHOLE.items() if not float(user_input.get(field, 0)).is_integer()
    }
