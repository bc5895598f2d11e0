"""A house behind a main fuse: cars on phases of their own, sensors with an interval of their own, and an engine."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from twc.bus.snapshot import Presence, WallConnectorSnapshot
from twc.charging.decision import Decision
from twc.charging.engine import Engine
from twc.charging.inputs import Circuit, ConnectorInput, Inputs
from twc.charging.readings import Gap, ReadingUnit, SensorReading, SiteReadings
from twc.charging.settings import ChargeMode, SiteSettings
from twc.protocol.codes import ProtocolVersion, TwcId

from when_needed import WhenNeeded

GARAGE, YARD, STREET = TwcId(0x1000), TwcId(0x2000), TwcId(0x3000)
FUSE_AMPS = 25.0
START = 10_000.0
LAG = 2
"""s from an offer to the first change of the car's current."""


@dataclass
class WiredCar:
    """A car at a wall connector whose conductors hang on certain phases of the house, 1 to 3."""

    on: tuple[int, ...] = (1, 2, 3)
    greed: float = 32.0
    """A that it would take."""
    plugged_in: bool = True
    can_stop: bool = True
    heard: bool = True
    tells_phases: bool = True
    limit: int = 16
    priority: int = 5
    house_phases: tuple[int, ...] | None = None
    enabled: bool = True
    obeys: bool = True
    """Whether it ends when it is told to."""
    minimum_amps: int = 6
    told_late: int = 0
    """s until its wall connector tells what it draws."""
    version: ProtocolVersion = ProtocolVersion.P2
    stopped_by: str = ""
    """What keeps it from charging while its wall connector goes on telling 6 A: "contactor", "switch"; nothing: 0 A."""
    amps: float = 0.0
    offer: int = 0
    starts: int = 0
    _offers: list[int] = field(default_factory=list)
    _drew: list[float] = field(default_factory=list)
    _waits: float = 0.0
    _left_alone: float = 0.0

    def step(self, order: int | None) -> None:
        """Follow an offer 2 s late, 3.5 A/s up and 7 A/s down; without heartbeats go on for 27 s."""
        self._left_alone = self._left_alone + 1.0 if order is None else 0.0
        if order is not None or self._left_alone > 27.0:
            self.offer = (
                order
                or self.offer * (not self.obeys)
                or (6 if self.amps and not self.can_stop and order == 0 else 0)
            )
        self._offers.append(self.offer)
        goal = float(self._offers[-1 - LAG]) if len(self._offers) > LAG else 0.0
        self._waits = self._waits + 1.0 if goal and self.plugged_in else 0.0
        goal = min(goal, self.greed) if self._waits > 6.0 else 0.0
        if goal and not self.amps:
            self.starts += 1
        self.amps = max(goal, self.amps - 7.0) if goal < self.amps else min(goal, self.amps + 3.5)
        self._drew.append(self.amps)

    def input(self, twcid: TwcId, now: float) -> ConnectorInput:
        """Return what a decision knows of it: the loaded conductors are told as L1 first."""
        told = self._drew[max(0, len(self._drew) - 1 - self.told_late)] if self._drew else 0.0
        offered = self.offer or 6 * bool(self.stopped_by)
        loaded = [told if own < len(self.on) else 0.0 for own in range(3)]
        facts = WallConnectorSnapshot(
            twcid=twcid,
            presence=Presence.LINKED if self.heard else Presence.LOST,
            version=self.version,
            rated_amps=32.0,
            maximum_amps=32,
            minimum_amps=6,
            offered_amps=float(offered),
            commanded_amps=offered,
            drawn_amps=told,
            counted_amps=max(told, float(self.offer)),
            plugged_in=self.plugged_in,
            plugged_in_since=0.0 if self.plugged_in else None,
            charging=told >= 1.0,
            phase_amps=(loaded[0], loaded[1], loaded[2]) if self.tells_phases else None,
            volts=(230, 230, 230),
            contactor_open=not self.offer and self.stopped_by != "switch",
            contactor_rests=not self.offer and self.stopped_by != "switch",
            last_heard=None if self.heard else now - 30.0,
        )
        return ConnectorInput(
            facts=facts,
            mode=ChargeMode.FAST,
            limit_amps=self.limit,
            can_stop=self.can_stop,
            enabled=self.enabled,
            minimum_amps=self.minimum_amps,
            priority=self.priority,
            house_phases=self.house_phases,
        )


@dataclass
class FuseHouse:
    """Lives second by second; ``load`` is what each phase of the house takes at a second after the start, in A."""

    cars: dict[TwcId, WiredCar]
    load: Callable[[float], tuple[float, ...]]
    site: SiteSettings = field(default_factory=lambda: SiteSettings(fuse_amps=FUSE_AMPS))
    circuit: int = 48
    interval: int = 5
    stagger: int = 0
    """s between the reports of one sensor and the next."""
    delay: int = 0
    unit: ReadingUnit = ReadingUnit.PLAIN
    volts: float = 230.0
    power_factor: float = 1.0
    tells: Callable[[tuple[float, ...], tuple[float, ...]], tuple[float, ...]] = lambda house, all_: all_
    """What the sensors make of the house without cars, and with them."""
    gap: Callable[[float], bool] = lambda _: False
    others: Callable[[float], float] | None = None
    others_gap: bool = False
    battery: Callable[["FuseHouse"], float] | None = None
    """W into a house battery whose sensor is known to the engine; None without one."""
    engine: Engine = field(default_factory=Engine)
    now: float = START
    decision: Decision = field(default_factory=Decision)
    flows: list[tuple[float, ...]] = field(default_factory=list)
    """What really flowed, second by second."""
    houses: list[tuple[float, ...]] = field(default_factory=list)
    offers: list[dict[TwcId, int | None]] = field(default_factory=list)
    _seen: list[SensorReading] = field(default_factory=list)
    _asked: WhenNeeded = field(default_factory=WhenNeeded)

    def live(self, seconds: float) -> Decision:
        """Let time pass."""
        for _ in range(int(seconds)):
            self._second()
        return self.decision

    def restart(self) -> None:
        """Begin anew with what is remembered."""
        self.engine = Engine(self.engine.remembered())

    def _second(self) -> None:
        self.now += 1.0
        for twcid, car in self.cars.items():
            car.step(self.decision.orders.get(twcid, 0))
        house = self.load(self.now - START)
        self.houses.append(house)
        self.flows.append(
            tuple(
                amps + sum(car.amps for car in self.cars.values() if phase in car.on)
                for phase, amps in enumerate(house, 1)
            )
        )
        self._measure()
        connectors = {twcid: car.input(twcid, self.now) for twcid, car in self.cars.items()}
        battery = None if self.battery is None else SensorReading(self.battery(self), self.now)
        readings = SiteReadings(phases=tuple(self._readings()), battery=battery)
        circuit = Circuit(limit_amps=self.circuit, other_loads=self._others())
        inputs = Inputs(circuits={"": circuit}, connectors=connectors, readings=readings, site=self.site)
        self.decision = self._asked.decide(self.engine, inputs, self.now)
        self.offers.append(dict(self.decision.orders))

    def _others(self) -> tuple[SensorReading, ...]:
        if self.others is None:
            return ()
        if self.others_gap:
            return (SensorReading(None, self.now, Gap.UNAVAILABLE),)
        return (SensorReading(self.others(self.now - START), self.now),)

    def _measure(self) -> None:
        index = max(0, len(self.flows) - 1 - self.delay)
        told = self.tells(self.houses[index], self.flows[index])
        if not self._seen:
            self._seen = [self._reading(*pair) for pair in zip(told, self.houses[index], strict=True)]
        for phase, amps in enumerate(told):
            if (self.now - START - phase * self.stagger) % self.interval == 0:
                self._seen[phase] = self._reading(amps, self.houses[index][phase])

    def _reading(self, amps: float, house: float) -> SensorReading:
        if self.unit is ReadingUnit.WATTS:
            return SensorReading(
                (amps - house + house * self.power_factor) * self.volts, self.now, unit=ReadingUnit.WATTS
            )
        return SensorReading(round(amps, 1), self.now)

    def _readings(self) -> list[SensorReading]:
        if self.gap(self.now - START):
            return [SensorReading(None, self.now, Gap.UNAVAILABLE) for _ in self._seen]
        return self._seen

    def over(self, since: float = 0.0, *, amps: float = FUSE_AMPS) -> int:
        """Return for how many s in all more than so many A flowed on a phase, from a second after the start on."""
        return sum(max(flows) > amps + 1e-6 for flows in self.flows[int(since) :])

    def longest_over(self, since: float = 0.0) -> int:
        """Return for how many s on end a phase carried more than its fuse since the house last took more there."""
        longest = 0
        for phase in range(len(self.flows[0])):
            lasts = 0
            for second in range(max(1, int(since)), len(self.flows)):
                grew = self.houses[second][phase] > self.houses[second - 1][phase]
                too_much = self.flows[second][phase] > FUSE_AMPS + 1e-6 >= self.houses[second][phase]
                lasts = lasts + 1 if too_much and not grew else int(too_much)
                longest = max(longest, lasts)
        return longest

    def peak(self, since: float = 0.0) -> float:
        """Return the most that flowed on a phase."""
        return max(max(flows) for flows in self.flows[int(since) :])


def one(load: Callable[[float], tuple[float, ...]], **more: object) -> tuple[FuseHouse, WiredCar]:
    """Return a house with one car, of which ``more`` tells."""
    car_words = {name: value for name, value in more.items() if name in WiredCar.__dataclass_fields__}
    rest = {name: value for name, value in more.items() if name not in car_words}
    car = replace(WiredCar(), **car_words)  # type: ignore[arg-type]
    return FuseHouse({GARAGE: car}, load, **rest), car  # type: ignore[arg-type]
