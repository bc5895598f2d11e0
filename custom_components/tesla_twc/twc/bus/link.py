"""The port: opened, half-duplex, opened again when it is lost. Alone in this room in knowing asyncio and serialx."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import Enum, auto
import logging
from typing import cast

import serialx

from ..protocol.decoding import decode
from ..protocol.encoding import encode
from ..protocol.framing import FrameDecoder, FrameRejected, RejectedFrame, wrap
from .capture import Capture, CapturedFrame, Direction
from .clock import Clock, Handle
from .containment import Containment
from .controller import Controller

BAUD_RATE = 9600
"""9600 8N1 (protocol.md, "Quick constants")."""
OPEN_ERRORS = (OSError, TimeoutError, ValueError, serialx.SerialException)
"""What opening a port raises; serialx's own exceptions are no OSError."""
PARTIAL_SECONDS = 0.5
"""An unfinished frame is given up after so much silence (protocol.md 1.8 rule 2, the figure for gateways)."""
BACKOFF_SECONDS = (1.0, 2.0, 4.0, 8.0, 10.0)
"""An attempt costs next to nothing, and an adapter that is plugged in again is waited for."""
PROVEN_SECONDS = 5.0
"""A port that was open so long, or on which an intact frame was heard, works: the next pauses are short again. One that
merely opens may close at once, and would be opened thousands of times an hour."""
STUMBLES = 8
"""So many errors in a row are borne for one chance to speak: one for each wall connector, and some."""
STUMBLED_SECONDS = 0.25
"""After an error the controller is asked again so soon, and not sooner, or a processor would do nothing else."""
RELEASE_SECONDS = 10.0
"""A driver that has not told by then that a lost port is closed will not tell any more."""

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


class _Said(Enum):
    """What came of a chance to speak."""

    SOMETHING = auto()
    NOTHING = auto()
    STUMBLED = auto()


class _Connection(asyncio.Protocol):
    """One opening of the port: its end is not to be mistaken for that of the next one."""

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
        # They know each other: neither would be freed before Python looks for circles.
        self.transport = None
        self.released.set()
        self._link.ended(self)


class Link:
    """Moves bytes between a port and a controller, and wakes the controller when it wants to be.

    ``on_change`` is called after anything was heard and whenever the port opens or closes. A port that is lost is
    opened again in place, with growing pauses; the controller then listens before it speaks. Nothing that raises, in
    ``on_change`` or anywhere else, ends the heartbeats: see ``containment``.
    """

    def __init__(
        self, controller: Controller, opener: Opener, clock: Clock, on_change: Callable[[], None]
    ) -> None:
        """Take what to connect; nothing is opened yet."""
        self.frames = Capture()
        self._controller = controller
        self._opener = opener
        self._clock = clock
        self._on_change = on_change
        self._contain = Containment(clock, _LOGGER)
        self._decoder = FrameDecoder()
        self._transport: asyncio.Transport | None = None
        self._connection: _Connection | None = None
        """The last one, open or not."""
        self._wakeup: Handle | None = None
        self._silence: Handle | None = None
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
        _cancel(self._wakeup, self._silence, self._retry)
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
            # It knows this link, and this link it: neither would be freed before Python looks for circles.
            self._connection = None

    def kick(self) -> None:
        """The controller was told something: perhaps it wants to speak earlier now."""
        self._pump()

    # From the port

    def opened(self, connection: _Connection, transport: asyncio.Transport) -> None:
        """The port is open."""
        if self._closed or connection.unwanted or self._transport is not None:
            self._abort(transport)
            return
        self._connection, self._transport = connection, transport
        self._opened_at, self._proven = self._clock.time(), False
        self._decoder = FrameDecoder()
        if not self._contain.run("opening the bus", self._begin, otherwise=False):
            # The controller would be deaf and dumb on it for ever.
            self._let_go(transport)
            return
        self._pump()
        self._tell()

    def _begin(self) -> bool:
        self._controller.connected(self._clock.time())
        return True

    def ended(self, connection: _Connection) -> None:
        """The port is gone: say so, and try to open it again."""
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
        """Nothing can be sent or heard on it any more."""
        self._transport = None
        _cancel(self._wakeup)
        self._contain.run(
            "closing the bus", self._controller.disconnected, self._clock.time(), otherwise=None
        )

    def _let_go(self, transport: asyncio.Transport) -> None:
        """Lose a port that is of no use: nobody could open it again while it is open."""
        self._lost()
        self._abort(transport)

    def _abort(self, transport: asyncio.Transport) -> None:
        self._contain.run("closing the port", transport.abort, otherwise=None)

    def heard(self, connection: _Connection, data: bytes) -> None:
        """Bytes arrived."""
        if self._transport is None or connection is not self._connection:
            return
        now = self._clock.time()
        self._contain.run("noticing bytes", self._controller.line_active, now, otherwise=None)
        self._contain.run("finding frames", self._find, data, now, otherwise=None)
        _cancel(self._silence)
        self._silence = self._clock.call_at(now + PARTIAL_SECONDS, self._fell_silent)
        self._pump()
        self._tell()

    def _tell(self) -> None:
        self._contain.run("deciding on what was heard", self._on_change, otherwise=None)

    def _find(self, data: bytes, now: float) -> None:
        for found in self._decoder.feed(data):
            self._take_or_drop(found, now)

    def _fell_silent(self) -> None:
        self._contain.run("finding frames", self._drop_partial, otherwise=None)

    def _drop_partial(self) -> None:
        if (partial := self._decoder.drop_partial()) is not None:
            self._take_or_drop(partial, self._clock.time())

    def _take_or_drop(self, found: bytes | RejectedFrame, now: float) -> None:
        if not self._contain.run("understanding a frame", self._take, found, now, otherwise=False):
            self._controller.counts["error"] += 1

    def _take(self, found: bytes | RejectedFrame, now: float) -> bool:
        """Hand what was found to the controller, and return that it went well."""
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
        self._controller.receive(message, now)
        return True

    def _reject(self, rejected: RejectedFrame, now: float) -> None:
        self._capture(CapturedFrame(now, Direction.RECEIVED, rejected.raw, rejected.reason))
        self._controller.rejected(rejected, now)

    def _capture(self, frame: CapturedFrame) -> None:
        self._contain.run("capturing frames", self.frames.add, frame, otherwise=None)

    # To the port

    def _pump(self) -> None:
        """Send what the controller wants to send now, and come back when it wants to be asked again."""
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
        wakeup = self._contain.run("planning", self._controller.next_wakeup, otherwise=None)
        if stumbles or wakeup is None or wakeup <= now:
            # What was asked for now was not said now.
            wakeup = now + STUMBLED_SECONDS
        self._wakeup = self._clock.call_at(wakeup, self._woken)

    def _speak(self, now: float) -> _Said:
        """Send the next message, if there is one."""
        message = self._controller.poll(now)
        if message is None or self._transport is None:
            return _Said.NOTHING
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
            # It was open and lost before its driver had told that it was opened.
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
            # Gateways raise errors of their own, and no bus may stay silent for one of them.
            if not self._complained:
                self._complained = True
                _LOGGER.exception("The port cannot be opened again; trying on")
            self._retry_later()
        else:
            self._complained = False

    async def _wait_for_release(self) -> None:
        """A broken port is closed in the background, and nobody can open it until then."""
        assert self._connection is not None, "only a port that was open is opened again"
        released = self._connection.released
        deadline = self._clock.call_at(self._clock.time() + RELEASE_SECONDS, released.set)
        await released.wait()
        deadline.cancel()


def _cancel(*handles: Handle | None) -> None:
    for handle in handles:
        if handle is not None:
            handle.cancel()
