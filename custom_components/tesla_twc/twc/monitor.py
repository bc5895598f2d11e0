"""``twc monitor``: listen to a port without ever sending, and print what is heard."""

import argparse
import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
import json
import math
import signal
import sys
from typing import TYPE_CHECKING, Any, TextIO

from .bus.port import errors as port_errors
from .decode import read, read_evened, record
from .protocol.describing import describe
from .protocol.framing import PARTIAL_FRAME_SECONDS, FrameDecoder, RejectedFrame
from .protocol.messages import ControllerMessage

if TYPE_CHECKING:
    from .bus.port.link import Opener
    from .protocol.codes import Code, TwcId
    from .protocol.messages import Message

DESCRIPTION = """\
Listen to a bus without ever sending. Print each frame with its time, its bytes and its meaning, and a summary
at the end. A wall connector without a controller announces itself every 6 to 10 s, so listen for a while."""

NOTHING_HEARD = """\
Nothing was heard. Has the wall connector power, and its rotary switch at F? Are D+ and D- both connected?"""

ONLY_NOISE = """\
Only noise was heard. Exchange D+ and D-. On a long line, 120 ohms between them at both ends help."""

NOT_KNOWN = """\
Nothing that arrived undamaged is a message that this program knows. Is the wall connector of the second generation?"""

OTHER_LENGTHS = """\
Messages of 13 or 15 bytes with right checksums are no fault of the line: some programs send them (TWCManager,
gateways with ESPHome), and wall connectors obey."""

BOTH_LENGTHS = """\
The same messages also come from the same address in their right length: the line loses bytes now and then, or two
programs share an address."""

_HEX_WIDTH = 3 * 16
"""Most bodies have 16 bytes."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Offer the command."""
    parser = subparsers.add_parser("monitor", help="listen to a port", description=DESCRIPTION)
    parser.add_argument("port", metavar="PORT", help="/dev/serial/by-id/..., socket://host:port and the like")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.add_argument("--seconds", type=_seconds, metavar="N", help="end after N seconds")


def run(args: argparse.Namespace) -> int:
    """Listen until the time is over, the port is lost, or Ctrl-C or SIGTERM ends it. Returns the exit code."""
    try:
        from .bus.port.link import OPEN_ERRORS, serial_opener  # noqa: PLC0415 - decode works without serialx
    except ModuleNotFoundError as error:
        return _fail(f"the Python package {error.name} is missing: python3 -m pip install serialx")
    listener = Printer(sys.stdout, as_json=args.json)
    exit_code = 0
    try:
        with _ended_by_sigterm():
            asyncio.run(listener.listen(serial_opener(args.port), args.seconds))
    except MonitoredPortLost as error:
        exit_code = _fail(f"the port was lost: {error}")
    except OPEN_ERRORS as error:
        if listener.opened:
            raise  # not the port failed, but what is printed to
        return _fail(port_errors.describe(error, args.port))
    except KeyboardInterrupt:
        if not listener.opened:
            raise
    listener.summarise()
    return exit_code


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Take SIGTERM, which timeout and service managers send, for Ctrl-C."""

    def end(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class MonitoredPortLost(Exception):
    """The port went away while it was listened to."""


class Printer:
    """Prints what arrives, and counts it."""

    def __init__(self, out: TextIO, *, as_json: bool = False) -> None:
        """Take where to print."""
        self.opened = False
        self._out = out
        self._as_json = as_json
        self._decoder = FrameDecoder()
        self._bytes = 0
        self._messages: Counter[str] = Counter()
        self._other_lengths: Counter[str] = Counter()
        self._said: set[tuple[Code, TwcId]] = set()
        """What each controller said in the right length."""
        self._said_otherwise: set[tuple[Code, TwcId]] = set()
        self._not_known = 0
        self._rejected = 0
        self._damage: Counter[str] = Counter()

    async def listen(self, opener: "Opener", seconds: float | None) -> None:
        """Open a port and print what it says, for ``seconds`` or until it is interrupted.

        Raises one of ``link.OPEN_ERRORS`` when the port cannot be opened, MonitoredPortLost when it goes away.
        """
        arrivals: asyncio.Queue[bytes | MonitoredPortLost] = asyncio.Queue()
        transport, _ = await opener(lambda: _Receiver(arrivals))
        self.opened = True
        sys.stderr.write("Listening, never sending. Ctrl-C ends.\n")
        try:
            async with asyncio.timeout(seconds):
                await self._take_all(arrivals)
        except TimeoutError:
            pass
        finally:
            transport.close()
            self._fell_silent()

    async def _take_all(self, arrivals: "asyncio.Queue[bytes | MonitoredPortLost]") -> None:
        while True:
            try:
                async with asyncio.timeout(PARTIAL_FRAME_SECONDS):
                    arrived = await arrivals.get()
            except TimeoutError:
                self._fell_silent()
                continue
            if isinstance(arrived, MonitoredPortLost):
                raise arrived
            self._bytes += len(arrived)
            for found in self._decoder.feed(arrived):
                self._print(found)

    def _fell_silent(self) -> None:
        partial = self._decoder.drop_partial()
        if partial is not None:
            self._print(partial)

    def _print(self, found: bytes | RejectedFrame) -> None:
        now = datetime.now().astimezone()
        message, entry = read(found), record(found)
        if isinstance(message, RejectedFrame):
            meaning = self._count_other(message)
        else:
            self._messages[message.code.slug] += 1
            self._said |= _words(message)
            meaning = describe(message).sentence
        if self._as_json:
            self._write_json({"time": now.isoformat(timespec="milliseconds"), **entry})
        else:
            raw = bytes.fromhex(entry["body"]).hex(" ").upper()
            self._write(f"{now:%H:%M:%S}.{now.microsecond // 1000:03}  {raw:{_HEX_WIDTH}} {meaning}")

    def _count_other(self, frame: RejectedFrame) -> str:
        """Count a frame that is none of ours, and return what it means or what is wrong with it."""
        message = read_evened(frame)
        if message is not None:
            self._other_lengths[message.code.slug] += 1
            self._said_otherwise |= _words(message)
            return f"{describe(message).sentence} ({len(frame.raw)} bytes, as some programs send it)"
        if frame.intact:
            self._not_known += 1
            return f"not known: {frame.reason}"
        self._rejected += 1
        self._damage.update(rejection.damage.value for rejection in frame.reasons)
        return f"rejected: {frame.reason}"

    def summarise(self) -> None:
        """Print what was heard, and what to try if it was nothing of use."""
        messages, damage = dict(self._messages.most_common()), dict(self._damage.most_common())
        others = dict(self._other_lengths.most_common())
        if self._as_json:
            heard = {"bytes": self._bytes, "messages": messages, "other_lengths": others}
            bad = {"not_known": self._not_known, "rejected": self._rejected, "damage": damage}
            self._write_json({"summary": {**heard, **bad}})
            return
        parts = [f"{self._bytes} bytes, {sum(messages.values())} messages"]
        parts += [f"{self._other_lengths.total()} of 13 or 15 bytes"] if others else []
        parts += [f"{self._not_known} not known"] if self._not_known else []
        self._write("\n" + ", ".join([*parts, f"{self._rejected} rejected"]))
        odd = ((f"{name}, 13 or 15 bytes", count) for name, count in others.items())
        for name, count in (*messages.items(), *odd, *damage.items()):
            self._write(f"{count:8}  {name.replace('_', ' ')}")
        if not self._bytes:
            self._write(NOTHING_HEARD)
        elif not messages and not others:
            self._write(NOT_KNOWN if self._not_known else ONLY_NOISE)
        if self._said_otherwise - self._said:
            self._write(OTHER_LENGTHS)
        if self._said_otherwise & self._said:
            self._write(BOTH_LENGTHS)

    def _write_json(self, value: dict[str, Any]) -> None:
        self._write(json.dumps(value))

    def _write(self, line: str) -> None:
        self._out.write(line + "\n")
        self._out.flush()


def _words(message: "Message") -> "set[tuple[Code, TwcId]]":
    """Return which controller says what, if it is one."""
    return {(message.code, message.sender)} if isinstance(message, ControllerMessage) else set()


class _Receiver(asyncio.Protocol):
    """Passes on what the port receives; an exception in here would only reach the event loop's log."""

    def __init__(self, arrivals: asyncio.Queue[bytes | MonitoredPortLost]) -> None:
        self._arrivals = arrivals

    def data_received(self, data: bytes) -> None:
        self._arrivals.put_nowait(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._arrivals.put_nowait(MonitoredPortLost(str(exc or "the other side closed it")))


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise argparse.ArgumentTypeError(f'"{text}" is no number of seconds')
    return seconds


def _fail(sentence: str) -> int:
    sys.stdout.flush()
    sys.stderr.write(f"twc monitor: {sentence}\n")
    return 1
