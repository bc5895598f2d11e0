"""Other consumers of the sun: who comes first gets it first, and nobody fights."""

from dataclasses import dataclass, field, replace
from math import sin

import pytest
from twc.charging.meter.learner import MeterVerdict
from twc.charging.readings import Gap, SensorReading, SiteReadings
from twc.charging.settings import Consumer, Measurement, SiteSettings
from twc.protocol.codes import TwcId

from sunny_house import GARAGE, VOLTS, ParkedCar, SunnyHouse

HEATER = Consumer(name="heater", usual_watts=3000.0, yields=True)
FIRST = replace(HEATER, before_cars=True)


@dataclass
class HeatedHouse(SunnyHouse):
    """An excess heater brings the grid to 0 every 2 s, half way each time, and tells of its power every 5 s."""

    cars: dict[TwcId, ParkedCar] = field(default_factory=lambda: {GARAGE: ParkedCar(phases=1)})
    consumer: Consumer = HEATER
    heater_most: float = 3000.0
    """W; 0 while its water is hot."""
    heater: float = 0.0
    tells: bool = True
    named: bool = True
    told: SensorReading = field(default_factory=lambda: SensorReading(0.0, 0.0))

    def __post_init__(self) -> None:
        consumers = (self.consumer,) if self.named else ()
        self.site = SiteSettings(measurement=Measurement.GRID, phases=1, consumers=consumers)

    @property
    def grid_watts(self) -> float:
        return super().grid_watts + self.heater

    def _second(self) -> None:
        if self.now % 2 == 0:
            self.heater = max(0.0, min(self.heater_most, self.heater - 0.5 * self.grid_watts))
        if self.now % 5 == 0:
            value = round(self.heater) if self.tells else None
            self.told = SensorReading(value, self.now, None if self.tells else Gap.UNAVAILABLE)
        super()._second()

    def _readings(self) -> SiteReadings:
        return replace(super()._readings(), consumers=(self.told,) if self.named else ())

    @property
    def car(self) -> ParkedCar:
        return self.cars[GARAGE]


def test_a_heater_after_the_cars_gives_them_what_it_takes():
    house = HeatedHouse(sun=3800.0)
    house.live(900)
    assert house.car.amps == pytest.approx(3800 // VOLTS, abs=1)
    assert house.heater < 2 * VOLTS
    sets, imported = house.sets, house.imported_wh
    house.live(1800)
    assert house.sets - sets <= 2, "nobody fights"
    assert house.imported_wh - imported < 5
    assert house.car.starts == 1


def test_a_heater_that_nobody_named_keeps_the_sun():
    """That is what it is named for."""
    house = HeatedHouse(sun=2900.0, named=False)
    house.live(1800)
    assert house.car.amps == 0
    assert house.heater == pytest.approx(2900, abs=20)


def test_a_heater_before_the_cars_leaves_them_what_it_cannot_use():
    house = HeatedHouse(sun=5000.0, consumer=FIRST, meter_interval=1)
    house.live(900)
    assert house.heater == pytest.approx(3000, abs=VOLTS)
    assert house.car.amps == 2000 // VOLTS
    house.sun = 3200.0
    house.live(900)
    assert house.car.amps == 0
    assert house.heater == pytest.approx(3000, abs=20)
    house.sun = 2000.0
    house.live(900)
    assert (house.car.amps, house.car.starts) == (0, 1)


def test_a_car_that_was_quicker_gives_the_sun_back():
    """The sun comes out: the car is not given what the heater is about to take."""
    house = HeatedHouse(sun=600.0, consumer=FIRST)
    house.live(600)
    house.sun = 3000.0
    most = 0.0
    for _ in range(600):
        house.live(1)
        most = max(most, house.car.amps)
    assert most == 0
    assert house.heater == pytest.approx(3000, abs=20)


def test_water_that_is_hot_leaves_all_to_the_cars():
    house = HeatedHouse(sun=3800.0, consumer=FIRST, heater_most=0.0)
    house.live(900)
    assert house.car.amps == 3800 // VOLTS


def test_a_consumer_that_wants_no_more_keeps_nothing_from_the_cars():
    """A heat pump runs at 800 W of its 3000, and that is all."""
    house = HeatedHouse(sun=4200.0, consumer=FIRST, heater_most=800.0)
    house.live(900)
    assert house.heater == pytest.approx(800, abs=VOLTS)
    assert house.car.amps == pytest.approx(3400 // VOLTS, abs=1)
    house.heater_most = 0.0
    house.live(300)
    house.heater_most = 3000.0
    house.sun = 3500.0
    house.live(900)
    assert house.car.amps == 0, "and when it begins anew it may want all of it"


def test_one_after_the_cars_that_does_not_yield_is_a_load_like_any_other():
    house = HeatedHouse(sun=5000.0, consumer=replace(HEATER, yields=False))
    house.heater = 2000.0
    house.heater_most = 0.0
    for _ in range(900):
        house.heater = 2000.0
        SunnyHouse._second(house)
        house.told = SensorReading(2000.0, house.now)
    assert house.car.amps == 3000 // VOLTS


def test_a_heater_that_tells_nothing_is_a_load_like_any_other():
    house = HeatedHouse(sun=2900.0, tells=False)
    house.live(900)
    assert house.car.amps == 0
    assert house.decision.stale_inputs == ()


@pytest.mark.parametrize("consumer", [HEATER, FIRST])
def test_under_clouds_a_car_starts_no_more_often_beside_a_heater(consumer: Consumer):
    def sun(at: float) -> float:
        return 4500.0 + 1500.0 * sin(at / 240)

    def left(at: float) -> float:
        return sun(at) - (3000.0 if consumer.before_cars else 0.0)

    alone = HeatedHouse(sun=left, named=False, heater_most=0.0)
    beside = HeatedHouse(sun=sun, consumer=consumer)
    for house in (alone, beside):
        house.live(3600)
    assert beside.car.starts <= alone.car.starts + 1
    assert beside.sets <= 1.5 * alone.sets + 4
    assert beside.engine.meter.verdict in (MeterVerdict.UNKNOWN, MeterVerdict.CONTAINED)
