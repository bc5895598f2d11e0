"""A house battery that gives or takes what a car does: the sensors of the main fuse show nothing, and are right."""

from twc.charging.decision import FuseState
from twc.charging.house_phases import PhaseVerdict

from fuse_house import FUSE_AMPS, GARAGE, FuseHouse, WiredCar, one


def covered_house(**more: object) -> tuple[FuseHouse, WiredCar]:
    """Return a house whose battery gives what the car takes, so that nothing of it flows through the main fuse."""
    return one(lambda _: (1.0, 1.0, 1.0), interval=1, tells=lambda house, _: house, **more)


def change_often(house: FuseHouse, car: WiredCar) -> None:
    for limit in (6, 16) * 6:
        car.limit = limit
        house.live(180)


def test_a_house_battery_that_gives_what_a_car_takes_blinds_nobody():
    house, car = covered_house(battery=lambda house: -690.0 * house.cars[GARAGE].amps)
    change_often(house, car)
    assert house.decision.fuse_state is FuseState.CLEAR
    assert car.amps == 16.0
    # Empty, it gives no more, and the sensors show the car: they are right.
    house.battery = lambda _: 0.0
    house.tells = lambda _, all_: all_
    change_often(house, car)
    assert house.decision.fuse_findings.verdict is PhaseVerdict.CONTAINED
    assert house.peak() <= FUSE_AMPS


def test_sensors_that_do_not_see_a_car_are_found_once_the_house_battery_rests():
    house, car = covered_house(battery=lambda house: -690.0 * house.cars[GARAGE].amps)
    change_often(house, car)
    house.battery = lambda _: 0.0
    change_often(house, car)
    assert house.decision.fuse_state is FuseState.FAULTY
    assert car.amps == 6.0
