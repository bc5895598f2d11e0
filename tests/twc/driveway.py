"""A wall connector, its counter and its cars, told to a ledger every second; what really flowed is kept beside."""

from dataclasses import dataclass, field, replace

from twc.bus.connector.energy import EnergyMeter
from twc.bus.snapshot import BusPhase, BusSnapshot, Presence, StopState, WallConnectorSnapshot
from twc.charging.decision import ConnectorDecision, Decision, HouseFlows
from twc.charging.reason import Reason
from twc.protocol.codes import ProtocolVersion, TwcId
from twc.sessions.energy import Prices
from twc.sessions.happening import Happening, Told
from twc.sessions.ledger import Ledger
from twc.sessions.session import Session

GARAGE = TwcId(0x1000)
BEGAN = 1_790_000_000.0
"""s since 1970."""
VOLTS = 230
FIRST_VIN, SECOND_VIN = "5YJ3E7EB0KF000001", "5YJ3E7EB0KF000002"


@dataclass
class Driveway:
    """One place to charge at; amps are A on each of three phases."""

    ledger: Ledger = field(default_factory=Ledger)
    house: HouseFlows | None = field(default_factory=lambda: HouseFlows(others_watts=0.0))
    prices: Prices = field(default_factory=Prices)
    reason: Reason = Reason.FULL_SPEED
    meant: Reason | None = None
    """Why it has its amps where ``reason`` tells what came of it."""
    charge: bool = True
    """Whether its car may charge."""
    plugged_in: bool | None = False
    vin: str | None = None
    amps: float = 0.0
    wall: float = BEGAN
    kwh: float = 1000.0
    """What really flowed until now."""
    heard: bool = True
    left_alone: bool = False
    """Whether it gets no heartbeats while it is not heard; then its last word stands."""
    plug_is_known: bool = True
    """Whether the plug has been asked for since the start."""
    offer: float | None = None
    """What its car is offered, A; None: nothing is told of that."""
    order: int | None = None
    """What it shall have, A; it counts while there is an offer."""
    told_to_stop: bool = False
    """Whether its car was told to stop by a switch of its own."""
    stop_state: StopState = StopState.NONE
    version: ProtocolVersion = ProtocolVersion.P2
    contactor_open: bool = False
    cures: int = 0
    meter: EnergyMeter | None = None
    """What publishes the energy of a counter that tells whole kWh; None: what really flowed is published."""
    is_counted: bool = True
    """Whether the counter has been read yet."""
    reckoned: float = 1.0
    """What such a wall connector measures, as a share of what flows."""
    tells_phases: bool = True
    """Whether the meter tells the current of each phase; otherwise the energy counter has told how many there are."""
    tells_plug_state: bool = True
    """Whether its firmware tells a car that sleeps from none."""
    awake: bool = True
    """Whether Home Assistant runs."""
    disk: dict[str, Session] = field(default_factory=dict)
    disk_heard: dict[str, float] = field(default_factory=dict)
    written_every: int = 60
    writes: int = 0
    told: list[Told] = field(default_factory=list)
    _now: float = 5_000.0
    _began_at: float = 0.0
    _plugged_since: float | None = None
    _heard_at: float = 5_000.0
    _said_amps: float = 0.0

    def plug(self, vin: str | None = None) -> None:
        self.plugged_in, self.vin, self._plugged_since = True, vin, self._now

    def unplug(self) -> None:
        self.plugged_in, self.vin, self.amps, self._plugged_since = False, None, 0.0, None

    @property
    def watts(self) -> float:
        return self.amps * VOLTS * 3

    def live(self, seconds: int) -> None:
        for _ in range(seconds):
            self._second()

    def _second(self) -> None:
        self.wall += 1.0
        self._now += 1.0
        self.kwh += self.watts / 3_600_000
        if not self.awake:
            return
        if self.heard:
            self._heard_at, self._said_amps = self._now, self.amps
            self._measure()
        told_to_stop = {GARAGE} if self.told_to_stop else ()
        told = self.ledger.follow(self.bus(), self.decision(), self.prices, self.wall, told_to_stop)
        self.told += told
        # What happened is written at once, the rest once a minute.
        if told or self.ledger.at_once or (self.wall - BEGAN) % self.written_every == 0:
            self.write()

    def _measure(self) -> None:
        if self.meter is not None:
            self.meter.integrate(self.watts * self.reckoned, self._now)
            if self._now % 12 == 0:
                self.meter.read_counter(int(self.kwh))

    def write(self) -> None:
        self.writes += bool(self.ledger.changed)
        self.disk |= self.ledger.changed
        self.ledger.changed.clear()
        self.ledger.at_once.clear()

    def stop(self) -> None:
        """Stop Home Assistant as the owner does."""
        self.ledger.keep_open_sessions()
        self.disk_heard |= self.ledger.heard_without_car()
        self.write()
        self.awake = False

    def crash(self) -> None:
        """Stop it as a power cut does: what was not written is lost."""
        self.awake = False

    def start(self) -> None:
        """Start it again; the bus knows the cars from its first word, with times of its own."""
        self.ledger = Ledger.resumed(self.disk.values(), heard=self.disk_heard)
        self.awake = True
        self._now = self._began_at = 9_000.0
        self._heard_at = self._now if self.heard else 0.0
        self._plugged_since = self._now if self.plugged_in else None

    @property
    def _presence(self) -> Presence:
        if self.heard or (self.left_alone and self._now - self._heard_at < 10):
            return Presence.LINKED
        return Presence.RELEASED if self.left_alone else Presence.LOST

    def facts(self) -> WallConnectorSnapshot:
        amps = self._said_amps if self.left_alone and not self.heard else self.amps
        watts = amps * VOLTS * 3
        return WallConnectorSnapshot(
            twcid=GARAGE,
            presence=self._presence,
            version=self.version,
            rated_amps=32.0,
            maximum_amps=32,
            minimum_amps=6,
            offered_amps=self.offer,
            commanded_amps=None if self.offer is None else int(self.offer),
            drawn_amps=amps,
            plugged_in=self.plugged_in if self.plug_is_known else None,
            tells_plug_state=self.tells_plug_state,
            plugged_in_since=self._plugged_since if self.plug_is_known else None,
            charging=amps >= 1.0,
            phase_amps=(amps,) * 3 if self.tells_phases else (0.0,) * 3,
            counted_phases=None if self.tells_phases else 3,
            power_watts=watts * self.reckoned,
            energy_kwh=self._told_kwh(),
            vin=self.vin,
            contactor_open=self.contactor_open,
            contactor_rests=self.contactor_open,
            stop=self.stop_state,
            cures=self.cures,
            last_heard=self._heard_at if self._heard_at >= self._began_at else None,
        )

    def _told_kwh(self) -> float | None:
        if not self.is_counted:
            return None
        return self.kwh if self.meter is None else self.meter.kwh

    def bus(self) -> BusSnapshot:
        return BusSnapshot(
            now=self._now, phase=BusPhase.RUNNING, circuit_limit_amps=32, connectors={GARAGE: self.facts()}
        )

    def decision(self) -> Decision:
        decided = ConnectorDecision(amps=16 * self.charge, charge=self.charge, reason=self.reason)
        orders = {} if self.offer is None else {GARAGE: self.order}
        told = decided if self.meant is None else replace(decided, reason=self.meant)
        return Decision(connectors={GARAGE: decided}, told={GARAGE: told}, orders=orders, house=self.house)

    def let(self, offer: int, amps: float, seconds: int) -> None:
        """Order and offer something, let the car draw something, and let time pass."""
        self.offer, self.order, self.amps = offer, offer, amps
        self.live(seconds)

    @property
    def sessions(self) -> list[Session]:
        """All that are known, the open one included."""
        return sorted({**self.disk, **self.ledger.changed}.values(), key=lambda one: one.start)

    @property
    def happenings(self) -> list[str]:
        return [told.what.value for told in self.told]

    def count(self, what: Happening) -> int:
        return self.happenings.count(what.value)
