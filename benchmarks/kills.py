"""A real process that follows a charge and writes it down is killed at random moments: what is lost?"""

from dataclasses import dataclass
from mmap import mmap
import os
from pathlib import Path
from random import Random
import signal
from struct import Struct
from tempfile import TemporaryDirectory
from time import sleep

from custom_components.tesla_twc.sessions.book import WRITE_SECONDS
from custom_components.tesla_twc.sessions.database import SessionDatabase
from custom_components.tesla_twc.twc.charging.decision import HouseFlows
from custom_components.tesla_twc.twc.sessions.ledger import Ledger
from custom_components.tesla_twc.twc.sessions.session import Session

from .figures import Figure
from .goals import KILL_LOSS_SECONDS, KILL_LOST_KWH
from .outlet import Socket

BUS = "bus"
AWAY_SECONDS = 20.0
"""Of the car's time pass until the next process is there."""
_SEEN = Struct("dd")
"""Time and counter, in memory that outlives a process."""


async def measure(*, quick: bool) -> list[Figure]:
    """Kill it again and again."""
    kills = 20 if quick else 200
    with TemporaryDirectory() as folder:
        world = _World(SessionDatabase(Path(folder) / "sessions.db"))
        chance = Random(5)
        lost: list[float] = []
        for _ in range(kills):
            before = world.session()
            world.live_and_be_killed(chance.uniform(0.01, 0.15))
            after = world.look_again()
            lost.append(after.gap_seconds - before.gap_seconds - AWAY_SECONDS)
        sessions = world.database.between(0.0, 1e12, [BUS])
        (session,) = sessions[:1]
        counted = world.socket.kwh - 1000.0
    return [
        Figure(
            name=f"energy lost by {kills} kills",
            value=abs(counted - sum(one.kwh for one in sessions)),
            unit="kWh",
            at_most=KILL_LOST_KWH,
        ),
        Figure(
            name="sessions made of the one charge, too many", value=len(sessions) - 1.0, unit="", at_most=0.0
        ),
        Figure(
            name="attribution lost by one kill, longest", value=max(lost), unit="s", at_most=KILL_LOSS_SECONDS
        ),
        Figure(
            name="sources from the energy of the session",
            value=abs(session.energy.total - session.kwh),
            unit="kWh",
            at_most=KILL_LOST_KWH,
        ),
        Figure(
            name="time of the car that was lived through",
            value=(session.seen - session.start) / 3600,
            unit="h",
        ),
    ]


@dataclass
class _World:
    """A car that charges without end, and a process that looks at it."""

    database: SessionDatabase

    def __post_init__(self) -> None:
        self.socket = Socket(house=HouseFlows(others_watts=-3000.0))
        self.socket.plug(there=True)
        self.database.prepare()
        self.socket.look()
        self.database.write(BUS, self.socket.ledger.changed.values())
        self.socket.amps = 16.0
        self._memory = mmap(-1, _SEEN.size)

    def session(self) -> Session:
        """Return what is on disk."""
        return next(iter(self.database.latest(BUS)))

    def live_and_be_killed(self, seconds: float) -> None:
        """Let a process follow the charge, and kill it so many s of the world later, whatever it does then."""
        self._remember()
        child = os.fork()
        if child == 0:
            try:
                self._follow()
            finally:
                os._exit(1)
        sleep(seconds)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        self.socket.wall, self.socket.kwh = _SEEN.unpack(self._memory[:])

    def look_again(self) -> Session:
        """Go on where the file says, look once, and write that down."""
        self.socket.flow(AWAY_SECONDS)
        self.socket.restart(Ledger.resumed(self.database.latest(BUS)))
        self.socket.look()
        self.database.write(BUS, self.socket.ledger.changed.values())
        return self.session()

    def _follow(self) -> None:
        self.socket.restart(Ledger.resumed(self.database.latest(BUS)))
        second = 0
        while True:
            self.socket.flow(1.0)
            self._remember()
            told = self.socket.look()
            second += 1
            if told or second % WRITE_SECONDS == 0:
                self.database.write(BUS, self.socket.ledger.changed.values())
                self.socket.ledger.changed.clear()

    def _remember(self) -> None:
        self._memory[:] = _SEEN.pack(self.socket.wall, self.socket.kwh)
