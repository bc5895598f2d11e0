"""When a charge on surplus begins and ends: what the sky promises, dips, rests and dwell times."""

from itertools import pairwise
from math import inf

import pytest
from twc.charging.pace import Pace, gain_of
from twc.charging.solar.start_stop import STOP_HOLD_SECONDS, Stage, StartStop

LINE = 1380.0
PACE = Pace()
ENOUGH = (1 - PACE.grid_share / 100) * LINE
"""With so much from the sun charging at the minimum just pays."""


class Day:
    """One wall connector whose surplus a test sets, looked at every second or only when it asks for it."""

    def __init__(
        self,
        *,
        running: bool = False,
        pace: Pace = PACE,
        seconds: float | None = 1.0,
        line: float = LINE,
    ) -> None:
        self.now = 1000.0
        self.pace = pace
        self.start_stop = StartStop(running=running, now=self.now)
        self.starts = self.looks = 0
        self._seconds, self._line = seconds, line

    def live(self, watts: float, seconds: float) -> float:
        """Let time pass; return how many of these seconds it charged."""
        end, charged = self.now + seconds, 0.0
        while self.now < end:
            running = self._follow(watts)
            due = self.start_stop.next_at or inf
            step = min(end, due if self._seconds is None else self.now + self._seconds) - self.now
            charged += step if running else 0.0
            self.now += step
        return charged

    def _follow(self, watts: float) -> bool:
        before = self.start_stop.running
        running = self.start_stop.follow(watts, self._line, self.pace, self.now)
        self.starts += running and not before
        self.looks += 1
        return running

    @property
    def running(self) -> bool:
        return self.start_stop.running


def test_a_glimpse_of_sun_starts_nothing():
    day = Day()
    day.live(LINE - 900, 600)
    for _ in range(10):
        day.live(LINE + 300, 60)
        day.live(LINE - 900, 180)
    assert day.starts == 0


def test_a_car_begins_within_seconds_where_the_sun_shines_brightly():
    assert Day().live(2 * LINE, 600) == pytest.approx(600 - PACE.start_hold_seconds, abs=1)


def test_one_strange_reading_starts_no_car_and_stops_none():
    waiting, charging = Day(), Day(running=True)
    waiting.live(0.5 * LINE, 600)
    waiting.live(9 * LINE, PACE.start_hold_seconds - 2)
    charging.live(1.5 * LINE, 300)
    charging.live(0.0, STOP_HOLD_SECONDS - 2)
    waiting.live(0.5 * LINE, 60)
    charging.live(1.2 * LINE, 60)
    assert (waiting.starts, charging.running) == (0, True)


def test_after_a_dull_hour_a_gap_in_the_clouds_must_last():
    dull, fair = Day(), Day()
    dull.live(0.2 * LINE, 3600)
    fair.live(0.85 * LINE, 3600)
    assert dull.live(1.2 * LINE, 600) < fair.live(1.2 * LINE, 600) - 30


def test_a_shortage_counts_no_longer_than_a_charge_would_have_lasted():
    """A heat pump of 20 minutes would have ended a charge in two: what is off loses no more."""

    def waits_seconds(shortage_seconds: float) -> float:
        day = Day()
        day.live(-0.5 * LINE, shortage_seconds)
        return 1800 - day.live(1.05 * LINE, 1800)

    ended_after = PACE.start_cost_wh * 3600 / (PACE.grid_price * LINE)
    waits = [waits_seconds(seconds) for seconds in (ended_after, 1200, 3600)]
    assert waits == sorted(waits, reverse=True)
    assert waits[0] > 240
    assert waits[1] < 120


def test_each_shortage_of_a_waiting_car_is_one_of_its_own():
    day = Day()
    nearly_ended = 0.9 * PACE.start_cost_wh
    for _ in range(2):
        day.live(0.0, nearly_ended * 3600 / (PACE.grid_price * LINE))
        assert day.start_stop.lost_wh == pytest.approx(-nearly_ended, rel=0.03)
        day.live(LINE, 5)
        assert day.start_stop.lost_wh == 0.0


def test_never_begins_in_the_dip_after_a_bright_hour():
    day = Day()
    day.start_stop.switch(running=True, now=day.now)
    day.live(3 * LINE, 3600)
    day.start_stop.switch(running=False, now=day.now)
    assert day.live(0.99 * ENOUGH, 300) == 0


def test_a_start_needs_less_of_the_minimum_where_the_minimum_is_large():
    """A start costs the same Wh on one phase and on three, and three phases soon earn it."""
    for line, begins in ((LINE, False), (3 * LINE, True)):
        day = Day(line=line)
        day.live(0.82 * line, 3600)
        assert day.running is begins


def test_it_says_what_it_waits_for():
    day = Day()
    day.live(500, 10)
    assert day.start_stop.stage is Stage.WAITING
    day.live(LINE + 100, 10)
    assert day.start_stop.stage is Stage.GATHERING
    day.live(LINE + 5000, 120)
    assert day.start_stop.stage is Stage.RUNNING
    day.live(0, 5)
    assert day.start_stop.stage is Stage.ENDING
    day.live(0, 900)
    assert day.start_stop.stage is Stage.WAITING
    day.start_stop.switch(running=True, now=day.now)
    assert day.start_stop.stage is Stage.RUNNING
    day.start_stop.switch(running=False, now=day.now)
    day.live(LINE + 9000, 100)
    assert day.start_stop.stage is Stage.RESTING


def test_a_passing_cloud_is_bridged_after_a_bright_hour():
    day = Day(running=True)
    day.live(4 * LINE, 3600)
    assert day.live(600, 180) == 180
    day.live(4 * LINE, 600)
    assert day.running


def test_a_dull_sky_ends_it_sooner():
    bright, dull = Day(running=True), Day(running=True)
    bright.live(4 * LINE, 3600)
    dull.live(1.05 * LINE, 3600)
    assert bright.live(0.0, 3600) > 1.5 * dull.live(0.0, 3600)


def test_a_dark_dip_ends_it_sooner_than_a_shallow_one():
    def seconds(share: float) -> float:
        day = Day(running=True)
        day.live(1.3 * LINE, 1800)
        return day.live(share * LINE, 3600)

    assert seconds(0.0) < seconds(0.4) < seconds(0.7)


@pytest.mark.parametrize("seconds", [1.0, None], ids=["every second", "only when it asks"])
def test_a_long_small_loss_ends_it_when_it_has_cost_as_much_as_a_start(seconds: float | None):
    day = Day(running=True, seconds=seconds)
    day.live(LINE, 600)
    watts = 0.6 * LINE
    lost = -gain_of(watts, LINE, PACE.grid_price)
    assert lost > 0
    charged = day.live(watts, 4 * 3600)
    assert charged == pytest.approx(PACE.start_cost_wh / lost * 3600, abs=2)


def test_it_goes_on_as_long_as_it_earns_anything():
    day = Day(running=True)
    assert day.live(1.01 * ENOUGH, 4 * 3600) == 4 * 3600


def test_what_was_lost_can_be_made_good():
    day = Day(running=True)
    for _ in range(10):
        day.live(0.6 * LINE, 600)
        day.live(1.2 * LINE, 600)
    assert day.running
    assert day.start_stop.lost_wh == pytest.approx(0.0, abs=0.2)


def test_an_outlook_without_sun_waits_for_the_least_time_on():
    day = Day(pace=Pace(few_starts=0, minimum_on_seconds=60.0))
    day.live(4 * LINE, PACE.start_hold_seconds + 1)
    assert day.running
    assert day.live(0.0, 600) == pytest.approx(PACE.minimum_on_seconds, abs=2)


def test_contactors_rest():
    day = Day(running=True)
    day.start_stop.switch(running=False, now=day.now)
    assert day.live(9 * LINE, PACE.minimum_off_seconds - 5) == 0
    assert day.start_stop.stage is Stage.RESTING
    assert day.live(9 * LINE, 60) > 0


def test_after_a_stop_the_next_start_takes_more():
    def waited_seconds(stops: int) -> float:
        day = Day()
        for _ in range(stops):
            day.start_stop.switch(running=True, now=day.now)
            day.start_stop.switch(running=False, now=day.now)
        day.live(0.6 * LINE, 300)
        return 7200 - day.live(0.95 * LINE, 7200)

    waited = [waited_seconds(stops) for stops in (0, 2, 4)]
    assert all(fewer < more for fewer, more in pairwise(waited))


def test_many_stops_never_ask_for_more_than_a_bright_sun():
    day = Day()
    for _ in range(50):
        day.start_stop.switch(running=True, now=day.now)
        day.start_stop.switch(running=False, now=day.now)
    assert day.live(2.5 * LINE, 1800) > 0


def test_a_car_told_to_go_on_has_not_begun_anew():
    day = Day(running=True)
    day.live(0.6 * LINE, 60)
    lost = day.start_stop.lost_wh
    day.start_stop.switch(running=True, now=day.now)
    assert day.start_stop.lost_wh == lost < 0


def test_a_car_found_charging_under_a_cloud_gets_a_while():
    day = Day(running=True)
    assert 60 < day.live(0.3 * LINE, 3600) < 600


def test_the_fewer_starts_an_owner_wishes_the_fewer_there_are():
    def starts(few_starts: float) -> int:
        day = Day(pace=Pace(few_starts=few_starts))
        for _ in range(30):
            day.live(1.0 * LINE, 240)
            day.live(0.5 * LINE, 240)
        return day.starts

    few, usual, sun = starts(100), starts(50), starts(0)
    assert few < usual < sun


def test_the_less_the_grid_may_help_the_sooner_a_dip_ends_it():
    def borne_wh(grid_share: float) -> float:
        day = Day(running=True, pace=Pace(grid_share=grid_share))
        day.live(1.5 * LINE, 900)
        return day.live(0.6 * LINE, 1800) * 0.4 * LINE / 3600

    borne = [borne_wh(share) for share in (50, 28, 10, 0)]
    assert borne == sorted(borne, reverse=True)
    assert borne[0] > 200, "half of the minimum may come from the grid for ever"
    assert borne[-1] < 2


def test_an_owner_who_wants_nothing_from_the_grid_does_not_stop_for_the_error_of_a_meter():
    day = Day(running=True, pace=Pace(few_starts=0, grid_share=0))
    day.live(1.5 * LINE, 90)
    assert day.live(LINE - 10, 600) == 600
    assert day.live(LINE - 60, 600) < 120


def test_even_then_a_car_stays_on_for_a_minute():
    pace = Pace(few_starts=0, grid_share=0)
    day = Day(pace=pace)
    day.live(1.5 * LINE, pace.start_hold_seconds + 1)
    assert day.running
    assert day.live(0.0, 120) == pytest.approx(pace.minimum_on_seconds, abs=2)


@pytest.mark.parametrize("few_starts", [0, 50, 100])
@pytest.mark.parametrize("grid_share", [0, 28, 50])
def test_nobody_needs_to_look_every_second(few_starts: float, grid_share: float):
    """A changeable day, looked at every second and only when it asks, gives the same charges."""
    pace = Pace(few_starts=few_starts, grid_share=grid_share)
    often, seldom = Day(pace=pace), Day(pace=pace, seconds=None)
    charged = [0.0, 0.0]
    for number in range(400):
        clouds = 0.9 * ((number * 7919) % 101 / 101 - 0.5) - (0.8 if number % 97 > 70 else 0.0)
        for which, day in enumerate((often, seldom)):
            charged[which] += day.live(LINE * (1.1 + clouds), 180)
    assert charged[0] == pytest.approx(charged[1], rel=0.01)
    assert often.starts == pytest.approx(seldom.starts, rel=0.04, abs=1)
    assert seldom.starts > 3
    assert seldom.looks < often.looks / 20


def test_time_without_knowledge_counts_for_nothing():
    day = Day(running=True)
    day.live(0.6 * LINE, 60)
    lost = day.start_stop.lost_wh
    assert lost < 0
    day.start_stop.pause(day.now)
    assert day.start_stop.next_at is None
    day.now += 7200
    day.start_stop.pause(day.now)
    assert day.start_stop.lost_wh == pytest.approx(lost, abs=0.2)
    assert day.live(0.6 * LINE, 60) == 60


def test_time_without_knowledge_before_the_first_reading_is_none():
    day = Day()
    day.start_stop.pause(day.now)
    assert day.live(2 * LINE, 60) == pytest.approx(60 - PACE.start_hold_seconds, abs=1)


def test_a_minimum_of_nothing_always_holds():
    start_stop = StartStop(running=True, now=0.0)
    for now in (0.0, 3600.0):
        assert start_stop.follow(0.0, 0.0, PACE, now)
