"""A battery that charges on although the house imports hands nothing over."""

from math import inf

import pytest
from twc.charging.settings import Measurement, SiteSettings
from twc.charging.surplus.ac_limit import AcLimit

from metered_battery import BatteryHouse, HybridHouse
from sunny_house import GARAGE, NOON, ParkedCar, wish


def house(kind: type[BatteryHouse] = HybridHouse, phases: int = 3, **more: object) -> BatteryHouse:
    site = SiteSettings(measurement=Measurement.GRID, phases=phases)
    car = ParkedCar(phases=phases, wish=wish())
    return kind({GARAGE: car}, site=site, load=500, **more)


def imported(house: BatteryHouse, seconds: int) -> float:
    before = house.imported_wh
    house.live(seconds)
    return house.imported_wh - before


@pytest.mark.parametrize(("every", "meter"), [(1, 1), pytest.param(10, 5, marks=pytest.mark.long), (60, 5)])
@pytest.mark.parametrize("phases", [1, 3])
def test_the_limit_of_a_hybrid_inverter_is_found_and_kept(phases: int, every: int, meter: int):
    sun = 11_000.0 if phases == 3 else 7500.0
    hybrid = house(
        phases=phases,
        sun=sun,
        ac_watts=8000.0 if phases == 3 else 5000.0,
        battery_interval=every,
        meter_interval=meter,
    )
    hybrid.live(420)
    assert imported(hybrid, 1200) < 60, "without notice of it nearly 1 kWh"
    assert hybrid.cars[GARAGE].amps >= (10 if phases == 3 else 18)
    assert hybrid.cars[GARAGE].starts == 1


def test_below_the_limit_the_battery_gives_way_as_any_other():
    hybrid = house(sun=7000.0)
    hybrid.live(300)
    assert hybrid.cars[GARAGE].amps == 9


def test_what_the_sun_no_longer_gives_is_lost_at_once():
    hybrid = house(sun=lambda now: 11_000.0 if now < NOON + 600 else 6000.0)
    hybrid.live(700)
    assert hybrid.cars[GARAGE].amps <= 8
    assert imported(hybrid, 300) < 10


def test_a_battery_that_is_charged_from_the_grid_by_day_hands_nothing_over_until_it_is_done():
    dull = house(BatteryHouse, phases=1, sun=3000.0, forced=4000.0)
    dull.live(600)
    assert dull.cars[GARAGE].starts == 0
    dull.forced = None
    dull.live(400)
    assert dull.cars[GARAGE].amps >= 10, "it was no limit of the inverter"


def tried(*, battery: float = 1500.0) -> AcLimit:
    """A battery that charged, an import of half a minute beside a car, and the battery's next word."""
    limit = AcLimit()
    limit.note_battery(1500.0, 0.0)
    for at in (1.0, 11.0, 21.0):
        assert not limit.keeps
        limit.note_grid(2000.0, 7000.0, at)
    assert limit.keeps
    assert limit.limit_watts is None
    limit.note_battery(battery, 22.0)
    return limit


def test_the_limit_is_what_the_cars_had_without_an_import_and_is_tried_again_in_time():
    limit = tried()
    assert limit.limit_watts == 5000.0
    assert limit.most(4800.0, 300.0) == 4800.0, "it imports still"
    limit.note_grid(0.0, 5000.0, 31.0)
    assert limit.most(4000.0, 300.0) == pytest.approx(4700.0, abs=3)
    assert limit.most(5200.0, 300.0) == 5200.0, "the grid gets it otherwise"
    limit.note_grid(0.0, 5000.0, 1831.0)
    assert limit.most(4000.0, 0.0) == pytest.approx(5300.0, abs=3)
    limit.note_grid(-1000.0, 5000.0, 1841.0)
    assert limit.limit_watts == 6000.0, "it gave as much"
    limit.note_battery(20.0, 1850.0)
    assert limit.most(0.0, 0.0) == inf


def test_a_battery_that_gave_way_has_no_limit():
    assert tried(battery=0.0).limit_watts is None


def test_a_report_that_was_taken_in_before_counts_once():
    limit = tried()
    limit.note_grid(-9000.0, 0.0, 21.0)
    limit.note_battery(0.0, 22.0)
    assert limit.limit_watts == 5000.0


def test_an_import_that_no_car_can_have_caused_is_no_limit():
    limit = AcLimit()
    limit.note_battery(5000.0, 0.0)
    for at in (1.0, 31.0):
        limit.note_grid(5400.0, 0.0, at)
    limit.note_battery(5000.0, 32.0)
    assert limit.keeps
    assert limit.limit_watts is None


def test_a_battery_that_gives_up_what_is_imported_has_no_limit_though_the_meter_met_an_import_twice():
    limit = AcLimit()
    limit.note_battery(400.0, 0.0)
    limit.note_grid(600.0, 2000.0, 0.0)
    assert limit.is_doubtful
    limit.note_battery(100.0, 5.0)
    assert not limit.is_doubtful
    limit.note_grid(150.0, 2000.0, 60.0)
    limit.note_battery(500.0, 65.0)
    assert not limit.keeps
    assert limit.limit_watts is None
