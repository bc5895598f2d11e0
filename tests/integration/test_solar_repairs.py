"""What keeps cars from following the sun, said under Repairs and put right there."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.repairs import repairs_flow_manager
from homeassistant.components.repairs.issue_handler import RepairsFlowManager
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.const import DOMAIN
from custom_components.tesla_twc.runtime.connector_input import connector_input
from custom_components.tesla_twc.runtime.owner_settings import OwnerConnectorSettings
from custom_components.tesla_twc.twc.charging.reason import Reason
from custom_components.tesla_twc.twc.charging.settings import ChargeMode
from custom_components.tesla_twc.twc.protocol.codes import ProtocolVersion
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import LEAF, TESLA
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.dialogue_texts import STRINGS, shown_texts
from tests.integration.owner import CAR_SECONDS, GARAGE, Owner, live, move_in
from tests.integration.test_repairs import issues, words

pytestmark = pytest.mark.once

GRID, ROOF, HOUSE = "sensor.grid", "sensor.roof", "sensor.house"
NAMES = {GRID: "Meter", "sensor.export": "Meter", HOUSE: "Consumption", ROOF: "Roof"}
"""Import and export of one meter have the same name."""
ONE_METER = {"measurement": "grid", "grid_power": GRID, "grid_positive": "import"}
TWO_SENSORS = {"measurement": "grid", "grid_import": GRID, "grid_export": "sensor.export"}
CONSUMPTION = {"measurement": "consumption", "consumption_power": HOUSE, "solar_power": [ROOF]}


@pytest.fixture
async def dialogues(hass: HomeAssistant) -> RepairsFlowManager:
    """Set up Repairs, with which Home Assistant always comes."""
    assert await async_setup_component(hass, "repairs", {})
    manager = repairs_flow_manager(hass)
    assert manager is not None
    return manager


def shown(hass: HomeAssistant, owner: Owner, key: str, subject: str = "") -> ir.IssueEntry | None:
    return issues(hass).get(f"{key}_{owner.entry.entry_id}{subject}")


def named(owner: Owner, *keys: str) -> set[str]:
    """Return the ids of issues about the bus as a whole."""
    return {f"{key}_{owner.entry.entry_id}" for key in keys}


def say(hass: HomeAssistant, entity_id: str, watts: float | str) -> None:
    attributes = {"unit_of_measurement": "W", "friendly_name": NAMES.get(entity_id, "Some sensor")}
    hass.states.async_set(entity_id, str(watts), attributes)


async def begin(
    dialogues: RepairsFlowManager, issue: ir.IssueEntry | None, choice: dict[str, Any] | None = None
) -> Any:
    """Open the dialogue of an issue, and make the first choice in it."""
    assert issue is not None
    assert issue.is_fixable
    assert issue.severity is ir.IssueSeverity.WARNING
    title = STRINGS["issues"][issue.translation_key]["title"].format(**(issue.translation_placeholders or {}))
    assert "ttyTWC" not in title, "there is only one bus"
    step = await dialogues.async_init(DOMAIN, context={"issue_id": issue.issue_id})
    return step if choice is None else await answer(dialogues, issue, step, choice)


async def answer(
    dialogues: RepairsFlowManager, issue: ir.IssueEntry | None, step: Any, user_input: dict[str, Any]
) -> Any:
    """Check the words of a step and answer it."""
    assert issue is not None
    texts = STRINGS["issues"][issue.translation_key]["fix_flow"]
    assert shown_texts(texts, step)
    step = await dialogues.async_configure(step["flow_id"], user_input)
    await dialogues.hass.async_block_till_done()
    if step["type"] is not FlowResultType.CREATE_ENTRY:
        assert shown_texts(texts, step)
    return step


def chosen(owner: Owner) -> dict[str, Any]:
    return dict(owner.entry.options["connectors"].get("3495", {}))


async def follow_the_sun(owner: Owner, mode: ChargeMode = ChargeMode.SOLAR) -> None:
    owner.entry.runtime_data.owner_settings.set_charge_mode(GARAGE, mode)
    await owner.hass.async_block_till_done()


async def test_a_wall_connector_that_cannot_stop_is_reported_while_it_shall_follow_the_sun(
    hass: HomeAssistant, garage: Station, owner: Owner
) -> None:
    assert issues(hass) == {}
    await follow_the_sun(owner)
    assert shown(hass, owner, "cannot_stop", "_3495") is not None
    await follow_the_sun(owner, ChargeMode.SOLAR_MIN)
    assert set(issues(hass)) == named(owner, "not_measured"), "and nothing measures the house"


@pytest.mark.parametrize(
    ("choice", "saved"),
    [
        ("hold_at_minimum", {"stop_method": "hold_at_minimum", "accepts_minimum": True}),
        ("contactor", {"stop_method": "contactor"}),
    ],
)
async def test_its_owner_chooses_what_happens_when_the_sun_goes(
    hass: HomeAssistant,
    dialogues: RepairsFlowManager,
    garage: Station,
    owner: Owner,
    choice: str,
    saved: dict[str, Any],
) -> None:
    await owner.choose({"connectors": {"3495": {"maximum_current": 20}, "6388": {"maximum_current": 10}}})
    await follow_the_sun(owner)
    issue = shown(hass, owner, "cannot_stop", "_3495")
    step = await begin(dialogues, issue, {"next_step_id": choice})
    assert step["type"] is FlowResultType.CREATE_ENTRY
    assert set(issues(hass)) == named(owner, "not_measured")
    assert chosen(owner) == {"maximum_current": 20, **saved}
    assert owner.entry.options["connectors"]["6388"] == {"maximum_current": 10}


async def test_until_its_owner_answers_the_sun_does_not_raise_it_above_the_minimum(
    hass: HomeAssistant, world: World, dialogues: RepairsFlowManager, garage: Station, entry: MockConfigEntry
) -> None:
    say(hass, GRID, -5000)
    # It tells the same export whatever the car draws: there is room for all that the car may have.
    site = {**ONE_METER, "meter_contains_connectors": False}
    owner = await move_in(hass, world, entry, {"site": site, "phases": 1})
    await owner.set_limit(GARAGE, 16)
    garage.plug(Car(LEAF))
    await follow_the_sun(owner)

    async def shine() -> float:
        highest = 0.0
        for second in range(60):
            say(hass, GRID, -5000 - second)
            await live(world, 10)
            highest = max(highest, garage.connector.offered_amps)
        return highest

    assert await shine() == 6
    assert owner.value("decision", GARAGE) == "holding_cannot_stop"
    issue = shown(hass, owner, "cannot_stop", "_3495")
    await begin(dialogues, issue, {"next_step_id": "hold_at_minimum"})
    assert await shine() == 16
    assert owner.value("decision", GARAGE) == "following_surplus"


async def test_only_the_sun_alone_and_only_where_nothing_was_chosen_needs_consent(
    garage: Station, owner: Owner
) -> None:
    facts = owner.entry.runtime_data.latest().connectors[GARAGE]

    def awaits(
        mode: ChargeMode = ChargeMode.SOLAR,
        version: ProtocolVersion | None = ProtocolVersion.P2,
        **choices: Any,
    ) -> bool:
        return connector_input(
            replace(facts, version=version),
            OwnerConnectorSettings(),
            choices,
            mode=mode,
            limit_amps=16,
            car_minimum_amps=None,
            fixed_amps=None,
        ).awaits_consent

    assert awaits()
    assert awaits(stop_method="hold_at_minimum", accepts_minimum=False)
    assert not awaits(accepts_minimum=True)
    assert not awaits(stop_method="contactor")
    assert not awaits(stop_method="car_switch"), "a switch that cannot be reached for a moment was chosen"
    assert not awaits(version=ProtocolVersion.P1)
    assert [mode for mode in ChargeMode if awaits(mode)] == [ChargeMode.SOLAR]


async def test_its_owner_names_the_switch_of_the_car(
    hass: HomeAssistant, dialogues: RepairsFlowManager, garage: Station, owner: Owner
) -> None:
    hass.states.async_set("switch.model_3_charge", "off")
    await follow_the_sun(owner)
    issue = shown(hass, owner, "cannot_stop", "_3495")
    step = await begin(dialogues, issue, {"next_step_id": "car_switch"})
    step = await answer(dialogues, issue, step, {"car_switch": "switch.model_s_charge"})
    assert step["errors"] == {"car_switch": "no_such_entity"}
    assert shown(hass, owner, "cannot_stop", "_3495") is not None
    step = await answer(dialogues, issue, step, {"car_switch": "switch.model_3_charge"})
    assert step["type"] is FlowResultType.CREATE_ENTRY
    assert chosen(owner) == {"stop_method": "car_switch"}
    (car,) = owner.entry.subentries.values()
    assert car.title == "Car at Wall connector 3495"
    assert car.data == {"car_switch": "switch.model_3_charge", "default_at": [str(GARAGE)]}
    assert set(issues(hass)) == named(owner, "not_measured")


async def test_a_battery_of_which_only_the_charge_is_known_is_told_of_while_a_car_follows_the_sun(
    hass: HomeAssistant, world: World, garage: Station, entry: MockConfigEntry
) -> None:
    say(hass, GRID, -3000)
    hass.states.async_set("sensor.soc", "80", {"unit_of_measurement": "%"})
    charge_only = {**ONE_METER, "battery_soc": "sensor.soc"}
    owner = await move_in(hass, world, entry, {"site": charge_only})
    assert shown(hass, owner, "unseen_battery") is None, "no car follows the sun"
    await follow_the_sun(owner)
    issue = shown(hass, owner, "unseen_battery")
    assert issue is not None
    assert "The state of charge of your house battery is chosen (soc)" in words(issue)
    say(hass, "sensor.power", 0)
    await owner.choose(
        {"site": {**charge_only, "battery_power": "sensor.power", "battery_positive": "charging"}}
    )
    assert shown(hass, owner, "unseen_battery") is None


async def pass_minutes(world: World, freezer: FrozenDateTimeFactory, minutes: float) -> None:
    """Let time pass on the bus and on the wall."""
    for _ in range(round(minutes * 6)):
        freezer.tick(timedelta(seconds=10))
        await live(world, 10)


async def test_a_silent_meter_is_reported_after_a_quarter_of_an_hour_until_it_is_back(
    hass: HomeAssistant, world: World, freezer: FrozenDateTimeFactory, garage: Station, owner: Owner
) -> None:
    hass.config.latitude, hass.config.longitude = 0.0, 0.0
    freezer.move_to("2026-06-21 12:00:00+00:00")
    await owner.choose({"site": ONE_METER})
    for _ in range(12):
        say(hass, GRID, -3000)
        await pass_minutes(world, freezer, 1 / 6)
    say(hass, GRID, "unavailable")
    await pass_minutes(world, freezer, 10)
    assert shown(hass, owner, "stale_input") is None
    await pass_minutes(world, freezer, 10)
    issue = shown(hass, owner, "stale_input")
    assert issue is not None
    assert not issue.is_fixable
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["sensors"] == "Meter"
    assert issue.translation_placeholders["since"].startswith("2026-06-21 05:0")
    texts = STRINGS["issues"]["stale_input"]
    assert "come from Meter since" in texts["description"].format(**issue.translation_placeholders)
    say(hass, GRID, -2500)
    await pass_minutes(world, freezer, 1 / 6)
    assert issues(hass) == {}


async def test_import_and_export_at_once_are_told_of_and_nobody_charges_by_them(
    hass: HomeAssistant, world: World, freezer: FrozenDateTimeFactory, garage: Station, owner: Owner
) -> None:
    hass.config.latitude, hass.config.longitude = 0.0, 0.0
    freezer.move_to("2026-06-21 12:00:00+00:00")
    await owner.choose({"site": TWO_SENSORS})

    async def pass_minutes_with(taken: float, given: float, minutes: float) -> None:
        for _ in range(round(minutes * 6)):
            say(hass, GRID, taken)
            say(hass, "sensor.export", given)
            await pass_minutes(world, freezer, 1 / 6)

    await pass_minutes_with(0, 3000, 2)
    assert owner.shown("input_state").attributes["gaps"] == {}
    await pass_minutes_with(2000, 3000, 10)
    assert owner.value("input_state") == "minimum"
    assert owner.shown("input_state").attributes["gaps"] == {"grid": "contradictory"}
    assert issues(hass) == {}
    await pass_minutes_with(2000, 3000, 10)
    issue = shown(hass, owner, "both_ways")
    assert issue is not None
    assert not issue.is_fixable
    assert issue.translation_placeholders is not None
    texts = STRINGS["issues"]["both_ways"]
    said = (texts["title"] + texts["description"]).format(**issue.translation_placeholders)
    assert f"Meter ({GRID}), Meter (sensor.export) have told" in said
    assert set(issues(hass)) == {issue.issue_id}
    await pass_minutes_with(0, 3000, 1)
    assert issues(hass) == {}
    assert owner.value("input_state") == "fresh"


async def test_a_battery_that_charges_and_gives_at_once_is_told_of(
    hass: HomeAssistant, world: World, freezer: FrozenDateTimeFactory, garage: Station, owner: Owner
) -> None:
    hass.config.latitude, hass.config.longitude = 0.0, 0.0
    freezer.move_to("2026-06-21 12:00:00+00:00")
    battery = {"battery_charge": "sensor.charge", "battery_discharge": "sensor.discharge"}
    await owner.choose({"site": {**ONE_METER, **battery}})
    for charge, gives in ((0, 12), (700, 120)):
        for _ in range(gives):
            say(hass, GRID, -3000)
            say(hass, "sensor.charge", charge)
            say(hass, "sensor.discharge", 900)
            await pass_minutes(world, freezer, 1 / 6)
        assert bool(shown(hass, owner, "both_ways")) is bool(charge)
    issue = shown(hass, owner, "both_ways")
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert "(sensor.charge), Some sensor (sensor.discharge)" in issue.translation_placeholders["sensors"]


async def test_a_meter_that_sleeps_at_night_is_no_fault(
    hass: HomeAssistant, world: World, freezer: FrozenDateTimeFactory, garage: Station, owner: Owner
) -> None:
    hass.config.latitude, hass.config.longitude = 0.0, 0.0
    freezer.move_to("2026-06-21 23:00:00+00:00")
    say(hass, GRID, "unavailable")
    await owner.choose({"site": ONE_METER})
    await pass_minutes(world, freezer, 60)
    assert owner.entry.runtime_data.decision.input_state == "night"
    assert issues(hass) == {}


async def move_the_car(
    hass: HomeAssistant,
    world: World,
    owner: Owner,
    garage: Station,
    meter: Callable[[float], dict[str, float]],
) -> None:
    """Let the owner check a meter that tells ``meter(W of the car)`` every two seconds."""
    await owner.set_limit(GARAGE, 16)
    garage.plug(Car(TESLA))

    async def pass_seconds(seconds: float) -> None:
        for _ in range(round(seconds / 2)):
            world.clock.advance(2)
            for entity_id, watts in meter(owner.entry.runtime_data.latest().total_watts).items():
                say(hass, entity_id, watts)
            await hass.async_block_till_done()

    await pass_seconds(CAR_SECONDS + 60)
    owner.entry.runtime_data.house.check_meter()
    assert owner.entry.runtime_data.decision.connectors[GARAGE].reason is Reason.TESTING_METER
    await pass_seconds(300)


@pytest.mark.parametrize(
    ("site", "answers", "key", "put_right"),
    [
        (ONE_METER, lambda watts: 400 - watts, "meter_inverted", {"grid_positive": "export"}),
        (
            {**ONE_METER, "grid_positive": "export"},
            lambda watts: 400 + watts,
            "meter_inverted",
            {"grid_positive": "import"},
        ),
        (ONE_METER, lambda watts: 400, "meter_not_contained", {"meter_contains_connectors": False}),
        (
            {**ONE_METER, "meter_contains_connectors": False},
            lambda watts: 400 + watts,
            "meter_contained",
            {"meter_contains_connectors": True},
        ),
    ],
    ids=["export is positive", "import is positive", "does not see the car", "sees the car"],
)
async def test_a_meter_that_answers_otherwise_than_its_options_say_is_put_right(
    hass: HomeAssistant,
    world: World,
    dialogues: RepairsFlowManager,
    garage: Station,
    owner: Owner,
    site: dict[str, Any],
    answers: Callable[[float], float],
    key: str,
    put_right: dict[str, Any],
) -> None:
    await owner.choose({"site": site})
    await move_the_car(hass, world, owner, garage, lambda watts: {GRID: answers(watts)})
    issue = shown(hass, owner, key)
    step = await begin(dialogues, issue)
    assert step["description_placeholders"]["sensor"] == "Meter"
    assert owner.entry.options["site"] == site
    step = await answer(dialogues, issue, step, {})
    assert step["type"] is FlowResultType.CREATE_ENTRY
    assert owner.entry.options["site"] == {**site, **put_right}
    assert issues(hass) == {}
    assert owner.entry.runtime_data.house.meter.verdict == "unknown"


async def test_a_meter_that_answers_as_its_options_say_is_no_fault(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    await owner.choose({"site": ONE_METER})
    await move_the_car(hass, world, owner, garage, lambda watts: {GRID: 400 + watts})
    assert owner.entry.runtime_data.house.meter.verdict == "contained"
    assert issues(hass) == {}


@pytest.mark.parametrize(
    ("site", "meter", "named"),
    [
        (
            TWO_SENSORS,
            lambda watts: {GRID: max(0, 9000 - watts), "sensor.export": max(0, watts - 9000)},
            [f"Meter ({GRID})", "Meter (sensor.export)"],
        ),
        (CONSUMPTION, lambda watts: {HOUSE: 12000 - watts, ROOF: 2000}, ["Consumption"]),
    ],
    ids=["two sensors", "consumption"],
)
async def test_a_meter_whose_sign_cannot_be_turned_round_is_named(
    hass: HomeAssistant,
    world: World,
    garage: Station,
    owner: Owner,
    site: dict[str, Any],
    meter: Callable[[float], dict[str, float]],
    named: list[str],
) -> None:
    await owner.choose({"site": site})
    await move_the_car(hass, world, owner, garage, meter)
    issue = shown(hass, owner, "meter_inverted_sensors")
    assert issue is not None
    assert not issue.is_fixable
    assert issue.translation_placeholders is not None
    texts = STRINGS["issues"]["meter_inverted_sensors"]
    assert ", ".join(named) in texts["description"].format(**issue.translation_placeholders)
    await owner.choose({"site": ONE_METER})
    assert issues(hass) == {}


@pytest.mark.parametrize(
    ("site", "told"),
    [
        (ONE_METER, "about 300 W more"),
        ({**ONE_METER, "meter_contains_connectors": False}, "about 300 W more"),
    ],
    ids=["sees the car", "does not see the car"],
)
async def test_a_meter_on_one_phase_of_three_is_told_of_in_words_whatever_the_options_say(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, site: dict[str, Any], told: str
) -> None:
    await owner.choose({"site": site})
    await move_the_car(hass, world, owner, garage, lambda watts: {GRID: 400 + watts / 3})
    assert owner.entry.runtime_data.house.meter.verdict == "odd"
    issue = shown(hass, owner, "meter_odd")
    assert issue is not None
    assert not issue.is_fixable
    assert issue.translation_placeholders is not None
    texts = STRINGS["issues"]["meter_odd"]
    said = (texts["title"] + texts["description"]).format(**issue.translation_placeholders)
    assert "Meter told of about" in said
    assert told in said
    await owner.choose({"site": {**site, "grid_power": "sensor.all_phases"}})
    assert issues(hass) == {}


async def test_a_sign_that_was_turned_by_hand_meanwhile_is_not_turned_back(
    hass: HomeAssistant, world: World, dialogues: RepairsFlowManager, garage: Station, owner: Owner
) -> None:
    await owner.choose({"site": ONE_METER})
    await move_the_car(hass, world, owner, garage, lambda watts: {GRID: 400 - watts})
    issue = shown(hass, owner, "meter_inverted")
    step = await begin(dialogues, issue)
    by_hand = {**ONE_METER, "grid_positive": "export"}
    await owner.choose({"site": by_hand})
    step = await answer(dialogues, issue, step, {})
    assert (step["type"], step["reason"]) == (FlowResultType.ABORT, "already_fixed")
    assert owner.entry.options["site"] == by_hand


async def test_what_can_be_fixed_is_gone_with_the_bus(
    hass: HomeAssistant, garage: Station, owner: Owner
) -> None:
    await follow_the_sun(owner)
    assert issues(hass)
    assert await hass.config_entries.async_unload(owner.entry.entry_id)
    assert issues(hass) == {}


# Nothing measures the house


async def test_the_sun_without_sensors_leads_to_the_sensors(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, dialogues: RepairsFlowManager
) -> None:
    say(hass, GRID, -3000)
    assert shown(hass, owner, "not_measured") is None
    await follow_the_sun(owner)
    await live(world, 10)
    issue = shown(hass, owner, "not_measured")
    step = await begin(dialogues, issue)
    assert "Wall connector 3495" in step["description_placeholders"]["names"]
    end = await dialogues.async_configure(step["flow_id"], {})
    assert (end["type"], end["reason"]) == (FlowResultType.ABORT, "goes_on")
    kind, flow_id = end["next_flow"]
    assert kind == "options_flow"
    assert shown(hass, owner, "not_measured") is not None, "until it is measured"
    [flow] = hass.config_entries.options.async_progress()
    assert (flow["flow_id"], flow["step_id"]) == (flow_id, "site_method")
    # A page that does not go on with that dialogue begins one of its own, and is led to the same place.
    other = await hass.config_entries.options.async_init(owner.entry.entry_id)
    assert other["step_id"] == "site_method"
    assert [flow["flow_id"] for flow in hass.config_entries.options.async_progress()] == [other["flow_id"]]
    again = await hass.config_entries.options.async_init(owner.entry.entry_id)
    assert again["type"] is FlowResultType.MENU, "once is enough"
    await owner.choose({"site": ONE_METER})
    await live(world, 10)
    assert shown(hass, owner, "not_measured") is None


async def test_a_repair_that_is_over_leads_nowhere(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, dialogues: RepairsFlowManager
) -> None:
    say(hass, GRID, -3000)
    await follow_the_sun(owner)
    await live(world, 10)
    step = await begin(dialogues, shown(hass, owner, "not_measured"))
    await owner.choose({"site": ONE_METER})
    await live(world, 10)
    end = await dialogues.async_configure(step["flow_id"], {})
    assert (end["type"], end["reason"]) == (FlowResultType.ABORT, "already_fixed")


async def test_a_dialogue_that_a_repair_began_leads_nobody_once_it_is_over(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, dialogues: RepairsFlowManager
) -> None:
    say(hass, GRID, -3000)
    await follow_the_sun(owner)
    await live(world, 10)
    step = await begin(dialogues, shown(hass, owner, "not_measured"))
    end = await dialogues.async_configure(step["flow_id"], {})
    assert end["reason"] == "goes_on"
    await follow_the_sun(owner, ChargeMode.FAST)
    await live(world, 10)
    page = await hass.config_entries.options.async_init(owner.entry.entry_id)
    assert (page["type"], page["step_id"]) == (FlowResultType.MENU, "init")
    assert [flow["flow_id"] for flow in hass.config_entries.options.async_progress()] == [page["flow_id"]]
