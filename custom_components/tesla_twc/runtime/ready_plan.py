"""What an owner set of a departure, what is planned for it at one moment, and when its time is by the wall clock."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from homeassistant.util import dt as dt_util

from ..twc.charging.ready_by import ReadySaid

MOST_KWH = 300.0
"""No car takes more (cars/stored.py)."""
DEFAULT_TIME = time(7)


class PlanStage(StrEnum):
    """How far a departure has come. The words are kept over a restart."""

    PLANNED = "planned"
    RUNNING = "running"
    """The car charges in full."""
    DONE = "done"
    """The car took no more: its charge mode rules until the time has passed, or another car comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyPlan:
    """What its owner set for one wall connector, and what became of it."""

    time_of_day: time = DEFAULT_TIME
    """In the time zone of Home Assistant."""
    kwh: float = 0.0
    """So much more energy; 0: no plan."""
    daily: bool = False
    """Whether it is for every day, and not for the next time only."""
    at: float | None = None
    """The next time, in s since 1970; None without a plan."""
    from_kwh: float | None = None
    """Lifetime energy of the wall connector from which on it counts; None: the counter was not known yet."""
    stage: PlanStage = PlanStage.PLANNED


NO_PLAN = ReadyPlan()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDeparture:
    """What is planned at one moment."""

    at: datetime
    kwh: float
    """What its owner asked for."""
    missing_kwh: float
    begins: datetime | None = None
    """When it charges in full at the latest; None: it does already, or it is not known yet."""
    amps: int | None = None
    """A per phase that it is taken to draw then, rounded; None: it is not known yet."""
    short_kwh: float = 0.0
    """What will be missing."""
    runs: bool = False

    @property
    def said(self) -> ReadySaid:
        """What is said of it."""
        return ReadySaid(
            energy=self.missing_kwh,
            ready=f"{self.at:%H:%M}",
            begins=None if self.begins is None else f"{self.begins:%H:%M}",
            short=self.short_kwh,
            runs=self.runs,
        )


def next_time(at: time, now: datetime) -> datetime:
    """Return when it is this time of day next, in the zone of Home Assistant.

    A time that a night leaves out is as long after midnight as it would have been; of one that comes twice, the first
    counts.
    """
    today = dt_util.as_local(now)
    moments = (
        datetime.combine(today.date() + timedelta(days=days), at, tzinfo=today.tzinfo).astimezone(UTC)
        for days in (0, 1, 2)
    )
    return next(moment for moment in moments if moment > now)
