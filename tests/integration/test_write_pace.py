"""When a file is written: soon for what matters, seldom for the memory card."""

import pytest

from custom_components.tesla_twc.storage.write_pace import (
    PATIENT_SECONDS,
    SAVE_DELAY_SECONDS,
    SETTING_SECONDS,
    SETTINGS_AT_ONCE,
    WritePace,
)

pytestmark = pytest.mark.once

NOW = 1000.0


def setting_due(pace: WritePace, now: float = NOW) -> float:
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
    for _ in range(SETTINGS_AT_ONCE):
        assert setting_due(pace) == SAVE_DELAY_SECONDS
        pace.written(NOW, urgent=urgent, said=True)
    assert setting_due(pace) == SETTING_SECONDS
    assert pace.due(NOW, urgent=True, said=True) == NOW + SAVE_DELAY_SECONDS, "what is urgent never waits"
    assert setting_due(pace, NOW + SETTING_SECONDS) == SAVE_DELAY_SECONDS
    pace.written(NOW + SETTING_SECONDS, urgent=False, said=True)
    assert setting_due(pace, NOW + SETTING_SECONDS) == SETTING_SECONDS
    assert setting_due(pace, NOW + SETTING_SECONDS * SETTINGS_AT_ONCE) == SAVE_DELAY_SECONDS


def test_a_write_that_was_only_urgent_costs_no_setting_its_turn_and_one_of_habit_does() -> None:
    pace = WritePace()
    for _ in range(10 * SETTINGS_AT_ONCE):
        pace.written(NOW, urgent=True, said=False)
    assert setting_due(pace) == SAVE_DELAY_SECONDS
    for _ in range(SETTINGS_AT_ONCE):
        pace.written(NOW, urgent=False, said=False)
    assert setting_due(pace) == SETTING_SECONDS


def test_a_disk_that_took_nothing_is_left_alone_whatever_happened() -> None:
    pace = WritePace()
    pace.refused(NOW)
    assert pace.due(NOW + 1, urgent=True, said=True) == NOW + PATIENT_SECONDS
    later = NOW + PATIENT_SECONDS
    assert pace.due(later, urgent=True, said=False) == later + SAVE_DELAY_SECONDS
