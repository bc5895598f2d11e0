"""Passes the bus from Home Assistant to a keeper, and back: see ``twc.keeper``."""

import asyncio
from collections.abc import Callable
from pathlib import Path
import subprocess
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers.storage import STORAGE_DIR

from ..const import DOMAIN, LOGGER
from ..port import connection
from ..port.names import scrubbed
from ..registry.naming import bus_name
from ..twc.bus.port.passed_port import PassedPort
from ..twc.bus.snapshot import BusRole
from ..twc.keeper.folder import BusLock, clear, end_by_force, new_place, places, prepare, take_last_words
from ..twc.keeper.launch import start
from ..twc.keeper.partner import Partner, TakenBack
from ..twc.keeper.state import KeptBus
from .role import role_of

LOCK_FREE_SECONDS: Final = 10.0
"""A keeper that was asked frees the lock within a second, and the dead hold none."""

NEXT_KEEPER_SECONDS: Final = 60.0
"""After a keeper could not be started, or ended, another one is tried."""


class Handover:
    """The lock of one bus, held while Home Assistant may speak on it, and the keeper that stands by meanwhile."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Name what belongs to an entry; nothing is held yet."""
        self._hass = hass
        self._entry = entry
        self._folder = folder_of(hass, entry)
        # Who gives no orders leaves nothing to be held.
        self._possible = role_of(entry.data) is BusRole.CONTROL and connection.can_be_kept(entry.data)
        self._lock = BusLock(self._folder)
        self._latest: KeptBus | None = None
        self._partner: Partner | None = None
        self._starting: asyncio.Task[None] | None = None
        self._not_before = 0.0
        self._complained = False
        self._left_open: PassedPort | None = None
        """The port of a keeper, which is closed in the end if nobody took it."""

    @property
    def somebody_stands_by(self) -> bool:
        """Whether a keeper would go on with the bus if it were left now."""
        return self._partner is not None and self._partner.is_there

    @property
    def _name(self) -> str:
        """What the owner calls the bus."""
        return bus_name(self._hass, self._entry)

    async def async_take_bus(self) -> TakenBack | None:
        """Take the bus, from a keeper if it has it. Returns what that one knew; None if nobody kept it.

        Raises ConfigEntryNotReady while somebody else speaks.
        """
        if not self._possible:
            # The port it had before may have a keeper, and lead to the same wall connectors.
            await async_forget_bus(self._hass, self._entry)
            return None
        back = None
        try:
            await self._hass.async_add_executor_job(prepare, self._folder)
            for place in await self._hass.async_add_executor_job(places, self._folder):
                back = await self._async_take_back(place) or back
            await self._async_take_lock()
            words = await self._hass.async_add_executor_job(take_last_words, self._folder)
        except OSError as error:
            # Nothing of this is needed to run a bus, only to leave it to somebody.
            self._possible = False
            LOGGER.warning("%s cannot be kept while Home Assistant is away: %s", self._name, error)
            return None
        if words:
            # They are a traceback, and libraries put whole addresses into their errors.
            quoted = scrubbed(words)
            LOGGER.warning("Keeping %s while Home Assistant was away failed: %s", self._name, quoted)
        if back is None or back.kept_seconds is None:
            return None
        LOGGER.info(
            "The heartbeats of %s went on for %.0f s while Home Assistant was away",
            self._name,
            back.kept_seconds,
        )
        return back

    async def _async_take_back(self, place: Path) -> TakenBack | None:
        back = await _async_take_back(self._hass, place)
        if back is not None and back.passed is not None:
            if self._left_open is not None:
                self._left_open.close()
            self._left_open = back.passed
        return back

    async def _async_take_lock(self) -> None:
        deadline = self._hass.loop.time() + LOCK_FREE_SECONDS
        while not self._lock.take():
            if self._hass.loop.time() > deadline:
                raise ConfigEntryNotReady(
                    translation_domain=DOMAIN,
                    translation_key="bus_taken",
                    translation_placeholders={"bus": self._name},
                )
            await asyncio.sleep(0.05)

    @callback
    def tell(self, state_now: Callable[[], KeptBus]) -> None:
        """Let the keeper know how the bus is now; one is started if there should be one and is not.

        Where there can be none, nobody asks: a bus is told of every second.
        """
        if self._possible:
            self._latest = state_now()
            self._tell(self._latest)

    def _tell(self, state: KeptBus) -> None:
        if state.keep_seconds == 0:
            self._dismiss()
        elif self._partner is not None and self._partner.is_there:
            self._partner.tell(state)
        elif self._starting is None and self._hass.loop.time() >= self._not_before:
            self._not_before = self._hass.loop.time() + NEXT_KEEPER_SECONDS
            self._starting = self._entry.async_create_background_task(
                self._hass, self._async_start(), f"{DOMAIN} keeper"
            )

    async def _async_start(self) -> None:
        started = self._hass.async_add_executor_job(_start_keeper, self._folder)
        stands_by = False
        try:
            partner = await Partner.meet(await asyncio.shield(started))
            await partner.stand_by()
            stands_by = True
        except (OSError, TimeoutError, subprocess.SubprocessError) as error:
            if not self._complained:
                self._complained = True
                LOGGER.warning("%s cannot be kept while Home Assistant is away: %s", self._name, error)
            return
        finally:
            self._starting = None
            if not stands_by:
                # The thread goes on even if nobody waits for it any more.
                started.add_done_callback(self._end_unwanted)
        self._complained = False
        self._dismiss()
        self._partner = partner
        if self._possible and self._latest is not None:
            self._tell(self._latest)

    @callback
    def _end_unwanted(self, started: asyncio.Future[Path]) -> None:
        if not started.cancelled() and started.exception() is None:
            _ = self._hass.async_add_executor_job(end_by_force, started.result())

    async def async_leave(self, state: KeptBus | None, port: PassedPort | None = None) -> None:
        """Free the bus; its port is closed, but for ``port``, with which the keeper goes on.

        With a ``state`` worth keeping the keeper goes on, otherwise it ends.
        """
        try:
            await self._async_leave(state, port)
        finally:
            for left in (port, self._left_open):
                if left is not None:
                    await self._hass.async_add_executor_job(left.close)

    async def _async_leave(self, state: KeptBus | None, port: PassedPort | None) -> None:
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
        self._lock.free()
        if self._partner is None or not self._partner.is_there or state is None or not state.worth_keeping:
            self._dismiss()
            return
        partner, self._partner = self._partner, None
        partner.tell(state, at_once=True)
        try:
            await partner.hand_over(port)
        except OSError, TimeoutError:
            LOGGER.warning("%s is not kept while Home Assistant is away", self._name)

    @callback
    def _dismiss(self) -> None:
        if self._partner is not None:
            self._partner.end()
            self._partner = None


def folder_of(hass: HomeAssistant, entry: ConfigEntry) -> Path:
    """Return where Home Assistant and the keepers of an entry meet."""
    return Path(hass.config.path(STORAGE_DIR, f"{DOMAIN}.{entry.entry_id}.keeper"))


async def async_forget_bus(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """End the keeper of an entry that is being removed, and leave nothing behind."""
    folder = folder_of(hass, entry)
    for place in await hass.async_add_executor_job(places, folder):
        back = await _async_take_back(hass, place)
        if back is not None and back.passed is not None:
            back.passed.close()
    await hass.async_add_executor_job(clear, folder)


def _start_keeper(folder: Path) -> Path:
    place = new_place(folder)
    try:
        start(place)
    except BaseException:
        clear(place)
        raise
    return place


async def _async_take_back(hass: HomeAssistant, place: Path) -> TakenBack | None:
    """Take the bus from the keeper at ``place``, by force if it does not answer; None if there is nobody."""
    try:
        partner = await Partner.meet(place)
        back = await partner.release(with_port=True)
    except OSError, TimeoutError:
        back = None
    await hass.async_add_executor_job(end_by_force, place)
    return back
