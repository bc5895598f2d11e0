"""A real Home Assistant in a process of its own, connected over TCP to lines that this process simulates."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
import sqlite3
from tempfile import TemporaryDirectory

from house.client import Client
from house.owner import onboard
from house.process import free_port, running_house
from house.seed import PLAIN
from house.wall_connectors import DOMAIN, Device, add_bus, at_port, wait_for_devices

from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import TESLA
from custom_components.tesla_twc.twc.simulator.scene import KINDS, Scene
from custom_components.tesla_twc.twc.simulator.tools.monitor import BusMonitor
from custom_components.tesla_twc.twc.simulator.tools.server import TcpServer

PROBE = Path(__file__).with_name("probe")

PER_LINE = 3
CIRCUIT_AMPS = 32
"""As the house adds its buses."""
FULL_AMPS = 10
"""Three cars can have so much at a time."""

COMMIT_SECONDS = 8.0
"""After so long everything is in the database: the recorder commits every 5 s."""


class Line:
    """A line in real time, served as a serial gateway does, and watched on the wire."""

    def __init__(self, number: int) -> None:
        """Lay it; there is nobody on it yet. Another ``number``, other noise and other addresses."""
        self._number = number
        self.scene = Scene(asyncio.get_running_loop(), seed=number)
        self.monitor = BusMonitor(self.scene.line, circuit_limit_amps=CIRCUIT_AMPS, keep=None)
        self.entry_id = ""
        """The entry in Home Assistant, once it is added there."""
        self._server = TcpServer(self.scene.line, "127.0.0.1", 0)

    async def serve(self) -> str:
        """Begin to serve, and return where."""
        await self._server.start()
        return "socket://{}:{}".format(*self._server.address)

    async def drop(self) -> None:
        """Let the gateway be gone: whoever is connected loses the connection, and nobody gets one."""
        address = self._server.address
        await self._server.close()
        self._server = TcpServer(self.scene.line, *address)

    async def come_back(self) -> None:
        """Let the gateway be back at the same address."""
        await self._server.start()

    async def close(self) -> None:
        """Serve no longer."""
        await self._server.close()

    def hang(self) -> None:
        """Hang one more wall connector on it, with a serial number and a TWCID that no other line has."""
        serial = f"A17A000{0x1000 + 16 * self._number + len(self.scene.stations):04X}"
        self.scene.add(replace(KINDS["p2"], serial_number=serial, energy_kwh=2499.3))

    def plug_cars_in(self) -> None:
        """Plug a car into every wall connector that has none."""
        for station in self.scene.stations.values():
            if station.connector.car is None:
                station.plug(Car(TESLA, charge=0.05))


class Home:
    """A Home Assistant in a folder, and the lines in this process that it can reach."""

    def __init__(self, folder: Path, probe: str | None) -> None:
        """Describe it; nothing runs yet. ``probe`` is what the probe beside our integration shall do."""
        self.lines: list[Line] = []
        self.folder = folder
        self._configuration = PLAIN
        if probe is not None:
            self._configuration += f"probe:\n  kind: {probe}\n"
            components = folder / "custom_components"
            components.mkdir()
            (components / PROBE.name).symlink_to(PROBE, target_is_directory=True)
        self._running = AsyncExitStack()

    async def start(self) -> None:
        """Start Home Assistant, for the first time or again."""
        house = running_house(self.folder, free_port(), self._configuration)
        self.house = await self._running.enter_async_context(house)
        await onboard(self.house.url)

    @property
    def last_words(self) -> str:
        """The end of the log."""
        return self.house.log[-3000:]

    async def stop(self) -> None:
        """Stop Home Assistant; the lines stay."""
        await self._running.aclose()

    async def grow(self, connectors: int) -> None:
        """Add wall connectors, and buses for them, until there are ``connectors`` in all, each with a charging car."""
        new = []
        while sum(len(line.scene.stations) for line in self.lines) < connectors:
            if not self.lines or len(self.lines[-1].scene.stations) == PER_LINE:
                new.append(Line(len(self.lines) + 1))
                self.lines.append(new[-1])
            self.lines[-1].hang()
        async with Client.connected(self.house.url) as client:
            await asyncio.gather(*(self._add_bus(client, line) for line in new))
            for line in self.lines:
                await self.let_cars_charge(client, line)

    async def _add_bus(self, client: Client, line: Line) -> None:
        line.entry_id = await add_bus(client, at_port(await line.serve()))

    async def let_cars_charge(self, client: Client, line: Line) -> None:
        """Plug cars in, and let them have as much as three at a time could."""
        line.plug_cars_in()
        for device in await self.wall_connectors(client, line):
            await client.act("number", "set_value", device.entities["current_limit"], value=FULL_AMPS)

    async def wall_connectors(self, client: Client, line: Line) -> list[Device]:
        """Return the devices of a bus, once every wall connector on its line has answered."""
        _, devices = await wait_for_devices(client, line.entry_id, len(line.scene.stations))
        for device in devices:
            await client.wait_for(device.entities["state"], lambda state: state != "unavailable")
        return devices

    async def our_entities(self) -> list[str]:
        """Return the entity ids of the integration."""
        async with Client.connected(self.house.url) as client:
            registry = await client.command("config/entity_registry/list")
        return [entity["entity_id"] for entity in registry if entity["platform"] == DOMAIN]

    async def rows(self, entities: list[str], since: float, until: float) -> int:
        """Count what the recorder has written of entities between two times, in s since 1970."""
        await asyncio.sleep(COMMIT_SECONDS)
        return await asyncio.to_thread(self._count, entities, since, until)

    def _count(self, entities: list[str], since: float, until: float) -> int:
        marks = ", ".join("?" * len(entities))
        query = f"""
            SELECT count(*) FROM states JOIN states_meta USING (metadata_id)
            WHERE states_meta.entity_id IN ({marks}) AND last_updated_ts BETWEEN ? AND ?
        """
        database = sqlite3.connect(f"file:{self.folder / 'home-assistant_v2.db'}?mode=ro", uri=True)
        try:
            ((count,),) = database.execute(query, (*entities, since, until))
            return int(count)
        finally:
            database.close()


@asynccontextmanager
async def running_home(probe: str | None = None) -> AsyncIterator[Home]:
    """Run a Home Assistant that nobody has used before, with or without a probe."""
    with TemporaryDirectory() as folder:
        home = Home(Path(folder), probe)
        try:
            await home.start()
            yield home
        except Exception as error:
            await asyncio.sleep(1)  # the log is written behind
            error.add_note(f"Home Assistant's last words:\n{home.last_words}")
            raise
        finally:
            await home.stop()
            for line in home.lines:
                await line.close()
