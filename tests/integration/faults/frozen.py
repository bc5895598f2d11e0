"""An event loop that somebody else blocks: nothing of the integration runs, and the line goes on without it."""

import asyncio
from collections.abc import Callable
from typing import Any

from custom_components.tesla_twc.twc.bus.clock import Arguments, Handle
from custom_components.tesla_twc.twc.simulator.clock import SimulatedClock
from custom_components.tesla_twc.twc.simulator.memory import MemoryPort, ProtocolFactory


class FreezableLoop:
    """A clock and an opener that keep everything back while frozen, as a blocked event loop does."""

    def __init__(self, clock: SimulatedClock, port: MemoryPort) -> None:
        """Run on ``clock``, and hear through ``port``."""
        self._clock = clock
        self._port = port
        self._waiting: list[Callable[[], object]] = []
        self.frozen = False

    # A clock

    def time(self) -> float:
        """Return the time of the line, which goes on."""
        return self._clock.time()

    def call_at(self, when: float, callback: Callable[[*Arguments], object], *args: *Arguments) -> Handle:
        """Call back at ``when``, or as soon as the loop runs again."""
        timer = _Timer(self, lambda: callback(*args))
        self._clock.call_at(when, timer.due)
        return timer

    # An opener

    async def __call__(self, factory: ProtocolFactory) -> tuple[asyncio.Transport, asyncio.Protocol]:
        """Open the port."""
        return await self._port(lambda: _Ear(self, factory()))

    def run(self, call: Callable[[], object]) -> None:
        """Make a call, now or as soon as the loop runs again."""
        if self.frozen:
            self._waiting.append(call)
        else:
            call()

    def thaw(self) -> None:
        """Run again, and catch up in the order in which it happened."""
        self.frozen = False
        while self._waiting:
            self._waiting.pop(0)()


class _Timer:
    def __init__(self, loop: FreezableLoop, call: Callable[[], object]) -> None:
        self._loop = loop
        self._call: Callable[[], object] | None = call

    def due(self) -> None:
        self._loop.run(self._fire)

    def _fire(self) -> None:
        if self._call is not None:
            self._call()

    def cancel(self) -> None:
        """Forget the call."""
        self._call = None


class _Ear(asyncio.Protocol):
    """Passes on what a port says."""

    def __init__(self, loop: FreezableLoop, inner: Any) -> None:
        self._loop = loop
        self._inner = inner

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        self._loop.run(lambda: self._inner.data_received(data))

    def connection_lost(self, exc: Exception | None) -> None:
        self._loop.run(lambda: self._inner.connection_lost(exc))
