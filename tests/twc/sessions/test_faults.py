"""A fault of a wall connector is told once, and once more only when it happens again."""

from dataclasses import replace

import pytest
from twc.bus.snapshot import BusPhase, Problem
from twc.sessions.faults import OVER_SECONDS, SURE_SECONDS, StandingFaults

from driveway import GARAGE, Driveway


class Watched:
    """A wall connector whose problem is set by hand."""

    def __init__(self):
        self.place = Driveway()
        self.faults = StandingFaults()
        self.told = []
        self.phase = BusPhase.RUNNING

    def live(self, problem, seconds):
        for _ in range(int(seconds)):
            self.place.live(1)
            facts = replace(self.place.facts(), problem=problem)
            bus = replace(self.place.bus(), connectors={GARAGE: facts}, phase=self.phase)
            self.told += [problem for _, problem in self.faults.follow(bus)]

    def restart(self):
        self.faults = StandingFaults.resumed(
            {str(twcid): problem for twcid, problem in self.faults.standing.items()}
        )


@pytest.fixture
def watched():
    return Watched()


def test_an_error_in_the_first_answer_is_none(watched):
    watched.live(Problem.ERROR_STATE, SURE_SECONDS / 2)
    watched.live(None, 100)
    assert watched.told == []


def test_a_fault_that_stays_is_told_once(watched):
    watched.live(Problem.ERROR_STATE, 1000)
    assert watched.told == ["error_state"]
    assert watched.faults.changed


def test_one_that_comes_and_goes_with_each_try_is_told_once(watched):
    for _ in range(10):
        watched.live(Problem.STOP_FAILED, 2 * SURE_SECONDS)
        watched.live(None, OVER_SECONDS / 2)
    assert watched.told == ["stop_failed"]


def test_one_that_happens_again_is_told_again(watched):
    for _ in range(2):
        watched.live(Problem.ERROR_STATE, 30)
        watched.live(None, OVER_SECONDS + 10)
    assert watched.told == ["error_state"] * 2


def test_another_one_is_told_too(watched):
    watched.live(Problem.ERROR_STATE, 30)
    watched.live(Problem.OVERDRAWING, 30)
    assert watched.told == ["error_state", "overdrawing"]


@pytest.mark.parametrize("meanwhile", [None, Problem.LOST])
def test_none_is_told_twice_after_a_restart(watched, meanwhile):
    watched.live(Problem.ERROR_STATE, 30)
    watched.restart()
    watched.live(meanwhile, 20)
    watched.live(Problem.ERROR_STATE, 60)
    assert watched.told == ["error_state"]


def test_one_that_is_silent_or_behind_a_closed_port_is_over_for_nobody(watched):
    watched.live(Problem.ERROR_STATE, 30)
    watched.live(Problem.LOST, 2 * OVER_SECONDS)
    watched.phase = BusPhase.DISCONNECTED
    watched.live(None, 2 * OVER_SECONDS)
    watched.phase = BusPhase.RUNNING
    watched.live(Problem.ERROR_STATE, 60)
    assert watched.told == ["error_state"]


def test_one_that_is_over_is_kept_no_longer(watched):
    watched.live(Problem.ERROR_STATE, 30)
    watched.faults.changed = False
    watched.live(None, OVER_SECONDS + 10)
    assert watched.faults.changed
    assert watched.faults.standing == {}
