"""The measured house: the sensors' last words, what the cars drew meanwhile, and the surplus that follows from both."""

from collections.abc import Mapping
from dataclasses import dataclass

from .balance import KNOWN_SECONDS, UNSURE_SECONDS, Balance, Delay, HouseBattery, meter_of, surplus
from .coach import CoachMemory, MeterCoach, MeterFindings, MeterVerdict
from .decision import InputState
from .power_history import PowerHistory
from .readings import SiteReadings
from .settings import Measurement, SiteSettings
from .staleness import InputWatch, Trusted


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteView:
    """What is known of the house at one moment."""

    trusted: Trusted
    balance: Balance | None
    """None where the surplus cannot be known."""


class SiteWatch:
    """Follows the house over time. All times are s of one clock."""

    def __init__(self, intervals: Mapping[str, float], coach: CoachMemory | None) -> None:
        """Take what was learnt of the sensors before a restart."""
        self.inputs = InputWatch(intervals)
        self.own = PowerHistory()
        self._coach = MeterCoach(coach)
        self._tester: MeterCoach | None = None
        """Hears the steps of the deliberate test and nothing older."""
        self._battery = HouseBattery()
        self._told: tuple[str, float, float] | None = None

    @property
    def findings(self) -> MeterFindings:
        """What the meter's answers to the cars' steps tell."""
        return self._coach.findings

    def coach_memory(self) -> CoachMemory | None:
        """Return what of it must survive a restart, no finer than matters: each change of it is written to disk."""
        memory = self._coach.remembered()
        if memory is None:
            return None
        delay = None if memory.delay_seconds is None else float(round(memory.delay_seconds))
        return CoachMemory(
            gain=round(memory.gain, 2), gain_error=max(0.01, round(memory.gain_error, 2)), delay_seconds=delay
        )

    def forget_meter(self) -> None:
        """Learn the meter anew: another sensor, or another sign."""
        self._coach = MeterCoach()
        self._tester = None
        self._told = None

    def begin_test(self, site: SiteSettings) -> None:
        """Listen to the deliberate test with fresh ears: what was learnt before outvotes nothing of it."""
        self._tester = MeterCoach(interval_seconds=self.interval_seconds(site))

    @property
    def test_findings(self) -> MeterFindings:
        """What the steps of the test tell by themselves."""
        return MeterFindings() if self._tester is None else self._tester.findings

    def end_test(self) -> None:
        """Believe what the test has found, if that is anything: it is newer than all the rest."""
        if self._tester is not None and self._tester.findings.verdict is not MeterVerdict.UNKNOWN:
            self._coach = self._tester
        self._tester = None

    def delay(self, site: SiteSettings) -> Delay:
        """Return how late the meter is, as far as known."""
        found = self.findings.delay_seconds
        if found is not None:
            return Delay(seconds=found, unsure_seconds=KNOWN_SECONDS)
        return Delay(unsure_seconds=max(UNSURE_SECONDS, self.interval_seconds(site) or 0.0))

    def interval_seconds(self, site: SiteSettings) -> float | None:
        """Return how often the meter reports, in s, as far as known."""
        rhythm = self.inputs.rhythms.get(meter_of(site) or "solar")
        return None if rhythm is None else rhythm.interval_seconds

    def look(
        self,
        readings: SiteReadings,
        site: SiteSettings,
        own_watts: float,
        now: float,
        *,
        own_amps: float | None = None,
        on_purpose: bool = False,
    ) -> SiteView:
        """Take the newest readings and what the cars draw, and return what follows.

        ``own_amps``: A of all cars together, if known. ``on_purpose``: the cars' steps do not follow the meter now.
        """
        self.own.add(own_watts, now, own_amps)
        if site.measurement is Measurement.NONE:
            return SiteView(trusted=Trusted(), balance=None)
        trusted = self.inputs.look(readings, site, now)
        for coach in self._coaches:
            coach.own_power(own_watts, now, on_purpose=on_purpose)
        self._teach(trusted, site)
        if trusted.state is InputState.NIGHT:
            return SiteView(trusted=trusted, balance=_night(site))
        balance = surplus(trusted, site, self.own, self.delay(site), self._battery)
        return SiteView(trusted=trusted, balance=balance)

    def _teach(self, trusted: Trusted, site: SiteSettings) -> None:
        """Let the coach hear what the meter answers.

        A house battery keeps the grid meter still, whatever a car does: then it is the battery that answers.
        """
        meter = meter_of(site)
        if meter is None or meter not in trusted.values or meter in trusted.stale:
            return
        watts, at = trusted.values[meter], trusted.reported_at[meter]
        if site.measurement is Measurement.GRID and "battery" in trusted.values:
            watts, at = watts - trusted.values["battery"], max(at, trusted.reported_at["battery"])
        told = (meter, watts, at)
        if told != self._told:
            self._told = told
            for coach in self._coaches:
                coach.reading(watts, at)

    @property
    def _coaches(self) -> tuple[MeterCoach, ...]:
        return (self._coach,) if self._tester is None else (self._coach, self._tester)


def _night(site: SiteSettings) -> Balance:
    """Without sun there is no surplus, whoever is silent."""
    return Balance(low_watts=-site.reserve_watts, high_watts=-site.reserve_watts, terms={"solar": 0.0})
