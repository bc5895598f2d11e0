"""What happens at a wall connector is told once, and read in the logbook in words."""

import sqlite3
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.logbook.const import (
    LOGBOOK_ENTRY_ENTITY_ID,
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
)
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events

from custom_components.tesla_twc.const import CONF_CONNECTORS, CONF_STOP_METHOD, DOMAIN
from custom_components.tesla_twc.logbook import async_describe_events
from custom_components.tesla_twc.sessions.bus_event import EVENT_CHARGE
from custom_components.tesla_twc.sessions.database import SessionDatabase
from custom_components.tesla_twc.twc.protocol.codes import ConnectorState
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import LEAF, TESLA, ZOE
from custom_components.tesla_twc.twc.simulator.connector import SimulatedConnector
from custom_components.tesla_twc.twc.simulator.station import Station
from custom_components.tesla_twc.twc.simulator.unit import old_unit
from tests.integration.conftest import World
from tests.integration.owner import CAR_SECONDS, GARAGE, YARD, Owner, live, move_in


def lines(hass: HomeAssistant, events: list[Event[Any]]) -> list[dict[str, str]]:
    """Return what the logbook makes of events."""
    found = {}
    async_describe_events(
        hass, lambda domain, event_type, describe: found.update({(domain, event_type): describe})
    )
    describe = found[DOMAIN, EVENT_CHARGE]
    return [describe(event) for event in events]


async def charge(world: World, garage: Station) -> None:
    garage.plug(Car(TESLA, charge=0.1))
    await world.pass_time(CAR_SECONDS)
    await live(world, 600)
    garage.unplug()
    await live(world, 60)


async def test_the_logbook_tells_a_charge_in_words(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    events = async_capture_events(hass, EVENT_CHARGE)
    await charge(world, garage)
    device = owner.device(GARAGE)
    assert device is not None
    assert {event.data["device_id"] for event in events} == {device.id}
    await async_get_translations(hass, "en", "entity", [DOMAIN])
    told = lines(hass, events)
    energy = owner.number("session_energy", GARAGE)
    messages = [line[LOGBOOK_ENTRY_MESSAGE] for line in told]
    assert messages[:2] == ["a car was plugged in", "charging began. Held at 6 A by the current limit."]
    assert messages[2] == "charging stopped, as the car was unplugged"
    assert messages[3] == f"the session ended with {energy:.2f} kWh"
    assert {line[LOGBOOK_ENTRY_NAME] for line in told} == {"Wall connector 3495"}
    assert {line[LOGBOOK_ENTRY_ENTITY_ID] for line in told} == {owner.entity_id("charge", GARAGE)}


async def test_a_charge_that_a_full_car_ends_has_stopped_because_the_car_has_finished(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    events = async_capture_events(hass, EVENT_CHARGE)
    garage.plug(Car(LEAF, charge=0.998))
    await live(world, 600)
    (stopped,) = [event for event in events if event.data["type"] == "charging_stopped"]
    assert stopped.data["reason"] == "car_finished"
    await async_get_translations(hass, "en", "entity", [DOMAIN])
    message = lines(hass, [stopped])[0][LOGBOOK_ENTRY_MESSAGE]
    assert message.startswith("charging stopped. The car has finished: it is full, at a limit of its own, ")
    del stopped.data["sentence"]
    older = lines(hass, [stopped])[0][LOGBOOK_ENTRY_MESSAGE]
    assert older == "charging stopped: The car has finished", "one of an earlier version has no sentence"


async def test_a_start_that_is_told_later_is_told_without_what_was_decided_meanwhile(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    """A wall connector of protocol 1 that was just met has no counter yet, and a charge counts from it."""
    events = async_capture_events(hass, EVENT_CHARGE)
    for number in range(1, 4):
        world.wall_connector(old_unit(f"A16K000123{number}")).plug(Car(TESLA, charge=0.1))
    await move_in(hass, world, entry)
    await world.pass_time(CAR_SECONDS)
    await live(world, 120)
    began = [event for event in events if event.data["type"] == "charging_started"]
    assert [line[LOGBOOK_ENTRY_MESSAGE] for line in lines(hass, began)] == ["charging began"] * 3


async def test_a_charge_that_was_switched_off_and_soon_on_again_says_why_it_had_stopped(
    hass: HomeAssistant, world: World, garage: Station, entry: MockConfigEntry
) -> None:
    """It is told half a minute later, when something else has been decided."""
    owner = await move_in(
        hass, world, entry, {CONF_CONNECTORS: {str(GARAGE): {CONF_STOP_METHOD: "contactor"}}}
    )
    events = async_capture_events(hass, EVENT_CHARGE)
    garage.plug(Car(LEAF))
    await world.pass_time(CAR_SECONDS + 60)
    await owner.forbid_charging(GARAGE)
    await world.pass_time(20)
    assert owner.number("charging_current", GARAGE) == 0
    assert events[-1].data["type"] == "charging_started"
    await owner.allow_charging(GARAGE)
    await world.pass_time(20)
    assert owner.value("decision", GARAGE) == "resting"
    assert lines(hass, events)[-1][LOGBOOK_ENTRY_MESSAGE] == "charging stopped. Off, as you chose."


async def test_a_car_that_begins_just_after_it_was_switched_off_begins_without_a_reason(
    hass: HomeAssistant, world: World, garage: Station, entry: MockConfigEntry
) -> None:
    owner = await move_in(
        hass, world, entry, {CONF_CONNECTORS: {str(GARAGE): {CONF_STOP_METHOD: "contactor"}}}
    )
    garage.plug(Car(ZOE))
    await world.pass_time(CAR_SECONDS + 60)
    await owner.forbid_charging(GARAGE)
    await world.pass_time(150)
    events = async_capture_events(hass, EVENT_CHARGE)
    await owner.allow_charging(GARAGE)
    await world.pass_time(9)
    assert owner.value("decision", GARAGE) == "waiting_for_car"
    await owner.forbid_charging(GARAGE)
    while owner.value("decision", GARAGE) == "off":
        await world.pass_time(0.5)
    assert owner.value("decision", GARAGE) == "stopping"
    assert lines(hass, events)[0][LOGBOOK_ENTRY_MESSAGE] == "charging began"


async def test_what_an_action_gives_again_is_not_told_as_the_stop_before(
    hass: HomeAssistant, world: World, garage: Station, entry: MockConfigEntry
) -> None:
    """A car that its own switch stops has no rest, and may be let on again before its stop is told."""
    owner = await move_in(
        hass, world, entry, {CONF_CONNECTORS: {str(GARAGE): {CONF_STOP_METHOD: "contactor"}}}
    )
    garage.plug(Car(LEAF))
    await world.pass_time(CAR_SECONDS + 60)
    await owner.set_limit(GARAGE, 16)
    device = owner.device(GARAGE)
    assert device is not None
    data = {"device_id": [device.id], "amps": 10}
    await hass.services.async_call(DOMAIN, "set_current", data, blocking=True)
    await world.pass_time(20)
    assert owner.shown("decision", GARAGE).attributes["sentence"].startswith("An action set 10 A.")
    decider, now = entry.runtime_data.decider, entry.runtime_data.data.now
    assert decider.sentence_of(GARAGE, "set_by_action", now) == "Stopped by an action."


async def test_a_charge_has_stopped_when_its_current_ended_and_not_when_that_was_sure(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, freezer: FrozenDateTimeFactory
) -> None:
    """It is told half a minute later, in case the car only pauses."""

    async def stay(seconds: int) -> None:
        for _ in range(seconds):
            freezer.tick(1.0)
            await world.pass_time(1)

    events = async_capture_events(hass, EVENT_CHARGE)
    garage.plug(Car(LEAF))
    await stay(2 * CAR_SECONDS)
    assert garage.connector.car is not None
    garage.connector.car.paused = True
    while owner.number("charging_current", GARAGE) >= 1:
        await stay(1)
    ended = dt_util.utcnow()
    assert events[-1].data["type"] == "charging_started"
    while events[-1].data["type"] == "charging_started":
        await stay(1)
    assert (dt_util.utcnow() - ended).total_seconds() > 25
    shown = owner.shown("charge", GARAGE)
    assert shown.attributes["event_type"] == events[-1].data["type"] == "charging_stopped"
    told_at = dt_util.parse_datetime(shown.attributes["at"])
    assert told_at is not None
    for at in (told_at, events[-1].time_fired):
        assert abs((at - ended).total_seconds()) <= 2


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        ("minimum", "a car that may not charge freely gets the minimum"),
        ("refused", "a car that may not charge here is refused"),
    ],
)
async def test_the_logbook_tells_of_a_car_that_is_refused(
    hass: HomeAssistant, garage: Station, owner: Owner, reason: str, message: str
) -> None:
    device = owner.device(GARAGE)
    assert device is not None
    await async_get_translations(hass, "en", "entity", [DOMAIN])
    events = async_capture_events(hass, EVENT_CHARGE)
    hass.bus.async_fire(EVENT_CHARGE, {"device_id": device.id, "type": "refused", "reason": reason})
    await hass.async_block_till_done()
    assert [line[LOGBOOK_ENTRY_MESSAGE] for line in lines(hass, events)] == [message]


async def test_a_line_of_something_unheard_of_is_a_line(
    hass: HomeAssistant, garage: Station, owner: Owner
) -> None:
    device = owner.device(GARAGE)
    assert device is not None
    of_the_sun = {"device_id": device.id, "type": "session_ended", "energy": 7.25, "sun_share": 62.4}
    unheard = {"device_id": "gone", "type": "flew_away"}
    nothing, little = (
        {"device_id": device.id, "type": "session_ended", "energy": kwh} for kwh in (0.004, 0.04)
    )
    sun, other, none, some = lines(
        hass, [Event(EVENT_CHARGE, data) for data in (of_the_sun, unheard, nothing, little)]
    )
    assert none[LOGBOOK_ENTRY_MESSAGE] == "the session ended, and nothing was charged"
    assert some[LOGBOOK_ENTRY_MESSAGE] == "the session ended with 0.04 kWh"
    assert sun[LOGBOOK_ENTRY_MESSAGE] == "the session ended with 7.2 kWh, 62 % from the sun"
    assert other == {LOGBOOK_ENTRY_NAME: "", LOGBOOK_ENTRY_MESSAGE: "flew away"}


async def test_a_fault_is_told_once_with_its_words_and_not_again_after_a_restart(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = async_capture_events(hass, EVENT_CHARGE)
    states = async_capture_events(hass, EVENT_STATE_CHANGED)
    with monkeypatch.context() as patch:
        patch.setattr(SimulatedConnector, "state", property(lambda _: ConnectorState.ERROR))
        await live(world, 60)
        assert [event.data["type"] for event in events] == ["fault"]
        shown = owner.shown("charge", GARAGE).attributes
        assert (shown["event_type"], shown["problem"]) == ("fault", "error_state")
        await async_get_translations(hass, "en", "entity", [DOMAIN])
        (line,) = lines(hass, events)
        assert line[LOGBOOK_ENTRY_MESSAGE] == "something is wrong: Reports an error"
        assert await hass.config_entries.async_reload(owner.entry.entry_id)
        await live(world, 120)
    assert len(events) == 1
    await live(world, 120)
    entity_id = owner.entity_id("charge", GARAGE)
    moments = {one.data["new_state"].state for one in states if one.data["entity_id"] == entity_id}
    assert len(moments - {"unknown", "unavailable"}) == 1


async def test_a_wall_connector_without_a_device_is_told_of_nowhere(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = async_capture_events(hass, EVENT_CHARGE)
    monkeypatch.setattr(
        "custom_components.tesla_twc.sessions.bus_event.connector_identifier", lambda *_: (DOMAIN, "nobody")
    )
    await charge(world, garage)
    assert events == []
    assert owner.number("session_energy", GARAGE) > 0.3


async def test_a_disk_that_takes_nothing_is_asked_once_a_minute(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0

    def full(*_: object) -> None:
        nonlocal asked
        asked += 1
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(SessionDatabase, "write", full)
    monkeypatch.setattr("custom_components.tesla_twc.sessions.book.WRITE_SECONDS", 1e9)
    garage.plug(Car(TESLA, charge=0.1))
    await world.pass_time(CAR_SECONDS)
    await live(world, 600)
    assert asked == 2, "when the car came, and when it began"


async def test_a_stop_just_before_a_restart_keeps_its_reason_and_its_time(
    hass: HomeAssistant, world: World, garage: Station, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    owner = await move_in(
        hass, world, entry, {CONF_CONNECTORS: {str(GARAGE): {CONF_STOP_METHOD: "contactor"}}}
    )

    async def stay(seconds: int) -> None:
        for _ in range(seconds):
            freezer.tick(1.0)
            await world.pass_time(1)

    events = async_capture_events(hass, EVENT_CHARGE)
    garage.plug(Car(LEAF))
    await stay(2 * CAR_SECONDS)
    before = owner.number("session_charging_time", GARAGE), owner.number("session_energy", GARAGE)
    await owner.restart()
    await stay(10)
    after = owner.number("session_charging_time", GARAGE), owner.number("session_energy", GARAGE)
    assert after >= before
    await owner.forbid_charging(GARAGE)
    while owner.number("charging_current", GARAGE) >= 1:
        await stay(1)
    ended = dt_util.utcnow()
    await stay(8)
    await owner.restart()
    await stay(40)
    (stopped,) = [event for event in events if event.data["type"] == "charging_stopped"]
    assert stopped.data["reason"] == "off"
    assert abs((stopped.time_fired - ended).total_seconds()) <= 2


@pytest.mark.once
async def test_a_car_that_comes_during_a_restart_came_after_the_restart_began(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, freezer: FrozenDateTimeFactory
) -> None:
    async def stay(seconds: int) -> None:
        for _ in range(seconds):
            freezer.tick(1.0)
            await world.pass_time(1)

    await charge(world, garage)
    await stay(120)
    assert await hass.config_entries.async_unload(owner.entry.entry_id)
    began = dt_util.utcnow()
    garage.plug(Car(LEAF))
    freezer.tick(20)
    assert await hass.config_entries.async_setup(owner.entry.entry_id)
    await stay(3 * CAR_SECONDS)
    answer = await hass.services.async_call(DOMAIN, "get_sessions", {}, blocking=True, return_response=True)
    last = answer["sessions"][-1]
    start = dt_util.parse_datetime(last["start"])
    assert abs((start - began).total_seconds()) <= 5
    assert last["data_gap_seconds"] < 60
    assert last["starts"] == 1


async def test_a_charge_that_waits_for_its_turn_is_told_to_have_stopped_while_it_waits(
    hass: HomeAssistant, world: World, garage: Station, yard: Station, entry: MockConfigEntry
) -> None:
    owner = await move_in(hass, world, entry)
    events = async_capture_events(hass, EVENT_CHARGE)
    for twcid, station in ((GARAGE, garage), (YARD, yard)):
        await owner.set_limit(twcid, 10)
        station.plug(Car(ZOE))
    await live(world, 120)
    await owner.set_circuit_limit(10)
    await live(world, 60)
    waiting = YARD if garage.connector.drawn_amps > 5 else GARAGE
    (stopped,) = [event for event in events if event.data["type"] == "charging_stopped"]
    assert stopped.data["reason"] == "waiting_for_turn"
    assert owner.shown("charge", waiting).attributes["event_type"] == "charging_stopped"
    assert owner.number("silent_stops", waiting) == 1
    assert owner.number("contactor_closings", waiting) == 1
