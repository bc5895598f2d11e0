"""The tables of the file of sessions, and the steps that lead from an older file to them.

A session is one JSON text, so a field of its own needs no step. What an owner is told (``Session.as_dict``) is kept as
another text, so that a year is read at once: a step has to write it anew if old charges are to tell of a new field.
"""

from collections.abc import Callable
import sqlite3

from ..twc.sessions.hours import hour_of
from .due import MARK_DUE, subject_of_car
from .rows import UNREADABLE, hours_of, log_unreadable, session_of, told_of

VERSION = 4
"""Of the tables; a later one has steps that lead from each earlier one to it."""

_SESSIONS = """
CREATE TABLE session (
    bus TEXT NOT NULL,
    key TEXT NOT NULL,
    twcid TEXT NOT NULL,
    start REAL NOT NULL,
    end REAL,
    data TEXT NOT NULL,
    PRIMARY KEY (bus, key)
);
CREATE INDEX session_start ON session (start);
CREATE INDEX session_place ON session (bus, twcid, start);
CREATE INDEX session_open ON session (bus) WHERE end IS NULL;
"""

# ``told`` and ``hour`` follow from the data and the hours of a session. They lie in the order of time, so that the list
# of a year, or its sum, is read in one go and without the rest.
_HOURS = """
ALTER TABLE session ADD COLUMN hours TEXT;
CREATE TABLE told (
    start REAL NOT NULL,
    bus TEXT NOT NULL,
    key TEXT NOT NULL,
    told TEXT NOT NULL,
    PRIMARY KEY (start, bus, key)
) WITHOUT ROWID;
CREATE TABLE hour (
    start INTEGER NOT NULL,
    bus TEXT NOT NULL,
    key TEXT NOT NULL,
    twcid TEXT NOT NULL,
    began REAL NOT NULL,
    sun REAL NOT NULL,
    battery REAL NOT NULL,
    grid REAL NOT NULL,
    unknown REAL NOT NULL,
    cost REAL,
    saved REAL,
    seconds REAL NOT NULL,
    PRIMARY KEY (start, bus, key)
) WITHOUT ROWID;
CREATE TABLE due (
    bus TEXT NOT NULL,
    twcid TEXT NOT NULL,
    start INTEGER NOT NULL,
    changes INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (bus, twcid)
) WITHOUT ROWID;
CREATE TABLE base (
    statistic TEXT PRIMARY KEY,
    sum REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE fault (
    bus TEXT NOT NULL,
    twcid TEXT NOT NULL,
    problem TEXT NOT NULL,
    PRIMARY KEY (bus, twcid)
) WITHOUT ROWID;
"""

# ``moved`` has the hours of which a car's statistics were told what another car has now. Of a car that is deleted its
# name stays.
_CARS = """
ALTER TABLE hour ADD COLUMN car TEXT;
CREATE INDEX hour_car ON hour (bus, car, start) WHERE car IS NOT NULL;
CREATE TABLE moved (
    bus TEXT NOT NULL,
    car TEXT NOT NULL,
    start INTEGER NOT NULL,
    PRIMARY KEY (bus, car, start)
) WITHOUT ROWID;
CREATE TABLE car (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL
) WITHOUT ROWID;
"""

# Wall connectors without a session, and when they were heard last.
_HEARD = """
CREATE TABLE heard (
    bus TEXT NOT NULL,
    twcid TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (bus, twcid)
) WITHOUT ROWID;
"""

_WRITE_FIRST_HOUR = "INSERT INTO hour VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
"""Of the tables of version 2."""

_NAME_CAR = "UPDATE hour SET car = ? WHERE start BETWEEN ? AND ? AND bus = ? AND key = ?"

WRITE_HOUR = "INSERT OR REPLACE INTO hour VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

WRITE_TOLD = "INSERT OR REPLACE INTO told VALUES (?, ?, ?, ?)"


class TooNew(Exception):
    """The file was written by a later version of the integration."""


def bring_up_to_date(database: sqlite3.Connection, name: str) -> None:
    """Take every step from the version that a file has to this one: all of them or none. Raises TooNew."""
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise TooNew(f"{name} has version {version}")
    if version == VERSION:
        return
    with database:
        database.execute("BEGIN IMMEDIATE")
        for step in _STEPS[version:]:
            step(database)
        database.execute(f"PRAGMA user_version = {VERSION}")


def _begin(database: sqlite3.Connection) -> None:
    _run(database, _SESSIONS)


def _tell_hours(database: sqlite3.Connection) -> None:
    """Add the hours. Those of a session that was kept without are told by the times in which current flowed."""
    _run(database, _HOURS)
    for bus, data in database.execute("SELECT bus, data FROM session").fetchall():
        try:
            session = session_of(data, None)
            rows = hours_of(bus, session)
            told = told_of(session)
        except UNREADABLE as error:
            log_unreadable(error)
            continue
        database.execute(WRITE_TOLD, (session.start, bus, session.key, told))
        database.executemany(_WRITE_FIRST_HOUR, [row[:-1] for row in rows])
        if rows:
            database.execute(MARK_DUE, (bus, session.twcid, rows[0][0]))


def _tell_cars(database: sqlite3.Connection) -> None:
    """Add to each hour which car it was."""
    _run(database, _CARS)
    for bus, data in database.execute("SELECT bus, data FROM session").fetchall():
        try:
            session = session_of(data, None)
        except UNREADABLE:
            # It was told of when its hours were.
            continue
        if session.car is not None:
            last = max(session.seen, session.end or 0.0)
            first = hour_of(session.start)
            database.execute(_NAME_CAR, (session.car, first, last, bus, session.key))
            database.execute(MARK_DUE, (bus, subject_of_car(session.car), first))


def _tell_silence(database: sqlite3.Connection) -> None:
    """Add when who has no car was heard last."""
    _run(database, _HEARD)


def _run(database: sqlite3.Connection, script: str) -> None:
    """Execute statements within the transaction that is open; ``executescript`` would end it."""
    for statement in script.split(";"):
        database.execute(statement)


_STEPS: tuple[Callable[[sqlite3.Connection], None], ...] = (_begin, _tell_hours, _tell_cars, _tell_silence)
