"""External statistics of charges: hour by hour, the same when written again, and repaired after a change."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.components.recorder.statistics import async_list_statistic_ids, statistics_during_period
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)

from custom_components.tesla_twc.sessions.database import SessionDatabase
from custom_components.tesla_twc.sessions.statistics import SessionStatistics
from custom_components.tesla_twc.twc.sessions.energy import BySource
from custom_components.tesla_twc.twc.sessions.hours import Flow, Hour
from custom_components.tesla_twc.twc.sessions.session import Session
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import TESLA
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.owner import CAR_SECONDS, GARAGE, Owner, live, move_in
from tests.integration.test_car_dialogue import VIN, add_car

BEGAN = 1_789_948_800
HOUR = 3600
GRID, SUN, COST = (f"tesla_twc:01abc_3495_{figure}" for figure in ("grid", "sun", "cost"))


@pytest.fixture(autouse=True)
def custom_integrations(recorder_mock: Recorder, enable_custom_integrations: None) -> None:
    """Start the recorder before Home Assistant."""


@pytest.fixture
def database(tmp_path: Path) -> SessionDatabase:
    database = SessionDatabase(tmp_path / "sessions.db")
    database.prepare()
    return database


def statistics_of(hass: HomeAssistant, database: SessionDatabase) -> SessionStatistics:
    return SessionStatistics(hass, database, "01ABC", lambda _: "Garage")


def a_session(number: int, kwh: float, *, sun: float = 0.0, hours: int = 2) -> Session:
    """Return one that took ``kwh`` in each of some hours, the first of them ``number`` hours after the beginning."""
    start = BEGAN + number * HOUR
    flow = Flow(kwh=BySource(grid=kwh - sun, sun=sun), cost=0.3 * (kwh - sun))
    whole = flow.times(hours)
    return Session(
        key=f"3495-{number}",
        twcid="3495",
        start=start + 60.0,
        end=start + hours * HOUR - 60.0,
        seen=start + hours * HOUR - 60.0,
        start_kwh=0.0,
        end_kwh=whole.kwh.total,
        measured=whole.kwh,
        measured_cost=BySource(grid=whole.cost),
        hours=tuple(Hour(start + hour * HOUR, flow) for hour in range(hours)),
    )


async def sums(hass: HomeAssistant, known_by: str) -> dict[int, tuple[float, float]]:
    """Return state and sum of each hour, by hours since the beginning."""
    await async_wait_recording_done(hass)
    rows: Mapping[str, list[Mapping[str, Any]]] = await get_instance(hass).async_add_executor_job(
        lambda: statistics_during_period(
            hass, datetime.fromtimestamp(0, UTC), None, {known_by}, "hour", None, {"state", "sum"}
        )
    )
    return {
        round((row["start"] - BEGAN) / HOUR): (round(row["state"], 6), round(row["sum"], 6))
        for row in rows.get(known_by, ())
    }


async def tell(hass: HomeAssistant, database: SessionDatabase, hours: float = 100) -> None:
    await statistics_of(hass, database).async_tell(BEGAN + hours * HOUR)
    await async_wait_recording_done(hass)


async def test_each_hour_has_what_flowed_in_it(hass: HomeAssistant, database: SessionDatabase) -> None:
    """zaptec#347, #396: the wrong hour."""
    database.write("01ABC", [a_session(0, 5.0, sun=1.0), a_session(10, 3.0)])
    await tell(hass, database)
    assert await sums(hass, GRID) == {0: (4.0, 4.0), 1: (4.0, 8.0), 10: (3.0, 11.0), 11: (3.0, 14.0)}
    assert await sums(hass, SUN) == {0: (1.0, 1.0), 1: (1.0, 2.0), 10: (0.0, 2.0), 11: (0.0, 2.0)}
    assert (await sums(hass, COST))[11] == (0.9, pytest.approx(4.2))
    described = {one["statistic_id"]: one for one in await async_list_statistic_ids(hass)}
    assert set(described) == {GRID, SUN, COST}, "nothing is told of a battery that there is not"
    assert described[GRID]["name"] == "Garage: energy from the grid"
    assert described[GRID]["statistics_unit_of_measurement"] == "kWh"
    assert described[GRID]["unit_class"] == "energy"
    assert described[GRID]["has_sum"]
    assert described[COST]["statistics_unit_of_measurement"] == hass.config.currency


async def test_written_again_they_have_the_same_sums(hass: HomeAssistant, database: SessionDatabase) -> None:
    sessions = [a_session(0, 5.0), a_session(10, 3.0)]
    database.write("01ABC", sessions)
    await tell(hass, database)
    before = await sums(hass, GRID)
    for _ in range(3):
        database.mark_due("01ABC", sessions)
        await tell(hass, database)
    assert await sums(hass, GRID) == before
    assert database.due("01ABC")["3495"].start == BEGAN + 100 * HOUR


async def test_what_changes_later_repairs_every_sum_behind_it(
    hass: HomeAssistant, database: SessionDatabase
) -> None:
    """zaptec#152: no hour becomes negative by it."""
    first = a_session(0, 5.0)
    database.write("01ABC", [first, a_session(10, 3.0)])
    await tell(hass, database)
    # The counter says half as much of it.
    database.write("01ABC", [replace(first, end_kwh=5.0)])
    await tell(hass, database)
    assert await sums(hass, GRID) == {0: (2.5, 2.5), 1: (2.5, 5.0), 10: (3.0, 8.0), 11: (3.0, 11.0)}
    # And all of it was in the first hour.
    database.write("01ABC", [replace(first, hours=(Hour(BEGAN, first.hours[0].flow.times(2.0)),))])
    await tell(hass, database)
    assert await sums(hass, GRID) == {0: (10.0, 10.0), 1: (0.0, 10.0), 10: (3.0, 13.0), 11: (3.0, 16.0)}


async def test_an_hour_that_goes_on_is_told_when_it_is_over(
    hass: HomeAssistant, database: SessionDatabase
) -> None:
    database.write("01ABC", [a_session(0, 5.0)])
    await tell(hass, database, 1.5)
    assert await sums(hass, GRID) == {0: (5.0, 5.0)}
    await tell(hass, database, 2.0)
    assert await sums(hass, GRID) == {0: (5.0, 5.0), 1: (5.0, 10.0)}


async def test_a_recorder_that_begins_anew_is_told_everything(
    hass: HomeAssistant, database: SessionDatabase
) -> None:
    database.write("01ABC", [a_session(0, 5.0)])
    await tell(hass, database)
    get_instance(hass).async_clear_statistics([GRID, COST])
    await async_wait_recording_done(hass)
    database.write("01ABC", [a_session(10, 3.0)])
    await tell(hass, database)
    assert await sums(hass, GRID) == {0: (5.0, 5.0), 1: (5.0, 10.0), 10: (3.0, 13.0), 11: (3.0, 16.0)}


async def test_a_charge_that_was_the_only_one_leaves_nothing_when_it_is_deleted(
    hass: HomeAssistant, database: SessionDatabase
) -> None:
    session = a_session(0, 5.0)
    database.write("01ABC", [session])
    await tell(hass, database)
    database.write("01ABC", [replace(session, deleted=True)])
    await tell(hass, database)
    assert await sums(hass, GRID) == {0: (0.0, 0.0), 1: (0.0, 0.0)}


def of_car(car: str, figure: str) -> str:
    return f"tesla_twc:01abc_car_{car}_{figure}".lower()


async def test_each_hour_of_a_car_has_what_it_took_wherever_it_was(
    hass: HomeAssistant, database: SessionDatabase
) -> None:
    elsewhere = replace(a_session(10, 3.0, sun=3.0), key="6388-10", twcid="6388", car="01BLUE")
    guest = a_session(20, 7.0)
    database.write("01ABC", [replace(a_session(0, 5.0, sun=1.0), car="01BLUE"), elsewhere, guest])
    for _ in range(2):
        await tell(hass, database)
        database.mark_due("01ABC", [elsewhere])
    assert await sums(hass, of_car("01BLUE", "grid")) == {
        0: (4.0, 4.0), 1: (4.0, 8.0), 10: (0.0, 8.0), 11: (0.0, 8.0)
    }  # fmt: skip
    sun = await sums(hass, of_car("01BLUE", "sun"))
    assert sun == {0: (1.0, 1.0), 1: (1.0, 2.0), 10: (3.0, 5.0), 11: (3.0, 8.0)}
    cost = await sums(hass, of_car("01BLUE", "cost"))
    assert cost[11] == (0.0, pytest.approx(2.4))


async def test_a_charge_that_was_another_cars_is_moved_with_all_sums(
    hass: HomeAssistant, database: SessionDatabase
) -> None:
    first, second = replace(a_session(0, 5.0), car="01BLUE"), replace(a_session(10, 3.0), car="01BLUE")
    database.write("01ABC", [first, second])
    await tell(hass, database)
    database.write("01ABC", [replace(first, car="01RED")])
    await tell(hass, database)
    blue = await sums(hass, of_car("01BLUE", "grid"))
    assert blue == {0: (0.0, 0.0), 1: (0.0, 0.0), 10: (3.0, 3.0), 11: (3.0, 6.0)}
    assert await sums(hass, of_car("01RED", "grid")) == {0: (5.0, 5.0), 1: (5.0, 10.0)}
    # The other one, too, and the first one back.
    database.write("01ABC", [replace(second, car=None), first])
    await tell(hass, database)
    blue = await sums(hass, of_car("01BLUE", "grid"))
    assert blue == {0: (5.0, 5.0), 1: (5.0, 10.0), 10: (0.0, 10.0), 11: (0.0, 10.0)}
    assert await sums(hass, of_car("01RED", "grid")) == {0: (0.0, 0.0), 1: (0.0, 0.0)}


async def test_a_file_that_begins_anew_goes_on_with_the_sums(
    hass: HomeAssistant, database: SessionDatabase, tmp_path: Path
) -> None:
    database.write("01ABC", [a_session(0, 5.0)])
    await tell(hass, database)
    anew = SessionDatabase(tmp_path / "new.db")
    anew.prepare()
    for number in (10, 20):
        anew.write("01ABC", [a_session(number, 3.0, hours=1)])
        await tell(hass, anew)
    assert await sums(hass, GRID) == {0: (5.0, 5.0), 1: (5.0, 10.0), 10: (3.0, 13.0), 20: (3.0, 16.0)}


async def test_a_recorder_that_refuses_is_asked_again(
    hass: HomeAssistant,
    database: SessionDatabase,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    database.write("01ABC", [a_session(0, 5.0)])

    def broken(*_: object) -> None:
        raise RuntimeError("the recorder is broken")

    with monkeypatch.context() as patch:
        patch.setattr("homeassistant.components.recorder.statistics.async_add_external_statistics", broken)
        await tell(hass, database)
    assert "the recorder is broken" in caplog.text
    await tell(hass, database)
    assert len(await sums(hass, GRID)) == 2


async def test_a_change_while_hours_are_told_is_told_the_next_time(database: SessionDatabase) -> None:
    session = a_session(0, 5.0)
    database.write("01ABC", [session])
    due = database.due("01ABC")["3495"]
    database.write("01ABC", [replace(session, end_kwh=20.0)])
    database.note_told("01ABC", "3495", due, BEGAN + 100 * HOUR)
    assert database.due("01ABC")["3495"].start == BEGAN


async def test_a_bus_tells_what_it_charged(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    car_id = await add_car(hass, owner.entry, vin=VIN)
    garage.plug(Car(TESLA, charge=0.1))
    await world.pass_time(CAR_SECONDS)
    await live(world, 600)
    garage.unplug()
    await live(world, 60)
    book = owner.entry.runtime_data.sessions
    await book.async_flush()
    await book.statistics.async_tell(datetime.now(UTC).timestamp() + 2 * HOUR)
    found = await sums(hass, f"tesla_twc:{owner.entry.entry_id.lower()}_3495_grid")
    total = sum(state for state, _ in found.values())
    assert total == pytest.approx(owner.number("session_energy", GARAGE), abs=0.01)
    of_its_car = await sums(hass, f"tesla_twc:{owner.entry.entry_id}_car_{car_id}_grid".lower())
    assert of_its_car == found
    described = {one["statistic_id"]: one["name"] for one in await async_list_statistic_ids(hass)}
    assert "Model 3: energy from the grid" in described.values()


async def test_the_session_sensor_is_counted_whole_over_several_cars(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, world: World, garage: Station, entry: MockConfigEntry
) -> None:
    """As total_increasing, 31.8 kWh were counted as 13.85 elsewhere."""
    start = datetime(2027, 1, 10, 12, 0, tzinfo=UTC)
    freezer.move_to(start + timedelta(seconds=1))
    owner = await move_in(hass, world, entry)
    took = 0.0
    for minutes in (5, 12, 6):
        garage.plug(Car(TESLA, charge=0.1))
        freezer.tick(1)
        await world.pass_time(CAR_SECONDS)
        await live(world, minutes * 60)
        freezer.tick(1)
        garage.unplug()
        await live(world, 60)
        freezer.tick(1)
        took += owner.number("session_energy", GARAGE)
    await async_wait_recording_done(hass)
    do_adhoc_statistics(hass, start=start)
    await async_wait_recording_done(hass)
    known_by = owner.entity_id("session_energy", GARAGE)
    rows = await get_instance(hass).async_add_executor_job(
        lambda: statistics_during_period(hass, start, None, {known_by}, "5minute", None, {"sum"})
    )
    assert rows[known_by][-1]["sum"] == pytest.approx(took, abs=0.05)
    assert took > 1.2
