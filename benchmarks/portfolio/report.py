"""The table of the portfolio: what each rule is worth in each case, in each half and in all."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from .life import BOUND, ORACLE, OURS
from .plan import Case, Half
from .result import COST, START_COSTS, Result

PEERS_SHOWN = ("evcc", "twcmanager", "openwb", "openevse", "naive")

ALL = "all"

Results = Mapping[str, Mapping[str, Result]]
"""By the name of the case and of the rule."""


def as_json(cases: Sequence[Case], results: Results) -> dict[str, Any]:
    """Return everything that was measured."""
    return {
        "cases": {
            case.name: {
                "half": case.half,
                "sky": case.sky,
                "days": case.days,
                "rules": {
                    name: {
                        "sun": round(one.sun, 2),
                        "grid": round(one.grid, 2),
                        "battery": round(one.battery, 2),
                        "starts": one.starts,
                        "changes": one.changes,
                        **{f"worth_{cost}": round(one.worth(cost), 2) for cost in START_COSTS},
                    }
                    for name, one in results[case.name].items()
                },
            }
            for case in cases
        },
        "sums": {half or ALL: _sums(cases, results, half) for half in _halves(cases)},
    }


def _halves(cases: Sequence[Case]) -> list[Half | None]:
    """Return each half that is there, and None for all together."""
    return [half for half in Half if any(case.half is half for case in cases)] + [None]


def _sums(cases: Sequence[Case], results: Results, half: Half | None) -> dict[str, dict[str, float]]:
    """Return of each rule what it is worth over all cases of a half, and its share of the oracle's, %."""
    chosen = [case for case in cases if half in (None, case.half)]
    days = sum(case.days for case in chosen)
    found: dict[str, dict[str, float]] = {}
    for rule in results[chosen[0].name]:
        ones = [results[case.name][rule] for case in chosen]
        shares = [share for case in chosen if (share := share_of(results[case.name], rule)) is not None]
        found[rule] = {
            **{f"worth_{cost}": round(sum(one.worth(cost) for one in ones), 1) for cost in START_COSTS},
            "sun": round(sum(one.sun for one in ones), 1),
            "grid": round(sum(one.grid for one in ones), 1),
            "battery": round(sum(one.battery for one in ones), 1),
            "starts_per_day": round(sum(one.starts for one in ones) / days, 2),
            "changes_per_day": round(sum(one.changes for one in ones) / days, 1),
            **_spread(shares),
        }
    return found


def _spread(shares: Sequence[float]) -> dict[str, float]:
    """Return the least, the middle and the most, %; nothing where no case has an oracle to be compared with."""
    if not shares:
        return {}
    whole = {"least": min(shares), "median": median(shares), "most": max(shares)}
    return {f"share_{name}": round(share, 1) for name, share in whole.items()}


def share_of(results: Mapping[str, Result], rule: str, cost: float = COST) -> float | None:
    """Return the share of what the oracle has, %; None where even the oracle has next to nothing."""
    best = results[f"{ORACLE}_{cost}"].worth(cost)
    return None if best < 1.0 else 100.0 * results[rule].worth(cost) / best


def tables(cases: Sequence[Case], results: Results) -> str:
    """Return a table of the cases and one of the sums, in Markdown."""
    lines = [*_by_case(cases, results), "", *_by_rule(cases, results)]
    if BOUND in results[cases[0].name] and OURS in results[cases[0].name]:
        lines += ["", *_by_bound(cases, results)]
    return "\n".join(lines)


def _by_case(cases: Sequence[Case], results: Results) -> Iterable[str]:
    there = results[cases[0].name]
    names = [name for name in (OURS, *PEERS_SHOWN, f"{ORACLE}_{COST}") if name in there]
    yield "| case | " + " | ".join(names) + " |"
    yield "|---" * (len(names) + 1) + "|"
    for half in Half:
        for case in (case for case in cases if case.half is half):
            shown = results[case.name]
            best = max(shown[name].worth() for name in names[:-1])
            cells = []
            for name in names:
                one = shown[name]
                words = f"{one.worth():.1f} ({one.sun:.0f} / {one.grid:.1f} / {one.starts / case.days:.1f})"
                cells.append(f"**{words}**" if one.worth() == best else words)
            yield f"| {case.name} | " + " | ".join(cells) + " |"


def _by_bound(cases: Sequence[Case], results: Results) -> Iterable[str]:
    """Yield what ours has of what could be had with the past known."""
    yield "| case | ours | bound | ours has | starts a day, ours / bound | changes a day, ours / bound |"
    yield "|---" * 6 + "|"
    for half in Half:
        for case in (case for case in cases if case.half is half):
            ours, best = results[case.name][OURS], results[case.name][BOUND]
            share = f"{100.0 * ours.worth() / best.worth():.1f} %" if best.worth() >= 1.0 else "–"
            yield (
                f"| {case.name} | {ours.worth():.1f} | {best.worth():.1f} | {share} "
                f"| {ours.starts / case.days:.1f} / {best.starts / case.days:.1f} "
                f"| {ours.changes / case.days:.0f} / {best.changes / case.days:.0f} |"
            )


def _by_rule(cases: Sequence[Case], results: Results) -> Iterable[str]:
    yield (
        "| rule | half | "
        + " | ".join(f"U at {cost}" for cost in START_COSTS)
        + (" | sun | grid | battery | starts a day | changes a day | of the oracle, least / median / most |")
    )
    yield "|---" * 11 + "|"
    for half in _halves(cases):
        for name, one in _sums(cases, results, half).items():
            worths = " | ".join(f"{one[f'worth_{cost}']:.0f}" for cost in START_COSTS)
            shares = [
                f"{one[name]:.0f}" for name in ("share_least", "share_median", "share_most") if name in one
            ]
            yield (
                f"| {name} | {half or ALL} | {worths} | {one['sun']:.0f} | {one['grid']:.1f} | {one['battery']:.1f} "
                f"| {one['starts_per_day']:.2f} | {one['changes_per_day']:.0f} "
                f"| {' / '.join(shares) + ' %' if shares else '–'} |"
            )
