"""The soak benchmark judges what it saw honestly: growth, gaps between heartbeats, and the log."""

import os
import subprocess

import pytest

from benchmarks import processes
from benchmarks.figures import Figure
from benchmarks.growth import floors, per_hour, settled
from benchmarks.soak import verdict
from benchmarks.soak_watch import loud_lines
from benchmarks.trouble import AFTERWARDS_SECONDS, Event, Trouble, cause

pytestmark = pytest.mark.once

MINUTES = [60.0 * minute for minute in range(100)]


def test_a_straight_line_grows_by_its_slope():
    assert per_hour([(time, 200 + 3 * time / 3600) for time in MINUTES]) == pytest.approx(3.0)


def test_samples_that_are_far_off_do_not_look_like_growth():
    series = [(time, 900.0 if index % 5 == 0 else 5.0) for index, time in enumerate(MINUTES)]
    assert per_hour(series) == 0.0


def test_steady_growth_is_seen_through_noise():
    noisy = [(time, 200 + 10 * time / 3600 + index % 7) for index, time in enumerate(MINUTES)]
    assert per_hour(noisy) == pytest.approx(10.0, abs=0.5)


@pytest.mark.parametrize("series", [[], [(1.0, 5.0)], [(1.0, 5.0), (1.0, 6.0)]])
def test_growth_takes_two_samples_of_different_times(series):
    with pytest.raises(ValueError, match="two samples"):
        per_hour(series)


def test_what_comes_before_all_has_settled_does_not_count():
    series = [(time, 1000.0 if time < 1200 else 5.0) for time in (100.0, 700.0, 1299.0, 1300.0, 1400.0)]
    assert settled(series, 1200) == [(1300.0, 5.0), (1400.0, 5.0)]


def test_a_buffer_that_is_emptied_now_and_then_has_a_floor_and_a_leak_below_it_shows():
    def full(index: int) -> float:
        return (index % 8) * (10.0 + index)  # fuller each time before it is emptied

    buffer = [(time, full(index)) for index, time in enumerate(MINUTES)]
    leak = [(time, full(index) + index) for index, time in enumerate(MINUTES)]
    assert per_hour(floors(buffer, 1000)) == 0.0
    assert per_hour(floors(leak, 1000)) == pytest.approx(60.0, abs=6)


def test_a_gap_is_put_down_to_what_happened_during_it_or_shortly_before():
    events = [
        Event(Trouble.NOISE, 100.0, 120.0),
        Event(Trouble.GATEWAY, 110.0, 115.0),
        Event(Trouble.CAR, 500.0),
    ]
    after = 120.0 + AFTERWARDS_SECONDS
    assert cause(events, 90.0, 99.0) is None
    assert cause(events, 90.0, 101.0) is Trouble.NOISE
    assert cause(events, 90.0, 130.0) is Trouble.GATEWAY
    assert cause(events, after - 1, after + 60) is Trouble.NOISE
    assert cause(events, after + 1, after + 60) is None
    assert cause(events, 9000.0, 9002.0) is Trouble.CAR, "it goes on"


def test_only_loud_lines_of_our_own_loggers_count():
    log = """\
2026-11-25 08:00:00.000 INFO (MainThread) [custom_components.tesla_twc] Running
2026-11-25 08:00:01.000 WARNING (MainThread) [custom_components.tesla_twc.storage.store] Cannot read
2026-11-25 08:00:02.000 WARNING (MainThread) [homeassistant.loader] We found custom_components.tesla_twc
2026-11-25 08:00:03.000 ERROR (SyncWorker_1) [custom_components.tesla_twc] Failed
Traceback WARNING of nobody
"""
    assert loud_lines(log) == ["WARNING Cannot read", "ERROR Failed"]
    assert len(loud_lines(log, "")) == 3


def test_the_verdict_names_what_is_not_flat():
    flat = Figure(name="growth of tasks", value=0.0, unit="tasks/h", at_most=0.5)
    told = Figure(name="growth of database", value=30.0, unit="MiB/h")
    grown = Figure(name="growth of memory", value=12.34, unit="MiB/h", at_most=2.0)
    assert verdict([flat, told]) == "flat"
    assert verdict([flat, grown, told]) == "NOT FLAT: growth of memory 12.3 MiB/h"


def test_children_and_their_children_are_found_until_they_are_gone():
    own = processes.folder(os.getpid())
    with subprocess.Popen(["sh", "-c", "sleep 60 & echo; wait"], stdout=subprocess.PIPE) as shell:
        assert shell.stdout is not None
        shell.stdout.readline()
        its = processes.folder(shell.pid)
        (sleeping,) = processes.children(its)
        assert {its, sleeping} <= set(processes.children(own))
        assert processes.megabytes(own) > 10
        os.kill(int(sleeping.name), 15)
        shell.wait()
    assert its not in processes.children(own)
    assert processes.megabytes(its) == 0.0
    assert processes.listed(its / "fd") == []
