"""Sums what flowed today, this month and this year, read from the file of sessions after each write."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
import sqlite3
from typing import override

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..const import LOGGER
from .database import SessionDatabase
from .sums import Sums

_PATIENCE_SECONDS = 600.0


class Period(StrEnum):
    """A time that goes on."""

    TODAY = "today"
    MONTH = "month"
    YEAR = "year"

    @override
    def __str__(self) -> str:
        return self.value


def begin_of(period: Period) -> datetime:
    """Return when it began, by the clock of the house."""
    today = dt_util.start_of_local_day()
    if period is Period.TODAY:
        return today
    first = today.replace(day=1) if period is Period.MONTH else today.replace(month=1, day=1)
    return dt_util.start_of_local_day(first)


class Periods:
    """The sums of one bus. They are of the last time they were read."""

    def __init__(self, hass: HomeAssistant, database: SessionDatabase, bus: str) -> None:
        """Know nothing yet."""
        self._hass = hass
        self._database = database
        self._bus = bus
        self._sums: Mapping[Period, Mapping[str, Sums]] = {}
        self._of_cars: Mapping[Period, Mapping[str, Sums]] = {}
        self._begins: Mapping[Period, datetime] = {}
        self._over_at = 0.0

    def is_over(self, now: float) -> bool:
        """Whether another day has begun; ``now`` is s since 1970."""
        return now >= self._over_at

    def expect(self, now: float) -> None:
        """Take it that the sums are read anew in a moment, or else wait a while; ``now`` is s since 1970."""
        self._over_at = now + _PATIENCE_SECONDS

    async def async_read(self) -> None:
        """Read the sums anew. What cannot be read stays as it was."""
        begins = {period: begin_of(period) for period in Period}
        tomorrow = dt_util.start_of_local_day(begins[Period.TODAY] + timedelta(hours=36))
        self._over_at = tomorrow.timestamp()
        bounds = [begin.timestamp() for begin in begins.values()]
        try:
            run = self._hass.async_add_executor_job
            found = await run(self._database.sums_since, self._bus, bounds)
            of_cars = await run(self._database.car_sums_since, self._bus, bounds)
        except (OSError, sqlite3.Error) as error:
            LOGGER.debug("What was charged in all cannot be read: %s", error)
            return
        self._sums = dict(zip(begins, found, strict=True))
        self._of_cars = dict(zip(begins, of_cars, strict=True))
        self._begins = begins

    def begin(self, period: Period) -> datetime | None:
        """Return since when the sums of a period are; None while there are none."""
        return self._begins.get(period)

    def of_connector(self, period: Period, twcid: str) -> Sums | None:
        """Return what a wall connector took; None while nothing was read."""
        sums = self._sums.get(period)
        return None if sums is None else sums.get(twcid, Sums())

    def of_car(self, period: Period, car_id: str) -> Sums | None:
        """Return what a car took; None while nothing was read."""
        sums = self._of_cars.get(period)
        return None if sums is None else sums.get(car_id, Sums())

    def of_bus(self, period: Period) -> Sums | None:
        """Return what all wall connectors took that ever were on the bus."""
        sums = self._sums.get(period)
        if sums is None:
            return None
        total = Sums()
        for one in sums.values():
            total = total.plus(one)
        return total
