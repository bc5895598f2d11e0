"""One wall connector of an evening: its place in the house, its cars, and the owner who plugs them in."""

from random import Random

from custom_components.tesla_twc.twc.bus.clock import Clock
from custom_components.tesla_twc.twc.charging.decision import ConnectorDecision
from custom_components.tesla_twc.twc.charging.house_phases import HousePhases
from custom_components.tesla_twc.twc.protocol.codes import ProtocolVersion, TwcId
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import CAR_MODELS
from custom_components.tesla_twc.twc.simulator.connector import SimulatedConnector
from custom_components.tesla_twc.twc.simulator.line import Line
from custom_components.tesla_twc.twc.simulator.station import Station

from .conductors import car_amps
from .plan import Connector, Visit
from .trace import CarSample

FOLLOWS_SECONDS = (1.0, 2.0)
"""How long a car takes to obey its switch."""
REPLUG_LOOK_SECONDS = 300.0
"""So often the owner looks whether a car wants to be plugged in again."""
REPLUG_SECONDS = 20.0


class Place:
    """Who charges where."""

    def __init__(self, plan: Connector, line: Line, clock: Clock, *, seed: int, split_phase: bool) -> None:
        """Hang the wall connector on the line."""
        self.plan = plan
        self.limit_amps = plan.limits[0][1]
        self.fixed_amps: int | None = None
        self._clock, self._split_phase = clock, split_phase
        self._dice = Random(f"place/{seed}/{plan.unit.serial_number}")
        self._station = Station(line, SimulatedConnector(plan.unit, seed=seed))
        self._closings_before = 0
        self._kwh_before = 0.0
        self._switch_thrown = False

    @property
    def connector(self) -> SimulatedConnector:
        """The wall connector itself."""
        return self._station.connector

    @property
    def twcid(self) -> TwcId:
        """Its address."""
        return self.connector.twcid

    @property
    def kwh(self) -> float:
        """What it delivered since the evening began."""
        return self.connector.session.outlet.energy_kwh - self._kwh_before

    @property
    def closings(self) -> int:
        """How often its contactor closed since the evening began."""
        return self.connector.session.outlet.closings - self._closings_before

    def count_from_now(self) -> None:
        """The evening begins."""
        self.connector.advance(self._clock.time())
        self._closings_before = self.connector.session.outlet.closings
        self._kwh_before = self.connector.session.outlet.energy_kwh

    def loads(self, now: float) -> list[tuple[int, float]]:
        """Return what its car draws from which conductor."""
        self.connector.advance(now)
        return car_amps(self.plan, self.connector, split_phase=self._split_phase)

    # The owner

    def visit_before(self, arrives: float, leaves: float) -> None:
        """Let the first car come for the time before the evening."""
        model = self.plan.visits[0].model
        self._clock.call_at(arrives, self._arrive, Visit(model=model, charge=0.1, arrives=0, leaves=0))
        self._clock.call_at(leaves, self._leave)

    def plan_visits(self, starts_at: float) -> None:
        """Let cars come and go through the evening."""
        for visit in self.plan.visits:
            self._clock.call_at(starts_at + visit.arrives, self._arrive, visit)
            self._clock.call_at(starts_at + visit.leaves, self._leave)
        self._clock.call_at(starts_at + REPLUG_LOOK_SECONDS, self._look_after)

    def _arrive(self, visit: Visit) -> None:
        self._station.plug(Car(CAR_MODELS[visit.model], charge=visit.charge))

    def _leave(self) -> None:
        self._station.unplug()

    def _look_after(self) -> None:
        """Plug a car in again that waits for it."""
        self._clock.call_at(self._clock.time() + REPLUG_LOOK_SECONDS, self._look_after)
        car = self.connector.car
        if car is not None and car.needs_replug:
            self._station.unplug()
            self._clock.call_at(self._clock.time() + REPLUG_SECONDS, self._plug_again, car)

    def _plug_again(self, car: Car) -> None:
        if self.connector.car is None:
            car.paused = False
            self._station.plug(car)

    def throw_switch(self, *, charge: bool) -> None:
        """Tell the car itself to charge or to pause; it obeys in a moment."""
        car = self.connector.car
        if car is None or self._switch_thrown or car.paused is not charge:
            return
        self._switch_thrown = True
        when = self._clock.time() + self._dice.uniform(*FOLLOWS_SECONDS)
        self._clock.call_at(when, self._obey, car, not charge)

    def _obey(self, car: Car, paused: bool) -> None:
        self.connector.advance(self._clock.time())
        self._switch_thrown = False
        car.paused = paused

    # What an electrician sees

    def sample(
        self,
        now: float,
        *,
        stated: bool,
        phases: HousePhases | None,
        decided: ConnectorDecision | None,
        ordered: int | None,
    ) -> CarSample:
        """Return what is true now."""
        loads = tuple(self.loads(now))
        connector, car = self.connector, self.connector.car
        most = min(connector.rated_amps, 0.0 if car is None else car.model.maximum_amps)
        shortfall = 0.0 if car is None else car.model.shortfall_amps
        return CarSample(
            amps=connector.drawn_amps,
            loads=loads if car is None or self._split_phase else loads[: car.model.phases],
            offered=connector.offered_amps,
            present=car is not None,
            wants=car is not None and car.wants_current,
            useful_amps=most + shortfall,
            most_amps=most,
            limit=self.limit_amps if self.fixed_amps is None else min(self.limit_amps, self.fixed_amps),
            shortfall=shortfall,
            stuck=car is not None and car.stuck_at_six,
            # A unit of protocol 1 does not tell which of its conductors the car loads.
            known=(stated and connector.version is not ProtocolVersion.P1)
            or (phases is not None and phases.known),
            sure=() if phases is None else tuple(phase - 1 for phase in phases.sure),
            possible=() if phases is None else tuple(phase - 1 for phase in phases.possible),
            learnt=phases is not None and phases.known,
            charge=None if decided is None else decided.charge,
            ordered=ordered,
            reason="" if decided is None else decided.reason.value,
            closings=self.closings,
            replug=car is not None and car.needs_replug,
        )
