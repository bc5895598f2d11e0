"""Energy of today, this month and this year: by when it flowed, and never as a counter that only rises."""
# ruff: noqa: ASYNC240 - a test may wait for its own small files

from datetime import UTC, datetime, timedelta
from pathlib import Path
import sqlite3

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity import Entity
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events

from custom_components.tesla_twc.sessions.database import SessionDatabase
from custom_components.tesla_twc.sessions.prices import HousePrices
from custom_components.tesla_twc.twc.sessions.energy import Prices
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import TESLA
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.owner import CAR_SECONDS, GARAGE, Owner, move_in
from tests.integration.test_car_dialogue import VIN, add_car

pytestmark = pytest.mark.once

NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
"""Midnight of a day, a month and a year, in the time zone that the house of this file has."""


@pytest.fixture
async def resident(
    hass: HomeAssistant,
    world: World,
    garage: Station,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Owner:
    """Run everything that is off by default, twenty minutes before the new year."""
    monkeypatch.setattr(Entity, "entity_registry_enabled_default", True)
    monkeypatch.setattr(HousePrices, "now", lambda _: Prices(grid=0.30))
    await hass.config.async_set_time_zone("UTC")
    freezer.move_to(NEW_YEAR - timedelta(seconds=1200))
    return await move_in(hass, world, entry)


async def pass_time(world: World, freezer: FrozenDateTimeFactory, owner: Owner, seconds: int) -> None:
    """Let time pass on the line and on the wall."""
    for _ in range(seconds // 10):
        freezer.tick(10)
        world.clock.advance(10)
        await world.hass.async_block_till_done()
    await owner.entry.runtime_data.sessions.async_flush()
    await world.pass_time(2)


async def test_a_charge_over_new_year_is_in_both_years(
    world: World, garage: Station, resident: Owner, freezer: FrozenDateTimeFactory
) -> None:
    owner = resident
    garage.plug(Car(TESLA, charge=0.1))
    await pass_time(world, freezer, owner, 1200 - 10)
    old = {key: owner.number(key, GARAGE) for key in ("energy_today", "energy_month", "energy_year")}
    assert len(set(old.values())) == 1
    assert old["energy_today"] > 0.5
    await pass_time(world, freezer, owner, 600)
    garage.unplug()
    await pass_time(world, freezer, owner, 400)
    session = owner.number("session_energy", GARAGE)
    for key, before in old.items():
        assert owner.number(key, GARAGE) == pytest.approx(session - before, abs=0.15)
        assert owner.number(key) == owner.number(key, GARAGE)
        shown = owner.shown(key, GARAGE).attributes
        assert shown["state_class"] == "total"
        assert dt_util.parse_datetime(shown["last_reset"]) == NEW_YEAR
    assert owner.number("sun_energy_year", GARAGE) == 0.0
    assert owner.number("cost_today", GARAGE) == pytest.approx(
        owner.number("energy_today", GARAGE) * 0.30, abs=0.01
    )


async def test_another_day_begins_at_zero_without_a_charge(
    world: World, garage: Station, resident: Owner, freezer: FrozenDateTimeFactory
) -> None:
    owner = resident
    garage.plug(Car(TESLA, charge=0.1))
    await pass_time(world, freezer, owner, 300)
    garage.unplug()
    await pass_time(world, freezer, owner, 600)
    assert owner.number("energy_today") > 0.1
    freezer.move_to(NEW_YEAR + timedelta(days=1, seconds=5))
    await pass_time(world, freezer, owner, 20)
    assert owner.number("energy_today") == 0.0
    assert owner.number("cost_today") == 0.0
    last_reset = owner.shown("energy_today").attributes["last_reset"]
    assert dt_util.parse_datetime(last_reset) == NEW_YEAR.replace(day=2)


async def test_an_idle_car_adds_no_state(
    hass: HomeAssistant, world: World, garage: Station, resident: Owner, freezer: FrozenDateTimeFactory
) -> None:
    owner = resident
    car_id = await add_car(hass, owner.entry, vin=VIN)
    garage.plug(Car(TESLA, charge=1.0))
    await pass_time(world, freezer, owner, 1500)
    sessions = ("session_energy", "session_sun_energy", "session_charging_time", "session_cost")
    ours = {owner.entity_id(key, GARAGE) for key in sessions}
    ours |= {
        one.entity_id
        for one in er.async_entries_for_config_entry(er.async_get(hass), owner.entry.entry_id)
        if one.config_subentry_id == car_id
    }
    ours |= {owner.entity_id(f"{what}_{period}", place)
            for what in ("energy", "sun_energy", "cost")
            for period in ("today", "month", "year")
            for place in (None, GARAGE)}  # fmt: skip
    changes = async_capture_events(hass, "state_changed")
    await pass_time(world, freezer, owner, 1800)
    assert [change for change in changes if change.data["entity_id"] in ours] == []


async def test_a_file_that_cannot_be_read_shows_what_was_known(
    world: World,
    garage: Station,
    resident: Owner,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    owner = resident
    garage.plug(Car(TESLA, charge=0.1))
    await pass_time(world, freezer, owner, 300)
    known = owner.number("energy_month", GARAGE)

    def locked(*_: object) -> None:
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(SessionDatabase, "sums_since", locked)
    await pass_time(world, freezer, owner, 300)
    assert owner.number("energy_month", GARAGE) == pytest.approx(known, abs=0.1)
    assert owner.number("session_energy", GARAGE) > known + 0.2


async def test_without_a_file_nothing_is_known(
    hass: HomeAssistant, world: World, garage: Station, entry: MockConfigEntry, sessions_file: Path
) -> None:
    sessions_file.mkdir()
    owner = await move_in(hass, world, entry)
    await world.pass_time(CAR_SECONDS)
    assert owner.value("energy_month", GARAGE) == "unknown"


async def test_a_restart_loses_no_money(
    hass: HomeAssistant, world: World, garage: Station, resident: Owner, freezer: FrozenDateTimeFactory
) -> None:
    """home-assistant/core#138308: its own cost sensor loses money over restarts."""
    owner = resident
    freezer.move_to(NEW_YEAR + timedelta(hours=5))
    garage.plug(Car(TESLA, charge=0.1))
    for _ in range(3):
        await pass_time(world, freezer, owner, 400)
        before = owner.number("cost_month")
        assert await hass.config_entries.async_reload(owner.entry.entry_id)
        await world.pass_time(CAR_SECONDS)
        assert owner.number("cost_month") >= before > 0
    garage.unplug()
    await pass_time(world, freezer, owner, 400)
    (energy, cost) = (owner.number(key) for key in ("energy_month", "cost_month"))
    assert energy == pytest.approx(owner.number("session_energy", GARAGE), abs=0.01)
    assert cost == pytest.approx(energy * 0.30, abs=0.01)
