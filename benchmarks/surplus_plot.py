"""One day, drawn: what each rule did with the same sun."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot as plt

from custom_components.tesla_twc.twc.replay.house import Meter, Sample
from custom_components.tesla_twc.twc.replay.parked_car import Socket
from custom_components.tesla_twc.twc.replay.playing import play
from custom_components.tesla_twc.twc.replay.rules import Rule

mpl.use("Agg")

SUN, SURPLUS, CAR, GRID = "#f2b705", "#7fb069", "#2b59c3", "#c8553d"


def plot(
    file: Path,
    day: str,
    samples: Sequence[Sample],
    socket: Socket,
    makers: Mapping[str, Callable[[], Rule]],
    meter: Meter,
) -> None:
    """Write a PNG with a panel for each rule: the sun, what is left of it, the car, and what it took from the grid."""
    figure, panels = plt.subplots(
        len(makers), 1, sharex=True, figsize=(11, 2.1 * len(makers) + 1), squeeze=False
    )
    start = samples[0].time
    hours = [(sample.time - start) / 3600 for sample in samples]
    solar = [sample.solar_watts / 1000 for sample in samples]
    spare = [max(0.0, sample.solar_watts - sample.load_watts) / 1000 for sample in samples]
    for panel, (name, make) in zip(panels[:, 0], makers.items(), strict=True):
        times: list[float] = []
        watts: list[float] = []

        def watch(
            now: float, _: Sample, car: float, times: list[float] = times, watts: list[float] = watts
        ) -> None:
            times.append((now - start) / 3600)
            watts.append(car / 1000)

        account = play(samples, [socket], make(), meter=meter, watcher=watch)
        panel.plot(hours, solar, color=SUN, linewidth=0.8, label="sun")
        panel.fill_between(hours, spare, color=SURPLUS, alpha=0.35, step="post", label="surplus")
        panel.step(times, watts, color=CAR, linewidth=1.1, where="post", label="car")
        panel.set_ylabel("kW")
        panel.set_title(
            f"{name}: {account.solar_kwh:.1f} kWh sun, {account.grid_kwh:.2f} kWh grid, "
            f"{account.starts} starts, {account.changes} changes",
            loc="left",
            fontsize=9,
        )
        panel.margins(x=0)
    panels[0, 0].legend(loc="upper right", ncols=3, fontsize=8, frameon=False)
    panels[-1, 0].set_xlabel(f"hours of {day}")
    figure.tight_layout()
    figure.savefig(file, dpi=110)
    plt.close(figure)
