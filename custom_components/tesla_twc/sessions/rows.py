"""Turns a session into its row (one JSON text) and back; a field may be unknown or missing."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields, replace
import json
from typing import Any

import orjson

from ..const import LOGGER
from ..twc.sessions.energy import BySource
from ..twc.sessions.habits import CarHabits, RefusedOffer, StopCount
from ..twc.sessions.hours import Flow, Hour
from ..twc.sessions.session import Session, Window
from ..twc.sessions.told_by_hour import told_by_hour

UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What is raised by rubbish that stands where a session should."""

_REQUIRED = frozenset({"key", "twcid", "start", "seen", "start_kwh", "end_kwh"})
_DEFAULTS = asdict(Session(key="", twcid="", start=0.0, seen=0.0, start_kwh=0.0, end_kwh=0.0))
_FIELDS = frozenset(one.name for one in fields(Session)) - {"hours"}

type HourRow = tuple[
    int, str, str, str, float, float, float, float, float, float | None, float | None, float, str | None
]


def log_unreadable(error: Exception) -> None:
    """Say that a session hides none of the others."""
    LOGGER.warning("A session in the file of all charges cannot be read and is left out: %s", error)


def data_of(session: Session) -> str:
    """Return what differs from a session of which nothing is known: files stay small, and later fields may come."""
    kept = {
        name: value
        for name, value in asdict(replace(session, hours=())).items()
        if name in _FIELDS and (name in _REQUIRED or value != _DEFAULTS[name])
    }
    if "habits" in kept:
        no_habits = _DEFAULTS["habits"]
        kept["habits"] = {name: value for name, value in kept["habits"].items() if value != no_habits[name]}
    return json.dumps(kept, separators=(",", ":"))


def raw_hours_of(session: Session) -> str | None:
    """Return the hours as they are integrated, to go on with; None for none."""
    if not session.hours:
        return None
    return json.dumps([[hour.start, *_numbers(hour.flow)] for hour in session.hours], separators=(",", ":"))


def _numbers(flow: Flow) -> tuple[float, ...]:
    kwh = flow.kwh
    return (kwh.sun, kwh.battery, kwh.grid, kwh.unknown, flow.gap_kwh, flow.cost, flow.saved, flow.seconds)


def _hour(start: int, *numbers: float) -> Hour:
    sun, battery, grid, unknown, gap_kwh, cost, saved, seconds = map(float, numbers)
    kwh = BySource(sun=sun, battery=battery, grid=grid, unknown=unknown)
    return Hour(int(start), Flow(kwh=kwh, gap_kwh=gap_kwh, cost=cost, saved=saved, seconds=seconds))


def told_of(session: Session) -> str:
    """Return what an owner is told of it: a list of a year is made of this alone."""
    return orjson.dumps(session.as_dict()).decode()


def hours_of(bus: str, session: Session) -> list[HourRow]:
    """Return the rows of every hour in which something flowed, as they are told."""
    return [
        (
            hour.start,
            bus,
            session.key,
            session.twcid,
            session.start,
            hour.energy.sun,
            hour.energy.battery,
            hour.energy.grid,
            hour.energy.unknown,
            hour.cost,
            hour.saved,
            hour.seconds,
            session.car,
        )
        for hour in told_by_hour(session)
    ]


def session_of(data: str, hours: str | None) -> Session:
    """Return a session as it was kept. What a later version added is left alone. Raises UNREADABLE."""
    kept: Mapping[str, Any] = orjson.loads(data)
    values = {name: value for name, value in kept.items() if name in _FIELDS}
    for name in ("measured", "measured_cost"):
        if values.get(name) is not None:
            values[name] = BySource(**values[name])
    if "habits" in values:
        values["habits"] = _habits_of(values["habits"])
    values["windows"] = tuple(Window(**window) for window in values.get("windows", ()))
    if hours is not None:
        values["hours"] = tuple(_hour(*hour) for hour in orjson.loads(hours))
    return Session(**values)


def _habits_of(kept: Mapping[str, Any]) -> CarHabits:
    """Return what a car has shown as it was kept, without what a later version added."""
    values = _named(CarHabits, kept)
    values["reactions"] = tuple(map(float, values.get("reactions", ())))
    values["stops"] = tuple(StopCount(**_named(StopCount, one)) for one in values.get("stops", ()))
    values["refusals"] = tuple(
        RefusedOffer(**_named(RefusedOffer, one)) for one in values.get("refusals", ())
    )
    return CarHabits(**values)


def _named(kind: type[CarHabits | StopCount | RefusedOffer], kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return what has the name of a field."""
    known = {one.name for one in fields(kind)}
    return {name: value for name, value in kept.items() if name in known}


def readable(rows: Iterable[tuple[str, str | None]]) -> list[Session]:
    """Return the sessions that can be read."""
    sessions = []
    for row in rows:
        try:
            sessions.append(session_of(*row))
        except UNREADABLE as error:
            log_unreadable(error)
    return sessions
