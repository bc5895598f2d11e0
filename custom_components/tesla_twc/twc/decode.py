"""``twc decode``: frames in hex from standard input, one JSON object a line on standard output."""

import argparse
from collections.abc import Iterable, Iterator
import json
import re
import sys
from typing import Any, TextIO

from .protocol.codes import Code
from .protocol.decoding import decode
from .protocol.describing import describe
from .protocol.framing import DELIMITER, FrameDecoder, FrameRejected, RejectedFrame, check_body, evened
from .protocol.messages import Message

DESCRIPTION = """\
Read frames in hex from standard input, one a line, and print a JSON object for each. A line may be delimited by
C0 and escaped, as it was on the wire, or be a bare body with its checksum. Spaces, colons, commas and 0x are
allowed; empty lines and what follows a # are skipped. A message of 13 or 15 bytes with the right checksum is no
success, but what it says is printed. Exit code 0: every frame was understood, 1: not all."""

_SEPARATORS = re.compile(r"[\s:,;]+")
_BYTES = re.compile(r"(?:0[xX])?((?:[0-9a-fA-F]{2})+|[0-9a-fA-F])")
_USUAL_BYTES = 14
_FRAME_TYPES = (0xFB, 0xFC, 0xFD)

Record = dict[str, Any]


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Offer the command."""
    subparsers.add_parser("decode", help="read frames in hex, print JSON", description=DESCRIPTION)


def run(_args: argparse.Namespace) -> int:
    """Decode standard input to its end. Returns the exit code."""
    if sys.stdin.isatty():
        sys.stderr.write("Frames in hex, one a line; Ctrl-D ends.\n")
    # A log may hold anything; what is not even text is reported like any other line that is not hex.
    lines = (line.decode("utf-8", "replace") for line in sys.stdin.buffer)
    return 0 if decode_lines(lines, sys.stdout) else 1


def decode_lines(lines: Iterable[str], out: TextIO) -> bool:
    """Write a JSON object for every frame in ``lines``. Returns whether all of them were understood."""
    all_understood = True
    for number, line in enumerate(lines, start=1):
        for record in records(line):
            out.write(json.dumps({"line": number, **record}) + "\n")
            all_understood = all_understood and record["ok"]
        out.flush()
    return all_understood


def records(line: str) -> Iterator[Record]:
    """Describe each frame of one line of hex: normally one, none if the line is empty or a comment."""
    text = line.partition("#")[0].strip("\ufeff \t\r\n")
    if not text:
        return
    data = _read_hex(text)
    if data is None:
        yield _failure("not hexadecimal bytes", "not_hex")
    elif _is_bare(data):
        yield record(data)
    else:
        decoder = FrameDecoder()
        found = [*decoder.feed(data), decoder.drop_partial()]
        frames = [frame for frame in found if frame is not None]
        yield from map(record, frames)
        if not frames:
            yield _failure("no frame between the delimiters", "no_frame")


def record(frame: bytes | RejectedFrame) -> Record:
    """Describe a body, or why it is none, as JSON can hold it. ``body`` is what was between the delimiters."""
    message = read(frame)
    body = {"body": (frame.raw if isinstance(frame, RejectedFrame) else frame).hex().upper()}
    if isinstance(message, RejectedFrame):
        reasons = (rejection.damage.value for rejection in message.reasons)
        return _failure(message.reason, *reasons) | _code(message.code) | _other_length(message) | body
    description = describe(message)
    result: Record = {
        "ok": True,
        **_code(message.code),
        "fields": description.fields,
        "units": description.units,
    }
    if description.protocol is not None:
        result["protocol"] = description.protocol
    return result | body


def _other_length(frame: RejectedFrame) -> Record:
    """Return what a message of 13 or 15 bytes says, and that it is not damaged; nothing for any other frame."""
    message = read_evened(frame)
    if message is None:
        return {}
    differs = "one byte too short" if len(frame.raw) < _USUAL_BYTES else "one byte too long"
    note = f"{differs}, not damaged: some programs send it so. It says: {describe(message).sentence}"
    return {"note": note}


def read_evened(frame: RejectedFrame) -> Message | None:
    """Return the message in a frame of 13 or 15 bytes with the right sum; None if it is no such frame."""
    even = evened(frame)
    message = frame if even is None else read(even)
    return None if isinstance(message, RejectedFrame) else message


def read(frame: bytes | RejectedFrame) -> Message | RejectedFrame:
    """Return the message in a body, or why there is none."""
    if isinstance(frame, RejectedFrame):
        return frame
    try:
        return decode(frame)
    except FrameRejected as error:
        return error.rejected


def _failure(reason: str, *reasons: str) -> Record:
    return {"ok": False, "reason": reason, "reasons": list(reasons)}


def _code(code: Code | None) -> Record:
    return {} if code is None else {"code": f"{code:04X}", "name": code.slug}


def _read_hex(text: str) -> bytes | None:
    """Return the bytes of a line, or None if it is anything but hex. A digit that stands alone is a byte."""
    matches = [_BYTES.fullmatch(word) for word in _SEPARATORS.split(text) if word]
    digits = [match[1].zfill(2) for match in matches if match]
    return bytes.fromhex("".join(digits)) if digits and all(matches) else None


def _is_bare(data: bytes) -> bool:
    """Tell a bare body, in which C0 is a byte like any other, from a frame whose delimiters may be damaged."""
    if data.startswith(bytes([DELIMITER])):
        return False
    try:
        check_body(data)
    except FrameRejected:
        closed = DELIMITER in data[-2:]
        return DELIMITER not in data or (data[0] in _FRAME_TYPES and not closed)
    return True
