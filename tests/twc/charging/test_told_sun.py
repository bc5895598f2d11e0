"""What is told of the sun while cars change: none is made of a car that falls, and decisions see nothing of it."""

from dataclasses import dataclass, field, replace

import pytest
from twc.bus.snapshot import WallConnectorSnapshot
from twc.charging.reason import Reason
from twc.charging.settings import ChargeMode, Measurement, SiteSettings
from twc.charging.surplus.accounted import TOLD_WITHIN_SECONDS
from twc.protocol.codes import TwcId

from sunny_house import GARAGE, YARD, ParkedCar, SunnyHouse, wish

SITE = SiteSettings(measurement=Measurement.GRID)


@dataclass
class CarToldLater(ParkedCar):
    """A car whose wall connector tells some seconds later what it draws."""

    told_later: int = 2
    _drawn: list[float] = field(default_factory=list)

    def facts(self, twcid: TwcId) -> WallConnectorSnapshot:
        self._drawn.append(self.amps)
        told = self._drawn[max(0, len(self._drawn) - 1 - self.told_later)]
        facts = super().facts(twcid)
        phase_amps = tuple(told if phase < self.phases else 0.0 for phase in range(3))
        return replace(facts, drawn_amps=told, charging=told >= 1.0, phase_amps=phase_amps)


@pytest.mark.parametrize("told_later", [1, 2, 3])
@pytest.mark.parametrize("mode", [ChargeMode.SOLAR, ChargeMode.SOLAR_MIN])
def test_two_cars_that_fall_without_sun_follow_no_surplus(told_later: int, mode: ChargeMode) -> None:
    cars: dict[TwcId, ParkedCar] = {
        twcid: CarToldLater(told_later=told_later, wish=wish(ChargeMode.FAST, limit_amps=13))
        for twcid in (GARAGE, YARD)
    }
    house = SunnyHouse(cars, site=SITE, load=600.0, meter_interval=1)
    house.live(90)
    for car in cars.values():
        car.wish = wish(mode, limit_amps=13)
    offered = house.cars[GARAGE].offer
    for second in range(40):
        house.live(1)
        for told in house.decision.connectors.values():
            assert told.terms.get("share", 0) == 0
            # One that has not come down to its minimum follows the sun down in any case.
            if told.amps <= 6 and second > 0:
                assert told.reason in (Reason.ABOUT_TO_STOP, Reason.AT_MINIMUM), (second, told.reason)
    assert house.cars[GARAGE].offer < offered, "it has fallen"


def test_sun_that_comes_back_is_told_once_it_has_lasted_and_raises_a_car_at_once() -> None:
    """Until then no figure is told that may be wrong."""
    cars: dict[TwcId, ParkedCar] = {GARAGE: CarToldLater(wish=wish(ChargeMode.SOLAR_MIN))}
    house = SunnyHouse(cars, site=SITE, sun=2_600.0, load=600.0, meter_interval=1)
    house.live(90)
    assert house.decision.connectors[GARAGE].reason is Reason.AT_MINIMUM
    house.sun = 8_600.0
    house.live(2)
    told = house.decision.connectors[GARAGE]
    assert told.terms["share_low"] == pytest.approx(8_000, abs=100), "decisions do not wait"
    assert (told.reason, "share" in told.terms) == (Reason.AT_MINIMUM, False)
    house.live(int(TOLD_WITHIN_SECONDS))
    told = house.decision.connectors[GARAGE]
    assert told.reason is Reason.FOLLOWING_SURPLUS
    assert told.terms["share"] == pytest.approx(8_000, abs=100)


@pytest.mark.parametrize("told_later", [1, 2, 3])
def test_a_meter_that_tells_of_a_start_before_the_wall_connector_does_makes_the_sun_no_smaller(
    told_later: int,
) -> None:
    car = CarToldLater(told_later=told_later, wish=wish(ChargeMode.SOLAR_MIN), plugged_in=False)
    house = SunnyHouse({GARAGE: car}, site=SITE, sun=3_600.0, load=600.0, meter_interval=1)
    house.live(60)
    car.plugged_in = True
    shares = set()
    for _ in range(60):
        house.live(1)
        told = house.decision.connectors[GARAGE]
        if told.reason is Reason.AT_MINIMUM:
            shares.add(round(float(told.terms.get("share") or 3000), -2))
    assert shares == {3000.0}
