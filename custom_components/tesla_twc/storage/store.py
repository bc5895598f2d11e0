"""Reads and writes the file of one bus; one that cannot be understood is set aside.

A file that cannot be understood never keeps the bus from starting. It is set aside, and everything begins at
the safe end: the minimum current, and a bus that is listened to before it is spoken to.
"""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any, override

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util.file import WriteError
import voluptuous as vol

from ..const import DOMAIN, LOGGER
from ..port import connection
from ..registry.naming import connector_name
from ..twc.bus.clock import Handle
from ..twc.protocol.codes import TwcId
from .memory import Memory, must_be_known, was_said
from .memory_json import from_json, to_json
from .rests import RESTS, believed, written
from .write_pace import WritePace

VERSION = 1


class _File(Store[dict[str, Any]]):
    """A file of Home Assistant that remembers whether it could be written; the original only logs it."""

    failure: Exception | None = None

    @override
    async def _async_migrate_func(
        self, old_major_version: int, old_minor_version: int, old_data: dict[str, Any]
    ) -> dict[str, Any]:
        raise HomeAssistantError(f"nothing is known of version {old_major_version}.{old_minor_version}")

    @override
    async def _async_write_data(self, data: dict[str, Any]) -> None:
        try:
            await super()._async_write_data(data)
        except (OSError, WriteError) as error:
            self.failure = error


class BusStore:
    """The file of one bus."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Name the file after the config entry."""
        self._hass, self._entry_id = hass, entry_id
        self._clock = connection.clock_of(hass)
        self._store = _File(hass, VERSION, f"{DOMAIN}.{entry_id}", atomic_writes=True)
        self._written = Memory()
        self._waiting = self._written
        self._due = 0.0
        self._pace = WritePace()
        self._timer: Handle | None = None
        self._writing: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._complained = False
        self._not_kept: set[str] = set()

    async def async_load(self) -> Memory:
        """Read the file; an unreadable one counts as empty."""
        try:
            stored = await self._store.async_load()
            memory = Memory() if stored is None else self._believed(stored)
        except (
            HomeAssistantError,
            vol.Invalid,
            LookupError,
            OverflowError,
            TypeError,
            ValueError,
        ) as error:
            LOGGER.warning(
                "What was kept of this bus cannot be read and is set aside; limits start at the minimum: %s",
                error,
            )
            await self._hass.async_add_executor_job(self._set_aside)
            memory = Memory()
        self._written = memory
        return memory

    def _set_aside(self) -> None:
        path = Path(self._store.path)
        with suppress(OSError):
            path.replace(self._unreadable)

    @property
    def _unreadable(self) -> Path:
        path = Path(self._store.path)
        return path.with_name(f"{path.name}.unreadable")

    @callback
    def save_soon(self, memory: Memory) -> None:
        """Write a memory in the background, if it differs from what is on disk: the sooner the more it matters."""
        self._waiting = memory
        # Mostly nothing but energy has moved, and not beyond what is written ahead.
        if memory.with_energy_ahead() == self._written or memory == self._written:
            return
        if self._writing is not None and not self._writing.done():
            # A slow disk gets one thing at a time; what has changed meanwhile is noticed with the next call.
            return
        due = self._pace.due(
            self._clock.time(),
            urgent=must_be_known(memory, self._written),
            said=was_said(memory, self._written),
        )
        if self._timer is None or due < self._due:
            self.cancel()
            self._due = due
            self._timer = self._clock.call_at(due, self._write_waiting)

    @callback
    def cancel(self) -> None:
        """Write nothing more in the background."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @callback
    def save_now(self, memory: Memory) -> None:
        """Write a memory in the background without waiting for anything."""
        self.cancel()
        self._writing = self._hass.async_create_task(self._async_write(memory))

    @callback
    def _write_waiting(self) -> None:
        self.save_now(self._waiting.with_energy_ahead())

    async def async_save(self, memory: Memory) -> None:
        """Write a memory now, if it differs from what is on disk; nothing is written after that."""
        self.cancel()
        if self._writing is not None:
            await self._writing
        await self._async_write(memory)

    async def _async_write(self, memory: Memory) -> None:
        async with self._turn:
            if memory == self._written:
                return
            data, lost = to_json(memory)
            self._note_lost(lost)
            rests = written(memory, self._clock.time(), _wall_time())
            if rests is not None:
                data["rests"] = rests
            self._store.failure = None
            await self._store.async_save(data)
            if self._store.failure is None:
                self._pace.written(
                    self._clock.time(),
                    urgent=must_be_known(memory, self._written),
                    said=was_said(memory, self._written),
                )
                self._written = memory
            self._note(self._store.failure)

    def _note_lost(self, lost: tuple[str, ...]) -> None:
        """Say once of each wall connector that it will not be remembered."""
        for twcid in lost:
            if twcid not in self._not_kept:
                name = connector_name(self._hass, self._entry_id, TwcId.parse(twcid))
                LOGGER.warning("%s tells of itself what cannot be true; a restart would forget it", name)
        self._not_kept.update(lost)

    def _note(self, failure: Exception | None) -> None:
        """Say once that nothing can be written, and once that it can again."""
        if failure is not None:
            self._pace.refused(self._clock.time())
        if failure is not None and not self._complained:
            LOGGER.warning(
                "What is kept of this bus cannot be written to disk, and a restart would forget it; trying on: %s",
                failure,
            )
        elif failure is None and self._complained:
            LOGGER.info("What is kept of this bus is written to disk again")
        self._complained = failure is not None

    async def async_remove(self) -> None:
        """Delete the file, also one that was set aside."""
        await self._store.async_remove()
        await self._hass.async_add_executor_job(self._remove_unreadable)

    def _remove_unreadable(self) -> None:
        with suppress(OSError):
            self._unreadable.unlink(missing_ok=True)

    def _believed(self, stored: Any) -> Memory:
        memory, lost = from_json(stored)
        if lost:
            LOGGER.warning(
                "What was learnt of this bus cannot be read and is learnt again: %s", ", ".join(lost)
            )
        kept = RESTS(stored["rests"]) if "rests" in stored else None
        return believed(memory, kept, self._clock.time(), _wall_time())


def _wall_time() -> float:
    return dt_util.utcnow().timestamp()
