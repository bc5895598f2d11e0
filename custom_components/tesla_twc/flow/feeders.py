"""The dialogue about feeders: the tree between the main fuse and the buses, one feeder after the other."""

from collections.abc import Iterable, Mapping
from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import CONF_NAME
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
import voluptuous as vol

from ..const import CONF_CARRIES, CONF_FEEDERS, CONF_FUSE, CONF_PHASE_SENSORS, CONF_PHASES_POSITIVE
from ..house.feeders import StoredFeeder, feeders_of
from ..house.sentences import async_words
from ..registry.house_entry import sharing_entries
from ..registry.naming import bus_name
from .prices import PriceFlow
from .site_forms import FUSE_SCHEMA, mistakes

CONF_FEEDER = "feeder"
CONF_REMOVE = "remove"
_ADD = " another"
"""What is chosen to add one. No feeder can be called so: names are kept without blanks around them."""


class FeederFlow(PriceFlow):
    """Asks for feeders; each has a name, a rating, what hangs on it, and maybe a sensor for each phase."""

    def __init__(self) -> None:
        """Start with none chosen."""
        super().__init__()
        self._feeder = _ADD

    async def async_step_feeders(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose a feeder, or another one; the first is asked for at once."""
        known = feeders_of(self.config_entry.options)
        if user_input is None and known:
            words = await async_words(self.hass)
            named = [SelectOptionDict(value=one[CONF_NAME], label=one[CONF_NAME]) for one in known]
            named.append(SelectOptionDict(value=_ADD, label=words("another_feeder")))
            choice = SelectSelector(SelectSelectorConfig(options=named, mode=SelectSelectorMode.LIST))
            return self.async_show_form(
                step_id="feeders", data_schema=vol.Schema({vol.Required(CONF_FEEDER): choice})
            )
        self._feeder = _ADD if user_input is None else user_input[CONF_FEEDER]
        return await self.async_step_feeder()

    async def async_step_feeder(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for one feeder, until nothing is wrong with it."""
        feeders = feeders_of(self.config_entry.options)
        present = next((one for one in feeders if one[CONF_NAME] == self._feeder), None)
        others = [one for one in feeders if one is not present]
        errors: dict[str, str] = {}
        schema = self._schema(others, present)
        suggested: Mapping[str, Any] = {} if present is None else self._there_still(present, others)
        if user_input is not None:
            suggested = user_input
            if user_input.get(CONF_REMOVE):
                return self._save_feeders(_without(others, self._feeder))
            feeder = _stored(user_input)
            if not (errors := self._mistakes(feeder, others, present)):
                return self._save_feeders([*_renamed(others, self._feeder, feeder[CONF_NAME]), feeder])
        return self.async_show_form(
            step_id="feeder",
            data_schema=self.add_suggested_values_to_schema(schema, suggested),
            errors=errors,
        )

    def _there_still(self, feeder: StoredFeeder, others: Iterable[StoredFeeder]) -> StoredFeeder:
        """Return a feeder without the buses on it that were removed."""
        there = {bus.entry_id for bus in sharing_entries(self.hass)} | {one[CONF_NAME] for one in others}
        return {**feeder, CONF_CARRIES: [name for name in feeder[CONF_CARRIES] if name in there]}

    def _schema(self, others: Iterable[StoredFeeder], present: StoredFeeder | None) -> vol.Schema:
        what = [
            SelectOptionDict(value=bus.entry_id, label=bus_name(self.hass, bus))
            for bus in sharing_entries(self.hass)
        ]
        what += [SelectOptionDict(value=one[CONF_NAME], label=one[CONF_NAME]) for one in others]
        of_fuse = FUSE_SCHEMA.schema
        fields: dict[vol.Marker, Any] = {
            vol.Required(CONF_NAME): TextSelector(),
            vol.Required(CONF_FUSE): of_fuse[CONF_FUSE],
            vol.Required(CONF_CARRIES): SelectSelector(
                SelectSelectorConfig(options=what, multiple=True, mode=SelectSelectorMode.LIST)
            ),
            vol.Optional(CONF_PHASE_SENSORS): of_fuse[CONF_PHASE_SENSORS],
            vol.Optional(CONF_PHASES_POSITIVE): of_fuse[CONF_PHASES_POSITIVE],
        }
        if present is not None:
            fields[vol.Optional(CONF_REMOVE)] = BooleanSelector()
        return vol.Schema(fields)

    def _mistakes(
        self, feeder: StoredFeeder, others: list[StoredFeeder], present: StoredFeeder | None
    ) -> dict[str, str]:
        """Return an error by field."""
        errors: dict[str, str] = {}
        if not float(feeder[CONF_FUSE]).is_integer():
            errors[CONF_FUSE] = "whole_amps"
        names = {one[CONF_NAME] for one in others} | {bus.entry_id for bus in sharing_entries(self.hass)}
        if not feeder[CONF_NAME] or feeder[CONF_NAME] in names:
            errors[CONF_NAME] = "feeder_name"
        if not feeder[CONF_CARRIES]:
            errors[CONF_CARRIES] = "feeder_carries_nothing"
        elif any(set(feeder[CONF_CARRIES]) & set(one[CONF_CARRIES]) for one in others):
            errors[CONF_CARRIES] = "feeder_hangs_twice"
        elif _goes_round(feeder, _renamed(others, self._feeder, feeder[CONF_NAME])):
            errors[CONF_CARRIES] = "feeder_goes_round"
        if CONF_PHASE_SENSORS in feeder:
            before: StoredFeeder = {} if present is None else present
            errors |= mistakes(self.hass, {key: feeder[key] for key in _MEASURED if key in feeder}, before)
        return errors

    def _save_feeders(self, feeders: list[StoredFeeder]) -> ConfigFlowResult:
        kept = {key: value for key, value in self.config_entry.options.items() if key != CONF_FEEDERS}
        return self.async_create_entry(data={**kept, **({CONF_FEEDERS: feeders} if feeders else {})})


_MEASURED = (CONF_PHASE_SENSORS, CONF_PHASES_POSITIVE, CONF_FUSE)


def _stored(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed as the options hold it."""
    found = {key: value for key, value in user_input.items() if value not in (None, "", [])}
    found.pop(CONF_REMOVE, None)
    if not found.get(CONF_PHASE_SENSORS):
        found.pop(CONF_PHASES_POSITIVE, None)
    return {CONF_CARRIES: [], **found, CONF_NAME: user_input[CONF_NAME].strip()}


def _renamed(feeders: Iterable[StoredFeeder], before: str, now: str) -> list[StoredFeeder]:
    """Return feeders after one that may hang on them got another name."""
    return [
        {**one, CONF_CARRIES: [now if name == before else name for name in one[CONF_CARRIES]]}
        for one in feeders
    ]


def _without(feeders: Iterable[StoredFeeder], gone: str) -> list[StoredFeeder]:
    """Return feeders after one was taken away; one that carries nothing any more goes with it."""
    left = [{**one, CONF_CARRIES: [name for name in one[CONF_CARRIES] if name != gone]} for one in feeders]
    empty = [one[CONF_NAME] for one in left if not one[CONF_CARRIES]]
    kept: list[StoredFeeder] = [one for one in left if one[CONF_CARRIES]]
    for name in empty:
        kept = _without(kept, name)
    return kept


def _goes_round(feeder: StoredFeeder, others: Iterable[StoredFeeder]) -> bool:
    """Whether a feeder hangs on itself, however many others are between."""
    carries = {one[CONF_NAME]: one[CONF_CARRIES] for one in others}
    below = list(feeder[CONF_CARRIES])
    seen: set[str] = set()
    while below:
        name = below.pop()
        if name == feeder[CONF_NAME]:
            return True
        if name not in seen:
            seen.add(name)
            below += carries.get(name, ())
    return False
