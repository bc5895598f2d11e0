"""Tells one evening around a moment, so that whoever works on the guard sees what happened."""

from collections.abc import Iterator

from .breaker import Breaker
from .judge import Verdict
from .plan import Evening
from .trace import CarSample, Sample, Trace

BEFORE_SECONDS, AFTER_SECONDS = 90.0, 45.0


def timeline(evening: Evening, trace: Trace, verdict: Verdict, *, at: float | None = None) -> str:
    """Return the evening in words, and every second around its worst moment, or around another one."""
    shares = _shares(evening, trace)
    middle = verdict.worst_moment if at is None else at
    rows = [
        _row(evening, sample, share)
        for sample, share in zip(trace.samples, shares, strict=True)
        if middle - BEFORE_SECONDS <= sample.at <= middle + AFTER_SECONDS
    ]
    return "\n".join([*_about(evening, verdict), "", *rows])


def _shares(evening: Evening, trace: Trace) -> list[float]:
    """Return how near the judge's breaker is to tripping at each moment, on its worst conductor."""
    poles = [Breaker(evening.house.rating_amps) for _ in range(evening.house.conductors)]
    return [
        max(pole.carry(amps, trace.seconds) for pole, amps in zip(poles, sample.total, strict=True))
        for sample in trace.samples
    ]


def _about(evening: Evening, verdict: Verdict) -> Iterator[str]:
    house, meter = evening.house, evening.meter
    yield f"Seed {evening.seed}: {', '.join(evening.kinds)}"
    volts = "/".join(f"{volts:g}" for volts in house.volts)
    yield (
        f"house: {house.rating_amps:g} A, {volts} V, power factor {house.power_factor:g},"
        f" circuit {evening.circuit_amps} A{', 80 % of the main' if evening.continuous_main else ''}"
    )
    lost = "" if meter.lost_second is None else f", away in second {meter.lost_second}"
    yield f"meter: {meter.kind}, {'mean' if meter.averages else 'present value'}, {meter.resolution:g}{lost}"
    for load in house.loads:
        wires = ",".join(f"L{wire + 1}" for wire in load.phases)
        yield f"load: {load.name} {load.watts:.0f} W on {wires}, {len(load.spells)} times"
    for number, one in enumerate(evening.connectors, 1):
        wires = ",".join(f"L{wire + 1}" for wire in one.wires)
        visits = "; ".join(f"{visit.model} {visit.arrives:.0f}-{visit.leaves:.0f}" for visit in one.visits)
        yield (
            f"connector {number}: {one.stop.value} on {wires}, priority {one.priority}, limits {list(one.limits)},"
            f" fixed {list(one.fixed)}, cars {visits}"
        )
    yield f"restarts: {[(one.at, one.away_seconds) for one in evening.restarts]}"
    yield (
        f"broken: {verdict.broken}; above the rating for {verdict.stretch.seconds:.0f} s until"
        f" {verdict.stretch.ended_at:.0f} on L{verdict.stretch.conductor + 1} (goal"
        f" {verdict.stretch_goal_seconds:.0f}); heat {verdict.heat.share:.2f} at {verdict.heat.at:.0f} on"
        f" L{verdict.heat.conductor + 1}, alone {verdict.heat.alone:.2f}; unused {verdict.unused.seconds:.0f} s until"
        f" {verdict.unused.ended_at:.0f} at connector {verdict.unused.connector + 1}"
    )


def _row(evening: Evening, sample: Sample, share: float) -> str:
    over = "!" if max(sample.total) > evening.house.rating_amps else " "
    house = " ".join(f"{amps:5.1f}" for amps in sample.house)
    total = " ".join(f"{amps:5.1f}" for amps in sample.total)
    cars = " ".join(_car(car) for car in sample.cars)
    fuse = "-" if sample.fuse_amps is None else f"{sample.fuse_amps:.1f}"
    heat = "".join(f" {one:.2f}" for one in sample.fuse_heat)
    away = "" if sample.speaks else " (away)"
    return (
        f"{sample.at:6.0f}{over} house {house} | total {total} | meter {' '.join(sample.told)} | {cars} |"
        f" fuse {sample.fuse_state} {fuse}{heat} | heat {share:.2f}{away}"
    )


def _car(car: CarSample) -> str:
    ordered = "-" if car.ordered is None else str(car.ordered)
    sure = ",".join(f"L{wire + 1}" for wire in car.sure)
    possible = "".join(f",L{wire + 1}?" for wire in car.possible)
    mood = f" {sure}{possible}" if sure or possible else ("" if car.known else " ?")
    mood += "" if car.present else " no car"
    mood += " replug" if car.replug else ""
    return f"[{car.amps:4.1f} of {car.offered:2.0f} order {ordered:>2} {car.reason}{mood}]"
