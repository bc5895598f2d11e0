"""Charges of before, taken over from TWCManager; and the report of a month."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
import sqlite3
from typing import Any

from homeassistant.auth.const import GROUP_ID_READ_ONLY
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.tesla_twc.const import DOMAIN
from custom_components.tesla_twc.sessions.importing import LARGEST_BYTES
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import ZOE
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.owner import GARAGE, Owner, live

MONTH = datetime(2023, 11, 1, tzinfo=UTC)
BEGAN = int(MONTH.timestamp())
DAY = 86_400


async def act(hass: HomeAssistant, action: str, context: Context | None = None, **data: Any) -> Any:
    return await hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True, context=context
    )


@pytest.fixture
def log(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Return a log as TWCManager writes it: over the end of a month, a stranger, a broken line."""
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    path = tmp_path / "chargesessions.csv"
    lines = [
        f'"3495","{BEGAN - 3600}","x","100","{BEGAN + 3600}","x","110","5YJ3E7EB0KF000001"',
        f'"3495","{BEGAN + DAY}","x","110","{BEGAN + DAY + 3600}","x","117",""',
        f'"7777","{BEGAN}","x","100","{BEGAN + 3600}","x","110",""',
        '"3495","soon"',
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


FOUND = {"sessions": 2, "energy": 17.0, "unknown_wall_connector": 1, "already_known": 0, "unreadable": 1}


async def year(hass: HomeAssistant) -> Any:
    return await act(hass, "get_sessions", start=MONTH.replace(month=1).isoformat())


async def test_an_import_is_shown_first_then_done_and_done_once(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, log: Path
) -> None:
    assert await act(hass, "import_sessions", file=str(log)) == {**FOUND, "dry_run": True}
    assert (await year(hass))["sessions"] == []
    assert await act(hass, "import_sessions", file=str(log), dry_run=False) == {**FOUND, "dry_run": False}
    before = await year(hass)
    assert [one["energy"] for one in before["sessions"]] == [10.0, 7.0]
    assert before["sessions"][0]["vin"] == "5YJ3E7EB0KF000001"
    await act(hass, "edit_session", session=before["sessions"][1]["id"], delete=True)
    again = await act(hass, "import_sessions", file=str(log), dry_run=False)
    assert (again["sessions"], again["already_known"]) == (0, 2)
    assert [one["energy"] for one in (await year(hass))["sessions"]] == [10.0]


async def test_the_counter_of_before_makes_no_charge_that_nobody_saw(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, log: Path
) -> None:
    await act(hass, "import_sessions", file=str(log), dry_run=False)
    assert await hass.config_entries.async_reload(owner.entry.entry_id)
    await live(world, 120)
    assert len((await year(hass))["sessions"]) == 2
    garage.plug(Car(ZOE, charge=0.1))
    await live(world, 600)
    assert owner.number("session_energy", GARAGE) < 3


async def test_the_database_is_read_too(
    hass: HomeAssistant, garage: Station, owner: Owner, tmp_path: Path
) -> None:
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    await hass.config.async_set_time_zone("UTC")
    path = tmp_path / "twcmanager.db"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "CREATE TABLE charge_sessions (chargeid int, startTime timestamp, startkWh int, slaveTWC varchar(4),"
            " endTime datetime, endkWh int, vehicleVIN varchar(17), primary key(startTime, slaveTWC))"
        )
        for start, kwh in (("2023-11-01 00:00:00", 100), (BEGAN + DAY, 110)):
            row = (start, kwh, "3495", BEGAN + DAY + 3600, 117, None)
            database.execute("INSERT INTO charge_sessions VALUES (NULL, ?, ?, ?, ?, ?, ?)", row)
    answer = await act(hass, "import_sessions", file=str(path), dry_run=False)
    assert (answer["sessions"], answer["energy"], answer["unreadable"]) == (2, 17.0, 0)


async def test_what_cannot_be_read_is_said(
    hass: HomeAssistant, garage: Station, owner: Owner, log: Path, tmp_path: Path
) -> None:
    with pytest.raises(HomeAssistantError, match="may not read"):
        await act(hass, "import_sessions", file="/etc/passwd")
    with pytest.raises(HomeAssistantError, match="cannot be read"):
        await act(hass, "import_sessions", file=str(tmp_path / "none.csv"))
    odd = tmp_path / "odd.db"
    with closing(sqlite3.connect(odd)) as database:
        database.execute("CREATE TABLE other (one int)")
    with pytest.raises(HomeAssistantError, match="no such table"):
        await act(hass, "import_sessions", file=str(odd))
    with odd.open("r+b") as file:
        file.truncate(LARGEST_BYTES + 1)
    with pytest.raises(ServiceValidationError, match="too large"):
        await act(hass, "import_sessions", file=str(odd))


async def test_whoever_may_only_look_imports_nothing(
    hass: HomeAssistant, garage: Station, owner: Owner, log: Path
) -> None:
    group = await hass.auth.async_get_group(GROUP_ID_READ_ONLY)
    reader = Context(user_id=MockUser(name="Reader", groups=[group]).add_to_hass(hass).id)
    with pytest.raises(Unauthorized):
        await act(hass, "import_sessions", reader, file=str(log), dry_run=False)
    assert await act(hass, "monthly_report", reader)


async def test_a_month_has_readings_that_differ_by_its_energy(
    hass: HomeAssistant, garage: Station, owner: Owner, log: Path
) -> None:
    """evcc#26500, #22592, #30232; TWCManager#490: proof in kWh of a month, with the readings of the counter."""
    await hass.config.async_set_time_zone("UTC")
    await act(hass, "import_sessions", file=str(log), dry_run=False)
    report = await act(hass, "monthly_report", month="2023-11")
    assert "no calibrated meter" in report["note"]
    (garage_report,) = report["wall_connectors"]
    assert garage_report["wall_connector"] == "Wall connector 3495"
    assert (garage_report["counter_start"], garage_report["counter_end"]) == (105.0, 117.0)
    assert (garage_report["energy"], garage_report["sessions"]) == (12.0, 1)
    before = (await act(hass, "monthly_report", month="2023-10"))["wall_connectors"][0]
    assert (before["counter_start"], before["counter_end"], before["energy"]) == (None, 105.0, 5.0)
    assert (await act(hass, "monthly_report"))["month"] < f"{datetime.now(UTC):%Y-%m}"
