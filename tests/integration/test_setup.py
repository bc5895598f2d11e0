"""Set up, unload, lose the port, and come back."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
import errno
import logging
from typing import Any
from unittest.mock import patch
from urllib.parse import unquote_plus

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_DEVICE, EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed
import serialx
from serialx.common import UnknownUriScheme

from custom_components.tesla_twc import coordinator
from custom_components.tesla_twc.const import DOMAIN
from custom_components.tesla_twc.twc.protocol.messages import ControllerHeartbeat
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import TESLA
from custom_components.tesla_twc.twc.simulator.connector import SimulatedConnector
from custom_components.tesla_twc.twc.simulator.line import Line
from custom_components.tesla_twc.twc.simulator.memory import MemoryTransport, open_memory
from custom_components.tesla_twc.twc.simulator.station import Station
from custom_components.tesla_twc.twc.simulator.tools.monitor import BusMonitor
from custom_components.tesla_twc.twc.simulator.unit import Unit
from tests.integration.conftest import DEVICE, World
from tests.integration.owner import CAR_SECONDS, FOUND_SECONDS, GARAGE, YARD, Owner, live


class OtherSerialError(serialx.SerialException):
    """Something a driver may say."""


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (FileNotFoundError(errno.ENOENT, "No such file or directory"), "There is no port"),
        (OSError(errno.EBUSY, "Device or resource busy"), "in use by another program"),
        (IsADirectoryError(errno.EISDIR, "Is a directory"), "is not a serial port"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "nothing listens at"),
        (TimeoutError(), "cannot be reached"),
        (ValueError("no port number"), "is not a complete address"),
        (PermissionError(errno.EACCES, "Permission denied"), "may not open"),
        (OtherSerialError("the driver fell over"), "the driver fell over"),
    ],
)
async def test_a_port_that_does_not_open_is_explained_and_tried_again(
    hass: HomeAssistant, world: World, garage: Station, entry: MockConfigEntry, error: Exception, words: str
) -> None:
    async def fail(factory: Callable[[], asyncio.Protocol]) -> Any:
        raise error

    world.openers[DEVICE] = fail
    entry.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert words in str(entry.reason)
    world.openers[DEVICE] = world.port
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=30))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert entry.state is ConfigEntryState.LOADED


@pytest.mark.parametrize(
    "device",
    [
        "esphome://garage.local:6053/?port_name=twc&key=hush",
        "esphome:///?key=hush",
        "esphome://[garage.local?PASSWORD=hush",
        "esphome://garage.local?noise_psk=%68ush",
        "socket://me:hush@garage.local:1",
    ],
)
async def test_no_secret_of_an_address_is_shown_or_logged(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, caplog: pytest.LogCaptureFixture, device: str
) -> None:
    async def fail(factory: Callable[[], asyncio.Protocol]) -> Any:
        raise OtherSerialError(f"cannot open {device!r}, {unquote_plus(device)}")

    world.openers[device] = fail
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, data={CONF_DEVICE: device})
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert "cannot open" in str(entry.reason)
    ours = "".join(map(str, our_lines(caplog)))
    for text in (str(entry.reason), str(entry.error_reason_translation_placeholders), ours):
        assert "hush" not in text
        assert "%68" not in text


async def test_an_esphome_address_without_esphome_says_what_to_do(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    async def fail(factory: Callable[[], asyncio.Protocol]) -> Any:
        raise UnknownUriScheme("No handler registered for URI scheme 'esphome://'")

    device = "esphome://garage.local?port_name=twc"
    world.openers[device] = fail
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, data={CONF_DEVICE: device})
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert "Add the ESPHome integration" in str(entry.reason)


async def test_unloading_releases_the_port_and_ends_the_heartbeats(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    monitor = BusMonitor(world.line)
    assert await hass.config_entries.async_unload(owner.entry.entry_id)
    assert not world.port.is_open
    await world.pass_time(10)
    assert monitor.messages(ControllerHeartbeat) == []
    assert our_lines(caplog) == []


async def test_home_assistant_stopping_releases_the_port(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    assert not world.port.is_open


async def test_home_assistant_stopping_complains_of_nothing(
    hass: HomeAssistant, garage: Station, owner: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    assert await hass.config_entries.async_unload(owner.entry.entry_id)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_what_an_automation_sets_while_home_assistant_stops_is_kept(
    hass: HomeAssistant, hass_storage: dict[str, Any], garage: Station, owner: Owner
) -> None:
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    await owner.set_limit(GARAGE, 17)
    await hass.async_block_till_done()
    assert hass_storage[owner.storage_key]["data"]["wishes"]["3495"]["current_limit"] == 17


@pytest.mark.parametrize("error", [RuntimeError("oops"), ValueError("oops"), asyncio.CancelledError()])
@pytest.mark.parametrize(
    "broken",
    ["custom_components.tesla_twc.coordinator.register_bus", "{entries}.async_forward_entry_setups"],
)
async def test_a_set_up_that_fails_half_way_releases_the_port_and_writes_nothing(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    world: World,
    garage: Station,
    entry: MockConfigEntry,
    broken: str,
    error: BaseException,
) -> None:
    monitor = BusMonitor(world.line)
    entry.add_to_hass(hass)
    with patch(broken.format(entries="homeassistant.config_entries.ConfigEntries"), side_effect=error):
        assert not await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert not world.port.is_open
    await world.pass_time(400)
    assert monitor.messages(ControllerHeartbeat) == []
    assert f"{DOMAIN}.{entry.entry_id}" not in hass_storage


async def test_a_driver_that_never_closes_its_port_keeps_nobody_waiting(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    garage: Station,
    owner: Owner,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(coordinator, "PORT_CLOSE_SECONDS", 0)
    await owner.set_limit(GARAGE, 17)
    with patch.object(MemoryTransport, "abort"):
        await hass.config_entries.async_unload(owner.entry.entry_id)
    assert hass_storage[owner.storage_key]["data"]["wishes"]["3495"]["current_limit"] == 17
    assert (logging.WARNING, "The port of Wall connectors on ttyTWC does not close") in our_lines(caplog)


async def test_removing_the_entry_forgets_the_bus(
    hass: HomeAssistant, hass_storage: dict[str, Any], world: World, garage: Station, owner: Owner
) -> None:
    key = f"{DOMAIN}.{owner.entry.entry_id}"
    await hass.config_entries.async_unload(owner.entry.entry_id)
    assert key in hass_storage
    await hass.config_entries.async_remove(owner.entry.entry_id)
    await world.pass_time(400)
    assert key not in hass_storage


async def test_another_port_reloads_the_entry_and_nothing_else_does(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    running = owner.entry.runtime_data
    await owner.choose({"rotation_minutes": 5})
    hass.config_entries.async_update_entry(owner.entry, title="Garage")
    await hass.async_block_till_done()
    assert owner.entry.runtime_data is running
    world.openers["/dev/ttyOTHER"] = other = open_memory(world.line, "/dev/ttyOTHER")
    hass.config_entries.async_update_entry(owner.entry, data={CONF_DEVICE: "/dev/ttyOTHER"})
    await hass.async_block_till_done()
    assert owner.entry.runtime_data is not running
    assert other.is_open
    assert not world.port.is_open


async def test_another_port_may_be_another_bus_so_it_is_listened_to_first(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    world: World,
    garage: Station,
    yard: Station,
    owner: Owner,
) -> None:
    line = Line(world.clock)
    world.openers["/dev/ttyOTHER"] = open_memory(line, "/dev/ttyOTHER")
    Station(line, SimulatedConnector(Unit(serial_number="A17A0003495")))
    hass.config_entries.async_update_entry(owner.entry, data={CONF_DEVICE: "/dev/ttyOTHER"})
    await hass.async_block_till_done()
    monitor = BusMonitor(line)
    await world.pass_time(11)
    assert monitor.messages(ControllerHeartbeat) == []
    await live(world, 100)
    assert owner.available("charging_current", GARAGE)
    assert not owner.available("current_limit", YARD)
    await hass.config_entries.async_unload(owner.entry.entry_id)
    assert set(hass_storage[owner.storage_key]["data"]["remembered"]) == {"3495"}


async def test_a_port_that_was_pulled_out_and_put_back_duplicates_nothing(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "custom_components.tesla_twc")
    devices, states = len(owner.devices()), set(hass.states.async_entity_ids())
    world.port.unplug()
    await world.pass_time(1)
    assert owner.value("connected") == "off"
    assert owner.shown("connected").attributes["phase"] == "disconnected"
    assert not owner.available("charging_current", GARAGE)
    assert not owner.available("current_limit", GARAGE)
    assert not owner.available("total_power")
    await world.pass_time(20)
    world.port.plug_in()
    await world.pass_time(20)
    assert owner.value("connected") == "on"
    assert owner.shown("connected").attributes["phase"] == "running"
    assert owner.available("charging_current", GARAGE)
    assert (len(owner.devices()), set(hass.states.async_entity_ids())) == (devices, states)
    assert our_lines(caplog) == [
        (logging.INFO, "The port of Wall connectors on ttyTWC is lost; trying to open it again"),
        (logging.INFO, "The port of Wall connectors on ttyTWC is open again"),
    ]


async def test_a_wall_connector_that_falls_silent_is_logged_once_and_once_again_when_it_is_back(
    world: World, garage: Station, yard: Station, owner: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "custom_components.tesla_twc")
    garage.silence(60)
    await live(world, 50)
    assert not owner.available("charging_current", GARAGE)
    assert owner.value("problem", GARAGE) == "on"
    assert owner.shown("problem", GARAGE).attributes["problem"] == "lost"
    assert owner.available("charging_current", YARD)
    await live(world, 50)
    assert owner.available("charging_current", GARAGE)
    assert owner.value("problem", GARAGE) == "off"
    assert our_lines(caplog) == [
        (logging.INFO, "Wall connector 3495 no longer answers"),
        (logging.INFO, "Wall connector 3495 answers again"),
    ]


async def test_what_is_set_while_a_wall_connector_is_lost_holds_when_it_is_back(
    world: World, garage: Station, owner: Owner
) -> None:
    await owner.set_limit(GARAGE, 16)
    garage.plug(Car(TESLA))
    await world.pass_time(CAR_SECONDS)
    garage.silence(60)
    await live(world, 40)
    assert not owner.available("charging_current", GARAGE)
    await owner.set_limit(GARAGE, 9)
    assert owner.value("current_limit", GARAGE) == "9"
    await owner.forbid_charging(GARAGE)
    assert owner.value("charging_enabled", GARAGE) == "off"
    await live(world, 60)
    assert owner.shown("charging_enabled", GARAGE).attributes["stop_state"] == "holding"
    assert garage.connector.offered_amps == 6
    await owner.allow_charging(GARAGE)
    await live(world, 30)
    assert garage.connector.offered_amps == 9


async def test_a_restart_keeps_everything_and_readings_are_unavailable_until_heard(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    await owner.set_limit(GARAGE, 16)
    await owner.set_circuit_limit(20)
    garage.plug(Car(TESLA))
    await live(world, 600)
    await owner.forbid_charging(GARAGE)
    energy = owner.number("lifetime_energy", GARAGE)
    entities = set(hass.states.async_entity_ids())
    await owner.restart()
    assert set(hass.states.async_entity_ids()) == entities
    assert not owner.available("charging_current", GARAGE)
    assert owner.value("current_limit", GARAGE) == "16"
    assert owner.value("charging_enabled", GARAGE) == "off"
    assert energy <= owner.number("lifetime_energy", GARAGE) < energy + 0.1
    device = owner.device(GARAGE)
    assert device is not None
    assert (device.serial_number, device.sw_version) == ("A17A0003495", "4.5.10.2")
    await world.pass_time(FOUND_SECONDS)
    assert owner.value("current_limit", GARAGE) == "16"
    assert owner.value("circuit_limit") == "20"
    assert owner.value("charging_enabled", GARAGE) == "off"


async def test_a_charge_goes_on_through_a_restart(world: World, garage: Station, owner: Owner) -> None:
    await owner.set_limit(GARAGE, 16)
    car = Car(TESLA)
    garage.plug(car)
    await world.pass_time(CAR_SECONDS)
    monitor = BusMonitor(world.line)
    await owner.restart()
    await world.pass_time(4)
    assert monitor.messages(ControllerHeartbeat)
    await world.pass_time(CAR_SECONDS)
    assert garage.connector.drawn_amps == pytest.approx(15.2)
    assert car.silent_stops == 0


def our_lines(caplog: pytest.LogCaptureFixture) -> list[tuple[int, str]]:
    """Return what the integration has logged, without details for developers."""
    return [
        (record.levelno, record.getMessage())
        for record in caplog.records
        if record.name.startswith("custom_components.tesla_twc") and record.levelno > logging.DEBUG
    ]


async def test_what_is_set_before_a_remembered_wall_connector_was_heard_holds_from_its_first_heartbeat_on(
    world: World, garage: Station, owner: Owner
) -> None:
    """Many automations act at Home Assistant's start."""
    await owner.set_limit(GARAGE, 16)
    garage.plug(Car(TESLA))
    await world.pass_time(CAR_SECONDS)
    await owner.restart()
    assert not owner.available("charging_current", GARAGE)
    monitor = BusMonitor(world.line)
    await owner.set_limit(GARAGE, 9)
    assert owner.value("current_limit", GARAGE) == "9"
    await owner._call("number", "set_value", owner.entity_id("minimum_current", GARAGE), {"value": 7})
    await owner._call("number", "set_value", owner.entity_id("priority", GARAGE), {"value": 8})
    await owner.choose_mode(GARAGE, "fast")
    await live(world, 60)
    assert {sent.amps for sent in monitor.messages(ControllerHeartbeat)} <= {0, 6, 9}
    assert garage.connector.offered_amps == 9
    settings = ("minimum_current", "priority", "charge_mode")
    assert [owner.value(key, GARAGE) for key in settings] == ["7", "8", "fast"]
    await owner.restart()
    await owner.forbid_charging(GARAGE)
    await live(world, 60)
    assert garage.connector.offered_amps == 6
