"""Devices of the bus and of its wall connectors: appearing, learning, disappearing."""

from homeassistant.const import CONF_DEVICE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.tesla_twc.const import CONF_CIRCUIT_LIMIT, CONF_CONNECTORS, DOMAIN
from custom_components.tesla_twc.twc.protocol.codes import TwcId
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import ZOE
from custom_components.tesla_twc.twc.simulator.connector import SimulatedConnector
from custom_components.tesla_twc.twc.simulator.line import Line
from custom_components.tesla_twc.twc.simulator.memory import open_memory
from custom_components.tesla_twc.twc.simulator.station import Station
from custom_components.tesla_twc.twc.simulator.tools.monitor import BusMonitor
from custom_components.tesla_twc.twc.simulator.unit import Unit
from tests.integration.conftest import World
from tests.integration.owner import FOUND_SECONDS, GARAGE, YARD, Owner, live


async def test_a_wall_connector_is_a_device_behind_the_bus(garage: Station, owner: Owner) -> None:
    bus, device = owner.device(), owner.device(GARAGE)
    assert bus is not None
    assert device is not None
    assert device.via_device_id == bus.id
    assert (bus.name, device.name) == ("Wall connector bus", "Wall connector 3495")
    assert (device.manufacturer, device.model, device.model_id) == (
        "Tesla",
        "Wall Connector Gen 2, 32 A",
        "EVW2T32HL",
    )
    assert (device.serial_number, device.sw_version) == ("A17A0003495", "4.5.10.2")


async def test_what_is_learnt_after_the_first_answer_gets_into_the_device(
    world: World, garage: Station, loaded: MockConfigEntry
) -> None:
    owner = Owner(world.hass, loaded)
    while (device := owner.device(GARAGE)) is None:
        await world.pass_time(0.5)
    assert (device.serial_number, device.sw_version) == (None, None)
    await world.pass_time(FOUND_SECONDS)
    device = owner.device(GARAGE)
    assert device is not None
    assert (device.serial_number, device.sw_version) == ("A17A0003495", "4.5.10.2")
    assert owner.value("firmware_version", GARAGE) == "4.5.10.2"


async def test_a_new_wall_connector_gets_its_device_and_entities_without_a_reload(
    world: World, garage: Station, owner: Owner
) -> None:
    running = owner.entry.runtime_data
    assert owner.device(YARD) is None
    world.wall_connector(Unit(serial_number="A17A0006388"))
    await world.pass_time(FOUND_SECONDS)
    assert owner.device(YARD) is not None
    assert owner.value("current_limit", YARD) == "6"
    assert len(owner.entities(YARD)) == len(owner.entities(GARAGE))
    assert owner.entry.runtime_data is running


async def delete(owner: Owner, device: dr.DeviceEntry | None, ws: WebSocketGenerator) -> str | None:
    """Press the button that deletes a device. Return the key of the text that refuses it."""
    assert device is not None
    assert await async_setup_component(owner.hass, "config", {})
    client = await ws(owner.hass)
    answer = await client.remove_device(device.id)
    await owner.hass.async_block_till_done()
    return None if answer["success"] else str(answer["error"]["translation_key"])


async def test_a_wall_connector_that_is_gone_can_be_deleted_and_comes_back_as_new(
    world: World, garage: Station, yard: Station, owner: Owner, hass_ws_client: WebSocketGenerator
) -> None:
    await owner.set_limit(YARD, 20)
    await owner.choose({CONF_CONNECTORS: {"6388": {"maximum_current": 16}, "3495": {"maximum_current": 20}}})
    yard.remove()
    await live(world, 70)
    assert await delete(owner, owner.device(YARD), hass_ws_client) is None
    assert owner.device(YARD) is None
    assert owner.entities(YARD) == []
    assert owner.entry.options[CONF_CONNECTORS] == {"3495": {"maximum_current": 20}}
    await owner.restart()
    await world.pass_time(FOUND_SECONDS)
    assert owner.device(YARD) is None

    world.wall_connector(Unit(serial_number="A17A0006388"))
    await world.pass_time(FOUND_SECONDS)
    assert owner.value("current_limit", YARD) == "6"


async def test_a_wall_connector_that_answers_and_the_bus_cannot_be_deleted(
    garage: Station, owner: Owner, hass_ws_client: WebSocketGenerator
) -> None:
    assert await delete(owner, owner.device(GARAGE), hass_ws_client) == "delete_still_there"
    assert await delete(owner, owner.device(), hass_ws_client) == "delete_bus"
    assert owner.available("charging_current", GARAGE)


async def test_a_wall_connector_that_may_still_be_charging_cannot_be_deleted(
    world: World, garage: Station, yard: Station, owner: Owner, hass_ws_client: WebSocketGenerator
) -> None:
    await owner.choose({CONF_CIRCUIT_LIMIT: 20})
    monitor = BusMonitor(world.line, circuit_limit_amps=20)
    for twcid, station in ((GARAGE, garage), (YARD, yard)):
        await owner.set_limit(twcid, 20)
        station.plug(Car(ZOE))
    await live(world, 180)
    garage.silence(100)
    while owner.available("charging_current", GARAGE):
        await world.pass_time(1)
    assert await delete(owner, owner.device(GARAGE), hass_ws_client) == "delete_still_counted"
    await live(world, 60)
    assert monitor.peak_drawn_amps <= 20
    assert await delete(owner, owner.device(GARAGE), hass_ws_client) is None


async def test_a_wall_connector_remembered_from_before_a_restart_cannot_be_deleted_at_once(
    world: World, garage: Station, yard: Station, owner: Owner, hass_ws_client: WebSocketGenerator
) -> None:
    garage.remove()
    await owner.restart()
    await world.pass_time(4)
    assert await delete(owner, owner.device(GARAGE), hass_ws_client) == "delete_still_counted"
    await live(world, 60)
    assert await delete(owner, owner.device(GARAGE), hass_ws_client) is None


async def test_nothing_can_be_deleted_while_nobody_knows_who_is_there(
    garage: Station, owner: Owner, hass_ws_client: WebSocketGenerator
) -> None:
    assert await owner.hass.config_entries.async_unload(owner.entry.entry_id)
    assert await delete(owner, owner.device(GARAGE), hass_ws_client) == "delete_not_running"


async def test_a_device_nothing_is_remembered_of_can_be_deleted(
    garage: Station, owner: Owner, hass_ws_client: WebSocketGenerator
) -> None:
    device = dr.async_get(owner.hass).async_get_or_create(
        config_entry_id=owner.entry.entry_id, identifiers={(DOMAIN, f"{owner.entry.entry_id}_EB30")}
    )
    assert await delete(owner, device, hass_ws_client) is None


async def test_two_buses_may_each_have_a_wall_connector_of_the_same_name(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    line = Line(world.clock)
    Station(line, SimulatedConnector(Unit(serial_number="A18B0003495")))
    world.openers["/dev/ttyOTHER"] = open_memory(line, "/dev/ttyOTHER")
    other = MockConfigEntry(domain=DOMAIN, data={CONF_DEVICE: "/dev/ttyOTHER"}, options=owner.entry.options)
    other.add_to_hass(hass)
    assert await hass.config_entries.async_setup(other.entry_id)
    await world.pass_time(FOUND_SECONDS)
    mine, theirs = owner.device(GARAGE), Owner(hass, other).device(GARAGE)
    assert mine is not None
    assert theirs is not None
    assert (mine.serial_number, theirs.serial_number) == ("A17A0003495", "A18B0003495")
    assert mine.via_device_id != theirs.via_device_id
    buses = owner.device(), Owner(hass, other).device()
    assert [bus and bus.name for bus in buses] == ["Wall connector bus", "Wall connector bus on ttyOTHER"]


async def test_a_wall_connector_that_changed_its_twcid_keeps_what_its_owner_set(
    world: World, garage: Station, yard: Station, owner: Owner
) -> None:
    await live(world, 60)
    await owner.set_limit(YARD, 20)
    await owner.forbid_charging(YARD)
    await owner.choose({CONF_CONNECTORS: {"6388": {"maximum_current": 16}}})
    yard.remove()
    await live(world, 40)
    moved = world.wall_connector(Unit(serial_number="A17A0006388"))
    moved.connector.twcid = TwcId(0x5A5A)
    await live(world, 60)
    assert owner.value("current_limit", moved.connector.twcid) == "16"
    assert owner.value("charging_enabled", moved.connector.twcid) == "off"
    assert owner.value("current_limit", GARAGE) == "6"


async def test_a_stray_announcement_makes_no_device(world: World, garage: Station, owner: Owner) -> None:
    ghost = world.wall_connector(Unit(serial_number="A17A000EB30"))
    await world.pass_time(0.6)
    ghost.remove()
    await live(world, 60)
    assert owner.device(TwcId(0xEB30)) is None
