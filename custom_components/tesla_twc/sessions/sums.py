"""Sums what flowed, from the table of hours."""

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
import json
import sqlite3
from typing import NamedTuple

_OF_HOURS = """
SELECT start, sum(sun), sum(battery), sum(grid), sum(unknown), sum(seconds), sum(cost), sum(saved) FROM hour
WHERE start > ? - 3600 AND began >= ? AND began < ? AND bus IN (SELECT value FROM json_each(?))
GROUP BY start ORDER BY start
"""

_OF_PLACES = """
SELECT twcid, sum(sun), sum(battery), sum(grid), sum(unknown), sum(seconds), sum(cost), sum(saved) FROM hour
WHERE start >= ? AND bus = ? GROUP BY twcid
"""

_OF_CARS = _OF_PLACES.replace("twcid", "car")


class Sums(NamedTuple):
    """What hours sum to: kWh by source, the currency of the house, s of charging."""

    sun: float = 0.0
    battery: float = 0.0
    grid: float = 0.0
    unknown: float = 0.0
    seconds: float = 0.0
    cost: float | None = None
    """None: of nothing is known what it cost."""
    saved: float | None = None

    @property
    def energy(self) -> float:
        """From all sources together."""
        return self.sun + self.battery + self.grid + self.unknown

    @property
    def sun_share(self) -> float | None:
        """Share of the sun, 0 to 1, of all whose source is known; None: there is none."""
        known = self.sun + self.battery + self.grid
        return self.sun / known if known > 0.0 else None

    def plus(self, other: Sums) -> Sums:
        """Return the sum."""
        return Sums(
            self.sun + other.sun,
            self.battery + other.battery,
            self.grid + other.grid,
            self.unknown + other.unknown,
            self.seconds + other.seconds,
            _plus(self.cost, other.cost),
            _plus(self.saved, other.saved),
        )


def _plus(one: float | None, other: float | None) -> float | None:
    return other if one is None else one if other is None else one + other


def of_days(
    database: sqlite3.Connection, start: float, end: float, buses: Iterable[str], zone: tzinfo
) -> dict[str, Sums]:
    """Return each local day (2026-01-31) of the sessions that began from ``start`` on and before ``end``, s since 1970.

    A day in which nothing flowed is left out. The hours are summed while they are read: a year of them at once would
    have Python look through everything that Home Assistant holds, for 150 ms, to see what can be thrown away.
    """
    days: dict[str, Sums] = {}
    for hour, *flowed in database.execute(_OF_HOURS, (start, start, end, json.dumps(list(buses)))):
        sums = Sums(*flowed)
        if sums.energy:
            day = f"{datetime.fromtimestamp(hour, zone):%Y-%m-%d}"
            days[day] = days.get(day, Sums()).plus(sums)
    return days


def of_places(database: sqlite3.Connection, bus: str, bounds: Sequence[float]) -> tuple[dict[str, Sums], ...]:
    """Return what each wall connector of a bus took in the hours from each bound on to the end."""
    return _grouped(database, _OF_PLACES, bus, bounds)


def of_cars(database: sqlite3.Connection, bus: str, bounds: Sequence[float]) -> tuple[dict[str, Sums], ...]:
    """Return the same of each car, by its id."""
    return _grouped(database, _OF_CARS, bus, bounds)


def _grouped(
    database: sqlite3.Connection, query: str, bus: str, bounds: Sequence[float]
) -> tuple[dict[str, Sums], ...]:
    found = []
    for start in bounds:
        rows = database.execute(query, (start, bus))
        found.append({one: Sums(*sums) for one, *sums in rows if one is not None})
    return tuple(found)
