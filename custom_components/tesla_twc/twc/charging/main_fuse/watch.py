"""Watches the main fuse, its sensors and its heat; returns what limits the cars, the safe share during silence too."""

from collections.abc import Container, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from ...protocol.codes import TwcId
from ..decision import FuseState
from ..house_phases import HousePhases
from ..inputs import ConnectorInput
from ..meter.learner import MeterLearner, MeterVerdict
from ..readings import SensorReading, SiteReadings
from ..settings import SiteSettings
from .cars import MEASURED_EARLIER_SECONDS, FuseCars, who_is_on
from .conductor import MARGIN_AMPS, SAFE_AMPS, Conductor, FuseView
from .connector_phases import ConnectorPhases
from .imbalance import imbalances
from .largest import LargestOfDay
from .phase import STILL_HOUSE_AMPS, MainPhase, Seen, planned
from .phase_answers import Pattern
from .phase_learner import PhaseLearner
from .phase_sensor import HIGH_VOLTAGE, LOW_VOLTAGE, Sensed
from .signs import PhaseSigns
from .trip_curve import Breaker

LATEST_SECONDS = 60.0
"""The longest delay that is assumed for an unknown meter: until then, current of a car is not given away again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FuseMemory:
    """What was learnt about the main fuse and must survive a restart."""

    intervals: tuple[float, ...] = ()
    """How often each sensor reports, in s."""
    answers: Mapping[tuple[TwcId, Pattern], tuple[str, ...]] = field(default_factory=dict)
    delay_seconds: float | None = None
    """The delay of the phases, in whole s; None if unknown."""
    answers_within: float | None = None
    """The most s until the phases showed a load step; None if unknown."""


class FuseWatch:
    """Watches the phases of one house. Amps are A per phase, times are s of one clock."""

    def __init__(self, memory: FuseMemory | None = None) -> None:
        """Take what was learnt before a restart."""
        memory = memory or FuseMemory()
        self._phases = [MainPhase(number, interval) for number, interval in enumerate(memory.intervals, 1)]
        self.learner = PhaseLearner(memory.answers, memory.answers_within)
        self._remembered_delay = memory.delay_seconds
        self._wired = ConnectorPhases()
        self._cars = FuseCars()
        self._breaker = Breaker()
        self._delay_learner = MeterLearner()
        self._whole_since: float | None = None
        """Since when all sensors have been heard."""
        self._highest = LargestOfDay()
        self._signs = PhaseSigns()

    @property
    def _known_delay(self) -> float | None:
        """The delay of the phases, once learnt from their responses to load steps; None before.

        The delay of another meter is not used: a meter at the fuse may be local while others come from a cloud.
        """
        found = self._delay_learner.findings
        if found.verdict is MeterVerdict.CONTAINED and found.delay_seconds is not None:
            return max(0.0, found.delay_seconds)
        return self._remembered_delay

    @property
    def delay_seconds(self) -> float:
        """The most likely delay of the phases: 0 while it is unknown."""
        return self._known_delay or 0.0

    @property
    def _latest_seconds(self) -> float:
        """The longest delay that the phases may have."""
        if (known := self._known_delay) is not None:
            return known
        within = self.learner.answers_within
        return LATEST_SECONDS if within is None else within

    def intervals(self) -> tuple[float, ...]:
        """Return how often each sensor reports, in whole s, because each change is written to disk."""
        found = [phase.sensor.interval_seconds for phase in self._phases]
        return tuple(float(round(one)) for one in found if one is not None) if None not in found else ()

    def remembered(self) -> FuseMemory:
        """Return what must survive a restart."""
        delay = self._known_delay
        return FuseMemory(
            intervals=self.intervals(),
            answers=self.learner.answers.remembered(),
            delay_seconds=None if delay is None else float(round(delay)),
            answers_within=self.learner.answers_within,
        )

    def forget_meter(self) -> None:
        """Learn the sensors anew, because others or another sign were chosen."""
        self._delay_learner = MeterLearner()
        self._remembered_delay = None
        self.learner.forget()
        self._phases.clear()
        self._signs = PhaseSigns()
        self._highest.clear()
        self._whole_since = None

    def follow(
        self,
        readings: SiteReadings,
        site: SiteSettings,
        connectors: Mapping[TwcId, ConnectorInput],
        drawn: Mapping[TwcId, float],
        now: float,
        *,
        beside_amps: float = 0.0,
        on_purpose: bool = False,
        held_back: Container[TwcId] = (),
        grid: SensorReading | None = None,
    ) -> FuseView:
        """Take in the readings and what each wall connector draws, in A, and return what limits the cars.

        ``beside_amps``: what further cars may draw that nobody can move now.
        ``on_purpose``: whether the cars' load steps are independent of the meters now. ``held_back``: the cars that
        this guard limited in the last decision. ``grid``: the W at the grid connection, if the cars' steps have shown
        that its sign is right and that it is not late.
        """
        heard = self._cars.follow(connectors, drawn, now)
        view = FuseView()
        if site.fuse_amps is None:
            self._breaker.cool()
            self._whole_since = None
        else:
            if len(self._phases) != len(readings.phases):
                self._phases = [MainPhase(number) for number in range(1, len(readings.phases) + 1)]
            phases = self._signs.follow(readings.phases, grid, site.phase_volts, readings.phase_powers)
            fresh = [
                phase.sensor.follow(reading, now) for phase, reading in zip(self._phases, phases, strict=True)
            ]
            mapping = self._wired.follow(connectors, site, self.learner.answers, len(self._phases))
            cars = {twcid: drawn[twcid] for twcid in heard}
            if (battery := readings.battery) is not None:
                amps = None if battery.value is None else battery.value / site.phase_volts
                self.learner.note_battery(amps, battery.reported_at)
            self._learn(fresh, cars, connectors, site, now, on_purpose=on_purpose, held_back=held_back)
            view = self._watch(fresh, mapping, connectors, site, beside_amps, now)
        return view

    def _watch(
        self,
        fresh: Sequence[bool],
        mapping: Mapping[TwcId, HousePhases],
        connectors: Mapping[TwcId, ConnectorInput],
        site: SiteSettings,
        beside_amps: float,
        now: float,
    ) -> FuseView:
        """Return what the phases of the main fuse leave, or the safe share while they cannot be trusted."""
        assert site.fuse_amps is not None
        then = _CarsThen(
            self._cars,
            mapping,
            who_is_on([phase.number for phase in self._phases], mapping),
            _phase_volts(site, connectors),
            self.delay_seconds,
            self._latest_seconds,
            now,
        )
        seen = [
            None if (last := phase.sensor.last) is None else then.at(phase.number, last)
            for phase in self._phases
        ]
        amps = [None if one is None else one.amps for one in seen]
        self._breaker.note(amps, site.fuse_amps, now, fresh)
        delay = self.delay_seconds
        silent = tuple(phase.number for phase in self._phases if now > phase.sensor.silent_at(delay))
        findings = self.learner.answers.findings()
        whole = [one for one in seen if one is not None]
        if silent or not whole or findings.is_faulty:
            self._whole_since = None
            view = self._safe_share(site, connectors, silent, beside_amps)
        else:
            self._whole_since = now if self._whole_since is None else self._whole_since
            view = self._guard(whole, fresh, then, site, self._whole_since, now)
        return replace(
            view,
            silent=silent,
            heat=self._breaker.heat(now),
            findings=findings,
            house_phases=mapping,
            unsigned=self._signs.unsigned,
        )

    def _learn(
        self,
        fresh: Sequence[bool],
        drawn: Mapping[TwcId, float],
        connectors: Mapping[TwcId, ConnectorInput],
        site: SiteSettings,
        now: float,
        *,
        on_purpose: bool,
        held_back: Container[TwcId],
    ) -> None:
        """Pass the cars' currents and the new readings to the learners."""
        sensors = [phase.sensor for phase in self._phases]
        words = [
            (sensor.last.amps_as_told(site.phase_volts), sensor.last.reported_at)
            for sensor in sensors
            if sensor.last is not None
        ]
        complete = len(words) == len(sensors)
        for sensor, (is_new, word) in enumerate(zip(fresh, words, strict=False)):
            if is_new and complete:
                self.learner.note_report(sensor, *word, len(sensors))
        intervals = [sensor.interval_seconds for sensor in sensors]
        cars = {twcid: self._wired.sample(twcid, amps) for twcid, amps in drawn.items()}
        self.learner.note_cars(cars, intervals, now, held_back=held_back)
        total = sum(
            amps * self._wired.count(twcid, connectors[twcid], site, len(sensors))
            for twcid, amps in drawn.items()
        )
        self._delay_learner.note_own_power(total * site.phase_volts, now, on_purpose=on_purpose)
        if complete and any(fresh):
            watts = sum(amps for amps, _ in words) * site.phase_volts
            self._delay_learner.note_reading(watts, max(at for _, at in words))

    # What follows

    def _safe_share(
        self,
        site: SiteSettings,
        connectors: Mapping[TwcId, ConnectorInput],
        silent: tuple[int, ...],
        beside_amps: float,
    ) -> FuseView:
        """Return the safe share for all cars together, or less if the house alone needed more within a day."""
        limit = planned(site) - MARGIN_AMPS
        safe = max(0.0, min(SAFE_AMPS, limit - (self._highest.largest() or 0.0)) - beside_amps)
        together = Conductor.of_all(connectors, limit=safe, drawn=drawn_by(connectors), blind=True)
        return FuseView(
            state=FuseState.SILENT if silent or not self._phases else FuseState.FAULTY,
            conductors=(together,),
            amps=safe,
        )

    def _guard(
        self,
        seen: Sequence[Seen],
        fresh: Sequence[bool],
        then: "_CarsThen",
        site: SiteSettings,
        whole_since: float,
        now: float,
    ) -> FuseView:
        conductors = []
        for phase, one, is_new in zip(self._phases, seen, fresh, strict=True):
            starts = self._breaker.is_starting(phase.number - 1, now) if is_new else None
            see = partial(then.at, phase.number)
            for house in phase.settle(one, see, starts=starts, delay_seconds=self.delay_seconds, now=now):
                self._highest.add(house, now)
            conductors.append(
                phase.follow(
                    one, self._breaker, site, now, delay_seconds=self.delay_seconds, whole_since=whole_since
                )
            )
        amps = [one.amps for one in seen]
        likely = [value - self._cars.surely_on(phase, then.mapping) for phase, value in enumerate(amps, 1)]
        worst = max(range(len(amps)), key=lambda phase: likely[phase] - conductors[phase].limit)
        # Every phase is followed, whichever of them is told.
        steady = [phase.is_house_steady(amps, now) for phase, amps in zip(self._phases, likely, strict=True)]
        is_known = steady[worst] and self._tells_of_now(self._phases[worst], then.mapping)
        times = [phase.sensor.silent_at(self.delay_seconds) + 0.1 for phase in self._phases]
        return FuseView(
            state=FuseState.TOLERATING if any(one.tolerated for one in conductors) else FuseState.CLEAR,
            conductors=(*conductors, *imbalances(amps, conductors, then.mapping, site.imbalance_amps)),
            amps=max(0.0, conductors[worst].limit - likely[worst]),
            phase=worst + 1,
            house_amps=likely[worst] if is_known else None,
            next_at=min((at for at in times if at > now), default=None),
        )

    def _tells_of_now(self, phase: MainPhase, mapping: Mapping[TwcId, HousePhases]) -> bool:
        """Whether the last reading of a phase contains what the cars draw now, so that the rest is the house's."""
        if phase.sensor.last is None or self._cars.may_draw_on(phase.number, mapping):
            return False
        since = phase.sensor.last.reported_at - self.delay_seconds - MEASURED_EARLIER_SECONDS
        return self._cars.moved_on(phase.number, mapping, since) <= STILL_HOUSE_AMPS


@dataclass(frozen=True, slots=True)
class _CarsThen:
    """How readings are compared with what the cars drew, at one moment."""

    cars: FuseCars
    mapping: Mapping[TwcId, HousePhases]
    who: Mapping[int, Hashable]
    volts: float
    delay_seconds: float
    latest_seconds: float
    now: float

    def at(self, phase: int, reading: Sensed) -> Seen:
        """Return a reading of a phase, 1 to 3, with the cars at the moment of measurement."""
        there = self.cars.there(
            phase,
            self.mapping,
            self.who[phase],
            reading.reported_at,
            self.now,
            delay_seconds=self.delay_seconds,
            latest_seconds=self.latest_seconds,
        )
        return Seen(reading.amps(self.volts, there.likely), there)


def _phase_volts(site: SiteSettings, connectors: Mapping[TwcId, ConnectorInput]) -> float:
    """Return the V of a phase of the house: the lowest that a wall connector measures, or the lowest allowed."""
    shares = [
        volts / site.nominal_volts for one in connectors.values() for volts in one.facts.volts or () if volts
    ]
    measured = [share for share in shares if LOW_VOLTAGE <= share <= HIGH_VOLTAGE]
    return site.phase_volts * min(measured, default=LOW_VOLTAGE)


def drawn_by(connectors: Mapping[TwcId, ConnectorInput]) -> float:
    """Return the A per phase that these draw together."""
    return sum((one.facts.drawn_amps or 0.0) * one.facts.units for one in connectors.values())
