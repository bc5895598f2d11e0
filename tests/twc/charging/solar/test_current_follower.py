"""Which whole amps follow the surplus, and how seldom they change."""

import pytest
from twc.charging.pace import Pace, gain_of
from twc.charging.solar.current_follower import (
    LOWER_SECONDS,
    RAISE_SECONDS,
    RAISE_SPACING_SECONDS,
    SINGLE_LOWER_WH,
    SINGLE_RAISE_WH,
    CurrentFollower,
)
from twc.charging.solar.energy_account import EnergyAccount

VOLTS = 230.0
PACE = Pace()


class Amps:
    """A follower that is asked every second."""

    def __init__(self, amps: int = 10, *, pace: Pace = PACE) -> None:
        self.now = 1000.0
        self.follower = CurrentFollower(amps, self.now)
        self.pace = pace
        self.changes = 0

    def live(self, watts: float, seconds: int, *, unsure: float = 0.0, highest: int = 32) -> int:
        for _ in range(seconds):
            self.now += 1
            before = self.follower.amps
            self.follower.adjust(watts - unsure, watts + unsure, VOLTS, 6, highest, self.pace, self.now)
            self.changes += self.follower.amps != before
        return self.follower.amps


def seconds_until(amps: Amps, watts: float) -> int:
    """Return after how many seconds of such a surplus the amps change."""
    before, seconds = amps.follower.amps, 0
    while amps.live(watts, 1) == before:
        seconds += 1
        assert seconds < 7200
    return seconds


def test_a_large_drop_is_followed_within_seconds():
    assert Amps(20).live(10 * VOLTS, 3) == 10


def test_an_import_of_a_kilowatt_is_ended_within_two_seconds():
    assert Amps(20).live(20 * VOLTS - 1000, 3) == 15


def test_a_flicker_of_a_second_is_not():
    amps = Amps(20)
    amps.live(20 * VOLTS, 30)
    amps.live(20 * VOLTS - 300, 1)
    assert amps.live(20 * VOLTS, 30) == 20


def test_a_small_import_is_borne_as_long_as_the_ampere_pays():
    pays = (1 - PACE.grid_share / 100) * VOLTS
    assert Amps(20).live(19 * VOLTS + pays + 5, 3600) == 20
    assert Amps(20).live(19 * VOLTS + pays - 50, 3600) == 19


@pytest.mark.parametrize("missing", [100.0, 150.0, 230.0])
def test_a_decrease_by_an_ampere_comes_when_it_would_have_saved_what_it_costs(missing: float):
    watts = 20 * VOLTS - missing
    saved = gain_of(watts, 19 * VOLTS, PACE.grid_price) - gain_of(watts, 20 * VOLTS, PACE.grid_price)
    assert seconds_until(Amps(20), watts) == pytest.approx(SINGLE_LOWER_WH * 3600 / saved, abs=1)


def test_a_decrease_by_more_comes_sooner():
    watts = 18.3 * VOLTS
    saved = gain_of(watts, 18 * VOLTS, PACE.grid_price) - gain_of(watts, 20 * VOLTS, PACE.grid_price)
    assert seconds_until(Amps(20), watts) == pytest.approx(LOWER_SECONDS * VOLTS / saved, abs=1)


def test_a_rise_comes_when_it_would_have_earned_what_it_costs():
    assert seconds_until(Amps(10), 11.05 * VOLTS) == pytest.approx(SINGLE_RAISE_WH * 3600 / VOLTS, abs=1)
    assert seconds_until(Amps(10), 13.05 * VOLTS) == pytest.approx(RAISE_SECONDS / 3, abs=1)


def test_a_single_ampere_on_three_phases_is_worth_enough_at_once():
    follower, watts = CurrentFollower(10, 0.0), 3 * 11.05 * VOLTS
    follower.adjust(watts, watts, 3 * VOLTS, 6, 32, PACE, 100.0)
    assert follower.next_at == pytest.approx(100 + RAISE_SECONDS)


def test_what_goes_up_and_down_again_moves_nothing():
    amps = Amps(10)
    for _ in range(60):
        amps.live(10.9 * VOLTS, 30)
        amps.live(10.1 * VOLTS, 60)
    assert amps.changes == 0


def test_on_three_phases_a_change_costs_as_many_seconds():
    one, three = CurrentFollower(10, 0.0), CurrentFollower(10, 0.0)
    one.adjust(12.05 * VOLTS, 12.05 * VOLTS, VOLTS, 6, 32, PACE, 100.0)
    three.adjust(3 * 12.05 * VOLTS, 3 * 12.05 * VOLTS, 3 * VOLTS, 6, 32, PACE, 100.0)
    assert one.next_at == pytest.approx(three.next_at)


def test_an_owner_who_wants_nothing_from_the_grid_buys_no_ampere_for_seconds():
    nothing = Pace(grid_share=0)
    assert Amps(20, pace=nothing).live(20 * VOLTS - 60, 5) == 19
    assert Amps(20, pace=nothing).live(20 * VOLTS - 2, 60) == 20, "no meter and no car is so exact"
    assert Amps(10, pace=nothing).live(11.9 * VOLTS, 600) == 11


def test_after_a_change_an_ampere_is_taken_where_little_of_it_is_missing():
    assert Amps(20).live(14.9 * VOLTS, 20) == 15
    assert Amps(20).live(14.8 * VOLTS, 20) == 14


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
    follower, watts = CurrentFollower(10, 0.0), 9.5 * VOLTS
    follower.adjust(watts, watts, VOLTS, 6, 32, PACE, 100.0)
    saved = gain_of(watts, 9 * VOLTS, PACE.grid_price) - gain_of(watts, 10 * VOLTS, PACE.grid_price)
    assert follower.next_at == pytest.approx(100 + SINGLE_LOWER_WH * 3600 / saved)
    follower.adjust(watts, watts, VOLTS, 6, 32, PACE, follower.next_at)
    assert follower.amps == 9
    follower.adjust(20 * VOLTS, 20 * VOLTS, VOLTS, 6, 32, PACE, follower.next_at or 120.0)
    assert follower.next_at is not None
    follower.adjust(9.2 * VOLTS, 9.2 * VOLTS, VOLTS, 6, 32, PACE, 900.0)
    assert (follower.amps, follower.next_at) == (9, None)


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
