"""Orders fall at once and rise step by step."""

from itertools import pairwise

from hypothesis import given, strategies as st
from twc.bus.rising import RISE_SECONDS, RisePace


def test_the_first_order_takes_effect_at_once_and_so_does_the_first_rise() -> None:
    pace = RisePace()
    assert [pace.amps(order, 1000.0 + second) for second, order in enumerate((6, 16, 32))] == [6, 16, 16]


def test_the_newest_order_takes_effect_when_its_time_has_come() -> None:
    pace = RisePace()
    effects = [pace.amps(6 + second, 1000.0 + second) for second in range(26)]
    assert effects == [6, *[7] * 10, *[17] * 10, *[27] * 5]


def test_a_fall_takes_effect_at_once_and_makes_no_rise_come_sooner() -> None:
    pace = RisePace()
    orders = (6, 16, 9, 16, 8, 32)
    assert [pace.amps(order, 1000.0 + second) for second, order in enumerate(orders)] == [6, 16, 9, 9, 8, 8]
    assert pace.amps(32, 1000.0 + RISE_SECONDS) == 8
    assert pace.amps(32, 1001.0 + RISE_SECONDS) == 32


def test_after_a_stop_charging_begins_at_once() -> None:
    pace = RisePace()
    assert [pace.amps(order, 1000.0 + second) for second, order in enumerate((6, 16, 0, 16))] == [
        6,
        16,
        0,
        16,
    ]


@given(st.lists(st.tuples(st.sampled_from([0.3, 1.0, 4.0, 11.0]), st.integers(6, 32)), max_size=60))
def test_no_order_is_exceeded_and_no_two_rises_are_close(orders: list[tuple[float, int]]) -> None:
    pace, now, rises, last = RisePace(), 1000.0, [], None
    for seconds, order in orders:
        now += seconds
        effect = pace.amps(order, now)
        assert effect <= order
        if last is not None and effect > last:
            rises.append(now)
        last = effect
    assert all(later - earlier >= RISE_SECONDS for earlier, later in pairwise(rises))
