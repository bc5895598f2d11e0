"""What Home Assistant needs more with wall connectors than without: processor time, memory, rows in its database."""

import asyncio
from dataclasses import dataclass
import os
from pathlib import Path
import time

from .figures import Figure
from .goals import CORE_PERCENT
from .home import Home, running_home
from .report import say

HOUR = 3600.0
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What was seen of a process for a while."""

    cpu: float
    """Share of one processor core."""
    megabytes: float
    """Resident memory at the end, in MiB."""
    rows: float
    """Rows per second of our entities."""


async def measure(*, quick: bool) -> list[Figure]:
    """Let one Home Assistant grow from no wall connector to thirty whose cars charge, and watch its process."""
    settle, window = (15.0, 30.0) if quick else (60.0, 180.0)
    loads: dict[int, Load] = {}
    async with running_home() as home:
        for connectors in (0, 1, 3, 30):
            say(f"Watching Home Assistant with {connectors} wall connectors")
            await home.grow(connectors)
            await asyncio.sleep(settle)
            loads[connectors] = await watch(home, window)
    idle = loads.pop(0)
    return [
        Figure(name="processor, idle Home Assistant", value=idle.cpu * HOUR, unit="CPU s/h"),
        *(figure for connectors, load in loads.items() for figure in _processor(connectors, load, idle)),
        Figure(
            name="memory, the first wall connector",
            value=loads[1].megabytes - idle.megabytes,
            unit="MiB",
        ),
        Figure(
            name="memory, each further wall connector",
            value=(loads[30].megabytes - loads[1].megabytes) / 29,
            unit="MiB",
        ),
        Figure(
            name="recorder rows, each of 30 with a steady current",
            value=loads[30].rows * HOUR / 30,
            unit="rows/h",
        ),
    ]


def _processor(connectors: int, load: Load, idle: Load) -> list[Figure]:
    more = load.cpu - idle.cpu
    name = f"processor, {connectors} charging wall connector{'s' * (connectors > 1)}"
    goal = CORE_PERCENT if connectors == 3 else None
    return [
        Figure(name=name, value=more * HOUR, unit="CPU s/h"),
        Figure(name=f"{name}, of one core", value=more * 100, unit="%", at_most=goal),
    ]


async def watch(home: Home, window: float) -> Load:
    """Watch the process of a Home Assistant for ``window`` s."""
    entities = await home.our_entities()
    process = Path(f"/proc/{home.house.pid}")
    began, clock, spent = time.time(), time.monotonic(), _cpu_seconds(process)
    await asyncio.sleep(window)
    spent = _cpu_seconds(process) - spent
    elapsed, ended = time.monotonic() - clock, time.time()
    megabytes = _megabytes(process)
    rows = await home.rows(entities, began, ended)
    return Load(cpu=spent / elapsed, megabytes=megabytes, rows=rows / elapsed)


def _cpu_seconds(process: Path) -> float:
    """Return the time all threads of a process have spent, in user mode and in the system."""
    fields = process.joinpath("stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def _megabytes(process: Path) -> float:
    pages = int(process.joinpath("statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
