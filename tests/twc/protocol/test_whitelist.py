"""What must never be on the wire cannot be built, by whatever trick (protocol.md 2.1, 6.2 rules 3 and 10)."""

from dataclasses import fields, replace
import math
from typing import Any

from hypothesis import assume, given, strategies as st
import pytest
from tests.efforts import effort
from twc.protocol.codes import (
    FORBIDDEN_CODES,
    MAX_AMPS,
    QUERIES,
    Code,
    ConnectorState,
    Operation,
    PlugState,
    ProtocolVersion,
    TwcId,
)
from twc.protocol.decoding import decode
from twc.protocol.encoding import ForbiddenMessage, encode
from twc.protocol.framing import FrameRejected
from twc.protocol.messages import (
    CODECS,
    SENDABLE_OPERATIONS,
    ConnectorHeartbeat,
    ConnectorLinkReady,
    ContactorCommand,
    ContactorReply,
    ControllerHeartbeat,
    ControllerIdle,
    ControllerLinkReady1,
    ControllerLinkReady2,
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
    VinPart,
)

from message_strategies import awkward_bytes, messages

OFFER = ControllerHeartbeat(
    sender=TwcId(0x7777),
    receiver=TwcId(0x3495),
    operation=Operation.SET_SESSION_LIMIT,
    amps=16.0,
    version=ProtocolVersion.P2,
)
KEEP_ALIVE = replace(OFFER, operation=Operation.KEEP_ALIVE, amps=0.0)
ANNOUNCEMENT = ControllerLinkReady1(sender=TwcId(0x7777), sign=0x77, max_amps=0.0, version=ProtocolVersion.P2)
QUESTION = Query(
    code=Code.GET_METER, sender=TwcId(0x7777), receiver=TwcId(0x3495), version=ProtocolVersion.P2
)
METER = Meter(sender=TwcId(0x3495), energy_kwh=1, volts=(230, 230, 230), phase_amps=(0.0, 0.0, 0.0))


def tampered(message: Message, **fields: object) -> Any:
    """A copy of a frozen message whose fields were changed behind its back."""
    copy = replace(message)
    for name, value in fields.items():
        object.__setattr__(copy, name, value)
    return copy


def assert_legal(body: bytes) -> None:
    """Judge a body by its bytes alone."""
    number = int.from_bytes(body[:2], "big")
    assert number not in FORBIDDEN_CODES
    assert number in set(Code)
    if number == Code.CONTROLLER_HEARTBEAT:
        centiamps = int.from_bytes(body[7:9], "big")
        assert body[6] in {0x00, 0x05, 0x08, 0x09}
        assert centiamps == 0 or (body[6] != 0 and 500 <= centiamps <= 8000)
    if number in {Code.CONTROLLER_LINK_READY_1, Code.CONTROLLER_LINK_READY_2, Code.CONNECTOR_LINK_READY}:
        assert int.from_bytes(body[5:7], "big") <= 8000
    decode(body)


def is_built(message: Any) -> bool:
    """Whether a message can be encoded, which is then legal."""
    try:
        body = encode(message)
    except ForbiddenMessage:
        return False
    assert_legal(body)
    return True


def refuse(message: Any, match: str = ".") -> None:
    with pytest.raises(ForbiddenMessage, match=match):
        encode(message)


@given(messages)
def test_everything_that_can_be_built_is_legal(message: Message) -> None:
    assert_legal(encode(message))


# Offers


@pytest.mark.parametrize("amps", [0, 0.0, -0.0, 5, 5.0, 6, 32, 80, 80.0, True * 6])
def test_an_offer_is_zero_or_between_5_and_80_amps(amps: float) -> None:
    assert_legal(encode(replace(OFFER, amps=amps)))


@pytest.mark.parametrize("amps", [0.01, 0.5, 1, 4.99, 80.01, 81, 163.9, 655.35])
def test_any_other_offer_is_refused(amps: float) -> None:
    refuse(replace(OFFER, amps=amps), "A is neither 0 nor within 5 to 80 A")


@pytest.mark.parametrize(
    "amps", [-0.01, -6, 655.36, 1e300, math.inf, -math.inf, math.nan, None, "16", b"16", 16j]
)
@pytest.mark.parametrize("message", [OFFER, KEEP_ALIVE], ids=["offer", "keep_alive"])
def test_an_offer_that_is_no_amount_is_refused(message: ControllerHeartbeat, amps: Any) -> None:
    refuse(replace(message, amps=amps), "cannot be framed")


@pytest.mark.parametrize("amps", [0.01, 5, 6, 16, 80])
def test_a_keep_alive_carries_no_amps(amps: float) -> None:
    refuse(replace(KEEP_ALIVE, amps=amps), "a keep-alive carries no amps")


def test_amps_between_two_hundredths_are_rounded() -> None:
    assert decode(encode(replace(OFFER, amps=15.999999))).amps == 16.0
    assert decode(encode(replace(OFFER, amps=7.31))).amps == 7.31


@effort(300)
@given(st.one_of(st.floats(), st.integers()), st.sampled_from(Operation))
def test_no_number_makes_an_illegal_offer(amps: float, operation: Operation) -> None:
    try:
        body = encode(replace(OFFER, operation=operation, amps=amps))
    except ForbiddenMessage:
        return
    assert operation in SENDABLE_OPERATIONS
    assert_legal(body)
    assert abs(decode(body).amps - amps) <= 0.005 + 1e-9


class LyingFloat(float):
    """Claims to be 16 whenever it is compared, and multiplies to something else."""

    def __mul__(self, other: float) -> float:
        return float(self) * other

    def __eq__(self, other: object) -> bool:
        return other == 16

    def __hash__(self) -> int:
        return hash(16)

    def __ge__(self, other: float) -> bool:
        return other <= 16

    def __le__(self, other: float) -> bool:
        return other >= 16


@pytest.mark.parametrize("amps", [1.0, 100.0, 655.0])
def test_a_number_that_lies_about_itself_is_found_out(amps: float) -> None:
    refuse(tampered(OFFER, amps=LyingFloat(amps)), "A is neither 0 nor within 5 to 80 A")


# Operations


@pytest.mark.parametrize("operation", [Operation.FORCE_ERROR, Operation.RAISE_BY_TWO, Operation.LOWER_BY_TWO])
@pytest.mark.parametrize("amps", [0.0, 6.0])
def test_operations_02_06_and_07_are_never_sent(operation: Operation, amps: float) -> None:
    refuse(replace(OFFER, operation=operation, amps=amps), f"operation {operation:02X} is never sent")


@pytest.mark.parametrize("operation", range(256))
def test_no_number_makes_a_forbidden_operation(operation: int) -> None:
    message = tampered(OFFER, operation=operation)
    if operation in {0x05, 0x08, 0x09}:
        assert_legal(encode(message))
    else:
        refuse(message)


@pytest.mark.parametrize("operation", [-1, 256, 5.0, None, "5", Code.GET_METER])
def test_an_operation_that_is_no_byte_is_refused(operation: Any) -> None:
    refuse(tampered(OFFER, operation=operation), "cannot be framed")


# Codes


@pytest.mark.parametrize("number", FORBIDDEN_CODES, ids=lambda number: f"{number:04X}")
@pytest.mark.parametrize("message", [QUESTION, tampered(QUESTION)], ids=["built", "tampered"])
def test_a_forbidden_code_cannot_be_asked(message: Query, number: Any) -> None:
    refuse(replace(message, code=number))
    refuse(tampered(message, code=number))


@pytest.mark.parametrize("kind", [0xFB, 0xFC, 0xFD], ids="{:02X}".format)
def test_no_number_makes_a_question_but_the_ten_safe_ones(kind: int) -> None:
    for number in range(kind << 8, (kind << 8) + 256):
        message = tampered(QUESTION, code=number)
        if number in QUERIES:
            assert_legal(encode(message))
        else:
            refuse(message)


def test_of_all_codes_there_are_only_the_ten_safe_ones_can_be_asked() -> None:
    asked = {number for number in range(0x10000) if is_built(tampered(QUESTION, code=number))}
    assert asked == set(QUERIES)


ONE_OF_EACH: list[Message] = [
    *(OFFER, KEEP_ALIVE, ANNOUNCEMENT, METER),
    ControllerLinkReady2(sender=TwcId(0x7777), sign=0x77, max_amps=0.0, version=ProtocolVersion.P2),
    ConnectorLinkReady(sender=TwcId(0x3495), sign=0x8E, max_amps=32.0, version=ProtocolVersion.P2),
    ConnectorHeartbeat(
        sender=TwcId(0x3495),
        receiver=TwcId(0x7777),
        state=ConnectorState.CHARGING,
        offered_amps=16.0,
        drawn_amps=15.2,
        version=ProtocolVersion.P2,
    ),
    ControllerIdle(sender=TwcId(0x7777)),
    SerialNumber(sender=TwcId(0x3495), serial_number="A17A0003495"),
    Firmware(sender=TwcId(0x3495), firmware="4.5.3.0"),
    PlugStateReply(sender=TwcId(0x3495), plug_state=PlugState.CHARGING),
    UnaddressedSerialNumber(serial_number="A17A0003495"),
    UnaddressedModel(model="EVW2T32HL"),
    UnaddressedFirmware(firmware="4.5.3"),
]
"""A message of every kind whose code belongs to its class."""


@pytest.mark.parametrize("message", ONE_OF_EACH, ids=lambda message: type(message).__name__)
def test_a_message_of_any_kind_with_any_other_code_is_refused_or_as_legal_as_that_code(
    message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A code of another kind of message may fit by chance; it is then judged as that message."""
    assert_legal(encode(message))
    for number in range(0xFB00, 0xFE00):
        monkeypatch.setattr(type(message), "code", number)
        try:
            body = encode(message)
        except ForbiddenMessage:
            continue
        assert_legal(body)


def test_every_kind_of_message_was_tried() -> None:
    """One that is added to the encoder has to be added here, too."""
    by_field = {Query, VinPart, ContactorCommand, ContactorReply}
    assert {type(message) for message in ONE_OF_EACH} | by_field == set(CODECS)


@pytest.mark.parametrize("number", [*FORBIDDEN_CODES, 0xFBE1, 0xFCE2, 0xFBA4, 0x0000, -1, 1 << 20])
@pytest.mark.parametrize("kind", [ControllerHeartbeat, ControllerIdle, ControllerLinkReady1])
def test_a_message_whose_code_was_replaced_is_refused(
    kind: type, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kind, "code", number)
    refuse(
        {"ControllerHeartbeat": KEEP_ALIVE, "ControllerLinkReady1": ANNOUNCEMENT}.get(
            kind.__name__, ControllerIdle(sender=TwcId(0x7777))
        )
    )


@pytest.mark.parametrize("number", [*FORBIDDEN_CODES, Code.GET_METER])
def test_a_part_of_a_vin_has_one_of_three_codes(number: Any) -> None:
    refuse(VinPart(code=number, sender=TwcId(0x3495), text="456"), "no VinPart has the code")


def test_a_subclass_is_no_message() -> None:
    class WritesFlash(ControllerHeartbeat):
        code = 0xFC19

    class Sneaky(Query):
        __slots__ = ()

    fields = {name: getattr(KEEP_ALIVE, name) for name in ("sender", "receiver", "version")}
    refuse(WritesFlash(**fields), "WritesFlash is not a message")
    refuse(Sneaky(code=Code.GET_METER, **fields), "Sneaky is not a message")


@pytest.mark.parametrize("thing", [None, b"\xfc\x19", object(), Code.GET_METER])
def test_only_messages_are_encoded(thing: Any) -> None:
    refuse(thing, "is not a message")


def test_a_general_announcement_is_no_message() -> None:
    refuse(LinkReady(sender=TwcId(0x7777), sign=0x77, max_amps=0.0, version=ProtocolVersion.P2))


def test_a_message_without_fields_is_refused() -> None:
    refuse(object.__new__(ControllerHeartbeat), "cannot be framed")


# Other fields


@pytest.mark.parametrize("kind", [ControllerLinkReady1, ConnectorLinkReady])
@pytest.mark.parametrize("amps", [80.01, 163.9, 655.35, math.nan, math.inf, -1.0])
def test_nothing_above_80_amps_is_announced(kind: type[LinkReady], amps: float) -> None:
    fields = {name: getattr(ANNOUNCEMENT, name) for name in ("sender", "sign", "version")}
    assert encode(kind(**fields, max_amps=MAX_AMPS))
    refuse(kind(**fields, max_amps=amps))


@pytest.mark.parametrize(
    "message",
    [
        tampered(OFFER, sender=0x10000),
        tampered(OFFER, receiver=-1),
        tampered(OFFER, plugged_in=2),
        tampered(OFFER, plugged_in=256),
        tampered(OFFER, version=3),
        tampered(OFFER, version=None),
        tampered(ANNOUNCEMENT, sign=256),
        tampered(ANNOUNCEMENT, sign=-1),
        tampered(METER, energy_kwh=-1),
        tampered(METER, energy_kwh=1 << 32),
        tampered(METER, volts=(230, 230)),
        tampered(METER, volts=(230,) * 8),
        tampered(METER, phase_amps=(128.0, 0.0, 0.0)),
        SerialNumber(sender=TwcId(0x3495), serial_number="A17A00034950"),
        SerialNumber(sender=TwcId(0x3495), serial_number="A17A000349\n"),
        SerialNumber(sender=TwcId(0x3495), serial_number="Ä17A0003495"),
        VinPart(code=Code.VIN_END, sender=TwcId(0x3495), text="1234"),
        Firmware(sender=TwcId(0x3495), firmware="4.5.3"),
        Firmware(sender=TwcId(0x3495), firmware="4.5.3.256"),
        Firmware(sender=TwcId(0x3495), firmware="newest"),
        UnaddressedFirmware(firmware="4.5.3.2"),
        UnaddressedModel(model="EVW2T32HLC12"),
    ],
    ids=repr,
)
def test_a_field_that_does_not_fit_is_refused(message: Message) -> None:
    refuse(message, "cannot be framed")


class OddVersion:
    """A protocol version with a length of its own."""

    def __init__(self, body_length: int) -> None:
        self.body_length = body_length


@pytest.mark.parametrize("length", [*range(-1, 14), 15, *range(17, 60)])
def test_no_body_has_a_length_of_its_own(length: int) -> None:
    message = tampered(KEEP_ALIVE, version=OddVersion(length))
    refuse(message, "cannot be framed")


@given(messages, st.data())
def test_no_tampering_makes_an_illegal_body(message: Message, data: st.DataObject) -> None:
    """Anything put into any field: refused, or still legal."""
    names = [field.name for field in fields(message) if field.name != "code"]
    assume(names)
    anything = st.one_of(
        st.integers(), st.floats(), awkward_bytes, st.text(max_size=30), st.none(), st.binary(max_size=30),
        st.booleans(), st.sampled_from(Code), st.tuples(st.integers(), st.floats()),
    )  # fmt: skip
    broken = tampered(message, **{data.draw(st.sampled_from(names)): data.draw(anything)})
    try:
        body = encode(broken)
    except ForbiddenMessage:
        return
    assert_legal(body)


@pytest.mark.parametrize("close", [True, False])
def test_contactor_orders_can_be_built_and_are_opted_into_elsewhere(close: bool) -> None:
    """protocol.md 2.1 keeps them behind an explicit setting: that of the controller."""
    order = ContactorCommand(
        close=close, sender=TwcId(0x7777), receiver=TwcId(0x3495), version=ProtocolVersion.P2
    )
    assert_legal(encode(order))


def test_the_reason_of_a_refusal_is_kept() -> None:
    with pytest.raises(ForbiddenMessage) as caught:
        encode(tampered(KEEP_ALIVE, plugged_in=2))
    assert isinstance(caught.value.__cause__, FrameRejected)
