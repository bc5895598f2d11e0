"""What is told of the surplus, and accounted with: no sun is made of a car that changes."""

from collections.abc import Callable

import pytest
from twc.charging.readings import SensorReading, SiteReadings
from twc.charging.settings import Measurement, SiteSettings
from twc.charging.surplus.accounted import TOLD_WITHIN_SECONDS
from twc.charging.surplus.site_watch import SiteWatch

SITE = SiteSettings(measurement=Measurement.GRID)
HOUSE = 600.0


class CoveredSky:
    """A house whose meter tells every second what flows, and whose wall connectors tell it some seconds later."""

    def __init__(self, told_later: int = 2, told_every: int = 2, meter_later: int = 0) -> None:
        self.watch = SiteWatch({}, None)
        self.told_later, self.told_every, self.meter_later = told_later, told_every, meter_later
        self.sun = 0.0
        self.now = 1000
        self.drawn: list[float] = []
        self.grid: list[float] = []
        self.told = 0.0
        self.shown: list[float] = []
        self.accounted: list[float] = []
        self.low: list[float] = []

    def live(self, seconds: int, watts: float | Callable[[int], float], sun: float | None = None) -> None:
        """Let the cars draw so much."""
        self.sun = self.sun if sun is None else sun
        for second in range(seconds):
            self.now += 1
            self.drawn.append(watts(second) if callable(watts) else watts)
            self.grid.append(HOUSE + self.drawn[-1] - self.sun)
            if self.now % self.told_every == 0:
                self.told = self.drawn[max(0, len(self.drawn) - 1 - self.told_later)]
            grid = SensorReading(self.grid[max(0, len(self.grid) - 1 - self.meter_later)], float(self.now))
            view = self.watch.follow(SiteReadings(grid=grid, sun_elevation=20.0), SITE, self.told, self.now)
            assert view.balance is not None
            assert view.accounted is not None
            self.shown.append(view.accounted.watts)
            self.low.append(view.balance.low_watts)
            self.accounted.append(view.accounted.terms["grid"] - view.accounted.terms["own_power"])


def falls(second: int) -> float:
    """Return what cars draw of 12 kW that go down to 5.5 kW within 3 s, and end altogether after half a minute."""
    return max(0.0 if second >= 30 else 5_500.0, 12_000.0 - 2_200.0 * second)


@pytest.mark.parametrize(
    ("told_later", "told_every"), [(0, 1), (0, 2), (1, 1), (1, 2), (2, 1), (2, 2), (3, 1)]
)
@pytest.mark.parametrize("meter_later", [0, 1, 4])
def test_a_car_that_falls_under_a_covered_sky_makes_no_sun(told_later, told_every, meter_later):
    house = CoveredSky(told_later, told_every, meter_later)
    house.live(60, 12_000.0)
    house.live(90, falls)
    assert max(house.shown) <= 0.0
    assert house.shown[-1] == pytest.approx(-HOUSE)
    # What the house takes without the cars is what their energy is accounted with.
    assert min(house.accounted[30:]) >= HOUSE - 1.0


@pytest.mark.parametrize("drawn", [0.0, 4_000.0])
def test_sun_that_comes_is_shown_at_once_or_once_it_is_no_car(drawn):
    """Decisions do not wait for that."""
    house = CoveredSky()
    house.live(60, drawn)
    house.live(1, drawn, sun=3_000.0)
    assert house.low[-1] == pytest.approx(2_400.0)
    assert (house.shown[-1] == pytest.approx(2_400.0)) is (drawn == 0.0)
    house.live(int(TOLD_WITHIN_SECONDS), drawn)
    assert house.shown[-1] == pytest.approx(2_400.0)
    house.live(1, drawn, sun=500.0)
    assert house.shown[-1] == pytest.approx(-100.0), "less is shown at once"


def test_of_more_than_the_cars_draw_the_rest_is_shown_at_once():
    house = CoveredSky()
    house.live(60, 2_000.0)
    house.live(1, 2_000.0, sun=9_000.0)
    assert house.shown[-1] == pytest.approx(6_400.0), "2 kW of it might be a car that has ended"


def rises(second: int) -> float:
    """Return what a car draws that goes up to 5.5 kW within 4 s."""
    return min(5_500.0, 1_500.0 * second)


SOON_SECONDS = 8
"""A rise of 4 s is over by then, and its wall connector has told of it."""


@pytest.mark.parametrize(
    ("told_later", "told_every"), [(0, 1), (0, 2), (1, 1), (1, 2), (2, 1), (2, 2), (3, 1)]
)
@pytest.mark.parametrize("meter_later", [0, 1, 4])
@pytest.mark.parametrize("drawn", [rises, 4_500.0])
def test_a_car_that_rises_takes_no_sun_for_longer_than_it_is_not_told(
    told_later, told_every, meter_later, drawn
):
    house = CoveredSky(told_later, told_every, meter_later)
    house.live(60, 0.0)
    begin = len(house.shown)
    house.live(40, drawn)
    assert max(house.shown) <= -HOUSE + 1.0
    assert min(house.shown[begin + SOON_SECONDS :]) == pytest.approx(-HOUSE)
    assert max(house.accounted[begin + SOON_SECONDS :]) == pytest.approx(HOUSE)


@pytest.mark.parametrize("seconds", [1, 3, 7])
def test_a_cloud_is_not_taken_back_for_a_car_that_falls_after_it(seconds):
    house = CoveredSky()
    house.live(60, 6_000.0, sun=8_000.0)
    assert house.shown[-1] == pytest.approx(7_400.0)
    begin = len(house.shown)
    house.live(seconds, 6_000.0, sun=0.0)
    house.live(40, 1_400.0)
    assert max(house.shown[begin:]) <= -HOUSE + 1.0
    assert house.shown[-1] == pytest.approx(-HOUSE)


def test_a_cloud_is_not_taken_back_for_a_car_that_rises_long_after_it():
    house = CoveredSky(meter_later=4)
    house.live(60, 0.0, sun=8_000.0)
    house.live(5 + int(TOLD_WITHIN_SECONDS), 0.0, sun=0.0)
    begin = len(house.shown)
    house.live(40, 4_000.0)
    assert max(house.shown[begin:]) <= -HOUSE + 1.0
