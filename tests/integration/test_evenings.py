"""The judge of the evenings judges rightly, and a few short evenings run."""

from dataclasses import replace
import json

import pytest

from benchmarks.evenings import __main__ as evenings
from benchmarks.evenings.breaker import Breaker, bears_seconds
from benchmarks.evenings.draw import evening
from benchmarks.evenings.judge import judge
from benchmarks.evenings.overload import longest_stretch, worst_heat
from benchmarks.evenings.plan import Connector, Evening, House, Knowledge, Load, Meter, Stop, Visit
from benchmarks.evenings.trace import CarSample, Sample, Trace
from benchmarks.evenings.unused import longest_unused
from custom_components.tesla_twc.twc.simulator.unit import EU, Unit, old_unit

pytestmark = pytest.mark.once

WASHING = Load(name="washing", phases=(0,), watts=4600.0, spells=((400.0, 1800.0),))
ONE_PHASE = replace(EU, volts=(230, 0, 0))


def house_with(stop: Stop, *, unit: Unit | None = None) -> Evening:
    """One wall connector for one phase behind 25 A, and after a while 20 A of something else."""
    connector = Connector(
        unit=unit or old_unit(model=ONE_PHASE),
        wires=(0,),
        stop=stop,
        priority=5,
        limits=((0.0, 32),),
        fixed=(),
        visits=(Visit(model="zoe", charge=0.2, arrives=0.0, leaves=9000.0),),
    )
    house = House(
        rating_amps=25.0,
        volts=(230.0,),
        nominal_volts=230.0,
        power_factor=1.0,
        base_watts=(230.0,),
        loads=(WASHING,),
    )
    return Evening(
        seed=1,
        house=house,
        meter=Meter(interval_seconds=5.0, staggered=False),
        connectors=(connector,),
        circuit_amps=32,
        knowledge=Knowledge.STATED,
        restarts=(),
        seconds=900.0,
    )


HOUSE = house_with(Stop.ZERO)


def car_sample(amps: float, **changes: object) -> CarSample:
    sample = CarSample(
        amps=amps,
        loads=((0, amps),),
        offered=max(6.0, amps),
        present=True,
        wants=True,
        useful_amps=32.0,
        most_amps=32.0,
        limit=32,
        shortfall=0.0,
        stuck=False,
        known=True,
        charge=True,
        ordered=6,
        reason="full_speed",
        closings=1,
        replug=False,
    )
    return replace(sample, **changes)  # type: ignore[arg-type]


def trace_of(*spans: tuple[int, float, float], **changes: object) -> Trace:
    """Build an evening from spans of so many seconds with so many A of the house and of the car."""
    samples: list[Sample] = []
    for seconds, house, car in spans:
        samples += [
            Sample(
                at=float(len(samples) + number),
                house=(house,),
                house_watts=(house * 230.0,),
                total=(house + car,),
                cars=(car_sample(car, **changes),),
                speaks=True,
                fuse_state="clear",
                fuse_amps=None,
                told=(),
            )
            for number in range(seconds)
        ]
    return Trace(samples=samples)


# The breaker


@pytest.mark.parametrize(("times", "least", "most"), [(1.45, 59, 61), (2.0, 10, 12), (2.55, 4, 5)])
def test_a_cold_breaker_bears_what_the_makers_bands_promise(times, least, most):
    assert least <= bears_seconds(times) <= most
    breaker, seconds = Breaker(25), 0.0
    while breaker.carry(25 * times, 0.5) < 1.0:
        seconds += 0.5
    assert least - 1 <= seconds <= most + 1


def test_a_breaker_never_trips_at_1_13_times_its_rating():
    assert Breaker(25).carry(25 * 1.13, 7200) == 0.0


def test_a_breaker_may_trip_at_once_at_three_times_its_rating():
    assert Breaker(25).carry(75, 0.5) == 1.0


def test_a_breaker_cools_within_minutes_and_not_within_a_pause():
    breaker = Breaker(25)
    breaker.carry(50, 6)
    hot = breaker.share
    assert breaker.carry(10, 10) > 0.9 * hot
    assert breaker.carry(10, 600) < 0.05 * hot


# The stretch above the rating


def test_a_stretch_is_counted_from_the_last_rise_of_the_house():
    trace = trace_of((60, 12, 12), (20, 14, 12), (30, 16, 12))
    assert longest_stretch(HOUSE, trace).seconds == pytest.approx(30, abs=1.1)


def test_what_the_house_does_alone_is_not_counted():
    assert longest_stretch(HOUSE, trace_of((60, 26, 12))).seconds == 0


def test_the_minimum_of_a_car_that_cannot_be_stopped_is_not_counted():
    holding = house_with(Stop.HOLD, unit=Unit(model=ONE_PHASE))
    assert longest_stretch(holding, trace_of((30, 12, 6), (60, 22, 6))).seconds == 0
    assert longest_stretch(holding, trace_of((30, 12, 9), (60, 22, 9))).seconds == pytest.approx(60, abs=1.1)


def test_the_house_alone_is_told_from_what_cars_add():
    heat = worst_heat(HOUSE, trace_of((60, 20, 16)))
    assert heat.share > 0.9
    assert heat.alone == 0.0
    assert worst_heat(HOUSE, trace_of((60, 36.5, 6))).alone > 0.8


# What is left unused


def test_an_ampere_left_unused_is_counted_while_it_would_have_fitted():
    trace = trace_of((100, 5, 6), (50, 18.2, 6), (200, 5, 6))
    assert longest_unused(HOUSE, trace).seconds == pytest.approx(199, abs=1.1)


def test_a_car_that_was_given_an_ampere_has_used_it_though_another_fits_by_now():
    trace = trace_of((100, 17.4, 6), (100, 16.4, 7))
    assert longest_unused(HOUSE, trace).seconds == pytest.approx(99, abs=1.1)


@pytest.mark.parametrize(
    "changes",
    [{"known": False}, {"limit": 6}, {"useful_amps": 6.0}, {"stuck": True}, {"charge": False}],
)
def test_an_ampere_that_could_not_be_given_is_not_left_unused(changes):
    assert longest_unused(HOUSE, trace_of((300, 5, 6), **changes)).seconds == 0


def test_an_ampere_is_not_left_unused_before_it_is_known_how_late_the_meter_is():
    trace = trace_of((300, 5, 6))
    trace.samples[:] = [replace(sample, delay_known=sample.at >= 200) for sample in trace.samples]
    assert longest_unused(HOUSE, trace).seconds == pytest.approx(99, abs=1.1)
    assert longest_unused(HOUSE, trace).known_share == pytest.approx(1 / 3, abs=0.01)


def test_the_margin_and_the_rounding_of_the_meter_are_not_left_unused():
    assert longest_unused(HOUSE, trace_of((300, 17.4, 6))).seconds > 0
    assert longest_unused(HOUSE, trace_of((300, 17.6, 6))).seconds == 0


# Whole evenings


def test_an_evening_without_a_guard_breaks_the_goals():
    unguarded, guarded = judge(HOUSE, guarded=False), judge(HOUSE)
    assert {"overload", "heat"} <= set(unguarded.broken)
    assert guarded.heat.share < unguarded.heat.share
    assert guarded.stretch.seconds < unguarded.stretch.seconds
    assert 0 < guarded.service.kwh < unguarded.service.kwh


def test_the_same_seed_is_the_same_evening():
    drawn = evening(3, seconds=600)
    assert drawn == evening(3, seconds=600) != evening(4, seconds=600)
    assert judge(drawn) == judge(drawn)


def test_an_evening_is_told_around_its_worst_moment(capsys):
    assert evenings.main(["--explain", "3", "--minutes", "10"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("Seed 3: ")
    assert "house" in told.splitlines()[-1]


def test_only_evenings_of_one_kind_are_lived():
    chosen = evenings.arguments(["--evenings", "5", "--only", "split phase"])
    found = list(evenings.seeds(chosen))
    assert len(found) == 5
    assert all("split phase" in evening(seed).kinds for seed in found)


@pytest.mark.parametrize("count", [3, pytest.param(6, marks=pytest.mark.long)])
def test_short_evenings_keep_every_goal(capsys, count):
    code = evenings.main(["--evenings", str(count), "--minutes", "20", "--jobs", "1", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert [one["seed"] for one in told["verdicts"]] == list(range(count))
    assert (code, told["broken"]) == (0, {"overload": 0, "heat": 0, "unused": 0})
