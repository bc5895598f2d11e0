"""A car whose VIN nobody has entered is asked about under Repairs, and entered there."""

from collections.abc import Mapping

from homeassistant.components.repairs.issue_handler import RepairsFlowManager
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr, entity_registry as er, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.cars.proposals import propose
from custom_components.tesla_twc.cars.stored import cars_of
from custom_components.tesla_twc.const import DOMAIN
from custom_components.tesla_twc.problems.issues import UNKNOWN_CAR
from custom_components.tesla_twc.twc.cars.recognise import By, Recognised
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import ZOE
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.owner import GARAGE, Owner, live
from tests.integration.test_car_dialogue import VIN, add_car
from tests.integration.test_cars import known
from tests.integration.test_sessions import charge, leave
from tests.integration.test_solar_repairs import answer, begin, dialogues

__all__ = ["dialogues"]

FLEET = {
    "car_switch": ("switch", "charge_state_user_charge_enable_request"),
    "car_amps": ("number", "charge_state_charge_current_request"),
    "charge_limit": ("number", "charge_state_charge_limit_soc"),
    "soc": ("sensor", "charge_state_battery_level"),
    "odometer": ("sensor", "vehicle_state_odometer"),
    "plug": ("binary_sensor", "charge_state_conn_charge_cable"),
}
TESSIE = {
    **FLEET,
    "car_switch": ("switch", "charge_state_charge_enable_request"),
    "soc": ("sensor", "charge_state_usable_battery_level"),
}
CUSTOM = {
    "car_switch": ("switch", "charger"),
    "car_amps": ("number", "charging_amps"),
    "charge_limit": ("number", "charge_limit"),
    "soc": ("sensor", "battery"),
    "odometer": ("sensor", "odometer"),
    "plug": ("binary_sensor", "charger"),
}


def strangers(hass: HomeAssistant) -> list[ir.IssueEntry]:
    return [
        one for one in ir.async_get(hass).issues.values() if one.translation_key == UNKNOWN_CAR and one.active
    ]


def integrate(
    hass: HomeAssistant, platform: str, entities: Mapping[str, tuple[str, str]], name: str, form: str
) -> dict[str, str]:
    """Register a car as another integration does; ``form`` is that of its unique ids."""
    entry = MockConfigEntry(domain=platform)
    entry.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(platform, name)}, name=name
    )
    found = {}
    for field, (domain, key) in entities.items():
        entity = er.async_get(hass).async_get_or_create(
            domain, platform, form.format(key=key, domain=domain), config_entry=entry, device_id=device.id
        )
        hass.states.async_set(entity.entity_id, "unknown")
        found[field] = entity.entity_id
    return found


@pytest.mark.parametrize(
    ("platform", "entities", "form"),
    [
        ("tesla_fleet", FLEET, VIN + "-{key}"),
        ("teslemetry", FLEET, VIN + "-{key}"),
        ("tessie", TESSIE, VIN + "-{key}"),
        ("tesla_custom", CUSTOM, VIN.lower() + "_{key}"),
    ],
)
async def test_each_integration_that_knows_the_vin_is_proposed(
    hass: HomeAssistant, platform: str, entities: Mapping[str, tuple[str, str]], form: str
) -> None:
    found = integrate(hass, platform, entities, "Nikola", form)
    integrate(hass, "teslamate", {"odometer": ("sensor", "odometer")}, "Other", VIN + "-{key}")
    proposal = propose(hass, VIN)
    assert (proposal.name, proposal.entities) == ("Nikola", found)


async def test_a_board_without_a_vin_is_proposed_where_it_is_the_only_one(hass: HomeAssistant) -> None:
    entities = {
        "car_switch": ("switch", "charger"),
        "car_amps": ("number", "charging_amps"),
        "charge_limit": ("number", "charging_limit"),
        "soc": ("sensor", "charge_level"),
    }
    found = integrate(hass, "esphome", entities, "Board", "AA:BB:CC-{domain}-{key}")
    integrate(hass, "esphome", {"soc": ("sensor", "battery")}, "Thermometer", "DD:EE:FF-{domain}-{key}")
    proposal = propose(hass, VIN)
    assert (proposal.name, proposal.entities) == ("Model 3", found)
    integrate(hass, "esphome", entities, "Second board", "00:11:22-{domain}-{key}")
    assert propose(hass, VIN).entities == {}
    assert propose(hass, "VF1AG000664123456").name == "Car 3456"


async def test_a_strange_car_is_entered_with_everything_that_is_known_filled_in(
    hass: HomeAssistant, dialogues: RepairsFlowManager, world: World, garage: Station, owner: Owner
) -> None:
    found = integrate(hass, "teslemetry", FLEET, "Nikola", VIN + "-{key}")
    await charge(world, garage, 120)
    (issue,) = strangers(hass)
    assert issue.translation_placeholders == {"bus": "", "name": "Wall connector 3495", "end": "3456"}
    assert VIN not in str(issue), "neither its id nor its data say whose car it is"
    step = await begin(dialogues, issue)
    suggested = {
        str(field): field.description["suggested_value"]
        for field in step["data_schema"].schema
        if field.description
    }
    assert suggested == {
        "name": "Nikola", "vin": VIN, "phases": "as_connector", "charge_mode": "as_connector", **found
    }  # fmt: skip
    step = await answer(dialogues, issue, step, {**suggested, "vin": "123"})
    assert step["errors"] == {"vin": "vin_length"}
    step = await answer(dialogues, issue, step, suggested)
    assert step["type"] is FlowResultType.CREATE_ENTRY
    await live(world, 60)
    (car,) = cars_of(owner.entry).values()
    assert (car.name, car.vin, car.switch) == ("Nikola", VIN, found["car_switch"])
    assert known(owner) == Recognised(car_id=car.car_id, by=By.VIN)
    assert strangers(hass) == []


async def test_it_may_be_one_that_was_entered_without_its_vin(
    hass: HomeAssistant, dialogues: RepairsFlowManager, world: World, garage: Station, owner: Owner
) -> None:
    car_id = await add_car(hass, owner.entry, name="Car at Wall connector 3495", default_at=[str(GARAGE)])
    await charge(world, garage, 120)
    assert known(owner) == Recognised(car_id=car_id, by=By.DEFAULT)
    (issue,) = strangers(hass)
    step = await begin(dialogues, issue, {"next_step_id": "known_car"})
    step = await answer(dialogues, issue, step, {"car": car_id})
    assert step["type"] is FlowResultType.CREATE_ENTRY
    await live(world, 60)
    assert owner.entry.subentries[car_id].unique_id == VIN
    assert known(owner) == Recognised(car_id=car_id, by=By.VIN)
    assert strangers(hass) == []


@pytest.mark.parametrize("step_id", ["new_car", "known_car"])
async def test_a_dialogue_about_a_car_that_was_entered_meanwhile_ends(
    hass: HomeAssistant,
    dialogues: RepairsFlowManager,
    world: World,
    garage: Station,
    owner: Owner,
    step_id: str,
) -> None:
    await add_car(hass, owner.entry, name="Zoe")
    await charge(world, garage, 120)
    (issue,) = strangers(hass)
    step = await begin(dialogues, issue)
    await add_car(hass, owner.entry, vin=VIN)
    step = await answer(dialogues, issue, step, {"next_step_id": step_id})
    assert (step["type"], step["reason"]) == (FlowResultType.ABORT, "already_fixed")


async def test_a_bus_that_does_not_run_knows_no_strange_car(
    hass: HomeAssistant, dialogues: RepairsFlowManager, world: World, garage: Station, owner: Owner
) -> None:
    await charge(world, garage, 120)
    (issue,) = strangers(hass)
    assert await hass.config_entries.async_unload(owner.entry.entry_id)
    assert strangers(hass) == [], "nothing is known of a bus that does not run"
    assert await hass.config_entries.async_setup(owner.entry.entry_id)
    assert [one.issue_id for one in strangers(hass)] == [issue.issue_id], "from the first moment"
    for _ in range(180):
        await world.pass_time(1)
        assert [one.issue_id for one in strangers(hass)] == [issue.issue_id]
    # One that was ignored stays, and so does a dialogue that was opened about it.
    ir.async_ignore_issue(hass, DOMAIN, issue.issue_id, ignore=True)
    assert await hass.config_entries.async_unload(owner.entry.entry_id)
    step = await dialogues.async_init(DOMAIN, context={"issue_id": issue.issue_id})
    assert (step["type"], step["reason"]) == (FlowResultType.ABORT, "already_fixed")


async def test_whoever_ignores_it_is_not_asked_again_until_the_bus_is_removed(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    await charge(world, garage, 120)
    (issue,) = strangers(hass)
    ir.async_ignore_issue(hass, DOMAIN, issue.issue_id, ignore=True)
    await leave(world, garage)
    await owner.restart()
    await charge(world, garage, 120)
    (issue,) = strangers(hass)
    assert issue.dismissed_version is not None
    assert await hass.config_entries.async_remove(owner.entry.entry_id)
    assert (DOMAIN, issue.issue_id) not in ir.async_get(hass).issues


async def test_a_car_that_tells_no_vin_is_not_asked_about(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    garage.plug(Car(ZOE, charge=0.1))
    await live(world, 180)
    assert strangers(hass) == []
