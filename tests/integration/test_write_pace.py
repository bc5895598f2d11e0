"""When a file is written: soon for what matters, seldom for the memory card."""

import pytest

from custom_components.tesla_twc.write_pace import (
    PATIENT_SECONDS,
    SAVE_DELAY_SECONDS,
    WISH_SECONDS,
    WISHES_AT_ONCE,
    WritePace,
)

NOW = 1000.0


def wish_due(pace: WritePace, now: float = NOW) -> float:
    return pace.due(now, urgent=False, said=True) - now


@pytest.mark.parametrize(
    ("urgent", "said", "delay"),
    [
        (True, True, SAVE_DELAY_SECONDS),
        (True, False, SAVE_DELAY_SECONDS),
        (False, True, SAVE_DELAY_SECONDS),
        (False, False, PATIENT_SECONDS),
    ],
)
def test_what_matters_is_written_soon(urgent: bool, said: bool, delay: float) -> None:
    assert WritePace().due(NOW, urgent=urgent, said=said) == NOW + delay


@pytest.mark.parametrize("urgent", [True, False], ids=["with what is urgent", "alone"])
def test_who_says_something_all_the_time_is_written_once_a_minute_after_the_first_few(urgent: bool) -> None:
    pace = WritePace()
    for _ in range(WISHES_AT_ONCE):
        assert wish_due(pace) == SAVE_DELAY_SECONDS
        pace.written(NOW, urgent=urgent, said=True)
    assert wish_due(pace) == WISH_SECONDS
    assert pace.due(NOW, urgent=True, said=True) == NOW + SAVE_DELAY_SECONDS, "what is urgent never waits"
    assert wish_due(pace, NOW + WISH_SECONDS) == SAVE_DELAY_SECONDS
    pace.written(NOW + WISH_SECONDS, urgent=False, said=True)
    assert wish_due(pace, NOW + WISH_SECONDS) == WISH_SECONDS
    assert wish_due(pace, NOW + WISH_SECONDS * WISHES_AT_ONCE) == SAVE_DELAY_SECONDS


def test_a_write_that_was_only_urgent_costs_no_wish_its_turn_and_one_of_habit_does() -> None:
    pace = WritePace()
    for _ in range(10 * WISHES_AT_ONCE):
        pace.written(NOW, urgent=True, said=False)
    assert wish_due(pace) == SAVE_DELAY_SECONDS
    for _ in range(WISHES_AT_ONCE):
        pace.written(NOW, urgent=False, said=False)
    assert wish_due(pace) == WISH_SECONDS


def test_a_disk_that_took_nothing_is_left_alone_whatever_happened() -> None:
    pace = WritePace()
    pace.refused(NOW)
    assert pace.due(NOW + 1, urgent=True, said=True) == NOW + PATIENT_SECONDS
    later = NOW + PATIENT_SECONDS
    assert pace.due(later, urgent=True, said=False) == later + SAVE_DELAY_SECONDS
