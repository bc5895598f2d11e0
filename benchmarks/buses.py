"""What ten buses with three wall connectors each cost one real Home Assistant, in percent of a processor core.

    python -m benchmarks --only buses
    python -m benchmarks.buses --profile

All of them share one house. Their lines are simulated in another process, so that nothing but the integration and its
Home Assistant is counted.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp
from house.client import Client
from house.meters import choose_meters
from house.wall_connectors import DOMAIN, Device

from custom_components.tesla_twc.twc.simulator.household import Household

from .figures import Figure
from .goals import BUSES_CORE_PERCENT
from .home import PER_LINE, Home, running_home
from .load import watch
from .probe.sway import Sway
from .report import say
from .trouble import METERS, MORNING_SECONDS

BUSES = 10
SETTLE_SECONDS, WINDOW_SECONDS = 90.0, 150.0
QUICK_SETTLE_SECONDS, QUICK_WINDOW_SECONDS = 30.0, 40.0
STARTED_SECONDS = 90.0
"""So long after they were added buses do more than ever after: devices and entities are made, keepers begin, wall
connectors are asked who they are. The first half minute costs three times as much, the second one twice."""
METER_SECONDS = 5.0
PEAK_WATTS, FUSE_AMPS = 60_000.0, 250
"""Of the panels and on each phase: thirty cars find something to follow, and none is stopped for the main fuse."""


class Roof:
    """The meters of the house that all buses share, shown to Home Assistant as another integration would."""

    def __init__(self, client: Client, home: Home) -> None:
        """Begin in the late morning."""
        self._client, self._home = client, home
        household = Household()
        self._household = Household(
            house=type(household.house)(peak_watts=PEAK_WATTS), battery=household.battery
        )
        self._household.read(asyncio.get_running_loop().time() - MORNING_SECONDS, (0.0, 0.0, 0.0))
        self.cars_watts = 0.0
        """What all cars took at the last report."""

    async def show(self) -> None:
        """Report once."""
        now = asyncio.get_running_loop().time()
        each = [line.scene.phase_watts(now) for line in self._home.lines]
        one, two, three = (sum(watts[phase] for watts in each) for phase in range(3))
        self.cars_watts = one + two + three
        seen = self._household.read(now, (one, two, three))
        values = (seen.grid_watts, seen.battery_watts, seen.battery_soc, *seen.phase_amps)
        sensors = {
            entity(name): (str(value), {"device_class": device_class, "unit_of_measurement": unit})
            for (name, (device_class, unit)), value in zip(METERS.items(), values, strict=True)
        }
        await self._client.post("services/probe/report", sensors=sensors)

    async def run(self) -> None:
        """Report again and again."""
        while True:
            with suppress(aiohttp.ClientError):  # a meter may miss a report
                await self.show()
            await asyncio.sleep(METER_SECONDS)


def entity(name: str) -> str:
    """Return the entity id of a meter."""
    return f"sensor.roof_{name}"


async def measure(*, quick: bool) -> list[Figure]:
    """Watch a Home Assistant without a bus, with ten of them, and with cars that follow the sun."""
    settle = QUICK_SETTLE_SECONDS if quick else SETTLE_SECONDS
    window = QUICK_WINDOW_SECONDS if quick else WINDOW_SECONDS

    async def cost(home: Home, settle: float = settle) -> float:
        await asyncio.sleep(settle)
        return (await watch(home, window)).cpu * 100

    async with running_home("meter") as home, signed_in(home) as client:
        say("Watching Home Assistant without a bus")
        idle = await cost(home)
        say(f"Adding {BUSES} buses")
        await home.grow(BUSES * PER_LINE)
        steady = await cost(home, max(settle, STARTED_SECONDS)) - idle
        say("Letting currents sway")
        sways = [Sway(line.scene, asyncio.get_running_loop()) for line in home.lines]
        swaying = await cost(home) - idle
        say("Following the sun")
        roof = Roof(client, home)
        reports = asyncio.create_task(roof.run())
        try:
            reported = await cost(home) - idle - swaying
            await follow_the_sun(client, home)
            sunny = await cost(home) - idle - reported
            say(f"The cars took {roof.cars_watts / 1000:.0f} kW in the end")
        finally:
            reports.cancel()
            for sway in sways:
                sway.end()
    name = f"{BUSES} buses × {PER_LINE} wall connectors"
    return [
        Figure(name="Home Assistant without a bus", value=idle, unit="% of a core"),
        Figure(name=f"{name}, currents at rest", value=steady, unit="% of a core"),
        Figure(name=f"{name}, currents sway", value=swaying, unit="% of a core", at_most=BUSES_CORE_PERCENT),
        Figure(name=f"{name}, cars follow the sun", value=sunny, unit="% of a core"),
    ]


@asynccontextmanager
async def signed_in(home: Home) -> AsyncIterator[Client]:
    """Sign in for longer than the half hour of a page."""
    async with Client.connected(home.house.url) as client:
        token = await client.command("auth/long_lived_access_token", client_name="buses", lifespan=30)
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(home.house.url, headers=headers) as http:
        yield Client(http, {"access_token": token})


async def follow_the_sun(client: Client, home: Home) -> None:
    """Let the house be measured, and all cars follow what is left."""
    entries = await client.command("config_entries/get", domain=DOMAIN)
    buses = {line.entry_id for line in home.lines}
    (house,) = (entry["entry_id"] for entry in entries if entry["entry_id"] not in buses)
    meters = Device("", "House", {name: entity(name) for name in METERS})
    assert await choose_meters(client, house, meters, fuse_amps=FUSE_AMPS)
    for line in home.lines:
        for device in await home.wall_connectors(client, line):
            await client.act("select", "select_option", device.entities["charge_mode"], option="solar_min")


async def profile(seconds: float, *, sun: bool) -> str:
    """Return where the time goes while all cars charge and currents sway."""
    async with running_home("profile") as home, signed_in(home) as client:
        await home.grow(BUSES * PER_LINE)
        sways = [Sway(line.scene, asyncio.get_running_loop()) for line in home.lines]
        roof = Roof(client, home)
        await roof.show()
        reports = asyncio.create_task(roof.run()) if sun else None
        if sun:
            await follow_the_sun(client, home)
        await asyncio.sleep(QUICK_SETTLE_SECONDS)
        await client.post("services/probe/begin_profile")
        await asyncio.sleep(seconds)
        answer = await client.post("services/probe/end_profile?return_response")
        if reports is not None:
            reports.cancel()
        for sway in sways:
            sway.end()
    told: dict[str, str] = answer["service_response"]
    return "\n".join(told.values())


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.buses", description=__doc__)
    parser.add_argument("--profile", type=float, default=60.0, metavar="S", help="for how many seconds (60)")
    parser.add_argument("--sun", action="store_true", help="while the cars follow the sun")
    chosen = parser.parse_args()
    print(asyncio.run(profile(chosen.profile, sun=chosen.sun)))


if __name__ == "__main__":
    main()
