"""What is told of the surplus after a restart, while a car charges that nobody has told of yet."""

from dataclasses import dataclass, replace

import pytest
from twc.bus.snapshot import Presence, WallConnectorSnapshot
from twc.charging.engine import HEARD_WITHIN_SECONDS, Engine
from twc.charging.settings import ChargeMode
from twc.protocol.codes import TwcId

from sunny_house import GARAGE, YARD, ParkedCar, SunnyHouse, wish


@dataclass
class CarHeardLater(ParkedCar):
    """A car on a wall connector that may not have been heard yet."""

    heard: bool = True

    def facts(self, twcid: TwcId) -> WallConnectorSnapshot:
        facts = super().facts(twcid)
        if self.heard:
            return facts
        return replace(facts, presence=Presence.REMEMBERED, charging=None, drawn_amps=None, offered_amps=None)


def restarted(sun: float, mode: ChargeMode) -> SunnyHouse:
    """Return a house in which one car of two charges with 6 A at least, just after a restart."""
    cars: dict[TwcId, ParkedCar] = {
        GARAGE: CarHeardLater(wish=wish(mode, limit_amps=6)),
        YARD: CarHeardLater(plugged_in=False),
    }
    house = SunnyHouse(cars, sun=sun, load=600.0, meter_interval=1)
    house.live(120)
    assert house.cars[GARAGE].amps == 6.0
    house.engine = Engine(house.engine.remembered())
    for car in cars.values():
        assert isinstance(car, CarHeardLater)
        car.heard = False
    return house


@pytest.mark.parametrize(("sun", "mode"), [(0.0, ChargeMode.FAST), (12_000.0, ChargeMode.SOLAR)])
def test_no_surplus_is_told_before_every_wall_connector_has_told_what_its_car_draws(
    sun: float, mode: ChargeMode
) -> None:
    house = restarted(sun, mode)
    for twcid in (YARD, GARAGE):
        house.live(2)
        assert (house.decision.surplus_watts, house.decision.available_amps) == (None, None)
        assert house.decision.house is None, "nobody knows where the cars' energy comes from"
        assert all("share" not in one.terms for one in house.decision.connectors.values())
        car = house.cars[twcid]
        assert isinstance(car, CarHeardLater)
        car.heard = True
    for _ in range(20):
        house.live(1)
        assert house.decision.surplus_watts == pytest.approx(sun - 600.0, abs=1)


def test_one_that_is_never_heard_is_waited_for_no_longer_than_its_contactor_stays_closed() -> None:
    house = restarted(0.0, ChargeMode.FAST)
    car = house.cars[GARAGE]
    assert isinstance(car, CarHeardLater)
    car.heard = True
    house.live(round(HEARD_WITHIN_SECONDS))
    assert house.decision.surplus_watts is None
    house.live(2)
    assert house.decision.surplus_watts == pytest.approx(-600.0, abs=1)
