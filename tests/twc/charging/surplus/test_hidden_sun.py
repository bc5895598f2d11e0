"""A house that may export nothing: its inverter throttles the panels to what is taken, and nobody sees the sun."""

from collections.abc import Callable
from dataclasses import dataclass
from math import sin
from statistics import mean

import pytest
from twc.charging.meter.learner import MeterVerdict
from twc.charging.settings import ChargeMode, Measurement, SiteSettings

from sunny_house import GARAGE, NOON, ParkedCar, SunnyHouse, wish

LEFT_WATTS = 20.0
"""What such an inverter leaves to the grid, so that it surely exports nothing."""


@dataclass
class ThrottledHouse(SunnyHouse):
    """Its inverter follows the load with a lag of some seconds, up to what the sun gives."""

    lag: float = 4.0
    """s"""
    given: float = 0.0
    taken_from_sun_wh: float = 0.0

    def _second(self) -> None:
        wanted = min(self.sun_watts, max(0.0, self.load + self.cars_watts - LEFT_WATTS))
        self.given = min(self.sun_watts, self.given + (wanted - self.given) / self.lag)
        super()._second()
        self.taken_from_sun_wh += max(0.0, min(self.cars_watts, self.sun_watts - self.load)) / 3600

    @property
    def grid_watts(self) -> float:
        return self.load + self.cars_watts - self.given


def house(
    sun: float | Callable[[float], float],
    *,
    phases: int = 1,
    seeks: bool = True,
    most: int = 32,
    **more: object,
) -> ThrottledHouse:
    site = SiteSettings(measurement=Measurement.GRID, phases=phases, seeks_hidden_sun=seeks)
    car = ParkedCar(phases=phases, maximum_amps=most, wish=wish(limit_amps=most))
    return ThrottledHouse({GARAGE: car}, site=site, load=300, sun=sun, given=280.0, **more)


def test_nothing_is_tried_unless_the_owner_wishes_it():
    sunny = house(6000.0, seeks=False)
    sunny.live(3600)
    assert sunny.cars[GARAGE].starts == 0
    assert sunny.imported_wh < 25, "what the inverter leaves"


@pytest.mark.parametrize(
    ("phases", "sun", "amps", "meter"),
    [
        (1, 6000.0, 24, 1),
        (3, 9000.0, 12, 30),
        pytest.param(1, 6000.0, 24, 10, marks=pytest.mark.long),
        pytest.param(1, 6000.0, 24, 30, marks=pytest.mark.long),
        pytest.param(3, 9000.0, 12, 1, marks=pytest.mark.long),
        pytest.param(3, 9000.0, 12, 10, marks=pytest.mark.long),
    ],
)
def test_a_car_finds_the_sun_that_nobody_sees(phases: int, sun: float, amps: int, meter: int):
    sunny = house(sun, phases=phases, meter_interval=meter)
    sunny.live(3600)
    assert sunny.cars[GARAGE].starts == 1
    before = sunny.imported_wh
    found = sunny.taken_from_sun_wh
    drawn = []
    for _ in range(3600):
        sunny.live(1)
        drawn.append(sunny.cars[GARAGE].amps)
    assert max(drawn) <= amps + 2, "an ampere is tried, and a part of one may be missing"
    assert mean(drawn) >= amps - 2
    assert sunny.imported_wh - before < LEFT_WATTS + 60
    assert sunny.taken_from_sun_wh - found > 0.85 * (sun - 300)
    assert sunny.cars[GARAGE].starts == 1


@pytest.mark.parametrize(
    ("phases", "sun"), [(1, 310.0), pytest.param(1, 1100.0, marks=pytest.mark.long), (3, 2000.0)]
)
def test_where_there_is_too_little_next_to_nothing_is_paid_for_looking(phases: int, sun: float):
    dull = house(sun, phases=phases)
    dull.live(6 * 3600)
    assert dull.cars[GARAGE].starts <= 8
    assert dull.imported_wh / 6 < LEFT_WATTS + 60


def test_under_clouds_most_of_the_sun_is_used_and_little_is_taken_from_the_grid():
    cloudy = house(lambda now: 4500 + 2000 * sin((now - NOON) / 900))
    cloudy.live(4 * 3600)
    assert cloudy.imported_wh / 4 < 120
    assert cloudy.taken_from_sun_wh > 0.7 * 4 * 4200


def test_a_load_that_comes_while_it_looks_is_no_answer():
    sunny = house(6000.0)
    sunny.live(2000)
    sunny.load = 2300.0
    sunny.live(2000)
    assert 14 <= sunny.cars[GARAGE].amps <= 16
    sunny.load = 300.0
    sunny.live(2000)
    assert sunny.cars[GARAGE].amps >= 20


def test_at_night_nobody_looks():
    dark = house(0.0, sun_elevation=-3.0)
    dark.load = 20.0
    dark.live(3600)
    assert dark.cars[GARAGE].starts == 0


def test_what_is_exported_needs_no_attempt():
    sunny, seeking = (
        SunnyHouse(
            {GARAGE: ParkedCar(phases=1, maximum_amps=32, wish=wish(limit_amps=32))},
            site=SiteSettings(measurement=Measurement.GRID, phases=1, seeks_hidden_sun=seeks),
            sun=6000.0,
            load=300.0,
        )
        for seeks in (False, True)
    )
    for _ in range(60):
        sunny.live(10)
        seeking.live(10)
    assert abs(sunny.cars[GARAGE].amps - seeking.cars[GARAGE].amps) <= 1
    assert seeking.imported_wh <= sunny.imported_wh + 10


def test_an_inverter_that_answers_to_the_cars_makes_no_meter_one_that_does_not_see_them():
    sunny = house(6000.0)
    for minute in range(20):
        sunny.cars[GARAGE].wish = wish(ChargeMode.FAST, limit_amps=6 if minute % 2 else 12)
        sunny.live(90)
    assert sunny.engine.house.findings.verdict is MeterVerdict.UNKNOWN


def test_a_battery_that_goes_first_is_not_disturbed():
    sunny = house(6000.0, battery=0.0, soc=40.0)
    sunny.site = SiteSettings(
        measurement=Measurement.GRID, phases=1, seeks_hidden_sun=True, battery_first_soc=80.0
    )
    sunny.live(1800)
    assert sunny.cars[GARAGE].starts == 0
