"""From an entity to the wire and back: limits, sharing and stops on real bytes."""

from dataclasses import replace
from itertools import pairwise

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.const import (
    CONF_CIRCUIT_LIMIT,
    CONF_CONNECTORS,
    CONF_MAXIMUM_CURRENT,
    CONF_ROTATION_MINUTES,
    CONF_STOP_METHOD,
    CONF_ZERO_STOPS,
)
from custom_components.tesla_twc.twc.protocol.codes import TwcId
from custom_components.tesla_twc.twc.protocol.messages import ContactorCommand, ControllerHeartbeat
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import LEAF, TESLA, ZOE
from custom_components.tesla_twc.twc.simulator.station import Station
from custom_components.tesla_twc.twc.simulator.tools.monitor import BusMonitor
from custom_components.tesla_twc.twc.simulator.unit import Habits, Unit, old_unit
from tests.integration.conftest import World
from tests.integration.owner import CAR_SECONDS, GARAGE, YARD, Owner, live, move_in

pytestmark = pytest.mark.once


@pytest.fixture
def monitor(world: World) -> BusMonitor:
    """Watch the wire, not the code."""
    return BusMonitor(world.line, circuit_limit_amps=32)


def heartbeats_to(monitor: BusMonitor, twcid: TwcId) -> list[ControllerHeartbeat]:
    """Return every heartbeat that one wall connector was sent."""
    return [
        heartbeat
        for heartbeat in monitor.messages(ControllerHeartbeat)
        if isinstance(heartbeat, ControllerHeartbeat) and heartbeat.receiver == twcid
    ]


async def test_a_wall_connector_nobody_has_set_yet_gives_the_minimum(
    world: World, garage: Station, owner: Owner
) -> None:
    garage.plug(Car(TESLA))
    await world.pass_time(CAR_SECONDS)
    assert owner.value("current_limit", GARAGE) == "6"
    assert owner.number("offered_current", GARAGE) == 6
    assert garage.connector.drawn_amps == pytest.approx(5.2)


async def test_a_limit_is_on_the_wire_within_two_heartbeats_and_the_car_follows(
    world: World, garage: Station, monitor: BusMonitor, owner: Owner
) -> None:
    garage.plug(Car(TESLA))
    await world.pass_time(CAR_SECONDS)
    sent_before = len(heartbeats_to(monitor, GARAGE))
    await owner.set_limit(GARAGE, 13)
    await world.pass_time(2.1)
    assert 13 in [heartbeat.amps for heartbeat in heartbeats_to(monitor, GARAGE)[sent_before:][:2]]
    assert owner.number("offered_current", GARAGE) == 13
    await world.pass_time(25)
    assert owner.number("charging_current", GARAGE) == pytest.approx(12.2, abs=0.2)
    assert owner.number("charging_power", GARAGE) == pytest.approx(12.2 * 3 * 230, rel=0.02)
    assert monitor.violations == []


async def test_offered_current_shows_what_was_accepted_and_not_what_was_sent(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, monitor: BusMonitor
) -> None:
    world.wall_connector(Unit(serial_number="A17A0003495", habits=Habits(ignores_limits=True)))
    owner = await move_in(hass, world, entry)
    await owner.set_limit(GARAGE, 16)
    await world.pass_time(CAR_SECONDS)
    assert heartbeats_to(monitor, GARAGE)[-1].amps == 16
    assert owner.value("current_limit", GARAGE) == "16"
    assert owner.number("offered_current", GARAGE) == 0
    assert owner.value("problem", GARAGE) == "on"
    assert owner.shown("problem", GARAGE).attributes["problem"] == "not_accepting"


@pytest.mark.parametrize("amps", [5, 33, -1, float("inf")])
async def test_a_limit_out_of_range_is_refused_with_words(garage: Station, owner: Owner, amps: float) -> None:
    with pytest.raises(ServiceValidationError) as refusal:
        await owner.set_limit(GARAGE, amps)
    assert refusal.value.translation_key == "out_of_range"
    assert owner.value("current_limit", GARAGE) == "6"


async def test_a_limit_that_is_no_number_is_refused_with_words(garage: Station, owner: Owner) -> None:
    for set_limit in (lambda amps: owner.set_limit(GARAGE, amps), owner.set_circuit_limit):
        with pytest.raises(ServiceValidationError, match="is not a whole number of amps"):
            await set_limit(float("nan"))
    assert owner.value("current_limit", GARAGE) == "6"
    assert owner.value("circuit_limit") == "32"


@pytest.mark.parametrize(("amps", "limit"), [(12.5, "12"), (6.9, "6"), (31.99, "31")])
async def test_a_fraction_is_rounded_down_and_leaves_no_higher_limit_in_force(
    garage: Station, owner: Owner, amps: float, limit: str
) -> None:
    await owner.set_limit(GARAGE, 32)
    await owner.set_limit(GARAGE, amps)
    await owner.set_circuit_limit(amps)
    assert owner.value("current_limit", GARAGE) == owner.value("circuit_limit") == limit


@pytest.mark.parametrize("unit", [Unit(), old_unit("A16K0003495")], ids=["P2", "P1"])
async def test_a_limit_of_0_stops_a_car_where_its_owner_said_so(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, unit: Unit
) -> None:
    station = world.wall_connector(unit)
    choices = {str(GARAGE): {CONF_STOP_METHOD: "contactor"}}
    owner = await move_in(hass, world, entry, {CONF_CONNECTORS: choices, CONF_ZERO_STOPS: True})
    await owner.set_limit(GARAGE, 16)
    car = Car(ZOE)
    station.plug(car)
    await world.pass_time(CAR_SECONDS)
    assert car.amps > 14
    for nothing in (0, 3.5):
        await owner.set_limit(GARAGE, nothing)
        await live(world, 240)
        assert car.amps == 0
        assert owner.value("current_limit", GARAGE) == "0"
        assert owner.shown("current_limit", GARAGE).attributes["min"] == 0
        assert owner.value("charging_enabled", GARAGE) == "on", "that is the owner's own switch"
    await owner.restart()
    await live(world, 240)
    assert (car.amps, owner.value("current_limit", GARAGE)) == (0, "0")
    await owner.set_limit(GARAGE, 10)
    await live(world, 240)
    assert car.amps == pytest.approx(9.4, abs=0.2)


async def test_a_limit_of_0_is_refused_where_its_owner_said_nothing_and_means_nothing_afterwards(
    garage: Station, owner: Owner
) -> None:
    await owner.set_limit(GARAGE, 16)
    with pytest.raises(ServiceValidationError):
        await owner.set_limit(GARAGE, 0)
    assert owner.value("current_limit", GARAGE) == "16"
    await owner.choose({CONF_ZERO_STOPS: True})
    await owner.set_limit(GARAGE, 0)
    await owner.choose({CONF_ZERO_STOPS: False})
    assert owner.value("current_limit", GARAGE) == "16"
    assert owner.shown("current_limit", GARAGE).attributes["min"] == 6


async def test_an_automation_that_sets_another_limit_every_second_raises_six_times_a_minute(
    world: World, garage: Station, monitor: BusMonitor, owner: Owner
) -> None:
    garage.plug(Car(ZOE))
    await world.pass_time(CAR_SECONDS)
    before = len(heartbeats_to(monitor, GARAGE))
    for second in range(120):
        limit = 6 + second * 7 % 20
        await owner.set_limit(GARAGE, limit)
        await world.pass_time(1)
        assert garage.connector.offered_amps <= limit
    sent = heartbeats_to(monitor, GARAGE)[before:]
    offered = [heartbeat.amps for heartbeat in sent if heartbeat.operation.carries_amps]
    assert 8 <= sum(later > earlier for earlier, later in pairwise(offered)) <= 13


async def test_the_cable_of_one_wall_connector_limits_what_can_be_set(
    hass: HomeAssistant, world: World, garage: Station, entry: MockConfigEntry
) -> None:
    choices = {CONF_CONNECTORS: {str(GARAGE): {CONF_MAXIMUM_CURRENT: 16}}}
    owner = await move_in(hass, world, entry, choices)
    assert owner.shown("current_limit", GARAGE).attributes["max"] == 16
    with pytest.raises(ServiceValidationError):
        await owner.set_limit(GARAGE, 17)
    await owner.set_limit(GARAGE, 16)


async def test_a_limit_is_bent_by_new_options_and_comes_back_with_the_old_ones(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    await owner.set_limit(GARAGE, 20)
    await owner.choose({CONF_CIRCUIT_LIMIT: 16})
    assert owner.value("current_limit", GARAGE) == "16"
    assert owner.shown("current_limit", GARAGE).attributes["max"] == 16
    assert owner.value("circuit_limit") == "16"
    await owner.choose({CONF_CIRCUIT_LIMIT: 32})
    assert owner.value("current_limit", GARAGE) == "20"
    assert owner.value("circuit_limit") == "32"


async def test_two_cars_share_the_circuit_and_never_exceed_it(
    world: World, garage: Station, yard: Station, monitor: BusMonitor, owner: Owner
) -> None:
    for twcid in (GARAGE, YARD):
        await owner.set_limit(twcid, 32)
    garage.plug(Car(ZOE))
    await world.pass_time(CAR_SECONDS)
    assert owner.number("offered_current", GARAGE) > 16
    yard.plug(Car(ZOE))
    await world.pass_time(60)
    assert owner.number("offered_current", GARAGE) == owner.number("offered_current", YARD) == 16
    assert owner.number("total_current") == pytest.approx(2 * 15.4, abs=0.4)
    assert owner.number("total_power") == pytest.approx(2 * 15.4 * 690, rel=0.02)
    garage.unplug()
    await world.pass_time(60)
    assert owner.number("offered_current", YARD) > 16
    assert monitor.violations == []
    assert monitor.peak_drawn_amps <= 32


async def test_what_a_car_does_not_use_of_the_circuit_goes_to_the_other_one(
    world: World, garage: Station, yard: Station, monitor: BusMonitor, owner: Owner
) -> None:
    def offered() -> tuple[float, float]:
        return owner.number("offered_current", GARAGE), owner.number("offered_current", YARD)

    for twcid in (GARAGE, YARD):
        await owner.set_limit(twcid, 32)
    small = Car(replace(ZOE, maximum_amps=10.0))
    garage.plug(small)
    yard.plug(Car(ZOE))
    await world.pass_time(CAR_SECONDS)
    assert offered() == (16, 16), "it may still rise"
    await world.pass_time(120)
    assert offered() == (12, 20)
    assert owner.number("total_current") == pytest.approx(10 + 19.4, abs=0.4)
    small.model = ZOE
    await world.pass_time(60)
    assert offered() == (16, 16), "it uses more than it did"
    yard.unplug()
    await world.pass_time(60)
    assert offered()[0] > 20
    assert monitor.violations == []
    assert monitor.peak_drawn_amps <= 32


async def test_the_circuit_limit_can_be_lowered_and_raised_back_but_never_above_the_configured_one(
    world: World, garage: Station, monitor: BusMonitor, owner: Owner
) -> None:
    await owner.set_limit(GARAGE, 32)
    garage.plug(Car(ZOE))
    await world.pass_time(CAR_SECONDS)
    await owner.set_circuit_limit(10)
    await world.pass_time(20)
    assert owner.value("circuit_limit") == "10"
    assert owner.number("offered_current", GARAGE) == 10
    assert garage.connector.drawn_amps == pytest.approx(9.4)
    assert owner.value("current_limit", GARAGE) == "32"
    await owner.set_circuit_limit(32)
    await world.pass_time(20)
    assert owner.number("offered_current", GARAGE) == 32
    for amps in (33, 5):
        with pytest.raises(ServiceValidationError):
            await owner.set_circuit_limit(amps)
    assert monitor.violations == []


async def test_cars_take_turns_where_the_circuit_cannot_carry_the_minimum_for_both(
    hass: HomeAssistant, world: World, garage: Station, yard: Station, entry: MockConfigEntry
) -> None:
    owner = await move_in(hass, world, entry, {CONF_CIRCUIT_LIMIT: 10, CONF_ROTATION_MINUTES: 5})
    stations = (garage, yard)
    for twcid, station in zip((GARAGE, YARD), stations, strict=True):
        await owner.set_limit(twcid, 10)
        station.plug(Car(ZOE))
    monitor = BusMonitor(world.line, circuit_limit_amps=10)
    await live(world, 120)
    first = [station for station in stations if station.connector.drawn_amps > 5]
    assert len(first) == 1
    await live(world, 420)
    second = [station for station in stations if station.connector.drawn_amps > 5]
    assert len(second) == 1
    assert second != first
    assert monitor.violations == []


async def test_a_wall_connector_that_waits_for_its_turn_says_so_and_shows_no_old_readings(
    hass: HomeAssistant, world: World, garage: Station, yard: Station, entry: MockConfigEntry
) -> None:
    owner = await move_in(hass, world, entry)
    for twcid, station in ((GARAGE, garage), (YARD, yard)):
        await owner.set_limit(twcid, 10)
        station.plug(Car(ZOE))
    await world.pass_time(CAR_SECONDS)
    await owner.set_circuit_limit(10)
    await live(world, 120)
    waiting = YARD if garage.connector.drawn_amps > 5 else GARAGE
    charging = GARAGE if waiting == YARD else YARD
    for key in ("charging_current", "charging_power", "state", "plugged_in"):
        assert not owner.available(key, waiting)
        assert owner.available(key, charging)
    switch = owner.shown("charging_enabled", waiting)
    assert (switch.state, switch.attributes["stop_state"]) == ("on", "waiting")
    assert owner.value("current_limit", waiting) == "10"
    assert owner.shown("charging_enabled", charging).attributes["stop_state"] == "none"
    await owner.forbid_charging(waiting)
    await world.pass_time(10)
    switch = owner.shown("charging_enabled", waiting)
    assert (switch.state, switch.attributes["stop_state"]) == ("off", "stopped"), "it waits for nothing"
    assert (owner.value("status", waiting), owner.value("decision", waiting)) == ("off", "off")


async def test_a_car_that_waits_for_amps_that_nobody_draws_is_told_for_whom_they_are_kept(
    world: World, garage: Station, yard: Station, entry: MockConfigEntry
) -> None:
    """One that was switched off gives its place away, and draws on as long as nobody can know better."""
    owner = await move_in(world.hass, world, entry)
    for twcid, station in ((GARAGE, garage), (YARD, yard)):
        await owner.set_limit(twcid, 10)
        station.plug(Car(ZOE))
    await world.pass_time(CAR_SECONDS)
    await owner.set_circuit_limit(10)
    await live(world, 120)
    waiting, charging = (YARD, GARAGE) if garage.connector.drawn_amps > 5 else (GARAGE, YARD)
    await owner.forbid_charging(charging)
    await world.pass_time(35)
    assert garage.connector.drawn_amps + yard.connector.drawn_amps < 1
    shown = owner.shown("decision", waiting).attributes
    told = f"kept for Wall connector {charging}; nothing is heard from there. They become free within 1 min."
    assert shown["sentence"].endswith(told)
    assert (shown["kept_for"], shown["kept_amps"]) == (str(charging), 10)
    assert shown["kept_left"] <= 60
    await world.pass_time(60)
    assert "kept_for" not in owner.shown("decision", waiting).attributes


async def test_a_car_that_comes_to_a_place_nobody_watches_is_noticed_within_minutes(
    hass: HomeAssistant, world: World, garage: Station, yard: Station, owner: Owner
) -> None:
    await owner.set_circuit_limit(6)
    await live(world, 300)
    unwatched = (
        garage if owner.shown("charging_enabled", GARAGE).attributes["stop_state"] == "waiting" else yard
    )
    unwatched.plug(Car(ZOE))
    await live(world, 300)
    assert unwatched.connector.drawn_amps > 3


async def test_a_shorter_turn_is_applied_to_the_running_bus(
    hass: HomeAssistant, world: World, garage: Station, yard: Station, entry: MockConfigEntry
) -> None:
    owner = await move_in(hass, world, entry, {CONF_ROTATION_MINUTES: 600})
    for station in (garage, yard):
        station.plug(Car(ZOE))
    await world.pass_time(CAR_SECONDS)
    await owner.set_circuit_limit(10)
    await live(world, 900)
    charging = [station for station in (garage, yard) if station.connector.drawn_amps > 5]
    await owner.choose({CONF_ROTATION_MINUTES: 5})
    await live(world, 240)
    assert charging != [station for station in (garage, yard) if station.connector.drawn_amps > 5]


async def test_an_old_wall_connector_is_stopped_by_an_offer_of_zero_without_relay_chatter(
    hass: HomeAssistant, world: World, monitor: BusMonitor, entry: MockConfigEntry
) -> None:
    station = world.wall_connector(old_unit("A16K0003495"))
    owner = await move_in(hass, world, entry)
    await owner.set_limit(GARAGE, 16)
    station.plug(Car(LEAF))
    await world.pass_time(CAR_SECONDS)
    closings = station.connector.contactor_closings
    await owner.forbid_charging(GARAGE)
    await world.pass_time(CAR_SECONDS)
    switch = owner.shown("charging_enabled", GARAGE)
    assert (switch.state, switch.attributes["stop_state"]) == ("off", "stopped")
    assert station.connector.drawn_amps == 0
    assert station.connector.contactor_closings == closings
    await owner.allow_charging(GARAGE)
    await world.pass_time(CAR_SECONDS)
    switch = owner.shown("charging_enabled", GARAGE)
    assert (switch.state, switch.attributes["stop_state"]) == ("on", "none")
    assert station.connector.drawn_amps > 10
    assert monitor.violations == []


async def test_a_newer_wall_connector_is_held_at_the_minimum_and_the_switch_says_so(
    world: World, garage: Station, monitor: BusMonitor, owner: Owner
) -> None:
    await owner.set_limit(GARAGE, 16)
    garage.plug(Car(TESLA))
    await world.pass_time(CAR_SECONDS)
    await owner.forbid_charging(GARAGE)
    await world.pass_time(20)
    switch = owner.shown("charging_enabled", GARAGE)
    assert (switch.state, switch.attributes["stop_state"]) == ("off", "holding")
    assert garage.connector.drawn_amps == pytest.approx(5.2)
    assert monitor.violations == []


async def test_a_newer_wall_connector_is_stopped_by_its_contactor_if_its_owner_chose_that(
    hass: HomeAssistant, world: World, garage: Station, monitor: BusMonitor, owner: Owner
) -> None:
    await owner.set_limit(GARAGE, 16)
    garage.plug(Car(LEAF))
    await world.pass_time(CAR_SECONDS)
    await owner.choose({CONF_CONNECTORS: {str(GARAGE): {CONF_STOP_METHOD: "contactor"}}})
    await owner.forbid_charging(GARAGE)
    await world.pass_time(CAR_SECONDS)
    assert [message.close for message in contactor_commands(monitor)] == [False]
    assert garage.connector.drawn_amps == 0
    assert owner.shown("charging_enabled", GARAGE).attributes["stop_state"] == "stopped"
    await world.pass_time(60)
    await owner.allow_charging(GARAGE)
    await world.pass_time(CAR_SECONDS)
    assert [message.close for message in contactor_commands(monitor)] == [False, True]
    assert garage.connector.drawn_amps > 10
    assert monitor.violations == []


def contactor_commands(monitor: BusMonitor) -> list[ContactorCommand]:
    """Return every order to a contactor that went over the wire."""
    commands = monitor.messages(ContactorCommand)
    return [command for command in commands if isinstance(command, ContactorCommand)]


async def test_a_car_plugged_in_while_charging_is_off_is_not_trapped(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    station = world.wall_connector(old_unit("A16K0003495"))
    owner = await move_in(hass, world, entry)
    await owner.set_limit(GARAGE, 16)
    await owner.forbid_charging(GARAGE)
    await world.pass_time(20)
    car = Car(TESLA)
    station.plug(car)
    await world.pass_time(10)
    assert owner.shown("charging_enabled", GARAGE).attributes["stop_state"] == "establishing"
    await live(world, 120)
    assert owner.shown("charging_enabled", GARAGE).attributes["stop_state"] == "stopped"
    assert station.connector.drawn_amps == 0
    assert not car.needs_replug
    await owner.allow_charging(GARAGE)
    await world.pass_time(CAR_SECONDS)
    assert station.connector.drawn_amps > 10
