"""The file in which sessions are kept: SQLite, beside Home Assistant's own files, for all buses of a house.

Every call blocks, so none is made on the event loop. Each opens the file anew: that costs a fifth of a millisecond, and
nothing is held open when Home Assistant ends, however it ends. A transaction is on disk when it returns.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import tzinfo
import json
from pathlib import Path
import sqlite3
from threading import Lock
from time import monotonic
from typing import Any

import orjson

from ..twc.sessions.hours import hour_of
from ..twc.sessions.session import Session
from . import due, sums
from .due import MARK_DUE, Due, subject_of_car
from .rows import data_of, hours_of, log_unreadable, raw_hours_of, readable, told_of
from .sums import Sums
from .tables import WRITE_HOUR, WRITE_TOLD, bring_up_to_date

FILE_NAME = "tesla_twc_sessions.db"

_LONGEST_PAUSE_SECONDS = 3600.0

_LAST = """
SELECT data, hours FROM session WHERE bus = ? AND twcid = ? AND end IS NOT NULL AND key NOT LIKE 'import-%'
ORDER BY start DESC LIMIT 1
"""

_WRITE = """
INSERT OR REPLACE INTO session (bus, key, twcid, start, end, data, hours) VALUES (?, ?, ?, ?, ?, ?, ?)
"""

_EMPTY = """
UPDATE hour SET sun = 0, battery = 0, grid = 0, unknown = 0, seconds = 0, cost = NULL, saved = NULL, car = ?
WHERE start BETWEEN ? AND ? AND bus = ? AND key = ?
"""

_MOVED = """
SELECT bus, car, start FROM hour
WHERE start BETWEEN ? AND ? AND bus = ? AND key = ? AND car IS NOT NULL AND car IS NOT ?
"""

_WHOLE = """
SELECT data, hours FROM session
WHERE start >= ? AND start < ? AND bus IN (SELECT value FROM json_each(?)) ORDER BY start
"""

_FIND = """
SELECT bus, data, hours FROM session WHERE key = ? AND bus IN (SELECT value FROM json_each(?))
"""

_NEXT = """
SELECT data, hours FROM session WHERE bus = ? AND twcid = ? AND start > ? ORDER BY start LIMIT 20
"""

_OVERLAP = """
SELECT key FROM session
WHERE bus = ? AND twcid = ? AND start < ? AND coalesce(end, 1e12) > ? LIMIT 1
"""

_AT = """
SELECT data, hours FROM session WHERE bus = ? AND twcid = ? AND start < ? ORDER BY start DESC LIMIT 1
"""

_OF_VIN = """
SELECT data, hours FROM session
WHERE bus = ? AND end IS NOT NULL AND instr(data, ?) AND NOT instr(data, ?) ORDER BY start
"""
"""Of another car than the one named. The text is searched, as there is no column: a car is entered once in years."""

_COUNT = """
SELECT count(*) FROM session JOIN told USING (start, bus, key)
WHERE twcid = ? AND session.start >= ? AND session.start < ? AND bus = ?
"""

_TOLD = """
SELECT told FROM told
WHERE start >= ? AND start < ? AND bus IN (SELECT value FROM json_each(?)) ORDER BY start
"""


class FilePaused(OSError):
    """Nothing can be written now: a backup copies the file."""

    def __init__(self) -> None:
        """Say it to whoever wanted to write."""
        super().__init__("a backup is being made; try it again when that is done")


class SessionDatabase:
    """All sessions of a house. What changes the file raises FilePaused while it is paused."""

    def __init__(self, path: Path) -> None:
        """Name the file; nothing is opened yet."""
        self.path = path
        self._writing = Lock()
        self._paused_until = 0.0

    def prepare(self) -> Path | None:
        """Make the file usable. Returns where a broken one was put aside, or None.

        Raises TooNew if a later version wrote it, sqlite3.Error or OSError if there can be none.
        """
        with self._writing:
            broken = None if self._is_sound() else self._put_aside()
            with self._open() as database:
                bring_up_to_date(database, self.path.name)
            return broken

    def _is_sound(self) -> bool:
        if not self.path.exists():
            return True
        try:
            with self._open() as database:
                return [row[0] for row in database.execute("PRAGMA quick_check(1)")] == ["ok"]
        except sqlite3.DatabaseError as error:
            # A disk that gives nothing at the moment, or a file that another program holds, is not broken.
            return isinstance(error, sqlite3.OperationalError)

    def _put_aside(self) -> Path:
        number = 1
        while (aside := self.path.with_name(f"{self.path.name}.broken-{number}")).exists():
            number += 1
        self.path.rename(aside)
        for rest in ("-wal", "-shm"):
            with suppress(FileNotFoundError):
                self.path.with_name(f"{self.path.name}{rest}").rename(f"{aside}{rest}")
        return aside

    def write(self, bus: str, sessions: Iterable[Session]) -> None:
        """Keep sessions, new ones and changed ones: all of them or, if one cannot be, none."""
        kept = list(sessions)
        with self._change() as database:
            for one in kept:
                _write(database, bus, one)

    def latest(self, bus: str) -> list[Session]:
        """Return what a bus goes on with: each wall connector's open session, and the last one that ended."""
        with self._open() as database:
            rows = database.execute(
                "SELECT data, hours FROM session WHERE bus = ? AND end IS NULL", (bus,)
            ).fetchall()
            for place in database.execute(
                "SELECT DISTINCT twcid FROM session WHERE bus = ?", (bus,)
            ).fetchall():
                rows += database.execute(_LAST, (bus, *place))
            return readable(rows)

    def between(self, start: float, end: float, buses: Iterable[str]) -> list[Session]:
        """Return sessions that began from ``start`` on and before ``end``, s since 1970, the oldest first."""
        with self._open() as database:
            rows = database.execute(_WHOLE, (start, end, json.dumps(list(buses))))
            return [one for one in readable(rows) if not one.deleted]

    def find(self, key: str, buses: Iterable[str]) -> tuple[str, Session, Session | None] | None:
        """Return a session by its key with its bus, and the next one at the same wall connector."""
        with self._open() as database:
            row = database.execute(_FIND, (key, json.dumps(list(buses)))).fetchone()
            if row is None:
                return None
            bus, *kept = row
            found = [one for one in readable([kept]) if not one.deleted]
            if not found:
                return None
            rows = database.execute(_NEXT, (bus, found[0].twcid, found[0].start))
            following = (one for one in readable(rows) if not one.deleted)
            return bus, found[0], next(following, None)

    def overlaps(self, bus: str, session: Session) -> bool:
        """Whether a session was at the same wall connector meanwhile, or the same one is known."""
        end = session.seen if session.end is None else session.end
        with self._open() as database:
            rows = database.execute(_OVERLAP, (bus, session.twcid, end, session.start))
            return rows.fetchone() is not None

    def at(self, bus: str, twcid: str, time: float) -> Session | None:
        """Return the session at a wall connector that began last before a time, s since 1970."""
        with self._open() as database:
            rows = database.execute(_AT, (bus, twcid, time))
            return next(iter(readable(rows)), None)

    def count_begun(self, bus: str, twcid: str, start: float, end: float) -> int:
        """Return how many sessions at a wall connector began in a time."""
        with self._open() as database:
            (count,) = database.execute(_COUNT, (twcid, start, end, bus)).fetchone()
            return int(count)

    def of_vin(self, bus: str, vin: str, but_of_car: str) -> list[Session]:
        """Return the sessions of a VIN that ended and are not those of one car, the oldest first."""
        with self._open() as database:
            found = readable(database.execute(_OF_VIN, (bus, json.dumps(vin), f'"car":"{but_of_car}"')))
            return [one for one in found if one.vin == vin and not one.deleted]

    def told_between(self, start: float, end: float, buses: Iterable[str]) -> list[dict[str, Any]]:
        """Return the same as an owner is told of them (``Session.as_dict``): much faster for a year."""
        with self._open() as database:
            rows = database.execute(_TOLD, (start, end, json.dumps(list(buses)))).fetchall()
        return _read_told([told for (told,) in rows])

    def days_between(
        self, start: float, end: float, buses: Iterable[str], zone: tzinfo
    ) -> Mapping[str, Sums]:
        """Return what flowed on each local day of the sessions that began from ``start`` on and before ``end``."""
        with self._open() as database:
            return sums.of_days(database, start, end, buses, zone)

    def sums_since(self, bus: str, bounds: Sequence[float]) -> tuple[Mapping[str, Sums], ...]:
        """Return what each wall connector of a bus took from each of some moments on, by when it flowed."""
        with self._open() as database:
            return sums.of_places(database, bus, bounds)

    def car_sums_since(self, bus: str, bounds: Sequence[float]) -> tuple[Mapping[str, Sums], ...]:
        """Return the same of each car, by its id."""
        with self._open() as database:
            return sums.of_cars(database, bus, bounds)

    def car_names(self) -> Mapping[str, str]:
        """Return what each car is called, or was when it was deleted, by its id."""
        with self._open() as database:
            return dict(database.execute("SELECT id, name FROM car"))

    def keep_car_names(self, names: Mapping[str, str]) -> None:
        """Keep what cars are called."""
        with self._change() as database:
            database.executemany("INSERT OR REPLACE INTO car VALUES (?, ?)", names.items())

    def faults(self, bus: str) -> Mapping[str, str]:
        """Return what was wrong with which wall connector when that was written last."""
        with self._open() as database:
            return dict(database.execute("SELECT twcid, problem FROM fault WHERE bus = ?", (bus,)))

    def keep_faults(self, bus: str, faults: Mapping[str, str]) -> None:
        """Keep what is wrong, and forget what was."""
        with self._change() as database:
            database.execute("DELETE FROM fault WHERE bus = ?", (bus,))
            rows = [(bus, *fault) for fault in faults.items()]
            database.executemany("INSERT INTO fault VALUES (?, ?, ?)", rows)

    def heard(self, bus: str) -> Mapping[str, float]:
        """Return when which wall connector without a session had been heard last, s since 1970."""
        with self._open() as database:
            return dict(database.execute("SELECT twcid, at FROM heard WHERE bus = ?", (bus,)))

    def keep_heard(self, bus: str, heard: Mapping[str, float]) -> None:
        """Keep that."""
        with self._change() as database:
            rows = [(bus, *one) for one in heard.items()]
            database.executemany("INSERT OR REPLACE INTO heard VALUES (?, ?, ?)", rows)

    # For Home Assistant's statistics

    def due(self, bus: str) -> Mapping[str, Due]:
        """Return what of each wall connector and each car is to be told."""
        with self._open() as database:
            return due.due(database, bus)

    def mark_due(self, bus: str, sessions: Iterable[Session]) -> None:
        """Have some sessions told once more: whether they were is not known after a crash."""
        with self._change() as database:
            for one in sessions:
                _mark_due(database, bus, one)

    def note_told(self, bus: str, subject: str, was: Due, end: int) -> None:
        """Note that what was due was told up to ``end``."""
        with self._change() as database:
            due.told(database, bus, subject, was, end)

    def hours_of(self, bus: str, subject: str, start: int, end: int) -> tuple[Sums, list[tuple[int, Sums]]]:
        """Return what a wall connector or a car took before ``start``, and in each hour from then on to ``end``."""
        with self._open() as database:
            return due.hours_of(database, bus, subject, start, end)

    def base(self, statistic: str) -> float | None:
        """Return what a statistic had summed to before this file began."""
        with self._open() as database:
            return due.base(database, statistic)

    def keep_base(self, statistic: str, sum_before: float) -> None:
        """Keep that."""
        with self._change() as database:
            due.keep_base(database, statistic, sum_before)

    @property
    def is_paused(self) -> bool:
        """Whether nothing is to be written now, because the file is copied."""
        return monotonic() < self._paused_until

    def resume(self) -> None:
        """Let everything be written again."""
        self._paused_until = 0.0

    def pause(self) -> None:
        """Put everything into the one file and leave it alone, so that a copy of it is whole.

        A backup that never says that it is over ends this after an hour.
        """
        with self._writing:
            self._paused_until = monotonic() + _LONGEST_PAUSE_SECONDS
            with self._open() as database:
                database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """Yield a transaction. Whoever writes comes here, so that nobody writes into a file that is copied."""
        with self._writing:
            if self.is_paused:
                raise FilePaused
            with self._open() as database, database:
                yield database

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path, timeout=10.0)) as database:
            database.execute("PRAGMA journal_mode = WAL").fetchone()
            database.execute("PRAGMA synchronous = FULL")
            yield database


def _write(database: sqlite3.Connection, bus: str, session: Session) -> None:
    """Write a session, and all of its hours: each step of the counter puts them on another scale."""
    row = (bus, session.key, session.twcid, session.start, session.end)
    database.execute(_WRITE, (*row, data_of(session), raw_hours_of(session)))
    _empty_hours(database, bus, session)
    _mark_due(database, bus, session)
    if session.deleted:
        database.execute(
            "DELETE FROM told WHERE start = ? AND bus = ? AND key = ?", (session.start, bus, session.key)
        )
        return
    database.execute(WRITE_TOLD, (session.start, bus, session.key, told_of(session)))
    database.executemany(WRITE_HOUR, hours_of(bus, session))


def _empty_hours(database: sqlite3.Connection, bus: str, session: Session) -> None:
    """Leave the hours of a session with nothing in them: statistics that were told of them have to be told again."""
    hours = (hour_of(session.start), max(session.seen, session.end or 0.0), bus, session.key)
    moved = database.execute(_MOVED, (*hours, session.car)).fetchall()
    database.executemany("INSERT OR IGNORE INTO moved VALUES (?, ?, ?)", moved)
    database.executemany(MARK_DUE, [(bus, subject_of_car(car), start) for bus, car, start in moved])
    database.execute(_EMPTY, (session.car, *hours))


def _mark_due(database: sqlite3.Connection, bus: str, session: Session) -> None:
    """Have the statistics of a session's wall connector and of its car told again from its first hour on."""
    car = [] if session.car is None else [subject_of_car(session.car)]
    for subject in (session.twcid, *car):
        database.execute(MARK_DUE, (bus, subject, hour_of(session.start)))


def _read_told(rows: Sequence[str]) -> list[dict[str, Any]]:
    """Return all at once or, if one of them is rubbish, those that can be read."""
    try:
        return list(orjson.loads(f"[{','.join(rows)}]"))
    except orjson.JSONDecodeError:
        found = []
        for row in rows:
            try:
                found.append(orjson.loads(row))
            except orjson.JSONDecodeError as error:
                log_unreadable(error)
        return found
