"""A line in simulated time, a wall connector on it, and a program that speaks to it."""

import pytest
from twc.simulator.clock import SimulatedClock
from twc.simulator.connector import SimulatedConnector
from twc.simulator.line import Line
from twc.simulator.station import Station
from twc.simulator.unit import Unit, old_unit

from driver import Driver


@pytest.fixture
def clock():
    return SimulatedClock()


@pytest.fixture
def line(clock):
    return Line(clock)


@pytest.fixture
def driver(line, clock):
    return Driver(line, clock)


@pytest.fixture
def hang(line):
    """Hang a wall connector on the line."""

    def hang_one(unit=None, *, seed=0):
        return Station(line, SimulatedConnector(unit or Unit(), seed=seed))

    return hang_one


@pytest.fixture
def p2(hang):
    """A wall connector of protocol 2 with the newest firmware."""
    return hang()


@pytest.fixture
def p1(hang):
    """A wall connector of protocol 1."""
    return hang(old_unit())
