"""The dialogue about sensors of the main fuse that cannot be believed."""

from collections.abc import Mapping
from typing import Any

from homeassistant.components.repairs import RepairsFlowResult

from ..const import CONF_FUSE, CONF_OTHER_LOADS, CONF_PHASE_SENSORS, CONF_PHASES_POSITIVE, CONF_SITE
from ..flow.site_forms import DEFAULTS, PHASES_SCHEMA, mistakes, without_directions
from .fuse_issues import ALL_PHASES
from .repair_flow import Repair, opposite_sign


class FuseRepair(Repair):
    """Sensors of the main fuse that answer the cars' steps in another way than they should."""

    def __init__(self, fault: str, texts: Mapping[str, str]) -> None:
        """Take the translation key of the issue."""
        super().__init__(texts)
        self._fault = fault

    @property
    def _site(self) -> Mapping[str, Any]:
        site: Mapping[str, Any] = self.options.get(CONF_SITE, {})
        return site

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Ask how it is put right. There is one sign for all phases: it is turned only if all are wrong."""
        all_inverted = self._fault == "fuse_inverted" and ALL_PHASES in self.texts
        return self.async_show_menu(
            step_id="init",
            menu_options=[*(["turn_round"] if all_inverted else []), "other_sensors", "mended"],
            description_placeholders=self.texts,
        )

    async def async_step_turn_round(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Take import for export."""
        turned = opposite_sign(self._site.get(CONF_PHASES_POSITIVE))
        return self.save({CONF_SITE: {**self._site, CONF_PHASES_POSITIVE: turned}})

    async def async_step_other_sensors(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Ask for other sensors, or another sign of theirs."""
        errors: dict[str, str] = {}
        if user_input is not None and not (errors := self._mistakes(user_input)):
            return self.save({CONF_SITE: {**without_directions(self._site), **user_input}})
        suggested = {**DEFAULTS, **self._site} if user_input is None else user_input
        return self.async_show_form(
            step_id="other_sensors",
            data_schema=self.add_suggested_values_to_schema(PHASES_SCHEMA, suggested),
            errors=errors,
            description_placeholders=self.texts,
        )

    def _mistakes(self, answer: Mapping[str, Any]) -> dict[str, str]:
        fuse = {CONF_FUSE: self._site[CONF_FUSE]} if CONF_FUSE in self._site else {}
        if errors := mistakes(self.hass, {**answer, **fuse}, self._site):
            return errors
        present = self._site.get(CONF_PHASE_SENSORS, [])
        if set(answer[CONF_PHASE_SENSORS]) & set(self._site.get(CONF_OTHER_LOADS, [])):
            return {CONF_PHASE_SENSORS: "each_once"}
        if len(answer[CONF_PHASE_SENSORS]) < len(present):
            return {CONF_PHASE_SENSORS: "fewer_sensors"}
        if {**DEFAULTS, **self._site, **answer} == {**DEFAULTS, **self._site}:
            return {CONF_PHASE_SENSORS: "same_sensors"}
        return {}

    async def async_step_mended(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Believe the same sensors again: what was wrong was wrong at the meter."""
        if self.is_over:
            return self.async_abort(reason="already_fixed")
        self.entry.runtime_data.house.learn_meter_anew()
        return self.async_create_entry(data={})
