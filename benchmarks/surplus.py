"""A month of sun: what our engine and other programs' rules make of the same house, car and meter.

    python -m benchmarks.surplus --trace FILE.csv.gz --kwp 8 --phases 1 --max-amps 32 --json

The file has the columns time_local, load_w, voltage_v and pv_w_per_kwp, a row a minute.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
import csv
from dataclasses import fields, replace
from functools import partial
import gzip
import json
from math import isfinite
from pathlib import Path
import random
from time import perf_counter
from typing import Any

from custom_components.tesla_twc.twc.charging.pace import Pace
from custom_components.tesla_twc.twc.charging.settings import ChargeMode, Measurement, SiteSettings
from custom_components.tesla_twc.twc.protocol.codes import TwcId
from custom_components.tesla_twc.twc.replay.house import Account, MeterSettings, Sample
from custom_components.tesla_twc.twc.replay.parked_car import Socket
from custom_components.tesla_twc.twc.replay.playing import play
from custom_components.tesla_twc.twc.replay.rules import EngineRule, ReplayMoment, ReplayRule

from .oracle import ORACLES, oracle
from .peers import PEERS
from .portfolio import program as portfolio
from .steps import program as steps

OURS = "ours"
SHIPPED = SiteSettings()
"""What our engine does unless its owner wishes otherwise."""
START_SECONDS = 1000.0
MINUTE, DAY = 60.0, 86_400.0


def samples_of(file: Path, kwp: float, *, shift_days: int = 0) -> tuple[list[Sample], list[str]]:
    """Return the minutes of a house whose panels have ``kwp`` kW, and the local time of each.

    Where a value is missing, the one before holds. ``shift_days``: the house lives so many days ahead of the sun, and
    begins again at the end: another month from the same file.
    """
    with gzip.open(file, "rt") if file.suffix == ".gz" else file.open() as lines:
        rows = list(csv.DictReader(lines))
    load, solar, volts = (list(_filled(rows, name)) for name in ("load_w", "pv_w_per_kwp", "voltage_v"))
    ahead = round(shift_days * DAY / MINUTE) % len(rows)
    columns = (load[ahead:] + load[:ahead], solar, volts[ahead:] + volts[:ahead])
    samples = [
        Sample(
            START_SECONDS + number * MINUTE, load_watts=load, solar_watts=max(0.0, solar) * kwp, volts=volts
        )
        for number, (load, solar, volts) in enumerate(zip(*columns, strict=True))
    ]
    return samples, [row["time_local"] for row in rows]


def _filled(rows: Sequence[Mapping[str, str]], name: str) -> Iterator[float]:
    """Yield a column without its gaps. Raises SystemExit if it holds nothing at all."""
    values = [float(row[name] or "nan") for row in rows]
    last = next((value for value in values if isfinite(value)), None)
    if last is None:
        raise SystemExit(f"The column {name} is empty.")
    for value in values:
        last = value if isfinite(value) else last
        yield last


class Later:
    """Another rule that is first asked some seconds after the beginning, and from then on at its own pace.

    The trace changes with every full minute, and so do rules that look every 30 s from its first second on: they see
    each change in the second in which it happens.
    """

    def __init__(self, rule: ReplayRule, seconds: float) -> None:
        """Take the rule, and for how many s it is not asked."""
        self._rule = rule
        self._from = START_SECONDS + seconds

    def decide(self, view: ReplayMoment) -> tuple[Mapping[TwcId, int], float | None]:
        """Ask it, or wait."""
        return self._rule.decide(view) if view.now >= self._from else ({}, self._from)


def rules(
    ours: Callable[[], ReplayRule], phases: int, most_amps: int, only: Sequence[str] | None, peers_late: float
) -> dict[str, Callable[[], ReplayRule]]:
    """Return what makes each rule, ours first."""

    def late(make: Callable[[int, int], ReplayRule]) -> ReplayRule:
        return Later(make(phases, most_amps), peers_late)

    found = {OURS: ours}
    for name, make in PEERS.items():
        found[name] = partial(late, make)
    return {name: make for name, make in found.items() if not only or name in only}


def row(account: Account, wall_seconds: float) -> dict[str, float]:
    """Return the figures of one rule."""
    days = account.seconds / DAY
    return {
        "car_kwh": round(account.car_kwh, 1),
        "solar_kwh": round(account.solar_kwh, 1),
        "grid_kwh": round(account.grid_kwh, 2),
        "ideal_kwh": round(account.ideal_kwh, 1),
        "solar_percent_of_ideal": round(100 * account.solar_kwh / account.ideal_kwh, 2)
        if account.ideal_kwh
        else 0.0,
        "starts_per_day": round(account.starts / days, 2),
        "sets_per_day": round(account.changes / days, 1),
        "fuse_seconds_over": round(account.fuse_seconds_over),
        "max_import_w": round(account.max_import_watts),
        "wall_seconds": round(wall_seconds, 2),
    }


def day_of(times: Sequence[str], wished: str | None) -> str:
    """Return the day to draw, the middle one without a wish. Raises SystemExit if there is no such day."""
    days = sorted({time[:10] for time in times})
    if wished is not None and wished not in days:
        raise SystemExit(f"There is no {wished} in this trace, only {days[0]} to {days[-1]}.")
    return wished or days[len(days) // 2]


def pace_setting(text: str) -> tuple[str, float]:
    """Return the name of a figure of a pace, and its value: ``dip_wh=80``."""
    name, _, value = text.partition("=")
    if name not in {one.name for one in fields(Pace)}:
        raise argparse.ArgumentTypeError(f"a pace has no {name}")
    return name, float(value)


def ours_of(chosen: argparse.Namespace) -> SiteSettings:
    """Return how our engine is set."""
    return SiteSettings(
        measurement=Measurement.GRID,
        reserve_watts=chosen.reserve,
        pace=replace(Pace(few_starts=chosen.few_starts, grid_share=chosen.grid_share), **dict(chosen.set)),
    )


def run(chosen: argparse.Namespace) -> dict[str, Any]:
    """Measure every rule on one house."""
    samples, times = samples_of(chosen.trace, chosen.kwp, shift_days=chosen.shift_days)
    day = day_of(times, chosen.day)
    socket = Socket(
        phases=chosen.phases,
        maximum_amps=chosen.max_amps,
        minimum_amps=6,
        shortfall_amps=chosen.shortfall,
    )
    chance = random.Random(chosen.seed)
    noise = [chance.gauss(0.0, chosen.noise) for _ in range(997)] if chosen.noise else [0.0]
    meter = MeterSettings(
        interval_seconds=chosen.meter_interval, delay_seconds=chosen.meter_delay, noise=tuple(noise)
    )
    site = replace(ours_of(chosen), phases=chosen.phases, fuse_amps=chosen.fuse)
    results: dict[str, Any] = {}
    ours = partial(EngineRule, site, mode=ChargeMode(chosen.mode))
    makers = rules(ours, chosen.phases, chosen.max_amps, chosen.only, chosen.peers_late)
    for name, make in makers.items():
        began = perf_counter()
        account = play(samples, [socket], make(), meter=meter, fuse_amps=chosen.fuse)
        results[name] = row(account, perf_counter() - began)
    if chosen.oracle:
        results |= {name: oracle(samples, socket, bound) for name, bound in ORACLES.items()}
    if chosen.plot:
        from .surplus_plot import plot  # noqa: PLC0415  drawing takes a second to import

        within = [sample for sample, time in zip(samples, times, strict=True) if time.startswith(day)]
        chosen_rules = {name: make() for name, make in makers.items()}
        plot(chosen.plot, day, within, socket, chosen_rules, meter, fuse_amps=chosen.fuse)
    return results


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.surplus",
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    parser.add_argument("--trace", type=Path, help="the house, minute by minute (csv.gz)")
    parser.add_argument(
        "--portfolio", type=Path, nargs="+", metavar="TRACE", help="many houses made of these files instead"
    )
    parser.add_argument(
        "--days", type=Path, metavar="PNG", help="only draw a day of each sky of the portfolio into this file"
    )
    parser.add_argument(
        "--steps", action="store_true", help="how every rule answers to a kettle and to the edge of a cloud"
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes for the portfolio (2)")
    parser.add_argument(
        "--case", metavar="WORDS", help="only cases of the portfolio whose name, or half, is that"
    )
    parser.add_argument("--no-paces", action="store_true", help="leave our other paces out of the portfolio")
    parser.add_argument(
        "--bound", action="store_true", help="also what the portfolio yields to whoever knows the past only"
    )
    parser.add_argument("--kwp", type=float, help="size of the solar plant, kW")
    parser.add_argument(
        "--shift-days", type=int, default=0, help="days by which the house is ahead of the sun"
    )
    parser.add_argument("--phases", type=int, choices=(1, 2, 3))
    parser.add_argument("--max-amps", type=int, help="what car and wall connector take, A")
    parser.add_argument("--shortfall", type=float, default=0.0, help="A that the car stays below its offer")
    parser.add_argument("--meter-interval", type=float, default=1.0, help="s between two reports")
    parser.add_argument("--meter-delay", type=float, default=0.0, help="s that a report is late")
    parser.add_argument("--noise", type=float, default=0.0, help="W, one standard deviation")
    parser.add_argument("--seed", type=int, default=1, help="of the noise: another number, another noise")
    parser.add_argument("--fuse", type=float, help="A of the main fuse; without it there is no guard")
    parser.add_argument("--grid-share", type=float, default=SHIPPED.pace.grid_share, help="our number, %%")
    parser.add_argument("--reserve", type=float, default=SHIPPED.reserve_watts, help="our number, W")
    parser.add_argument("--few-starts", type=float, default=SHIPPED.pace.few_starts, help="our choice, %%")
    parser.add_argument(
        "--set",
        nargs="+",
        type=pace_setting,
        default=[],
        metavar="FIGURE=VALUE",
        help="figures of a pace that is no choice of an owner's, such as minimum_off_seconds=60",
    )
    parser.add_argument(
        "--mode",
        choices=[ChargeMode.SOLAR, ChargeMode.SOLAR_MIN],
        default=ChargeMode.SOLAR,
        help="our choice",
    )
    parser.add_argument(
        "--peers-late", type=float, default=0.0, help="s after the full minute at which the others look"
    )
    parser.add_argument("--only", nargs="+", choices=[OURS, *PEERS], metavar="RULE")
    parser.add_argument(
        "--oracle", action="store_true", help="also what could be done by whoever knows the future"
    )
    parser.add_argument("--plot", type=Path, help="draw one day into this PNG")
    parser.add_argument("--day", help="which day to draw, YYYY-MM-DD; the middle one without it")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    many = chosen.portfolio or chosen.steps
    if not many and None in (chosen.trace, chosen.kwp, chosen.phases, chosen.max_amps):
        parser.error("one house needs --trace, --kwp, --phases and --max-amps")
    return chosen


def main() -> None:
    """Measure and print."""
    chosen = arguments()
    if chosen.steps:
        steps.run(chosen, ours_of(chosen))
        return
    if chosen.portfolio:
        traces = {file.name.split(".")[0]: samples_of(file, 1.0)[0] for file in chosen.portfolio}
        portfolio.run(chosen, traces, ours_of(chosen))
        return
    results = run(chosen)
    if chosen.json:
        print(json.dumps(results, indent=2))
        return
    names = list(next(iter(results.values())))
    print(f"{'rule':20}" + "".join(f"{name:>24}" for name in names))
    for rule, figures in results.items():
        print(f"{rule:20}" + "".join(f"{figures.get(name, ''):>24}" for name in names))


if __name__ == "__main__":
    main()
