"""Goes on with a port that another process of ours had open: its descriptor is passed on, so the port stays open.

A serial server with a single place may keep it taken for 12 s after the client left (nilan#161,
Marstek-Venus-Energy-Manager#308), and a contactor opens after 20 to 30 s without heartbeats (protocol.md 1.13). A
descriptor stands for a serial line with its speed set, or for a TCP connection in the middle of its stream.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
import errno
import os
from typing import Any

from .link import Opener

DESCRIPTOR = "descriptor"
"""Under this name a transport tells the descriptor of its port."""
_READ_BYTES = 64 * 1024


class PassedPort:
    """Owns the descriptor of an open port until somebody takes it."""

    def __init__(self, descriptor: int) -> None:
        """Take a descriptor; nobody else closes it."""
        self._descriptor: int | None = descriptor

    def fileno(self) -> int:
        """Return the descriptor, which stays here. Raises ValueError once it was taken or closed."""
        if self._descriptor is None:
            raise ValueError("This port is not here any more")
        return self._descriptor

    def take(self) -> int | None:
        """Return the descriptor for its taker to close; None once it is gone."""
        descriptor, self._descriptor = self._descriptor, None
        return descriptor

    def close(self) -> None:
        """Close what nobody took; harmless otherwise."""
        if (descriptor := self.take()) is not None:
            _close(descriptor)

    def __del__(self) -> None:
        """Close the port if nobody took it."""
        self.close()


class _PassedTransport(asyncio.Transport):
    """Reads and writes a descriptor: a serial port or a socket."""

    def __init__(self, loop: asyncio.AbstractEventLoop, descriptor: int, protocol: asyncio.Protocol) -> None:
        super().__init__({DESCRIPTOR: descriptor})
        self._loop = loop
        self._descriptor = descriptor
        self._protocol = protocol
        self._unsent = bytearray()
        self._closing = False

    def begin(self) -> None:
        os.set_blocking(self._descriptor, False)
        self._protocol.connection_made(self)
        if not self._closing:
            self._loop.add_reader(self._descriptor, self._read)

    def _read(self) -> None:
        try:
            data = os.read(self._descriptor, _READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._end(error)
            return
        if data:
            self._protocol.data_received(data)
        else:
            self._end(OSError(errno.EIO, "The other end is gone"))

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self._closing:
            self._unsent += data
            self._send()

    def _send(self) -> None:
        try:
            del self._unsent[: os.write(self._descriptor, self._unsent)]
        except (BlockingIOError, InterruptedError):
            pass
        except OSError as error:
            self._end(error)
            return
        if self._unsent:
            self._loop.add_writer(self._descriptor, self._send)
        else:
            self._loop.remove_writer(self._descriptor)

    def get_write_buffer_size(self) -> int:
        return len(self._unsent)

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        self._end(None)

    def abort(self) -> None:
        self._end(None)

    def _end(self, error: OSError | None) -> None:
        if self._closing:
            return
        self._closing = True
        self._loop.remove_reader(self._descriptor)
        self._loop.remove_writer(self._descriptor)
        # A serial port is closed only when what was written has left it.
        closed = self._loop.run_in_executor(None, _close, self._descriptor)
        closed.add_done_callback(lambda _: self._protocol.connection_lost(error))


def _close(descriptor: int) -> None:
    with suppress(OSError):
        os.close(descriptor)


def adopting(opener: Opener, port: PassedPort) -> Opener:
    """Return an opener that goes on with a passed port as long as it is here, and then opens as ``opener`` does."""

    async def open_port(
        protocol_factory: Callable[[], asyncio.Protocol],
    ) -> tuple[Any, asyncio.Protocol]:
        if (descriptor := port.take()) is None:
            return await opener(protocol_factory)
        protocol = protocol_factory()
        transport = _PassedTransport(asyncio.get_running_loop(), descriptor, protocol)
        transport.begin()
        return transport, protocol

    return open_port
