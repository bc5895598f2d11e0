"""Starts the dialogue of a repair: stopping, cars, measuring, meter; the fuse's is in problems/fuse_repair.py."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from homeassistant.components.repairs import FlowType, RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import voluptuous as vol

from .cars.migration import async_link_car
from .cars.proposals import propose
from .cars.stored import car_subentries
from .const import (
    CONF_ACCEPTS_MINIMUM,
    CONF_CAR_AMPS,
    CONF_CAR_SWITCH,
    CONF_CONNECTORS,
    CONF_GRID_POSITIVE,
    CONF_METER_CONTAINS_CONNECTORS,
    CONF_SITE,
    CONF_STOP_METHOD,
    CONF_VIN,
    SUBENTRY_CAR,
)
from .flow import cars
from .flow.options import LED_BY_REPAIR
from .one_house.founding import ONE_HOUSE, async_found_by
from .one_house.joining import Belonging, belonging, buses_in_use
from .problems.fuse_repair import FuseRepair
from .problems.issues import UNKNOWN_CAR, digest
from .problems.repair_flow import Repair, opposite_sign
from .registry.naming import bus_name
from .twc.bus.settings import StopMethod
from .twc.protocol.codes import TwcId

CONF_CAR = "car"
CONF_BUS = "bus"

CAR_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_CAR_SWITCH): EntitySelector(
            EntitySelectorConfig(domain=["switch", "input_boolean"])
        ),
        vol.Optional(CONF_CAR_AMPS): EntitySelector(EntitySelectorConfig(domain=["number", "input_number"])),
    }
)


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Begin the dialogue about one issue; ``data`` are its entry and what it told its owner."""
    texts = {key: str(value) for key, value in (data or {}).items()}
    if issue_id == ONE_HOUSE:
        return JoinRepair(texts)
    if issue_id.startswith("cannot_stop_"):
        return StopRepair(texts)
    if issue_id.startswith(f"{UNKNOWN_CAR}_"):
        return AddCarRepair(texts)
    key = issue_id.removesuffix(f"_{texts['entry_id']}")
    if key == "not_measured":
        return MeasureRepair(texts)
    if key.startswith("fuse_"):
        return FuseRepair(key, texts)
    if key not in MeterRepair.FAULTS:
        # A dialogue that was made for another issue would change options that are right.
        raise ValueError(f"There is no dialogue about {issue_id}")
    return MeterRepair(key, texts)


class StopRepair(Repair):
    """A car that shall follow the sun, and goes on without it."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Ask what shall happen when there is too little sun."""
        return self.async_show_menu(
            step_id="init",
            menu_options=["hold_at_minimum", "contactor", "car_switch"],
            description_placeholders=self.texts,
        )

    async def async_step_hold_at_minimum(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Let the car go on with the minimum."""
        return self._choose({CONF_STOP_METHOD: StopMethod.HOLD_AT_MINIMUM.value, CONF_ACCEPTS_MINIMUM: True})

    async def async_step_contactor(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Stop the car without telling it."""
        return self._choose({CONF_STOP_METHOD: StopMethod.CONTACTOR.value})

    async def async_step_car_switch(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Ask which switch stops the car."""
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = {
                field: "no_such_entity"
                for field, entity_id in user_input.items()
                if self.hass.states.get(entity_id) is None
            }
            if not errors:
                was_over = self.is_over
                result = self._choose({CONF_STOP_METHOD: StopMethod.CAR_SWITCH.value})
                if not was_over:
                    await async_link_car(self.hass, self.entry, TwcId.parse(self.texts["twcid"]), user_input)
                return result
        return self.async_show_form(
            step_id="car_switch",
            data_schema=self.add_suggested_values_to_schema(CAR_SCHEMA, user_input or {}),
            errors=errors,
            description_placeholders=self.texts,
        )

    def _choose(self, changes: Mapping[str, Any]) -> RepairsFlowResult:
        chosen: Mapping[str, Mapping[str, Any]] = self.options.get(CONF_CONNECTORS, {})
        twcid = self.texts["twcid"]
        return self.save({CONF_CONNECTORS: {**chosen, twcid: {**chosen.get(twcid, {}), **changes}}})


class JoinRepair(RepairsFlow):
    """Several buses that measure different things, which may or may not be one house."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        """Take what the issue told its owner."""
        self.texts = texts

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Go straight to the question."""
        return await self.async_step_join()

    async def async_step_join(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Ask which of them measures the house that they share, and found it."""
        buses = {bus.entry_id: bus for bus in buses_in_use(self.hass)}
        if belonging(self.hass) is not Belonging.UNSURE:
            return self.async_abort(reason="already_fixed")
        if user_input is not None and (founder := buses.get(user_input[CONF_BUS])) is not None:
            await async_found_by(self.hass, founder)
            return self.async_create_entry(data={})
        named = [SelectOptionDict(value=key, label=bus_name(self.hass, bus)) for key, bus in buses.items()]
        choice = SelectSelector(SelectSelectorConfig(options=named, mode=SelectSelectorMode.LIST))
        return self.async_show_form(
            step_id="join",
            data_schema=vol.Schema({vol.Required(CONF_BUS): choice}),
            description_placeholders=self.texts,
        )


class AddCarRepair(Repair):
    """A car whose VIN belongs to none that its owner has entered."""

    @property
    def _vin(self) -> str | None:
        if self.entry.state is not ConfigEntryState.LOADED:
            return None
        vins = self.entry.runtime_data.cars.strangers
        return next((vin for vin in vins if self.issue_id.endswith(f"_{digest(vin)}")), None)

    @property
    def _without_vin(self) -> list[ConfigSubentry]:
        return [one for one in car_subentries(self.entry) if CONF_VIN not in one.data]

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Ask whether it is one that was entered without its VIN, if there is any."""
        if self._without_vin:
            return self.async_show_menu(
                step_id="init", menu_options=["new_car", "known_car"], description_placeholders=self.texts
            )
        return await self.async_step_new_car()

    async def async_step_new_car(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Enter it, with everything that is known filled in."""
        if (vin := self._vin) is None:
            return self.async_abort(reason="already_fixed")
        errors: dict[str, str] = {}
        if user_input is None:
            proposal = propose(self.hass, vin)
            suggested = cars.to_form(proposal.name, {CONF_VIN: vin, **proposal.entities})
        else:
            suggested = user_input
            if not (errors := cars.errors_in(self.hass, self.entry, user_input)):
                car = ConfigSubentry(
                    data=MappingProxyType(data := cars.from_form(user_input)),
                    subentry_type=SUBENTRY_CAR,
                    title=user_input[CONF_NAME].strip(),
                    unique_id=data.get(CONF_VIN),
                )
                self.hass.config_entries.async_add_subentry(self.entry, car)
                return self.async_create_entry(data={})
        return self.async_show_form(
            step_id="new_car",
            data_schema=self.add_suggested_values_to_schema(
                cars.schema(cars.connector_names(self.hass, self.entry)), suggested
            ),
            errors=errors,
            description_placeholders=self.texts,
        )

    async def async_step_known_car(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Ask which of the cars without a VIN it is."""
        known = {one.subentry_id: one for one in self._without_vin}
        if (vin := self._vin) is None or not known:
            return self.async_abort(reason="already_fixed")
        if user_input is not None and (car := known.get(user_input[CONF_CAR])) is not None:
            self.hass.config_entries.async_update_subentry(
                self.entry, car, data={**car.data, CONF_VIN: vin}, unique_id=vin
            )
            return self.async_create_entry(data={})
        options = [SelectOptionDict(value=car_id, label=car.title) for car_id, car in known.items()]
        choice = SelectSelector(SelectSelectorConfig(options=options, mode=SelectSelectorMode.LIST))
        return self.async_show_form(
            step_id="known_car",
            data_schema=vol.Schema({vol.Required(CONF_CAR): choice}),
            description_placeholders=self.texts,
        )


class MeasureRepair(Repair):
    """Cars that shall follow the sun where nothing measures the house: goes on with the options about it."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Go straight to the question."""
        return await self.async_step_confirm()

    async def async_step_confirm(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Say what is missing, then lead to where it is chosen. The issue ends when it has been."""
        if user_input is None:
            return self.async_show_form(
                step_id="confirm", data_schema=vol.Schema({}), description_placeholders=self.texts
            )
        if self.is_over:
            return self.async_abort(reason="already_fixed")
        options = self.hass.config_entries.options
        begun = await options.async_init(self.entry.entry_id, context={"source": LED_BY_REPAIR})
        return self.async_abort(reason="goes_on", next_flow=(FlowType.OPTIONS_FLOW, begun["flow_id"]))


class MeterRepair(Repair):
    """A meter that answers the cars' steps in another way than its options say."""

    FAULTS = ("meter_inverted", "meter_contained", "meter_not_contained")
    """The issues that it puts right."""

    def __init__(self, fault: str, texts: Mapping[str, str]) -> None:
        """Take the translation key of the issue."""
        super().__init__(texts)
        self._fault = fault

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Go straight to the question."""
        return await self.async_step_confirm()

    async def async_step_confirm(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Ask whether the options shall be changed."""
        if user_input is None:
            return self.async_show_form(
                step_id="confirm", data_schema=vol.Schema({}), description_placeholders=self.texts
            )
        site: Mapping[str, Any] = self.options.get(CONF_SITE, {})
        return self.save({CONF_SITE: {**site, **self._correction(site)}})

    def _correction(self, site: Mapping[str, Any]) -> Mapping[str, Any]:
        if self._fault == "meter_inverted":
            return {CONF_GRID_POSITIVE: opposite_sign(site.get(CONF_GRID_POSITIVE))}
        return {CONF_METER_CONTAINS_CONNECTORS: self._fault == "meter_contained"}
