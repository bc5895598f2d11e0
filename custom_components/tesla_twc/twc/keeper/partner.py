"""Home Assistant's side of the conversation with a keeper."""

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..bus import remembered_json
from ..bus.port.passed_port import PassedPort
from ..bus.settings import RememberedConnector
from .folder import reach, secret_of
from .lines import KEEPER_ANSWER_SECONDS, LONGEST_LINE, PORT_WAIT_SECONDS, STATE_FORMAT, Word, line, read
from .passing import call, receive_port
from .state import KeptBus, to_json

ENERGY_TOLD_SECONDS = 5.0
"""That nothing but energy has moved is told so often: a keeper that takes over counts on from there."""
_FULL_BYTES = 256 * 1024
"""Nothing more is written to a keeper that has left so much unread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """What a keeper left to the Home Assistant that came back."""

    kept_seconds: float | None = None
    """How long it kept the bus; None if it never had to."""
    spoke: bool = False
    """Whether it was speaking until now: it had its port, and there was no other controller."""
    port: str | None = None
    remembered: tuple[RememberedConnector, ...] = ()
    passed: PassedPort | None = None
    """The port itself, open, where it could be passed; whoever does not use it has to close it."""


class Partner:
    """The line to one keeper. As long as it is open and Home Assistant lives, the keeper is silent."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, place: Path, secret: str
    ) -> None:
        """Take the streams; see ``meet``."""
        self._reader = reader
        self._writer = writer
        self._place = place
        self._secret = secret
        self._told: KeptBus | None = None
        self._told_at = float("-inf")

    @classmethod
    async def meet(cls, place: Path) -> "Partner":
        """Connect to the keeper at ``place`` and prove to be its Home Assistant. Raises OSError if nobody is there.

        Reads a file: ``secret_of`` is called in a thread.
        """
        secret = await asyncio.to_thread(secret_of, place)
        connection = reach(place)
        reader, writer = await asyncio.open_unix_connection(sock=connection, limit=LONGEST_LINE)
        writer.write(line(Word.HELLO, secret=secret))
        return cls(reader, writer, place, secret)

    @property
    def is_there(self) -> bool:
        """Whether the keeper still listens."""
        return not (self._writer.is_closing() or self._reader.at_eof())

    async def stand_by(self) -> None:
        """Let it stand by. Raises OSError or TimeoutError if it does not answer, and leaves then."""
        await self._ask(Word.STAND_BY)

    def tell(self, state: KeptBus, *, at_once: bool = False) -> None:
        """Tell how the bus is now, if that changed; of energy that flows now and then only, unless ``at_once``."""
        if state == self._told or not self.is_there:
            return
        now = asyncio.get_running_loop().time()
        is_due = at_once or self._told is None or now - self._told_at >= ENERGY_TOLD_SECONDS
        if not is_due and self._told is not None and state.without_energy == self._told.without_energy:
            return
        if self._writer.transport.get_write_buffer_size() < _FULL_BYTES:
            self._told, self._told_at = state, now
            self._writer.write(line(Word.STATE, state=to_json(state)))

    async def hand_over(self, port: PassedPort | None = None) -> bool:
        """Let it speak: the lock is free, and the port is closed but for the one that is passed.

        Returns whether it does; raises as ``stand_by``.
        """
        connection = None if port is None else call(self._place, self._secret, port)
        try:
            taken = await self._ask(Word.TAKE_OVER)
        finally:
            if connection is not None:
                connection.close()
        self.close()
        return taken.get("taken_over") is True

    async def release(self, *, with_port: bool = False) -> TakenBack:
        """Take the bus from it, and its port as it is if that is wanted and can be; it ends. Raises as ``stand_by``."""
        connection = call(self._place, self._secret) if with_port else None
        try:
            answer = await self._ask(Word.RELEASE, patient=True)
            if answer.get("waiting") is True:
                answer = await self._answer(PORT_WAIT_SECONDS)
            passed = None if connection is None else receive_port(connection)
        finally:
            if connection is not None:
                connection.close()
        self.close()
        return replace(_taken_back(answer), passed=passed)

    def end(self) -> None:
        """Tell it to end: there is nothing to keep."""
        if self.is_there:
            self._writer.write(line(Word.END))
        self.close()

    def close(self) -> None:
        """Leave. A keeper that was told neither to take over nor to end takes this for a death."""
        self._writer.close()

    async def _ask(self, word: Word, **rest: Any) -> dict[str, Any]:
        self._writer.write(line(word, **rest))
        return await self._answer(KEEPER_ANSWER_SECONDS)

    async def _answer(self, seconds: float) -> dict[str, Any]:
        answer = None
        try:
            async with asyncio.timeout(seconds):
                answer = await read(self._reader)
        finally:
            if answer is None:
                self.close()
        if answer is None:
            raise ConnectionResetError("The keeper of the bus has gone")
        return answer


def _taken_back(answer: dict[str, Any]) -> TakenBack:
    """Read a farewell. One of another format gives the port back and says nothing else that can be trusted."""
    if answer.get("format") != STATE_FORMAT:
        return TakenBack()
    try:
        return TakenBack(
            kept_seconds=None if answer["kept_seconds"] is None else float(answer["kept_seconds"]),
            spoke=answer["spoke"] is True,
            port=answer["port"],
            remembered=tuple(
                remembered_json.from_json(twcid, facts) for twcid, facts in answer["remembered"].items()
            ),
        )
    except (AttributeError, LookupError, TypeError, ValueError):
        return TakenBack()
