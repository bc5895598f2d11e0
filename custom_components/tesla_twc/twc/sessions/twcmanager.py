"""Charges as TWCManager logged them: its file chargesessions.csv, and the table charge_sessions of its database.

Both know whole kWh only, of no source. In the database the end of each charge was written over by that of the next at
the same wall connector; where two overlap by that, the first is taken to end when the second began.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..protocol.codes import TwcId
from .hours import Flow, spread
from .session import Session, Window

COLUMNS = ("TWCID", "startTime", "startFormat", "startkWh", "endTime", "endFormat", "endkWh", "vehicleVIN")
"""Of the file, which has no line that names them."""
KEY_BEGIN = "import-"
_VIN_LENGTH = 17

Moment = Callable[[object], float]
"""Returns s since 1970 of a time as it was logged. Raises ValueError."""


@dataclass(frozen=True, slots=True)
class Logged:
    """One charge that can be read; times are s since 1970."""

    twcid: TwcId
    start: float
    start_kwh: float
    end: float
    end_kwh: float
    vin: str | None = None


def read(rows: Iterable[Sequence[object]], moment: Moment) -> tuple[list[Logged], int]:
    """Return the charges of rows in the order of COLUMNS, and how many rows make no sense."""
    found, odd = [], 0
    for row in rows:
        try:
            found.append(_logged(row, moment))
        except (ArithmeticError, LookupError, TypeError, ValueError):
            odd += 1
    whole = list(_untangled(found))
    return whole, odd + len(found) - len(whole)


def _logged(row: Sequence[object], moment: Moment) -> Logged:
    twcid, start, _, start_kwh, end, _, end_kwh, *rest = row
    vin = str(rest[0]).strip() if rest and rest[0] else ""
    return Logged(
        TwcId(int(str(twcid), 16)),
        moment(start),
        float(str(start_kwh)),
        moment(end),
        float(str(end_kwh)),
        vin if len(vin) == _VIN_LENGTH else None,
    )


def _untangled(charges: list[Logged]) -> Iterator[Logged]:
    by_place: dict[TwcId, dict[float, Logged]] = defaultdict(dict)
    for charge in charges:
        by_place[charge.twcid][charge.start] = charge
    for place in by_place.values():
        in_order = [place[start] for start in sorted(place)]
        for number, charge in enumerate(in_order):
            following = in_order[number + 1] if number + 1 < len(in_order) else None
            if following is not None and charge.end > following.start:
                charge = replace(charge, end=following.start, end_kwh=following.start_kwh)
            if charge.start > 0.0 and charge.end > charge.start and charge.end_kwh > charge.start_kwh:
                yield charge


def session_of(charge: Logged) -> Session:
    """Return a charge as a session. Imported again, it is the same one."""
    kwh = charge.end_kwh - charge.start_kwh
    return Session(
        key=f"{KEY_BEGIN}{charge.twcid}-{charge.start:.0f}",
        twcid=str(charge.twcid),
        start=charge.start,
        end=charge.end,
        seen=charge.end,
        vin=charge.vin,
        start_kwh=charge.start_kwh,
        end_kwh=charge.end_kwh,
        windows=(Window(start=charge.start, end=charge.end),),
        gap_kwh=kwh,
        gap_seconds=charge.end - charge.start,
        hours=spread((), Flow(gap_kwh=kwh), charge.start, charge.end),
        reconstructed=True,
    )
