"""Adding a bus by hand, with everything an owner may meet on the way."""

import asyncio
from collections.abc import Callable, Coroutine, Generator
import errno
import os
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock, patch

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState, ConfigFlowResult
from homeassistant.const import CONF_DEVICE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import EVENT_DATA_ENTRY_FLOW_PROGRESS_UPDATE, FlowResultType, UnknownFlow
from homeassistant.exceptions import ConfigEntryNotReady
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events
import serialx
import voluptuous as vol

from custom_components.tesla_twc.const import DOMAIN, SIMULATED_DEVICE
from custom_components.tesla_twc.port.names import lasting_name
from custom_components.tesla_twc.twc.bus.port.scan import Scan
from custom_components.tesla_twc.twc.protocol.codes import ProtocolVersion, TwcId
from custom_components.tesla_twc.twc.protocol.encoding import encode
from custom_components.tesla_twc.twc.protocol.framing import wrap
from custom_components.tesla_twc.twc.protocol.messages import ConnectorLinkReady
from custom_components.tesla_twc.twc.simulator.foreign import ForeignController
from custom_components.tesla_twc.twc.simulator.line import Role
from custom_components.tesla_twc.twc.simulator.memory import open_memory
from custom_components.tesla_twc.twc.simulator.unit import US, Unit, old_unit
from tests.integration.conftest import DEVICE, World
from tests.integration.dialogue_texts import STRINGS

LIMITS = {"circuit_limit": 16, "phases": "3", "voltage": 230}
SCAN_SECONDS = 12


@pytest.fixture(autouse=True)
def set_up() -> Generator[AsyncMock]:
    """Keep a new entry from being set up: what follows the dialogue is tested elsewhere."""
    with patch("custom_components.tesla_twc.async_setup_entry", return_value=True) as set_up:
        yield set_up


async def begin(hass: HomeAssistant, choice: str = "serial") -> ConfigFlowResult:
    menu = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert menu["type"] is FlowResultType.MENU
    return await go_on(hass, menu, {"next_step_id": choice})


async def go_on(
    hass: HomeAssistant, result: ConfigFlowResult, answer: dict[str, Any] | None = None
) -> ConfigFlowResult:
    return await hass.config_entries.flow.async_configure(result["flow_id"], answer)


async def start_scan(hass: HomeAssistant, device: str = DEVICE) -> ConfigFlowResult:
    result = await go_on(hass, await begin(hass), {CONF_DEVICE: device})
    assert result["type"] is FlowResultType.SHOW_PROGRESS, result
    return result


async def finish_scan(hass: HomeAssistant, world: World, result: ConfigFlowResult) -> ConfigFlowResult:
    await world.pass_time(SCAN_SECONDS)
    await hass.async_block_till_done(wait_background_tasks=True)  # a real port takes its time to close
    return await go_on(hass, result)


async def scan(hass: HomeAssistant, world: World, device: str = DEVICE) -> ConfigFlowResult:
    return await finish_scan(hass, world, await start_scan(hass, device))


async def test_an_owner_adds_a_bus_with_two_wall_connectors(
    hass: HomeAssistant, world: World, set_up: AsyncMock
) -> None:
    world.wall_connector(Unit(serial_number="A17A0003495"))
    world.wall_connector(old_unit("A16K0001234", model=US))
    progress = async_capture_events(hass, EVENT_DATA_ENTRY_FLOW_PROGRESS_UPDATE)

    result = await start_scan(hass)
    assert result["description_placeholders"] == {"port": DEVICE, "seconds": "12"}
    assert world.port.is_open
    await world.pass_time(SCAN_SECONDS / 2)
    shown = [event.data["progress"] for event in progress]
    assert shown == sorted(shown)
    assert shown[-1] == 0.5
    await world.pass_time(SCAN_SECONDS / 2)
    result = await go_on(hass, result)

    assert result["step_id"] == "connectors_found"
    assert result["description_placeholders"] == {
        "connectors": "| 1234 | 80 A | 1 |\n| 3495 | 32 A | 2 |",
    }
    assert not world.port.is_open
    result = await go_on(hass, result, {})
    assert result["step_id"] == "limits"
    result = await go_on(hass, result, LIMITS)
    for twcid, rating, amps in (("1234", "80", 40.0), ("3495", "32", 16.0)):
        assert result["step_id"] == "own_breaker"
        assert result["description_placeholders"] == {"name": f"Wall connector {twcid}", "rating": rating}
        result = await go_on(hass, result, {"maximum_current": amps})

    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Wall connectors on ttyTWC"
    assert result["data"] == {"device": DEVICE, "found": True}
    assert result["options"] == {
        "circuit_limit": 16,
        "phases": 3,
        "voltage": 230,
        "rotation_minutes": 30,
        "cure_six_amp_bug": False,
        "connectors": {"1234": {"maximum_current": 40}, "3495": {"maximum_current": 16}},
    }
    assert isinstance(result["options"]["connectors"]["3495"]["maximum_current"], int)
    assert isinstance(result["options"]["circuit_limit"], int)
    assert result["result"].state is ConfigEntryState.LOADED
    set_up.assert_awaited_once()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({}, "amps_missing"),
        ({"maximum_current": 15.5}, "amps_range"),
        ({"maximum_current": 5}, "amps_range"),
        ({"maximum_current": 81}, "amps_range"),
    ],
)
async def test_nobody_is_past_the_breaker_of_a_wall_connector_without_whole_amps(
    hass: HomeAssistant, world: World, set_up: AsyncMock, answer: dict[str, Any], error: str
) -> None:
    world.wall_connector(Unit(serial_number="A17A0003495"))
    world.wall_connector(old_unit("A16K0001234"))
    result = await go_on(hass, await go_on(hass, await scan(hass, world), {}), LIMITS)
    assert all(field.default is vol.UNDEFINED for field in result["data_schema"].schema), "no default"
    result = await go_on(hass, result, answer)
    assert (result["step_id"], result["errors"]) == ("own_breaker", {"maximum_current": error})
    assert result["description_placeholders"]["name"] == "Wall connector 1234"


async def test_an_owner_without_hardware_tries_simulated_wall_connectors(
    hass: HomeAssistant, world: World
) -> None:
    world.wall_connector()
    result = await begin(hass, "simulated")
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "simulated")
    result = await finish_scan(hass, world, await go_on(hass, result, {"speed": "1"}))
    assert result["step_id"] == "connectors_found"
    result = await go_on(hass, await go_on(hass, result, {}), LIMITS)
    assert result["title"] == "Simulated wall connectors"
    assert result["data"] == {"device": SIMULATED_DEVICE, "speed": 1}


async def test_nothing_is_sent_while_the_bus_is_scanned(hass: HomeAssistant, world: World) -> None:
    world.wall_connector()
    heard: list[bytes] = []
    await start_scan(hass)
    world.line.tap("witness", Role.FOREIGN, heard.append)
    await world.pass_time(SCAN_SECONDS)
    assert heard
    assert all(frame[:3] == b"\xc0\xfd\xe2" for frame in heard)


async def test_a_wall_connector_that_announces_itself_every_ten_seconds_is_found(
    hass: HomeAssistant, world: World
) -> None:
    world.wall_connector(old_unit())
    await world.pass_time(61)
    assert (await scan(hass, world))["step_id"] == "connectors_found"


async def test_the_circuit_limit_has_no_default(hass: HomeAssistant, world: World) -> None:
    world.wall_connector()
    result = await go_on(hass, await scan(hass, world), {})
    suggested = {
        str(field): (field.description or {}).get("suggested_value", None)
        for field in result["data_schema"].schema
    }
    assert suggested == {"circuit_limit": None, "phases": "3", "voltage": 230}
    result = await go_on(hass, result, {"phases": "3", "voltage": 230})
    assert result["errors"] == {"circuit_limit": "amps_missing"}


async def test_the_american_model_suggests_one_phase_of_240_volts(hass: HomeAssistant, world: World) -> None:
    world.wall_connector(Unit(model=US))
    result = await go_on(hass, await scan(hass, world), {})
    suggested = {str(field): field.description for field in result["data_schema"].schema}
    assert suggested["phases"] == {"suggested_value": "1"}
    assert suggested["voltage"] == {"suggested_value": 240}


@pytest.mark.parametrize("amps", [0, 5, 81])
async def test_a_circuit_limit_out_of_range_is_refused(hass: HomeAssistant, world: World, amps: int) -> None:
    world.wall_connector()
    result = await go_on(hass, await scan(hass, world), {})
    result = await go_on(hass, result, {**LIMITS, "circuit_limit": amps})
    assert result["errors"] == {"circuit_limit": "amps_range"}
    assert "from 6 to 80" in STRINGS["config"]["error"]["amps_range"]
    result = await go_on(hass, result, LIMITS)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_circuit_limit_between_two_whole_amps_is_refused(hass: HomeAssistant, world: World) -> None:
    world.wall_connector()
    result = await go_on(hass, await scan(hass, world), {})
    result = await go_on(hass, result, {**LIMITS, "circuit_limit": 16.5})
    assert result["errors"] == {"circuit_limit": "amps_range"}
    result = await go_on(hass, result, LIMITS)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_nothing_is_taken_for_a_circuit_limit_that_nobody_entered(
    hass: HomeAssistant, world: World
) -> None:
    world.wall_connector()
    result = await go_on(hass, await scan(hass, world), {})
    [field] = [field for field in result["data_schema"].schema if field == "circuit_limit"]
    # A page fills a required number, or one with bounds, with its lowest value.
    assert not isinstance(field, vol.Required)
    assert "min" not in result["data_schema"].schema[field].config
    assert not field.description
    without = {name: value for name, value in LIMITS.items() if name != "circuit_limit"}
    result = await go_on(hass, result, without)
    assert result["errors"] == {"circuit_limit": "amps_missing"}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("192.168.1.50:8899", "socket://192.168.1.50:8899"),
        (" Gateway.lan:23 ", "socket://gateway.lan:23"),
        ("[fe80::1]:4001", "socket://[fe80::1]:4001"),
    ],
)
async def test_an_address_as_it_stands_on_a_gateway_is_enough(
    hass: HomeAssistant, world: World, typed: str, kept: str
) -> None:
    world.openers[kept] = world.port
    world.wall_connector()
    result = await go_on(hass, await go_on(hass, await scan(hass, world, typed), {}), LIMITS)
    assert result["data"] == {"device": kept, "found": True}


@pytest.mark.parametrize("typed", ["a" * 60, "-".join("a" * 60), ".".join("a" * 60), "a1" * 60 + "_:23"])
def test_what_is_no_address_is_told_from_one_at_once(typed: str) -> None:
    """A pattern that can read a name in many ways tries them all: twice as long for each letter."""
    assert lasting_name(typed) == typed


async def test_what_was_typed_stays_in_the_field_and_a_network_has_no_plug(
    hass: HomeAssistant, world: World, socket_enabled: None
) -> None:
    result = await go_on(hass, await begin(hass), {CONF_DEVICE: "127.0.0.1"})
    assert result["errors"] == {"base": "bad_address"}
    [field] = result["data_schema"].schema
    assert field.description == {"suggested_value": "socket://127.0.0.1"}
    assert "plug" not in STRINGS["config"]["error"]["bad_address"]
    assert "plug" not in STRINGS["config"]["error"]["port_lost_network"]
    assert "plug" not in STRINGS["issues"]["port_lost_network"]["description"]


async def test_a_voltage_between_two_whole_volts_is_refused(hass: HomeAssistant, world: World) -> None:
    world.wall_connector()
    result = await go_on(hass, await scan(hass, world), {})
    result = await go_on(hass, result, {**LIMITS, "voltage": 230.5})
    assert result["errors"] == {"voltage": "whole_volts"}


async def test_a_silent_bus_is_heard_again_once_it_has_power(hass: HomeAssistant, world: World) -> None:
    result = await scan(hass, world)
    assert result["step_id"] == "nothing_heard"
    assert result["menu_options"] == ["scan_again", "serial", "limits"]
    assert result["description_placeholders"]["port"] == DEVICE
    world.wall_connector()
    result = await go_on(hass, result, {"next_step_id": "scan_again"})
    result = await finish_scan(hass, world, result)
    assert result["step_id"] == "connectors_found"


async def test_a_silent_bus_can_be_added_all_the_same(hass: HomeAssistant, world: World) -> None:
    result = await scan(hass, world)
    result = await go_on(hass, result, {"next_step_id": "limits"})
    assert [field.description for field in result["data_schema"].schema] == [None, None, None]
    result = await go_on(hass, result, LIMITS)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"] == {"device": DEVICE}


async def test_noise_is_told_from_silence(hass: HomeAssistant, world: World) -> None:
    swapped_wires = world.line.tap("swapped wires", Role.FOREIGN, lambda _: None)
    result = await start_scan(hass)
    world.clock.call_later(3, swapped_wires.send, bytes(range(256)))
    assert (await finish_scan(hass, world, result))["step_id"] == "only_noise"


async def test_a_bus_with_another_controller_is_refused_until_that_is_gone(
    hass: HomeAssistant, world: World
) -> None:
    world.wall_connector()
    other = ForeignController(world.line, TwcId(0x1234))
    other.appear()
    result = await scan(hass, world)
    assert result["step_id"] == "foreign_controller"
    assert result["description_placeholders"]["controller"] == "1234"
    assert result["menu_options"] == ["scan_again", "serial", "listen", "join"]
    other.leave()
    await world.pass_time(40)  # until the wall connector has noticed
    result = await go_on(hass, result, {"next_step_id": "scan_again"})
    result = await finish_scan(hass, world, result)
    assert result["step_id"] == "connectors_found"


async def test_another_port_can_be_chosen_after_a_scan(hass: HomeAssistant, world: World) -> None:
    result = await scan(hass, world)
    result = await go_on(hass, result, {"next_step_id": "serial"})
    (field,) = result["data_schema"].schema
    assert field.description == {"suggested_value": DEVICE}
    assert result["errors"] == {}


async def test_a_port_pulled_out_during_the_scan_is_asked_for_again(
    hass: HomeAssistant, world: World
) -> None:
    world.wall_connector()
    result = await start_scan(hass)
    await world.pass_time(5)
    world.port.unplug()
    await world.pass_time(0)
    result = await go_on(hass, result)
    assert (result["step_id"], result["errors"]) == ("serial", {"base": "port_lost"})
    result = await go_on(hass, result, {CONF_DEVICE: DEVICE})
    assert (result["step_id"], result["errors"]) == ("serial", {"base": "not_found"})
    world.port.plug_in()
    result = await finish_scan(hass, world, await go_on(hass, result, {CONF_DEVICE: DEVICE}))
    assert result["step_id"] == "connectors_found"


async def test_a_port_gone_before_the_second_scan_is_asked_for_again(
    hass: HomeAssistant, world: World
) -> None:
    result = await scan(hass, world)
    world.port.unplug()
    result = await go_on(hass, result, {"next_step_id": "scan_again"})
    assert (result["step_id"], result["errors"]) == ("serial", {"base": "not_found"})


@pytest.mark.parametrize(
    ("device", "error"),
    [
        ("/dev/tty-that-is-not-there", "not_found"),
        ("", "not_found"),
        ("ttyUSB0", "not_found"),
        ("/tmp", "not_a_port"),
        ("/dev/null", "not_a_port"),
        ("foo://bar", "unknown_scheme"),
        ("socket://gateway.example", "bad_address"),
        ("socket://gateway.example:port", "bad_address"),
        ("socket://[::1", "bad_address"),
        ("/dev/tty\0USB0", "bad_address"),
        ("esphome://garage.local?port_name=rs485", "esphome_missing"),
    ],
)
async def test_a_port_that_cannot_be_opened_says_why_and_another_can_be_typed(
    hass: HomeAssistant, world: World, device: str, error: str
) -> None:
    world.wall_connector()
    result = await go_on(hass, await begin(hass), {CONF_DEVICE: device})
    assert (result["step_id"], result["errors"]) == ("serial", {"base": error})
    assert result["description_placeholders"]["port"] == device
    result = await finish_scan(hass, world, await go_on(hass, result, {CONF_DEVICE: DEVICE}))
    assert result["step_id"] == "connectors_found"


@pytest.mark.usefixtures("socket_enabled")
async def test_a_host_where_nothing_listens_refuses(hass: HomeAssistant, world: World) -> None:
    result = await go_on(hass, await begin(hass), {CONF_DEVICE: "socket://127.0.0.1:1"})
    assert result["errors"] == {"base": "refused"}


async def test_a_port_locked_by_another_program_is_busy(
    hass: HomeAssistant, world: World, pseudo_terminal: tuple[int, int]
) -> None:
    device = os.ttyname(pseudo_terminal[1])
    with serialx.serial_for_url(device, baudrate=9600):
        result = await go_on(hass, await begin(hass), {CONF_DEVICE: device})
    assert result["errors"] == {"base": "busy"}


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Coroutine[Any, Any, None]]:
    """Return what waits until a scan has been fed so many bytes: the kernel takes its time."""
    fed: asyncio.Queue[int] = asyncio.Queue()
    feed = Scan.feed

    def feed_and_count(scan: Scan, data: bytes) -> None:
        feed(scan, data)
        fed.put_nowait(len(data))

    async def wait(count: int) -> None:
        while count > 0:
            count -= await fed.get()

    monkeypatch.setattr(Scan, "feed", feed_and_count)
    return wait


async def test_a_real_port_is_listened_to_and_free_afterwards(
    hass: HomeAssistant,
    world: World,
    pseudo_terminal: tuple[int, int],
    heard: Callable[[int], Coroutine[Any, Any, None]],
) -> None:
    far_end, port = pseudo_terminal
    result = await start_scan(hass, os.ttyname(port))
    announcement = ConnectorLinkReady(sender=TwcId(0x7973), sign=1, max_amps=32.0, version=ProtocolVersion.P2)
    frame = wrap(encode(announcement))
    os.write(far_end, frame)
    await heard(len(frame))
    result = await finish_scan(hass, world, result)
    assert result["step_id"] == "connectors_found"
    with serialx.serial_for_url(os.ttyname(port), baudrate=9600):
        pass


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (TimeoutError(), "unreachable"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "unreachable"),
        (PermissionError(errno.EACCES, "Permission denied"), "no_permission"),
        (serialx.SerialException("proxy is confused"), "other"),
        (ConfigEntryNotReady("ESPHome has not loaded yet"), "not_ready"),
    ],
)
async def test_errors_that_cannot_be_provoked_here_are_explained_as_well(
    hass: HomeAssistant, world: World, error: Exception, text: str
) -> None:
    world.openers["/dev/ttyUSB9"] = AsyncMock(side_effect=error)
    result = await go_on(hass, await begin(hass), {CONF_DEVICE: "/dev/ttyUSB9"})
    assert result["errors"] == {"base": text}
    result = await go_on(hass, result, {CONF_DEVICE: DEVICE})
    assert result["type"] is FlowResultType.SHOW_PROGRESS


async def test_a_mistake_in_the_program_is_not_passed_off_as_a_bad_port(
    hass: HomeAssistant, world: World
) -> None:
    world.openers[DEVICE] = AsyncMock(side_effect=RuntimeError("oops"))
    result = await begin(hass)
    with pytest.raises(RuntimeError, match="oops"):
        await go_on(hass, result, {CONF_DEVICE: DEVICE})


@pytest.mark.parametrize("device", ["esphome:///?key=SECRET", "esphome://[gate?PASSWORD=SECRET"])
async def test_keys_in_an_odd_address_are_not_shown_either(
    hass: HomeAssistant, world: World, device: str
) -> None:
    world.openers[device] = AsyncMock(side_effect=serialx.SerialException(f"cannot open {device!r}"))
    result = await go_on(hass, await begin(hass), {CONF_DEVICE: device})
    assert "cannot open" in result["description_placeholders"]["error"]
    assert "SECRET" not in str(result["description_placeholders"])


async def test_keys_and_passwords_of_a_port_are_never_shown(hass: HomeAssistant, world: World) -> None:
    device = "esphome://gate.local:6053?port_name=rs485&key=SECRET&password=SECRET"
    opener = AsyncMock(side_effect=serialx.SerialException(f"cannot open {device}"))
    world.openers[device] = opener
    result = await go_on(hass, await begin(hass), {CONF_DEVICE: device})
    assert result["errors"] == {"base": "other"}
    assert result["description_placeholders"]["error"] == (
        "cannot open esphome://gate.local:6053?port_name=rs485"
    )
    assert "SECRET" not in str(result["description_placeholders"])

    world.wall_connector()
    world.openers[device] = world.port
    result = await go_on(hass, result, {CONF_DEVICE: device})
    assert "SECRET" not in str(result["description_placeholders"])
    result = await go_on(hass, await finish_scan(hass, world, result), {})
    result = await go_on(hass, result, LIMITS)
    assert result["title"] == "Wall connectors on esphome://gate.local:6053?port_name=rs485"
    assert result["data"] == {"device": device, "found": True}


@pytest.mark.parametrize(
    ("configured", "typed"),
    [
        (DEVICE, DEVICE),
        (DEVICE, f" {DEVICE} "),
        ("socket://gate.local:8899", "SOCKET://Gate.Local:8899/"),
        ("socket://gate.local:8899", "rfc2217://gate.local:8899"),
        (
            "esphome://gate.local:6053?port_name=rs485&key=old",
            "esphome://GATE.local:6053/?port_name=rs485&key=new",
        ),
    ],
)
async def test_the_same_port_twice_is_refused(
    hass: HomeAssistant, world: World, configured: str, typed: str
) -> None:
    MockConfigEntry(domain=DOMAIN, data={CONF_DEVICE: configured}).add_to_hass(hass)
    result = await go_on(hass, await begin(hass), {CONF_DEVICE: typed})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")
    assert not world.port.is_open


async def test_simulated_wall_connectors_twice_are_refused(hass: HomeAssistant, world: World) -> None:
    MockConfigEntry(domain=DOMAIN, data={CONF_DEVICE: SIMULATED_DEVICE}).add_to_hass(hass)
    result = await go_on(hass, await begin(hass, "simulated"), {"speed": "60"})
    assert result["reason"] == "already_configured"


@pytest.mark.parametrize(("first", "second"), [("node", "link"), ("link", "node"), ("link", "other")])
async def test_another_name_of_the_same_port_is_refused(
    hass: HomeAssistant, world: World, tmp_path: Path, first: str, second: str
) -> None:
    (tmp_path / "node").touch()
    (tmp_path / "link").symlink_to(tmp_path / "node")
    (tmp_path / "other").symlink_to(tmp_path / "node")
    MockConfigEntry(domain=DOMAIN, data={CONF_DEVICE: str(tmp_path / first)}).add_to_hass(hass)
    result = await go_on(hass, await begin(hass), {CONF_DEVICE: str(tmp_path / second)})
    assert result["reason"] == "already_configured"


async def test_a_usb_port_is_remembered_by_the_name_that_survives_replugging(
    hass: HomeAssistant, world: World
) -> None:
    by_id = "/dev/serial/by-id/usb-FTDI_FT232R_A50285BI-if00-port0"
    world.wall_connector()
    world.openers[by_id] = world.port
    with patch("custom_components.tesla_twc.port.names.usb.get_serial_by_id", return_value=by_id) as get:
        result = await start_scan(hass, "/dev//ttyUSB0")
        get.assert_called_once_with("/dev/ttyUSB0")
    result = await go_on(hass, await finish_scan(hass, world, result), {})
    result = await go_on(hass, result, LIMITS)
    assert result["data"] == {"device": by_id, "found": True}
    assert result["title"] == "Wall connectors on usb-FTDI_FT232R_A50285BI-if00-port0"


async def test_a_link_that_somebody_made_keeps_its_name(
    hass: HomeAssistant, world: World, tmp_path: Path
) -> None:
    link = tmp_path / "garage"
    link.symlink_to("/dev/null")
    world.openers[str(link)] = world.port
    with patch("custom_components.tesla_twc.port.names.usb.get_serial_by_id") as get:
        result = await start_scan(hass, str(link))
    get.assert_not_called()
    assert result["description_placeholders"]["port"] == str(link)


async def test_two_dialogues_cannot_listen_to_one_port(hass: HomeAssistant, world: World) -> None:
    world.wall_connector()
    first = await start_scan(hass)
    second = await go_on(hass, await begin(hass), {CONF_DEVICE: DEVICE})
    assert (second["step_id"], second["errors"]) == ("serial", {"base": "busy"})
    first = await finish_scan(hass, world, first)
    second = await go_on(hass, second, {CONF_DEVICE: DEVICE})
    second = await finish_scan(hass, world, second)
    assert second["step_id"] == "connectors_found"

    first = await go_on(hass, await go_on(hass, first, {}), LIMITS)
    assert first["type"] is FlowResultType.CREATE_ENTRY
    second = await go_on(hass, await go_on(hass, second, {}), LIMITS)
    assert second["reason"] == "already_configured"
    assert len(hass.config_entries.async_entries(DOMAIN)) == 1


async def test_two_dialogues_may_listen_to_two_ports(hass: HomeAssistant, world: World) -> None:
    world.openers["/dev/ttyOther"] = open_memory(world.line, "/dev/ttyOther")
    await start_scan(hass)
    await start_scan(hass, "/dev/ttyOther")


async def test_closing_the_dialogue_releases_the_port(hass: HomeAssistant, world: World) -> None:
    result = await start_scan(hass)
    await world.pass_time(5)
    hass.config_entries.flow.async_abort(result["flow_id"])
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not world.port.is_open
    assert world.clock.next_due() is None
    assert (await start_scan(hass))["type"] is FlowResultType.SHOW_PROGRESS


async def test_closing_the_dialogue_while_a_port_opens_gives_up_the_port(
    hass: HomeAssistant, world: World
) -> None:
    knocked = asyncio.Event()

    async def never_opens(_: object) -> Any:
        knocked.set()
        await asyncio.Event().wait()

    world.openers[DEVICE] = never_opens
    result = await begin(hass)
    answer = hass.async_create_task(go_on(hass, result, {CONF_DEVICE: DEVICE}))
    await knocked.wait()
    hass.config_entries.flow.async_abort(result["flow_id"])
    with pytest.raises(UnknownFlow):
        await answer


async def test_closing_the_dialogue_before_anything_was_opened_does_no_harm(
    hass: HomeAssistant, world: World
) -> None:
    result = await begin(hass)
    hass.config_entries.flow.async_abort(result["flow_id"])
    assert not world.port.is_open


async def test_a_port_that_was_added_during_the_questions_about_breakers_is_not_added_again(
    hass: HomeAssistant, world: World
) -> None:
    world.wall_connector(Unit(serial_number="A17A0003495"))
    world.wall_connector(Unit(serial_number="A18G0006388"))
    result = await go_on(hass, await go_on(hass, await scan(hass, world), {}), LIMITS)
    assert result["step_id"] == "own_breaker"
    MockConfigEntry(domain=DOMAIN, data={CONF_DEVICE: DEVICE}).add_to_hass(hass)
    result = await go_on(hass, await go_on(hass, result, {"maximum_current": 16}), {"maximum_current": 16})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")
