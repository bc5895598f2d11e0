"""Cars that begin with the minimum that they get when they are plugged in, on a real byte stream in simulated time."""

from dataclasses import dataclass

import pytest
from twc.charging.readings import SensorReading, SiteReadings
from twc.charging.reason import Reason
from twc.charging.settings import ChargeMode, Measurement, SiteSettings
from twc.simulator.unit import Unit, old_unit

from limited_house import CAR, LimitedHouse


@dataclass
class Meter:
    """Tells again and again what flows at the grid connection, as Home Assistant hears it."""

    house: LimitedHouse
    sun: float
    interval: float = 1.0
    load: float = 600.0
    told: SensorReading | None = None

    def read(self, now: float) -> SiteReadings:
        """Return the last word of the meter."""
        if self.told is None or now - self.told.reported_at >= self.interval:
            self.told = SensorReading(self.load + self.house.watts - self.sun, now)
        return SiteReadings(grid=self.told, sun_elevation=45.0)


async def house_with(*units: Unit, sun: float, interval: float = 1.0) -> tuple[LimitedHouse, Meter]:
    """Return one with wall connectors in solar mode; contactors stop where an offer of 0 A does not."""
    house = LimitedHouse(*units, contactor=True)
    house.site = SiteSettings(measurement=Measurement.GRID)
    meter = Meter(house, sun, interval)
    house.meters = meter.read
    for number in range(len(units)):
        house.owner[house.twcid(number)] = {"mode": ChargeMode.SOLAR, "limit_amps": 10}
    await house.open()
    house.live(40)
    return house, meter


@pytest.mark.parametrize("before", [0.0, 12_000.0])
@pytest.mark.parametrize("units", [(Unit(), old_unit()), (old_unit(), Unit()), (Unit(), Unit())])
@pytest.mark.parametrize("interval", [1.0, 20.0])
async def test_of_two_cars_plugged_in_in_full_sun_none_is_stopped(
    before: float, units: tuple[Unit, ...], interval: float
) -> None:
    """While each begins, the meter leaves open how much sun there is."""
    house, meter = await house_with(*units, sun=before, interval=interval)
    meter.sun = 12_000.0
    house.live(interval)
    for number in (0, 1):
        house.plug(CAR, number)
    began, told = [False, False], []
    for second in range(150):
        house.live(1)
        told.append(house.why(0))
        for number, drawn in enumerate(house.drawn()):
            assert drawn or not began[number], (number, second, told)
            began[number] = began[number] or drawn > 5.0
    assert began == [True, True]
    assert Reason.STOPPING not in told
    assert Reason.ABOUT_TO_STOP not in told[:40], "there is enough, and it has just begun"


@pytest.mark.parametrize("sun", [0.0, 2_000.0])
async def test_a_car_plugged_in_without_enough_sun_is_stopped_once_it_has_begun(sun: float) -> None:
    house, _ = await house_with(Unit(), sun=sun)
    house.plug(CAR)
    house.live(15)
    assert house.drawn()[0] > 5.0
    house.live(45)
    assert house.drawn()[0] == 0.0
    assert house.why() in (Reason.WAITING_FOR_SURPLUS, Reason.RESTING)
