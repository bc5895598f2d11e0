"""The grid meter of a replay: late, slow or noisy, and heard only when that is worth it."""

import itertools

from hypothesis import given, strategies as st
from twc.replay.house import MeterSettings
from twc.replay.meter import QUIET_SECONDS, ReplayedMeter

START = 1000.0


def heard(meter: MeterSettings, house: dict[int, float], seconds: int) -> list[tuple[int, float]]:
    """Second and W of each report of a house that changes at given seconds, listening only when told to."""
    on_the_wall, now, reports = ReplayedMeter(meter, START), 0, []
    watts = 0.0
    while now < seconds:
        watts = house.get(now, watts)
        on_the_wall.measure(watts, 0.0, START + now)
        reading = on_the_wall.reading
        if reading.value is not None and (not reports or reading.reported_at != START + reports[-1][0]):
            reports.append((int(reading.reported_at - START), reading.value))
        following = on_the_wall.next_at(START + now) - START
        assert following > now
        now = min([int(following), *(at for at in house if at > now)])
    return reports


def shown(reports: list[tuple[int, float]], second: int) -> float:
    return [watts for at, watts in reports if at <= second][-1]


def test_a_fast_meter_tells_every_change_at_once() -> None:
    assert heard(MeterSettings(), {0: 300.0, 7: 500.0, 8: 400.0}, 12) == [(0, 300.0), (7, 500.0), (8, 400.0)]


def test_a_late_meter_tells_what_the_house_took_before() -> None:
    meter = MeterSettings(delay_seconds=5.0)
    assert heard(meter, {0: 300.0, 7: 500.0}, 15) == [(0, 300.0), (12, 500.0)]


def test_a_slow_meter_tells_at_its_own_times_only() -> None:
    meter = MeterSettings(interval_seconds=10.0)
    reports = heard(meter, {0: 300.0, 11: 500.0, 18: 350.0, 33: 900.0}, 60)
    assert {at % 10 for at, _ in reports} == {0}
    assert next(watts for _, watts in reports if watts != 300.0) == 350.0, "nobody ever heard of the 500 W"
    assert (40, 900.0) in reports


def test_a_house_that_does_not_change_is_still_heard_of_before_its_last_word_is_stale() -> None:
    for interval in (1.0, 7.0, 10.0, 15.0):
        reports = [at for at, _ in heard(MeterSettings(interval_seconds=interval), {0: 300.0}, 600)]
        gaps = [later - earlier for earlier, later in itertools.pairwise(reports)]
        assert max(gaps) <= QUIET_SECONDS
        assert len(reports) < 65, "a month has to pass in seconds"


def test_a_meter_that_speaks_seldom_is_heard_every_time() -> None:
    assert [at for at, _ in heard(MeterSettings(interval_seconds=300.0), {0: 300.0}, 1000)] == [
        0,
        300,
        600,
        900,
    ]


def test_every_report_counts_for_a_while_after_a_car_has_moved() -> None:
    on_the_wall, told = ReplayedMeter(MeterSettings(interval_seconds=5.0), START), []
    now = START
    while now < START + 60:
        on_the_wall.measure(300.0, 0.0 if now < START + 20 else 1380.0, now)
        told.append(on_the_wall.reading.reported_at - START)
        now = on_the_wall.next_at(now)
    assert {20.0, 25.0, 30.0, 35.0} <= set(told)
    assert 45.0 not in told


def test_noise_is_added_to_one_report_after_the_other() -> None:
    reports = heard(MeterSettings(interval_seconds=10.0, noise=(1.0, -2.0, 3.0)), {0: 300.0}, 50)
    assert reports == [(0, 301.0), (10, 298.0), (20, 303.0), (30, 301.0), (40, 298.0)]


@given(
    interval=st.sampled_from((1, 2, 5, 10, 17, 60)),
    delay=st.integers(min_value=0, max_value=40),
    house=st.dictionaries(st.integers(1, 200), st.sampled_from((-900.0, 0.0, 300.0, 2000.0)), max_size=12),
)
def test_whoever_listens_only_when_it_matters_knows_as_much_as_who_always_listens(
    interval: int, delay: int, house: dict[int, float]
) -> None:
    house = {0: 100.0, **house}
    reports = heard(MeterSettings(interval_seconds=interval, delay_seconds=delay), house, 300)
    for second in range(300):
        at = max(0, second - second % interval - delay)
        assert shown(reports, second) == house[max(time for time in house if time <= at)]
