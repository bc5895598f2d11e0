"""How soon and how regularly a real Home Assistant speaks, timed on the wire, and how long our code holds it up."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from random import Random
import re
import time
from typing import Any

from house.client import Client

from custom_components.tesla_twc.twc.protocol.codes import TwcId

from . import wire
from .figures import Figure, percentile, spread
from .goals import LIMIT_INTERVALS, WARM_START_SECONDS
from .home import FULL_AMPS, Home, running_home
from .report import say

CONNECTORS = 3
LESS_AMPS = 8
PATIENCE_SECONDS = 30.0
SETTLE_SECONDS = 30.0
SET_UP = re.compile(r"^(\S+ \S+) INFO .* Setting up tesla_twc$", re.MULTILINE)
"""What Home Assistant logs when it begins to set up an integration."""


async def measure(*, quick: bool) -> list[Figure]:
    """Measure one bus with three wall connectors whose cars charge."""
    window, changes, restarts = (20.0, 5, 1) if quick else (180.0, 30, 3)
    async with running_home("watch") as home:
        say("Watching the event loop without and with three wall connectors")
        figures = await _held_up(home, window)
        cold = await _first_heartbeat(home)
        figures.append(Figure(name="first heartbeat after a cold start", value=cold, unit="s"))
        say(f"Changing a limit {changes} times")
        figures.append(await _limit_to_wire(home, changes))
        say("Keeping the event loop busy")
        figures += await _busy(home, window)
        say(f"Restarting {restarts} times")
        warm = [await _restart(home) for _ in range(restarts)]
    name = "first heartbeat after a warm restart, longest"
    return [*figures, Figure(name=name, value=max(warm), unit="s", at_most=WARM_START_SECONDS)]


async def _held_up(home: Home, window: float) -> list[Figure]:
    """Compare how late the event loop is without us, while it gets to know us, and with us."""
    await asyncio.sleep(SETTLE_SECONDS)
    await _read_probe(home)
    await asyncio.sleep(window)
    without = await _read_probe(home)
    await home.grow(CONNECTORS)
    adding = await _read_probe(home)
    await asyncio.sleep(SETTLE_SECONDS)
    await _read_probe(home)
    await asyncio.sleep(window)
    running = await _read_probe(home)
    return [
        Figure(name="event loop late, without us, longest", value=without["lag"] * 1000, unit="ms"),
        Figure(name="event loop late, with us, longest", value=running["lag"] * 1000, unit="ms"),
        Figure(name="event loop held by us, longest", value=running["ours"] * 1000, unit="ms"),
        Figure(
            name="event loop held by us while being added, longest", value=adding["ours"] * 1000, unit="ms"
        ),
    ]


async def _limit_to_wire(home: Home, changes: int) -> Figure:
    """Set the limit of one wall connector after the other at random moments, and wait for the frames."""
    monitor, random = home.lines[0].monitor, Random(1)
    interval = percentile(wire.intervals(monitor), 50)
    waits = []
    async with Client.connected(home.house.url) as client:
        devices = await home.wall_connectors(client, home.lines[0])
        for number in range(changes):
            device = devices[number % CONNECTORS]
            amps = LESS_AMPS if number // CONNECTORS % 2 == 0 else FULL_AMPS
            await asyncio.sleep(random.uniform(4, 6))
            asked = asyncio.get_running_loop().time()
            await client.act("number", "set_value", device.entities["current_limit"], value=amps)
            await asyncio.sleep(2 * interval)
            waits.append(wire.waits(monitor, since=asked, amps=amps)[TwcId.parse(device.name[-4:])])
    longest = max(waits) / interval
    return Figure(name="limit to wire, longest", value=longest, unit="× interval", at_most=LIMIT_INTERVALS)


async def _busy(home: Home, window: float) -> list[Figure]:
    """Let another integration hold the loop for 50 to 300 ms again and again, a third of the time."""
    await _tell_probe(home, "hold", active=True)
    began = asyncio.get_running_loop().time()
    await asyncio.sleep(window)
    intervals = wire.intervals(home.lines[0].monitor, since=began)
    await _tell_probe(home, "hold", active=False)
    return spread("heartbeat interval, busy event loop", intervals, "s")


async def _restart(home: Home) -> float:
    """Restart Home Assistant, and return the time to its first heartbeat in s."""
    await home.stop()
    await home.start()
    wait = await _first_heartbeat(home)
    await asyncio.sleep(SETTLE_SECONDS)
    return wait


async def _first_heartbeat(home: Home) -> float:
    """Return the s from the set-up of the integration, which the log tells, to its first word to a wall connector."""
    found = SET_UP.search(home.house.log)
    assert found is not None, "the integration was set up"
    loop = asyncio.get_running_loop()
    set_up = loop.time() - time.time() + datetime.fromisoformat(found[1]).timestamp()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (heartbeats := wire.heartbeats(home.lines[0].monitor, since=set_up)):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    return heartbeats[0].time - set_up


async def _read_probe(home: Home) -> Mapping[str, float]:
    """Return what was longest since it was last read, in s."""
    answer: Mapping[str, float] = (await _tell_probe(home, "read?return_response"))["service_response"]
    return answer


async def _tell_probe(home: Home, action: str, **data: Any) -> Any:
    async with Client.connected(home.house.url) as client:
        return await client.post(f"services/probe/{action}", **data)
