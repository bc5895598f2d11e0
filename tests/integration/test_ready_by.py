"""A car is ready by a time: planned, told of, charged in full as late as is enough, and over restarts."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.number import DOMAIN as NUMBER
from homeassistant.components.switch import DOMAIN as SWITCH
from homeassistant.components.time import DOMAIN as TIME
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.tesla_twc.const import DOMAIN
from custom_components.tesla_twc.runtime.ready_plan import PlanStage, ReadyPlan, next_time
from custom_components.tesla_twc.storage.memory import Memory
from custom_components.tesla_twc.storage.store import BusStore
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import LEAF
from custom_components.tesla_twc.twc.simulator.station import Station
from custom_components.tesla_twc.twc.simulator.tools.monitor import BusMonitor
from custom_components.tesla_twc.twc.simulator.unit import old_unit
from tests.integration.conftest import World
from tests.integration.owner import GARAGE, YARD, Owner, move_in
from tests.integration.test_actions import device_id
from tests.integration.test_modes import SITE, STOPPABLE, Meter, choose, why
from tests.integration.two_buses import METERED, two_buses

pytestmark = pytest.mark.once

BERLIN = "Europe/Berlin"
FIVE = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
"""05:00 in the house of these tests."""


@pytest.fixture
async def in_berlin(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> AsyncGenerator[None]:
    """Let it be early in the morning."""
    before = str(dt_util.get_default_time_zone())
    await hass.config.async_set_time_zone(BERLIN)
    freezer.move_to(FIVE)
    yield
    await hass.config.async_set_time_zone(before)


class House:
    """A house in the dark, whose wall clock goes on with the clock of the bus."""

    def __init__(self, world: World, garage: Station, freezer: FrozenDateTimeFactory) -> None:
        self.world, self.garage, self.freezer = world, garage, freezer
        self.meter = Meter(world, garage)
        self.meter.report()

    @property
    def drawn(self) -> float:
        return self.garage.connector.drawn_amps

    async def minutes(self, minutes: float) -> None:
        for _ in range(round(minutes * 6)):
            self.freezer.tick(10.0)
            self.meter.report()
            self.world.clock.advance(10)
            await self.world.hass.async_block_till_done()

    async def until(self, clock: str) -> None:
        """Let time pass until the clock on the wall shows this."""
        while f"{dt_util.now():%H:%M}" != clock:
            await self.minutes(1 / 6)


@pytest.fixture
def house(in_berlin: None, hass: HomeAssistant, world: World, garage: Station, freezer: Any) -> House:
    """Install a meter before the integration starts."""
    return House(world, garage, freezer)


@pytest.fixture
async def night(house: House, owner: Owner, garage: Station, entry: MockConfigEntry) -> Owner:
    """Let a car of one phase wait for the sun, with 16 A allowed."""
    await owner.choose({**SITE, **STOPPABLE})
    await owner.set_limit(GARAGE, 16)
    garage.plug(Car(LEAF, charge=0.3))
    await house.minutes(1)
    await choose(owner, "solar")
    await house.minutes(5)
    assert why(owner) == "waiting_for_surplus"
    assert house.drawn < 1
    return owner


async def put(owner: Owner, domain: str, action: str, key: str, **data: Any) -> None:
    target = {"entity_id": owner.entity_id(key, GARAGE)}
    await owner.hass.services.async_call(domain, action, {**target, **data}, blocking=True)


async def plan(owner: Owner, at: str, kwh: float) -> None:
    await put(owner, TIME, "set_value", "ready_by", time=at)
    await put(owner, NUMBER, "set_value", "ready_energy", value=kwh)


async def ready_by(owner: Owner, **data: Any) -> dict[str, Any]:
    answer = await owner.hass.services.async_call(
        DOMAIN,
        "ready_by",
        {"device_id": device_id(owner, GARAGE), **data},
        blocking=True,
        return_response=True,
    )
    assert answer is not None
    connectors: Any = answer["wall_connectors"]
    assert len(connectors) == 1
    return dict(connectors[0])


def told(owner: Owner, name: str) -> Any:
    return owner.shown("decision", GARAGE).attributes.get(name)


def taken(garage: Station, before: float) -> float:
    return garage.connector.true_kwh - before


async def test_a_car_is_charged_in_full_as_late_as_is_enough(
    world: World, house: House, garage: Station, night: Owner
) -> None:
    """3 kWh at 15 A of one phase take 52 min, and with the margins 67."""
    monitor = BusMonitor(world.line, circuit_limit_amps=32)
    before = garage.connector.true_kwh
    await plan(night, "06:30:00", 3.0)
    await house.minutes(2)
    assert why(night) == "waiting_for_surplus"
    begins = dt_util.parse_datetime(told(night, "ready_begins"))
    assert begins is not None
    assert "05:20" <= f"{begins:%H:%M}" <= "05:26"
    assert told(night, "sentence") == (
        f"Waiting: no surplus for this car, {told(night, 'needed') / 1000:.1f} kW needed to start. "
        f"3.0 kWh more by 06:30: in full from {begins:%H:%M} on at the latest."
    )
    assert (told(night, "ready_energy"), told(night, "ready_short")) == (3.0, 0.0)
    await house.until("05:18")
    assert house.drawn < 1
    await house.until("05:30")
    assert house.drawn == pytest.approx(16, abs=1)
    assert why(night) == "ready_by"
    assert told(night, "sentence").startswith("Charging with 16 A to have ")
    assert told(night, "sentence").endswith(" kWh more by 06:30.")
    assert night.value("charge_mode", GARAGE) == "solar"
    await house.until("06:28")
    assert taken(garage, before) == pytest.approx(3.0, abs=0.15)
    assert house.drawn < 1, "the mode rules again"
    assert night.number("ready_energy", GARAGE) == 3.0
    await house.until("06:31")
    assert night.number("ready_energy", GARAGE) == 0.0, "it was for one departure"
    assert told(night, "ready_by") is None
    assert monitor.violations == []


async def test_what_cannot_be_had_is_said_at_once(house: House, garage: Station, night: Owner) -> None:
    await plan(night, "05:30:00", 20.0)
    await house.minutes(4)
    assert why(night) == "ready_by"
    short = told(night, "ready_short")
    assert 18.0 < short < 20.0, "3.5 kW for less than half an hour"
    assert told(night, "sentence").endswith(f"{short:.1f} kWh will be missing.")
    await house.until("05:31")
    await house.minutes(5)
    assert house.drawn < 1, "the time has passed"


async def test_a_restart_in_between_changes_nothing(house: House, garage: Station, night: Owner) -> None:
    before = garage.connector.true_kwh
    await plan(night, "05:50:00", 1.5)
    await house.until("05:30")
    assert why(night) == "ready_by"
    await night.restart()
    await house.minutes(3)
    assert why(night) == "ready_by"
    await house.until("05:48")
    assert taken(garage, before) == pytest.approx(1.5, abs=0.2)


async def test_a_time_that_passes_while_home_assistant_is_away_is_over(house: House, night: Owner) -> None:
    await plan(night, "07:00:00", 3.0)
    entry_id = night.entry.entry_id
    assert await night.hass.config_entries.async_unload(entry_id)
    house.freezer.tick(3 * 3600)
    assert await night.hass.config_entries.async_setup(entry_id)
    await house.minutes(3)
    assert night.number("ready_energy", GARAGE) == 0.0
    assert why(night) == "waiting_for_surplus"


async def test_every_day_it_is_planned_anew(house: House, garage: Station, night: Owner) -> None:
    await put(night, SWITCH, "turn_on", "ready_daily")
    await plan(night, "05:50:00", 1.0)
    await house.until("05:52")
    assert night.number("ready_energy", GARAGE) == 1.0
    assert told(night, "ready_by").startswith("2026-12-02T05:50")
    assert told(night, "ready_energy") == 1.0, "what was charged before counts no more"
    entry_id = night.entry.entry_id
    assert await night.hass.config_entries.async_unload(entry_id)
    house.freezer.tick(23.25 * 3600)
    before = garage.connector.true_kwh
    assert await night.hass.config_entries.async_setup(entry_id)
    await house.until("05:48")
    assert taken(garage, before) == pytest.approx(1.0, abs=0.15)


async def test_what_was_missing_when_the_time_passed_is_no_reason_to_begin_for_the_next_day(
    house: House, garage: Station, night: Owner
) -> None:
    await put(night, SWITCH, "turn_on", "ready_daily")
    await plan(night, "05:30:00", 20.0)
    await house.until("05:28")
    assert why(night) == "ready_by"
    assert told(night, "ready_energy") > 10
    await house.until("05:31")
    await house.minutes(5)
    assert house.drawn < 1
    assert told(night, "ready_by").startswith("2026-12-02T05:30")
    assert told(night, "ready_begins") is not None


async def test_the_action_tells_a_plan_that_the_mode_gives_no_say(house: House, night: Owner) -> None:
    await choose(night, "fast")
    told_now = await ready_by(night, time="07:00", energy=3)
    assert (told_now["ready_by"], told_now["missing"]) == ("2026-12-01T07:00:00+01:00", 3.0)
    assert not told_now["charges_now"]


async def test_a_car_that_comes_later_begins_at_nothing(house: House, garage: Station, night: Owner) -> None:
    await plan(night, "05:55:00", 1.5)
    await house.until("05:25")
    assert why(night) == "ready_by"
    assert told(night, "ready_energy") < 1.5
    garage.unplug()
    await house.minutes(2)
    assert told(night, "ready_energy") == 1.5
    garage.plug(Car(LEAF, charge=0.3))
    await house.minutes(3)
    assert why(night) == "ready_by"
    assert told(night, "ready_energy") == pytest.approx(1.4, abs=0.15)
    assert told(night, "ready_short") == pytest.approx(0.0, abs=0.2)


async def test_a_plan_is_told_on_while_a_car_comes_before_its_counter_was_read(
    in_berlin: None, world: World, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Where a wall connector was just met, it is not known yet when the car has to begin; by when, it is."""
    garage = world.wall_connector(old_unit("A16K0003495"))
    house = House(world, garage, freezer)
    owner = await move_in(world.hass, world, entry, SITE)
    await choose(owner, "solar")
    assert not owner.available("lifetime_energy", GARAGE)
    await plan(owner, "07:00", 3.0)
    seen = set()
    garage.plug(Car(LEAF, charge=0.3))
    for _ in range(60):
        freezer.tick(1.0)
        house.meter.report()
        await world.pass_time(1)
        shown = owner.shown("decision", GARAGE).attributes
        seen.add((shown.get("ready_by"), shown.get("ready_energy")))
    assert seen == {("2026-12-01T07:00+01:00", 3.0)}
    assert owner.shown("decision", GARAGE).attributes["ready_begins"] is not None, "now it is known"


async def test_a_car_that_takes_no_more_is_left_to_its_mode(
    house: House, garage: Station, night: Owner
) -> None:
    garage.unplug()
    await house.minutes(1)
    garage.plug(Car(LEAF, charge=0.99))
    await house.minutes(2)
    await plan(night, "06:00:00", 3.0)
    await house.minutes(3)
    assert why(night) == "ready_by"
    await house.minutes(20)
    assert house.drawn < 1
    assert why(night) == "car_finished", "whatever its mode would wait for"
    assert night.shown("decision", GARAGE).attributes["mode"] == "solar"
    assert night.entry.runtime_data.owner_settings.ready.of(GARAGE).stage is PlanStage.DONE


@pytest.mark.parametrize("mode", ["off", "fast"])
async def test_in_off_and_in_fast_there_is_nothing_to_plan(house: House, night: Owner, mode: str) -> None:
    await plan(night, "06:00:00", 20.0)
    await house.minutes(2)
    assert why(night) == "ready_by"
    await choose(night, mode)
    await house.minutes(2)
    assert why(night) == {"off": "off", "fast": "at_limit"}[mode]
    assert told(night, "ready_by") is None


async def test_charging_enabled_wins(house: House, night: Owner) -> None:
    await plan(night, "06:00:00", 20.0)
    await night.forbid_charging(GARAGE)
    await house.minutes(3)
    assert house.drawn < 1
    await night.allow_charging(GARAGE)
    await house.minutes(5)
    assert why(night) == "ready_by"


# The action


async def test_the_action_plans_and_tells_what_is_planned(house: House, night: Owner) -> None:
    told_now = await ready_by(night, time="07:00:00", energy=3)
    begins = dt_util.parse_datetime(told_now.pop("begins"))
    assert begins is not None
    assert "05:50" <= f"{begins:%H:%M}" <= "05:56"
    assert told_now == {
        "device_id": device_id(night, GARAGE),
        "twcid": "3495",
        "ready_by": "2026-12-01T07:00:00+01:00",
        "energy": 3.0,
        "missing": 3.0,
        "amps": 15,
        "short": 0.0,
        "charges_now": False,
        "waits_for_car": False,
    }
    assert night.value("ready_by", GARAGE) == "07:00:00"
    assert night.number("ready_energy", GARAGE) == 3.0
    assert night.value("ready_daily", GARAGE) == "off"


async def test_the_action_says_at_once_what_will_be_missing(house: House, night: Owner) -> None:
    told_now = await ready_by(night, time="06:00", energy=20, daily=True)
    assert told_now["charges_now"]
    assert told_now["begins"] is None
    assert 16.0 < told_now["short"] < 17.5
    assert night.value("ready_daily", GARAGE) == "on"


async def test_the_action_clears_a_plan(house: House, night: Owner) -> None:
    await ready_by(night, time="06:00", energy=20)
    await house.minutes(2)
    told_now = await ready_by(night, energy=0)
    assert (told_now["ready_by"], told_now["energy"]) == (None, 0.0)
    await house.minutes(5)
    assert why(night) == "waiting_for_surplus"
    assert night.value("ready_by", GARAGE) == "06:00:00", "the time stays for the next"


async def test_the_action_waits_for_a_car(house: House, garage: Station, night: Owner) -> None:
    garage.unplug()
    await house.minutes(1)
    told_now = await ready_by(night, time="06:00", energy=20)
    assert told_now["waits_for_car"]
    assert told_now["begins"] is None
    garage.plug(Car(LEAF, charge=0.3))
    await house.minutes(3)
    assert why(night) == "ready_by"


async def test_a_state_of_charge_is_turned_into_energy(house: House, night: Owner) -> None:
    """From 50 to 68 % of 40 kWh are 7.2, and 8.0 at the wall connector."""
    night.hass.states.async_set("sensor.leaf", "50", {"unit_of_measurement": "%", "device_class": "battery"})
    await night.enter_car(soc="sensor.leaf", battery_capacity=40.0, default_at=[str(GARAGE)])
    await house.minutes(2)
    told_now = await ready_by(night, time="07:00", level=68)
    assert told_now["energy"] == 8.0
    assert (await ready_by(night, time="07:00", level=45))["energy"] == 0.0, "it has more"


async def test_a_state_of_charge_that_nobody_knows_is_refused(house: House, night: Owner) -> None:
    with pytest.raises(ServiceValidationError) as refused:
        await ready_by(night, time="07:00", level=80)
    assert refused.value.translation_key == "ready_level_unknown"


@pytest.mark.parametrize("data", [{}, {"energy": 3, "level": 80}, {"energy": float("nan")}], ids=str)
async def test_it_has_to_be_said_how_much(house: House, night: Owner, data: dict[str, Any]) -> None:
    with pytest.raises((ServiceValidationError, vol.Invalid)):
        await ready_by(night, time="07:00", **data)
    assert night.number("ready_energy", GARAGE) == 0.0


async def test_off_is_off_for_the_action(house: House, night: Owner) -> None:
    await choose(night, "off")
    with pytest.raises(ServiceValidationError) as refused:
        await ready_by(night, time="07:00", energy=3)
    assert refused.value.translation_key == "current_mode_off"
    await ready_by(night, energy=0)


# The time of day


@pytest.mark.parametrize(
    ("at", "now", "then"),
    [
        ("07:00", "2026-12-01T05:00+01:00", "2026-12-01T07:00+01:00"),
        ("07:00", "2026-12-01T07:00+01:00", "2026-12-02T07:00+01:00"),
        ("07:00", "2026-12-01T22:00+01:00", "2026-12-02T07:00+01:00"),
        # The clock is put forward at two in the morning of the 28th, and back at three of the 25th.
        ("07:00", "2027-03-27T22:00+01:00", "2027-03-28T07:00+02:00"),
        ("02:30", "2027-03-27T22:00+01:00", "2027-03-28T03:30+02:00"),
        ("07:00", "2026-10-24T22:00+02:00", "2026-10-25T07:00+01:00"),
        ("02:30", "2026-10-24T22:00+02:00", "2026-10-25T02:30+02:00"),
        ("02:30", "2026-10-25T02:45+02:00", "2026-10-26T02:30+01:00"),
    ],
)
async def test_the_next_time_is_the_one_on_the_wall(
    in_berlin: None, hass: HomeAssistant, at: str, now: str, then: str
) -> None:
    found = next_time(time.fromisoformat(at), datetime.fromisoformat(now).astimezone(UTC))
    assert found == datetime.fromisoformat(then)


# What is kept

KEPT = ReadyPlan(
    time_of_day=time(6, 45),
    kwh=12.5,
    daily=True,
    at=1_795_600_000.0,
    from_kwh=6782.3,
    stage=PlanStage.RUNNING,
)
MEMORY = Memory(ready_by={GARAGE: KEPT, YARD: ReadyPlan(time_of_day=time(8))})


async def test_it_is_loaded(hass: HomeAssistant, hass_storage: dict[str, Any]) -> None:
    await BusStore(hass, "bus").async_save(MEMORY)
    assert await BusStore(hass, "bus").async_load() == MEMORY


async def test_a_file_in_which_it_is_not_used_is_one_of_before(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    await BusStore(hass, "bus").async_save(Memory(circuit_limit=20))
    assert "ready_by" not in hass_storage["tesla_twc.bus"]["data"]
    assert await BusStore(hass, "bus").async_load() == Memory(circuit_limit=20)


@pytest.mark.parametrize(
    "change",
    [
        {"time_of_day": "25:00"},
        {"time_of_day": "07:00+01:00"},
        {"time_of_day": 7},
        {"kwh": -1.0},
        {"kwh": 1e9},
        {"kwh": 0.0},
        {"kwh": True},
        {"daily": 1},
        {"at": None},
        {"at": -5.0},
        {"from_kwh": float("inf")},
        {"stage": "sometime"},
    ],
    ids=str,
)
async def test_what_cannot_be_true_is_not_believed(
    hass: HomeAssistant, hass_storage: dict[str, Any], change: dict[str, Any]
) -> None:
    await BusStore(hass, "bus").async_save(replace(MEMORY, circuit_limit=20))
    hass_storage["tesla_twc.bus"]["data"]["ready_by"][str(GARAGE)] |= change
    assert await BusStore(hass, "bus").async_load() == Memory()


# In a house of several buses


async def test_on_one_of_two_buses_it_is_planned_by_what_is_measured_there(
    hass: HomeAssistant, world: World
) -> None:
    estate, _, barn = await two_buses(hass, world, METERED)
    await barn.set_limit(GARAGE, 16)
    estate.plug_all()
    await estate.live(60)
    await choose(barn, "solar")
    await estate.live(5)
    told_now = await ready_by(barn, time=f"{dt_util.now() + timedelta(minutes=30):%H:%M}", energy=50)
    assert (told_now["amps"], told_now["charges_now"]) == (15, True)
    assert told_now["short"] > 40
    await estate.live(20)
    assert why(barn) == "ready_by"
    await put(barn, NUMBER, "set_value", "ready_energy", value=0)
    await estate.live(5)
    assert why(barn) != "ready_by"
