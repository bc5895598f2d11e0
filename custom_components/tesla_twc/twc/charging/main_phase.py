"""One phase of the main fuse over time: what its sensor said, and what of that was the house."""

from collections.abc import Mapping

from ..protocol.codes import TwcId
from .breaker import Breaker, bears_for
from .fuse import CONTINUOUS_SHARE, HELD_SECONDS, MARGIN_AMPS, Conductor, Member
from .largest import Largest
from .phase_sensor import PhaseSensor
from .settings import SiteSettings

SURGE_SECONDS = 1800.0
"""A load that was seen within so long is expected back."""
FALL_SECONDS = 5.0
"""From an order to the car's current (protocol.md 3.3)."""
UNKNOWN_SECONDS = 60.0
"""As long as nobody knows how often a sensor reports, it may be so seldom."""
BORNE, WARM = 0.5, 0.7
"""From the first on no overload is tolerated, from the second on nobody is raised."""


class MainPhase:
    """Follows one phase. Amps are A, times are s of one clock."""

    def __init__(self, number: int, interval_seconds: float | None = None) -> None:
        """Take which phase it is, 1 to 3, and how often its sensor reported before a restart, in s."""
        self.number = number
        self.sensor = PhaseSensor(interval_seconds)
        self._held = Largest()
        self._surges = Largest()

    def conductor(
        self,
        amps: float,
        members: Mapping[TwcId, Member],
        breaker: Breaker,
        site: SiteSettings,
        now: float,
        *,
        house_amps: float | None,
        delay_seconds: float,
        whole_since: float,
    ) -> Conductor:
        """Return what is known of it. ``house_amps``: what was surely the house, if that is worth remembering.

        ``whole_since``: since when all phases have been heard.
        """
        assert site.fuse_amps is not None
        assert self.sensor.last is not None
        reported_at, index = self.sensor.last.reported_at, self.number - 1
        on_it = [one for one in members.values() if one.sure]
        high_rest = amps - sum(one.least for one in on_it)
        low_rest = amps - sum(one.most for one in on_it)
        # While a car is on its way nobody knows what of that is the house; what is remembered is what surely was.
        self._held.add(low_rest, reported_at)
        if house_amps is not None:
            self._surges.add(house_amps, reported_at)
        stop_limit = planned(site)
        heat = breaker.heat(now)[index]
        interval = self.sensor.interval_seconds
        unseen = delay_seconds + (UNKNOWN_SECONDS if interval is None else interval)
        bears = breaker.reaches(index, BORNE) > now + unseen and heat < BORNE
        frozen_until = whole_since + HELD_SECONDS
        falls_at = self._held.said_at(now - HELD_SECONDS, high_rest + 1.0)
        rises_at = max(frozen_until, now if falls_at is None else falls_at + HELD_SECONDS)
        return Conductor(
            phase=self.number,
            limit=stop_limit - MARGIN_AMPS,
            stop_limit=stop_limit,
            rest=amps - sum(one.likely for one in on_it),
            held_rest=self._held.since(now - HELD_SECONDS, high_rest),
            surge_rest=self._surges.since(now - SURGE_SECONDS, low_rest - elsewhere(members)),
            surge_limit=site.fuse_amps * bears_for((unseen + FALL_SECONDS) / WARM),
            low_rest=low_rest,
            members=members,
            overloaded=amps > stop_limit,
            # Between 80 % and its rating a breaker would bear it for ever; that is not what was meant.
            tolerated=amps > site.fuse_amps and site.tolerate_short_overload and bears,
            starting=breaker.is_starting(index, now),
            # After a silence nobody is raised before the sensors have told for a while.
            frozen=heat >= WARM or now < frozen_until,
            rises_at=rises_at if rises_at > now else None,
            rating=site.fuse_amps,
            heat=heat,
        )


def elsewhere(members: Mapping[TwcId, Member]) -> float:
    """Return what cars may have drawn on a phase that may be on another one as well, in A."""
    return sum(one.most for one in members.values() if not one.sure)


def planned(site: SiteSettings) -> float:
    """Return how many A may flow on a phase as planned, the margin not yet taken off."""
    assert site.fuse_amps is not None
    return site.fuse_amps * (CONTINUOUS_SHARE if site.continuous_main else 1.0)
