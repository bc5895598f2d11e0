"""A serial port that exists only in memory: one end of a simulated line, with a USB adapter's manners."""

import asyncio
from collections.abc import Callable
import errno
from typing import Any

from .line import Line, Role

ProtocolFactory = Callable[[], asyncio.Protocol]


class MemoryTransport(asyncio.Transport):
    """What an asyncio protocol gets to write to."""

    def __init__(self, port: "MemoryPort", protocol: asyncio.Protocol) -> None:
        """Join the line at once; ``connection_made`` is the port's business."""
        super().__init__()
        self._port = port
        self._protocol: asyncio.BaseProtocol = protocol
        self._tap = port.line.tap(port.name, Role.CONTROLLER, protocol.data_received)
        self._closing = False
        self._loop = asyncio.get_running_loop()
        self._closed: asyncio.Future[None] = self._loop.create_future()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Put bytes on the line."""
        if not self._closing:
            self._tap.send(bytes(data))

    def is_closing(self) -> bool:
        """Return whether the port is closed or about to be."""
        return self._closing

    def close(self) -> None:
        """Close the port; ``connection_lost(None)`` follows from the event loop."""
        self.lose(None, soon=True)

    def abort(self) -> None:
        """Close the port; there is nothing to wait for."""
        self.close()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Talk to another protocol from now on; the line keeps to the first."""
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Return the protocol this transport talks to."""
        return self._protocol

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Know nothing but the default."""
        return default

    async def flush(self) -> None:
        """Return at once: the line queues what is written."""

    async def wait_closed(self) -> None:
        """Wait until ``connection_lost`` was called."""
        await asyncio.shield(self._closed)

    def lose(self, error: OSError | None, *, soon: bool) -> None:
        """Leave the line and tell the protocol why: from the event loop, or at once."""
        if self._closing:
            return
        self._closing = True
        self._tap.leave()
        self._port.released(self)
        if soon:
            self._loop.call_soon(self._lost, error)
        else:
            self._lost(error)

    def _lost(self, error: OSError | None) -> None:
        self._protocol.connection_lost(error)
        if not self._closed.done():
            self._closed.set_result(None)


class MemoryPort:
    """An adapter on a simulated line. Call it like an opener; one program at a time may have it open."""

    def __init__(self, line: Line, name: str = "memory") -> None:
        """Describe the adapter; nothing is on the line until it is opened."""
        self.line = line
        self.name = name
        self._transport: MemoryTransport | None = None
        self._plugged_in = True

    @property
    def is_open(self) -> bool:
        """Whether a program has it open."""
        return self._transport is not None

    async def __call__(self, factory: ProtocolFactory) -> tuple[asyncio.Transport, asyncio.Protocol]:
        """Open the port. Raises OSError while the adapter is unplugged (ENOENT) or in use (EBUSY)."""
        if not self._plugged_in:
            raise OSError(errno.ENOENT, "No such file or directory", self.name)
        if self._transport is not None:
            raise OSError(errno.EBUSY, "Device or resource busy", self.name)
        protocol = factory()
        transport = self._transport = MemoryTransport(self, protocol)
        protocol.connection_made(transport)
        return transport, protocol

    def unplug(self) -> None:
        """Pull the adapter out: whoever has it open loses it with EIO, and nobody can open it."""
        self._plugged_in = False
        if self._transport is not None:
            self._transport.lose(OSError(errno.EIO, "Input/output error"), soon=False)

    def plug_in(self) -> None:
        """Put the adapter back."""
        self._plugged_in = True

    def released(self, transport: MemoryTransport) -> None:
        """Note that a program has closed the port."""
        if self._transport is transport:
            self._transport = None


def open_memory(line: Line, name: str = "memory") -> MemoryPort:
    """Return an opener that attaches a controller to ``line`` without leaving this process."""
    return MemoryPort(line, name)
