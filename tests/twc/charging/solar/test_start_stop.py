"""When a charge on surplus begins and ends: what the sky promises, dips, rests and dwell times."""

from math import inf

import pytest
from twc.charging.pace import PACES, Pace, PaceName
from twc.charging.solar.start_stop import STOP_HOLD_SECONDS, Stage, StartStop

LINE = 1380.0
PACE = Pace()


class Day:
    """One wall connector whose surplus a test sets, looked at every second or only when it asks for it."""

    def __init__(self, *, running: bool = False, pace: Pace = PACE, seconds: float | None = 1.0) -> None:
        self.now = 1000.0
        self.pace = pace
        self.start_stop = StartStop(running=running, now=self.now)
        self.starts = self.looks = 0
        self._seconds = seconds

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
        running = self.start_stop.follow(watts, LINE, self.pace, self.now)
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
    charging.live(0.9 * LINE, 300)
    charging.live(0.0, STOP_HOLD_SECONDS - 2)
    waiting.live(0.5 * LINE, 60)
    charging.live(1.2 * LINE, 60)
    assert (waiting.starts, charging.running) == (0, True)


def test_after_a_dull_hour_a_gap_in_the_clouds_must_last():
    dull, fair = Day(), Day()
    dull.live(0.2 * LINE, 3600)
    fair.live(0.95 * LINE, 3600)
    assert dull.live(1.6 * LINE, 600) < fair.live(1.6 * LINE, 600) - 60


def test_never_begins_on_what_was_alone():
    day = Day()
    day.start_stop.switch(running=True, now=day.now)
    day.live(3 * LINE, 3600)
    day.start_stop.switch(running=False, now=day.now)
    assert day.live(0.99 * LINE, 300) == 0


def test_it_says_what_it_waits_for():
    day = Day()
    day.live(500, 10)
    assert day.start_stop.stage is Stage.WAITING
    day.live(LINE + 100, 10)
    assert day.start_stop.stage is Stage.GATHERING
    day.live(LINE + 5000, 60)
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
    assert day.live(200, 180) == 180
    day.live(4 * LINE, 600)
    assert day.running


def test_a_dull_sky_ends_it_sooner():
    bright, dull = Day(running=True), Day(running=True)
    bright.live(4 * LINE, 3600)
    dull.live(1.05 * LINE, 3600)
    assert bright.live(0.5 * LINE, 3600) > 1.5 * dull.live(0.5 * LINE, 3600)


def test_a_dark_dip_ends_it_sooner_than_a_shallow_one():
    def seconds(share: float) -> float:
        day = Day(running=True)
        day.live(1.3 * LINE, 1800)
        return day.live(share * LINE, 3600)

    assert seconds(0.0) < seconds(0.4) < seconds(0.7)


@pytest.mark.parametrize("seconds", [1.0, None], ids=["every second", "only when it asks"])
def test_a_long_small_import_ends_it_in_the_end(seconds: float | None):
    day = Day(running=True, seconds=seconds)
    day.live(LINE, 600)
    missing = 0.1 * LINE
    charged = day.live(LINE - missing, 4 * 3600)
    assert charged == pytest.approx(PACE.dip_wh / missing * 3600, abs=2)


def test_what_was_missed_can_be_made_good():
    day = Day(running=True)
    for _ in range(10):
        day.live(0.8 * LINE, 900)
        day.live(1.2 * LINE, 900)
    assert day.running
    assert day.start_stop.gathered_wh == pytest.approx(0.0, abs=0.2)


def test_a_low_smoothed_surplus_and_a_costly_dip_wait_for_the_least_time_on():
    day = Day(pace=Pace(dip_wh=5.0, minimum_on_seconds=60.0))
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
        day.live(0.9 * LINE, 300)
        return 7200 - day.live(1.25 * LINE, 7200)

    assert waited_seconds(0) < waited_seconds(1) < waited_seconds(2)


def test_many_stops_never_ask_for_more_than_the_line_again():
    day = Day()
    for _ in range(50):
        day.start_stop.switch(running=True, now=day.now)
        day.start_stop.switch(running=False, now=day.now)
    assert day.live(2.5 * LINE, 1800) > 0


def test_a_car_told_to_go_on_has_not_begun_anew():
    day = Day(running=True)
    day.live(0.8 * LINE, 60)
    gathered = day.start_stop.gathered_wh
    day.start_stop.switch(running=True, now=day.now)
    assert day.start_stop.gathered_wh == gathered < 0


def test_a_morning_starts_sooner_than_an_evening():
    def waited_seconds(watts_before: float) -> float:
        day = Day(pace=Pace(minimum_off_seconds=0.0, again_watts=0.0))
        day.start_stop.trends.note(watts_before, day.now)
        day.live(0.9 * LINE, 3600)
        return 3600 - day.live(1.01 * LINE, 3600)

    assert waited_seconds(0.0) < waited_seconds(2 * LINE)


def test_a_car_found_charging_under_a_cloud_gets_a_while():
    day = Day(running=True)
    assert 60 < day.live(0.3 * LINE, 3600) < 600


def test_an_eager_owner_starts_more_and_a_calm_one_less():
    def starts(name: PaceName) -> int:
        day = Day(pace=PACES[name])
        for _ in range(12):
            day.live(1.4 * LINE, 400)
            day.live(0.6 * LINE, 400)
        return day.starts

    assert starts(PaceName.EAGER) > starts(PaceName.BALANCED) >= starts(PaceName.CALM) > 0


def test_the_paces_are_in_order_of_their_patience_with_a_long_dip():
    def borne_wh(name: PaceName) -> float:
        day = Day(running=True, pace=PACES[name])
        day.live(4 * LINE, 900)
        return day.live(0.2 * LINE, 1800) * 0.8 * LINE / 3600

    borne = [borne_wh(name) for name in PaceName]
    assert borne == sorted(borne, reverse=True)
    by_name = dict(zip(PaceName, borne, strict=True))
    assert by_name[PaceName.CALM] > 2 * by_name[PaceName.BRISK]
    assert by_name[PaceName.EAGER] < 1


def test_a_steady_owners_car_goes_on_where_a_calm_ones_has_stopped():
    steady, calm = (Day(running=True, pace=PACES[name]) for name in (PaceName.STEADY, PaceName.CALM))
    for day in (steady, calm):
        day.live(1.5 * LINE, 900)
        day.live(0.55 * LINE, 700)
    assert steady.running
    assert not calm.running


def test_an_eager_owner_buys_nothing_for_a_dip():
    eager, close = (Day(running=True, pace=PACES[name]) for name in (PaceName.EAGER, PaceName.CLOSE))
    for day in (eager, close):
        day.live(1.5 * LINE, 90)
        day.live(LINE - 150, 2)
    assert not eager.running
    assert close.running


def test_an_eager_owner_bears_a_dip_that_costs_next_to_nothing():
    day = Day(running=True, pace=PACES[PaceName.EAGER])
    day.live(1.5 * LINE, 90)
    assert day.live(LINE - 50, 60) == 60
    day.live(LINE - 50, 30)
    assert not day.running


def test_even_an_eager_owner_s_car_stays_on_for_a_minute():
    day = Day(pace=PACES[PaceName.EAGER])
    day.live(1.5 * LINE, PACES[PaceName.EAGER].start_hold_seconds + 1)
    assert day.running
    assert day.live(0.0, 120) == pytest.approx(PACES[PaceName.EAGER].minimum_on_seconds, abs=2)


@pytest.mark.parametrize("pace", PACES.values(), ids=PACES)
def test_nobody_needs_to_look_every_second(pace: Pace):
    """A changeable day, looked at every second and only when it asks, gives the same charges."""
    often, seldom = Day(pace=pace), Day(pace=pace, seconds=None)
    charged = [0.0, 0.0]
    for number in range(600):
        clouds = 0.9 * ((number * 7919) % 101 / 101 - 0.5) - (0.8 if number % 97 > 70 else 0.0)
        for which, day in enumerate((often, seldom)):
            charged[which] += day.live(LINE * (1.1 + clouds), 180)
    assert charged[0] == pytest.approx(charged[1], rel=0.01)
    assert often.starts == pytest.approx(seldom.starts, rel=0.04, abs=1)
    assert seldom.starts > 3
    assert seldom.looks < often.looks / 20


def test_time_without_knowledge_counts_for_nothing():
    day = Day(running=True)
    day.live(0.8 * LINE, 60)
    gathered = day.start_stop.gathered_wh
    assert gathered < 0
    day.start_stop.pause(day.now)
    assert day.start_stop.next_at is None
    day.now += 7200
    day.start_stop.pause(day.now)
    assert day.start_stop.gathered_wh == pytest.approx(gathered, abs=0.2)
    assert day.live(0.8 * LINE, 60) == 60


def test_time_without_knowledge_before_the_first_reading_is_none():
    day = Day()
    day.start_stop.pause(day.now)
    assert day.live(2 * LINE, 60) == pytest.approx(60 - PACE.start_hold_seconds, abs=1)


def test_a_line_of_nothing_always_holds():
    start_stop = StartStop(running=True, now=0.0)
    for now in (0.0, 3600.0):
        assert start_stop.follow(0.0, 0.0, PACE, now)
