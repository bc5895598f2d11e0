"""Where the energy of a car came from, against a house that knows it every second."""

from dataclasses import replace
from math import sin
from random import Random

import pytest
from twc.bus.snapshot import BusPhase, BusSnapshot
from twc.charging.decision import HouseFlows, InputState
from twc.charging.pace import Pace
from twc.charging.settings import ChargeMode, Measurement, SiteSettings
from twc.charging.surplus.balance import Balance
from twc.charging.surplus.flows import house_flows
from twc.charging.surplus.staleness import Trusted
from twc.sessions.attribution import attribute
from twc.sessions.energy import BySource, Prices
from twc.sessions.ledger import Ledger
from twc.sessions.session import Session

from sunny_house import GARAGE, NOON, ParkedCar, SunnyHouse, wish

HOUR = 3600


@pytest.mark.parametrize(
    ("others", "battery", "sun", "from_battery", "grid"),
    [
        pytest.param(-5000.0, 0.0, 3000.0, 0.0, 0.0, id="more sun than the car takes"),
        pytest.param(-2000.0, 0.0, 2000.0, 0.0, 1000.0, id="less"),
        pytest.param(800.0, 0.0, 0.0, 0.0, 3000.0, id="none: the house's own import is not the car's"),
        pytest.param(-3000.0, -1000.0, 2000.0, 1000.0, 0.0, id="a battery that gives"),
        pytest.param(-3000.0, 1000.0, 3000.0, 0.0, 0.0, id="a battery that takes"),
        pytest.param(-1000.0, -5000.0, 0.0, 1000.0, 2000.0, id="a battery that gives to the grid, too"),
    ],
)
def test_a_car_is_the_last_load_of_the_house(others, battery, sun, from_battery, grid):
    house = HouseFlows(others_watts=others, battery_watts=battery)
    assert attribute(3000.0, 3000.0, house) == BySource(sun=sun, battery=from_battery, grid=grid)


def test_two_cars_share_each_source_by_what_they_take():
    house = HouseFlows(others_watts=-3000.0)
    assert attribute(2000.0, 6000.0, house) == BySource(sun=1000.0, grid=1000.0)
    assert attribute(4000.0, 6000.0, house) == BySource(sun=2000.0, grid=2000.0)


def test_without_a_word_of_the_house_nobody_knows():
    assert attribute(2000.0, 2000.0, None) == BySource(unknown=2000.0)
    assert attribute(0.0, 2000.0, None) == BySource()


@pytest.mark.parametrize(
    ("measurement", "state", "values", "known"),
    [
        (Measurement.NONE, InputState.UNUSED, {}, True),
        (Measurement.GRID, InputState.NIGHT, {}, True),
        (Measurement.GRID, InputState.NIGHT, {"battery": -900.0}, False),
        (Measurement.GRID, InputState.MINIMUM, {"grid": 0.0}, False),
    ],
)
def test_at_night_a_house_battery_leaves_the_source_open(measurement, state, values, known):
    trusted = Trusted(values=values, state=state)
    flows = house_flows(trusted, None, SiteSettings(measurement=measurement))
    assert flows == (HouseFlows(others_watts=0.0) if known else None)


@pytest.mark.parametrize(
    ("grid", "battery", "elevation", "by_source"),
    [
        pytest.param(2000.0, 0.0, -20.0, BySource(grid=3000.0), id="a meter that has not seen the car yet"),
        pytest.param(2000.0, -500.0, -20.0, BySource(battery=500.0, grid=2500.0), id="beside a battery"),
        pytest.param(0.0, -3000.0, -20.0, BySource(battery=3000.0), id="all from the battery"),
        pytest.param(2000.0, 0.0, 0.0, BySource(sun=1000.0, grid=2000.0), id="at dusk it may be the sun"),
        pytest.param(2000.0, 0.0, None, BySource(sun=1000.0, grid=2000.0), id="nobody knows the sun"),
    ],
)
def test_at_night_nothing_is_from_the_sun(grid, battery, elevation, by_source):
    trusted = Trusted(values={"grid": grid, "battery": battery}, state=InputState.FRESH)
    terms = {"grid": grid, "own_power": 3000.0, "battery": battery}
    balance = Balance(terms=terms, watts=0.0, low_watts=0.0, high_watts=0.0, shown_watts=0.0)
    flows = house_flows(trusted, balance, SiteSettings(measurement=Measurement.GRID), elevation)
    assert attribute(3000.0, 3000.0, flows) == by_source


class Evening:
    """Some hours with clouds and loads, and the truth of every second."""

    def __init__(self, interval: int, mode: ChargeMode, *, battery: bool, seed: int = 1) -> None:
        self.chance = Random(seed)
        self.site = SunnyHouse(
            cars={GARAGE: ParkedCar(wish=wish(mode, limit_amps=16))},
            site=SiteSettings(measurement=Measurement.GRID, pace=Pace(grid_share=0)),
            sun=lambda now: max(0.0, 9000.0 + 4000.0 * sin((now - NOON) / 700) - (now - NOON) * 0.6),
            meter_interval=interval,
            battery=0.0 if battery else None,
        )
        self.ledger = Ledger()
        self.truth = BySource()
        self.kwh = 500.0

    def live(self, seconds: int) -> Session:
        site = self.site
        for _ in range(seconds):
            if self.chance.random() < 1 / 300:
                site.load = self.chance.choice([300.0, 500.0, 2500.0])
                if site.battery is not None:
                    site.battery = self.chance.choice([-1500.0, 0.0, 800.0])
            site.live(1)
            watts = site.cars_watts
            house = HouseFlows(
                others_watts=site.grid_watts - watts,
                battery_watts=0.0 if site.battery is None else site.battery,
            )
            self.truth = self.truth.plus(attribute(watts, watts, house).times(1 / 3.6e6))
            self.kwh += watts / 3.6e6
            facts = replace(
                site.cars[GARAGE].facts(GARAGE), power_watts=watts, energy_kwh=self.kwh, last_heard=site.now
            )
            bus = BusSnapshot(
                now=site.now, phase=BusPhase.RUNNING, circuit_limit_amps=32, connectors={GARAGE: facts}
            )
            self.ledger.follow(bus, site.decision, Prices(), site.now)
        session = self.ledger.open_session(GARAGE)
        assert session is not None
        return session


@pytest.mark.parametrize(
    ("interval", "points", "mode", "battery", "hours"),
    [
        # A quick meter has told as much in half an hour as a slow one in three.
        (1, 0.5, ChargeMode.FAST, False, 0.5),
        (10, 2.0, ChargeMode.SOLAR_MIN, True, 1),
        (60, 3.0, ChargeMode.FAST, True, 1.5),
        (300, 5.0, ChargeMode.SOLAR_MIN, False, 3),
    ],
)
def test_the_share_of_the_sun_is_right_with_any_meter(interval, points, mode, battery, hours):
    evening = Evening(interval, mode, battery=battery)
    # How often a meter reports is known after some reports; what it tells has a source from then on.
    evening.live(3 * interval + 60)
    before, truth_before = evening.ledger.open_session(GARAGE).energy, evening.truth
    energy = evening.live(round(hours * HOUR)).energy.plus(before.times(-1.0))
    truth = evening.truth.plus(truth_before.times(-1.0))
    assert energy.unknown < 0.001
    assert energy.total == pytest.approx(truth.total, rel=0.01)
    for name, kwh in truth.as_dict().items():
        assert abs(energy.as_dict()[name] - kwh) / truth.total * 100 <= points, name
