"""The actions set_ceiling and export_dimming_log: limits from outside, and the proof that the grid operator's held."""

import csv
from datetime import timedelta
import io
import json
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_AREA_ID, ATTR_DEVICE_ID, ATTR_ENTITY_ID, ATTR_FLOOR_ID, ATTR_LABEL_ID
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..const import DOMAIN
from ..coordinator import TwcCoordinator
from ..registry.bus_id import bus_id
from ..registry.devices import bus_identifier, house_identifier
from ..registry.house_entry import bus_entries
from ..registry.permissions import async_check_control, async_check_see
from ..runtime.dimming_log import dimming_log
from ..runtime.house import RunningHouse
from ..runtime.overrides import LONGEST_OVERRIDE_SECONDS
from ..sessions.action_call import PERIOD, times
from ..sessions.media_file import async_write_media
from ..sessions.report import harmless
from ..twc.charging.house_address import in_house, on_bus
from ..twc.charging.outside.grid_operator import NO_LIMIT_WATTS
from ..twc.charging.outside.standing import Failsafe, StandingCeiling
from ..twc.protocol.codes import TwcId
from .targets import chosen_connector, meant_devices

SERVICE_SET_CEILING = "set_ceiling"
SERVICE_EXPORT_DIMMING = "export_dimming_log"
ATTR_CEILING_AMPS = "amps"
ATTR_WATTS = "watts"
ATTR_FOR = "for"
ATTR_SOURCE = "source"
ATTR_FAILSAFE = "failsafe"
ATTR_FEEDER = "feeder"
ATTR_FAILSAFE_VALUE = "failsafe_value"
ATTR_EXPORT_FORMAT = "format"
LARGEST_AMPS = 500.0
_TARGETS = (ATTR_DEVICE_ID, ATTR_ENTITY_ID, ATTR_AREA_ID, ATTR_FLOOR_ID, ATTR_LABEL_ID)

SET_CEILING_SCHEMA = vol.Schema(
    {
        **cv.TARGET_SERVICE_FIELDS,
        vol.Exclusive(ATTR_CEILING_AMPS, "unit"): vol.All(
            vol.Coerce(float), vol.Range(min=0, max=LARGEST_AMPS)
        ),
        vol.Exclusive(ATTR_WATTS, "unit"): vol.All(vol.Coerce(float), vol.Range(min=0, max=NO_LIMIT_WATTS)),
        vol.Required(ATTR_SOURCE): vol.All(cv.string, vol.Length(min=1, max=60)),
        vol.Optional(ATTR_FEEDER): cv.string,
        vol.Optional(ATTR_FOR): vol.All(
            cv.positive_time_period,
            vol.Range(min=timedelta(seconds=1), max=timedelta(seconds=LONGEST_OVERRIDE_SECONDS)),
        ),
        vol.Optional(ATTR_FAILSAFE, default=Failsafe.NOTHING.value): vol.Coerce(Failsafe),
        vol.Optional(ATTR_FAILSAFE_VALUE): vol.All(vol.Coerce(float), vol.Range(min=0, max=NO_LIMIT_WATTS)),
    }
)


@callback
def async_setup_ceiling_actions(hass: HomeAssistant) -> None:
    """Make the actions known."""
    hass.services.async_register(
        DOMAIN,
        SERVICE_SET_CEILING,
        _async_set_ceiling,
        schema=SET_CEILING_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )
    hass.services.async_register(
        DOMAIN,
        SERVICE_EXPORT_DIMMING,
        _async_export,
        vol.Schema({**PERIOD, vol.Required(ATTR_EXPORT_FORMAT, default="csv"): vol.In(["csv", "json"])}),
        supports_response=SupportsResponse.OPTIONAL,
    )


async def _async_set_ceiling(call: ServiceCall) -> ServiceResponse:
    """Set a ceiling for all cars, or one for each wall connector that is meant; without a value take it back."""
    failsafe, value = call.data[ATTR_FAILSAFE], call.data.get(ATTR_FAILSAFE_VALUE)
    if failsafe is Failsafe.VALUE and value is None:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="ceiling_without_value")
    amps, watts = call.data.get(ATTR_CEILING_AMPS), call.data.get(ATTR_WATTS)
    duration: timedelta | None = call.data.get(ATTR_FOR)
    asked, feeder = await _async_scopes(call), call.data.get(ATTR_FEEDER)
    if feeder is not None:
        asked = [(house, None) for house, members in asked if members is None and feeder in house.feeders]
        if not asked:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="no_such_feeder",
                translation_placeholders={"name": feeder},
            )
    for house, members in asked:
        if amps is None and watts is None:
            house.outside.take_back(call.data[ATTR_SOURCE], members, feeder)
            continue
        ceiling = StandingCeiling(
            source=call.data[ATTR_SOURCE],
            amps=amps,
            watts=watts,
            members=members,
            feeder=feeder,
            failsafe=failsafe,
            failsafe_value=value,
        )
        house.outside.set_ceiling(ceiling, None if duration is None else duration.total_seconds())
    houses = list({id(house): house for house, _ in asked}.values())
    for house in houses:
        house.apply()
    if not call.return_response:
        return None
    return {
        "ceilings": [_told(house, one) for house in houses for one in house.outside.ceilings],
        "wall_connectors": [one for house in houses for one in _left(house)],
    }


async def _async_scopes(call: ServiceCall) -> list[tuple[RunningHouse, frozenset[TwcId] | None]]:
    """Return the houses that are meant, each with one wall connector or with None for all of its."""
    devices = meant_devices(call) if any(call.data.get(name) for name in _TARGETS) else None
    found: list[tuple[RunningHouse, frozenset[TwcId] | None]] = []
    for device_id in devices or ():
        if (house := await _async_house(call, device_id)) is not None:
            found.append((house, None))
            continue
        coordinator, connector = chosen_connector(call.hass, device_id)
        await async_check_control(call, bus_id(coordinator.config_entry), (connector.twcid,))
        _check_led(coordinator)
        found.append((coordinator.house, frozenset({in_house(connector.twcid, coordinator.decider.circuit)})))
    if devices is None:
        led = [one for one in _running(call.hass) if one.gives_orders]
        for coordinator in led:
            await _async_check_bus(call, coordinator)
        found = [(house, None) for house in {id(one.house): one.house for one in led}.values()]
    if not found:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_bus_running")
    return found


async def _async_house(call: ServiceCall, device_id: str) -> RunningHouse | None:
    """Return the house of which a device is the house or its bus; None: it is another device."""
    device = dr.async_get(call.hass).async_get(device_id)
    for coordinator in _running(call.hass):
        owners = {bus_identifier(bus_id(coordinator.config_entry))}
        if coordinator.house.is_shared:
            owners.add(house_identifier())
        if device is not None and owners & device.identifiers:
            _check_led(coordinator)
            for one in _running(call.hass):
                if one.house is coordinator.house:
                    await _async_check_bus(call, one)
            return coordinator.house
    return None


def _running(hass: HomeAssistant) -> list[TwcCoordinator]:
    return [entry.runtime_data for entry in bus_entries(hass) if entry.state is ConfigEntryState.LOADED]


async def _async_check_bus(call: ServiceCall, coordinator: TwcCoordinator) -> None:
    await async_check_control(call, bus_id(coordinator.config_entry), coordinator.connectors)


def _check_led(coordinator: TwcCoordinator) -> None:
    if not coordinator.gives_orders:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="current_not_led",
            translation_placeholders={"name": coordinator.name},
        )


def _told(house: RunningHouse, one: StandingCeiling) -> dict[str, Any]:
    now = house.now
    until = None if one.until is None else dt_util.now() + timedelta(seconds=one.until - now)
    return {
        "source": one.source,
        "amps": one.amps,
        "watts": one.watts,
        "wall_connectors": None if one.members is None else [str(on_bus(twcid)) for twcid in one.members],
        "feeder": one.feeder,
        "until": None if until is None else until.isoformat(timespec="seconds"),
        "failsafe": one.failsafe.value,
        "failsafe_value": one.failsafe_value,
        "is_renewed": one.is_renewed(now),
    }


def _left(house: RunningHouse) -> list[dict[str, Any]]:
    """Return what every wall connector has now, and why."""
    return [
        {
            "twcid": str(on_bus(address)),
            "amps": decided.amps,
            "reason": decided.reason.value,
            "ceiling": decided.terms.get("ceiling"),
            "ceiling_source": decided.terms.get("ceiling_source"),
        }
        for address, decided in house.decision.told.items()
    ]


# The proof

_COLUMNS = (
    *("time", "house", "before", "after", "limit_before", "limit_after"),
    *("command_limits", "command_watts", "drew_before", "drew_after"),
)


async def _async_export(call: ServiceCall) -> ServiceResponse:
    """Write the log to a file in the media folder, and say where it is."""
    for coordinator in _running(call.hass):
        await async_check_see(call, bus_id(coordinator.config_entry), coordinator.connectors)
    start, end = times(call.data)
    log, kind = dimming_log(call.hass), call.data[ATTR_EXPORT_FORMAT]
    events: list[dict[str, Any]] = []

    def read() -> str:
        events.extend(log.events(start, end))
        return json.dumps(events, indent=1) if kind == "json" else _as_csv(events)

    where = await async_write_media(call.hass, "dimming", kind, read)
    answer: dict[str, Any] = {**where, "events": events}
    return answer


def _as_csv(events: list[dict[str, Any]]) -> str:
    """Return a table with one row for each change."""
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, _COLUMNS, extrasaction="ignore")
    table.writeheader()
    for event in events:
        command = event.get("command") or {}
        table.writerow(
            {name: harmless(value) for name, value in event.items()}
            | {"command_limits": command.get("limits"), "command_watts": command.get("watts")}
        )
    return text.getvalue()
