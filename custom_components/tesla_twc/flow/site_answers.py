"""What the dialogue about the house was answered so far, and the asking of one form."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
import voluptuous as vol

from ..const import CONF_MEASUREMENT, CONF_PHASE_SENSORS, CONF_SITE
from ..house.consumers import sensors_of_consumers
from ..house.sensors import sensors_of
from ..twc.charging.settings import Measurement
from .site_forms import (
    BATTERY_SCHEMA,
    DEFAULTS,
    FUSE_MORE_SCHEMA,
    FUSE_SCHEMA,
    GRID,
    GRID_TWO,
    METHOD_SCHEMAS,
    MINUTES,
    MISSING_SCHEMA,
    NONE,
    clean,
    mistakes,
)


class SiteAnswers(OptionsFlow):
    """The answers, of which those that belong to the chosen method are saved under CONF_SITE."""

    def __init__(self) -> None:
        """Nothing was asked yet."""
        self._draft: dict[str, Any] = {}
        """What was answered so far, of every method: an owner may go back and forth."""
        self._method = NONE

    @property
    def _present(self) -> Mapping[str, Any]:
        """How the house is measured until now."""
        present: Mapping[str, Any] = self.config_entry.options.get(CONF_SITE, {})
        return present

    def _answered(self) -> dict[str, Any]:
        """Return the options of the entry as if the answers so far were saved."""
        return {**self.config_entry.options, CONF_SITE: self._draft}

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
            errors = mistakes(self.hass, user_input, self._present, self._draft)
            errors = {**self._of_consumers(user_input), **errors}
            if not errors:
                kept = {key: value for key, value in self._draft.items() if key not in fields}
                self._draft = {**kept, **clean(user_input)}
                return None
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, suggested),
            errors=errors,
        )

    def _of_consumers(self, user_input: Mapping[str, Any]) -> dict[str, str]:
        """Return an error for each sensor that measures another consumer and so not the house."""
        theirs = set(sensors_of_consumers(self.config_entry.options))
        return {
            key: "measures_consumer" for key, entity_id, _ in sensors_of(user_input) if entity_id in theirs
        }

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
