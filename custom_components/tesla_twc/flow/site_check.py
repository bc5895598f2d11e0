"""The last steps of the dialogue about the house: what is understood is read aloud, then saved."""

from typing import Any

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult

from ..const import (
    CONF_BATTERY_CHARGE,
    CONF_BATTERY_DISCHARGE,
    CONF_BATTERY_POSITIVE,
    CONF_GRID_EXPORT,
    CONF_GRID_IMPORT,
    CONF_GRID_POSITIVE,
    CONF_GRID_POWER,
    CONF_SITE,
)
from ..house.sensors import SiteSensors, tells_battery_power
from ..house.sentences import async_words, describe
from ..twc.charging.settings import ChargeMode
from .site_answers import SiteAnswers
from .site_forms import DEFAULTS, GRID_TWO, NONE

_OPPOSITES = {"import": "export", "export": "import", "charging": "discharging", "discharging": "charging"}


class CheckSteps(SiteAnswers):
    """What the sensors mean right now, in words: a wrong sign is seen before a car follows it."""

    async def async_step_site_check(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Tell what is understood right now, until its owner agrees."""
        site = self._result()
        options = {**self.config_entry.options, CONF_SITE: site}
        now = SiteSensors(self.hass, options, self.hass.loop, _nobody).everything()
        words = await async_words(self.hass)
        menu = ["site_save", "site_check", "site_method", "site_fuse"]
        if CONF_GRID_POWER in site or CONF_GRID_IMPORT in site:
            menu.append("site_turn_grid")
        if tells_battery_power(site):
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
        if CONF_BATTERY_CHARGE in self._draft:
            charge, discharge = self._draft[CONF_BATTERY_CHARGE], self._draft[CONF_BATTERY_DISCHARGE]
            self._draft |= {CONF_BATTERY_CHARGE: discharge, CONF_BATTERY_DISCHARGE: charge}
        else:
            positive = self._draft.get(CONF_BATTERY_POSITIVE, DEFAULTS[CONF_BATTERY_POSITIVE])
            self._draft[CONF_BATTERY_POSITIVE] = _OPPOSITES[positive]
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
        return bool(self.config_entry.runtime_data.house.follows_sun)

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
            self.config_entry.runtime_data.house.owner.set_default_mode(mode)
        return self._finish()

    def _finish(self) -> ConfigFlowResult:
        """End with the options as they are: the house is saved, and others may have changed since."""
        return self.async_create_entry(data={**self.config_entry.options})


def _nobody() -> None:
    """Hear that a sensor reported: the dialogue reads when its owner asks."""
