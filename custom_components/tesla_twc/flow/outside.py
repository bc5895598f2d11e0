"""The dialogues about limits from outside: the ceiling of another energy manager, and the grid operator."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, UnitOfPower, UnitOfTime
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import voluptuous as vol

from ..const import (
    CONF_CEILING_ENTITY,
    CONF_CEILING_FAILSAFE,
    CONF_CEILING_MINUTES,
    CONF_CEILING_UNIT,
    CONF_CEILING_VALUE,
    CONF_GRID_CONTACT,
    CONF_GRID_FAILSAFE_ENDS,
    CONF_GRID_FAILSAFE_HOURS,
    CONF_GRID_FAILSAFE_WATTS,
    CONF_GRID_LIMIT,
    CONF_GRID_OPERATOR,
    CONF_GRID_SILENCE,
    CONF_GRID_WATTS,
    CONF_OUTSIDE,
    DEFAULT_CEILING_MINUTES,
    DEFAULT_FAILSAFE_HOURS,
    DEFAULT_GRID_WATTS,
)
from ..house.foreign_states import attribute_text
from ..house.outside_words import AMPS, WATTS
from ..house.units import CURRENT_UNITS, POWER_UNITS
from ..twc.charging.outside.grid_operator import LEAST_WATTS, NO_LIMIT_WATTS
from ..twc.charging.outside.standing import Failsafe
from .prices import PriceFlow

OUTSIDE_STEPS = ("outside", "grid_operator")

_NUMBERS = EntitySelector(EntitySelectorConfig(domain=["sensor", "number", "input_number"]))
_CONTACTS = EntitySelector(EntitySelectorConfig(domain=["binary_sensor", "input_boolean", "switch"]))


def _number(least: float, most: float, unit: str | None = None) -> NumberSelector:
    config = NumberSelectorConfig(min=least, max=most, step=1, mode=NumberSelectorMode.BOX)
    if unit is not None:
        config["unit_of_measurement"] = unit
    return NumberSelector(config)


_MINUTES = UnitOfTime.MINUTES
_GRID_WATTS = _number(LEAST_WATTS, NO_LIMIT_WATTS, UnitOfPower.WATT)

OUTSIDE_SCHEMA = vol.Schema(
    {
        vol.Optional(CONF_CEILING_ENTITY): _NUMBERS,
        vol.Required(CONF_CEILING_MINUTES, default=DEFAULT_CEILING_MINUTES): _number(1, 24 * 60, _MINUTES),
        vol.Required(CONF_CEILING_FAILSAFE, default=Failsafe.NOTHING.value): SelectSelector(
            SelectSelectorConfig(
                options=[choice.value for choice in Failsafe],
                mode=SelectSelectorMode.LIST,
                translation_key=CONF_CEILING_FAILSAFE,
            )
        ),
        vol.Optional(CONF_CEILING_VALUE): _number(0, NO_LIMIT_WATTS),
    }
)
GRID_SCHEMA = vol.Schema(
    {
        vol.Optional(CONF_GRID_CONTACT): _CONTACTS,
        vol.Optional(CONF_GRID_LIMIT): _NUMBERS,
        vol.Required(CONF_GRID_WATTS, default=DEFAULT_GRID_WATTS): _GRID_WATTS,
        vol.Required(CONF_GRID_FAILSAFE_WATTS, default=DEFAULT_GRID_WATTS): _GRID_WATTS,
        vol.Required(CONF_GRID_FAILSAFE_HOURS, default=DEFAULT_FAILSAFE_HOURS): _number(
            2, 24, UnitOfTime.HOURS
        ),
        vol.Required(CONF_GRID_FAILSAFE_ENDS, default=False): BooleanSelector(),
        vol.Required(CONF_GRID_SILENCE, default=0): _number(0, 24 * 60, _MINUTES),
    }
)


class OutsideFlow(PriceFlow):
    """Asks who may limit the cars from outside. Without an entity nobody may."""

    async def async_step_outside(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the entity of another energy manager."""
        errors: dict[str, str] = {}
        suggested: Mapping[str, Any] = self.config_entry.options.get(CONF_OUTSIDE, {})
        if user_input is not None:
            suggested, entity_id = user_input, user_input.get(CONF_CEILING_ENTITY)
            if entity_id is None:
                return self._keep(CONF_OUTSIDE, None)
            unit = self._unit_of(entity_id)
            needs_value = user_input[CONF_CEILING_FAILSAFE] == Failsafe.VALUE.value
            if unit is None:
                errors[CONF_CEILING_ENTITY] = self._why_not(entity_id, "ceiling_unit")
            elif needs_value and user_input.get(CONF_CEILING_VALUE) is None:
                errors[CONF_CEILING_VALUE] = "ceiling_value"
            else:
                return self._keep(CONF_OUTSIDE, {**user_input, CONF_CEILING_UNIT: unit})
        return self.async_show_form(
            step_id="outside",
            data_schema=self.add_suggested_values_to_schema(OUTSIDE_SCHEMA, suggested),
            errors=errors,
        )

    async def async_step_grid_operator(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask by which entities the grid operator commands, and what holds in his silence."""
        errors: dict[str, str] = {}
        suggested: Mapping[str, Any] = self.config_entry.options.get(CONF_GRID_OPERATOR, {})
        if user_input is not None:
            suggested = user_input
            contact, number = user_input.get(CONF_GRID_CONTACT), user_input.get(CONF_GRID_LIMIT)
            if contact is None and number is None:
                return self._keep(CONF_GRID_OPERATOR, None)
            if contact is not None and self.hass.states.get(contact) is None:
                errors[CONF_GRID_CONTACT] = "no_such_entity"
            if number is not None and self._unit_of(number) != WATTS:
                errors[CONF_GRID_LIMIT] = self._why_not(number, "grid_limit_unit")
            if not errors:
                return self._keep(CONF_GRID_OPERATOR, user_input)
        return self.async_show_form(
            step_id="grid_operator",
            data_schema=self.add_suggested_values_to_schema(GRID_SCHEMA, suggested),
            errors=errors,
        )

    def _unit_of(self, entity_id: str) -> str | None:
        """Return A or W, whichever an entity tells; None: neither."""
        state = self.hass.states.get(entity_id)
        unit = None if state is None else attribute_text(state, ATTR_UNIT_OF_MEASUREMENT)
        if unit in POWER_UNITS:
            return WATTS
        return AMPS if unit in CURRENT_UNITS else None

    def _why_not(self, entity_id: str, unit_error: str) -> str:
        return "no_such_entity" if self.hass.states.get(entity_id) is None else unit_error

    def _keep(self, mapping: str, chosen: Mapping[str, Any] | None) -> ConfigFlowResult:
        options = {key: value for key, value in self.config_entry.options.items() if key != mapping}
        return self.async_create_entry(data=options if chosen is None else {**options, mapping: dict(chosen)})
