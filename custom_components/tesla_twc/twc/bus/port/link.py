"""Opens the port of a bus, moves bytes between it and the conversation, and opens it again when it is lost."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from enum import Enum, auto
import logging
import os
from typing import cast

import serialx
from serialx.platforms.serial_socket import SocketSerialTransport

from ...protocol.decoding import decode
from ...protocol.encoding import check_idle_connector, check_sendable, check_silence, encode
from ...protocol.framing import PARTIAL_FRAME_SECONDS, FrameDecoder, FrameRejected, RejectedFrame, wrap
from ...protocol.messages import Message
from ..clock import Clock, Handle
from ..containment import Containment
from ..conversation import Conversation
from ..snapshot import BusRole
from .capture import Capture, CapturedFrame, Direction

BAUD_RATE = 9600
"""9600 8N1 (protocol.md, "Quick constants")."""
OPEN_ERRORS = (OSError, TimeoutError, ValueError, serialx.SerialException)
"""What opening a port raises; serialx's own exceptions are no OSError."""
BACKOFF_SECONDS = (1.0, 2.0, 4.0, 8.0, 10.0)
"""The pauses between attempts to open a lost port, without an end: an adapter may be plugged in again at any time."""
PROVEN_SECONDS = 5.0
"""A port that was open so long, or on which an intact frame was heard, works, and the next pauses are short again. One
that merely opens may close at once, and short pauses would open it thousands of times an hour."""
STUMBLES = 8
"""So many errors in a row are accepted in one attempt to send: one for each wall connector, and some more."""
STUMBLED_SECONDS = 0.25
"""The conversation is asked again so long after an error, and not sooner, to spare the processor."""
PORT_RELEASE_SECONDS = 10.0
"""The longest wait for a driver to report that a lost port is closed."""

_CHECKS: Mapping[BusRole, Callable[[Message], None]] = {
    BusRole.CONTROL: check_sendable,
    BusRole.LISTEN: check_silence,
    BusRole.JOIN: check_idle_connector,
}
"""What may leave in each role; whatever else is asked for raises here, at the last moment."""

_LOGGER = logging.getLogger(__name__)

Opener = Callable[[Callable[[], asyncio.Protocol]], Awaitable[tuple[asyncio.Transport, asyncio.Protocol]]]
"""Opens a byte stream for a protocol; raises one of OPEN_ERRORS."""


def serial_opener(url: str) -> Opener:
    """Return an opener for a device path or a URL that serialx understands."""

    async def open_port(
        protocol_factory: Callable[[], asyncio.Protocol],
    ) -> tuple[asyncio.Transport, asyncio.Protocol]:
        loop = asyncio.get_running_loop()
        return await serialx.create_serial_connection(loop, protocol_factory, url, baudrate=BAUD_RATE)

    return open_port


def descriptor_of(transport: asyncio.Transport) -> int | None:
    """Return the file descriptor of an open port; None where it is not enough to go on with, as with RFC 2217."""
    if transport.is_closing():
        # By now its number may be that of another file.
        return None
    descriptor: int | None = transport.get_extra_info("descriptor")
    if descriptor is not None:
        return descriptor
    port = transport.get_extra_info("serial")
    if isinstance(port, serialx.Serial):
        return port.fileno()
    if isinstance(transport, SocketSerialTransport):
        # serialx offers no public way. If the attribute goes, the port is closed and opened instead of passed on.
        inner: asyncio.Transport | None = getattr(transport, "_tcp_transport", None)
        connection = None if inner is None else inner.get_extra_info("socket")
        return None if connection is None else int(connection.fileno())
    return None


class _Said(Enum):
    """The outcome of one attempt to send."""

    SOMETHING = auto()
    NOTHING = auto()
    STUMBLED = auto()


class _Connection(asyncio.Protocol):
    """One opening of the port, kept apart so that its end is not mistaken for that of the next one."""

    def __init__(self, link: "Link") -> None:
        self._link = link
        self.transport: asyncio.Transport | None = None
        self.unwanted = False
        """Whether its opening has failed, whatever comes of it later."""
        self.released = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._link.opened(self, self.transport)

    def data_received(self, data: bytes) -> None:
        self._link.heard(self, data)

    def connection_lost(self, exc: Exception | None) -> None:
        # The two refer to each other, and would stay in memory until the next garbage collection.
        self.transport = None
        self.released.set()
        self._link.ended(self)


class Link:
    """Moves bytes between a port and a conversation, and wakes the conversation when it wants to be.

    ``on_change`` is called after anything was heard or sent and whenever the port opens or closes. A port that is lost
    is opened again in place, with growing pauses; a controller then listens before it speaks. Nothing that raises,
    in ``on_change`` or anywhere else, ends the heartbeats: see ``containment``.
    """

    def __init__(
        self, conversation: Conversation, opener: Opener, clock: Clock, on_change: Callable[[], None]
    ) -> None:
        """Take what to connect; nothing is opened yet."""
        self.frames = Capture()
        self._conversation = conversation
        self._opener = opener
        self._clock = clock
        self._on_change = on_change
        self._contain = Containment(clock, _LOGGER)
        self._decoder = FrameDecoder()
        self._transport: asyncio.Transport | None = None
        self._connection: _Connection | None = None
        """The last one, open or not."""
        self._wakeup: Handle | None = None
        self._partial_timer: Handle | None = None
        self._silent_at = 0.0
        """When the line has been silent for so long that nothing goes on what was heard last."""
        self.events = 0
        """How often anything was heard, and the port was opened or lost."""
        self._retry: Handle | None = None
        self._opening: asyncio.Task[None] | None = None
        self._opened_at = 0.0
        self._proven = False
        self._failures = 0
        self._complained = False
        self._closed = False

    @property
    def connected(self) -> bool:
        """Whether the port is open."""
        return self._transport is not None

    async def connect(self) -> None:
        """Open the port for the first time. Raises one of OPEN_ERRORS."""
        await self._open()

    async def close(self) -> None:
        """Close the port for good; heartbeats end, and the wall connectors stop their cars within half a minute."""
        self._closed = True
        _cancel(self._wakeup, self._partial_timer, self._retry)
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.gather(self._opening, return_exceptions=True)
        if self._transport is not None:
            transport = self._transport
            self._forget_port()
            self._abort(transport)
        # A serial port is closed in the background; until then nobody else can open it, not even a reload.
        if self._connection is not None:
            await self._connection.released.wait()
            # The two refer to each other, and would stay in memory until the next garbage collection.
            self._connection = None

    @property
    def can_be_passed(self) -> bool:
        """Whether the port is open and served, and another process could go on with it.

        A gateway without a free place may accept a connection and close it at once, so a frame has to be heard first.
        """
        return self._proven and self._descriptor is not None

    @property
    def _descriptor(self) -> int | None:
        if self._transport is None:
            return None
        return self._contain.run("looking at the port", descriptor_of, self._transport, otherwise=None)

    def duplicate(self) -> int | None:
        """Return another descriptor of the open port, with which it outlives ``close``; None where there is none."""
        descriptor = self._descriptor
        try:
            return None if descriptor is None else os.dup(descriptor)
        except OSError:
            return None

    def kick(self) -> None:
        """Ask at once whether the conversation wants to send: it was told something new."""
        self._pump()

    # From the port

    def opened(self, connection: _Connection, transport: asyncio.Transport) -> None:
        """The port is open."""
        if self._closed or connection.unwanted or self._transport is not None:
            self._abort(transport)
            return
        self._connection, self._transport = connection, transport
        self.events += 1
        self._opened_at, self._proven = self._clock.time(), False
        self._decoder = FrameDecoder()
        if not self._contain.run("opening the bus", self._begin, otherwise=False):
            # Nothing would be heard or sent on this port.
            self._let_go(transport)
            return
        self._pump()
        self._tell()

    def _begin(self) -> bool:
        self._conversation.connected(self._clock.time())
        return True

    def ended(self, connection: _Connection) -> None:
        """Take that the port is gone, and try to open it again."""
        if connection is self._connection:
            self._lost()

    def _lost(self) -> None:
        if self._transport is None:
            return
        if self._proven or self._clock.time() - self._opened_at >= PROVEN_SECONDS:
            self._failures = 0
        self._forget_port()
        self._retry_later()
        self._tell()

    def _forget_port(self) -> None:
        """Forget the port, and tell the conversation that it is closed."""
        self._transport = None
        self.events += 1
        _cancel(self._wakeup)
        self._contain.run(
            "closing the bus", self._conversation.disconnected, self._clock.time(), otherwise=None
        )

    def _let_go(self, transport: asyncio.Transport) -> None:
        """Give up a port that does not work; it could not be opened again while it is open."""
        self._lost()
        self._abort(transport)

    def _abort(self, transport: asyncio.Transport) -> None:
        self._contain.run("closing the port", transport.abort, otherwise=None)

    def heard(self, connection: _Connection, data: bytes) -> None:
        """Bytes arrived."""
        if self._transport is None or connection is not self._connection:
            return
        now = self._clock.time()
        self.events += 1
        self._contain.run("noticing bytes", self._conversation.line_active, now, otherwise=None)
        if now >= self._silent_at:
            self._fell_silent()
        self._contain.run("finding frames", self._find, data, now, otherwise=None)
        self._await_the_rest(now)
        self._pump()
        self._tell()

    def _await_the_rest(self, now: float) -> None:
        """Give an unfinished frame up in time. Most bytes end a frame, and need no timer: the next ones look back."""
        _cancel(self._partial_timer)
        self._partial_timer = None
        self._silent_at = now + PARTIAL_FRAME_SECONDS
        if self._decoder.holds_partial:
            self._partial_timer = self._clock.call_at(self._silent_at, self._fell_silent)

    def _tell(self) -> None:
        self._contain.run("deciding on what was heard", self._on_change, otherwise=None)

    def _find(self, data: bytes, now: float) -> None:
        for found in self._decoder.feed(data):
            self._take_or_drop(found, now)

    def _fell_silent(self) -> None:
        self._contain.run("finding frames", self._drop_partial, otherwise=None)

    def _drop_partial(self) -> None:
        if (partial := self._decoder.drop_partial()) is not None:
            self.events += 1
            self._take_or_drop(partial, self._clock.time())

    def _take_or_drop(self, found: bytes | RejectedFrame, now: float) -> None:
        if not self._contain.run("understanding a frame", self._take, found, now, otherwise=False):
            self._conversation.counts["error"] += 1

    def _take(self, found: bytes | RejectedFrame, now: float) -> bool:
        """Hand what was found to the conversation, and return that it went well."""
        if isinstance(found, RejectedFrame):
            self._reject(found, now)
            return True
        try:
            message = decode(found)
        except FrameRejected as error:
            self._reject(error.rejected, now)
            return True
        self._proven = True
        self._capture(CapturedFrame(now, Direction.RECEIVED, found))
        self._conversation.receive(message, now)
        return True

    def _reject(self, rejected: RejectedFrame, now: float) -> None:
        self._capture(CapturedFrame(now, Direction.RECEIVED, rejected.raw, rejected.reason))
        self._conversation.rejected(rejected, now)

    def _capture(self, frame: CapturedFrame) -> None:
        self._contain.run("capturing frames", self.frames.add, frame, otherwise=None)

    # To the port

    def _pump(self) -> None:
        """Send what is to be sent now, and come back when it wants to be asked again."""
        now = self._clock.time()
        stumbles = 0
        while self._transport is not None and stumbles < STUMBLES:
            said = self._contain.run("speaking", self._speak, now, otherwise=_Said.STUMBLED)
            if said is _Said.NOTHING:
                break
            stumbles += said is _Said.STUMBLED
        if self._transport is None:
            return
        _cancel(self._wakeup)
        wakeup = self._contain.run("planning", self._conversation.next_wakeup, otherwise=None)
        if stumbles or wakeup is None or wakeup <= now:
            # A message that was due now did not leave.
            wakeup = now + STUMBLED_SECONDS
        self._wakeup = self._clock.call_at(wakeup, self._woken)

    def _speak(self, now: float) -> _Said:
        """Send the next message, if there is one."""
        message = self._conversation.poll(now)
        if message is None or self._transport is None:
            return _Said.NOTHING
        _CHECKS[self._conversation.role](message)
        body = encode(message)
        self._capture(CapturedFrame(now, Direction.SENT, body))
        transport = self._transport
        if not self._contain.run("writing to the port", self._write, transport, wrap(body), otherwise=False):
            self._let_go(transport)
        return _Said.SOMETHING

    def _write(self, transport: asyncio.Transport, data: bytes) -> bool:
        """Write, and return whether the port took it."""
        try:
            transport.write(data)
        except OPEN_ERRORS:
            # A port pulled out is not always reported before the next write fails.
            return False
        return True

    def _woken(self) -> None:
        self._pump()
        self._tell()

    # Opening

    async def _open(self) -> None:
        """Open the port. What fails half-way leaves nothing open."""
        made: list[_Connection] = []

        def connection() -> _Connection:
            made.append(_Connection(self))
            return made[-1]

        try:
            await self._opener(connection)
        except BaseException:
            for one in made:
                self._give_up(one)
            raise

    def _give_up(self, connection: _Connection) -> None:
        """Close what was opened in an attempt that failed all the same."""
        connection.unwanted = True
        if connection.transport is None:
            return
        if connection is self._connection and self._transport is not None:
            self._forget_port()
            self._tell()
        self._abort(connection.transport)

    def _retry_later(self) -> None:
        """Try again after a pause; one attempt is pending at most."""
        if self._closed:
            return
        _cancel(self._retry)
        pause = BACKOFF_SECONDS[min(self._failures, len(BACKOFF_SECONDS) - 1)]
        self._failures += 1
        self._retry = self._clock.call_at(self._clock.time() + pause, self._open_again)

    def _open_again(self) -> None:
        if self._transport is not None:
            return
        if self._opening is not None and not self._opening.done():
            # The port was lost before the task that opened it had finished.
            self._retry_later()
            return
        self._opening = asyncio.get_running_loop().create_task(self._reopen())

    async def _reopen(self) -> None:
        try:
            await self._wait_for_release()
            await self._open()
        except OPEN_ERRORS:
            self._retry_later()
        except Exception:
            # Gateways raise errors of their own; none of them may end the attempts.
            if not self._complained:
                self._complained = True
                _LOGGER.exception("The port cannot be opened again; trying on")
            self._retry_later()
        else:
            self._complained = False

    async def _wait_for_release(self) -> None:
        """Wait until the driver has closed the lost port in the background; it cannot be opened before."""
        assert self._connection is not None, "only a port that was open is opened again"
        released = self._connection.released
        deadline = self._clock.call_at(self._clock.time() + PORT_RELEASE_SECONDS, released.set)
        await released.wait()
        deadline.cancel()


def _cancel(*handles: Handle | None) -> None:
    for handle in handles:
        if handle is not None:
            handle.cancel()
