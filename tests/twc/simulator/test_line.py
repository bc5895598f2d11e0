"""Two wires that carry one byte at a time, and everything that goes wrong on them."""

from dataclasses import replace

import pytest
from twc.protocol.codes import Operation, ProtocolVersion, TwcId
from twc.protocol.framing import BYTE_SECONDS
from twc.protocol.messages import ConnectorHeartbeat, ControllerHeartbeat
from twc.simulator.line import Line, Role
from twc.simulator.line_faults import QUIET, Faults, collide, noisy, spoil

from driver import Driver

FRAME = bytes.fromhex("C0FBE077773495000000000000000000A2C0FE")


@pytest.fixture
def ends(line, clock):
    """Two ends that note what they hear, and when."""
    heard = {"one": [], "two": []}
    taps = [
        line.tap(name, Role.CONTROLLER, lambda data, name=name: heard[name].append((clock.time(), data)))
        for name in heard
    ]
    return (*taps, heard)


def test_a_byte_takes_1_042_ms(ends, clock):
    one, _, heard = ends
    start = clock.time()
    one.send(FRAME)
    clock.advance(1)
    ((time, data),) = heard["two"]
    assert data == FRAME
    assert time - start == pytest.approx(len(FRAME) * 0.0010417, rel=1e-3)
    assert heard["one"] == []


def test_an_end_finishes_one_frame_before_it_begins_the_next(ends, clock):
    one, _, heard = ends
    start = clock.time()
    one.send(FRAME)
    one.send(FRAME)
    clock.advance(1)
    assert b"".join(data for _, data in heard["two"]) == FRAME * 2
    assert heard["two"][-1][0] - start == pytest.approx(2 * len(FRAME) * BYTE_SECONDS)


def test_who_talk_at_the_same_time_spoil_each_other(ends, line, clock):
    third = []
    line.tap("three", Role.CONTROLLER, third.append)
    one, two, heard = ends
    one.send(b"\xc0\xff\x0f\xc0")
    clock.advance(2 * BYTE_SECONDS)
    two.send(b"\xc0\x55\x55\xc0")
    clock.advance(1)
    assert third == [b"\xc0\xff\x00\x40\x55\xc0"]
    assert b"".join(data for _, data in heard["one"]) == b"\x55\xc0"
    assert heard["two"] == []


def test_an_end_hears_what_goes_on_after_its_own_last_byte(ends, clock):
    one, two, heard = ends
    two.send(FRAME)
    clock.advance(BYTE_SECONDS)
    one.send(b"\xff")
    clock.advance(1)
    assert b"".join(data for _, data in heard["one"]) == FRAME[2:]


def test_an_end_that_left_neither_hears_nor_talks(ends, clock):
    one, two, heard = ends
    two.leave()
    two.leave()
    one.send(FRAME)
    two.send(FRAME)
    clock.advance(1)
    assert heard == {"one": [], "two": []}


def test_bytes_under_way_to_an_end_that_leaves_are_lost(ends, line, clock):
    line.faults = Faults(delay_seconds=0.1)
    one, two, heard = ends
    one.send(FRAME)
    clock.advance(0.15)
    two.leave()
    clock.advance(1)
    assert heard["two"] == []


def test_nothing_is_not_worth_a_transmission(ends, clock):
    one, _, heard = ends
    one.send(b"")
    clock.advance(1)
    assert heard["two"] == []


def test_an_adapter_with_echo_hears_itself(ends, line, clock):
    line.faults = Faults(echo=True)
    one, _, heard = ends
    one.send(FRAME)
    clock.advance(1)
    assert [data for _, data in heard["one"]] == [FRAME]


def test_wall_connectors_hear_no_echo(driver, p2, line):
    line.faults = Faults(echo=True)
    driver.keep(p2, 20)
    assert len(driver.of(ControllerHeartbeat)) == 20
    assert len(driver.of(ConnectorHeartbeat)) == 20
    assert p2.connector.twcid == TwcId(0x3495)


def test_a_dead_transmitter_hears_and_is_not_heard(driver, p2, line, clock):
    line.faults = Faults(transmitter_dead=True)
    clock.advance(10)
    assert driver.messages
    driver.heard.clear()
    assert driver.beat(p2) is None
    assert not p2.connector.linked


def test_a_gateway_delays_in_both_directions_and_keeps_the_order(driver, p2, line, clock):
    driver.keep(p2, 2)
    line.faults = Faults(delay_seconds=0.1, jitter_seconds=0.2, split=1.0)
    driver.heard.clear()
    for amps in range(6, 26):
        driver.heartbeat(p2, Operation.SET_SESSION_LIMIT, amps)
        clock.advance(1)
    answers = driver.of(ConnectorHeartbeat)
    assert [answer.offered_amps for answer in answers] == list(range(6, 26))
    assert driver.rejected == []
    times = [time % 1 for time, _ in driver.heard]
    assert min(times) > 0.2 + 0.15
    assert max(times) - min(times) > 0.05


def test_a_gateway_joins_what_waits_together(line, clock):
    heard = []
    line.tap("gateway", Role.CONTROLLER, heard.append)
    talker = line.tap("talker", Role.CONNECTOR, lambda data: None)
    line.faults = Faults(delay_seconds=0.5)
    talker.send(b"one")
    clock.advance(0.1)
    line.faults = QUIET
    talker.send(b"two")
    clock.advance(1)
    assert heard == [b"onetwo"]


def test_a_split_frame_arrives_in_two_pieces(line, clock):
    heard = []
    line.tap("adapter", Role.CONTROLLER, heard.append)
    talker = line.tap("talker", Role.CONNECTOR, lambda data: None)
    line.faults = Faults(split=1.0)
    for _ in range(20):
        heard.clear()
        talker.send(FRAME)
        clock.advance(1)
        assert b"".join(heard) == FRAME
        assert len(heard) <= 2


@pytest.mark.parametrize(
    ("faults", "lengths"),
    [
        (Faults(flipped=1.0), {19}),
        (Faults(lost_zeros=1.0), {18}),
        (Faults(doubled=1.0), {20}),
        (Faults(stray=1.0), {20, 21, 22, 23}),
        (Faults(truncated=1.0), set(range(1, 20))),
    ],
    ids=["flipped", "lost zero", "doubled", "stray", "truncated"],
)
def test_each_kind_of_damage_does_what_its_name_says(line, faults, lengths):
    spoilt = [spoil(FRAME, faults, line.random) for _ in range(300)]
    assert {len(data) for data in spoilt} == lengths
    if faults.flipped:
        assert all(
            sum((before ^ after).bit_count() for before, after in zip(FRAME, data, strict=True)) == 1
            for data in spoilt
        )


def test_a_line_without_zeros_loses_none(line):
    assert spoil(b"\xc0\x01\xc0", Faults(lost_zeros=1.0), line.random) == b"\xc0\x01\xc0"


def test_noise_damages_about_the_share_it_is_told_to(line):
    spoilt = sum(spoil(FRAME, noisy(0.05), line.random) != FRAME for _ in range(20_000))
    assert 0.04 < spoilt / 20_000 < 0.06


def test_replayed_frames_are_heard_twice(driver, p2, line):
    driver.keep(p2, 2)
    line.faults = Faults(replayed=1.0)
    driver.heard.clear()
    driver.keep(p2, 10)
    assert len(driver.of(ConnectorHeartbeat)) > 12


def test_one_seed_gives_one_noise(clock):
    def listen(seed):
        line = Line(clock, seed=seed, faults=noisy(0.5))
        heard = []
        line.tap("listener", Role.CONTROLLER, heard.append)
        talker = line.tap("talker", Role.CONNECTOR, lambda data: None)
        for _ in range(50):
            talker.send(FRAME)
            clock.advance(0.5)
        return heard

    assert listen(1) == listen(1)
    assert listen(1) != listen(2)


def test_wall_connectors_survive_the_worst_line(driver, p2, line):
    line.faults = replace(noisy(0.5), replayed=0.2)
    answers = [driver.beat(p2, Operation.SET_SESSION_LIMIT, 13) for _ in range(300)]
    assert sum(answer is not None for answer in answers) > 50
    line.faults = QUIET
    driver.keep(p2, 3)


def test_two_programs_can_be_on_one_line(driver, p2, line, clock):
    other = Driver(line, clock)
    driver.keep(p2, 3)
    assert len(other.of(ControllerHeartbeat)) == 3
    assert len(other.of(ConnectorHeartbeat)) == 3
    assert all(message.version is ProtocolVersion.P2 for message in other.of(ConnectorHeartbeat))


def test_colliding_drivers_pull_bits_down():
    assert collide(0xF0, 0x3C) == 0x30
    assert collide(0xC0, 0xC0) == 0xC0
