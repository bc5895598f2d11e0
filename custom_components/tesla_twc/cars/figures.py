"""Reads the charges of each car in the last year from the file of sessions, beside the event loop."""

from datetime import timedelta
from math import inf
import sqlite3

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..const import LOGGER
from ..registry.bus_id import bus_id
from ..sessions.book import SessionBook, database_of
from ..twc.cars.car import OwnedCar
from ..twc.sessions.happening import Happening, Told
from ..twc.sessions.learnt import Learnt, learnt_of
from ..twc.sessions.session import Session
from .stored import car_subentries

READ_AGAIN_SECONDS = 3600.0
"""So often the file is read in any case: somebody may have put something right in it."""


class CarFigures:
    """The charges of the last year of all cars of one bus."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, sessions: SessionBook) -> None:
        """Know no charge yet."""
        self._hass, self._entry, self._sessions = hass, entry, sessions
        self._kept: dict[str, Session] = {}
        self._read_at = -inf
        self._is_reading = False
        self._rewritten = 0
        self._reads = 0
        self._learnt: dict[str, tuple[object, Learnt]] = {}
        """Of each car what is learnt, and from what that follows."""

    @callback
    def start(self) -> CALLBACK_TYPE:
        """Read what there is, and again whenever a charge ends, until what is returned is called."""
        self._read()
        return self._sessions.listen(self._on_told)

    @callback
    def follow(self) -> None:
        """Read again when it is time, or their owner has changed any."""
        is_changed = self._rewritten != self._sessions.rewritten
        if is_changed or self._hass.loop.time() - self._read_at >= READ_AGAIN_SECONDS:
            self._rewritten = self._sessions.rewritten
            self._read()

    @callback
    def _on_told(self, told: Told) -> None:
        if told.what is Happening.SESSION_ENDED:
            self._read()

    @callback
    def _read(self) -> None:
        self._read_at = self._hass.loop.time()
        if car_subentries(self._entry) and not self._is_reading:
            self._is_reading = True
            _ = self._entry.async_create_task(self._hass, self._async_read(), "cars' charges")

    async def _async_read(self) -> None:
        try:
            await self._sessions.async_flush()
            found = await self._hass.async_add_executor_job(
                database_of(self._hass).between, _a_year_ago(), inf, [bus_id(self._entry)]
            )
            self._kept = {one.key: one for one in found if one.car is not None}
            self._reads += 1
        except (OSError, sqlite3.Error) as error:
            LOGGER.debug("The charges of the cars cannot be read: %s", error)
        finally:
            self._is_reading = False

    def of(self, car_id: str) -> list[Session]:
        """Return the charges of a car that began in the last year, the oldest first."""
        known = {**self._kept, **{one.key: one for one in self._sessions.ledger.known_sessions()}}
        start = _a_year_ago()
        return sorted(
            (one for one in known.values() if one.car == car_id and one.start >= start and not one.deleted),
            key=lambda one: one.start,
        )

    def learnt(self, car: OwnedCar) -> Learnt:
        """Return what the charges of the last year have shown of a car and is acted on.

        It is asked for every second, and only worked out again when one of these charges shows something else.
        """
        recent = [
            (one.key, one.car, one.deleted, one.peak_amps, one.habits)
            for one in self._sessions.ledger.known_sessions()
        ]
        source: object = (self._reads, recent)
        if (known := self._learnt.get(car.car_id)) is None or known[0] != source:
            known = self._learnt[car.car_id] = (source, learnt_of(self.of(car.car_id)))
        return known[1]


def _a_year_ago() -> float:
    """Return when the last charge may have been that is still shown, s since 1970."""
    return (dt_util.utcnow() - timedelta(days=366)).timestamp()
