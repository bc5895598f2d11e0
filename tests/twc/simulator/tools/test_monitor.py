"""The monitor sees every rule that a controller breaks, and none that it keeps."""

import pytest
from twc.protocol.codes import Code, ConnectorState, Operation, ProtocolVersion, TwcId
from twc.protocol.framing import wrap
from twc.protocol.messages import ConnectorHeartbeat, ControllerHeartbeat, Query
from twc.simulator.car import Car
from twc.simulator.car_models import ZOE, CarModel
from twc.simulator.line import Role
from twc.simulator.line_faults import Faults
from twc.simulator.tools.monitor import BusMonitor, Rule
from twc.simulator.unit import US, Unit

from driver import OUR_ID, Driver

GREEDY = CarModel(name="greedy", maximum_amps=32, shortfall_amps=-4.0)


@pytest.fixture
def monitor(line):
    return BusMonitor(line, circuit_limit_amps=32)


@pytest.fixture
def pair(hang, clock):
    stations = hang(), hang(Unit(serial_number="A18G0004580"))
    clock.advance(5.5)
    return stations


def rules(monitor):
    return [violation.rule for violation in monitor.violations]


def test_an_orderly_controller_breaks_no_rule(driver, pair, monitor):
    one, two = pair
    for station in pair:
        station.plug(Car(ZOE))
    driver.keep(one, 2)
    driver.keep(two, 2)
    for _ in range(30):
        driver.beat(one, Operation.SET_LIMIT, 16)
        driver.beat(two, Operation.SET_LIMIT, 16)
        driver.ask(one, Code.GET_METER)
    assert monitor.violations == []
    assert monitor.peak_outstanding_amps == 32.0
    assert monitor.peak_drawn_amps == pytest.approx(2 * 15.4)


def test_offers_above_the_circuit_limit_are_noted_once_each_time(driver, pair, monitor, clock):
    one, two = pair
    driver.beat(one, Operation.SET_LIMIT, 20)
    driver.beat(two, Operation.SET_LIMIT, 13)
    driver.keep(one, 5)
    driver.beat(two, Operation.SET_LIMIT, 12)
    driver.beat(two, Operation.SET_LIMIT, 14)
    assert rules(monitor) == [Rule.CIRCUIT_OFFERED] * 2
    assert "33.00 A, limit 32 A" in str(monitor.violations[0])


def test_current_above_the_circuit_limit_is_noted(driver, hang, monitor):
    station = hang()
    station.plug(Car(GREEDY))
    driver.keep(station, 3)
    driver.beat(station, Operation.SET_LIMIT, 30)
    driver.keep(station, 25)
    monitor.circuit_limit_amps = 31
    driver.keep(station, 2)
    assert rules(monitor) == [Rule.CIRCUIT_DRAWN, Rule.CIRCUIT_OFFERED]
    assert monitor.peak_drawn_amps == 32.0


def test_without_a_limit_nothing_exceeds_it(driver, pair, line):
    monitor = BusMonitor(line)
    for station in pair:
        driver.beat(station, Operation.SET_LIMIT, 32)
    assert monitor.violations == []
    assert monitor.peak_outstanding_amps == 64.0


BODIES = [
    (0xFC19, b"", Rule.FORBIDDEN_COMMAND),
    (0xFC1A, b"", Rule.FORBIDDEN_COMMAND),
    (0xFBE8, b"", Rule.FORBIDDEN_COMMAND),
    (0xFCE5, b"", Rule.FORBIDDEN_COMMAND),
    (0xFCA1, b"", Rule.FORBIDDEN_COMMAND),
    (0xFBD2, b"", Rule.NOT_ON_THE_WHITELIST),
    (0xFBE0, b"\x02\x04", Rule.FORCED_ERROR),
    (0xFBE0, b"\x06", Rule.NOT_ON_THE_WHITELIST),
    (0xFBE0, b"\x07", Rule.NOT_ON_THE_WHITELIST),
    (0xFBE0, b"\x09\x1f\x41", Rule.TOO_MANY_AMPS),
    (0xFBE0, b"\x09\x0c\xe4", Rule.TOO_MANY_AMPS),
    (0xFBE0, b"\x09\x01\xf4", Rule.TOO_FEW_AMPS),
    (0xFBE0, b"\x09\x00\x00", Rule.ZERO_IS_NO_STOP),
    (0xFBE0, b"\x05\x04\xb1", Rule.FRACTIONAL_AMPS),
    (0xFBE0, b"\x33", Rule.BROKEN_FRAME),
]


@pytest.mark.parametrize(("code", "fields", "rule"), BODIES)
def test_what_must_never_be_sent_is_noted(driver, p2, line, clock, code, fields, rule):
    monitor = BusMonitor(line)
    driver.keep(p2, 2)
    driver.send_body(driver.body(code, p2, fields))
    clock.advance(1)
    assert rule in rules(monitor)


def test_a_us_unit_may_be_offered_80_amperes_and_no_more(driver, hang, line, clock):
    monitor = BusMonitor(line)
    station = hang(Unit(model=US))
    driver.beat(station, Operation.SET_LIMIT, 80)
    assert monitor.violations == []
    driver.send_body(driver.body(0xFBE0, station, b"\x09\x20\x08"))
    clock.advance(1)
    assert rules(monitor) == [Rule.TOO_MANY_AMPS]


def test_protocol_1_may_be_told_zero(driver, p1, line, clock):
    monitor = BusMonitor(line)
    driver.beat(p1, Operation.SET_LIMIT, 0)
    driver.beat(p1, Operation.SET_LIMIT, 5)
    assert monitor.violations == []


@pytest.mark.parametrize("amps", [0, 5])
def test_what_a_limit_means_depends_on_who_gets_it_and_not_on_its_size(driver, p1, p2, line, clock, amps):
    monitor = BusMonitor(line)
    clock.advance(5.5)
    driver.heartbeat(p1, Operation.SET_LIMIT, amps, version=ProtocolVersion.P2)
    clock.advance(1)
    assert rules(monitor) == [Rule.WRONG_SIZE]
    driver.heartbeat(p2, Operation.SET_LIMIT, amps, version=ProtocolVersion.P1)
    clock.advance(1)
    wrong = Rule.TOO_FEW_AMPS if amps else Rule.ZERO_IS_NO_STOP
    assert rules(monitor) == [Rule.WRONG_SIZE, Rule.WRONG_SIZE, wrong]


def test_who_is_not_on_the_line_is_judged_by_the_size_of_the_frame(driver, p2, line, clock):
    body = driver.body(0xFBE0, p2, b"\x09\x01\xf4")
    p2.remove()
    monitor = BusMonitor(line)
    driver.send_body(body)
    clock.advance(1)
    assert rules(monitor) == [Rule.TOO_FEW_AMPS]


def test_a_frame_of_the_other_size_is_noted(driver, p2, p1, line, clock):
    monitor = BusMonitor(line)
    clock.advance(5.5)
    driver.heartbeat(p2, version=ProtocolVersion.P1)
    clock.advance(1)
    driver.beat(p1)
    driver.send(
        Query(code=Code.GET_METER, sender=OUR_ID, receiver=p1.connector.twcid, version=ProtocolVersion.P2)
    )
    clock.advance(1)
    assert rules(monitor) == [Rule.WRONG_SIZE, Rule.WRONG_SIZE]


@pytest.mark.parametrize("length", [13, 15])
@pytest.mark.parametrize(
    ("code", "fields", "rule"),
    [
        (0xFBE0, b"\x09\x0c\xe4", Rule.TOO_MANY_AMPS),
        (0xFBE0, b"\x09\x00\x00", Rule.ZERO_IS_NO_STOP),
        (0xFBE0, b"\x02\x04", Rule.FORCED_ERROR),
    ],
)
def test_what_wall_connectors_obey_is_judged_whatever_its_length(
    driver, p2, line, clock, code, fields, rule, length
):
    monitor = BusMonitor(line)
    driver.send_body(driver.body(code, p2, fields)[: length - 1].ljust(length - 1, b"\x00"))
    clock.advance(1)
    assert driver.heard
    assert rules(monitor) == [Rule.BROKEN_FRAME, rule]


def test_questions_of_odd_lengths_need_heartbeats_between_them(driver, p2, line, clock):
    monitor = BusMonitor(line)
    for _ in range(2):
        driver.send_body(driver.body(0xFBEB, p2)[:12])
        clock.advance(1)
    assert rules(monitor) == [Rule.BROKEN_FRAME, Rule.BROKEN_FRAME, Rule.TOO_MANY_QUESTIONS]


def test_odd_lengths_are_judged_by_who_gets_them(driver, p1, line, clock):
    monitor = BusMonitor(line)
    driver.send_body(driver.body(0xFBE0, p1, b"\x05\x01\xf4")[:12])
    clock.advance(1)
    assert rules(monitor) == [Rule.BROKEN_FRAME]


def test_talking_too_soon_after_anybody_is_noted(driver, p2, line, clock):
    driver.keep(p2, 3)
    monitor = BusMonitor(line)
    driver.heartbeat(p2)
    clock.advance(0.1)
    driver.heartbeat(p2)
    clock.advance(1)
    assert rules(monitor) == [Rule.NO_SILENCE]
    assert "after driver" in str(monitor.violations[0])


def test_a_slow_gateway_can_be_excused(driver, p2, line, clock):
    driver.keep(p2, 3)
    monitor = BusMonitor(line, silence_seconds=0.0)
    driver.heartbeat(p2)
    clock.advance(0.1)
    driver.heartbeat(p2)
    clock.advance(1)
    assert monitor.violations == []


def test_talking_over_somebody_is_noted_if_it_could_have_been_heard(line, clock):
    monitor = BusMonitor(line, silence_seconds=0.0)
    talker = line.tap("talker", Role.CONNECTOR, lambda data: None)
    rude = line.tap("rude", Role.CONTROLLER, lambda data: None)
    for wait in (0.01, 0.05):
        talker.send(bytes(100))
        clock.advance(wait)
        rude.send(b"\xfe")
        clock.advance(1)
    assert rules(monitor) == [Rule.TALKED_OVER]
    assert monitor.collisions == 4


@pytest.mark.parametrize(
    ("second_after", "ours_after", "broken"),
    [
        pytest.param(
            0.018, 0.033, [], id="it began to talk while the first was not heard yet, for the second talked"
        ),
        pytest.param(0.021, 0.033, [Rule.NO_SILENCE], id="the line was quiet in between"),
        pytest.param(0.002, 0.033, [Rule.NO_SILENCE] * 2, id="both were heard"),
        pytest.param(0.010, 0.045, [Rule.TALKED_OVER], id="the second could be noticed"),
    ],
)
def test_one_whose_end_another_talks_over_is_heard_when_the_line_is_quiet(
    line, clock, second_after, ours_after, broken
):
    monitor = BusMonitor(line)
    first, second, ours = (
        line.tap(name, role, lambda data: None)
        for name, role in (("a", Role.CONNECTOR), ("b", Role.CONNECTOR), ("us", Role.CONTROLLER))
    )
    start = clock.time()
    clock.call_at(start, first.send, b"\xfe" * 18)
    clock.call_at(start + second_after, second.send, b"\xfe" * (36 if Rule.TALKED_OVER in broken else 18))
    clock.call_at(start + ours_after, ours.send, b"\xfe" * 18)
    clock.advance(1)
    assert rules(monitor) == broken


def test_more_than_one_question_in_two_heartbeats_is_noted(driver, p2, line):
    monitor = BusMonitor(line)
    driver.keep(p2, 2)
    for _ in range(5):
        driver.ask(p2, Code.GET_METER)
        driver.keep(p2, 2)
    assert monitor.violations == []
    driver.ask(p2, Code.GET_METER)
    driver.keep(p2, 1)
    driver.order_contactor(p2, close=True)
    assert rules(monitor) == [Rule.TOO_MANY_QUESTIONS]


def test_every_frame_is_recorded_with_its_time_and_talker_even_if_the_line_damages_it(
    driver, p2, line, clock
):
    driver.keep(p2, 2)
    monitor = BusMonitor(line)
    line.faults = Faults(flipped=1.0)
    began = clock.time()
    driver.beat(p2)
    line.faults = Faults()
    driver.beat(p2)
    kinds = [type(frame.content) for frame in monitor.frames]
    assert kinds == [ControllerHeartbeat, ControllerHeartbeat, ConnectorHeartbeat]
    assert [frame.talker for frame in monitor.frames] == ["driver", "driver", "A17A0003495"]
    assert monitor.frames[0].time == began
    assert monitor.messages(ConnectorHeartbeat) == [monitor.frames[-1].content]
    assert len(monitor.messages(role=Role.CONTROLLER)) == 2
    assert len(monitor.messages()) == 3


def test_heartbeat_gaps_are_measured_per_wall_connector(driver, p2, line, clock):
    monitor = BusMonitor(line)
    twcid = p2.connector.twcid
    assert monitor.longest_heartbeat_gap(twcid) == float("inf")
    driver.keep(p2, 5)
    clock.advance(2.5)
    driver.keep(p2, 3)
    assert monitor.heartbeat_intervals(twcid) == pytest.approx([1, 1, 1, 1, 3.5, 1, 1])
    assert monitor.longest_heartbeat_gap(twcid) == pytest.approx(3.5)
    clock.advance(9)
    assert monitor.longest_heartbeat_gap(twcid) == pytest.approx(10)


def test_wall_connectors_and_foreign_controllers_are_not_judged(line, clock):
    monitor = BusMonitor(line)
    foreign = Driver(line, clock, Role.FOREIGN)
    for _ in range(3):
        foreign.send_body(bytes.fromhex("FC1979733495") + bytes(9))
    clock.advance(1)
    assert monitor.violations == []


def test_only_so_many_frames_are_kept(driver, p2, line):
    monitor = BusMonitor(line, keep=4)
    driver.keep(p2, 10)
    assert len(monitor.frames) == 4
    monitor.stop()
    driver.keep(p2, 1)
    assert monitor.longest_heartbeat_gap(p2.connector.twcid) == pytest.approx(2)


def test_a_frame_sent_in_pieces_is_read_as_one(line, clock):
    monitor = BusMonitor(line, silence_seconds=0.0)
    tap = line.tap("piecemeal", Role.CONTROLLER, lambda data: None)
    frame = wrap(bytes.fromhex("FBE07777349500000000000000000097"))
    tap.send(frame[:5])
    clock.advance(0.05)
    tap.send(frame[5:])
    clock.advance(1)
    assert len(monitor.messages(ControllerHeartbeat)) == 1


def test_a_state_that_no_unit_has_is_no_message(line, clock):
    monitor = BusMonitor(line)
    odd = Driver(line, clock, Role.CONNECTOR)
    odd.send_body(bytes.fromhex("FDE0349577770B") + bytes(8))
    clock.advance(1)
    (frame,) = monitor.frames
    assert monitor.messages() == []
    assert "does not exist" in frame.content.reason
    assert ConnectorState.READY == 0
    assert TwcId(0x3495) == 0x3495
