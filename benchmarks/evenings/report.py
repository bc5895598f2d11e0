"""Puts the verdicts into a table by kind, a list of the worst evenings, and JSON."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from .judge import HEAT_GOAL, UNUSED_GOAL_SECONDS, Verdict

WORST = 8
SERVICE_GOAL = 0.6
"""The share of what an oracle gives that all cars of all evenings get together: a guard that never lets anybody charge
breaks no fuse."""
_HEAD = (
    "kind",
    "evenings",
    "too long above, s",
    "broken",
    "heat",
    "broken",
    "unused, s",
    "broken",
    "known, %",
    "closings / car",
    "stops / car",
    "rest, min / car",
    "% of oracle",
)


def table(verdicts: Sequence[Verdict]) -> str:
    """Return one line for all evenings and one for each kind, in Markdown."""
    kinds: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        for kind in verdict.kinds:
            kinds[kind].append(verdict)
    rows = [_HEAD, tuple("-" * len(word) for word in _HEAD), _row("all", verdicts)]
    rows += [_row(kind, kinds[kind]) for kind in sorted(kinds, key=_order)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(f"| {' | '.join(map(str.ljust, row, widths, strict=True))} |" for row in rows)


def _order(kind: str) -> tuple[int, float, str]:
    """Sort the meters first, the quick ones before the slow ones."""
    first = kind.split(" ", maxsplit=1)[0]
    is_meter = kind.endswith(("in step", "staggered"))
    return (0 if is_meter else 1, float(first) if is_meter else 0.0, kind)


def _row(kind: str, verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    cars = max(1, sum(one.service.cars for one in verdicts))
    counted = [one for one in verdicts if one.heat_counts]
    return (
        kind,
        str(len(verdicts)),
        f"{max(one.overload_excess_seconds for one in verdicts):.0f}",
        _broken("overload", verdicts),
        f"{max((one.heat.share for one in counted), default=0.0):.2f}",
        _broken("heat", verdicts),
        f"{max(one.unused.seconds for one in verdicts):.0f}",
        _broken("unused", verdicts),
        f"{100 * sum(one.unused.known_share for one in verdicts) / len(verdicts):.0f}",
        f"{sum(one.service.closings for one in verdicts) / cars:.1f}",
        f"{sum(one.service.stops for one in verdicts) / cars:.1f}",
        f"{sum(one.service.rest_seconds for one in verdicts) / cars / 60:.1f}",
        f"{100 * served_share(verdicts):.0f}",
    )


def _broken(goal: str, verdicts: Iterable[Verdict]) -> str:
    return str(sum(goal in one.broken for one in verdicts))


def worst(verdicts: Sequence[Verdict]) -> str:
    """Return the worst seeds of each goal."""
    goals: Mapping[str, Callable[[Verdict], float]] = {
        "overload": lambda one: one.overload_excess_seconds,
        "heat": lambda one: one.heat.share if one.heat_counts else 0.0,
        "unused": lambda one: one.unused_excess_seconds,
    }
    lines: list[str] = []
    for goal, measure in goals.items():
        ranked = sorted((one for one in verdicts if goal in one.broken), key=measure, reverse=True)
        words = ", ".join(f"{one.seed} ({measure(one):.4g})" for one in ranked[:WORST])
        lines.append(f"{goal}: {len(ranked)} broken{f', worst seeds {words}' if words else ''}")
    if wrong := [one.seed for one in verdicts if one.unused.wrong_seconds > 0]:
        lines.append(f"sure of wrong phases: seeds {', '.join(map(str, wrong))}")
    return "\n".join(lines)


def served_share(verdicts: Sequence[Verdict]) -> float:
    """Return what all cars got together, as a share of what an oracle gives them."""
    oracle = sum(one.service.oracle_kwh for one in verdicts)
    return sum(one.service.kwh for one in verdicts) / oracle if oracle else 1.0


def goals_reached(verdicts: Sequence[Verdict]) -> bool:
    """Whether no evening breaks a goal, and the cars got enough."""
    return not any(one.broken for one in verdicts) and served_share(verdicts) >= SERVICE_GOAL


def summary(verdicts: Sequence[Verdict]) -> str:
    """Say in a few lines what was counted and what was not."""
    alone = sum(not one.heat_counts for one in verdicts)
    broken = sum(bool(one.broken) for one in verdicts)
    plain = sum(one.unused.seconds > UNUSED_GOAL_SECONDS for one in verdicts)
    wrong = sum(one.unused.wrong_seconds > 0 for one in verdicts)
    slow = sum("unused" in one.broken for one in verdicts)
    hottest = max((one.heat.share for one in verdicts if one.heat_counts), default=0.0)
    served = 100 * served_share(verdicts)
    return (
        f"{len(verdicts)} evenings, {broken} with a broken goal. Hottest breaker {hottest:.2f} (goal {HEAT_GOAL}); in"
        f" {alone} evenings the house alone would have come so far, and they are not counted there."
        f" An ampere was left unused for more than {UNUSED_GOAL_SECONDS:.0f} s in {plain} evenings, for more than that"
        f" and one report of the meter in {slow}. The guard was sure of wrong phases in {wrong} evenings."
        f" The cars got {served:.0f} % of what an oracle gives them (goal: {100 * SERVICE_GOAL:.0f} %)."
    )


def as_json(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return everything as JSON has it."""
    return {
        "evenings": len(verdicts),
        "served_share": served_share(verdicts),
        "broken": {
            goal: sum(goal in one.broken for one in verdicts) for goal in ("overload", "heat", "unused")
        },
        "verdicts": [
            {
                **asdict(one),
                "overload_excess_seconds": one.overload_excess_seconds,
                "unused_excess_seconds": one.unused_excess_seconds,
                "heat_counts": one.heat_counts,
                "broken": one.broken,
            }
            for one in verdicts
        ],
    }
