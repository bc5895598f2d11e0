"""Measures, and prints a table or JSON."""

import argparse
import asyncio
from collections.abc import Sequence
import json
from typing import Protocol

from . import (
    attribution,
    bus,
    buses,
    closure,
    decision,
    kills,
    load,
    protocol,
    recorder,
    response,
    restarts,
    sessions,
)
from .figures import Figure
from .report import as_json, as_table, say


class Measure(Protocol):
    """One benchmark."""

    async def __call__(self, *, quick: bool) -> list[Figure]:
        """Return its figures; ``quick`` means rough ones in a fraction of the time."""


BENCHMARKS: dict[str, tuple[str, Measure]] = {
    "protocol": ("bytes to messages and back", protocol.measure),
    "bus": ("one bus in simulated time", bus.measure),
    "decision": ("one decision for thirty wall connectors", decision.measure),
    "sessions": ("ten years of charges in their file", sessions.measure),
    "attribution": ("whether sources and cost of a charge are true", attribution.measure),
    "closure": ("whether a month of charges adds up", closure.measure),
    "kills": ("what a killed process loses of a charge", kills.measure),
    "response": ("how soon and regularly a real Home Assistant speaks", response.measure),
    "restarts": ("how long heartbeats pause while a real Home Assistant restarts", restarts.measure),
    "recorder": ("rows that a real Home Assistant writes while time flies", recorder.measure),
    "load": ("a real Home Assistant without and with wall connectors", load.measure),
    "buses": ("ten buses with three wall connectors each in one Home Assistant", buses.measure),
}


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measures what the integration costs and how fast it is.",
        epilog="\n".join(f"  {name:<11} {text}" for name, (text, _) in BENCHMARKS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=BENCHMARKS, default=list(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="rough figures in a fraction of the time")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    chosen = parser.parse_args()
    results = asyncio.run(_measure(chosen.only, quick=chosen.quick))
    print(json.dumps(as_json(results), indent=2) if chosen.json else as_table(results))


async def _measure(names: Sequence[str], *, quick: bool) -> dict[str, list[Figure]]:
    results = {}
    for name in names:
        text, measure = BENCHMARKS[name]
        say(f"Measuring {name}: {text}")
        results[name] = await measure(quick=quick)
    return results


if __name__ == "__main__":
    main()
