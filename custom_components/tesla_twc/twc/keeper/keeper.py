"""The process that stands by: what it does when Home Assistant goes, and when it comes back."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from secrets import SystemRandom
import signal
import socket
from typing import Any

from ..bus import remembering
from ..bus.controller import Controller
from ..bus.line_watch import watched
from ..bus.link import OPEN_ERRORS, Link, serial_opener
from ..bus.snapshot import BusPhase
from .folder import BusLock, clear, note_crash, now, secret_of
from .lines import LONGEST_LINE, Word, answer, is_secret, read
from .state import KeptBus, StateRefused, from_json

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
        self._watched: asyncio.StreamWriter | None = None
        self._heir: asyncio.StreamWriter | None = None
        """The Home Assistant that came back."""
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
            farewell = self._farewell()
            await self._stop_speaking()
            # Before the farewell: whoever hears it starts anew in this folder.
            clear(self._place)
            if self._heir is not None:
                self._heir.write(farewell)
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
                self._obey(said, writer)
            if self._watched is writer:
                self._start(self._partner_died)
        finally:
            writer.close()

    def _obey(self, said: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        match said.get("do"):
            case Word.STAND_BY:
                self._watched = writer
                writer.write(answer(standing_by=True))
            case Word.STATE:
                self._state = None
                with suppress(StateRefused):
                    # One that cannot be read may have been a lower one, so the last one that could does not stand.
                    self._state = from_json(said.get("state"))
            case Word.TAKE_OVER:
                self._watched = None
                self._start(self._keep)
                writer.write(answer(taken_over=self._is_wanted))
            case Word.RELEASE:
                self._watched, self._heir = None, writer
                self._ended.set()
            case Word.END:
                self._watched = None
                self._ended.set()

    def _farewell(self) -> bytes:
        """Say what became of the bus, as it is before the port is closed."""
        time = asyncio.get_running_loop().time()
        controller = self._controller
        return answer(
            kept_seconds=None if self._kept_since is None else round(now() - self._kept_since, 1),
            spoke=controller is not None and controller.snapshot(time).phase is BusPhase.RUNNING,
            port=None if self._state is None else self._state.port,
            remembered={
                str(known.twcid): remembering.to_json(known)
                for known in (() if controller is None else controller.remembered())
            },
        )

    async def _partner_died(self) -> None:
        """Home Assistant is gone without a word. Once that may happen; a crash loop is not to be kept alive."""
        self._watched = None
        if note_crash(self._place.parent, CRASH_SECONDS) >= CRASHES:
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
        since = now()
        if await self._take_lock():
            self._kept_since = since
            with suppress(TimeoutError):
                # A gateway may take for ever to let somebody in.
                async with asyncio.timeout(state.keep_seconds):
                    await self._speak(state, since)

    async def _take_lock(self) -> bool:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + LOCK_SECONDS
        while not self._lock.take():
            if loop.time() > deadline:
                return False
            await asyncio.sleep(0.02)
        return True

    async def _speak(self, state: KeptBus, since: float) -> None:
        """Open the port and decide, until the bound, or until this folder is not where Home Assistant looks."""
        loop = asyncio.get_running_loop()
        remembered = tuple(one.known for one in state.connectors)
        # What the owner of any other one wishes is not known here.
        self._controller = Controller(
            state.settings(),
            remembered,
            taken_over_at=loop.time(),
            knows_all=True,
            chance=SystemRandom().random,
        )
        opener = watched(serial_opener(state.port), loop, state.port, somebody_is_there=True)
        self._link = Link(self._controller, opener, loop, lambda: None)
        await self._open(self._link)
        while (age := now() - since) < state.keep_seconds and self._lock.is_valid:
            self._controller.offer(state.orders(lowered=age >= state.lowered_after), loop.time())
            self._link.kick()
            await asyncio.sleep(min(DECIDE_SECONDS, state.keep_seconds - age))

    async def _open(self, link: Link) -> None:
        """Open the port as soon as it lets itself be opened: some gateways need a moment between two guests."""
        while True:
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
            try:
                async with asyncio.timeout(CLOSE_SECONDS):
                    await self._link.close()
            except TimeoutError:
                # The end of the process closes what its driver does not, and frees the lock only then.
                return
        self._lock.free()
