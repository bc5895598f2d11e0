"""The sun is shared by priority, fairly among equals, and to the last whole ampere."""

from hypothesis import given, strategies as st
from twc.charging.solar.sharing import Seeker, SurplusSharing
from twc.protocol.codes import TwcId

ONE_PHASE, THREE_PHASES = 230.0, 690.0
A, B, C = TwcId(1), TwcId(2), TwcId(3)


def seeker(twcid: TwcId, **more: object) -> Seeker:
    usual = {
        "priority": 5,
        "watts_per_ampere": ONE_PHASE,
        "minimum_amps": 6,
        "useful_amps": 32,
        "running": True,
    }
    return Seeker(twcid=twcid, **{**usual, **more})  # type: ignore[arg-type]


def share_surplus(watts: float, seekers: list[Seeker]) -> dict[TwcId, float]:
    return SurplusSharing(seekers).share(watts)


def amps(shares: dict[TwcId, float], *seekers: Seeker) -> list[int]:
    return [int(shares[one.twcid] / one.watts_per_ampere + 1e-6) for one in seekers]


def test_one_car_has_all_of_it():
    assert share_surplus(5000.0, [seeker(A)]) == {A: 5000.0}


def test_without_cars_nobody_gets_anything():
    assert share_surplus(5000.0, []) == {}


def test_equals_share_equally_and_a_remainder_is_used_by_somebody():
    cars = [seeker(A), seeker(B), seeker(C)]
    assert sorted(amps(share_surplus(29 * ONE_PHASE, cars), *cars)) == [9, 10, 10]


def test_a_small_car_leaves_the_rest_to_the_others():
    cars = [seeker(A, useful_amps=8), seeker(B)]
    assert amps(share_surplus(30 * ONE_PHASE, cars), *cars) == [8, 22]


def test_equals_get_equal_amps_whatever_their_phases():
    cars = [seeker(A, watts_per_ampere=THREE_PHASES), seeker(B)]
    assert amps(share_surplus(10 * (THREE_PHASES + ONE_PHASE), cars), *cars) == [10, 10]


def test_what_is_too_little_for_three_phases_serves_one():
    cars = [seeker(A, watts_per_ampere=THREE_PHASES), seeker(B)]
    watts = 10 * (THREE_PHASES + ONE_PHASE) + 2 * ONE_PHASE
    assert amps(share_surplus(watts, cars), *cars) == [10, 11]


def test_the_higher_priority_is_served_first():
    cars = [seeker(A, priority=1), seeker(B, priority=9)]
    shares = share_surplus(20 * ONE_PHASE, cars)
    assert shares == {A: 0.0, B: 20 * ONE_PHASE}


def test_the_lower_priority_gets_what_the_higher_cannot_use():
    cars = [seeker(A, priority=1), seeker(B, priority=9, useful_amps=10)]
    assert amps(share_surplus(20 * ONE_PHASE, cars), *cars) == [10, 10]


def test_too_little_for_two_minima_keeps_the_first_one_alive():
    cars = [seeker(A), seeker(B)]
    shares = share_surplus(9 * ONE_PHASE, cars)
    assert shares == {A: 6 * ONE_PHASE, B: 3 * ONE_PHASE}


def test_a_car_that_takes_nothing_leaves_its_share_to_all_others_and_keeps_what_it_would_have():
    full, waiting = seeker(A, priority=9, takes_nothing=True), seeker(C, running=False, priority=1)
    shares = share_surplus(13 * ONE_PHASE, [full, seeker(B), waiting])
    assert shares == {A: 13 * ONE_PHASE, B: 13 * ONE_PHASE, C: 0.0}
    assert share_surplus(13 * ONE_PHASE, [full, waiting])[C] == 13 * ONE_PHASE


def test_two_cars_that_take_nothing_do_not_take_the_sun_from_each_other():
    cars = [seeker(A, takes_nothing=True), seeker(B, takes_nothing=True, running=False)]
    assert amps(share_surplus(10 * ONE_PHASE, cars), *cars) == [10, 10]


def test_what_is_drawn_in_any_case_is_no_surplus_for_others_whatever_their_priority():
    held, first = seeker(A, priority=1, running=False, held=True), seeker(B, priority=9)
    assert amps(share_surplus(20 * ONE_PHASE, [held, first]), held, first) == [6, 14]
    assert amps(share_surplus(11 * ONE_PHASE, [held, first]), held, first) == [6, 5]
    assert amps(share_surplus(4 * ONE_PHASE, [held, first]), held, first) == [4, 0]
    assert amps(share_surplus(-4 * ONE_PHASE, [held, first]), held, first) == [0, 0]
    waiting = seeker(B, priority=9, running=False)
    assert amps(share_surplus(11 * ONE_PHASE, [held, waiting]), held, waiting) == [11, 5]


def test_of_two_that_are_held_the_one_with_the_higher_priority_has_the_sun():
    cars = [seeker(A, priority=1, held=True), seeker(B, priority=9, held=True)]
    assert amps(share_surplus(8 * ONE_PHASE, cars), *cars) == [2, 6]
    assert amps(share_surplus(4 * ONE_PHASE, cars), *cars) == [0, 4]
    assert amps(share_surplus(20 * ONE_PHASE, cars), *cars) == [6, 14]


def test_a_waiting_equal_is_told_what_the_running_one_would_give_up():
    cars = [seeker(A), seeker(B, running=False)]
    assert share_surplus(15 * ONE_PHASE, cars)[B] == 9 * ONE_PHASE


def test_a_waiting_car_of_higher_priority_sees_what_the_lower_one_uses():
    cars = [seeker(A, priority=1), seeker(B, priority=9, running=False)]
    shares = share_surplus(8 * ONE_PHASE, cars)
    assert shares[B] == 8 * ONE_PHASE
    assert shares[A] == 8 * ONE_PHASE, "it keeps on until the other one has begun"


def test_two_that_wait_do_not_both_count_on_the_same_watts():
    cars = [seeker(A, running=False), seeker(B, running=False)]
    shares = share_surplus(8 * ONE_PHASE, cars)
    assert (shares[A], shares[B]) == (8 * ONE_PHASE, 2 * ONE_PHASE)


def test_one_that_waits_does_not_count_on_what_a_higher_priority_waits_for():
    cars = [seeker(A, priority=1, running=False), seeker(B, priority=9, running=False)]
    assert share_surplus(8 * ONE_PHASE, cars) == {A: 2 * ONE_PHASE, B: 8 * ONE_PHASE}


def test_a_shortage_gives_nothing():
    cars = [seeker(A), seeker(B, running=False)]
    assert share_surplus(-800.0, cars) == {A: 0.0, B: 0.0}


@given(
    watts=st.floats(-5_000, 40_000),
    cars=st.lists(
        st.builds(
            seeker,
            st.just(A),
            priority=st.integers(1, 3),
            watts_per_ampere=st.sampled_from([230.0, 460.0, 690.0]),
            minimum_amps=st.integers(6, 10),
            useful_amps=st.integers(10, 32),
            running=st.booleans(),
        ),
        max_size=6,
    ),
)
def test_whole_amps_never_cost_more_than_there_is(watts: float, cars: list[Seeker]):
    cars = [
        Seeker(
            twcid=TwcId(number + 1),
            priority=one.priority,
            watts_per_ampere=one.watts_per_ampere,
            minimum_amps=one.minimum_amps,
            useful_amps=one.useful_amps,
            running=one.running,
        )
        for number, one in enumerate(cars)
    ]
    shares = share_surplus(watts, cars)
    running = [one for one in cars if one.running]
    assert set(shares) == {one.twcid for one in cars}
    assert sum(shares[one.twcid] for one in running) <= max(0.0, watts) + 1e-6
    used = sum(
        min(one.useful_amps, int(shares[one.twcid] / one.watts_per_ampere + 1e-6)) * one.watts_per_ampere
        for one in running
        if shares[one.twcid] >= one.minimum_amps * one.watts_per_ampere
    )
    assert used <= max(0.0, watts) + 1e-3
