"""Ports under the control of a test, and the adapter that opens them."""

import asyncio

from twc.simulator.clock import SimulatedClock


class Port(asyncio.Transport):
    """A port under the control of a test."""

    def __init__(self, protocol: asyncio.Protocol) -> None:
        super().__init__()
        self.protocol = protocol
        self.written: list[bytes] = []
        self.broken: Exception | None = None
        self.aborted = False
        self.closes_late = False
        """Whether the end of the port is reported only when the test says so."""

    def write(self, data) -> None:
        if self.broken is not None:
            raise self.broken
        self.written.append(bytes(data))

    def abort(self) -> None:
        if not self.aborted and not self.closes_late:
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)
        self.aborted = True

    close = abort


class Adapter:
    """Opens ports, or fails as often as a test wants."""

    def __init__(self) -> None:
        self.ports: list[Port] = []
        self.error: Exception | None = None
        self.attempts: list[float] = []
        self.clock = SimulatedClock()
        self.slow: asyncio.Event | None = None
        self.gives_up_with: Exception | None = None
        """What it raises when an attempt is cancelled."""

    async def __call__(self, factory):
        self.attempts.append(self.clock.time())
        if self.slow is not None:
            await self._wait(self.slow)
        if self.error is not None:
            raise self.error
        protocol = factory()
        port = Port(protocol)
        self.ports.append(port)
        protocol.connection_made(port)
        return port, protocol

    async def _wait(self, until: asyncio.Event) -> None:
        try:
            await until.wait()
        except asyncio.CancelledError:
            raise self.gives_up_with or asyncio.CancelledError from None

    @property
    def port(self) -> Port:
        return self.ports[-1]
