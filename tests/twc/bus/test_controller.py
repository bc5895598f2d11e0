"""The conversation: what the controller says, when, and what it makes of what it hears."""

from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, cast

import pytest
from twc.bus.line.foreign import ANNOUNCED_SECONDS, GONE_SECONDS
from twc.bus.line.listening import STRANGERS_SECONDS, TAKEN_OVER_LISTENING_SECONDS, TAKEN_OVER_SECONDS
from twc.bus.settings import ConnectorSettings, StopMethod
from twc.bus.snapshot import BusPhase, LineHealth, Presence, Problem, StopState
from twc.bus.timing import LOST_SECONDS, RESERVED_SECONDS
from twc.protocol.codes import Code, ConnectorState as State, Damage, Operation, PlugState, TwcId
from twc.protocol.decoding import decode
from twc.protocol.encoding import encode
from twc.protocol.framing import FrameRejected, RejectedFrame, Rejection, check_body
from twc.protocol.messages import (
    ConnectorHeartbeat,
    ConnectorLinkReady,
    ContactorCommand,
    ControllerHeartbeat,
    ControllerIdle,
    ControllerLinkReady1,
    ControllerLinkReady2,
    ControllerMessage,
    Firmware,
    LinkReady,
    Message,
    Meter,
    PlugStateReply,
    Query,
    SerialNumber,
    UnaddressedFirmware,
    UnaddressedModel,
    UnaddressedSerialNumber,
)

from bus_peers import (
    ANSWER_SECONDS,
    CARPORT,
    GARAGE,
    GATE,
    OTHER_CONTROLLER,
    OURS,
    P1,
    P2,
    START,
    YARD,
    Conversation,
    Peer,
    of_length,
    remembered,
    settings,
)

METER = Meter(sender=GARAGE, energy_kwh=842, volts=(230, 230, 230), phase_amps=(0.0, 0.0, 0.0))
UNPLUGGED = PlugStateReply(sender=GARAGE, plug_state=PlugState.UNPLUGGED)
KNOWN_DATA: dict[Code, Message] = {
    Code.GET_METER: METER,
    Code.GET_PLUG_STATE: UNPLUGGED,
    Code.GET_FIRMWARE: Firmware(sender=GARAGE, firmware="4.5.10.2"),
    Code.GET_SERIAL_NUMBER: SerialNumber(sender=GARAGE, serial_number="A18G0017973"),
}


def damaged() -> RejectedFrame:
    return RejectedFrame(b"\xfd\xe0", (Rejection(Damage.CHECKSUM, "checksum"),))


def charging(twcid: TwcId = GARAGE, **facts) -> Peer:
    return Peer(twcid, **{"state": State.CHARGING, "charges": True, **facts})


def foreign_heartbeat(sender: TwcId = OTHER_CONTROLLER, receiver: TwcId = GARAGE) -> ControllerHeartbeat:
    return ControllerHeartbeat(sender=sender, receiver=receiver, version=P2)


# The port


def test_nothing_is_said_before_the_port_is_open() -> None:
    conversation = Conversation(Peer(), connected=False)
    assert conversation.controller.next_wakeup() is None
    assert conversation.controller.poll(START) is None
    assert conversation.snapshot.phase is BusPhase.DISCONNECTED


def test_on_an_unknown_bus_it_listens_for_twelve_seconds_and_greets_those_it_heard_first() -> None:
    conversation = Conversation(Peer())
    conversation.run(5).announce()
    conversation.run(6.9)
    assert conversation.sent == []
    assert conversation.snapshot.phase is BusPhase.LISTENING
    conversation.run(1)
    first = conversation.sent[0]
    assert first.time == START + 12.0
    assert first.message == ControllerHeartbeat(sender=OURS, receiver=GARAGE, version=P2)
    assert conversation.snapshot.phase is BusPhase.RUNNING


def test_on_an_unknown_bus_it_announces_itself_as_a_real_controller_does() -> None:
    conversation = Conversation().run(60)
    codes = [sent.message.code for sent in conversation.sent]
    assert codes == [Code.CONTROLLER_LINK_READY_1] * 6 + [Code.CONTROLLER_LINK_READY_2] * 3
    assert conversation.sent[0].time == START + 12.0


def test_heartbeats_do_not_wait_for_the_announcement() -> None:
    conversation = Conversation(Peer())
    conversation.announce()
    conversation.run(25)
    times = [time for time, _ in conversation.heartbeats()]
    assert max(later - earlier for earlier, later in pairwise(times)) < 1.5


def test_after_a_restart_heartbeats_resume_within_four_seconds() -> None:
    conversation = Conversation(charging(offered=13.0), known=(remembered(offered_amps=13.0),))
    conversation.run(4)
    assert conversation.sent[0].time == START + 3.0
    assert {type(sent.message) for sent in conversation.sent} == {ControllerHeartbeat}


def test_while_all_are_left_alone_nobody_is_spoken_to_and_that_is_known() -> None:
    conversation = Conversation(Peer(), known=(remembered(offered_amps=6.0, released=True),))
    conversation.run(20)
    assert conversation.heartbeats() == []
    assert conversation.controller.leaves_all_alone(conversation.now)
    conversation.orders = {GARAGE: 6}
    conversation.run(5)
    assert not conversation.controller.leaves_all_alone(conversation.now)
    assert not Conversation().controller.leaves_all_alone(START), "nobody is there to be left alone"


def test_a_restart_does_not_interrupt_a_charge() -> None:
    car = charging(offered=13.0)
    conversation = Conversation(car, known=(remembered(offered_amps=13.0),), orders={GARAGE: 13})
    conversation.run(60)
    assert {message.amps for _, message in conversation.heartbeats() if message.operation.carries_amps} <= {
        13.0
    }
    assert car.offered == 13.0


def test_a_bus_that_was_handed_over_goes_on_at_once() -> None:
    car = charging(offered=13.0)
    conversation = Conversation(car, known=(remembered(offered_amps=13.0),), taken_over_at=START - 1)
    conversation.run(1)
    assert conversation.sent[0].time == START + TAKEN_OVER_LISTENING_SECONDS
    assert isinstance(conversation.sent[0].message, ControllerHeartbeat)


def test_a_bus_whose_port_took_long_to_open_is_listened_to_even_if_it_was_handed_over() -> None:
    car = charging(offered=13.0)
    long_ago = START - TAKEN_OVER_SECONDS - 0.1
    conversation = Conversation(car, known=(remembered(offered_amps=13.0),), taken_over_at=long_ago)
    conversation.run(4)
    assert conversation.sent[0].time == START + 3.0


def test_a_bus_that_was_handed_over_and_lost_is_listened_to_when_it_is_back() -> None:
    car = charging(offered=13.0)
    conversation = Conversation(car, known=(remembered(offered_amps=13.0),), taken_over_at=START)
    conversation.run(2)
    conversation.controller.disconnected(conversation.now)
    lost = len(conversation.sent)
    conversation.connect()
    back = conversation.now
    conversation.run(4)
    assert conversation.sent[lost].time == back + 3.0


def test_after_a_restart_a_stopped_protocol_1_car_is_not_started_for_a_moment() -> None:
    car = Peer(version=P1, state=State.NOT_CHARGING)
    conversation = Conversation(car, known=(remembered(version=P1),), orders={GARAGE: 0}).run(30)
    assert {(message.operation, message.amps) for _, message in conversation.heartbeats()} == {
        (Operation.SET_LIMIT, 0.0)
    }


def test_a_port_back_within_a_minute_resumes_at_once() -> None:
    conversation = Conversation(Peer()).link()
    conversation.controller.disconnected(conversation.now)
    conversation.run(20)
    lost = len(conversation.sent)
    conversation.connect()
    back = conversation.now
    conversation.run(5)
    assert conversation.sent[lost].time == back + 3.0
    assert isinstance(conversation.sent[lost].message, ControllerHeartbeat)


def test_a_port_back_after_a_minute_listens_as_on_an_unknown_bus() -> None:
    conversation = Conversation(Peer()).link()
    conversation.controller.disconnected(conversation.now)
    conversation.run(60)
    conversation.connect()
    lost, back = len(conversation.sent), conversation.now
    conversation.run(11)
    conversation.announce()
    conversation.run(5)
    assert conversation.sent[lost].time == back + 12.0


def test_a_lost_port_is_reported_and_nothing_is_awaited_any_more() -> None:
    conversation = Conversation(Peer()).link()
    conversation.run(1.05)
    conversation.controller.disconnected(conversation.now)
    assert conversation.snapshot.phase is BusPhase.DISCONNECTED
    assert conversation.controller.poll(conversation.now + 10) is None


# Half duplex


def test_it_waits_for_the_answer_before_it_says_anything_else() -> None:
    conversation = Conversation(Peer(data=KNOWN_DATA), Peer(CARPORT), Peer(YARD)).link(120)
    for earlier, later in pairwise(conversation.sent):
        awaited = not isinstance(earlier.message, LinkReady)
        assert later.time - earlier.time >= (ANSWER_SECONDS + 0.2 if awaited else 0.2)


def test_it_keeps_two_tenths_of_a_second_of_silence_after_the_last_byte() -> None:
    conversation = Conversation(Peer()).link()
    (time, _) = conversation.heartbeats()[-1]
    conversation.run(time + 0.95 - conversation.now)
    conversation.controller.line_active(conversation.now)
    conversation.run(2)
    following = [later for later, _ in conversation.heartbeats() if later > time]
    assert following[0] == pytest.approx(time + 0.95 + 0.2)


def test_a_slow_answer_is_waited_for_and_taken() -> None:
    conversation = Conversation(bus=settings(reply_window_seconds=1.5))
    conversation.announce()
    conversation.hear(Peer().announcement())
    conversation.run(12.1)
    asked = len(conversation.heartbeats())
    conversation.run(1.0)
    assert len(conversation.heartbeats()) == asked
    conversation.hear(Peer().heartbeat())
    assert conversation.connector().presence is Presence.LINKED


def test_an_answer_that_comes_too_late_for_its_window_still_counts() -> None:
    conversation = Conversation(Peer(mute=True)).link(12.1)
    conversation.run(0.7)
    conversation.hear(conversation.peers[GARAGE].heartbeat())
    assert conversation.connector().presence is Presence.LINKED


def test_a_late_answer_of_another_wall_connector_does_not_end_the_waiting() -> None:
    conversation = Conversation(Peer(GARAGE, mute=True), Peer(CARPORT, mute=True)).link(12.1)
    conversation.run(0.7)
    first, second = (sent.message.receiver for sent in conversation.sent[:2])
    conversation.hear(conversation.peers[first].heartbeat())
    assert conversation.connector(first).presence is Presence.LINKED
    said = len(conversation.sent)
    conversation.run(0.2)
    assert len(conversation.sent) == said
    conversation.hear(conversation.peers[second].heartbeat())
    assert conversation.connector(second).presence is Presence.LINKED


def test_a_missing_answer_is_asked_for_again_at_once_but_only_once() -> None:
    peer = Peer()
    conversation = Conversation(peer).link(40)
    peer.mute = True
    since = conversation.now
    conversation.run(8)
    times = [time for time, _ in conversation.heartbeats(since=since)]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert gaps[0] < 0.9
    assert min(gaps[1:]) >= 0.99
    assert conversation.snapshot.counts["unanswered"] >= 5


def test_damage_in_place_of_an_answer_ends_the_waiting() -> None:
    conversation = Conversation(Peer(mute=True)).link(12.1)
    conversation.controller.rejected(damaged(), conversation.now)
    assert conversation.snapshot.counts["checksum"] == 1
    assert conversation.snapshot.counts["unanswered"] == 1
    conversation.run(0.55)
    assert len(conversation.heartbeats()) == 2


def test_damage_in_place_of_data_is_no_sign_of_a_second_unit() -> None:
    conversation = Conversation(Peer()).link()
    conversation.controller.receive(Peer(sign=0x11).announcement(), conversation.now)
    for _ in range(10):
        asked = len(conversation.questions())
        while len(conversation.questions()) == asked:
            conversation.run(0.01)
        conversation.controller.rejected(damaged(), conversation.now)
    assert conversation.connector().problem is None


def test_damage_in_place_of_all_answers_is_a_second_unit_when_another_sign_was_heard() -> None:
    conversation = Conversation(Peer(mute=True), known=(remembered(),), connected=False)
    conversation.peers[GARAGE].mute = False
    conversation.connect()
    conversation.run(20)
    conversation.peers[GARAGE].mute = True
    conversation.hear(Peer(sign=0x11).announcement())
    for _ in range(11):
        conversation.run_to_heartbeat()
        conversation.controller.rejected(damaged(), conversation.now)
    assert conversation.connector().problem is Problem.DUPLICATE_ID


def test_damage_while_nothing_is_awaited_is_only_counted() -> None:
    conversation = Conversation()
    conversation.controller.rejected(damaged(), START)
    assert conversation.snapshot.counts == {"checksum": 1}


# Whom it hears


def test_every_wall_connector_is_spoken_to_in_its_own_frame_size() -> None:
    conversation = Conversation(Peer(GARAGE, version=P1), Peer(CARPORT)).link(30)
    assert {len(encode(message)) for _, message in conversation.heartbeats(GARAGE)} == {14}
    assert {len(encode(message)) for _, message in conversation.heartbeats(CARPORT)} == {16}


def test_an_answer_of_another_size_is_not_believed_at_first() -> None:
    peer = Peer()
    conversation = Conversation(peer).link()
    heard = conversation.connector().last_heard
    peer.version = P1
    conversation.run(1.3)
    assert conversation.connector().last_heard == heard
    assert conversation.snapshot.counts["other_length"] == 1
    conversation.run(10)
    assert conversation.connector().version is P1
    assert len(encode(conversation.last())) == 14


def test_an_impossible_current_is_counted_and_not_believed() -> None:
    peer = Peer()
    conversation = Conversation(peer).link()
    peer.offered = 200.0
    conversation.run(5)
    assert conversation.snapshot.counts["implausible"] >= 3
    assert conversation.connector().offered_amps != 200.0


@pytest.mark.parametrize("rating", [0.0, 5.0, 163.9])
def test_an_impossible_rating_introduces_nobody(rating: float) -> None:
    conversation = Conversation(Peer(rated=rating))
    for _ in range(3):
        conversation.announce()
    assert conversation.snapshot.connectors == {}
    assert conversation.snapshot.counts["implausible"] == 3


def test_an_address_heard_once_is_no_wall_connector_until_it_answers() -> None:
    conversation = Conversation(Peer(mute=True))
    conversation.announce()
    conversation.run(30)
    assert conversation.snapshot.connectors == {}
    conversation.run(60)
    since = conversation.now
    conversation.run(60)
    assert conversation.heartbeats(since=since) == []


def test_a_wall_connector_that_announces_itself_twice_is_there() -> None:
    conversation = Conversation(Peer(mute=True))
    conversation.announce()
    conversation.announce()
    assert conversation.connector().presence is Presence.ANNOUNCED


def test_a_wall_connector_that_goes_silent_is_stale_then_lost_then_no_longer_polled() -> None:
    peer = Peer()
    conversation = Conversation(peer).link()
    peer.mute = True
    conversation.run(12)
    assert conversation.connector().presence is Presence.STALE
    conversation.run(20)
    assert conversation.connector().presence is Presence.LOST
    since = conversation.now
    conversation.run(60)
    assert conversation.heartbeats(since=since) == []


def test_a_lost_wall_connector_is_back_when_it_announces_itself() -> None:
    peer = Peer()
    conversation = Conversation(peer).link()
    peer.mute = True
    conversation.run(60)
    peer.mute = False
    conversation.announce()
    conversation.run(2)
    assert conversation.connector().presence is Presence.LINKED


def test_a_fourth_wall_connector_is_refused() -> None:
    peers = [Peer(twcid) for twcid in (GARAGE, CARPORT, YARD, GATE)]
    conversation = Conversation(*peers, bus=settings(80)).run(1)
    for twcid in conversation.peers:
        conversation.announce(twcid)
        conversation.announce(twcid)
        conversation.run(0.5)
    conversation.run(20)
    assert conversation.snapshot.refused == (GATE,)
    assert conversation.heartbeats(GATE) == []
    assert all(conversation.connector(twcid).presence is Presence.LINKED for twcid in (GARAGE, CARPORT, YARD))


def test_a_wall_connector_with_our_address_makes_us_announce_ourselves() -> None:
    conversation = Conversation(known=(remembered(),)).run(40)
    assert not [sent for sent in conversation.sent if sent.message.code is Code.CONTROLLER_LINK_READY_1]
    for _ in range(5):
        conversation.hear(ConnectorLinkReady(sender=OURS, sign=5, max_amps=32.0, version=P2))
        conversation.run(1)
    conversation.run(10)
    announced = [sent for sent in conversation.sent if sent.message.code is Code.CONTROLLER_LINK_READY_1]
    assert len(announced) == 6
    assert conversation.snapshot.counts["id_clash"] == 5
    assert OURS not in conversation.snapshot.connectors


def test_two_units_under_one_address_are_noticed_and_held_at_the_minimum() -> None:
    one, other = Peer(sign=1), Peer(sign=2)
    conversation = Conversation(one, orders={GARAGE: 32})
    for peer in (one, other, one, other):
        conversation.hear(peer.announcement())
        conversation.run(2)
    conversation.run(10)
    assert conversation.connector().problem is Problem.DUPLICATE_ID
    assert one.offered == 6.0


# Other controllers


def test_our_own_echoes_are_counted_and_are_nobody() -> None:
    conversation = Conversation(Peer()).link()
    for _ in range(5):
        conversation.hear(conversation.run_to_heartbeat())
    snapshot = conversation.snapshot
    assert snapshot.counts["echo"] == 5
    assert not {"foreign", "announced", "unasked"} & snapshot.counts.keys()
    assert (snapshot.phase, snapshot.foreign_controller) == (BusPhase.RUNNING, None)


@pytest.mark.parametrize(
    "evidence",
    [
        foreign_heartbeat(),
        Query(code=Code.GET_METER, sender=OTHER_CONTROLLER, receiver=GARAGE, version=P2),
        ContactorCommand(close=False, sender=OTHER_CONTROLLER, receiver=GARAGE, version=P2),
        Peer().heartbeat(receiver=OTHER_CONTROLLER),
        Meter(sender=OTHER_CONTROLLER, energy_kwh=11, volts=(242, 0, 0), phase_amps=(0.0, 0.0, 0.0)),
    ],
    ids=lambda message: type(message).__name__,
)
def test_it_falls_silent_when_another_controller_speaks(evidence: Message) -> None:
    conversation = Conversation(Peer()).link()
    conversation.hear(evidence)
    assert conversation.snapshot.foreign_controller is None
    conversation.hear(evidence)
    since = conversation.now
    conversation.run(GONE_SECONDS - 1)
    assert conversation.snapshot.foreign_controller == OTHER_CONTROLLER
    assert [sent for sent in conversation.sent if sent.time > since] == []
    assert conversation.snapshot.phase is BusPhase.MUTED


ANNOUNCEMENTS = [
    ControllerLinkReady1(sender=OTHER_CONTROLLER, sign=1, max_amps=0.0, version=P1),
    ControllerLinkReady2(sender=OTHER_CONTROLLER, sign=1, max_amps=0.0, version=P2),
    ControllerIdle(sender=OTHER_CONTROLLER),
    ControllerLinkReady1(sender=OURS, sign=1, max_amps=0.0, version=P1),
]


@pytest.mark.parametrize(
    "announcement", ANNOUNCEMENTS, ids=lambda message: f"{message.code:04X} {message.sender}"
)
def test_an_announcement_takes_nothing_over_and_is_told_for_ten_minutes(announcement: Message) -> None:
    conversation = Conversation(Peer()).link()
    for _ in range(9):
        conversation.hear(announcement)
        conversation.run(0.9)
        assert conversation.snapshot.phase is BusPhase.RUNNING
        assert conversation.snapshot.announced_controller is None, "its first order may come any moment"
    conversation.run(10)
    assert conversation.snapshot.announced_controller == announcement.sender
    assert conversation.snapshot.foreign_controller is None
    conversation.run(ANNOUNCED_SECONDS - 15)
    assert conversation.snapshot.announced_controller == announcement.sender
    conversation.run(10)
    assert conversation.snapshot.announced_controller is None
    beats = [sent.time for sent in conversation.sent if isinstance(sent.message, ControllerHeartbeat)]
    assert max(after - before for before, after in pairwise(beats)) < 1.5
    assert conversation.snapshot.counts["announced"] == 9
    assert "foreign" not in conversation.snapshot.counts


def test_one_announcement_may_be_a_damaged_frame() -> None:
    conversation = Conversation(Peer()).link()
    conversation.hear(ANNOUNCEMENTS[0])
    assert conversation.snapshot.announced_controller is None


def test_who_announced_itself_is_believed_with_its_first_order() -> None:
    conversation = Conversation(Peer()).link()
    conversation.hear(ANNOUNCEMENTS[0])
    conversation.hear(foreign_heartbeat())
    assert conversation.snapshot.foreign_controller == OTHER_CONTROLLER
    assert conversation.snapshot.announced_controller is None


def test_a_kind_of_message_that_nobody_knows_yet_changes_nothing() -> None:
    @dataclass(frozen=True)
    class Novelty:
        code: ClassVar[Code] = Code.METER
        sender: TwcId

    conversation = Conversation(Peer()).link()
    for sender in (OTHER_CONTROLLER, GARAGE, OURS) * 5:
        conversation.hear(cast(Message, Novelty(sender)))
    before = len(conversation.sent)
    conversation.run(10)
    assert conversation.snapshot.phase is BusPhase.RUNNING
    assert len(conversation.sent) - before >= 10
    assert conversation.snapshot.foreign_controller is None


def odd(message: ControllerMessage, length: int) -> RejectedFrame:
    """A message as some programs send it, in 13 or 15 bytes."""
    with pytest.raises(FrameRejected) as caught:
        check_body(of_length(encode(message), length))
    return caught.value.rejected


@pytest.mark.parametrize("length", [13, 15])
def test_orders_of_another_length_silence_it_and_are_no_damage(length: int) -> None:
    conversation = Conversation(Peer()).link()
    for _ in range(2):
        conversation.controller.rejected(odd(foreign_heartbeat(), length), conversation.now)
    assert conversation.snapshot.foreign_controller == OTHER_CONTROLLER
    assert conversation.snapshot.counts["odd_length"] == 2
    assert "length" not in conversation.snapshot.counts


def test_announcements_of_another_length_do_not() -> None:
    conversation = Conversation(Peer()).link()
    for _ in range(9):
        conversation.controller.rejected(odd(ANNOUNCEMENTS[0], 13), conversation.now)
    assert conversation.snapshot.phase is BusPhase.RUNNING
    assert conversation.snapshot.counts["announced"] == 9


def test_our_own_echo_that_lost_a_zero_is_damage_and_nobody() -> None:
    conversation = Conversation(Peer()).link()
    for _ in range(9):
        conversation.controller.rejected(odd(foreign_heartbeat(sender=OURS), 13), conversation.now)
        conversation.run(1)
    assert conversation.snapshot.foreign_controller is None


def with_first_byte(body: bytes, first: int) -> Message | RejectedFrame:
    """What a body is read as whose first byte was damaged: the sum does not see it."""
    try:
        return decode(bytes([first]) + body[1:])
    except FrameRejected as rejected:
        return rejected.rejected


@pytest.mark.parametrize("first", sorted({0xFD ^ 1 << bit for bit in range(8)} | {0xFB}))
@pytest.mark.parametrize("state", [State.READY, State.CHARGING, State.BUSY])
def test_answers_with_a_damaged_first_byte_are_damage_and_no_controller(first: int, state: State) -> None:
    peer = Peer(state=state)
    conversation = Conversation(peer).link()
    peer.mute = True
    for _ in range(8):
        conversation.run_to_heartbeat()
        found = with_first_byte(encode(peer.heartbeat()), first)
        unanswered = conversation.snapshot.counts["unanswered"]
        if isinstance(found, RejectedFrame):
            conversation.controller.rejected(found, conversation.now)
        else:
            conversation.controller.receive(found, conversation.now)
        assert conversation.snapshot.counts["unanswered"] == unanswered + 1
    assert conversation.snapshot.foreign_controller is None
    assert conversation.snapshot.announced_controller is None
    peer.mute = False
    conversation.run(5)
    assert conversation.connector().presence is Presence.LINKED


def test_echoes_with_a_damaged_first_byte_are_no_controller() -> None:
    conversation = Conversation(Peer()).link()
    for _ in range(9):
        body = encode(ControllerHeartbeat(sender=OURS, receiver=GARAGE, version=P2))
        found = with_first_byte(body, 0xFD)
        assert isinstance(found, ConnectorHeartbeat)
        conversation.controller.receive(found, conversation.now)
        conversation.run(1)
    assert conversation.snapshot.foreign_controller is None


@pytest.mark.parametrize("body", ["FCE2F00D770000000000000000", "FBE0F00D7973FF000000000000"])
@pytest.mark.parametrize("length", [13, 14, 15])
def test_what_nobody_knows_is_no_damage_and_stands_for_no_answer(body: str, length: int) -> None:
    conversation = Conversation(Peer()).link()
    with pytest.raises(FrameRejected) as caught:
        decode(of_length(bytes.fromhex(body), length))
    for _ in range(300):
        conversation.controller.rejected(caught.value.rejected, conversation.now)
        conversation.run(0.9)
    assert conversation.snapshot.line is LineHealth.GOOD
    assert conversation.connector().answered_share == 1.0
    assert conversation.snapshot.foreign_controller is None


@pytest.mark.parametrize("length", [13, 14, 16])
def test_questions_of_nobody_to_nobody_take_nothing_over(length: int) -> None:
    conversation = Conversation(Peer()).link()
    for code in (
        Code.GET_UNADDRESSED_SERIAL_NUMBER,
        Code.GET_UNADDRESSED_MODEL,
        Code.GET_UNADDRESSED_FIRMWARE,
    ):
        question = Query(code=code, sender=TwcId(0), receiver=TwcId(0), version=P2 if length == 16 else P1)
        if length == 13:
            conversation.controller.rejected(odd(question, length), conversation.now)
        else:
            conversation.hear(question)
        conversation.run(0.3)
    assert conversation.snapshot.counts["unaddressed"] == 3
    assert (conversation.snapshot.phase, conversation.snapshot.foreign_controller) == (BusPhase.RUNNING, None)


@pytest.mark.parametrize(("sender", "receiver"), [(OTHER_CONTROLLER, 0), (0, GARAGE)])
def test_questions_that_name_anybody_are_those_of_another_controller(sender: int, receiver: int) -> None:
    conversation = Conversation(Peer()).link()
    question = Query(code=Code.GET_METER, sender=TwcId(sender), receiver=TwcId(receiver), version=P2)
    for _ in range(2):
        conversation.hear(question)
    assert conversation.snapshot.phase is BusPhase.MUTED


def test_it_speaks_again_when_the_other_controller_is_gone() -> None:
    conversation = Conversation(Peer()).link()
    for _ in range(100):
        conversation.hear(foreign_heartbeat())
        conversation.run(1)
    gone, said = conversation.now - 1, len(conversation.sent)
    conversation.run(65)
    assert conversation.snapshot.phase is BusPhase.LISTENING
    assert conversation.snapshot.foreign_controller is None
    conversation.announce()
    conversation.run(20)
    assert conversation.sent[said].time == pytest.approx(gone + GONE_SECONDS + 12.0)
    assert conversation.connector().presence is Presence.LINKED


def test_a_controller_heard_while_listening_keeps_it_from_ever_speaking() -> None:
    conversation = Conversation(Peer())
    for _ in range(30):
        conversation.hear(foreign_heartbeat())
        conversation.run(1)
    assert conversation.sent == []
    assert conversation.snapshot.phase is BusPhase.MUTED


def test_a_second_controller_with_our_own_address_is_proven_by_three_frames() -> None:
    conversation = Conversation()
    for number in range(3):
        assert conversation.snapshot.foreign_controller is None
        conversation.hear(foreign_heartbeat(sender=OURS))
        conversation.run(5 * number)
    assert conversation.snapshot.foreign_controller == OURS
    assert conversation.snapshot.phase is BusPhase.MUTED


def test_answers_to_our_address_that_nobody_asked_for_betray_a_second_controller() -> None:
    conversation = Conversation()
    for _ in range(3):
        conversation.hear(Peer().heartbeat())
        conversation.run(1)
    assert conversation.snapshot.foreign_controller == OURS


def test_answers_of_a_known_wall_connector_that_we_stopped_asking_betray_a_second_controller() -> None:
    peer = Peer()
    conversation = Conversation(peer).link()
    peer.mute = True
    conversation.run(40)
    for _ in range(5):
        conversation.hear(peer.heartbeat())
        conversation.run(1)
    assert conversation.snapshot.foreign_controller == OURS


def test_an_answer_heard_twice_is_not_taken_for_another_controller() -> None:
    peer = Peer()
    conversation = Conversation(peer).link()
    for _ in range(10):
        conversation.hear(peer.heartbeat())
        conversation.run(1)
    assert conversation.snapshot.foreign_controller is None
    assert conversation.snapshot.counts["unasked"] == 10


def test_an_answer_to_nobody_is_ignored() -> None:
    conversation = Conversation(Peer()).link()
    for _ in range(10):
        conversation.hear(Peer().heartbeat(receiver=TwcId(0)))
    assert conversation.snapshot.foreign_controller is None


# Limits


def test_the_owners_limit_reaches_the_wall_connector() -> None:
    car = charging()
    conversation = Conversation(car, orders={GARAGE: 13}).link(40)
    assert car.offered == 13.0
    assert conversation.last().operation is Operation.KEEP_ALIVE


def test_a_changed_order_is_sent_within_a_second() -> None:
    car = charging()
    conversation = Conversation(car, orders={GARAGE: 16}).link(40)
    conversation.orders = {GARAGE: 10}
    conversation.run(2.0)
    assert car.offered == 10.0


def test_the_limit_is_sent_again_after_the_car_fell_back_to_six_amps() -> None:
    car = charging()
    conversation = Conversation(car, orders={GARAGE: 16}).link(40)
    car.offered, car.state = 6.0, State.STARTING
    conversation.run(3)
    assert car.offered == 16.0


def test_a_limit_lost_on_the_line_is_repeated_until_it_is_in_force() -> None:
    car = charging(obeys=False)
    conversation = Conversation(car, orders={GARAGE: 16}).link(40)
    car.obeys = True
    conversation.run(3)
    assert car.offered == 16.0


def test_without_decisions_for_fifteen_seconds_everybody_goes_down_to_the_minimum() -> None:
    car = charging()
    conversation = Conversation(car, orders={GARAGE: 16}).link(40)
    conversation.orders = None
    conversation.run(14)
    assert car.offered == 16.0
    conversation.run(4)
    assert car.offered == 6.0


def test_on_an_unknown_bus_nobody_gets_more_than_the_minimum_for_half_a_minute() -> None:
    # Somebody may still charge for a controller that has just gone, and says nothing until its watchdog fires.
    car = charging()
    conversation = Conversation(car, orders={GARAGE: 16}).link(STRANGERS_SECONDS)
    assert car.offered == 6.0
    conversation.run(3)
    assert car.offered == 16.0


def test_a_bus_that_was_lost_before_anybody_was_met_is_as_unknown_as_at_first() -> None:
    car = charging()
    conversation = Conversation(car, orders={GARAGE: 16}).run(5)
    conversation.controller.disconnected(conversation.now)
    conversation.run(100)
    conversation.connect()
    conversation.link(STRANGERS_SECONDS)
    assert car.offered == 6.0
    conversation.run(3)
    assert car.offered == 16.0


def test_on_a_known_bus_nobody_has_to_wait() -> None:
    car = charging()
    Conversation(car, known=(remembered(),), orders={GARAGE: 16}).run(6)
    assert car.offered == 16.0


def test_without_any_decision_nothing_above_the_minimum_is_offered() -> None:
    car = charging()
    Conversation(car).link(60)
    assert car.offered == 6.0


def test_changed_settings_hold_from_the_next_heartbeat_on() -> None:
    car = charging()
    conversation = Conversation(car, orders={GARAGE: 16}).link(40)
    conversation.controller.change(settings(10), conversation.now)
    conversation.run(1.2)
    assert car.offered == 10.0
    assert conversation.snapshot.circuit_limit_amps == 10


def test_a_lowered_circuit_limit_does_not_end_the_charge_of_a_car_that_needs_seconds_to_follow() -> None:
    car = charging()
    conversation = Conversation(car, orders={GARAGE: 32}).link(40)
    car.charges = False
    assert car.offered == 32.0
    conversation.controller.change(settings(10), conversation.now)
    conversation.run(4)
    car.drawn = 9.2
    conversation.run(60)
    assert conversation.connector().presence is Presence.LINKED
    assert conversation.connector().problem is None


def test_a_second_car_waits_until_the_first_has_fallen() -> None:
    first, second = charging(GARAGE), charging(CARPORT)
    conversation = Conversation(first, second, orders={GARAGE: 26, CARPORT: 6}).link(60)
    assert (first.offered, second.offered) == (26.0, 6.0)
    first.charges = False
    conversation.orders = {GARAGE: 16, CARPORT: 16}
    conversation.run(8)
    assert (first.offered, second.offered) == (16.0, 6.0)
    first.drawn = 15.2
    conversation.run(8)
    assert (first.offered, second.offered) == (16.0, 16.0)


def test_a_silent_wall_connector_keeps_its_amps_for_a_minute() -> None:
    first, second = charging(GARAGE), charging(CARPORT)
    conversation = Conversation(first, second, orders={GARAGE: 20, CARPORT: 12}).link(60)
    first.mute = True
    conversation.orders = {GARAGE: None, CARPORT: 32}
    conversation.run(55)
    assert second.offered == 12.0
    conversation.run(15)
    assert second.offered == 32.0


@pytest.mark.parametrize("connector", [P1, P2])
def test_zero_amps_are_sent_to_protocol_1_only(connector) -> None:
    car = charging(version=connector)
    conversation = Conversation(car, orders={GARAGE: 16}).link(40)
    conversation.orders = {GARAGE: 0}
    since = conversation.now
    conversation.run(60)
    offers = {
        message.amps
        for _, message in conversation.heartbeats(since=since + 1)
        if message.operation.carries_amps
    }
    assert offers == ({0.0} if connector is P1 else {6.0})


def test_a_wall_connector_that_draws_too_much_is_lowered_then_left_alone_then_tried_again() -> None:
    car = charging()
    conversation = Conversation(car, orders={GARAGE: 12}).link(40)
    assert car.offered == 12.0
    car.charges, car.drawn = False, 16.0
    conversation.run(15)
    assert car.offered == 6.0
    assert conversation.connector().problem is Problem.OVERDRAWING
    conversation.run(35)
    since = conversation.now
    conversation.run(30)
    assert conversation.heartbeats(since=since) == []
    assert conversation.connector().presence is Presence.RELEASED
    car.drawn = car.offered = 0.0
    while conversation.connector().presence is Presence.RELEASED:
        conversation.run(1)
    conversation.run(LOST_SECONDS - 5)
    assert conversation.connector().presence is Presence.ANNOUNCED, (
        "it is not lost before it was asked in vain"
    )
    conversation.run(10)
    assert conversation.connector().presence is Presence.LOST
    conversation.announce()
    conversation.run(30)
    assert conversation.connector().presence is Presence.LINKED
    assert conversation.connector().problem is None


def test_a_wall_connector_with_an_error_and_an_old_current_has_an_error_and_nobody_waits_long_for_it() -> (
    None
):
    # ngardiner#395: state 02, 0 A offered, 16.86 A drawn, until a car is plugged in again.
    broken = Peer(version=P1, state=State.ERROR, drawn=16.86, obeys=False)
    conversation = Conversation(broken, orders={GARAGE: 16}).link()
    problems, unheard = set(), []
    for _ in range(600):
        conversation.run(1)
        if (conversation.now - START) % 10 < 1 and not conversation.heartbeats(since=conversation.now - 5):
            conversation.announce()
        problems.add(conversation.connector().problem)
        unheard.append(not conversation.heartbeats(since=conversation.now - 5))
    assert Problem.ERROR_STATE in problems
    assert problems <= {None, Problem.ERROR_STATE}
    assert 40 < sum(unheard) < RESERVED_SECONDS + 30
    assert not any(unheard[200:])
    broken.state, broken.drawn, broken.obeys, broken.charges = State.PLUGGED_READY, 0.0, True, True
    conversation.run(10)
    assert broken.drawn > 5


@pytest.mark.parametrize("echoes", [False, True], ids=["keeps to its offer", "tells 0 A"])
def test_one_of_protocol_1_that_ignores_0_amps_where_there_is_no_room_gets_no_heartbeats(
    echoes: bool,
) -> None:
    car = Peer(version=P1, state=State.CHARGING, charges=True)
    conversation = Conversation(car, orders={GARAGE: 16}).link()
    conversation.run(30)
    assert car.drawn == 16.0
    car.obeys, car.charges = echoes, False
    conversation.orders = {GARAGE: None}
    conversation.run(27)
    assert len(conversation.heartbeats(since=conversation.now - 5)) >= 2
    conversation.run(6)
    since = conversation.now
    conversation.run(600)
    assert conversation.heartbeats(since=since) == []
    assert conversation.connector().presence is Presence.RELEASED
    assert conversation.connector().disobeys
    conversation.orders = {GARAGE: 6}
    car.obeys, car.drawn = True, 0.0
    conversation.announce()
    conversation.run(10)
    assert conversation.connector().presence is Presence.LINKED
    assert not conversation.connector().disobeys


def test_one_of_protocol_1_that_ignores_0_amps_is_served_where_there_is_room() -> None:
    car = Peer(version=P1, state=State.CHARGING, charges=True)
    conversation = Conversation(car, orders={GARAGE: 16}).link()
    conversation.run(30)
    car.obeys = False
    conversation.orders = {GARAGE: 0}
    conversation.run(600)
    assert len(conversation.heartbeats(since=conversation.now - 5)) >= 2
    assert conversation.connector().problem is Problem.NOT_ACCEPTING


@pytest.mark.parametrize("drawn", [0.25, 0.9])
def test_one_of_protocol_1_that_draws_hardly_anything_waits_with_its_heartbeats(drawn: float) -> None:
    car = Peer(version=P1, state=State.NOT_CHARGING, drawn=drawn)
    conversation = Conversation(car, orders={GARAGE: None}).link()
    conversation.run(600)
    assert len(conversation.heartbeats(since=conversation.now - 5)) >= 2


@pytest.mark.parametrize("left_alone", [False, True])
def test_one_of_protocol_1_that_was_left_alone_is_left_so_over_a_restart(left_alone: bool) -> None:
    known = remembered(version=P1, offered_amps=16.0, released=left_alone)
    car = Peer(version=P1, state=State.CHARGING, drawn=15.2, offered=16.0, obeys=False)
    conversation = Conversation(car, known=(known,), orders={GARAGE: None})
    conversation.run(20)
    assert (conversation.heartbeats() == []) is left_alone


def test_a_wall_connector_left_without_heartbeats_is_asked_nothing_either() -> None:
    # Whether a question keeps its watchdog quiet is unknown; silence is what opens the contactor.
    car = charging(charges=False, drawn=39.0, data=KNOWN_DATA)
    conversation = Conversation(car, orders={GARAGE: 12}).link(40)
    assert conversation.connector().presence is Presence.RELEASED
    since = conversation.now
    conversation.run(600)
    assert [sent for sent in conversation.sent if sent.time > since] == []


def test_a_wall_connector_without_room_is_left_without_a_word() -> None:
    first, second = charging(GARAGE, data=KNOWN_DATA), charging(CARPORT)
    conversation = Conversation(first, second, orders={GARAGE: 6, CARPORT: 6}).link(40)
    conversation.orders = {GARAGE: None, CARPORT: 6}
    conversation.run(2)
    since = conversation.now
    conversation.run(60)
    assert conversation.heartbeats(GARAGE, since=since) == []
    assert conversation.questions(GARAGE, since=since) == []


# Stopping by contactor


def test_a_contactor_is_opened_once_the_current_has_come_down_and_closed_a_minute_later() -> None:
    owner = ConnectorSettings(maximum_amps=80, limit_amps=80, stop_method=StopMethod.CONTACTOR)
    car = charging()
    conversation = Conversation(car, bus=settings(connectors={GARAGE: owner}), orders={GARAGE: 16}).link(40)
    conversation.orders = {GARAGE: 0}
    conversation.run(10)
    car.charges, car.drawn = False, 0.0
    conversation.run(20)
    assert conversation.connector().stop is StopState.STOPPED
    conversation.orders = {GARAGE: 16}
    conversation.run(80)
    (opened, opening), (closed, closing) = [
        (time, code) for time, code in conversation.questions() if code >= Code.CLOSE_CONTACTOR
    ]
    assert (opening, closing) == (Code.OPEN_CONTACTOR, Code.CLOSE_CONTACTOR)
    assert closed - opened >= 60.0
    assert car.offered == 16.0


# Questions


def test_questions_never_take_more_than_their_share_of_the_line() -> None:
    peers = [Peer(twcid) for twcid in (GARAGE, CARPORT, YARD)]
    conversation = Conversation(*peers).link(600)
    spoken = [sent.message for sent in conversation.sent if not isinstance(sent.message, LinkReady)]
    positions = [index for index, message in enumerate(spoken) if isinstance(message, Query)]
    assert len(positions) > 30
    assert min(later - earlier for earlier, later in pairwise(positions)) >= 3


def test_answers_are_taken_and_shown() -> None:
    conversation = Conversation(Peer(data=KNOWN_DATA)).link(60)
    shown = conversation.connector()
    assert (shown.firmware, shown.serial_number) == ("4.5.10.2", "A18G0017973")
    assert (shown.volts, shown.energy_kwh) == ((230, 230, 230), 842.0)
    assert (shown.plug_state, shown.plugged_in) == (PlugState.UNPLUGGED, False)


def test_an_old_wall_connector_on_its_own_is_asked_the_old_questions() -> None:
    old = Peer(
        version=P1,
        data={
            Code.GET_UNADDRESSED_MODEL: UnaddressedModel(model="EVW2T32HL"),
            Code.GET_UNADDRESSED_FIRMWARE: UnaddressedFirmware(firmware="4.4.13"),
            Code.GET_UNADDRESSED_SERIAL_NUMBER: UnaddressedSerialNumber(serial_number="A16K0001234"),
        },
    )
    conversation = Conversation(old).link(120)
    shown = conversation.connector()
    assert (shown.model, shown.firmware, shown.serial_number) == ("EVW2T32HL", "4.4.13", "A16K0001234")


def test_an_answer_without_an_address_that_nobody_asked_for_is_nobodys() -> None:
    conversation = Conversation(Peer()).link()
    conversation.hear(UnaddressedModel(model="EVW2T80HL"))
    assert conversation.connector().model is None
    assert conversation.snapshot.counts["unasked"] == 1


def test_an_answer_without_an_address_from_one_that_was_just_forgotten_is_nobodys() -> None:
    conversation = Conversation(Peer()).link(12.1)
    while not conversation.questions() or conversation.questions()[-1][1] is not Code.GET_UNADDRESSED_MODEL:
        conversation.run(0.1)
    conversation.controller.forget(GARAGE)
    conversation.hear(UnaddressedModel(model="EVW2T80HL"))
    assert conversation.snapshot.connectors == {}


def test_data_nobody_asked_for_is_not_believed() -> None:
    conversation = Conversation(Peer(data=KNOWN_DATA)).link(60)
    conversation.hear(Firmware(sender=GARAGE, firmware="9.9.9.9"))
    assert conversation.connector().firmware == "4.5.10.2"
    assert conversation.snapshot.counts["unasked"] == 1


def test_a_wall_connector_that_misses_heartbeats_is_asked_nothing_else() -> None:
    peer = Peer(data=KNOWN_DATA)
    conversation = Conversation(peer).link(60)
    peer.mute = True
    conversation.run(2)
    since = conversation.now
    conversation.run(20)
    assert conversation.heartbeats(since=since) != []
    assert conversation.questions(since=since) == []


# Forgetting and remembering


def test_a_forgotten_wall_connector_is_met_anew() -> None:
    conversation = Conversation(Peer()).link()
    conversation.controller.forget(GARAGE)
    assert conversation.snapshot.connectors == {}
    conversation.run(5)
    conversation.announce()
    conversation.run(3)
    assert conversation.connector().presence is Presence.LINKED


def test_forgetting_a_wall_connector_whose_answer_is_awaited_does_no_harm() -> None:
    conversation = Conversation(Peer(mute=True)).link(12.1)
    conversation.controller.forget(GARAGE)
    conversation.run(30)
    assert conversation.snapshot.connectors == {}


def test_orders_for_wall_connectors_nobody_knows_are_ignored() -> None:
    conversation = Conversation(Peer(), orders={GARAGE: 10, CARPORT: 10}).link()
    assert set(conversation.snapshot.connectors) == {GARAGE}


def test_what_was_remembered_is_still_there_when_the_port_never_opened() -> None:
    known = (remembered(GARAGE), remembered(CARPORT))
    conversation = Conversation(known=known, connected=False)
    assert conversation.controller.remembered() == known
    conversation.controller.forget(GARAGE)
    assert conversation.controller.remembered() == known[1:]


def test_those_that_were_heard_are_remembered() -> None:
    car = charging()
    conversation = Conversation(car, Peer(CARPORT, mute=True), orders={GARAGE: 13})
    conversation.announce()
    conversation.run(90)
    (known,) = conversation.controller.remembered()
    assert (known.twcid, known.version, known.sign, known.offered_amps) == (GARAGE, P2, 0x8E, 13.0)


def test_everything_said_and_heard_is_counted() -> None:
    conversation = Conversation(Peer()).link(60)
    counts = conversation.snapshot.counts
    assert counts["sent"] == len(conversation.sent)
    assert counts["received"] >= len(conversation.heartbeats())


def test_an_owner_who_limits_a_cable_limits_its_wall_connector() -> None:
    car = charging()
    bus = settings(connectors={GARAGE: ConnectorSettings(maximum_amps=10, limit_amps=80)})
    Conversation(car, bus=bus, orders={GARAGE: 32}).link(40)
    assert car.offered == 10.0


def test_an_answer_before_the_first_announcement_introduces_nobody() -> None:
    conversation = Conversation()
    message = ConnectorHeartbeat(
        sender=GARAGE, receiver=OURS, state=State.READY, offered_amps=0.0, drawn_amps=0.0, version=P2
    )
    conversation.hear(message)
    assert conversation.snapshot.connectors == {}


def test_one_that_does_not_hear_us_and_goes_on_asking_is_lost() -> None:
    # An adapter that receives and does not send: the wall connector announces itself again (protocol.md 3.10).
    peer = Peer()
    conversation = Conversation(peer, orders={GARAGE: 16}).link().run(30)
    peer.mute = True
    lost_after = None
    for second in range(1, 91):
        conversation.run(1)
        if second > 10 and second % 7 == 0:
            conversation.announce()
        if lost_after is None and conversation.connector().problem is Problem.LOST:
            lost_after = second
    assert lost_after is not None
    assert lost_after < 40
    assert conversation.connector().presence is Presence.ANNOUNCED
    assert conversation.connector().problem is Problem.LOST
    peer.mute = False
    conversation.run(5)
    conversation.announce()
    conversation.run(10)
    assert conversation.connector().problem is None


def test_an_order_is_news_once_and_so_is_the_room_for_all() -> None:
    conversation = Conversation(Peer(), known=(remembered(),)).run(30)
    offer, now = conversation.controller.offer, conversation.now
    assert offer({GARAGE: 10}, now), "until then nothing was decided"
    assert not offer({GARAGE: 10}, now + 1)
    assert offer({GARAGE: 16}, now + 2)
    assert not offer({GARAGE: 16, YARD: 16}, now + 3), "nobody knows that one"
    assert offer({GARAGE: 16}, now + 4, room=20)
    assert not offer({GARAGE: 16}, now + 5, room=20)
    assert offer({GARAGE: None}, now + 6, room=20)
