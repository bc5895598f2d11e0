"""What survives a restart: the owner's wishes and the wall connectors that were there.

A file that cannot be understood never keeps the bus from starting. It is set aside, and everything begins at
the safe end: the minimum current, and a bus that is listened to before it is spoken to.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from math import floor
from pathlib import Path
from typing import Any, override

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import Store
from homeassistant.util.file import WriteError
import voluptuous as vol

from . import connection
from .const import DOMAIN, LOGGER
from .fixed_amps import KeptAmps
from .storage_schema import read, storable
from .twc.bus import remembering
from .twc.bus.clock import Handle
from .twc.bus.settings import RememberedConnector
from .twc.charging.coach import CoachMemory
from .twc.charging.engine import EngineMemory
from .twc.charging.fuse_duty import FuseStop
from .twc.charging.fuse_watch import FuseMemory
from .twc.charging.ledger import Wear
from .twc.protocol.codes import TwcId
from .wishes import ConnectorWish, SiteWish

VERSION = 1

SAVE_DELAY_SECONDS = 5.0
"""What must be known after a crash is on disk at the latest so long after it happened."""

WISH_SECONDS = 60.0
"""What was said, and what is offered because of it, is written no more often than this in the long run, and no later:
an automation may say something else every 10 s."""

WISHES_AT_ONCE = 10
"""So many may be written sooner: an owner who tries this and that is not an automation."""

PATIENT_SECONDS = 300.0
"""Everything else is: memory cards wear out. A disk that takes nothing is tried again as seldom: Home Assistant logs
each attempt."""

ENERGY_PAGE_KWH = 0.2
"""While a car charges, one write to disk covers at least so much energy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """All that is kept of one bus."""

    remembered: tuple[RememberedConnector, ...] = ()
    wishes: Mapping[TwcId, ConnectorWish] = field(default_factory=dict)
    site: SiteWish = field(default_factory=SiteWish)
    learnt: EngineMemory = field(default_factory=EngineMemory)
    fixed: Mapping[TwcId, KeptAmps] = field(default_factory=dict)
    """What an action set for a while."""
    circuit_limit: int | None = None
    """A per phase, where the owner lowered it below the configured limit."""
    device: str = ""
    """The port it was on, without secrets."""

    def with_energy_ahead(self) -> Memory:
        """Return what to write while the bus runs: energy as it may be before the next write.

        After a power cut the lifetime energy goes on from here, and must not fall below what was published.
        """
        return replace(self, remembered=tuple(map(_with_energy_ahead, self.remembered)))


def _with_energy_ahead(connector: RememberedConnector) -> RememberedConnector:
    if connector.energy_kwh is None:
        return connector
    pages = floor(connector.energy_kwh / ENERGY_PAGE_KWH) + 2
    # Never beyond the next whole kWh: that one is the wall connector's own counter to announce.
    ahead = min(round(pages * ENERGY_PAGE_KWH, 3), floor(connector.energy_kwh) + 0.999)
    return replace(connector, energy_kwh=max(ahead, connector.energy_kwh))


def _must_be_known(memory: Memory, written: Memory) -> bool:
    """Whether a crash now would let a wall connector be taken for something else than it is."""
    before = _by_twcid(written)
    if (memory.learnt.wear, memory.learnt.stops) != (written.learnt.wear, written.learnt.stops):
        return True
    if _by_twcid(memory).keys() != before.keys():
        return True
    return any(_matters(connector, before[connector.twcid]) for connector in memory.remembered)


def _was_said(memory: Memory, written: Memory) -> bool:
    """Whether a crash now would lose what the owner or an automation said, or what is offered because of it.

    An offer on disk that is a minute old harms nobody. One that is not heard since the restart counts with all that
    its cable carries when another asks for more, and the lower figure lowers fewer that charge already.
    """
    if (memory.wishes, memory.site, memory.circuit_limit) != (
        written.wishes,
        written.site,
        written.circuit_limit,
    ):
        return True
    if _ends(memory) != _ends(written):
        return True
    before = _by_twcid(written)
    return any(
        connector.twcid not in before or connector.offered_amps > before[connector.twcid].offered_amps
        for connector in memory.remembered
    )


def _by_twcid(memory: Memory) -> dict[TwcId, RememberedConnector]:
    return {connector.twcid: connector for connector in memory.remembered}


def _ends(memory: Memory) -> dict[TwcId, tuple[int, float | None, bool]]:
    """Return the fixed amps without what is left of them, which changes all the time."""
    return {twcid: (one.amps, one.ends_at, one.waits_for_car) for twcid, one in memory.fixed.items()}


def _matters(connector: RememberedConnector, written: RememberedConnector) -> bool:
    """Whether more than the amps and the energy changed, or the energy rose."""
    if connector.energy_kwh is not None and connector.energy_kwh > (written.energy_kwh or 0.0):
        return True
    same = replace(connector, offered_amps=written.offered_amps, energy_kwh=written.energy_kwh)
    return same != written


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
        self._hass = hass
        self._clock = connection.clock_of(hass)
        self._store = _File(hass, VERSION, f"{DOMAIN}.{entry_id}", atomic_writes=True)
        self._written = Memory()
        self._waiting = self._written
        self._due = 0.0
        self._not_before = 0.0
        """Clock time until which a disk that took nothing is left alone."""
        self._paid_until = float("-inf")
        """Clock time at which every wish written until now has had its share of the time."""
        self._timer: Handle | None = None
        self._writing: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._complained = False

    async def async_load(self) -> Memory:
        """Read the file; an unreadable one counts as empty."""
        try:
            stored = await self._store.async_load()
            memory = Memory() if stored is None else _read(stored)
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
        if self._written in (memory, memory.with_energy_ahead()):
            return
        if self._writing is not None and not self._writing.done():
            # A slow disk gets one thing at a time; what has changed meanwhile is noticed with the next call.
            return
        due = max(self._due_for(memory), self._not_before)
        if self._timer is None or due < self._due:
            self.cancel()
            self._due = due
            self._timer = self._clock.call_at(due, self._write_waiting)

    def _due_for(self, memory: Memory) -> float:
        """Return the clock time at which what has changed should be on disk."""
        now = self._clock.time()
        if _must_be_known(memory, self._written):
            return now + SAVE_DELAY_SECONDS
        if _was_said(memory, self._written):
            return max(now + SAVE_DELAY_SECONDS, self._paid_until - (WISHES_AT_ONCE - 1) * WISH_SECONDS)
        return now + PATIENT_SECONDS

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
            self._store.failure = None
            await self._store.async_save(_to_json(memory))
            if self._store.failure is None:
                # What was said may be unsaid again by the time it is written; that costs a write all the same.
                if _was_said(memory, self._written) or not _must_be_known(memory, self._written):
                    self._paid_until = max(self._paid_until, self._clock.time()) + WISH_SECONDS
                self._written = memory
            self._note(self._store.failure)

    def _note(self, failure: Exception | None) -> None:
        """Say once that nothing can be written, and once that it can again."""
        if failure is not None:
            self._not_before = self._clock.time() + PATIENT_SECONDS
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


def _read(stored: Any) -> Memory:
    data, lost = read(stored)
    if lost:
        LOGGER.warning("What was learnt of this bus cannot be read and is learnt again: %s", ", ".join(lost))
    return _from_json(data)


def _to_json(memory: Memory) -> dict[str, Any]:
    data = {
        "device": memory.device,
        "circuit_limit": memory.circuit_limit,
        "wishes": {str(twcid): asdict(wish) for twcid, wish in memory.wishes.items()},
        "site": asdict(memory.site),
        "learnt": _learnt_to_json(memory.learnt),
        "fixed": {str(twcid): asdict(one) for twcid, one in memory.fixed.items()},
        "remembered": {
            str(connector.twcid): remembering.to_json(connector) for connector in memory.remembered
        },
    }
    return storable(data)


def _learnt_to_json(learnt: EngineMemory) -> dict[str, Any]:
    return {
        "wear": {str(twcid): asdict(wear) for twcid, wear in learnt.wear.items()},
        "phases": {str(twcid): phases for twcid, phases in learnt.phases.items()},
        "intervals": {name: round(seconds, 1) for name, seconds in learnt.intervals.items()},
        "coach": None if learnt.coach is None else asdict(learnt.coach),
        "fuse": {
            "intervals": list(learnt.fuse.intervals),
            "delay_seconds": learnt.fuse.delay_seconds,
            "answers_within": learnt.fuse.answers_within,
            "answers": [
                {"twcid": str(twcid), "loads": list(loads), "texts": list(texts)}
                for (twcid, loads), texts in learnt.fuse.answers.items()
            ],
        },
        "fuse_stops": {str(twcid): asdict(stop) for twcid, stop in learnt.stops.items()},
    }


def _learnt_from_json(stored: dict[str, Any]) -> EngineMemory:
    return EngineMemory(
        wear={twcid: Wear(**wear) for twcid, wear in stored.get("wear", {}).items()},
        phases=stored.get("phases", {}),
        intervals=stored.get("intervals", {}),
        coach=CoachMemory(**coach) if (coach := stored.get("coach")) else None,
        fuse=_fuse_from_json(stored.get("fuse", {})),
        stops={twcid: FuseStop(**stop) for twcid, stop in stored.get("fuse_stops", {}).items()},
    )


def _fuse_from_json(stored: dict[str, Any]) -> FuseMemory:
    return FuseMemory(
        intervals=tuple(stored.get("intervals", ())),
        delay_seconds=stored.get("delay_seconds"),
        answers_within=stored.get("answers_within"),
        answers={
            (one["twcid"], tuple(one["loads"])): tuple(one["texts"]) for one in stored.get("answers", ())
        },
    )


def _from_json(stored: dict[str, Any]) -> Memory:
    return Memory(
        device=stored["device"],
        circuit_limit=stored["circuit_limit"],
        wishes={twcid: ConnectorWish(**wish) for twcid, wish in stored["wishes"].items()},
        site=SiteWish(**stored["site"]),
        learnt=_learnt_from_json(stored["learnt"]),
        fixed={twcid: KeptAmps(**one) for twcid, one in stored["fixed"].items()},
        remembered=stored["remembered"],
    )
