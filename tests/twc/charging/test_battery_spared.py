"""A house battery that may not discharge into cars."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from twc.charging.pace import Pace
from twc.charging.reason import Reason
from twc.charging.settings import ChargeMode, Measurement, SiteSettings
from twc.simulator.battery import Battery

from sunny_house import GARAGE, ParkedCar, SunnyHouse, wish

MINIMUM_WATTS = 6 * 230.0
"""Of a car on one phase."""


@dataclass
class BatteryHouse(SunnyHouse):
    """A house whose battery keeps the grid at zero as long as it can."""

    store: Battery = field(default_factory=lambda: Battery(soc=60.0))
    into_cars_wh: float = 0.0

    def _measure(self) -> None:
        self.battery = self.store.step(1.0, self.sun_watts - self.load - self.cars_watts)
        self.soc = self.store.soc
        missing = max(0.0, self.load + self.cars_watts - self.sun_watts)
        self.into_cars_wh += min(max(0.0, -self.battery), missing, self.cars_watts) / 3600
        super()._measure()


def at_home(*, may: bool, mode: ChargeMode = ChargeMode.SOLAR, can_stop: bool = True) -> BatteryHouse:
    car = ParkedCar(phases=1, wish=wish(mode, can_stop=can_stop))
    site = SiteSettings(measurement=Measurement.GRID, phases=1, battery_may_discharge=may)
    return BatteryHouse({GARAGE: car}, site, load=300.0)


def clouds(now: float) -> float:
    """Four minutes of sun, four of cloud, for ever."""
    return 3500.0 if now % 480 < 240 else 900.0


def charge(house: BatteryHouse, sun: float | Callable[[float], float], seconds: int = 1800) -> float:
    """Return the Wh that went from the battery into the car while the sun was like this."""
    before = house.into_cars_wh
    house.sun = sun
    house.live(seconds)
    return house.into_cars_wh - before


def test_a_cloud_is_not_bridged_from_it():
    spared, used = at_home(may=False), at_home(may=True)
    for house in (spared, used):
        assert charge(house, 4500.0) < 6.0
        assert house.cars[GARAGE].amps > 16
    assert charge(used, 1000.0, 600) > 40.0
    assert charge(spared, 1000.0, 600) < 6.0
    assert not spared.cars[GARAGE].offer


def test_the_amps_follow_the_sun_down_as_far_as_they_go_before_anything_ends():
    house = at_home(may=False)
    charge(house, 4500.0)
    assert charge(house, 300.0 + MINIMUM_WATTS + 100.0, 1800) < 6.0
    assert house.cars[GARAGE].amps == 6.0


def test_a_little_that_is_missing_ends_it_too_if_not_at_once():
    house = at_home(may=False)
    charge(house, 4500.0)
    assert charge(house, 300.0 + MINIMUM_WATTS - 80.0, 900) < 3.0
    assert not house.cars[GARAGE].offer


def test_no_ampere_is_rounded_up_at_its_cost():
    for may, amps in ((False, 9.0), (True, 10.0)):
        house = at_home(may=may)
        charge(house, 4500.0)
        charge(house, 300.0 + 10 * 230.0 - 25.0, 60)
        assert house.cars[GARAGE].amps == amps


@pytest.mark.parametrize("few_starts", [0, pytest.param(50, marks=pytest.mark.long), 100])
def test_in_clouds_next_to_nothing_comes_from_it_whatever_the_owner_chose(few_starts: float):
    used, spared = at_home(may=True), at_home(may=False)
    for house in (used, spared):
        house.site = replace(house.site, pace=Pace(few_starts=few_starts, grid_share=50))
        charge(house, clouds, 3600)
    assert spared.into_cars_wh <= used.into_cars_wh
    assert spared.into_cars_wh < 15.0 * spared.cars[GARAGE].starts + 10.0, (
        "the first minute of a start is kept"
    )
    assert spared.cars[GARAGE].starts <= 3600 / 600


def test_a_share_or_a_reserve_from_the_grid_is_not_taken_from_it():
    for allowance in ({"pace": Pace(grid_share=50)}, {"reserve_watts": -1000.0}):
        house = at_home(may=False)
        house.site = replace(house.site, **allowance)
        assert charge(house, 300.0 + 0.7 * MINIMUM_WATTS) < 1.0, allowance
        assert not house.cars[GARAGE].starts
        empty = at_home(may=False)
        empty.site = replace(empty.site, **allowance)
        charge(empty, 4500.0)
        empty.store = Battery(soc=10.0)
        charge(empty, 300.0 + 0.8 * MINIMUM_WATTS, 300)
        assert empty.cars[GARAGE].amps >= 6.0, "an empty battery gives nothing, so the grid does"


def test_a_cloud_is_bridged_from_the_grid_when_the_battery_is_empty():
    house = at_home(may=False)
    charge(house, 4500.0, 600)
    house.store = Battery(soc=10.0)
    assert charge(house, 900.0, 180) < 1.0
    assert house.cars[GARAGE].amps == 6.0
    assert house.imported_wh > 20.0


def test_what_flows_into_it_is_surplus_all_the_same():
    house = at_home(may=False)
    charge(house, 4500.0)
    assert house.cars[GARAGE].amps == int((4500.0 - 300.0) / 230.0)


@pytest.mark.parametrize(("mode", "can_stop"), [(ChargeMode.SOLAR_MIN, True), (ChargeMode.SOLAR, False)])
def test_the_minimum_is_held_where_it_was_asked_for_or_nothing_else_is_possible(
    mode: ChargeMode, can_stop: bool
):
    house = at_home(may=False, mode=mode, can_stop=can_stop)
    charge(house, 4500.0)
    charge(house, 600.0, 600)
    assert house.cars[GARAGE].amps == 6.0
    expected = Reason.AT_MINIMUM if can_stop else Reason.HOLDING_CANNOT_STOP
    assert house.decision.connectors[GARAGE].reason is expected


def test_a_start_is_kept_for_a_minute():
    house = at_home(may=False)
    house.sun = 3000.0
    while not house.cars[GARAGE].offer:
        house.live(1)
    charge(house, 600.0, 50)
    assert house.cars[GARAGE].offer == 6
    house.live(20)
    assert not house.cars[GARAGE].offer


def test_without_a_reading_of_the_battery_nothing_is_known_of_it():
    both = []
    for may in (True, False):
        house = SunnyHouse(
            {GARAGE: ParkedCar(phases=1, wish=wish())},
            SiteSettings(measurement=Measurement.GRID, phases=1, battery_may_discharge=may),
            sun=clouds,
            soc=50.0,
        )
        house.live(3600)
        both.append((house.imported_wh, house.sets, house.cars[GARAGE].starts))
    assert both[0] == both[1]
