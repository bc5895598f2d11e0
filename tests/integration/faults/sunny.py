"""The same house with a roof full of panels: the car in the garage follows the sun."""

from math import inf

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_UNAVAILABLE

from custom_components.tesla_twc.const import CONF_CONNECTORS, CONF_SITE
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import LEAF, ZOE
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.faults.house import LIMITS, House
from tests.integration.owner import GARAGE, move_in

GRID = "sensor.grid"
REPORT_SECONDS = 5.0
SUN_WATTS = 12_000.0
"""Enough for the house, the yard and 2.5 kW in the garage."""
OPTIONS = {
    CONF_SITE: {"measurement": "grid", "grid_power": GRID, "grid_positive": "import"},
    CONF_CONNECTORS: {str(GARAGE): {"stop_method": "contactor"}},
}
FOUND_ITS_WAY_SECONDS = 300


class SunnyHouse(House):
    """A Leaf in the garage that follows the surplus, a Zoe with 13 A in the yard, and a meter at the grid."""

    meter_speaks = True
    sun_watts = SUN_WATTS
    freezer: FrozenDateTimeFactory

    async def begin_in_the_sun(
        self, garage: Station, yard: Station, freezer: FrozenDateTimeFactory, time: str
    ) -> None:
        """Move in, plug both cars in and wait until the one in the garage has found its current."""
        self.garage, self.yard, self.freezer = garage, yard, freezer
        self.world.hass.loop.slow_callback_duration = inf  # the frozen clock jumps inside of callbacks
        freezer.move_to(time)
        self._report()
        self.owner = await move_in(self.world.hass, self.world, self.entry, OPTIONS)
        for twcid, amps in LIMITS.items():
            await self.owner.set_limit(twcid, amps)
        garage.plug(Car(LEAF))
        yard.plug(Car(ZOE))
        await self.owner.choose_mode(GARAGE, "solar")
        await self.world.pass_time(FOUND_ITS_WAY_SECONDS)
        self.remember()

    def _report(self) -> None:
        """Say what flows from the grid, or that nobody knows, and come back; the wall clock goes with the line."""
        self.freezer.tick(REPORT_SECONDS)
        cars = sum(sum(station.connector.session.outlet.phase_amps) * 230 for station in self.stations)
        watts = round(400 + cars - self.sun_watts)
        told = str(watts) if self.meter_speaks else STATE_UNAVAILABLE
        about = {"unit_of_measurement": "W", "device_class": "power"}
        self.world.hass.states.async_set(GRID, told, about)
        self.world.clock.call_later(REPORT_SECONDS, self._report)
