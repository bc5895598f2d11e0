"""How soon the sensors of the main fuse show a step of a car."""

from collections.abc import Sequence

import pytest
from twc.charging.house_phases import PhaseVerdict
from twc.charging.main_fuse.phase_learner import TOLD_LATE_SECONDS, CarSample, PhaseLearner
from twc.protocol.codes import TwcId

CAR = TwcId(0x1000)
MINUTES = 2 * 60


def live(
    learner: PhaseLearner, late: Sequence[int], *, steps: int, house: Sequence[float] = (4.0, 4.0, 4.0)
) -> None:
    """Let one car on three phases go between 6 A and 16 A; each sensor tells every second, so many s late."""
    amps = [6.0 if second // MINUTES % 2 else 16.0 for second in range(MINUTES * steps + 100)]
    for second, now in enumerate(amps):
        for sensor, behind in enumerate(late):
            learner.note_report(
                sensor, house[sensor] + amps[max(0, second - behind)], float(second), len(late)
            )
        learner.note_cars({CAR: CarSample(now, (True, True, True))}, [1.0] * len(late), float(second))


def test_the_slowest_sensor_says_how_soon_all_have_answered():
    learner = PhaseLearner()
    live(learner, (0, 2, 20), steps=4)
    assert learner.answers_within == 20 + TOLD_LATE_SECONDS


def test_three_quick_answers_of_one_step_are_not_three_answers():
    learner = PhaseLearner()
    live(learner, (0, 0, 0), steps=1)
    assert learner.answers_within is None
    again = PhaseLearner()
    live(again, (0, 0, 0), steps=2)
    assert again.answers_within == TOLD_LATE_SECONDS


def test_a_house_that_moves_beside_one_step_does_not_make_a_late_meter_quick():
    """Three phases of the house rise in the very second in which the car does: all three sensors answer at once."""
    learner = PhaseLearner()
    late, begin = 25, MINUTES * 2
    amps = [6.0 if second // MINUTES % 2 else 16.0 for second in range(MINUTES * 6)]
    for second, now in enumerate(amps):
        kettle = 10.0 if begin <= second < begin + late else 0.0
        for sensor in range(3):
            learner.note_report(sensor, 4.0 + amps[max(0, second - late)] + kettle, float(second), 3)
        learner.note_cars({CAR: CarSample(now, (True, True, True))}, [1.0] * 3, float(second))
    assert learner.answers_within == late + TOLD_LATE_SECONDS


def test_what_was_known_before_a_restart_holds_until_more_is_known():
    learner = PhaseLearner(answers_within=12.0)
    live(learner, (30, 30, 30), steps=1)
    assert learner.answers_within == 12.0
    learner.forget()
    assert learner.answers_within is None


def covered(battery: str, hours: int = 1) -> PhaseLearner:
    """Live with a house battery of which this is told: it takes and gives what the car does, the grid nothing."""
    learner = PhaseLearner()
    for second in range(hours * 3600):
        amps = 6.0 if second // MINUTES % 2 else 16.0
        for sensor in range(3):
            learner.note_report(sensor, 0.2, float(second), 3)
        if battery == "moves":
            learner.note_battery(-3 * amps, float(second))
        elif battery == "rests":
            learner.note_battery(0.0, float(second))
        elif battery == "silent":
            learner.note_battery(-3 * amps if second < 60 else None, float(second))
        learner.note_cars({CAR: CarSample(amps, (1, 2, 3))}, [1.0] * 3, float(second))
    return learner


@pytest.mark.parametrize("battery", ["moves", "silent"])
def test_sensors_that_show_nothing_while_a_house_battery_answers_are_not_blamed(battery: str):
    assert covered(battery).answers.findings().verdict is PhaseVerdict.UNKNOWN


@pytest.mark.parametrize("battery", ["rests", "not measured"])
def test_sensors_that_show_nothing_while_nobody_else_answers_do_not_contain_the_car(battery: str):
    assert covered(battery).answers.findings().verdict is PhaseVerdict.NOT_CONTAINED
