"""Listening to an unknown line."""

import random

import pytest
from twc.bus.port.scan import HeardConnector, Scan, ScanReport, Verdict
from twc.protocol.codes import Code, ConnectorState, ProtocolVersion, TwcId
from twc.protocol.encoding import encode
from twc.protocol.framing import wrap
from twc.protocol.messages import (
    ConnectorHeartbeat,
    ConnectorLinkReady,
    ControllerHeartbeat,
    ControllerLinkReady1,
    Message,
    Meter,
    Query,
    UnaddressedModel,
)

from bus_peers import of_length

GARAGE, CARPORT, OTHER_CONTROLLER = TwcId(0x7973), TwcId(0x2019), TwcId(0x7777)
P1, P2 = ProtocolVersion.P1, ProtocolVersion.P2


def announcement(
    twcid: TwcId = GARAGE, *, max_amps: float = 32.0, version: ProtocolVersion = P2, sign: int = 0x8E
) -> ConnectorLinkReady:
    return ConnectorLinkReady(sender=twcid, sign=sign, max_amps=max_amps, version=version)


def answer(receiver: TwcId = OTHER_CONTROLLER) -> ConnectorHeartbeat:
    return ConnectorHeartbeat(
        sender=GARAGE,
        receiver=receiver,
        state=ConnectorState.READY,
        offered_amps=0.0,
        drawn_amps=0.0,
        version=P2,
    )


def scan(*heard: Message | bytes) -> ScanReport:
    listener = Scan()
    for piece in heard:
        listener.feed(piece if isinstance(piece, bytes) else wrap(encode(piece)))
    return listener.report()


def test_a_line_without_a_byte_is_silent() -> None:
    assert scan().verdict is Verdict.SILENCE
    assert scan(b"").verdict is Verdict.SILENCE


def test_bytes_that_are_no_frames_are_noise() -> None:
    assert scan(bytes(range(256))).verdict is Verdict.NOISE


def test_a_single_announcement_lists_a_wall_connector_because_old_ones_make_one_in_ten_seconds() -> None:
    assert scan(announcement(CARPORT, max_amps=80.0, version=P1)) == ScanReport(
        verdict=Verdict.FOUND,
        connectors=(HeardConnector(twcid=CARPORT, rated_amps=80.0, version=P1),),
    )


def test_wall_connectors_are_listed_once_and_by_twcid() -> None:
    report = scan(announcement(GARAGE), announcement(CARPORT), announcement(GARAGE, sign=0x5B))
    assert [connector.twcid for connector in report.connectors] == [CARPORT, GARAGE]


def test_announcements_split_anywhere_are_understood() -> None:
    listener = Scan()
    frame = wrap(encode(announcement()))
    for start in range(0, len(frame), 3):
        listener.feed(frame[start : start + 3])
    assert listener.report().verdict is Verdict.FOUND


@pytest.mark.parametrize("max_amps", [0.0, 5.0, 32.5])
def test_an_announcement_with_a_rating_no_model_has_is_damage(max_amps: float) -> None:
    assert scan(announcement(max_amps=max_amps)).verdict is Verdict.NOISE


def test_an_announcement_of_more_amps_than_any_model_has_is_damage() -> None:
    # 163.90 A is beyond what this program sends; its bytes come from a capture (protocol.md 4, number 66).
    body = bytearray(encode(announcement()))
    body[5:7] = bytes.fromhex("40 06")
    body[-1] = sum(body[1:-1]) & 0xFF
    assert scan(wrap(bytes(body))).verdict is Verdict.NOISE


def test_what_most_announcements_say_counts() -> None:
    wrong = announcement(max_amps=16.0)
    report = scan(wrong, announcement(), announcement())
    assert [connector.rated_amps for connector in report.connectors] == [32.0]


def test_a_frame_with_a_right_sum_and_an_impossible_content_is_noise() -> None:
    body = bytearray(encode(announcement()))
    body[9], body[-1] = 1, (body[-1] + 1) & 0xFF  # every byte behind the rating is zero (protocol.md 2.2)
    assert scan(wrap(bytes(body))).verdict is Verdict.NOISE


def test_a_damaged_announcement_lists_nothing() -> None:
    frame = bytearray(wrap(encode(announcement())))
    frame[6] ^= 0x10
    assert scan(bytes(frame)).verdict is Verdict.NOISE


HEARTBEAT = ControllerHeartbeat(sender=OTHER_CONTROLLER, receiver=GARAGE, version=P2)


@pytest.mark.parametrize(
    "evidence",
    [
        HEARTBEAT,
        Query(code=Code.GET_METER, sender=OTHER_CONTROLLER, receiver=GARAGE, version=P2),
        answer(),
        Meter(sender=OTHER_CONTROLLER, energy_kwh=5, volts=(230, 0, 0), phase_amps=(0.0, 0.0, 0.0)),
    ],
    ids=lambda evidence: type(evidence).__name__,
)
def test_two_frames_of_any_kind_give_another_controller_away(evidence: Message) -> None:
    report = scan(announcement(), evidence, evidence)
    assert report.verdict is Verdict.FOREIGN_CONTROLLER
    assert report.foreign_controller == OTHER_CONTROLLER
    assert [connector.twcid for connector in report.connectors] == [GARAGE]


READY = ControllerLinkReady1(sender=OTHER_CONTROLLER, sign=0x77, max_amps=0.0, version=P2)


def test_a_controller_that_only_announces_itself_has_not_taken_over_who_waits_for_one() -> None:
    report = scan(*(READY,) * 6, announcement())
    assert report.verdict is Verdict.FOUND
    assert [connector.twcid for connector in report.connectors] == [GARAGE]


def test_a_controller_that_announces_itself_where_nobody_waits_is_named() -> None:
    report = scan(READY, READY)
    assert (report.verdict, report.foreign_controller) == (Verdict.FOREIGN_CONTROLLER, OTHER_CONTROLLER)


@pytest.mark.parametrize("length", [13, 15])
def test_a_controller_that_words_its_orders_in_another_length_gives_itself_away(length: int) -> None:
    frame = wrap(of_length(encode(HEARTBEAT), length))
    report = scan(announcement(), frame, frame)
    assert (report.verdict, report.foreign_controller) == (Verdict.FOREIGN_CONTROLLER, OTHER_CONTROLLER)


def test_an_announcement_confirms_a_single_order() -> None:
    assert scan(announcement(), READY, HEARTBEAT).foreign_controller == OTHER_CONTROLLER


def test_a_kind_of_message_that_nobody_knows_yet_proves_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twc.bus.port.scan.decode", lambda body: object())
    assert scan(HEARTBEAT, HEARTBEAT).verdict is Verdict.NOISE


def test_an_idle_controller_gives_itself_away() -> None:
    # This program never sends FC1D, so its bytes are written out (protocol.md 2.1).
    body = bytes.fromhex("FC 1D 77 77") + bytes(9)
    frame = wrap(body + bytes([sum(body[1:]) & 0xFF]))
    report = scan(frame, frame)
    assert (report.verdict, report.foreign_controller) == (Verdict.FOREIGN_CONTROLLER, OTHER_CONTROLLER)


def test_a_question_and_its_answer_name_the_same_controller() -> None:
    assert scan(HEARTBEAT, answer()).foreign_controller == OTHER_CONTROLLER


def test_one_frame_alone_proves_no_controller() -> None:
    assert scan(announcement(), HEARTBEAT).verdict is Verdict.FOUND
    assert scan(HEARTBEAT).verdict is Verdict.NOISE


def test_frames_that_name_different_controllers_do_not_confirm_each_other() -> None:
    assert scan(announcement(), answer(TwcId(0x1111)), answer(TwcId(0x2222))).verdict is Verdict.FOUND


def test_an_answer_to_nobody_proves_no_controller() -> None:
    assert scan(announcement(), *[answer(TwcId(0))] * 5).verdict is Verdict.FOUND


def test_a_reply_that_does_not_say_whose_it_is_proves_no_controller() -> None:
    model = UnaddressedModel(model="EVW2T32HL")
    assert scan(announcement(), model, model).verdict is Verdict.FOUND


def test_a_question_that_does_not_say_whose_it_is_proves_no_controller() -> None:
    nobody = TwcId(0)
    question = Query(
        code=Code.GET_UNADDRESSED_MODEL, sender=nobody, receiver=nobody, version=ProtocolVersion.P2
    )
    assert scan(announcement(), *[question] * 5).verdict is Verdict.FOUND


@pytest.mark.parametrize("seed", range(20))
def test_noise_between_announcements_neither_hides_a_wall_connector_nor_invents_a_controller(
    seed: int,
) -> None:
    dice = random.Random(seed)
    heard: list[bytes] = []
    for _ in range(10):
        heard.append(wrap(encode(announcement())))
        heard.append(dice.randbytes(dice.randrange(60)))
    report = scan(*heard)
    assert report.verdict is Verdict.FOUND
    assert GARAGE in [connector.twcid for connector in report.connectors]
