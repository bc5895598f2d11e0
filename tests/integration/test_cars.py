"""Cars are recognised, kept with their sessions, and told something only while they are plugged in here."""

import csv
from datetime import timedelta
import io
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.const import CONF_CONNECTORS
from custom_components.tesla_twc.twc.cars.recognise import NOBODY, By, Recognised
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import LEAF, TESLA, ZOE
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.owner import CAR_SECONDS, GARAGE, YARD, Owner, live, move_in
from tests.integration.test_actions import set_current
from tests.integration.test_car_control import AMPS, SWITCH, LinkedCar
from tests.integration.test_car_dialogue import VIN, add_car
from tests.integration.test_sessions import act, charge, leave

pytestmark = pytest.mark.once

SWITCHED = {"maximum_current": 32, "stop_method": "car_switch", "car_switch": SWITCH, "car_amps": AMPS}


def known(owner: Owner, twcid: Any = GARAGE) -> Recognised | None:
    found: Recognised | None = owner.entry.runtime_data.cars.known_at(twcid)
    return found


async def sessions(hass: HomeAssistant) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await act(hass, "get_sessions"))["sessions"]
    return found


# Whose session it is


async def test_a_session_knows_its_car_by_its_vin_and_over_a_restart(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    """evcc#11728: a Tesla became a guest with each restart."""
    car_id = await add_car(hass, owner.entry, name="Blue Tesla", vin=VIN)
    await charge(world, garage)
    assert known(owner) == Recognised(car_id=car_id, by=By.VIN)
    assert await hass.config_entries.async_unload(owner.entry.entry_id)
    assert await hass.config_entries.async_setup(owner.entry.entry_id)
    seen = set()
    for _ in range(60):
        await world.pass_time(1)
        seen.add(known(owner))
    assert seen <= {None, Recognised(car_id=car_id, by=By.VIN)}
    assert None not in [*seen][-1:], "it is known at the end"
    await leave(world, garage)
    await live(world, 60)
    (session,) = await sessions(hass)
    assert (session["car"], session["vin"]) == ("Blue Tesla", VIN)
    assert known(owner) is None


async def test_charges_from_before_a_car_was_entered_are_its_own_if_they_have_its_vin(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    await charge(world, garage, 120)
    await leave(world, garage)
    await charge(world, garage, 120)
    await leave(world, garage)
    garage.plug(Car(ZOE, charge=0.1))
    await live(world, 120)
    await leave(world, garage)
    first, lent, other = await sessions(hass)
    await act(hass, "edit_session", session=lent["id"], car="")
    for name in ("Blue", "Entered again"):
        car_id = await add_car(hass, owner.entry, name=name, vin=VIN)
        await hass.async_block_till_done()
        assert [one["car"] for one in await sessions(hass)] == [name, None, None]
        month = owner.entry.runtime_data.sessions.periods.of_car("month", car_id)
        assert month.energy == pytest.approx(first["energy"], abs=0.001)
        hass.config_entries.async_remove_subentry(owner.entry, car_id)
        await hass.async_block_till_done()
        assert [one["car"] for one in await sessions(hass)] == [name, None, None]
    assert other["vin"] is None


async def test_two_cars_that_are_swapped_quickly_are_two_sessions_of_two_cars(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    """evcc#14627: their charges were merged."""
    await add_car(hass, owner.entry, name="Tesla", vin=VIN)
    await add_car(hass, owner.entry, name="Zoe", default_at=[str(GARAGE)])
    await charge(world, garage)
    garage.unplug()
    await world.pass_time(2)
    garage.plug(Car(ZOE, charge=0.1))
    await world.pass_time(CAR_SECONDS)
    await live(world, 300)
    assert [one["car"] for one in await sessions(hass)] == ["Tesla", "Zoe"]


async def test_a_choice_by_hand_changes_the_session_and_ends_at_plug_out(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    zoe = await add_car(hass, owner.entry, name="Zoe")
    garage.plug(Car(LEAF, charge=0.1))
    await world.pass_time(CAR_SECONDS)
    assert known(owner) == NOBODY
    owner.entry.runtime_data.cars.choose(GARAGE, zoe)
    await live(world, 60)
    await owner.restart()
    await live(world, 60)
    assert known(owner) == Recognised(car_id=zoe, by=By.HAND), "also after a restart"
    assert [one["car"] for one in await sessions(hass)] == ["Zoe"]
    owner.entry.runtime_data.cars.choose(GARAGE, None)
    await live(world, 60)
    assert [one["car"] for one in await sessions(hass)] == [None], "a guest"
    owner.entry.runtime_data.cars.choose(GARAGE, zoe)
    await leave(world, garage)
    garage.plug(Car(LEAF, charge=0.1))
    await world.pass_time(CAR_SECONDS)
    assert known(owner) == NOBODY
    await live(world, 60)
    assert [one["car"] for one in await sessions(hass)] == ["Zoe", None]


async def test_a_charge_tells_the_odometer_and_the_state_of_charge(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, tmp_path: Path
) -> None:
    """evcc#5067: a report for an employer, with the odometer."""
    hass.states.async_set("sensor.battery", "unavailable")
    hass.states.async_set("sensor.odometer", "1000", {"unit_of_measurement": "mi"})
    entities = {"soc": "sensor.battery", "odometer": "sensor.odometer"}
    await add_car(hass, owner.entry, name="Zoe", default_at=[str(GARAGE)], **entities)
    garage.plug(Car(LEAF, charge=0.1))
    await world.pass_time(CAR_SECONDS)
    hass.states.async_set("sensor.battery", "41", {"unit_of_measurement": "%"})
    await live(world, 120)
    hass.states.async_set("sensor.battery", "44", {"unit_of_measurement": "%"})
    await live(world, 60)
    hass.states.async_set("sensor.battery", "unknown")
    hass.states.async_set("sensor.odometer", "1", {"unit_of_measurement": "furlongs"})
    await leave(world, garage)
    await live(world, 60)
    (session,) = await sessions(hass)
    assert (session["odometer"], session["soc_start"], session["soc_end"]) == (1609.3, 41.0, 44.0)
    month = f"{dt_util.now():%Y-%m}"
    (of_car,) = (await act(hass, "monthly_report", month=month))["cars"]
    assert (of_car["car"], of_car["odometer_start"], of_car["odometer_end"]) == ("Zoe", 1609.3, 1609.3)
    assert (of_car["sessions"], of_car["energy"]) == (1, session["energy"])
    hass.config.media_dirs = {"local": str(tmp_path / "media")}
    answer = await act(hass, "export_sessions")
    text = await hass.async_add_executor_job(Path(answer["file"]).read_text, "utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["odometer"], row["soc_start"], row["soc_end"]) == ("1609.3", "41.0", "44.0")


async def test_what_another_car_said_is_not_kept(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    hass.states.async_set("sensor.battery", "41")
    hass.states.async_set("sensor.odometer", "unknown")
    entities = {"soc": "sensor.battery", "odometer": "sensor.odometer"}
    await add_car(hass, owner.entry, name="Zoe", default_at=[str(GARAGE)], **entities)
    other = await add_car(hass, owner.entry, name="Leaf")
    garage.plug(Car(LEAF, charge=0.1))
    await live(world, 30)
    assert (await sessions(hass))[0]["soc_start"] == 41.0
    owner.entry.runtime_data.cars.choose(GARAGE, other)
    await live(world, 30)
    (session,) = await sessions(hass)
    assert (session["car"], session["soc_start"], session["odometer"]) == ("Leaf", None, None)


async def test_a_car_that_is_deleted_stops_nothing(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    car_id = await add_car(hass, owner.entry, name="Zoe", default_at=[str(GARAGE)])
    garage.plug(Car(ZOE, charge=0.1))
    await world.pass_time(CAR_SECONDS)
    assert known(owner) == Recognised(car_id=car_id, by=By.DEFAULT)
    hass.config_entries.async_remove_subentry(owner.entry, car_id)
    await hass.async_block_till_done()
    await live(world, 120)
    assert known(owner) == NOBODY
    assert garage.connector.drawn_amps > 4
    await leave(world, garage)
    await live(world, 60)
    assert len(await sessions(hass)) == 1


@pytest.mark.parametrize(
    ("device_class", "state", "minutes_before", "expected"),
    [
        ("plug", "on", 0, By.PLUG),
        ("plug", "on", 60, None),
        ("battery_charging", "on", 0, By.PLUG),
        ("battery_charging", "off", 0, None),
        ("plug", "off", 0, None),
        ("plug", "unavailable", 0, None),
    ],
    ids=str,
)
async def test_of_several_cars_the_sensor_of_one_decides_if_it_is_of_this_plug_in(
    hass: HomeAssistant,
    world: World,
    garage: Station,
    owner: Owner,
    freezer: FrozenDateTimeFactory,
    device_class: str,
    state: str,
    minutes_before: int,
    expected: By | None,
) -> None:
    hass.states.async_set("binary_sensor.zoe", state, {"device_class": device_class})
    zoe = await add_car(hass, owner.entry, name="Zoe", plug="binary_sensor.zoe", default_at=[str(GARAGE)])
    for name in ("Leaf", "Other Leaf"):
        await add_car(hass, owner.entry, name=name, default_at=[str(GARAGE)])
    freezer.tick(timedelta(minutes=minutes_before))
    garage.plug(Car(ZOE, charge=0.1))
    await world.pass_time(CAR_SECONDS)
    assert known(owner) == (NOBODY if expected is None else Recognised(car_id=zoe, by=expected))


# What is told to whom


@pytest.fixture
async def before(hass: HomeAssistant, world: World, entry: MockConfigEntry, garage: Station) -> Owner:
    """Run an entry as the version before left it, with a car that has a switch and amps."""
    return await move_in(hass, world, entry, {CONF_CONNECTORS: {str(GARAGE): SWITCHED}})


async def test_the_car_of_an_earlier_version_is_taken_over_and_obeys_as_before(
    hass: HomeAssistant, world: World, garage: Station, before: Owner
) -> None:
    owner, car = before, Car(TESLA, charge=0.2)
    assert (owner.entry.version, owner.entry.minor_version) == (1, 2)
    (subentry,) = owner.entry.subentries.values()
    assert subentry.title == "Car at Wall connector 3495"
    assert subentry.data == {"car_switch": SWITCH, "car_amps": AMPS, "default_at": [str(GARAGE)]}
    assert owner.entry.options[CONF_CONNECTORS] == {str(GARAGE): SWITCHED}, "the version before reads on"
    link = LinkedCar(hass, car)
    link.listen()
    garage.plug(car)
    await world.pass_time(CAR_SECONDS)
    assert known(owner) == Recognised(car_id=subentry.subentry_id, by=By.DEFAULT), "its VIN is not said"
    await owner.choose_mode(GARAGE, "off")
    await live(world, 60)
    assert ("turn_off", SWITCH) in link.orders
    assert garage.connector.drawn_amps < 1
    await owner.restart()
    assert len(owner.entry.subentries) == 1, "it is taken over once"


async def test_nothing_is_taken_over_where_no_switch_was_used(
    hass: HomeAssistant, world: World, garage: Station, entry: MockConfigEntry
) -> None:
    choices = {
        str(GARAGE): {**SWITCHED, "stop_method": "contactor"},
        str(YARD): {"stop_method": "car_switch", "maximum_current": 16},
    }
    owner = await move_in(hass, world, entry, {CONF_CONNECTORS: choices})
    assert not owner.entry.subentries
    assert owner.entry.minor_version == 2


async def test_an_entry_of_a_later_main_version_is_left_alone(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    later = MockConfigEntry(domain=entry.domain, data=entry.data, options=entry.options, version=2)
    later.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(later.entry_id)


@pytest.mark.parametrize("choices", [[], {"zzzz": SWITCHED}, {"3495": 5}], ids=str)
async def test_options_that_nobody_can_have_meant_are_told_of_and_not_raised(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, choices: Any
) -> None:
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, options={**entry.options, CONF_CONNECTORS: choices})
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.reason is not None
    assert not entry.subentries


async def test_a_car_is_told_nothing_while_another_is_plugged_in_here(
    hass: HomeAssistant, world: World, garage: Station, yard: Station, before: Owner
) -> None:
    """evcc#18084, #32123: the wrong car was stopped, wherever it was."""
    owner, link = before, LinkedCar(hass, Car(LEAF))
    link.listen()
    await owner.change_car(vin=VIN)
    garage.plug(Car(LEAF, charge=0.2))
    await world.pass_time(5)
    await owner.choose_mode(GARAGE, "off")
    await live(world, 30)
    assert link.orders == [], "a Tesla would have told its VIN"
    owner.entry.runtime_data.cars.choose(GARAGE, None)
    await live(world, 600)
    assert link.orders == []
    yard.plug(Car(TESLA, charge=0.2))
    await world.pass_time(CAR_SECONDS)
    assert known(owner, YARD).by is By.VIN  # type: ignore[union-attr] # a car is there
    await owner.choose_mode(YARD, "off")
    await live(world, 60)
    assert link.orders == [("set_value", 6.0), ("turn_off", SWITCH)], "its switch goes where it goes"


# What a car says counts at its wall connector


async def test_amps_mode_and_priority_of_a_car_count_while_it_is_plugged_in(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    await owner.set_limit(GARAGE, 16)
    car_id = await add_car(
        hass, owner.entry, vin=VIN, minimum_current=8, maximum_current=13, priority=9, phases="1"
    )
    await charge(world, garage, 120)
    one = owner.entry.runtime_data.decider.inputs.connectors[GARAGE]
    assert (one.minimum_amps, one.limit_amps, one.priority, one.phases) == (8, 13, 9, 1)
    assert one.owner_limit_amps == owner.shown("decision", GARAGE).attributes["current_limit"] == 16
    assert garage.connector.offered_amps == 13
    subentry = owner.entry.subentries[car_id]
    hass.config_entries.async_update_subentry(
        owner.entry, subentry, data={**subentry.data, "charge_mode": "off"}
    )
    await live(world, 60)
    assert owner.value("decision", GARAGE) in {"off", "cannot_stop"}
    await leave(world, garage)
    await live(world, 60)
    one = owner.entry.runtime_data.decider.inputs.connectors[GARAGE]
    assert (one.minimum_amps, one.limit_amps, one.priority, one.phases) == (6, 16, 5, None)


async def test_a_car_is_offered_what_it_needs_or_stopped_and_no_limit_is_exceeded_for_it(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    car = Car(LEAF, charge=0.2)
    link = LinkedCar(hass, car)
    link.listen()
    limits = owner.entry.runtime_data.owner_settings
    limits.set_current_limit(GARAGE, 16)
    await owner.enter_car("Leaf", minimum_current=8, car_switch=SWITCH, default_at=[str(GARAGE)])
    garage.plug(car)
    await world.pass_time(CAR_SECONDS)
    await live(world, 60)
    assert garage.connector.drawn_amps > 8
    limits.set_current_limit(GARAGE, 7)
    await live(world, 60)
    assert owner.value("decision", GARAGE) == "less_than_car_needs"
    [answer] = await set_current(owner, 9, GARAGE)
    assert (answer["amps"], answer["limited_by"]) == (0, "car_minimum")
    owner.entry.runtime_data.owner_settings.begin_anew(GARAGE)
    assert link.orders == [("turn_off", SWITCH)]
    assert garage.connector.offered_amps <= 7
    limits.set_current_limit(GARAGE, 8)
    await live(world, 200)
    assert link.orders == [("turn_off", SWITCH)], "what is left comes and goes"
    await live(world, 200)
    assert link.orders == [("turn_off", SWITCH), ("turn_on", SWITCH)]
    assert garage.connector.offered_amps == 8
