"""A serial server with one place for a guest, which it keeps for a while after he left."""

import asyncio

from twc.simulator.line import Line
from twc.simulator.tools.server import TcpClient


class _Guest(TcpClient):
    """A connection that is served, or closed at once while the place is taken."""

    def __init__(self, gateway: "OneSlotGateway") -> None:
        super().__init__(gateway.line, gateway.clients)
        self._gateway = gateway
        self._served = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._gateway.guests += 1
        if not self._gateway.take_place():
            self._gateway.refused += 1
            transport.abort()
            return
        self._served = True
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._served:
            self._gateway.free_place_later()


class OneSlotGateway:
    """What several makers build (nilan#161, Marstek-Venus-Energy-Manager#308); free ``late_seconds`` late."""

    def __init__(self, line: Line, late_seconds: float) -> None:
        self.line = line
        self.late_seconds = late_seconds
        self.clients: set[TcpClient] = set()
        self.guests = 0
        self.refused = 0
        self._taken = False
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Guest(self), "127.0.0.1", 0)

    @property
    def device(self) -> str:
        return f"socket://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def take_place(self) -> bool:
        taken, self._taken = self._taken, True
        return not taken

    def free_place_later(self) -> None:
        asyncio.get_running_loop().call_later(self.late_seconds, self._free_place)

    def _free_place(self) -> None:
        self._taken = False

    async def close(self) -> None:
        self._server.close()
        for client in tuple(self.clients):
            client.abort()
        await self._server.wait_closed()
