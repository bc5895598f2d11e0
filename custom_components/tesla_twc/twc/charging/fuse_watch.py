"""The main fuse as it is seen: how often its phases are reported, how late, what the cars drew, and what follows."""

from .coach import MeterCoach, MeterVerdict
from .fuse import CarsAmps, FuseCap, FuseGuard, FuseState
from .power_history import PowerHistory
from .readings import Reading, SiteReadings
from .rhythm import Rhythm
from .settings import SiteSettings


class FuseWatch:
    """Follows the phases of one house. Amps are A per phase, times are s of one clock."""

    def __init__(self, interval_seconds: float | None = None) -> None:
        """Take how often the phases were reported before a restart, in s."""
        self.rhythm = Rhythm(interval_seconds)
        self._guard = FuseGuard()
        self._cars = PowerHistory()
        self._coach = MeterCoach()
        self._limits = False

    @property
    def delay_seconds(self) -> float:
        """How late the phases are reported: 0 until their answers to the cars' steps have told.

        How late another meter is says nothing: a meter at the fuse may be in the house and the rest in a cloud.
        """
        found = self._coach.findings
        contained = found.verdict is MeterVerdict.CONTAINED
        return max(0.0, found.delay_seconds) if contained and found.delay_seconds is not None else 0.0

    def forget_meter(self) -> None:
        """Learn the meter anew: another one, or another sign."""
        self._coach = MeterCoach()

    def look(
        self,
        readings: SiteReadings,
        site: SiteSettings,
        cars_amps: float,
        cars_watts: float,
        now: float,
        *,
        on_purpose: bool = False,
    ) -> FuseCap:
        """Take the phases' readings and what the cars draw, and return what they may draw.

        ``on_purpose``: the cars' steps do not follow a meter of the house now.
        """
        self._cars.add(cars_amps, now)
        phases = readings.phases
        if phases and site.fuse_amps is not None:
            self._coach.own_power(cars_watts, now, on_purpose=on_purpose and not self._limits)
            self._hear(phases, site)
        cars = CarsAmps(
            self._cars, delay_seconds=self.delay_seconds, interval_seconds=self.rhythm.interval_seconds
        )
        cap = self._guard.cap_amps(phases, site, cars, now)
        self._limits = cap.state is not FuseState.CLEAR
        return cap

    def _hear(self, phases: tuple[Reading, ...], site: SiteSettings) -> None:
        """Note a report of all phases; what they carry together answers to what the cars draw, in W."""
        values = [reading.value for reading in phases if reading.value is not None]
        if len(values) == len(phases):
            reported_at = max(reading.reported_at for reading in phases)
            self.rhythm.observe(reported_at)
            self._coach.reading(sum(values) * site.nominal_volts, reported_at)
