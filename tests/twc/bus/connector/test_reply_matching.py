"""Which heartbeat an answer belongs to."""

import pytest
from twc.bus.connector.reply_matching import ReplyKind, ReplyMatcher

ANSWER, SECOND, UNASKED = ReplyKind.ANSWER, ReplyKind.SECOND, ReplyKind.UNASKED


class Line:
    """Heartbeats that are given up after half a second."""

    def __init__(self) -> None:
        self.book = ReplyMatcher()
        self.now = 1000.0

    def ask(self, *, lost: bool = False) -> None:
        self.now += 1.2
        self.book.asked(self.now)
        if lost:
            self.book.given_up(self.now + 0.5)

    def come(self, after: float = 0.2, *, awaited: bool = False, fits: bool = True) -> ReplyKind:
        kind = self.book.classify(awaited=awaited, fits=fits, now=self.now + after)
        if kind is ANSWER and fits:
            self.book.accepted()
        return kind


@pytest.fixture
def line() -> Line:
    return Line()


def test_what_comes_while_it_is_awaited_is_the_answer(line: Line) -> None:
    for _ in range(10):
        line.ask()
        assert line.come(awaited=True) is ANSWER


def test_one_more_right_after_the_answer_is_a_second_one(line: Line) -> None:
    line.ask()
    line.come(awaited=True)
    assert line.come(0.23) is SECOND


def test_one_more_long_after_the_answer_is_asked_for_by_nobody(line: Line) -> None:
    line.ask()
    line.come(awaited=True)
    assert line.come(1.1) is UNASKED


def test_a_heartbeat_that_was_lost_makes_no_answer_of_a_second_one(line: Line) -> None:
    line.ask(lost=True)
    line.ask()
    assert line.come(awaited=True) is ANSWER
    assert line.come(0.23) is SECOND


def test_damage_stands_for_the_answer_when_the_next_heartbeat_leaves(line: Line) -> None:
    line.ask()
    line.book.damaged()
    line.ask()
    assert line.come(awaited=True) is ANSWER
    assert line.come(0.35) is SECOND


def test_what_comes_behind_damage_is_the_answer_all_the_same(line: Line) -> None:
    # An adapter returned our own heartbeat, damaged.
    line.ask()
    line.book.damaged()
    assert line.come() is ANSWER


def test_answers_that_come_late_are_no_second_ones(line: Line) -> None:
    # A gateway that keeps everything for 0.8 s and more: three heartbeats may be on their way.
    line.ask(lost=True)
    assert line.come(0.9) is ANSWER
    for _ in range(3):
        line.ask(lost=True)
    assert [line.come(after) for after in (0.1, 0.12, 0.14)] == [ANSWER, ANSWER, UNASKED]


def test_as_many_late_answers_are_borne_as_heartbeats_were_given_up(line: Line) -> None:
    line.ask(lost=True)
    line.come(0.9)
    assert line.come(0.95) is UNASKED
    assert line.come(0.98) is SECOND


def test_what_was_given_up_long_ago_does_not_come_any_more(line: Line) -> None:
    line.ask(lost=True)
    line.come(0.9)
    for _ in range(5):
        line.ask()
        line.come(awaited=True)
    assert line.come(0.3) is SECOND


def test_an_answer_in_the_other_size_does_not_stand_for_the_one_that_fits(line: Line) -> None:
    line.ask()
    assert line.come(awaited=True, fits=False) is ANSWER
    assert line.come(0.23) is ANSWER
    assert line.come(0.25) is SECOND


def test_an_answer_behind_one_in_the_other_size_makes_no_slow_gateway(line: Line) -> None:
    line.ask(lost=True)
    line.ask()
    line.come(awaited=True, fits=False)
    assert line.come(0.23) is ANSWER
    assert line.come(0.25) is SECOND


def test_an_answer_in_the_other_size_after_the_one_that_fits_is_a_second_one(line: Line) -> None:
    line.ask()
    assert line.come(awaited=True) is ANSWER
    assert line.come(0.23, fits=False) is SECOND


def test_it_may_owe_two_answers_but_no_more(line: Line) -> None:
    for _ in range(5):
        line.ask()
    assert line.book.expected == 2
    line.come(awaited=True)
    assert line.book.expected == 1
