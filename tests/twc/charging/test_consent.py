"""A car that nothing can stop, before its owner accepted that it goes on without the sun."""

from dataclasses import replace

import pytest
from twc.charging.reason import Reason
from twc.charging.settings import Measurement, SiteSettings, StaleChoice

from sunny_house import GARAGE, YARD, ParkedCar, SunnyHouse, wish

UNASKED = wish(can_stop=False, awaits_consent=True)
SITE = SiteSettings(measurement=Measurement.GRID, phases=1)


def unasked(**more: object) -> tuple[SunnyHouse, ParkedCar]:
    car = ParkedCar(phases=1, wish=replace(UNASKED, **more))  # type: ignore[arg-type]
    return SunnyHouse({GARAGE: car}, SITE, sun=7000.0), car


def highest_offer(house: SunnyHouse, seconds: int) -> int:
    highest = 0
    for _ in range(seconds):
        house.live(1)
        highest = max(highest, house.cars[GARAGE].offer)
    return highest


def reason(house: SunnyHouse) -> Reason:
    return house.decision.connectors[GARAGE].reason


def test_no_sun_raises_it_above_the_minimum_and_the_decision_says_why():
    house, car = unasked()
    assert highest_offer(house, 1200) == 6
    assert car.amps == 6.0
    assert reason(house) is Reason.HOLDING_CANNOT_STOP


def test_one_that_was_found_charging_with_more_is_lowered():
    house, car = unasked()
    car.amps, car.offer = 16.0, 16
    house.live(30)
    assert car.offer == 6


def test_without_sun_it_holds_the_minimum_that_its_owner_set():
    house, car = unasked(minimum_amps=8)
    house.sun = 0.0
    assert highest_offer(house, 600) == 8
    assert car.amps == 8.0


@pytest.mark.parametrize("choice", list(StaleChoice))
def test_nor_does_a_silent_meter(choice: StaleChoice):
    house, _car = unasked()
    house.site = replace(SITE, stale_choice=choice, stale_amps=16)
    house.live(60)
    house.meter_works = False
    assert highest_offer(house, 1800) == 6


def test_what_it_leaves_of_the_sun_is_for_the_others():
    house, car = unasked()
    other = house.cars[YARD] = ParkedCar(phases=1, wish=wish())
    house.circuit_amps = 64
    house.live(1200)
    assert car.amps == 6.0
    assert other.amps == int((7000.0 - 6 * 230.0) / 230.0)


def test_with_its_owners_consent_it_follows_the_sun_from_then_on():
    house, car = unasked()
    house.live(600)
    car.wish = replace(UNASKED, awaits_consent=False)
    house.live(300)
    assert car.amps > 25.0
    assert reason(house) is Reason.FOLLOWING_SURPLUS


def test_without_a_car_there_is_nothing_to_hold():
    house, car = unasked()
    car.plugged_in = False
    house.live(10)
    assert reason(house) is Reason.NO_CAR
    assert not house.decision.connectors[GARAGE].charge
