"""Frames on the wire: delimiters, escapes, checksum, exact lengths, and finding the next frame after damage.

A frame is ``C0 body C0``, escaped as in SLIP; the body ends in its checksum (protocol.md 1.3 to 1.8). This
module knows lengths and sums, not what a message means.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from .codes import CONTROLLER_TYPES, FORBIDDEN_CODES, ODD_LENGTHS, Code, Damage
from .messages import BODY_LENGTHS

DELIMITER = 0xC0
_DELIMITER = bytes((DELIMITER,))
ESCAPE = 0xDB
_ESCAPED = {0xDC: DELIMITER, 0xDD: ESCAPE}

FILLER = b"\xfe"
"""Sent after the closing delimiter: keeps the line driver on until it has left (protocol.md 1.7)."""

MAX_RAW_BYTES = 44
"""The longest body, every byte of it escaped, and some slack (protocol.md 1.8 rule 2)."""

MIN_BODY_BYTES = 13
"""Anything shorter between two delimiters is a cut-off head or line noise (protocol.md 1.8 rule 1)."""

BYTE_SECONDS = 10 / 9600
"""How long a byte takes on the wire: start bit, eight bits, stop bit (protocol.md 1.9)."""

PARTIAL_FRAME_SECONDS = 0.5
"""An unfinished frame is given up after so much silence (protocol.md 1.8 rule 2, the figure for gateways)."""

_MAX_FILLER_BYTES = 2
"""Real units leave one turnaround byte after a frame: it is no damage (protocol.md 1.7)."""

_TYPES = (*CONTROLLER_TYPES, 0xFD)
_CODES = {code.value: code for code in Code}

_UNDAMAGED = {Damage.ODD_LENGTH, Damage.UNKNOWN_CODE, Damage.FORBIDDEN_CODE}


@dataclass(frozen=True, slots=True)
class Rejection:
    """One reason why a frame is not a message, as a kind to count and as words to show."""

    damage: Damage
    detail: str


@dataclass(frozen=True, slots=True)
class RejectedFrame:
    """Bytes that look like a frame but are none. ``code`` is what the first two bytes claim, if known."""

    raw: bytes
    reasons: tuple[Rejection, ...]
    code: Code | None = None

    @property
    def reason(self) -> str:
        """Every reason in one line."""
        return ", ".join(rejection.detail for rejection in self.reasons)

    @property
    def intact(self) -> bool:
        """Whether it arrived as it was sent, and says what we do not know: no fault of the line.

        That a reply has the wrong length, or what no unit sends in it, is damage that the sum does not see (1.5).
        """
        kinds = {rejection.damage for rejection in self.reasons}
        if kinds == {Damage.IMPLAUSIBLE}:
            return bool(self.raw) and self.raw[0] in CONTROLLER_TYPES
        return bool(kinds) and kinds <= _UNDAMAGED


class FrameRejected(ValueError):
    """Raised for bytes that are not a message; carries the RejectedFrame."""

    def __init__(self, rejected: RejectedFrame) -> None:
        """Keep the reasons."""
        super().__init__(rejected.reason)
        self.rejected = rejected


def checksum(payload: bytes) -> int:
    """Sum all bytes but the first, mod 256 (protocol.md 1.5). ``payload`` is a body without its last byte."""
    return sum(payload[1:]) & 0xFF


def wrap(body: bytes) -> bytes:
    """Put a finished body on the wire: escaped, delimited, followed by the filler byte."""
    escaped = body.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc")
    return b"\xc0" + escaped + b"\xc0" + FILLER


def unescape(raw: bytes) -> bytes:
    """Undo the escapes. Raises FrameRejected when DB is followed by anything but DC or DD."""
    if ESCAPE not in raw:
        return bytes(raw)
    body = bytearray()
    position = iter(raw)
    for byte in position:
        if byte == ESCAPE:
            escaped = next(position, None)
            if escaped not in _ESCAPED:
                raise _rejected(raw, Rejection(Damage.ESCAPE, "escape"))
            byte = _ESCAPED[escaped]
        body.append(byte)
    return bytes(body)


def code_of(body: bytes) -> Code | None:
    """Return what the first two bytes say, if it is a message we know."""
    return _CODES.get(int.from_bytes(body[:2], "big"))


def check_body(body: bytes) -> Code:
    """Check first byte, code, exact length and checksum of an unescaped body, and return its code.

    Raises FrameRejected with every reason.
    """
    reasons: list[Rejection] = []
    code = code_of(body)
    number = int.from_bytes(body[:2], "big")
    right = len(body) >= 2 and checksum(body[:-1]) == body[-1]
    if body[:1] and body[0] not in _TYPES:
        reasons.append(Rejection(Damage.FIRST_BYTE, "first byte is not FB/FC/FD"))
    elif number in FORBIDDEN_CODES:
        detail = f"forbidden code {number:04X}: {FORBIDDEN_CODES[number]}"
        reasons.append(Rejection(Damage.FORBIDDEN_CODE, detail))
    elif code is None:
        reasons.append(Rejection(Damage.UNKNOWN_CODE, f"unknown code {number:04X}"))
    elif len(body) not in BODY_LENGTHS[code]:
        allowed = sorted(BODY_LENGTHS[code])
        odd = right and body[0] in CONTROLLER_TYPES and len(body) in ODD_LENGTHS
        damage = Damage.ODD_LENGTH if odd else Damage.LENGTH
        reasons.append(Rejection(damage, f"length {len(body)} not in {allowed}"))
    if not right:
        reasons.append(Rejection(Damage.CHECKSUM, "checksum"))
    if reasons or code is None:
        raise _rejected(body, *reasons)
    return code


def evened(frame: RejectedFrame) -> bytes | None:
    """Return a controller's message of 13 or 15 bytes as one of 14, as real units take it (protocol.md 1.6).

    None for everything else. Zeros more or less do not change the sum.
    """
    if [rejection.damage for rejection in frame.reasons] != [Damage.ODD_LENGTH] or any(frame.raw[13:-1]):
        return None
    return frame.raw[:-1].ljust(13, b"\x00")[:13] + frame.raw[-1:]


class FrameDecoder:
    """Finds bodies in a stream of bytes that may start, stop and be damaged anywhere.

    ``feed`` yields each body that passed every check, and a RejectedFrame for all that looked like one.
    ``counts`` holds how often each kind of damage was met: FILLER counts bytes, the others count frames,
    and a frame with two kinds of damage counts for both.
    """

    def __init__(self) -> None:
        """Wait for the first delimiter."""
        self.counts: Counter[Damage] = Counter()
        self._raw = bytearray()
        self._in_frame = False
        self._overflowed = False

    def feed(self, data: bytes) -> Iterator[bytes | RejectedFrame]:
        """Take the next bytes of the stream and yield what they complete."""
        first, *more = data.split(_DELIMITER)
        self._gather(first)
        for piece in more:
            if (found := self._close()) is not None:
                yield found
            self._in_frame = True
            self._gather(piece)

    def _gather(self, piece: bytes) -> None:
        """Keep what stands before the next delimiter, as long as a frame can be."""
        room = MAX_RAW_BYTES - len(self._raw)
        self._raw += piece[:room]
        self._overflowed |= len(piece) > room

    @property
    def holds_partial(self) -> bool:
        """Whether an unfinished frame is waited for, and not only the filler byte after the last one."""
        return len(self._raw) > _MAX_FILLER_BYTES

    def drop_partial(self) -> RejectedFrame | None:
        """Give up an unfinished frame because the line fell silent.

        protocol.md 1.8 rule 2: after 100 ms of silence on a local port, 500 ms behind a network gateway.
        """
        self._in_frame = False
        found = self._close()
        return found if isinstance(found, RejectedFrame) else None

    def _close(self) -> bytes | RejectedFrame | None:
        """Judge what stood between two delimiters."""
        raw, overflowed = bytes(self._raw), self._overflowed
        self._raw.clear()
        self._overflowed = False
        if len(raw) <= _MAX_FILLER_BYTES:
            self.counts[Damage.FILLER] += len(raw)
            return None
        try:
            return self._judge(raw, overflowed)
        except FrameRejected as error:
            for rejection in error.rejected.reasons:
                self.counts[rejection.damage] += 1
            return error.rejected

    def _judge(self, raw: bytes, overflowed: bool) -> bytes:
        if overflowed:
            raise _rejected(raw, Rejection(Damage.OVERFLOW, f"more than {MAX_RAW_BYTES} bytes"))
        if len(raw) < MIN_BODY_BYTES:
            raise _rejected(raw, Rejection(Damage.RUNT, f"only {len(raw)} bytes"))
        if not self._in_frame:
            raise _rejected(raw, Rejection(Damage.DELIMITER, "delimiter"))
        body = unescape(raw)
        check_body(body)
        return body


def _rejected(raw: bytes, *reasons: Rejection) -> FrameRejected:
    return FrameRejected(RejectedFrame(bytes(raw), tuple(reasons), code_of(raw)))
