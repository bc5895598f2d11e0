"""Every message has one specification, and nothing is read, made, sent or described against it."""

from dataclasses import dataclass, is_dataclass
from pathlib import Path
import re
from typing import Annotated, ClassVar, get_args

from hypothesis import given, strategies as st
import pytest
from tests.efforts import effort
from twc.protocol import messages as messages_module
from twc.protocol.codes import CONTROLLER_TYPES, FORBIDDEN_CODES, Code, TwcId
from twc.protocol.decoding import decode
from twc.protocol.describing import describe
from twc.protocol.encoding import ForbiddenMessage, check_sendable, encode
from twc.protocol.fields import Address, Byte, Field
from twc.protocol.framing import FrameRejected
from twc.protocol.messages import (
    BODY_LENGTHS,
    CODECS,
    ConnectorMessage,
    ControllerAnnouncement,
    ControllerMessage,
    Data,
    LinkReady,
    Message,
    Order,
    Reply,
    Unaddressed,
    UnaddressedReply,
    body_length,
)
from twc.protocol.specification import Codec, Specification

from message_strategies import intact_bodies, messages, readable, values_of

PROTOCOL = (Path(__file__).resolve().parents[3] / "docs" / "protocol.md").read_text(encoding="utf-8")
KINDS = pytest.mark.parametrize("kind", CODECS, ids=lambda kind: kind.__name__)


def may_leave(message: Message) -> bytes | None:
    """What a port would be given, or None where the message is refused."""
    try:
        check_sendable(message)
        return encode(message)
    except ForbiddenMessage:
        return None


# One specification each


def test_every_message_has_one_specification_and_nothing_else_has_one() -> None:
    classes = {kind for kind in vars(messages_module).values() if is_dataclass(kind)}
    messages_there = {kind for kind in classes if kind.__module__ == messages_module.__name__} - {LinkReady}
    assert set(CODECS) == messages_there == set(get_args(Message))
    assert all(isinstance(vars(kind)["specification"], Specification) for kind in CODECS)
    assert not hasattr(LinkReady, "specification")


def test_every_code_belongs_to_one_message() -> None:
    codes = [code for codec in CODECS.values() for code in codec.codes]
    assert sorted(codes) == sorted(Code)
    assert not set(codes) & set(FORBIDDEN_CODES)
    assert set(BODY_LENGTHS) == set(Code)


@KINDS
def test_the_first_byte_of_a_code_tells_who_says_it(kind: type) -> None:
    said_by_controllers = {code >> 8 in CONTROLLER_TYPES for code in CODECS[kind].codes}
    assert said_by_controllers == {kind in get_args(ControllerMessage)}
    assert said_by_controllers == {issubclass(kind, Order | ControllerAnnouncement)}
    assert said_by_controllers != {kind in get_args(ConnectorMessage)}


def test_the_groups_that_messages_are_sorted_by_are_whole() -> None:
    assert {kind for kind in CODECS if issubclass(kind, Reply)} == set(get_args(Data))
    assert {kind for kind in CODECS if issubclass(kind, UnaddressedReply)} == set(get_args(Unaddressed))


def test_every_code_is_one_that_the_protocol_describes() -> None:
    table = PROTOCOL[PROTOCOL.index("### 2.1") : PROTOCOL.index("### 2.2")]
    known = {int(digits, 16) for digits in re.findall(r"\b(F[BCD][0-9A-F]{2})\b", table)}
    assert set(Code) <= known


# Reading, making, describing


@effort(300)
@given(st.sampled_from(list(CODECS)).flatmap(lambda kind: readable(CODECS[kind])))
def test_a_message_made_from_its_specification_is_read_again_or_refused_for_its_reason(
    message: Message,
) -> None:
    refusal = CODECS[type(message)].refusal(message)
    if refusal is not None:
        with pytest.raises(ForbiddenMessage, match=f"^{re.escape(refusal)}$"):
            encode(message)
        return
    body = encode(message)
    assert decode(body) == message
    assert len(body) == body_length(message)
    assert len(body) in BODY_LENGTHS[message.code]


@KINDS
@effort(25, long=400)
@given(data=st.data())
def test_every_kind_of_message_survives_the_wire(kind: type, data: st.DataObject) -> None:
    codec = CODECS[kind]
    message = data.draw(readable(codec).filter(lambda message: codec.refusal(message) is None))
    assert decode(encode(message)) == message


@KINDS
@effort(25, long=400)
@given(data=st.data())
def test_a_field_stands_where_its_specification_says(kind: type, data: st.DataObject) -> None:
    """A changed field changes bytes from its place up to the next field, and the sum."""
    codec = CODECS[kind]
    makeable = readable(codec).filter(lambda message: codec.refusal(message) is None)
    message, other = data.draw(makeable), data.draw(makeable)
    one, two = codec.write(message), codec.write(other)
    places = sorted(field.at for field in codec.fields.values())
    for name, field in codec.fields.items():
        end = next((at for at in places if at > field.at), min(len(one), len(two)))
        if message.code is other.code and getattr(message, name) == getattr(other, name):
            assert one[field.at : end].rstrip(b"\x00") == two[field.at : end].rstrip(b"\x00")
        elif message.code is other.code:
            assert one[field.at : end] != two[field.at : end]


@given(messages)
def test_a_description_has_the_fields_of_the_specification(message: Message) -> None:
    codec = CODECS[type(message)]
    keys = [key for name, field in codec.fields.items() for key in field.keys(name)]
    assert list(describe(message).fields) == keys
    assert len(keys) == len(set(keys))


@KINDS
def test_units_are_not_shared_between_descriptions(kind: type) -> None:
    codec = CODECS[kind]
    codec.units()["other"] = "V"
    assert "other" not in codec.units()


def test_a_field_of_no_kind_is_what_struct_says_and_refuses_nothing() -> None:
    assert (Field(2).read(5), Field(2).write(5)) == (5, 5)
    assert Field(2).refusal("sign", object()) is None


# Sending


def test_what_may_be_sent_is_the_whitelist_of_the_protocol() -> None:
    [listed] = re.findall(r"Ship a \*\*transmit whitelist\*\*: (.*?) No \"send raw hex\"", PROTOCOL)
    sendable = {code for codec in CODECS.values() if codec.specification.sendable for code in codec.codes}
    assert sendable == {int(digits, 16) for digits in re.findall(r"\b(F[BCD][0-9A-F]{2})\b", listed)}
    assert len(sendable) == 15


@KINDS
@effort(40)
@given(data=st.data())
def test_nothing_leaves_that_its_specification_does_not_allow(kind: type, data: st.DataObject) -> None:
    """Of everything that a kind of message can say, sensible or not."""
    codec = CODECS[kind]
    message = data.draw(readable(codec))
    allowed = codec.specification.sendable and codec.refusal(message) is None
    assert (may_leave(message) is not None) == allowed


@effort(300)
@given(intact_bodies())
def test_nothing_that_was_heard_leaves_again_unless_it_is_specified_as_sendable(body: bytes) -> None:
    try:
        message = decode(body)
    except FrameRejected:
        return
    if may_leave(message) is not None:
        assert isinstance(message, ControllerMessage)
        assert CODECS[type(message)].specification.sendable
        assert CODECS[type(message)].refusal(message) is None


@KINDS
def test_a_specification_alone_takes_a_message_off_the_whitelist(
    kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CODECS[kind], "specification", Specification(lengths=(14, 16, 20)))
    with pytest.raises(ForbiddenMessage, match="nothing that we may send"):
        check_sendable(object.__new__(kind))


@pytest.mark.parametrize("thing", [None, b"\xfc\x19", object(), Code.GET_METER])
def test_what_is_no_message_is_never_sent(thing: object) -> None:
    with pytest.raises(ForbiddenMessage, match="nothing that we may send"):
        check_sendable(thing)


# Specifications that contradict themselves


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    code: ClassVar[Code] = Code.PLUG_STATE
    specification: ClassVar = Specification(lengths=(16,))
    sender: Annotated[TwcId, Address(2)]


def test_a_sample_has_a_layout_for_each_code_and_length() -> None:
    assert set(Codec(Sample).layouts) == {(Code.PLUG_STATE, 16)}
    with pytest.raises(NotImplementedError):
        values_of(object())


@pytest.mark.parametrize("at", [2, 3, 5])
def test_a_field_begins_where_the_one_before_it_ends(at: int) -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Torn(Sample):
        sign: Annotated[int, Byte(at)]

    with pytest.raises(ValueError, match=rf"^Torn\.sign stands at {at}, not at 4$"):
        Codec(Torn)


def test_the_fields_fit_into_the_shortest_body() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Long(Sample):
        specification: ClassVar = Specification(lengths=(16, 4))

    with pytest.raises(ValueError, match=r"^Long does not fit into 4 bytes$"):
        Codec(Long)


def test_what_a_wall_connector_says_is_not_specified_as_sendable() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Forward(Sample):
        specification: ClassVar = Specification(lengths=(16,), sendable=True)

    with pytest.raises(ValueError, match=r"^Forward may be sent, but no controller says it$"):
        Codec(Forward)
