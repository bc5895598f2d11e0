"""Lifetime energy: what the counter counts, checked and filled up by the power in between."""

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import given, strategies as st
import pytest
from twc.bus.connector.counter_watch import KWH, USELESS, WH
from twc.bus.connector.energy import EnergyMeter

ELEVEN_KW = 11_000.0


def kwh_meter(remembered_kwh: float | None = None) -> EnergyMeter:
    """A meter that knows that its counter counts kWh."""
    return EnergyMeter(remembered_kwh, KWH)


Meters = Callable[..., EnergyMeter]
BOTH = pytest.mark.parametrize("make", [EnergyMeter, kwh_meter], ids=["not known", "kWh"])
"""A meter that does not know yet what its counter counts, and one that does."""


def read(meter: EnergyMeter, *counters: int) -> EnergyMeter:
    for counter in counters:
        meter.read_counter(counter)
    return meter


def charge(meter: EnergyMeter, seconds: int, *, watts: float = ELEVEN_KW, since: float = 0.0) -> None:
    """Report the same power every second, as heartbeats do."""
    for second in range(seconds + 1):
        meter.integrate(watts, since + second)


def turn(meter: EnergyMeter, counter: int) -> EnergyMeter:
    """Let a kWh flow, and the counter turn."""
    charge(meter, 328)
    return read(meter, counter)


@dataclass
class Garage:
    """A wall connector whose counter counts what the test says, and a meter that hears it."""

    counts_per_kwh: float = 1.0
    true_kwh: float = 0.4
    reckoned: float = 1.1
    """What is reckoned from the current, as a share of what flows."""
    counter: int | None = None
    """Where the counter stands still."""
    flips: int = 0
    """Bits that its counter carries on top."""
    meter: EnergyMeter = field(default_factory=EnergyMeter)
    now: float = 0.0
    highest: float = 0.0
    longest_leap: float = 0.0

    def __post_init__(self) -> None:
        self.live(120)

    def live(self, seconds: int, watts: float = 0.0) -> None:
        for _ in range(seconds):
            self.now += 1
            self.true_kwh += watts / 3.6e6
            before = self.meter.kwh
            self.meter.integrate(watts * self.reckoned, self.now)
            if not self.now % (12 if watts else 60):
                self.hear_counter()
            after = self.meter.kwh
            if before is not None and after is not None:
                assert after >= before
                self.longest_leap = max(self.longest_leap, after - before)

    def hear_counter(self) -> None:
        counts = int(self.true_kwh * self.counts_per_kwh) if self.counter is None else self.counter
        self.meter.read_counter(counts | self.flips)

    def charge(self, kwh: float, watts: float = ELEVEN_KW) -> float:
        """Charge, and return how much more is published."""
        before = self.meter.kwh or 0.0
        self.live(round(kwh * 3.6e6 / watts), watts)
        self.live(120)
        return (self.meter.kwh or 0.0) - before


@pytest.mark.parametrize("watts", [1400.0, 7000.0, 22_000.0])
@pytest.mark.parametrize("kwh", [0.3, 2.0, 20.0])
@pytest.mark.parametrize("worn", [0.4, 842.4, 8732.946])
@pytest.mark.parametrize("counts_per_kwh", [1.0, 1000.0])
def test_what_flows_is_what_is_added_whatever_the_counter_counts(
    counts_per_kwh: float, worn: float, kwh: float, watts: float
) -> None:
    garage = Garage(counts_per_kwh, worn)
    assert garage.charge(kwh, watts) == pytest.approx(
        kwh, abs=1.0 if counts_per_kwh == 1 else 0.05 + 0.02 * kwh
    )
    assert garage.longest_leap < 1.1


def test_a_counter_of_wh_is_followed_and_not_only_added_up() -> None:
    garage = Garage(1000.0, 8732.946)
    assert garage.charge(20.0) == pytest.approx(20.0, abs=0.05), "though 22 kWh were reckoned"
    assert garage.meter.kwh == pytest.approx(8752.946, abs=0.05)
    assert garage.meter.watch.to_memory() == WH


@pytest.mark.parametrize("reckoned", [0.9, 1.15, 3.0])
def test_a_counter_of_kwh_is_found_to_be_one_even_where_three_phases_are_reckoned_for_one(
    reckoned: float,
) -> None:
    garage = Garage(1.0, 842.4, reckoned)
    assert garage.charge(20.0) == pytest.approx(20.0, abs=1.0)
    assert garage.meter.watch.to_memory() == KWH


def test_a_counter_that_stands_still_is_left_alone_and_nothing_is_lost() -> None:
    garage = Garage(counter=842, reckoned=1.0)
    assert garage.charge(20.0) == pytest.approx(20.0, abs=0.1)
    assert garage.meter.watch.to_memory() == USELESS


def test_a_counter_that_stands_still_though_it_had_counted_wh_is_left_alone() -> None:
    garage = Garage(1000.0, 8732.946, reckoned=1.0)
    garage.charge(5.0)
    garage.counter = int(garage.true_kwh * 1000)
    assert garage.charge(5.0) == pytest.approx(5.0, abs=0.5)


def test_a_counter_that_fits_nothing_is_left_alone() -> None:
    garage = Garage(60.0, 842.4, reckoned=1.0)
    assert garage.charge(20.0) == pytest.approx(20.0, abs=0.1)
    assert garage.longest_leap < 1.1


def test_a_counter_that_begins_to_make_sense_is_followed_again() -> None:
    garage = Garage(counter=842, reckoned=1.1)
    garage.charge(20.0)
    garage.counter, garage.true_kwh = None, 900.0
    garage.charge(20.0)
    assert garage.meter.watch.to_memory() == KWH
    assert garage.charge(20.0) == pytest.approx(20.0, abs=1.0)


def test_a_counter_of_wh_is_recognized_after_its_predecessor_was_of_no_use() -> None:
    garage = Garage(counter=842, reckoned=1.1)
    garage.charge(20.0)
    garage.counter, garage.counts_per_kwh, garage.true_kwh = None, 1000.0, 1.2
    garage.charge(20.0)
    assert garage.meter.watch.to_memory() == WH
    assert garage.charge(20.0) == pytest.approx(20.0, abs=0.1)


def test_a_bit_that_flips_during_a_charge_adds_nothing() -> None:
    garage = Garage(true_kwh=180.4)
    garage.charge(3.0)
    garage.flips = 1 << 22
    assert garage.charge(3.0) == pytest.approx(3.0, abs=1.0)
    garage.flips = 0
    assert garage.charge(3.0) == pytest.approx(3.0, abs=1.0)


def test_a_counter_that_leaps_before_anybody_knows_what_it_counts_adds_nothing() -> None:
    garage = Garage(true_kwh=180.4)
    garage.now += 600.0
    garage.true_kwh += 40.0
    garage.live(60)
    assert garage.charge(3.0) == pytest.approx(3.0, abs=1.0)


@pytest.mark.parametrize(("counts_per_kwh", "rise"), [(1.0, 40.0), (1000.0, 40.0)])
def test_what_was_counted_while_nobody_listened_is_added(counts_per_kwh: float, rise: float) -> None:
    garage = Garage(counts_per_kwh, 8732.4)
    garage.charge(5.0)
    before = garage.meter.kwh
    garage.meter = EnergyMeter(before, garage.meter.watch.to_memory())
    garage.true_kwh += rise
    garage.live(120)
    assert before is not None
    assert garage.meter.kwh == pytest.approx(before + rise, abs=1.0)


def test_a_counter_of_wh_that_nobody_knew_adds_no_hundreds_of_kwh_after_a_restart() -> None:
    garage = Garage(1000.0, 8732.946, meter=EnergyMeter(8_732_946.0))
    garage.true_kwh += 0.4
    garage.meter = EnergyMeter(8_732_946.0)
    assert garage.charge(2.0) == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize(("counts_per_kwh", "share"), [(1.0, None), (0.45, 0.41), (1000.0, None)])
def test_a_counter_that_counts_half_of_what_flows_is_told(counts_per_kwh: float, share: float | None) -> None:
    garage = Garage(counts_per_kwh, 842.4)
    garage.charge(40.0)
    assert garage.meter.watch.odd_share == (None if share is None else pytest.approx(share, abs=0.03))


def test_nothing_is_told_of_what_happened_before_another_car_came() -> None:
    garage = Garage(0.45, 842.4)
    garage.charge(40.0)
    garage.meter.watch.measure_anew()
    garage.charge(2.0)
    assert garage.meter.watch.odd_share is None


def test_nothing_is_known_before_the_counter_was_read() -> None:
    meter = EnergyMeter()
    charge(meter, 600)
    assert meter.kwh is None


def test_the_first_reading_is_believed_when_it_was_read_twice() -> None:
    meter = read(EnergyMeter(), 842)
    assert meter.kwh is None
    assert read(meter, 842).kwh == 842.0


def test_a_counter_that_turned_over_between_its_first_two_readings_is_believed() -> None:
    assert read(EnergyMeter(), 842, 843).kwh == 843.0


def test_power_fills_the_whole_kilowatt_hours_up() -> None:
    meter = read(EnergyMeter(), 842, 842)
    charge(meter, 180)
    assert meter.kwh == pytest.approx(842.55)


def test_power_before_the_first_reading_is_not_added_afterwards() -> None:
    meter = EnergyMeter()
    meter.integrate(ELEVEN_KW, 0.0)
    read(meter, 842, 842)
    meter.integrate(0.0, 1.0)
    assert meter.kwh == pytest.approx(842 + ELEVEN_KW / 3_600_000)


@BOTH
def test_only_the_counter_announces_the_next_whole_kilowatt_hour(make: Meters) -> None:
    meter = read(make(), 842, 842)
    charge(meter, 3600)
    assert meter.kwh == pytest.approx(842.999)
    assert read(meter, 853).kwh == 853.0


@BOTH
def test_a_counter_ahead_of_the_power_pulls_the_energy_up(make: Meters) -> None:
    meter = read(make(), 842, 842)
    charge(meter, 60)
    assert read(meter, 843).kwh == 843.0


@BOTH
def test_a_silence_of_an_hour_is_not_filled_with_the_last_known_power(make: Meters) -> None:
    meter = read(make(), 842, 842)
    meter.integrate(ELEVEN_KW, 0.0)
    meter.integrate(0.0, 3600.0)
    assert meter.kwh == pytest.approx(842 + 11 * 30 / 3600)


@BOTH
def test_a_clock_that_steps_back_adds_nothing(make: Meters) -> None:
    meter = read(make(), 842, 842)
    meter.integrate(ELEVEN_KW, 100.0)
    meter.integrate(ELEVEN_KW, 50.0)
    assert meter.kwh == 842.0


@BOTH
@pytest.mark.parametrize("outlier", [4194484, 8732946, 10690796, 0, 841, 846])
def test_a_single_outlier_changes_nothing(make: Meters, outlier: int) -> None:
    meter = read(make(), 842, 842, outlier)
    assert meter.kwh == 842.0
    assert turn(meter, 843).kwh == 843.0


@BOTH
def test_two_outliers_that_disagree_change_nothing(make: Meters) -> None:
    assert read(make(), 842, 842, 4194484, 8732946, 842).kwh == 842.0


@BOTH
def test_a_counter_that_ran_on_while_nobody_listened_is_believed(make: Meters) -> None:
    meter = read(make(), 842, 842)
    meter.integrate(0.0, 0.0)
    meter.integrate(0.0, 2 * 3600.0)
    assert read(meter, 870).kwh == (842.0 if make is EnergyMeter else 870.0)
    charge(meter, 328, since=2 * 3600.0)
    assert read(meter, 871).kwh == 871.0


@BOTH
def test_a_leap_that_nothing_explains_is_not_published_however_often_it_is_read(make: Meters) -> None:
    meter = read(make(), 842, 842)
    charge(meter, 120, watts=0.0)
    assert read(meter, 870, 870).kwh == 842.0
    assert turn(meter, 871).kwh == 843.0


@BOTH
def test_the_energy_goes_on_from_where_it_was_when_the_counter_starts_anew(make: Meters) -> None:
    meter = read(make(), 842, 842, 0, 0)
    assert meter.kwh == 842.0
    assert turn(meter, 1).kwh == 843.0


def test_a_damaged_high_bit_that_comes_and_goes_is_not_added_each_time() -> None:
    meter = read(kwh_meter(), 180, 180, 4194484, 4194484, 181, 181, 4194485, 4194485)
    assert meter.kwh == 181.0


@BOTH
def test_a_counter_that_answers_late_does_not_make_the_energy_leap(make: Meters) -> None:
    meter = make()
    meter.do_without_counter()
    assert read(meter, 6131, 6131).kwh == 0.0
    assert turn(meter, 6132).kwh == 1.0


def test_after_a_restart_the_energy_goes_on_from_what_is_remembered() -> None:
    meter = EnergyMeter(842.4)
    assert meter.kwh == 842.4
    assert read(meter, 842, 842).kwh == 842.4


@BOTH
def test_after_a_restart_the_counter_may_have_run_on(make: Meters) -> None:
    assert turn(read(make(842.4), 870, 870), 871).kwh == 871.0


@BOTH
def test_after_a_restart_a_lower_counter_does_not_pull_the_energy_down(make: Meters) -> None:
    meter = read(make(842.4), 40, 40)
    assert meter.kwh == 842.4
    assert turn(meter, 41).kwh == 843.0


@BOTH
def test_power_after_a_restart_does_not_run_ahead_of_a_counter_that_was_not_read_yet(make: Meters) -> None:
    # Or the published energy would be a whole kWh ahead of the counter for ever, and once more with every restart.
    meter = make(842.99)
    charge(meter, 60)
    assert read(meter, 842, 842).kwh == pytest.approx(842.999)
    assert turn(meter, 843).kwh == 843.0


def test_a_wall_connector_without_a_counter_counts_from_zero() -> None:
    meter = EnergyMeter()
    meter.do_without_counter()
    charge(meter, 3600)
    assert meter.kwh == pytest.approx(11.0)


def test_a_wall_connector_without_a_counter_goes_on_from_what_is_remembered() -> None:
    meter = EnergyMeter(5.5)
    meter.do_without_counter()
    charge(meter, 3600)
    assert meter.kwh == pytest.approx(16.5)


_readings = st.one_of(
    st.integers(0, 3).map(lambda more: ("step", more)),
    st.sampled_from([0, 180, 4194484, 8732946, 10690796, 0xFFFFFFFF]).map(lambda kwh: ("outlier", kwh)),
    st.floats(0, 22_000).map(lambda watts: ("power", watts)),
)


@given(st.integers(0, 7000), st.lists(_readings, max_size=80))
def test_the_energy_never_falls_and_stays_within_one_kilowatt_hour_of_the_counter(
    counter: int, events: list[tuple[str, float]]
) -> None:
    """Single outliers only: the counter itself always speaks again before the next one."""
    meter = read(kwh_meter(), counter, counter)
    highest, now = float(counter), 0.0
    for kind, value in events:
        now += 10.0
        if kind == "power":
            meter.integrate(value, now)
        else:
            if kind == "step":
                counter += int(value)
                if value > 2:
                    # More than a counter turns while somebody listens: nobody did.
                    meter.integrate(0.0, now)
                    now += 600.0
                    meter.integrate(0.0, now)
            if kind == "outlier":
                meter.read_counter(int(value))
            read(meter, counter, counter)
            assert meter.kwh is not None
            assert counter <= meter.kwh < counter + 1
        assert meter.kwh is not None
        assert meter.kwh >= highest
        highest = meter.kwh


@given(
    st.one_of(st.none(), st.floats(0, 10_000)),
    st.lists(st.one_of(st.integers(0, 0xFFFFFFFF), st.integers(0, 9), st.floats(0, 22_000)), max_size=80),
)
def test_the_energy_never_falls_whatever_the_counter_says(
    remembered: float | None, events: list[int | float]
) -> None:
    meter = EnergyMeter(remembered)
    highest = remembered or 0.0
    for number, event in enumerate(events):
        if isinstance(event, int):
            meter.read_counter(event)
        else:
            meter.integrate(event, number * 10.0)
        assert (meter.kwh or 0.0) >= highest
        highest = meter.kwh or 0.0
