"""Lets every rule live through every step, and prints how it answered."""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
import json
from pathlib import Path
from statistics import fmean

from benchmarks.peers import PEERS
from custom_components.tesla_twc.twc.charging.settings import Measurement, SiteSettings
from custom_components.tesla_twc.twc.replay.house import MeterSettings
from custom_components.tesla_twc.twc.replay.playing import play
from custom_components.tesla_twc.twc.replay.rules import EngineRule, ReplayRule

from .judge import Answer, Seen, answer_to, together
from .plan import METERS, WIRINGS, Step, Wiring, house_of

OURS = "ours"
RULES = (OURS, "evcc", "twcmanager", "openwb", "openevse")
"""In the order of the table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """How a rule answered to one kind of step, behind one meter."""

    wiring: str
    step: Step
    meter_seconds: float
    rule: str
    answer: Answer
    before_watts: float
    after_watts: float
    """The surplus."""
    mean_watts: Sequence[float]
    """What the car drew in each second after the step, on average."""


def measure(
    ours: SiteSettings,
    *,
    wirings: Sequence[Wiring] = WIRINGS,
    meters: Sequence[float] = METERS,
    rules: Sequence[str] = RULES,
) -> list[Measured]:
    """Return how each rule answered to each step."""
    return [
        measured
        for wiring in wirings
        for cloud in (False, True)
        for meter in meters
        for rule, make in _makers(wiring, ours, rules).items()
        for measured in _live(wiring, meter, rule, make(), cloud=cloud)
    ]


def _makers(
    wiring: Wiring, ours: SiteSettings, rules: Sequence[str]
) -> Mapping[str, Callable[[], ReplayRule]]:
    phases, amps = wiring.socket.phases, wiring.socket.maximum_amps
    site = replace(ours, measurement=Measurement.GRID, phases=phases)
    return {
        rule: partial(EngineRule, site) if rule == OURS else partial(PEERS[rule], phases, amps)
        for rule in rules
    }


def _live(wiring: Wiring, meter: float, rule: str, playing: ReplayRule, *, cloud: bool) -> Iterator[Measured]:
    samples, steps = house_of(wiring, cloud=cloud)
    seen = Seen()
    play(
        samples,
        [wiring.socket],
        playing,
        meter=MeterSettings(interval_seconds=meter),
        end=steps[-1].at + (steps[1].at - steps[0].at),
        watcher=seen.watch,
    )
    for kind in dict.fromkeys(one.step for one in steps):
        same = [one for one in steps if one.step is kind]
        yield Measured(
            wiring=wiring.name,
            step=kind,
            meter_seconds=meter,
            rule=rule,
            answer=together([answer_to(one, seen, wiring) for one in same]),
            before_watts=same[0].before,
            after_watts=same[0].after,
            mean_watts=[fmean(each) for each in zip(*(seen.seconds_after(one) for one in same), strict=True)],
        )


def table(results: Sequence[Measured]) -> Iterator[str]:
    """Yield the lines of a table, in Markdown."""
    rules = list(dict.fromkeys(one.rule for one in results))
    yield "| step | wiring | meter | " + " | ".join(rules) + " |"
    yield "|---" * (3 + len(rules)) + "|"
    rows: dict[tuple[Step, str, float], dict[str, Answer]] = {}
    for one in results:
        rows.setdefault((one.step, one.wiring, one.meter_seconds), {})[one.rule] = one.answer
    for (step, wiring, meter), answers in rows.items():
        cells = " | ".join(_cell(answers[rule]) for rule in rules)
        yield f"| {step} | {wiring} | {meter:.0f} s | {cells} |"


def _cell(one: Answer) -> str:
    return (
        f"{one.dead_seconds:.0f} / {one.settling_seconds:.0f} / {one.overshoot_amps:.1f} "
        f"({one.overshoot_watts:.0f}) / {one.from_grid_wh:.0f} / {one.to_grid_wh:.0f}"
    )


def run(chosen: argparse.Namespace, ours: SiteSettings) -> None:
    """Do what the command line says; ``ours``: how our engine is set."""
    results = measure(ours, rules=[rule for rule in RULES if not chosen.only or rule in chosen.only])
    if chosen.json:
        figures = [
            {name: value for name, value in asdict(one).items() if name != "mean_watts"} for one in results
        ]
        print(json.dumps(figures, indent=1))
    else:
        print("\n".join(table(results)))
    if chosen.plot:
        from .picture import draw  # noqa: PLC0415  drawing takes a second to import

        draw(Path(chosen.plot), results)
