"""The same line for other programs: as a pseudo-terminal and over TCP; and a port that takes commands."""

import asyncio
from collections.abc import Callable
import contextlib
import os
from pathlib import Path
import select
import tty

from ..line import Line, Role, Tap
from .arguments import CommandError

POLL_SECONDS = 0.05
"""How often an unused pseudo-terminal is looked at."""

UNREAD_BYTES = 65536
"""A client that leaves so much unread gets nothing more until it reads: a serial port forgets, too."""


class PtyServer:
    """One end of a line as a pseudo-terminal; programs open ``path`` like a serial port."""

    def __init__(self, line: Line, link: Path | None = None) -> None:
        """Describe it; ``link`` is a stable name for it, a symbolic link that is made and removed."""
        self._line = line
        self._link = link
        self._fd = -1
        self._name = ""
        self._reading = False
        self._tap: Tap | None = None
        self._poll: asyncio.TimerHandle | None = None

    @property
    def path(self) -> str:
        """What to open."""
        return str(self._link) if self._link is not None else self._name

    def start(self) -> None:
        """Open it. Raises OSError, also when something other than a symbolic link has the stable name."""
        self._fd, other = os.openpty()
        tty.setraw(other)
        self._name = os.ttyname(other)
        os.close(other)
        os.set_blocking(self._fd, False)
        if self._link is not None:
            if self._link.is_symlink():
                self._link.unlink()
            self._link.symlink_to(self._name)
        self._tap = self._line.tap(f"terminal {self._name}", Role.CONTROLLER, self._hear)
        self._read_or_wait()

    def close(self) -> None:
        """Close it; whoever has it open loses it."""
        if self._tap is None:
            return
        self._tap.leave()
        self._tap = None
        if self._poll is not None:
            self._poll.cancel()
        self._stop_reading()
        os.close(self._fd)
        if self._link is not None and self._link.is_symlink() and str(self._link.readlink()) == self._name:
            self._link.unlink()

    @property
    def in_use(self) -> bool:
        """Whether a program has it open: Linux reports a hang-up on our end otherwise."""
        poll = select.poll()
        poll.register(self._fd, select.POLLIN)
        return not any(event & select.POLLHUP for _, event in poll.poll(0))

    def _read_or_wait(self) -> None:
        """Read if a program has the other end open, or check again soon."""
        loop = asyncio.get_running_loop()
        if self.in_use:
            self._poll, self._reading = None, True
            loop.add_reader(self._fd, self._read)
        else:
            self._poll = loop.call_later(POLL_SECONDS, self._read_or_wait)

    def _stop_reading(self) -> None:
        if self._reading:
            self._reading = False
            asyncio.get_running_loop().remove_reader(self._fd)

    def _read(self) -> None:
        try:
            data = os.read(self._fd, 4096)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data and self._tap is not None:
            self._tap.send(data)
        elif not data:
            self._stop_reading()
            self._read_or_wait()

    def _hear(self, data: bytes) -> None:
        """Pass on what is said on the line; nobody hears it while no program has the terminal open."""
        if self._reading:
            with contextlib.suppress(OSError):
                os.write(self._fd, data)


class TcpClient(asyncio.Protocol):
    """One TCP connection: one more end on the line."""

    def __init__(self, line: Line, clients: "set[TcpClient]") -> None:
        """Be ready to join ``line``, and ``clients`` while connected."""
        self._line = line
        self._clients = clients
        self._tap: Tap | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Join the line."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        peer = transport.get_extra_info("peername")
        self._tap = self._line.tap(f"{peer[0]}:{peer[1]}", Role.CONTROLLER, self.deliver)
        self._clients.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave the line."""
        self._clients.discard(self)
        if self._tap is not None:
            self._tap.leave()

    def data_received(self, data: bytes) -> None:
        """Put on the line what the client says."""
        if self._tap is not None:
            self._tap.send(data)

    @property
    def unread_bytes(self) -> int:
        """What the client has still to read."""
        return self._transport.get_write_buffer_size() if self._transport is not None else 0

    def deliver(self, data: bytes) -> None:
        """Pass on what is said on the line, unless the client is too far behind."""
        if self._transport is not None and self.unread_bytes < UNREAD_BYTES:
            self._transport.write(data)

    def abort(self) -> None:
        """Drop the connection."""
        if self._transport is not None:
            self._transport.abort()


class TcpServer:
    """A line over TCP, as a serial gateway offers it. A new client joins those that are there already."""

    def __init__(self, line: Line, host: str, port: int) -> None:
        """Describe it; port 0 takes a free one."""
        self._line = line
        self._host, self._port = host, port
        self._server: asyncio.Server | None = None
        self.clients: set[TcpClient] = set()
        """Who is connected."""

    @property
    def address(self) -> tuple[str, int]:
        """Host and port it listens on."""
        return _address(self._server) if self._server is not None else (self._host, self._port)

    async def start(self) -> None:
        """Begin to listen. Raises OSError."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: TcpClient(self._line, self.clients), self._host, self._port
        )

    async def close(self) -> None:
        """Stop listening and drop every client."""
        if self._server is None:
            return
        self._server.close()
        for client in tuple(self.clients):
            client.abort()
        await self._server.wait_closed()
        self._server = None


class ControlServer:
    """Takes commands over TCP, one a line. Each answer ends in a line "ok" or "error: ..."."""

    def __init__(self, carry_out: Callable[[str], str], host: str, port: int) -> None:
        """Describe it; ``carry_out`` answers a command or raises CommandError. Port 0 takes a free one."""
        self._carry_out = carry_out
        self._host, self._port = host, port
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def address(self) -> tuple[str, int]:
        """Host and port it listens on."""
        return _address(self._server) if self._server is not None else (self._host, self._port)

    async def start(self) -> None:
        """Begin to listen. Raises OSError."""
        self._server = await asyncio.start_server(self._serve, self._host, self._port)

    async def close(self) -> None:
        """Stop listening and drop every client."""
        if self._server is None:
            return
        self._server.close()
        for writer in self._writers:
            writer.close()
        await self._server.wait_closed()
        self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with contextlib.suppress(ConnectionError, ValueError):
            while line := await reader.readline():
                writer.write(self._answer(line.decode("utf-8", "replace")).encode())
                await writer.drain()
        self._writers.discard(writer)
        writer.close()

    def _answer(self, line: str) -> str:
        try:
            text = self._carry_out(line)
        except CommandError as error:
            return f"error: {error}\n"
        return f"{text}\nok\n" if text else "ok\n"


def _address(server: asyncio.Server) -> tuple[str, int]:
    host, port = server.sockets[0].getsockname()[:2]
    return str(host), int(port)
