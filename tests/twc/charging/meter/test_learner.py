"""What the learner finds out about a meter from a car's own steps, in houses with kettles, ovens and clouds."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from random import Random

from hypothesis import given, strategies as st
import pytest
from tests.efforts import effort
from twc.charging.meter.learner import MeterLearner, MeterMemory, MeterVerdict, verdict_of

from metered_house import BUSY, CALM, VOLTS, Meter, MeteredHouse, Noise

CONTAINED, INVERTED, NOT_CONTAINED, ODD, UNKNOWN = (
    MeterVerdict.CONTAINED,
    MeterVerdict.INVERTED,
    MeterVerdict.NOT_CONTAINED,
    MeterVerdict.ODD,
    MeterVerdict.UNKNOWN,
)
GAINS = {1.0: CONTAINED, -1.0: INVERTED, 0.0: NOT_CONTAINED, 1 / 3: ODD}
FAST = [Meter(delay=delay, interval=interval) for delay, interval in product((0.0, 5.0, 30.0), (1.0, 10.0))]
SLOW = [Meter(interval=300.0), Meter(interval=300.0, averages=True), Meter(delay=30.0, interval=60.0)]
AVERAGING = Meter(interval=10.0, averages=True)
DRIFTING_CLOUDS = Noise(hum=20.0, kettle_every=1e9, oven_share=0.0, clouds_every=90.0)


def named(meter: Meter) -> str:
    """Name a meter in the list of tests."""
    return f"{meter.interval:g}s-{meter.delay:g}s-late{'-mean' if meter.averages else ''}"


def step(house: MeteredHouse, dice: Random) -> None:
    """Let the owner choose another current, and live with it for a while."""
    before = house.amps
    while abs(house.amps - before) * VOLTS * house.phases < 600:
        house.amps = dice.choice([0, 6, 8, 10, 13, 16, 20])
    slow = house.meter.interval >= 60
    house.run(dice.uniform(house.meter.interval, 3 * house.meter.interval) if slow else dice.uniform(20, 90))


def told(house: MeteredHouse, steps: int, *, on_purpose: bool = True) -> list[MeterVerdict]:
    """Return the verdict after each step of an owner who now and then chooses another current."""
    dice = Random(house.seed + 1)
    house.on_purpose = on_purpose
    house.run(max(120.0, 3 * house.meter.interval))
    verdicts = []
    for _ in range(steps):
        step(house, dice)
        verdicts.append(house.learner.findings.verdict)
    return verdicts


class Follower:
    """Lets the car follow the surplus at every word of the meter, as the owner believes it to be."""

    def __init__(self, *, believed_contained: bool) -> None:
        """Begin without a car that charges."""
        self.believed_contained = believed_contained
        self.changed_at = 0.0

    def __call__(self, house: MeteredHouse) -> None:
        """Go up every 10 s at most, and down every 5 s."""
        per_ampere = VOLTS * house.phases
        own = house.amps * per_ampere if self.believed_contained else 0.0
        wanted = min(16, int((own - house.shown) / per_ampere))
        wanted = max(6, wanted) if house.amps else wanted
        wait = 10 if wanted > house.amps else 5
        if wanted != house.amps and wanted >= 6 and house.now - self.changed_at >= wait:
            house.amps, self.changed_at = wanted, house.now


@pytest.mark.parametrize("gain", GAINS)
@pytest.mark.parametrize("meter", [*FAST, AVERAGING, *SLOW], ids=named)
def test_thirty_steps_in_a_calm_house_tell_every_kind_of_meter(meter: Meter, gain: float) -> None:
    for seed in range(2):
        verdicts = told(MeteredHouse(replace(meter, gain=gain), CALM, seed), 30)
        assert set(verdicts) == {UNKNOWN, GAINS[gain]}


@pytest.mark.parametrize("gain", GAINS)
@pytest.mark.parametrize("meter", [*FAST, AVERAGING], ids=named)
def test_half_of_all_calm_houses_are_told_after_eight_steps(meter: Meter, gain: float) -> None:
    houses = [MeteredHouse(replace(meter, gain=gain), CALM, seed, phases=1 + seed % 3) for seed in range(8)]
    assert sum(GAINS[gain] in told(house, 8) for house in houses) >= 4


@pytest.mark.parametrize("gain", GAINS)
@pytest.mark.parametrize("meter", [*FAST, AVERAGING, *SLOW], ids=named)
def test_kettles_ovens_and_clouds_never_lead_to_a_wrong_verdict(meter: Meter, gain: float) -> None:
    for seed in range(3):
        house = MeteredHouse(replace(meter, gain=gain), BUSY, seed, phases=1 + seed % 3)
        verdicts = told(house, 30, on_purpose=seed % 2 == 0)
        assert set(verdicts) <= {UNKNOWN, GAINS[gain]}


@pytest.mark.parametrize("gain", GAINS)
def test_most_busy_houses_with_a_local_meter_are_told_after_fifty_steps(gain: float) -> None:
    meter = Meter(gain=gain, delay=5.0)
    verdicts = [told(MeteredHouse(meter, BUSY, seed), 50) for seed in range(6)]
    assert sum(GAINS[gain] in some for some in verdicts) >= 4


@pytest.mark.parametrize("meter", [*FAST, AVERAGING], ids=named)
def test_a_contained_meter_is_told_by_steps_of_which_nobody_knows_the_cause(meter: Meter) -> None:
    for seed in range(3):
        assert CONTAINED in told(MeteredHouse(meter, CALM, seed), 20, on_purpose=False)


@pytest.mark.parametrize("believed_contained", [True, False])
@pytest.mark.parametrize("noise", [BUSY, DRIFTING_CLOUDS], ids=["busy", "clouds"])
@pytest.mark.parametrize("gain", GAINS)
def test_a_car_that_chases_clouds_does_not_fool_the_learner(
    gain: float, noise: Noise, *, believed_contained: bool
) -> None:
    for seed, meter in enumerate((*FAST, AVERAGING, *SLOW)):
        house = MeteredHouse(replace(meter, gain=gain), noise, seed, phases=1 + 2 * (seed % 2))
        follower = Follower(believed_contained=believed_contained)
        for _ in range(40):
            house.run(120.0, follower)
            assert house.learner.findings.verdict in (UNKNOWN, GAINS[gain])


@given(
    gain=st.sampled_from([*GAINS]),
    delay=st.floats(0.0, 40.0),
    interval=st.sampled_from([1.0, 2.0, 5.0, 10.0, 30.0, 60.0]),
    averages=st.booleans(),
    seen_gain=st.floats(1.0, 1.15),
    seed=st.integers(0, 10_000),
    noise=st.builds(
        Noise,
        hum=st.floats(0.0, 80.0),
        kettle_every=st.floats(200.0, 5000.0),
        oven_share=st.floats(0.0, 1.0),
        clouds_every=st.floats(60.0, 3000.0),
    ),
)
@effort(40)
def test_no_house_is_ever_told_what_is_wrong(
    gain: float,
    delay: float,
    interval: float,
    averages: bool,
    seen_gain: float,
    seed: int,
    noise: Noise,
) -> None:
    meter = Meter(gain=gain, delay=delay, interval=interval, averages=averages)
    verdicts = told(MeteredHouse(meter, noise, seed, seen_gain=seen_gain), 20)
    assert set(verdicts) <= {UNKNOWN, GAINS[gain]}


@pytest.mark.parametrize("meter", FAST, ids=named)
def test_the_delay_of_a_contained_meter_is_found_to_two_seconds(meter: Meter) -> None:
    house = MeteredHouse(meter, CALM, 3)
    told(house, 20)
    found = house.learner.findings
    assert found.delay_seconds == pytest.approx(meter.delay, abs=2.0)
    assert found.gain == pytest.approx(1 / house.seen_gain, abs=0.08)
    assert found.gain_error is not None
    assert 0 < found.gain_error < 0.15


def test_a_meter_that_tells_the_mean_of_five_minutes_is_late_by_half_of_that() -> None:
    house = MeteredHouse(Meter(interval=300.0, averages=True), CALM, 2)
    told(house, 20)
    assert house.learner.findings.delay_seconds == pytest.approx(150.0, abs=20.0)


def test_a_meter_that_does_not_answer_has_no_delay() -> None:
    house = MeteredHouse(Meter(gain=0.0), CALM, 1)
    told(house, 12)
    assert house.learner.findings.verdict is NOT_CONTAINED
    assert house.learner.findings.delay_seconds is None


def test_a_meter_of_consumption_with_the_wrong_sign_is_inverted() -> None:
    house = MeteredHouse(Meter(sign=-1.0, solar=False), CALM, 5)
    told(house, 20)
    assert house.learner.findings.verdict is INVERTED


def test_two_steps_prove_nothing() -> None:
    for seed in range(10):
        assert set(told(MeteredHouse(Meter(), CALM, seed), 2)) == {UNKNOWN}


def test_a_car_that_draws_the_same_for_days_leads_to_no_verdict() -> None:
    learner = MeterLearner()
    dice = Random(7)
    learner.note_own_power(7000.0, 0.0)
    for second in range(0, 3 * 86_400, 10):
        learner.note_own_power(7000.0 + dice.uniform(-30, 30), float(second))
        learner.note_reading(dice.choice([300.0, 2500.0, -4000.0]), float(second))
    assert learner.findings.verdict is UNKNOWN
    assert learner.findings.steps == 0


def test_wall_connectors_that_are_heard_one_after_the_other_at_a_start_are_no_steps() -> None:
    learner = MeterLearner()
    for second in range(300):
        learner.note_own_power(0.0 if second < 10 else 7000.0 if second < 30 else 14_000.0, float(second))
        learner.note_reading(200.0, float(second))
    assert learner.findings.steps == 0


@pytest.mark.parametrize(("was", "is_now"), [(1.0, -1.0), (-1.0, 1.0), (0.0, 1.0), (1.0, 0.0)])
def test_a_verdict_is_doubted_soon_and_replaced_when_the_meter_is_changed(was: float, is_now: float) -> None:
    house = MeteredHouse(Meter(gain=was), CALM, 11)
    assert told(house, 20)[-1] is GAINS[was]
    house.meter.gain = is_now
    verdicts = told(house, 10)
    assert verdicts[-1] is not GAINS[was]
    verdicts += told(house, 110)
    assert verdicts[-1] is GAINS[is_now]


def test_what_was_found_survives_a_restart() -> None:
    house = MeteredHouse(Meter(delay=5.0), CALM, 4)
    told(house, 20)
    memory = house.learner.remembered()
    assert memory is not None
    found = MeterLearner(memory).findings
    assert found.verdict is CONTAINED
    assert found.delay_seconds == house.learner.findings.delay_seconds
    assert found.gain == house.learner.findings.gain
    assert MeterLearner(memory).remembered() == memory


def test_nothing_is_remembered_before_there_is_a_verdict() -> None:
    assert MeterLearner().remembered() is None


def test_a_remembered_verdict_that_is_no_longer_true_is_given_up() -> None:
    house = MeteredHouse(Meter(gain=-1.0), CALM, 6)
    house.learner = MeterLearner(MeterMemory(gain=0.9, gain_error=0.03, delay_seconds=5.0))
    assert told(house, 20)[-1] is INVERTED


def test_a_report_that_is_told_twice_or_out_of_order_counts_once() -> None:
    def days(again: Callable[[MeterLearner, float, float], None]) -> MeterLearner:
        learner, dice = MeterLearner(), Random(1)
        own, changes_at = 0.0, 100.0
        for second in range(3000):
            if second >= changes_at:
                own, changes_at = 4000.0 - own, second + dice.uniform(30, 90)
            learner.note_own_power(own, float(second))
            watts = own + dice.gauss(0, 20)
            learner.note_reading(watts, float(second))
            again(learner, watts, float(second))
        return learner

    def twice(learner: MeterLearner, watts: float, at: float) -> None:
        learner.note_reading(watts, at)
        learner.note_reading(9999.0, at - 5)

    once = days(lambda _learner, _watts, _at: None)
    assert once.findings.verdict is CONTAINED
    assert days(twice).findings == once.findings


def test_steps_as_regular_as_a_clock_could_be_answered_late_or_the_wrong_way_round() -> None:
    learner = MeterLearner()
    for second in range(3000):
        own = 4000.0 * (second // 50 % 2)
        learner.note_own_power(own, float(second))
        learner.note_reading(own, float(second))
    assert learner.findings.steps > 50
    assert learner.findings.verdict is UNKNOWN


@pytest.mark.parametrize(
    ("gain", "verdict"),
    [
        (0.85, CONTAINED),
        (1.0, CONTAINED),
        (-0.9, INVERTED),
        (0.05, NOT_CONTAINED),
        (0.33, ODD),
        (0.6, ODD),
        (3.0, ODD),
    ],
)
def test_what_an_exactly_known_gain_means(gain: float, verdict: MeterVerdict) -> None:
    assert verdict_of(gain) is verdict
