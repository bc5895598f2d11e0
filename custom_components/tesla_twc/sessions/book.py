"""Runs the ledger of one bus in Home Assistant: feeds it, shows its sessions to entities, writes them in time."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from math import inf
from pathlib import Path
import sqlite3
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..const import CONF_PRICES, DOMAIN, LOGGER
from ..registry.bus_id import bus_id
from ..registry.house_entry import options_of
from ..registry.naming import connector_name
from ..twc.bus.snapshot import BusSnapshot
from ..twc.cars.recognise import By
from ..twc.charging.decision import Decision
from ..twc.protocol.codes import TwcId
from ..twc.sessions.energy import Prices
from ..twc.sessions.happening import Happening, Told, explains_a_start
from ..twc.sessions.ledger import Ledger
from ..twc.sessions.session import Session
from .bus_event import fire
from .database import FILE_NAME, FilePaused, SessionDatabase
from .due import car_of_subject
from .periods import Periods
from .prices import HousePrices
from .statistics import SessionStatistics

WRITE_SECONDS = 55.0
"""What a car takes is written so often; what happens is written at once. A crash loses the sources of less than a
minute, and no energy: the wall connector counts on."""

DATABASE: HassKey[SessionDatabase] = HassKey(f"{DOMAIN}_sessions")

HEARD_SECONDS = 900.0
"""That a wall connector without a car is there is written so often, and when Home Assistant stops: a car that comes
while it is away comes after that."""

type Listener = Callable[[Told], None]


def database_of(hass: HomeAssistant) -> SessionDatabase:
    """Return the one file of this house."""
    if DATABASE not in hass.data:
        hass.data[DATABASE] = SessionDatabase(Path(hass.config.path(FILE_NAME)))
    return hass.data[DATABASE]


class SessionBook:
    """Keeps the account of a bus."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Begin with empty pages."""
        self._hass = hass
        self._entry = entry
        self._bus = bus = bus_id(entry)
        self._database = database_of(hass)
        self._prices = HousePrices(hass, lambda: options_of(hass, entry).get(CONF_PRICES))
        self.periods = Periods(hass, self._database, bus)
        self.statistics = SessionStatistics(hass, self._database, bus, self._name_of)
        self.car_names: dict[str, str] = {}
        """What each car is called, or was when it was deleted, by its id."""
        self._new_names: dict[str, str] = {}
        self._vins: dict[str, str] = {}
        """Which car has a VIN, of those whose earlier charges were looked for."""
        self._usable = False
        self._writing = asyncio.Lock()
        """One after the other: an earlier word about a session must not overwrite a later one."""
        self._complained = False
        self._written_at = self._heard_written_at = hass.loop.time()
        self._listeners: list[Listener] = []
        self.ledger = Ledger()
        self.rewritten = 0
        """How often their owner changed what is kept."""

    async def async_load(self) -> None:
        """Go on with what was kept. Whatever is wrong with it costs the memory of charges and nothing else."""
        try:
            broken = await self._hass.async_add_executor_job(self._database.prepare)
            kept = await self._hass.async_add_executor_job(self._database.latest, self._bus)
            # While a backup is made there was no crash, after which statistics have to be told once more.
            with suppress(FilePaused):
                await self._hass.async_add_executor_job(self._database.mark_due, self._bus, kept)
            faults = await self._hass.async_add_executor_job(self._database.faults, self._bus)
            heard = await self._hass.async_add_executor_job(self._database.heard, self._bus)
            self.car_names |= await self._hass.async_add_executor_job(self._database.car_names)
            self.ledger = Ledger.resumed(kept, faults, heard)
        except Exception as error:  # noqa: BLE001 - a bus is served whatever was written into a file
            LOGGER.warning("Charges are not remembered, because their file cannot be used: %s", error)
            return
        self._usable = True
        await self._async_read_prices()
        await self.periods.async_read()
        # The logbook asks for words when there is no time to load them.
        await async_get_translations(self._hass, self._hass.config.language, "common", [DOMAIN])
        if broken is not None:
            LOGGER.warning("The file of all charges was damaged; it was put aside as %s", broken.name)
            ir.async_create_issue(
                self._hass,
                DOMAIN,
                "sessions_broken",
                is_fixable=False,
                is_persistent=True,
                severity=ir.IssueSeverity.WARNING,
                translation_key="sessions_broken",
                translation_placeholders={"file": broken.name},
            )

    async def _async_read_prices(self) -> None:
        """Read them again before each write: an owner may have told the Energy dashboard another price."""
        try:
            await self._prices.async_read_preferences()
        except Exception as error:  # noqa: BLE001 - the Energy dashboard is not ours, and a price is not worth a charge
            LOGGER.debug("The prices of the Energy dashboard cannot be read: %s", error)

    def _name_of(self, subject: str) -> str:
        """Return what a wall connector or a car is called in statistics."""
        car_id = car_of_subject(subject)
        if car_id is not None:
            return self.car_names.get(car_id, car_id)
        return connector_name(self._hass, self._entry.entry_id, TwcId(int(subject, 16)))

    @callback
    def know_cars(self, names: Mapping[str, str]) -> None:
        """Keep what cars are called, for the time when one of them is deleted."""
        new = {car_id: name for car_id, name in names.items() if self.car_names.get(car_id) != name}
        self.car_names |= new
        self._new_names |= new
        if new and self._usable:
            _ = self._hass.async_create_task(self.async_flush(), f"{DOMAIN} names of cars")

    @callback
    def know_vins(self, vins: Mapping[str, str]) -> None:
        """Give each car the charges with its VIN from before it was entered. ``vins``: car ids by VIN."""
        new = {vin: car_id for vin, car_id in vins.items() if self._vins.get(vin) != car_id}
        self._vins |= new
        if new and self._usable:
            _ = self._hass.async_create_task(self._async_claim(new), f"{DOMAIN} earlier charges of cars")

    async def _async_claim(self, vins: Mapping[str, str]) -> None:
        """Write whose the charges of some VINs are. One that its owner gave to somebody by hand stays his."""
        for vin, car_id in vins.items():
            try:
                found = await self._hass.async_add_executor_job(self._database.of_vin, self._bus, vin, car_id)
                claimed = [
                    replace(one, car=car_id, car_by=By.VIN.value)
                    for one in found
                    if one.car_by != By.HAND and one.car not in self._vins.values()
                ]
                if claimed:
                    await self.async_rewrite(claimed)
                    LOGGER.info(
                        "%d earlier charges are those of %s", len(claimed), self.car_names.get(car_id)
                    )
            except (HomeAssistantError, OSError, sqlite3.Error) as error:
                # They are looked for again at the next start.
                LOGGER.warning("The earlier charges of a car cannot be given to it: %s", error)

    # From the bus

    @callback
    def follow(
        self,
        bus: BusSnapshot,
        decision: Decision,
        told_to_stop: Collection[TwcId],
        sentence_of: Callable[[TwcId, str | None, float], str | None],
    ) -> None:
        """Take in a moment, tell what happened, and have it written when it is time.

        ``told_to_stop``: whose cars were told to stop by a switch of their own a moment ago. ``sentence_of`` returns
        what is behind a reason at a wall connector in words, at a time in s of the bus.
        """
        now = dt_util.utcnow()
        told = self.ledger.follow(bus, decision, self._prices.now(), now.timestamp(), told_to_stop)
        due = self._hass.loop.time() - self._written_at >= WRITE_SECONDS
        is_urgent = bool(told or self.ledger.at_once)
        is_new = bool(self.ledger.changed or self.ledger.faults.changed) and (is_urgent or due)
        is_new = is_new or (due and self._hass.loop.time() - self._heard_written_at >= HEARD_SECONDS)
        if self._usable and (is_new or self.periods.is_over(now.timestamp())):
            self.ledger.at_once.clear()
            self._written_at = self._hass.loop.time()
            self.periods.expect(now.timestamp())
            _ = self._hass.async_create_task(self.async_flush(), f"{DOMAIN} sessions")
        if self._usable and not self._database.is_paused and self.statistics.is_due(now.timestamp()):
            _ = self._hass.async_create_task(
                self.statistics.async_tell(now.timestamp()), f"{DOMAIN} statistics"
            )
        for one in told:
            if _is_explained(one, decision):
                one = replace(one, sentence=sentence_of(one.twcid, one.reason, bus.now))
            self.tell(one)

    @callback
    def tell(self, told: Told) -> None:
        """Tell something that happened to everybody who listens, and to the logbook."""
        fire(self._hass, self._entry, told)
        for listener in list(self._listeners):
            listener(told)

    @property
    def prices_now(self) -> Prices:
        """What a kWh costs at this moment."""
        return self._prices.now()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Tell ``listener`` of everything that happens from now on, until what is returned is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def energy_at_plug_in(self, twcid: TwcId) -> float | None:
        """Return the lifetime energy of a wall connector when the car there was plugged in, kWh; None without one."""
        session = self.ledger.open_session(twcid)
        return None if session is None else session.start_kwh

    def shown(self, twcid: TwcId) -> Session | None:
        """Return the session of the car that is there, or the last one; None: more of it was shown before a restart."""
        if self.ledger.is_behind(twcid):
            return None
        return self.ledger.open_session(twcid) or self.ledger.last_session(twcid)

    # To the disk

    async def async_close(self) -> None:
        """Write down how everything is, whether or not a backup is made at this moment."""
        self.ledger.keep_open_sessions()
        self._heard_written_at = -inf
        self._database.resume()
        await self.async_flush()

    async def async_flush(self) -> None:
        """Write what is not written yet. What the disk refuses is kept and tried again with the next."""
        async with self._writing:
            await self._async_read_prices()
            if not self._usable:
                return
            if not self._database.is_paused:
                await self._async_write()
            await self.periods.async_read()

    async def async_rewrite(self, sessions: Sequence[Session]) -> None:
        """Write sessions as their owner changed them, with every sum that follows from them."""
        async with self._writing:
            try:
                await self._hass.async_add_executor_job(self._database.write, self._bus, sessions)
            except FilePaused as error:
                raise HomeAssistantError(
                    translation_domain=DOMAIN, translation_key="sessions_paused", translation_placeholders={}
                ) from error
            except (OSError, sqlite3.Error) as error:
                raise HomeAssistantError(
                    translation_domain=DOMAIN,
                    translation_key="sessions_not_written",
                    translation_placeholders={"error": str(error)},
                ) from error
            for one in sessions:
                self.ledger.take_over(one)
            self.rewritten += 1
            await self.periods.async_read()
        await self.statistics.async_tell(dt_util.utcnow().timestamp())

    async def _async_write(self) -> None:
        run, faults = self._hass.async_add_executor_job, self.ledger.faults
        batch, names = dict(self.ledger.changed), self._new_names
        self.ledger.changed.clear()
        self._new_names = {}
        heard_is_due = self._hass.loop.time() - self._heard_written_at >= HEARD_SECONDS
        self._heard_written_at = self._hass.loop.time() if heard_is_due else self._heard_written_at
        try:
            if batch:
                await run(self._database.write, self._bus, batch.values())
            if names:
                await run(self._database.keep_car_names, names)
            if faults.changed:
                faults.changed = False
                standing = {str(twcid): problem for twcid, problem in faults.standing.items()}
                await run(self._database.keep_faults, self._bus, standing)
            if heard_is_due:
                await run(self._database.keep_heard, self._bus, self.ledger.heard_without_car())
        except (OSError, sqlite3.Error) as error:
            self.ledger.changed = {**batch, **self.ledger.changed}
            self._new_names = {**names, **self._new_names}
            faults.changed = True
            if not self._complained and not isinstance(error, FilePaused):
                self._complained = True
                LOGGER.warning("A charge cannot be written down; it is tried again: %s", error)
        else:
            self._complained = False


def moment(seconds: float) -> datetime:
    """Return s since 1970 as a time."""
    return datetime.fromtimestamp(seconds, UTC)


def _is_explained(told: Told, decision: Decision) -> bool:
    """Whether what happened is told with the decision behind it.

    A beginning is not told with why current ends, and an end of which nobody knows why with nothing. Of a start that is
    told later nobody knows any more what was decided then.
    """
    if told.what is Happening.CHARGING_STARTED and told.at is None:
        decided = decision.connectors.get(told.twcid)
        return decided is not None and explains_a_start(decided)
    return told.what is Happening.CHARGING_STOPPED and told.reason is not None
