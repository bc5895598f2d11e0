"""The order of the steps that ask for the main fuse; their fields and bounds are in site_forms.py."""

from abc import abstractmethod
from typing import Any

from homeassistant.config_entries import ConfigFlowResult

from ..const import CONF_PHASE_SENSORS, CONF_PHASE_VOLTS
from ..house.phase_volts import derived_volts, phases_of_house
from ..house.sentences import names_of
from ..registry.house_entry import is_house
from ..runtime.role import role_of
from ..twc.bus.snapshot import BusRole
from .site_answers import SiteAnswers
from .site_forms import FUSE_MORE_SCHEMA, FUSE_SCHEMA, HOUSE_FUSE_SCHEMA, without_directions


class MainFuseSteps(SiteAnswers):
    """The phases' sensors and the rating; the main fuse is guarded whether or not the sun is followed."""

    async def async_step_site_fuse(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the main fuse; it is guarded whether or not the sun is followed."""
        if role_of(self.config_entry.data) is not BusRole.CONTROL:
            # Whoever gives no orders guards nothing, and has nothing to do when a sensor is silent.
            return await self._async_without_orders()
        schema = HOUSE_FUSE_SCHEMA if is_house(self.config_entry) else FUSE_SCHEMA
        before = self._draft.get(CONF_PHASE_SENSORS)
        if (form := self._ask("site_fuse", schema, user_input)) is not None:
            return form
        if self._draft.get(CONF_PHASE_SENSORS) != before:
            self._draft = without_directions(self._draft)
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

    @abstractmethod
    async def _async_without_orders(self) -> ConfigFlowResult:
        """Go to the form that comes next where there is nothing to guard."""

    @abstractmethod
    async def _async_after_the_fuse(self) -> ConfigFlowResult:
        """Go to the form that comes next."""
