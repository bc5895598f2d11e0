"""The shadow: what the sun would have is only shown, and everything that is stronger than the sun holds."""

from functools import cache

import pytest
from twc.charging.reason import Reason
from twc.charging.settings import ChargeMode, Measurement, SiteSettings

from sunny_house import GARAGE, NOON, YARD, ParkedCar, SunnyHouse, wish


def amps(house: SunnyHouse) -> list[float]:
    return [car.amps for car in house.cars.values()]


def kettle(now: float) -> tuple[float, ...]:
    """A house of 5 A with a kettle, and later an oven as well."""
    later = now - NOON - 600
    return (5.0, 5.0, 14.0 if 0 <= later < 300 else 21.0 if 600 <= later < 900 else 5.0)


def under_the_fuse(
    *, shadow: bool, from_second: int, mode: ChargeMode, **wishes: object
) -> list[list[float]]:
    cars = {
        GARAGE: ParkedCar(wish=wish(mode, priority=7, **wishes)),
        YARD: ParkedCar(wish=wish(mode, **wishes)),
    }
    site = SiteSettings(measurement=Measurement.GRID, fuse_amps=25.0)
    house = SunnyHouse(cars, site=site, sun=50_000.0, phase_amps=kettle)
    lived = []
    for second in range(2000):
        house.shadow = shadow and second >= from_second
        house.live(1)
        lived.append(amps(house))
    return lived


@cache
def without_shadow(**wishes: object) -> list[list[float]]:
    return under_the_fuse(shadow=False, from_second=0, mode=ChargeMode.FAST, **wishes)


@pytest.mark.parametrize(
    ("from_second", "can_stop"),
    [
        (0, False),
        (650, True),
        (1350, False),
        pytest.param(0, True, marks=pytest.mark.long),
        pytest.param(650, False, marks=pytest.mark.long),
        pytest.param(1350, True, marks=pytest.mark.long),
    ],
)
def test_in_the_shadow_the_main_fuse_holds_exactly_as_without_it(from_second: int, can_stop: bool):
    shadow = under_the_fuse(shadow=True, from_second=from_second, mode=ChargeMode.FAST, can_stop=can_stop)
    assert shadow == without_shadow(can_stop=can_stop)


@pytest.mark.parametrize("mode", [ChargeMode.SOLAR, ChargeMode.SOLAR_MIN])
def test_in_the_shadow_cars_that_follow_the_sun_are_guarded_as_fast_ones(mode: ChargeMode):
    assert under_the_fuse(shadow=True, from_second=0, mode=mode) == without_shadow()


def test_in_the_shadow_a_car_that_is_off_stays_so_and_a_fixed_current_holds():
    off, fixed, forbidden = (
        ParkedCar(wish=wish(ChargeMode.OFF)),
        ParkedCar(wish=wish(ChargeMode.SOLAR, fixed_amps=8)),
        ParkedCar(wish=wish(ChargeMode.SOLAR, enabled=False)),
    )
    house = SunnyHouse({GARAGE: off, YARD: fixed}, sun=50_000.0, shadow=True)
    house.live(300)
    assert amps(house) == [0.0, 8.0]
    house = SunnyHouse({GARAGE: forbidden}, sun=50_000.0, shadow=True)
    house.live(300)
    assert amps(house) == [0.0]


def test_in_the_shadow_the_decision_shows_the_sun_and_what_is_told_is_something_else():
    house = SunnyHouse({GARAGE: ParkedCar()}, sun=500.0, shadow=True)
    house.live(300)
    decided, told = house.decision.connectors[GARAGE], house.decision.told[GARAGE]
    assert (decided.reason, decided.amps, decided.charge) == (Reason.WAITING_FOR_SURPLUS, 0, False)
    assert (told.reason, told.amps, told.charge) == (Reason.FULL_SPEED, 32, True)
    assert house.decision.orders == {GARAGE: 32}


def test_stops_that_are_only_imagined_wear_nothing():
    car = ParkedCar(wish=wish(ChargeMode.SOLAR, stops_silently=True))
    house = SunnyHouse({GARAGE: car}, shadow=True)
    for _ in range(5):
        house.sun = 50_000.0
        house.live(900)
        house.sun = 0.0
        house.live(900)
        assert house.decision.connectors[GARAGE].reason is Reason.WAITING_FOR_SURPLUS
    assert car.starts == 1
    assert house.engine.wear_counter.of(GARAGE).silent_stops == 0


def test_a_car_stopped_by_the_fuse_rests_on_when_the_shadow_ends():
    house = SunnyHouse(
        {GARAGE: ParkedCar(wish=wish(ChargeMode.FAST))},
        site=SiteSettings(measurement=Measurement.GRID, fuse_amps=25.0),
        phase_amps=lambda now: (24.0 if NOON + 300 <= now < NOON + 330 else 5.0,),
        shadow=True,
    )
    house.live(380)
    assert amps(house) == [0.0]
    house.shadow = False
    house.live(100)
    assert amps(house) == [0.0], "it has not rested for five minutes"
