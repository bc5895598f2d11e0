"""A meter that is reported only when its value has changed by some watts."""

from dataclasses import dataclass, field
from random import Random

import pytest
from twc.charging.decision import InputState
from twc.charging.readings import SensorReading
from twc.charging.settings import Measurement, SiteSettings
from twc.charging.surplus.changes_only import UNCHANGED_SECONDS, ChangesOnly

from sunny_house import GARAGE, NOON, ParkedCar, SunnyHouse, wish

GRID = SiteSettings(measurement=Measurement.GRID, phases=1)


@dataclass
class ChangesHouse(SunnyHouse):
    """Its meter is reported beyond a threshold only; an oven is on for two minutes in every half an hour."""

    threshold: float = 60.0
    chance: Random = field(default_factory=lambda: Random(1))

    def _measure(self) -> None:
        second = int(self.now - NOON)
        self.load = 300.0 + (2000.0 if 1500 < second % 1800 < 1620 and second // 10 % 2 else 0.0)
        watts = self.grid_watts + self.chance.gauss(0, 15)
        if self.meter_works and (
            self._seen is None or abs(watts - (self._seen.value or 0)) >= self.threshold
        ):
            self._seen = SensorReading(watts, self.now)


def house(threshold: float, **more: object) -> ChangesHouse:
    parked = {GARAGE: ParkedCar(phases=1, wish=wish(limit_amps=16))}
    return ChangesHouse(parked, site=GRID, sun=3200.0, threshold=threshold, **more)


@pytest.mark.parametrize("threshold", [60.0, 100.0, 200.0])
def test_a_meter_that_says_nothing_because_nothing_has_changed_holds_no_car_back(threshold: float):
    calm = house(threshold)
    calm.live(400)
    sets = calm.sets
    silent = 0
    for _ in range(300):
        silent += calm.live(10).input_state is not InputState.FRESH
    assert silent == 0
    assert calm.sets - sets <= 30, "the oven twice, and a saw-tooth no more"
    assert calm.cars[GARAGE].starts == 1


def test_a_meter_that_does_not_answer_a_step_of_the_car_is_dead():
    calm = house(60.0)
    calm.live(1000)
    assert calm.decision.input_state is InputState.FRESH
    calm.meter_works = False
    calm.live(120)
    assert calm.decision.input_state is InputState.FRESH, "nothing has happened"
    calm.cars[GARAGE].maximum_amps = 7.0
    calm.live(120)
    assert calm.decision.input_state is not InputState.FRESH


def test_nobody_is_believed_for_ever():
    calm = house(60.0)
    calm.live(1700)
    calm.meter_works = False
    calm.live(int(UNCHANGED_SECONDS) - 160)
    assert calm.decision.input_state is InputState.FRESH
    calm.live(240)
    assert calm.decision.input_state is not InputState.FRESH


def threshold(reports: list[tuple[float, float]]) -> float | None:
    one = ChangesOnly()
    for watts, at in reports:
        one.note(watts, at)
    return one.threshold_watts


def test_a_slow_meter_with_large_changes_has_a_rhythm():
    slow = [(1000.0 * (number % 2), 300.0 * number) for number in range(30)]
    assert threshold(slow) is None


def test_a_quick_meter_with_gaps_has_small_changes():
    chance = Random(2)
    quick = [(chance.gauss(0, 40), number + 20.0 * (number > 15)) for number in range(30)]
    assert threshold(quick) is None


def test_the_threshold_is_the_least_change_and_bounded():
    bursts = [(100.0 * (number % 2), number + 60.0 * (number // 5)) for number in range(30)]
    assert threshold(bursts) == 100.0
    assert threshold([(20 * watts, at) for watts, at in bursts]) == 300.0
    assert threshold(bursts[:10]) is None, "too few"
    assert threshold([*bursts, bursts[-1], (0.0, 0.0)]) == 100.0, "told before"


def test_a_car_is_raised_by_what_a_silent_meter_cannot_hide():
    def offered(threshold: float) -> int:
        calm = house(threshold)
        calm.live(1400)
        calm.sun = 4000.0
        return calm.live(60).connectors[GARAGE].amps

    assert offered(60.0) > offered(200.0) >= 12
