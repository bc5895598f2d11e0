"""The dialogue about prices: what a kWh from the grid, from the roof and from the battery costs, checked in words."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT
from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
)
import voluptuous as vol

from ..const import CONF_PRICES, PRICE_ENTITIES, PRICE_NUMBERS
from ..house.foreign_states import number_of
from ..house.price_units import unit_problem
from ..house.sentences import Words, async_words
from ..sessions.prices import HousePrices
from ..twc.sessions.energy import Prices
from .site import SiteFlow

LARGEST_PRICE = 100.0


def _schema(currency: str) -> vol.Schema:
    number = NumberSelector(
        NumberSelectorConfig(
            min=-LARGEST_PRICE,
            max=LARGEST_PRICE,
            step="any",
            mode=NumberSelectorMode.BOX,
            unit_of_measurement=f"{currency}/kWh",
        )
    )
    entity = EntitySelector(EntitySelectorConfig(domain=["sensor", "number", "input_number"]))
    return vol.Schema(
        {
            vol.Optional(key): selector
            for pair in zip(PRICE_NUMBERS.values(), PRICE_ENTITIES.values(), strict=True)
            for key, selector in zip(pair, (number, entity), strict=True)
        }
    )


class PriceFlow(SiteFlow):
    """Asks for prices and shows what they mean before they are kept."""

    _prices: Mapping[str, Any]

    async def async_step_prices(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for prices. What is left empty is as the Energy dashboard says."""
        errors: dict[str, str] = {}
        suggested: Mapping[str, Any] = self.config_entry.options.get(CONF_PRICES, {})
        if user_input is not None:
            suggested = user_input
            if not (errors := self._price_errors(user_input)):
                self._prices = user_input
                return await self.async_step_prices_check()
        schema = _schema(self.hass.config.currency)
        return self.async_show_form(
            step_id="prices",
            data_schema=self.add_suggested_values_to_schema(schema, suggested),
            errors=errors,
            description_placeholders={
                "now": await self._price_words(self.config_entry.options.get(CONF_PRICES, {}))
            },
        )

    async def async_step_prices_check(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show in words what was chosen, and keep it."""
        if user_input is not None:
            return self.async_create_entry(
                data={**self.config_entry.options, CONF_PRICES: dict(self._prices)}
            )
        return self.async_show_form(
            step_id="prices_check",
            data_schema=vol.Schema({}),
            description_placeholders={"now": await self._price_words(self._prices)},
        )

    def _price_errors(self, user_input: Mapping[str, Any]) -> dict[str, str]:
        errors: dict[str, str] = {}
        for source, key in PRICE_ENTITIES.items():
            if (entity_id := user_input.get(key)) is None:
                continue
            state = self.hass.states.get(entity_id)
            if user_input.get(PRICE_NUMBERS[source]) is not None:
                errors[key] = "price_twice"
            elif state is None:
                errors[key] = "no_such_entity"
            elif (
                problem := unit_problem(
                    state.attributes.get(ATTR_UNIT_OF_MEASUREMENT), self.hass.config.currency
                )
            ) is not None:
                errors[key] = problem.value
            elif number_of(state.state) is None:
                errors[key] = "price_no_number"
        return errors

    async def _price_words(self, chosen: Mapping[str, Any]) -> str:
        """Return in sentences what a kWh costs at this moment by some choice."""
        prices = HousePrices(self.hass, lambda: chosen)
        await prices.async_read_preferences()
        words = await async_words(self.hass)
        return " ".join(_sentences(words, prices.now(), self.hass.config.currency))


def _sentences(words: Words, now: Prices, currency: str) -> list[str]:
    if now.grid is None:
        return [words("price_none")]
    told = [words("price_grid", price=f"{words.figure(now.grid, 3)} {currency}")]
    for source, price in (("sun", now.sun), ("battery", now.battery)):
        if price is None:
            told.append(words(f"price_{source}_nothing"))
        else:
            told.append(words(f"price_{source}", price=f"{words.figure(price, 3)} {currency}"))
    return told
