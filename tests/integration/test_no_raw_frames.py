"""There is no way from Home Assistant to a frame of one's own choosing.

What could be asked for is listed here, so that whoever adds an action or an entity has to think about it.
"""

from contextlib import nullcontext
from typing import Any

from homeassistant.components.websocket_api import DOMAIN as WEBSOCKET
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
import voluptuous as vol

from custom_components.tesla_twc.const import DOMAIN
from custom_components.tesla_twc.twc.protocol.codes import QUERIES, Code
from custom_components.tesla_twc.twc.protocol.framing import wrap
from custom_components.tesla_twc.twc.simulator.line import Role
from custom_components.tesla_twc.twc.simulator.station import Station
from custom_components.tesla_twc.twc.simulator.tools.monitor import BusMonitor
from tests.integration.conftest import World
from tests.integration.owner import GARAGE, Owner

WRITE_FLASH = wrap(bytes.fromhex("FC19777734950000000000000000000077"))
WHO = {str(field) for field in cv.ENTITY_SERVICE_FIELDS}
"""How Home Assistant lets everybody say who is meant."""
ACTIONS = {
    "set_current": {*WHO, "amps", "duration", "without_car"},
    "ready_by": {*WHO, "time", "energy", "level", "daily"},
    "replay": {"config_entry", "start", "end"},
    "get_sessions": {"start", "end"},
    "export_sessions": {"start", "end", "format"},
    "set_ceiling": {*WHO, "source", "amps", "watts", "feeder", "for", "failsafe", "failsafe_value"},
    "export_dimming_log": {"start", "end", "format"},
    "import_sessions": {"file", "dry_run"},
    "monthly_report": {"month"},
    "edit_session": {"session", "note", "delete", "car", "merge_with_next"},
    "recompute_sessions": {"start", "end", "price_grid", "price_sun", "price_battery", "dry_run"},
}
NAMES = {("set_ceiling", "source")}
"""Texts that an action takes: they are shown, and reach no wire."""
STEERED = {"button", "number", "select", "switch", "time"}
"""Kinds of entities that take orders; none of them takes a text."""
SHOWN = {"event", "binary_sensor", "sensor"}
SAID = {
    *QUERIES,
    Code.CONTROLLER_LINK_READY_1,
    Code.CONTROLLER_LINK_READY_2,
    Code.CONTROLLER_HEARTBEAT,
}


async def test_the_actions_and_their_fields_are_these(
    hass: HomeAssistant, garage: Station, owner: Owner
) -> None:
    services = hass.services.async_services()[DOMAIN]
    assert {name: set(map(str, service.schema.schema)) for name, service in services.items()} == ACTIONS


@pytest.mark.parametrize("frame", [WRITE_FLASH, WRITE_FLASH.hex(), WRITE_FLASH.hex(" ").upper()], ids=repr)
async def test_an_action_takes_no_frame_in_any_field(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, frame: Any
) -> None:
    monitor = BusMonitor(world.line)
    device = owner.device(GARAGE)
    assert device is not None
    good = {ATTR_DEVICE_ID: device.id, "amps": 10}
    for name, fields in ACTIONS.items():
        for field in (*fields, "frame", "raw", "data", "command"):
            meant = {"amps": 10} if field in WHO else good
            data = {**(meant if name == "set_current" else {}), field: frame}
            is_name = (name, field) in NAMES and isinstance(frame, str)
            with nullcontext() if is_name else pytest.raises((HomeAssistantError, vol.Invalid)):
                await hass.services.async_call(
                    DOMAIN, name, data, blocking=True, return_response=name != "set_current"
                )
    await world.pass_time(10)
    assert monitor.violations == []
    assert {frame.content.code for frame in monitor.frames if frame.role is Role.CONTROLLER} <= SAID


async def test_entities_take_numbers_choices_and_switches_only(
    hass: HomeAssistant, garage: Station, owner: Owner
) -> None:
    await owner.choose({"site": {"measurement": "grid", "grid_power": "sensor.grid"}})
    entities = er.async_entries_for_config_entry(er.async_get(hass), owner.entry.entry_id)
    assert {entity.domain for entity in entities} == STEERED | SHOWN


async def test_of_our_own_there_is_only_the_file_of_the_card_and_what_flows_in_the_house(
    hass: HomeAssistant, garage: Station, owner: Owner
) -> None:
    for component in ("http", "websocket_api", "api"):
        assert await async_setup_component(hass, component, {})
    commands = list(hass.data[WEBSOCKET])
    paths = [str(resource.canonical) for resource in hass.http.app.router.resources()]
    assert "call_service" in commands
    assert "/api/states" in paths
    ours = {name for name in (*commands, *paths) if "twc" in name}
    assert ours == {"tesla_twc/houses", "/tesla_twc/tesla-twc.js"}, "both only tell; neither takes an order"
