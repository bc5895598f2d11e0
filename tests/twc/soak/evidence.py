"""What those who judge share: what is known of every wall connector, what was in force when, and what was noted."""

from collections import deque
from dataclasses import dataclass, field

from twc.bus.settings import BusSettings
from twc.protocol.codes import TwcId
from twc.simulator.connector import SimulatedConnector

from soak.happenings import Kind
from soak.trouble import Trouble
from soak.world import World

LOWERED_SECONDS = 60.0
"""So long after the owner lowered the circuit limit everything must have followed: one that has no room is left to
its watchdog (25 s), and one that does not answer for 26 s, too."""
TWINS_SECONDS = 3700.0
MINIMUM_AMPS = 6
OUTAGES = (Kind.PORT, Kind.RESTART, Kind.FOREIGN, Kind.POWER, Kind.REBOOT, Kind.SILENCE, Kind.TRANSMITTER)
BAD_LINE = (Kind.NOISE, Kind.LOST_ZEROS, Kind.GATEWAY, Kind.REPLAY, Kind.ECHO)


@dataclass(slots=True)
class Watched:
    """One wall connector as an honest observer knows it."""

    since: float | None = None
    """Of its last heartbeat; None while nobody can expect one."""
    last: float | None = None
    """Of its last heartbeat, whatever went on."""
    commanded: float = 0.0
    """What our controller last ordered."""
    spiked_since: float | None = None
    """Since when it is offered more than its owner's limit."""
    by_foreign: bool = False
    """Whether another controller had the last word."""
    address: TwcId | None = None
    """Its TWCID when it was last looked at."""
    met: float | None = None
    """When our controller first spoke to it under this TWCID."""
    taken: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=200))
    """What it took lately, while it takes more than it was given."""


class Evidence:
    """Remembers, and judges nothing."""

    def __init__(self, world: World, trouble: Trouble) -> None:
        """Begin with what is in force now."""
        self.world, self.trouble = world, trouble
        self.violations: list[str] = []
        self._watched: dict[str, Watched] = {}
        self._settings: deque[tuple[float, BusSettings]] = deque([(world.now, world.settings)])

    def note(self, text: str) -> None:
        """Report a broken rule, with what else was wrong."""
        active = ", ".join(sorted(self.trouble.active)) or "nothing wrong"
        self.violations.append(f"{self.world.now:.1f} s: {text} ({active})")

    def watched(self, connector: SimulatedConnector) -> Watched:
        """Return what is known of a wall connector, whatever its TWCID is at the moment."""
        return self._watched.setdefault(connector.unit.serial_number, Watched())

    def connectors(self) -> list[tuple[int, SimulatedConnector]]:
        """Return all that belong here or are a guest, and the number of each."""
        stations = [*self.world.stations, *([self.world.guest] if self.world.guest else [])]
        return [(who, station.connector) for who, station in enumerate(stations)]

    def present(self) -> list[tuple[int, SimulatedConnector]]:
        """Return those that have power."""
        return [(who, one) for who, one in self.connectors() if one in self.world.line.loads]

    def twins(self) -> bool:
        """Whether two wall connectors have one TWCID, or had within the hour for which that is remembered."""
        return any(self.trouble.lately(Kind.TWIN, who, seconds=TWINS_SECONDS) for who in range(3))

    def settings_since(self, since: float) -> list[BusSettings]:
        """Return all settings that were in force since then."""
        found = [self.world.settings]
        for at, settings in reversed(self._settings):
            found.append(settings)
            if at <= since:
                break
        return found

    def tick(self) -> None:
        """Take note of what changed without a word on the wire."""
        world, now = self.world, self.world.now
        if self._settings[-1][1] is not world.settings:
            self._settings.append((now, world.settings))
        while len(self._settings) > 1 and self._settings[1][0] < now - 3 * LOWERED_SECONDS:
            self._settings.popleft()
        for _, connector in self.connectors():
            world.addresses.add(connector.twcid)
            watched = self.watched(connector)
            watched.taken.append((now, connector.outstanding_amps))
            if watched.address != connector.twcid:
                watched.address, watched.met = connector.twcid, None
