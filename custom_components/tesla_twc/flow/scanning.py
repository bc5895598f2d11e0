"""Listens to a port for the dialogue: opens it, shows the progress, and closes it again whatever happens."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import override

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant

from ..runtime.handover import async_forget_bus
from ..twc.bus.clock import Clock
from ..twc.bus.port.link import Opener
from ..twc.bus.port.scan import SCAN_SECONDS, Scan, ScanReport

_PROGRESS_STEPS = 24
"""Two a second: enough for a bar that moves."""


class ScanInterrupted(Exception):
    """The port went away while it was listened to."""


class EntryBusy(Exception):
    """The entry that holds the port cannot be stopped now."""


async def scan_line(
    opener: Opener, clock: Clock, *, on_open: Callable[[], None], on_progress: Callable[[float], None]
) -> ScanReport:
    """Open a port, listen for SCAN_SECONDS without sending, and close it.

    ``on_open`` is called once the port is open, ``on_progress`` with 0..1 from time to time. Raises one of
    ``link.OPEN_ERRORS`` if the port does not open, and ScanInterrupted if it goes away too early.
    """
    scan = Scan()
    listener = _Listener(scan)
    transport, _ = await opener(lambda: listener)
    on_open()
    over = asyncio.get_running_loop().create_future()
    start = clock.time()
    timers = [
        clock.call_at(start + SCAN_SECONDS * step / _PROGRESS_STEPS, on_progress, step / _PROGRESS_STEPS)
        for step in range(1, _PROGRESS_STEPS)
    ]
    timers.append(clock.call_at(start + SCAN_SECONDS, over.set_result, None))
    try:
        await asyncio.wait({over, listener.closed}, return_when=asyncio.FIRST_COMPLETED)
        if not over.done():
            raise ScanInterrupted
        return scan.report()
    finally:
        for timer in timers:
            timer.cancel()
        transport.abort()
        await asyncio.shield(listener.closed)


@asynccontextmanager
async def port_released(hass: HomeAssistant, entry: ConfigEntry) -> AsyncGenerator[None]:
    """Stop ``entry`` for a while, so that its port is free and it sends nothing; then start it again.

    Raises EntryBusy if it cannot be stopped.
    """
    if not entry.state.recoverable or not await hass.config_entries.async_unload(entry.entry_id):
        raise EntryBusy
    await async_forget_bus(hass, entry)
    try:
        yield
    finally:
        # The entry may have been deleted or started by somebody meanwhile, and Home Assistant may be stopping.
        known = hass.config_entries.async_get_entry(entry.entry_id) is not None
        if known and entry.state is ConfigEntryState.NOT_LOADED and hass.is_running:
            # A task of its own, for this one may be about to be cancelled.
            await hass.async_create_task(hass.config_entries.async_setup(entry.entry_id))


class _Listener(asyncio.Protocol):
    """Hands what arrives to a scan, and tells when the port is closed."""

    def __init__(self, scan: Scan) -> None:
        self._scan = scan
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @override
    def data_received(self, data: bytes) -> None:
        self._scan.feed(data)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set_result(None)
