"""Who goes on with more current than it was told: how long it may, and what of that is not believed."""

import pickle

import pytest
from twc.bus.connector.disobedience import DISOBEYS_AFTER_SECONDS, WITHOUT_ROOM_SECONDS, DisobedienceWatch
from twc.bus.connector.overdraw import RELEASED_FOR_SECONDS
from twc.bus.timing import STALE_SECONDS

KNOWN_SECONDS = 31


class Told:
    """A wall connector that answers every second."""

    def __init__(self) -> None:
        self.watch = DisobedienceWatch()
        self.now = 1000.0

    def live(self, seconds: int, *, told: float | None, draws: float, is_current: bool = True) -> "Told":
        for _ in range(seconds):
            self.now += 1.0
            self.watch.hear(told, draws, self.now, is_current=is_current)
        return self


def at_16() -> Told:
    return Told().live(60, told=16.0, draws=15.2)


@pytest.mark.parametrize("told", [0.0, 6.0, 10.0])
def test_one_that_draws_on_after_28_s_does_not_obey(told: float) -> None:
    house = at_16().live(int(DISOBEYS_AFTER_SECONDS), told=told, draws=15.2)
    assert not house.watch.disobeys
    assert house.live(3, told=told, draws=15.2).watch.disobeys


@pytest.mark.parametrize("seconds", [5, 12, 20, 27])
def test_one_that_obeys_late_is_given_the_time_for_it(seconds: int) -> None:
    house = at_16()
    for _ in range(seconds):
        assert not house.live(1, told=0.0, draws=15.2).watch.disobeys
    for _ in range(60):
        assert not house.live(1, told=0.0, draws=0.0).watch.disobeys


def test_a_current_that_is_reported_27_s_late_is_no_disobedience() -> None:
    house, drew = at_16(), [15.2] * 27
    for _ in range(120):
        drew.append(0.0)
        assert not house.live(1, told=0.0, draws=drew[-27]).watch.disobeys


def test_a_car_that_follows_the_sun_with_some_delay_obeys() -> None:
    house = at_16()
    for told in (15, 14, 13, 12, 11, 10, 9, 8, 7, 6):
        assert not house.live(5, told=float(told), draws=min(15.2, told + 3.0)).watch.disobeys


@pytest.mark.parametrize("draws", [0.25, 0.9, 1.0])
def test_hardly_any_current_is_none(draws: float) -> None:
    assert not at_16().live(600, told=0.0, draws=draws).watch.disobeys


def test_one_damaged_report_proves_nothing() -> None:
    house = at_16().live(60, told=0.0, draws=0.0).live(1, told=0.0, draws=15.2)
    assert not house.watch.disobeys
    assert not house.live(1, told=0.0, draws=0.0).watch.disobeys


def test_what_was_sent_may_have_been_heard_though_no_answer_came() -> None:
    house = at_16().live(20, told=0.0, draws=15.2)
    house.watch.tell(16.0, house.now)
    assert not house.live(20, told=0.0, draws=15.2).watch.disobeys


def test_one_that_never_answers_fills_no_memory() -> None:
    watch, sizes = DisobedienceWatch(), []
    for second in range(3600):
        watch.tell(6.0, float(second))
        sizes.append(len(pickle.dumps(watch)))
    assert sizes[-1] == sizes[100]


def test_nothing_counts_that_was_told_before_a_silence() -> None:
    house = at_16().live(20, told=0.0, draws=15.2)
    house.now += STALE_SECONDS
    assert not house.live(20, told=0.0, draws=15.2).watch.disobeys
    assert house.live(12, told=0.0, draws=15.2).watch.disobeys


def test_one_that_was_told_nothing_obeys() -> None:
    house = at_16().live(KNOWN_SECONDS, told=0.0, draws=15.2)
    assert house.watch.disobeys
    assert not house.live(1, told=None, draws=15.2).watch.disobeys
    assert not house.live(20, told=0.0, draws=15.2).watch.disobeys


def test_a_figure_that_may_be_no_current_proves_nothing() -> None:
    assert not at_16().live(90, told=0.0, draws=16.9, is_current=False).watch.disobeys


def test_one_that_follows_at_last_obeys_again() -> None:
    house = at_16().live(60, told=6.0, draws=15.2)
    assert house.watch.disobeys
    assert not house.live(1, told=6.0, draws=5.2).watch.disobeys


def judged(watch: DisobedienceWatch, now: float, seconds: float, *, has_room: bool) -> float:
    for _ in range(int(seconds)):
        now += 1.0
        watch.note_room(now, has_room=has_room)
    return now


def test_without_room_it_is_left_alone_for_a_quarter_of_an_hour() -> None:
    house = at_16().live(KNOWN_SECONDS, told=6.0, draws=15.2)
    now = judged(house.watch, house.now, WITHOUT_ROOM_SECONDS, has_room=False)
    assert not house.watch.is_left_alone(now)
    now = judged(house.watch, now, 1, has_room=False)
    assert house.watch.is_left_alone(now)
    judged(house.watch, now, 600, has_room=False)
    assert house.watch.is_left_alone(now + RELEASED_FOR_SECONDS - 1.0)
    assert not house.watch.is_left_alone(now + RELEASED_FOR_SECONDS)


def test_the_others_have_time_to_make_room() -> None:
    house = at_16().live(KNOWN_SECONDS, told=6.0, draws=15.2)
    now = judged(house.watch, house.now, WITHOUT_ROOM_SECONDS - 1, has_room=False)
    now = judged(house.watch, now, 1, has_room=True)
    now = judged(house.watch, now, WITHOUT_ROOM_SECONDS, has_room=False)
    assert not house.watch.is_left_alone(now)


def test_one_that_obeys_is_not_left_alone_however_little_room_there_is() -> None:
    house = at_16()
    now = judged(house.watch, house.now, 600, has_room=False)
    assert not house.watch.is_left_alone(now)
