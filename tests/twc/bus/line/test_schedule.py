"""Whose turn it is on the line."""

from itertools import pairwise

from hypothesis import given, strategies as st
import pytest
from twc.bus.line.schedule import (
    HEARTBEATS_PER_QUESTION,
    HURRIED_SECONDS,
    JITTER_SECONDS,
    LATENESS_SECONDS,
    LINE_SILENCE_SECONDS,
    SECONDS_PER_CONNECTOR,
    TRANSACTION_SECONDS,
    Schedule,
    no_chance,
)
from twc.protocol.codes import TwcId

GARAGE, CARPORT, YARD = TwcId(0x7973), TwcId(0x2019), TwcId(0x6388)
ALL = (GARAGE, CARPORT, YARD)
START = 100.0


def transaction(schedule: Schedule, now: float) -> float:
    """Keep the line busy with a request and its answer; returns when both have ended."""
    schedule.occupy(now + 0.02)
    schedule.occupy(now + TRANSACTION_SECONDS - 0.02)
    return now + TRANSACTION_SECONDS - 0.02


class Line:
    """Sends every heartbeat when it is due, and questions when there is room."""

    def __init__(self, *twcids: TwcId, questions: bool = False) -> None:
        self.schedule = Schedule(no_chance)
        self.schedule.serve(twcids, START)
        self.questions = questions
        self.now = START
        self.heartbeats: list[tuple[float, TwcId]] = []
        self.asked: list[float] = []

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while True:
            heartbeat = self.schedule.next_heartbeat()
            assert heartbeat is not None
            question = self.schedule.question_time(self.now) if self.questions else None
            self.now = min(heartbeat[0], question if question is not None else heartbeat[0])
            if self.now >= end:
                return
            if self.now == heartbeat[0]:
                self.schedule.sent_heartbeat(heartbeat[1], self.now)
                self.heartbeats.append((self.now, heartbeat[1]))
            else:
                self.schedule.sent_question()
                self.asked.append(self.now)
            self.now = transaction(self.schedule, self.now)

    def gaps(self, twcid: TwcId) -> list[float]:
        times = [time for time, who in self.heartbeats if who == twcid]
        return [later - earlier for earlier, later in pairwise(times)]


def test_nobody_is_polled_when_nobody_is_there() -> None:
    schedule = Schedule(no_chance)
    schedule.serve((), START)
    assert schedule.next_heartbeat() is None


def test_a_newcomer_gets_its_first_heartbeat_at_once() -> None:
    schedule = Schedule(no_chance)
    schedule.serve([GARAGE], START)
    assert schedule.next_heartbeat() == (START, GARAGE)


def test_chance_makes_a_heartbeat_late_and_never_early() -> None:
    dice = iter((0.0, 0.5, 1.0))
    schedule = Schedule(lambda: next(dice))
    schedule.serve([GARAGE], START)
    for late in (0.0, JITTER_SECONDS / 2, JITTER_SECONDS):
        schedule.sent_heartbeat(GARAGE, START)
        assert schedule.next_heartbeat() == (pytest.approx(START + 1 + late), GARAGE)


def test_a_single_wall_connector_is_polled_every_second() -> None:
    line = Line(GARAGE)
    line.run(60)
    assert line.gaps(GARAGE) == pytest.approx([1.0] * len(line.gaps(GARAGE)))


@pytest.mark.parametrize("twcids", [ALL[:2], ALL])
def test_several_wall_connectors_share_the_line_evenly(twcids: tuple[TwcId, ...]) -> None:
    line = Line(*twcids)
    line.run(60)
    for twcid in twcids:
        assert max(line.gaps(twcid)) <= SECONDS_PER_CONNECTOR * len(twcids) + 0.3
    turns = [who for _, who in line.heartbeats]
    assert all(set(turns[start : start + len(twcids)]) == set(twcids) for start in range(len(turns) - 3))


@pytest.mark.parametrize("twcids", [ALL[:1], ALL[:2], ALL])
def test_questions_do_not_starve_heartbeats(twcids: tuple[TwcId, ...]) -> None:
    line = Line(*twcids, questions=True)
    line.run(600)
    assert line.asked
    assert len(line.asked) <= len(line.heartbeats) / HEARTBEATS_PER_QUESTION
    for twcid in twcids:
        assert max(line.gaps(twcid)) <= 2.5


def test_nothing_is_said_before_the_line_was_silent_for_a_while() -> None:
    schedule = Schedule(no_chance)
    schedule.serve([GARAGE], START)
    schedule.occupy(START + 1.0)
    schedule.occupy(START + 0.5)
    assert schedule.next_heartbeat() == (START + 1.0 + LINE_SILENCE_SECONDS, GARAGE)
    assert schedule.announcement_time(START) == START + 1.0 + LINE_SILENCE_SECONDS
    assert schedule.announcement_time(START + 9.0) == START + 9.0


def test_a_changed_limit_hurries_the_next_heartbeat() -> None:
    schedule = Schedule(no_chance)
    schedule.serve([GARAGE], START)
    schedule.sent_heartbeat(GARAGE, START)
    schedule.hurry(GARAGE, START + 0.1)
    assert schedule.next_heartbeat() == (START + HURRIED_SECONDS, GARAGE)


def test_a_hurried_heartbeat_leaves_at_once_when_the_last_one_was_long_ago() -> None:
    schedule = Schedule(no_chance)
    schedule.serve([GARAGE], START)
    schedule.sent_heartbeat(GARAGE, START)
    schedule.hurry(GARAGE, START + 0.7)
    assert schedule.next_heartbeat() == (START + 0.7, GARAGE)


def test_hurrying_never_puts_a_heartbeat_off() -> None:
    schedule = Schedule(no_chance)
    schedule.serve([GARAGE], START)
    schedule.hurry(GARAGE, START)
    assert schedule.next_heartbeat() == (START, GARAGE)


def test_hurrying_somebody_who_is_not_on_the_rota_changes_nothing() -> None:
    schedule = Schedule(no_chance)
    schedule.hurry(GARAGE, START)
    assert schedule.next_heartbeat() is None


def test_who_leaves_the_rota_is_not_polled_any_more() -> None:
    schedule = Schedule(no_chance)
    schedule.serve([GARAGE, CARPORT], START)
    schedule.serve([CARPORT], START)
    assert schedule.next_heartbeat() == (START, CARPORT)
    assert not schedule.serves(GARAGE)
    assert schedule.serves(CARPORT)


def test_leaving_and_coming_back_brings_no_extra_heartbeats() -> None:
    schedule = Schedule(no_chance)
    schedule.serve([GARAGE], START)
    schedule.sent_heartbeat(GARAGE, START)
    schedule.serve([], START + 0.1)
    schedule.serve([GARAGE], START + 0.1)
    assert schedule.next_heartbeat() == (START + HURRIED_SECONDS, GARAGE)


def test_the_longest_overdue_comes_first() -> None:
    schedule = Schedule(no_chance)
    schedule.serve([GARAGE], START)
    schedule.serve([GARAGE, CARPORT], START + 1.0)
    schedule.occupy(START + 5.0)
    assert schedule.next_heartbeat() == (START + 5.0 + LINE_SILENCE_SECONDS, GARAGE)


def test_a_question_waits_for_two_heartbeats() -> None:
    schedule = Schedule(no_chance)
    schedule.serve([GARAGE], START)
    for number in range(HEARTBEATS_PER_QUESTION):
        assert schedule.question_time(START) is None
        schedule.sent_heartbeat(GARAGE, START + number)
    assert schedule.question_time(START) == START


def test_heartbeats_do_not_save_up_for_a_flood_of_questions() -> None:
    schedule = Schedule(no_chance)
    schedule.serve([GARAGE], START)
    for number in range(100):
        schedule.sent_heartbeat(GARAGE, START + number)
    schedule.sent_question()
    assert schedule.question_time(START + 100.0) is None


def test_a_question_leaves_only_where_its_answer_fits_before_the_next_heartbeat() -> None:
    schedule = Schedule(no_chance)
    schedule.serve([GARAGE], START)
    for _ in range(HEARTBEATS_PER_QUESTION):
        schedule.sent_heartbeat(GARAGE, START)
    latest = START + 1.0 + LATENESS_SECONDS - TRANSACTION_SECONDS - LINE_SILENCE_SECONDS
    assert schedule.question_time(latest - 0.01) == latest - 0.01
    assert schedule.question_time(latest + 0.01) is None


def test_a_question_wanted_long_ago_leaves_when_the_line_is_free() -> None:
    schedule = Schedule(no_chance)
    schedule.serve([GARAGE], START)
    for _ in range(HEARTBEATS_PER_QUESTION):
        schedule.sent_heartbeat(GARAGE, START)
    schedule.occupy(START + 0.2)
    assert schedule.question_time(float("-inf")) == START + 0.2 + LINE_SILENCE_SECONDS


@given(st.lists(st.tuples(st.sampled_from(ALL), st.floats(0, 3)), max_size=60))
def test_hurrying_without_end_still_leaves_half_a_second_between_heartbeats(
    wishes: list[tuple[TwcId, float]],
) -> None:
    schedule = Schedule(no_chance)
    now, sent = START, dict.fromkeys(ALL, float("-inf"))
    schedule.serve(ALL, now)
    for twcid, seconds in wishes:
        now += seconds
        schedule.hurry(twcid, now)
        heartbeat = schedule.next_heartbeat()
        assert heartbeat is not None
        if heartbeat[0] <= now:
            assert now - sent[heartbeat[1]] >= HURRIED_SECONDS - 1e-9
            schedule.sent_heartbeat(heartbeat[1], now)
            sent[heartbeat[1]] = now
