"""A feeder with sensors is guarded like a main fuse, for the cars behind it alone."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from twc.charging.decision import Decision
from twc.charging.engine import Engine
from twc.charging.house_address import circuit_of, in_house
from twc.charging.inputs import Circuit, Feeder, Inputs
from twc.charging.main_fuse.conductor import SAFE_AMPS
from twc.charging.readings import Gap, SensorReading
from twc.charging.reason import Reason
from twc.protocol.codes import TwcId

from fuse_house import START, WiredCar

SAME = TwcId(0x7973)
GARAGE, BARN = in_house(SAME, "garage"), in_house(SAME, "barn")


@dataclass
class MeasuredYard:
    """A feeder with a workshop and the barn's car on it; the garage hangs on the main fuse alone."""

    workshop: Callable[[float], float] = lambda _: 4.0
    limit: float = 25.0
    works: bool = True
    cars: dict[TwcId, WiredCar] = field(default_factory=lambda: {GARAGE: WiredCar(), BARN: WiredCar()})
    engine: Engine = field(default_factory=Engine)
    decision: Decision = field(default_factory=Decision)
    now: float = START
    flows: list[float] = field(default_factory=list)

    def live(self, seconds: int) -> Decision:
        for _ in range(seconds):
            self.now += 1.0
            for twcid, car in self.cars.items():
                car.step(self.decision.orders.get(twcid, 0))
            amps = self.workshop(self.now - START) + self.cars[BARN].amps
            self.flows.append(amps)
            gap = None if self.works else Gap.UNAVAILABLE
            reading = SensorReading(amps if self.works else None, self.now, gap)
            yard = Feeder(
                name="yard", limit_amps=self.limit, carries=frozenset({"barn"}), readings=(reading,) * 3
            )
            connectors = {
                twcid: replace(car.input(twcid, self.now), circuit=circuit_of(twcid), limit_amps=32)
                for twcid, car in self.cars.items()
            }
            circuits = {name: Circuit(limit_amps=32) for name in ("garage", "barn")}
            inputs = Inputs(circuits=circuits, connectors=connectors, feeders=(yard,))
            self.decision = self.engine.decide(inputs, self.now)
        return self.decision


def test_a_car_behind_it_gets_what_its_feeder_leaves():
    yard = MeasuredYard()
    yard.live(600)
    assert yard.decision.orders[GARAGE] == 32
    assert 15 <= yard.cars[BARN].amps <= 20.5
    assert max(yard.flows) <= 25.0
    assert yard.decision.connectors[BARN].reason is Reason.HELD_BY_CIRCUIT
    assert yard.decision.connectors[GARAGE].reason is Reason.FULL_SPEED


def test_it_gives_way_at_once_when_more_is_switched_on_there():
    yard = MeasuredYard(workshop=lambda at: 4.0 if at < 600 else 18.0)
    yard.live(700)
    over = sum(amps > 25.0 for amps in yard.flows)
    assert over <= 10
    assert yard.flows[-1] <= 25.0
    assert yard.decision.orders[GARAGE] == 32


def test_without_its_sensors_the_cars_behind_it_get_the_safe_share():
    yard = MeasuredYard()
    yard.live(300)
    yard.works = False
    yard.live(120)
    assert (yard.decision.orders[BARN] or 0) <= SAFE_AMPS
    assert yard.decision.orders[GARAGE] == 32
    assert yard.decision.connectors[BARN].reason is Reason.STALE_INPUT_MINIMUM
    assert yard.decision.missing == ("yard",)
