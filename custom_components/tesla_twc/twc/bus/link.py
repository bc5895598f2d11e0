"""The port: opened, half-duplex, opened again when it is lost. Alone in this room in knowing asyncio and serialx."""

import asyncio
from collections.abc import Awaitable, Callable
import logging

import serialx

from ..protocol.decoding import decode
from ..protocol.encoding import encode
from ..protocol.framing import FrameDecoder, FrameRejected, RejectedFrame, wrap
from .capture import Capture, CapturedFrame, Direction
from .clock import Clock, Handle
from .controller import Controller

BAUD_RATE = 9600
"""9600 8N1 (protocol.md, "Quick constants")."""
OPEN_ERRORS = (OSError, TimeoutError, ValueError, serialx.SerialException)
"""What opening a port raises; serialx's own exceptions are no OSError."""
PARTIAL_SECONDS = 0.5
"""An unfinished frame is given up after so much silence (protocol.md 1.8 rule 2, the figure for gateways)."""
BACKOFF_SECONDS = (1.0, 2.0, 4.0, 8.0, 10.0)
"""An attempt costs next to nothing, and an adapter that is plugged in again is waited for."""
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


class _Connection(asyncio.Protocol):
    """One opening of the port: its end is not to be mistaken for that of the next one."""

    def __init__(self, link: "Link") -> None:
        self._link = link
        self.released = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._link.opened(self, transport)

    def data_received(self, data: bytes) -> None:
        self._link.heard(self, data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.released.set()
        self._link.ended(self)


class Link:
    """Moves bytes between a port and a controller, and wakes the controller when it wants to be.

    ``on_change`` is called after anything was heard and whenever the port opens or closes. A port that is lost is
    opened again in place, with growing pauses; the controller then listens before it speaks.
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
        self._decoder = FrameDecoder()
        self._transport: asyncio.Transport | None = None
        self._connection: _Connection | None = None
        """The last one, open or not."""
        self._wakeup: Handle | None = None
        self._silence: Handle | None = None
        self._retry: Handle | None = None
        self._opening: asyncio.Task[None] | None = None
        self._failures = 0
        self._complained = False
        self._closed = False

    @property
    def connected(self) -> bool:
        """Whether the port is open."""
        return self._transport is not None

    async def connect(self) -> None:
        """Open the port for the first time. Raises one of OPEN_ERRORS."""
        await self._opener(lambda: _Connection(self))

    async def close(self) -> None:
        """Close the port for good; heartbeats end, and the wall connectors stop their cars within half a minute."""
        self._closed = True
        _cancel(self._wakeup, self._silence, self._retry)
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.gather(self._opening, return_exceptions=True)
        if self._transport is not None:
            transport, self._transport = self._transport, None
            transport.abort()
            self._controller.disconnected(self._clock.time())
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
        if self._closed:
            transport.close()
            return
        self._connection, self._transport = connection, transport
        self._failures = 0
        self._complained = False
        self._decoder.drop_partial()
        self._controller.connected(self._clock.time())
        self._pump()
        self._on_change()

    def ended(self, connection: _Connection) -> None:
        """The port is gone: say so, and try to open it again."""
        if connection is self._connection:
            self._lost()

    def _lost(self) -> None:
        if self._transport is None:
            return
        self._transport = None
        self._controller.disconnected(self._clock.time())
        _cancel(self._wakeup)
        self._retry_later()
        self._on_change()

    def heard(self, connection: _Connection, data: bytes) -> None:
        """Bytes arrived."""
        if self._transport is None or connection is not self._connection:
            return
        now = self._clock.time()
        self._controller.line_active(now)
        for found in self._decoder.feed(data):
            self._take(found, now)
        _cancel(self._silence)
        self._silence = self._clock.call_at(now + PARTIAL_SECONDS, self._fell_silent)
        self._pump()
        self._on_change()

    def _fell_silent(self) -> None:
        if (partial := self._decoder.drop_partial()) is not None:
            self._take(partial, self._clock.time())

    def _take(self, found: bytes | RejectedFrame, now: float) -> None:
        if isinstance(found, RejectedFrame):
            self._reject(found, now)
            return
        try:
            message = decode(found)
        except FrameRejected as error:
            self._reject(error.rejected, now)
            return
        self.frames.add(CapturedFrame(now, Direction.RECEIVED, found))
        self._controller.receive(message, now)

    def _reject(self, rejected: RejectedFrame, now: float) -> None:
        self.frames.add(CapturedFrame(now, Direction.RECEIVED, rejected.raw, rejected.reason))
        self._controller.rejected(rejected, now)

    def _pump(self) -> None:
        """Send what the controller wants to send now, and come back when it wants to be asked again."""
        if self._transport is None:
            return
        now = self._clock.time()
        while (message := self._controller.poll(now)) is not None:
            body = encode(message)
            self.frames.add(CapturedFrame(now, Direction.SENT, body))
            try:
                self._transport.write(wrap(body))
            except OPEN_ERRORS:
                # A port pulled out is not always reported before the next write fails.
                transport = self._transport
                self._lost()
                transport.abort()
                return
        _cancel(self._wakeup)
        wakeup = self._controller.next_wakeup()
        self._wakeup = None if wakeup is None else self._clock.call_at(wakeup, self._woken)

    def _woken(self) -> None:
        self._pump()
        self._on_change()

    def _retry_later(self) -> None:
        if self._closed:
            return
        pause = BACKOFF_SECONDS[min(self._failures, len(BACKOFF_SECONDS) - 1)]
        self._failures += 1
        self._retry = self._clock.call_at(self._clock.time() + pause, self._open_again)

    def _open_again(self) -> None:
        self._opening = asyncio.get_running_loop().create_task(self._reopen())

    async def _reopen(self) -> None:
        await self._wait_for_release()
        try:
            await self._opener(lambda: _Connection(self))
        except OPEN_ERRORS:
            self._retry_later()
        except Exception:
            # Gateways raise errors of their own, and no bus may stay silent for one of them.
            if not self._complained:
                self._complained = True
                _LOGGER.exception("The port cannot be opened again; trying on")
            self._retry_later()

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
