"""Lives through one evening: a line with real bytes, wall connectors, cars, a meter, an owner and the program."""

import asyncio
import gc

from custom_components.tesla_twc.twc.bus.settings import BusSettings, ConnectorSettings, StopMethod
from custom_components.tesla_twc.twc.bus.snapshot import WallConnectorSnapshot
from custom_components.tesla_twc.twc.charging.engine_memory import EngineMemory
from custom_components.tesla_twc.twc.charging.inputs import ConnectorInput
from custom_components.tesla_twc.twc.charging.settings import SiteSettings
from custom_components.tesla_twc.twc.protocol.codes import TwcId
from custom_components.tesla_twc.twc.simulator.clock import SimulatedClock
from custom_components.tesla_twc.twc.simulator.line import Line
from custom_components.tesla_twc.twc.simulator.memory import open_memory

from .conductors import Flow, LivingHouse, add_up
from .garage import Place
from .metering import RunningMeter
from .plan import WARM_UP_SECONDS, Evening, Knowledge, Stop
from .program import Program
from .trace import CarSample, Sample, Trace

SAMPLE_SECONDS = 1.0
LEAD_SECONDS = 60.0
"""The program runs for so long before the first cars may come, where nothing was learnt before."""
STEP_EVERY_SECONDS = 70.0
_STEPS = (16, 8, 13, 6, 20, 10)
"""Current limits that an automation sets one after the other while the guard learns."""
_METHODS = {
    Stop.ZERO: StopMethod.HOLD_AT_MINIMUM,
    Stop.HOLD: StopMethod.HOLD_AT_MINIMUM,
    Stop.CONTACTOR: StopMethod.CONTACTOR,
    Stop.CAR_SWITCH: StopMethod.CAR_SWITCH,
}


def live(evening: Evening, *, guarded: bool = True) -> Trace:
    """Return what happened. Not ``guarded``, nobody tells the engine of a main fuse."""
    # A collection takes longer than the evening leaves garbage; it is freed afterwards.
    gc.disable()
    try:
        return asyncio.run(_Life(evening, guarded=guarded).run())
    finally:
        gc.enable()
        gc.collect()


class _Life:
    def __init__(self, evening: Evening, *, guarded: bool) -> None:
        self._evening = evening
        self._clock = SimulatedClock()
        self._learns = evening.knowledge is Knowledge.LEARNT and guarded
        self._starts_at = self._clock.time() + (WARM_UP_SECONDS if self._learns else LEAD_SECONDS)
        self._line = Line(self._clock, seed=evening.seed)
        self._port = open_memory(self._line)
        self._house = LivingHouse(evening.house, evening.seed)
        self._split_phase = evening.house.split_phase
        self._places = [
            Place(plan, self._line, self._clock, seed=evening.seed, split_phase=self._split_phase)
            for plan in evening.connectors
        ]
        self._by_twcid: dict[TwcId, Place] = {place.twcid: place for place in self._places}
        self._trace = Trace(seconds=SAMPLE_SECONDS)
        self._site = self._site_settings(guarded=guarded)
        self._meter = RunningMeter(
            evening.meter,
            evening.house.conductors,
            self._clock,
            self._flows,
            self._reported,
            seed=evening.seed,
        )
        self._program = self._new_program(None)
        self._sampling = False

    def _site_settings(self, *, guarded: bool) -> SiteSettings:
        evening = self._evening
        return SiteSettings(
            fuse_amps=evening.house.rating_amps if guarded else None,
            phase_volts=evening.house.nominal_volts,
            continuous_main=evening.continuous_main,
            tolerate_short_overload=evening.tolerates,
            phases=3 if evening.house.conductors == 3 else 1,
            nominal_volts=240 if self._split_phase else 230,
        )

    def _bus_settings(self) -> BusSettings:
        evening = self._evening
        return BusSettings(
            circuit_limit_amps=evening.circuit_amps,
            phases=self._site.phases,
            nominal_volts=self._site.nominal_volts,
            connectors={
                place.twcid: ConnectorSettings(
                    limit_amps=place.limit_amps, stop_method=_METHODS[place.plan.stop]
                )
                for place in self._places
            },
        )

    # Time

    async def run(self) -> Trace:
        """Live from the warm-up to the end."""
        await self._program.start()
        if self._learns:
            self._plan_warm_up()
        self._plan_evening()
        for restart in self._evening.restarts:
            if restart.at < self._evening.seconds:
                self._advance_to(self._starts_at + restart.at)
                await self._restart(restart.away_seconds)
        self._advance_to(self._starts_at + self._evening.seconds)
        await self._program.stop()
        self._trace.kwh = [place.kwh for place in self._places]
        self._trace.closings = [place.closings for place in self._places]
        return self._trace

    def _advance_to(self, when: float) -> None:
        self._clock.advance(max(0.0, when - self._clock.time()))

    async def _restart(self, away_seconds: float) -> None:
        """End the program and start it again with what it remembers."""
        before = self._program
        await before.stop()
        self._clock.advance(away_seconds)
        self._program = self._new_program(before)
        await self._program.start()

    def _new_program(self, before: Program | None) -> Program:
        learnt: EngineMemory | None = None if before is None else before.engine.remembered()
        return Program(
            self._clock,
            self._port,
            self._bus_settings(),
            self._site,
            inputs=self._input,
            readings=lambda: self._meter.readings if self._site.fuse_amps is not None else (),
            decided=self._tell_cars,
            known=() if before is None else before.controller.remembered(),
            learnt=learnt,
        )

    def _plan_warm_up(self) -> None:
        """Let the cars that will come first step up and down in a quiet house."""
        began = self._clock.time()
        for number, place in enumerate(self._places):
            place.visit_before(began + 15.0, self._starts_at - LEAD_SECONDS)
            at, step = began + 60.0 + 25.0 * number, number
            while at < self._starts_at - LEAD_SECONDS:
                self._clock.call_at(at, self._limit, place, _STEPS[step % len(_STEPS)])
                at, step = at + STEP_EVERY_SECONDS, step + 1

    def _plan_evening(self) -> None:
        for place in self._places:
            place.plan_visits(self._starts_at)
            for at, amps in place.plan.limits:
                self._clock.call_at(self._starts_at + at, self._limit, place, amps)
            for at, fixed in place.plan.fixed:
                self._clock.call_at(self._starts_at + at, self._fix, place, fixed)
        self._clock.call_at(self._starts_at, self._begin)
        self._clock.call_at(self._starts_at, self._sample)

    def _begin(self) -> None:
        for place in self._places:
            place.count_from_now()

    # The owner

    def _limit(self, place: Place, amps: int) -> None:
        place.limit_amps = amps
        self._program.change(self._bus_settings())

    def _fix(self, place: Place, amps: int | None) -> None:
        place.fixed_amps = amps
        self._program.look()

    def _input(self, facts: WallConnectorSnapshot) -> ConnectorInput:
        """Return what the integration's own ``connector_input`` would."""
        place = self._by_twcid[facts.twcid]
        plan = place.plan
        highest = max(facts.minimum_amps, min(int(facts.rated_amps or 0), self._evening.circuit_amps))
        stated = self._evening.knowledge is Knowledge.STATED
        return ConnectorInput(
            facts=facts,
            limit_amps=max(facts.minimum_amps, min(place.limit_amps, highest)),
            minimum_amps=facts.minimum_amps,
            priority=plan.priority,
            can_stop=plan.can_stop,
            stops_silently=plan.stop is Stop.CONTACTOR,
            fixed_amps=place.fixed_amps,
            house_phases=tuple(wire + 1 for wire in plan.wires) if stated else None,
        )

    def _tell_cars(self, program: Program) -> None:
        """Throw the switches of cars that have one."""
        for twcid, decided in program.decision.told.items():
            place = self._by_twcid[twcid]
            facts = program.bus.connectors.get(twcid) if program.bus is not None else None
            if facts is not None and facts.plugged_in and place.plan.stop is Stop.CAR_SWITCH:
                place.throw_switch(charge=decided.charge)

    # What an electrician sees

    def _reported(self) -> None:
        self._program.look()

    def _flows(self) -> list[Flow]:
        now = self._clock.time()
        self._house.advance(now - self._starts_at)
        cars = add_up([place.loads(now) for place in self._places], self._evening.house.conductors)
        return [self._house.flow(conductor, amps) for conductor, amps in enumerate(cars)]

    def _sample(self) -> None:
        now = self._clock.time()
        self._clock.call_at(now + SAMPLE_SECONDS, self._sample)
        flows = self._flows()
        self._meter.average(flows)
        alone = [self._house.flow(conductor) for conductor in range(len(flows))]
        decision = self._program.decision
        self._trace.samples.append(
            Sample(
                at=now - self._starts_at,
                house=tuple(flow.signed_amps for flow in alone),
                house_watts=tuple(flow.watts for flow in alone),
                total=tuple(flow.amps for flow in flows),
                cars=tuple(self._car(place, now) for place in self._places),
                delay_known=self._program.knows_delay,
                speaks=self._program.speaks,
                fuse_state=decision.fuse_state.value,
                fuse_amps=decision.fuse_amps,
                fuse_heat=tuple(decision.fuse_heat),
                told=tuple("-" if one.value is None else f"{one.value:g}" for one in self._meter.readings),
            )
        )

    def _car(self, place: Place, now: float) -> CarSample:
        decision = self._program.decision
        return place.sample(
            now,
            stated=self._evening.knowledge is Knowledge.STATED,
            phases=decision.house_phases.get(place.twcid),
            decided=decision.connectors.get(place.twcid),
            ordered=decision.orders.get(place.twcid),
        )
