"""When the sun is down there is no surplus, whatever the sensors say."""

from dataclasses import replace

import pytest
from twc.charging.settings import ChargeMode, Measurement, SiteSettings
from twc.charging.surplus.staleness import NO_SUN_DEGREES

from sunny_house import GARAGE, ParkedCar, SunnyHouse, wish

GRID = SiteSettings(measurement=Measurement.GRID, phases=1)


def house(**more: object) -> SunnyHouse:
    parked = ParkedCar(phases=1, wish=wish())
    return replace(SunnyHouse({GARAGE: parked}, site=GRID, sun_elevation=-20.0), **more)  # type: ignore[arg-type]


def amps(house: SunnyHouse) -> int:
    return house.live(600).connectors[GARAGE].amps


@pytest.mark.parametrize("watts", [4000.0, 9000.0])
def test_a_meter_that_says_export_at_night_is_not_believed(watts: float):
    assert amps(house(sun=watts)) == 0
    assert amps(house(sun=watts, sun_elevation=NO_SUN_DEGREES)) > 6, "at dusk it may be the sun"
    assert amps(house(sun=watts, sun_elevation=None)) > 6, "nobody knows where it stands"


def test_a_battery_that_gives_and_says_that_it_takes_feeds_no_car_at_night():
    assert amps(house(load=2500.0, battery=2500.0, sun=2500.0)) == 0


def test_a_charge_that_runs_when_the_sun_has_gone_ends_although_the_meter_is_frozen_at_nothing():
    evening = house(sun=4000.0, sun_elevation=10.0)
    assert amps(evening) > 6
    evening.meter_works, evening.sun_elevation = True, -7.0
    evening._measure = lambda: setattr(
        evening, "_seen", replace(evening._seen, value=0.0, reported_at=evening.now)
    )  # type: ignore[method-assign,type-var]
    assert amps(evening) == 0


def test_what_an_owner_allows_from_the_grid_counts_at_night_as_well():
    assert amps(house(site=replace(GRID, reserve_watts=-2000.0))) >= 6
    assert amps(house(site=replace(GRID, reserve_watts=-2000.0), load=1500.0)) == 0


def test_a_full_battery_that_may_help_carries_a_charge_on_at_night():
    evening = house(sun=4000.0, sun_elevation=10.0, soc=95.0, site=replace(GRID, battery_helps_soc=60.0))
    assert amps(evening) > 6
    evening.sun, evening.battery, evening.sun_elevation = 0.0, -1500.0, -10.0
    assert amps(evening) == 6


def test_the_minimum_and_full_speed_know_no_night():
    parked = ParkedCar(phases=1, wish=wish(ChargeMode.SOLAR_MIN))
    assert amps(house(cars={GARAGE: parked})) == 6
    parked = ParkedCar(phases=1, wish=wish(ChargeMode.FAST))
    assert amps(house(cars={GARAGE: parked})) == 32
