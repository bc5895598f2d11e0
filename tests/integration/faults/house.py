"""A house in which two cars charge, something goes wrong and is mended, and everything is judged from the wire.

What the integration says of itself counts for nothing here: heartbeats and offers are read off the line, currents off
the simulated wall connectors, and the rest is what an owner finds in Home Assistant and in its log.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
import logging
import re
from typing import Any

from homeassistant.const import CONF_DEVICE
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.const import DOMAIN
from custom_components.tesla_twc.problems.issues import UNKNOWN_CAR
from custom_components.tesla_twc.twc.protocol.codes import TwcId
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import TESLA, ZOE
from custom_components.tesla_twc.twc.simulator.foreign import ForeignController
from custom_components.tesla_twc.twc.simulator.station import Station
from custom_components.tesla_twc.twc.simulator.tools.monitor import BusMonitor, Rule
from tests.integration.conftest import World
from tests.integration.faults.gateway import Gateway
from tests.integration.faults.watch import Watch
from tests.integration.owner import CAR_SECONDS, GARAGE, YARD, Owner, move_in

CIRCUIT_AMPS = 32
LIMITS = {GARAGE: 16, YARD: 13}
"""What the owner set, A per phase."""
BOTH_GO_ON: Mapping[TwcId, float] = {GARAGE: 15.0, YARD: 12.0}
"""What the cars draw at least, A per phase, if neither of them notices anything."""
AS_BEFORE_AMPS = 0.3
"""A car that draws so much less than before does so for other reasons than a fault."""
SETTLED_SECONDS = 90
"""How long the house is watched after everything is as before: what is said twice is said by then."""
OURS = "custom_components.tesla_twc"

type Step = Callable[[Any], Awaitable[None] | None]
"""What somebody does to a house, or looks at in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that goes wrong in the house, and what an owner may expect then. Seconds, and A per phase."""

    name: str
    """The row of docs/reliability.md."""
    begin: Step
    end: Step
    lasts: float
    waits: float = 5.0
    """s before it begins; what two units under one address make of each other depends on the moment."""
    looks: Step | None = None
    """Checks what the owner sees just before it ends."""
    gap: float | Mapping[TwcId, float]
    """The longest time without a heartbeat, from before the fault until after it, to both wall connectors or each."""
    back: float
    """From the end of the fault until both cars charge as before."""
    log: tuple[str, ...] = ()
    """Every line of the integration, in order, as regular expressions."""
    complaints: int | None = 0
    """How many errors Home Assistant itself may log; None: any number."""
    lowest: Mapping[TwcId, float] = field(default_factory=dict)
    """What a car at least draws at any moment; one that is not named here may pause."""
    afterwards: Mapping[TwcId, float] = field(default_factory=dict)
    """What a car draws in the end, if not as much as before."""
    replug: tuple[TwcId, ...] = ()
    """Whose car, by its nature, has to be plugged in again."""
    excess: Mapping[TwcId, float] = field(default_factory=dict)
    """How many s a car that does not obey may draw more than its limit; 0 for any other."""
    over_circuit: float = 0.0
    """How many s the circuit may carry more than its limit."""
    tolerated: frozenset[Rule] = frozenset()
    """What the fault itself does to the line and no controller can help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a fault did to the house."""

    fault: str
    gaps: dict[TwcId, float]
    """The longest time without a heartbeat, in s."""
    lowest_amps: dict[TwcId, float]
    recovery: float | None
    """s from the end of the fault until both cars charged as before; None if they did not."""
    excess: dict[TwcId, float]
    """For how long more was drawn or offered than the limit of a wall connector, in s."""
    over_circuit: float
    """For how long all cars together drew more than the circuit carries, in s."""
    peak_amps: float
    """The most they drew together, A per phase."""
    violations: list[str]
    log: list[str]
    complaints: list[str]

    def __str__(self) -> str:
        """Write it as a row."""
        gaps = " / ".join(f"{gap:.1f}" for gap in self.gaps.values())
        lowest = " / ".join(f"{amps:.1f}" for amps in self.lowest_amps.values())
        recovery = "never" if self.recovery is None else f"{self.recovery:.0f} s"
        excess = max(self.excess.values())
        above = f" | above a limit for {excess:.0f} s" if excess else ""
        over = (
            f" | circuit: {self.peak_amps:.1f} A, for {self.over_circuit:.0f} s" if self.over_circuit else ""
        )
        return f"{self.fault} | gaps {gaps} s | lowest {lowest} A | back {recovery}{above}{over}"


class House:
    """Two wall connectors on a circuit of 32 A: a Tesla with 16 A, a Zoe with 13 A."""

    def __init__(self, world: World, entry: MockConfigEntry, caplog: pytest.LogCaptureFixture) -> None:
        self.world = world
        self.entry = entry
        self.caplog = caplog
        self.owner = Owner(world.hass, entry)
        self.garage: Station
        self.yard: Station
        self.monitor: BusMonitor
        self.foreign: ForeignController
        self.gateway: Gateway
        self.left: Car | None = None
        """The car that has left."""
        self.guests: list[Station] = []
        """More wall connectors that somebody hung on the line."""
        self._aims: dict[Station, float] = {}

    async def begin(self, garage: Station, yard: Station, *, device: str | None = None) -> None:
        """Move in, plug both cars in and wait until they charge."""
        self.garage, self.yard = garage, yard
        world, hass = self.world, self.world.hass
        if device is not None:
            self.entry = MockConfigEntry(
                domain=DOMAIN,
                title=self.entry.title,
                data={CONF_DEVICE: device},
                options=dict(self.entry.options),
            )
        self.owner = await move_in(hass, world, self.entry)
        for twcid, amps in LIMITS.items():
            await self.owner.set_limit(twcid, amps)
        garage.plug(Car(TESLA))
        yard.plug(Car(ZOE))
        await world.pass_time(CAR_SECONDS)
        self.remember()

    def remember(self) -> None:
        """Remember how it is while nothing is wrong."""
        self._aims = self.drawn()
        assert min(self._aims.values()) > 9, "both cars charge before anything goes wrong"
        self.caplog.set_level(logging.INFO, OURS)
        self.caplog.clear()

    @property
    def stations(self) -> list[Station]:
        return [self.garage, self.yard]

    def _station(self, twcid: TwcId) -> Station:
        return self.garage if twcid == GARAGE else self.yard

    def drawn(self) -> dict[Station, float]:
        """What each car really draws, A per phase."""
        now = self.world.clock.time()
        for station in self.stations:
            station.connector.advance(now)
        return {station: station.connector.drawn_amps for station in self.stations}

    def issues(self) -> list[str]:
        """What is shown under Repairs, but for the question about a car that nobody has entered."""
        registry = ir.async_get(self.world.hass)
        shown = [issue.translation_key or "" for issue in registry.issues.values() if issue.domain == DOMAIN]
        return [key for key in shown if key != UNKNOWN_CAR]

    def log(self) -> list[str]:
        """What the integration has said."""
        return [
            record.getMessage()
            for record in self.caplog.records
            if record.name.startswith(OURS) and record.levelno >= logging.INFO
        ]

    def complaints(self) -> list[str]:
        """What others have complained about."""
        return [
            record.getMessage()
            for record in self.caplog.records
            if not record.name.startswith(OURS) and record.levelno >= logging.ERROR
        ]

    async def undergo(self, fault: Fault) -> Verdict:
        """Let it happen, mend it, and watch until everything is as before."""
        stations = {GARAGE: self.garage, YARD: self.yard}
        watch = Watch(stations, self.world.line.loads, LIMITS, CIRCUIT_AMPS)
        self.world.line.observers.append(watch)
        self.monitor = BusMonitor(self.world.line, circuit_limit_amps=CIRCUIT_AMPS, keep=20_000)
        await self.world.pass_time(fault.waits)
        await _do(fault.begin, self)
        await self.world.pass_time(fault.lasts)
        if fault.looks is not None:
            await _do(fault.looks, self)
        await _do(fault.end, self)
        for twcid in fault.replug:
            await self._replug(self._station(twcid))
        self._aims |= {self._station(twcid): amps for twcid, amps in fault.afterwards.items()}
        recovery = await self._recover(fault.back)
        await self.world.pass_time(SETTLED_SECONDS)
        if not self._as_before():
            recovery = None
        violations = [
            str(violation) for violation in self.monitor.violations if violation.rule not in fault.tolerated
        ]
        return Verdict(
            fault=fault.name,
            gaps={twcid: self.monitor.longest_heartbeat_gap(twcid) for twcid in LIMITS},
            lowest_amps=watch.lowest,
            recovery=recovery,
            excess={twcid: excess.longest for twcid, excess in watch.excess.items()},
            over_circuit=watch.over_circuit.longest,
            peak_amps=self.monitor.peak_drawn_amps,
            violations=violations,
            log=self.log(),
            complaints=self.complaints(),
        )

    async def _replug(self, station: Station) -> None:
        car = station.unplug()
        await self.world.pass_time(5)
        if car is not None:
            station.plug(car)

    async def _recover(self, patience: float) -> float | None:
        for second in range(int(patience) + 1):
            if self._as_before():
                return second
            await self.world.pass_time(1)
        return None

    def _as_before(self) -> bool:
        drawn = self.drawn()
        return all(drawn[station] >= amps - AS_BEFORE_AMPS for station, amps in self._aims.items())


async def _do(step: Step, house: House) -> None:
    waiting = step(house)
    if waiting is not None:
        await waiting


def judge(verdict: Verdict, fault: Fault) -> None:
    """Compare what happened with what an owner may expect. Raises AssertionError."""
    assert verdict.violations == [], verdict
    for twcid, gap in verdict.gaps.items():
        assert gap <= (fault.gap[twcid] if isinstance(fault.gap, Mapping) else fault.gap), verdict
    for twcid, amps in fault.lowest.items():
        assert verdict.lowest_amps[twcid] >= amps, verdict
    for twcid, seconds in verdict.excess.items():
        assert seconds <= fault.excess.get(twcid, 0.0), verdict
    assert verdict.over_circuit <= fault.over_circuit, verdict
    assert verdict.recovery is not None, verdict
    assert fault.complaints is None or len(verdict.complaints) <= fault.complaints, verdict.complaints
    assert len(verdict.log) == len(fault.log), verdict.log
    for said, expected in zip(verdict.log, fault.log, strict=True):
        assert re.fullmatch(expected, said), verdict.log
