"""A month of charges with everything that comes between: do sources, hours and sessions sum to the counter?"""

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from custom_components.tesla_twc.sessions.book import WRITE_SECONDS
from custom_components.tesla_twc.sessions.database import SessionDatabase
from custom_components.tesla_twc.twc.charging.decision import HouseFlows
from custom_components.tesla_twc.twc.sessions.ledger import Ledger
from custom_components.tesla_twc.twc.sessions.told_by_hour import told_by_hour

from .figures import Figure
from .goals import CLOSURE_PERCENT
from .outlet import Socket

DAY = 86_400
STEP = 5.0
"""s between two looks; a bus looks every second, which adds up to the same."""
BUS = "bus"
MEMORY = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
"""Where a month of writing takes no time; what a disk keeps is told by ``kills``."""


async def measure(*, quick: bool) -> list[Figure]:
    """Live through a month, and add up."""
    days = 3 if quick else 30
    with TemporaryDirectory(dir=MEMORY) as folder:
        month = _Month(SessionDatabase(Path(folder) / "sessions.db"))
        begun = month.socket.kwh
        for _ in range(days):
            month.live_a_day()
        month.end()
        sessions = month.database.between(0.0, 1e12, [BUS])
        (sums,) = month.database.sums_since(BUS, [0])
    counted = month.socket.kwh - begun
    told = sum(one.kwh for one in sessions)
    sources = max(abs(one.energy.total - one.kwh) / max(one.kwh, 0.1) for one in sessions)
    hours = max(
        abs(sum(hour.energy.total for hour in told_by_hour(one)) - one.kwh) / max(one.kwh, 0.1)
        for one in sessions
    )
    of_hours = sum(one.energy for one in sums.values())
    unknown = sum(one.energy.unknown for one in sessions)
    what = f"after {days} days with {month.interruptions} interruptions"

    def percent(name: str, value: float, *, goal: bool = True) -> Figure:
        at_most = CLOSURE_PERCENT if goal else None
        return Figure(name=f"{name}, {what}", value=100.0 * value, unit="%", at_most=at_most)

    return [
        percent("sources of a session, from its energy at most", sources),
        percent("hours of a session, from its energy at most", hours),
        percent("all sessions, from the counter", abs(told - counted) / counted),
        percent("all hours in the file, from the counter", abs(of_hours - counted) / counted),
        percent("of unknown origin", unknown / told, goal=False),
    ]


class _Month:
    """One wall connector and what its house does to it."""

    def __init__(self, database: SessionDatabase) -> None:
        self.database = database
        database.prepare()
        self.socket = Socket()
        self.interruptions = 0
        self._chance = Random(3)
        self._written_at = 0.0

    def live_a_day(self) -> None:
        """Charge once or twice, with a restart, a crash, a hand-over and an hour without a bus in some of it."""
        for _ in range(self._chance.choice([1, 2])):
            self._live(self._chance.uniform(1, 4) * 3600)
            self.socket.plug(there=True)
            self._live(300)
            for _ in range(self._chance.randrange(1, 5)):
                self.socket.amps = self._chance.choice([6.0, 10.0, 16.0])
                self._live(self._chance.uniform(0.2, 1.5) * 3600)
                self._interrupt()
                self._live(self._chance.uniform(0.1, 0.5) * 3600)
                self.socket.amps = self._chance.choice([0.0, self.socket.amps])
                self._live(600)
            self.socket.plug(there=False)
            self._live(600)

    def end(self) -> None:
        """Write everything down."""
        self.socket.ledger.keep_open_sessions()
        self._write()

    def _interrupt(self) -> None:
        what = self._chance.choice(["restart", "crash", "keeper", "bus", "nothing"])
        if what == "nothing":
            return
        self.interruptions += 1
        if what == "bus":
            # Nothing is heard for an hour, and Home Assistant runs on.
            self.socket.flow(3600)
            return
        if what != "crash":
            self.end()
        self.socket.ledger = Ledger()
        self.socket.flow({"restart": 40.0, "crash": 180.0, "keeper": 90.0}[what])
        self.socket.restart(Ledger.resumed(self.database.latest(BUS)))

    def _live(self, seconds: float) -> None:
        for _ in range(int(seconds / STEP)):
            if self._chance.random() < STEP / 600:
                others, battery = self._chance.uniform(-8000, 1500), self._chance.choice([0.0, -1500.0])
                self.socket.house = HouseFlows(others_watts=others, battery_watts=battery)
            self.socket.flow(STEP)
            told = self.socket.look()
            if told or self.socket.wall - self._written_at >= WRITE_SECONDS:
                self._write()

    def _write(self) -> None:
        self._written_at = self.socket.wall
        if self.socket.ledger.changed:
            self.database.write(BUS, self.socket.ledger.changed.values())
            self.socket.ledger.changed.clear()
