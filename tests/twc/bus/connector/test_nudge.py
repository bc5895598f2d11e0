"""A wall connector that waits in state 08 goes on only when a new limit arrives."""

import pytest
from twc.bus.connector.nudge import NUDGE_AFTER_SECONDS, NUDGES, Nudge
from twc.protocol.codes import ConnectorState as State

from bus_peers import Peer


class Waiting:
    """One heartbeat a second from a car that does not begin."""

    def __init__(self, *, target: int = 16, highest: int = 32, state: State = State.STARTING) -> None:
        self.nudge = Nudge()
        self.peer = Peer(state=state, offered=float(target))
        self.target, self.highest = target, highest
        self.now = 1000.0

    def run(self, seconds: float) -> list[int]:
        offers = []
        for _ in range(int(seconds)):
            offers.append(self.nudge.apply(self.peer.heartbeat(), self.target, self.highest, self.now))
            self.now += 1.0
        return offers


def test_a_car_that_does_not_begin_is_offered_something_else_for_one_heartbeat() -> None:
    offers = Waiting(target=16).run(NUDGE_AFTER_SECONDS + 5)
    assert offers == [16] * int(NUDGE_AFTER_SECONDS) + [15] + [16] * 4


def test_nothing_goes_below_the_minimum() -> None:
    assert min(Waiting(target=6).run(60)) == 6
    assert max(Waiting(target=6).run(60)) == 7


def test_where_nothing_but_the_minimum_is_allowed_nothing_can_be_changed() -> None:
    assert set(Waiting(target=6, highest=6).run(600)) == {6}


def test_a_car_that_refuses_is_not_asked_for_ever() -> None:
    assert Waiting().run(3600).count(15) == NUDGES


def test_a_car_that_begins_is_left_in_peace() -> None:
    waiting = Waiting()
    waiting.run(NUDGE_AFTER_SECONDS + 1)
    waiting.peer.drawn = 15.2
    assert set(waiting.run(600)) == {16}


def test_a_car_that_has_begun_may_be_nudged_anew_later() -> None:
    waiting = Waiting()
    waiting.run(3600)
    waiting.peer.drawn = 15.2
    waiting.run(60)
    waiting.peer.drawn = 0.0
    assert waiting.run(3600).count(15) == NUDGES


@pytest.mark.parametrize("state", [state for state in State if state is not State.STARTING])
def test_only_state_08_waits_for_a_new_limit(state: State) -> None:
    assert set(Waiting(state=state).run(600)) == {16}


def test_leaving_state_08_for_a_moment_starts_the_waiting_anew() -> None:
    waiting = Waiting()
    waiting.run(NUDGE_AFTER_SECONDS - 1)
    waiting.peer.state = State.BUSY
    waiting.run(1)
    waiting.peer.state = State.STARTING
    assert set(waiting.run(NUDGE_AFTER_SECONDS)) == {16}


def test_a_stop_is_not_nudged() -> None:
    assert set(Waiting(target=0).run(600)) == {0}


def test_a_wall_connector_that_was_not_heard_is_not_nudged() -> None:
    nudge = Nudge()
    assert nudge.apply(None, 16, 32, 1000.0) == nudge.apply(None, 16, 32, 2000.0) == 16
