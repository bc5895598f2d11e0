"""Cars follow their offer as real ones do, and disappoint as real ones do (protocol.md 3.2 to 3.9)."""

from dataclasses import replace
from itertools import pairwise

import pytest
from twc.protocol.codes import ConnectorState, Operation
from twc.simulator.car import Car
from twc.simulator.car_models import LEAF, TESLA, TESLA_2017, ZOE, CarModel
from twc.simulator.unit import Habits, Unit

PLAIN = CarModel(name="plain")


def charge(driver, station, car, amps=16.0, seconds=25):
    station.plug(car)
    driver.keep(station, 3)
    driver.beat(station, Operation.SET_LIMIT, amps)
    return driver.keep(station, seconds)


def offer(driver, station, amps, seconds):
    driver.beat(station, Operation.SET_SESSION_LIMIT, amps)
    return driver.keep(station, seconds)


def test_a_car_draws_a_little_less_than_it_is_offered_and_never_more_than_it_can(driver, p2):
    charge(driver, p2, Car(PLAIN), amps=10)
    assert p2.connector.drawn_amps == pytest.approx(9.2)
    offer(driver, p2, 32, 10)
    assert p2.connector.drawn_amps == 16.0


def test_current_rises_by_no_more_than_3_5_amperes_a_second(driver, p2, clock):
    p2.plug(Car(replace(PLAIN, maximum_amps=32)))
    driver.keep(p2, 3)
    driver.beat(p2, Operation.SET_LIMIT, 32)
    driver.keep(p2, 4)
    drawn = []
    for _ in range(200):
        clock.advance(0.1)
        p2.connector.advance(clock.time())
        drawn.append(p2.connector.drawn_amps)
    steepest = max(after - before for before, after in pairwise(drawn))
    assert steepest <= 0.35 + 1e-9
    assert drawn[-1] == pytest.approx(31.2)


def test_a_change_of_the_offer_takes_a_moment_to_be_followed(driver, p2, clock):
    charge(driver, p2, Car(PLAIN), amps=16)
    driver.heartbeat(p2, Operation.SET_SESSION_LIMIT, 8)
    clock.advance(1.0)
    assert p2.connector.drawn_amps == pytest.approx(15.2)
    clock.advance(4.0)
    assert p2.connector.drawn_amps == pytest.approx(7.2)


def test_an_offer_that_is_taken_back_in_time_is_not_noticed(driver, p2, clock):
    charge(driver, p2, Car(PLAIN), amps=16)
    driver.heartbeat(p2, Operation.SET_SESSION_LIMIT, 8)
    clock.advance(0.5)
    driver.heartbeat(p2, Operation.SET_SESSION_LIMIT, 16)
    clock.advance(0.5)
    driver.keep(p2, 5)
    assert p2.connector.drawn_amps == pytest.approx(15.2)


def test_a_full_car_stops_by_itself_and_sleeps_later(driver, p2):
    car = Car(replace(ZOE, battery_kwh=1.0), charge=0.99)
    charge(driver, p2, car, seconds=60)
    assert car.full
    answer = driver.keep(p2, 1)
    assert (answer.state, answer.offered_amps, answer.drawn_amps) == (ConnectorState.NOT_CHARGING, 6.0, 0.0)
    assert 0.01 <= car.delivered_kwh * car.model.efficiency < 0.02
    assert driver.keep(p2, 600).state is ConnectorState.READY


def test_a_sleeping_car_is_reported_as_ready_and_wakes_on_an_offer(driver, p2):
    car = Car(TESLA, asleep=True)
    p2.plug(car)
    assert driver.keep(p2, 4).state is ConnectorState.READY
    driver.beat(p2, Operation.SET_LIMIT, 16)
    assert driver.keep(p2, 5).state is ConnectorState.READY
    driver.keep(p2, 30)
    assert not car.asleep
    assert p2.connector.drawn_amps > 10


def test_a_car_fast_asleep_never_wakes(driver, p2):
    car = Car(replace(TESLA, wakes_after_seconds=None), asleep=True)
    charge(driver, p2, car, seconds=120)
    assert car.asleep


def test_a_refusing_car_waits_in_08_for_ever(driver, p2):
    car = Car(PLAIN, refuses=True)
    answer = charge(driver, p2, car, seconds=300)
    assert (answer.state, answer.offered_amps, answer.drawn_amps) == (ConnectorState.STARTING, 16.0, 0.0)
    assert p2.connector.contactor_closings == 0
    car.refuses = False
    driver.keep(p2, 20)
    assert p2.connector.drawn_amps > 10


def test_a_paused_car_falls_back_to_six_amperes_and_stays_there_when_it_goes_on(driver, p2):
    car = Car(PLAIN)
    charge(driver, p2, car, amps=16)
    car.paused = True
    answer = driver.keep(p2, 10)
    assert (answer.state, answer.offered_amps, answer.drawn_amps) == (ConnectorState.NOT_CHARGING, 6.0, 0.0)
    car.paused = False
    driver.keep(p2, 20)
    assert p2.connector.drawn_amps == pytest.approx(5.2)


def test_some_units_wait_in_08_for_a_new_limit_after_a_pause(driver, hang):
    station = hang(Unit(habits=Habits(sticks_in_starting=True)))
    car = Car(PLAIN)
    charge(driver, station, car, amps=16)
    car.paused = True
    driver.keep(station, 10)
    car.paused = False
    answer = driver.keep(station, 60)
    assert (answer.state, answer.offered_amps) == (ConnectorState.STARTING, 6.0)
    driver.beat(station, Operation.SET_LIMIT, 6)
    driver.keep(station, 20)
    assert station.connector.drawn_amps == 0.0
    driver.beat(station, Operation.SET_LIMIT, 16)
    driver.keep(station, 20)
    assert station.connector.drawn_amps > 10


def test_a_moody_car_pauses_and_goes_on_by_itself(driver, p2):
    charge(driver, p2, Car(replace(PLAIN, pauses_after_seconds=60, pause_seconds=30)), amps=16)
    drawn = [driver.beat(p2).drawn_amps for _ in range(120)]
    stopped = drawn.index(0.0)
    assert any(amps > 1 for amps in drawn[stopped:])


def test_a_car_with_the_six_ampere_bug_falls_to_its_setting_when_it_is_raised(driver, p2):
    car = Car(TESLA_2017)
    charge(driver, p2, car, amps=8)
    assert p2.connector.drawn_amps == pytest.approx(7.2)
    offer(driver, p2, 12, 15)
    assert p2.connector.drawn_amps == pytest.approx(5.2)
    assert car.stuck_at_six


def test_lowering_never_brings_the_six_ampere_bug(driver, p2):
    charge(driver, p2, Car(TESLA_2017), amps=15)
    offer(driver, p2, 12, 10)
    assert p2.connector.drawn_amps == pytest.approx(11.2)


@pytest.mark.parametrize(
    ("amps", "seconds", "cured"), [(16, 7, True), (16, 3, False), (15.99, 20, False), (32, 7, True)]
)
def test_the_bug_is_cured_by_five_seconds_at_the_threshold_and_by_nothing_less(
    driver, p2, clock, amps, seconds, cured
):
    charge(driver, p2, Car(TESLA_2017), amps=8)
    offer(driver, p2, 12, 15)
    driver.heartbeat(p2, Operation.SET_SESSION_LIMIT, amps)
    clock.advance(seconds)
    offer(driver, p2, 12, 15)
    assert p2.connector.drawn_amps == pytest.approx(11.2 if cured else 5.2)


def test_a_tesla_refuses_after_too_many_silent_stops_until_it_is_plugged_in_again(driver, p2, clock):
    car = Car(TESLA)
    charge(driver, p2, car)
    for stop in range(1, 5):
        clock.advance(35)
        driver.keep(p2, 2)
        driver.beat(p2, Operation.GRANT_START, 16)
        driver.keep(p2, 20)
        assert (car.silent_stops, car.needs_replug) == (stop, stop > 3)
    assert p2.connector.drawn_amps == 0.0
    assert driver.keep(p2, 1).state is ConnectorState.NOT_CHARGING
    p2.unplug()
    charge(driver, p2, car)
    assert p2.connector.drawn_amps > 10


def test_other_cars_resume_after_any_number_of_silent_stops(driver, p2, clock):
    charge(driver, p2, Car(LEAF))
    for _ in range(6):
        clock.advance(35)
        driver.keep(p2, 2)
        driver.beat(p2, Operation.GRANT_START, 16)
        driver.keep(p2, 20)
        assert p2.connector.drawn_amps > 10


def test_a_tesla_does_not_survive_a_long_time_without_a_controller(driver, p2, clock):
    car = Car(TESLA)
    charge(driver, p2, car)
    clock.advance(200)
    driver.keep(p2, 2)
    driver.beat(p2, Operation.GRANT_START, 16)
    assert driver.keep(p2, 20).state is ConnectorState.NOT_CHARGING
    assert car.needs_replug


def test_a_tesla_plugged_in_under_zero_amperes_is_trapped(driver, p1):
    car = Car(TESLA)
    p1.plug(car)
    for _ in range(20):
        driver.beat(p1, Operation.SET_LIMIT, 0)
    assert car.needs_replug
    driver.beat(p1, Operation.SET_LIMIT, 16)
    driver.keep(p1, 60)
    assert p1.connector.drawn_amps == 0.0


def test_a_tesla_whose_question_for_a_limit_is_not_answered_is_trapped_too(driver, p2):
    car = Car(TESLA)
    p2.plug(car)
    driver.keep(p2, 10)
    assert not car.needs_replug
    driver.keep(p2, 10)
    assert car.needs_replug


def test_a_tesla_that_had_its_first_amperes_may_be_stopped_at_zero(driver, p1):
    car = Car(TESLA)
    charge(driver, p1, car, amps=6, seconds=3)
    for _ in range(120):
        driver.beat(p1, Operation.SET_LIMIT, 0)
    assert not car.needs_replug
    driver.beat(p1, Operation.SET_LIMIT, 16)
    driver.keep(p1, 25)
    assert p1.connector.drawn_amps > 10


def test_a_car_without_controller_is_not_trapped(driver, p2, clock):
    car = Car(TESLA)
    p2.plug(car)
    clock.advance(100)
    charge_later = driver.keep(p2, 3)
    assert charge_later.state is ConnectorState.PLUGGED_READY
    assert not car.needs_replug


def test_an_offer_below_the_minimum_makes_a_car_refuse(driver, p1, clock):
    car = Car(PLAIN)
    charge(driver, p1, car)
    driver.send_body(driver.body(0xFBE0, p1, bytes([0x05, 0x01, 0x2C])))
    clock.advance(1)
    driver.keep(p1, 5)
    assert car.needs_replug
    assert driver.keep(p1, 1).state is ConnectorState.NOT_CHARGING


def test_a_greedy_car_draws_more_than_it_is_offered(driver, p2):
    charge(driver, p2, Car(replace(PLAIN, shortfall_amps=-3.0)), amps=10)
    assert p2.connector.drawn_amps == pytest.approx(13.0)


def test_pulling_the_plug_of_nothing_gives_no_car(p2):
    assert p2.unplug() is None
