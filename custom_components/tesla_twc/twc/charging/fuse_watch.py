"""The main fuse over time: what its sensors said, what the cars drew meanwhile, how warm the breaker is."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..protocol.codes import TwcId
from .breaker import Breaker
from .coach import MeterCoach, MeterVerdict
from .decision import ConnectorInput
from .fuse import MARGIN_AMPS, SAFE_AMPS, Conductor, FuseState, FuseView, Member
from .fuse_cars import FuseCars
from .fuse_phases import ConnectorPhases
from .house_phases import HousePhases
from .imbalance import imbalances
from .largest import LargestOfDay
from .main_phase import MainPhase, elsewhere, planned
from .other_loads import OtherLoads
from .phase_answers import Pattern
from .phase_learner import PhaseLearner
from .phase_sensor import HIGH_VOLTAGE, LOW_VOLTAGE
from .readings import SiteReadings
from .settings import SiteSettings

LATEST_SECONDS = 60.0
"""As long as nobody knows how late a meter is, it may be so late: what a car has got is not given again before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FuseMemory:
    """What survives a restart."""

    intervals: tuple[float, ...] = ()
    """How often each sensor reports, in s."""
    answers: Mapping[tuple[TwcId, Pattern], tuple[str, ...]] = field(default_factory=dict)
    delay_seconds: float | None = None
    """How late the phases are told, in whole s; None while nobody knows."""
    answers_within: float | None = None
    """So many s at most passed until they showed a car's step; None while nobody knows."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """The last word of one sensor, in A, and the cars when it was measured."""

    amps: float
    members: Mapping[TwcId, Member]


class FuseWatch:
    """Follows the phases of one house. Amps are A per phase, times are s of one clock."""

    def __init__(self, memory: FuseMemory | None = None) -> None:
        """Take what was learnt before a restart."""
        memory = memory or FuseMemory()
        self._phases = [MainPhase(number, interval) for number, interval in enumerate(memory.intervals, 1)]
        self.learner = PhaseLearner(memory.answers, memory.answers_within)
        self._remembered_delay = memory.delay_seconds
        self._wired = ConnectorPhases()
        self._cars = FuseCars()
        self._breaker = Breaker()
        self._coach = MeterCoach()
        self._whole_since: float | None = None
        """Since when all sensors have been heard."""
        self._highest = LargestOfDay()
        self._others = OtherLoads()

    @property
    def _known_delay(self) -> float | None:
        """How late the phases are reported, once their answers to the cars' steps have told.

        How late another meter is says nothing: a meter at the fuse may be in the house and the rest in a cloud.
        """
        found = self._coach.findings
        if found.verdict is MeterVerdict.CONTAINED and found.delay_seconds is not None:
            return max(0.0, found.delay_seconds)
        return self._remembered_delay

    @property
    def delay_seconds(self) -> float:
        """How late the phases most likely are: in time, as long as nobody knows."""
        return self._known_delay or 0.0

    @property
    def _latest_seconds(self) -> float:
        """How late the phases may be at most."""
        if (known := self._known_delay) is not None:
            return known
        within = self.learner.answers_within
        return LATEST_SECONDS if within is None else within

    def intervals(self) -> tuple[float, ...]:
        """Return how often each sensor reports, in whole s: what trembles would be written to disk again and again."""
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
        """Learn the sensors anew: others, or another sign."""
        self._coach = MeterCoach()
        self._remembered_delay = None
        self.learner.forget()
        self._phases.clear()
        self._highest.clear()
        self._whole_since = None

    def look(
        self,
        readings: SiteReadings,
        site: SiteSettings,
        connectors: Mapping[TwcId, ConnectorInput],
        drawn: Mapping[TwcId, float],
        circuit_amps: int,
        now: float,
        *,
        on_purpose: bool = False,
        held_back: Container[TwcId] = (),
    ) -> FuseView:
        """Take what the sensors say and what each wall connector draws, in A, and return what limits the cars.

        ``on_purpose``: the cars' steps do not follow a meter of the house now. ``held_back``: who has less than it
        would have, for what this has returned before.
        """
        heard = self._cars.look(connectors, drawn, now)
        others = self._others.look(
            readings.other_loads, tuple(connectors), _drawn(connectors), circuit_amps, now
        )
        view = FuseView(state=FuseState.CLEAR if others else FuseState.UNUSED)
        if site.fuse_amps is None:
            self._breaker.cool()
            self._whole_since = None
        else:
            if len(self._phases) != len(readings.phases):
                self._phases = [MainPhase(number) for number in range(1, len(readings.phases) + 1)]
            fresh = [
                phase.sensor.look(reading, now)
                for phase, reading in zip(self._phases, readings.phases, strict=True)
            ]
            mapping = self._wired.look(connectors, site, self.learner.answers, len(self._phases))
            cars = {twcid: drawn[twcid] for twcid in heard}
            self._learn(fresh, cars, site, now, on_purpose=on_purpose, held_back=held_back)
            view = self._watch(fresh, mapping, connectors, site, now)
        times = [at for at in (view.next_at, self._others.next_at) if at is not None]
        return replace(
            view,
            conductors=(*view.conductors, *others),
            others_silent=self._others.are_silent,
            next_at=min(times, default=None),
        )

    def _watch(
        self,
        fresh: Sequence[bool],
        mapping: Mapping[TwcId, HousePhases],
        connectors: Mapping[TwcId, ConnectorInput],
        site: SiteSettings,
        now: float,
    ) -> FuseView:
        """Return what the phases of the main fuse leave, or the safe share while they cannot be believed."""
        assert site.fuse_amps is not None
        volts = _phase_volts(site, connectors)
        seen = [self._seen(phase, mapping, volts) for phase in self._phases]
        amps = [None if one is None else one.amps for one in seen]
        self._breaker.look(amps, site.fuse_amps, now, fresh)
        delay = self.delay_seconds
        silent = tuple(phase.number for phase in self._phases if now > phase.sensor.silent_at(delay))
        findings = self.learner.answers.findings()
        whole = [one for one in seen if one is not None]
        if silent or not whole or findings.is_faulty:
            self._whole_since = None
            view = self._safe_share(site, connectors, silent)
        else:
            self._whole_since = now if self._whole_since is None else self._whole_since
            view = self._guard(whole, fresh, mapping, site, self._whole_since, now)
        return replace(
            view, silent=silent, heat=self._breaker.heat(now), findings=findings, house_phases=mapping
        )

    def _seen(self, phase: MainPhase, mapping: Mapping[TwcId, HousePhases], volts: float) -> _Seen | None:
        """Return the last word of a sensor with the cars at the moment when it was measured."""
        last = phase.sensor.last
        if last is None:
            return None
        members = self._cars.members(
            phase.number,
            mapping,
            last.reported_at,
            delay_seconds=self.delay_seconds,
            latest_seconds=self._latest_seconds,
        )
        cars = sum(one.likely for one in members.values() if one.sure)
        return _Seen(last.amps(volts, cars), members)

    def _learn(
        self,
        fresh: Sequence[bool],
        drawn: Mapping[TwcId, float],
        site: SiteSettings,
        now: float,
        *,
        on_purpose: bool,
        held_back: Container[TwcId],
    ) -> None:
        """Let the cars' steps be compared with what the sensors say."""
        sensors = [phase.sensor for phase in self._phases]
        words = [
            (sensor.last.amps_as_told(site.phase_volts), sensor.last.reported_at)
            for sensor in sensors
            if sensor.last is not None
        ]
        complete = len(words) == len(sensors)
        for sensor, (is_new, word) in enumerate(zip(fresh, words, strict=False)):
            if is_new and complete:
                self.learner.hear(sensor, *word, len(sensors))
        intervals = [sensor.interval_seconds for sensor in sensors]
        cars = {twcid: self._wired.sample(twcid, amps) for twcid, amps in drawn.items()}
        self.learner.look(cars, intervals, now, held_back=held_back)
        total = sum(amps * max(1, self._wired.count(twcid, site)) for twcid, amps in drawn.items())
        self._coach.own_power(total * site.phase_volts, now, on_purpose=on_purpose)
        if complete and any(fresh):
            watts = sum(amps for amps, _ in words) * site.phase_volts
            self._coach.reading(watts, max(at for _, at in words))

    # What follows

    def _safe_share(
        self, site: SiteSettings, connectors: Mapping[TwcId, ConnectorInput], silent: tuple[int, ...]
    ) -> FuseView:
        """Leave the safe share to all cars together, or less where the house needed more lately."""
        limit = planned(site) - MARGIN_AMPS
        safe = min(SAFE_AMPS, max(0.0, limit - (self._highest.largest() or 0.0)))
        together = Conductor.of_all(connectors, limit=safe, drawn=_drawn(connectors))
        return FuseView(
            state=FuseState.SILENT if silent or not self._phases else FuseState.FAULTY,
            conductors=(together,),
            amps=safe,
        )

    def _guard(
        self,
        seen: Sequence[_Seen],
        fresh: Sequence[bool],
        mapping: Mapping[TwcId, HousePhases],
        site: SiteSettings,
        whole_since: float,
        now: float,
    ) -> FuseView:
        conductors = []
        for phase, one, is_new in zip(self._phases, seen, fresh, strict=True):
            house = self._house_amps(phase, one, now)
            if house is not None and is_new:
                self._highest.add(house, now)
            conductors.append(
                phase.conductor(
                    one.amps,
                    one.members,
                    self._breaker,
                    site,
                    now,
                    house_amps=house,
                    delay_seconds=self.delay_seconds,
                    whole_since=whole_since,
                )
            )
        amps = [one.amps for one in seen]
        likely = [value - self._cars.surely_on(phase, mapping) for phase, value in enumerate(amps, 1)]
        worst = max(range(len(amps)), key=lambda phase: likely[phase] - conductors[phase].limit)
        times = [phase.sensor.silent_at(self.delay_seconds) + 0.1 for phase in self._phases]
        return FuseView(
            state=FuseState.TOLERATING if any(one.tolerated for one in conductors) else FuseState.CLEAR,
            conductors=(*conductors, *imbalances(amps, conductors, mapping, site.imbalance_amps)),
            amps=max(0.0, conductors[worst].limit - likely[worst]),
            phase=worst + 1,
            house_amps=likely[worst],
            next_at=min((at for at in times if at > now), default=None),
        )

    def _house_amps(self, phase: MainPhase, seen: _Seen, now: float) -> float | None:
        """Return what surely was the house without any of the cars, if it may be expected back.

        A car that may be elsewhere must not look like a house that needs so much, and a motor that starts is no load.
        """
        if not self._cars.are_accounted_for(seen.members, now):
            return None
        if self._breaker.is_starting(phase.number - 1, now):
            return None
        sure = sum(one.most for one in seen.members.values() if one.sure)
        return seen.amps - sure - elsewhere(seen.members)


def _phase_volts(site: SiteSettings, connectors: Mapping[TwcId, ConnectorInput]) -> float:
    """Return the V of a phase of the house: as low as a wall connector measures, or as low as it may be."""
    shares = [
        volts / site.nominal_volts for one in connectors.values() for volts in one.facts.volts or () if volts
    ]
    measured = [share for share in shares if LOW_VOLTAGE <= share <= HIGH_VOLTAGE]
    return site.phase_volts * min(measured, default=LOW_VOLTAGE)


def _drawn(connectors: Mapping[TwcId, ConnectorInput]) -> float:
    return sum((one.facts.drawn_amps or 0.0) * one.facts.units for one in connectors.values())
