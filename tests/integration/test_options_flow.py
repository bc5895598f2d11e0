"""Changing the options of a running bus."""

from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.registry.devices import connector_identifier
from custom_components.tesla_twc.twc.bus.settings import StopMethod
from custom_components.tesla_twc.twc.protocol.codes import TwcId
from custom_components.tesla_twc.twc.simulator.unit import Unit, old_unit
from tests.integration.conftest import World

LONG_ENOUGH_TO_LINK = 60


async def begin(hass: HomeAssistant, entry: MockConfigEntry, choice: str) -> ConfigFlowResult:
    menu = await hass.config_entries.options.async_init(entry.entry_id)
    assert menu["menu_options"] == [
        *("general", "wall_connector", "site", "consumers", "prices", "outside", "grid_operator")
    ]
    return await go_on(hass, menu, {"next_step_id": choice})


async def go_on(hass: HomeAssistant, result: ConfigFlowResult, answer: dict[str, Any]) -> ConfigFlowResult:
    return await hass.config_entries.options.async_configure(result["flow_id"], answer)


REST = {"few_starts": 50, "who_may_charge": "everybody", "on_shutdown": "keep", "keep_minutes": 5}
"""What else is asked about all wall connectors."""


def suggested(result: ConfigFlowResult) -> dict[str, Any]:
    fields = result["data_schema"].schema
    return {str(field): field.description["suggested_value"] for field in fields if field.description}


async def test_turns_and_the_cure_change_while_the_bus_goes_on_running(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    coordinator = loaded.runtime_data
    result = await begin(hass, loaded, "general")
    assert suggested(result) == {
        "rotation_minutes": 30,
        "cure_six_amp_bug": False,
        "cure_above_limit": False,
        "zero_stops": False,
        **REST,
    }
    result = await go_on(
        hass,
        result,
        {
            "rotation_minutes": 45.0,
            "cure_six_amp_bug": True,
            "cure_above_limit": True,
            "zero_stops": True,
            **REST,
        },
    )
    await hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert loaded.options == {
        "circuit_limit": 32,
        "phases": 3,
        "voltage": 230,
        "rotation_minutes": 45,
        "cure_six_amp_bug": True,
        "cure_above_limit": True,
        "zero_stops": True,
        **REST,
        "connectors": {},
    }
    assert isinstance(loaded.options["rotation_minutes"], int)
    assert loaded.runtime_data is coordinator
    assert coordinator.owner_settings.in_force.cure_six_amp_bug
    assert coordinator.owner_settings.in_force.cure_above_limit


async def test_a_turn_of_half_minutes_is_refused(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    result = await begin(hass, loaded, "general")
    result = await go_on(hass, result, {"rotation_minutes": 7.5, "cure_six_amp_bug": True, **REST})
    assert result["errors"] == {"rotation_minutes": "whole_minutes"}
    assert suggested(result) == {
        "rotation_minutes": 7.5,
        "cure_six_amp_bug": True,
        "cure_above_limit": False,
        "zero_stops": False,
        **REST,
    }


async def test_an_entry_without_options_for_wall_connectors_can_be_configured(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, options={"circuit_limit": 32, "phases": 3, "voltage": 230})
    assert suggested(await begin(hass, entry, "general")) == {
        "rotation_minutes": 30,
        "cure_six_amp_bug": False,
        "cure_above_limit": False,
        "zero_stops": False,
        **REST,
    }
    assert (await begin(hass, entry, "wall_connector"))["reason"] == "no_wall_connectors"


@pytest.mark.parametrize("minutes", [4, 241])
async def test_a_turn_is_neither_too_short_nor_too_long(
    hass: HomeAssistant, loaded: MockConfigEntry, minutes: int
) -> None:
    result = await begin(hass, loaded, "general")
    with pytest.raises(InvalidData):
        await go_on(hass, result, {"rotation_minutes": minutes, "cure_six_amp_bug": False, **REST})


async def test_without_a_wall_connector_there_is_nothing_to_choose(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    result = await begin(hass, loaded, "wall_connector")
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "no_wall_connectors")


async def test_the_only_wall_connector_gets_its_own_limit_and_stop_method(
    hass: HomeAssistant, world: World, loaded: MockConfigEntry
) -> None:
    coordinator = loaded.runtime_data
    world.wall_connector(Unit(serial_number="A17A0003495"))
    await world.pass_time(LONG_ENOUGH_TO_LINK)
    result = await begin(hass, loaded, "wall_connector")
    assert result["step_id"] == "connector_settings"
    assert result["description_placeholders"] == {"name": "Wall connector 3495"}
    untouched = {
        "maximum_current": 32,
        "phases": "bus",
        "house_phases": "learn",
        "stop_method": "hold_at_minimum",
        "accepts_minimum": False,
    }
    assert suggested(result) == untouched
    choice = {"maximum_current": 16.5, "stop_method": "contactor"}
    result = await go_on(hass, result, choice)
    assert result["errors"] == {"maximum_current": "amps_range"}
    assert suggested(result) == choice
    result = await go_on(hass, result, {**choice, "maximum_current": 16.0})
    await hass.async_block_till_done()
    assert loaded.options["connectors"] == {
        "3495": {"maximum_current": 16, "stop_method": "contactor"},
    }
    assert isinstance(loaded.options["connectors"]["3495"]["maximum_current"], int)
    assert loaded.runtime_data is coordinator
    assert coordinator.data.connectors[TwcId(0x3495)].maximum_amps == 16
    assert coordinator.owner_settings.in_force.connectors[TwcId(0x3495)].stop_method is StopMethod.CONTACTOR

    result = await begin(hass, loaded, "wall_connector")
    assert suggested(result) == untouched | {"maximum_current": 16, "stop_method": "contactor"}


async def test_one_of_several_wall_connectors_is_chosen_and_the_others_keep_what_they_have(
    hass: HomeAssistant, world: World, loaded: MockConfigEntry
) -> None:
    world.wall_connector(Unit(serial_number="A17A0003495"))
    world.wall_connector(old_unit("A16K0001234"))
    await world.pass_time(LONG_ENOUGH_TO_LINK)
    for twcid, amps in (("3495", 20), ("1234", 10)):
        result = await begin(hass, loaded, "wall_connector")
        assert result["step_id"] == "wall_connector"
        result = await go_on(hass, result, {"twcid": twcid})
        assert result["description_placeholders"] == {"name": f"Wall connector {twcid}"}
        await go_on(hass, result, {"maximum_current": amps, "stop_method": "hold_at_minimum"})
        await hass.async_block_till_done()
    limits = {twcid: own["maximum_current"] for twcid, own in loaded.options["connectors"].items()}
    assert limits == {"3495": 20, "1234": 10}


async def test_each_wall_connector_may_have_other_phases_than_the_bus(
    hass: HomeAssistant, world: World, loaded: MockConfigEntry
) -> None:
    world.wall_connector(old_unit("A16K0001234"))
    await world.pass_time(LONG_ENOUGH_TO_LINK)
    rest = {"maximum_current": 16, "stop_method": "hold_at_minimum"}
    for choice, saved in (("1", {"phases": 1}), ("2", {"phases": 2}), ("3", {"phases": 3}), ("bus", {})):
        result = await begin(hass, loaded, "wall_connector")
        await go_on(hass, result, {**rest, "phases": choice})
        await hass.async_block_till_done()
        assert loaded.options["connectors"] == {"1234": {**rest, **saved}}
        own = loaded.runtime_data.owner_settings.in_force.connectors[TwcId(0x1234)]
        assert own.phases == saved.get("phases")
        result = await begin(hass, loaded, "wall_connector")
        assert suggested(result)["phases"] == choice
    with pytest.raises(InvalidData):
        await go_on(hass, result, {**rest, "phases": "4"})


async def test_the_phases_of_the_house_are_stated_or_learnt(
    hass: HomeAssistant, world: World, loaded: MockConfigEntry
) -> None:
    world.wall_connector(Unit(serial_number="A17A0003495"))
    await world.pass_time(LONG_ENOUGH_TO_LINK)
    rest = {"maximum_current": 16, "stop_method": "hold_at_minimum"}
    for choice in ("123", "231", "312", "132", "213", "321", "learn"):
        result = await begin(hass, loaded, "wall_connector")
        await go_on(hass, result, {**rest, "house_phases": choice})
        await hass.async_block_till_done()
        saved = {} if choice == "learn" else {"house_phases": choice}
        assert loaded.options["connectors"] == {"3495": {**rest, **saved}}
        result = await begin(hass, loaded, "wall_connector")
        assert suggested(result)["house_phases"] == choice
    with pytest.raises(InvalidData):
        await go_on(hass, result, {**rest, "house_phases": "122"})


async def test_a_wall_connector_that_is_away_can_still_be_configured(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    own = {"3495": {"maximum_current": 16, "stop_method": "contactor"}}
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, options={**entry.options, "connectors": own})
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={connector_identifier(entry.entry_id, TwcId(0x3495))},
    )
    result = await begin(hass, entry, "wall_connector")
    assert suggested(result) == {
        "maximum_current": 16,
        "phases": "bus",
        "house_phases": "learn",
        "stop_method": "contactor",
        "accepts_minimum": False,
    }
    await go_on(hass, result, {"maximum_current": 13, "stop_method": "contactor"})
    assert entry.options["connectors"] == {"3495": {"maximum_current": 13, "stop_method": "contactor"}}

    dr.async_get(hass).async_remove_device(device.id)
    assert (await begin(hass, entry, "wall_connector"))["reason"] == "no_wall_connectors"


async def test_a_car_can_be_stopped_by_its_own_switch_until_another_way_is_chosen(
    hass: HomeAssistant, world: World, loaded: MockConfigEntry
) -> None:
    world.wall_connector(Unit(serial_number="A17A0003495"))
    await world.pass_time(LONG_ENOUGH_TO_LINK)
    choice = {"maximum_current": 16, "stop_method": "car_switch", "accepts_minimum": True}
    result = await begin(hass, loaded, "wall_connector")
    result = await go_on(hass, result, choice)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert loaded.options["connectors"]["3495"] == choice
    own = loaded.runtime_data.owner_settings.in_force.connectors[TwcId(0x3495)]
    assert own.stop_method is StopMethod.CAR_SWITCH

    result = await begin(hass, loaded, "wall_connector")
    assert suggested(result) == {**choice, "phases": "bus", "house_phases": "learn"}
    await go_on(hass, result, {"maximum_current": 16, "stop_method": "hold_at_minimum"})
    assert loaded.options["connectors"]["3495"] == {"maximum_current": 16, "stop_method": "hold_at_minimum"}
