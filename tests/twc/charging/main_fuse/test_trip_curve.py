"""How warm each phase of the main breaker is."""

from math import inf

import pytest
from twc.charging.main_fuse.trip_curve import MOTOR_DOUBT_SECONDS, Breaker

RATING = 25.0


def told(*reports: tuple[float, float, bool]) -> Breaker:
    """Return a breaker after reports of one phase: time in s, A, and whether the sensor told it anew."""
    breaker = Breaker()
    for at, amps, fresh in reports:
        breaker.note([amps], RATING, at, [fresh])
    return breaker


def test_a_motor_that_starts_costs_a_second_of_what_a_breaker_bears():
    breaker = told((0, 10.0, True), (1, 90.0, True), (2, 12.0, True))
    assert 0.2 < breaker.heat(2)[0] < 0.4
    assert not breaker.is_starting(0, 2)


def test_a_second_report_of_the_same_is_no_start():
    breaker = told((0, 10.0, True), (1, 90.0, True), (2, 90.0, True))
    assert breaker.heat(2) == (1.0,)
    assert not breaker.is_starting(0, 2)


def test_looking_again_at_the_same_report_is_no_second_report():
    breaker = told((0, 10.0, True), (1, 90.0, True), (1.1, 90.0, False), (2, 90.0, False))
    assert breaker.is_starting(0, 2)
    assert breaker.heat(2)[0] < 0.5


@pytest.mark.parametrize("seldom", [15.0, 60.0])
def test_a_slow_meter_that_tells_nothing_more_is_believed_after_a_moment(seldom: float):
    breaker = Breaker()
    breaker.note([90.0], RATING, 0.0, [True])
    assert breaker.is_starting(0, MOTOR_DOUBT_SECONDS - 0.1)
    assert not breaker.is_starting(0, MOTOR_DOUBT_SECONDS)
    breaker.note([90.0], RATING, MOTOR_DOUBT_SECONDS, [False])
    assert breaker.heat(MOTOR_DOUBT_SECONDS) == (1.0,)
    assert breaker.heat(seldom) == (1.0,)
    breaker.note([10.0], RATING, seldom, [True])
    assert breaker.heat(seldom + 90.0)[0] == pytest.approx(0.9)


def test_each_phase_has_an_account_of_its_own():
    breaker = Breaker()
    for second in range(61):
        breaker.note([10.0, 32.5, None], RATING, float(second), [True, True, False])
    cold, warm, unknown = breaker.heat(60.0)
    assert (cold, unknown) == (0.0, 0.0)
    assert warm == pytest.approx(60 / 90, abs=0.02)


def test_it_tells_when_so_much_will_be_used():
    breaker = told((0, 32.5, True))
    assert breaker.reaches(0, 0.5) == pytest.approx(45.0)
    assert told((0, 25.0, True)).reaches(0, 0.5) == inf
    assert told((0, 90.0, True), (1, 90.0, True)).reaches(0, 0.5) == 1.0


def test_without_a_rating_it_is_forgotten():
    breaker = told((0, 32.5, True), (60, 32.5, True))
    breaker.cool()
    assert breaker.heat(61.0) == ()
