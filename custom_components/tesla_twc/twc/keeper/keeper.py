"""The process that stands by: what it does when Home Assistant goes, and when it comes back."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
import signal
import socket
import time
from typing import Any

from ..bus.controller import Controller
from ..bus.line_watch import watched
from ..bus.link import OPEN_ERRORS, Link, serial_opener
from .folder import BusLock, clear, secret_of
from .lines import LONGEST_LINE, Word, answer, is_secret, read
from .state import KeptBus, StateRefused, from_json, remembered_to_json

LONELY_SECONDS = 60.0
"""A keeper to which nobody speaks after its start is not wanted."""

CRASH_SECONDS = 15 * 60.0
CRASHES = 3
"""So many unannounced ends in this time are a crash loop: nothing is kept at the last of them."""

LOCK_SECONDS = 5.0
"""Home Assistant frees the lock before it says that it goes, and the kernel frees that of the dead."""
LAST_BYTES_SECONDS = 0.3
"""What a dead process had written may still be leaving an adapter: two full frames."""

DECIDE_SECONDS = 5.0
"""A controller that is told nothing for 15 s goes down to the minimum."""
RETRY_SECONDS = 0.5
CLOSE_SECONDS = 3.0
_BEYOND_SECONDS = 2.0


class Keeper:
    """Listens to Home Assistant on a socket, and speaks on the bus only in its absence."""

    def __init__(self, place: Path) -> None:
        """Take the place where Home Assistant finds it."""
        self._place = place
        self._secret = secret_of(place)
        self._lock = BusLock(place.parent)
        self._state: KeptBus | None = None
        self._crashes: list[float] = []
        """When Home Assistant ended without a word (monotonic s), now and under the keepers before."""
        self._watched: asyncio.StreamWriter | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._kept_since: float | None = None
        self._controller: Controller | None = None
        self._link: Link | None = None
        self._ended = asyncio.Event()

    async def run(self, listening: socket.socket) -> None:
        """Stand by until it is over. Raises what went wrong while it kept the bus."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._ended.set)
        server = await asyncio.start_unix_server(self._converse, sock=listening, limit=LONGEST_LINE)
        lonely = loop.call_later(LONELY_SECONDS, self._nobody_came)
        try:
            await self._ended.wait()
        finally:
            lonely.cancel()
            server.close()
            await self._stop_speaking()
        if self._keeping is not None and not self._keeping.cancelled():
            self._keeping.result()

    def _nobody_came(self) -> None:
        if self._watched is None and self._keeping is None:
            self._ended.set()

    # Home Assistant

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if not is_secret(await read(reader), self._secret):
                return
            while (said := await read(reader)) is not None:
                await self._obey(said, writer)
            if self._watched is writer:
                self._start(self._partner_died)
        finally:
            writer.close()

    async def _obey(self, said: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        now = time.monotonic()
        match said.get("do"):
            case Word.STAND_BY:
                self._watched = writer
                self._crashes = [now - age for age in said.get("crashes", [])]
                writer.write(answer(standing_by=True))
            case Word.STATE:
                with suppress(StateRefused):
                    # One that cannot be read leaves the last one that could; it is a few seconds old at most.
                    self._state = from_json(said.get("state"))
            case Word.TAKE_OVER:
                self._watched = None
                self._start(self._keep)
                writer.write(answer(taken_over=self._is_wanted))
            case Word.RELEASE:
                self._watched = None
                await self._stop_speaking()
                # Before the answer: whoever hears it starts anew in this folder.
                clear(self._place)
                writer.write(self._farewell(now))
                await writer.drain()
                self._ended.set()
            case Word.END:
                self._watched = None
                self._ended.set()

    def _farewell(self, now: float) -> bytes:
        remembered = () if self._controller is None else self._controller.remembered()
        return answer(
            kept_seconds=None if self._kept_since is None else round(now - self._kept_since, 1),
            crashes=[round(now - crash, 1) for crash in self._crashes],
            port=None if self._state is None else self._state.port,
            remembered=[remembered_to_json(known) for known in remembered],
        )

    async def _partner_died(self) -> None:
        """Home Assistant is gone without a word. Once that may happen; a crash loop is not to be kept alive."""
        self._watched = None
        now = time.monotonic()
        self._crashes = [crash for crash in [*self._crashes, now] if now - crash < CRASH_SECONDS]
        if len(self._crashes) >= CRASHES:
            self._ended.set()
            return
        await asyncio.sleep(LAST_BYTES_SECONDS)
        await self._keep()

    def _start(self, what: Callable[[], Coroutine[Any, Any, None]]) -> None:
        if self._keeping is None:
            self._keeping = asyncio.get_running_loop().create_task(what())
            self._keeping.add_done_callback(lambda _: self._ended.set())

    # The bus

    @property
    def _is_wanted(self) -> bool:
        return self._state is not None and self._state.worth_keeping

    async def _keep(self) -> None:
        """Speak until the bound, or until Home Assistant is back."""
        state = self._state
        if state is None or not state.worth_keeping:
            return
        # Whatever happens to this program: the kernel ends it.
        signal.setitimer(signal.ITIMER_REAL, state.keep_seconds + _BEYOND_SECONDS)
        since = time.monotonic()
        if not await self._take_lock():
            return
        self._kept_since = since
        loop = asyncio.get_running_loop()
        remembered = tuple(one.known for one in state.connectors)
        self._controller = Controller(state.settings(), remembered, taken_over_at=loop.time())
        opener = watched(serial_opener(state.port), loop, state.port)
        self._link = Link(self._controller, opener, loop, lambda: None)
        await self._open(self._link, since + state.keep_seconds)
        while (left := since + state.keep_seconds - time.monotonic()) > 0:
            lowered = time.monotonic() - since >= state.lowered_after
            self._controller.offer(state.orders(lowered=lowered), loop.time())
            self._link.kick()
            await asyncio.sleep(min(DECIDE_SECONDS, left))

    async def _take_lock(self) -> bool:
        deadline = time.monotonic() + LOCK_SECONDS
        while not self._lock.take():
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.02)
        return True

    async def _open(self, link: Link, deadline: float) -> None:
        """Open the port as soon as it lets itself be opened: some gateways need a moment between two guests."""
        while time.monotonic() < deadline:
            try:
                await link.connect()
            except OPEN_ERRORS:
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return

    async def _stop_speaking(self) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        if self._link is not None:
            link, self._link = self._link, None
            try:
                async with asyncio.timeout(CLOSE_SECONDS):
                    await link.close()
            except TimeoutError:
                # The end of the process closes what its driver does not, and frees the lock only then.
                return
        self._lock.free()
