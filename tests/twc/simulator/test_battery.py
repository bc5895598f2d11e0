"""The battery of a house takes what is left over and gives what is missing, within what it can."""

import pytest
from twc.simulator.battery import Battery

HOUR = 3600.0


def hours(battery: Battery, count: float, surplus_watts: float) -> list[float]:
    """Let hours pass in steps of a minute; return what flowed into the battery."""
    return [battery.step(60, surplus_watts) for _ in range(round(count * 60))]


def test_it_takes_all_that_is_left_over_and_no_more_than_its_inverter_can():
    battery = Battery(soc=20)
    assert battery.step(1, 1200) == 1200
    assert battery.step(1, 9000) == 5000


def test_it_gives_all_that_is_missing_and_no_more_than_its_inverter_can():
    battery = Battery(soc=80)
    assert battery.step(1, -1200) == -1200
    assert battery.step(1, -9000) == -5000


def test_a_full_battery_takes_nothing_and_an_empty_one_gives_nothing():
    battery = Battery(soc=50)
    assert hours(battery, 5, 5000)[-1] == pytest.approx(0, abs=1e-6)
    assert battery.soc == pytest.approx(100)
    assert hours(battery, 5, -5000)[-1] == pytest.approx(0, abs=1e-6)
    assert battery.soc == pytest.approx(10)


def test_a_tenth_of_the_energy_is_lost_on_the_way_in_and_out():
    battery = Battery(soc=10)
    taken = sum(hours(battery, 1, 4000)) / 60
    assert battery.soc == pytest.approx(10 + 38)
    given = -sum(hours(battery, 3, -4000)) / 60
    assert given / taken == pytest.approx(0.95**2)


def test_the_last_watts_fill_it_exactly():
    battery = Battery(soc=99.5)
    watts = battery.step(HOUR, 5000)
    assert watts == pytest.approx(50 / 0.95)
    assert battery.soc == pytest.approx(100)


def test_in_no_time_something_flows_and_nothing_is_stored():
    battery = Battery(soc=50)
    assert battery.step(0, 700) == 700
    assert battery.soc == 50
