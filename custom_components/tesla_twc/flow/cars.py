"""The dialogue that adds a car to a bus and changes what was said of it."""

from collections.abc import Mapping
from typing import Any

from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.config_entries import ConfigEntry, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_NAME, UnitOfElectricCurrent, UnitOfEnergy
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
import voluptuous as vol

from ..cars.stored import BATTERY_KWH, PRIORITIES, car_subentries
from ..const import (
    CAR_ENTITIES,
    CONF_ALLOWED,
    CONF_BATTERY_CAPACITY,
    CONF_CAR_AMPS,
    CONF_CAR_SWITCH,
    CONF_CHARGE_LIMIT,
    CONF_CHARGE_MODE,
    CONF_DEFAULT_AT,
    CONF_MAXIMUM_CURRENT,
    CONF_MINIMUM_CURRENT,
    CONF_ODOMETER,
    CONF_PHASES,
    CONF_PLUG,
    CONF_PRIORITY,
    CONF_SOC,
    CONF_VIN,
    DOMAIN,
)
from ..registry.devices import connectors_of
from ..registry.naming import addressed_name
from ..twc.bus.settings import HARD_CAP_AMPS
from ..twc.cars.vin import fault_of, has_odd_check_digit, normalised, short
from ..twc.charging.settings import ChargeMode

AS_CONNECTOR = "as_connector"
"""A car with this choice has the phases or the charge mode of the wall connector."""

_WHOLE = {
    CONF_MINIMUM_CURRENT: "whole_amps",
    CONF_MAXIMUM_CURRENT: "whole_amps",
    CONF_PRIORITY: "whole_number",
}
"""What is told of a fraction, by field."""

_AMPS = NumberSelector(
    NumberSelectorConfig(
        min=1,
        max=HARD_CAP_AMPS,
        step=1,
        mode=NumberSelectorMode.BOX,
        unit_of_measurement=UnitOfElectricCurrent.AMPERE,
    )
)


_PLUGS = [
    BinarySensorDeviceClass.PLUG.value,
    BinarySensorDeviceClass.BATTERY_CHARGING.value,
    BinarySensorDeviceClass.CONNECTIVITY.value,
    BinarySensorDeviceClass.POWER.value,
]
"""What cars' integrations call a sensor that tells whether the cable is in or current flows."""


def _sensor(device_class: SensorDeviceClass) -> EntitySelector:
    return EntitySelector(EntitySelectorConfig(domain="sensor", device_class=device_class.value))


_SWITCH = EntitySelector(EntitySelectorConfig(domain=["switch", "input_boolean"]))
_NUMBER = EntitySelector(EntitySelectorConfig(domain=["number", "input_number"]))


def schema(connectors: Mapping[str, str]) -> vol.Schema:
    """Return the form of a car; ``connectors`` are the names of the wall connectors by TWCID."""
    named = [SelectOptionDict(value=twcid, label=name) for twcid, name in connectors.items()]
    return vol.Schema(
        {
            vol.Required(CONF_NAME): TextSelector(),
            vol.Optional(CONF_VIN): TextSelector(),
            vol.Optional(CONF_DEFAULT_AT): SelectSelector(
                SelectSelectorConfig(options=named, mode=SelectSelectorMode.LIST, multiple=True)
            ),
            vol.Required(CONF_PHASES, default=AS_CONNECTOR): SelectSelector(
                SelectSelectorConfig(
                    options=[AS_CONNECTOR, "1", "2", "3"],
                    mode=SelectSelectorMode.DROPDOWN,
                    translation_key="car_phases",
                )
            ),
            vol.Optional(CONF_MINIMUM_CURRENT): _AMPS,
            vol.Optional(CONF_MAXIMUM_CURRENT): _AMPS,
            vol.Optional(CONF_CAR_SWITCH): _SWITCH,
            vol.Optional(CONF_CAR_AMPS): _NUMBER,
            vol.Optional(CONF_SOC): _sensor(SensorDeviceClass.BATTERY),
            vol.Optional(CONF_CHARGE_LIMIT): _NUMBER,
            vol.Optional(CONF_ODOMETER): _sensor(SensorDeviceClass.DISTANCE),
            vol.Optional(CONF_PLUG): EntitySelector(
                EntitySelectorConfig(domain="binary_sensor", device_class=_PLUGS)
            ),
            vol.Optional(CONF_BATTERY_CAPACITY): NumberSelector(
                NumberSelectorConfig(
                    min=BATTERY_KWH[0],
                    max=BATTERY_KWH[1],
                    step=0.1,
                    mode=NumberSelectorMode.BOX,
                    unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
                )
            ),
            vol.Required(CONF_CHARGE_MODE, default=AS_CONNECTOR): SelectSelector(
                SelectSelectorConfig(
                    options=[AS_CONNECTOR, *(mode.value for mode in ChargeMode)],
                    mode=SelectSelectorMode.DROPDOWN,
                    translation_key="car_charge_mode",
                )
            ),
            vol.Optional(CONF_PRIORITY): NumberSelector(
                NumberSelectorConfig(
                    min=PRIORITIES[0], max=PRIORITIES[1], step=1, mode=NumberSelectorMode.BOX
                )
            ),
            vol.Required(CONF_ALLOWED, default=True): BooleanSelector(),
        }
    )


def from_form(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed as a subentry holds it: whole numbers, and nothing for what is as the wall connector."""
    data = {name: value for name, value in user_input.items() if name != CONF_NAME and value != []}
    if vin := normalised(data.pop(CONF_VIN, "")):
        data[CONF_VIN] = vin
    for name in _WHOLE:
        if name in data:
            data[name] = int(data[name])
    if (phases := data.pop(CONF_PHASES, AS_CONNECTOR)) != AS_CONNECTOR:
        data[CONF_PHASES] = int(phases)
    if data.get(CONF_CHARGE_MODE) == AS_CONNECTOR:
        del data[CONF_CHARGE_MODE]
    return data


def to_form(name: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a car as the form shows it."""
    return {
        CONF_CHARGE_MODE: AS_CONNECTOR,
        **data,
        CONF_NAME: name,
        CONF_PHASES: str(data.get(CONF_PHASES, AS_CONNECTOR)),
    }


def errors_in(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    user_input: Mapping[str, Any],
    *,
    apart_from: str | None = None,
) -> dict[str, str]:
    """Return an error by field; ``apart_from`` is the car that is changed."""
    errors = {
        field: error
        for field, error in _WHOLE.items()
        if user_input.get(field, 0) != int(user_input.get(field, 0))
    }
    if not user_input[CONF_NAME].strip():
        errors[CONF_NAME] = "name_missing"
    least, most = user_input.get(CONF_MINIMUM_CURRENT), user_input.get(CONF_MAXIMUM_CURRENT)
    if least is not None and most is not None and least > most:
        errors[CONF_MAXIMUM_CURRENT] = "below_minimum"
    if (vin := normalised(user_input.get(CONF_VIN, ""))) != "":
        others = [one for one in car_subentries(entry) if one.subentry_id != apart_from]
        if (fault := fault_of(vin)) is not None:
            errors[CONF_VIN] = fault.value
        elif any(one.data.get(CONF_VIN) == vin for one in others):
            errors[CONF_VIN] = "vin_twice"
    return errors | _entity_errors(hass, user_input)


def _entity_errors(hass: HomeAssistant, user_input: Mapping[str, Any]) -> dict[str, str]:
    errors: dict[str, str] = {}
    for field in CAR_ENTITIES:
        if (entity_id := user_input.get(field)) is None:
            continue
        registered = er.async_get(hass).async_get(entity_id)
        if registered is not None and registered.platform == DOMAIN:
            # A wall connector that switches itself off would never switch itself on again.
            errors[field] = "own_entity"
        elif hass.states.get(entity_id) is None:
            errors[field] = "no_such_entity"
    return errors


def connector_names(hass: HomeAssistant, entry: ConfigEntry[Any]) -> dict[str, str]:
    """Return what the owner calls each wall connector of a bus, by TWCID."""
    return {str(twcid): addressed_name(hass, entry.entry_id, twcid) for twcid in connectors_of(hass, entry)}


class CarFlow(ConfigSubentryFlow):
    """The dialogue about one car."""

    def __init__(self) -> None:
        """Begin with nothing typed."""
        self._typed: dict[str, Any] = {}

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Add a car."""
        return await self._async_ask("user", {}, user_input, changed=None)

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Change what was said of a car."""
        subentry = self._get_reconfigure_subentry()
        known = to_form(subentry.title, subentry.data)
        there = connector_names(self.hass, self._get_entry())
        # One that was deleted cannot be chosen, and would make the form refuse everything.
        known[CONF_DEFAULT_AT] = [twcid for twcid in known.get(CONF_DEFAULT_AT, ()) if twcid in there]
        return await self._async_ask("reconfigure", known, user_input, changed=subentry.subentry_id)

    async def _async_ask(
        self,
        step: str,
        suggested: Mapping[str, Any],
        user_input: dict[str, Any] | None,
        *,
        changed: str | None,
    ) -> SubentryFlowResult:
        entry = self._get_entry()
        errors: dict[str, str] = {}
        if user_input is not None:
            self._typed = user_input
            if not (errors := errors_in(self.hass, entry, user_input, apart_from=changed)):
                vin = from_form(user_input).get(CONF_VIN)
                if vin is not None and has_odd_check_digit(vin):
                    return await self.async_step_odd_vin()
                return self._finish()
        return self.async_show_form(
            step_id=step,
            data_schema=self.add_suggested_values_to_schema(
                schema(connector_names(self.hass, entry)), self._typed or suggested
            ),
            errors=errors,
        )

    async def async_step_odd_vin(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask whether a VIN is right whose check digit says that it is not."""
        return self.async_show_menu(
            step_id="odd_vin",
            menu_options=["keep_vin", str(self.source)],
            description_placeholders={"end": short(from_form(self._typed)[CONF_VIN])},
        )

    async def async_step_keep_vin(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Take the VIN all the same."""
        return self._finish()

    def _finish(self) -> SubentryFlowResult:
        title, data = self._typed[CONF_NAME].strip(), from_form(self._typed)
        vin = data.get(CONF_VIN)
        if self.source != "reconfigure":
            return self.async_create_entry(title=title, data=data, unique_id=vin)
        return self.async_update_and_abort(
            self._get_entry(), self._get_reconfigure_subentry(), title=title, data=data, unique_id=vin
        )
