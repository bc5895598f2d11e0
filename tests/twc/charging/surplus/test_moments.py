"""A grid meter and a battery that are reported at different moments make one house."""

from functools import cache
from math import sin

import pytest
from twc.charging.pace import Pace
from twc.charging.power_history import PowerHistory
from twc.charging.settings import Measurement, SiteSettings
from twc.charging.surplus.moments import Moments
from twc.charging.surplus.staleness import Trusted

from metered_battery import BatteryHouse
from sunny_house import GARAGE, NOON, ParkedCar, wish

GRID = SiteSettings(measurement=Measurement.GRID, phases=1, pace=Pace(grid_share=0))
RHYTHMS = [(60, 1, 0), (60, 5, 0), (60, 1, 60), (300, 5, 0), (2, 30, 0), (5, 60, 0), (30, 30, 0)]


def parked(**more: object) -> dict:
    return {GARAGE: ParkedCar(phases=1, wish=wish(**more))}


def house(every: int, meter: int, late: int, **more: object) -> BatteryHouse:
    return BatteryHouse(
        parked(), site=GRID, load=500, battery_interval=every, meter_interval=meter, battery_late=late, **more
    )


@pytest.mark.parametrize(("every", "meter", "late"), RHYTHMS)
def test_under_a_clear_sky_a_car_stands_still_however_seldom_the_battery_is_told(
    every: int, meter: int, late: int
):
    clear = house(every, meter, late, sun=5000.0)
    highest = 0.0
    for _ in range(120):
        clear.live(10)
        highest = max(highest, clear.cars[GARAGE].amps)
    assert 18 <= highest <= 19, "the sun leaves 4.5 kW"
    assert clear.sets <= 6
    assert clear.cars[GARAGE].starts == 1
    assert clear.given_wh < 10


@cache
def under_clouds(every: int, meter: int) -> BatteryHouse:
    """Return a house that has lived under clouds; what the quickest sensors lead to is compared with all others."""

    def clouds(now: float) -> float:
        return 4000 + 2000 * sin((now - NOON) / 500)

    one = house(every, meter, 0, sun=clouds)
    one.live(3000)
    return one


@pytest.mark.parametrize(
    ("every", "meter"), [(60, 1), pytest.param(60, 5, marks=pytest.mark.long), (10, 1), (5, 60)]
)
def test_under_clouds_a_slow_sensor_costs_little_more_than_a_quick_one(every: int, meter: int):
    quick, slow = under_clouds(1, 1), under_clouds(every, meter)
    assert slow.given_wh <= quick.given_wh + 60
    assert slow.sets <= quick.sets + 5


@pytest.mark.parametrize(("every", "meter"), [(1, 10), (1, 30), (5, 60), (30, 30), (60, 1)])
def test_what_a_battery_is_charged_with_from_the_grid_is_no_surplus(every: int, meter: int):
    dull = house(every, meter, 0, sun=300.0)
    dull.live(305)
    dull.forced = 5000.0
    dull.live(300)
    assert dull.cars[GARAGE].starts == 0


@pytest.mark.parametrize("every", [60, 300])
def test_a_battery_that_has_become_full_does_not_count_twice(every: int):
    sunny = house(every, 1, 0, sun=4000.0, charged=99.5)
    highest = 0
    for _ in range(120):
        highest = max(highest, sunny.live(5).connectors[GARAGE].amps)
    assert highest <= 15, "the sun leaves 3.5 kW, and the battery told of as much before it was full"


def test_every_import_lowers_a_car_though_the_battery_told_of_its_power_long_ago():
    def sun(now: float) -> float:
        return 6500.0 if now < NOON + 1000 else 4500.0 if now < NOON + 1030 else 2500.0

    empty = house(300, 1, 0, sun=sun, forced=150.0)
    empty.live(990)
    assert empty.decision.connectors[GARAGE].amps >= 25
    empty.live(90)
    assert empty.decision.connectors[GARAGE].amps <= 9


def test_one_device_that_is_asked_every_minute_tells_of_both_at_one_moment():
    """Nothing is waited for: the sun that the second report in a row shows is followed at once."""

    def sun(now: float) -> float:
        return 3000.0 if now < NOON + 1500 else 5000.0

    one = house(60, 60, 0, sun=sun)
    one.live(1495)
    assert one.cars[GARAGE].amps == 10
    one.live(75)
    assert one.decision.connectors[GARAGE].amps >= 18


def test_two_devices_that_meet_now_and_then_are_of_two_moments():
    moments, own = Moments(), PowerHistory()
    own.add(0.0, 0.0)

    def promised(at: float, battery_at: float) -> float:
        moments.note(told(0.0, 2000.0, at, battery_at), own, grid_late=8.0, battery_late=60.0, contained=True)
        return moments.promised_too_much(own.latest)

    for number in range(10):
        at = 30.0 * number
        promised(at, at if number != 6 else at - 3.0)
    own.add(2000.0, 275.0)
    assert promised(300.0, 300.0) == 2000.0, "four times on end is chance"
    for at in (330.0, 360.0):
        promised(at, at)
    own.add(4000.0, 375.0)
    assert promised(390.0, 390.0) == 0.0
    assert promised(420.0, 416.0) == 2000.0


def told(grid: float, battery: float, grid_at: float, battery_at: float) -> Trusted:
    return Trusted(
        values={"grid": grid, "battery": battery}, reported_at={"grid": grid_at, "battery": battery_at}
    )


def test_grid_and_battery_are_compared_at_one_moment():
    moments, own = Moments(), PowerHistory()
    seen = []
    for at, grid, battery, battery_at in (
        (0.0, 0.0, 0.0, 0.0),
        (5.0, -900.0, 0.0, 0.0),
        (10.0, 0.0, 900.0, 9.5),
    ):
        moments.note(
            told(grid, battery, at, battery_at), own, grid_late=8.0, battery_late=60.0, contained=True
        )
        seen.append(moments.together)
    assert seen == [(0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 900.0, 9.5)]


def test_what_does_not_contain_the_cars_answers_to_none_of_their_steps():
    moments, own = Moments(), PowerHistory()
    for at, watts in ((0.0, 0.0), (20.0, 3000.0)):
        own.add(watts, at)
        report = told(-1000.0, 500.0, at, 0.0)
        moments.note(report, own, grid_late=8.0, battery_late=60.0, contained=False)
    assert moments.promised_too_much(0.0) == 0.0
    assert moments.together == (-1000.0, 500.0, 0.0)
