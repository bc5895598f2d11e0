"""Stands by while Home Assistant runs, keeps the bus while it is away, hands it back; for how long is in state.py."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
import logging
from pathlib import Path
from secrets import SystemRandom
import signal
import socket
from typing import Any

from ..bus import remembered_json
from ..bus.containment import Containment
from ..bus.controller import Controller
from ..bus.port.dead_connection import watched
from ..bus.port.link import OPEN_ERRORS, Link, serial_opener
from ..bus.port.passed_port import PassedPort, adopting
from ..bus.port.schemes import is_on_network
from ..bus.snapshot import BusPhase
from ..bus.timing import DECIDE_SECONDS
from .folder import BusLock, clear, note_crash, now, secret_of
from .lines import LONGEST_LINE, PORT_WAIT_SECONDS, Word, answer, is_secret, read
from .passing import answer_call, listen_for_calls, pass_port
from .state import KeptBus, StateRefused, from_json

LONELY_SECONDS = 60.0
"""A keeper that no Home Assistant contacts within this time after its start ends."""

CRASH_LOOP_SECONDS = 15 * 60.0
MAX_CRASHES = 3
"""So many ends without a word in this time are a crash loop: the bus is not kept after the last of them."""

LOCK_WAIT_SECONDS = 5.0
"""The longest wait for the lock. Home Assistant frees it before it hands over, the kernel after its death."""
LAST_BYTES_SECONDS = 0.3
"""The bytes that a dead process had written may still be leaving the adapter: two full frames."""

REOPEN_SECONDS = 0.5
KEEPER_CLOSE_SECONDS = 3.0
WORDS_EACH = 6
"""Messages for each wall connector, questions included, among which there are some heartbeats."""
LONGEST_WAIT_SECONDS = PORT_WAIT_SECONDS - KEEPER_CLOSE_SECONDS - 1.0
"""A Home Assistant that was told to wait for the port gets the bus at the latest after this time."""
_BEYOND_SECONDS = 2.0

_LOGGER = logging.getLogger(__name__)


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
        self._heir_waits = False
        """Whether the Home Assistant that came back was told to wait until the port is open."""
        self._kept_since: float | None = None
        self._controller: Controller | None = None
        self._link: Link | None = None
        self._calls: socket.socket | None = None
        """Where a port is passed."""
        self._caller: socket.socket | None = None
        """Where the Home Assistant that came back waits for the port."""
        self._passed: PassedPort | None = None
        """The port that Home Assistant left."""
        self._contain: Containment
        self._ended = asyncio.Event()

    async def run(self, listening: socket.socket) -> None:
        """Stand by until it is over. Raises what went wrong while it kept the bus."""
        loop = asyncio.get_running_loop()
        self._contain = Containment(loop, _LOGGER)
        self._calls = listen_for_calls(self._place)
        loop.add_signal_handler(signal.SIGTERM, self._ended.set)
        server = await asyncio.start_unix_server(self._converse, sock=listening, limit=LONGEST_LINE)
        lonely = loop.call_later(LONELY_SECONDS, self._nobody_came)
        try:
            await self._ended.wait()
        finally:
            lonely.cancel()
            server.close()
            farewell = self._contain.run(
                "saying farewell", self._farewell, otherwise=answer(kept_seconds=None)
            )
            port = self._port_for_heir()
            await self._stop_speaking()
            # This goes before the farewell, because the Home Assistant that hears it starts anew in this folder.
            clear(self._place)
            if self._caller is not None and port is not None:
                pass_port(self._caller, port)
            if self._heir is not None:
                self._heir.write(farewell)
            self._close_sockets(port)
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
                    # A state that cannot be read may hold lower offers, so the one before is dropped, too.
                    self._state = from_json(said.get("state"))
            case Word.TAKE_OVER:
                self._watched = None
                connection, self._passed = answer_call(self._calls, self._secret)
                if connection is not None:
                    connection.close()
                self._start(self._keep)
                writer.write(answer(taken_over=self._is_wanted))
            case Word.RELEASE:
                self._watched, self._heir = None, writer
                self._caller, stray = answer_call(self._calls, self._secret)
                if stray is not None:
                    stray.close()
                waits = self._contain.run("looking at the bus", self._waits_for_port, otherwise=False)
                if said.get("patient") is True and waits:
                    writer.write(answer(waiting=True))
                    self._heir_waits = True
                    asyncio.get_running_loop().call_later(LONGEST_WAIT_SECONDS, self._ended.set)
                else:
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
                str(known.twcid): remembered_json.to_json(known)
                for known in (() if controller is None else controller.remembered())
            },
        )

    def _waits_for_port(self) -> bool:
        """Whether it has not sent enough yet but will: taking the bus away now would make the longest gap of all."""
        if self._keeping is None or self._keeping.done():
            return False
        if self._state is None or not is_on_network(self._state.port):
            # No other client can hold a local port, so it opens at once or not at all.
            return False
        if self._controller is None or self._link is None:
            return True
        bus = self._controller.snapshot(asyncio.get_running_loop().time())
        if self._link.connected and (self._can_pass or bus.phase is BusPhase.MUTED):
            return False
        return self._controller.counts["sent"] < WORDS_EACH * len(self._state.connectors)

    @property
    def _can_pass(self) -> bool:
        """Whether the port can be passed as it is, so that nobody has to wait for it again."""
        return self._caller is not None and self._link is not None and self._link.can_be_passed

    def _on_change(self) -> None:
        if self._heir_waits and not self._waits_for_port():
            self._ended.set()

    def _port_for_heir(self) -> PassedPort | None:
        """Return another descriptor of the port, with which it stays open for the Home Assistant that came back."""
        if self._caller is None or self._link is None or (descriptor := self._link.duplicate()) is None:
            return None
        return PassedPort(descriptor)

    def _close_sockets(self, port: PassedPort | None) -> None:
        for left in (port, self._passed, self._caller, self._calls):
            if left is not None:
                left.close()

    async def _partner_died(self) -> None:
        """Keep the bus after Home Assistant died without a word, unless that is a crash loop."""
        self._watched = None
        if note_crash(self._place.parent, CRASH_LOOP_SECONDS) >= MAX_CRASHES:
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
        # If this process hangs, the kernel ends it with this timer.
        signal.setitimer(signal.ITIMER_REAL, state.keep_seconds + _BEYOND_SECONDS)
        since = now()
        if await self._take_lock():
            self._kept_since = since
            with suppress(TimeoutError):
                # A gateway may take any time to accept a connection.
                async with asyncio.timeout(state.keep_seconds):
                    await self._speak(state, since)

    async def _take_lock(self) -> bool:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + LOCK_WAIT_SECONDS
        while not self._lock.take():
            if loop.time() > deadline:
                return False
            await asyncio.sleep(0.02)
        return True

    async def _speak(self, state: KeptBus, since: float) -> None:
        """Open the port and decide, until the bound, or until this folder is not where Home Assistant looks."""
        loop = asyncio.get_running_loop()
        remembered = tuple(one.known for one in state.connectors)
        # Of other wall connectors the owner's settings are not known here, so they are left alone.
        self._controller = Controller(
            state.settings(),
            remembered,
            taken_over_at=loop.time(),
            knows_all=True,
            chance=SystemRandom().random,
        )
        opener = serial_opener(state.port)
        if self._passed is not None:
            opener = adopting(opener, self._passed)
        alone = self._controller.leaves_all_alone
        opener = watched(opener, loop, state.port, somebody_is_there=True, leaves_all_alone=alone)
        self._link = Link(self._controller, opener, loop, self._on_change)
        await self._open(self._link)
        while (age := now() - since) < state.keep_seconds and self._lock.is_valid:
            # After an error the last orders hold on, and soon the controller goes down to the minimum.
            self._contain.run("deciding", self._decide, state, age, otherwise=None)
            await asyncio.sleep(min(DECIDE_SECONDS, state.keep_seconds - age))

    def _decide(self, state: KeptBus, age: float) -> None:
        """Say what every wall connector shall have, ``age`` s after the bus was taken over."""
        if self._controller is not None and self._link is not None:
            orders = state.orders(lowered=age >= state.lowered_after)
            self._controller.offer(orders, asyncio.get_running_loop().time())
            self._link.kick()

    async def _open(self, link: Link) -> None:
        """Open the port, with repeated attempts: some gateways need a moment between two connections."""
        while True:
            try:
                await link.connect()
            except OPEN_ERRORS:
                await asyncio.sleep(REOPEN_SECONDS)
            else:
                return

    async def _stop_speaking(self) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        if self._link is not None:
            try:
                async with asyncio.timeout(KEEPER_CLOSE_SECONDS):
                    await self._link.close()
            except TimeoutError:
                # The driver hangs; the end of the process closes the port and frees the lock.
                return
        self._lock.free()
