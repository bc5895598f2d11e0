"""Decision says what is so: a car that takes nothing, a stop that is none, and what keeps every order from arriving."""

from dataclasses import replace
from itertools import groupby
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.const import CONF_CONNECTORS
from custom_components.tesla_twc.twc.charging.settings import ChargeMode
from custom_components.tesla_twc.twc.protocol.codes import TwcId
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import LEAF, TESLA, ZOE
from custom_components.tesla_twc.twc.simulator.foreign import ForeignController
from custom_components.tesla_twc.twc.simulator.scene import KINDS
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.owner import CAR_SECONDS, GARAGE, YARD, Owner, live, move_in
from tests.integration.test_actions import set_current
from tests.integration.test_repairs import issues, words

pytestmark = pytest.mark.once

OPENS_CONTACTOR = {CONF_CONNECTORS: {str(GARAGE): {"stop_method": "contactor"}}}


STATUS = {
    "car_takes_nothing": "takes_nothing",
    "car_finished": "finished",
    "car_needs_replug": "plug_in_again",
    "full_speed": "charging",
    "at_limit": "charging",
    "no_car": "ready",
    "not_heard": "not_answering",
    "not_connected": "not_connected",
    "other_controller": "other_controller",
    "cannot_stop": "held_at_minimum",
    "stopping": "charging",
}


def why(owner: Owner) -> str:
    decision, status = owner.value("decision", GARAGE), owner.value("status", GARAGE)
    if decision == "cannot_stop" and owner.number("charging_current", GARAGE) >= 9:
        assert status == "charging", "it still goes down to the minimum"
    elif decision in STATUS:
        assert status == STATUS[decision]
    if decision == "off":
        assert status == "off"
    if decision == "waiting_for_car":
        assert status in ("starting", "waiting_for_car")
    return decision


def stop_state(owner: Owner) -> str:
    return str(owner.shown("charging_enabled", GARAGE).attributes["stop_state"])


def told(owner: Owner) -> dict[str, Any]:
    return dict(owner.shown("decision", GARAGE).attributes)


async def let_in(world: World, station: Station, car: Car, seconds: float) -> None:
    station.plug(car)
    await live(world, seconds)


# A car that takes nothing


async def test_a_car_that_has_not_begun_is_waited_for(world: World, garage: Station, owner: Owner) -> None:
    await owner.set_limit(GARAGE, 32)
    garage.plug(Car(ZOE))
    await world.pass_time(4)
    assert garage.connector.drawn_amps < 1
    assert why(owner) == "waiting_for_car"
    await live(world, CAR_SECONDS)
    assert why(owner) == "full_speed"
    assert told(owner)["drawn_current"] > 25


@pytest.mark.parametrize("car", ["full", "asleep", "refuses"])
async def test_a_car_that_never_begins_is_told_of_within_five_minutes(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, car: str
) -> None:
    await owner.set_limit(GARAGE, 32)
    cars = {
        "full": Car(LEAF, charge=1.0),
        "asleep": Car(LEAF.__class__(name="deep sleeper", wakes_after_seconds=None), asleep=True),
        "refuses": Car(LEAF, refuses=True),
    }
    await let_in(world, garage, cars[car], 120)
    assert why(owner) == "waiting_for_car"
    assert issues(hass) == {}, "it may still begin"
    await live(world, 180)
    assert why(owner) == "car_takes_nothing"
    issue = issues(hass)[f"car_takes_nothing_{owner.entry.entry_id}_3495"]
    assert "Wall connector 3495" in words(issue)
    assert not issue.is_fixable
    garage.unplug()
    await live(world, 20)
    assert why(owner) == "no_car"
    assert issues(hass) == {}


@pytest.mark.parametrize(
    ("mode", "told_of"),
    [(ChargeMode.FAST, {"car_takes_nothing"}), (ChargeMode.SOLAR, {"cannot_stop", "not_measured"})],
)
async def test_nobody_is_told_of_a_wall_connector_that_was_deleted_while_nothing_can_be_decided(
    hass: HomeAssistant,
    world: World,
    garage: Station,
    yard: Station,
    owner: Owner,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    mode: ChargeMode,
    told_of: set[str],
) -> None:
    coordinator = owner.entry.runtime_data
    coordinator.owner_settings.set_charge_mode(YARD, mode)
    await let_in(world, yard, Car(LEAF, refuses=True), 320)
    assert {issue.translation_key for issue in issues(hass).values()} == told_of

    def raises(*_: object) -> None:
        raise RuntimeError("nothing can be decided")

    monkeypatch.setattr(coordinator.decider, "decide", raises)
    yard.remove()
    await live(world, 10)
    coordinator.forget(YARD)
    await live(world, 10)
    assert issues(hass) == {}
    assert "An error in showing repairs" not in caplog.text


async def test_a_full_car_has_finished_and_nobody_is_bothered(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    await owner.set_limit(GARAGE, 32)
    await let_in(world, garage, Car(LEAF, charge=0.998), 120)
    await live(world, 300)
    assert garage.connector.car is not None
    assert garage.connector.car.full
    assert why(owner) == "car_finished"
    await live(world, 1800)
    assert why(owner) == "car_finished", "also when it sleeps"
    assert issues(hass) == {}
    assert await hass.config_entries.async_reload(owner.entry.entry_id)
    reasons = set()
    for _ in range(60):
        await world.pass_time(1)
        reasons.add(owner.value("decision", GARAGE))
    assert reasons <= {"unavailable", "unknown", "not_connected", "car_finished"}, "nobody looks at it anew"
    assert why(owner) == "car_finished", "also after a restart"
    garage.unplug()
    await live(world, 30)
    garage.plug(Car(LEAF, charge=0.998, refuses=True))
    await live(world, 60)
    assert why(owner) == "waiting_for_car", "another one is not full"


async def test_a_car_that_gets_full_as_the_integration_is_reloaded_becomes_full(
    world: World, garage: Station, owner: Owner
) -> None:
    await owner.set_limit(GARAGE, 16)
    car = Car(LEAF)
    await let_in(world, garage, car, 120)
    assert why(owner) == "at_limit"
    car.charge = 1.0
    while owner.number("charging_current", GARAGE) >= 1:
        await world.pass_time(1)
    await live(world, 20)
    assert why(owner) == "waiting_for_car", "it may only pause"
    await owner.restart()
    await live(world, 25)
    assert why(owner) == "car_finished"


@pytest.mark.parametrize("away", [40, 90])
async def test_a_contactor_rests_for_a_minute_though_home_assistant_restarts_meanwhile(
    world: World, garage: Station, entry: MockConfigEntry, freezer: FrozenDateTimeFactory, away: int
) -> None:
    owner = await move_in(world.hass, world, entry, OPENS_CONTACTOR)

    async def stay(seconds: int) -> None:
        for _ in range(seconds):
            freezer.tick(1.0)
            await world.pass_time(1)

    garage.plug(Car(ZOE))
    await stay(CAR_SECONDS)
    await owner.forbid_charging(GARAGE)
    while owner.number("charging_current", GARAGE) >= 1:
        await stay(1)
    opened_at = world.clock.time()
    await stay(away)
    await owner.restart()
    await owner.allow_charging(GARAGE)
    while garage.connector.drawn_amps < 1:
        await stay(1)
    # After the start it is listened to for some seconds; the order to close has to be heard, and a car to begin.
    assert 60 - 5 <= world.clock.time() - opened_at <= max(60, away) + 35


async def test_a_tesla_that_wants_to_be_plugged_in_again_is_told_of(
    hass: HomeAssistant, world: World, garage: Station, entry: MockConfigEntry
) -> None:
    owner = await move_in(hass, world, entry, OPENS_CONTACTOR)
    await owner.set_limit(GARAGE, 16)
    await let_in(world, garage, Car(TESLA), CAR_SECONDS)
    assert why(owner) == "at_limit"
    await owner.forbid_charging(GARAGE)
    await live(world, 120)
    assert why(owner) == "off"
    await owner.allow_charging(GARAGE)
    await live(world, 5)
    assert (why(owner), told(owner)["sentence"]) == ("waiting_for_car", "Waiting for the car."), (
        "its rest is over, and the contactor is being closed"
    )
    assert garage.connector.offered_amps == 6
    assert owner.number("offered_current", GARAGE) == 0, (
        "no car is offered anything through an open contactor"
    )
    await live(world, 55)
    assert why(owner) == "waiting_for_car"
    await live(world, 300)
    assert garage.connector.drawn_amps < 1
    assert why(owner) == "car_needs_replug"
    issue = issues(hass)[f"car_needs_replug_{owner.entry.entry_id}_3495"]
    assert "plug" in words(issue)
    await owner.restart()
    await live(world, 240)
    assert why(owner) == "car_needs_replug", "a restart mends no car"
    car = garage.unplug()
    assert car is not None
    await live(world, 20)
    await let_in(world, garage, car, CAR_SECONDS)
    assert why(owner) == "at_limit"
    assert issues(hass) == {}


async def test_a_wall_connector_that_does_not_answer_is_not_at_full_speed(
    world: World, garage: Station, owner: Owner
) -> None:
    await owner.set_limit(GARAGE, 32)
    await let_in(world, garage, Car(ZOE), CAR_SECONDS)
    garage.silence(100)
    await live(world, 40)
    assert why(owner) == "not_heard"
    await live(world, 120)
    assert why(owner) == "full_speed"


# A stop that is none


@pytest.mark.parametrize("way", ["switch", "mode", "mode of the bus", "action"])
async def test_a_wall_connector_that_can_only_hold_says_so_whatever_stopped_it(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, way: str
) -> None:
    await owner.set_limit(GARAGE, 32)
    await let_in(world, garage, Car(ZOE), CAR_SECONDS)
    match way:
        case "switch":
            await owner.forbid_charging(GARAGE)
        case "mode":
            await owner.choose_mode(GARAGE, "off")
        case "mode of the bus":
            await owner.choose_mode(None, "off")
        case _:
            await set_current(owner, 0, GARAGE)
    await live(world, 60)
    assert garage.connector.drawn_amps > 5
    assert why(owner) == "cannot_stop"
    assert told(owner)["current"] == 6
    assert 5 < told(owner)["drawn_current"] < 6.5
    issue = issues(hass)[f"cannot_stop_{owner.entry.entry_id}_3495"]
    assert issue.is_fixable
    garage.unplug()
    await live(world, 60)
    assert why(owner) == ("no_car" if way == "action" else "off")
    assert issues(hass) == {}


async def test_a_car_is_said_to_be_held_at_6_a_once_it_draws_that(
    world: World, garage: Station, owner: Owner
) -> None:
    await owner.set_limit(GARAGE, 32)
    await let_in(world, garage, Car(ZOE), CAR_SECONDS)
    await owner.forbid_charging(GARAGE)
    seen: list[tuple[str, str, str]] = []
    for _ in range(30):
        await world.pass_time(1)
        told_of = why(owner), owner.value("status", GARAGE), stop_state(owner)
        assert (owner.number("charging_current", GARAGE) < 9) or told_of == (
            "cannot_stop",
            "charging",
            "stopping",
        )
        seen.append(told_of)
    assert [one for one, _ in groupby(seen)] == [
        ("cannot_stop", "charging", "stopping"),
        ("cannot_stop", "held_at_minimum", "holding"),
    ]


async def test_a_car_that_draws_nothing_yet_is_not_held_at_the_minimum(
    world: World, garage: Station, owner: Owner
) -> None:
    await owner.forbid_charging(GARAGE)
    garage.plug(Car(ZOE))
    seen: list[str] = []
    for _ in range(30):
        await world.pass_time(1)
        seen.append(stop_state(owner))
        assert seen[-1] != "holding" or owner.number("charging_current", GARAGE) >= 1
    # It begins with the minimum, which every new car gets.
    assert [one for one, _ in groupby(seen)] == ["establishing", "holding"]


async def test_a_full_car_that_is_plugged_in_does_not_start(
    world: World, garage: Station, owner: Owner
) -> None:
    garage.plug(Car(LEAF, charge=1.0))
    for _ in range(60):
        await world.pass_time(1)
        assert owner.value("status", GARAGE) in ("ready", "waiting_for_car")


@pytest.mark.parametrize("kind", ["p1", "p2"])
async def test_nothing_is_waited_for_until_it_is_known_whether_a_car_is_there(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, kind: str
) -> None:
    for twcid in (GARAGE, YARD):
        world.wall_connector(replace(KINDS[kind], serial_number=f"A17A000{twcid}"))
    entry.add_to_hass(hass)
    owner = Owner(hass, entry)
    assert await hass.config_entries.async_setup(entry.entry_id)
    seen = []
    for second in range(60):
        await world.pass_time(1)
        for twcid in (GARAGE, YARD):
            if owner.registered("decision", twcid) is not None:
                shown = tuple(owner.value(key, twcid) for key in ("plugged_in", "status", "decision"))
                seen.append((second, twcid, *shown))
    told = {shown[2:] for shown in seen}
    assert told <= {
        ("unavailable", "unavailable", "unavailable"),
        ("unknown", "unknown", "unknown"),
        ("off", "ready", "no_car_awake" if kind == "p1" else "no_car"),
    }
    for twcid in (GARAGE, YARD):
        first = {shown: second for second, one, shown, *_ in reversed(seen) if one == twcid}
        assert first["off"] <= first.get("unknown", first["off"]) + 4, first


async def test_a_car_that_begins_starts(world: World, hass: HomeAssistant, entry: MockConfigEntry) -> None:
    old = world.wall_connector(replace(KINDS["p1"], serial_number=f"A17A000{GARAGE}"))
    owner = await move_in(hass, world, entry)
    old.plug(Car(ZOE))
    seen = []
    for _ in range(CAR_SECONDS):
        await world.pass_time(1)
        seen.append(owner.value("status", GARAGE))
    assert [status for status, _ in groupby(seen)][-2:] == ["starting", "charging"]


@pytest.mark.parametrize("kind", ["p1", "p2"])
async def test_a_car_that_refuses_begins_once(
    world: World, hass: HomeAssistant, entry: MockConfigEntry, kind: str
) -> None:
    """Its wall connector asks it again and again, and says each time that it begins."""
    station = world.wall_connector(replace(KINDS[kind], serial_number=f"A17A000{GARAGE}"))
    owner = await move_in(hass, world, entry)
    await owner.set_limit(GARAGE, 16)
    station.plug(Car(ZOE, refuses=True))
    for begins in (True, False):
        seen = []
        for _ in range(240):
            await world.pass_time(1)
            seen.append(owner.value("status", GARAGE))
        statuses = [status for status, _ in groupby(seen) if status != "ready"]
        assert statuses.count("starting") == begins, statuses
        assert statuses[-1] == "takes_nothing"
    await set_current(owner, 0, GARAGE)
    await live(world, 30)
    await set_current(owner, 10, GARAGE)
    await live(world, 30)
    assert owner.value("status", GARAGE) == "starting", "it was stopped, and may begin once more"


async def test_a_car_that_is_full_is_held_back_by_nothing(
    world: World, garage: Station, yard: Station, owner: Owner
) -> None:
    for station, twcid, charge in ((garage, GARAGE, 0.995), (yard, YARD, 0.2)):
        await owner.set_limit(twcid, 20)
        station.plug(Car(LEAF, charge=charge))
    await live(world, CAR_SECONDS)
    assert why(owner) == "held_by_circuit"
    ended = False
    for _ in range(400):
        await world.pass_time(1)
        ended = ended or owner.number("charging_current", GARAGE) < 1
        assert not ended or why(owner) in ("waiting_for_car", "car_finished")
    assert why(owner) == "car_finished"


async def test_a_car_at_its_own_limit_is_not_held_back_by_the_circuit(
    world: World, garage: Station, owner: Owner
) -> None:
    await owner.set_limit(GARAGE, 32)
    await owner.set_circuit_limit(24)
    await let_in(world, garage, Car(TESLA), CAR_SECONDS)
    assert (why(owner), garage.connector.offered_amps) == ("car_at_its_limit", 24)


async def test_a_stop_that_succeeds_is_off(world: World, garage: Station, entry: MockConfigEntry) -> None:
    owner = await move_in(world.hass, world, entry, OPENS_CONTACTOR)
    await owner.set_limit(GARAGE, 32)
    await let_in(world, garage, Car(ZOE), CAR_SECONDS)
    await owner.forbid_charging(GARAGE)
    assert why(owner) == "stopping", "current still flows"
    await live(world, 60)
    assert garage.connector.drawn_amps < 1
    assert (why(owner), told(owner)["current"]) == ("off", 0)


async def test_a_car_that_was_held_and_is_then_stopped_was_stopped_silently(
    world: World, garage: Station, owner: Owner
) -> None:
    await owner.set_limit(GARAGE, 16)
    await let_in(world, garage, Car(TESLA), CAR_SECONDS)
    await owner.forbid_charging(GARAGE)
    await live(world, 60)
    assert (why(owner), owner.value("silent_stops", GARAGE)) == ("cannot_stop", "0")
    options = {**owner.entry.options, **OPENS_CONTACTOR}
    world.hass.config_entries.async_update_entry(owner.entry, options=options)
    await live(world, 60)
    assert garage.connector.drawn_amps < 1
    assert (why(owner), owner.value("silent_stops", GARAGE)) == ("off", "1")


async def test_a_car_that_an_action_stops_is_not_switched_off(
    world: World, garage: Station, entry: MockConfigEntry
) -> None:
    owner = await move_in(world.hass, world, entry, OPENS_CONTACTOR)
    await let_in(world, garage, Car(LEAF), CAR_SECONDS)
    await set_current(owner, 0, GARAGE)
    await live(world, 60)
    assert (owner.value("decision", GARAGE), owner.value("status", GARAGE)) == (
        "set_by_action",
        "stopped_by_action",
    )


async def test_a_car_that_is_plugged_in_while_it_is_off_gets_the_minimum_for_a_moment(
    world: World, garage: Station, entry: MockConfigEntry
) -> None:
    owner = await move_in(world.hass, world, entry, OPENS_CONTACTOR)
    await owner.forbid_charging(GARAGE)
    seen = []
    garage.plug(Car(ZOE))
    for _ in range(60):
        await world.pass_time(1)
        seen.append((why(owner), garage.connector.drawn_amps > 2))
    assert ("establishing", True) in seen
    assert ("off", True) not in seen, "current flowed"
    assert [why for why, _ in groupby(why for why, _ in seen)] == ["establishing", "stopping", "off"]


# Everything else that is not as it was meant


async def test_a_limit_of_the_owner_is_no_full_speed(world: World, garage: Station, owner: Owner) -> None:
    await let_in(world, garage, Car(ZOE), CAR_SECONDS)
    assert (why(owner), told(owner)["current"]) == ("at_limit", 6), "nobody has set the limit yet"
    await owner.set_limit(GARAGE, 32)
    await live(world, 20)
    assert why(owner) == "full_speed"
    await owner.set_circuit_limit(20)
    await live(world, 20)
    assert (why(owner), garage.connector.offered_amps) == ("held_by_circuit", 20)
    await owner.set_circuit_limit(32)
    await owner.set_limit(GARAGE, 10)
    await set_current(owner, 16, GARAGE)
    await live(world, 20)
    assert (why(owner), garage.connector.offered_amps) == ("at_limit", 10)


async def test_nobody_is_in_charge_while_another_controller_is(
    world: World, garage: Station, owner: Owner
) -> None:
    await let_in(world, garage, Car(ZOE), CAR_SECONDS)
    other = ForeignController(world.line)
    other.appear()
    for _ in range(15):
        await live(world, 20)
        assert why(owner) == "other_controller"
    other.leave()
    await live(world, 180)
    assert (why(owner), told(owner)["current"]) == ("at_limit", 6)


def shown(owner: Owner) -> set[str]:
    return {owner.value("decision", twcid) for twcid in (GARAGE, YARD)}


async def test_no_car_is_no_turn_to_wait_for(
    hass: HomeAssistant, world: World, garage: Station, yard: Station, entry: MockConfigEntry
) -> None:
    owner = await move_in(hass, world, entry, {"circuit_limit": 10})
    await live(world, 120)
    assert shown(owner) == {"no_car"}, "one that was never offered anything is watched without a turn"
    await let_in(world, garage, Car(ZOE), 300)
    await let_in(world, yard, Car(ZOE), 300)
    assert shown(owner) == {"waiting_for_turn", "at_limit"}


async def test_a_current_of_which_nothing_is_heard_any_more_is_told_no_longer(
    hass: HomeAssistant, world: World, garage: Station, yard: Station, entry: MockConfigEntry
) -> None:
    """One of the cars has to wait for its turn: its wall connector gets no heartbeats."""
    owner = await move_in(hass, world, entry, {"circuit_limit": 16})
    for station in (garage, yard):
        await let_in(world, station, Car(ZOE), 60)
    await owner.set_circuit_limit(10)
    unheard = 0
    for _ in range(120):
        await world.pass_time(1)
        for twcid in (GARAGE, YARD):
            if not owner.available("charging_current", twcid):
                unheard += 1
                assert owner.shown("decision", twcid).attributes["drawn_current"] is None
    assert unheard > 20


async def test_nobody_waits_for_a_turn_before_anything_is_known_of_a_plug(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    everybody = (GARAGE, YARD, TwcId(0x1234))
    for twcid in everybody:
        world.wall_connector(replace(KINDS["p2"], serial_number=f"A17A000{twcid}"))
    entry.add_to_hass(hass)
    owner = Owner(hass, entry)
    hass.config_entries.async_update_entry(entry, options={**entry.options, "circuit_limit": 13})
    assert await hass.config_entries.async_setup(entry.entry_id)
    seen = set()
    for _ in range(60):
        await world.pass_time(1)
        met = [twcid for twcid in everybody if owner.registered("decision", twcid) is not None]
        seen |= {owner.value("decision", twcid) for twcid in met}
    assert "no_car" in seen
    assert seen <= {"unknown", "not_watched", "no_car"}


@pytest.mark.parametrize("mode", ["fast", "solar"])
async def test_nothing_is_claimed_of_a_wall_connector_without_heartbeats(
    hass: HomeAssistant, world: World, garage: Station, yard: Station, entry: MockConfigEntry, mode: str
) -> None:
    owner = await move_in(hass, world, entry, {"circuit_limit": 10})
    await owner.choose_mode(None, mode)
    for station in (garage, yard):
        await let_in(world, station, Car(ZOE), 60)
        station.unplug()
    unheard = set()
    for _ in range(30):
        await live(world, 10)
        for twcid in (GARAGE, YARD):
            if not owner.available("plugged_in", twcid):
                unheard.add(owner.value("decision", twcid))
    assert "no_car" not in unheard
    assert unheard <= {"not_watched", "not_connected", "not_measured"}


async def test_one_that_is_left_alone_because_it_draws_too_much_is_not_connected(
    world: World, garage: Station, owner: Owner
) -> None:
    await owner.set_limit(GARAGE, 10)
    await let_in(world, garage, Car(replace(ZOE, shortfall_amps=-12.0)), 120)
    assert not owner.available("charging_current", GARAGE)
    assert why(owner) == "not_connected"


async def test_one_that_is_gone_does_not_answer_for_as_long_as_it_is_gone(
    world: World, garage: Station, owner: Owner
) -> None:
    garage.remove()
    for _ in range(20):
        await live(world, 30)
        assert why(owner) == "not_heard"


async def test_what_the_owner_sets_is_in_the_attributes_at_once(
    world: World, garage: Station, owner: Owner
) -> None:
    await owner.set_limit(GARAGE, 10)
    await owner.forbid_charging(GARAGE)
    await live(world, 30)
    await owner.set_limit(GARAGE, 12)
    assert told(owner)["current_limit"] == 12
    await owner.choose_mode(GARAGE, "solar_min")
    assert told(owner)["mode"] == "solar_min"
    await owner.set_circuit_limit(20)
    assert told(owner)["circuit_limit"] == 20
    await set_current(owner, 0, GARAGE)
    assert told(owner)["fixed_current"] == 0


# Names


async def test_what_the_owner_calls_a_wall_connector_is_what_it_is_called(
    hass: HomeAssistant,
    world: World,
    garage: Station,
    owner: Owner,
    caplog: pytest.LogCaptureFixture,
) -> None:
    device = owner.device(GARAGE)
    assert device is not None
    dr.async_get(hass).async_update_device(device.id, name_by_user="Carport")
    await let_in(world, garage, Car(LEAF, charge=1.0), 320)
    issue = issues(hass)[f"car_takes_nothing_{owner.entry.entry_id}_3495"]
    assert words(issue).startswith("The car at Carport takes no current\n")
    dr.async_get(hass).async_update_device(device.id, name_by_user="Barn")
    await live(world, 10)
    assert "Barn" in words(issues(hass)[f"car_takes_nothing_{owner.entry.entry_id}_3495"])
    caplog.clear()
    garage.silence(120)
    await live(world, 60)
    assert "Barn no longer answers" in caplog.text


async def test_a_bus_is_named_where_there_are_several(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    await owner.set_limit(GARAGE, 32)
    shed = MockConfigEntry(domain="tesla_twc", title="Shed", disabled_by=ConfigEntryDisabler.USER)
    shed.add_to_hass(hass)
    await let_in(world, garage, Car(LEAF, charge=1.0), 320)
    issue = issues(hass)[f"car_takes_nothing_{owner.entry.entry_id}_3495"]
    title = words(issue).splitlines()[0]
    assert title == "The car at Wall connector 3495 takes no current", "the other one is switched off"
    MockConfigEntry(domain="tesla_twc", title="Barn").add_to_hass(hass)
    await live(world, 10)
    issue = issues(hass)[f"car_takes_nothing_{owner.entry.entry_id}_3495"]
    title = words(issue).splitlines()[0]
    assert title == "The car at Wall connector 3495 takes no current (Wall connectors on ttyTWC)"
    bus = owner.device()
    assert bus is not None
    dr.async_get(hass).async_update_device(bus.id, name_by_user="House")
    await live(world, 10)
    issue = issues(hass)[f"car_takes_nothing_{owner.entry.entry_id}_3495"]
    assert words(issue).splitlines()[0].endswith("(House)")
