"""A car that begins to draw more than it is offered: how long the circuit carries more than it may."""

from dataclasses import replace

import pytest
from twc.bus.snapshot import Problem
from twc.simulator.car_models import TESLA, ZOE
from twc.simulator.line_faults import QUIET, Faults, noisy
from twc.simulator.unit import Unit

from faults.overload import Overload
from installation import Installation

CIRCUIT_AMPS = 32
TOO_MUCH_AMPS = 4.0


async def house(try_: int, faults: Faults = QUIET) -> Installation:
    """A Zoe with 13 A and a Tesla with 16 A; the moment depends on the try."""
    installation = await Installation(
        Unit(serial_number="A18B0006388"),
        Unit(serial_number="A18G0007973"),
        circuit=CIRCUIT_AMPS,
        seed=try_,
        faults=faults,
    ).open()
    installation.wish(0, limit=13)
    installation.wish(1, limit=16)
    installation.plug(ZOE, 0)
    installation.plug(TESLA, 1)
    installation.run(60 + try_ * 0.37)
    return installation


def begin_to_disobey(installation: Installation) -> None:
    car = installation.station(0).car
    assert car is not None
    car.model = replace(car.model, shortfall_amps=-TOO_MUCH_AMPS)


@pytest.mark.parametrize(
    ("faults", "seconds"),
    [
        pytest.param(QUIET, 4.0, id="on a good line"),
        pytest.param(noisy(0.05), 6.0, id="5 % damaged"),
        pytest.param(noisy(0.2), 8.0, id="20 % damaged"),
    ],
)
async def test_a_car_that_draws_too_much_overloads_the_circuit_for_seconds_only(
    faults: Faults, seconds: float
) -> None:
    for try_ in range(6):
        installation = await house(try_, faults)
        overload = Overload(installation.line, CIRCUIT_AMPS)
        begin_to_disobey(installation)
        installation.run(60)
        assert overload.peak_amps > CIRCUIT_AMPS
        assert overload.longest <= seconds


async def test_its_owner_is_told_only_when_it_lasts() -> None:
    for try_ in range(6):
        installation = await house(try_)
        begin_to_disobey(installation)
        installation.run(9)
        assert installation.seen().problem is None
        installation.run(6)
        assert installation.seen().problem is Problem.OVERDRAWING


async def test_a_car_that_comes_down_is_raised_again_after_a_minute_and_nobody_is_told() -> None:
    installation = await house(0)
    begin_to_disobey(installation)
    installation.run(4)
    car = installation.station(0).car
    assert car is not None
    car.model = ZOE
    installation.run(40)
    assert installation.station(0).offered_amps == 6.0
    assert installation.seen().problem is None
    installation.run(40)
    assert installation.station(0).offered_amps == 13.0


async def test_the_car_beside_it_is_not_disturbed() -> None:
    installation = await house(0)
    begin_to_disobey(installation)
    lowest = 99.0
    for _ in range(60):
        installation.run(1)
        lowest = min(lowest, installation.station(1).drawn_amps)
    assert lowest > 15.0
