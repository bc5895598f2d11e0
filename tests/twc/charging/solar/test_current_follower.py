"""Which whole amps follow the surplus, and how seldom they change."""

from math import inf, sin

import pytest
from twc.charging.pace import PACES, Pace, PaceName
from twc.charging.solar.current_follower import RAISE_SPACING_SECONDS, CurrentFollower
from twc.charging.solar.energy_account import EnergyAccount
from twc.charging.solar.trends import Trends

VOLTS = 230.0
PACE = Pace()
BORNE_WATTS = PACE.borne_watts


class Amps:
    """A follower that is asked every second."""

    def __init__(self, amps: int = 10, *, sway: float = 0.0, pace: Pace = PACE) -> None:
        self.now = 1000.0
        self.follower = CurrentFollower(amps, self.now)
        self.sway = sway
        self.pace = pace
        self.changes = 0

    def live(self, watts: float, seconds: int, *, unsure: float = 0.0, highest: int = 32) -> int:
        for _ in range(seconds):
            self.now += 1
            before = self.follower.amps
            self.follower.adjust(
                watts - unsure, watts + unsure, VOLTS, 6, highest, self.sway, self.pace, self.now
            )
            self.changes += self.follower.amps != before
        return self.follower.amps


def test_a_large_drop_is_followed_within_seconds():
    assert Amps(20).live(10 * VOLTS, 3) == 10


def test_an_import_that_is_no_flicker_is_ended_in_the_second_in_which_it_is_seen():
    assert Amps(20).live(20 * VOLTS - PACE.at_once_watts - 10, 1) == 18
    assert Amps(20).live(20 * VOLTS - PACE.at_once_watts + 200, 1) == 20


def test_a_flicker_of_a_second_is_not():
    amps = Amps(20)
    amps.live(20 * VOLTS, 30)
    amps.live(20 * VOLTS - 300, 1)
    assert amps.live(20 * VOLTS, 30) == 20


def test_a_small_import_is_borne_until_it_has_cost_something():
    amps = Amps(20)
    assert amps.live(20 * VOLTS - BORNE_WATTS + 10, 120) == 20
    assert amps.live(20 * VOLTS - BORNE_WATTS + 10, 120) == 19


def test_amps_rise_when_there_is_clearly_more_than_the_next_one_needs():
    amps = Amps(10)
    assert amps.live(11 * VOLTS + 20, 60) == 10
    assert amps.live(11 * VOLTS + 60, 25) == 11
    assert amps.live(15.4 * VOLTS, 25) == 15


def test_where_the_house_sways_more_is_asked_for():
    assert Amps(10, sway=200.0).live(11 * VOLTS + 100, 600) == 10
    assert Amps(10, sway=200.0).live(11 * VOLTS + 215, 600) == 12


def test_an_owner_may_have_every_ampere_followed():
    close = Amps(10, sway=200.0, pace=PACES[PaceName.CLOSE])
    assert close.live(11 * VOLTS + 55, 30) == 11
    assert close.live(11 * VOLTS - 60, 30) == 10


def test_an_eager_owner_buys_no_ampere_for_a_second():
    eager = PACES[PaceName.EAGER]
    assert Amps(20, pace=eager).live(20 * VOLTS - 15, 1) == 19
    assert Amps(20, pace=PACES[PaceName.CLOSE]).live(20 * VOLTS - 15, 30) == 20
    assert Amps(20, pace=eager).live(20 * VOLTS - 2, 60) == 20, "no meter and no car is so exact"


def test_an_ampere_is_taken_where_little_of_it_is_missing():
    assert Amps(10).live(12 * VOLTS - PACE.rounding_watts + 5, 60) == 12
    assert Amps(20).live(15 * VOLTS - PACE.rounding_watts + 5, 60) == 15
    assert Amps(20).live(15 * VOLTS - PACE.rounding_watts - 5, 60) == 14


def test_an_ampere_that_has_cost_enough_is_given_back_though_little_is_missing():
    assert Amps(15).live(15 * VOLTS - 40, int(PACE.borne_wh * 3600 / 40) - 10) == 15
    assert Amps(15).live(15 * VOLTS - 40, int(PACE.borne_wh * 3600 / 40) + 10) == 14


def test_after_a_change_the_next_rise_waits():
    amps = Amps(20)
    amps.live(10 * VOLTS, 3)
    assert amps.live(25 * VOLTS, int(RAISE_SPACING_SECONDS) - 3) == 10
    assert amps.live(25 * VOLTS, 5) == 25


def test_it_stays_inside_its_limits():
    amps = Amps(10)
    assert amps.live(40 * VOLTS, 60, highest=16) == 16
    assert amps.live(0, 60, highest=16) == 6
    amps.follower.bound(9, 12, amps.now)
    assert amps.follower.amps == 9


def test_what_is_not_known_exactly_moves_nothing():
    amps = Amps(10)
    assert amps.live(10.9 * VOLTS, 600, unsure=1.2 * VOLTS) == 10
    assert amps.changes == 0


def test_it_says_when_it_wants_to_be_asked_again():
    follower = CurrentFollower(10, 0.0)
    follower.adjust(9.7 * VOLTS, 9.7 * VOLTS, VOLTS, 6, 32, 0.0, PACE, 100.0)
    assert follower.next_at == pytest.approx(100 + 5 * 3600 / (0.3 * VOLTS))
    follower.adjust(9.7 * VOLTS, 9.7 * VOLTS, VOLTS, 6, 32, 0.0, PACE, follower.next_at)
    assert follower.amps == 9
    follower.adjust(20 * VOLTS, 20 * VOLTS, VOLTS, 6, 32, 0.0, PACE, follower.next_at or 370.0)
    assert follower.next_at is not None
    follower.adjust(9.2 * VOLTS, 9.2 * VOLTS, VOLTS, 6, 32, 0.0, PACE, 900.0)
    assert follower.next_at is None


def test_an_account_holds_what_flowed_and_tells_when_it_is_full():
    account = EnergyAccount(floor_wh=-1.0, ceiling_wh=10.0)
    assert account.reaches_at(5.0) is None
    account.flow(3600.0, 0.0)
    assert account.reaches_at(5.0) == 5.0
    assert account.reaches_at(-5.0) is None
    account.flow(-3600.0, 4.0)
    assert account.wh == 4.0
    account.flow(0.0, 60.0)
    assert account.wh == -1.0
    assert account.reaches_at(5.0) is None
    account.flow(36_000.0, 61.0)
    account.flow(0.0, 99.0)
    assert account.wh == 10.0
    account.empty()
    assert account.wh == 0.0


def test_trends_are_the_same_however_often_they_are_looked_at():
    rare, often = Trends(), Trends()
    for minute in range(240):
        watts = 3000 + 1000 * sin(minute / 20) + (400 if minute % 3 else -400)
        rare.note(watts, 60.0 * minute)
        for second in range(60):
            often.note(watts, 60.0 * minute + second)
    rare.note(watts, 60.0 * 239 + 59)
    assert rare.sway_watts == pytest.approx(often.sway_watts, rel=0.05)
    assert rare.rising(1000.0) == pytest.approx(often.rising(1000.0), abs=0.02)


def test_a_rising_sun_is_told_from_a_falling_one():
    rising, falling = Trends(), Trends()
    for minute in range(300):
        rising.note(10.0 * minute, 60.0 * minute)
        falling.note(3000 - 10.0 * minute, 60.0 * minute)
    assert rising.rising(500.0) == pytest.approx(1.0)
    assert falling.rising(500.0) == pytest.approx(-1.0)
    assert rising.rising(0.0) == 0.0
    assert rising.rising(inf) == 0.0


def test_a_calm_house_does_not_sway_and_a_kettle_makes_it():
    trends = Trends()
    for minute in range(60):
        trends.note(2000.0, 60.0 * minute)
    assert trends.sway_watts == pytest.approx(0.0, abs=1e-6)
    for minute in range(60, 90):
        trends.note(2000.0 if minute % 2 else 0.0, 60.0 * minute)
    assert trends.sway_watts > 300
