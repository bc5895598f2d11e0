"""How often a sensor of the house reports, and how old its last word may be."""

from itertools import accumulate

from hypothesis import given, strategies as st
import pytest
from twc.charging.report_interval import ReportInterval

NIGHT = 9 * 3600.0


def heard(gaps: list[float], learnt: ReportInterval | None = None) -> ReportInterval:
    """Let a sensor report with these gaps in between, in s."""
    learnt = learnt or ReportInterval()
    for at in accumulate(gaps, initial=5000.0):
        learnt.note(at)
    return learnt


def test_nothing_is_known_before_the_third_report() -> None:
    assert heard([10.0]).interval_seconds is None
    assert heard([10.0]).fresh_seconds == 60.0
    assert heard([10.0, 10.0]).interval_seconds == 10.0


@pytest.mark.parametrize(
    ("interval", "fresh"), [(1.0, 30.0), (10.0, 30.0), (60.0, 150.0), (300.0, 750.0), (900.0, 2250.0)]
)
def test_a_local_meter_and_a_cloud_are_both_given_their_time(interval: float, fresh: float) -> None:
    learnt = heard([interval] * 6)
    assert learnt.interval_seconds == interval
    assert learnt.fresh_seconds == fresh


def test_the_same_report_told_again_is_no_gap() -> None:
    learnt = ReportInterval()
    for at in (0.0, 0.0, 10.0, 10.0, 10.0, 20.0, 15.0, 20.0, 30.0):
        learnt.note(at)
    assert learnt.interval_seconds == 10.0


def test_a_template_that_speaks_twice_has_the_interval_of_its_pairs() -> None:
    assert heard([299.8, 0.2] * 8).interval_seconds == pytest.approx(300.0)


@pytest.mark.parametrize("interval", [1.0, 300.0])
def test_a_night_without_reports_is_no_interval(interval: float) -> None:
    learnt = heard([interval, interval, NIGHT, interval, interval, NIGHT])
    assert learnt.interval_seconds == interval


def test_a_night_right_after_the_first_report_is_no_interval() -> None:
    assert heard([NIGHT, 10.0]).interval_seconds == 10.0


def test_a_sensor_that_was_set_to_report_seldom_is_believed() -> None:
    assert heard([1.0] * 20 + [60.0] * 3).interval_seconds == 60.0


def test_a_sensor_that_was_set_to_report_often_is_believed() -> None:
    assert heard([300.0] * 20 + [5.0] * 8).interval_seconds == 5.0


def test_the_interval_survives_a_restart() -> None:
    learnt = ReportInterval(300.0)
    assert learnt.interval_seconds == 300.0
    assert heard([NIGHT], learnt).fresh_seconds == 750.0


def test_a_remembered_interval_that_is_no_longer_true_is_unlearnt() -> None:
    assert heard([1.0] * 8, ReportInterval(300.0)).interval_seconds == 1.0
    assert heard([300.0] * 3, ReportInterval(1.0)).interval_seconds == 300.0


@pytest.mark.parametrize("nonsense", [0.0, -5.0, float("nan"), float("inf")])
def test_a_remembered_interval_that_cannot_be_is_ignored(nonsense: float) -> None:
    assert ReportInterval(nonsense).interval_seconds is None


@given(st.floats(0.7, 900.0), st.lists(st.floats(0.8, 1.25), min_size=4, max_size=40))
def test_a_sensor_that_is_a_little_early_or_late_stays_fresh(interval: float, wobble: list[float]) -> None:
    learnt = heard([interval * factor for factor in wobble])
    assert learnt.interval_seconds is not None
    assert 0.79 * interval <= learnt.interval_seconds <= 1.26 * interval
    assert learnt.fresh_seconds > 1.25 * interval
