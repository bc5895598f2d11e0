"""Two controllers of this make on one bus, that began in the same instant."""

from random import Random

import pytest
from twc.bus.controller import Controller
from twc.bus.line.schedule import no_chance
from twc.bus.port.link import Link
from twc.bus.snapshot import BusPhase
from twc.simulator.clock import SimulatedClock
from twc.simulator.connector import SimulatedConnector
from twc.simulator.line import Line
from twc.simulator.memory import open_memory
from twc.simulator.station import Station
from twc.simulator.unit import Unit

from bus_peers import settings


async def phases_of_two(seed: int | None) -> list[set[BusPhase]]:
    """Let two controllers begin together, and return in which phases each was in the second minute."""
    clock = SimulatedClock()
    line = Line(clock, seed=1)
    Station(line, SimulatedConnector(Unit(serial_number="A18G0007973")))
    controllers, links = [], []
    for number in range(2):
        dice = no_chance if seed is None else Random(2 * seed + number).random
        controllers.append(Controller(settings(), sign=number, chance=dice))
        links.append(Link(controllers[-1], open_memory(line), clock, lambda: None))
    for link in links:
        await link.connect()
    clock.advance(60)
    seen: list[set[BusPhase]] = [set(), set()]
    for _ in range(50):
        clock.advance(1)
        for controller, phases in zip(controllers, seen, strict=True):
            phases.add(controller.snapshot(clock.time()).phase)
    for link in links:
        await link.close()
    return seen


async def test_in_lock_step_neither_hears_the_other() -> None:
    assert await phases_of_two(None) == [{BusPhase.RUNNING}, {BusPhase.RUNNING}]


@pytest.mark.parametrize("seed", range(20))
async def test_with_a_little_chance_one_of_them_falls_silent_and_the_other_goes_on(seed: int) -> None:
    assert sorted(map(sorted, await phases_of_two(seed))) == [[BusPhase.MUTED], [BusPhase.RUNNING]]
