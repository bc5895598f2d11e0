"""A house in the sun with cars, in simulated time: just enough of one to see what decisions lead to."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache

from twc.bus.snapshot import BusPhase, Presence, WallConnectorSnapshot
from twc.charging.decision import Decision
from twc.charging.engine import Engine
from twc.charging.house_address import circuit_of
from twc.charging.inputs import Circuit, ConnectorInput, Inputs
from twc.charging.readings import SensorReading, SiteReadings
from twc.charging.settings import ChargeMode, Measurement, SiteSettings
from twc.protocol.codes import ProtocolVersion, TwcId

from when_needed import WhenNeeded

GARAGE, YARD, STREET = TwcId(0x1000), TwcId(0x2000), TwcId(0x3000)
NOON = 10_000.0
VOLTS = 230


@dataclass
class ParkedCar:
    """A car that follows its offer within seconds, on a wall connector with three phases."""

    phases: int = 3
    maximum_amps: float = 32.0
    shortfall: float = 0.0
    """How many A it stays below its offer."""
    plugged_in: bool = True
    amps: float = 0.0
    offer: int = 0
    waits: float = 8.0
    """s from an offer to the first current."""
    wish: ConnectorInput | None = None
    starts: int = 0
    _live_for: float = 0.0

    def step(self) -> None:
        self._live_for = self._live_for + 1.0 if self.offer and self.plugged_in else 0.0
        goal = min(self.offer - self.shortfall, self.maximum_amps) if self._live_for > self.waits else 0.0
        if not self.amps and goal:
            self.starts += 1
        self.amps = max(goal, self.amps - 7.0) if goal < self.amps else min(goal, self.amps + 3.5)
        if not self.offer or not self.plugged_in:
            self.amps = 0.0

    def facts(self, twcid: TwcId) -> WallConnectorSnapshot:
        return _facts(twcid, self.phases, self.amps, self.offer, plugged_in=self.plugged_in)

    @property
    def watts(self) -> float:
        return self.amps * self.phases * VOLTS


@lru_cache
def _facts(twcid: TwcId, phases: int, amps: float, offer: int, *, plugged_in: bool) -> WallConnectorSnapshot:
    """Most seconds are like the one before, so they are described once."""
    loaded = [amps if phase < phases else 0.0 for phase in range(3)]
    return WallConnectorSnapshot(
        twcid=twcid,
        presence=Presence.LINKED,
        version=ProtocolVersion.P2,
        rated_amps=32.0,
        maximum_amps=32,
        minimum_amps=6,
        offered_amps=float(offer),
        commanded_amps=offer,
        drawn_amps=amps,
        plugged_in=plugged_in,
        plugged_in_since=0.0 if plugged_in else None,
        charging=amps >= 1.0,
        volts=(VOLTS, VOLTS, VOLTS),
        phase_amps=(loaded[0], loaded[1], loaded[2]),
        contactor_open=not offer,
        contactor_rests=not offer,
    )


def wish(mode: ChargeMode = ChargeMode.SOLAR, **more: object) -> ConnectorInput:
    """Describe what an owner wants; the facts are filled in every second."""
    facts = ParkedCar().facts(GARAGE)
    return replace(ConnectorInput(facts=facts, mode=mode, limit_amps=32, can_stop=True), **more)  # type: ignore[arg-type]


USUAL_WISH = wish()


@dataclass
class SunnyHouse:
    """A house whose sun and load a test sets, a meter that may be slow, and an engine that decides."""

    cars: dict[TwcId, ParkedCar]
    site: SiteSettings = field(default_factory=lambda: SiteSettings(measurement=Measurement.GRID))
    sun: float | Callable[[float], float] = 0.0
    load: float = 0.0
    meter_interval: int = 2
    meter_delay: int = 0
    meter_works: bool = True
    sun_elevation: float | None = 45.0
    circuit_amps: int = 32
    circuits: dict[str, Circuit] | None = None
    """By name, where cars have a ``HouseAddress``."""
    battery: float | None = None
    soc: float | None = None
    engine: Engine = field(default_factory=Engine)
    now: float = NOON
    decision: Decision = field(default_factory=Decision)
    extra: dict[str, float] = field(default_factory=dict)
    """Further readings by name, such as solar or consumption."""
    phase_amps: Callable[[float], tuple[float, ...]] | None = None
    """Amps of the house without cars on each phase at the main fuse, at a time."""
    phase_delay: int = 0
    """s by which the phases are told later than the grid."""
    shadow: bool = False
    phase: BusPhase = BusPhase.RUNNING
    sets: int = 0
    imported_wh: float = 0.0
    reasons: list[str] = field(default_factory=list)
    """Every reason of the first car, as it came."""
    _asked: WhenNeeded = field(default_factory=WhenNeeded)
    _handed_in: dict[TwcId, tuple[ConnectorInput, ConnectorInput]] = field(default_factory=dict)
    """The wish of each car, and what was made of it last."""
    _history: list[float] = field(default_factory=list)
    _seen: SensorReading | None = None
    _seen_phases: tuple[SensorReading, ...] = ()
    _phase_history: list[tuple[float, ...]] = field(default_factory=list)

    @property
    def sun_watts(self) -> float:
        return self.sun(self.now) if callable(self.sun) else self.sun

    @property
    def cars_watts(self) -> float:
        return sum(car.watts for car in self.cars.values())

    @property
    def grid_watts(self) -> float:
        return self.load + (self.battery or 0.0) + self.cars_watts - self.sun_watts

    def live(self, seconds: int) -> Decision:
        """Let time pass."""
        for _ in range(seconds):
            self._second()
        return self.decision

    def _second(self) -> None:
        self.now += 1.0
        for car in self.cars.values():
            car.step()
        self._measure()
        self.imported_wh += max(0.0, self.grid_watts) / 3600
        self.decision = self._asked.decide(self.engine, self._inputs(), self.now)
        for twcid, amps in self.decision.orders.items():
            car = self.cars[twcid]
            self.sets += (amps or 0) != car.offer
            car.offer = amps or 0
        first = next(iter(self.decision.connectors.values()))
        if not self.reasons or self.reasons[-1] != first.reason:
            self.reasons.append(str(first.reason))

    def _measure(self) -> None:
        self._history.append(self.grid_watts)
        self._phase_history.append(self._all_phases())
        if not self.meter_works or (self.now - NOON) % self.meter_interval:
            return
        late = self._history[max(0, len(self._history) - 1 - self.meter_delay)]
        self._seen = SensorReading(late, self.now)
        if self.phase_amps is not None:
            late_phases = self._phase_history[max(0, len(self._phase_history) - 1 - self.phase_delay)]
            self._seen_phases = tuple(SensorReading(amps, self.now) for amps in late_phases)

    def _all_phases(self) -> tuple[float, ...]:
        """What flows at the main fuse, cars included, in A."""
        house = () if self.phase_amps is None else self.phase_amps(self.now)
        cars = [sum(car.amps for car in self.cars.values() if phase < car.phases) for phase in range(3)]
        return tuple(amps + cars[phase] for phase, amps in enumerate(house))

    def _inputs(self) -> Inputs:
        connectors = {twcid: self._input(twcid, car) for twcid, car in self.cars.items()}
        return Inputs(
            circuits=self.circuits or {"": Circuit(limit_amps=self.circuit_amps, phase=self.phase)},
            connectors=connectors,
            readings=self._readings(),
            site=self.site,
            shadow=self.shadow,
        )

    def _input(self, twcid: TwcId, car: ParkedCar) -> ConnectorInput:
        wished, facts = car.wish or USUAL_WISH, car.facts(twcid)
        before = self._handed_in.get(twcid)
        if before is None or before[0] is not wished or before[1].facts != facts:
            before = self._handed_in[twcid] = wished, replace(wished, facts=facts, circuit=circuit_of(twcid))
        return before[1]

    def _readings(self) -> SiteReadings:
        def always(value: float | None) -> SensorReading | None:
            return None if value is None else SensorReading(value, self.now)

        uses_grid = self.site.measurement is Measurement.GRID
        return SiteReadings(
            grid=self._seen if uses_grid else None,
            solar=always(self.extra.get("solar")),
            consumption=always(self.extra.get("consumption")),
            battery=always(self.battery),
            battery_soc=always(self.soc),
            phases=self._seen_phases,
            sun_elevation=self.sun_elevation,
        )
