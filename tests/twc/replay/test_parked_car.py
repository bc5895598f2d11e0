"""A car of a replay: how it starts, follows and stops, and what counts as a start."""

import itertools

from twc.replay.parked_car import FALL_AMPS, RISE_AMPS, ParkedCar, Socket

OFFER_SECONDS = 1
START_SECONDS = 8


def car(amps: int = 0, **socket: object) -> ParkedCar:
    """A car that has been offered so much for a minute."""
    parked = ParkedCar(Socket(**socket))  # type: ignore[arg-type]
    parked.step(0.0)
    parked.tell(amps, 0.0)
    for second in range(1, 60):
        parked.step(float(second))
    return parked


def drawn(parked: ParkedCar, seconds: int, begin: int = 60) -> list[float]:
    """A at the end of each second."""
    amps = []
    for second in range(begin, begin + seconds):
        parked.step(float(second))
        amps.append(parked.amps)
    return amps


def test_the_first_current_flows_eight_seconds_after_the_contactor_closed() -> None:
    parked = car()
    parked.tell(16, 60.0)
    amps = drawn(parked, 20)
    assert amps[: OFFER_SECONDS + START_SECONDS] == [0.0] * (OFFER_SECONDS + START_SECONDS)
    assert amps[OFFER_SECONDS + START_SECONDS] == RISE_AMPS
    assert amps[-1] == 16.0


def test_a_car_rises_slower_than_it_falls() -> None:
    parked = car(6)
    parked.tell(27, 60.0)
    rise = drawn(parked, 20)
    parked.tell(6, 80.0)
    fall = drawn(parked, 20, begin=80)
    assert sum(6.0 < amps < 27.0 for amps in rise) == 5
    assert sum(6.0 < amps < 27.0 for amps in fall) == 2
    assert max(earlier - later for earlier, later in itertools.pairwise(fall)) == FALL_AMPS


def test_a_running_car_hesitates_before_it_follows() -> None:
    parked = car(10)
    parked.tell(16, 60.0)
    amps = drawn(parked, 6)
    assert amps[:3] == [10.0, 10.0, 10.0]
    assert amps[3] > 10.0


def test_a_stop_ends_the_current_as_soon_as_it_arrives() -> None:
    parked = car(16)
    parked.tell(0, 60.0)
    assert drawn(parked, 3) == [16.0, 0.0, 0.0]


def test_a_car_takes_no_more_than_it_can_and_stays_below_its_offer_as_it_is_used_to() -> None:
    assert car(32, maximum_amps=16).amps == 16.0
    assert car(10, shortfall_amps=0.75).amps == 9.25


def test_every_closing_of_the_contactor_is_a_start_and_every_new_offer_a_change() -> None:
    parked = car(6)
    for second, amps in ((60, 6), (70, 10), (80, 0), (90, 0), (100, 6)):
        parked.tell(amps, float(second))
        drawn(parked, 10, begin=second)
    assert (parked.starts, parked.changes) == (2, 4)


def test_nothing_flows_while_no_car_is_there_and_nothing_starts() -> None:
    parked = car(16, plugged_in=((100.0, 200.0),))
    assert (parked.amps, parked.plugged_in, parked.starts) == (0.0, False, 0)


def test_a_car_that_finds_an_offer_starts_when_it_comes_and_ends_when_it_leaves() -> None:
    parked = car(16, plugged_in=((100.0, 200.0),))
    assert parked.next_at(99.0) == 100.0
    assert drawn(parked, 140)[-1] == 16.0
    assert (parked.plugged_in_since, parked.starts) == (100.0, 1)
    assert drawn(parked, 1, begin=200) == [0.0]


def test_nothing_is_to_come_while_a_car_has_what_it_is_offered() -> None:
    assert car(16).next_at(60.0) == float("inf")
