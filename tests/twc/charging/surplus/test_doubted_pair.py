"""Import and export of one meter that both tell of power: right only if the meter counts every phase by itself."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from twc.charging.decision import InputState
from twc.charging.meter.learner import MeterVerdict
from twc.charging.readings import Gap, SensorReading
from twc.charging.settings import ChargeMode, Measurement, SiteSettings

from sunny_house import GARAGE, ParkedCar, SunnyHouse, wish

GRID = SiteSettings(measurement=Measurement.GRID, phases=1)


@dataclass
class PairHouse(SunnyHouse):
    """Both of its sensors always tell of power; ``net`` is what they make of the grid and the car together."""

    net: Callable[["PairHouse"], float] = lambda house: house.grid_watts

    def _measure(self) -> None:
        super()._measure()
        self._seen = SensorReading(None, self.now, Gap.CONTRADICTORY, doubted=self.net(self))


def moved(**more: object) -> PairHouse:
    """Return a house in which a car was moved up and down at full speed, and shall then follow the sun."""
    house = PairHouse({GARAGE: ParkedCar(phases=1)}, site=GRID, sun=4000.0, load=500.0, **more)  # type: ignore[arg-type]
    for limit in (8, 14) * 6:
        house.cars[GARAGE].wish = wish(ChargeMode.FAST, limit_amps=limit)
        house.live(90)
    house.cars[GARAGE].wish = wish(limit_amps=16)
    house.live(120)
    return house


def test_the_net_of_both_counts_once_the_steps_of_a_car_have_shown_it():
    house = moved()
    assert house.engine.meter.verdict is MeterVerdict.CONTAINED
    assert house.decision.input_state is InputState.FRESH
    assert 14 <= house.cars[GARAGE].amps <= 15, "3.5 kW are left"


@pytest.mark.parametrize(
    "net",
    [
        lambda house: house.grid_watts + house.cars_watts,
        lambda house: 600.0,
        lambda house: house.grid_watts - house.cars_watts / 2,
    ],
)
def test_what_answers_in_another_way_stays_a_contradiction(net: Callable[[PairHouse], float]):
    house = moved(net=net)
    assert house.decision.input_state is not InputState.FRESH
    assert house.decision.stale_inputs == ("grid",)


def test_nothing_is_believed_before_a_car_has_moved():
    house = PairHouse({GARAGE: ParkedCar(phases=1, wish=wish())}, site=GRID, sun=4000.0)
    house.live(300)
    assert house.decision.stale_inputs == ("grid",)


def test_a_battery_beside_it_is_taken_off_as_of_any_other_meter():
    house = moved(battery=-300.0, net=lambda house: house.grid_watts)
    assert house.engine.meter.verdict is MeterVerdict.CONTAINED
    house.battery = None
    house.engine.forget_meter()
    house.site = replace(GRID, meter_contains_connectors=True)
    house.live(60)
    assert house.engine.meter.verdict is MeterVerdict.UNKNOWN
