"""A day of clouds and loads: are a charge's energy, sources and cost those that every second of the house says?"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import pi, sin
from random import Random

from custom_components.tesla_twc.twc.bus.connector.energy import EnergyMeter
from custom_components.tesla_twc.twc.bus.snapshot import (
    BusPhase,
    BusSnapshot,
    Presence,
    WallConnectorSnapshot,
)
from custom_components.tesla_twc.twc.charging.decision import HouseFlows
from custom_components.tesla_twc.twc.charging.inputs import ConnectorInput
from custom_components.tesla_twc.twc.charging.settings import ChargeMode, Measurement, SiteSettings
from custom_components.tesla_twc.twc.protocol.codes import ProtocolVersion, TwcId
from custom_components.tesla_twc.twc.replay.house import MeterSettings, Sample
from custom_components.tesla_twc.twc.replay.parked_car import ParkedCar, Socket
from custom_components.tesla_twc.twc.replay.playing import play
from custom_components.tesla_twc.twc.replay.rules import CIRCUIT_AMPS, EngineRule, ReplayMoment
from custom_components.tesla_twc.twc.sessions.attribution import attribute
from custom_components.tesla_twc.twc.sessions.energy import BySource, Prices
from custom_components.tesla_twc.twc.sessions.ledger import Ledger
from custom_components.tesla_twc.twc.sessions.session import Session

from .figures import Figure
from .goals import ATTRIBUTION_ENERGY_PERCENT, ATTRIBUTION_SUN_POINTS

HOURS = 8
BEGAN = 1_790_000_000.0
WORN_KWH = 842.4
EXACT, TOO_HIGH = 1.0, 1.1
"""What a wall connector reckons from its amps, as a share of what flows: some read 5 to 15 % too high."""
COUNTER_SECONDS = 12
WATT_SECONDS = 3_600_000.0
PLACE = Socket(phases=3, maximum_amps=16)
WAYS = tuple(
    (mode, has_battery) for mode in (ChargeMode.FAST, ChargeMode.SOLAR) for has_battery in (False, True)
)


async def measure(*, quick: bool) -> list[Figure]:
    """Live through the day with each meter, charge mode, and without and with a house battery."""
    samples = {
        has_battery: _day(2 if quick else HOURS, has_battery=has_battery) for has_battery in (False, True)
    }
    figures = []
    for interval, reckoned in (*((interval, EXACT) for interval in ATTRIBUTION_SUN_POINTS), (10, TOO_HIGH)):
        days = [_Day(mode, reckoned).live(samples[has_battery], interval) for mode, has_battery in WAYS]
        what = f"meter of {interval} s, of {len(days)} days the worst"
        is_exact = reckoned == EXACT
        what = what if is_exact else f"{what}, amps read 10 % high"
        figures += [
            Figure(
                name=f"energy of a charge, {what}",
                value=max(day.energy_error for day in days),
                unit="%",
                at_most=ATTRIBUTION_ENERGY_PERCENT,
            ),
            Figure(
                name=f"share of the sun, {what}",
                value=max(day.sun_error for day in days),
                unit="points",
                at_most=ATTRIBUTION_SUN_POINTS[interval] if is_exact else None,
            ),
            Figure(name=f"cost, {what}", value=max(day.cost_error for day in days), unit="%"),
        ]
    return figures


def _day(hours: int, *, has_battery: bool) -> list[Sample]:
    """Return every second of a house with clouds, loads and perhaps a battery that does as it likes."""
    chance, samples, load, battery, shade = Random(1), [], 300.0, 0.0, 1.0
    for second in range(hours * 3600):
        if chance.random() < 1 / 300:
            load = chance.choice([300.0, 500.0, 2500.0])
            battery = chance.choice([-1500.0, 0.0, 800.0]) if has_battery else 0.0
        if chance.random() < 1 / 240:
            shade = chance.choice([1.0, 1.0, 0.7, 0.3])
        sun = 13_000.0 * shade * sin(pi * (second / 3600 + 1) / (hours + 2))
        samples.append(
            Sample(
                BEGAN + second,
                load_watts=load,
                solar_watts=sun,
                battery_watts=battery,
                battery_soc=60.0 if has_battery else None,
            )
        )
    return samples


class _KeptRule(EngineRule):
    """The engine, with what was to be seen when it decided last."""

    view: ReplayMoment | None = None
    reckoned = EXACT

    def decide(self, view: ReplayMoment) -> tuple[Mapping[TwcId, int], float | None]:
        """Ask the engine."""
        self.view = view
        return super().decide(view)

    def _input(self, twcid: TwcId, car: ParkedCar, view: ReplayMoment) -> ConnectorInput:
        exact = super()._input(twcid, car, view)
        watts = car.amps * car.socket.phases * view.sample.volts * self.reckoned
        one, two, three = (round(volts * self.reckoned) for volts in exact.facts.volts or (0, 0, 0))
        return replace(exact, facts=replace(exact.facts, power_watts=watts, volts=(one, two, three)))


@dataclass
class _Day:
    """A charge as the ledger has it, and what really flowed."""

    mode: ChargeMode
    reckoned: float
    truth: BySource = field(default_factory=BySource)
    cost: float = 0.0
    ledger: Ledger = field(default_factory=Ledger)
    meter: EnergyMeter = field(default_factory=EnergyMeter)

    def live(self, samples: list[Sample], interval: int) -> _Day:
        """Charge from the first second to the last."""
        rule = _KeptRule(SiteSettings(measurement=Measurement.GRID), mode=self.mode)
        rule.reckoned = self.reckoned
        # A counter is believed once it was read twice.
        self.meter.read_counter(int(WORN_KWH))
        self.meter.read_counter(int(WORN_KWH))
        play(
            samples,
            [PLACE],
            rule,
            meter=MeterSettings(interval_seconds=interval),
            end=samples[-1].time,
            watcher=lambda now, sample, watts: self._second(rule, now, sample, watts),
        )
        return self

    def _second(self, rule: _KeptRule, now: float, sample: Sample, watts: float) -> None:
        """Take in one second; the car takes ``watts`` from now on."""
        house = HouseFlows(others_watts=sample.net_watts, battery_watts=sample.battery_watts)
        prices = _prices(now)
        self.meter.integrate(watts * self.reckoned, now)
        if now % COUNTER_SECONDS == 0:
            self.meter.read_counter(int(WORN_KWH + self.truth.total))
        self.ledger.follow(self._bus(rule, now, watts), rule.decision, prices, now)
        flowed = attribute(watts, watts, house).times(1.0 / WATT_SECONDS)
        self.truth = self.truth.plus(flowed)
        cost = prices.of(flowed)
        assert cost is not None
        self.cost += cost.total

    def _bus(self, rule: _KeptRule, now: float, watts: float) -> BusSnapshot:
        assert rule.view is not None
        car = rule.view.cars[PLACE.twcid]
        facts = WallConnectorSnapshot(
            twcid=PLACE.twcid,
            presence=Presence.LINKED,
            version=ProtocolVersion.P2,
            rated_amps=32.0,
            maximum_amps=32,
            minimum_amps=6,
            drawn_amps=car.amps,
            plugged_in=True,
            charging=car.amps >= 1.0,
            power_watts=watts * self.reckoned,
            energy_kwh=self.meter.kwh,
            last_heard=now,
        )
        return BusSnapshot(
            now=now,
            phase=BusPhase.RUNNING,
            circuit_limit_amps=CIRCUIT_AMPS,
            connectors={PLACE.twcid: facts},
        )

    @property
    def _session(self) -> Session:
        session = self.ledger.open_session(PLACE.twcid)
        assert session is not None
        return session

    @property
    def energy_error(self) -> float:
        """What the ledger has of the energy, % away from the truth."""
        return 100.0 * abs(self._session.kwh - self.truth.total) / self.truth.total

    @property
    def sun_error(self) -> float:
        """The share of the sun, points away from the truth."""
        return 100.0 * abs((self._session.sun_share or 0.0) - (self.truth.sun_share or 0.0))

    @property
    def cost_error(self) -> float:
        """What it cost, % away from the truth."""
        return 100.0 * abs((self._session.cost or 0.0) - self.cost) / self.cost


def _prices(now: float) -> Prices:
    """Return what a kWh costs: another price in every hour."""
    return Prices(grid=0.20 + 0.03 * (now // 3600 % 8), sun=0.08, battery=0.10)
