"""What an owner puts right in what is kept: two sessions that are one, and prices that were wrong."""

from dataclasses import replace
from enum import StrEnum

from .energy import BySource, Prices
from .hours import Flow, Hour
from .place import UNSEEN_KWH
from .session import Session
from .told_by_hour import complete_hours


class Refusal(StrEnum):
    """Why two sessions do not become one."""

    STILL_OPEN = "still_open"
    OTHER_CAR = "other_car"
    CHARGED_BETWEEN = "charged_between"


def why_not_merged(first: Session, second: Session) -> Refusal | None:
    """Return what speaks against it: two sessions at one wall connector, the first of them earlier."""
    if first.end is None or second.end is None:
        return Refusal.STILL_OPEN
    if _differ(first.vin, second.vin) or _differ(first.car, second.car):
        return Refusal.OTHER_CAR
    return Refusal.CHARGED_BETWEEN if second.start_kwh - first.end_kwh >= UNSEEN_KWH else None


def _differ(first: str | None, second: str | None) -> bool:
    return first is not None and second is not None and first != second


def merged(first: Session, second: Session) -> Session:
    """Return both as one, which keeps the key of the first. What the counter rose between them is of a gap."""
    between = max(0.0, second.start_kwh - first.end_kwh)
    cost = [one.measured_cost for one in (first, second) if one.measured_cost is not None]
    notes = [one.note for one in (first, second) if one.note]
    return replace(
        first,
        end=second.end,
        seen=second.seen,
        vin=first.vin or second.vin,
        car=first.car or second.car,
        car_by=first.car_by if first.car else second.car_by,
        refused=first.refused or second.refused,
        odometer=first.odometer if second.odometer is None else second.odometer,
        soc_end=first.soc_end if second.soc_end is None else second.soc_end,
        end_kwh=second.end_kwh,
        met_kwh=second.met_kwh,
        sun_told=0.0,
        measured=first.measured.plus(second.measured),
        measured_cost=sum_of(cost) if cost else None,
        unpriced_kwh=first.unpriced_kwh + second.unpriced_kwh,
        measured_saved=first.measured_saved + second.measured_saved,
        hours=_joined(complete_hours(first), complete_hours(second)),
        windows=(*first.windows, *second.windows),
        charging_seconds=first.charging_seconds + second.charging_seconds,
        ampere_seconds=first.ampere_seconds + second.ampere_seconds,
        peak_amps=max(first.peak_amps, second.peak_amps),
        least_amps=min((amps for amps in (first.least_amps, second.least_amps) if amps), default=None),
        phases=max(first.phases or 0, second.phases or 0) or None,
        habits=first.habits.plus(second.habits),
        gap_seconds=first.gap_seconds + second.gap_seconds,
        gap_kwh=first.gap_kwh + second.gap_kwh + between,
        reconstructed=first.reconstructed or second.reconstructed,
        note="; ".join(notes),
    )


def sum_of(parts: list[BySource]) -> BySource:
    """Return the sum, source by source."""
    total = BySource()
    for part in parts:
        total = total.plus(part)
    return total


def _joined(first: tuple[Hour, ...], second: tuple[Hour, ...]) -> tuple[Hour, ...]:
    by_start: dict[int, Flow] = {}
    for hour in (*first, *second):
        by_start[hour.start] = by_start.get(hour.start, Flow()).plus(hour.flow)
    return tuple(Hour(start, by_start[start]) for start in sorted(by_start))


def priced(session: Session, prices: Prices) -> Session:
    """Return a session as if these prices had held all the time; the energy stays as it is."""
    hours = tuple(Hour(hour.start, _priced(hour.flow, prices)) for hour in complete_hours(session))
    whole = _priced(Flow(kwh=session.measured), prices)
    return replace(
        session,
        measured_cost=prices.of(session.measured),
        unpriced_kwh=session.measured.total if prices.grid is None else 0.0,
        measured_saved=whole.saved,
        hours=hours,
    )


def _priced(flow: Flow, prices: Prices) -> Flow:
    cost = prices.of(flow.kwh)
    if cost is None:
        return flow
    return replace(flow, cost=cost.total, saved=flow.kwh.total * (prices.grid or 0.0) - cost.total)
