"""Draws one day of each sky: what ours and evcc's rule made of the same sun.

``python -m benchmarks.surplus --portfolio JUNE.csv.gz OTHER.csv.gz --days FILE.png``
"""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot as plt

from custom_components.tesla_twc.twc.charging.settings import SiteSettings
from custom_components.tesla_twc.twc.replay.house import Sample
from custom_components.tesla_twc.twc.replay.playing import play

from .life import OURS, rules
from .plan import Case

mpl.use("Agg")

SUN, CAR, GRID = "#f2b705", "#2b59c3", "#c0392b"
SHOWN = (OURS, "evcc")


class _Watched:
    """Surplus and car of one day, kW by second."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.surplus: list[float] = []
        self.car: list[float] = []

    def watch(self, now: float, sample: Sample, car_watts: float) -> None:
        self.times.append(now)
        self.surplus.append((sample.solar_watts - sample.load_watts) / 1000)
        self.car.append(car_watts / 1000)


def draw(file: Path, shown: Sequence[Case], ours: SiteSettings) -> None:
    """Write a PNG: a row for each day, a column for each rule; in each the surplus, the car, and the grid."""
    figure, panels = plt.subplots(
        len(shown), len(SHOWN), sharex="row", sharey="row", figsize=(15, 2.6 * len(shown)), squeeze=False
    )
    for row, case in zip(panels, shown, strict=True):
        makers = rules(case, ours, paces=False)
        for panel, name in zip(row, SHOWN, strict=True):
            seen = _Watched()
            account = play(case.samples, [case.socket], makers[name](), meter=case.meter, watcher=seen.watch)
            hours = [(time - case.samples[0].time) / 3600 for time in seen.times]
            imported = [car - surplus for car, surplus in zip(seen.car, seen.surplus, strict=True)]
            panel.fill_between(
                hours, 0, [max(0.0, one) for one in seen.surplus], color=SUN, alpha=0.45, linewidth=0,
                step="post", label="surplus",
            )  # fmt: skip
            panel.step(hours, seen.car, color=CAR, linewidth=1.0, where="post", label="car")
            panel.step(hours, imported, color=GRID, linewidth=0.6, where="post", label="grid (+ import)")
            panel.set_title(
                f"{case.name} – {name}: {account.solar_kwh:.1f} kWh sun, {account.grid_kwh:.2f} kWh grid, "
                f"{account.starts} starts, {account.changes} changes",
                loc="left",
                fontsize=8,
            )
            panel.axhline(0.0, color="#404040", linewidth=0.5)
            first, last = _day_light(case)
            panel.set_xlim(first, last)
        row[0].set_ylabel("kW")
    panels[0, 0].legend(loc="upper right", fontsize=7, frameon=False)
    for panel in panels[-1]:
        panel.set_xlabel("hours of the day")
    figure.tight_layout()
    figure.savefig(file, dpi=110)
    plt.close(figure)


def _day_light(case: Case) -> tuple[float, float]:
    """Return the hours between which the sun shines."""
    bright = [number for number, sample in enumerate(case.samples) if sample.solar_watts > 20.0]
    return bright[0] / 60, bright[-1] / 60
