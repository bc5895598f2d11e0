"""The command line."""

import argparse
from collections.abc import Iterator
from functools import partial
from itertools import count, islice
import json
from multiprocessing import get_context
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
import sys
from time import perf_counter

from .draw import evening
from .explain import timeline
from .judge import Verdict, judge_seed, judged
from .life import live
from .plan import EVENING_SECONDS
from .report import as_json, goals_reached, summary, table, worst

_FAR_APART = 1_000_000
"""Between the first seeds of two values of ``--seed``."""


def seeds(chosen: argparse.Namespace) -> Iterator[int]:
    """Yield the seeds to live, those of one kind only if that was asked for."""
    first = chosen.seed * _FAR_APART + chosen.first
    every = (seed for seed in count(first) if not chosen.only or _is_kind(seed, chosen.only))
    return islice(every, chosen.evenings)


def _is_kind(seed: int, words: str) -> bool:
    return any(words in kind for kind in evening(seed).kinds)


def _verdicts(chosen: argparse.Namespace) -> list[Verdict]:
    found: list[Verdict] = []
    wanted = list(seeds(chosen))
    task = partial(judge_seed, seconds=60.0 * chosen.minutes)
    if chosen.jobs == 1:
        return [task(seed) for seed in wanted]
    with get_context("spawn").Pool(chosen.jobs) as pool:
        for verdict in pool.imap_unordered(task, wanted):
            found.append(verdict)
            if sys.stderr.isatty():
                print(f"\r{len(found)} of {len(wanted)}", end="", file=sys.stderr, flush=True)
        pool.close()
        pool.join()
    return sorted(found, key=lambda one: one.seed)


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evenings", description=__doc__)
    parser.add_argument("--evenings", type=int, default=200, help="how many (200)")
    parser.add_argument("--seed", type=int, default=0, help="of all evenings: another number, other evenings")
    parser.add_argument("--first", type=int, default=0, help="number of the first evening")
    parser.add_argument(
        "--minutes",
        type=float,
        default=EVENING_SECONDS / 60,
        help="only the beginning of each evening",
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes (2)")
    parser.add_argument("--only", metavar="KIND", help='evenings whose kind has these words, such as "60 s"')
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument(
        "--explain", type=int, metavar="SEED", help="tell one evening around its worst moment"
    )
    parser.add_argument("--at", type=float, metavar="S", help="with --explain: around another moment")
    parser.add_argument("--unguarded", action="store_true", help="with --explain: without the guard")
    return parser.parse_args(words)


def main(words: list[str] | None = None) -> int:
    """Do what the command line says; return 1 if a goal is broken."""
    chosen = arguments(words)
    if chosen.explain is not None:
        drawn = evening(chosen.explain, seconds=60.0 * chosen.minutes)
        trace = live(drawn, guarded=not chosen.unguarded)
        print(timeline(drawn, trace, judged(drawn, trace), at=chosen.at))
        return 0
    began = perf_counter()
    verdicts = _verdicts(chosen)
    if chosen.json:
        print(json.dumps(as_json(verdicts), indent=2))
    else:
        print(f"{summary(verdicts)}\n\n{table(verdicts)}\n\n{worst(verdicts)}")
        used = getrusage(RUSAGE_CHILDREN).ru_utime + getrusage(RUSAGE_SELF).ru_utime
        print(f"\n{perf_counter() - began:.0f} s, {used:.0f} s of processor time")
    return 0 if goals_reached(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
