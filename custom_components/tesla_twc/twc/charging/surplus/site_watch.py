"""Follows the house: the last readings, what the cars drew meanwhile, and the surplus that results from both."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from math import inf

from ..decision import InputState
from ..meter.learner import MeterFindings, MeterLearner, MeterMemory, MeterVerdict
from ..meter.load_step import STEP_WATTS
from ..power_history import PowerHistory
from ..readings import SensorReading, SiteReadings
from ..settings import Measurement, SiteSettings
from .accounted import AccountedSurplus
from .balance import KNOWN_SECONDS, UNSURE_SECONDS, Balance, Delay, HouseBattery, meter_of, own_then, surplus
from .beside_battery import BesideBattery
from .consumers import OtherConsumers, hides_steps
from .hidden_sun import HiddenSun
from .inverter_limit import InverterLimit
from .staleness import NO_SUN_DEGREES, InputWatch, Trusted

SETTLES_SECONDS = 5.0
"""A wall connector tells within this time what its car draws."""
ANSWERS_SECONDS = 45.0
"""A local meter has shown a step of a car within this time."""
PROMPT_SECONDS = 5.0
"""A meter with a shorter delay tells what is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteView:
    """What is known about the house at one moment."""

    trusted: Trusted
    balance: Balance | None
    """The surplus; None if it is unknown."""
    accounted: Balance | None = None
    """The same as it is told of the house and energy is accounted with: a car that changes makes no sun of it. None as
    long as nobody knows what the cars draw."""
    unyielding: tuple[str, ...] = ()
    """Other consumers that shall yield, and do not."""
    next_at: float | None = None
    """When something about other consumers changes by itself."""


class SiteWatch:
    """Follows the readings of one house. All times are s of one clock."""

    def __init__(self, intervals: Mapping[str, float], learner: MeterMemory | None) -> None:
        """Take what was learnt about the sensors before a restart."""
        self.inputs = InputWatch(intervals)
        self.own = PowerHistory()
        self._measured = PowerHistory()
        """What the cars draw as their wall connectors report it."""
        self._shown_watts: float | None = None
        self._accounted = AccountedSurplus()
        self._learner = MeterLearner(learner)
        self._trial_learner: MeterLearner | None = None
        """Learns from the load steps of a running step trial only."""
        self._battery = HouseBattery()
        self._beside_battery = BesideBattery()
        self._inverter_limit = InverterLimit()
        self._consumers = OtherConsumers()
        self._hidden_sun = HiddenSun()
        self._told: tuple[str, float, float] | None = None

    @property
    def findings(self) -> MeterFindings:
        """What the meter's responses to the cars' load steps show."""
        return self._learner.findings

    def proven_grid(self, readings: SiteReadings) -> SensorReading | None:
        """Return the reading of the grid if the cars' steps have shown that its sign is right and it is not late."""
        found = self.findings
        late = found.delay_seconds is None or found.delay_seconds > PROMPT_SECONDS
        return None if found.verdict is not MeterVerdict.CONTAINED or late else readings.grid

    def meter_memory(self) -> MeterMemory | None:
        """Return what must survive a restart, rounded, because each change is written to disk."""
        memory = self._learner.remembered()
        if memory is None:
            return None
        delay = None if memory.delay_seconds is None else float(round(memory.delay_seconds))
        return MeterMemory(
            gain=round(memory.gain, 2), gain_error=max(0.01, round(memory.gain_error, 2)), delay_seconds=delay
        )

    def forget_meter(self) -> None:
        """Learn the meter anew, because another sensor or another sign was chosen."""
        self._learner = MeterLearner()
        self._trial_learner = None
        self._told = None
        self._beside_battery = BesideBattery()

    def begin_trial(self, site: SiteSettings) -> None:
        """Begin to learn from a step trial alone, without what was learnt before."""
        self._trial_learner = MeterLearner(interval_seconds=self.interval_seconds(site))

    @property
    def trial_findings(self) -> MeterFindings:
        """What the load steps of the step trial alone show."""
        return MeterFindings() if self._trial_learner is None else self._trial_learner.findings

    def end_trial(self) -> None:
        """Replace what was learnt before by the result of the step trial, if there is one: it is newer."""
        if (
            self._trial_learner is not None
            and self._trial_learner.findings.verdict is not MeterVerdict.UNKNOWN
        ):
            self._learner = self._trial_learner
        self._trial_learner = None

    def delay(self, site: SiteSettings) -> Delay:
        """Return the delay of the meter, as far as it is known."""
        found = self.findings.delay_seconds
        if found is not None:
            return Delay(seconds=found, unsure_seconds=KNOWN_SECONDS)
        return Delay(unsure_seconds=max(UNSURE_SECONDS, self.interval_seconds(site) or 0.0))

    def interval_seconds(self, site: SiteSettings) -> float | None:
        """Return how often the meter reports, in s, as far as known."""
        report_interval = self.inputs.report_intervals.get(meter_of(site) or "solar")
        return None if report_interval is None else report_interval.interval_seconds

    def follow(
        self,
        readings: SiteReadings,
        site: SiteSettings,
        own_watts: float,
        now: float,
        *,
        measured_watts: float | None = None,
        own_amps: float | None = None,
        on_purpose: bool = False,
        step_watts: float = 0.0,
        least_watts: float = 0.0,
        knows_cars: bool = True,
    ) -> SiteView:
        """Take in the newest readings and what the cars draw, and return what is known about the house.

        ``measured_watts``: what they draw as their wall connectors report it, if that is something else. ``own_amps``:
        A of all cars together, if known. ``on_purpose``: whether the cars' load steps are independent of the meter now.
        ``step_watts``: what the cars could try to take beyond what they draw, where the sun may be hidden.
        ``least_watts``: what those that charge need to go on. ``knows_cars``: whether it is known what they draw; until
        then no surplus is told.
        """
        self.own.add(own_watts, now, own_amps)
        self._note_measured(
            own_watts if measured_watts is None else measured_watts, now, knows_cars=knows_cars
        )
        if site.measurement is Measurement.NONE:
            return SiteView(trusted=Trusted(), balance=None)
        contained = self.findings.verdict is MeterVerdict.CONTAINED
        hidden = hides_steps(site, readings.consumers, now)
        answers = site.meter_contains_connectors and readings.battery is None and not hidden
        trusted = self.inputs.follow(
            readings,
            site,
            now,
            partial(self._has_answered, now) if answers else None,
            contained=contained,
        )
        for learner in self._learners:
            learner.note_own_power(own_watts, now, on_purpose=on_purpose)
        delay = self.delay(site)
        beside_battery = site.measurement is Measurement.GRID and {"grid", "battery"} <= trusted.values.keys()
        if beside_battery:
            self._beside_battery.note(
                trusted,
                self.own,
                grid_late=delay.seconds + delay.unsure_seconds,
                interval_seconds=self.inputs.report_intervals["battery"].interval_seconds,
                contained=site.meter_contains_connectors,
            )
        if not hidden:
            self._teach(trusted, site, beside_battery=beside_battery)
        if not contained:
            self._teach_doubted(readings)
        if trusted.state is InputState.NIGHT:
            night = _night(site)
            return SiteView(trusted=trusted, balance=night, accounted=night)
        balance = surplus(trusted, site, self.own, delay, self._battery, self._measured)
        self._inverter_limit.note(readings.panels)
        if balance is None:
            return SiteView(trusted=trusted, balance=None)
        balance = self._inverter_limit.apply(balance, site, now)
        meter_at = trusted.reported_at[meter_of(site) or "solar"]
        balance = self._consumers.apply(
            balance,
            site,
            readings.consumers,
            now,
            own_watts=own_watts,
            least_watts=least_watts,
            meter_since=meter_at - delay.seconds - delay.unsure_seconds,
        )
        if beside_battery:
            balance = self._beside_battery.apply(balance, own_then(trusted, site, self.own, delay)[0])
        elif battery_is_unseen(readings, site):
            balance = self._beside_battery.apply_unseen(balance, trusted, site)
        balance = _as_certain(balance, trusted, readings, site)
        if site.measurement is Measurement.GRID:
            balance = self._hidden_sun.apply(
                balance,
                site,
                own_watts=own_watts,
                step_watts=step_watts,
                grid_at=trusted.reported_at["grid"],
                late_seconds=delay.seconds + delay.unsure_seconds,
                sun_elevation=readings.sun_elevation,
                now=now,
            )
        view = SiteView(
            trusted=trusted,
            balance=balance,
            unyielding=self._consumers.unyielding(),
            next_at=self._next_at(trusted, now),
        )
        return self._as_told(view, balance, site, delay, now) if knows_cars else view

    def _as_told(
        self, view: SiteView, balance: Balance, site: SiteSettings, delay: Delay, now: float
    ) -> SiteView:
        """Return what is known with what is told of the surplus, where it is known what the cars draw."""
        own_least = partial(own_then, view.trusted, site, self._measured, delay)
        accounted = self._accounted.account(
            balance, lambda: own_least()[0], delay, now, own_watts=self._measured.latest
        )
        return replace(view, balance=self._near_to_before(balance, delay), accounted=accounted)

    def _note_measured(self, watts: float, now: float, *, knows_cars: bool) -> None:
        """Note what the cars draw, in W; what nobody has told of yet was not nothing."""
        if knows_cars:
            self._measured.add(watts, now)
        else:
            self._measured = PowerHistory()

    def _next_at(self, trusted: Trusted, now: float) -> float | None:
        """Return when something changes by itself."""
        times = (self._consumers.next_at(now), self._answer_due_at(trusted, now))
        return min((at for at in times if at is not None), default=None)

    def _answer_due_at(self, trusted: Trusted, now: float) -> float | None:
        """Return when a meter that tells changes only must have shown the last step of the cars; None: it need not."""
        changed_at = self.own.changed_at if trusted.hidden_watts else None
        due_at = None if changed_at is None else changed_at + ANSWERS_SECONDS
        return due_at if due_at is not None and due_at > now else None

    def _near_to_before(self, balance: Balance, delay: Delay) -> Balance:
        """Return the balance with what is told of a car's share nearest to what was told before.

        Of a slow meter the middle of what is possible is right on average, and an old value is not.
        """
        if self._shown_watts is not None and delay.unsure_seconds <= UNSURE_SECONDS:
            balance = balance.shown_near(self._shown_watts)
        self._shown_watts = balance.watts
        return balance

    def _has_answered(self, now: float, reported_at: float, hides_watts: float) -> bool:
        """Whether a meter that hides changes up to so many W has been silent without a reason to speak.

        A step of the cars that is clearly larger must be reported. Where a house battery takes up their steps, nobody
        can tell.
        """
        before, since = self.own.at(reported_at + SETTLES_SECONDS), self.own.at(now - ANSWERS_SECONDS)
        return now - ANSWERS_SECONDS <= reported_at or abs(since - before) <= 2 * hides_watts + STEP_WATTS

    def _teach(self, trusted: Trusted, site: SiteSettings, *, beside_battery: bool) -> None:
        """Pass each new reading of the meter to the learner.

        A house battery keeps the grid power at zero whatever a car does. Its own power is therefore taken off, as it
        was at the same moment.
        """
        meter = meter_of(site)
        if meter is None or meter not in trusted.values or meter in trusted.stale:
            return
        if site.seeks_hidden_sun:
            # An inverter that may not export answers to the cars' steps, and the meter seems not to see them.
            return
        watts, at = trusted.values[meter], trusted.reported_at[meter]
        if beside_battery:
            grid, battery, at = self._beside_battery.together
            watts = grid - battery
        self._tell_learners(meter, watts, at)

    def _teach_doubted(self, readings: SiteReadings) -> None:
        """Pass on what is doubted of the meter: only the cars' steps can show that it is right."""
        grid, battery = readings.grid, readings.battery
        if grid is None or grid.doubted is None or (battery is not None and battery.value is None):
            return
        taken = 0.0 if battery is None else battery.value or 0.0
        self._tell_learners("grid", grid.doubted - taken, grid.heard_at)

    def _tell_learners(self, meter: str, watts: float, at: float) -> None:
        told = (meter, watts, at)
        if told != self._told:
            self._told = told
            for learner in self._learners:
                learner.note_reading(watts, at)

    @property
    def _learners(self) -> tuple[MeterLearner, ...]:
        return (self._learner,) if self._trial_learner is None else (self._learner, self._trial_learner)


def battery_is_unseen(readings: SiteReadings, site: SiteSettings) -> bool:
    """Whether there is a house battery of which the state of charge is measured and the power is not.

    Where production and consumption are measured, the battery has no part in the surplus.
    """
    has_charge_only = readings.battery is None and readings.battery_soc is not None
    return has_charge_only and site.measurement is Measurement.GRID


def _as_certain(balance: Balance, trusted: Trusted, readings: SiteReadings, site: SiteSettings) -> Balance:
    """Return the surplus without what a sensor may hide, or no sun can give."""
    if trusted.hidden_watts:
        # What was reported last is the best guess of now; a car is raised by what is certain.
        balance = balance.at_most(inf, raise_by=balance.low_watts - trusted.hidden_watts)
    if (readings.sun_elevation or 0.0) < NO_SUN_DEGREES:
        balance = balance.at_most(-site.reserve_watts)
    return balance


def _night(site: SiteSettings) -> Balance:
    """Return the balance of a night: there is no surplus, whichever reading is missing."""
    watts = -site.reserve_watts
    return Balance(
        low_watts=watts, high_watts=watts, shown_watts=(watts, watts), watts=watts, terms={"solar": 0.0}
    )
