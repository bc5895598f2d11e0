"""When a charge on surplus begins and ends: energies, dwell times, clouds and evenings."""

from math import inf

import pytest
from twc.charging.settings import Pace
from twc.charging.start_stop import Phase, StartStop

LINE = 1380.0
PACE = Pace()
STOP_LINE = PACE.stop_line


class Day:
    """One wall connector whose surplus a test sets, looked at every second or only when it asks for it."""

    def __init__(self, *, running: bool = False, pace: Pace = PACE, seconds: float | None = 1.0) -> None:
        self.now = 1000.0
        self.pace = pace
        self.start_stop = StartStop(running=running, now=self.now)
        self._seconds = seconds

    def live(self, watts: float, seconds: float) -> float:
        """Let time pass; return how many of these seconds it charged."""
        end, charged = self.now + seconds, 0.0
        while self.now < end:
            running = self.start_stop.look(watts, LINE, self.pace, self.now)
            due = self.start_stop.next_at or inf
            step = min(end, due if self._seconds is None else self.now + self._seconds) - self.now
            charged += step if running else 0.0
            self.now += step
        self.start_stop.look(watts, LINE, self.pace, self.now)
        return charged

    @property
    def running(self) -> bool:
        return self.start_stop.running


def test_a_glimpse_of_sun_starts_nothing():
    day = Day()
    for _ in range(10):
        day.live(LINE + 300, 60)
        day.live(LINE - 600, 120)
    assert not day.running


@pytest.mark.parametrize("seconds", [1.0, None], ids=["every second", "only when it asks"])
def test_a_start_needs_so_much_energy_however_it_comes(seconds: float | None):
    strong, weak = Day(seconds=seconds), Day(seconds=seconds)
    assert strong.live(LINE + 1800, 600) == pytest.approx(600 - 50, abs=2)
    assert weak.live(LINE + 180, 900) == pytest.approx(900 - 500, abs=2)


def test_it_says_what_it_waits_for():
    day = Day()
    day.live(500, 10)
    assert day.start_stop.phase is Phase.WAITING
    day.live(LINE + 100, 10)
    assert day.start_stop.phase is Phase.GATHERING
    day.live(LINE + 5000, 60)
    assert day.start_stop.phase is Phase.RUNNING
    day.live(0, 20)
    assert day.start_stop.phase is Phase.ENDING
    day.live(0, 600)
    assert day.start_stop.phase is Phase.WAITING
    day.live(LINE + 9000, 100)
    assert day.start_stop.phase in (Phase.RUNNING, Phase.RESTING)


def test_a_passing_cloud_is_bridged_after_a_bright_hour():
    day = Day(running=True)
    day.live(4 * LINE, 3600)
    assert day.live(200, 100) == 100
    day.live(4 * LINE, 600)
    assert day.running


def test_a_dull_sky_ends_it_sooner():
    bright, dull = Day(running=True), Day(running=True)
    bright.live(4 * LINE, 3600)
    dull.live(1.05 * LINE, 3600)
    assert bright.live(0.4 * LINE, 3600) > 1.5 * dull.live(0.4 * LINE, 3600)


def test_a_long_small_import_ends_it_in_the_end():
    day = Day(running=True)
    day.live(2 * LINE, 600)
    charged = day.live((STOP_LINE - 0.1) * LINE, 4 * 3600)
    assert 600 < charged < 2 * 3600


def test_four_fifths_of_the_minimum_are_enough_to_go_on():
    day = Day(running=True)
    day.live((STOP_LINE + 0.01) * LINE, 4 * 3600)
    assert day.running


def test_a_deep_dip_weighs_more_than_its_energy():
    def seconds(share: float) -> float:
        day = Day(running=True)
        day.live(LINE, 600)
        return day.live(share * LINE, 3600) * (STOP_LINE - share)

    assert seconds(0.0) < 0.6 * seconds(0.6)


def test_a_dip_is_forgotten_faster_than_it_came():
    day = Day(running=True)
    day.live(2 * LINE, 900)
    for _ in range(30):
        day.live(0.3 * LINE, 40)
        day.live(1.5 * LINE, 120)
    assert day.running


def test_contactors_rest_and_cars_are_not_stopped_at_once():
    day = Day()
    day.live(4 * LINE, 60)
    assert day.running
    charged = day.live(0.0, 1200)
    assert charged >= PACE.minimum_on_seconds - 60
    stopped_at = day.now
    assert not day.running
    day = Day(running=True)
    day.live(0.0, 1200)
    assert not day.running
    day.start_stop.switch(running=True, now=day.now)
    day.start_stop.switch(running=False, now=day.now)
    assert day.live(9 * LINE, PACE.minimum_off_seconds - 5) == 0
    assert day.start_stop.phase is Phase.RESTING
    assert day.live(9 * LINE, 60) > 0
    assert stopped_at < day.now


def test_after_a_stop_the_next_start_takes_more():
    def gathering_seconds(stops: int) -> float:
        day = Day()
        for _ in range(stops):
            day.start_stop.switch(running=True, now=day.now)
            day.start_stop.switch(running=False, now=day.now)
        day.live(0.0, 300)
        return 3600 - day.live(LINE + 300, 3600)

    assert gathering_seconds(0) < gathering_seconds(1) < gathering_seconds(3)


def test_a_morning_starts_sooner_than_an_evening():
    def gathered(watts_before: float) -> float:
        day = Day()
        day.start_stop.trends.follow(watts_before, day.now)
        day.live(LINE - 10, 3600)
        return 1800 - day.live(LINE + 200, 1800)

    assert gathered(0.0) < gathered(2 * LINE)


def test_an_owner_may_be_more_eager_or_more_patient():
    eager = Day(pace=Pace(start_wh=5, again_wh=0, stop_wh=10, patient_stop_wh=10))
    calm = Day(pace=Pace(start_wh=50, again_wh=0, stop_wh=200, patient_stop_wh=200))
    assert eager.live(LINE + 300, 900) > calm.live(LINE + 300, 900) + 300
    assert eager.live(0, 3600) < calm.live(0, 3600) - 100


def test_time_without_knowledge_counts_for_nothing():
    day = Day(running=True)
    day.live(0.5 * LINE, 60)
    gathered = day.start_stop.gathered_wh
    day.start_stop.pause(day.now)
    day.start_stop.pause(day.now + 7200)
    assert day.start_stop.gathered_wh == pytest.approx(gathered)
    assert day.start_stop.next_at is None


def test_a_line_of_nothing_always_holds():
    start_stop = StartStop(running=True, now=0.0)
    for now in (0.0, 3600.0):
        assert start_stop.look(0.0, 0.0, PACE, now)
