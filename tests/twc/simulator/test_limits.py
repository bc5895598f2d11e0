"""What a simulated wall connector makes of the operations of a heartbeat (protocol.md 2.3, 3.3 to 3.5)."""

import pytest
from twc.protocol.codes import ConnectorState, Operation
from twc.simulator.car import Car
from twc.simulator.car_models import TESLA, ZOE
from twc.simulator.unit import Habits, Unit, old_unit

S = ConnectorState


def start(driver, station, amps, car=None):
    """Plug a car in and let it charge."""
    station.plug(car or Car(TESLA))
    driver.keep(station, 3)
    driver.beat(station, Operation.SET_LIMIT, amps)
    return driver.keep(station, 20)


def states(driver, station, seconds):
    """Collapse the states of a heartbeat every second."""
    seen = []
    for _ in range(seconds):
        state = driver.beat(station).state
        if not seen or seen[-1] is not state:
            seen.append(state)
    return seen


def test_plug_in_passes_through_03_and_04_and_asks_for_a_limit(driver, p2):
    driver.keep(p2, 2)
    p2.plug(Car(TESLA))
    assert states(driver, p2, 4) == [S.NOT_CHARGING, S.PLUGGED_READY]
    assert driver.beat(p2).offered_amps == 0.0


@pytest.mark.parametrize("operation", [Operation.SET_LIMIT, Operation.GRANT_START])
def test_a_limit_leads_through_08_to_01_and_only_then_to_current(driver, p2, operation):
    p2.plug(Car(TESLA))
    driver.keep(p2, 3)
    answer = driver.beat(p2, operation, 13)
    assert answer.offered_amps == 13.0
    assert states(driver, p2, 6) == [S.STARTING, S.CHARGING]
    assert p2.connector.drawn_amps == 0.0
    driver.keep(p2, 10)
    assert p2.connector.drawn_amps == pytest.approx(12.2)


def test_protocol_2_ignores_operation_05_while_charging_and_obeys_09(driver, p2):
    start(driver, p2, 13)
    assert driver.beat(p2, Operation.SET_LIMIT, 8).offered_amps == 13.0
    answer = driver.beat(p2, Operation.SET_SESSION_LIMIT, 8)
    assert (answer.state, answer.offered_amps) == (S.APPLYING_LIMIT, 8.0)


def test_state_09_lasts_12_seconds_after_the_last_operation_09(driver, p2):
    start(driver, p2, 13)
    driver.beat(p2, Operation.SET_SESSION_LIMIT, 8)
    assert [driver.beat(p2).state for _ in range(11)] == [S.APPLYING_LIMIT] * 11
    assert driver.beat(p2).state is S.CHARGING
    for _ in range(30):
        answer = driver.beat(p2, Operation.SET_SESSION_LIMIT, 8)
    assert answer.state is S.APPLYING_LIMIT


@pytest.mark.parametrize(
    "operation", [Operation.SET_LIMIT, Operation.GRANT_START, Operation.SET_SESSION_LIMIT]
)
def test_zero_is_six_amperes_on_protocol_2(driver, p2, operation):
    assert driver.beat(p2, operation, 0).offered_amps == 6.0


def test_a_car_on_protocol_2_keeps_charging_at_six_amperes_under_zero(driver, p2):
    start(driver, p2, 13)
    for _ in range(20):
        driver.beat(p2, Operation.SET_SESSION_LIMIT, 0)
    assert p2.connector.drawn_amps == pytest.approx(5.2)
    assert p2.connector.contactor_closings == 1


def test_less_than_six_amperes_are_six_on_protocol_2(driver, p2):
    assert driver.beat(p2, Operation.SET_LIMIT, 5).offered_amps == 6.0


def test_some_ignore_operation_09_in_state_00(driver, hang):
    polestar = hang(Unit(habits=Habits(ignores_session_limit_when_ready=True)))
    answer = driver.beat(polestar, Operation.SET_SESSION_LIMIT, 16)
    assert (answer.state, answer.offered_amps) == (S.READY, 0.0)
    assert driver.beat(polestar, Operation.SET_LIMIT, 16).offered_amps == 16.0


def test_any_figure_is_echoed_even_above_the_rating(driver, p2, clock):
    """The echo proves reception and nothing else (protocol.md 3.3)."""
    driver.send_body(driver.body(0xFBE0, p2, bytes([0x09, 0xFF, 0xFF])))
    clock.advance(1)
    assert driver.beat(p2).offered_amps == 655.35


def test_protocol_1_knows_no_operation_09(driver, p1):
    assert driver.beat(p1, Operation.SET_SESSION_LIMIT, 16).offered_amps == 0.0
    assert driver.beat(p1, Operation.GRANT_START, 0).offered_amps == 0.0
    assert driver.beat(p1, Operation.GRANT_START, 16).offered_amps == 16.0


def test_protocol_1_takes_operation_05_at_any_time_down_to_five_amperes(driver, p1):
    start(driver, p1, 16)
    assert driver.beat(p1, Operation.SET_LIMIT, 5).offered_amps == 5.0
    driver.keep(p1, 10)
    assert p1.connector.drawn_amps == pytest.approx(4.2)


def test_protocol_1_stops_on_zero_and_resumes_with_a_limit(driver, p1):
    start(driver, p1, 16)
    for _ in range(30):
        answer = driver.beat(p1, Operation.SET_LIMIT, 0)
    assert (answer.state, answer.offered_amps, p1.connector.drawn_amps) == (S.NOT_CHARGING, 0.0, 0.0)
    assert p1.connector.contactor_closings == 1
    driver.beat(p1, Operation.SET_LIMIT, 10)
    driver.keep(p1, 20)
    assert p1.connector.drawn_amps == pytest.approx(9.2)
    assert p1.connector.contactor_closings == 2


def test_zero_that_is_not_repeated_makes_the_relay_chatter(driver, p1):
    """As logged: 01 and 0.00 A, then 03 and 6.00 A, every second (protocol.md 3.4)."""
    start(driver, p1, 16)
    driver.beat(p1, Operation.SET_LIMIT, 0)
    before = p1.connector.contactor_closings
    answers = []
    for _ in range(5):
        kept = driver.beat(p1)
        stopped = driver.beat(p1, Operation.SET_LIMIT, 0)
        answers.append((kept.state, kept.offered_amps, stopped.state, stopped.offered_amps))
    assert answers == [(S.NOT_CHARGING, 6.0, S.CHARGING, 0.0)] * 5
    assert p1.connector.contactor_closings == before + 5


def test_raising_by_two_shows_06_and_after_44_seconds_0a(driver, p2, clock):
    start(driver, p2, 10)
    driver.send_body(driver.body(0xFBE0, p2, b"\x06"))
    clock.advance(1)
    assert (driver.beat(p2).state, p2.connector.offered_amps) == (S.RAISING, 12.0)
    driver.keep(p2, 40)
    assert driver.beat(p2).state is S.RAISING
    assert states(driver, p2, 5)[-1] is S.ADJUSTED
    assert states(driver, p2, 13)[-1] is S.CHARGING
    assert p2.connector.offered_amps == 12.0


def test_lowering_by_two_is_taken_back_if_the_car_uses_all_it_gets(driver, p2, clock):
    start(driver, p2, 12)
    driver.send_body(driver.body(0xFBE0, p2, b"\x07"))
    clock.advance(1)
    assert (driver.beat(p2).state, p2.connector.offered_amps) == (S.LOWERING, 10.0)
    driver.keep(p2, 7)
    assert p2.connector.offered_amps == 10.0
    driver.keep(p2, 2)
    assert p2.connector.offered_amps == 12.0
    assert states(driver, p2, 3)[-1] is S.ADJUSTED


def test_lowering_by_two_stays_if_the_car_does_not_need_it(driver, p2, clock):
    start(driver, p2, 30)
    driver.send_body(driver.body(0xFBE0, p2, b"\x07"))
    clock.advance(1)
    driver.keep(p2, 20)
    assert p2.connector.offered_amps == 28.0


def test_lowering_never_goes_below_six_amperes(driver, p2, clock):
    start(driver, p2, 6)
    driver.send_body(driver.body(0xFBE0, p2, b"\x07"))
    clock.advance(1)
    assert p2.connector.offered_amps == 6.0


def test_protocol_1_knows_neither_raising_nor_lowering(driver, p1, clock):
    start(driver, p1, 12)
    driver.send_body(driver.body(0xFBE0, p1, b"\x06"))
    clock.advance(1)
    assert p1.connector.offered_amps == 12.0


def test_a_unit_that_ignores_limits_reports_its_own(driver, hang):
    deaf = hang(Unit(habits=Habits(ignores_limits=True)))
    assert driver.beat(deaf, Operation.SET_LIMIT, 16).offered_amps == 0.0


def test_the_offer_outlives_the_car_and_the_next_one_asks_anew(driver, p2):
    start(driver, p2, 13)
    p2.unplug()
    answer = driver.beat(p2)
    assert (answer.state, answer.offered_amps, answer.drawn_amps) == (S.READY, 13.0, 0.0)
    p2.plug(Car(ZOE))
    driver.keep(p2, 2)
    answer = driver.beat(p2)
    assert (answer.state, answer.offered_amps) == (S.PLUGGED_READY, 0.0)


def test_busy_interrupts_any_state(driver, hang):
    station = hang(Unit(habits=Habits(busy_share=0.3)))
    seen = {driver.beat(station).state for _ in range(40)}
    assert seen == {S.READY, S.BUSY}


def test_nonsense_is_reported_now_and_then(driver, hang):
    station = hang(old_unit(habits=Habits(nonsense_share=0.5)))
    drawn = [driver.beat(station).drawn_amps for _ in range(40)]
    assert 0.0 in drawn
    assert max(drawn) > 99


def test_reported_current_has_its_offset_and_gain(driver, hang):
    station = hang(Unit(habits=Habits(idle_offset_amps=0.25, measuring_gain=1.1)))
    assert driver.beat(station).drawn_amps == 0.25
    answer = start(driver, station, 13)
    assert station.connector.drawn_amps == pytest.approx(12.2)
    assert answer.drawn_amps == pytest.approx(12.2 * 1.1 + 0.25, abs=0.01)


@pytest.mark.parametrize("describe", [old_unit, Unit], ids=["P1", "P2"])
def test_one_that_ignores_lower_offers_takes_higher_ones_and_its_watchdog_ends_the_charge(
    driver, hang, clock, describe
):
    deaf = hang(describe(habits=Habits(ignores_lowering=True)))
    start(driver, deaf, 13)
    lower, higher = driver.beat(deaf, Operation.SET_LIMIT, 6), Operation.SET_SESSION_LIMIT
    assert lower.offered_amps == 13.0
    assert driver.beat(deaf, Operation.SET_LIMIT, 0).offered_amps == 13.0
    higher = higher if describe is Unit else Operation.SET_LIMIT
    assert driver.beat(deaf, higher, 16).offered_amps == 16.0
    driver.keep(deaf, 10)
    clock.advance(24)
    deaf.connector.advance(clock.time())
    assert deaf.connector.drawn_amps > 12.0
    clock.advance(2)
    deaf.connector.advance(clock.time())
    assert (deaf.connector.drawn_amps, deaf.connector.offered_amps) == (0.0, 0.0)


def test_one_that_ignores_0_amps_obeys_all_else(driver, hang):
    deaf = hang(old_unit(habits=Habits(ignores_zero=True)))
    start(driver, deaf, 13)
    assert driver.beat(deaf, Operation.SET_LIMIT, 0).offered_amps == 13.0
    driver.keep(deaf, 30)
    assert deaf.connector.drawn_amps == pytest.approx(12.2)
    assert driver.beat(deaf, Operation.SET_LIMIT, 6).offered_amps == 6.0


def test_a_slow_one_takes_a_lower_offer_over_20_s_later_and_a_higher_one_at_once(driver, hang):
    slow = hang(old_unit(habits=Habits(lowers_late_seconds=20.0)))
    start(driver, slow, 13)
    offers = [driver.beat(slow, Operation.SET_LIMIT, 0).offered_amps for _ in range(25)]
    assert 18 <= offers.count(13.0) <= 22
    assert offers[-1] == 0.0
    assert slow.connector.drawn_amps == 0.0
    assert driver.beat(slow, Operation.SET_LIMIT, 8).offered_amps == 8.0
    assert driver.beat(slow, Operation.SET_LIMIT, 6).offered_amps == 8.0
    assert driver.beat(slow, Operation.SET_LIMIT, 10).offered_amps == 10.0
    driver.keep(slow, 30)
    assert slow.connector.offered_amps == 10.0, "the lower one is forgotten"
