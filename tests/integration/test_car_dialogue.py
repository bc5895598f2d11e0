"""Adding a car to a bus, and changing it."""

from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigSubentry, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.cars.migration import pass_on
from custom_components.tesla_twc.cars.stored import cars_of
from custom_components.tesla_twc.const import SUBENTRY_CAR
from custom_components.tesla_twc.twc.cars.car import OwnedCar
from custom_components.tesla_twc.twc.charging.settings import ChargeMode
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.owner import GARAGE, YARD, Owner

VIN = "5YJ3E7EB1KF123456"
OTHER_VIN = "LRW3E7EK0MC123456"
ENTITIES = {
    "car_switch": "switch.model_3_charge",
    "car_amps": "number.model_3_amps",
    "soc": "sensor.model_3_battery",
    "charge_limit": "number.model_3_limit",
    "odometer": "sensor.model_3_odometer",
    "plug": "binary_sensor.model_3_cable",
}


async def ask(hass: HomeAssistant, entry: MockConfigEntry) -> SubentryFlowResult:
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, SUBENTRY_CAR), context={"source": SOURCE_USER}
    )


async def answer(hass: HomeAssistant, result: SubentryFlowResult, **typed: Any) -> SubentryFlowResult:
    return await hass.config_entries.subentries.async_configure(result["flow_id"], typed)


async def add_car(hass: HomeAssistant, entry: MockConfigEntry, **typed: Any) -> str:
    """Add a car as its owner does, and return its id."""
    before = set(entry.subentries)
    result = await answer(hass, await ask(hass, entry), **{"name": "Model 3", **typed})
    assert result["type"] is FlowResultType.CREATE_ENTRY, result.get("errors")
    await hass.async_block_till_done()
    (added,) = set(entry.subentries) - before
    return added


async def change_car(hass: HomeAssistant, entry: MockConfigEntry, car_id: str, **typed: Any) -> None:
    """Change a car as its owner does: what is left out is empty in the form."""
    result = await entry.start_subentry_reconfigure_flow(hass, car_id)
    result = await answer(hass, result, **{"name": entry.subentries[car_id].title, **typed})
    assert result["type"] is FlowResultType.ABORT, result.get("errors")
    await hass.async_block_till_done()


def show_entities(hass: HomeAssistant) -> None:
    for entity_id in ENTITIES.values():
        hass.states.async_set(entity_id, "unknown")


async def test_everything_that_can_be_said_of_a_car_is_kept_and_can_be_changed(
    hass: HomeAssistant, garage: Station, owner: Owner
) -> None:
    show_entities(hass)
    car_id = await add_car(
        hass,
        owner.entry,
        name="Blue Model 3",
        vin="5yj3e7eb1kf 123456",
        phases="1",
        minimum_current=8.0,
        maximum_current=13.0,
        battery_capacity=57.5,
        charge_mode="solar",
        priority=7.0,
        allowed=False,
        default_at=[str(GARAGE)],
        **ENTITIES,
    )
    assert owner.entry.subentries[car_id].unique_id == VIN
    assert cars_of(owner.entry) == {
        car_id: OwnedCar(
            car_id=car_id,
            name="Blue Model 3",
            vin=VIN,
            phases=1,
            minimum_amps=8,
            maximum_amps=13,
            switch="switch.model_3_charge",
            amps="number.model_3_amps",
            soc="sensor.model_3_battery",
            charge_limit="number.model_3_limit",
            odometer="sensor.model_3_odometer",
            plug="binary_sensor.model_3_cable",
            battery_kwh=57.5,
            mode=ChargeMode.SOLAR,
            priority=7,
            allowed=False,
            default_at=frozenset({GARAGE}),
        )
    }
    result = await owner.entry.start_subentry_reconfigure_flow(hass, car_id)
    shown = {
        str(field): field.description["suggested_value"]
        for field in result["data_schema"].schema
        if field.description
    }
    assert (shown["name"], shown["vin"], shown["phases"], shown["charge_mode"]) == (
        "Blue Model 3",
        VIN,
        "1",
        "solar",
    )
    await change_car(hass, owner.entry, car_id, vin="", phases="as_connector", allowed=True)
    assert cars_of(owner.entry) == {car_id: OwnedCar(car_id=car_id, name="Blue Model 3")}
    assert owner.entry.subentries[car_id].unique_id is None


@pytest.mark.once
@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"name": "  "}, {"name": "name_missing"}),
        ({"vin": "123"}, {"vin": "vin_length"}),
        ({"vin": VIN[:-1] + "O"}, {"vin": "vin_letters"}),
        ({"minimum_current": 8.5}, {"minimum_current": "whole_amps"}),
        ({"maximum_current": 13.5}, {"maximum_current": "whole_amps"}),
        ({"priority": 1.5}, {"priority": "whole_number"}),
        ({"minimum_current": 10, "maximum_current": 9}, {"maximum_current": "below_minimum"}),
        ({"car_switch": "switch.nowhere"}, {"car_switch": "no_such_entity"}),
        ({"car_switch": "switch.wall_connector_3495_charging_enabled"}, {"car_switch": "own_entity"}),
        ({"car_amps": "number.wall_connector_3495_current_limit"}, {"car_amps": "own_entity"}),
    ],
    ids=str,
)
async def test_what_cannot_be_is_told_by_its_field_and_can_be_put_right(
    hass: HomeAssistant, garage: Station, owner: Owner, typed: dict[str, Any], errors: dict[str, str]
) -> None:
    result = await answer(hass, await ask(hass, owner.entry), **{"name": "Zoe", **typed})
    assert result["errors"] == errors
    result = await answer(hass, result, name="Zoe")
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_two_cars_with_one_vin_are_refused(hass: HomeAssistant, garage: Station, owner: Owner) -> None:
    first = await add_car(hass, owner.entry, vin=VIN)
    second = await add_car(hass, owner.entry, name="Other", vin=OTHER_VIN)
    result = await answer(hass, await ask(hass, owner.entry), name="Twin", vin=VIN.lower())
    assert result["errors"] == {"vin": "vin_twice"}
    result = await owner.entry.start_subentry_reconfigure_flow(hass, second)
    result = await answer(hass, result, name="Other", vin=VIN)
    assert result["errors"] == {"vin": "vin_twice"}
    await change_car(hass, owner.entry, first, name="Its own VIN is no other's", vin=VIN)
    assert owner.entry.subentries[first].title == "Its own VIN is no other's"


async def test_a_check_digit_that_does_not_fit_is_only_asked_about(
    hass: HomeAssistant, garage: Station, owner: Owner
) -> None:
    odd = VIN.replace("1KF", "2KF")
    result = await answer(hass, await ask(hass, owner.entry), name="Model 3", vin=odd)
    assert result["type"] is FlowResultType.MENU
    result = await answer(hass, result, next_step_id="user")
    assert result["type"] is FlowResultType.FORM, "what was typed is shown again"
    result = await answer(hass, result, name="Model 3", vin=odd)
    result = await answer(hass, result, next_step_id="keep_vin")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    (car,) = cars_of(owner.entry).values()
    assert car.vin == odd


@pytest.mark.parametrize(
    ("field", "entity_id"),
    [
        ("car_switch", "light.garage"),
        ("car_amps", "sensor.amps"),
        ("plug", "sensor.cable"),
        ("soc", "number.x"),
    ],
)
async def test_only_what_fits_can_be_chosen(
    hass: HomeAssistant, garage: Station, owner: Owner, field: str, entity_id: str
) -> None:
    with pytest.raises(InvalidData):
        await answer(hass, await ask(hass, owner.entry), name="Zoe", **{field: entity_id})


@pytest.mark.once
@pytest.mark.parametrize(
    "broken",
    [
        {"vin": "nonsense"},
        {"vin": 5},
        {"phases": 7},
        {"minimum_current": "many"},
        {"priority": 0},
        {"charge_mode": "warp"},
        {"default_at": ["zzzz"]},
        {"default_at": 3},
        {"car_switch": ["switch.a"]},
        {"allowed": "false"},
    ],
    ids=str,
)
async def test_a_broken_car_is_left_out_and_the_bus_is_served(
    hass: HomeAssistant,
    garage: Station,
    owner: Owner,
    caplog: pytest.LogCaptureFixture,
    broken: dict[str, Any],
) -> None:
    for title, data in (("Broken", broken), ("Whole", {"vin": VIN, "new_in_a_later_version": 1})):
        hass.config_entries.async_add_subentry(
            owner.entry, ConfigSubentry(data=data, subentry_type=SUBENTRY_CAR, title=title, unique_id=None)
        )
    await hass.async_block_till_done()
    assert [car.name for car in cars_of(owner.entry).values()] == ["Whole"]
    assert "The car Broken is left out" in caplog.text
    await owner.restart()
    assert owner.available("connected")


async def test_a_wall_connector_that_was_deleted_keeps_no_car_from_being_changed(
    hass: HomeAssistant, garage: Station, owner: Owner
) -> None:
    car_id = await owner.enter_car("Zoe", default_at=[str(GARAGE), "1234"])
    result = await owner.entry.start_subentry_reconfigure_flow(hass, car_id)
    shown = {str(field): field.description for field in result["data_schema"].schema}
    assert shown["default_at"] == {"suggested_value": [str(GARAGE)]}


async def test_a_car_is_expected_where_its_wall_connector_went(
    hass: HomeAssistant, garage: Station, owner: Owner
) -> None:
    await owner.enter_car("Zoe", default_at=[str(GARAGE)])
    await owner.enter_car("Leaf", default_at=["1234"])
    pass_on(hass, owner.entry, GARAGE, YARD)
    pass_on(hass, owner.entry, GARAGE, YARD)
    await hass.async_block_till_done()
    expected = {car.name: sorted(car.default_at) for car in cars_of(owner.entry).values()}
    assert expected == {"Zoe": [GARAGE, YARD], "Leaf": [0x1234]}
