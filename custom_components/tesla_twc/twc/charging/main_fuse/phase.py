"""Follows one phase of the main fuse: its sensor, and the share of the house in its readings."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from ..power_history import PowerHistory
from ..settings import SiteSettings
from .cars import MEASURED_LATER_SECONDS, CarsThere
from .conductor import CONTINUOUS_LOAD_SHARE, HELD_SECONDS, MARGIN_AMPS, Conductor
from .largest import Largest
from .phase_sensor import PhaseSensor, Sensed
from .trip_curve import Breaker, bears_for

SURGE_SECONDS = 1800.0
"""A load of the house is expected to return for this time."""
SWITCHED_ON_AMPS, SWITCHED_ON_SHARE = 16.0, 0.3
"""The house may take this much more at any moment, in A and as a share of the rating, whichever is more: what one
circuit of a house in Europe carries, or a dryer in North America."""
FALL_SECONDS = 5.0
"""The time from an order until the car draws less (protocol.md 3.3)."""
STILL_HOUSE_SECONDS, STILL_HOUSE_AMPS = 5.0, 2.0
"""What the house takes is told once it has moved by no more than this for so long: what a car begins or ends with is
seen by a meter and told by its wall connector at different moments, and is not the house's."""
UNKNOWN_INTERVAL_SECONDS = 60.0
"""The interval that is assumed while that of a sensor is unknown."""
TOLERATED_HEAT, WARM_HEAT = 0.5, 0.7
"""From the first heat on no overload is tolerated, from the second on no car is raised."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One reading of a sensor, in A, and the cars at the moment of measurement."""

    amps: float
    cars: CarsThere

    @property
    def low_rest(self) -> float:
        """The A beside the cars that are surely there, if these drew the most that they may have."""
        return self.amps - self.cars.most

    @property
    def high_rest(self) -> float:
        """The same if they drew the least."""
        return self.amps - self.cars.least

    @property
    def likely_rest(self) -> float:
        """The same if they drew what is most likely."""
        return self.amps - self.cars.likely

    @property
    def house_amps(self) -> float:
        """The A that surely are no car's: the cars may be on this phase that are not surely there."""
        return self.low_rest - self.cars.unsure_most


@dataclass(frozen=True, slots=True)
class _Report:
    """A reading about whose moment not all wall connectors have reported yet."""

    reading: Sensed
    low_rest: float
    """The certain rest as far as it was known when the reading came: it can only become less."""
    starts: bool
    """Whether it may be the start of a motor, which is no lasting load."""


class MainPhase:
    """Follows one phase. Times are s of one clock."""

    def __init__(self, number: int, interval_seconds: float | None = None) -> None:
        """Take which phase it is, 1 to 3, and how often its sensor reported before a restart, in s."""
        self.number = number
        self.sensor = PhaseSensor(interval_seconds)
        self._held = Largest()
        self._surges = Largest()
        self._unsettled: deque[_Report] = deque()
        self._house = PowerHistory()
        """What is left of its readings without what cars draw now, A."""

    def is_house_steady(self, house_amps: float, now: float) -> bool:
        """Take in what is left of the last reading without the cars, in A; return whether it has stood still."""
        self._house.add(house_amps, now)
        least, most = self._house.between(now - STILL_HOUSE_SECONDS, inf)
        return most - least <= STILL_HOUSE_AMPS

    def settle(
        self,
        newest: Seen,
        see: Callable[[Sensed], Seen],
        *,
        starts: bool | None,
        delay_seconds: float,
        now: float,
    ) -> list[float]:
        """Remember the rest of each report once the wall connectors have told what their cars drew at its moment.

        A fast meter shows a car up to 3 s before its wall connector reports it (protocol.md 3.1), and this looks like a
        house that needs more. ``starts``: whether a new report may be the start of a motor; None without a new report.
        Returns the A of the house alone that became certain.
        """
        if starts is not None and self.sensor.last is not None:
            self._unsettled.append(_Report(self.sensor.last, newest.low_rest, starts))
        house = []
        while self._unsettled:
            report = self._unsettled[0]
            at = report.reading.reported_at
            if at - delay_seconds + MEASURED_LATER_SECONDS > now:
                break
            self._unsettled.popleft()
            seen = see(report.reading)
            self._held.add(seen.low_rest, at)
            if seen.cars.are_accounted_for and not report.starts:
                self._surges.add(seen.house_amps, at)
                house.append(seen.house_amps)
        return house

    def follow(
        self,
        seen: Seen,
        breaker: Breaker,
        site: SiteSettings,
        now: float,
        *,
        delay_seconds: float,
        whole_since: float,
    ) -> Conductor:
        """Return the phase as a conductor at its last reading.

        ``whole_since``: since when all phases have been heard.
        """
        assert site.fuse_amps is not None
        amps, index = seen.amps, self.number - 1
        stop_limit = planned(site)
        heat = breaker.heat(now)[index]
        interval = self.sensor.interval_seconds
        unseen = delay_seconds + (UNKNOWN_INTERVAL_SECONDS if interval is None else interval)
        bears = breaker.reaches(index, TOLERATED_HEAT) > now + unseen and heat < TOLERATED_HEAT
        frozen_until = whole_since + HELD_SECONDS
        falls_at = self._held.said_at(now - HELD_SECONDS, seen.high_rest + 1.0)
        self._held.forget_before(now - HELD_SECONDS)
        self._surges.forget_before(now - SURGE_SECONDS)
        rises_at = max(frozen_until, now if falls_at is None else falls_at + HELD_SECONDS)
        return Conductor(
            phase=self.number,
            limit=stop_limit - MARGIN_AMPS,
            stop_limit=stop_limit,
            rest=seen.likely_rest,
            held_rest=self._largest_rest(seen, now),
            surge_rest=self._surge(seen, site.fuse_amps, now),
            surge_limit=site.fuse_amps * bears_for((unseen + FALL_SECONDS) / WARM_HEAT),
            low_rest=seen.low_rest,
            members=seen.cars.members,
            overloaded=amps > stop_limit,
            # Between 80 % and the rating a breaker can carry the load for ever; this is no short overload.
            tolerated=amps > site.fuse_amps and site.tolerate_short_overload and bears,
            starting=breaker.is_starting(index, now),
            # After a silence no car is raised before the sensors have reported for some time.
            frozen=heat >= WARM_HEAT or now < frozen_until,
            rises_at=rises_at if rises_at > now else None,
            rating=site.fuse_amps,
            heat=heat,
        )

    def _surge(self, seen: Seen, rating: float, now: float) -> float:
        """Return the rest if the largest house of the last half hour comes back, or much is switched on.

        A car that may be elsewhere counts with the least that it may have drawn, like in every rest.
        """
        switched_on = max(SWITCHED_ON_AMPS, SWITCHED_ON_SHARE * rating)
        # A house that passes the rating alone is no car's fault.
        house = max(seen.house_amps, min(rating, seen.house_amps + switched_on))
        return self._surges.since(now - SURGE_SECONDS, house) + seen.cars.unsure_least

    def _largest_rest(self, seen: Seen, now: float) -> float:
        """Return the largest rest of the last s: now if the cars drew the least, before that if they drew the most.

        While a car changes its current the share of the house is uncertain, so only the certain share is remembered.
        """
        newest = max((report.low_rest for report in self._unsettled), default=seen.high_rest)
        return self._held.since(now - HELD_SECONDS, max(seen.high_rest, newest))


def planned(site: SiteSettings) -> float:
    """Return how many A may flow on a phase as planned, without the margin."""
    assert site.fuse_amps is not None
    return site.fuse_amps * (CONTINUOUS_LOAD_SHARE if site.continuous_main else 1.0)
