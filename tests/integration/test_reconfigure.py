"""Moving a bus to another port, and changing the limits of its circuit, while it runs."""

import os
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.const import CONF_DEVICE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.const import DOMAIN
from custom_components.tesla_twc.registry.devices import connector_identifier
from custom_components.tesla_twc.twc.bus.snapshot import BusPhase
from custom_components.tesla_twc.twc.simulator.foreign import ForeignController
from custom_components.tesla_twc.twc.simulator.memory import MemoryPort, open_memory
from custom_components.tesla_twc.twc.simulator.unit import Unit
from tests.integration.conftest import DEVICE, World
from tests.integration.owner import YARD

OTHER_DEVICE = "/dev/ttyOther"
LIMITS = {"circuit_limit": 20, "phases": "1", "voltage": 240}
SCAN_SECONDS = 12


@pytest.fixture
def other_port(world: World) -> MemoryPort:
    """Add a second adapter to the same line."""
    world.openers[OTHER_DEVICE] = port = open_memory(world.line, OTHER_DEVICE)
    return port


async def go_on(
    hass: HomeAssistant, result: ConfigFlowResult, answer: dict[str, Any] | None = None
) -> ConfigFlowResult:
    return await hass.config_entries.flow.async_configure(result["flow_id"], answer)


async def begin(hass: HomeAssistant, entry: MockConfigEntry, choice: str) -> ConfigFlowResult:
    menu = await entry.start_reconfigure_flow(hass)
    assert menu["menu_options"] == ["serial", "limits", "role"]
    return await go_on(hass, menu, {"next_step_id": choice})


async def start_scan(hass: HomeAssistant, entry: MockConfigEntry, device: str) -> ConfigFlowResult:
    result = await go_on(hass, await begin(hass, entry, "serial"), {CONF_DEVICE: device})
    assert result["type"] is FlowResultType.SHOW_PROGRESS, result
    return result


async def finish_scan(hass: HomeAssistant, world: World, result: ConfigFlowResult) -> ConfigFlowResult:
    await world.pass_time(SCAN_SECONDS)
    await hass.async_block_till_done(wait_background_tasks=True)  # a real port takes its time to close
    return await go_on(hass, result)


def suggested(result: ConfigFlowResult) -> dict[str, Any]:
    return {str(field): field.description["suggested_value"] for field in result["data_schema"].schema}


async def test_limits_change_while_the_bus_goes_on_running(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    coordinator = loaded.runtime_data
    result = await begin(hass, loaded, "limits")
    assert suggested(result) == {"circuit_limit": 32, "phases": "3", "voltage": 230}
    result = await go_on(hass, result, {**LIMITS, "circuit_limit": 20.5})
    assert result["errors"] == {"circuit_limit": "amps_range"}
    assert suggested(result) == {**LIMITS, "circuit_limit": 20.5}
    result = await go_on(hass, result, LIMITS)
    await hass.async_block_till_done()
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    assert loaded.runtime_data is coordinator
    assert coordinator.data.circuit_limit_amps == 20
    assert dict(loaded.options) == {
        "circuit_limit": 20,
        "phases": 1,
        "voltage": 240,
        "rotation_minutes": 30,
        "cure_six_amp_bug": False,
        "connectors": {},
    }


async def test_what_was_heard_on_a_port_is_known_as_long_as_the_port_is_the_same(
    hass: HomeAssistant, world: World, loaded: MockConfigEntry, other_port: MemoryPort
) -> None:
    found = {CONF_DEVICE: DEVICE, "found": True}
    hass.config_entries.async_update_entry(loaded, data=found)
    await go_on(hass, await begin(hass, loaded, "limits"), LIMITS)
    assert (loaded.options["circuit_limit"], loaded.data) == (20, found)
    for device, kept in ((DEVICE, found), (OTHER_DEVICE, {CONF_DEVICE: OTHER_DEVICE})):
        result = await finish_scan(hass, world, await start_scan(hass, loaded, device))
        assert result["step_id"] == "nothing_heard"
        result = await go_on(hass, await go_on(hass, result, {"next_step_id": "limits"}), LIMITS)
        assert (result["reason"], loaded.data) == ("reconfigure_successful", kept)


async def test_a_bus_moves_to_another_port(
    hass: HomeAssistant, world: World, loaded: MockConfigEntry, other_port: MemoryPort
) -> None:
    world.wall_connector()
    result = await begin(hass, loaded, "serial")
    assert suggested(result) == {CONF_DEVICE: DEVICE}
    result = await go_on(hass, result, {CONF_DEVICE: OTHER_DEVICE})
    assert loaded.state is ConfigEntryState.NOT_LOADED
    assert (world.port.is_open, other_port.is_open) == (False, True)

    result = await finish_scan(hass, world, result)
    assert result["step_id"] == "connectors_found"
    assert loaded.state is ConfigEntryState.LOADED
    assert (world.port.is_open, other_port.is_open) == (True, False)

    result = await go_on(hass, await go_on(hass, result, {}), LIMITS)
    await hass.async_block_till_done()
    assert result["reason"] == "reconfigure_successful"
    assert loaded.data == {"device": OTHER_DEVICE, "found": True}
    assert loaded.options["circuit_limit"] == 20
    assert loaded.title == "Wall connectors on ttyOther"
    assert loaded.state is ConfigEntryState.LOADED
    assert (world.port.is_open, other_port.is_open) == (False, True)


async def test_a_new_port_asks_only_for_the_breakers_nobody_told_of(
    hass: HomeAssistant, world: World, loaded: MockConfigEntry, other_port: MemoryPort
) -> None:
    own = {"maximum_current": 20, "phases": 1}
    hass.config_entries.async_update_entry(
        loaded, options={**loaded.options, "connectors": {"3495": own, "6388": {"phases": 2}}}
    )
    world.wall_connector(Unit(serial_number="A17A0003495"))
    world.wall_connector(Unit(serial_number="A18G0006388"))
    yard = dr.async_get(hass).async_get_or_create(
        config_entry_id=loaded.entry_id, identifiers={connector_identifier(loaded.entry_id, YARD)}
    )
    dr.async_get(hass).async_update_device(yard.id, name_by_user="Carport")
    result = await go_on(hass, await begin(hass, loaded, "serial"), {CONF_DEVICE: OTHER_DEVICE})
    result = await finish_scan(hass, world, result)
    result = await go_on(hass, await go_on(hass, result, {}), LIMITS)
    assert result["description_placeholders"]["name"] == "Carport (6388)"
    # The options are on another page, which does not wait for this one.
    own = {"maximum_current": 16}
    hass.config_entries.async_update_entry(
        loaded, options={**loaded.options, "connectors": {"3495": own, "6388": {"phases": 2}}}
    )
    result = await go_on(hass, result, {"maximum_current": 13})
    await hass.async_block_till_done()
    assert result["reason"] == "reconfigure_successful"
    assert loaded.options["connectors"] == {"3495": own, "6388": {"phases": 2, "maximum_current": 13}}


async def test_the_same_port_can_be_tried_again(
    hass: HomeAssistant, world: World, loaded: MockConfigEntry
) -> None:
    world.wall_connector()
    result = await finish_scan(hass, world, await start_scan(hass, loaded, DEVICE))
    assert result["step_id"] == "connectors_found"
    result = await go_on(hass, await go_on(hass, result, {}), LIMITS)
    assert result["reason"] == "reconfigure_successful"
    assert loaded.state is ConfigEntryState.LOADED


async def test_a_port_on_which_wall_connectors_are_served_is_not_listened_to_again(
    hass: HomeAssistant, world: World, loaded: MockConfigEntry
) -> None:
    world.wall_connector()
    await world.pass_time(40)
    coordinator = loaded.runtime_data
    result = await go_on(hass, await begin(hass, loaded, "serial"), {CONF_DEVICE: DEVICE})
    assert (result["step_id"], suggested(result)["circuit_limit"]) == ("limits", 32)
    result = await go_on(hass, result, LIMITS)
    assert (result["reason"], loaded.options["circuit_limit"]) == ("reconfigure_successful", 20)
    assert loaded.runtime_data is coordinator, "no heartbeat was missed for it"


async def test_a_real_port_is_free_to_be_tried_as_soon_as_its_bus_is_stopped(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, pseudo_terminal: tuple[int, int]
) -> None:
    device = os.ttyname(pseudo_terminal[1])
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, data={CONF_DEVICE: device})
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    result = await finish_scan(hass, world, await start_scan(hass, entry, device))
    assert result["step_id"] == "nothing_heard"
    assert entry.state is ConfigEntryState.LOADED


async def test_the_bus_being_moved_is_not_taken_for_another_controller(
    hass: HomeAssistant, world: World, loaded: MockConfigEntry, other_port: MemoryPort
) -> None:
    world.wall_connector()
    await world.pass_time(40)  # it runs, with heartbeats every second
    result = await finish_scan(hass, world, await start_scan(hass, loaded, OTHER_DEVICE))
    assert result["step_id"] in ("nothing_heard", "only_noise")


async def test_a_real_other_controller_is_found_on_the_new_port(
    hass: HomeAssistant, world: World, loaded: MockConfigEntry, other_port: MemoryPort
) -> None:
    result = await start_scan(hass, loaded, OTHER_DEVICE)
    ForeignController(world.line).appear()
    result = await finish_scan(hass, world, result)
    assert result["step_id"] == "foreign_controller"
    assert loaded.data == {"device": DEVICE}


async def test_a_bus_that_moved_begins_anew_once_and_listens_as_to_an_unknown_one(
    hass: HomeAssistant, world: World, loaded: MockConfigEntry, other_port: MemoryPort
) -> None:
    """A second start would find the port that it knows, and speak after 3 s."""
    world.wall_connector()
    await world.pass_time(40)
    result = await finish_scan(hass, world, await start_scan(hass, loaded, OTHER_DEVICE))
    result = await go_on(hass, await go_on(hass, result, {"next_step_id": "limits"}), LIMITS)
    await hass.async_block_till_done()
    coordinator = loaded.runtime_data
    assert coordinator.device == OTHER_DEVICE
    await world.pass_time(11)
    assert coordinator.latest().phase is BusPhase.LISTENING


async def test_a_name_given_by_the_owner_is_kept(
    hass: HomeAssistant, world: World, loaded: MockConfigEntry, other_port: MemoryPort
) -> None:
    hass.config_entries.async_update_entry(loaded, title="Garage")
    world.wall_connector()
    result = await finish_scan(hass, world, await start_scan(hass, loaded, OTHER_DEVICE))
    await go_on(hass, await go_on(hass, result, {}), LIMITS)
    await hass.async_block_till_done()
    assert (loaded.title, loaded.data) == ("Garage", {"device": OTHER_DEVICE, "found": True})


async def test_a_port_that_does_not_open_leaves_the_bus_running(
    hass: HomeAssistant, world: World, loaded: MockConfigEntry, other_port: MemoryPort
) -> None:
    other_port.unplug()
    result = await go_on(hass, await begin(hass, loaded, "serial"), {CONF_DEVICE: OTHER_DEVICE})
    assert (result["step_id"], result["errors"]) == ("serial", {"base": "not_found"})
    assert loaded.state is ConfigEntryState.LOADED
    assert world.port.is_open


async def test_a_port_lost_during_the_scan_leaves_the_bus_running(
    hass: HomeAssistant, world: World, loaded: MockConfigEntry, other_port: MemoryPort
) -> None:
    result = await start_scan(hass, loaded, OTHER_DEVICE)
    other_port.unplug()
    await world.pass_time(0)
    result = await go_on(hass, result)
    assert result["errors"] == {"base": "port_lost"}
    assert loaded.state is ConfigEntryState.LOADED


async def test_closing_the_dialogue_during_the_scan_leaves_the_bus_running(
    hass: HomeAssistant, world: World, loaded: MockConfigEntry, other_port: MemoryPort
) -> None:
    result = await start_scan(hass, loaded, OTHER_DEVICE)
    hass.config_entries.flow.async_abort(result["flow_id"])
    await world.pass_time(0)
    assert loaded.state is ConfigEntryState.LOADED
    assert (world.port.is_open, other_port.is_open) == (True, False)


async def test_a_stop_of_home_assistant_during_the_scan_starts_nothing(
    hass: HomeAssistant, world: World, loaded: MockConfigEntry, other_port: MemoryPort
) -> None:
    await start_scan(hass, loaded, OTHER_DEVICE)
    await hass.async_stop()
    assert loaded.state is ConfigEntryState.NOT_LOADED
    assert (world.port.is_open, other_port.is_open) == (False, False)


async def test_a_bus_whose_port_is_gone_moves_to_another(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, other_port: MemoryPort
) -> None:
    world.port.unplug()
    world.wall_connector()
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    result = await finish_scan(hass, world, await start_scan(hass, entry, OTHER_DEVICE))
    assert entry.state is ConfigEntryState.SETUP_RETRY
    await go_on(hass, await go_on(hass, result, {}), LIMITS)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert other_port.is_open


async def test_a_bus_that_cannot_be_stopped_now_says_so(
    hass: HomeAssistant, world: World, loaded: MockConfigEntry, other_port: MemoryPort
) -> None:
    result = await begin(hass, loaded, "serial")
    with patch("custom_components.tesla_twc.async_unload_entry", return_value=False):
        result = await go_on(hass, result, {CONF_DEVICE: OTHER_DEVICE})
    assert result["errors"] == {"base": "entry_busy"}
    assert loaded.state is ConfigEntryState.FAILED_UNLOAD
    result = await go_on(hass, result, {CONF_DEVICE: OTHER_DEVICE})
    assert result["errors"] == {"base": "entry_busy"}
    # Nothing but a restart helps now; the port has to be released for the next test all the same.
    await loaded.runtime_data.async_stop(keep=False)


async def test_a_bus_deleted_during_the_scan_stays_deleted(
    hass: HomeAssistant, world: World, loaded: MockConfigEntry, other_port: MemoryPort
) -> None:
    await start_scan(hass, loaded, OTHER_DEVICE)
    await hass.config_entries.async_remove(loaded.entry_id)
    await world.pass_time(SCAN_SECONDS)
    assert hass.config_entries.async_entries(DOMAIN) == []
    assert not world.port.is_open


async def test_two_dialogues_cannot_move_one_bus_at_a_time(
    hass: HomeAssistant, world: World, loaded: MockConfigEntry, other_port: MemoryPort
) -> None:
    world.wall_connector()
    first = await start_scan(hass, loaded, OTHER_DEVICE)
    second = await go_on(hass, await begin(hass, loaded, "serial"), {CONF_DEVICE: DEVICE})
    assert (second["step_id"], second["errors"]) == ("serial", {"base": "busy"})
    assert (await finish_scan(hass, world, first))["step_id"] == "connectors_found"
    assert loaded.state is ConfigEntryState.LOADED


async def test_the_port_of_another_bus_is_refused(
    hass: HomeAssistant, loaded: MockConfigEntry, other_port: MemoryPort
) -> None:
    MockConfigEntry(domain=DOMAIN, data={CONF_DEVICE: OTHER_DEVICE}).add_to_hass(hass)
    result = await go_on(hass, await begin(hass, loaded, "serial"), {CONF_DEVICE: OTHER_DEVICE})
    assert result["reason"] == "already_configured"
    assert loaded.state is ConfigEntryState.LOADED
