"""How long wall connectors go without a heartbeat while a real Home Assistant restarts, or is killed.

Two lines, one on a pseudo-terminal and one over TCP, each with a wall connector whose car charges.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
import re
from typing import override

import aiohttp
from house.client import Client
from house.process import House
from house.wall_connectors import add_bus, at_port

from custom_components.tesla_twc.twc.simulator.tools.server import PtyServer

from . import wire
from .figures import Figure
from .goals import RESTART_GAP_SECONDS
from .home import Home, Line, running_home
from .report import say

PATIENCE_SECONDS = 60.0
CHARGING_AMPS = 8.0
"""The cars have 10 A; whoever was lowered to the minimum or stopped draws less than this."""
OUR_COMPLAINT = re.compile(r"^\S+ \S+ (?:WARNING|ERROR) .*\[custom_components\.tesla_twc.*$", re.MULTILINE)
SETTLE_SECONDS = 8.0
"""Until the car follows and the keeper stands by again."""


class TerminalLine(Line):
    """A line behind a serial adapter."""

    def __init__(self, number: int) -> None:
        """Lay it; there is nobody on it yet. Another ``number``, other noise and other addresses."""
        super().__init__(number)
        self._terminal = PtyServer(self.scene.line)

    @override
    async def serve(self) -> str:
        self._terminal.start()
        return self._terminal.path

    @override
    async def close(self) -> None:
        self._terminal.close()


async def measure(*, quick: bool) -> list[Figure]:
    """Restart ten times in a row, and kill Home Assistant twice, the second time long after the first."""
    restarts = 2 if quick else 10
    async with running_home() as home:
        home.lines += [TerminalLine(1), Line(2)]
        await move_in(home)
        figures = []
        for name, times, end in (
            ("restart", restarts, restart),
            ("kill -9", 1 if quick else 2, kill),
        ):
            say(f"{name}, {times} times")
            figures += await _gaps(home, name, times, end)
        return figures


async def move_in(home: Home) -> None:
    """Add both buses, and let their cars charge."""
    async with Client.connected(home.house.url) as client:
        for line in home.lines:
            line.scene.add("p2")
            line.entry_id = await add_bus(client, at_port(await line.serve()))
            await home.let_cars_charge(client, line)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not all(map(charges, home.lines)):  # noqa: ASYNC110
            await asyncio.sleep(0.5)
    await asyncio.sleep(SETTLE_SECONDS)


def charges(line: Line) -> bool:
    """Whether the car of a line draws what it may."""
    now = line.scene.clock.time()
    (station,) = line.scene.stations.values()
    station.connector.advance(now)
    return station.connector.drawn_amps > CHARGING_AMPS


async def restart(house: House) -> None:
    """Restart as the owner does, from the page."""
    async with Client.connected(house.url) as client:
        # It is often gone before it has answered.
        with suppress(aiohttp.ClientError, TypeError):
            await client.command("call_service", domain="homeassistant", service="restart")
    await house.wait()
    await house.start()


async def kill(house: House) -> None:
    """End the process as the kernel does when memory is short, and start it again as a supervisor does."""
    await house.kill()
    await house.start()


async def _gaps(home: Home, name: str, times: int, end: Callable[[House], Awaitable[None]]) -> list[Figure]:
    """Return the longest time without a heartbeat on each line, and how often a car did not charge on."""
    began = asyncio.get_running_loop().time()
    lost = complaints = 0
    for _ in range(times):
        await end(home.house)
        await asyncio.sleep(SETTLE_SECONDS)
        lost += sum(not charges(line) for line in home.lines)
        complaints += len(OUR_COMPLAINT.findall(home.house.log))
    await _one_keeper_each(home)
    return [
        *(
            Figure(
                name=f"longest gap between heartbeats, {name}, {kind}",
                value=max(wire.intervals(line.monitor, since=began)),
                unit="s",
                at_most=RESTART_GAP_SECONDS,
            )
            for kind, line in zip(("pseudo-terminal", "TCP"), home.lines, strict=True)
        ),
        Figure(name=f"charges lost, {name}", value=lost, unit=f"of {2 * times}", at_most=0),
        Figure(name=f"warnings of ours in the log, {name}", value=complaints, unit="lines", at_most=0),
    ]


async def _one_keeper_each(home: Home) -> None:
    """Wait until one keeper stands by for each bus, and no more. Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(home.house.keepers()) != len(home.lines):  # noqa: ASYNC110
            await asyncio.sleep(0.5)
