"""Listening to a bus that somebody else leads: nothing is ever sent, and everything that is told is known."""

import inspect
import typing

from hypothesis import given, strategies as st
import pytest
from tests.efforts import effort
from twc.bus.connector.overheard import NO_COUNTER_SECONDS, PLUG_UNKNOWN_SECONDS, OverheardConnector
from twc.bus.line.leader import Leaders
from twc.bus.listener import Listener
from twc.bus.port.link import Link
from twc.bus.settings import BusSettings, ConnectorSettings, RememberedConnector
from twc.bus.snapshot import BusPhase, BusRole, LineHealth, Presence, Problem
from twc.protocol.codes import Code, ConnectorState, Damage, Operation, PlugState, ProtocolVersion, TwcId
from twc.protocol.framing import BYTE_SECONDS, FrameDecoder, RejectedFrame, Rejection, wrap
from twc.protocol.messages import (
    ConnectorHeartbeat,
    ConnectorLinkReady,
    ContactorReply,
    ControllerHeartbeat,
    ControllerIdle,
    Firmware,
    Meter,
    PlugStateReply,
    Query,
    SerialNumber,
    UnaddressedFirmware,
    UnaddressedModel,
    UnaddressedSerialNumber,
    VinPart,
)
from twc.simulator.car import Car
from twc.simulator.car_models import TESLA, ZOE
from twc.simulator.line import Role
from twc.simulator.line_faults import noisy
from twc.simulator.unit import Habits, Unit, old_unit

from bus_peers import of_length
from captures import CAPTURES
from driver import Driver
from fake_adapter import Adapter
from message_strategies import messages
from overheard_bus import ALONE, LEADER, OURS, OverheardBus

GARAGE = TwcId(0x4580)
UNIT = Unit(serial_number="A18G0004580", energy_kwh=900.4)
PROGRAM = TwcId(0x7777)
P1, P2 = ProtocolVersion.P1, ProtocolVersion.P2
START = 1000.0


# Nothing is sent


async def test_not_a_byte_leaves_whatever_happens_on_the_line() -> None:
    bus = await OverheardBus(UNIT, old_unit()).listen()
    bus.stations[0].plug(Car(TESLA))
    bus.run(60)
    bus.leader.appear()
    bus.leader.plug(Car(ZOE))
    bus.run(600)
    bus.leader.leave()
    bus.run(120)
    assert bus.sniffer.ours == []
    assert len(bus.sniffer.all) > 500
    assert bus.snapshot.counts.get("sent", 0) == 0


def test_there_is_no_message_that_a_listener_could_return() -> None:
    assert typing.get_type_hints(Listener.poll)["return"] is type(None)
    # It has no sender of any kind beside it: the room where messages are made is not even imported.
    source = inspect.getsource(inspect.getmodule(Listener))
    assert "encoding" not in source
    assert "write" not in source


async def test_the_port_lets_nothing_out_even_if_a_listener_had_something_to_say(monkeypatch) -> None:
    """The two guards do not know each other: this one is the port's."""
    adapter = Adapter()
    listener = Listener(OURS)
    words = iter(
        [
            ControllerHeartbeat(sender=PROGRAM, receiver=GARAGE, version=P2),
            ConnectorLinkReady(sender=GARAGE, sign=1, max_amps=32.0, version=P2),
        ]
    )
    monkeypatch.setattr(listener, "poll", lambda _now: next(words, None))
    await Link(listener, adapter, adapter.clock, lambda: None).connect()
    await adapter.clock.advance_async(30)
    assert next(words, None) is None
    assert adapter.ports[0].written == []


happenings = st.one_of(
    st.tuples(st.just("hear"), messages),
    st.tuples(st.just("bytes"), st.binary(max_size=40)),
    st.tuples(st.just("wait"), st.floats(0, 90)),
    st.tuples(st.just("damage"), st.sampled_from(Damage)),
    st.tuples(st.just("forget"), st.just(GARAGE)),
    st.tuples(st.just("port"), st.floats(0, 100)),
)


@effort(80)
@given(st.lists(happenings, max_size=25))
def test_whatever_is_heard_nothing_is_said_and_what_is_known_can_be_shown_and_kept(story) -> None:
    listener, now = Listener(OURS), START
    listener.connected(now)
    for kind, value in story:
        match kind:
            case "hear":
                listener.line_active(now)
                listener.receive(value, now)
            case "bytes":
                listener.rejected(RejectedFrame(value, (Rejection(Damage.CHECKSUM, "sum"),)), now)
            case "wait":
                now += value
            case "damage":
                listener.rejected(RejectedFrame(b"", (Rejection(value, "damage"),)), now)
            case "forget":
                listener.forget(value)
            case "port":
                listener.disconnected(now)
                assert listener.next_wakeup() is None
                now += value
                listener.connected(now)
        assert listener.poll(now) is None
        wakeup = listener.next_wakeup()
        assert wakeup is not None
        assert wakeup > now
        bus = listener.snapshot(now)
        assert bus.role is BusRole.LISTEN
        assert bus.phase is BusPhase.LISTENING
        assert len(bus.connectors) <= 24
        assert all(one.counted_amps == 0 and one.commanded_amps is None for one in bus.connectors.values())
        listener.remembered()
    assert "sent" not in listener.counts


# A controller that is a wall connector itself


async def test_a_lone_controller_shows_its_volts_its_counter_and_its_current() -> None:
    bus = await OverheardBus().listen(settings=ALONE)
    bus.leader.appear()
    bus.run(20)
    leader = bus.connector()
    assert bus.snapshot.leader == LEADER
    assert leader.leads
    assert leader.presence is Presence.LINKED
    assert (leader.volts, leader.phase_amps) == ((242, 0, 0), (0.0, 0.0, 0.0))
    assert leader.energy_kwh == 11
    assert (leader.drawn_amps, leader.charging, leader.power_watts) == (0.0, False, 0.0)
    # Alone it says nothing of all this.
    assert (leader.plugged_in, leader.state, leader.offered_amps) == (None, None, None)
    assert (leader.rated_amps, leader.serial_number, leader.vin, leader.answered_share) == (None,) * 4


async def test_a_charge_at_a_lone_controller_is_seen_and_its_energy_counted() -> None:
    bus = await OverheardBus().listen(settings=ALONE)
    bus.leader.appear()
    bus.run(30)
    bus.leader.plug(Car(ZOE))
    bus.run(3600)
    leader = bus.connector()
    assert leader.charging
    assert leader.plugged_in
    assert leader.drawn_amps == pytest.approx(11.5)
    assert leader.power_watts == pytest.approx(11.5 * 242)
    flowed = bus.leader.session.outlet.energy_kwh - 11
    assert flowed > 2.5
    assert leader.energy_kwh - 11 == pytest.approx(flowed, abs=0.3)


async def test_whether_a_lone_controller_has_a_car_is_unknown_some_time_after_its_current_has_ended() -> None:
    """Alone it tells nothing of its plug: what was known by the current must not stand for ever."""
    bus = await OverheardBus().listen(settings=ALONE)
    bus.leader.appear()
    bus.leader.plug(Car(ZOE))
    bus.run(120)
    bus.leader.unplug()
    bus.run(PLUG_UNKNOWN_SECONDS - 10)
    assert bus.connector().plugged_in is True
    bus.run(30)
    assert (bus.connector().plugged_in, bus.connector().plugged_in_since) == (None, None)
    bus.leader.plug(Car(ZOE))
    bus.run(120)
    assert bus.connector().plugged_in is True


async def test_its_car_stays_plugged_in_until_its_heartbeats_say_that_it_left() -> None:
    bus = await OverheardBus(UNIT).listen()
    bus.leader.appear()
    bus.run(60)
    assert bus.connector().plugged_in is False
    bus.leader.plug(Car(TESLA))
    bus.run(90)
    leader = bus.connector()
    assert (leader.plugged_in, leader.charging) == (True, True)
    assert leader.vin == TESLA.vin
    bus.leader.unplug()
    bus.run(30)
    leader = bus.connector()
    assert (leader.plugged_in, leader.charging, leader.vin) == (False, False, None)


async def test_a_controller_with_somebody_to_lead_tells_who_it_is() -> None:
    bus = await OverheardBus(UNIT).listen()
    bus.leader.appear()
    bus.run(60)
    leader = bus.connector()
    assert leader.serial_number == "A18G0017973"
    assert leader.firmware == "4.5.3.2"


def test_a_flag_that_contradicts_a_current_is_not_believed() -> None:
    listener = Listener(OURS)
    listener.connected(START)
    for _ in range(2):
        listener.receive(meter(LEADER, 11, (6.0, 0.0, 0.0)), START)
    listener.receive(ControllerHeartbeat(sender=LEADER, receiver=GARAGE, version=P2), START)
    assert listener.snapshot(START).connectors[LEADER].plugged_in is True


def test_a_controller_of_the_first_protocol_tells_only_that_it_has_a_car() -> None:
    listener = Listener(OURS)
    listener.connected(START)
    beat = ControllerHeartbeat(sender=LEADER, receiver=GARAGE, plugged_in=True, version=P1)
    for second in range(4):
        listener.receive(beat, START + second)
    leader = listener.snapshot(START + 4).connectors[LEADER]
    assert (leader.leads, leader.plugged_in, leader.version) == (True, True, P1)
    assert (leader.drawn_amps, leader.energy_kwh, leader.power_watts) == (None, None, None)


# Those that a controller leads


async def test_everything_that_a_led_wall_connector_answers_is_known() -> None:
    bus = await OverheardBus(UNIT).listen()
    bus.stations[0].plug(Car(TESLA))
    bus.leader.appear()
    bus.run(120)
    led = bus.connector(GARAGE)
    assert led.presence is Presence.LINKED
    assert not led.leads
    assert led.state is ConnectorState.CHARGING
    assert (led.offered_amps, led.commanded_amps) == (12.0, None)
    assert led.drawn_amps == pytest.approx(11.2, abs=0.2)
    assert (led.charging, led.plugged_in) == (True, True)
    assert led.volts == (230, 230, 230)
    assert (led.serial_number, led.firmware, led.vin) == ("A18G0004580", "4.5.10.2", TESLA.vin)
    assert led.rated_amps == 32.0
    assert led.answered_share == 1.0
    assert led.energy_kwh == pytest.approx(900.3, abs=0.4)


async def test_the_energy_of_a_charge_is_that_of_the_counter() -> None:
    bus = await OverheardBus(UNIT).listen()
    bus.stations[0].plug(Car(TESLA))
    bus.leader.appear()
    bus.run(3600)
    true = bus.stations[0].connector.true_kwh
    assert true - 900.4 > 7
    assert bus.connector(GARAGE).energy_kwh == pytest.approx(true, abs=1.0)


async def test_one_that_was_led_before_we_listened_is_known_without_its_announcement() -> None:
    bus = OverheardBus(UNIT)
    bus.leader.appear()
    bus.run(60)
    await bus.listen()
    bus.run(20)
    led = bus.connector(GARAGE)
    assert (led.presence, led.rated_amps, led.maximum_amps) == (Presence.LINKED, None, 80)


async def test_a_car_that_comes_and_goes_is_noticed() -> None:
    bus = await OverheardBus(UNIT).listen()
    bus.leader.appear()
    bus.run(30)
    assert bus.connector(GARAGE).plugged_in is False
    bus.stations[0].plug(Car(TESLA))
    bus.run(60)
    assert bus.connector(GARAGE).plugged_in is True
    assert bus.connector(GARAGE).plugged_in_since == pytest.approx(1031, abs=3)
    bus.stations[0].unplug()
    bus.run(50)
    assert (bus.connector(GARAGE).plugged_in, bus.connector(GARAGE).vin) == (False, None)


async def test_a_car_that_tells_its_vin_is_there_though_its_wall_connector_says_ready() -> None:
    """State 00 is no proof that a car has left (protocol.md 2.4)."""
    bus = await OverheardBus(UNIT).listen()
    bus.leader.appear()
    bus.stations[0].plug(Car(TESLA, charge=0.9999))
    bus.run(1200)
    led = bus.connector(GARAGE)
    assert led.state is ConnectorState.READY
    assert (led.plugged_in, led.vin) == (True, TESLA.vin)


async def test_a_wall_connector_of_the_first_protocol_is_integrated_from_zero() -> None:
    bus = await OverheardBus(old_unit()).listen()
    bus.stations[0].plug(Car(ZOE))
    bus.leader.appear()
    bus.run(3600)
    led = bus.connector(TwcId(0x1234))
    assert led.version is P1
    assert led.energy_kwh == pytest.approx(led.power_watts * 3560 / 3_600_000, rel=0.02)


def test_where_nobody_asks_for_the_counter_energy_is_integrated_alone() -> None:
    listener = Listener(BusSettings(circuit_limit_amps=80, connectors={GARAGE: ConnectorSettings(phases=1)}))
    listener.connected(START)
    now = START
    for _ in range(int(NO_COUNTER_SECONDS) + 3602):
        listener.receive(heartbeat(drawn=10.0), now)
        if now - START < NO_COUNTER_SECONDS:
            assert listener.snapshot(now).connectors.get(GARAGE) is None or kwh(listener, now) is None
        now += 1.0
    flowed = 2.3 * (NO_COUNTER_SECONDS + 3600) / 3600
    assert kwh(listener, now) == pytest.approx(flowed, rel=0.01), "also what flowed before that was known"


def test_energy_goes_on_where_an_earlier_run_stopped() -> None:
    known = RememberedConnector(
        twcid=GARAGE,
        version=P2,
        rated_amps=None,
        sign=0,
        contactor_open=True,
        energy_kwh=123.456,
        serial_number="A18G0004580",
    )
    listener = Listener(OURS, [known])
    assert listener.remembered() == (known,)
    listener.connected(START)
    led = listener.snapshot(START).connectors[GARAGE]
    assert (led.presence, led.energy_kwh, led.serial_number) == (Presence.REMEMBERED, 123.456, "A18G0004580")
    assert led.last_heard is None
    listener.disconnected(START + 1)
    listener.connected(START + 2)
    assert listener.remembered()[0].energy_kwh == 123.456


async def test_what_is_kept_can_be_read_again() -> None:
    bus = await OverheardBus(UNIT).listen()
    bus.leader.appear()
    bus.run(60)
    kept = {known.twcid: known for known in bus.conversation.remembered()}
    assert kept.keys() == {GARAGE, LEADER}
    assert (kept[LEADER].rated_amps, kept[GARAGE].rated_amps) == (None, 32.0)
    assert kept[LEADER].energy_kwh == 11.0


# Answers to others


@pytest.mark.parametrize(
    ("reply", "name", "value"),
    [
        (UnaddressedSerialNumber(serial_number="A16K0001234"), "serial_number", "A16K0001234"),
        (UnaddressedModel(model="EVW2T32HL"), "model", "EVW2T32HL"),
        (UnaddressedFirmware(firmware="4.4.13"), "firmware", "4.4.13"),
    ],
)
def test_an_answer_without_an_address_is_of_whoever_was_asked(reply, name, value) -> None:
    listener = led()
    listener.receive(reply, START)
    assert getattr(listener.snapshot(START).connectors[GARAGE], name) is None
    assert listener.counts["unasked"] == 1
    ask = Query(code=Code.GET_UNADDRESSED_MODEL, sender=PROGRAM, receiver=GARAGE, version=P2)
    listener.receive(ask, START)
    listener.receive(reply, START + 0.2)
    assert getattr(listener.snapshot(START).connectors[GARAGE], name) == value
    listener.receive(ask, START + 10)
    listener.receive(reply, START + 20)
    assert listener.counts["unasked"] == 2


def test_the_plug_is_known_where_the_controller_asks_for_it() -> None:
    listener = led(state=ConnectorState.READY)
    ask(listener, Code.GET_PLUG_STATE, PlugStateReply(sender=GARAGE, plug_state=PlugState.NOT_CHARGING))
    assert listener.snapshot(START).connectors[GARAGE].plugged_in is True
    listener.receive(heartbeat(state=ConnectorState.READY), START + 1)
    assert listener.snapshot(START + 1).connectors[GARAGE].plugged_in is True
    ask(listener, Code.GET_PLUG_STATE, PlugStateReply(sender=GARAGE, plug_state=PlugState.UNPLUGGED))
    shown = listener.snapshot(START).connectors[GARAGE]
    assert (shown.plugged_in, shown.plug_state) == (False, PlugState.UNPLUGGED)


def test_the_answer_to_a_contactor_order_changes_nothing_that_is_shown() -> None:
    listener = led()
    before = listener.snapshot(START).connectors[GARAGE]
    ask(listener, Code.GET_METER, ContactorReply(sender=GARAGE, closed=False))
    assert listener.snapshot(START).connectors[GARAGE] == before


def test_figures_of_a_led_wall_connector_whose_question_was_lost_do_not_make_it_a_controller() -> None:
    listener = led()
    for _ in range(4):
        listener.receive(meter(GARAGE, 900, (0.0, 0.0, 0.0)), START)
    bus = listener.snapshot(START)
    assert (bus.leader, bus.connectors[GARAGE].leads) == (PROGRAM, False)
    assert bus.connectors[GARAGE].volts == (230, 0, 0)


def test_a_question_that_names_nobody_leads_nobody() -> None:
    listener = led()
    nobody = Query(code=Code.GET_UNADDRESSED_MODEL, sender=TwcId(0), receiver=TwcId(0), version=P2)
    listener.receive(nobody, START)
    assert listener.counts["unaddressed"] == 1
    assert listener.snapshot(START).leader == PROGRAM


def test_an_announcement_of_a_controller_leads_nobody() -> None:
    listener = Listener(OURS)
    listener.connected(START)
    for _ in range(5):
        listener.receive(ControllerIdle(sender=PROGRAM), START)
    assert listener.snapshot(START).leader is None
    assert listener.counts["announced"] == 5


# Who leads


async def test_wall_connectors_without_a_controller_are_shown_as_announced() -> None:
    bus = await OverheardBus(UNIT).listen()
    bus.run(30)
    led_by_nobody = bus.connector(GARAGE)
    assert bus.snapshot.leader is None
    assert (led_by_nobody.presence, led_by_nobody.rated_amps) == (Presence.ANNOUNCED, 32.0)
    assert led_by_nobody.last_heard is None
    assert bus.conversation.remembered() == ()


async def test_one_that_lost_its_controller_is_announced_again_and_then_led_again() -> None:
    bus = await OverheardBus(UNIT).listen()
    bus.leader.appear()
    bus.run(60)
    bus.leader.leave()
    bus.run(50)
    assert bus.connector(GARAGE).presence is Presence.ANNOUNCED
    assert bus.connector(LEADER).presence is Presence.LOST
    assert bus.connector(LEADER).problem is Problem.LOST
    bus.run(30)
    assert bus.snapshot.leader is None
    bus.leader.appear()
    bus.run(30)
    assert bus.connector(GARAGE).presence is Presence.LINKED
    assert bus.snapshot.leader == LEADER


async def test_one_that_is_silent_is_stale_and_then_lost() -> None:
    bus = await OverheardBus(UNIT).listen()
    bus.leader.appear()
    bus.run(60)
    bus.stations[0].remove()
    bus.run(12)
    assert bus.connector(GARAGE).presence is Presence.STALE
    bus.run(20)
    shown = bus.connector(GARAGE)
    assert (shown.presence, shown.problem) == (Presence.LOST, Problem.LOST)
    bus.run(60)
    # What it said last is nothing to go by any more.
    assert (bus.connector(GARAGE).state, bus.connector(GARAGE).drawn_amps) == (None, None)


def test_an_error_is_a_problem_while_it_is_reported() -> None:
    listener = led(state=ConnectorState.ERROR)
    assert listener.snapshot(START).connectors[GARAGE].problem is Problem.ERROR_STATE


def test_of_two_controllers_the_first_leads_and_the_second_is_named() -> None:
    listener = Listener(OURS)
    listener.connected(START)
    other = TwcId(0xF00D)
    for second in range(5):
        for sender in (PROGRAM, other):
            listener.receive(ControllerHeartbeat(sender=sender, receiver=GARAGE, version=P2), START + second)
    bus = listener.snapshot(START + 5)
    assert (bus.leader, bus.foreign_controller) == (PROGRAM, other)
    for second in range(5, 120):
        listener.receive(ControllerHeartbeat(sender=other, receiver=GARAGE, version=P2), START + second)
    bus = listener.snapshot(START + 120)
    assert (bus.leader, bus.foreign_controller) == (other, None)


async def test_a_program_leads_and_is_no_wall_connector() -> None:
    bus = OverheardBus(UNIT)
    program = Driver(bus.line, bus.clock, Role.FOREIGN)
    await bus.listen()
    for _ in range(30):
        program.beat(bus.stations[0], Operation.SET_LIMIT, 16.0)
    assert bus.snapshot.leader == PROGRAM
    assert bus.snapshot.connectors.keys() == {GARAGE}
    assert bus.sniffer.ours == []


def test_a_controller_that_sends_odd_lengths_is_understood() -> None:
    """13 and 15 bytes obey no rule, and wall connectors obey them (protocol.md 1.6)."""
    bodies = [of_length(bytes.fromhex("FBE07777458009064000000000000000"), length) for length in (13, 15)]
    listener = Listener(OURS)
    listener.connected(START)
    for body in bodies * 2:
        decoder = FrameDecoder()
        for found in decoder.feed(wrap(body)):
            assert isinstance(found, RejectedFrame)
            listener.rejected(found, START)
    assert listener.snapshot(START).leader == PROGRAM


def test_an_odd_frame_that_says_nothing_is_damage() -> None:
    listener = Listener(OURS)
    listener.connected(START)
    body = of_length(bytes.fromhex("FBE07777458001064000000000000000"), 13)
    (found,) = FrameDecoder().feed(wrap(body))
    listener.rejected(found, START)
    assert listener.snapshot(START).leader is None


# Damage and invention


@pytest.mark.parametrize(
    "nonsense",
    [
        ConnectorHeartbeat(
            sender=GARAGE,
            receiver=TwcId(0),
            state=ConnectorState.READY,
            offered_amps=0.0,
            drawn_amps=0.0,
            version=P2,
        ),
        ConnectorHeartbeat(
            sender=GARAGE,
            receiver=GARAGE,
            state=ConnectorState.READY,
            offered_amps=0.0,
            drawn_amps=0.0,
            version=P2,
        ),
        ConnectorHeartbeat(
            sender=GARAGE,
            receiver=PROGRAM,
            state=ConnectorState.READY,
            offered_amps=300.0,
            drawn_amps=0.0,
            version=P2,
        ),
        ConnectorLinkReady(sender=GARAGE, sign=1, max_amps=3.3, version=P2),
        ConnectorLinkReady(sender=TwcId(0), sign=1, max_amps=32.0, version=P2),
    ],
)
def test_what_cannot_be_true_is_counted_and_nothing_else(nonsense) -> None:
    listener = Listener(OURS)
    listener.connected(START)
    listener.receive(nonsense, START)
    assert listener.counts["implausible"] == 1
    assert listener.snapshot(START).connectors == {}


def test_an_address_in_a_single_frame_is_no_wall_connector_and_is_forgotten() -> None:
    listener = Listener(OURS)
    listener.connected(START)
    listener.receive(heartbeat(), START)
    assert listener.snapshot(START).connectors == {}
    assert listener.snapshot(START + 61).connectors == {}
    listener.receive(heartbeat(), START + 62)
    assert listener.snapshot(START + 62).connectors == {}


def test_a_single_announcement_changes_no_rating() -> None:
    listener = Listener(OURS)
    listener.connected(START)
    for _ in range(2):
        listener.receive(ConnectorLinkReady(sender=GARAGE, sign=1, max_amps=32.0, version=P2), START)
    other = ConnectorLinkReady(sender=GARAGE, sign=1, max_amps=80.0, version=P1)
    listener.receive(other, START)
    assert listener.snapshot(START).connectors[GARAGE].rated_amps == 32.0
    listener.receive(other, START)
    shown = listener.snapshot(START).connectors[GARAGE]
    assert (shown.rated_amps, shown.version, shown.maximum_amps) == (80.0, P1, 80)


def test_a_device_that_invents_addresses_displaces_nobody() -> None:
    listener = led()
    for number in range(100):
        beat = heartbeat(sender=TwcId(0x2000 + number))
        listener.receive(beat, START + number * 0.01)
        listener.receive(meter(TwcId(0x3000 + number), 5, (0.0, 0.0, 0.0)), START + number * 0.01)
    for number in range(100):
        for _ in range(2):
            listener.receive(heartbeat(sender=TwcId(0x2000 + number)), START + 2)
        listener.receive(
            ControllerHeartbeat(sender=PROGRAM, receiver=TwcId(0x5000 + number), plugged_in=True, version=P2),
            START + 2,
        )
    bus = listener.snapshot(START + 3)
    assert GARAGE in bus.connectors
    assert len(bus.connectors) <= 24
    assert bus.leader == PROGRAM
    assert listener.counts["crowded"] > 0


def test_a_current_that_cannot_be_is_believed_only_when_told_twice() -> None:
    listener = led()
    listener.receive(heartbeat(drawn=200.0), START + 1)
    assert listener.snapshot(START + 1).connectors[GARAGE].drawn_amps == 0.0
    assert listener.counts["implausible"] == 1


async def test_a_noisy_line_is_listened_to_all_the_same() -> None:
    bus = await OverheardBus(UNIT, faults=noisy(0.05)).listen()
    bus.stations[0].plug(Car(TESLA))
    bus.leader.appear()
    bus.run(900)
    assert bus.sniffer.ours == []
    assert bus.connector(GARAGE).charging
    assert bus.snapshot.connectors.keys() == {GARAGE, LEADER}
    assert bus.snapshot.line is LineHealth.GOOD


async def test_a_line_without_a_sound_is_named() -> None:
    bus = await OverheardBus().listen()
    bus.run(300)
    assert bus.snapshot.line is LineHealth.SILENT


async def test_a_led_wall_connector_that_answers_badly_has_a_bad_share() -> None:
    mute = Unit(serial_number="A18G0004580", habits=Habits(nonsense_share=0.5))
    bus = await OverheardBus(mute).listen()
    bus.leader.appear()
    bus.run(300)
    assert 0.3 < bus.connector(GARAGE).answered_share < 0.8


def test_a_message_of_a_kind_that_nobody_knows_yet_changes_nothing() -> None:
    listener = led()
    before = listener.snapshot(START)
    listener.receive(object(), START)  # type: ignore[arg-type]
    assert listener.snapshot(START) == before
    connector = OverheardConnector(GARAGE, START)
    connector.hear_data(object(), START)  # type: ignore[arg-type]
    assert connector.facts.firmware is None


def test_announcements_that_are_invented_do_not_fill_the_memory() -> None:
    listener = led()
    for number in range(60):
        for _ in range(2):
            word = ConnectorLinkReady(sender=TwcId(0x2000 + number), sign=1, max_amps=32.0, version=P2)
            listener.receive(word, START)
    assert len(listener.snapshot(START).connectors) == 24
    assert listener.counts["crowded"] > 0
    listener.receive(meter(TwcId(0x5555), 5, (0.0, 0.0, 0.0)), START)
    assert TwcId(0x5555) not in listener.snapshot(START).connectors


def test_controllers_that_are_invented_take_no_place_for_long() -> None:
    leaders = Leaders()
    for number in range(20):
        leaders.heard(TwcId(0x2000 + number), START)
    assert not leaders.knows(TwcId(0x2013))
    leaders.heard(PROGRAM, START + 31)
    leaders.heard(PROGRAM, START + 32)
    assert leaders.leader == PROGRAM


def test_other_settings_hold_at_once() -> None:
    listener = led()
    listener.receive(heartbeat(drawn=10.0), START)
    assert listener.snapshot(START).connectors[GARAGE].power_watts == 6900
    one_phase = BusSettings(circuit_limit_amps=80, phases=1, nominal_volts=240)
    listener.change(one_phase, START)
    assert listener.settings is one_phase
    assert listener.snapshot(START).connectors[GARAGE].power_watts == 2400


# VINs


def test_another_car_at_a_led_wall_connector_is_read_anew() -> None:
    first, second = "5YJ3E7EB1KF123456", "5YJSA1E27HF000337"
    listener = led(state=ConnectorState.CHARGING)
    tell_vin(listener, first)
    assert vin(listener) == first
    tell_vin(listener, first)
    assert vin(listener) == first
    tell_vin(listener, second)
    assert vin(listener) == second


def test_a_vin_without_a_check_digit_has_to_be_told_twice_and_an_empty_part_begins_anew() -> None:
    listener = led(state=ConnectorState.CHARGING)
    tell_vin(listener, "XP7YGCEK0SB000001")
    assert vin(listener) is None
    tell_vin(listener, "XP7YGCEK0SB000001")
    assert vin(listener) == "XP7YGCEK0SB000001"
    ask(listener, Code.GET_VIN_START, VinPart(code=Code.VIN_START, sender=GARAGE, text=""))
    assert vin(listener) == "XP7YGCEK0SB000001"


# Real frames


@pytest.mark.parametrize("gaps", ["captured", "no gaps"])
async def test_the_captured_first_power_up_of_a_real_controller(gaps: str) -> None:
    """protocol.md 1.12: FCE1 six times, FBE2 three times, then its own figures every 1.9 to 2.0 s; sec. 4, 1 to 6."""
    bodies = {capture.id: capture.body for capture in CAPTURES if capture.is_frame}
    story = [(1, gap) for gap in (1.00, 0.90, 0.60, 0.70, 0.65, 1.30)]
    story += [(2, gap) for gap in (0.60, 0.30, 0.70)]
    story += [(number, 1.95) for number in (4, 5, 6, 4)]
    bus = await replay([(bodies[number], gap if gaps == "captured" else 0.0) for number, gap in story])
    leader = bus.connector()
    assert bus.sniffer.ours == []
    assert bus.snapshot.leader == LEADER
    assert (leader.leads, leader.volts, leader.energy_kwh) == (True, (242, 0, 0), 11)


@pytest.mark.parametrize("gaps", ["captured", "no gaps"])
async def test_the_captured_steady_state_of_a_real_controller_and_the_one_that_it_leads(gaps: str) -> None:
    """protocol.md 1.12: every frame that was captured of the two, in the order of a real turn."""
    mine = [
        capture.body
        for capture in CAPTURES
        if capture.is_frame and not capture.malformed and "7973" in _names(capture) and capture.id > 6
    ]
    assert len(mine) > 10
    pauses = (0.17, 0.45, 0.17, 0.22, 0.28, 0.17, 0.45)
    turns = [
        (body, pauses[number % len(pauses)] if gaps == "captured" else 0.0)
        for number, body in enumerate(mine)
    ]
    bus = await replay(turns * 3)
    assert bus.sniffer.ours == []
    assert bus.snapshot.leader == LEADER
    assert bus.connector().leads
    led_one = bus.connector(TwcId(0x3495))
    assert not led_one.leads
    assert led_one.presence in (Presence.LINKED, Presence.ANNOUNCED)


async def test_every_frame_that_was_ever_captured_is_heard_in_silence() -> None:
    bus = await replay([(capture.body, 0.1) for capture in CAPTURES if capture.is_frame] * 2)
    assert bus.sniffer.ours == []
    assert TwcId(0x6388) in bus.snapshot.connectors


async def replay(frames) -> OverheardBus:
    """Put bodies on a line as they were captured, each followed by its gap in s."""
    bus = OverheardBus()
    voice = Driver(bus.line, bus.clock, Role.FOREIGN)
    await bus.listen()
    for body, gap in frames:
        voice.send_raw(wrap(body))
        bus.run((len(body) + 3) * BYTE_SECONDS + gap)
    return bus


def _names(capture) -> set[str]:
    return {capture.meaning.get("sender", ""), capture.meaning.get("receiver", "")}


# Helpers


def heartbeat(
    *, sender: TwcId = GARAGE, drawn: float = 0.0, state: ConnectorState = ConnectorState.CHARGING
) -> ConnectorHeartbeat:
    return ConnectorHeartbeat(
        sender=sender, receiver=PROGRAM, state=state, offered_amps=16.0, drawn_amps=drawn, version=P2
    )


def meter(sender: TwcId, kwh: int, amps: tuple[float, float, float]) -> Meter:
    return Meter(sender=sender, energy_kwh=kwh, volts=(230, 0, 0), phase_amps=amps)


def led(*, state: ConnectorState = ConnectorState.CHARGING) -> Listener:
    """A listener that has heard a wall connector answer a program a few times."""
    listener = Listener(OURS)
    listener.connected(START)
    for _ in range(3):
        listener.receive(heartbeat(state=state), START)
    return listener


def ask(listener: Listener, code: Code, reply, now: float = START) -> None:
    listener.receive(Query(code=code, sender=PROGRAM, receiver=GARAGE, version=P2), now)
    listener.receive(reply, now)


def tell_vin(listener: Listener, told: str) -> None:
    parts = {Code.VIN_START: told[:7], Code.VIN_MIDDLE: told[7:14], Code.VIN_END: told[14:]}
    for code, text in parts.items():
        ask(listener, Code.GET_METER, VinPart(code=code, sender=GARAGE, text=text))


def vin(listener: Listener) -> str | None:
    return listener.snapshot(START).connectors[GARAGE].vin


def kwh(listener: Listener, now: float) -> float | None:
    return listener.snapshot(now).connectors[GARAGE].energy_kwh


def test_the_helpers_tell_what_the_protocol_tells() -> None:
    listener = led()
    ask(listener, Code.GET_FIRMWARE, Firmware(sender=GARAGE, firmware="4.5.3.2"))
    ask(listener, Code.GET_SERIAL_NUMBER, SerialNumber(sender=GARAGE, serial_number="A18G0004580"))
    shown = listener.snapshot(START).connectors[GARAGE]
    assert (shown.firmware, shown.serial_number) == ("4.5.3.2", "A18G0004580")
