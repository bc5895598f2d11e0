"""What a decision says of the readings of the house as a whole."""

import pytest
from twc.charging.decision import Decision, FuseState, InputState


@pytest.mark.parametrize(
    ("inputs", "fuse", "told"),
    [
        (InputState.UNUSED, FuseState.UNUSED, InputState.UNUSED),
        (InputState.UNUSED, FuseState.CLEAR, InputState.FRESH),
        (InputState.FRESH, FuseState.LIMITING, InputState.FRESH),
        (InputState.FRESH, FuseState.SILENT, InputState.MINIMUM),
        (InputState.UNUSED, FuseState.FAULTY, InputState.NOT_BELIEVED),
        (InputState.FRESH, FuseState.FAULTY, InputState.NOT_BELIEVED),
        (InputState.GIVEN_UP, FuseState.FAULTY, InputState.GIVEN_UP),
        (InputState.GIVEN_UP, FuseState.SILENT, InputState.GIVEN_UP),
        (InputState.NIGHT, FuseState.CLEAR, InputState.NIGHT),
    ],
)
def test_the_worst_is_told_of_all_readings(inputs: InputState, fuse: FuseState, told: InputState):
    assert Decision(input_state=inputs, fuse_state=fuse).sensors_state is told
