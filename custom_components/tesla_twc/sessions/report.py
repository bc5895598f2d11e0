"""Builds what get_sessions and export_sessions return: lists, totals by day, month and car, and CSV."""

from collections.abc import Iterable, Mapping
import csv
from dataclasses import dataclass
from datetime import datetime, tzinfo
import io
from typing import Any

from homeassistant.util import dt as dt_util

from ..twc.sessions.happening import Happening, Told
from .rows import UNREADABLE, log_unreadable
from .sums import Sums

COLUMNS = (
    "id", "wall_connector", "start", "end", "vin", "car", "refused",
    "energy", "energy_sun", "energy_battery", "energy_grid", "energy_unknown", "sun_share", "cost", "saved",
    "counter_start", "counter_end", "charging_seconds", "average_current", "peak_current", "phases", "starts",
    "data_gap_seconds", "data_gap_energy", "reconstructed", "note",
    "odometer", "soc_start", "soc_end", "energy_unpriced",
)  # fmt: skip
"""Of a file, in this order: kWh, % (sun_share, soc_start, soc_end), the currency of the house, s, A per phase, km."""


def told(whole: Mapping[str, Any], names: Mapping[str, str], zone: tzinfo) -> dict[str, Any]:
    """Return a session as an owner is told of it: local times, and the names of his wall connectors and cars."""
    car = whole.get("car")
    return {
        # Nobody noted it of older ones.
        "energy_unpriced": None,
        **whole,
        "wall_connector": names.get(whole["wall_connector"], whole["wall_connector"]),
        "car": None if car is None else names.get(car, car),
        "start": _local(whole["start"], zone),
        "end": _local(whole["end"], zone),
        "windows": [
            {**window, "start": _local(window["start"], zone), "end": _local(window["end"], zone)}
            for window in whole["windows"]
        ],
    }


def summary(told_of: Told, names: Mapping[str, str]) -> dict[str, Any]:
    """Return what an event tells: the whole session when it ended, before that what is known of it."""
    problem = {} if told_of.problem is None else {"problem": told_of.problem}
    if told_of.session is None:
        return problem
    whole = told(told_of.session.as_dict(), names, dt_util.get_default_time_zone())
    if told_of.what is Happening.SESSION_ENDED:
        return whole
    short = {name: whole[name] for name in ("id", "start", "vin", "energy", "energy_sun")}
    words = {"reason": told_of.reason, "sentence": told_of.sentence}
    why = {name: word for name, word in words.items() if word is not None}
    # The event entity itself has the time at which it was told.
    at = {} if told_of.at is None else {"at": _local(told_of.at, dt_util.get_default_time_zone())}
    return {**short, **why, **problem, **at}


def _local(seconds: float | None, zone: tzinfo) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, zone).isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class SessionReport:
    """The sessions of a time, and what they sum to."""

    sessions: list[dict[str, Any]]
    totals: dict[str, Any]
    by_day: dict[str, dict[str, Any]]
    by_month: dict[str, dict[str, Any]]


def report_of(
    sessions: Iterable[Mapping[str, Any]],
    by_day: Mapping[str, Sums],
    names: Mapping[str, str],
    zone: tzinfo,
) -> SessionReport:
    """Put together what was read. Energy is in the day and the month in which it flowed."""
    rows = []
    for session in sessions:
        try:
            rows.append(told(session, names, zone))
        except UNREADABLE as error:
            log_unreadable(error)
    began = [row["start"][:10] for row in rows]
    return SessionReport(
        rows,
        summed(by_day.values(), len(rows)),
        _by_period(by_day, began, len("2026-01-01")),
        _by_period(by_day, began, len("2026-01")),
    )


def _by_period(by_day: Mapping[str, Sums], began: Iterable[str], length: int) -> dict[str, dict[str, Any]]:
    """Return the sums of each period, which the first characters of a day name, and how many sessions began in it."""
    counts: dict[str, int] = {}
    for day in began:
        counts[day[:length]] = counts.get(day[:length], 0) + 1
    periods: dict[str, list[Sums]] = {name: [] for name in counts}
    for day, sums in by_day.items():
        periods.setdefault(day[:length], []).append(sums)
    return {name: summed(parts, counts.get(name, 0)) for name, parts in sorted(periods.items())}


def summed(parts: Iterable[Sums], sessions: int) -> dict[str, Any]:
    """Return what hours sum to, rounded as it is told."""
    total = Sums()
    for part in parts:
        total = total.plus(part)
    return {
        "sessions": sessions,
        "energy": round(total.energy, 3),
        "energy_sun": round(total.sun, 3),
        "energy_battery": round(total.battery, 3),
        "energy_grid": round(total.grid, 3),
        "energy_unknown": round(total.unknown, 3),
        "cost": None if total.cost is None else round(total.cost, 3),
        "saved": None if total.saved is None else round(total.saved, 3),
        "charging_seconds": round(total.seconds, 3),
    }


def as_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return a file that a spreadsheet opens: commas, points, a mark for UTF-8."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: harmless(value) for name, value in row.items()})
    return "\ufeff" + out.getvalue()


def harmless(value: Any) -> Any:
    """Return text that a spreadsheet does not take for a formula: names are chosen by others."""
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value
