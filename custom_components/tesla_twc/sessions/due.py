"""Remembers from which hour on the long-term statistics of each wall connector or car must be written again.

A subject is a wall connector, by its TWCID, or a car (``subject_of_car``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
import sqlite3

from .sums import Sums

_PER_HOUR = """
SELECT start, sum(sun), sum(battery), sum(grid), sum(unknown), sum(seconds), sum(cost), sum(saved) FROM hour
WHERE bus = ? AND twcid = ? AND start >= ? AND start < ? GROUP BY start ORDER BY start
"""

_BEFORE = """
SELECT sum(sun), sum(battery), sum(grid), sum(unknown), sum(seconds), sum(cost), sum(saved) FROM hour
WHERE bus = ? AND twcid = ? AND start < ?
"""

MARK_DUE = """
INSERT INTO due (bus, twcid, start) VALUES (?, ?, ?)
ON CONFLICT (bus, twcid) DO UPDATE SET start = min(start, excluded.start), changes = changes + 1
"""

_PER_HOUR_OF_CAR = """
SELECT start, sum(sun), sum(battery), sum(grid), sum(unknown), sum(seconds), sum(cost), sum(saved) FROM (
    SELECT start, sun, battery, grid, unknown, seconds, cost, saved FROM hour WHERE bus = :bus AND car = :subject
    UNION ALL
    SELECT start, 0, 0, 0, 0, 0, NULL, NULL FROM moved WHERE bus = :bus AND car = :subject
) WHERE start >= :start AND start < :end GROUP BY start ORDER BY start
"""

_BEFORE_OF_CAR = _BEFORE.replace("twcid", "car")

_LATER = "UPDATE due SET start = ? WHERE bus = ? AND twcid = ? AND changes = ?"


_CAR = "car_"


def subject_of_car(car_id: str) -> str:
    """Return by what a car is named among the subjects."""
    return f"{_CAR}{car_id}"


def car_of_subject(subject: str) -> str | None:
    """Return the id of the car that a subject is; None: it is a wall connector."""
    return subject.removeprefix(_CAR) if subject.startswith(_CAR) else None


@dataclass(frozen=True, slots=True)
class Due:
    """From which hour on something changed, and how often it did, to notice what changes meanwhile."""

    start: int
    changes: int


def due(database: sqlite3.Connection, bus: str) -> Mapping[str, Due]:
    """Return what is to be told of each subject."""
    rows = database.execute("SELECT twcid, start, changes FROM due WHERE bus = ?", (bus,))
    return {subject: Due(start, changes) for subject, start, changes in rows}


def hours_of(
    database: sqlite3.Connection, bus: str, subject: str, start: int, end: int
) -> tuple[Sums, list[tuple[int, Sums]]]:
    """Return what flowed before ``start``, and each hour from then on that is over at ``end``."""
    car_id = car_of_subject(subject)
    if car_id is None:
        before = database.execute(_BEFORE, (bus, subject, start)).fetchone()
        rows = database.execute(_PER_HOUR, (bus, subject, start, end))
    else:
        before = database.execute(_BEFORE_OF_CAR, (bus, car_id, start)).fetchone()
        named = {"bus": bus, "subject": car_id, "start": start, "end": end}
        rows = database.execute(_PER_HOUR_OF_CAR, named)
    return Sums(*(number or 0.0 for number in before)), [(hour, Sums(*sums)) for hour, *sums in rows]


def told(database: sqlite3.Connection, bus: str, subject: str, was: Due, end: int) -> None:
    """Note that everything before ``end`` was told, unless more has changed meanwhile."""
    database.execute(_LATER, (end, bus, subject, was.changes))


def base(database: sqlite3.Connection, statistic: str) -> float | None:
    """Return what a statistic had summed to before this file began; None if nobody asked yet."""
    row = database.execute("SELECT sum FROM base WHERE statistic = ?", (statistic,)).fetchone()
    return None if row is None else float(row[0])


def keep_base(database: sqlite3.Connection, statistic: str, sum_before: float) -> None:
    """Keep that."""
    database.execute("INSERT OR REPLACE INTO base VALUES (?, ?)", (statistic, sum_before))
