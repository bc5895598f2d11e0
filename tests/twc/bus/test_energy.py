"""Lifetime energy: whole kWh from the counter, decimals from the power in between."""

from hypothesis import given, strategies as st
import pytest
from twc.bus.energy import EnergyMeter

ELEVEN_KW = 11_000.0


def read(meter: EnergyMeter, *counters: int) -> EnergyMeter:
    for counter in counters:
        meter.read_counter(counter)
    return meter


def charge(meter: EnergyMeter, seconds: int, *, watts: float = ELEVEN_KW, since: float = 0.0) -> None:
    """Report the same power every second, as heartbeats do."""
    for second in range(seconds + 1):
        meter.integrate(watts, since + second)


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


def test_only_the_counter_announces_the_next_whole_kilowatt_hour() -> None:
    meter = read(EnergyMeter(), 842, 842)
    charge(meter, 3600)
    assert meter.kwh == pytest.approx(842.999)
    assert read(meter, 843).kwh == 843.0


def test_a_counter_ahead_of_the_power_pulls_the_energy_up() -> None:
    meter = read(EnergyMeter(), 842, 842)
    charge(meter, 60)
    assert read(meter, 843).kwh == 843.0


def test_a_silence_of_an_hour_is_not_filled_with_the_last_known_power() -> None:
    meter = read(EnergyMeter(), 842, 842)
    meter.integrate(ELEVEN_KW, 0.0)
    meter.integrate(0.0, 3600.0)
    assert meter.kwh == pytest.approx(842 + 11 * 30 / 3600)


def test_a_clock_that_steps_back_adds_nothing() -> None:
    meter = read(EnergyMeter(), 842, 842)
    meter.integrate(ELEVEN_KW, 100.0)
    meter.integrate(ELEVEN_KW, 50.0)
    assert meter.kwh == 842.0


@pytest.mark.parametrize("outlier", [4194484, 8732946, 10690796, 0, 841, 846])
def test_a_single_outlier_changes_nothing(outlier: int) -> None:
    meter = read(EnergyMeter(), 842, 842, outlier, 843)
    assert meter.kwh == 843.0


def test_two_outliers_that_disagree_change_nothing() -> None:
    assert read(EnergyMeter(), 842, 842, 4194484, 8732946, 842).kwh == 842.0


def test_a_counter_that_ran_on_while_nobody_listened_is_believed_when_read_twice() -> None:
    meter = read(EnergyMeter(), 842, 842, 870)
    assert meter.kwh == 842.0
    assert read(meter, 870).kwh == 870.0


def test_the_energy_goes_on_from_where_it_was_when_the_counter_starts_anew() -> None:
    meter = read(EnergyMeter(), 842, 842, 0, 0)
    assert meter.kwh == 842.0
    assert read(meter, 1).kwh == 843.0


def test_a_damaged_high_bit_that_comes_and_goes_is_not_added_each_time() -> None:
    meter = read(EnergyMeter(), 180, 180, 4194484, 4194484, 181, 181, 4194485, 4194485)
    assert meter.kwh == 181.0


def test_a_counter_that_answers_late_does_not_make_the_energy_leap() -> None:
    meter = EnergyMeter()
    meter.do_without_counter()
    assert read(meter, 6131, 6131).kwh == 0.0
    assert read(meter, 6132).kwh == 1.0


def test_after_a_restart_the_energy_goes_on_from_what_is_remembered() -> None:
    meter = EnergyMeter(842.4)
    assert meter.kwh == 842.4
    assert read(meter, 842, 842).kwh == 842.4


def test_after_a_restart_the_counter_may_have_run_on() -> None:
    assert read(EnergyMeter(842.4), 870, 870).kwh == 870.0


def test_after_a_restart_a_lower_counter_does_not_pull_the_energy_down() -> None:
    meter = read(EnergyMeter(842.4), 40, 40)
    assert meter.kwh == 842.4
    assert read(meter, 41).kwh == 843.0


def test_power_after_a_restart_does_not_run_ahead_of_a_counter_that_was_not_read_yet() -> None:
    # Or the published energy would be a whole kWh ahead of the counter for ever, and once more with every restart.
    meter = EnergyMeter(842.99)
    charge(meter, 60)
    assert read(meter, 842, 842).kwh == pytest.approx(842.999)
    assert read(meter, 843).kwh == 843.0


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
    meter = read(EnergyMeter(), counter, counter)
    highest, now = float(counter), 0.0
    for kind, value in events:
        now += 10.0
        if kind == "power":
            meter.integrate(value, now)
        else:
            counter += int(value) if kind == "step" else 0
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
