"""A house battery of which only the state of charge is known."""

import pytest
from twc.charging.readings import SensorReading, SiteReadings
from twc.charging.reason import Reason
from twc.charging.settings import Measurement, SiteSettings
from twc.charging.surplus.site_watch import battery_is_unseen
from twc.charging.surplus.unseen_battery import UnseenBattery

from metered_battery import BatteryHouse
from sunny_house import GARAGE, NOON, ParkedCar, wish


def house(**more: object) -> BatteryHouse:
    site = SiteSettings(
        measurement=Measurement.GRID, phases=1, battery_may_discharge=bool(more.pop("may", True))
    )
    parked = {GARAGE: ParkedCar(phases=1, wish=wish())}
    return BatteryHouse(parked, site=site, load=400, tells_power=False, battery_kwh=5.0, **more)


@pytest.mark.parametrize("may", [True, False])
def test_a_car_ends_when_a_battery_begins_to_feed_it(may: bool):
    evening = house(sun=lambda now: 3000.0 if now < NOON + 600 else 0.0, charged=99.99, may=may)
    evening.live(590)
    assert evening.cars[GARAGE].amps >= 10
    evening.live(2400)
    assert evening.cars[GARAGE].amps == 0
    assert evening.given_wh < 900, "it would give 5 kWh"
    assert evening.decision.connectors[GARAGE].reason is Reason.WAITING_FOR_SURPLUS


def test_it_begins_again_when_the_house_exports():
    day = house(sun=lambda now: 0.0 if NOON + 600 < now < NOON + 3000 else 4000.0, charged=99.99)
    day.live(2900)
    assert day.cars[GARAGE].amps == 0
    day.live(250)
    assert day.cars[GARAGE].amps == 0, "the battery takes what it gave"
    day.charged = 100.0
    day.live(200)
    assert day.cars[GARAGE].amps >= 10


def test_a_full_battery_and_a_trembling_charge_hold_nobody_back():
    battery = UnseenBattery()
    for soc in (100.0, 99.0, 100.0, 99.0):
        battery.note(soc, 0.0)
        assert not battery.gives
    battery.note(98.0, 0.0)
    assert battery.gives
    battery.note(97.0, 0.0)
    battery.note(97.0, 50.0)
    assert battery.gives, "nothing has changed"
    battery.note(98.0, 0.0)
    assert not battery.gives, "it takes again"
    battery.note(96.0, 0.0)
    battery.note(96.0, -500.0)
    assert not battery.gives, "the house exports"
    battery.note(95.0, 0.0)
    assert not battery.gives, "counted from there"


def test_a_battery_is_unseen_only_where_the_grid_is_all_that_is_measured():
    soc = SensorReading(50.0, 0.0)
    for method in Measurement:
        seen = battery_is_unseen(SiteReadings(battery_soc=soc), SiteSettings(measurement=method))
        assert seen is (method is Measurement.GRID)
    grid = SiteSettings(measurement=Measurement.GRID)
    assert not battery_is_unseen(SiteReadings(battery_soc=soc, battery=soc), grid)
    assert not battery_is_unseen(SiteReadings(), grid)
