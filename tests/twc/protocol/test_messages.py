"""Messages to bodies and back: nothing is lost, and nothing implausible is read."""

from contextlib import suppress

from hypothesis import given, strategies as st
import pytest
from tests.efforts import effort
from twc.protocol.codes import Code, ConnectorState, Damage, Operation, PlugState, ProtocolVersion, TwcId
from twc.protocol.decoding import decode
from twc.protocol.encoding import ForbiddenMessage, encode
from twc.protocol.framing import FrameDecoder, FrameRejected, wrap
from twc.protocol.messages import (
    BODY_LENGTHS,
    ConnectorHeartbeat,
    ContactorCommand,
    ContactorReply,
    ControllerHeartbeat,
    Message,
    Meter,
    PlugStateReply,
    UnaddressedModel,
    VinPart,
)

from message_strategies import binary_messages, intact_bodies, messages, with_checksum

CONNECTOR, CONTROLLER = TwcId(0x3495), TwcId(0x7777)


def implausible(body_hex: str) -> str:
    """The reason for which a body with a right sum is rejected all the same."""
    with pytest.raises(FrameRejected) as caught:
        decode(with_checksum(bytes.fromhex(body_hex)))
    [rejection] = caught.value.rejected.reasons
    assert rejection.damage is Damage.IMPLAUSIBLE
    return rejection.detail


@effort(500)
@given(messages)
def test_every_message_survives_the_wire(message: Message) -> None:
    body = encode(message)
    assert decode(body) == message
    assert list(FrameDecoder().feed(wrap(body))) == [body]
    assert len(body) in BODY_LENGTHS[message.code]


@given(binary_messages)
def test_a_body_says_all_that_its_message_says(message: Message) -> None:
    assert encode(decode(encode(message))) == encode(message)


@effort(500)
@given(intact_bodies())
def test_whatever_is_read_from_an_intact_body_is_all_that_stands_in_it(body: bytes) -> None:
    """Random bytes behind a known code: rejected, never to be sent, or the same bytes again."""
    try:
        message = decode(body)
        again = encode(message)
    except (FrameRejected, ForbiddenMessage):
        return
    assert decode(again) == message
    assert again[:-1].rstrip(b"\x00\xff") == body[:-1].rstrip(b"\x00\xff")


@given(st.binary(max_size=44))
def test_no_bytes_raise_anything_but_a_rejection(data: bytes) -> None:
    with suppress(FrameRejected):
        decode(data)


def test_a_rejection_carries_the_bytes_and_says_its_reason() -> None:
    with pytest.raises(FrameRejected, match=r"^first byte is not FB/FC/FD, checksum$") as caught:
        decode(b"\x01\x02\x03")
    assert caught.value.rejected.raw == b"\x01\x02\x03"


# The layouts, as protocol.md 2.2 to 2.6 draws them


def test_a_heartbeat_to_an_old_wall_connector_is_two_bytes_shorter() -> None:
    fields = {"sender": CONTROLLER, "receiver": CONNECTOR, "operation": Operation.SET_LIMIT, "amps": 16.0}
    old = encode(ControllerHeartbeat(**fields, version=ProtocolVersion.P1))
    new = encode(ControllerHeartbeat(**fields, version=ProtocolVersion.P2))
    assert old == bytes.fromhex("FBE077773495050640000000" + "00" + f"{old[-1]:02X}")
    assert new == old[:-1] + b"\x00\x00" + old[-1:]


@pytest.mark.parametrize(
    ("amps", "on_the_wire"), [(6, "0258"), (16, "0640"), (21, "0834"), (32, "0C80"), (80, "1F40")]
)
def test_amps_are_big_endian_hundredths(amps: int, on_the_wire: str) -> None:
    body = encode(
        ControllerHeartbeat(
            sender=CONTROLLER,
            receiver=CONNECTOR,
            operation=Operation.SET_SESSION_LIMIT,
            amps=amps,
            version=ProtocolVersion.P2,
        )
    )
    assert body[7:9].hex().upper() == on_the_wire


def test_a_connector_heartbeat_has_its_fields_where_the_protocol_says() -> None:
    message = ConnectorHeartbeat(
        sender=CONNECTOR,
        receiver=CONTROLLER,
        state=ConnectorState.ADJUSTED,
        offered_amps=16.0,
        drawn_amps=15.24,
        version=ProtocolVersion.P2,
    )
    assert encode(message)[:-1] == bytes.fromhex("FDE0 3495 7777 0A 0640 05F4 00000000")


def test_a_three_phase_meter_is_read_as_published() -> None:
    """The reply of ngardiner PR 87, whose address was blackened."""
    body = with_checksum(bytes.fromhex("FDEB 3495 0000039C 00F4 00F0 00F5 0D 0C 0D 0000"))
    assert decode(body) == Meter(
        sender=CONNECTOR, energy_kwh=924, volts=(244, 240, 245), phase_amps=(6.5, 6.0, 6.5)
    )


@pytest.mark.parametrize(
    ("code", "text"), [(Code.VIN_START, "5YJ3E7E"), (Code.VIN_MIDDLE, "B0KF123"), (Code.VIN_END, "456")]
)
def test_a_vin_comes_in_three_parts(code: Code, text: str) -> None:
    body = encode(VinPart(code=code, sender=CONNECTOR, text=text))
    assert body[4 : 4 + len(text)] == text.encode()
    assert not any(body[4 + len(text) : -1])


@pytest.mark.parametrize("state", PlugState)
def test_a_plug_state_is_one_byte(state: PlugState) -> None:
    body = encode(PlugStateReply(sender=CONNECTOR, plug_state=state))
    assert body[:5] == bytes.fromhex("FDB4 3495") + bytes([state])


@pytest.mark.parametrize(("close", "order", "reply"), [(True, 0xFCB1, 0xFDB1), (False, 0xFCB2, 0xFDB2)])
def test_closing_and_opening_the_contactor_have_their_codes(close: bool, order: int, reply: int) -> None:
    command = ContactorCommand(close=close, sender=CONTROLLER, receiver=CONNECTOR, version=ProtocolVersion.P2)
    assert command.code == order
    assert ContactorReply(closed=close, sender=CONNECTOR).code == reply


def test_a_model_of_eleven_characters_needs_no_closing_byte() -> None:
    assert encode(UnaddressedModel(model="EVW2T32HLCX"))[2:-1] == b"EVW2T32HLCX"


# What no unit sends


@pytest.mark.parametrize("code", Code, ids=lambda code: code.slug)
def test_the_last_byte_of_every_message_is_zero_or_text(code: Code) -> None:
    whole_of_text = {Code.UNADDRESSED_SERIAL_NUMBER, Code.UNADDRESSED_MODEL}
    for length in BODY_LENGTHS[code]:
        zeros = code.to_bytes(2, "big").ljust(length - 2, b"\x00")
        assert decode(with_checksum(zeros + b"\x00")).code is code
        reason = "text is not printable" if code in whole_of_text else "padding is not zero"
        assert implausible((zeros + b"\x01").hex()) == reason


def test_padding_begins_right_behind_the_last_field() -> None:
    assert implausible("FDE03495797300000000000" + "1000000") == "padding is not zero"
    assert implausible("FDEB34950000000B00F20000000000000001" + "00") == "padding is not zero"
    assert implausible("FBEB79733495" + "01" + "00" * 8) == "padding is not zero"


def test_a_state_that_does_not_exist_is_implausible() -> None:
    assert implausible("FDE0349579730B0000000000000000") == "ConnectorState 0B does not exist"


def test_an_operation_that_does_not_exist_is_implausible() -> None:
    assert implausible("FBE079733495030000000000000000") == "Operation 03 does not exist"


def test_a_plug_state_that_does_not_exist_is_implausible() -> None:
    assert implausible("FDB4349504" + "00" * 10) == "PlugState 04 does not exist"


def test_a_controller_is_plugged_in_or_not() -> None:
    plugged = decode(with_checksum(bytes.fromhex("FBE079733495000000010000000000")))
    assert plugged.plugged_in
    assert implausible("FBE079733495000000020000000000") == "plugged in is 2, neither 0 nor 1"


@pytest.mark.parametrize("byte", ["01", "1F", "7F", "80", "FE"])
def test_text_that_cannot_be_printed_is_implausible(byte: str) -> None:
    assert implausible(f"FDEE349541{byte}" + "00" * 13) == "text is not printable"


def test_nothing_is_hidden_behind_the_end_of_a_text() -> None:
    assert implausible("FD1A" + "4556573200FF4142434400") == "text is not printable"


def test_an_error_forced_by_another_controller_is_recognised() -> None:
    """A real controller sends operation 02 with 04 to a unit of another model (ngardiner#298)."""
    message = decode(with_checksum(bytes.fromhex("FBE079733495020400000000000000")))
    assert message.operation is Operation.FORCE_ERROR
