"""Energy that gathers: a small import for an hour weighs as much as a large one for a minute."""

from math import inf

import pytest
from twc.charging.solar.energy_account import EnergyAccount


def empty_account(*, floor_wh: float = -inf, ceiling_wh: float = inf) -> EnergyAccount:
    return EnergyAccount(floor_wh=floor_wh, ceiling_wh=ceiling_wh)


def test_a_kilowatt_for_six_minutes_is_a_hundred_watt_hours():
    oven = empty_account()
    oven.flow(1000.0, 0.0)
    oven.flow(0.0, 360.0)
    assert oven.wh == pytest.approx(100.0)


def test_what_flows_is_only_counted_once_it_has_flowed():
    oven = empty_account()
    oven.flow(1000.0, 0.0)
    assert oven.wh == 0.0


def test_it_says_when_a_cloud_will_have_cost_so_much():
    cloud = empty_account(ceiling_wh=0.0)
    assert cloud.reaches_at(-10.0) is None, "nothing flows yet"
    cloud.flow(-600.0, 50.0)
    assert cloud.reaches_at(-10.0) == pytest.approx(110.0)
    cloud.flow(300.0, 80.0)
    assert cloud.reaches_at(-10.0) is None, "the sun is back"
    cloud.flow(0.0, 90.0)
    assert cloud.reaches_at(-10.0) is None


def test_more_than_it_holds_runs_over():
    sunny, dull = empty_account(ceiling_wh=5.0), empty_account(floor_wh=-5.0)
    for account, watts in ((sunny, 3600.0), (dull, -3600.0)):
        account.flow(watts, 0.0)
        account.flow(watts, 100.0)
    assert (sunny.wh, dull.wh) == (5.0, -5.0)


def test_an_emptied_one_begins_anew_while_the_sun_goes_on():
    account = empty_account()
    account.flow(3600.0, 0.0)
    account.flow(3600.0, 5.0)
    account.empty()
    assert account.wh == 0.0
    account.flow(0.0, 7.0)
    assert account.wh == pytest.approx(2.0)
