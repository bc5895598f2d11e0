"""What automations can ask for: fixed amps for a while."""

import json
from pathlib import Path
from typing import Any

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import area_registry as ar, config_validation as cv, device_registry as dr
from homeassistant.helpers.selector import selector
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
import voluptuous as vol
import yaml

from custom_components import tesla_twc
from custom_components.tesla_twc.const import DOMAIN
from custom_components.tesla_twc.registry.devices import connector_identifier
from custom_components.tesla_twc.twc.charging.settings import ChargeMode
from custom_components.tesla_twc.twc.protocol.codes import TwcId
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import TESLA
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.dialogue_texts import STRINGS
from tests.integration.owner import CAR_SECONDS, GARAGE, YARD, Owner, live

PACKAGE = Path(tesla_twc.__file__).parent


@pytest.fixture
async def charging(world: World, garage: Station, owner: Owner) -> Owner:
    """Let a car charge with 16 A."""
    await owner.set_limit(GARAGE, 16)
    garage.plug(Car(TESLA))
    await live(world, CAR_SECONDS)
    assert owner.number("charging_current", GARAGE) == pytest.approx(16, abs=1.5)
    return owner


def device_id(owner: Owner, twcid: TwcId | None) -> str:
    device = owner.device(twcid)
    assert device is not None
    return device.id


async def set_current(owner: Owner, amps: Any, *twcids: TwcId | None, **data: Any) -> list[dict[str, Any]]:
    devices = [device_id(owner, twcid) for twcid in twcids]
    answer = await owner.hass.services.async_call(
        DOMAIN,
        "set_current",
        {"device_id": devices, "amps": amps, **data},
        blocking=True,
        return_response=True,
    )
    assert answer is not None
    told: Any = answer["wall_connectors"]
    return list(told)


async def test_a_car_gets_the_amps_of_an_action(world: World, charging: Owner) -> None:
    [told] = await set_current(charging, 9, GARAGE)
    assert told == {
        "device_id": device_id(charging, GARAGE),
        "twcid": "3495",
        "asked_amps": 9,
        "amps": 9,
        "limited_by": None,
        "waits_for_car": False,
        "until": None,
    }
    await live(world, 30)
    assert charging.number("charging_current", GARAGE) == pytest.approx(9, abs=1)
    assert charging.number("current_limit", GARAGE) == 16


async def test_it_works_without_asking_for_an_answer(world: World, charging: Owner) -> None:
    data = {"device_id": device_id(charging, GARAGE), "amps": "7"}
    await charging.hass.services.async_call(DOMAIN, "set_current", data, blocking=True)
    await live(world, 30)
    assert charging.number("charging_current", GARAGE) == pytest.approx(7, abs=1)


@pytest.mark.once
async def test_the_mode_rules_again_when_the_time_is_over(world: World, charging: Owner) -> None:
    before = dt_util.now()
    [told] = await set_current(charging, 8, GARAGE, duration={"minutes": 5})
    until = dt_util.parse_datetime(told["until"])
    assert until is not None
    assert 298 <= (until - before).total_seconds() <= 302
    await live(world, 240)
    assert charging.number("charging_current", GARAGE) == pytest.approx(8, abs=1)
    await live(world, 120)
    assert charging.number("charging_current", GARAGE) == pytest.approx(16, abs=1.5)


async def test_the_mode_rules_again_when_its_owner_chooses_one(world: World, charging: Owner) -> None:
    await set_current(charging, 8, GARAGE)
    await live(world, 30)
    charging.entry.runtime_data.owner_settings.set_charge_mode(GARAGE, ChargeMode.FAST)
    await live(world, 30)
    assert charging.number("charging_current", GARAGE) == pytest.approx(16, abs=1.5)


async def test_the_answer_tells_what_the_limits_leave(charging: Owner) -> None:
    [told] = await set_current(charging, 30, GARAGE)
    assert (told["asked_amps"], told["amps"]) == (30, 16)


async def test_a_wall_connector_that_cannot_stop_answers_with_its_minimum(
    world: World, charging: Owner
) -> None:
    [told] = await set_current(charging, 0, GARAGE)
    assert (told["asked_amps"], told["amps"]) == (0, 6)
    await live(world, 30)
    assert charging.number("charging_current", GARAGE) == pytest.approx(6, abs=1)


async def test_one_that_opens_its_contactor_stops(world: World, charging: Owner) -> None:
    await charging.choose({"connectors": {"3495": {"stop_method": "contactor"}}})
    [told] = await set_current(charging, 0, GARAGE)
    assert (told["asked_amps"], told["amps"]) == (0, 0)
    await live(world, 120)
    assert charging.number("charging_current", GARAGE) == pytest.approx(0, abs=0.5)


async def test_without_a_car_the_amps_wait_for_one(world: World, garage: Station, owner: Owner) -> None:
    await owner.set_limit(GARAGE, 16)
    [told] = await set_current(owner, 10, GARAGE)
    assert told["waits_for_car"]
    await live(world, 120)
    assert owner.value("decision", GARAGE) == "no_car"
    await owner.restart()
    await live(world, 60)
    garage.plug(Car(TESLA))
    await live(world, CAR_SECONDS)
    assert owner.value("decision", GARAGE) == "set_by_action"
    assert garage.connector.offered_amps == 10
    garage.unplug()
    await live(world, 20)
    garage.plug(Car(TESLA))
    await live(world, CAR_SECONDS)
    assert (owner.value("decision", GARAGE), garage.connector.offered_amps) == ("at_limit", 16), (
        "the next car"
    )


@pytest.mark.once
async def test_amps_that_wait_for_a_car_end_with_their_time(
    world: World, garage: Station, owner: Owner
) -> None:
    await owner.set_limit(GARAGE, 16)
    [told] = await set_current(owner, 10, GARAGE, duration={"minutes": 5})
    assert told["until"] is not None
    await live(world, 400)
    garage.plug(Car(TESLA))
    await live(world, CAR_SECONDS)
    assert garage.connector.offered_amps == 16


async def test_without_a_car_the_action_is_refused_if_that_was_chosen(garage: Station, owner: Owner) -> None:
    with pytest.raises(ServiceValidationError) as refused:
        await set_current(owner, 10, GARAGE, without_car="refuse")
    assert "There is no car at Wall connector 3495" in said(refused.value)
    assert owner.entry.runtime_data.decider.fixed(GARAGE) is None


async def test_an_entity_or_an_area_is_as_good_as_a_device(
    hass: HomeAssistant, world: World, garage: Station, yard: Station, owner: Owner
) -> None:
    await live(world, 30)

    async def ask(**who: Any) -> set[str]:
        data = {**who, "amps": 8}
        answer = await hass.services.async_call(
            DOMAIN, "set_current", data, blocking=True, return_response=True
        )
        assert answer is not None
        told: Any = answer["wall_connectors"]
        return {one["twcid"] for one in told}

    assert await ask(entity_id=owner.entity_id("charging_power", GARAGE)) == {"3495"}
    area = ar.async_get(hass).async_create("Carport")
    devices = dr.async_get(hass)
    for twcid in (GARAGE, YARD, None):
        devices.async_update_device(device_id(owner, twcid), area_id=area.id)
    assert await ask(area_id=area.id) == {"3495", "6388"}, "the bus is no wall connector"
    before = [owner.entry.runtime_data.decider.fixed(twcid) for twcid in (GARAGE, YARD)]
    for nobody in ({"area_id": "cellar"}, {"device_id": []}, {"entity_id": []}, {}):
        with pytest.raises(ServiceValidationError) as refused:
            await ask(**nobody)
        fixed = [owner.entry.runtime_data.decider.fixed(twcid) for twcid in (GARAGE, YARD)]
        assert fixed == before, nobody
        assert "None of the chosen targets is a wall connector" in said(refused.value)
    with pytest.raises(ServiceValidationError) as refused:
        await ask(entity_id=["sensor.fridge", owner.entity_id("decision", YARD)])
    assert "sensor.fridge is no wall connector" in said(refused.value)


async def test_of_an_area_the_wall_connectors_of_a_bus_that_is_switched_off_are_left_out(
    hass: HomeAssistant, garage: Station, owner: Owner
) -> None:
    area = ar.async_get(hass).async_create("Carport")
    dr.async_get(hass).async_update_device(device_id(owner, GARAGE), area_id=area.id)
    off = MockConfigEntry(domain=DOMAIN, title="Shed", disabled_by=ConfigEntryDisabler.USER)
    off.add_to_hass(hass)
    theirs = dr.async_get(hass).async_get_or_create(
        config_entry_id=off.entry_id, identifiers={connector_identifier(off.entry_id, YARD)}, name="Shed"
    )
    dr.async_get(hass).async_update_device(theirs.id, area_id=area.id)
    call = {"area_id": area.id, "amps": 8}
    await hass.services.async_call(DOMAIN, "set_current", call, blocking=True)
    fixed = owner.entry.runtime_data.decider.fixed(GARAGE)
    assert fixed is not None
    assert fixed.amps == 8
    with pytest.raises(ServiceValidationError) as refused:
        await hass.services.async_call(
            DOMAIN, "set_current", {"device_id": theirs.id, "amps": 8}, blocking=True
        )
    assert "Shed is not running" in said(refused.value), "whoever names it is told"


async def test_a_car_that_comes_while_rights_are_checked_is_not_waited_for(
    hass: HomeAssistant,
    world: World,
    garage: Station,
    owner: Owner,
    hass_admin_user: MockUser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await owner.set_limit(GARAGE, 16)
    look_up = hass.auth.async_get_user

    async def slow_look_up(user_id: str) -> Any:
        if garage.connector.car is None:
            garage.plug(Car(TESLA))
            await live(world, CAR_SECONDS)
        return await look_up(user_id)

    monkeypatch.setattr(hass.auth, "async_get_user", slow_look_up)
    answer = await hass.services.async_call(
        DOMAIN,
        "set_current",
        {"device_id": device_id(owner, GARAGE), "amps": 9},
        blocking=True,
        context=Context(user_id=hass_admin_user.id),
        return_response=True,
    )
    assert answer is not None
    told: Any = answer["wall_connectors"]
    assert told[0]["waits_for_car"] is False
    fixed = owner.entry.runtime_data.decider.fixed(GARAGE)
    assert fixed is not None
    assert fixed.waits_for_car is False


@pytest.mark.parametrize(("circuit", "limit", "by"), [(None, 16, "current_limit"), (12, 32, "circuit")])
async def test_the_answer_tells_what_holds_less(
    charging: Owner, circuit: int | None, limit: int, by: str
) -> None:
    await charging.set_limit(GARAGE, limit)
    if circuit is not None:
        await charging.set_circuit_limit(circuit)
    [told] = await set_current(charging, 20, GARAGE)
    assert (told["amps"], told["limited_by"]) == (circuit or limit, by)
    [told] = await set_current(charging, 0, GARAGE)
    assert (told["amps"], told["limited_by"]) == (6, "cannot_stop")


@pytest.mark.parametrize(("circuit", "limit", "by"), [(None, 8, "current_limit"), (12, 32, "circuit")])
async def test_the_answer_tells_what_holds_less_also_without_a_car(
    garage: Station, owner: Owner, circuit: int | None, limit: int, by: str
) -> None:
    await owner.set_limit(GARAGE, limit)
    if circuit is not None:
        await owner.set_circuit_limit(circuit)
    [told] = await set_current(owner, 20, GARAGE)
    assert (told["amps"], told["limited_by"]) == (circuit or limit, by)


async def test_other_loads_on_the_circuit_are_no_main_fuse(
    hass: HomeAssistant, world: World, charging: Owner
) -> None:
    await charging.set_limit(GARAGE, 32)
    amperes = {"unit_of_measurement": "A", "device_class": "current"}
    hass.states.async_set("sensor.sauna", "20", amperes)
    await charging.choose({"site": {"other_loads": ["sensor.sauna"]}})
    for _ in range(6):
        hass.states.async_set("sensor.sauna", "20", amperes, force_update=True)
        await live(world, 10)
    [told] = await set_current(charging, 20, GARAGE)
    assert (told["amps"], told["limited_by"]) == (12, "circuit")
    await live(world, 10)
    assert charging.value("decision", GARAGE) == "held_by_circuit"


async def test_the_answer_tells_that_a_wall_connector_does_not_answer(
    world: World, garage: Station, charging: Owner
) -> None:
    garage.silence(300)
    await live(world, 120)
    [told] = await set_current(charging, 8, GARAGE)
    assert (told["amps"], told["limited_by"]) == (0, "no_connection")


async def test_two_wall_connectors_are_set_at_once(
    hass: HomeAssistant, world: World, garage: Station, yard: Station, owner: Owner
) -> None:
    for twcid, station in ((GARAGE, garage), (YARD, yard)):
        await owner.set_limit(twcid, 16)
        station.plug(Car(TESLA))
    await live(world, CAR_SECONDS)
    told = await set_current(owner, 7, GARAGE, YARD)
    assert [(one["twcid"], one["amps"]) for one in told] == [("3495", 7), ("6388", 7)]
    await live(world, 30)
    assert owner.number("total_current") == pytest.approx(14, abs=2)


@pytest.mark.parametrize(
    ("amps", "key", "text"),
    [
        (float("nan"), "not_whole_amps", "nan is not a whole number of amps."),
        (5.9, "amps_out_of_range", "takes 0 A or 6 to 32 A, not 5.9 A"),
        (0.4, "amps_out_of_range", "takes 0 A or 6 to 32 A, not 0.4 A"),
        (3, "amps_out_of_range", "takes 0 A or 6 to 32 A, not 3 A"),
        (-6, "amps_out_of_range", "takes 0 A or 6 to 32 A, not -6 A"),
        (33, "amps_out_of_range", "takes 0 A or 6 to 32 A, not 33 A"),
    ],
)
async def test_amps_that_no_wall_connector_can_have_are_refused(
    charging: Owner, amps: float, key: str, text: str
) -> None:
    with pytest.raises(ServiceValidationError) as refused:
        await set_current(charging, amps, GARAGE)
    assert refused.value.translation_key == key
    assert text in said(refused.value)
    assert charging.entry.runtime_data.decider.fixed(GARAGE) is None


@pytest.mark.parametrize(("amps", "fixed"), [(7.9, 7), (32.0, 32), (0.0, 0)])
async def test_a_fraction_is_rounded_down(charging: Owner, amps: float, fixed: int) -> None:
    (told,) = await set_current(charging, amps, GARAGE)
    assert told["asked_amps"] == fixed
    found = charging.entry.runtime_data.decider.fixed(GARAGE)
    assert found is not None
    assert found.amps == fixed


async def test_amps_are_refused_where_a_limit_of_0_stops_the_car(charging: Owner) -> None:
    await charging.choose({"zero_stops": True})
    await charging.set_limit(GARAGE, 0)
    with pytest.raises(ServiceValidationError) as refused:
        await set_current(charging, 8, GARAGE)
    assert "Set a limit of 6 A or more first." in said(refused.value)
    await charging.set_limit(GARAGE, 6)
    assert await set_current(charging, 6, GARAGE)


@pytest.mark.parametrize(
    ("off", "text"),
    [
        ("own_mode", "Wall connector 3495 is in charge mode Off. Choose another charge mode first."),
        ("mode_of_the_bus", "Wall connector 3495 is in charge mode Off. Choose another charge mode first."),
        ("switch", "Charging enabled of Wall connector 3495 is off. Switch it on first."),
    ],
)
async def test_one_that_is_off_refuses_amps_and_says_what_to_do(
    world: World, garage: Station, yard: Station, charging: Owner, off: str, text: str
) -> None:
    await charging.choose({"connectors": {"3495": {"stop_method": "contactor"}}})
    await charging.choose_mode(YARD, "fast")
    if off == "switch":
        await charging.forbid_charging(GARAGE)
    else:
        await charging.choose_mode(GARAGE if off == "own_mode" else None, "off")
    with pytest.raises(ServiceValidationError) as refused:
        await set_current(charging, 10, YARD, GARAGE)
    assert text in said(refused.value)
    assert charging.entry.runtime_data.decider.fixed(GARAGE) is None
    assert charging.entry.runtime_data.decider.fixed(YARD) is None
    await live(world, 30)
    assert charging.value("decision", GARAGE) == "off"


@pytest.mark.once
async def test_whoever_stops_all_need_not_know_which_are_off(world: World, charging: Owner) -> None:
    await charging.choose({"connectors": {"3495": {"stop_method": "contactor"}}})
    await charging.choose_mode(GARAGE, "off")
    [told] = await set_current(charging, 0, GARAGE)
    assert (told["asked_amps"], told["amps"]) == (0, 0)
    await charging.choose_mode(GARAGE, "fast")
    await live(world, CAR_SECONDS)
    assert charging.value("decision", GARAGE) == "at_limit"


def said(error: HomeAssistantError) -> str:
    assert error.translation_key is not None
    text = STRINGS["exceptions"][error.translation_key]["message"]
    return str(text.format(**(error.translation_placeholders or {})))


async def test_if_one_is_no_wall_connector_none_is_set(charging: Owner) -> None:
    with pytest.raises(ServiceValidationError) as refused:
        await set_current(charging, 10, GARAGE, None)
    assert "is no wall connector" in said(refused.value)
    assert charging.entry.runtime_data.decider.fixed(GARAGE) is None


async def test_a_device_of_somebody_else_or_of_nobody_is_refused(
    hass: HomeAssistant, garage: Station, owner: Owner
) -> None:
    other = dr.async_get(hass).async_get_or_create(
        config_entry_id=owner.entry.entry_id, identifiers={("fridge", "1")}, name="Fridge"
    )
    for device, name in ((other.id, "Fridge"), ("gone", "gone")):
        data = {"device_id": device, "amps": 10}
        with pytest.raises(ServiceValidationError) as refused:
            await hass.services.async_call(DOMAIN, "set_current", data, blocking=True)
        assert name in said(refused.value)


async def test_a_bus_that_does_not_run_is_told_by_name(
    hass: HomeAssistant, garage: Station, owner: Owner
) -> None:
    assert await hass.config_entries.async_unload(owner.entry.entry_id)
    with pytest.raises(ServiceValidationError) as refused:
        await set_current(owner, 10, GARAGE)
    assert "3495 is not running" in said(refused.value)


@pytest.mark.parametrize("data", [{"duration": {"minutes": 0}}, {"amps": "many"}, {"without_car": "x"}])
async def test_what_makes_no_sense_is_refused_at_once(charging: Owner, data: dict[str, Any]) -> None:
    call = {"device_id": device_id(charging, GARAGE), "amps": 10, **data}
    with pytest.raises(vol.Invalid):
        await charging.hass.services.async_call(DOMAIN, "set_current", call, blocking=True)


async def test_without_a_recorder_there_is_nothing_to_replay(
    hass: HomeAssistant, garage: Station, owner: Owner
) -> None:
    site = {"measurement": "grid", "grid_power": "sensor.grid", "grid_positive": "import"}
    await owner.choose({"site": site})
    with pytest.raises(HomeAssistantError) as refused:
        await hass.services.async_call(DOMAIN, "replay", {}, blocking=True, return_response=True)
    assert "The recorder is not loaded" in said(refused.value)


def test_every_action_has_words_and_an_icon() -> None:
    actions = yaml.safe_load((PACKAGE / "services.yaml").read_text())
    icons = json.loads((PACKAGE / "icons.json").read_text())["services"]
    assert set(actions) == set(STRINGS["services"]) == set(icons)
    for name, action in actions.items():
        texts = STRINGS["services"][name]
        assert texts["name"]
        assert texts["description"]
        assert set(action["fields"]) == set(texts["fields"])
        assert all(field["name"] and field["description"] for field in texts["fields"].values())


async def test_the_forms_of_the_actions_ask_for_what_the_actions_take(
    hass: HomeAssistant, garage: Station, owner: Owner
) -> None:
    actions = yaml.safe_load((PACKAGE / "services.yaml").read_text())
    registered = hass.services.async_services_for_domain(DOMAIN)
    assert set(registered) == set(actions)
    for name, action in actions.items():
        schema = registered[name].schema
        assert schema is not None
        fields = {str(field): isinstance(field, vol.Required) for field in schema.schema}
        if "target" in action:
            fields = {key: needed for key, needed in fields.items() if key not in cv.ENTITY_SERVICE_FIELDS}
        assert fields == {field: bool(asked.get("required")) for field, asked in action["fields"].items()}
        for asked in action["fields"].values():
            assert selector(asked["selector"])
