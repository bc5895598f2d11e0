"""A bus that is deleted and added again is the same to its owner: entity ids, names and areas."""

from typing import Any

from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER, ConfigEntry
from homeassistant.const import CONF_DEVICE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.bus_id import bus_id, former_bus_id
from custom_components.tesla_twc.const import DOMAIN
from custom_components.tesla_twc.devices import bus_identifier, connector_identifier
from custom_components.tesla_twc.twc.simulator.line import Line
from custom_components.tesla_twc.twc.simulator.memory import open_memory
from custom_components.tesla_twc.twc.simulator.station import Station
from custom_components.tesla_twc.twc.simulator.unit import Unit
from tests.integration.conftest import DEVICE, World
from tests.integration.owner import FOUND_SECONDS, GARAGE, YARD, Owner

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
        result = await flow.async_configure(result["flow_id"], {"maximum_current": 16})
    await world.pass_time(FOUND_SECONDS)
    return result["result"]


async def test_entity_ids_names_and_areas_come_back(
    hass: HomeAssistant, world: World, garage: Station, yard: Station, owner: Owner
) -> None:
    entities, devices = er.async_get(hass), dr.async_get(hass)
    entities.async_update_entity(
        owner.entity_id("current_limit", GARAGE), new_entity_id="number.amps_of_the_garage", name="Amps"
    )
    entities.async_update_entity(owner.entity_id("circuit_limit"), new_entity_id="number.main_breaker")
    device = owner.device(GARAGE)
    assert device is not None
    devices.async_update_device(device.id, name_by_user="Garage", area_id=None)
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
        await hass.services.async_call(
            "number", "set_value", {"entity_id": "number.amps_of_the_garage", "value": 9}, blocking=True
        )
        assert entry.runtime_data.wish(GARAGE).current_limit == 9
        assert hass.states.get("number.main_breaker").state == "16"  # type: ignore[union-attr]
    await hass.services.async_call(
        DOMAIN, "set_current", {"device_id": again.id, "amps": 8}, blocking=True, return_response=True
    )
    assert entry.runtime_data.deciding.fixed(GARAGE).amps == 8


async def test_another_port_does_not_make_it_another_bus(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    await hass.config_entries.async_remove(owner.entry.entry_id)
    await world.pass_time(60)
    entry = await add(hass, world)
    former = bus_id(entry)
    assert former == owner.entry.entry_id != entry.entry_id
    world.openers["/dev/ttyOTHER"] = open_memory(world.line, "/dev/ttyOTHER")
    flow = hass.config_entries.flow
    context = {"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id}
    result = await flow.async_init(DOMAIN, context=context)
    result = await flow.async_configure(result["flow_id"], {"next_step_id": "serial"})
    result = await flow.async_configure(result["flow_id"], {CONF_DEVICE: "/dev/ttyOTHER"})
    await world.pass_time(12)
    await hass.async_block_till_done(wait_background_tasks=True)
    # Who has just lost its controller says nothing for a while.
    for answer in (None, {"next_step_id": "limits"}, LIMITS):
        result = await flow.async_configure(result["flow_id"], answer)
    await world.pass_time(FOUND_SECONDS)
    assert entry.data[CONF_DEVICE] == "/dev/ttyOTHER"
    assert bus_id(entry) == former


async def test_a_second_bus_with_the_same_numbers_is_another(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    line = Line(world.clock)
    world.openers["/dev/ttyOTHER"] = open_memory(line, "/dev/ttyOTHER")
    world.line, here = line, world.line
    world.wall_connector(Unit(serial_number=f"B17A000{GARAGE}"))
    second = await add(hass, world, "/dev/ttyOTHER")
    assert bus_id(second) == second.entry_id
    await hass.config_entries.async_remove(second.entry_id)
    world.line = here
    await hass.config_entries.async_remove(owner.entry.entry_id)
    await world.pass_time(60)
    entry = await add(hass, world)
    assert bus_id(entry) in {owner.entry.entry_id, second.entry_id}
    other = await add(hass, world, "/dev/ttyOTHER")
    assert {bus_id(entry), bus_id(other)} == {owner.entry.entry_id, second.entry_id}


async def test_it_is_recognised_by_most_of_its_wall_connectors_and_never_by_none(
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
    registry.async_get_or_create("sensor", "other", f"x_{YARD}_y_current_limit")
    await hass.config_entries.async_remove(alone.entry_id)
    assert former_bus_id(hass, [GARAGE, YARD]) == owner.entry.entry_id
    assert former_bus_id(hass, []) is None
    assert bus_identifier("x") == (DOMAIN, "x")
