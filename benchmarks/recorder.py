"""How many rows the recorder writes of a wall connector in an hour: a real Home Assistant, but time flies."""

import asyncio
import time

from house.client import Client
from house.wall_connectors import add_bus, at_port, wait_for_devices

from .figures import Figure
from .goals import CHARGING_ROWS, IDLE_ROWS
from .home import Home, running_home
from .report import say

PORT = "/dev/ttyProbe"
"""Whatever it is called, the probe opens its own line."""
HOUR = 3600.0
LIMIT_AMPS = 16
SETTLE_SECONDS = 300.0
STEP_SECONDS = 60.0
"""So much simulated time passes within one request."""


async def measure(*, quick: bool) -> list[Figure]:
    """Count rows of the entities an owner has by default, and share out those of the bus."""
    hours = 0.1 if quick else 1.0
    figures = []
    async with running_home("flight") as home, Client.connected(home.house.url) as client:
        flight = Flight(home, client)
        await flight.begin()
        for connectors, place in ((1, "alone on a bus"), (3, "one of three")):
            await flight.grow(connectors)
            for what, goal in (("idle", IDLE_ROWS), ("charging", CHARGING_ROWS)):
                say(f"Letting time fly: {what}, {place}")
                if what == "charging":
                    await flight.steer("plug", "tesla")
                rows = await flight.rows_of(hours * HOUR) / hours / connectors
                figures.append(Figure(name=f"rows, {what}, {place}", value=rows, unit="rows/h", at_most=goal))
            await flight.steer("unplug")
    return figures


class Flight:
    """A Home Assistant whose wall connectors live in simulated time."""

    def __init__(self, home: Home, client: Client) -> None:
        """Take a home with the probe for it."""
        self._home = home
        self._client = client
        self._connectors = 1
        self._entry_id = ""

    async def begin(self) -> None:
        """Add the bus through its dialogue, for which time has to pass, too."""
        adding = asyncio.create_task(add_bus(self._client, at_port(PORT)))
        while not adding.done():
            await self.pass_time(1)
        self._entry_id = adding.result()

    async def grow(self, connectors: int) -> None:
        """Hang wall connectors on the line until there are so many, and raise all limits."""
        for _ in range(connectors - self._connectors):
            await self._tell("steer", command="add p2")
        self._connectors = connectors
        await self.pass_time(SETTLE_SECONDS)
        async with Client.connected(self._home.house.url) as client:
            _, devices = await wait_for_devices(client, self._entry_id, connectors)
            for device in devices:
                limit = device.entities["current_limit"]
                await client.act("number", "set_value", limit, value=LIMIT_AMPS)

    async def steer(self, command: str, *words: str) -> None:
        """Give a command to every wall connector."""
        for number in range(1, self._connectors + 1):
            await self._tell("steer", command=" ".join((command, str(number), *words)))

    async def rows_of(self, seconds: float) -> int:
        """Let simulated time pass, and count the rows that were written meanwhile."""
        entities = await self._home.our_entities()
        began = time.time()
        await self.pass_time(seconds)
        return await self._home.rows(entities, began, time.time())

    async def pass_time(self, seconds: float) -> None:
        """Let simulated time pass."""
        while seconds > 0:
            await self._tell("pass_time", seconds=min(seconds, STEP_SECONDS))
            seconds -= STEP_SECONDS

    async def _tell(self, action: str, **data: object) -> None:
        await self._client.post(f"services/probe/{action}", **data)
