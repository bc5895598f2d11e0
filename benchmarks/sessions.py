"""Ten years of charges in their file: how soon they are there at the start, and how soon a question is answered."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from zoneinfo import ZoneInfo

from custom_components.tesla_twc.sessions.database import SessionDatabase
from custom_components.tesla_twc.twc.sessions.energy import BySource
from custom_components.tesla_twc.twc.sessions.hours import Flow, Hour, hour_of
from custom_components.tesla_twc.twc.sessions.session import Session, Window

from .figures import Figure
from .goals import SESSIONS_MILLISECONDS

DAY = 86_400.0
YEARS, CONNECTORS, A_DAY = 10, 3, 3
BEGAN = 1_790_000_000.0
BUS = "bus"


async def measure(*, quick: bool) -> list[Figure]:
    """Measure the file of a busy house."""
    days = 365 * (1 if quick else YEARS)
    with TemporaryDirectory() as folder:
        database = SessionDatabase(Path(folder) / "sessions.db")
        database.prepare()
        database.write(BUS, (_session(number) for number in range(days * CONNECTORS * A_DAY)))
        end = BEGAN + days * DAY
        year = end - 365 * DAY
        one = _session(days * CONNECTORS * A_DAY)
        asked: dict[str, Callable[[], object]] = {
            "open the file and check it": database.prepare,
            "what a bus goes on with": lambda: database.latest(BUS),
            "list of a month": lambda: database.told_between(end - 31 * DAY, end, [BUS]),
            "list of a year": lambda: database.told_between(year, end, [BUS]),
            "days of a year, for its totals by day and month": lambda: database.days_between(
                year, end, [BUS], ZoneInfo("Europe/Paris")
            ),
            "today, this month, this year of each": lambda: database.sums_since(
                BUS, [end - DAY, end - 31 * DAY, year]
            ),
            "write one session": lambda: database.write(BUS, [one]),
        }
        figures = [
            Figure(
                name=f"{name}, after {days // 365} years, longest of 20",
                value=max(_milliseconds(ask) for _ in range(20)),
                unit="ms",
                at_most=SESSIONS_MILLISECONDS,
            )
            for name, ask in asked.items()
        ]
        size = database.path.stat().st_size / 1e6
    return [*figures, Figure(name=f"the file after {days // 365} years", value=round(size, 1), unit="MB")]


def _milliseconds(ask: Callable[[], object]) -> float:
    began = perf_counter()
    ask()
    return (perf_counter() - began) * 1000


def _session(number: int) -> Session:
    """Return one of many: six hours apart at each wall connector, with two windows."""
    start = BEGAN + number // CONNECTORS * DAY / A_DAY
    twcid = f"{0x1000 + number % CONNECTORS:04X}"
    return Session(
        key=f"{twcid}-{start:.0f}",
        twcid=twcid,
        start=start,
        end=start + 4 * 3600,
        seen=start + 4 * 3600,
        vin="5YJ3E7EB0KF000001",
        start_kwh=10.0 * number,
        end_kwh=10.0 * number + 9.7,
        measured=BySource(sun=5.1, battery=1.2, grid=3.2),
        measured_cost=BySource(sun=0.4, battery=0.1, grid=0.99),
        hours=tuple(
            Hour(
                hour_of(start) + 3600 * hour, Flow(kwh=BySource(sun=1.7, battery=0.4, grid=1.0666), cost=0.49)
            )
            for hour in range(3)
        ),
        windows=(
            Window(start=start + 10, end=start + 3600, reason="waiting_for_surplus"),
            Window(start=start + 5000, end=start + 9000, reason="finished"),
        ),
        charging_seconds=7590.0,
        ampere_seconds=91_000.0,
        peak_amps=15.9,
        phases=3,
    )
