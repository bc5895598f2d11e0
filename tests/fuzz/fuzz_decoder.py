"""Any bytes through the decoder, into words and back onto the wire.

The first byte of an input says how the rest is used: as the line carries it, or as bodies that are given a right
checksum and the right delimiters, so that the fuzzer gets behind the checks of the frame to the fields.
"""

from collections.abc import Iterator
import json

from twc.protocol.codes import FORBIDDEN_CODES, Code, Damage, Operation
from twc.protocol.decoding import decode
from twc.protocol.describing import describe
from twc.protocol.encoding import ForbiddenMessage, encode
from twc.protocol.framing import MAX_RAW_BYTES, FrameDecoder, FrameRejected, RejectedFrame, checksum, wrap
from twc.protocol.messages import BODY_LENGTHS, ControllerHeartbeat, LinkReady, Message

HEARTBEAT = bytes.fromhex("FDE03495797300000000000000000095")
CODES = (*Code, *FORBIDDEN_CODES, None)
"""None leaves the first two bytes to the fuzzer."""


def one_input(data: bytes) -> None:
    """Try one input; raises AssertionError, or whatever the code under test raises."""
    if not data:
        return
    how, rest = data[0], data[1:]
    size = 0 if how & 2 else how // 4 + 1
    if not how & 1:
        _check_stream(rest, size)
        return
    bodies = list(_intact_bodies(rest))
    found = _check_stream(b"".join(map(wrap, bodies)), size)
    expected = [_judged(body) for body in bodies]
    assert [_verdict(one) for one in found] == [one for one in expected if one is not None]


def _intact_bodies(data: bytes) -> Iterator[bytes]:
    """Cut bodies out of bytes, each led by one byte for its code and one for its length."""
    while len(data) >= 2:
        code, length = CODES[data[0] % len(CODES)], data[1] % 24
        if data[1] >= 128 and code in BODY_LENGTHS:
            # Half of them have the length that their code has.
            length = max(BODY_LENGTHS[code]) - 1 if data[1] & 1 else min(BODY_LENGTHS[code]) - 1
        head = b"" if code is None else code.to_bytes(2, "big")
        payload = (head + data[2 : 2 + max(0, length - len(head))]).ljust(length, b"\x00")
        data = data[2 + max(0, length - len(head)) :]
        yield payload + bytes([checksum(payload)])


def _judged(body: bytes) -> bytes | set[Damage] | None:
    """What must come of a body with delimiters around it, said without the decoder: itself, its faults, nothing."""
    on_the_wire = len(wrap(body)) - 3
    if on_the_wire <= 2:
        return None
    if on_the_wire < 13:
        return {Damage.RUNT}
    if on_the_wire > MAX_RAW_BYTES:
        return {Damage.OVERFLOW}
    number, faults = int.from_bytes(body[:2], "big"), set()
    if body[0] not in (0xFB, 0xFC, 0xFD):
        faults.add(Damage.FIRST_BYTE)
    elif number in FORBIDDEN_CODES:
        faults.add(Damage.FORBIDDEN_CODE)
    elif number not in set(Code):
        faults.add(Damage.UNKNOWN_CODE)
    elif len(body) not in BODY_LENGTHS[Code(number)]:
        odd = body[0] != 0xFD and len(body) in (13, 15)
        faults.add(Damage.ODD_LENGTH if odd else Damage.LENGTH)
    return faults or body


def _verdict(found: bytes | RejectedFrame) -> bytes | set[Damage]:
    return found if isinstance(found, bytes) else {rejection.damage for rejection in found.reasons}


def _check_stream(wire: bytes, size: int) -> list[bytes | RejectedFrame]:
    """The decoder is whole after any stream, and finds the same in pieces of ``size`` bytes (0: it is not cut)."""
    whole = FrameDecoder()
    found = list(whole.feed(wire))
    partial = whole.drop_partial()
    if size:
        split = FrameDecoder()
        pieces = (wire[at : at + size] for at in range(0, len(wire), size))
        assert [one for piece in pieces for one in split.feed(piece)] == found
        assert split.drop_partial() == partial
        assert split.counts == whole.counts
    for one in found:
        _check_found(one)
    if partial is not None:
        _check_found(partial)
        assert list(whole.feed(wrap(HEARTBEAT))) == [HEARTBEAT]
    return found


def _check_found(found: bytes | RejectedFrame) -> None:
    if isinstance(found, RejectedFrame):
        assert found.reasons
        assert found.reason
        assert len(found.raw) <= MAX_RAW_BYTES
        return
    try:
        message = decode(found)
    except FrameRejected as error:
        damages = [rejection.damage for rejection in error.rejected.reasons]
        assert damages == [Damage.IMPLAUSIBLE]
        return
    _check_words(message)
    _check_encoding(message, found)


def _check_words(message: Message) -> None:
    """Every message has words, and other programs can read them."""
    description = describe(message)
    assert description.sentence.startswith(description.name)
    assert json.loads(json.dumps(description.fields)) == description.fields
    assert set(description.units) <= set(description.fields)


def _check_encoding(message: Message, body: bytes) -> None:
    """What may be sent makes the same bytes again; what must not be sent is refused."""
    try:
        again = encode(message)
    except ForbiddenMessage:
        assert not _may_be_sent(message), "refused without a reason"
        return
    assert _may_be_sent(message), "this must never leave"
    assert int.from_bytes(again[:2], "big") not in FORBIDDEN_CODES
    assert decode(again) == message
    # Texts may be padded with FF or 00; all the rest is the same.
    assert again[:-1].rstrip(b"\x00\xff") == body[:-1].rstrip(b"\x00\xff")


def _may_be_sent(message: Message) -> bool:
    """Say it without the encoder: protocol.md 2.1 and 6.2 rules 3 and 10."""
    if isinstance(message, LinkReady):
        return message.max_amps <= 80
    if not isinstance(message, ControllerHeartbeat):
        return True
    if message.operation is Operation.KEEP_ALIVE:
        return message.amps == 0
    offers = (Operation.SET_LIMIT, Operation.GRANT_START, Operation.SET_SESSION_LIMIT)
    return message.operation in offers and (message.amps == 0 or 5 <= message.amps <= 80)
