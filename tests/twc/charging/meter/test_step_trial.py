"""The deliberate test behind the button that checks the meter."""

from itertools import groupby

from hypothesis import given, strategies as st
import pytest
from twc.charging.meter.learner import MeterFindings, MeterLearner, MeterVerdict
from twc.charging.meter.step_trial import MeterReport, StepTrial, TrialState, report

from metered_house import BUSY, CALM, Meter, MeteredHouse, Noise

START = 5000.0


def offers(
    trial: StepTrial, base: int = 10, minimum: int = 6, highest: int = 16, *, every: float = 1.0
) -> list[int]:
    """Run a test to its end and return what was offered at each moment."""
    now, found = START, []
    while (amps := trial.advance(now, base, minimum, highest)) is not None:
        found.append(amps)
        now += every
    return found


def edges(amps: list[int]) -> list[int]:
    """Return what was offered, without repetitions."""
    return [one for one, _ in groupby(amps)]


def checked(house: MeteredHouse, amps: int = 10) -> MeterReport:
    """Press the button while the car charges, and wait."""
    house.amps = amps
    house.on_purpose = True
    house.run(max(120.0, 3 * house.meter.interval))
    house.learner = MeterLearner(interval_seconds=house.meter.interval)
    trial = StepTrial(house.meter.interval)

    def steer(house: MeteredHouse) -> None:
        offer = trial.advance(house.now, amps, 6, 16)
        house.amps = amps if offer is None else offer

    while not trial.finished:
        house.run(10.0, steer)
    return report(house.learner.findings, trial, house.meter.interval)


def test_the_current_goes_three_amperes_down_and_back() -> None:
    trial = StepTrial(1.0, half_waves=4)
    assert edges(offers(trial)) == [10, 7, 10, 7, 10]
    assert trial.state is TrialState.DONE
    assert trial.finished


def test_it_goes_up_where_down_is_below_the_minimum() -> None:
    assert edges(offers(StepTrial(1.0), base=8)) == [8, 11, 8, 11, 8, 11, 8, 11, 8]


def test_it_is_impossible_where_there_is_no_room_for_three_amperes() -> None:
    trial = StepTrial(1.0)
    assert offers(trial, base=7, minimum=6, highest=9) == []
    assert trial.state is TrialState.IMPOSSIBLE


def test_it_ends_at_once_when_the_main_fuse_needs_the_current() -> None:
    trial = StepTrial(1.0)
    assert trial.advance(START, 10, 6, 16) == 10
    assert trial.advance(START + 25, 10, 6, 16) == 7
    assert trial.advance(START + 30, 10, 6, 9) is None
    assert trial.state is TrialState.IMPOSSIBLE
    assert trial.advance(START + 31, 10, 6, 16) is None


@pytest.mark.parametrize(
    ("interval", "delay", "half"),
    [(1.0, None, 20.0), (10.0, 5.0, 30.0), (300.0, 30.0, 780.0), (None, None, 20.0)],
)
def test_each_half_is_long_enough_for_the_meter(
    interval: float | None, delay: float | None, half: float
) -> None:
    trial = StepTrial(interval, delay)
    assert trial.half_seconds == half
    amps = offers(trial)
    lengths = [len(list(same)) for _, same in groupby(amps)]
    assert len(lengths) == (9 if half < 120 else 7)
    assert min(lengths[1:]) >= half - 1
    assert len(amps) == pytest.approx(trial.total_seconds, abs=1.0)


def test_the_owner_of_a_local_meter_waits_about_four_minutes() -> None:
    assert 180 < StepTrial(1.0).total_seconds < 260


def test_it_says_when_the_current_moves_next() -> None:
    trial = StepTrial(1.0)
    assert trial.next_at is None
    trial.advance(START, 10, 6, 16)
    moves_at = trial.next_at
    assert moves_at is not None
    assert trial.advance(moves_at - 0.1, 10, 6, 16) == 10
    assert trial.advance(moves_at, 10, 6, 16) == 7
    assert trial.next_at is not None
    assert trial.next_at > moves_at
    offers(trial)
    assert trial.next_at is None


def test_a_car_that_pauses_for_a_moment_is_waited_for() -> None:
    trial = StepTrial(1.0)
    assert trial.advance(START, 10, 6, 16) == 10
    assert trial.advance(START + 5, 10, 6, 16, drawing=False) == 10
    assert trial.advance(START + 20, 10, 6, 16, drawing=True) == 7
    assert trial.advance(START + 36, 10, 6, 16, drawing=False) is not None


def test_a_car_that_has_stopped_ends_it() -> None:
    trial = StepTrial(1.0)
    assert trial.advance(START, 10, 6, 16, drawing=False) == 10
    assert trial.advance(START + 30, 10, 6, 16, drawing=False) is None
    assert trial.state is TrialState.IMPOSSIBLE


def test_the_owner_may_stop_it() -> None:
    trial = StepTrial(1.0)
    trial.advance(START, 10, 6, 16)
    trial.stop()
    assert trial.finished
    assert trial.advance(START + 1, 10, 6, 16) is None


def test_stopping_one_that_is_done_changes_nothing() -> None:
    trial = StepTrial(1.0)
    offers(trial)
    trial.stop()
    assert trial.state is TrialState.DONE


@given(
    base=st.integers(0, 40),
    limits=st.lists(st.tuples(st.integers(5, 12), st.integers(6, 32)), min_size=1, max_size=30),
    every=st.floats(0.5, 40.0),
)
def test_no_offer_is_ever_outside_the_limits(base: int, limits: list[tuple[int, int]], every: float) -> None:
    trial, now = StepTrial(1.0), START
    for minimum, highest in limits * 10:
        amps = trial.advance(now, base, minimum, highest)
        now += every
        if amps is None:
            assert trial.finished
            break
        assert minimum <= amps <= highest


@pytest.mark.parametrize(
    ("gain", "verdict"),
    [
        (1.0, MeterVerdict.CONTAINED),
        (-1.0, MeterVerdict.INVERTED),
        (0.0, MeterVerdict.NOT_CONTAINED),
        (1 / 3, MeterVerdict.ODD),
    ],
)
@pytest.mark.parametrize("phases", [1, 3])
def test_one_test_tells_most_meters_of_a_calm_house(gain: float, verdict: MeterVerdict, phases: int) -> None:
    meters = [
        *(Meter(gain=gain, delay=delay) for delay in (0.0, 5.0, 30.0)),
        *(Meter(gain=gain, delay=delay, interval=10.0) for delay in (0.0, 5.0, 30.0)),
        Meter(gain=gain, interval=10.0, averages=True),
        Meter(gain=gain, interval=300.0, averages=True),
    ]
    found = [checked(MeteredHouse(meter, CALM, seed, phases=phases)) for seed, meter in enumerate(meters)]
    verdicts = [one.verdict for one in found]
    assert set(verdicts) <= {verdict, MeterVerdict.UNKNOWN}
    assert verdicts.count(verdict) >= 6
    assert [one.interval_seconds for one in found] == [meter.interval for meter in meters]


@pytest.mark.parametrize("noise", [BUSY, Noise(oven_share=1.0, clouds_every=60.0)], ids=["busy", "wild"])
@pytest.mark.parametrize("gain", [1.0, -1.0, 0.0, 1 / 3])
def test_a_test_while_dinner_is_cooked_says_nothing_wrong(noise: Noise, gain: float) -> None:
    right = {1.0: "contained", -1.0: "inverted", 0.0: "not_contained"}.get(gain, "odd")
    for seed in range(24):
        meter = Meter(gain=gain, delay=(0.0, 5.0, 30.0)[seed % 3], interval=(1.0, 10.0)[seed % 2])
        found = checked(MeteredHouse(meter, noise, seed, phases=1 + 2 * (seed % 2)))
        assert found.verdict in ("unknown", right)
        assert (found.gain is None) == (found.verdict == "unknown")


def test_a_test_that_was_impossible_reports_nothing_even_if_much_was_known() -> None:
    known = MeterFindings(
        verdict=MeterVerdict.CONTAINED, gain=0.9, gain_error=0.02, delay_seconds=5.0, steps=9
    )
    trial = StepTrial(1.0)
    trial.stop()
    assert report(known, trial, 1.0) == MeterReport(
        verdict=MeterVerdict.UNKNOWN, gain=None, delay_seconds=None, interval_seconds=1.0
    )


def test_a_test_whose_steps_were_not_seen_reports_nothing() -> None:
    known = MeterFindings(
        verdict=MeterVerdict.CONTAINED, gain=0.9, gain_error=0.02, delay_seconds=5.0, steps=0
    )
    trial = StepTrial(1.0)
    offers(trial)
    assert report(known, trial, 1.0).verdict is MeterVerdict.UNKNOWN
