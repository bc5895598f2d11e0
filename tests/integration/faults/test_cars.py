"""Cars that sleep, refuse, stick at 6 A, or leave at the worst moment."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import TESLA_2017
from tests.integration.faults.house import Fault, House, Verdict, judge
from tests.integration.owner import GARAGE, YARD

pytestmark = pytest.mark.once

THE_OTHER_GOES_ON = {GARAGE: 15.0}


def car_of(house: House) -> Car:
    car = house.yard.connector.car
    assert car is not None
    return car


def fall_asleep(house: House) -> None:
    car = car_of(house)
    car.model = replace(car.model, wakes_after_seconds=None)
    car.asleep = True


def wake_up(house: House) -> None:
    car_of(house).asleep = False


def nothing(house: House) -> None:
    """Nobody helps it."""


def refuse(house: House) -> None:
    car_of(house).refuses = True


def think_better_of_it(house: House) -> None:
    car_of(house).refuses = False


def idle(house: House) -> None:
    assert house.owner.value("charging", YARD) == "off"
    assert house.owner.value("charging", GARAGE) == "on"
    assert house.issues() == []


async def stick_at_six(house: House) -> None:
    """Give the car the bug of 2017: having been lowered it stays at 6 A until it is offered 16 A."""
    await house.owner.choose({"cure_six_amp_bug": True})
    car = car_of(house)
    car.model = replace(car.model, six_amp_bug_below_amps=TESLA_2017.six_amp_bug_below_amps)
    car.stuck_at_six = True


def stuck(house: House) -> None:
    assert house.owner.number("offered_current", YARD) == 13
    assert 5 < house.owner.number("charging_current", YARD) < 6


async def leave_while_the_limit_changes(house: House) -> None:
    """Pull the plug in the moment in which something else is ordered."""
    await house.owner.set_limit(YARD, 9)
    house.left = house.yard.unplug()
    await house.owner.set_limit(YARD, 13)


def gone(house: House) -> None:
    assert house.owner.value("plugged_in", YARD) == "off"
    assert house.owner.number("charging_current", YARD) == 0


def come_back(house: House) -> None:
    assert house.left is not None
    house.yard.plug(house.left)


FAULTS = [
    Fault(
        name="a car falls asleep for ten minutes",
        begin=fall_asleep,
        looks=idle,
        end=wake_up,
        lasts=600,
        gap=2.5,
        back=20,
        lowest=THE_OTHER_GOES_ON,
    ),
    Fault(
        name="a car refuses for ten minutes",
        begin=refuse,
        looks=idle,
        end=think_better_of_it,
        lasts=600,
        gap=2.5,
        back=20,
        lowest=THE_OTHER_GOES_ON,
    ),
    Fault(
        name="a car of 2017 sticks at 6 A, and its limit forbids the cure",
        begin=stick_at_six,
        looks=stuck,
        end=nothing,
        lasts=120,
        gap=2.5,
        back=20,
        lowest=THE_OTHER_GOES_ON,
        replug=(YARD,),
    ),
    Fault(
        name="a car leaves while its limit changes, and comes back",
        begin=leave_while_the_limit_changes,
        looks=gone,
        end=come_back,
        lasts=60,
        gap=2.5,
        back=20,
        lowest=THE_OTHER_GOES_ON,
    ),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_the_mood_of_a_car_is_no_reason_to_be_plugged_in_again(
    house: House, fault: Fault, keep: Callable[[Verdict], None]
) -> None:
    verdict = await house.undergo(fault)
    keep(verdict)
    judge(verdict, fault)
