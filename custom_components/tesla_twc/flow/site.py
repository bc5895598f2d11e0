"""The dialogue about the house: what was found is proposed, asked about form by form, and read aloud before it counts.

The last step tells in words what the sensors mean right now. So a wrong sign is seen before a car follows it.
"""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import voluptuous as vol

from ..const import CONF_BASE_LOAD, CONF_GRID_IMPORT, CONF_HIDDEN_SUN, CONF_INVERTER_LIMIT, CONF_PHASE_SENSORS
from ..house.discovery import async_find, complete, mains
from ..house.proposal import Proposal
from ..house.sensors import measurement_of
from ..house.sentences import async_labels, async_words
from .site_check import CheckSteps
from .site_forms import (
    BASE_LOAD,
    BATTERY_SCHEMA,
    CONSUMPTION,
    GRID,
    GRID_TWO,
    METHOD_SCHEMAS,
    METHODS,
    MISSING_SCHEMA,
    NONE,
    choice,
    without_directions,
)
from .site_main_fuse import MainFuseSteps

CONF_PROPOSAL = "proposal"
CONF_METHOD = "method"
AS_NOW = "as_now"
BY_HAND = "by_hand"


class SiteFlow(MainFuseSteps, CheckSteps):
    """The steps about the house in their order; what is saved is the whole mapping under CONF_SITE."""

    def __init__(self) -> None:
        """Nothing was found yet."""
        super().__init__()
        self._proposals: list[Proposal] = []

    async def async_step_site(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Propose what was found."""
        present = self._present
        if user_input is None:
            self._draft, self._method = dict(present), _method_of(present)
            self._proposals = await async_find(self.hass, self.config_entry)
            if not mains(self._proposals) and not present:
                return await self.async_step_site_method()
            return self.async_show_form(
                step_id="site", data_schema=await self._proposal_schema(bool(present))
            )
        if user_input[CONF_PROPOSAL] == AS_NOW:
            return await self.async_step_site_check()
        for proposal in mains(self._proposals):
            if proposal.value == user_input[CONF_PROPOSAL]:
                found = complete(self.hass, proposal, self._proposals)
                self._method = _method_of(found)
                kept = {key: value for key, value in self._draft.items() if key not in _SENSORS}
                if CONF_PHASE_SENSORS in found and found[CONF_PHASE_SENSORS] != kept.get(CONF_PHASE_SENSORS):
                    kept = without_directions(kept)
                self._draft = {**kept, **found}
                return await self._async_step_sensors()
        return await self.async_step_site_method()

    async def _proposal_schema(self, has_present: bool) -> vol.Schema:
        words = await async_words(self.hass)
        found = mains(self._proposals)
        labels = await async_labels(self.hass, words, found)
        options = [
            SelectOptionDict(value=proposal.value, label=label)
            for proposal, label in zip(found, labels, strict=True)
        ]
        if has_present:
            options.insert(0, SelectOptionDict(value=AS_NOW, label=words("as_now")))
        options.append(SelectOptionDict(value=BY_HAND, label=words("by_hand")))
        selector = SelectSelector(SelectSelectorConfig(options=options, mode=SelectSelectorMode.LIST))
        return vol.Schema({vol.Required(CONF_PROPOSAL, default=options[0]["value"]): selector})

    async def async_step_site_method(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask how the house is measured."""
        if user_input is not None:
            self._method = user_input[CONF_METHOD]
            return await self._async_step_sensors()
        schema = vol.Schema({vol.Required(CONF_METHOD): choice("site_method", *METHODS)})
        suggested = {CONF_METHOD: GRID if not self._draft else self._method}
        return self.async_show_form(
            step_id="site_method", data_schema=self.add_suggested_values_to_schema(schema, suggested)
        )

    async def _async_step_sensors(self) -> ConfigFlowResult:
        """Go to the form of the chosen method."""
        steps = {
            GRID: self.async_step_site_grid,
            GRID_TWO: self.async_step_site_grid_two,
            CONSUMPTION: self.async_step_site_consumption,
            BASE_LOAD: self.async_step_site_base_load,
            NONE: self.async_step_site_fuse,
        }
        return await steps[self._method]()

    async def async_step_site_grid(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for one sensor of the grid meter."""
        return (
            self._ask("site_grid", METHOD_SCHEMAS[GRID], user_input) or await self.async_step_site_battery()
        )

    async def async_step_site_grid_two(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for two sensors of the grid meter."""
        return (
            self._ask("site_grid_two", METHOD_SCHEMAS[GRID_TWO], user_input)
            or await self.async_step_site_battery()
        )

    async def async_step_site_consumption(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for production and consumption."""
        return (
            self._ask("site_consumption", METHOD_SCHEMAS[CONSUMPTION], user_input)
            or await self.async_step_site_battery()
        )

    async def async_step_site_base_load(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for production, and for a figure for the house."""
        return (
            self._ask("site_base_load", METHOD_SCHEMAS[BASE_LOAD], user_input)
            or await self.async_step_site_battery()
        )

    async def async_step_site_battery(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the house battery."""
        return self._ask("site_battery", BATTERY_SCHEMA, user_input) or await self.async_step_site_fuse()

    async def _async_without_orders(self) -> ConfigFlowResult:
        """Go to the check of what was chosen."""
        return await self.async_step_site_check()

    async def _async_after_the_fuse(self) -> ConfigFlowResult:
        """Go to the last form, where the house is measured at all."""
        if self._method == NONE:
            return await self.async_step_site_check()
        return await self.async_step_site_missing()

    async def async_step_site_missing(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask what to do when readings are missing."""
        return self._ask("site_missing", MISSING_SCHEMA, user_input) or await self.async_step_site_check()


_SENSORS = frozenset(
    str(field) for schema in (*METHOD_SCHEMAS.values(), BATTERY_SCHEMA) for field in schema.schema
) - {CONF_BASE_LOAD, CONF_HIDDEN_SUN, CONF_INVERTER_LIMIT}
"""What another choice of sensors replaces; fuse and inverter stay what they are, and the house uses what it did."""


def _method_of(site: Mapping[str, Any]) -> str:
    """Return how a house is measured, as the owner chose it."""
    return GRID_TWO if CONF_GRID_IMPORT in site else measurement_of(site).value
