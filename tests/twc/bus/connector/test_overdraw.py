"""A wall connector that draws more than it was offered."""

import pytest
from twc.bus.connector.error_figure import BELIEVED_SECONDS
from twc.bus.connector.overdraw import (
    CAUTIOUS_SECONDS,
    RELEASED_FOR_SECONDS,
    OverdrawVerdict,
    OverdrawWatch,
    excess_amps,
)
from twc.bus.timing import RESERVED_SECONDS

FINE, CAUTION, LOWER, RELEASE = (
    OverdrawVerdict.FINE,
    OverdrawVerdict.CAUTION,
    OverdrawVerdict.LOWER,
    OverdrawVerdict.RELEASE,
)


class Watched:
    """One heartbeat a second."""

    def __init__(self) -> None:
        self.watch = OverdrawWatch()
        self.now = 1000.0

    def beat(
        self,
        drawn: float,
        *,
        offered: float = 10.0,
        cap: float = 32.0,
        seconds: int = 1,
        in_error: bool = False,
    ) -> list[OverdrawVerdict]:
        verdicts = []
        for _ in range(seconds):
            self.now += 1.0
            verdicts.append(
                self.watch.judge(
                    offered_amps=offered, cap_amps=cap, drawn_amps=drawn, now=self.now, in_error=in_error
                )
            )
        return verdicts


@pytest.mark.parametrize(
    ("limit", "drawn", "excess"),
    [
        (6.0, 6.6, 0.0),
        (6.0, 7.0, 0.0),
        (6.0, 8.0, 1.0),
        (10.0, 11.0, 0.0),
        (32.0, 35.2, 0.0),
        (32.0, 36.2, 1.0),
        (0.0, 0.25, 0.0),
        (0.0, 3.0, 2.0),
        (16.0, 2.0, 0.0),
    ],
)
def test_measuring_errors_are_no_excess(limit: float, drawn: float, excess: float) -> None:
    assert excess_amps(limit, drawn) == pytest.approx(excess)


def test_a_car_within_its_offer_is_fine() -> None:
    assert set(Watched().beat(10.9, seconds=100)) == {FINE}


def test_a_car_that_takes_ten_seconds_to_come_down_is_fine() -> None:
    watched = Watched()
    watched.beat(16.0, offered=16.0)
    assert set(watched.beat(16.0, offered=6.0, seconds=10)) == {FINE}
    assert set(watched.beat(6.0, offered=6.0, seconds=60)) == {FINE}


def test_a_car_that_draws_more_than_it_was_ever_offered_is_lowered_with_the_second_report() -> None:
    verdicts = Watched().beat(13.0, seconds=20)
    assert verdicts == [FINE] + [CAUTION] * 10 + [LOWER] * 9


def test_one_report_of_too_much_may_be_damage_and_has_to_be_confirmed_soon() -> None:
    watched = Watched()
    watched.beat(9.0, seconds=20)
    for _ in range(10):
        assert watched.beat(13.0) == [FINE]
        assert watched.watch.doubts
        assert watched.beat(9.0, seconds=3) == [FINE] * 3
        assert not watched.watch.doubts


def test_a_car_on_its_way_down_from_what_it_was_offered_is_given_time() -> None:
    watched = Watched()
    watched.beat(15.0, offered=16.0, seconds=20)
    assert set(watched.beat(15.0, offered=6.0, seconds=9)) == {FINE}
    assert set(watched.beat(5.2, offered=6.0, seconds=60)) == {FINE}


def test_a_car_that_comes_down_is_kept_low_for_a_minute() -> None:
    watched = Watched()
    watched.beat(13.0, seconds=2)
    verdicts = watched.beat(5.2, offered=6.0, seconds=int(CAUTIOUS_SECONDS))
    assert verdicts == [CAUTION] * (int(CAUTIOUS_SECONDS) - 1) + [FINE]


def test_a_car_that_does_it_again_is_told_of_and_kept_low_for_longer_each_time() -> None:
    watched = Watched()
    lasted = []
    for _ in range(6):
        watched.beat(13.0, seconds=2)
        verdicts = watched.beat(5.2, offered=6.0, seconds=1000)
        kept = [verdict for verdict in verdicts if verdict is not FINE]
        assert set(kept) == {LOWER if lasted else CAUTION}
        lasted.append(len(kept) + 1)
    assert lasted == [60, 120, 240, 480, 900, 900]


def test_a_car_that_did_it_an_hour_ago_is_not_told_of() -> None:
    watched = Watched()
    watched.beat(13.0, seconds=2)
    watched.beat(5.2, offered=6.0, seconds=3700)
    assert watched.beat(13.0, seconds=2) == [FINE, CAUTION]


def test_a_car_that_does_not_come_down_is_left_without_heartbeats() -> None:
    watched = Watched()
    verdicts = watched.beat(13.0, seconds=60)
    assert verdicts[11:42] == [LOWER] * 31
    assert verdicts[42] is RELEASE
    assert watched.watch.released(watched.now)


def test_a_current_beyond_every_limit_is_believed_when_seen_twice() -> None:
    watched = Watched()
    watched.beat(10.0, seconds=20)
    assert watched.beat(40.0) == [FINE]
    assert watched.beat(10.0) == [FINE]
    assert watched.beat(40.0, seconds=2) == [FINE, RELEASE]
    assert watched.watch.released(watched.now)


def test_a_car_has_time_to_follow_when_its_owner_lowers_the_limits_below_what_it_draws() -> None:
    # A second after the owner turned the circuit limit from 32 to 10 A, no car has come down yet.
    watched = Watched()
    watched.beat(31.0, offered=32.0, cap=32.0, seconds=60)
    assert set(watched.beat(31.0, offered=10.0, cap=10.0, seconds=4)) == {FINE}
    assert set(watched.beat(9.5, offered=10.0, cap=10.0, seconds=60)) == {FINE}


def test_a_car_that_ignores_lowered_limits_is_left_without_heartbeats_after_ten_seconds() -> None:
    watched = Watched()
    watched.beat(31.0, offered=32.0, cap=32.0, seconds=60)
    verdicts = watched.beat(31.0, offered=10.0, cap=10.0, seconds=14)
    assert RELEASE not in verdicts[:10]
    assert RELEASE in verdicts


def test_it_is_tried_again_after_a_quarter_of_an_hour() -> None:
    watched = Watched()
    watched.beat(40.0, seconds=2)
    assert watched.watch.released(watched.now + RELEASED_FOR_SECONDS - 1)
    assert not watched.watch.released(watched.now + RELEASED_FOR_SECONDS)


def test_after_a_release_everything_is_judged_anew() -> None:
    watched = Watched()
    watched.beat(40.0, seconds=2)
    watched.now += RELEASED_FOR_SECONDS
    assert set(watched.beat(13.0, seconds=11)) == {FINE, CAUTION}


def in_error() -> Watched:
    """One that was left alone a moment ago: it reports an error, no offer, and 16.86 A (ngardiner#395)."""
    watched = Watched()
    verdicts = watched.beat(16.86, offered=0.0, seconds=43, in_error=True)
    assert verdicts[-1] is RELEASE
    assert LOWER not in verdicts, "it has an error, and nobody is told of an overdraw"
    return watched


def test_one_that_reports_an_error_is_left_alone_for_a_minute_only() -> None:
    watched = in_error()
    assert watched.watch.released(watched.now + RESERVED_SECONDS - 1)
    assert not watched.watch.released(watched.now + RESERVED_SECONDS)


def test_a_current_that_a_silence_did_not_end_is_none_as_long_as_the_error_lasts() -> None:
    watched = in_error()
    watched.now += RESERVED_SECONDS
    assert RELEASE not in watched.beat(16.77, offered=0.0, cap=10.0, seconds=3600, in_error=True)
    assert RELEASE in watched.beat(16.77, offered=6.0, cap=10.0, seconds=60)


@pytest.mark.parametrize("after", [0.0, 20.0])
def test_a_current_that_a_silence_changed_was_one(after: float) -> None:
    watched = in_error()
    watched.now += RESERVED_SECONDS
    watched.beat(after, offered=0.0, seconds=5, in_error=True)
    watched.beat(20.0, offered=0.0, seconds=60, in_error=True)
    assert watched.watch.released(watched.now + RELEASED_FOR_SECONDS / 2)


def no_current() -> Watched:
    """One of whose figure a silence has shown that it is no current."""
    watched = in_error()
    watched.now += RESERVED_SECONDS
    watched.beat(16.86, offered=0.0, seconds=2, in_error=True)
    assert set(watched.beat(16.86, offered=0.0, seconds=60, in_error=True)) == {FINE}
    return watched


def test_a_late_answer_in_the_silence_shows_nothing() -> None:
    watched = in_error()
    watched.beat(16.86, offered=0.0, seconds=2, in_error=True)
    watched.now += RESERVED_SECONDS
    assert RELEASE in watched.beat(20.0, offered=0.0, seconds=60, in_error=True)
    assert watched.watch.complains(watched.now)


def test_what_was_once_no_current_is_believed_for_an_hour_and_then_has_to_be_shown_again() -> None:
    watched = no_current()
    verdicts = watched.beat(16.86, offered=0.0, seconds=round(BELIEVED_SECONDS), in_error=True)
    assert verdicts.count(RELEASE) == 1
    assert verdicts.index(RELEASE) > BELIEVED_SECONDS - 120
    assert LOWER not in verdicts
    assert not watched.watch.complains(watched.now)


@pytest.mark.parametrize("reports", [1, 10])
def test_a_state_that_flickers_does_not_make_a_current_of_a_figure_that_is_none(reports: int) -> None:
    watched = no_current()
    for _ in range(20):
        assert RELEASE not in watched.beat(16.86, offered=0.0, seconds=reports)
        assert not {LOWER, RELEASE} & set(watched.beat(16.86, offered=0.0, seconds=3, in_error=True)[1:])
        assert not watched.watch.complains(watched.now)


def test_one_damaged_figure_does_not_make_a_current_of_the_others() -> None:
    watched = no_current()
    for damaged in (0.0, 31.0):
        watched.beat(damaged, offered=0.0, in_error=True)
        assert set(watched.beat(16.86, offered=0.0, seconds=60, in_error=True)) == {FINE}


def test_a_current_that_begins_in_an_error_at_the_figure_that_was_none_is_told_and_ended() -> None:
    watched = no_current()
    watched.beat(0.0, offered=0.0, seconds=2, in_error=True)
    verdicts = watched.beat(16.86, offered=0.0, seconds=60, in_error=True)
    assert LOWER in verdicts
    assert RELEASE in verdicts
    assert watched.watch.complains(watched.now)
    assert watched.watch.released(watched.now + RELEASED_FOR_SECONDS / 2)


def test_a_figure_is_forgotten_with_another_car() -> None:
    watched = no_current()
    watched.beat(0.0, offered=6.0, seconds=5)
    assert RELEASE in watched.beat(16.86, offered=6.0, seconds=60, in_error=True)


def test_an_overdraw_that_goes_on_into_an_error_is_still_told_and_ended_for_a_quarter_of_an_hour() -> None:
    watched = Watched()
    assert watched.beat(16.0, seconds=20)[-1] is LOWER
    verdicts = watched.beat(16.0, seconds=23, in_error=True)
    assert verdicts == [LOWER] * 22 + [RELEASE]
    assert watched.watch.complains(watched.now)
    assert watched.watch.released(watched.now + RELEASED_FOR_SECONDS / 2)


def test_one_frame_of_an_error_hides_no_overdraw() -> None:
    watched = Watched()
    watched.beat(40.0, in_error=False)
    assert watched.beat(40.0, in_error=True) == [RELEASE]
    assert watched.watch.complains(watched.now)
    assert watched.watch.released(watched.now + RELEASED_FOR_SECONDS / 2)


def test_an_overdraw_that_was_ended_in_an_error_and_comes_back_in_none_is_told() -> None:
    watched = in_error()
    assert not watched.watch.complains(watched.now)
    watched.now += RESERVED_SECONDS
    verdicts = watched.beat(16.86, offered=6.0, cap=10.0, seconds=60)
    assert RELEASE in verdicts
    assert watched.watch.complains(watched.now)


def test_nobody_is_released_who_never_drew_too_much() -> None:
    assert not OverdrawWatch().released(0.0)
