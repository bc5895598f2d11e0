"""The main fuse: full cuts at once, slow rises, silence, and what a breaker bears for a while."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, strategies as st
import pytest
from twc.charging.fuse import (
    FALL_SECONDS,
    MARGIN_AMPS,
    RISE_SLACK_AMPS,
    SAFE_AMPS,
    TOLD_SECONDS,
    CarsAmps,
    FuseCap,
    FuseGuard,
    FuseState,
)
from twc.charging.power_history import PowerHistory
from twc.charging.readings import Gap, Reading
from twc.charging.settings import SiteSettings

SITE = SiteSettings(fuse_amps=25.0)
FREE = 25.0 - MARGIN_AMPS
LAG = 2
"""s that the cars need to follow."""


class Fuse:
    """A guard, a house with one to three phases, and cars that follow the cap with a lag of 2 s.

    ``told_late``: s until a wall connector tells what its car draws. ``hidden_delay``: s that the meter is later than
    the guard knows. ``greed``: A that the cars would take. Below ``minimum`` they take nothing.
    """

    def __init__(
        self,
        site: SiteSettings = SITE,
        *,
        interval: int = 1,
        delay: int = 0,
        hidden_delay: int = 0,
        told_late: int = 0,
        minimum: float = 0.0,
    ) -> None:
        self.site, self.interval, self.delay, self.hidden_delay = site, interval, delay, hidden_delay
        self.told_late, self.minimum, self.greed = told_late, minimum, 32.0
        self.guard = FuseGuard()
        self.cars = PowerHistory()
        self.now = 1000.0
        self.car_amps = 0.0
        self.cap = FuseCap()
        self.houses: list[float] = []
        self.sums: list[float] = []
        self.caps: list[float] = []
        self.drawn: list[float] = []
        self._told: list[float] = []
        self._seen: tuple[Reading, ...] = ()
        self._true: list[tuple[float, ...]] = []

    def live(self, seconds: int, *house: float, silent: bool = False) -> FuseCap:
        for _ in range(seconds):
            self.now += 1.0
            goal = self._told[-LAG] if len(self._told) >= LAG else 0.0
            self.car_amps = min(goal, self.greed) if goal >= self.minimum else 0.0
            self.drawn.append(self.car_amps)
            self.cars.add(self.drawn[max(0, len(self.drawn) - 1 - self.told_late)], self.now)
            self._true.append(tuple(amps + self.car_amps for amps in house))
            self.houses.append(max(house))
            self.sums.append(max(self._true[-1]))
            if not silent and int(self.now) % self.interval == 0:
                late = self._true[max(0, len(self._true) - 1 - self.delay - self.hidden_delay)]
                self._seen = tuple(Reading(amps, self.now) for amps in late)
            self.ask()
            assert self.cap.amps is not None
            assert self.cap.amps >= 0.0
            self._told.append(float(int(self.cap.amps)))
            self.caps.append(self.cap.amps)
        return self.cap

    def ask(self, later: float = 0.0) -> FuseCap:
        cars = CarsAmps(self.cars, delay_seconds=self.delay, interval_seconds=self.interval)
        self.cap = self.guard.cap_amps(self._seen, self.site, cars, self.now + later)
        return self.cap

    def longest_overload(self, patience: int, *, borne: float = 0.0) -> int:
        """Return for how many s over ``borne`` A too much flowed though the house had not grown in ``patience`` s."""
        longest = lasts = 0
        for index, amps in enumerate(self.sums):
            grown = (
                index < patience
                or self.houses[index] > min(self.houses[max(0, index - patience) : index + 1]) + 1e-6
            )
            lasts = lasts + 1 if amps > 25.0 + borne + 1e-6 and not grown else 0
            longest = max(longest, lasts)
        return longest


def test_without_a_rating_there_is_no_guard():
    cap = FuseGuard().cap_amps((Reading(90.0, 0.0),), SiteSettings(), CarsAmps(PowerHistory()), 0.0)
    assert (cap.amps, cap.state) == (None, FuseState.UNUSED)


def test_before_the_first_reading_there_is_the_safe_share():
    cap = FuseGuard().cap_amps((), SITE, CarsAmps(PowerHistory()), 0.0)
    assert (cap.amps, cap.state) == (SAFE_AMPS, FuseState.SILENT)


def test_the_worst_phase_binds():
    fuse = Fuse()
    fuse.live(600, 3.0, 11.0, 5.0)
    assert fuse.cap.amps == pytest.approx(FREE - 11.0, abs=1.0)
    assert fuse.cap.phase == 2
    assert fuse.cap.house_amps == pytest.approx(11.0)


def test_a_kettle_is_made_room_for_at_once_and_in_full():
    fuse = Fuse()
    fuse.live(600, 5.0)
    fuse.live(4, 14.0)
    assert fuse.car_amps == int(FREE - 14.0)
    assert fuse.sums[-1] <= 25.0


def test_what_was_cut_comes_back_slowly():
    fuse = Fuse()
    fuse.live(600, 5.0)
    fuse.live(60, 15.0)
    low = fuse.cap.amps
    fuse.live(25, 5.0)
    assert fuse.cap.amps == low, "half a minute of patience"
    fuse.live(60, 5.0)
    assert fuse.cap.amps is not None
    assert low is not None
    assert low + 2 <= fuse.cap.amps <= low + 7
    fuse.live(200, 5.0)
    assert fuse.cap.amps == pytest.approx(FREE - 5.0, abs=1.0)


@pytest.mark.parametrize(("interval", "delay"), [(1, 0), (1, 5), (5, 0), (5, 5), (10, 10)])
def test_a_constant_house_leads_to_a_constant_cap(interval: int, delay: int):
    fuse = Fuse(interval=interval, delay=delay)
    fuse.live(900, 6.0)
    fuse.caps.clear()
    fuse.live(300, 6.0)
    assert len(set(map(int, fuse.caps))) == 1
    fuse.live(5 + interval + 2 * delay, 14.0)
    fuse.live(30 + interval + delay, 14.0)
    settled = len(fuse.caps)
    fuse.live(600, 14.0)
    assert all(abs(a - b) <= 1.0 for a, b in pairwise(fuse.caps[settled:]))
    assert fuse.caps[-1] >= 25 - 14 - 3, "one overload is not cut twice for good"


def test_a_silent_meter_leaves_the_safe_share():
    fuse = Fuse()
    fuse.live(600, 5.0)
    fuse.live(9, 5.0, silent=True)
    assert fuse.car_amps > 15
    fuse.live(6, 5.0, silent=True)
    assert (fuse.cap.state, fuse.cap.amps) == (FuseState.SILENT, SAFE_AMPS)
    fuse.live(20, 5.0)
    assert fuse.cap.amps == SAFE_AMPS
    fuse.live(300, 5.0)
    assert fuse.cap.amps == pytest.approx(FREE - 5.0, abs=1.0)


def test_the_safe_share_is_less_where_the_house_needs_more():
    fuse = Fuse()
    fuse.live(60, 22.0)
    fuse.live(60, 5.0)
    fuse.live(20, 5.0, silent=True)
    assert fuse.cap.amps == pytest.approx(FREE - 22.0)


def test_yesterdays_dinner_is_forgotten_after_a_day():
    fuse = Fuse()
    fuse.live(10, 22.0)
    for _ in range(26):
        fuse.now += 3600
        fuse.live(20, 5.0)
    fuse.live(20, 5.0, silent=True)
    assert fuse.cap.amps == SAFE_AMPS


@pytest.mark.parametrize(
    "reading", [Reading(None, 1000.0, Gap.UNAVAILABLE), Reading(float("nan"), 1000.0), Reading(4e5, 1000.0)]
)
def test_a_gap_or_an_impossible_value_is_silence(reading: Reading):
    cap = FuseGuard().cap_amps((Reading(5.0, 1000.0), reading), SITE, CarsAmps(PowerHistory()), 1000.0)
    assert (cap.state, cap.silent) == (FuseState.SILENT, (2,))


def test_a_breaker_bears_a_little_for_a_while_if_the_owner_says_so():
    fuse = Fuse(replace(SITE, tolerate_short_overload=True))
    fuse.live(600, 5.0)
    before = fuse.car_amps
    fuse.live(40, 8.0)
    assert (fuse.car_amps, fuse.cap.state) == (before, FuseState.TOLERATING)
    fuse.live(40, 8.0)
    assert fuse.car_amps == int(FREE - 8.0)
    strict = Fuse()
    strict.live(600, 5.0)
    strict.live(5, 8.0)
    assert strict.car_amps == int(FREE - 8.0)


def test_no_breaker_bears_more_than_double():
    fuse = Fuse(replace(SITE, tolerate_short_overload=True))
    fuse.live(600, 5.0)
    fuse.live(4, 40.0)
    assert fuse.car_amps == 0.0


def test_a_house_of_three_phases_with_an_oven_and_a_kettle():
    """Three times 25 A: the oven of 3.6 kW on L2, then a kettle of 2 kW on the same phase for three minutes."""
    fuse = Fuse(interval=5, delay=2)
    fuse.live(400, 2.0, 3.0, 1.0)
    assert fuse.car_amps == 21.0
    fuse.live(300, 2.0, 3.0 + 15.7, 1.0)
    assert (fuse.car_amps, fuse.cap.phase, fuse.cap.state) == (5.0, 2, FuseState.LIMITING)
    fuse.live(180, 2.0, 3.0 + 15.7 + 8.7, 1.0)
    assert (fuse.car_amps, fuse.cap.amps) == (0.0, 0.0), "the house alone is more than the fuse bears"
    fuse.live(400, 2.0, 3.0, 1.0)
    assert fuse.car_amps == 21.0


def test_asking_again_about_the_same_reading_changes_nothing():
    fuse = Fuse(interval=5)
    fuse.live(600, 5.0)
    fuse.live(5, 17.0)
    caps = {fuse.ask(later=0.1 * number).amps for number in range(40)}
    assert caps == {fuse.cap.amps}


def test_the_guard_says_when_it_wants_to_be_asked_again():
    fuse = Fuse()
    fuse.live(600, 5.0)
    fuse.live(5, 17.0)
    at = fuse.cap.next_at
    assert at is not None
    assert at == pytest.approx(fuse.now + 10.1), "silence"
    fuse.live(34, 5.0)
    low, at = fuse.cap.amps, fuse.cap.next_at
    assert low is not None
    assert at is not None
    assert fuse.now < at <= fuse.now + 10.0, "the next ampere"
    assert fuse.ask(later=at - fuse.now).amps == pytest.approx(low + 1.0)


def test_one_overload_is_not_cut_twice_by_a_meter_that_is_later_than_known():
    fuse = Fuse(hidden_delay=4)
    fuse.live(600, 5.0)
    fuse.live(30, 14.0)
    assert min(fuse.caps[-30:]) >= FREE - 14.0 - 1.0 - RISE_SLACK_AMPS


def test_a_car_that_the_meter_sees_before_its_wall_connector_tells_is_not_stopped():
    fuse = Fuse(told_late=2, minimum=6.0)
    fuse.greed = 0.0
    fuse.live(600, 10.0)
    fuse.greed = 32.0
    fuse.live(60, 10.0)
    assert min(fuse.caps[-60:]) >= FREE - 10.0 - 1.0 - RISE_SLACK_AMPS
    assert fuse.car_amps >= 13.0


def test_a_car_that_is_seen_before_it_tells_does_not_spoil_the_safe_share():
    fuse = Fuse(told_late=2, minimum=6.0)
    fuse.greed = 0.0
    fuse.live(600, 10.0)
    fuse.greed = 32.0
    fuse.live(60, 10.0)
    assert fuse.live(20, 10.0, silent=True).amps == SAFE_AMPS


def test_an_unused_allowance_shrinks_with_the_house_though_no_car_draws():
    fuse = Fuse()
    fuse.greed = 0.0
    fuse.live(600, 5.0)
    fuse.live(8, 15.0)
    assert fuse.cap.amps == pytest.approx(FREE - 15.0)


def test_while_an_overload_is_borne_nobody_takes_more_of_it():
    fuse = Fuse(replace(SITE, tolerate_short_overload=True))
    fuse.greed = 10.0
    fuse.live(600, 5.0)
    fuse.live(5, 17.0)
    assert (fuse.cap.amps, fuse.cap.state) == (10.0, FuseState.TOLERATING)
    fuse.live(60, 17.0)
    assert fuse.cap.amps == pytest.approx(FREE - 17.0)


def test_what_a_late_meter_cannot_show_yet_is_borne_as_well():
    fuse = Fuse(replace(SITE, tolerate_short_overload=True), delay=10, interval=10)
    fuse.live(600, 5.0)
    before = len(fuse.sums)
    fuse.live(90, 14.0)
    over = sum(amps > 25.0 for amps in fuse.sums[before:])
    assert 20 <= over <= 30 + LAG, "36 % too much for half a minute"


def test_the_state_says_whether_the_fuse_is_what_holds_the_cars():
    fuse = Fuse()
    fuse.greed = 10.0
    assert fuse.live(600, 5.0).state is FuseState.CLEAR
    assert fuse.live(5, 16.0).state is FuseState.LIMITING
    assert fuse.live(20, 5.0).state is FuseState.LIMITING, "not given back yet"
    assert fuse.live(300, 5.0).state is FuseState.CLEAR


@given(
    loads=st.lists(st.floats(0.0, 24.0), min_size=2, max_size=8),
    interval=st.integers(1, 10),
    delay=st.integers(0, 10),
)
def test_with_cars_at_rest_an_overload_ends_with_the_first_reading_that_shows_it(
    loads: list[float], interval: int, delay: int
):
    fuse = Fuse(interval=interval, delay=delay)
    at_rest = 2 * (delay + interval + LAG) + int(FALL_SECONDS) + 1
    fuse.live(100, 0.0)
    for amps in loads:
        fuse.live(at_rest + 30, amps)
    patience = delay + interval + LAG
    assert fuse.longest_overload(patience, borne=2.0) == 0
    assert fuse.longest_overload(patience + interval + int(TOLD_SECONDS)) == 0, "what cars going up may add"


@given(
    loads=st.lists(st.tuples(st.integers(1, 60), st.floats(-20.0, 24.0)), min_size=2, max_size=12),
    interval=st.integers(1, 10),
    delay=st.integers(0, 10),
    minimum=st.sampled_from((0.0, 6.0)),
)
def test_whatever_the_house_does_no_overload_outlives_the_cut_before_it(
    loads: list[tuple[int, float]], interval: int, delay: int, minimum: float
):
    fuse = Fuse(interval=interval, delay=delay, minimum=minimum)
    for seconds, amps in loads:
        fuse.live(seconds, amps)
    patience = 2 * (delay + interval + LAG) + int(FALL_SECONDS)
    assert fuse.longest_overload(patience, borne=1.0) == 0
    assert fuse.longest_overload(patience + delay + interval + LAG + int(FALL_SECONDS)) == 0


@given(
    house=st.floats(-10.0, 30.0),
    before=st.floats(-10.0, 30.0),
    interval=st.integers(1, 10),
    delay=st.integers(0, 10),
    hidden=st.integers(0, 4),
    greed=st.floats(6.0, 32.0),
)
def test_a_constant_house_leads_to_a_constant_cap_however_late_the_meter(
    house: float, before: float, interval: int, delay: int, hidden: int, greed: float
):
    fuse = Fuse(interval=interval, delay=delay, hidden_delay=hidden)
    fuse.greed = greed
    fuse.live(120, before)
    fuse.live(700, house)
    fuse.caps.clear()
    fuse.live(200, house)
    assert len(set(fuse.caps)) == 1
    assert fuse.caps[0] == pytest.approx(max(0.0, FREE - house), abs=1.0 + RISE_SLACK_AMPS)


def test_a_meter_whose_rhythm_is_unknown_is_slow_before_it_is_silent():
    guard, cars = FuseGuard(), CarsAmps(PowerHistory())
    reading = (Reading(5.0, 1000.0),)
    assert guard.cap_amps(reading, SITE, cars, 1000.0).state is FuseState.CLEAR
    assert guard.cap_amps(reading, SITE, cars, 1080.0).state is FuseState.CLEAR
    assert guard.cap_amps(reading, SITE, cars, 1095.0).state is FuseState.SILENT
