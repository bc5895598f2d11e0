"""Hours of trouble: whether a real Home Assistant grows, and how regularly it speaks meanwhile.

    python -m benchmarks.soak --hours 2 --json

Three wall connectors with charging cars, a measured house with a guarded fuse, and trouble from a seed all along. A
second Home Assistant without our integration hears the same meters: what it grows by is not ours. Every sample is a
line of JSON on the error output as soon as it is taken.
"""

import argparse
import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
import json
from math import inf
from typing import Any

import aiohttp
from house.client import Client
from house.meters import accept_minimum, choose_meters
from house.wall_connectors import Device

from custom_components.tesla_twc.twc.simulator.tools.monitor import Rule

from .figures import Figure
from .goals import (
    SOAK_DESCRIPTORS_PER_HOUR,
    SOAK_MEGABYTES_PER_HOUR,
    SOAK_OBJECTS_PER_HOUR,
    SOAK_TASKS_PER_HOUR,
    SOAK_THREADS_PER_HOUR,
)
from .growth import HOUR, floors, per_hour, settled
from .home import Home, running_home
from .report import as_json, as_table, say
from .soak_watch import Gaps, Guest, Observer, Sample, count, loud_lines
from .trouble import METERS, Meters, Mischief, Trouble

CONNECTORS = 3
SETTLE_SECONDS = 20 * 60.0
"""Caches fill up and the allocator finds its size: what comes before does not count as growth."""
SAMPLE_SECONDS = 60.0
LEAST_SAMPLES = 12
"""A short run samples more often."""
PAUSES = frozenset({Rule.TALKED_OVER, Rule.NO_SILENCE})
"""Rules that a busy machine breaks for us."""
GROWN_TYPES = 15
FLOORS = 6
"""Stretches of the run whose lowest values are compared; every trouble happens several times in each of two hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Growing:
    """Something that must not grow, or is interesting if it does."""

    name: str
    unit: str
    value: Callable[[Sample], float]
    goal: float | None = None
    """How much per hour still counts as flat."""
    floor: bool = False
    """Whether it fills up and is emptied by nature."""


GROWING = (
    Growing(name="memory", unit="MiB/h", value=lambda sample: sample.megabytes),
    Growing(name="memory without us", unit="MiB/h", value=lambda sample: sample.bare_megabytes),
    Growing(
        name="memory, with us more than without",
        unit="MiB/h",
        value=lambda sample: sample.megabytes - sample.bare_megabytes,
        goal=SOAK_MEGABYTES_PER_HOUR,
    ),
    Growing(
        name="memory of child processes",
        unit="MiB/h",
        value=lambda sample: sample.children_megabytes,
        goal=SOAK_MEGABYTES_PER_HOUR,
    ),
    Growing(name="blocks of Python", unit="blocks/h", value=lambda sample: sample.blocks),
    Growing(name="blocks of Python without us", unit="blocks/h", value=lambda sample: sample.bare_blocks),
    Growing(
        name="our objects",
        unit="objects/h",
        value=lambda sample: sample.our_objects,
        goal=SOAK_OBJECTS_PER_HOUR,
        floor=True,
    ),
    Growing(name="tasks", unit="tasks/h", value=lambda sample: sample.tasks, goal=SOAK_TASKS_PER_HOUR),
    Growing(
        name="threads", unit="threads/h", value=lambda sample: sample.threads, goal=SOAK_THREADS_PER_HOUR
    ),
    Growing(
        name="descriptors",
        unit="descriptors/h",
        value=lambda sample: sample.descriptors,
        goal=SOAK_DESCRIPTORS_PER_HOUR,
    ),
    Growing(
        name="descriptors of child processes",
        unit="descriptors/h",
        value=lambda sample: sample.children_descriptors,
        goal=SOAK_DESCRIPTORS_PER_HOUR,
    ),
    Growing(name="database", unit="MiB/h", value=lambda sample: sample.database_megabytes),
)


@asynccontextmanager
async def guest() -> AsyncIterator[Guest]:
    """Run a Home Assistant, and sign in for longer than the half hour of a page."""
    async with running_home("census") as home:
        async with Client.connected(home.house.url) as client:
            token = await client.command("auth/long_lived_access_token", client_name="soak", lifespan=30)
        headers = {"Authorization": f"Bearer {token}"}
        async with aiohttp.ClientSession(home.house.url, headers=headers) as http:
            yield Guest(home, Client(http, {"access_token": token}))


async def soak(hours: float, *, settle: float, seed: int) -> dict[str, Any]:
    """Run it, and return the results as JSON has them."""
    every = min(SAMPLE_SECONDS, hours * HOUR / LEAST_SAMPLES)
    async with guest() as with_us, guest() as without, asyncio.TaskGroup() as group:
        say("Adding three wall connectors with cars, and a measured house")
        home, client = with_us.home, with_us.client
        await home.grow(CONNECTORS)
        line = home.lines[0]
        meters = Meters([client, without.client], line)
        await meters.show()
        devices = await _furnish(client, home)
        mischief = Mischief(client, line, meters, devices, seed=seed)
        observer = Observer(with_us, without, gaps := Gaps(home), mischief.events)
        begun = group.create_task(meters.run()), group.create_task(mischief.run())
        say(f"Making trouble for {hours:g} h")
        await observer.watch(settle, every)
        before = await count(client, collect=True, types=True)
        await observer.watch(hours * HOUR - settle, every)
        after = await count(client, collect=True, types=True)
        for task in begun:
            task.cancel()
        broken = [str(found) for found in line.monitor.violations if found.rule not in PAUSES]
        log = home.house.log
    began = observer.began
    figures = [
        *_growths(observer.samples, settle),
        *_longest(gaps),
        Figure(name="broken rules on the wire", value=len(broken), unit="", at_most=0),
    ]
    return {
        **as_json({"soak": figures}),
        "verdict": verdict(figures),
        "troubles": mischief.counts,
        "events": [
            (
                event.trouble.value,
                round(event.began - began, 1),
                None if event.ended == inf else round(event.ended - began, 1),
            )
            for event in mischief.events
        ],
        "long_gaps": [(round(when - began, 1), round(gap, 1), receiver) for when, gap, receiver in gaps.long],
        "refused": mischief.refused,
        "broken_rules": broken,
        "our_warnings": loud_lines(log),
        "other_errors": [words for words in loud_lines(log, "") if not words.startswith("WARNING")],
        "grown_types": _grown(before["types"], after["types"]),
        "table": as_table({"soak": figures}),
        "samples": [asdict(sample) for sample in observer.samples],
    }


async def _furnish(client: Client, home: Home) -> list[Device]:
    """Let the integration know the meters, and cars hold the minimum; return the wall connectors."""
    line = home.lines[0]
    devices = await home.wall_connectors(client, line)
    house = Device("", "House", {name: Meters.entity(name) for name in METERS})
    await choose_meters(client, line.entry_id, house)
    for device in devices:
        await accept_minimum(client, line.entry_id, device.name[-4:])
    return devices


def _growths(samples: Sequence[Sample], settle: float) -> Iterator[Figure]:
    for growing in GROWING:
        series = settled([(sample.seconds, growing.value(sample)) for sample in samples], settle)
        if growing.floor:
            series = floors(series, (series[-1][0] - series[0][0]) / FLOORS)
        yield Figure(
            name=f"growth of {growing.name}", value=per_hour(series), unit=growing.unit, at_most=growing.goal
        )


def _longest(gaps: Gaps) -> Iterator[Figure]:
    for trouble in (None, *Trouble):
        if (seconds := gaps.longest.get(trouble)) is not None:
            what = "nothing was wrong" if trouble is None else trouble.value
            yield Figure(name=f"longest heartbeat gap while {what}", value=seconds, unit="s")


def verdict(figures: Iterable[Figure]) -> str:
    """Say plainly whether what should be flat is flat."""
    missed = [
        f"{figure.name} {figure.value:.3g} {figure.unit}".strip()
        for figure in figures
        if figure.reached is False
    ]
    return f"NOT FLAT: {', '.join(missed)}" if missed else "flat"


def _grown(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    """Return the types of which there are more now, those that grew most first."""
    more = Counter(after)
    more.subtract(before)
    return {name: number for name, number in more.most_common(GROWN_TYPES) if number > 0}


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--hours", type=float, default=2.0, help="how long (2)")
    parser.add_argument("--seed", type=int, default=1, help="of the trouble: another number, other trouble")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    chosen = parser.parse_args()
    settle = min(SETTLE_SECONDS, chosen.hours * HOUR / 3)
    results = asyncio.run(soak(chosen.hours, settle=settle, seed=chosen.seed))
    table = results.pop("table")
    if chosen.json:
        print(json.dumps(results, indent=2))
        return
    print(table)
    print(f"\n{results['verdict']}")
    for name in ("troubles", "refused", "broken_rules", "our_warnings", "other_errors", "grown_types"):
        print(f"{name}: {json.dumps(results[name], indent=2)}")


if __name__ == "__main__":
    main()
