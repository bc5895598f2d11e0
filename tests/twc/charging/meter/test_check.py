"""The button that checks the meter: which car plays, and what comes out."""

from dataclasses import replace

import pytest
from twc.charging.meter.check import CheckState
from twc.charging.meter.learner import MeterVerdict
from twc.charging.meter.step_trial import BrokenOffBy
from twc.charging.reason import Reason
from twc.charging.settings import ChargeMode

from sunny_house import GARAGE, YARD, ParkedCar, SunnyHouse, wish


def charging_house(**more: object) -> tuple[SunnyHouse, ParkedCar]:
    car = ParkedCar(phases=1, wish=wish(ChargeMode.FAST, limit_amps=16))
    house = SunnyHouse({GARAGE: car}, load=400.0, **more)  # type: ignore[arg-type]
    house.live(180)
    assert car.amps == 16.0
    return house, car


def test_before_anything_was_decided_nobody_can_be_tested():
    assert not SunnyHouse({GARAGE: ParkedCar()}).engine.check_meter()


def test_the_car_moves_by_three_amps_and_the_meter_is_understood():
    house, car = charging_house(meter_interval=1)
    assert house.engine.check_meter()
    seen = set()
    for _ in range(600):
        house.live(1)
        seen.add(car.offer)
        if house.engine.check.state is not CheckState.RUNNING:
            break
        assert house.decision.connectors[GARAGE].reason is Reason.TESTING_METER
    assert house.engine.check.state is CheckState.DONE
    assert seen == {13, 16}
    report = house.engine.check.report
    assert report is not None
    assert report.verdict is MeterVerdict.CONTAINED
    assert report.gain == pytest.approx(1.0, abs=0.1)
    house.live(10)
    assert car.offer == 16


def test_a_car_that_stops_breaks_the_test_off():
    house, car = charging_house()
    assert house.engine.check_meter()
    house.live(30)
    car.wish = wish(ChargeMode.OFF)
    house.live(5)
    assert house.engine.check.state is CheckState.BROKEN_OFF
    assert house.engine.check.report is None
    assert house.engine.check.broken_off_by is BrokenOffBy.CHARGE_ENDED
    assert car.amps == 0.0


def test_a_limit_that_leaves_no_room_breaks_the_test_off_until_a_new_one_begins():
    house, car = charging_house()
    assert house.engine.check_meter()
    house.live(30)
    car.wish = wish(ChargeMode.FAST, limit_amps=14)
    house.live(5)
    assert house.engine.check.broken_off_by is BrokenOffBy.NO_ROOM
    assert house.engine.check_meter()
    assert (house.engine.check.state, house.engine.check.broken_off_by) == (CheckState.RUNNING, None)


def test_a_wall_connector_that_is_gone_breaks_the_test_off():
    car = ParkedCar(phases=1, wish=wish(ChargeMode.FAST, limit_amps=16))
    house = SunnyHouse({YARD: ParkedCar(plugged_in=False, wish=wish(ChargeMode.OFF)), GARAGE: car})
    house.live(180)
    assert house.engine.check_meter()
    house.live(30)
    assert house.engine.check.state is CheckState.RUNNING
    del house.cars[GARAGE]
    house.live(5)
    assert house.engine.check.state is CheckState.BROKEN_OFF
    assert house.engine.check.broken_off_by is BrokenOffBy.GONE


def test_a_car_that_is_full_breaks_the_test_off():
    house, car = charging_house()
    assert house.engine.check_meter()
    house.live(30)
    car.maximum_amps = 0.0
    house.live(40)
    assert house.engine.check.broken_off_by is BrokenOffBy.CAR_STOPPED


def test_without_room_for_three_amps_there_is_no_test():
    house, car = charging_house()
    car.wish = wish(ChargeMode.FAST, limit_amps=8, minimum_amps=6)
    house.live(30)
    assert not house.engine.check_meter()
    assert house.engine.check.state is CheckState.NEVER


def test_the_car_that_draws_most_plays():
    house, car = charging_house()
    house.cars[YARD] = ParkedCar(phases=1, wish=wish(ChargeMode.FAST, limit_amps=10))
    house.live(60)
    assert house.engine.check_meter()
    house.live(25)
    assert (car.offer, house.cars[YARD].offer) == (13, 10)


def test_an_inverted_meter_is_found_out_without_any_test_while_amps_are_set_by_hand():
    house, car = charging_house()
    house.site = replace(house.site)
    real = SunnyHouse.grid_watts.fget
    assert real is not None
    inverted = type("Inverted", (SunnyHouse,), {"grid_watts": property(lambda self: -real(self))})
    house.__class__ = inverted
    for amps in (16, 8, 16, 9, 16, 7, 15, 8, 16, 8, 16, 9, 16, 7):
        car.wish = wish(ChargeMode.FAST, limit_amps=amps)
        house.live(47 + amps)
    assert house.engine.meter.verdict is MeterVerdict.INVERTED


def test_a_house_battery_that_keeps_the_meter_still_does_not_fool_the_learner():
    car = ParkedCar(phases=1, wish=wish(ChargeMode.FAST, limit_amps=16))
    house = SunnyHouse({GARAGE: car}, sun=6000.0, load=400.0, battery=0.0, soc=50.0)
    for amps in (16, 8, 16, 9, 16, 7, 15, 8, 16, 8, 16, 9):
        car.wish = wish(ChargeMode.FAST, limit_amps=amps)
        for _ in range(47 + amps):
            house.battery = house.sun_watts - house.load - house.cars_watts
            house.live(1)
            assert abs(house.grid_watts) < 3000
    assert house.engine.meter.verdict is MeterVerdict.CONTAINED


def test_a_sign_that_was_turned_is_found_by_the_check_whatever_was_learnt_before():
    house, car = charging_house()
    for amps in (16, 8, 16, 9, 16, 7, 15, 8, 16, 8, 16, 9, 16):
        car.wish = wish(ChargeMode.FAST, limit_amps=amps)
        house.live(47 + amps)
    assert house.engine.meter.verdict is MeterVerdict.CONTAINED
    real = SunnyHouse.grid_watts.fget
    assert real is not None
    house.__class__ = type("Turned", (SunnyHouse,), {"grid_watts": property(lambda self: -real(self))})
    assert house.engine.check_meter()
    house.live(600)
    report = house.engine.check.report
    assert report is not None
    assert report.verdict is MeterVerdict.INVERTED
    assert house.engine.meter.verdict is MeterVerdict.INVERTED, "Repairs has to say what the check said"
