"""The main fuse as it is seen: how often its phases are reported, what the cars drew, and what follows for them."""

from .fuse import CarsAmps, FuseCap, FuseGuard
from .power_history import PowerHistory
from .readings import SiteReadings
from .rhythm import Rhythm
from .settings import SiteSettings


class FuseWatch:
    """Follows the phases of one house. Amps are A per phase, times are s of one clock."""

    def __init__(self, interval_seconds: float | None = None) -> None:
        """Take how often the phases were reported before a restart, in s."""
        self.rhythm = Rhythm(interval_seconds)
        self._guard = FuseGuard()
        self._cars = PowerHistory()

    def look(
        self,
        readings: SiteReadings,
        site: SiteSettings,
        cars_amps: float,
        delay_seconds: float,
        now: float,
    ) -> FuseCap:
        """Take the phases' readings and what the cars draw, and return what they may draw."""
        self._cars.add(cars_amps, now)
        if readings.phases and all(reading.value is not None for reading in readings.phases):
            self.rhythm.observe(max(reading.reported_at for reading in readings.phases))
        interval = self.rhythm.interval_seconds
        cars = CarsAmps(self._cars, delay_seconds=delay_seconds, interval_seconds=interval)
        return self._guard.cap_amps(readings.phases, site, cars, now)
