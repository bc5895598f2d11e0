"""How a simulated wall connector finds, keeps, loses and finds a controller again."""

from itertools import pairwise

import pytest
from twc.protocol.codes import ConnectorState, Operation, ProtocolVersion, TwcId
from twc.protocol.messages import (
    ConnectorHeartbeat,
    ConnectorLinkReady,
    ControllerLinkReady1,
    ControllerLinkReady2,
)
from twc.simulator.announcer import FASTEST_SHARE
from twc.simulator.car import Car
from twc.simulator.car_models import TESLA, ZOE
from twc.simulator.unit import FIRMWARE_MIDDLE, US, Habits, Unit, old_unit

from driver import OUR_ID


def announcements(driver):
    return [
        (round(time, 1), message) for time, message in driver.heard if isinstance(message, ConnectorLinkReady)
    ]


def link_ready(kind=ControllerLinkReady2, sender=OUR_ID):
    return kind(sender=sender, sign=0x77, max_amps=0.0, version=ProtocolVersion.P2)


def test_after_a_reset_it_announces_itself_in_a_burst_and_then_every_six_seconds(driver, p2, clock):
    clock.advance(30)
    times = [time for time, _ in driver.heard]
    gaps = [after - before for before, after in pairwise(times)]
    burst = sum(gap < 1 for gap in gaps)
    assert 3 <= burst + 1 <= 6
    expected = [0.5] * burst + [6.0] * (len(gaps) - burst)
    assert gaps == [pytest.approx(gap, rel=FASTEST_SHARE) for gap in expected]


def test_old_firmware_announces_itself_every_ten_seconds_in_14_bytes(driver, p1, clock):
    clock.advance(60)
    times = [time for time, _ in driver.heard]
    assert times[-1] - times[-2] == pytest.approx(10.0, rel=FASTEST_SHARE)
    assert all(message.version is ProtocolVersion.P1 for _, message in announcements(driver))


def test_it_announces_its_twcid_its_rating_and_one_sign_per_boot(driver, hang, clock):
    station = hang(Unit(serial_number="A18G0017973", model=US))
    clock.advance(20)
    before = {message.sign for _, message in announcements(driver)}
    assert {(message.sender, message.max_amps) for _, message in announcements(driver)} == {
        (TwcId(0x7973), 80.0)
    }
    driver.heard.clear()
    station.power_cycle()
    clock.advance(20)
    after = {message.sign for _, message in announcements(driver)}
    assert len(before) == len(after) == 1
    assert before != after


def test_a_single_heartbeat_links_it_and_ends_the_announcements(driver, p2, clock):
    clock.advance(9)
    driver.heard.clear()
    answer = driver.beat(p2)
    assert answer.state is ConnectorState.READY
    assert answer.offered_amps == 0.0
    assert p2.connector.linked
    driver.keep(p2, 15)
    assert announcements(driver) == []


def test_it_answers_within_150_to_200_ms(driver, p2, clock):
    for _ in range(40):
        clock.advance(3)
        driver.heard.clear()
        sent = clock.time()
        driver.heartbeat(p2)
        clock.advance(1)
        (heard_at, _), frame = driver.heard[0], 19 * 10 / 9600
        assert 0.150 <= heard_at - sent - 2 * frame <= 0.203


def test_it_answers_nobody_but_who_addresses_it(driver, p2, hang, clock):
    other = hang(Unit(serial_number="A18G0004580"))
    clock.advance(5)
    driver.heard.clear()
    driver.beat(other)
    assert {message.sender for message in driver.of(ConnectorHeartbeat)} == {other.connector.twcid}


def test_the_second_fbe2_brings_five_announcements_and_the_first_none(driver, p2, clock):
    clock.advance(7.9)
    driver.heard.clear()
    driver.send(link_ready())
    clock.advance(0.1)
    driver.send(link_ready(ControllerLinkReady1))
    clock.advance(0.1)
    driver.heard.clear()
    sent = clock.time()
    driver.send(link_ready())
    clock.advance(4)
    times = [time for time, message in driver.heard if isinstance(message, ConnectorLinkReady)]
    assert len(times) == 5
    assert times[0] - sent == pytest.approx(0.24, abs=0.01)


def test_a_linked_wall_connector_does_not_answer_fbe2(driver, p2, clock):
    driver.keep(p2, 2)
    driver.heard.clear()
    for _ in range(3):
        driver.send(link_ready())
        clock.advance(0.5)
    assert driver.of(ConnectorLinkReady) == []


@pytest.mark.parametrize(("firmware_seconds", "unit"), [(30, Unit()), (10, Unit(firmware=FIRMWARE_MIDDLE))])
def test_without_heartbeats_it_announces_itself_again(driver, hang, clock, unit, firmware_seconds):
    station = hang(unit)
    clock.advance(5)
    driver.keep(station, 3)
    driver.heard.clear()
    clock.advance(firmware_seconds - 2)
    assert announcements(driver) == []
    assert station.connector.linked
    clock.advance(3)
    assert not station.connector.linked
    assert len(announcements(driver)) == 1


def test_the_contactor_opens_25_seconds_after_the_last_heartbeat(driver, p2, clock):
    p2.plug(Car(ZOE))
    driver.keep(p2, 3)
    driver.beat(p2, Operation.SET_LIMIT, 16)
    driver.keep(p2, 20)
    assert p2.connector.drawn_amps > 10
    clock.advance(23.5)
    assert p2.connector.drawn_amps > 10
    clock.advance(1)
    assert p2.connector.drawn_amps == 0.0
    assert p2.connector.offered_amps == 0.0


def test_the_first_answer_after_a_loss_is_an_error_and_then_a_limit_is_asked_for(driver, p2, clock):
    p2.plug(Car(ZOE))
    driver.keep(p2, 3)
    driver.beat(p2, Operation.SET_LIMIT, 16)
    driver.keep(p2, 20)
    clock.advance(40)
    assert driver.beat(p2).state is ConnectorState.ERROR
    asking = driver.beat(p2)
    assert (asking.state, asking.offered_amps) == (ConnectorState.STARTING, 0.0)
    driver.beat(p2, Operation.GRANT_START, 10)
    driver.keep(p2, 20)
    assert p2.connector.drawn_amps == pytest.approx(9.4)


def test_a_short_gap_does_not_disturb_the_car(driver, hang, clock):
    station = hang(Unit(firmware=FIRMWARE_MIDDLE))
    station.plug(Car(ZOE))
    driver.keep(station, 3)
    driver.beat(station, Operation.SET_LIMIT, 16)
    driver.keep(station, 20)
    clock.advance(15)
    assert driver.beat(station).state is ConnectorState.ERROR
    assert driver.beat(station).state is ConnectorState.CHARGING
    assert station.connector.contactor_closings == 1


def test_some_units_never_link_again_until_they_are_power_cycled(driver, hang, clock):
    station = hang(Unit(habits=Habits(relinks=False)))
    driver.keep(station, 3)
    clock.advance(60)
    assert driver.beat(station) is None
    assert driver.beat(station) is None
    station.power_cycle()
    clock.advance(5)
    assert driver.beat(station) is not None


def test_a_controller_with_its_twcid_makes_it_take_another_twcid_and_sign(driver, p2, clock):
    clock.advance(5)
    before = (p2.connector.twcid, p2.connector.sign)
    driver.send(link_ready(ControllerLinkReady1, sender=p2.connector.twcid))
    clock.advance(5)
    after = (p2.connector.twcid, p2.connector.sign)
    assert after[0] != before[0]
    assert after[1] != before[1]
    assert announcements(driver)[-1][1].sender == after[0]
    p2.power_cycle()
    assert p2.connector.twcid == before[0]


def test_of_two_wall_connectors_with_one_twcid_one_moves_away(driver, hang, clock):
    one = hang(Unit(serial_number="A17A0003495"), seed=1)
    clock.advance(3)
    two = hang(Unit(serial_number="A18B0003495"), seed=2)
    clock.advance(30)
    assert one.connector.twcid != two.connector.twcid


def test_stubborn_twins_both_answer_and_garble_each_other(driver, hang, clock):
    stubborn = Habits(repicks_twcid=False)
    one = hang(Unit(serial_number="A17A0003495", habits=stubborn), seed=1)
    two = hang(Unit(serial_number="A18B0003495", habits=stubborn), seed=2)
    clock.advance(10)
    assert one.connector.twcid == two.connector.twcid
    driver.rejected.clear()
    answers = []
    for _ in range(20):
        driver.heard.clear()
        driver.beat(one)
        answers.append(len(driver.of(ConnectorHeartbeat)))
    assert driver.rejected
    assert max(answers) <= 2
    assert min(answers) == 0


STRICT = Habits(answers_wrong_size=False)


@pytest.mark.parametrize(
    ("unit", "answers"),
    [(Unit(), True), (old_unit(), True), (Unit(habits=STRICT), False), (old_unit(habits=STRICT), False)],
)
def test_a_heartbeat_of_the_other_size_is_answered_in_the_units_own(driver, hang, clock, unit, answers):
    station = hang(unit)
    clock.advance(5)
    driver.heard.clear()
    wrong = ProtocolVersion.P1 if unit.version is ProtocolVersion.P2 else ProtocolVersion.P2
    driver.heartbeat(station, version=wrong)
    clock.advance(1)
    assert bool(driver.of(ConnectorHeartbeat)) is answers
    assert all(message.version is unit.version for message in driver.of(ConnectorHeartbeat))


@pytest.mark.parametrize("length", [13, 15])
def test_a_message_of_an_odd_length_is_heard_as_other_programs_expect(driver, hang, clock, length):
    lenient, strict = (
        hang(Unit()),
        hang(Unit(serial_number="A18G0004580", habits=Habits(answers_odd_lengths=False))),
    )
    clock.advance(5)
    for station, answered in ((lenient, True), (strict, False)):
        driver.heard.clear()
        driver.send_body(driver.body(0xFBE0, station)[: length - 1])
        clock.advance(1)
        assert bool(driver.of(ConnectorHeartbeat)) is answered


def test_a_contactor_command_of_13_bytes_is_obeyed(driver, p2, clock):
    driver.keep(p2, 2)
    p2.plug(Car(ZOE))
    for _ in range(20):
        driver.beat(p2, Operation.SET_LIMIT, 10)
    assert p2.connector.drawn_amps > 8
    driver.send_body(driver.body(0xFCB2, p2)[:12])
    driver.keep(p2, 3)
    assert p2.connector.drawn_amps == 0


@pytest.mark.parametrize("code", [0xFB19, 0xFB1A, 0xFB1B])
def test_a_question_to_nobody_is_answered_if_the_answer_does_not_say_whose_it_is(driver, hang, clock, code):
    for unit in (Unit(), old_unit()):
        station = hang(unit)
        driver.keep(station, 2)
        driver.heard.clear()
        driver.send_body(code.to_bytes(2, "big").ljust(15, b"\x00"))
        clock.advance(1)
        assert [message.code for message in driver.messages] == [0xFD00 | code & 0xFF]
        station.remove()
    driver.heard.clear()
    driver.send_body(b"\xfb\xeb".ljust(15, b"\x00"))
    clock.advance(1)
    assert driver.heard == []


def test_a_muted_wall_connector_obeys_without_a_word(driver, p2, clock):
    driver.keep(p2, 2)
    p2.silence(10)
    p2.silence(5)
    assert driver.beat(p2, Operation.SET_SESSION_LIMIT, 9) is None
    assert p2.connector.offered_amps == 9.0
    clock.advance(5)
    assert driver.beat(p2).offered_amps == 9.0


def test_a_wall_connector_taken_off_the_line_is_gone(driver, p2, line, clock):
    driver.keep(p2, 2)
    p2.remove()
    driver.heard.clear()
    assert driver.beat(p2) is None
    clock.advance(60)
    assert driver.heard == []
    assert line.loads == []


def test_the_same_seed_gives_the_same_signs_and_delays(clock, line, hang):
    station = hang(seed=7)
    again = type(station.connector)(station.connector.unit, seed=7)
    again.power_up(clock.time())
    assert again.sign == station.connector.sign
    assert again.next_wakeup() == station.connector.next_wakeup()


def test_without_power_nothing_happens(clock, p2, driver):
    unpowered = type(p2.connector)()
    assert unpowered.next_wakeup() is None
    assert unpowered.poll(clock.time()) is None
    unpowered.receive(link_ready(), clock.time())
    assert not unpowered.linked


def test_a_tesla_survives_a_power_cut_and_asks_for_its_limit(driver, p2, clock):
    p2.plug(Car(TESLA))
    driver.keep(p2, 3)
    driver.beat(p2, Operation.SET_LIMIT, 16)
    driver.keep(p2, 20)
    p2.power_cycle()
    clock.advance(5)
    driver.keep(p2, 2)
    answer = driver.beat(p2)
    assert (answer.state, answer.offered_amps) == (ConnectorState.PLUGGED_READY, 0.0)
