"""Whose turn it is on the line."""

from itertools import pairwise

from hypothesis import given, strategies as st
import pytest
from twc.bus.rota import (
    ANSWER_SECONDS,
    HEARTBEATS_PER_QUESTION,
    HURRIED_SECONDS,
    JITTER_SECONDS,
    LATENESS_SECONDS,
    SECONDS_PER_CONNECTOR,
    SILENCE_SECONDS,
    Rota,
    no_chance,
)
from twc.protocol.codes import TwcId

GARAGE, CARPORT, YARD = TwcId(0x7973), TwcId(0x2019), TwcId(0x6388)
ALL = (GARAGE, CARPORT, YARD)
START = 100.0


def transaction(rota: Rota, now: float) -> float:
    """Keep the line busy with a request and its answer; returns when both have ended."""
    rota.busy(now + 0.02)
    rota.busy(now + ANSWER_SECONDS - 0.02)
    return now + ANSWER_SECONDS - 0.02


class Line:
    """Sends every heartbeat when it is due, and questions when there is room."""

    def __init__(self, *members: TwcId, questions: bool = False) -> None:
        self.rota = Rota(no_chance)
        self.rota.serve(members, START)
        self.questions = questions
        self.now = START
        self.heartbeats: list[tuple[float, TwcId]] = []
        self.asked: list[float] = []

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while True:
            heartbeat = self.rota.next_heartbeat()
            assert heartbeat is not None
            question = self.rota.question_time(self.now) if self.questions else None
            self.now = min(heartbeat[0], question if question is not None else heartbeat[0])
            if self.now >= end:
                return
            if self.now == heartbeat[0]:
                self.rota.sent_heartbeat(heartbeat[1], self.now)
                self.heartbeats.append((self.now, heartbeat[1]))
            else:
                self.rota.sent_question()
                self.asked.append(self.now)
            self.now = transaction(self.rota, self.now)

    def gaps(self, twcid: TwcId) -> list[float]:
        times = [time for time, who in self.heartbeats if who == twcid]
        return [later - earlier for earlier, later in pairwise(times)]


def test_nobody_is_polled_when_nobody_is_there() -> None:
    rota = Rota(no_chance)
    rota.serve((), START)
    assert rota.next_heartbeat() is None


def test_a_newcomer_gets_its_first_heartbeat_at_once() -> None:
    rota = Rota(no_chance)
    rota.serve([GARAGE], START)
    assert rota.next_heartbeat() == (START, GARAGE)


def test_chance_makes_a_heartbeat_late_and_never_early() -> None:
    dice = iter((0.0, 0.5, 1.0))
    rota = Rota(lambda: next(dice))
    rota.serve([GARAGE], START)
    for late in (0.0, JITTER_SECONDS / 2, JITTER_SECONDS):
        rota.sent_heartbeat(GARAGE, START)
        assert rota.next_heartbeat() == (pytest.approx(START + 1 + late), GARAGE)


def test_a_single_wall_connector_is_polled_every_second() -> None:
    line = Line(GARAGE)
    line.run(60)
    assert line.gaps(GARAGE) == pytest.approx([1.0] * len(line.gaps(GARAGE)))


@pytest.mark.parametrize("members", [ALL[:2], ALL])
def test_several_wall_connectors_share_the_line_evenly(members: tuple[TwcId, ...]) -> None:
    line = Line(*members)
    line.run(60)
    for twcid in members:
        assert max(line.gaps(twcid)) <= SECONDS_PER_CONNECTOR * len(members) + 0.3
    turns = [who for _, who in line.heartbeats]
    assert all(set(turns[start : start + len(members)]) == set(members) for start in range(len(turns) - 3))


@pytest.mark.parametrize("members", [ALL[:1], ALL[:2], ALL])
def test_questions_do_not_starve_heartbeats(members: tuple[TwcId, ...]) -> None:
    line = Line(*members, questions=True)
    line.run(600)
    assert line.asked
    assert len(line.asked) <= len(line.heartbeats) / HEARTBEATS_PER_QUESTION
    for twcid in members:
        assert max(line.gaps(twcid)) <= 2.5


def test_nothing_is_said_before_the_line_was_silent_for_a_while() -> None:
    rota = Rota(no_chance)
    rota.serve([GARAGE], START)
    rota.busy(START + 1.0)
    rota.busy(START + 0.5)
    assert rota.next_heartbeat() == (START + 1.0 + SILENCE_SECONDS, GARAGE)
    assert rota.announcement_time(START) == START + 1.0 + SILENCE_SECONDS
    assert rota.announcement_time(START + 9.0) == START + 9.0


def test_a_changed_limit_hurries_the_next_heartbeat() -> None:
    rota = Rota(no_chance)
    rota.serve([GARAGE], START)
    rota.sent_heartbeat(GARAGE, START)
    rota.hurry(GARAGE, START + 0.1)
    assert rota.next_heartbeat() == (START + HURRIED_SECONDS, GARAGE)


def test_a_hurried_heartbeat_leaves_at_once_when_the_last_one_was_long_ago() -> None:
    rota = Rota(no_chance)
    rota.serve([GARAGE], START)
    rota.sent_heartbeat(GARAGE, START)
    rota.hurry(GARAGE, START + 0.7)
    assert rota.next_heartbeat() == (START + 0.7, GARAGE)


def test_hurrying_never_puts_a_heartbeat_off() -> None:
    rota = Rota(no_chance)
    rota.serve([GARAGE], START)
    rota.hurry(GARAGE, START)
    assert rota.next_heartbeat() == (START, GARAGE)


def test_hurrying_somebody_who_is_not_on_the_rota_changes_nothing() -> None:
    rota = Rota(no_chance)
    rota.hurry(GARAGE, START)
    assert rota.next_heartbeat() is None


def test_who_leaves_the_rota_is_not_polled_any_more() -> None:
    rota = Rota(no_chance)
    rota.serve([GARAGE, CARPORT], START)
    rota.serve([CARPORT], START)
    assert rota.next_heartbeat() == (START, CARPORT)
    assert not rota.serves(GARAGE)
    assert rota.serves(CARPORT)


def test_leaving_and_coming_back_brings_no_extra_heartbeats() -> None:
    rota = Rota(no_chance)
    rota.serve([GARAGE], START)
    rota.sent_heartbeat(GARAGE, START)
    rota.serve([], START + 0.1)
    rota.serve([GARAGE], START + 0.1)
    assert rota.next_heartbeat() == (START + HURRIED_SECONDS, GARAGE)


def test_the_longest_overdue_comes_first() -> None:
    rota = Rota(no_chance)
    rota.serve([GARAGE], START)
    rota.serve([GARAGE, CARPORT], START + 1.0)
    rota.busy(START + 5.0)
    assert rota.next_heartbeat() == (START + 5.0 + SILENCE_SECONDS, GARAGE)


def test_a_question_waits_for_two_heartbeats() -> None:
    rota = Rota(no_chance)
    rota.serve([GARAGE], START)
    for number in range(HEARTBEATS_PER_QUESTION):
        assert rota.question_time(START) is None
        rota.sent_heartbeat(GARAGE, START + number)
    assert rota.question_time(START) == START


def test_heartbeats_do_not_save_up_for_a_flood_of_questions() -> None:
    rota = Rota(no_chance)
    rota.serve([GARAGE], START)
    for number in range(100):
        rota.sent_heartbeat(GARAGE, START + number)
    rota.sent_question()
    assert rota.question_time(START + 100.0) is None


def test_a_question_leaves_only_where_its_answer_fits_before_the_next_heartbeat() -> None:
    rota = Rota(no_chance)
    rota.serve([GARAGE], START)
    for _ in range(HEARTBEATS_PER_QUESTION):
        rota.sent_heartbeat(GARAGE, START)
    latest = START + 1.0 + LATENESS_SECONDS - ANSWER_SECONDS - SILENCE_SECONDS
    assert rota.question_time(latest - 0.01) == latest - 0.01
    assert rota.question_time(latest + 0.01) is None


def test_a_question_wanted_long_ago_leaves_when_the_line_is_free() -> None:
    rota = Rota(no_chance)
    rota.serve([GARAGE], START)
    for _ in range(HEARTBEATS_PER_QUESTION):
        rota.sent_heartbeat(GARAGE, START)
    rota.busy(START + 0.2)
    assert rota.question_time(float("-inf")) == START + 0.2 + SILENCE_SECONDS


@given(st.lists(st.tuples(st.sampled_from(ALL), st.floats(0, 3)), max_size=60))
def test_hurrying_without_end_still_leaves_half_a_second_between_heartbeats(
    wishes: list[tuple[TwcId, float]],
) -> None:
    rota = Rota(no_chance)
    now, sent = START, dict.fromkeys(ALL, float("-inf"))
    rota.serve(ALL, now)
    for twcid, seconds in wishes:
        now += seconds
        rota.hurry(twcid, now)
        heartbeat = rota.next_heartbeat()
        assert heartbeat is not None
        if heartbeat[0] <= now:
            assert now - sent[heartbeat[1]] >= HURRIED_SECONDS - 1e-9
            rota.sent_heartbeat(heartbeat[1], now)
            sent[heartbeat[1]] = now
