"""A foreign controller speaks as a captured real one does (protocol.md 1.12)."""

from itertools import pairwise

import pytest
from twc.protocol.codes import Code, Operation, ProtocolVersion, TwcId
from twc.protocol.messages import (
    ConnectorHeartbeat,
    ControllerHeartbeat,
    ControllerLinkReady1,
    ControllerLinkReady2,
    Firmware,
    Meter,
    Query,
    Reply,
    SerialNumber,
    VinPart,
)
from twc.simulator.car import Car
from twc.simulator.car_models import TESLA, ZOE
from twc.simulator.foreign import DROPPED_SECONDS, ForeignController
from twc.simulator.line import Role
from twc.simulator.unit import US, Unit

from driver import Driver


@pytest.fixture
def listener(line, clock):
    return Driver(line, clock, Role.FOREIGN)


@pytest.fixture
def foreign(line):
    return ForeignController(line)


def test_it_is_not_there_until_it_appears(foreign, listener, clock):
    clock.advance(60)
    assert listener.messages == []
    assert not foreign.present


def test_alone_it_announces_itself_and_then_tells_its_meter_every_two_seconds(foreign, listener, clock):
    foreign.appear()
    clock.advance(16)
    assert foreign.present
    kinds = [type(message) for message in listener.messages]
    assert kinds == [ControllerLinkReady1] * 6 + [ControllerLinkReady2] * 3 + [Meter] * 5
    times = [time for time, _ in listener.heard]
    gaps = [round(after - before, 2) for before, after in pairwise(times)]
    assert gaps[:9] == [1.0, 0.9, 0.6, 0.7, 0.65, 1.3, 0.6, 0.3, pytest.approx(0.7, abs=0.01)]
    assert {message.sender for message in listener.messages} == {TwcId(0x7973)}


def test_it_adopts_a_wall_connector_and_gives_it_current(foreign, listener, p2, clock):
    p2.plug(Car(ZOE))
    foreign.appear()
    clock.advance(60)
    assert p2.connector.linked
    assert p2.connector.drawn_amps == pytest.approx(11.4)
    operations = {message.operation for message in listener.of(ControllerHeartbeat)}
    assert operations == {Operation.KEEP_ALIVE, Operation.SET_LIMIT}
    assert {message.code for message in listener.of(Query)} == {
        Code.GET_METER,
        Code.GET_FIRMWARE,
        Code.GET_SERIAL_NUMBER,
        Code.GET_VIN_START,
        Code.GET_VIN_MIDDLE,
        Code.GET_VIN_END,
    }


def test_it_speaks_to_an_old_wall_connector_in_short_frames(foreign, listener, p1, clock):
    foreign.appear()
    clock.advance(30)
    versions = {message.version for message in listener.of(ControllerHeartbeat)}
    assert versions == {ProtocolVersion.P1}
    assert listener.of(ConnectorHeartbeat)


def test_after_it_left_nobody_hears_of_it_and_it_can_come_back(foreign, listener, p2, clock):
    foreign.appear()
    clock.advance(30)
    foreign.leave()
    clock.advance(1)
    listener.heard.clear()
    clock.advance(40)
    assert not foreign.present
    assert listener.of(ControllerHeartbeat) == []
    assert not p2.connector.linked
    foreign.appear()
    clock.advance(30)
    assert p2.connector.linked


def test_noise_does_not_confuse_it(foreign, listener, p2, clock):
    foreign.appear()
    for _ in range(20):
        listener.send_raw(b"\xc0\x01\x02\x03\xc0" + bytes(20) + b"\xc0")
        listener.send_body(bytes.fromhex("FDE0349579730B") + bytes(8))
        clock.advance(1.37)
    assert foreign.present


def test_with_somebody_to_lead_it_tells_everything_of_itself_and_whether_it_has_a_car(
    foreign, listener, p2, clock
):
    foreign.appear()
    clock.advance(30)
    assert {message.plugged_in for message in listener.of(ControllerHeartbeat)} == {False}
    foreign.plug(Car(TESLA))
    listener.heard.clear()
    clock.advance(60)
    assert {message.plugged_in for message in listener.of(ControllerHeartbeat)} == {True}
    own = [message for message in listener.messages if message.sender == foreign.twcid]
    told = {type(message) for message in own if isinstance(message, Reply)}
    assert told == {Meter, Firmware, SerialNumber, VinPart}
    meters = [message for message in own if isinstance(message, Meter)]
    assert meters[-1].phase_amps[0] == pytest.approx(11.0, abs=0.5)
    assert foreign.unplug() is not None
    listener.heard.clear()
    clock.advance(30)
    assert {message.plugged_in for message in listener.of(ControllerHeartbeat)} == {False}


def test_whoever_does_not_answer_for_26_seconds_gets_no_more_heartbeats(foreign, listener, p2, clock):
    foreign.appear()
    clock.advance(30)
    assert foreign.led == (p2.connector.twcid,)
    p2.remove()
    clock.advance(DROPPED_SECONDS + 2)
    assert foreign.led == ()


def test_another_rating_than_its_own_is_told_to_report_an_error(foreign, listener, hang, clock):
    """protocol.md 2.2: operation 02 with the bit for six blinks."""
    other = hang(Unit(model=US))
    foreign.appear()
    clock.advance(30)
    assert foreign.forced_errors == {other.connector.twcid}
    forced = [one for one in listener.of(ControllerHeartbeat) if one.operation is Operation.FORCE_ERROR]
    assert {one.error_bits for one in forced} == {"04"}
