"""Splits the account of a session into hours that sum to it, by source and in cost."""

from dataclasses import dataclass

from .energy import BySource
from .hours import Flow, Hour, spread
from .session import Session

_ROUNDING = 1e-6
"""kWh or s that adding up may leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HourTold:
    """What an owner is told of one hour."""

    start: int
    """s since 1970, UTC."""
    energy: BySource
    """kWh on the scale of the wall connector's counter."""
    cost: float | None
    saved: float | None
    seconds: float
    """In which current flowed."""


def told_by_hour(session: Session) -> list[HourTold]:
    """Return every hour in which something flowed."""
    hours = complete_hours(session)
    measured = session.measured.total
    scale = (session.kwh - session.gap_kwh) / measured if measured > 0.0 else 0.0
    price = session.price
    return [
        HourTold(
            start=hour.start,
            energy=hour.flow.kwh.times(scale).plus(BySource(unknown=hour.flow.gap_kwh)),
            cost=None if price is None else hour.flow.cost * scale + hour.flow.gap_kwh * price,
            saved=None if session.measured_cost is None else hour.flow.saved * scale,
            seconds=hour.flow.seconds,
        )
        for hour in hours
    ]


def complete_hours(session: Session) -> tuple[Hour, ...]:
    """Return the hours of a session; what no hour knows is put evenly into the times in which current flowed.

    That is all of a session that an earlier version kept, and what the counter said without any power to go by.
    """
    known = Flow()
    for hour in session.hours:
        known = known.plus(hour.flow)
    gap_kwh = session.gap_kwh if session.measured.total > 0.0 else session.kwh
    cost = 0.0 if session.measured_cost is None else session.measured_cost.total
    missing = Flow(
        kwh=session.measured.plus(known.kwh.times(-1.0)),
        gap_kwh=gap_kwh - known.gap_kwh,
        cost=cost - known.cost,
        saved=session.measured_saved - known.saved,
        seconds=session.charging_seconds - known.seconds,
    )
    amounts = (missing.kwh.total, missing.gap_kwh, missing.cost, missing.saved, missing.seconds)
    return session.hours if max(map(abs, amounts)) < _ROUNDING else _with(session, missing)


def _with(session: Session, missing: Flow) -> tuple[Hour, ...]:
    last = session.seen if session.end is None else session.end
    times = [(window.start, last if window.end is None else window.end) for window in session.windows] or [
        (session.start, last)
    ]
    if session.hours:
        # The hours begin where an earlier version ended, or there is only a little to add at the end.
        first = session.hours[0].start
        times = [(start, min(end, first)) for start, end in times if start < first] or [(last, last)]
    seconds = sum(end - start for start, end in times)
    hours = session.hours
    for start, end in times:
        share = (end - start) / seconds if seconds > 0.0 else 1.0 / len(times)
        hours = spread(hours, missing.times(share), start, end)
    return hours
