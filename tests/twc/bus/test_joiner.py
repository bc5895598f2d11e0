"""Being an idle wall connector of a real controller: two kinds of messages, an address of its own, and nothing else."""

from dataclasses import replace
import itertools

from hypothesis import given, strategies as st
import pytest
from tests.efforts import effort
from twc.bus.joiner import ANSWER_AFTER_SECONDS, Joiner
from twc.bus.port.link import Link
from twc.bus.settings import RememberedConnector
from twc.bus.snapshot import AwayReason, BusPhase, BusRole, Presence
from twc.protocol.codes import Code, ConnectorState, Damage, Operation, ProtocolVersion, TwcId
from twc.protocol.encoding import ForbiddenMessage, check_idle_connector, check_silence, encode
from twc.protocol.framing import RejectedFrame, Rejection
from twc.protocol.messages import (
    ConnectorHeartbeat,
    ConnectorLinkReady,
    ControllerHeartbeat,
    ControllerLinkReady1,
    Message,
    Meter,
    Query,
)
from twc.simulator.car import Car
from twc.simulator.car_models import TESLA
from twc.simulator.foreign import DROPPED_SECONDS
from twc.simulator.line import Role
from twc.simulator.line_faults import Faults
from twc.simulator.unit import Habits, Unit

from driver import Driver
from fake_adapter import Adapter
from message_strategies import messages
from overheard_bus import LEADER, OURS, OverheardBus, iter_chance

GARAGE, PROGRAM = TwcId(0x4580), TwcId(0x7777)
UNIT = Unit(serial_number="A18G0004580", energy_kwh=900.4)
P1, P2 = ProtocolVersion.P1, ProtocolVersion.P2
START = 1000.0
ALLOWED = {Code.CONNECTOR_LINK_READY, Code.CONNECTOR_HEARTBEAT}


# Helpers


def heartbeat(
    sender: TwcId,
    *,
    state: ConnectorState = ConnectorState.READY,
    offered: float = 0.0,
    drawn: float = 0.0,
) -> ConnectorHeartbeat:
    return ConnectorHeartbeat(
        sender=sender, receiver=LEADER, state=state, offered_amps=offered, drawn_amps=drawn, version=P2
    )


def beat(receiver: TwcId, *, operation: Operation = Operation.KEEP_ALIVE) -> ControllerHeartbeat:
    return ControllerHeartbeat(sender=LEADER, receiver=receiver, operation=operation, version=P2)


def aiming_at(twcid: TwcId):
    """Chance that chooses this address."""
    return lambda: (twcid - 0x0100 + 0.5) / (0xFFFE - 0x0100)


def beginning_with(first: float, chance):
    """Chance that begins with a certain value."""
    values = iter([first])
    return lambda: next(values, None) or chance()


def joined(*, echo: bool = False) -> Joiner:
    """One that has announced itself five times, and heard each come back if ``echo``."""
    joiner = Joiner(OURS, rated_amps=32.0, chance=iter_chance(11))
    joiner.connected(START)
    for tenth in range(60):
        now = START + 12 + tenth / 10
        said = joiner.poll(now)
        if said is not None and echo:
            joiner.receive(said, now + 0.02)
    return joiner


def announced(joiner: Joiner) -> TwcId:
    """The address that it has."""
    assert joiner._twcid is not None
    return joiner._twcid


# What it is for


async def test_a_controller_that_is_alone_tells_its_figures_to_one_that_joins() -> None:
    bus = OverheardBus()
    bus.leader.appear()
    bus.leader.plug(Car(TESLA))
    await bus.join()
    bus.run(90)
    leader = bus.connector()
    assert len(bus.leader.led) == 1
    assert (leader.leads, leader.plugged_in, leader.charging) == (True, True, True)
    assert (leader.serial_number, leader.firmware, leader.vin) == ("A18G0017973", "4.5.3.2", TESLA.vin)
    assert bus.snapshot.role is BusRole.JOIN
    assert bus.snapshot.phase is BusPhase.RUNNING
    # The one that we play is none of those that are shown.
    assert bus.snapshot.connectors.keys() == {LEADER}
    assert not bus.snapshot.join_refused


async def test_two_kinds_of_messages_leave_and_no_other() -> None:
    bus = OverheardBus()
    bus.leader.appear()
    bus.leader.plug(Car(TESLA))
    await bus.join()
    bus.run(1200)
    assert bus.sniffer.codes() == ALLOWED
    said = [message for _, _, message in bus.sniffer.of(ConnectorHeartbeat)]
    assert len(said) > 300
    assert {(one.state, one.offered_amps, one.drawn_amps) for one in said} == {
        (ConnectorState.READY, 0.0, 0.0)
    }
    # It answers for nobody else.
    assert {one.sender for one in said}.isdisjoint({GARAGE, LEADER})
    assert len({one.sender for one in said}) == 1


async def test_it_listens_before_its_first_word_and_announces_the_rating_it_was_told() -> None:
    bus = OverheardBus()
    await bus.join(rated_amps=80.0)
    bus.run(OURS.cold_listening_seconds - 0.1)
    assert bus.sniffer.ours == []
    assert bus.snapshot.phase is BusPhase.LISTENING
    bus.run(60)
    announced = bus.sniffer.of(ConnectorLinkReady)
    assert {message.max_amps for _, _, message in announced} == {80.0}
    gaps = [later[0] - earlier[0] for earlier, later in itertools.pairwise(announced)]
    assert all(0.5 <= gap <= 0.6 for gap in gaps[:4])
    assert all(8.0 <= gap <= 8.9 for gap in gaps[4:])
    assert len(gaps) > 6


async def test_it_answers_as_fast_as_a_wall_connector_does_and_announces_itself_no_more() -> None:
    bus = OverheardBus()
    bus.leader.appear()
    await bus.join()
    bus.run(120)
    answers = bus.sniffer.of(ConnectorHeartbeat)
    asked = [
        (start, end)
        for start, end, who, message in bus.sniffer.all
        if isinstance(message, ControllerHeartbeat) and who.startswith("foreign")
    ]
    delays = [min(start - end for _, end in asked if end <= start) for start, _, _ in answers]
    least, most = ANSWER_AFTER_SECONDS
    assert len(answers) > 50
    assert all(least <= delay <= most + 0.01 for delay in delays)
    assert max(start for start, _, _ in bus.sniffer.of(ConnectorLinkReady)) < answers[0][0]


async def test_it_leaves_by_saying_nothing_more() -> None:
    bus = OverheardBus()
    bus.leader.appear()
    await bus.join()
    bus.run(60)
    assert bus.leader.led
    await bus.links[0].close()
    bus.sniffer.ours.clear()
    bus.run(DROPPED_SECONDS + 5)
    assert bus.sniffer.ours == []
    assert bus.leader.led == ()


async def test_it_announces_itself_again_when_its_controller_has_given_it_up() -> None:
    bus = OverheardBus()
    bus.leader.appear()
    await bus.join()
    bus.run(60)
    bus.leader.leave()
    bus.run(60)
    bus.leader.appear()
    bus.run(60)
    assert len(bus.leader.led) == 1
    assert bus.connector().presence is Presence.LINKED


async def test_a_controller_of_another_rating_makes_it_silent_for_good() -> None:
    """A real one shows six blinks then (protocol.md 1.11, 2.2)."""
    bus = OverheardBus()
    bus.leader.appear()
    await bus.join(rated_amps=80.0)
    bus.run(60)
    assert bus.snapshot.join_refused
    bus.sniffer.ours.clear()
    bus.run(600)
    assert bus.sniffer.ours == []
    # It listens on.
    assert bus.connector().volts == (242, 0, 0)


async def test_a_closed_port_says_nothing_and_an_opened_one_listens_first() -> None:
    joiner = joined()
    assert joiner.next_wakeup() is not None
    joiner.disconnected(START + 40)
    assert (joiner.next_wakeup(), joiner.poll(START + 41)) == (None, None)
    joiner.connected(START + 42)
    assert joiner.poll(START + 43) is None


# Its address


async def test_its_address_is_nobody_elses() -> None:
    taken = [TwcId(0x2000 + number) for number in range(6)]
    joiner = Joiner(OURS, rated_amps=32.0, chance=aiming_at(taken[0]))
    joiner.connected(START)
    for twcid in taken[:-1]:
        joiner.receive(heartbeat(twcid), START + 1)
    joiner.receive(Query(code=Code.GET_METER, sender=PROGRAM, receiver=taken[5], version=P2), START + 2)
    said = joiner.poll(START + 13)
    assert isinstance(said, ConnectorLinkReady)
    assert said.sender == TwcId(0x2006)


@pytest.mark.parametrize("address", [0xC012, 0x12DB, 0xFFFE])
def test_its_address_needs_no_escaping(address: int) -> None:
    joiner = Joiner(OURS, rated_amps=32.0, chance=aiming_at(TwcId(address)))
    joiner.connected(START)
    said = joiner.poll(START + 13)
    assert isinstance(said, ConnectorLinkReady)
    assert not {0xC0, 0xDB} & set(said.sender.to_bytes(2, "big"))
    assert 0x0100 <= said.sender <= 0xFFFE


def test_an_address_at_the_end_of_the_range_is_followed_by_the_first() -> None:
    joiner = Joiner(OURS, rated_amps=32.0, chance=aiming_at(TwcId(0xFFFD)))
    joiner.connected(START)
    joiner.receive(heartbeat(TwcId(0xFFFD)), START)
    joiner.receive(heartbeat(TwcId(0xFFFE)), START)
    said = joiner.poll(START + 13)
    assert isinstance(said, ConnectorLinkReady)
    assert said.sender == TwcId(0x0100)


@pytest.mark.parametrize(
    "word",
    [
        lambda twcid: ConnectorLinkReady(sender=twcid, sign=0xEE, max_amps=32.0, version=P2),
        heartbeat,
        lambda twcid: Meter(sender=twcid, energy_kwh=1, volts=(230, 0, 0), phase_amps=(0.0, 0.0, 0.0)),
    ],
    ids=["announcement", "answer", "figures"],
)
def test_whoever_else_uses_its_address_makes_it_silent_and_it_takes_another(word) -> None:
    joiner = joined()
    mine = announced(joiner)
    joiner.receive(word(mine), START + 30)
    assert joiner.counts["id_clash"] == 1
    joiner.receive(beat(mine), START + 31)
    assert all(joiner.poll(START + 30 + tenth / 10) is None for tenth in range(119))
    said = joiner.poll(START + 43)
    assert isinstance(said, ConnectorLinkReady)
    assert said.sender != mine


async def test_two_programs_that_join_never_answer_to_the_same_address() -> None:
    """Both choose the same address at first."""
    bus = OverheardBus()
    bus.leader.appear()
    await bus.join(name="first", chance=beginning_with(0.5, iter_chance(5)))
    bus.run(0.3)
    await bus.join(name="second", chance=beginning_with(0.5, iter_chance(6)))
    bus.run(600)
    answers = {who: bus.sniffer.of(ConnectorHeartbeat, who) for who in ("first", "second")}
    recent = {
        who: {said.sender for start, _, said in heard if start > 1300} for who, heard in answers.items()
    }
    assert recent["first"].isdisjoint(recent["second"])
    # One of them makes the controller tell its figures; the other need not join.
    assert sorted(map(len, recent.values())) == [0, 1]
    assert len(bus.leader.led) == 1


async def test_a_wall_connector_that_comes_later_with_its_address_has_it_to_itself() -> None:
    bus = OverheardBus()
    bus.leader.appear()
    await bus.join(chance=aiming_at(GARAGE))
    bus.run(60)
    assert GARAGE in bus.leader.led
    # Many would take another address as soon as they hear it used (protocol.md 1.10).
    later = bus.hang(replace(UNIT, habits=Habits(repicks_twcid=False)))
    bus.run(120)
    assert later.connector.linked
    bus.sniffer.all.clear()
    bus.run(120)
    assert GARAGE not in {said.sender for _, _, said in bus.sniffer.of(ConnectorHeartbeat)}


def test_a_heartbeat_to_an_address_that_it_never_told_is_somebody_elses() -> None:
    joiner = Joiner(OURS, rated_amps=32.0, chance=aiming_at(GARAGE))
    joiner.connected(START)
    joiner.line_active(START + 12.9)
    assert joiner.poll(START + 13) is None, "the line has to be free first"
    joiner.receive(beat(GARAGE), START + 13.05)
    assert joiner.counts["unasked"] == 1
    assert joiner.poll(START + 13.3) is None
    said = joiner.poll(START + 26)
    assert isinstance(said, ConnectorLinkReady)
    assert said.sender != GARAGE


# Echoes


@pytest.mark.parametrize("delay", [0.0, 0.4])
async def test_an_adapter_that_returns_what_it_sends_is_no_second_program(delay: float) -> None:
    bus = OverheardBus(faults=Faults(echo=True, delay_seconds=delay / 2))
    bus.leader.appear()
    await bus.join()
    bus.run(120)
    assert bus.snapshot.counts.get("id_clash", 0) == 0
    assert len({said.sender for _, _, said in bus.sniffer.of(ConnectorHeartbeat)}) == 1


def test_an_answer_like_its_own_is_no_echo_where_the_adapter_returns_nothing() -> None:
    joiner = joined()
    mine = announced(joiner)
    joiner.receive(beat(mine), START + 20)
    answer = joiner.poll(START + 20.21)
    assert isinstance(answer, ConnectorHeartbeat)
    joiner.receive(answer, START + 20.25)
    assert joiner.counts["id_clash"] == 1


def test_one_answer_comes_back_once_and_the_second_is_another_programs() -> None:
    joiner = joined(echo=True)
    mine = announced(joiner)
    joiner.receive(beat(mine), START + 20)
    answer = joiner.poll(START + 20.21)
    assert answer is not None
    joiner.receive(answer, START + 20.25)
    assert joiner.counts["id_clash"] == 0
    joiner.receive(answer, START + 20.27)
    assert joiner.counts["id_clash"] == 1


# The line


def test_it_does_not_talk_over_whoever_speaks_in_the_time_for_its_answer() -> None:
    joiner = joined()
    mine = announced(joiner)
    joiner.receive(beat(mine), START + 20)
    joiner.receive(heartbeat(GARAGE), START + 20.1)
    assert joiner.poll(START + 20.21) is None
    joiner.receive(beat(mine), START + 21)
    joiner.rejected(RejectedFrame(b"", (Rejection(Damage.CHECKSUM, "sum"),)), START + 21.1)
    assert joiner.poll(START + 21.21) is None
    joiner.receive(beat(mine), START + 22)
    assert joiner.poll(START + 22.21) is not None


def test_an_answer_that_is_too_late_is_not_given() -> None:
    joiner = joined()
    joiner.receive(beat(announced(joiner)), START + 20)
    assert joiner.poll(START + 20.5) is None
    assert joiner.counts["late"] == 1


def test_a_question_to_it_is_not_answered() -> None:
    joiner = joined()
    mine = announced(joiner)
    joiner.receive(Query(code=Code.GET_METER, sender=PROGRAM, receiver=mine, version=P2), START + 20)
    said = [joiner.poll(START + 20 + tenth / 10) for tenth in range(10)]
    assert {type(one) for one in said} <= {type(None), ConnectorLinkReady}


def test_it_speaks_in_the_size_of_its_controller() -> None:
    for version in (P1, P2):
        joiner = Joiner(OURS, rated_amps=32.0, chance=iter_chance(3))
        joiner.connected(START)
        word = ControllerLinkReady1(sender=LEADER, sign=1, max_amps=0.0, version=version)
        joiner.receive(word, START)
        said = joiner.poll(START + 13)
        assert isinstance(said, ConnectorLinkReady)
        assert said.version is version


def test_what_it_knows_is_kept_and_forgotten_like_what_a_listener_knows() -> None:
    known = RememberedConnector(twcid=GARAGE, version=P2, rated_amps=32.0, sign=1, energy_kwh=5.5)
    joiner = Joiner(OURS, [known], rated_amps=32.0, chance=iter_chance(3))
    joiner.connected(START)
    assert joiner.remembered() == (known,)
    joiner.forget(GARAGE)
    assert joiner.remembered() == ()
    other = type(OURS)(circuit_limit_amps=20)
    joiner.change(other, START)
    assert joiner.settings is other


# The whitelist


def test_the_whitelist_lets_an_idle_wall_connector_through_and_nothing_that_draws_or_orders() -> None:
    check_idle_connector(ConnectorLinkReady(sender=GARAGE, sign=1, max_amps=32.0, version=P2))
    check_idle_connector(heartbeat(GARAGE))
    for wrong in (
        ConnectorLinkReady(sender=GARAGE, sign=1, max_amps=0.0, version=P2),
        heartbeat(GARAGE, state=ConnectorState.CHARGING),
        heartbeat(GARAGE, offered=6.0),
        heartbeat(GARAGE, drawn=0.2),
        beat(GARAGE),
    ):
        with pytest.raises(ForbiddenMessage):
            check_idle_connector(wrong)
        with pytest.raises(ForbiddenMessage):
            check_silence(wrong)


@effort(200)
@given(messages)
def test_of_all_messages_only_those_two_pass(message: Message) -> None:
    try:
        check_idle_connector(message)
    except ForbiddenMessage:
        return
    assert message.code in ALLOWED
    if isinstance(message, ConnectorHeartbeat):
        assert (message.state, message.offered_amps, message.drawn_amps) == (ConnectorState.READY, 0.0, 0.0)


async def test_the_port_lets_nothing_else_out_even_if_one_that_joined_wanted_to_say_it(monkeypatch) -> None:
    adapter = Adapter()
    joiner = Joiner(OURS, rated_amps=32.0, chance=iter_chance(3))
    words = iter(
        [
            beat(GARAGE),
            heartbeat(GARAGE, drawn=16.0),
            Query(code=Code.GET_METER, sender=PROGRAM, receiver=GARAGE, version=P2),
        ]
    )
    monkeypatch.setattr(joiner, "poll", lambda _now: next(words, None))
    await Link(joiner, adapter, adapter.clock, lambda: None).connect()
    await adapter.clock.advance_async(30)
    assert next(words, None) is None
    assert adapter.ports[0].written == []


happenings = st.one_of(
    st.tuples(st.just("hear"), messages),
    st.tuples(st.just("beat"), st.sampled_from(Operation)),
    st.tuples(st.just("beat"), st.sampled_from(Operation)),
    st.tuples(st.just("echo"), st.just(None)),
    st.tuples(st.just("wait"), st.floats(0, 30)),
    st.tuples(st.just("wait"), st.floats(0, 0.3)),
    st.tuples(st.just("damage"), st.sampled_from(Damage)),
    st.tuples(st.just("port"), st.floats(0, 100)),
)


@effort(80)
@given(st.lists(happenings, max_size=40), st.integers(0, 1000))
def test_whatever_is_heard_only_an_idle_wall_connector_is_played(story, seed: int) -> None:
    joiner, now = Joiner(OURS, rated_amps=32.0, chance=iter_chance(seed)), START
    joiner.connected(now)
    last: Message | None = None
    silent_until = now + OURS.cold_listening_seconds
    for kind, value in [("wait", 13.0), *story]:
        match kind:
            case "hear":
                joiner.line_active(now)
                joiner.receive(value, now)
            case "beat" if isinstance(last, ConnectorLinkReady | ConnectorHeartbeat):
                joiner.receive(beat(last.sender, operation=value), now)
                now += 0.2
            case "echo" if last is not None:
                joiner.receive(last, now)
            case "wait":
                now += value
            case "damage":
                joiner.rejected(RejectedFrame(b"", (Rejection(value, "damage"),)), now)
            case "port":
                joiner.disconnected(now)
                assert joiner.poll(now) is None
                now += value
                joiner.connected(now)
                silent_until = now + OURS.cold_listening_seconds
        said = joiner.poll(now)
        if said is not None:
            assert now >= silent_until
            check_idle_connector(said)
            assert encode(said)
            assert said.sender not in joiner.snapshot(now).connectors
            last = said
        wakeup = joiner.next_wakeup()
        assert wakeup is not None


async def test_where_the_controller_has_somebody_to_lead_nobody_has_to_join() -> None:
    bus = OverheardBus(UNIT)
    bus.leader.appear()
    await bus.join()
    bus.run(120)
    assert bus.sniffer.ours == []
    assert bus.snapshot.stays_away is AwayReason.LED
    assert bus.connector().firmware == "4.5.3.2"
    # It is needed once the other one has gone.
    bus.stations[0].remove()
    bus.run(60)
    assert bus.sniffer.codes() == ALLOWED
    assert bus.snapshot.stays_away is None


async def test_a_program_that_leads_others_needs_nobody_to_join() -> None:
    bus = OverheardBus(UNIT)
    program = Driver(bus.line, bus.clock, Role.FOREIGN)
    await bus.join()
    for _ in range(40):
        program.beat(bus.stations[0], Operation.SET_LIMIT, 16.0)
    assert bus.snapshot.leader == PROGRAM
    assert bus.snapshot.stays_away is AwayReason.LED
    assert bus.sniffer.ours == []


async def test_it_leaves_a_bus_on_which_it_would_be_the_fourth() -> None:
    bus = OverheardBus()
    bus.leader.appear()
    await bus.join()
    bus.run(60)
    mine = bus.leader.led
    assert len(mine) == 1
    assert bus.snapshot.stays_away is None
    for number in range(3):
        bus.hang(replace(UNIT, serial_number=f"A18G000{1000 + 37 * number}"))
        bus.run(40)
    bus.run(60)
    assert bus.snapshot.counts["crowded_out"] == 1
    assert mine[0] not in bus.leader.led
    assert bus.snapshot.stays_away is AwayReason.CROWDED
    bus.sniffer.ours.clear()
    bus.run(300)
    assert bus.sniffer.ours == []
