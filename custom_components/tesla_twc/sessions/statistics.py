"""External statistics: what each wall connector and each car took in each hour, by source, and what it cost.

An hour is told when it is over, and again whenever something of it changes: a step of the counter puts a whole session
on another scale, and an owner edits what was. Written again, hours have the same sums.
"""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial

from homeassistant.const import UnitOfEnergy
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import DATA_INSTANCE, get_instance
from homeassistant.util.unit_conversion import EnergyConverter

from ..const import DOMAIN, LOGGER
from ..house.sentences import async_words
from ..twc.sessions.hours import hour_of
from .database import FilePaused, SessionDatabase
from .sums import Sums

FIGURES: dict[str, Callable[[Sums], float]] = {
    "sun": lambda sums: sums.sun,
    "battery": lambda sums: sums.battery,
    "grid": lambda sums: sums.grid,
    "unknown": lambda sums: sums.unknown,
    "cost": lambda sums: sums.cost or 0.0,
}
"""What has a statistic of its own, each from its first hour with anything in it."""


def statistic_id(bus: str, subject: str, figure: str) -> str:
    """Return what a statistic is known by for ever; the subject is a wall connector or a car (``due``)."""
    return f"{DOMAIN}:{bus}_{subject}_{figure}".lower()


class SessionStatistics:
    """Tells the recorder of one bus."""

    def __init__(
        self, hass: HomeAssistant, database: SessionDatabase, bus: str, name_of: Callable[[str], str]
    ) -> None:
        """Have told nothing since the start; ``name_of`` returns what a wall connector or a car is called."""
        self._hass = hass
        self._database = database
        self._bus = bus
        self._name_of = name_of
        self._hour: int | None = None
        self._telling = asyncio.Lock()

    def is_due(self, now: float) -> bool:
        """Whether an hour is over since the last time; ``now`` is s since 1970."""
        return hour_of(now) != self._hour and DATA_INSTANCE in self._hass.data

    async def async_tell(self, now: float) -> None:
        """Tell every hour that is over and has changed. A recorder that takes nothing is asked again in an hour."""
        if DATA_INSTANCE not in self._hass.data:
            return
        self._hour = hour = hour_of(now)
        async with self._telling:
            try:
                await self._async_tell(hour)
            except FilePaused:
                # A backup has begun meanwhile; what was told is told again.
                self._hour = None
            except Exception as error:  # noqa: BLE001 - the recorder is not ours, and statistics are not worth a charge
                LOGGER.warning("The statistics of charges cannot be written; it is tried again: %s", error)

    async def _async_tell(self, end: int) -> None:
        run = self._hass.async_add_executor_job
        for subject, due in (await run(self._database.due, self._bus)).items():
            if due.start >= end:
                continue
            name = self._name_of(subject)
            for figure in FIGURES:
                await self._async_tell_figure(subject, name, figure, due.start, end)
            await run(self._database.note_told, self._bus, subject, due, end)

    async def _async_tell_figure(self, subject: str, name: str, figure: str, start: int, end: int) -> None:
        run = self._hass.async_add_executor_job
        known_by = statistic_id(self._bus, subject, figure)
        last = await self._async_last(known_by)
        if last is None:
            # Nothing was told, or the recorder has begun anew: all of it.
            start = 0
        before, hours = await run(self._database.hours_of, self._bus, subject, start, end)
        value_of = FIGURES[figure]
        total = value_of(before)
        is_empty = not (total or any(value_of(sums) for _, sums in hours))
        if not hours or (is_empty and last is None):
            return
        base = await run(self._database.base, known_by)
        if base is None:
            # The file is newer than the statistic: an earlier one was damaged, or deleted.
            base = 0.0 if last is None or last[0] >= hours[0][0] else last[1]
            await run(self._database.keep_base, known_by, base)
        told = [(hour, value_of(sums)) for hour, sums in hours]
        await self._async_write(known_by, name, figure, base + total, told)

    async def _async_last(self, known_by: str) -> tuple[float, float] | None:
        """Return when the last hour began that the recorder has of a statistic, and its sum."""
        # Only here: it brings the database of the recorder along, which not everybody has.
        from homeassistant.components.recorder.statistics import get_last_statistics  # noqa: PLC0415

        ask = partial(get_last_statistics, self._hass, 1, known_by, False, {"sum"})
        rows = (await get_instance(self._hass).async_add_executor_job(ask)).get(known_by)
        return (float(rows[0]["start"]), float(rows[0].get("sum") or 0.0)) if rows else None

    async def _async_write(
        self, known_by: str, name: str, figure: str, total: float, hours: Iterable[tuple[int, float]]
    ) -> None:
        from homeassistant.components.recorder.models import (  # noqa: PLC0415 - as above
            StatisticData,
            StatisticMeanType,
            StatisticMetaData,
        )
        from homeassistant.components.recorder.statistics import async_add_external_statistics  # noqa: PLC0415

        words = await async_words(self._hass)
        is_cost = figure == "cost"
        data = []
        for hour, value in hours:
            total += value
            data.append(StatisticData(start=datetime.fromtimestamp(hour, UTC), state=value, sum=total))
        metadata = StatisticMetaData(
            source=DOMAIN,
            statistic_id=known_by,
            name=words(f"statistic_{figure}", name=name),
            mean_type=StatisticMeanType.NONE,
            has_sum=True,
            unit_class=None if is_cost else EnergyConverter.UNIT_CLASS,
            unit_of_measurement=self._hass.config.currency if is_cost else UnitOfEnergy.KILO_WATT_HOUR,
        )
        async_add_external_statistics(self._hass, metadata, data)
