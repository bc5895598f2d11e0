"""Keeps by when each car has to be ready and with how much more energy, over restarts, and follows that.

When a car has to begin is computed in ``twc/charging/ready_by.py``; here the wall clock, the counters and what was
decided last become its inputs. Energy is that of the wall connector's counter, from which sessions count, too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from homeassistant.util import dt as dt_util

from ..twc.charging.car_limit import CarLimit
from ..twc.charging.decision import ConnectorDecision, Decision
from ..twc.charging.inputs import ConnectorInput
from ..twc.charging.ready_by import LEAST_KWH, Departure, ReadyBy, expected_amps
from ..twc.charging.reason import Reason
from ..twc.charging.settings import Access
from ..twc.charging.visit import CAR_FINISHED_SECONDS
from ..twc.protocol.codes import TwcId
from .ready_plan import NO_PLAN, PlannedDeparture, PlanStage, ReadyPlan, next_time

MEASURED_SECONDS = 120.0
"""So long after it began in full, what it draws is what it takes."""
LONGEST_SECONDS = 26 * 3600.0
"""A time of day is no farther away, also when the clock is put back; if it is, the wall clock was wrong before."""


@dataclass(slots=True)
class _Car:
    """What is seen of the car at one wall connector."""

    plan: ReadyBy
    limit: CarLimit
    full_since: float | None = None
    """Since when it charges in full for its departure."""
    outlook: PlannedDeparture | None = None


class ReadyPlans:
    """The departures of the cars of one bus."""

    def __init__(
        self,
        kept: Mapping[TwcId, ReadyPlan],
        speed: float,
        *,
        counter: Callable[[TwcId], float | None],
        session_start: Callable[[TwcId], float | None],
        carry_out: Callable[[], None],
    ) -> None:
        """Take up what was kept.

        ``speed``: how many s of the bus pass in each one of the world. ``counter`` returns the lifetime energy of a
        wall connector now, and ``session_start`` that at which the car there was plugged in, in kWh; None: not known.
        ``carry_out`` is called after every change by the owner.
        """
        self._plans = dict(kept)
        self._speed = speed
        self._counter, self._session_start, self._carry_out = counter, session_start, carry_out
        self._cars: dict[TwcId, _Car] = {}

    def of(self, twcid: TwcId) -> ReadyPlan:
        """Return what is set for a wall connector."""
        return self._plans.get(twcid, NO_PLAN)

    def outlook(self, twcid: TwcId) -> PlannedDeparture | None:
        """Return what is planned now; None without a plan, or once its energy is in."""
        car = self._cars.get(twcid)
        return None if car is None else car.outlook

    def missing_kwh(self, twcid: TwcId) -> float:
        """Return what is missing of what is planned, kWh; 0 without a plan, and once its car took no more."""
        plan = self.of(twcid)
        if plan.at is None or plan.stage is PlanStage.DONE:
            return 0.0
        missing = self._missing_kwh(plan, twcid, self._counter(twcid))
        return round(missing, 1) if missing >= LEAST_KWH else 0.0

    def remembered(self) -> dict[TwcId, ReadyPlan]:
        """Return what to keep."""
        return {twcid: plan for twcid, plan in self._plans.items() if plan != NO_PLAN}

    # From the owner

    def set_time(self, twcid: TwcId, at: time) -> None:
        """Choose the time of day; what has been charged counts on."""
        self._set(twcid, replace(self.of(twcid), time_of_day=at.replace(tzinfo=None)))

    def set_kwh(self, twcid: TwcId, kwh: float) -> None:
        """Ask for so much more energy from now on; 0 clears the plan."""
        self._set(twcid, replace(self.of(twcid), kwh=kwh, from_kwh=self._counter(twcid)))

    def set_daily(self, twcid: TwcId, daily: bool) -> None:
        """Let it be for every day, or for the next time only. What goes on goes on."""
        self._plans[twcid] = replace(self.of(twcid), daily=daily)
        self._carry_out()

    def ask(self, twcid: TwcId, at: time, kwh: float, *, daily: bool | None = None) -> None:
        """Ask for so much more energy by a time of day; ``daily``: None leaves it as it is."""
        plan = self.of(twcid)
        at = at.replace(tzinfo=None)
        plan = replace(plan, time_of_day=at, kwh=kwh, from_kwh=self._counter(twcid))
        self._set(twcid, plan if daily is None else replace(plan, daily=daily))

    def _set(self, twcid: TwcId, plan: ReadyPlan) -> None:
        now = dt_util.utcnow()
        at = next_time(plan.time_of_day, now).timestamp() if plan.kwh else None
        self._plans[twcid] = replace(plan, at=at, stage=PlanStage.PLANNED)
        if (car := self._cars.get(twcid)) is not None:
            # What was seen of the car counts on.
            car.plan, car.full_since, car.outlook = ReadyBy(), None, None
        self._carry_out()

    def forget(self, twcid: TwcId) -> None:
        """Drop what was set for a wall connector that is gone."""
        self._plans.pop(twcid, None)
        self._cars.pop(twcid, None)

    def pass_on(self, former: TwcId, heir: TwcId) -> None:
        """Let it follow a wall connector that had to choose another TWCID. Its counter may be another one."""
        if (plan := self._plans.pop(former, None)) is not None:
            self._plans.setdefault(heir, replace(plan, from_kwh=None))

    # What happens

    def follow(
        self,
        one: ConnectorInput,
        others: Mapping[TwcId, ConnectorInput],
        decision: Decision,
        circuit_amps: int,
        now: float,
    ) -> bool:
        """Return whether a car charges in full now for its departure.

        ``one``: its wall connector as its charge mode alone would have it, ``others``: what was known last of all on
        the circuit of ``circuit_amps``. ``decision``: what was decided last.
        """
        twcid = one.facts.twcid
        if (car := self._cars.get(twcid)) is None:
            running = self.of(twcid).stage is PlanStage.RUNNING
            car = self._cars[twcid] = _Car(ReadyBy(running=running), CarLimit())
        if one.facts.charging or not one.facts.plugged_in:
            # A car that waits takes nothing of an offer, and that is no limit.
            car.limit.note(one.facts, now)
        plan = self._of_today(self.of(twcid), one)
        if plan.at != self.of(twcid).at:
            # What was begun for the last departure was not begun for the next one.
            car.plan = ReadyBy()
        is_known = one.facts.energy_kwh is not None and twcid in decision.watts_per_ampere
        departure = None
        if plan.at is not None and is_known:
            decided = decision.connectors.get(twcid)
            is_over = decided is not None and _leaves_its_offer(decided, now)
            if plan.stage is PlanStage.RUNNING and is_over:
                plan = replace(plan, stage=PlanStage.DONE)
            if plan.stage is not PlanStage.DONE and _has_a_say(one):
                departure = self._departure(one, plan, car, others, decision, circuit_amps, now)
        if plan.at is None or is_known:
            # What is not known yet, as after a restart, ends nothing.
            car.plan.follow(departure, _sun_for(one, others, decision), now)
        runs = car.plan.running and _has_a_say(one)
        car.full_since = None if not runs else now if car.full_since is None else car.full_since
        if plan.stage is not PlanStage.DONE:
            stage = PlanStage.RUNNING if car.plan.running else PlanStage.PLANNED
            plan = plan if plan.stage is stage else replace(plan, stage=stage)
        car.outlook = self._outlook(one, plan, departure, decision, runs=runs)
        if plan != self.of(twcid):
            self._plans[twcid] = plan
        return runs

    @staticmethod
    def _of_today(plan: ReadyPlan, one: ConnectorInput) -> ReadyPlan:
        """Return the plan after what the clock and the plug have changed."""
        wall = dt_util.utcnow()
        if plan.at is None:
            return plan
        left = plan.at - wall.timestamp()
        if left <= 0.0:
            if not plan.daily:
                return replace(plan, kwh=0.0, at=None, from_kwh=None, stage=PlanStage.PLANNED)
            plan = replace(plan, from_kwh=one.facts.energy_kwh, stage=PlanStage.PLANNED)
        if left <= 0.0 or left > LONGEST_SECONDS:
            plan = replace(plan, at=next_time(plan.time_of_day, wall).timestamp())
        if plan.from_kwh is None and one.facts.energy_kwh is not None:
            plan = replace(plan, from_kwh=one.facts.energy_kwh)
        if one.facts.plugged_in is False:
            # The car that comes next begins at nothing.
            plan = replace(plan, from_kwh=one.facts.energy_kwh, stage=PlanStage.PLANNED)
        return plan

    def _missing_kwh(self, plan: ReadyPlan, twcid: TwcId, counter: float | None) -> float:
        """Return what is missing by the counter of its wall connector; a car that came later begins at nothing."""
        begin = self._session_start(twcid)
        if counter is None or plan.from_kwh is None:
            return plan.kwh
        begins = plan.from_kwh if begin is None else max(begin, plan.from_kwh)
        return min(plan.kwh, max(0.0, plan.kwh - (counter - begins)))

    def _departure(
        self,
        one: ConnectorInput,
        plan: ReadyPlan,
        car: _Car,
        others: Mapping[TwcId, ConnectorInput],
        decision: Decision,
        circuit_amps: int,
        now: float,
    ) -> Departure:
        """Return what is missing, and what the car is taken to draw."""
        twcid = one.facts.twcid
        neighbours = [other for address, other in others.items() if address != twcid]
        amps = expected_amps(one, circuit_amps, neighbours, car.limit.uses_amps)
        watts = amps * decision.watts_per_ampere[twcid]
        drawn = one.facts.power_watts
        is_steady = car.full_since is not None and now - car.full_since >= MEASURED_SECONDS
        if is_steady and one.facts.charging and drawn:
            watts = drawn
        left = ((plan.at or 0.0) - dt_util.utcnow().timestamp()) * self._speed
        missing = self._missing_kwh(plan, one.facts.twcid, one.facts.energy_kwh)
        return Departure(missing_kwh=missing, seconds_left=left, watts=watts)

    def _outlook(
        self,
        one: ConnectorInput,
        plan: ReadyPlan,
        departure: Departure | None,
        decision: Decision,
        *,
        runs: bool,
    ) -> PlannedDeparture | None:
        """Return what is planned; None once nothing is missing, or where the mode leaves it no say."""
        missing = self._missing_kwh(plan, one.facts.twcid, one.facts.energy_kwh)
        if plan.at is None or plan.stage is PlanStage.DONE or missing < LEAST_KWH:
            return None
        at = dt_util.as_local(datetime.fromtimestamp(plan.at, UTC))
        planned = PlannedDeparture(at=at, kwh=plan.kwh, missing_kwh=round(missing, 1))
        if departure is None:
            # There is no car, or it is not known yet what one means: the counter is read seconds after it came.
            waits = one.facts.plugged_in is False or _has_a_say(one)
            return planned if waits and one.follows_sun else None
        seconds = departure.begins_in / self._speed
        per_ampere = decision.watts_per_ampere[one.facts.twcid]
        return replace(
            planned,
            begins=None if runs else dt_util.now() + timedelta(seconds=seconds),
            amps=round(departure.watts / per_ampere),
            short_kwh=round(departure.short_kwh, 1),
            runs=runs,
        )


def _has_a_say(one: ConnectorInput) -> bool:
    """Whether a plan counts at a wall connector: it follows the sun, and a car may be there that may charge."""
    return one.follows_sun and one.facts.plugged_in is not False and one.access is not Access.REFUSED


def _leaves_its_offer(decided: ConnectorDecision, now: float) -> bool:
    """Whether a car has finished, and has taken nothing of what it is offered now for long enough.

    One that was full before may want more since: its owner may have raised a limit in the car.
    """
    is_finished = decided.reason is Reason.CAR_FINISHED and decided.charge
    return is_finished and decided.since is not None and now - decided.since >= CAR_FINISHED_SECONDS


def _sun_for(one: ConnectorInput, others: Mapping[TwcId, ConnectorInput], decision: Decision) -> float | None:
    """Return the W that the sun has for a car beside what all others draw; None if nobody knows."""
    if decision.surplus_watts is None:
        return None
    elsewhere = 0.0 if decision.house is None else decision.house.elsewhere_watts
    drawn = sum(
        other.facts.power_watts or 0.0 for address, other in others.items() if address != one.facts.twcid
    )
    return decision.surplus_watts - drawn - elsewhere
