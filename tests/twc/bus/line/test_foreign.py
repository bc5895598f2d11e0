"""Other controllers, and our own echo."""

from hypothesis import given, strategies as st
import pytest
from twc.bus.line.foreign import ANNOUNCED_SECONDS, GONE_SECONDS, MOST_ANNOUNCERS, Echoes, ForeignWatch
from twc.bus.snapshot import BusPhase
from twc.protocol.codes import Operation, ProtocolVersion, TwcId
from twc.protocol.framing import wrap
from twc.protocol.messages import ControllerHeartbeat
from twc.simulator.car_models import TESLA
from twc.simulator.foreign import ForeignController
from twc.simulator.line import Role
from twc.simulator.unit import Unit

from installation import Installation

OURS, OTHER, THIRD = TwcId(0x7777), TwcId(0xF00D), TwcId(0x1234)


def heartbeat(amps: float = 16.0) -> ControllerHeartbeat:
    return ControllerHeartbeat(
        sender=OURS,
        receiver=TwcId(0x7973),
        operation=Operation.SET_LIMIT,
        amps=amps,
        version=ProtocolVersion.P2,
    )


def test_our_own_frame_that_comes_back_at_once_is_an_echo() -> None:
    echoes = Echoes(0.2)
    echoes.sent(heartbeat(), 100.0)
    assert echoes.take(heartbeat(), 100.1)


def test_an_echo_may_arrive_while_the_frame_is_still_leaving() -> None:
    echoes = Echoes(0.2)
    echoes.sent(heartbeat(), 100.02)
    assert echoes.take(heartbeat(), 100.0)


def test_an_echo_comes_back_once() -> None:
    echoes = Echoes(0.2)
    echoes.sent(heartbeat(), 100.0)
    assert echoes.take(heartbeat(), 100.1)
    assert not echoes.take(heartbeat(), 100.1)


def test_the_same_frame_a_second_later_is_no_echo() -> None:
    echoes = Echoes(0.2)
    echoes.sent(heartbeat(), 100.0)
    assert not echoes.take(heartbeat(), 101.0)


def test_a_frame_we_did_not_send_is_no_echo() -> None:
    echoes = Echoes(0.2)
    echoes.sent(heartbeat(16.0), 100.0)
    assert not echoes.take(heartbeat(6.0), 100.1)


def test_echoes_that_a_gateway_returns_in_a_bunch_are_all_recognised() -> None:
    echoes = Echoes(0.5)
    for number in range(3):
        echoes.sent(heartbeat(6.0 + number), 100.0)
    assert all(echoes.take(heartbeat(6.0 + number), 100.4) for number in range(3))


def test_one_frame_of_another_controller_proves_nothing() -> None:
    watch = ForeignWatch(OURS)
    watch.add_evidence(OTHER, 100.0)
    assert watch.controller is None
    assert not watch.is_gone(1000.0)


def test_two_frames_of_another_controller_prove_it() -> None:
    watch = ForeignWatch(OURS)
    watch.add_evidence(OTHER, 100.0)
    watch.add_evidence(OTHER, 130.0)
    assert watch.controller == OTHER


def test_two_frames_too_far_apart_prove_nothing() -> None:
    watch = ForeignWatch(OURS)
    watch.add_evidence(OTHER, 100.0)
    watch.add_evidence(OTHER, 130.1)
    assert watch.controller is None


def test_frames_of_different_senders_do_not_confirm_each_other() -> None:
    watch = ForeignWatch(OURS)
    watch.add_evidence(OTHER, 100.0)
    watch.add_evidence(THIRD, 101.0)
    assert watch.controller is None


@pytest.mark.parametrize(("spacing", "proven"), [(30.0, True), (31.0, False)])
def test_a_controller_with_our_own_address_is_proven_by_three_frames_in_a_minute(
    spacing: float, *, proven: bool
) -> None:
    watch = ForeignWatch(OURS)
    for number in range(3):
        assert watch.controller is None
        watch.add_evidence(OURS, 100.0 + number * spacing)
    assert (watch.controller == OURS) is proven


def test_a_controller_is_gone_after_a_minute_of_silence() -> None:
    watch = ForeignWatch(OURS)
    watch.add_evidence(OTHER, 100.0)
    watch.add_evidence(OTHER, 101.0)
    assert watch.gone_at() == 101.0 + GONE_SECONDS
    assert not watch.is_gone(101.0 + GONE_SECONDS - 0.1)
    assert watch.is_gone(101.0 + GONE_SECONDS)


@given(st.floats(0, 1e6))
def test_who_comes_back_when_a_controller_is_said_to_be_gone_finds_it_gone(last: float) -> None:
    # Sums and differences of times round differently; who is told to come back at once, comes back for ever.
    watch = ForeignWatch(OURS)
    for _ in range(2):
        watch.add_evidence(OTHER, last)
    assert watch.is_gone(watch.gone_at())


def test_everything_heard_of_a_controller_keeps_it_there() -> None:
    watch = ForeignWatch(OURS)
    for now in (100.0, 101.0, 150.0):
        watch.add_evidence(OTHER, now)
    assert watch.gone_at() == 150.0 + GONE_SECONDS


def test_a_controller_that_announces_itself_again_is_still_there() -> None:
    watch = ForeignWatch(OURS)
    for now in (100.0, 101.0):
        watch.add_evidence(OTHER, now)
    watch.announced(THIRD, 140.0)
    assert watch.gone_at() == 101.0 + GONE_SECONDS
    watch.announced(OTHER, 150.0)
    assert watch.gone_at() == 150.0 + GONE_SECONDS


def test_announcements_alone_are_no_controller_that_gives_orders() -> None:
    watch = ForeignWatch(OURS)
    for second in range(9):
        watch.announced(OTHER, 100.0 + second)
    assert watch.controller is None
    assert watch.announcer(115.9) is None
    assert watch.announcer(116.0) == OTHER
    assert watch.announcer(107.9 + ANNOUNCED_SECONDS) == OTHER
    assert watch.announcer(108.0 + ANNOUNCED_SECONDS) is None
    watch.forget()
    assert watch.announcer(120.0) is None


def test_of_two_that_announce_themselves_by_turns_the_first_is_told_and_then_the_other() -> None:
    watch = ForeignWatch(OURS)
    for second in range(120):
        watch.announced(OTHER if second % 10 < 5 else THIRD, 100.0 + second)
        assert watch.announcer(100.0 + second) == (OTHER if second >= 16 else None)
    watch.announced(THIRD, 300.0)
    watch.announced(THIRD, 301.0)
    assert watch.announcer(213.9 + ANNOUNCED_SECONDS) == OTHER
    assert watch.announcer(215.0 + ANNOUNCED_SECONDS) == THIRD


def test_whoever_invents_many_announcers_displaces_none_that_is_there() -> None:
    watch = ForeignWatch(OURS)
    for second in range(120):
        for _ in range(2):
            watch.announced(TwcId(0x1000 + second % 20), 100.0 + second)
    assert watch.announcer(220.0) == TwcId(0x1000)
    assert watch.has_announced(TwcId(0x1000 + MOST_ANNOUNCERS - 1), 220.0)
    assert not watch.has_announced(TwcId(0x1000 + MOST_ANNOUNCERS), 220.0)


def test_who_announced_itself_and_gives_orders_now_is_no_mere_announcer() -> None:
    watch = ForeignWatch(OURS)
    for second in range(9):
        watch.announced(OTHER, 100.0 + second)
    watch.add_evidence(OTHER, 120.0)
    assert (watch.controller, watch.announcer(121.0)) == (OTHER, None)


def test_nobody_is_ever_gone_who_was_not_there() -> None:
    assert ForeignWatch(OURS).gone_at() == float("inf")


def test_a_controller_that_is_forgotten_has_to_be_proven_anew() -> None:
    watch = ForeignWatch(OURS)
    watch.add_evidence(OTHER, 100.0)
    watch.add_evidence(OTHER, 101.0)
    watch.forget()
    assert watch.controller is None
    watch.add_evidence(OTHER, 102.0)
    assert watch.controller is None


# A wall connector whose rotary switch is not at F


def test_a_controller_that_tells_its_own_figures_is_a_wall_connector() -> None:
    watch = ForeignWatch(OURS)
    watch.add_evidence(OTHER, 100.0)
    assert not watch.is_connector
    watch.add_figures(OTHER, 101.0)
    assert watch.controller == OTHER
    assert watch.is_connector


def test_figures_that_another_controller_asked_for_prove_nothing_about_whoever_tells_them() -> None:
    watch = ForeignWatch(OURS)
    watch.asked(THIRD)
    watch.add_evidence(OTHER, 100.0)
    for second in range(5):
        watch.add_figures(THIRD, 101.0 + second)
    assert watch.controller is None
    watch.add_evidence(OTHER, 106.0)
    assert (watch.controller, watch.is_connector) == (OTHER, False)


def test_a_controller_that_is_gone_leaves_nothing_behind() -> None:
    watch = ForeignWatch(OURS)
    watch.add_figures(OTHER, 100.0)
    watch.add_figures(OTHER, 101.0)
    watch.forget()
    watch.add_evidence(OTHER, 200.0)
    watch.add_evidence(OTHER, 201.0)
    assert (watch.controller, watch.is_connector) == (OTHER, False)


async def test_a_wall_connector_of_ours_that_is_switched_away_from_f_stays_known_as_what_it_is() -> None:
    installation = await Installation(Unit(serial_number="A18G0007973")).open()
    installation.run(60)
    twcid = installation.twcid()
    installation.stations[0].remove()
    installation.run(5)
    ForeignController(installation.line, twcid).appear()
    for _ in range(60):
        installation.run(10)
        assert installation.snapshot.foreign_controller == twcid
        assert installation.snapshot.foreign_is_connector


async def test_a_program_that_announces_itself_and_asks_who_is_there_stops_no_car() -> None:
    """What zagor/wallconnector says where everybody is linked already (protocol.md 1.12): it orders nothing."""
    installation = await Installation(Unit(serial_number="A18G0007973")).open()
    car = installation.plug(TESLA)
    installation.run(60)
    assert installation.drawn()[0] > 6
    program = installation.line.tap("a program", Role.FOREIGN, lambda _: None)
    for _ in range(5):
        program.send(of_body("FCE1777777" + 8 * "00"))
        installation.run(0.1)
    for code in ("FB19", "FB1A", "FB1B"):
        program.send(of_body(code + 13 * "00"))
        installation.run(0.3)
    installation.run(15)
    assert installation.snapshot.announced_controller == OURS
    assert installation.snapshot.phase is BusPhase.RUNNING
    installation.run(30)
    assert installation.drawn()[0] > 6
    assert car.silent_stops == 0


def of_body(fields: str) -> bytes:
    """A frame as it is sent, of what it tells in hex."""
    told = bytes.fromhex(fields)
    return wrap(told + bytes([sum(told[1:]) & 0xFF]))


async def test_a_wall_connector_that_answers_another_controller_is_not_taken_for_one() -> None:
    installation = await Installation(Unit(serial_number="A18G0002019")).open()
    installation.run(60)
    ForeignController(installation.line, TwcId(0x1234)).appear()
    installation.run(600)
    assert installation.snapshot.foreign_controller == TwcId(0x1234)
