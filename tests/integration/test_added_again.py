"""A bus that is deleted and added again is the same to its owner: entity ids, names and areas."""

from typing import Any

from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER, ConfigEntry
from homeassistant.const import CONF_DEVICE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.const import CONF_BUS_ID, DOMAIN
from custom_components.tesla_twc.registry.bus_id import bus_id, former_bus_id
from custom_components.tesla_twc.registry.devices import connector_identifier
from custom_components.tesla_twc.twc.protocol.codes import TwcId
from custom_components.tesla_twc.twc.simulator.connector import SimulatedConnector
from custom_components.tesla_twc.twc.simulator.line import Line
from custom_components.tesla_twc.twc.simulator.memory import open_memory
from custom_components.tesla_twc.twc.simulator.station import Station
from custom_components.tesla_twc.twc.simulator.unit import Unit
from tests.integration.conftest import DEVICE, World
from tests.integration.owner import FOUND_SECONDS, GARAGE, YARD, Owner

OTHER = "/dev/ttyOTHER"
STRANGER = TwcId(0x7973)

LIMITS = {"circuit_limit": 16, "phases": "3", "voltage": 230}


async def add(hass: HomeAssistant, world: World, device: str = DEVICE) -> ConfigEntry[Any]:
    """Add the bus behind a port as its owner does, and wait until everybody on it is known."""
    flow = hass.config_entries.flow
    result = await flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    result = await flow.async_configure(result["flow_id"], {"next_step_id": "serial"})
    result = await flow.async_configure(result["flow_id"], {CONF_DEVICE: device})
    await world.pass_time(12)
    await hass.async_block_till_done(wait_background_tasks=True)
    for answer in (None, {}, LIMITS):
        result = await flow.async_configure(result["flow_id"], answer)
    while result["type"] == "form":
        answer = {} if result["step_id"] == "one_house" else {"maximum_current": 16}
        result = await flow.async_configure(result["flow_id"], answer)
    await world.pass_time(FOUND_SECONDS)
    return result["result"]


async def test_entity_ids_names_and_areas_come_back(
    hass: HomeAssistant, world: World, garage: Station, yard: Station, owner: Owner
) -> None:
    entities, devices = er.async_get(hass), dr.async_get(hass)
    carport, cellar = (ar.async_get(hass).async_create(name).id for name in ("Carport", "Cellar"))
    entities.async_update_entity(
        owner.entity_id("current_limit", GARAGE), new_entity_id="number.amps_of_the_garage", name="Amps"
    )
    entities.async_update_entity(
        owner.entity_id("circuit_limit"), new_entity_id="number.main_breaker", area_id=cellar
    )
    device = owner.device(GARAGE)
    assert device is not None
    devices.async_update_device(device.id, name_by_user="Garage", area_id=carport)
    before = {
        entity.entity_id for entity in er.async_entries_for_config_entry(entities, owner.entry.entry_id)
    }
    for _ in range(2):
        (entry,) = hass.config_entries.async_entries(DOMAIN)
        await hass.config_entries.async_remove(entry.entry_id)
        await world.pass_time(60)
        entry = await add(hass, world)
        there = er.async_entries_for_config_entry(entities, entry.entry_id)
        assert {entity.entity_id for entity in there} == before
        amps = entities.async_get("number.amps_of_the_garage")
        assert amps is not None
        assert amps.name == "Amps"
        again = devices.async_get_device_by_identifier(
            connector_identifier(bus_id(entry), GARAGE), entry.entry_id
        )
        assert again is not None
        assert again.name_by_user == "Garage"
        assert again.area_id == carport
        breaker = entities.async_get("number.main_breaker")
        assert breaker is not None
        assert breaker.area_id == cellar
        await hass.services.async_call(
            "number", "set_value", {"entity_id": "number.amps_of_the_garage", "value": 9}, blocking=True
        )
        assert entry.runtime_data.owner_settings.of(GARAGE).current_limit == 9
        assert hass.states.get("number.main_breaker").state == "16"  # type: ignore[union-attr]
    await hass.services.async_call(
        DOMAIN, "set_current", {"device_id": again.id, "amps": 8}, blocking=True, return_response=True
    )
    assert entry.runtime_data.decider.fixed(GARAGE).amps == 8


async def test_another_port_does_not_make_it_another_bus(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    await hass.config_entries.async_remove(owner.entry.entry_id)
    await world.pass_time(60)
    entry = await add(hass, world)
    former = bus_id(entry)
    assert former == owner.entry.entry_id != entry.entry_id
    world.openers[OTHER] = open_memory(world.line, OTHER)
    flow = hass.config_entries.flow
    context = {"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id}
    result = await flow.async_init(DOMAIN, context=context)
    result = await flow.async_configure(result["flow_id"], {"next_step_id": "serial"})
    result = await flow.async_configure(result["flow_id"], {CONF_DEVICE: OTHER})
    await world.pass_time(12)
    await hass.async_block_till_done(wait_background_tasks=True)
    # Who has just lost its controller says nothing for a while.
    for answer in (None, {"next_step_id": "limits"}, LIMITS):
        result = await flow.async_configure(result["flow_id"], answer)
    await world.pass_time(FOUND_SECONDS)
    assert entry.data[CONF_DEVICE] == OTHER
    assert bus_id(entry) == former


def another_line(world: World, *serial_numbers: str) -> None:
    """Lay a second line with wall connectors of its own to another port."""
    line = Line(world.clock)
    world.openers[OTHER] = open_memory(line, OTHER)
    for serial_number in serial_numbers:
        Station(line, SimulatedConnector(Unit(serial_number=serial_number), seed=0))


async def remove(hass: HomeAssistant, world: World, *entries: ConfigEntry[Any]) -> None:
    """Delete entries, and wait until their wall connectors say again that they are there."""
    for entry in entries:
        await hass.config_entries.async_remove(entry.entry_id)
    await world.pass_time(60)


async def test_a_bus_that_was_never_deleted_is_known_by_its_entry(
    hass: HomeAssistant, world: World, garage: Station
) -> None:
    entry = await add(hass, world)
    assert CONF_BUS_ID not in entry.data
    assert bus_id(entry) == entry.entry_id


@pytest.mark.once
async def test_each_of_two_buses_gets_back_what_was_its_own(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    another_line(world, f"B17A000{YARD}")
    second = await add(hass, world, OTHER)
    await remove(hass, world, owner.entry, second)
    second_again, first_again = await add(hass, world, OTHER), await add(hass, world)
    assert bus_id(second_again) == second.entry_id
    assert bus_id(first_again) == owner.entry.entry_id


@pytest.mark.once
async def test_a_second_bus_with_the_same_numbers_is_another(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    another_line(world, f"B17A000{GARAGE}")
    second = await add(hass, world, OTHER)
    assert CONF_BUS_ID not in second.data, "the first is there"
    await remove(hass, world, second)
    again = await add(hass, world, OTHER)
    assert bus_id(again) == second.entry_id, "the first is there, so it can only be the second"
    await remove(hass, world, owner.entry, again)
    # Nobody can tell which of the two it is, and what belongs to one must not come to the other.
    for device in (OTHER, DEVICE):
        assert CONF_BUS_ID not in (await add(hass, world, device)).data


@pytest.mark.parametrize("added_again", [False, True])
async def test_a_wall_connector_that_moves_does_not_take_its_bus_along(
    hass: HomeAssistant, world: World, garage: Station, yard: Station, owner: Owner, added_again: bool
) -> None:
    entry: ConfigEntry[Any] = owner.entry
    if added_again:
        await remove(hass, world, entry)
        entry = await add(hass, world)
        assert CONF_BUS_ID in entry.data
    yard.remove()
    await world.pass_time(120)
    devices = dr.async_get(hass)
    gone = devices.async_get_device_by_identifier(connector_identifier(bus_id(entry), YARD), entry.entry_id)
    assert gone is not None
    devices.async_remove_device(gone.id)
    another_line(world, f"A17A000{YARD}")
    second = await add(hass, world, OTHER)
    assert CONF_BUS_ID not in second.data
    assert bus_id(entry) == owner.entry.entry_id != bus_id(second)


async def test_it_is_recognised_by_all_of_its_wall_connectors_and_by_no_others(
    hass: HomeAssistant, world: World, garage: Station, yard: Station, owner: Owner
) -> None:
    assert former_bus_id(hass, [GARAGE, YARD]) is None, "it is there"
    await hass.config_entries.async_remove(owner.entry.entry_id)
    alone = MockConfigEntry(domain=DOMAIN, data={CONF_DEVICE: "/dev/ttyLATER"})
    alone.add_to_hass(hass)
    registry = er.async_get(hass)
    registry.async_get_or_create(
        "number", DOMAIN, f"{alone.entry_id}_{YARD}_current_limit", config_entry=alone
    )
    other = registry.async_get_or_create("sensor", "other", f"x_{GARAGE}_current_limit")
    registry.async_remove(other.entity_id)
    await hass.config_entries.async_remove(alone.entry_id)
    assert former_bus_id(hass, [GARAGE, YARD]) == owner.entry.entry_id
    assert former_bus_id(hass, [YARD]) == alone.entry_id
    assert former_bus_id(hass, [GARAGE]) is None, "one of two, or a bus of another integration"
    assert former_bus_id(hass, [GARAGE, YARD, STRANGER]) is None
    assert former_bus_id(hass, [GARAGE, STRANGER]) is None
    assert former_bus_id(hass, []) is None
