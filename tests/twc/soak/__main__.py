"""Lives a month of trouble in simulated time, as fast as the machine can, and prints what came of it."""

# ruff: noqa: T201 - a person reads it

import argparse
import asyncio
import time

from soak.happenings import Kind
from soak.story import Story

DAY_SECONDS = 86_400.0
STORY_SECONDS = (3600.0, 10_800.0, 28_800.0)
"""How long trouble lasts before everything is mended and must get well."""


def main() -> int:
    """Return 0 if no rule was broken."""
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__)
    parser.add_argument("--days", type=float, default=30.0, help="simulated days (30)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed lives the same days (1)")
    options = parser.parse_args()
    return asyncio.run(_live(options.seed, options.days * DAY_SECONDS))


async def _live(seed: int, seconds: float) -> int:
    story, began = Story(seed), time.monotonic()
    start, told = story.world.now, 0
    while (lived := story.world.now - start) < seconds:
        await story.live_for(min(story.dice.choice(STORY_SECONDS), seconds - lived))
        _report_progress(story, (story.world.now - start) / DAY_SECONDS, time.monotonic() - began, told)
        told = len(story.witness.violations)
    await story.end()
    _report(story, (story.world.now - start) / DAY_SECONDS, time.monotonic() - began)
    return 1 if story.witness.violations else 0


def _report_progress(story: Story, days: float, wall_seconds: float, told: int) -> None:
    """Tell how far it is, and every report that is new: nobody waits for the end to read it."""
    broken = story.witness.violations
    print(f"day {days:5.1f}  {wall_seconds:6.0f} s  {len(broken)} broken rules", flush=True)
    for text in broken[told:]:
        print(f"  {text}", flush=True)


def _report(story: Story, days: float, wall_seconds: float) -> None:
    trouble, witness = story.trouble, story.witness
    print(f"\n{'what happened':<48} {'times':>6} {'longest gap':>12} {'back after':>11}")
    for kind in Kind:
        gap = _seconds(witness.longest_gap.get(kind.value))
        back = _seconds(witness.back_after.get(kind.value))
        print(f"{kind.value:<48} {trouble.counts[kind]:>6} {gap:>12} {back:>11}")
    print(f"{'nothing':<48} {'':>6} {_seconds(witness.longest_gap.get('nothing')):>12}")
    print(f"\n{days:.1f} simulated days in {wall_seconds:.0f} s, {trouble.counts.total()} events")
    print(f"{witness.heartbeats} heartbeats, {story.world.monitor.collisions} collisions")
    print(f"at most {witness.peak_share:.1%} of the circuit limit in use or on offer")
    print(f"{story.recoveries} times everything was mended and looked at")
    print(f"{len(witness.violations)} broken rules")
    for text in witness.violations[:50]:
        print(f"  {text}")


def _seconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.1f} s"


if __name__ == "__main__":
    raise SystemExit(main())
