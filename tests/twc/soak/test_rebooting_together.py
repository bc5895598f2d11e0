"""Wall connectors that reboot in the same instant are linked soon; they do not talk over each other for ever."""

from collections.abc import Iterable
from itertools import combinations

import pytest
from twc.simulator.station import Station

from soak.world import World

SOON_SECONDS = 60


def reboot(world: World, stations: Iterable[Station]) -> None:
    """Let them begin in the same instant, and nobody know them: only by an announcement can they be met."""
    for station in stations:
        world.controller.forget(station.connector.twcid)
        station.power_cycle()


@pytest.mark.parametrize("seed", range(1, 7))
async def test_two_that_reboot_in_the_same_instant_are_both_linked_soon(seed: int) -> None:
    world = World(seed)
    await world.run(60)
    for pair in combinations(world.stations, 2):
        reboot(world, pair)
        await world.run(SOON_SECONDS)
        assert all(station.connector.linked for station in world.stations)
    assert world.link is not None
    await world.link.close()
