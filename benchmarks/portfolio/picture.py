"""Draws the portfolio: of each case, what each rule has of what the oracle has."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot as plt

from .life import OURS
from .plan import Case, Half
from .report import PEERS_SHOWN, Results, share_of

mpl.use("Agg")

COLOURS = {OURS: "#2b59c3", "evcc": "#2a9d4a", "twcmanager": "#f2b705", "openwb": "#e07a2f"}
OTHERS = "#b0b0b0"
LEAST = 50.0
"""% at which the picture begins; who has less stands at the edge."""


def draw(file: Path, cases: Sequence[Case], results: Results) -> None:
    """Write a PNG: a line for each case, a dot for each rule."""
    ordered = [case for half in Half for case in cases if case.half is half]
    figure, axes = plt.subplots(figsize=(11, 0.32 * len(ordered) + 1.4))
    for rule in (*reversed(PEERS_SHOWN), OURS):
        points = [
            (max(LEAST, share), row)
            for row, case in enumerate(ordered)
            if (share := share_of(results[case.name], rule)) is not None
        ]
        colour, size = COLOURS.get(rule, OTHERS), 70 if rule == OURS else 30
        label = rule if rule in COLOURS else f"{rule} "
        axes.scatter(
            *zip(*points, strict=True), color=colour, s=size, label=label, zorder=3 if rule == OURS else 2
        )
    axes.set_yticks(range(len(ordered)), [case.name for case in ordered], fontsize=8)
    held_back = sum(case.half is Half.CHOSEN_BY for case in ordered) - 0.5
    axes.axhline(held_back, color="#404040", linewidth=0.8)
    axes.set_xlim(LEAST, 100)
    axes.set_ylim(len(ordered) - 0.5, -0.5)
    axes.set_xlabel("% of U that could be had with the future known (below the line: held back)")
    axes.grid(axis="x", linewidth=0.4)
    axes.legend(fontsize=8, ncols=6, frameon=False, loc="lower right", bbox_to_anchor=(1.0, 1.0))
    figure.tight_layout()
    figure.savefig(file, dpi=110)
    plt.close(figure)
