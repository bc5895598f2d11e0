"""A serial server on the network, as one sees it from here: its connections may die without a word."""

import asyncio
import errno
from typing import Any

from custom_components.tesla_twc.twc.simulator.memory import MemoryPort, ProtocolFactory

ADDRESS = "socket://192.168.1.50:8899"


class _Connection(asyncio.Transport):
    """One connection: the transport of our end, and the protocol of the other."""

    def __init__(self, gateway: Gateway, inner: asyncio.Protocol) -> None:
        super().__init__()
        self._gateway = gateway
        self._inner = inner
        self._line: asyncio.Transport | None = None
        self._out = b""
        self._in = b""
        self.stalled = False

    # From the line

    def connection_made(self, transport: asyncio.Transport) -> None:
        self._line = transport
        self._inner.connection_made(self)

    def data_received(self, data: bytes) -> None:
        self._in += data
        self.flow()

    def eof_received(self) -> None:
        """A line never ends by itself."""

    def connection_lost(self, error: Exception | None) -> None:
        self._gateway.connection = None
        self._inner.connection_lost(error)

    # From the integration

    def write(self, data: Any) -> None:
        self._out += bytes(data)
        self.flow()

    def flow(self) -> None:
        """Pass on what has piled up, all at once, unless nothing passes."""
        if self.stalled or self._line is None:
            return
        out, self._out = self._out, b""
        if out:
            self._line.write(out)
        heard, self._in = self._in, b""
        if heard:
            self._inner.data_received(heard)

    def is_closing(self) -> bool:
        return self._line is None or self._line.is_closing()

    def close(self) -> None:
        self.abort()

    def abort(self) -> None:
        if self._line is not None:
            self._line.abort()


class Gateway:
    """Opens connections to the adapter behind it, one at a time."""

    def __init__(self, port: MemoryPort) -> None:
        """Stand before ``port``; everything passes."""
        self.connection: _Connection | None = None
        self.reachable = True
        self.openings = 0
        self.unserved = 0
        """So many guests are let in next and never served: somebody else is still there."""
        self._port = port

    async def __call__(self, factory: ProtocolFactory) -> tuple[asyncio.Transport, asyncio.Protocol]:
        """Open a connection. Raises OSError while the gateway is not reachable."""
        if not self.reachable:
            raise OSError(errno.EHOSTUNREACH, "No route to host")
        self.openings += 1
        inner = factory()
        connection = _Connection(self, inner)
        connection.stalled = self.unserved > 0
        self.unserved -= connection.stalled
        await self._port(lambda: connection)  # type: ignore[arg-type, return-value]
        self.connection = connection
        return connection, inner

    def stall(self) -> None:
        """Let nothing pass any more through what is open, and close nothing."""
        assert self.connection is not None
        self.connection.stalled = True

    def flow_again(self) -> None:
        """Let everything pass that has piled up meanwhile, if the connection was kept."""
        if self.connection is not None:
            self.connection.stalled = False
            self.connection.flow()

    def drop(self) -> None:
        """Close the connection from the other end."""
        self._port.unplug()
        self._port.plug_in()
