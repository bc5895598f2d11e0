"""What a keeper is left while Home Assistant is away: what the owner chose, and the minimum behind a main fuse."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.const import CONF_KEEP_MINUTES, CONF_ON_SHUTDOWN, CONF_SITE
from custom_components.tesla_twc.twc.keeper.state import KeptBus
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import LEAF
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.fused_house import SITE, FusedHouse
from tests.integration.owner import CAR_SECONDS, GARAGE, Owner, move_in

pytestmark = pytest.mark.once


@pytest.fixture
async def behind_a_fuse(world: World, garage: Station, entry: MockConfigEntry) -> Owner:
    """Charge a car with 16 A in a house whose main fuse has room for it."""
    house = FusedHouse(world, garage)
    house.report(4)
    owner = await move_in(world.hass, world, entry, {CONF_SITE: SITE})
    await owner.set_limit(GARAGE, 16)
    garage.plug(Car(LEAF))
    await house.live(120, 4)
    assert garage.connector.offered_amps == 16
    return owner


@pytest.fixture
async def without_a_fuse(world: World, garage: Station, owner: Owner) -> Owner:
    """Charge a car with 16 A in a house whose main fuse nobody guards."""
    await owner.set_limit(GARAGE, 16)
    garage.plug(Car(LEAF))
    await world.pass_time(CAR_SECONDS)
    assert garage.connector.offered_amps == 16
    return owner


def left(owner: Owner) -> KeptBus:
    """Return what the keeper would have if Home Assistant were gone now."""
    coordinator = owner.entry.runtime_data
    kept: KeptBus = coordinator._kept_state(coordinator.latest())
    return kept


async def test_behind_a_main_fuse_that_nobody_watches_it_is_the_minimum(behind_a_fuse: Owner) -> None:
    kept = left(behind_a_fuse)
    assert kept.keep_seconds == 300
    assert kept.orders(lowered=False) == {GARAGE: 6}


@pytest.mark.parametrize(
    ("chosen", "seconds", "amps"),
    [
        ({}, 300, 16),
        ({CONF_ON_SHUTDOWN: "keep", CONF_KEEP_MINUTES: 2}, 120, 16),
        ({CONF_ON_SHUTDOWN: "minimum"}, 300, 6),
        ({CONF_ON_SHUTDOWN: "time_out"}, 0, 16),
    ],
)
async def test_without_a_main_fuse_it_is_what_the_owner_chose(
    without_a_fuse: Owner, chosen: dict[str, Any], seconds: float, amps: int
) -> None:
    await without_a_fuse.choose(chosen)
    kept = left(without_a_fuse)
    assert kept.keep_seconds == seconds
    assert kept.orders(lowered=False) == {GARAGE: amps}
