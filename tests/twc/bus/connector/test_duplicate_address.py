"""Whether two units share one TWCID."""

import pytest
from twc.bus.connector.duplicate_address import DuplicateAddressWatch


class Watched:
    """One heartbeat a second, and what is heard of each."""

    def __init__(self) -> None:
        self.watch = DuplicateAddressWatch()
        self.now = 1000.0

    def beat(self, *, answers: int = 1, garbled: bool = False, drawn: float = 0.0, **second: bool) -> None:
        self.now += 1.0
        self.watch.asked(self.now)
        if garbled:
            self.watch.garbled()
        if answers:
            self.watch.answered()
            self.watch.take_current(drawn, self.now + 0.2)
        if answers > 1:
            facts = {"contradicting": False, "repeated": False, **second}
            self.watch.answered_again(drawn, now=self.now + 0.23, **facts)

    def beats(self, count: int, **heard: object) -> None:
        for _ in range(count):
            self.beat(**heard)  # type: ignore[arg-type]

    def damage(self, count: int) -> None:
        self.beats(count, answers=0, garbled=True)

    def announce(self, *signs: int, every: float = 6.0, answering: bool = False) -> None:
        for sign in signs:
            self.now += every
            self.watch.announced(sign, new=sign != 1, answering=answering, now=self.now)

    @property
    def suspected(self) -> bool:
        # What was heard last is judged with the next heartbeat.
        self.now += 1.0
        self.watch.asked(self.now)
        return self.watch.is_suspected(self.now)

    @property
    def proven(self) -> bool:
        self.now += 1.0
        self.watch.asked(self.now)
        return self.watch.is_proven(self.now)


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_one_that_answers_once_is_alone(watched: Watched) -> None:
    watched.beats(100, drawn=12.4)
    assert not watched.suspected


# Two that answer one after the other


def test_a_second_answer_that_says_something_else_is_suspicious_at_once(watched: Watched) -> None:
    watched.beat(answers=2, contradicting=True)
    assert watched.watch.is_suspected(watched.now)
    assert not watched.proven


def test_two_units_are_proven_by_the_third_contradiction_within_a_minute(watched: Watched) -> None:
    for _ in range(2):
        watched.beat(answers=2, contradicting=True)
        watched.beats(18)
    assert not watched.proven
    watched.beat(answers=2, contradicting=True)
    assert watched.proven


def test_contradictions_that_are_further_apart_prove_nothing(watched: Watched) -> None:
    for _ in range(10):
        watched.beat(answers=2, contradicting=True)
        watched.beats(30)
    assert not watched.proven


def test_a_unit_that_repeats_itself_is_alone(watched: Watched) -> None:
    for _ in range(100):
        watched.beat(answers=2)
        watched.beat()
    assert not watched.suspected


def test_a_gateway_that_repeats_what_it_heard_makes_nobody_suspicious(watched: Watched) -> None:
    watched.beats(2, answers=2)
    watched.beat(answers=2, contradicting=True, repeated=True)
    assert not watched.suspected


def test_the_first_repetition_is_suspicious_if_it_contradicts_but_never_a_proof(watched: Watched) -> None:
    for _ in range(20):
        watched.beat(answers=2, contradicting=True, repeated=True)
        assert watched.watch.is_suspected(watched.now)
        watched.beats(2)
    assert not watched.proven


# Two that answer together


def test_damage_in_place_of_five_answers_is_suspicious_on_a_line_that_was_good(watched: Watched) -> None:
    watched.beats(20)
    watched.damage(4)
    assert not watched.suspected
    watched.damage(1)
    assert watched.suspected
    assert not watched.proven


def test_damage_is_not_suspicious_where_the_line_was_bad_before(watched: Watched) -> None:
    for _ in range(5):
        watched.damage(1)
        watched.beats(2)
    watched.damage(5)
    assert not watched.suspected


def test_damage_is_not_suspicious_where_nothing_is_known_of_the_line(watched: Watched) -> None:
    watched.damage(20)
    assert not watched.suspected


def test_damage_with_a_second_answer_among_it_is_suspicious_anywhere(watched: Watched) -> None:
    watched.damage(3)
    watched.beat(answers=2)
    watched.damage(1)
    assert watched.suspected


def test_ten_damaged_answers_after_another_sign_are_a_second_unit(watched: Watched) -> None:
    watched.announce(2)
    watched.damage(9)
    assert not watched.proven
    watched.damage(1)
    assert watched.proven


def test_a_good_answer_among_the_damage_after_another_sign_is_that_of_one_unit(watched: Watched) -> None:
    watched.announce(2)
    for _ in range(10):
        watched.damage(9)
        watched.beat()
    assert not watched.proven


def test_damage_long_after_another_sign_proves_nothing(watched: Watched) -> None:
    watched.announce(2)
    watched.beats(120)
    watched.damage(30)
    assert not watched.proven


def test_sixteen_troubled_answers_of_twenty_are_those_of_two_units_if_some_were_given_twice(
    watched: Watched,
) -> None:
    watched.beats(4)
    for _ in range(5):
        watched.beat(answers=2)
        watched.damage(2)
    assert not watched.proven
    watched.damage(1)
    assert watched.proven


# Two that announce themselves


@pytest.mark.parametrize(
    ("signs", "proven"),
    [
        ((1, 1, 1, 1), False),
        ((1, 2), False),
        ((1, 2, 3), False),
        ((1, 2, 2, 3), False),
        ((1, 2, 1), True),
        ((1, 1, 2, 2, 1), True),
        ((3, 1, 2, 1, 2), True),
    ],
)
def test_a_sign_that_comes_back_belongs_to_a_second_unit(
    watched: Watched, signs: tuple[int, ...], *, proven: bool
) -> None:
    watched.announce(*signs)
    assert watched.proven is proven


def test_a_sign_that_comes_back_after_more_than_a_minute_may_be_chance(watched: Watched) -> None:
    watched.announce(1, 2, 1, every=31.0)
    assert not watched.proven


def test_a_charge_that_goes_on_after_a_reboot_was_announced_is_not_that_of_the_one_that_rebooted(
    watched: Watched,
) -> None:
    watched.announce(2, every=0.5, answering=True)
    watched.beat(drawn=12.4)
    assert not watched.proven
    watched.announce(2, every=0.5, answering=True)
    watched.beats(2, drawn=12.4)
    assert watched.proven


def test_a_charge_that_begins_anew_after_a_reboot_is_no_proof(watched: Watched) -> None:
    watched.announce(2, 2, 2, every=0.5, answering=True)
    watched.beats(6)
    watched.beats(60, drawn=12.4)
    assert not watched.proven


# Two of different protocol versions


def test_frames_of_both_sizes_in_turn_are_those_of_two_units(watched: Watched) -> None:
    watched.watch.take_other_size(watched.now)
    watched.watch.take_own_size(watched.now)
    assert not watched.proven
    assert watched.suspected
    watched.watch.take_other_size(watched.now)
    assert not watched.proven
    watched.watch.take_own_size(watched.now)
    assert watched.proven


def test_frames_of_a_size_that_became_its_own_prove_nothing(watched: Watched) -> None:
    watched.watch.take_other_size(watched.now)
    watched.watch.take_other_size(watched.now)
    watched.watch.size_changed()
    watched.watch.take_own_size(watched.now)
    assert not watched.proven


# How long it lasts


def test_a_suspicion_is_over_after_five_good_answers(watched: Watched) -> None:
    watched.announce(1, answering=True)
    watched.beats(4)
    assert watched.watch.is_suspected(watched.now)
    watched.beats(2)
    assert not watched.suspected


def test_a_suspicion_takes_longer_to_refute_the_second_time(watched: Watched) -> None:
    watched.announce(1, answering=True)
    watched.beats(20)
    watched.announce(1, answering=True)
    watched.beats(9)
    assert watched.watch.is_suspected(watched.now)
    watched.beats(2)
    assert not watched.suspected


def test_a_suspicion_lasts_while_answers_are_damaged(watched: Watched) -> None:
    watched.announce(1, answering=True)
    for _ in range(100):
        watched.damage(1)
        watched.beats(3)
    assert watched.suspected


def test_a_suspicion_lasts_while_there_are_second_answers(watched: Watched) -> None:
    watched.announce(1, answering=True)
    for _ in range(100):
        watched.beat(answers=2)
        watched.beats(4)
    assert watched.watch.is_suspected(watched.now)
    watched.beats(2)
    assert not watched.suspected


def test_a_damaged_answer_undoes_three_good_ones(watched: Watched) -> None:
    watched.announce(1, answering=True)
    watched.beats(4)
    watched.damage(1)
    watched.beats(3)
    assert watched.watch.is_suspected(watched.now)
    watched.beats(2)
    assert not watched.suspected


def test_a_suspicion_of_one_that_fell_silent_is_over_after_a_minute(watched: Watched) -> None:
    watched.announce(1, answering=True)
    assert watched.watch.is_suspected(watched.now + 59.9)
    assert not watched.watch.is_suspected(watched.now + 60.0)


def test_two_units_under_one_address_are_remembered_for_an_hour(watched: Watched) -> None:
    watched.announce(1, 2, 1)
    assert watched.watch.is_proven(watched.now + 3599.0)
    assert watched.watch.is_suspected(watched.now + 3599.0)
    assert not watched.watch.is_proven(watched.now + 3600.0)


def test_two_units_are_given_ten_seconds_to_come_down(watched: Watched) -> None:
    watched.announce(1, 2, 1)
    assert not watched.watch.had_time_to_fall(watched.now + 9.9)
    assert watched.watch.had_time_to_fall(watched.now + 10.0)
    watched.announce(2)
    assert watched.watch.had_time_to_fall(watched.now + 4.0)
    assert not watched.watch.had_time_to_fall(watched.now + 3600.0)
