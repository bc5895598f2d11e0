"""A wall connector that draws more than it was offered."""

import pytest
from twc.bus.overdraw import RELEASED_FOR_SECONDS, OverdrawWatch, Verdict, excess_amps

FINE, LOWER, RELEASE = Verdict.FINE, Verdict.LOWER, Verdict.RELEASE


class Watched:
    """One heartbeat a second."""

    def __init__(self) -> None:
        self.watch = OverdrawWatch()
        self.now = 1000.0

    def beat(
        self, drawn: float, *, offered: float = 10.0, cap: float = 32.0, seconds: int = 1
    ) -> list[Verdict]:
        verdicts = []
        for _ in range(seconds):
            self.now += 1.0
            verdicts.append(
                self.watch.judge(offered_amps=offered, cap_amps=cap, drawn_amps=drawn, now=self.now)
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
    assert set(watched.beat(16.0, offered=6.0, seconds=11)) == {FINE}
    assert set(watched.beat(6.0, offered=6.0, seconds=60)) == {FINE}


def test_a_car_that_draws_more_for_longer_is_lowered() -> None:
    verdicts = Watched().beat(13.0, seconds=20)
    assert verdicts == [FINE] * 11 + [LOWER] * 9


def test_a_car_that_comes_down_is_given_its_offer_back() -> None:
    watched = Watched()
    watched.beat(13.0, seconds=20)
    assert watched.beat(9.0) == [FINE]
    assert watched.beat(13.0) == [FINE]


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
    assert set(watched.beat(13.0, seconds=11)) == {FINE}


def test_nobody_is_released_who_never_drew_too_much() -> None:
    assert not OverdrawWatch().released(0.0)
