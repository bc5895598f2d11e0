"""Changing how a bus is run: taking turns, the cure of the 6 A bug, each wall connector's own choices, the house.

Everything here is applied while the bus runs: the entry listens for changes of its options.
"""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import voluptuous as vol

from ..const import (
    CONF_ACCEPTS_MINIMUM,
    CONF_CONNECTORS,
    CONF_CURE_ABOVE_LIMIT,
    CONF_CURE_SIX_AMP_BUG,
    CONF_FEEDERS,
    CONF_FEW_STARTS,
    CONF_HOUSE_PHASES,
    CONF_KEEP_MINUTES,
    CONF_MAXIMUM_CURRENT,
    CONF_ON_SHUTDOWN,
    CONF_PHASES,
    CONF_ROTATION_MINUTES,
    CONF_SITE,
    CONF_STOP_METHOD,
    CONF_WHO_MAY_CHARGE,
    CONF_ZERO_STOPS,
    DEFAULT_KEEP_MINUTES,
    DEFAULT_ROTATION_MINUTES,
    DOMAIN,
    ShutdownChoice,
)
from ..house.sensors import few_starts
from ..registry.devices import connectors_of
from ..registry.house_entry import house_of
from ..registry.naming import addressed_name
from ..runtime.role import role_of
from ..twc.bus.settings import StopMethod
from ..twc.bus.snapshot import BusRole, WallConnectorSnapshot
from ..twc.cars.access import WhoMayCharge
from ..twc.protocol.codes import TwcId
from . import limits
from .consumers import ConsumerFlow
from .feeders import FeederFlow
from .first_steps import FirstSteps
from .led import take_up
from .option_forms import (
    AS_BUS,
    CIRCUIT_LOADS_SCHEMA,
    CONNECTOR_SCHEMA,
    GENERAL_SCHEMA,
    HOUSE_SCHEMA,
    LEARN,
    OVERHEARD_SCHEMA,
    SHARING_SCHEMA,
    WHOLE,
)
from .outside import OUTSIDE_STEPS, OutsideFlow
from .site_forms import clean, mistakes

CONF_TWCID = "twcid"

LED_BY_REPAIR = "repair"
"""The source of a dialogue that a repair about the house has begun."""


class LedFlow(ConsumerFlow, FeederFlow, OutsideFlow):
    """The options of an entry, to which a repair may lead."""

    def _take_up_repair(self) -> bool:
        """Take up what a repair has begun, and return whether one leads here.

        It leads as long as there is something to put right.
        """
        return bool(take_up(self, LED_BY_REPAIR)) and self._is_unmeasured

    @property
    def _is_unmeasured(self) -> bool:
        """Whether cars shall follow the sun where nothing measures the house."""
        issue_id = f"not_measured_{self.config_entry.entry_id}"
        return ir.async_get(self.hass).async_get_issue(DOMAIN, issue_id) is not None

    def _save(self, changes: Mapping[str, Any]) -> ConfigFlowResult:
        return self.async_create_entry(data={**self.config_entry.options, **changes})


class HouseOptionsFlow(LedFlow):
    """The options of the house that several buses share."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask what to change."""
        if self._take_up_repair():
            return await self.async_step_site()
        steps = ["house", "site", "feeders", "consumers", "prices", *OUTSIDE_STEPS]
        return self.async_show_menu(step_id="init", menu_options=steps)

    async def async_step_house(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Change what concerns all buses."""
        errors: dict[str, str] = {}
        suggested: Mapping[str, Any] = {
            CONF_ROTATION_MINUTES: DEFAULT_ROTATION_MINUTES,
            CONF_FEW_STARTS: few_starts(self.config_entry.options),
            **self.config_entry.options,
        }
        if user_input is not None:
            suggested = user_input
            if not (errors := limits.fractions(user_input)):
                return self._save({name: int(value) for name, value in user_input.items()})
        return self.async_show_form(
            step_id="house",
            data_schema=self.add_suggested_values_to_schema(HOUSE_SCHEMA, suggested),
            errors=errors,
        )


class TwcOptionsFlow(FirstSteps, LedFlow):
    """The options of one bus."""

    def __init__(self) -> None:
        """Start with no wall connector chosen."""
        super().__init__()
        self._twcid = ""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask what to change."""
        if self._take_up_first_steps():
            return await self.async_step_first_steps()
        if self._take_up_repair():
            return await self.async_step_site()
        general = ["general"] if self._gives_orders else []
        loads = ["circuit_loads"] if self._gives_orders else []
        # Those of a house that is gone are still in force.
        feeders = ["feeders"] if CONF_FEEDERS in self.config_entry.options else []
        is_alone = house_of(self.hass, self.config_entry) is None
        consumers = ["consumers"] if self._gives_orders else []
        outside = OUTSIDE_STEPS if self._gives_orders else ()
        house = ["site", *feeders, *consumers, "prices", *outside] if is_alone else loads
        return self.async_show_menu(step_id="init", menu_options=[*general, "wall_connector", *house])

    async def async_step_circuit_loads(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask what else hangs on the circuit of this bus, where its house has an entry of its own."""
        present: Mapping[str, Any] = self.config_entry.options.get(CONF_SITE, {})
        errors: dict[str, str] = {}
        if user_input is not None and not (errors := mistakes(self.hass, user_input, present)):
            return self._save({CONF_SITE: clean(user_input)})
        return self.async_show_form(
            step_id="circuit_loads",
            data_schema=self.add_suggested_values_to_schema(
                CIRCUIT_LOADS_SCHEMA, present if user_input is None else user_input
            ),
            errors=errors,
        )

    @property
    def _gives_orders(self) -> bool:
        """Whether we are the controller. Otherwise nothing is asked that only orders could carry out."""
        return role_of(self.config_entry.data) is BusRole.CONTROL

    async def async_step_general(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Change what concerns all wall connectors."""
        errors: dict[str, str] = {}
        suggested: Mapping[str, Any] = {
            CONF_ROTATION_MINUTES: DEFAULT_ROTATION_MINUTES,
            CONF_FEW_STARTS: few_starts(self.config_entry.options),
            CONF_CURE_SIX_AMP_BUG: False,
            CONF_CURE_ABOVE_LIMIT: False,
            CONF_ZERO_STOPS: False,
            CONF_WHO_MAY_CHARGE: WhoMayCharge.EVERYBODY.value,
            CONF_ON_SHUTDOWN: ShutdownChoice.KEEP.value,
            CONF_KEEP_MINUTES: DEFAULT_KEEP_MINUTES,
            **self.config_entry.options,
        }
        if user_input is not None:
            suggested = user_input
            if not (errors := limits.fractions(user_input)):
                whole = {name: int(user_input[name]) for name in WHOLE if name in user_input}
                return self._save({**user_input, **whole})
        is_alone = house_of(self.hass, self.config_entry) is None
        schema = GENERAL_SCHEMA if is_alone else SHARING_SCHEMA
        return self.async_show_form(
            step_id="general",
            data_schema=self.add_suggested_values_to_schema(schema, suggested),
            errors=errors,
        )

    async def async_step_wall_connector(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose a wall connector, unless there is only one."""
        known = sorted(self._known_ratings())
        if not known:
            return self.async_abort(reason="no_wall_connectors")
        if user_input is None and len(known) > 1:
            named = [SelectOptionDict(value=twcid, label=self._name_of(twcid)) for twcid in known]
            choice = SelectSelector(SelectSelectorConfig(options=named, mode=SelectSelectorMode.LIST))
            return self.async_show_form(
                step_id="wall_connector", data_schema=vol.Schema({vol.Required(CONF_TWCID): choice})
            )
        self._twcid = known[0] if user_input is None else user_input[CONF_TWCID]
        return await self.async_step_connector_settings()

    async def async_step_connector_settings(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change what concerns the chosen wall connector alone."""
        if not self._gives_orders:
            return self._step_of_an_overheard_one(user_input)
        errors: dict[str, str] = {}
        suggested: Mapping[str, Any] = {
            CONF_MAXIMUM_CURRENT: self._known_ratings().get(self._twcid),
            CONF_STOP_METHOD: StopMethod.HOLD_AT_MINIMUM.value,
            CONF_ACCEPTS_MINIMUM: False,
            **_to_form(self._chosen().get(self._twcid, {})),
        }
        if user_input is not None:
            suggested = user_input
            if not (errors := limits.amps_errors(user_input, CONF_MAXIMUM_CURRENT)):
                chosen = _from_form(user_input)
                return self._save({CONF_CONNECTORS: {**self._chosen(), self._twcid: chosen}})
        return self.async_show_form(
            step_id="connector_settings",
            data_schema=self.add_suggested_values_to_schema(CONNECTOR_SCHEMA, suggested),
            errors=errors,
            description_placeholders={"name": self._name_of(self._twcid)},
        )

    def _step_of_an_overheard_one(self, user_input: dict[str, Any] | None) -> ConfigFlowResult:
        """Ask how many phases a car loads there; what else was chosen stays for a time when it means something."""
        chosen = self._chosen().get(self._twcid, {})
        if user_input is not None:
            kept = {name: value for name, value in chosen.items() if name != CONF_PHASES}
            return self._save(
                {CONF_CONNECTORS: {**self._chosen(), self._twcid: {**kept, **_phases(user_input)}}}
            )
        return self.async_show_form(
            step_id="connector_settings",
            data_schema=self.add_suggested_values_to_schema(OVERHEARD_SCHEMA, _to_form(chosen)),
            description_placeholders={"name": self._name_of(self._twcid)},
        )

    def _known_ratings(self) -> dict[str, int | None]:
        """Every wall connector that has a device, by TWCID, with its rating in A if it is known."""
        twcids = connectors_of(self.hass, self.config_entry)
        found: Mapping[TwcId, WallConnectorSnapshot] = {}
        if self.config_entry.state is ConfigEntryState.LOADED:
            found = self.config_entry.runtime_data.data.connectors
        return {str(twcid): _rating(found.get(twcid)) for twcid in twcids}

    def _name_of(self, twcid: str) -> str:
        """Return what the owner calls a wall connector, with the address that is written on it."""
        return addressed_name(self.hass, self.config_entry.entry_id, TwcId.parse(twcid))

    def _chosen(self) -> Mapping[str, Mapping[str, Any]]:
        """What was chosen earlier for single wall connectors, by TWCID."""
        chosen: Mapping[str, Mapping[str, Any]] = self.config_entry.options.get(CONF_CONNECTORS, {})
        return chosen


def _to_form(chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a wall connector as the form shows them."""
    return {CONF_HOUSE_PHASES: LEARN, **chosen, CONF_PHASES: str(chosen.get(CONF_PHASES, AS_BUS))}


def _from_form(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed as the options hold it: whole numbers, and nothing for what is as the bus or learnt."""
    chosen = {**user_input, CONF_MAXIMUM_CURRENT: int(user_input[CONF_MAXIMUM_CURRENT])}
    chosen.pop(CONF_PHASES, None)
    chosen |= _phases(user_input)
    if chosen.get(CONF_HOUSE_PHASES) == LEARN:
        del chosen[CONF_HOUSE_PHASES]
    return chosen


def _phases(user_input: Mapping[str, Any]) -> dict[str, int]:
    """Return the phases that were typed as the options hold them: nothing for what is as the bus."""
    phases = user_input.get(CONF_PHASES, AS_BUS)
    return {} if phases == AS_BUS else {CONF_PHASES: int(phases)}


def _rating(connector: WallConnectorSnapshot | None) -> int | None:
    """Return the rating of a model in A; None where it is not known."""
    return None if connector is None or connector.rated_amps is None else int(connector.rated_amps)
