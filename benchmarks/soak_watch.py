"""What is seen of a Home Assistant in trouble: its process, its memory, its log, and what it says on the wire."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass
import json
from pathlib import Path
import re
import sys
from typing import Any

from house.client import Client

from custom_components.tesla_twc.twc.protocol.codes import TwcId

from . import processes, wire
from .home import Home
from .trouble import Event, Trouble, cause

LOUD = re.compile(
    r"^\S+ \S+ (?P<level>WARNING|ERROR|CRITICAL) \(.*?\) \[(?P<logger>[^]]+)\] (?P<text>.*)$", re.MULTILINE
)
OURS = "custom_components.tesla_twc"
LONG_GAP_SECONDS = 10.0
"""From here on a wall connector may open its contactor (protocol.md 3.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What Home Assistant's process looks like at one moment."""

    seconds: float
    """Since the first sample."""
    megabytes: float
    """Resident memory in MiB."""
    bare_megabytes: float
    """Of the Home Assistant without us."""
    children_megabytes: float
    """Of all processes that it started, together: its children, and keepers, which are nobody's children."""
    children: int
    blocks: int
    """Pieces of memory that Python has handed out."""
    bare_blocks: int
    """Those of the Home Assistant without us."""
    objects: int
    """What its garbage collector knows."""
    our_objects: int
    """Those of our integration's classes."""
    tasks: int
    threads: int
    descriptors: int
    children_descriptors: int
    database_megabytes: float
    longest_gap: float
    """Between two heartbeats to a wall connector since the last sample, in s."""
    warnings: int
    """Lines of our loggers at WARNING or above since the start."""


class Gaps:
    """The times between two heartbeats to the same wall connector, taken from the wire piece by piece."""

    def __init__(self, home: Home) -> None:
        """Forget what was said so far."""
        self.longest: dict[Trouble | None, float] = {}
        """In s, by what explains it."""
        self.long: list[tuple[float, float, str]] = []
        """When each gap that is worth a thought began, in s of the event loop's clock, how long it was, and to whom."""
        self._monitor = home.lines[0].monitor
        self._monitor.frames.clear()
        self._last: dict[TwcId, float] = {}

    def take(self, events: list[Event]) -> float:
        """Take the heartbeats since the last time; return the longest gap that ended in them, in s."""
        longest = 0.0
        for heartbeat in wire.heartbeats(self._monitor):
            before = self._last.get(heartbeat.receiver, heartbeat.time)
            self._last[heartbeat.receiver] = heartbeat.time
            gap, reason = heartbeat.time - before, cause(events, before, heartbeat.time)
            self.longest[reason] = max(gap, self.longest.get(reason, 0.0))
            longest = max(longest, gap)
            if gap > LONG_GAP_SECONDS:
                self.long.append((before, gap, str(heartbeat.receiver)))
        self._monitor.frames.clear()
        return longest


@dataclass(frozen=True, slots=True)
class Guest:
    """A Home Assistant, and somebody who is signed in."""

    home: Home
    client: Client


class Observer:
    """Takes samples of a home."""

    def __init__(self, with_us: Guest, without: Guest, gaps: Gaps, events: list[Event]) -> None:
        """Begin."""
        self.samples: list[Sample] = []
        self._home = with_us.home
        self._client = with_us.client
        self._bare = without
        self._gaps = gaps
        self._events = events
        self._loop = asyncio.get_running_loop()
        self.began = self._loop.time()
        """In s of the event loop's clock."""

    async def sample(self) -> None:
        """Take one, and tell it at once."""
        # What a reload leaves behind waits for the garbage collector, which may take an hour: that is no leak.
        counted = await count(self._client, collect=True)
        bare = await count(self._bare.client, collect=True)
        own = processes.folder(self._home.house.pid)
        keepers = map(processes.folder, self._home.house.keepers())
        its = [*processes.children(own), *keepers]
        sample = Sample(
            seconds=round(self._loop.time() - self.began, 1),
            megabytes=round(processes.megabytes(own), 2),
            bare_megabytes=round(processes.megabytes(processes.folder(self._bare.home.house.pid)), 2),
            children_megabytes=round(sum(map(processes.megabytes, its)), 2),
            children=len(its),
            blocks=counted["blocks"],
            bare_blocks=bare["blocks"],
            objects=counted["objects"],
            our_objects=counted["our_objects"],
            tasks=counted["tasks"],
            threads=len(processes.listed(own / "task")),
            descriptors=len(processes.listed(own / "fd")),
            children_descriptors=sum(len(processes.listed(child / "fd")) for child in its),
            database_megabytes=_database_megabytes(self._home.folder),
            longest_gap=round(self._gaps.take(self._events), 2),
            warnings=len(loud_lines(self._home.house.log)),
        )
        self.samples.append(sample)
        print(json.dumps(asdict(sample)), file=sys.stderr, flush=True)

    async def watch(self, seconds: float, every: float) -> None:
        """Take a sample now and then for a while."""
        end = self._loop.time() + seconds
        while self._loop.time() < end:
            await asyncio.sleep(every)
            await self.sample()


async def count(client: Client, **wish: bool) -> Mapping[str, Any]:
    """Return what the probe counts in Home Assistant's memory."""
    answer = await client.post("services/probe/count?return_response", **wish)
    counted: Mapping[str, Any] = answer["service_response"]
    return counted


def loud_lines(log: str, logger: str = OURS) -> list[str]:
    """Return what a logger and those below it said at WARNING or above."""
    return [
        f"{found['level']} {found['text']}"
        for found in LOUD.finditer(log)
        if found["logger"].startswith(logger)
    ]


def _database_megabytes(folder: Path) -> float:
    return round(sum(file.stat().st_size for file in folder.glob("home-assistant_v2.db*")) / 2**20, 2)
