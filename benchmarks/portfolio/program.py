"""Lives all cases on several processes, and prints what came of it."""

import argparse
from functools import partial
import json
from multiprocessing import get_context
import os
from pathlib import Path
import sys
from time import perf_counter

from custom_components.tesla_twc.twc.charging.settings import SiteSettings
from custom_components.tesla_twc.twc.replay.house import Sample

from .life import live_all
from .plan import Case, cases
from .report import as_json, tables
from .result import Result
from .shown_days import days


def measure(
    traces: dict[str, list[Sample]], chosen: argparse.Namespace, ours: SiteSettings
) -> tuple[list[Case], dict[str, dict[str, Result]]]:
    """Return the cases, those whose name or half has some words, and what each rule made of them."""
    words = chosen.case or ""
    wanted = [case for case in cases(traces) if words in case.name or words == case.half]
    if not wanted:
        raise SystemExit(f"No case is called {words}.")
    began = perf_counter()
    results = {}
    # Each process counts by itself: several that count on all cores wait for each other.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    with get_context("spawn").Pool(chosen.jobs) as pool:
        # The longest first: a processor that is left alone with one at the end waits for nothing else.
        ordered = sorted(wanted, key=lambda case: -len(case.samples))
        task = partial(live_all, ours=ours, paces=not chosen.no_paces, only=chosen.only, bounded=chosen.bound)
        found = pool.imap(task, ordered)
        for case, found_of in zip(ordered, found, strict=True):
            results[case.name] = found_of
            print(f"{perf_counter() - began:5.0f} s  {case.name}", file=sys.stderr, flush=True)
        pool.close()
        pool.join()
    return wanted, results


def run(chosen: argparse.Namespace, traces: dict[str, list[Sample]], ours: SiteSettings) -> None:
    """Do what the command line says; ``ours``: how our engine is set."""
    if chosen.days:
        from . import day_picture  # noqa: PLC0415  drawing takes a second to import

        day_picture.draw(chosen.days, days(traces), ours)
        return
    wanted, results = measure(traces, chosen, ours)
    if chosen.json:
        print(json.dumps(as_json(wanted, results), indent=1))
    else:
        print(tables(wanted, results))
    if chosen.plot:
        from .picture import draw  # noqa: PLC0415  drawing takes a second to import

        draw(Path(chosen.plot), wanted, results)
