"""The main fuse over time: what its sensors said, what the cars drew meanwhile, how warm the breaker is."""

from collections import deque
from collections.abc import Mapping
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
from .phase_learner import Pattern, PhaseLearner
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
HEARD_SECONDS = 8.0
"""A wall connector that was not heard for so long may draw what it likes: it counts as a part of the house."""
SURGE_SECONDS = 1800.0
"""A load that was seen within so long is expected back."""
FALL_SECONDS = 5.0
"""From an order to the car's current (protocol.md 3.3)."""
BORNE, WARM = 0.5, 0.7
"""From the first on no overload is tolerated, from the second on nobody is raised."""
_DAY_HOURS = 24
_HOUR = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FuseMemory:
    """What survives a restart."""

    intervals: tuple[float, ...] = ()
    """How often each sensor reports, in s."""
    answers: Mapping[tuple[TwcId, Pattern], tuple[str, ...]] = field(default_factory=dict)
    delay_seconds: float | None = None
    """How late the phases are told, in whole s; None while nobody knows."""


class _Held:
    """The largest value of the last while."""

    def __init__(self) -> None:
        self._values: deque[tuple[float, float]] = deque()

    def add(self, value: float, at: float) -> None:
        while self._values and self._values[-1][1] <= value:
            self._values.pop()
        self._values.append((at, value))

    def largest(self, since: float, at_least: float) -> float:
        while len(self._values) > 1 and self._values[0][0] < since:
            self._values.popleft()
        return max(at_least, self._values[0][1]) if self._values and self._values[0][0] >= since else at_least

    def falls_at(self, since: float, from_value: float) -> float | None:
        """Return from when the largest value is, if it is not older than ``since`` and larger than ``from_value``."""
        at, value = self._values[0]
        return at if at >= since and value > from_value else None


class FuseWatch:
    """Follows the phases of one house. Amps are A per phase, times are s of one clock."""

    def __init__(self, memory: FuseMemory | None = None) -> None:
        """Take what was learnt before a restart."""
        memory = memory or FuseMemory()
        self._sensors = [PhaseSensor(interval) for interval in memory.intervals]
        self.learner = PhaseLearner(memory.answers)
        self._remembered_delay = memory.delay_seconds
        self._phases = ConnectorPhases()
        self._cars: dict[TwcId, PowerHistory] = {}
        self._drew: dict[TwcId, float] = {}
        """What each wall connector drew when it was heard last."""
        self._held: list[_Held] = []
        self._surges: list[_Held] = []
        self._breaker = Breaker()
        self._coach = MeterCoach()
        self._whole_since: float | None = None
        """Since when all sensors have been heard."""
        self._highest: dict[int, float] = {}
        self._others: list[PhaseSensor] = []
        self._other_held = _Held()
        self._other_highest: dict[int, float] = {}

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

    def intervals(self) -> tuple[float, ...]:
        """Return how often each sensor reports, in whole s: what trembles would be written to disk again and again."""
        found = [sensor.interval_seconds for sensor in self._sensors]
        return tuple(float(round(one)) for one in found if one is not None) if None not in found else ()

    def remembered(self) -> FuseMemory:
        """Return what must survive a restart."""
        delay = self.delay_seconds
        return FuseMemory(
            intervals=self.intervals(),
            answers=self.learner.remembered(),
            delay_seconds=float(round(delay)) if delay else self._remembered_delay,
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
    ) -> FuseView:
        """Take what the sensors say and what each wall connector draws, in A, and return what limits the cars.

        ``on_purpose``: the cars' steps do not follow a meter of the house now.
        """
        self._note_cars(connectors, drawn, now)
        others = self._other_loads(readings, connectors, circuit_amps, now)
        if site.fuse_amps is None:
            self._breaker.cool()
            self._whole_since = None
            return FuseView(state=FuseState.CLEAR if others else FuseState.UNUSED, conductors=others)
        if len(self._sensors) != len(readings.phases):
            self._sensors = [PhaseSensor() for _ in readings.phases]
        if len(self._held) != len(self._sensors):
            self._held = [_Held() for _ in self._sensors]
            self._surges = [_Held() for _ in self._sensors]
        fresh = [
            sensor.look(reading, now) for sensor, reading in zip(self._sensors, readings.phases, strict=True)
        ]
        mapping = self._phases.look(connectors, site, self.learner, len(self._sensors))
        volts = _phase_volts(site, connectors)
        amps = [
            None if sensor.last is None else sensor.last.amps(volts, self._surely_on(phase, mapping))
            for phase, sensor in enumerate(self._sensors, 1)
        ]
        self._learn(fresh, drawn, site, now, on_purpose=on_purpose)
        silent = tuple(
            phase
            for phase, sensor in enumerate(self._sensors, 1)
            if now > sensor.silent_at(self.delay_seconds)
        )
        self._breaker.look(amps, site.fuse_amps, now)
        findings = self.learner.findings()
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
                self._drew[twcid] = drawn[twcid]
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
        self.learner.look(cars, intervals, now)
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
        safe = min(SAFE_AMPS, max(0.0, limit - max(self._highest.values(), default=0.0)))
        together = _all_together(connectors, limit=safe, rest=0.0)
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
            if is_new and all(one.heard for one in conductor.members.values()):
                # Without any of the cars: one that may be elsewhere must not look like a house that needs so much.
                elsewhere = sum(one.most for one in conductor.members.values() if not one.sure)
                self._note_highest(self._highest, conductor.low_rest - elsewhere, now)
        worst = max(range(len(amps)), key=lambda phase: likely[phase] - conductors[phase].limit)
        state = FuseState.TOLERATING if any(one.tolerated for one in conductors) else FuseState.CLEAR
        times = [sensor.silent_at(self.delay_seconds) + 0.1 for sensor in self._sensors]
        return FuseView(
            state=state,
            conductors=(*conductors, *_imbalances(amps, conductors, mapping, site)),
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
        rest = amps - sum(one.least for one in members.values() if one.sure)
        held = self._held[phase - 1]
        held.add(rest, sensor.last.reported_at)
        surge = self._surges[phase - 1]
        low_rest = amps - sum(one.most for one in members.values() if one.sure)
        elsewhere = sum(one.most for one in members.values() if not one.sure)
        if all(one.heard for one in members.values()):
            surge.add(low_rest - elsewhere, sensor.last.reported_at)
        stop_limit = site.fuse_amps * (CONTINUOUS_SHARE if site.continuous_main else 1.0)
        overloaded = amps > stop_limit
        heat = self._breaker.heat(now)[phase - 1]
        unseen = self.delay_seconds + (sensor.interval_seconds or 0.0)
        bears = self._breaker.reaches(phase - 1, BORNE) > now + unseen and heat < BORNE
        frozen_until = HELD_SECONDS + (now if self._whole_since is None else self._whole_since)
        falls_at = held.falls_at(now - HELD_SECONDS, rest + 1.0)
        rises_at = max(frozen_until, now if falls_at is None else falls_at + HELD_SECONDS)
        return Conductor(
            phase=phase,
            limit=stop_limit - MARGIN_AMPS,
            stop_limit=stop_limit,
            rest=rest,
            held_rest=held.largest(now - HELD_SECONDS, rest),
            surge_rest=surge.largest(now - SURGE_SECONDS, low_rest - elsewhere),
            surge_limit=site.fuse_amps * bears_for((unseen + FALL_SECONDS) / WARM),
            low_rest=low_rest,
            members=members,
            overloaded=overloaded,
            # Between 80 % and its rating a breaker would bear it for ever; that is not what was meant.
            tolerated=amps > site.fuse_amps and site.tolerate_short_overload and bears,
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
        blurred = begin - BLUR_SECONDS
        members = {}
        for twcid, on in mapping.items():
            if phase not in (*on.sure, *on.possible):
                continue
            if (history := self._cars.get(twcid)) is None:
                # To raise others it counts as house; nobody is lowered for what it drew when it was heard last.
                members[twcid] = Member(phase in on.sure, 0.0, self._drew.get(twcid, 0.0), heard=False)
            else:
                least, most = history.between(begin, end)[0], history.between(blurred, end)[1]
                members[twcid] = Member(phase in on.sure, least, most)
        return members

    def _other_loads(
        self,
        readings: SiteReadings,
        connectors: Mapping[TwcId, ConnectorInput],
        circuit_amps: int,
        now: float,
    ) -> tuple[Conductor, ...]:
        """Return the circuit of the wall connectors, where something else hangs on it as well.

        While its sensor is silent, it takes the most that it took within a day.
        """
        if len(self._others) != len(readings.other_loads):
            self._others = [PhaseSensor() for _ in readings.other_loads]
        if not self._others:
            return ()
        for sensor, reading in zip(self._others, readings.other_loads, strict=True):
            sensor.look(reading, now)
        heard = [
            sensor.last.value
            for sensor in self._others
            if sensor.last is not None and now <= sensor.silent_at()
        ]
        taken = max(heard, default=0.0)
        if len(heard) == len(self._others):
            self._note_highest(self._other_highest, taken, now)
            self._other_held.add(taken, now)
        else:
            # After a start nothing is known of it: the safe share is left to the cars.
            unknown = max(0.0, circuit_amps - SAFE_AMPS)
            taken = max(taken, *self._other_highest.values()) if self._other_highest else unknown
        held = self._other_held.largest(now - HELD_SECONDS, taken)
        return (_all_together(connectors, limit=float(circuit_amps), rest=taken, held_rest=held),)

    @staticmethod
    def _note_highest(highest: dict[int, float], amps: float, now: float) -> None:
        """Remember the most that was taken in each hour of the last day that was measured."""
        hour = int(now // _HOUR)
        highest[hour] = max(highest.get(hour, 0.0), amps)
        for old in [known for known in highest if known < hour - _DAY_HOURS]:
            del highest[old]


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


def _all_together(
    connectors: Mapping[TwcId, ConnectorInput],
    *,
    limit: float,
    rest: float,
    held_rest: float | None = None,
) -> Conductor:
    """Return a conductor that all cars are on and that was not measured together with them."""
    drawn = sum((one.facts.drawn_amps or 0.0) * one.facts.units for one in connectors.values())
    return Conductor(
        limit=limit,
        stop_limit=limit,
        rest=rest,
        held_rest=rest if held_rest is None else held_rest,
        low_rest=rest,
        members={twcid: Member(sure=True) for twcid in connectors},
        overloaded=drawn + rest > limit,
    )


def _imbalances(
    amps: list[float],
    conductors: list[Conductor],
    mapping: Mapping[TwcId, HousePhases],
    site: SiteSettings,
) -> list[Conductor]:
    """Return what keeps each phase from being loaded more than another by too much; no car is stopped for that."""
    if site.imbalance_amps is None or len(amps) < 2:
        return []
    found = []
    for here, conductor in enumerate(conductors):
        for there in range(len(amps)):
            if there == here:
                continue
            members = {
                twcid: member
                for twcid, member in conductor.members.items()
                if there + 1 not in mapping[twcid].sure
            }
            if not members:
                continue
            # What a car takes from both phases is in both readings and makes no difference.
            both = sum(
                member.least
                for twcid, member in conductor.members.items()
                if twcid not in members and member.sure
            )
            found.append(
                Conductor(
                    limit=site.imbalance_amps,
                    stop_limit=None,
                    rest=conductor.rest + both - amps[there],
                    held_rest=conductor.held_rest + both - amps[there],
                    low_rest=conductor.low_rest + both - amps[there],
                    members=members,
                )
            )
    return found
