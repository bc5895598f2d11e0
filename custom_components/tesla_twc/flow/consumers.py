"""The dialogue about other consumers of the sun: one after the other, each with its sensor and its place."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import CONF_NAME, UnitOfPower
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
import voluptuous as vol

from ..const import (
    AFTER_CARS,
    BEFORE_CARS,
    CONF_CONSUMER_POWER,
    CONF_CONSUMERS,
    CONF_GRID_POWER,
    CONF_PLACE,
    CONF_SITE,
    CONF_STARTS_POWER,
    CONF_USUAL_POWER,
    CONF_YIELDS,
)
from ..house.consumers import StoredConsumer, consumers_of, sensors_of_consumers
from ..house.feeders import sensors_of_feeders
from ..house.sensors import sensors_of
from ..house.sentences import async_words
from .prices import PriceFlow
from .site_forms import GRID, METHOD_SCHEMAS, choice, mistakes

CONF_CONSUMER = "consumer"
CONF_TAKE_AWAY = "take_away"
MOST_WATTS = 100_000
"""More than a house can have."""
_ANOTHER = " another"
"""What is chosen to add one. No consumer can be called so: names are kept without blanks around them."""

_WATTS = NumberSelector(
    NumberSelectorConfig(
        min=0, max=MOST_WATTS, step=10, mode=NumberSelectorMode.BOX, unit_of_measurement=UnitOfPower.WATT
    )
)
_FIELDS: Mapping[vol.Marker, Any] = {
    vol.Required(CONF_NAME): TextSelector(),
    vol.Required(CONF_CONSUMER_POWER): METHOD_SCHEMAS[GRID].schema[CONF_GRID_POWER],
    vol.Required(CONF_PLACE): choice(CONF_PLACE, BEFORE_CARS, AFTER_CARS),
    vol.Required(CONF_YIELDS): BooleanSelector(),
    vol.Optional(CONF_USUAL_POWER): _WATTS,
    vol.Optional(CONF_STARTS_POWER): _WATTS,
}
_NEW: Mapping[str, Any] = {CONF_PLACE: AFTER_CARS, CONF_YIELDS: False}


class ConsumerFlow(PriceFlow):
    """Asks for other consumers; the cars leave the sun to them, or have what they give back."""

    def __init__(self) -> None:
        """Start with none chosen."""
        super().__init__()
        self._consumer = _ANOTHER

    async def async_step_consumers(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose a consumer, or another one; the first is asked for at once."""
        known = consumers_of(self.config_entry.options)
        if user_input is None and known:
            words = await async_words(self.hass)
            named = [SelectOptionDict(value=one[CONF_NAME], label=one[CONF_NAME]) for one in known]
            named.append(SelectOptionDict(value=_ANOTHER, label=words("another_consumer")))
            chosen = SelectSelector(SelectSelectorConfig(options=named, mode=SelectSelectorMode.LIST))
            return self.async_show_form(
                step_id="consumers", data_schema=vol.Schema({vol.Required(CONF_CONSUMER): chosen})
            )
        self._consumer = _ANOTHER if user_input is None else user_input[CONF_CONSUMER]
        return await self.async_step_consumer()

    async def async_step_consumer(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for one consumer, until nothing is wrong with it."""
        known = consumers_of(self.config_entry.options)
        present = next((one for one in known if one[CONF_NAME] == self._consumer), None)
        others = [one for one in known if one is not present]
        errors: dict[str, str] = {}
        suggested: Mapping[str, Any] = _NEW if present is None else present
        if user_input is not None:
            suggested = user_input
            if user_input.get(CONF_TAKE_AWAY):
                return self._save_consumers(others)
            consumer = _as_stored(user_input)
            if not (errors := self._errors(consumer, others, present)):
                # It stays where it was in the list.
                changed = [consumer if one is present else one for one in known]
                return self._save_consumers(changed if present is not None else [*known, consumer])
        removal = {} if present is None else {vol.Optional(CONF_TAKE_AWAY): BooleanSelector()}
        return self.async_show_form(
            step_id="consumer",
            data_schema=self.add_suggested_values_to_schema(vol.Schema({**_FIELDS, **removal}), suggested),
            errors=errors,
        )

    def _errors(
        self, consumer: StoredConsumer, others: list[StoredConsumer], present: StoredConsumer | None
    ) -> dict[str, str]:
        """Return an error by field."""
        errors: dict[str, str] = {}
        if not consumer[CONF_NAME] or any(one[CONF_NAME] == consumer[CONF_NAME] for one in others):
            errors[CONF_NAME] = "consumer_name"
        if (error := self._sensor_error(consumer[CONF_CONSUMER_POWER], others, present)) is not None:
            errors[CONF_CONSUMER_POWER] = error
        if consumer[CONF_PLACE] == BEFORE_CARS and CONF_USUAL_POWER not in consumer:
            errors[CONF_USUAL_POWER] = "needs_usual_power"
        return errors

    def _sensor_error(
        self, entity_id: str, others: list[StoredConsumer], present: StoredConsumer | None
    ) -> str | None:
        """Return what is wrong with a sensor: it has to measure this one alone."""
        options = self.config_entry.options
        of_house = {sensor for _, sensor, _ in sensors_of(options.get(CONF_SITE, {}))}
        if entity_id in of_house.union(sensors_of_feeders(options)):
            return "measures_house"
        if entity_id in sensors_of_consumers({CONF_CONSUMERS: others}):
            return "each_once"
        before = {} if present is None else {CONF_GRID_POWER: present[CONF_CONSUMER_POWER]}
        return mistakes(self.hass, {CONF_GRID_POWER: entity_id}, before).get(CONF_GRID_POWER)

    def _save_consumers(self, consumers: list[StoredConsumer]) -> ConfigFlowResult:
        kept = {key: value for key, value in self.config_entry.options.items() if key != CONF_CONSUMERS}
        return self.async_create_entry(data={**kept, **({CONF_CONSUMERS: consumers} if consumers else {})})


def _as_stored(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed as the options hold it: whole W, and no figure that means nothing there."""
    found = {
        key: value for key, value in user_input.items() if key not in (CONF_USUAL_POWER, CONF_STARTS_POWER)
    }
    found.pop(CONF_TAKE_AWAY, None)
    if user_input[CONF_PLACE] == BEFORE_CARS:
        figures = [CONF_USUAL_POWER, *([CONF_STARTS_POWER] if user_input[CONF_YIELDS] else [])]
        found |= {key: int(user_input[key]) for key in figures if user_input.get(key)}
    return {**found, CONF_NAME: user_input[CONF_NAME].strip()}
