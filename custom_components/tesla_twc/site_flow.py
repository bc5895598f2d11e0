"""The dialogue about the house: what was found is proposed, asked about form by form, and read aloud before it counts.

The last step tells in words what the sensors mean right now. So a wrong sign is seen before a car follows it.
"""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult, OptionsFlow
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import voluptuous as vol

from .const import (
    CONF_BASE_LOAD,
    CONF_BATTERY_POSITIVE,
    CONF_BATTERY_POWER,
    CONF_BATTERY_SOC,
    CONF_GRID_EXPORT,
    CONF_GRID_IMPORT,
    CONF_GRID_POSITIVE,
    CONF_GRID_POWER,
    CONF_MEASUREMENT,
    CONF_PHASE_SENSORS,
    CONF_PHASE_VOLTS,
    CONF_SITE,
)
from .phase_volts import derived_volts, phases_of_house
from .site_forms import (
    BASE_LOAD,
    BATTERY_SCHEMA,
    CONSUMPTION,
    DEFAULTS,
    FUSE_MORE_SCHEMA,
    FUSE_SCHEMA,
    GRID,
    GRID_TWO,
    METHOD_SCHEMAS,
    METHODS,
    MINUTES,
    MISSING_SCHEMA,
    NONE,
    choice,
    clean,
    mistakes,
)
from .site_proposals import async_find, complete, mains
from .site_roles import Proposal
from .site_sensors import SiteSensors, measurement_of
from .site_words import async_labels, async_words, describe, names_of
from .twc.charging.settings import ChargeMode, Measurement

CONF_PROPOSAL = "proposal"
CONF_METHOD = "method"
AS_NOW = "as_now"
BY_HAND = "by_hand"

_OPPOSITES = {"import": "export", "export": "import", "charging": "discharging", "discharging": "charging"}


class SiteFlow(OptionsFlow):
    """The steps about the house; what is saved is the whole mapping under CONF_SITE."""

    def __init__(self) -> None:
        """Nothing was asked yet."""
        self._draft: dict[str, Any] = {}
        """What was answered so far, of every method: an owner may go back and forth."""
        self._method = NONE
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
                found = complete(proposal, self._proposals)
                self._method = _method_of(found)
                kept = {key: value for key, value in self._draft.items() if key not in _SENSORS}
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

    async def async_step_site_fuse(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the main fuse; it is guarded whether or not the sun is followed."""
        if (form := self._ask("site_fuse", FUSE_SCHEMA, user_input)) is not None:
            return form
        if not self._draft.get(CONF_PHASE_SENSORS):
            return await self._async_after_the_fuse()
        return await self.async_step_site_fuse_partly()

    async def async_step_site_fuse_partly(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Warn of a guard that does not see every phase; some of it is better than none, so it is no mistake."""
        count = len(self._draft[CONF_PHASE_SENSORS])
        missing = range(count + 1, phases_of_house(self._answered(), self.hass.config.country) + 1)
        if not missing:
            return await self.async_step_site_fuse_more()
        names = {"phases": names_of(range(1, count + 1)), "missing": names_of(missing)}
        return self.async_show_menu(
            step_id="site_fuse_partly",
            menu_options=["site_fuse", "site_fuse_more"],
            description_placeholders=names,
        )

    async def async_step_site_fuse_more(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask what few owners have to say of their main fuse."""
        derived = derived_volts(self._answered(), self.hass.config.country)
        known = {CONF_PHASE_VOLTS: derived}
        if (form := self._ask("site_fuse_more", FUSE_MORE_SCHEMA, user_input, known)) is not None:
            return form
        # What follows from the rest goes on following from it.
        if self._draft.get(CONF_PHASE_VOLTS) == derived:
            del self._draft[CONF_PHASE_VOLTS]
        return await self._async_after_the_fuse()

    async def _async_after_the_fuse(self) -> ConfigFlowResult:
        if self._method == NONE:
            return await self.async_step_site_check()
        return await self.async_step_site_missing()

    @property
    def _present(self) -> Mapping[str, Any]:
        """How the house is measured until now."""
        present: Mapping[str, Any] = self.config_entry.options.get(CONF_SITE, {})
        return present

    def _answered(self) -> dict[str, Any]:
        """Return the options of the entry as if the answers so far were saved."""
        return {**self.config_entry.options, CONF_SITE: self._draft}

    async def async_step_site_missing(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask what to do when readings are missing."""
        return self._ask("site_missing", MISSING_SCHEMA, user_input) or await self.async_step_site_check()

    def _ask(
        self,
        step_id: str,
        schema: vol.Schema,
        user_input: dict[str, Any] | None,
        known: Mapping[str, Any] | None = None,
    ) -> ConfigFlowResult | None:
        """Show a form until it is answered well, then keep the answer and return None.

        ``known`` is what is suggested besides the defaults until the owner decides.
        """
        fields = {str(field) for field in schema.schema}
        errors: dict[str, str] = {}
        if user_input is None:
            suggested = {**DEFAULTS, **(known or {}), **self._draft}
            suggested |= {key: suggested[key] / 60 for key in MINUTES}
        else:
            suggested = user_input
            if not (errors := mistakes(self.hass, user_input, self._present)):
                kept = {key: value for key, value in self._draft.items() if key not in fields}
                self._draft = {**kept, **clean(user_input)}
                return None
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, suggested),
            errors=errors,
        )

    async def async_step_site_check(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Tell what is understood right now, until its owner agrees."""
        site = self._result()
        options = {**self.config_entry.options, CONF_SITE: site}
        now = SiteSensors(self.hass, options, self.hass.loop, _nobody).everything()
        words = await async_words(self.hass)
        menu = ["site_save", "site_check", "site_method"]
        if CONF_GRID_POWER in site or CONF_GRID_IMPORT in site:
            menu.append("site_turn_grid")
        if CONF_BATTERY_POWER in site:
            menu.append("site_turn_battery")
        return self.async_show_menu(
            step_id="site_check",
            menu_options=menu,
            description_placeholders={"understood": describe(self.hass, words, options, site, now)},
        )

    async def async_step_site_turn_grid(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Take import for export."""
        if self._method == GRID_TWO:
            taken, given = self._draft[CONF_GRID_IMPORT], self._draft[CONF_GRID_EXPORT]
            self._draft |= {CONF_GRID_IMPORT: given, CONF_GRID_EXPORT: taken}
        else:
            self._draft[CONF_GRID_POSITIVE] = _OPPOSITES[self._draft[CONF_GRID_POSITIVE]]
        return await self.async_step_site_check()

    async def async_step_site_turn_battery(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Take charging for discharging."""
        self._draft[CONF_BATTERY_POSITIVE] = _OPPOSITES[self._draft[CONF_BATTERY_POSITIVE]]
        return await self.async_step_site_check()

    async def async_step_site_save(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Keep what was understood; where nothing follows the sun yet, go on with that."""
        options = {**self.config_entry.options, CONF_SITE: self._result()}
        if self._method == NONE or self._follows_sun():
            return self.async_create_entry(data=options)
        # Whoever closes the dialogue now has answered enough.
        self.hass.config_entries.async_update_entry(self.config_entry, options=options)
        return await self.async_step_site_mode()

    async def async_step_site_mode(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask whether the cars shall follow the sun at once."""
        return self.async_show_menu(
            step_id="site_mode", menu_options=["site_mode_solar", "site_mode_solar_min", "site_mode_keep"]
        )

    def _follows_sun(self) -> bool:
        """Whether cars follow the sun as it is; a bus that does not run cannot be asked."""
        if self.config_entry.state is not ConfigEntryState.LOADED:
            return True
        return bool(self.config_entry.runtime_data.follows_sun)

    async def async_step_site_mode_solar(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Let the cars charge from the sun only."""
        return self._choose_mode(ChargeMode.SOLAR)

    async def async_step_site_mode_solar_min(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Let the cars follow the sun, and never get less than the minimum."""
        return self._choose_mode(ChargeMode.SOLAR_MIN)

    async def async_step_site_mode_keep(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Change nothing."""
        return self._finish()

    def _choose_mode(self, mode: ChargeMode) -> ConfigFlowResult:
        if self.config_entry.state is ConfigEntryState.LOADED:
            self.config_entry.runtime_data.set_site_wish(charge_mode=mode)
        return self._finish()

    def _finish(self) -> ConfigFlowResult:
        """End with the options as they are: the house is saved, and others may have changed since."""
        return self.async_create_entry(data={**self.config_entry.options})

    def _result(self) -> dict[str, Any]:
        """Return the options of the house: only what belongs to its method."""
        measurement = Measurement.GRID if self._method in {GRID, GRID_TWO} else Measurement(self._method)
        fields = {str(field) for field in FUSE_SCHEMA.schema}
        if self._draft.get(CONF_PHASE_SENSORS):
            fields |= {str(field) for field in FUSE_MORE_SCHEMA.schema}
        if self._method != NONE:
            for schema in (METHOD_SCHEMAS[self._method], BATTERY_SCHEMA, MISSING_SCHEMA):
                fields |= {str(field) for field in schema.schema}
        answers = {**DEFAULTS, **self._draft}
        return {CONF_MEASUREMENT: measurement.value} | {
            key: value for key, value in answers.items() if key in fields
        }


_SENSORS = frozenset(
    {str(field) for schema in METHOD_SCHEMAS.values() for field in schema.schema}
    | {CONF_BATTERY_POWER, CONF_BATTERY_SOC, CONF_BATTERY_POSITIVE}
) - {CONF_BASE_LOAD}
"""What another choice of sensors replaces; the main fuse stays where it is, and the house uses what it did."""


def _method_of(site: Mapping[str, Any]) -> str:
    """Return how a house is measured, as the owner chose it."""
    return GRID_TWO if CONF_GRID_IMPORT in site else measurement_of(site).value


def _nobody() -> None:
    """Hear that a sensor reported: the dialogue reads when its owner asks."""
