"""A house whose meters answer to what the cars draw: sensors that Home Assistant is told over its own interface."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from aiohttp import ClientResponseError

from .client import Client
from .wall_connectors import Device

BASE_WATTS = 600
VOLTS = 230
SENSORS = {
    "simulated_grid_power": "sensor.meter_grid",
    "simulated_solar_power": "sensor.roof_power",
    "simulated_battery_power": "sensor.cellar_battery",
    "simulated_battery_soc": "sensor.cellar_battery_level",
    "simulated_current_l1": "sensor.meter_l1",
    "simulated_current_l2": "sensor.meter_l2",
    "simulated_current_l3": "sensor.meter_l3",
}
"""What stands for the sensors of the simulated house, so that the same dialogue can be answered with them."""
UNITS = {"power": "W", "current": "A", "battery": "%"}


@dataclass
class MeasuredHouse:
    """The sun, the battery and the house; the grid takes and gives the rest."""

    client: Client
    sun: float = 0
    battery: float = 0
    """W into it."""
    connectors: list[Device] = field(default_factory=list)

    @property
    def device(self) -> Device:
        """Itself, as the dialogue about meters wants it."""
        return Device("", "Measured house", dict(SENSORS))

    async def report(self) -> None:
        """Tell what all sensors show now."""
        cars = 0.0
        for connector in self.connectors:
            # While the integration is loaded anew there is no such entity.
            with suppress(ClientResponseError):
                power = await self.client.state(connector.entities["charging_power"])
                cars += float(power) if power.replace(".", "", 1).isdigit() else 0.0
        grid = BASE_WATTS + cars + self.battery - self.sun
        await self._tell("grid_power", grid, "power")
        await self._tell("solar_power", self.sun, "power")
        await self._tell("battery_power", self.battery, "power")
        await self._tell("battery_soc", 80, "battery")
        for phase in (1, 2, 3):
            await self._tell(f"current_l{phase}", round(grid / 3 / VOLTS, 1), "current")

    async def _tell(self, key: str, value: float, kind: str) -> None:
        about = {"unit_of_measurement": UNITS[kind], "device_class": kind, "state_class": "measurement"}
        entity_id = SENSORS[f"simulated_{key}"]
        await self.client.post(
            f"states/{entity_id}", state=str(round(value, 1)), attributes=about, force_update=True
        )


@asynccontextmanager
async def measured_house(client: Client) -> AsyncIterator[MeasuredHouse]:
    """Report every second until the end of the block."""
    house = MeasuredHouse(client)
    await house.report()

    async def go_on() -> None:
        while True:
            await asyncio.sleep(1)
            await house.report()

    reporting = asyncio.create_task(go_on())
    try:
        yield house
    finally:
        reporting.cancel()
        await asyncio.gather(reporting, return_exceptions=True)
