"""The file of sessions: what is read is what was written, also of an earlier version."""

from collections.abc import Callable
from contextlib import closing
import json
from pathlib import Path
import sqlite3
from zoneinfo import ZoneInfo

from homeassistant.core import HomeAssistant
import pytest

from custom_components.tesla_twc.sessions.database import FilePaused, SessionDatabase
from custom_components.tesla_twc.sessions.due import Due
from custom_components.tesla_twc.sessions.report import report_of
from custom_components.tesla_twc.sessions.rows import data_of, session_of
from custom_components.tesla_twc.sessions.tables import VERSION
from custom_components.tesla_twc.twc.sessions.energy import BySource
from custom_components.tesla_twc.twc.sessions.habits import CarHabits, RefusedOffer, StopCount
from custom_components.tesla_twc.twc.sessions.hours import Flow, Hour
from custom_components.tesla_twc.twc.sessions.learnt import NOTHING_LEARNT, learnt_of
from custom_components.tesla_twc.twc.sessions.session import Session
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import TESLA
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.owner import Owner, live

MIDNIGHT = 1_789_948_800
"""UTC, the day that the file of version 1 is about."""
DATA = Path(__file__).parent / "data"
FIRST, SECOND = DATA / "sessions_1.sql", DATA / "sessions_2.sql"


def a_session(**changes: object) -> Session:
    facts = {"key": "3495-1", "twcid": "3495", "start": float(MIDNIGHT - 3600), "end": MIDNIGHT + 3600.0}
    more = {"seen": MIDNIGHT + 3600.0, "start_kwh": 0.0, "end_kwh": 10.0, "measured": BySource(grid=10.0)}
    hours = tuple(Hour(MIDNIGHT - 3600 * hour, Flow(kwh=BySource(grid=5.0))) for hour in (1, 0))
    return Session(**{**facts, **more, "hours": hours, **changes})  # type: ignore[arg-type] # of each field its own


@pytest.fixture
def first_version(tmp_path: Path) -> Path:
    """Return a file as version 1 of the tables left it: a charge over midnight, one that goes on, one unseen."""
    path = tmp_path / "sessions.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(FIRST.read_text())
    return path


def test_a_file_of_version_1_is_brought_up_to_date(
    first_version: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(sqlite3.connect(first_version)) as database:
        before = database.execute("SELECT key, data FROM session ORDER BY key").fetchall()
    database_of_today = SessionDatabase(first_version)
    for _ in range(2):
        assert database_of_today.prepare() is None
    assert caplog.text.count("cannot be read and is left out") == 1
    with closing(sqlite3.connect(first_version)) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (VERSION,)
        assert database.execute("SELECT key, data FROM session ORDER BY key").fetchall() == before
    told = database_of_today.told_between(0.0, 2e9, ["bus"])
    assert [one["id"] for one in told] == ["3495-1", "6388-1", "3495-2"]
    assert [one["energy"] for one in told] == [10.2, 3.0, 5.0]
    days = database_of_today.days_between(0.0, 2e9, ["bus"], ZoneInfo("UTC"))
    report = report_of(told, days, {}, ZoneInfo("UTC"))
    days = {day: (sums["sessions"], sums["energy"]) for day, sums in report.by_day.items()}
    # An hour and a half of two hours of current were after midnight; the day begins with the charge nobody saw.
    assert days == {
        "2026-09-20": (1, 5.1),
        "2026-09-21": (1, 8.1),
        "2026-09-22": (1, 5.0),
    }
    assert report.totals["energy"] == 18.2
    assert report.totals["cost"] == pytest.approx(told[0]["cost"], abs=0.001)


def test_a_file_of_version_1_goes_on(first_version: Path) -> None:
    database = SessionDatabase(first_version)
    database.prepare()
    (session,) = (one for one in database.latest("bus") if one.end is None)
    assert session.key == "3495-2"
    assert session.hours == ()
    database.write("bus", [session])
    assert [one.key for one in database.latest("bus") if one.end is None] == ["3495-2"]


def test_a_file_of_version_2_tells_its_cars_hours(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    with closing(sqlite3.connect(path)) as plain:
        plain.executescript(SECOND.read_text())
        before = plain.execute("SELECT start, key, sun, grid, cost FROM hour ORDER BY start").fetchall()
    database = SessionDatabase(path)
    for _ in range(2):
        assert database.prepare() is None
    with closing(sqlite3.connect(path)) as plain:
        now = plain.execute("SELECT start, key, sun, grid, cost FROM hour ORDER BY start").fetchall()
    assert now == before
    of_all, of_today = database.car_sums_since("bus", [0, MIDNIGHT])
    assert of_all["01JCAR"].energy == pytest.approx(15.0)
    assert of_today["01JCAR"].energy == pytest.approx(10.0)
    assert set(of_all) == {"01JCAR"}
    assert database.due("bus")["car_01JCAR"].start == MIDNIGHT - 3600
    assert database.due("bus")["3495"].start == MIDNIGHT + 86_400, "that was told"
    assert [one.car for one in database.between(0.0, 2e9, ["bus"])] == ["01JCAR", None, "01JCAR"]


def test_when_a_wall_connector_without_a_car_was_heard_last_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    with closing(sqlite3.connect(path)) as plain:
        plain.executescript(SECOND.read_text())
    database = SessionDatabase(path)
    database.prepare()
    assert database.heard("bus") == {}
    database.keep_heard("bus", {"3495": 10.0, "6388": 20.0})
    database.keep_heard("bus", {"3495": 30.0})
    assert database.heard("bus") == {"3495": 30.0, "6388": 20.0}
    assert database.heard("another") == {}


def test_a_step_that_fails_leaves_the_file_as_it_was(
    first_version: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = SessionDatabase(first_version)
    with monkeypatch.context() as patch:
        patch.setattr("custom_components.tesla_twc.sessions.tables.WRITE_TOLD", "INSERT INTO nothing")
        with pytest.raises(sqlite3.Error):
            database.prepare()
    with closing(sqlite3.connect(first_version)) as plain:
        assert plain.execute("PRAGMA user_version").fetchone() == (1,)
        assert plain.execute("SELECT name FROM sqlite_master WHERE name = 'hour'").fetchall() == []
    database.prepare()
    assert len(database.told_between(0.0, 2e9, ["bus"])) == 3


WRITERS: dict[str, Callable[[SessionDatabase], None]] = {
    "sessions": lambda database: database.write("bus", [a_session(key="3495-9")]),
    "names of cars": lambda database: database.keep_car_names({"01JCAR": "Blue"}),
    "faults": lambda database: database.keep_faults("bus", {"3495": "lost"}),
    "statistics to be told": lambda database: database.mark_due("bus", [a_session()]),
    "statistics that were told": lambda database: database.note_told(
        "bus", "3495", Due(MIDNIGHT - 3600, 0), MIDNIGHT
    ),
    "sums from before": lambda database: database.keep_base("tesla_twc:bus_3495_energy", 5.0),
}


@pytest.mark.parametrize("what", WRITERS)
def test_nobody_writes_into_a_file_that_is_copied(tmp_path: Path, what: str) -> None:
    database = SessionDatabase(tmp_path / "sessions.db")
    database.prepare()
    database.write("bus", [a_session()])
    database.pause()
    before = database.path.read_bytes()
    with pytest.raises(FilePaused, match="a backup is being made"):
        WRITERS[what](database)
    assert len(database.latest("bus")) == 1, "it can be read"
    assert database.path.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["sessions.db"]
    database.resume()
    WRITERS[what](database)
    database.pause()
    assert database.path.read_bytes() != before


def test_hours_are_kept_and_told_by_when_energy_flowed(tmp_path: Path) -> None:
    database = SessionDatabase(tmp_path / "sessions.db")
    database.prepare()
    session = a_session()
    database.write("bus", [session])
    database.write("other", [a_session(key="6388-1", twcid="6388")])
    assert database.between(0.0, 2e9, ["bus"]) == [session]
    before, after = database.sums_since("bus", [MIDNIGHT - 3600, MIDNIGHT])
    assert before["3495"].energy == pytest.approx(10.0)
    assert after["3495"].energy == pytest.approx(5.0)
    assert after["3495"].cost is None
    assert set(after) == {"3495"}


def test_a_session_written_again_has_its_hours_once(tmp_path: Path) -> None:
    database = SessionDatabase(tmp_path / "sessions.db")
    database.prepare()
    for end_kwh in (9.0, 10.0, 12.0):
        database.write("bus", [a_session(end_kwh=end_kwh)])
    (sums,) = database.sums_since("bus", [0])
    assert sums["3495"].energy == pytest.approx(12.0)
    assert len(database.told_between(0.0, 2e9, ["bus"])) == 1


HABITS = CarHabits(
    reactions=(2.0, 3.5),
    stops=(StopCount(way="contactor", resumed=2, stayed=1),),
    cures=2,
    refusals=(RefusedOffer(refused_amps=6, began_amps=9),),
    least_offer_amps=8,
)


def test_what_a_charge_has_shown_of_its_car_is_kept(tmp_path: Path) -> None:
    database = SessionDatabase(tmp_path / "sessions.db")
    database.prepare()
    session = a_session(habits=HABITS)
    database.write("bus", [session])
    assert database.between(0.0, 2e9, ["bus"]) == [session]
    kept = json.loads(data_of(session))
    assert set(kept["habits"]) == {"reactions", "stops", "cures", "refusals", "least_offer_amps"}
    assert "habits" not in json.loads(data_of(a_session()))


def test_of_a_charge_of_an_earlier_version_nothing_is_known(first_version: Path) -> None:
    database = SessionDatabase(first_version)
    database.prepare()
    sessions = database.between(0.0, 2e9, ["bus"])
    assert len(sessions) == 3
    assert {one.habits for one in sessions} == {CarHabits()}
    assert learnt_of(sessions) == NOTHING_LEARNT


def test_what_a_later_version_adds_is_left_alone() -> None:
    kept = json.loads(data_of(a_session(habits=HABITS)))
    kept["habits"]["colour"] = "red"
    for name in ("stops", "refusals"):
        for one in kept["habits"][name]:
            one["colour"] = "red"
    assert session_of(json.dumps(kept), None).habits == HABITS


async def test_removing_the_integration_keeps_every_charge_and_says_where(
    hass: HomeAssistant,
    world: World,
    garage: Station,
    owner: Owner,
    sessions_file: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    garage.plug(Car(TESLA, charge=0.1))
    await live(world, 600)
    with caplog.at_level("INFO"):
        await hass.config_entries.async_remove(owner.entry.entry_id)
    assert f"stay in {sessions_file}" in caplog.text
    (session,) = SessionDatabase(sessions_file).told_between(0.0, 3e9, [owner.entry.entry_id])
    assert session["energy"] > 0.3
