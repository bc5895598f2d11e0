"""A wall connector with one car, told to a ledger second by second, while what really flowed is kept beside it."""

from dataclasses import dataclass, field

from custom_components.tesla_twc.twc.bus.snapshot import (
    BusPhase,
    BusSnapshot,
    Presence,
    WallConnectorSnapshot,
)
from custom_components.tesla_twc.twc.charging.decision import Decision, HouseFlows
from custom_components.tesla_twc.twc.protocol.codes import ProtocolVersion, TwcId
from custom_components.tesla_twc.twc.sessions.energy import Prices
from custom_components.tesla_twc.twc.sessions.happening import Told
from custom_components.tesla_twc.twc.sessions.ledger import Ledger

TWCID = TwcId(0x1000)
VOLTS = 230.0
WATT_SECONDS = 3_600_000.0
PRICES = Prices(grid=0.30, sun=0.08, battery=0.10)


@dataclass(slots=True)
class Socket:
    """What is at the wall connector, and what its counter says."""

    twcid: TwcId = TWCID
    wall: float = 1_790_000_000.0
    """s since 1970."""
    kwh: float = 1000.0
    amps: float = 0.0
    plugged_since: float | None = None
    house: HouseFlows | None = None
    ledger: Ledger = field(default_factory=Ledger)
    _started: float = 0.0

    @property
    def watts(self) -> float:
        """What the car takes."""
        return self.amps * 3 * VOLTS

    def restart(self, ledger: Ledger) -> None:
        """Begin with another ledger and another clock of the bus, as after a restart."""
        self.ledger, self._started = ledger, self.wall

    def plug(self, *, there: bool) -> None:
        """Plug a car in or out."""
        self.plugged_since = self.wall if there else None
        self.amps = 0.0

    def flow(self, seconds: float) -> None:
        """Let energy flow whether or not anybody looks."""
        self.wall += seconds
        self.kwh += self.watts * seconds / WATT_SECONDS

    def look(self) -> tuple[Told, ...]:
        """Have the ledger take this moment in."""
        now = 1000.0 + self.wall - self._started
        facts = WallConnectorSnapshot(
            twcid=self.twcid,
            presence=Presence.LINKED,
            version=ProtocolVersion.P2,
            rated_amps=32.0,
            maximum_amps=32,
            minimum_amps=6,
            drawn_amps=self.amps,
            plugged_in=self.plugged_since is not None,
            plugged_in_since=None if self.plugged_since is None else self.plugged_since - self._started,
            charging=self.amps >= 1.0,
            phase_amps=(self.amps,) * 3,
            power_watts=self.watts,
            energy_kwh=self.kwh,
            last_heard=now,
        )
        bus = BusSnapshot(
            now=now, phase=BusPhase.RUNNING, circuit_limit_amps=32, connectors={self.twcid: facts}
        )
        return self.ledger.follow(bus, Decision(house=self.house), PRICES, self.wall)
