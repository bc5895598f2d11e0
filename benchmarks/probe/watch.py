"""Times how long the event loop is held: by our integration, and by whatever; and holds it on purpose.

All of our code is entered through the clock and the ports that ``connection`` gives out, so wrapping both sees
every call, with everything that happens inside it: decisions, entities, listeners.
"""

import asyncio
from collections.abc import Callable
import random
import time
from typing import override

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback

from custom_components.tesla_twc.port import connection
from custom_components.tesla_twc.twc.bus.clock import Arguments, Handle
from custom_components.tesla_twc.twc.bus.port.link import Opener

TICK_SECONDS = 0.01
HOLD_SECONDS = (0.05, 0.3)
PAUSE_SECONDS = (0.1, 0.7)
"""Between two times that the loop is held: it is held for a third of the time."""


class Stopwatch:
    """Remembers the longest call, in s."""

    def __init__(self) -> None:
        """Nothing was timed yet."""
        self.longest = 0.0

    def time(self, call: Callable[[*Arguments], object], *args: *Arguments) -> None:
        """Make a call and time it."""
        began = time.perf_counter()
        call(*args)
        self.longest = max(self.longest, time.perf_counter() - began)


class TimedClock:
    """The event loop's clock; what it calls is timed."""

    def __init__(self, loop: asyncio.AbstractEventLoop, stopwatch: Stopwatch) -> None:
        """Take the loop."""
        self.time = loop.time
        self._loop = loop
        self._stopwatch = stopwatch

    def call_at(self, when: float, callback: Callable[[*Arguments], object], *args: *Arguments) -> Handle:
        """Call back at ``when``."""
        return self._loop.call_at(when, self._stopwatch.time, callback, *args)


class TimedProtocol(asyncio.Protocol):
    """Passes everything on to a protocol and times it."""

    def __init__(self, inner: asyncio.Protocol, stopwatch: Stopwatch) -> None:
        """Stand before ``inner``."""
        self._inner = inner
        self._stopwatch = stopwatch

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._stopwatch.time(self._inner.connection_made, transport)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._stopwatch.time(self._inner.connection_lost, exc)

    @override
    def data_received(self, data: bytes) -> None:
        self._stopwatch.time(self._inner.data_received, data)


def timed(opener: Opener, stopwatch: Stopwatch) -> Opener:
    """Return an opener whose protocols are timed."""

    async def open_port(
        factory: Callable[[], asyncio.Protocol],
    ) -> tuple[asyncio.Transport, asyncio.Protocol]:
        return await opener(lambda: TimedProtocol(factory(), stopwatch))

    return open_port


class Lag:
    """Asks to be called again and again, and notices how late it is."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin."""
        self.longest = 0.0
        """In s."""
        self._loop = loop
        self._ask()

    def _ask(self) -> None:
        due = self._loop.time() + TICK_SECONDS
        self._loop.call_at(due, self._called, due)

    def _called(self, due: float) -> None:
        self.longest = max(self.longest, self._loop.time() - due)
        self._ask()


class Hog:
    """Another integration that holds the event loop, as some do."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Do nothing yet."""
        self.active = False
        self._loop = loop
        self._random = random.Random(1)

    def hold(self) -> None:
        """Hold the loop for a moment, and again a moment later."""
        if not self.active:
            return
        end = time.perf_counter() + self._random.uniform(*HOLD_SECONDS)
        while time.perf_counter() < end:
            pass
        self._loop.call_later(self._random.uniform(*PAUSE_SECONDS), self.hold)


def install(hass: HomeAssistant) -> None:
    """Begin to watch, and take commands."""
    loop, stopwatch, lag, hog = hass.loop, Stopwatch(), Lag(hass.loop), Hog(hass.loop)
    open_for_real = connection.opener_for
    connection.clock_of = lambda hass: TimedClock(loop, stopwatch)
    connection.opener_for = lambda hass, device: timed(open_for_real(hass, device), stopwatch)

    @callback
    def read(call: ServiceCall) -> ServiceResponse:
        """Return what was longest since the last time, in s."""
        answer: ServiceResponse = {"ours": stopwatch.longest, "lag": lag.longest}
        stopwatch.longest = lag.longest = 0.0
        return answer

    @callback
    def hold(call: ServiceCall) -> None:
        """Begin to hold the loop, or stop it."""
        hog.active = call.data["active"]
        hog.hold()

    hass.services.async_register("probe", "read", read, supports_response=SupportsResponse.ONLY)
    hass.services.async_register("probe", "hold", hold)
