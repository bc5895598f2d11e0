"""What the meters of a house with sun, battery and cars show."""

import pytest
from twc.simulator.battery import Battery
from twc.simulator.house import House
from twc.simulator.household import VOLTS, Household

NO_CARS = (0.0, 0.0, 0.0)
START = 1000.0
HOUR = 3600.0


def cloudless(**more) -> Household:
    return Household(house=House(cloudiness=0.0), **more)


def test_the_first_day_begins_at_six_whatever_the_clock_says():
    household = cloudless()
    first = household.read(START, NO_CARS)
    assert first.solar_watts == House(cloudiness=0.0).read(6 * HOUR).solar_watts > 0
    noon = household.read(START + 7 * HOUR, NO_CARS)
    assert noon.solar_watts > 8500
    assert household.read(START + 24 * HOUR, NO_CARS).solar_watts == first.solar_watts


def test_at_every_moment_of_two_days_all_power_comes_from_somewhere():
    household = Household()
    for minute in range(0, 2 * 24 * 60, 7):
        cars = (2300.0, 2300.0, 2300.0) if minute % 500 < 200 else NO_CARS
        meters = household.read(START + minute * 60, cars)
        balance = meters.consumption_watts + meters.battery_watts - meters.solar_watts
        assert meters.grid_watts == pytest.approx(balance, abs=2)
        assert sum(meters.phase_amps) * VOLTS == pytest.approx(meters.grid_watts, abs=40)


def test_the_battery_is_full_by_noon_and_feeds_the_house_at_night():
    household = cloudless()
    household.read(START, NO_CARS)
    morning = household.read(START + 2 * HOUR, NO_CARS)
    assert morning.battery_watts > 0
    assert morning.grid_watts == pytest.approx(0, abs=1)
    noon = household.read(START + 7 * HOUR, NO_CARS)
    assert (noon.battery_soc, noon.battery_watts) == (100, 0)
    assert noon.grid_watts < -5000
    night = household.read(START + 17 * HOUR, NO_CARS)
    assert night.battery_watts == -night.consumption_watts < 0
    assert night.grid_watts == 0


def test_the_battery_gives_to_the_cars_what_the_sun_does_not():
    household = cloudless(battery=Battery(soc=90))
    at_six = household.read(START, (3680.0, 0.0, 0.0))
    assert at_six.battery_watts < -3680
    assert at_six.grid_watts == 0


def test_a_battery_works_on_while_nobody_reads_the_meters():
    often, seldom = cloudless(), cloudless()
    for minute in range(6 * 60):
        meters = often.read(START + minute * 60, NO_CARS)
    seldom.read(START, NO_CARS)
    assert seldom.read(START + (6 * 60 - 1) * 60, NO_CARS) == meters


def test_a_car_on_one_phase_loads_that_phase():
    empty = {"battery": Battery(soc=10)}
    idle = cloudless(**empty).read(START, NO_CARS).phase_amps
    charging = cloudless(battery=Battery(soc=10)).read(START, (3680.0, 0.0, 0.0)).phase_amps
    risen = [after - before for before, after in zip(idle, charging, strict=True)]
    assert risen == pytest.approx([16, 0, 0], abs=0.11)


def test_the_sun_on_one_phase_makes_that_phase_export_while_the_others_import():
    household = cloudless(battery=Battery(soc=100), solar_shares=(1.0, 0.0, 0.0))
    household.read(START, NO_CARS)
    one, two, three = household.read(START + 4 * HOUR, NO_CARS).phase_amps
    assert one < -10
    assert two > three > 0
