"""The main fuse over time: what its sensors said, what the cars drew meanwhile, how warm the breaker is."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from ..bus.snapshot import WallConnectorSnapshot
from ..protocol.codes import TwcId
from .breaker import Breaker, bears_for
from .coach import MeterCoach, MeterVerdict
from .decision import ConnectorInput
from .fuse import (
    CONTINUOUS_SHARE,
    HELD_SECONDS,
    MARGIN_AMPS,
    SAFE_AMPS,
    Conductor,
    FuseState,
    FuseView,
    Member,
)
from .fuse_phases import ConnectorPhases
from .house_phases import HousePhases
from .imbalance import imbalances
from .largest import Largest, LargestOfDay
from .other_loads import OtherLoads
from .phase_answers import Pattern
from .phase_learner import PhaseLearner
from .phase_sensor import HIGH_VOLTAGE, LOW_VOLTAGE, PhaseSensor
from .power_history import PowerHistory
from .readings import SiteReadings
from .settings import SiteSettings

BEFORE_SECONDS, AFTER_SECONDS = 1.0, 3.0
"""How far the moment of a measurement may lie before and after the time that is computed for it: a wall connector tells
what its car draws up to 3 s late (protocol.md 3.1)."""
BLUR_SECONDS = 5.0
"""A meter may be so much later than known, or tell the mean since its last report: a car that fell meanwhile is still
in it, and must not be stopped for that."""
LATEST_SECONDS = 60.0
"""As long as nobody knows how late a meter is, it may be so late: what a car has got is not given again before."""
UNHEARD_SECONDS = 120.0
"""A wall connector that was not heard within so long of a start draws nothing that we gave it."""
OPENS_SECONDS = 30.0
"""A wall connector without heartbeats opens its contactor within so long (protocol.md 3.2)."""
HEARD_SECONDS = 8.0
"""A wall connector that was not heard for so long may draw what it likes: it counts as a part of the house."""
SURGE_SECONDS = 1800.0
"""A load that was seen within so long is expected back."""
FALL_SECONDS = 5.0
"""From an order to the car's current (protocol.md 3.3)."""
BORNE, WARM = 0.5, 0.7
"""From the first on no overload is tolerated, from the second on nobody is raised."""


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


class FuseWatch:
    """Follows the phases of one house. Amps are A per phase, times are s of one clock."""

    def __init__(self, memory: FuseMemory | None = None) -> None:
        """Take what was learnt before a restart."""
        memory = memory or FuseMemory()
        self._sensors = [PhaseSensor(interval) for interval in memory.intervals]
        self.learner = PhaseLearner(memory.answers, memory.answers_within)
        self._remembered_delay = memory.delay_seconds
        self._phases = ConnectorPhases()
        self._cars: dict[TwcId, PowerHistory] = {}
        self._drew: dict[TwcId, tuple[float, float]] = {}
        """What each wall connector drew when it was heard last, and when that was."""
        self._held: list[Largest] = []
        self._surges: list[Largest] = []
        self._breaker = Breaker()
        self._coach = MeterCoach()
        self._whole_since: float | None = None
        """Since when all sensors have been heard."""
        self._highest = LargestOfDay()
        self._others = OtherLoads()
        self._began_at: float | None = None

    @property
    def delay_seconds(self) -> float:
        """How late the phases are reported: 0 until their answers to the cars' steps have told.

        How late another meter is says nothing: a meter at the fuse may be in the house and the rest in a cloud.
        """
        found = self._coach.findings
        contained = found.verdict is MeterVerdict.CONTAINED
        if contained and found.delay_seconds is not None:
            return max(0.0, found.delay_seconds)
        return self._remembered_delay or 0.0

    @property
    def _latest_seconds(self) -> float:
        """How late the phases may be reported at most."""
        known = self._coach.findings.delay_seconds is not None or self._remembered_delay is not None
        if known and self.delay_seconds:
            return self.delay_seconds
        within = self.learner.answers_within
        return LATEST_SECONDS if within is None else within

    def intervals(self) -> tuple[float, ...]:
        """Return how often each sensor reports, in whole s: what trembles would be written to disk again and again."""
        found = [sensor.interval_seconds for sensor in self._sensors]
        return tuple(float(round(one)) for one in found if one is not None) if None not in found else ()

    def remembered(self) -> FuseMemory:
        """Return what must survive a restart."""
        delay = self.delay_seconds
        return FuseMemory(
            intervals=self.intervals(),
            answers=self.learner.answers.remembered(),
            delay_seconds=float(round(delay)) if delay else self._remembered_delay,
            answers_within=self.learner.answers_within,
        )

    def forget_meter(self) -> None:
        """Learn the sensors anew: others, or another sign."""
        self._coach = MeterCoach()
        self._remembered_delay = None
        self.learner.forget()
        self._sensors.clear()
        self._held.clear()
        self._surges.clear()
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
        self._began_at = now if self._began_at is None else self._began_at
        self._note_cars(connectors, drawn, now)
        others = self._others.look(
            readings.other_loads, tuple(connectors), _drawn(connectors), circuit_amps, now
        )
        if site.fuse_amps is None:
            self._breaker.cool()
            self._whole_since = None
            return FuseView(
                state=FuseState.CLEAR if others else FuseState.UNUSED,
                conductors=others,
                others_silent=self._others.are_silent,
            )
        if len(self._sensors) != len(readings.phases):
            self._sensors = [PhaseSensor() for _ in readings.phases]
        if len(self._held) != len(self._sensors):
            self._held = [Largest() for _ in self._sensors]
            self._surges = [Largest() for _ in self._sensors]
        fresh = [
            sensor.look(reading, now) for sensor, reading in zip(self._sensors, readings.phases, strict=True)
        ]
        mapping = self._phases.look(connectors, site, self.learner.answers, len(self._sensors))
        volts = _phase_volts(site, connectors)
        amps = [
            None
            if sensor.last is None
            else sensor.last.amps(volts, self._surely_then(phase, sensor, mapping))
            for phase, sensor in enumerate(self._sensors, 1)
        ]
        self._learn(fresh, drawn, site, now, on_purpose=on_purpose, held_back=held_back)
        silent = tuple(
            phase
            for phase, sensor in enumerate(self._sensors, 1)
            if now > sensor.silent_at(self.delay_seconds)
        )
        self._breaker.look(amps, site.fuse_amps, now, fresh)
        findings = self.learner.answers.findings()
        if silent or not amps or findings.is_faulty:
            view = self._safe_share(site, connectors, silent, now)
        else:
            self._whole_since = now if self._whole_since is None else self._whole_since
            view = self._guard([one or 0.0 for one in amps], fresh, mapping, connectors, site, now)
        return FuseView(
            state=view.state,
            conductors=(*view.conductors, *others),
            amps=view.amps,
            phase=view.phase,
            house_amps=view.house_amps,
            silent=silent,
            others_silent=self._others.are_silent,
            heat=self._breaker.heat(now),
            findings=findings,
            house_phases=mapping,
            next_at=view.next_at,
        )

    # What is heard

    def _note_cars(
        self, connectors: Mapping[TwcId, ConnectorInput], drawn: Mapping[TwcId, float], now: float
    ) -> None:
        for twcid, one in connectors.items():
            if _is_heard(one.facts, now):
                self._cars.setdefault(twcid, PowerHistory()).add(drawn[twcid], now)
                self._drew[twcid] = (drawn[twcid], now)
            else:
                self._cars.pop(twcid, None)
        for twcid in self._drew.keys() - connectors.keys():
            self._cars.pop(twcid, None)
            del self._drew[twcid]

    def _learn(
        self,
        fresh: list[bool],
        drawn: Mapping[TwcId, float],
        site: SiteSettings,
        now: float,
        *,
        on_purpose: bool,
        held_back: Container[TwcId],
    ) -> None:
        """Let the cars' steps be compared with what the sensors say."""
        words = [
            (sensor.last.amps_as_told(site.phase_volts), sensor.last.reported_at)
            for sensor in self._sensors
            if sensor.last is not None
        ]
        complete = len(words) == len(self._sensors)
        for sensor, (is_new, word) in enumerate(zip(fresh, words, strict=False)):
            if is_new and complete:
                self.learner.hear(sensor, *word, len(self._sensors))
        intervals = [sensor.interval_seconds for sensor in self._sensors]
        cars = {twcid: self._phases.sample(twcid, drawn[twcid]) for twcid in self._cars if twcid in drawn}
        self.learner.look(cars, intervals, now, held_back=held_back)
        total = sum(drawn[twcid] * max(1, self._phases.count(twcid, site)) for twcid in cars)
        self._coach.own_power(total * site.phase_volts, now, on_purpose=on_purpose)
        if complete and any(fresh):
            watts = sum(amps for amps, _ in words) * site.phase_volts
            self._coach.reading(watts, max(at for _, at in words))

    def _surely_on(self, phase: int, mapping: Mapping[TwcId, HousePhases]) -> float:
        """Return what cars that are surely on a phase draw there."""
        return sum(
            history.latest
            for twcid, history in self._cars.items()
            if twcid in mapping and phase in mapping[twcid].sure
        )

    def _surely_then(self, phase: int, sensor: PhaseSensor, mapping: Mapping[TwcId, HousePhases]) -> float:
        """Return what cars that are surely on a phase drew there at least when it was measured."""
        members = self._members(phase, sensor, mapping).values()
        return sum(one.likely for one in members if one.sure)

    def _are_accounted_for(self, members: Mapping[TwcId, Member], now: float) -> bool:
        """Whether of each car on a phase it is known what it drew, so that it is not taken for the house."""
        assert self._began_at is not None
        started = now >= self._began_at + UNHEARD_SECONDS
        return all(one.heard or started or twcid in self._drew for twcid, one in members.items())

    def _unheard_amps(self, twcid: TwcId, at: float) -> float:
        """Return what one that is not heard may have drawn: what it drew last, until its contactor has opened."""
        drew, heard_at = self._drew.get(twcid, (0.0, at))
        return drew if at <= heard_at + OPENS_SECONDS else 0.0

    # What follows

    def _safe_share(
        self,
        site: SiteSettings,
        connectors: Mapping[TwcId, ConnectorInput],
        silent: tuple[int, ...],
        now: float,
    ) -> FuseView:
        """Leave the safe share to all cars together, or less where the house needed more lately."""
        assert site.fuse_amps is not None
        self._whole_since = None
        limit = _limit(site.fuse_amps, site)
        safe = min(SAFE_AMPS, max(0.0, limit - (self._highest.largest() or 0.0)))
        together = Conductor.of_all(connectors, limit=safe, drawn=_drawn(connectors))
        return FuseView(
            state=FuseState.SILENT if silent or not self._sensors else FuseState.FAULTY,
            conductors=(together,),
            amps=safe,
        )

    def _guard(
        self,
        amps: list[float],
        fresh: list[bool],
        mapping: Mapping[TwcId, HousePhases],
        connectors: Mapping[TwcId, ConnectorInput],
        site: SiteSettings,
        now: float,
    ) -> FuseView:
        conductors = [
            self._conductor(phase, value, mapping, site, now) for phase, value in enumerate(amps, 1)
        ]
        likely = [value - self._surely_on(phase, mapping) for phase, value in enumerate(amps, 1)]
        for conductor, is_new in zip(conductors, fresh, strict=True):
            if is_new and self._are_accounted_for(conductor.members, now):
                # Without any of the cars: one that may be elsewhere must not look like a house that needs so much.
                elsewhere = sum(one.most for one in conductor.members.values() if not one.sure)
                self._highest.add(conductor.low_rest - elsewhere, now)
        worst = max(range(len(amps)), key=lambda phase: likely[phase] - conductors[phase].limit)
        state = FuseState.TOLERATING if any(one.tolerated for one in conductors) else FuseState.CLEAR
        times = [sensor.silent_at(self.delay_seconds) + 0.1 for sensor in self._sensors]
        return FuseView(
            state=state,
            conductors=(*conductors, *imbalances(amps, conductors, mapping, site.imbalance_amps)),
            amps=max(0.0, conductors[worst].limit - likely[worst]),
            phase=worst + 1,
            house_amps=likely[worst],
            next_at=min((at for at in times if at > now), default=None),
        )

    def _conductor(
        self, phase: int, amps: float, mapping: Mapping[TwcId, HousePhases], site: SiteSettings, now: float
    ) -> Conductor:
        """Return what is known of one phase, 1 to 3."""
        assert site.fuse_amps is not None
        sensor = self._sensors[phase - 1]
        assert sensor.last is not None
        members = self._members(phase, sensor, mapping)
        on_it = [one for one in members.values() if one.sure]
        rest = amps - sum(one.least for one in on_it)
        held = self._held[phase - 1]
        surge = self._surges[phase - 1]
        low_rest = amps - sum(one.most for one in on_it)
        # While a car is on its way nobody knows what of that is the house; what is remembered is what surely was.
        held.add(low_rest, sensor.last.reported_at)
        elsewhere = sum(one.most for one in members.values() if not one.sure)
        if self._are_accounted_for(members, now) and not self._breaker.is_starting(phase - 1):
            surge.add(low_rest - elsewhere, sensor.last.reported_at)
        stop_limit = site.fuse_amps * (CONTINUOUS_SHARE if site.continuous_main else 1.0)
        overloaded = amps > stop_limit
        heat = self._breaker.heat(now)[phase - 1]
        interval = LATEST_SECONDS if sensor.interval_seconds is None else sensor.interval_seconds
        unseen = self.delay_seconds + interval
        bears = self._breaker.reaches(phase - 1, BORNE) > now + unseen and heat < BORNE
        frozen_until = HELD_SECONDS + (now if self._whole_since is None else self._whole_since)
        falls_at = held.said_at(now - HELD_SECONDS, rest + 1.0)
        rises_at = max(frozen_until, now if falls_at is None else falls_at + HELD_SECONDS)
        return Conductor(
            phase=phase,
            limit=stop_limit - MARGIN_AMPS,
            stop_limit=stop_limit,
            rest=amps - sum(one.likely for one in on_it),
            held_rest=held.since(now - HELD_SECONDS, rest),
            surge_rest=surge.since(now - SURGE_SECONDS, low_rest - elsewhere),
            surge_limit=site.fuse_amps * bears_for((unseen + FALL_SECONDS) / WARM),
            low_rest=low_rest,
            members=members,
            overloaded=overloaded,
            # Between 80 % and its rating a breaker would bear it for ever; that is not what was meant.
            tolerated=amps > site.fuse_amps and site.tolerate_short_overload and bears,
            starting=self._breaker.is_starting(phase - 1),
            # After a silence nobody is raised before the sensors have told for a while.
            frozen=heat >= WARM or now < frozen_until,
            rises_at=rises_at if rises_at > now else None,
            rating=site.fuse_amps,
            heat=heat,
        )

    def _members(
        self, phase: int, sensor: PhaseSensor, mapping: Mapping[TwcId, HousePhases]
    ) -> dict[TwcId, Member]:
        """Return the cars that are or may be on a phase, with what they drew when it was measured."""
        assert sensor.last is not None
        measured_at = sensor.last.reported_at - self.delay_seconds
        begin, end = measured_at - BEFORE_SECONDS, measured_at + AFTER_SECONDS
        blurred, earliest = (
            begin - BLUR_SECONDS,
            sensor.last.reported_at - self._latest_seconds - BEFORE_SECONDS,
        )
        members = {}
        for twcid, on in mapping.items():
            if phase not in (*on.sure, *on.possible):
                continue
            if (history := self._cars.get(twcid)) is None:
                # To raise others it counts as house; nobody is lowered for what it drew when it was heard last.
                members[twcid] = Member(
                    phase in on.sure, most=self._unheard_amps(twcid, blurred), heard=False
                )
            else:
                members[twcid] = Member(
                    phase in on.sure,
                    # Nobody knows what it drew before it was heard.
                    least=history.between(earliest, end)[0] if history.knows(earliest) else 0.0,
                    likely=history.between(begin, end)[0],
                    most=history.between(blurred, end)[1],
                )
        return members


def _is_heard(facts: WallConnectorSnapshot, now: float) -> bool:
    """Whether what a wall connector told still holds."""
    if facts.charging is None:
        return False
    return facts.last_heard is None or now - facts.last_heard <= HEARD_SECONDS


def _limit(fuse_amps: float, site: SiteSettings) -> float:
    """Return what may flow as planned."""
    return fuse_amps * (CONTINUOUS_SHARE if site.continuous_main else 1.0) - MARGIN_AMPS


def _phase_volts(site: SiteSettings, connectors: Mapping[TwcId, ConnectorInput]) -> float:
    """Return the V of a phase of the house: as low as a wall connector measures, or as low as it may be."""
    shares = [
        volts / site.nominal_volts for one in connectors.values() for volts in one.facts.volts or () if volts
    ]
    measured = [share for share in shares if LOW_VOLTAGE <= share <= HIGH_VOLTAGE]
    return site.phase_volts * min(measured, default=LOW_VOLTAGE)


def _drawn(connectors: Mapping[TwcId, ConnectorInput]) -> float:
    return sum((one.facts.drawn_amps or 0.0) * one.facts.units for one in connectors.values())
