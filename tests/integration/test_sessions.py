"""Every charge is remembered, shown, told once, and can be asked for."""
# ruff: noqa: ASYNC240 - a test may wait for its own small files

from contextlib import closing
import csv
from dataclasses import replace
from datetime import timedelta
import io
import json
from pathlib import Path
import sqlite3
from time import time
from typing import Any

from homeassistant.auth.const import GROUP_ID_READ_ONLY
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Context, Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.tesla_twc import backup
from custom_components.tesla_twc.const import DOMAIN
from custom_components.tesla_twc.registry.bus_id import bus_id
from custom_components.tesla_twc.sessions.book import database_of
from custom_components.tesla_twc.sessions.database import SessionDatabase
from custom_components.tesla_twc.sessions.prices import HousePrices
from custom_components.tesla_twc.sessions.tables import VERSION
from custom_components.tesla_twc.twc.sessions.energy import Prices
from custom_components.tesla_twc.twc.sessions.session import Session
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import TESLA, ZOE
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.owner import CAR_SECONDS, GARAGE, Owner, live

pytestmark = pytest.mark.once


@pytest.fixture
async def happenings(hass: HomeAssistant, garage: Station, owner: Owner) -> list[dict[str, Any]]:
    """What the event entity of the wall connector tells from now on."""
    told: list[dict[str, Any]] = []
    entity_id = owner.entity_id("charge", GARAGE)

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        new, old = event.data["new_state"], event.data["old_state"]
        if event.data["entity_id"] != entity_id or new is None or new.state in ("unknown", "unavailable"):
            return
        # A reload shows the last one again.
        if old is None or old.attributes.get("id") is None or old.state != new.state:
            told.append(dict(new.attributes))

    hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    return told


async def charge(world: World, garage: Station, seconds: float = 300) -> None:
    garage.plug(Car(TESLA, charge=0.1))
    await world.pass_time(CAR_SECONDS)
    await live(world, seconds)


async def flowed(world: World, garage: Station) -> float:
    """Return what has really flowed, once the counter was asked; the counter itself tells no more than whole kWh."""
    await live(world, 60)
    return garage.connector.true_kwh


async def leave(world: World, garage: Station) -> None:
    garage.unplug()
    await world.pass_time(20)


async def act(hass: HomeAssistant, action: str, context: Context | None = None, **data: Any) -> Any:
    return await hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True, context=context
    )


async def test_a_charge_is_shown_while_it_goes_on_and_told_when_it_ends(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, happenings: list[dict[str, Any]]
) -> None:
    before = await flowed(world, garage)
    await charge(world, garage)
    took = garage.connector.true_kwh - before
    assert took > 0.25
    assert owner.number("session_energy", GARAGE) == pytest.approx(took, abs=0.1)
    assert owner.number("session_sun_energy", GARAGE) == 0
    assert owner.number("session_charging_time", GARAGE) == pytest.approx(5.5, abs=2.5)
    assert owner.value("session_cost", GARAGE) == "unknown"
    shown = owner.shown("session_energy", GARAGE).attributes
    assert shown["state_class"] == "total"
    assert dt_util.parse_datetime(shown["last_reset"]) <= dt_util.utcnow()
    await leave(world, garage)
    await live(world, 60)
    assert [one["event_type"] for one in happenings] == [
        "plugged_in",
        "charging_started",
        "charging_stopped",
        "session_ended",
    ]
    whole = happenings[-1]
    assert whole["energy"] == pytest.approx(garage.connector.true_kwh - before, abs=0.11)
    assert whole["energy_grid"] == pytest.approx(whole["energy"], abs=0.01)
    assert whole["starts"] == 1
    assert owner.number("session_energy", GARAGE) == pytest.approx(whole["energy"], abs=0.01)


async def test_figures_that_stay_at_nothing_begin_anew_with_each_car(
    world: World, garage: Station, owner: Owner
) -> None:
    begins = []
    for _ in range(2):
        await charge(world, garage)
        shown = owner.shown("session_sun_energy", GARAGE)
        begins.append(shown.attributes["last_reset"])
        assert shown.state == "0.0"
        assert begins[-1] == owner.shown("session_energy", GARAGE).attributes["last_reset"]
        await leave(world, garage)
        await live(world, 60)
    assert begins[0] < begins[1]


async def test_a_reload_in_the_middle_tells_nothing_twice_and_loses_nothing(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, happenings: list[dict[str, Any]]
) -> None:
    """evcc#5696, #20384."""
    before = await flowed(world, garage)
    await charge(world, garage)
    for _ in range(2):
        assert await hass.config_entries.async_reload(owner.entry.entry_id)
        await world.pass_time(CAR_SECONDS)
        await live(world, 300)
    await leave(world, garage)
    await live(world, 60)
    answer = await act(hass, "get_sessions")
    (session,) = answer["sessions"]
    assert session["energy"] == pytest.approx(garage.connector.true_kwh - before, abs=0.11)
    assert not session["reconstructed"]
    told = [one["event_type"] for one in happenings]
    assert told.count("plugged_in") == told.count("session_ended") == 1


async def test_that_a_place_is_empty_is_written_now_and_then(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A car that comes while Home Assistant is away, after a power cut, comes after that."""
    await charge(world, garage)
    await leave(world, garage)
    database, bus = database_of(hass), bus_id(owner.entry)
    await live(world, 60)
    assert database.heard(bus) == {}
    for pace in ("WRITE_SECONDS", "HEARD_SECONDS"):
        monkeypatch.setattr(f"custom_components.tesla_twc.sessions.book.{pace}", 0.0)
    await live(world, 60)
    assert list(database.heard(bus)) == [str(GARAGE)]


async def test_the_list_has_names_local_times_and_totals(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    for _ in range(2):
        await charge(world, garage)
        await leave(world, garage)
        await live(world, 60)
    answer = await act(hass, "get_sessions")
    assert [one["wall_connector"] for one in answer["sessions"]] == ["Wall connector 3495"] * 2
    assert dt_util.parse_datetime(answer["sessions"][0]["start"]).utcoffset() is not None
    energy = sum(one["energy"] for one in answer["sessions"])
    assert answer["totals"]["sessions"] == 2
    assert answer["totals"]["energy"] == pytest.approx(energy, abs=0.01)
    assert sum(day["energy"] for day in answer["by_day"].values()) == pytest.approx(energy, abs=0.01)
    assert sum(month["sessions"] for month in answer["by_month"].values()) == 2
    none = await act(hass, "get_sessions", end=(dt_util.utcnow() - timedelta(days=1)).isoformat())
    assert none["sessions"] == []
    with pytest.raises(ServiceValidationError, match="has to end after"):
        await act(hass, "get_sessions", start=(dt_util.utcnow() + timedelta(days=1)).isoformat())


async def test_the_file_for_a_spreadsheet_sums_to_the_counter(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, tmp_path: Path
) -> None:
    hass.config.media_dirs = {"local": str(tmp_path / "media")}
    before = await flowed(world, garage)
    for _ in range(2):
        await charge(world, garage)
        await leave(world, garage)
        await live(world, 60)
    answer = await act(hass, "export_sessions", format="csv")
    text = Path(answer["file"]).read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == answer["sessions"] == 2
    took = garage.connector.true_kwh - before
    assert sum(float(row["energy"]) for row in rows) == pytest.approx(took, abs=0.11)
    assert float(rows[1]["counter_end"]) - float(rows[0]["counter_start"]) == pytest.approx(took, abs=0.11)
    answer = await act(hass, "export_sessions", format="json")
    assert len(json.loads(Path(answer["file"]).read_text())["sessions"]) == 2
    assert answer["media"].endswith(".json")


async def test_a_file_that_cannot_be_written_is_said(
    hass: HomeAssistant, garage: Station, owner: Owner, tmp_path: Path
) -> None:
    hass.config.media_dirs = {}
    with pytest.raises(HomeAssistantError, match="no local media folder"):
        await act(hass, "export_sessions", format="csv")
    (tmp_path / "media").write_text("a file where a folder should be")
    hass.config.media_dirs = {"local": str(tmp_path / "media")}
    with pytest.raises(HomeAssistantError, match="cannot be written"):
        await act(hass, "export_sessions", format="csv")


def test_a_name_is_no_formula() -> None:
    from custom_components.tesla_twc.sessions.report import as_csv

    assert "'=1+1" in as_csv([{"wall_connector": "=1+1"}])


async def test_whoever_may_not_see_a_wall_connector_may_not_see_its_sessions(
    hass: HomeAssistant, garage: Station, owner: Owner
) -> None:
    guest = MockUser(name="Guest", groups=[]).add_to_hass(hass)
    guest.mock_policy({})
    with pytest.raises(Unauthorized):
        await act(hass, "get_sessions", Context(user_id=guest.id))
    group = await hass.auth.async_get_group(GROUP_ID_READ_ONLY)
    reader = MockUser(name="Reader", groups=[group]).add_to_hass(hass)
    assert await act(hass, "get_sessions", Context(user_id=reader.id))


async def test_without_a_running_bus_nobody_can_be_asked(
    hass: HomeAssistant, garage: Station, owner: Owner
) -> None:
    assert await hass.config_entries.async_unload(owner.entry.entry_id)
    with pytest.raises(ServiceValidationError, match="No bus"):
        await act(hass, "get_sessions")


# The file


def a_session(**changes: Any) -> Session:
    facts = {"key": "1000-1", "twcid": "1000", "start": 1.0, "seen": 2.0, "start_kwh": 0.0, "end_kwh": 5.0}
    return Session(**{**facts, **changes})


def test_what_is_kept_is_read_as_it_was(tmp_path: Path) -> None:
    database = SessionDatabase(tmp_path / "sessions.db")
    assert database.prepare() is None
    kept = [
        a_session(),
        a_session(key="1000-2", start=3.0, end=4.0),
        a_session(key="2000-1", twcid="2000", end=2.0),
    ]
    database.write("bus", kept)
    database.write("other", [a_session(key="3000-1", twcid="3000")])
    assert database.between(0.0, 10.0, ["bus"]) == [kept[0], kept[2], kept[1]]
    assert sorted(one.key for one in database.latest("bus")) == ["1000-1", "1000-2", "2000-1"]
    assert database.between(3.0, 4.0, ["bus", "other"]) == [kept[1]]
    assert database.prepare() is None


def test_a_later_version_is_left_alone(tmp_path: Path, hass: HomeAssistant) -> None:
    path = tmp_path / "sessions.db"
    SessionDatabase(path).prepare()
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(Exception, match="version"):
        SessionDatabase(path).prepare()


async def test_a_damaged_file_is_put_aside_and_told(
    hass: HomeAssistant,
    world: World,
    garage: Station,
    owner: Owner,
    sessions_file: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await hass.config_entries.async_unload(owner.entry.entry_id)
    sessions_file.write_bytes(b"no database at all" * 1000)
    assert await hass.config_entries.async_setup(owner.entry.entry_id)
    aside = sessions_file.with_name("sessions.db.broken-1")
    assert aside.read_bytes().startswith(b"no database")
    assert "was put aside as sessions.db.broken-1" in caplog.text
    issue = ir.async_get(hass).async_get_issue(DOMAIN, "sessions_broken")
    assert issue is not None
    assert issue.translation_placeholders == {"file": aside.name}
    await world.pass_time(30)
    await charge(world, garage)
    assert len((await act(hass, "get_sessions"))["sessions"]) == 1


async def test_a_disk_that_takes_nothing_loses_nothing(
    hass: HomeAssistant,
    world: World,
    garage: Station,
    owner: Owner,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(SessionDatabase, "write", full)
        await charge(world, garage)
        await leave(world, garage)
        await live(world, 60)
    assert caplog.text.count("cannot be written down") == 1
    assert len((await act(hass, "get_sessions"))["sessions"]) == 1


async def test_a_file_that_cannot_be_opened_costs_the_memory_and_no_charge(
    hass: HomeAssistant,
    world: World,
    garage: Station,
    owner: Owner,
    sessions_file: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await hass.config_entries.async_unload(owner.entry.entry_id)
    sessions_file.unlink()
    sessions_file.mkdir()
    assert await hass.config_entries.async_setup(owner.entry.entry_id)
    assert "Charges are not remembered" in caplog.text
    await world.pass_time(30)
    await charge(world, garage)
    assert owner.number("session_energy", GARAGE) > 0.3


@pytest.mark.parametrize("rubbish", ["{}", "[]", "no json", '{"key": 1, "twcid": [], "start": "x"}'])
async def test_rubbish_in_the_file_keeps_no_bus_from_being_served(
    hass: HomeAssistant,
    world: World,
    garage: Station,
    owner: Owner,
    sessions_file: Path,
    rubbish: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await charge(world, garage)
    await leave(world, garage)
    await hass.config_entries.async_unload(owner.entry.entry_id)
    with closing(sqlite3.connect(sessions_file)) as database, database:
        row = (owner.entry.entry_id, "odd", "3495", 1.0, None, rubbish, rubbish)
        database.execute("INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        database.execute(
            "INSERT INTO told VALUES (?, ?, ?, ?)", (time() - 60, owner.entry.entry_id, "odd", rubbish)
        )
    assert await hass.config_entries.async_setup(owner.entry.entry_id)
    await world.pass_time(30)
    assert "cannot be read and is left out" in caplog.text
    assert len((await act(hass, "get_sessions"))["sessions"]) == 1


async def test_odd_preferences_of_energy_keep_no_bus_from_being_served(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def odd(_: HousePrices) -> None:
        raise KeyError("type")

    monkeypatch.setattr(HousePrices, "async_read_preferences", odd)
    assert await hass.config_entries.async_reload(owner.entry.entry_id)
    await world.pass_time(30)
    await charge(world, garage)
    assert owner.number("session_energy", GARAGE) > 0.3


async def test_nothing_is_written_while_a_backup_copies_the_file(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, sessions_file: Path
) -> None:
    await backup.async_pre_backup(hass)
    before = sessions_file.read_bytes()
    await charge(world, garage)
    await act(hass, "get_sessions")
    assert sessions_file.read_bytes() == before
    assert not sessions_file.with_name(f"{sessions_file.name}-wal").exists()
    await backup.async_post_backup(hass)
    assert len((await act(hass, "get_sessions"))["sessions"]) == 1


async def test_a_backup_that_begins_while_a_charge_is_written_comes_first(
    hass: HomeAssistant,
    world: World,
    garage: Station,
    owner: Owner,
    sessions_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    write = SessionDatabase.write

    def write_later(database: SessionDatabase, *what: Any) -> None:
        database.pause()
        write(database, *what)

    before = sessions_file.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(SessionDatabase, "write", write_later)
        await charge(world, garage)
        await act(hass, "get_sessions")
    assert sessions_file.read_bytes() == before
    assert "cannot be written" not in caplog.text
    await backup.async_post_backup(hass)
    assert len((await act(hass, "get_sessions"))["sessions"]) == 1


async def test_an_owner_who_edits_a_charge_during_a_backup_is_told_to_wait(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    await charge(world, garage)
    await leave(world, garage)
    (session,) = (await act(hass, "get_sessions"))["sessions"]
    await backup.async_pre_backup(hass)
    with pytest.raises(HomeAssistantError, match="a backup is being made"):
        await act(hass, "edit_session", session=session["id"], note="To Bremen")
    await backup.async_post_backup(hass)
    await act(hass, "edit_session", session=session["id"], note="To Bremen")
    assert (await act(hass, "get_sessions"))["sessions"][0]["note"] == "To Bremen"


async def test_a_backup_has_everything_in_one_file(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, sessions_file: Path, tmp_path: Path
) -> None:
    await charge(world, garage)
    await backup.async_pre_backup(hass)
    copy = tmp_path / "copy.db"
    copy.write_bytes(sessions_file.read_bytes())
    await backup.async_post_backup(hass)
    with closing(sqlite3.connect(copy)) as database:
        assert database.execute("SELECT count(*) FROM session").fetchone() == (1,)


async def test_a_backup_without_sessions_makes_no_file(hass: HomeAssistant, sessions_file: Path) -> None:
    await backup.async_pre_backup(hass)
    assert not sessions_file.exists()
    assert database_of(hass).path == sessions_file


async def test_another_wall_connector_forgotten_keeps_its_sessions(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    await charge(world, garage)
    await leave(world, garage)
    await live(world, 60)
    owner.entry.runtime_data.forget(GARAGE)
    assert len((await act(hass, "get_sessions"))["sessions"]) == 1


# Prices


async def test_a_charge_has_its_cost(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HousePrices, "now", lambda _: Prices(grid=0.30))
    await charge(world, garage)
    assert owner.number("session_cost", GARAGE) == pytest.approx(
        owner.number("session_energy", GARAGE) * 0.30, abs=0.16
    )
    assert owner.shown("session_cost", GARAGE).attributes["unit_of_measurement"] == hass.config.currency


async def test_a_swap_of_cars_is_two_sessions(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    """evcc#14627."""
    await charge(world, garage)
    garage.unplug()
    await world.pass_time(5)
    garage.plug(Car(ZOE, charge=0.1))
    await world.pass_time(CAR_SECONDS)
    await live(world, 300)
    assert len((await act(hass, "get_sessions"))["sessions"]) == 2


async def test_two_teslas_that_are_exchanged_between_two_looks_at_the_plug_are_two_sessions(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    await charge(world, garage)
    other = replace(TESLA, vin="5YJ3E1EA3JF000003")
    garage.unplug()
    garage.plug(Car(other, charge=0.1))
    await live(world, 600)
    first, second = (await act(hass, "get_sessions"))["sessions"]
    assert (first["vin"], second["vin"]) == (TESLA.vin, other.vin)
    assert second["energy"] > first["energy"] / 10
    assert owner.value("vin", GARAGE) == other.vin


async def test_a_day_that_passes_quickly_has_no_gaps(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    """What is published once in a second of the world is a minute of a simulation."""
    owner.entry.runtime_data.publisher._seconds = 60.0
    await charge(world, garage)
    await leave(world, garage)
    (session,) = (await act(hass, "get_sessions"))["sessions"]
    assert session["data_gap_seconds"] == 0
    assert session["energy_unknown"] == 0
    assert session["charging_seconds"] > 300
