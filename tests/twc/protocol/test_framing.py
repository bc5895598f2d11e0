"""Delimiters, escapes, sums and lengths: what makes bytes a frame, and what is none."""

from hypothesis import given, strategies as st
import pytest
from twc.protocol.codes import FORBIDDEN_CODES, Code, Damage, ProtocolVersion, TwcId
from twc.protocol.decoding import decode
from twc.protocol.encoding import encode
from twc.protocol.framing import (
    DELIMITER,
    FrameDecoder,
    FrameRejected,
    RejectedFrame,
    check_body,
    checksum,
    code_of,
    evened,
    unescape,
    wrap,
)
from twc.protocol.messages import BODY_LENGTHS, ConnectorHeartbeat, ConnectorState

from bus_peers import of_length
from message_strategies import messages, with_checksum

HEARTBEAT = bytes.fromhex("FDE0349579730000000000000000" + "0095")
LENGTHS = (14, 16, 20)

bodies = messages.map(encode)


def reject(body: bytes) -> RejectedFrame:
    with pytest.raises(FrameRejected) as caught:
        check_body(body)
    return caught.value.rejected


def damages(rejected: RejectedFrame) -> list[Damage]:
    return [rejection.damage for rejection in rejected.reasons]


def found_in(wire: bytes, decoder: FrameDecoder | None = None) -> list[bytes | RejectedFrame]:
    return list((decoder or FrameDecoder()).feed(wire))


# Escapes


@given(st.binary(max_size=20))
def test_any_body_survives_the_escapes(body: bytes) -> None:
    wire = wrap(body)
    assert wire[0] == wire[-2] == DELIMITER
    assert DELIMITER not in wire[1:-2]
    assert unescape(wire[1:-2]) == body


@pytest.mark.parametrize("awkward", [0xC0, 0xDB])
@pytest.mark.parametrize("position", range(4, 11))
def test_a_byte_to_escape_is_understood_at_every_position(awkward: int, position: int) -> None:
    payload = bytearray(HEARTBEAT[:-1])
    payload[position] = awkward
    body = with_checksum(bytes(payload))
    assert len(wrap(body)) == len(body) + 4
    assert found_in(wrap(body)) == [body]


@pytest.mark.parametrize("awkward", [0xC0, 0xDB])
def test_a_checksum_to_escape_is_understood(awkward: int) -> None:
    bodies = [with_checksum(HEARTBEAT[:10] + bytes([amps]) + HEARTBEAT[11:-1]) for amps in range(256)]
    [body] = [body for body in bodies if body[-1] == awkward]
    assert wrap(body)[-4:-2] in (b"\xdb\xdc", b"\xdb\xdd")
    assert found_in(wrap(body)) == [body]


@pytest.mark.parametrize("after", [b"\x00", b"\xdb", b"\xfe"])
def test_an_escape_followed_by_anything_else_is_rejected(after: bytes) -> None:
    decoder = FrameDecoder()
    [rejected] = found_in(b"\xc0" + HEARTBEAT[:8] + b"\xdb" + after + HEARTBEAT[10:] + b"\xc0", decoder)
    assert damages(rejected) == [Damage.ESCAPE]
    assert rejected.reason == "escape"
    assert decoder.counts == {Damage.ESCAPE: 1, Damage.FILLER: 0}


def test_a_frame_that_ends_in_an_escape_is_rejected() -> None:
    [rejected] = found_in(b"\xc0" + HEARTBEAT[:-1] + b"\xdb\xc0")
    assert damages(rejected) == [Damage.ESCAPE]


# Sums and lengths


def test_the_checksum_leaves_out_the_first_byte() -> None:
    assert checksum(HEARTBEAT[:-1]) == 0x95
    assert checksum(b"\xff" + HEARTBEAT[1:-1]) == 0x95


@pytest.mark.parametrize("code", Code, ids=lambda code: code.slug)
@pytest.mark.parametrize("length", range(14, 25))
def test_only_the_lengths_of_a_code_are_accepted_whatever_the_sum_says(code: Code, length: int) -> None:
    body = with_checksum(code.to_bytes(2, "big").ljust(length - 1, b"\x00"))
    if length in BODY_LENGTHS[code]:
        assert check_body(body) is code
    else:
        rejected = reject(body)
        odd = code >> 8 in (0xFB, 0xFC) and length == 15
        assert damages(rejected) == [Damage.ODD_LENGTH if odd else Damage.LENGTH]
        assert rejected.reason == f"length {length} not in {sorted(BODY_LENGTHS[code])}"
        assert rejected.code is code


def test_the_lengths_are_those_of_the_protocol() -> None:
    by_length = {length: {code for code in Code if BODY_LENGTHS[code] == {length}} for length in LENGTHS}
    assert by_length[14] == {0xFD19, 0xFD1A, 0xFD1B}
    assert by_length[16] == {0xFDEC, 0xFDB4, 0xFDB1, 0xFDB2}
    assert by_length[20] == {0xFDEB, 0xFDED, 0xFDEE, 0xFDEF, 0xFDF1}
    assert all(BODY_LENGTHS[code] == {14, 16} for code in set(Code) - set.union(*by_length.values()))
    assert [version.body_length for version in ProtocolVersion] == [14, 16]


@given(bodies, st.data())
def test_a_lost_zero_is_always_rejected_though_the_sum_is_right(body: bytes, data: st.DataObject) -> None:
    zeros = [position for position in range(2, len(body) - 1) if body[position] == 0]
    if not zeros:
        return
    position = data.draw(st.sampled_from(zeros))
    shorter = body[:position] + body[position + 1 :]
    assert checksum(shorter[:-1]) == shorter[-1]
    assert damages(reject(shorter)) == [Damage.LENGTH if body[0] == 0xFD else Damage.ODD_LENGTH]


@given(bodies, st.integers(2, 13))
def test_a_surplus_zero_is_always_rejected_though_the_sum_is_right(body: bytes, position: int) -> None:
    longer = body[:position] + b"\x00" + body[position:]
    odd = body[0] != 0xFD and len(longer) == 15
    assert damages(reject(longer)) == [Damage.ODD_LENGTH if odd else Damage.LENGTH]


@given(bodies, st.data())
def test_a_single_wrong_byte_never_passes_behind_the_first(body: bytes, data: st.DataObject) -> None:
    position = data.draw(st.integers(2, len(body) - 1))
    wrong = bytearray(body)
    wrong[position] ^= data.draw(st.integers(1, 255))
    assert damages(reject(bytes(wrong))) == [Damage.CHECKSUM]


@given(bodies, st.integers(0, 255))
def test_a_wrong_first_byte_passes_only_as_another_message_of_the_same_length(
    body: bytes, first: int
) -> None:
    """The sum does not cover the first byte, so the code and the length must be right (protocol.md 1.5)."""
    changed = bytes([first]) + body[1:]
    number = int.from_bytes(changed[:2], "big")
    known = number in set(Code) and len(body) in BODY_LENGTHS[Code(number)]
    if known:
        assert check_body(changed) == number
    elif first not in (0xFB, 0xFC, 0xFD):
        assert reject(changed).reason == "first byte is not FB/FC/FD"
    else:
        assert damages(reject(changed))[0] in {Damage.LENGTH, Damage.UNKNOWN_CODE, Damage.FORBIDDEN_CODE}


@pytest.mark.parametrize("number", FORBIDDEN_CODES, ids=lambda number: f"{number:04X}")
def test_a_forbidden_code_is_rejected_by_name(number: int) -> None:
    rejected = reject(with_checksum(number.to_bytes(2, "big").ljust(15, b"\x00")))
    assert damages(rejected) == [Damage.FORBIDDEN_CODE]
    assert rejected.reason == f"forbidden code {number:04X}: {FORBIDDEN_CODES[number]}"


def test_an_unknown_code_is_rejected_with_its_number() -> None:
    rejected = reject(with_checksum(bytes.fromhex("FBA4").ljust(15, b"\x00")))
    assert rejected.reason == "unknown code FBA4"
    assert rejected.code is None


@pytest.mark.parametrize("body", [b"", b"\xfd", b"\xfd\xe0"])
def test_nearly_nothing_is_rejected(body: bytes) -> None:
    assert Damage.CHECKSUM in damages(reject(body))


def test_a_code_is_read_from_the_first_two_bytes() -> None:
    assert code_of(HEARTBEAT) is Code.CONNECTOR_HEARTBEAT
    assert code_of(b"\xfd\xe1") is None
    assert code_of(b"") is None


def test_a_request_and_its_answer_at_idle_share_a_checksum() -> None:
    """The two ids are merely swapped, so the sum cannot tell them apart (protocol.md 1.5)."""
    answer = ConnectorHeartbeat(
        sender=TwcId(0x3495),
        receiver=TwcId(0x7973),
        state=ConnectorState.READY,
        offered_amps=0.0,
        drawn_amps=0.0,
        version=ProtocolVersion.P2,
    )
    assert encode(answer)[-1] == bytes.fromhex("FBE07973349500000000000000000095")[-1]


# What other programs send

REQUEST = bytes.fromhex("FBEE777720190000000000000015")


@pytest.mark.parametrize("length", [13, 15])
def test_a_request_of_another_length_is_read_as_one_of_14_bytes(length: int) -> None:
    rejected = reject(of_length(REQUEST, length))
    assert damages(rejected) == [Damage.ODD_LENGTH]
    assert rejected.intact
    assert evened(rejected) == REQUEST


def test_a_request_of_another_length_that_says_more_than_one_of_14_bytes_can_is_not_read() -> None:
    rejected = reject(with_checksum(REQUEST[:-1] + b"\x01"))
    assert damages(rejected) == [Damage.ODD_LENGTH]
    assert evened(rejected) is None


@pytest.mark.parametrize(
    ("body", "intact"),
    [
        ("FCE2 777777 0000000000000000", True),  # one program says FCE2 for FBE2
        ("FBA4 7777 2019 00000000000000", True),
        ("FDA4 2019 00000000000000000000", True),
        ("FC19 7777 2019 00000000000000", True),
        ("FB1B 7777 2019 0000A000000000", True),  # another one has a byte in the padding
        ("FDE0 2019 7777 00 0258 0000 01 00", False),
        ("FDEB 2019 00000000000000000000", False),
        ("FBEB 7777 2019 0000000000", False),
        ("F2E2 6388 95 0C80 000000000000", False),
    ],
)
def test_a_frame_with_a_right_sum_that_says_what_we_do_not_know_is_no_damage(
    body: str, *, intact: bool
) -> None:
    with pytest.raises(FrameRejected) as caught:
        decode(with_checksum(bytes.fromhex(body)))
    assert caught.value.rejected.intact is intact
    assert evened(caught.value.rejected) is None


def test_a_frame_with_a_wrong_sum_is_damage_whatever_it_says() -> None:
    for body in (REQUEST[:-2] + b"\xee", bytes.fromhex("FCE2777777") + bytes(9)):
        assert not reject(body).intact


def test_a_frame_that_nothing_is_known_of_is_damage() -> None:
    assert not RejectedFrame(b"", ()).intact
