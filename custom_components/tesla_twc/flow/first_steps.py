"""The first steps after a bus was added: how much its cars may have, what sets the current, how they are stopped.

The page begins this dialogue of the options by itself. Each step is carried out at once, so it can be closed at any
time, and everything can be changed later where it is at home.
"""

from collections.abc import Iterable, Mapping
from typing import Any, cast, override

from homeassistant.config_entries import ConfigEntry, ConfigEntryState, ConfigFlowContext, ConfigFlowResult
from homeassistant.core import HomeAssistant
import voluptuous as vol

from ..const import (
    CONF_ACCEPTS_MINIMUM,
    CONF_CIRCUIT_LIMIT,
    CONF_CONNECTORS,
    CONF_MAXIMUM_CURRENT,
    CONF_STOP_METHOD,
)
from ..registry.house_entry import house_of
from ..registry.naming import addressed_name
from ..twc.bus.port.scan import HeardConnector
from ..twc.bus.settings import StopMethod
from ..twc.charging.settings import ChargeMode
from ..twc.protocol.codes import ProtocolVersion, TwcId
from . import limits
from .led import take_up
from .site import SiteFlow

LED_BY_SET_UP = "set_up"
"""The source of the dialogue that follows when a bus was added."""
STOPS_BY_OFFER = "stops_by_offer"
"""The wall connectors that were heard, in the context of that dialogue."""
CONF_CURRENT_LIMIT = "current_limit"
LIMIT_SCHEMA = vol.Schema({vol.Optional(CONF_CURRENT_LIMIT): limits.AMPS_SELECTOR})


async def async_lead_on(
    hass: HomeAssistant, entry: ConfigEntry[Any], heard: Iterable[HeardConnector]
) -> str | None:
    """Begin the dialogue for the wall connectors of a new bus, and return its id; None if there is nothing to ask."""
    stops_by_offer = {str(one.twcid): one.version is ProtocolVersion.P1 for one in heard}
    if not stops_by_offer or entry.state is not ConfigEntryState.LOADED:
        return None
    context = {"source": LED_BY_SET_UP, STOPS_BY_OFFER: stops_by_offer}
    flow = await hass.config_entries.options.async_init(
        entry.entry_id, context=cast("ConfigFlowContext", context)
    )
    return flow["flow_id"]


class FirstSteps(SiteFlow):
    """The steps in their order: the current limit, the charge mode, how to stop, what measures the house."""

    def __init__(self) -> None:
        """Nobody was heard yet."""
        super().__init__()
        self._stops_by_offer: Mapping[str, bool] = {}
        """The wall connectors that were heard, by TWCID; those with protocol 1 stop by an offer of 0 A."""
        self._wants_sun = False

    def _take_up_first_steps(self) -> bool:
        """Take up what the set-up has begun, and return whether it leads here."""
        for context in take_up(self, LED_BY_SET_UP):
            self._stops_by_offer = context.get(STOPS_BY_OFFER, {})
        return bool(self._stops_by_offer)

    async def async_step_first_steps(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Set the current limit of each; without a figure it stays at the least there is."""
        if user_input is None:  # A page that takes a dialogue up asks for the step where it stands.
            return self._ask_for_limit({})
        amps = user_input.get(CONF_CURRENT_LIMIT)
        if amps is not None and (errors := limits.amps_errors(user_input, CONF_CURRENT_LIMIT)):
            return self._ask_for_limit(errors, user_input)
        if self.config_entry.state is ConfigEntryState.LOADED and amps is not None:
            for twcid in self._stops_by_offer:
                # One that can carry less gets what it can carry.
                self.config_entry.runtime_data.owner_settings.set_current_limit(TwcId.parse(twcid), int(amps))
        if house_of(self.hass, self.config_entry) is not None:
            # What sets the current was chosen for the whole house.
            return self._finish()
        return await self.async_step_first_mode()

    async def async_step_first_mode(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask what shall set the current."""
        return self.async_show_menu(step_id="first_mode", menu_options=["first_mode_fast", "first_mode_sun"])

    async def async_step_first_mode_fast(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Leave the charge mode as it is: the current limit sets the current."""
        return self._finish()

    async def async_step_first_mode_sun(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask how to stop what an offer of 0 A does not stop, then what measures the house."""
        self._wants_sun = True
        if all(self._stops_by_offer.values()):
            return await self.async_step_site()
        return await self.async_step_first_stop()

    async def async_step_first_stop(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask how those are stopped that an offer of 0 A does not stop: nothing is right for everybody."""
        return self.async_show_menu(
            step_id="first_stop",
            menu_options=["first_stop_switch", "first_stop_contactor", "first_stop_hold"],
            description_placeholders={
                "names": self._names(twcid for twcid, stops in self._stops_by_offer.items() if not stops)
            },
        )

    async def async_step_first_stop_switch(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Stop a car by its own switch, which is named with the car."""
        return await self._keep_stop(StopMethod.CAR_SWITCH)

    async def async_step_first_stop_contactor(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Stop a car without telling it."""
        return await self._keep_stop(StopMethod.CONTACTOR)

    async def async_step_first_stop_hold(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Let a car go on without sun, as its owner accepts."""
        return await self._keep_stop(StopMethod.HOLD_AT_MINIMUM)

    @override
    async def async_step_site_mode(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Let the cars follow the sun once the house is measured, if that was chosen before."""
        if self._wants_sun:
            return self._choose_mode(ChargeMode.SOLAR)
        return await super().async_step_site_mode(user_input)

    async def _keep_stop(self, method: StopMethod) -> ConfigFlowResult:
        chosen = {
            CONF_STOP_METHOD: method.value,
            CONF_ACCEPTS_MINIMUM: method is StopMethod.HOLD_AT_MINIMUM,
        }
        before: Mapping[str, Mapping[str, Any]] = self.config_entry.options.get(CONF_CONNECTORS, {})
        connectors = dict(before)
        for twcid, stops_by_offer in self._stops_by_offer.items():
            if not stops_by_offer:
                connectors[twcid] = {**before.get(twcid, {}), **chosen}
        options = {**self.config_entry.options, CONF_CONNECTORS: connectors}
        self.hass.config_entries.async_update_entry(self.config_entry, options=options)
        return await self.async_step_site()

    def _ask_for_limit(
        self, errors: dict[str, str], typed: Mapping[str, Any] | None = None
    ) -> ConfigFlowResult:
        suggested = {CONF_CURRENT_LIMIT: self._carries()} if typed is None else typed
        return self.async_show_form(
            step_id="first_steps",
            data_schema=self.add_suggested_values_to_schema(LIMIT_SCHEMA, suggested),
            errors=errors,
            description_placeholders={"names": self._names(self._stops_by_offer)},
        )

    def _carries(self) -> int:
        """Return what the circuit and every breaker carry as their owner stated, in A per phase."""
        options = self.config_entry.options
        chosen: Mapping[str, Mapping[str, Any]] = options.get(CONF_CONNECTORS, {})
        breakers = [one[CONF_MAXIMUM_CURRENT] for one in chosen.values() if CONF_MAXIMUM_CURRENT in one]
        return int(min([options[CONF_CIRCUIT_LIMIT], *breakers]))

    def _names(self, twcids: Iterable[str]) -> str:
        """Return what wall connectors are called."""
        entry_id = self.config_entry.entry_id
        return ", ".join(addressed_name(self.hass, entry_id, TwcId.parse(twcid)) for twcid in sorted(twcids))
