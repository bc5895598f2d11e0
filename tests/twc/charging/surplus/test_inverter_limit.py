"""A hybrid inverter whose owner has named its limit: what its panels give beyond that is for the battery alone."""

from dataclasses import dataclass, replace

import pytest
from twc.charging.pace import Pace
from twc.charging.readings import SensorReading, SiteReadings
from twc.charging.settings import Measurement, SiteSettings

from metered_battery import HybridHouse
from sunny_house import GARAGE, ParkedCar, wish


@dataclass
class ToldHouse(HybridHouse):
    tells_panels: bool = True
    panels_at: float | None = None

    def _readings(self) -> SiteReadings:
        at = self.now if self.panels_at is None else self.panels_at
        panels = SensorReading(self.sun_watts, at) if self.tells_panels else None
        return replace(super()._readings(), panels=panels)


def house(limit: float | None, **more: object) -> ToldHouse:
    site = SiteSettings(measurement=Measurement.GRID, phases=3, inverter_watts=limit, pace=Pace(grid_share=0))
    car = ParkedCar(phases=3, wish=wish())
    return ToldHouse({GARAGE: car}, site=site, load=500, sun=11_000.0, **more)


def test_a_limit_that_is_known_is_never_gone_beyond():
    told, found = house(8000.0), house(None)
    told.live(1200)
    found.live(1200)
    assert told.cars[GARAGE].amps == 10, "7.5 kW are left beside the house"
    assert told.imported_wh < 1 < found.imported_wh
    assert told.sets < found.sets


def test_below_its_limit_an_inverter_gives_what_the_battery_takes():
    dull = house(8000.0)
    dull.sun = 7000.0
    dull.live(400)
    assert dull.cars[GARAGE].amps == 9


def test_a_battery_that_takes_less_leaves_the_rest_to_nobody():
    """Its panels are throttled then, and what is exported comes out of the inverter."""
    full = house(8000.0, battery_power=1000.0)
    full.live(400)
    assert full.cars[GARAGE].amps == 10


@pytest.mark.parametrize("silent", [{"tells_panels": False}, {"panels_at": -1000.0}])
def test_without_a_word_of_the_panels_the_limit_is_noticed_as_before(silent: dict):
    blind = house(8000.0, **silent)
    blind.live(1200)
    assert blind.imported_wh > 1
    assert blind.cars[GARAGE].amps >= 9
