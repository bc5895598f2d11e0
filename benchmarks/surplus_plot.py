"""One day, drawn: what each rule did with the same sun."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt

from custom_components.tesla_twc.twc.replay.house import MeterSettings, Sample
from custom_components.tesla_twc.twc.replay.parked_car import Socket
from custom_components.tesla_twc.twc.replay.playing import play
from custom_components.tesla_twc.twc.replay.rules import ReplayRule

mpl.use("Agg")

SUN, HOUSE, CAR = "#f2b705", "#8c8c8c", "#2b59c3"
SOFT: Mapping[str, Any] = {"alpha": 0.5, "linewidth": 0}


def plot(
    file: Path,
    day: str,
    samples: Sequence[Sample],
    socket: Socket,
    rules: Mapping[str, ReplayRule],
    meter: MeterSettings,
    *,
    fuse_amps: float | None = None,
) -> None:
    """Write a PNG with a panel for each rule: the sun, the house, and on top of the house the car.

    What of the car lies above the sun comes from the grid, and the sun above both is exported. Every rule begins the
    day anew.
    """
    figure, panels = plt.subplots(
        len(rules), 1, sharex=True, sharey=True, figsize=(11, 2.1 * len(rules) + 1), squeeze=False
    )
    for panel, (name, rule) in zip(panels[:, 0], rules.items(), strict=True):
        seen = _Watched()
        account = play(samples, [socket], rule, meter=meter, fuse_amps=fuse_amps, watcher=seen.watch)
        hours = [(time - samples[0].time) / 3600 for time in seen.times]
        panel.fill_between(hours, seen.house, color=HOUSE, step="post", label="house", **SOFT)
        panel.fill_between(hours, seen.house, seen.total, color=CAR, step="post", label="car", **SOFT)
        panel.step(hours, seen.sun, color=SUN, linewidth=1.2, where="post", label="sun")
        panel.set_ylabel("kW")
        panel.set_title(
            f"{name}: {account.solar_kwh:.1f} kWh sun, {account.grid_kwh:.2f} kWh grid, "
            f"{account.starts} starts, {account.changes} changes",
            loc="left",
            fontsize=9,
        )
        panel.margins(x=0)
    panels[0, 0].legend(loc="upper right", ncols=3, fontsize=8, frameon=False)
    panels[-1, 0].set_xticks(range(0, 25, 2))
    panels[-1, 0].set_xlabel(f"hours of {day}")
    figure.tight_layout()
    figure.savefig(file, dpi=110)
    plt.close(figure)


class _Watched:
    """What happened, in s and kW."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.sun: list[float] = []
        self.house: list[float] = []
        self.total: list[float] = []
        """House and car."""

    def watch(self, now: float, sample: Sample, car_watts: float) -> None:
        self.times.append(now)
        self.sun.append(sample.solar_watts / 1000)
        self.house.append(sample.load_watts / 1000)
        self.total.append((sample.load_watts + car_watts) / 1000)
