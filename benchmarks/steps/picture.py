"""Draws how each rule answered to each step: what the car drew, on average over all seconds of its rhythm."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot as plt

from benchmarks.portfolio.picture import COLOURS, OTHERS

from .plan import METERS, WIRINGS, Step
from .program import OURS, Measured

mpl.use("Agg")

SHOWN_SECONDS = 120


def draw(file: Path, results: Sequence[Measured]) -> None:
    """Write a PNG: a row for each step, a column for each wiring and its quickest and its slowest meter."""
    columns = [(wiring, meter) for wiring in WIRINGS for meter in (METERS[0], METERS[-1])]
    figure, panels = plt.subplots(
        len(Step), len(columns), sharex=True, figsize=(14, 2.4 * len(Step)), squeeze=False
    )
    for row, step in zip(panels, Step, strict=True):
        for panel, (wiring, meter) in zip(row, columns, strict=True):
            most = wiring.socket.maximum_amps * wiring.socket.phases * 230.0
            shown = [
                one
                for one in results
                if (one.step, one.wiring, one.meter_seconds) == (step, wiring.name, meter)
            ]
            could = [min(most, shown[0].before_watts) / 1000, min(most, shown[0].after_watts) / 1000]
            panel.step([-20, 0, SHOWN_SECONDS], [could[0], *could[1:] * 2], where="post", color="#404040",
                       linestyle=":", label="what could be had")  # fmt: skip
            for one in shown:
                watts = one.mean_watts[:SHOWN_SECONDS]
                width = 2.0 if one.rule == OURS else 1.0
                panel.plot(
                    range(len(watts)),
                    [each / 1000 for each in watts],
                    color=COLOURS.get(one.rule, OTHERS),
                    linewidth=width,
                    label=one.rule,
                )
            panel.set_title(f"{step}, {wiring.name}, meter {meter:.0f} s", loc="left", fontsize=8)
            panel.grid(linewidth=0.3)
            panel.margins(x=0)
    for panel in panels[:, 0]:
        panel.set_ylabel("kW of the car")
    for panel in panels[-1]:
        panel.set_xlabel("s after the step")
    panels[0, 0].legend(fontsize=7, frameon=False)
    figure.tight_layout()
    figure.savefig(file, dpi=110)
    plt.close(figure)
