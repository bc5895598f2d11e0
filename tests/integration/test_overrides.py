"""What an action fixed for a while outlives a restart, and never its end."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from custom_components.tesla_twc.runtime.overrides import (
    PAGE_SECONDS,
    WALL_CLOCK_SECONDS,
    FixedAmps,
    KeptAmps,
)
from custom_components.tesla_twc.storage.memory import Memory
from custom_components.tesla_twc.storage.store import BusStore
from custom_components.tesla_twc.storage.write_pace import PATIENT_SECONDS, SAVE_DELAY_SECONDS
from custom_components.tesla_twc.twc.protocol.codes import TwcId
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import TESLA
from custom_components.tesla_twc.twc.simulator.clock import SimulatedClock
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.owner import CAR_SECONDS, GARAGE, YARD, Owner, live
from tests.integration.test_actions import set_current

pytestmark = pytest.mark.once

HOUR = 3600.0
DAY = 24 * HOUR


@pytest.fixture
async def charging(world: World, garage: Station, owner: Owner, freezer: FrozenDateTimeFactory) -> Owner:
    """Let a car charge with 16 A."""
    await owner.set_limit(GARAGE, 16)
    garage.plug(Car(TESLA))
    await live(world, CAR_SECONDS)
    return owner


async def pass_hours(world: World, freezer: FrozenDateTimeFactory, hours: float) -> None:
    """Let time pass on the bus and on the wall."""
    for _ in range(round(hours * 60)):
        freezer.tick(60.0)
        await live(world, 60)


def why(owner: Owner) -> str:
    return owner.value("decision", GARAGE)


async def test_a_restart_raises_nothing_before_the_end(
    world: World, charging: Owner, freezer: FrozenDateTimeFactory, garage: Station
) -> None:
    await set_current(charging, 8, GARAGE, duration={"minutes": 40})
    await pass_hours(world, freezer, 0.2)
    await charging.restart()
    highest = 0.0
    for _ in range(60):
        world.clock.advance(2)
        await world.hass.async_block_till_done()
        highest = max(highest, garage.connector.offered_amps)
    assert (why(charging), highest) == ("set_by_action", 8)
    await pass_hours(world, freezer, 0.4)
    assert why(charging) == "set_by_action"
    await pass_hours(world, freezer, 0.1)
    assert why(charging) == "at_limit"
    assert garage.connector.offered_amps == 16


async def test_the_time_goes_on_while_home_assistant_is_away(
    world: World, charging: Owner, freezer: FrozenDateTimeFactory
) -> None:
    await set_current(charging, 8, GARAGE, duration={"minutes": 30})
    entry_id = charging.entry.entry_id
    assert await world.hass.config_entries.async_unload(entry_id)
    freezer.tick(0.4 * HOUR)
    assert await world.hass.config_entries.async_setup(entry_id)
    await live(world, 60)
    assert why(charging) == "set_by_action"
    await pass_hours(world, freezer, 0.1)
    assert why(charging) == "at_limit"


async def test_an_end_that_has_passed_meanwhile_is_over_and_not_kept(
    world: World, charging: Owner, freezer: FrozenDateTimeFactory, hass_storage: dict[str, Any]
) -> None:
    await set_current(charging, 8, GARAGE, duration={"hours": 2})
    entry_id = charging.entry.entry_id
    assert await world.hass.config_entries.async_unload(entry_id)
    assert hass_storage[charging.storage_key]["data"]["fixed"].keys() == {str(GARAGE)}
    freezer.tick(2 * HOUR)
    assert await world.hass.config_entries.async_setup(entry_id)
    await live(world, 60)
    assert why(charging) == "at_limit"
    await charging.let_changes_be_written()
    assert hass_storage[charging.storage_key]["data"]["fixed"] == {}


async def test_a_wall_clock_that_is_set_back_adds_no_time(
    world: World, charging: Owner, freezer: FrozenDateTimeFactory
) -> None:
    await set_current(charging, 8, GARAGE, duration={"minutes": 30})
    await pass_hours(world, freezer, 0.25)
    entry_id = charging.entry.entry_id
    assert await world.hass.config_entries.async_unload(entry_id)
    freezer.tick(-365 * DAY)
    assert await world.hass.config_entries.async_setup(entry_id)
    await pass_hours(world, freezer, 0.2)
    assert why(charging) == "set_by_action"
    await pass_hours(world, freezer, 0.15)
    assert why(charging) == "at_limit"


async def test_without_an_end_it_lasts_until_the_car_goes(
    world: World, charging: Owner, freezer: FrozenDateTimeFactory, garage: Station
) -> None:
    await set_current(charging, 8, GARAGE)
    await charging.restart()
    freezer.tick(DAY)
    await live(world, 60)
    assert why(charging) == "set_by_action"
    garage.unplug()
    await live(world, 60)
    await charging.restart()
    garage.plug(Car(TESLA))
    await live(world, CAR_SECONDS)
    assert why(charging) == "at_limit"


async def test_a_crash_loses_nothing_that_was_set_some_seconds_before(
    world: World, charging: Owner, hass_storage: dict[str, Any]
) -> None:
    await charging.let_changes_be_written()
    await set_current(charging, 8, GARAGE, duration={"hours": 2})
    await charging.let_changes_be_written()
    await charging.crash(hass_storage[charging.storage_key], hass_storage)
    await live(world, 60)
    assert why(charging) == "set_by_action"


@pytest.mark.parametrize("where", ["wall_connector", "bus"])
async def test_a_mode_that_somebody_chooses_is_not_undone_by_a_restart(
    world: World, charging: Owner, where: str
) -> None:
    await set_current(charging, 8, GARAGE)
    await charging.choose_mode(GARAGE if where == "wall_connector" else None, "fast")
    await charging.restart()
    await live(world, 60)
    assert why(charging) == "at_limit"


async def test_the_mode_of_the_bus_is_nothing_to_one_that_has_its_own(world: World, charging: Owner) -> None:
    await charging.choose_mode(GARAGE, "fast")
    await set_current(charging, 8, GARAGE)
    await charging.choose_mode(None, "off")
    await live(world, 30)
    assert why(charging) == "set_by_action"


# What is kept


def restored(kept: Mapping[TwcId, KeptAmps]) -> tuple[FixedAmps, SimulatedClock]:
    clock = SimulatedClock()
    return FixedAmps(clock, kept), clock


@pytest.mark.parametrize("jump", [-50 * 365 * DAY, -DAY, -HOUR, 0.0, HOUR + 1, DAY, 50 * 365 * DAY])
def test_whatever_the_wall_clock_does_nothing_lasts_longer_than_it_was_set_for(
    freezer: FrozenDateTimeFactory, jump: float
) -> None:
    now, clock = restored({})
    now.fix(GARAGE, 8, 2 * HOUR)
    clock.advance(HOUR)
    freezer.tick(HOUR)
    kept = now.remembered()
    freezer.tick(jump)
    for _ in range(3):
        then, clock = restored(kept)
        fixed = then.of(GARAGE)
        assert fixed is None or (fixed.until is not None and fixed.until - clock.time() <= HOUR)
        assert (fixed is None) is (jump >= HOUR)
        kept = then.remembered()


def test_a_clock_that_begins_anew_with_every_start_makes_nothing_last_for_ever(
    freezer: FrozenDateTimeFactory,
) -> None:
    """A small computer without a battery for its clock, and without a network."""
    now, clock = restored({})
    now.fix(GARAGE, 8, 2 * HOUR)
    for _ in range(20):
        clock.advance(HOUR)
        freezer.tick(HOUR)
        now.end({}, clock.time())
        kept = now.remembered()
        freezer.tick(-HOUR)
        now, clock = restored(kept)
    assert now.of(GARAGE) is None


def test_a_wall_clock_that_is_put_right_while_it_runs_moves_the_end_along(
    freezer: FrozenDateTimeFactory,
) -> None:
    now, _ = restored({})
    now.fix(GARAGE, 8, 2 * HOUR)
    now.remembered()
    freezer.tick(50 * 365 * DAY)
    then, clock = restored(now.remembered())
    fixed = then.of(GARAGE)
    assert fixed is not None
    assert fixed.until == pytest.approx(clock.time() + 2 * HOUR, abs=1)


def test_little_is_written_while_the_time_passes(freezer: FrozenDateTimeFactory) -> None:
    now, clock = restored({})
    now.fix(GARAGE, 8, 8 * HOUR)
    seen = []
    for _ in range(480):
        clock.advance(60)
        freezer.tick(60.5)  # clocks differ a little
        now.end({}, clock.time())
        seen.append(now.remembered())
    changes = sum(a != b for a, b in pairwise(seen))
    assert changes <= 8 * HOUR / PAGE_SECONDS + 240 / WALL_CLOCK_SECONDS + 1


def test_they_follow_a_wall_connector_that_takes_another_twcid() -> None:
    now, _ = restored({GARAGE: KeptAmps(amps=8)})
    now.pass_on(GARAGE, YARD)
    assert now.remembered() == {YARD: KeptAmps(amps=8)}
    now.fix(GARAGE, 10, None)
    now.pass_on(GARAGE, YARD)
    assert now.remembered() == {YARD: KeptAmps(amps=8)}, "what was set for it comes first"


# The file

KEPT = KeptAmps(amps=8, ends_at=1_795_600_000.0, seconds_left=7200.0)
MEMORY = Memory(fixed={GARAGE: KEPT, YARD: KeptAmps(amps=0)})


async def test_what_was_fixed_is_loaded(hass: HomeAssistant, hass_storage: dict[str, Any]) -> None:
    await BusStore(hass, "bus").async_save(MEMORY)
    assert await BusStore(hass, "bus").async_load() == MEMORY


async def test_a_file_from_before_fixed_amps_were_kept_is_read(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    await BusStore(hass, "bus").async_save(replace(MEMORY, circuit_limit=20))
    del hass_storage["tesla_twc.bus"]["data"]["fixed"]
    assert await BusStore(hass, "bus").async_load() == Memory(circuit_limit=20)


@pytest.mark.parametrize(
    "change",
    [
        {"amps": 81},
        {"amps": -1},
        {"amps": 8.5},
        {"amps": True},
        {"amps": "8"},
        {"ends_at": -1.0},
        {"ends_at": float("inf")},
        {"ends_at": 1e300},
        {"ends_at": 10**400},
        {"ends_at": "tomorrow"},
        {"ends_at": None},
        {"seconds_left": float("nan")},
        {"seconds_left": -1.0},
        {"seconds_left": 1e9},
        {"seconds_left": True},
        {"seconds_left": None},
        {"because": "of a later version"},
    ],
    ids=str,
)
async def test_fixed_amps_that_cannot_be_true_are_not_believed(
    hass: HomeAssistant, hass_storage: dict[str, Any], change: dict[str, Any]
) -> None:
    await BusStore(hass, "bus").async_save(replace(MEMORY, circuit_limit=20))
    hass_storage["tesla_twc.bus"]["data"]["fixed"][str(GARAGE)] |= change
    assert await BusStore(hass, "bus").async_load() == Memory()


@pytest.mark.parametrize(
    ("fixed", "at_once"),
    [
        ({GARAGE: replace(KEPT, amps=9)}, True),
        ({GARAGE: replace(KEPT, ends_at=1_795_600_600.0)}, True),
        ({}, True),
        ({GARAGE: replace(KEPT, seconds_left=6600.0)}, False),
    ],
)
async def test_what_was_set_is_written_at_once_and_the_time_that_passes_is_not(
    world: World, hass_storage: dict[str, Any], fixed: dict[TwcId, KeptAmps], at_once: bool
) -> None:
    store = BusStore(world.hass, "bus")
    await store.async_save(Memory(fixed={GARAGE: KEPT}))
    del hass_storage["tesla_twc.bus"]
    store.save_soon(Memory(fixed=fixed))
    await world.pass_time(SAVE_DELAY_SECONDS)
    assert ("tesla_twc.bus" in hass_storage) is at_once
    await world.pass_time(PATIENT_SECONDS)
    assert "tesla_twc.bus" in hass_storage


async def test_a_duration_beyond_all_calendars_is_refused(world: World, charging: Owner) -> None:
    with pytest.raises(Exception, match="value must be at most") as refused:
        await set_current(charging, 8, GARAGE, duration={"days": 999_999_999})
    assert type(refused.value).__name__ == "MultipleInvalid"
