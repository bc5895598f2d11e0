"""How often a reading is worth a row."""

from itertools import pairwise

from hypothesis import given, strategies as st
import pytest

from custom_components.tesla_twc.entities.deadband import (
    ALWAYS_SECONDS,
    ENERGY_DETAIL,
    JUMP_STEPS,
    LASTING_SECONDS,
    SOON_SECONDS,
    STILL_SECONDS,
    Detail,
    Thinned,
)

pytestmark = pytest.mark.once

AMPS = Detail(step=0.2)
WATTS = Detail(step=50, share=0.01)


def test_the_first_value_and_its_loss_are_shown_at_once() -> None:
    reading = Thinned(AMPS)
    assert reading.shown is None
    assert reading.take(0.0, now=0) == 0.0
    assert reading.take(None, now=1) is None
    assert reading.take(5.2, now=2) == 5.2


def test_a_jump_is_shown_at_once() -> None:
    reading = Thinned(AMPS)
    reading.take(6.0, now=0)
    assert reading.take(7.0, now=1) == 7.0


def test_a_sway_of_a_step_waits_a_little() -> None:
    reading = Thinned(AMPS)
    reading.take(6.0, now=0)
    assert reading.take(6.3, now=SOON_SECONDS - 1) == 6.0
    assert reading.take(6.3, now=SOON_SECONDS) == 6.3


def test_what_has_fallen_for_good_is_shown_within_seconds() -> None:
    reading = Thinned(WATTS)
    reading.take(2274.0, now=0)
    assert reading.take(2060.0, now=1) == 2274.0, "one value may be a peak"
    assert reading.take(2060.0, now=LASTING_SECONDS) == 2274.0
    assert reading.take(2050.0, now=1 + LASTING_SECONDS) == 2050.0


def test_what_goes_up_and_down_is_a_sway() -> None:
    reading = Thinned(WATTS)
    reading.take(2000.0, now=0)
    for now in range(1, SOON_SECONDS):
        assert reading.take(2000.0 + (120 if now % 4 > 1 else -120), now=now) == 2000.0
    assert reading.take(2120.0, now=SOON_SECONDS) == 2120.0


def test_what_belongs_together_is_shown_together() -> None:
    amps, watts = Thinned(AMPS, WATTS), Thinned(WATTS, AMPS)

    def shown(current: float | None, power: float | None, now: float) -> tuple[float | None, float | None]:
        return amps.take(current, now, power), watts.take(power, now, current)

    assert shown(16.0, 11_040.0, 0) == (16.0, 11_040.0)
    assert shown(16.1, 11_100.0, 1) == (16.0, 11_040.0)
    assert shown(17.2, 11_500.0, 2) == (17.2, 11_500.0), "a jump in A is less of one in W"
    assert shown(None, None, 3) == (None, None)


def test_less_than_a_step_is_shown_in_the_end() -> None:
    reading = Thinned(AMPS)
    reading.take(6.0, now=0)
    assert reading.take(6.1, now=ALWAYS_SECONDS - 1) == 6.0
    assert reading.take(6.1, now=ALWAYS_SECONDS) == 6.1


def test_a_sum_that_no_longer_rises_is_shown_to_the_last_digit() -> None:
    energy, current = Thinned(ENERGY_DETAIL), Thinned(Detail(step=ENERGY_DETAIL.step))
    energy.take(6.0, now=0)
    current.take(6.0, now=0)
    for now in range(1, 30):
        assert energy.take(6.0 + now / 1000, now=now) == 6.0, "it still rises"
    for now in range(30, 29 + STILL_SECONDS):
        assert energy.take(6.029, now=now) == 6.0
    assert energy.take(6.029, now=29 + STILL_SECONDS) == 6.029
    assert current.take(6.029, now=29 + STILL_SECONDS) == 6.0, "it sways, and rests for a moment"


def test_what_does_not_change_is_not_told_again() -> None:
    reading = Thinned(AMPS)
    reading.take(6.0, now=0)
    assert reading.take(6.0, now=10 * ALWAYS_SECONDS) == 6.0
    # The rest counts from the last row, not from the last look: this is the first change after it.
    assert reading.take(6.05, now=10 * ALWAYS_SECONDS + 1) == 6.05


@pytest.mark.parametrize(("shown", "value", "steps"), [(100, 150, 1), (11_000, 11_110, 1), (0, 500, 10)])
def test_large_readings_need_no_finer_steps_than_their_share(
    shown: float, value: float, steps: float
) -> None:
    assert WATTS.steps(shown, value) == pytest.approx(steps)


@given(values=st.lists(st.floats(0, 32), min_size=1, max_size=400))
def test_what_is_shown_is_never_far_off_for_long(values: list[float]) -> None:
    reading = Thinned(AMPS)
    off_since: float | None = None
    rows = 0
    before: float | None = None
    for second, value in enumerate(values):
        shown = reading.take(value, now=second)
        assert shown is not None
        assert abs(shown - value) < JUMP_STEPS * AMPS.step
        off_since = None if abs(shown - value) < AMPS.step else off_since or second
        assert off_since is None or second - off_since <= SOON_SECONDS
        rows += shown != before
        before = shown
    jumps = sum(abs(a - b) >= AMPS.step for a, b in pairwise(values))
    assert rows <= 1 + jumps + len(values) / SOON_SECONDS
