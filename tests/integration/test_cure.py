"""Cars of 2017 that stick at 6 A: what the cure may offer them for some seconds, and what it never does."""

from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import TESLA_2017
from custom_components.tesla_twc.twc.simulator.station import Station
from custom_components.tesla_twc.twc.simulator.unit import Unit, old_unit
from tests.integration.conftest import World
from tests.integration.fused_house import FUSE_AMPS, PHASES, SITE, FusedHouse
from tests.integration.owner import CAR_SECONDS, GARAGE, Owner, move_in
from tests.integration.test_actions import set_current

pytestmark = pytest.mark.once

CURE = {"cure_six_amp_bug": True}
CURE_ABOVE = {**CURE, "cure_above_limit": True}
LIMIT, SPIKE = 13, 16


async def stick(world: World, station: Station, owner: Owner) -> Car:
    """Let a car charge with 6 A, and raise its limit to what it does not follow."""
    car = Car(TESLA_2017)
    station.plug(car)
    await world.pass_time(CAR_SECONDS)
    await owner.set_limit(GARAGE, LIMIT)
    return car


async def highest_offer(world: World, station: Station, seconds: int) -> float:
    highest = 0.0
    for _ in range(seconds):
        await world.pass_time(1)
        highest = max(highest, station.connector.offered_amps)
    return highest


@pytest.mark.parametrize(
    "unit", [Unit(serial_number="A17A0003495"), old_unit("A16K0003495")], ids=["P2", "P1"]
)
@pytest.mark.parametrize(
    ("options", "highest", "amps"),
    [
        pytest.param(CURE, LIMIT, 5.2, id="the current limit holds"),
        pytest.param(CURE_ABOVE, SPIKE, 12.2, id="its owner lets it exceed the current limit"),
        pytest.param({**CURE_ABOVE, "circuit_limit": 15}, LIMIT, 5.2, id="the circuit"),
        pytest.param(
            {**CURE_ABOVE, "connectors": {str(GARAGE): {"maximum_current": 15}}}, LIMIT, 5.2, id="its cable"
        ),
    ],
)
async def test_the_cure_exceeds_the_current_limit_only_where_its_owner_said_so(
    hass: HomeAssistant,
    world: World,
    entry: MockConfigEntry,
    unit: Unit,
    options: dict[str, Any],
    highest: int,
    amps: float,
) -> None:
    station = world.wall_connector(unit)
    owner = await move_in(hass, world, entry, options)
    car = await stick(world, station, owner)
    assert await highest_offer(world, station, 240) == highest
    assert car.amps == pytest.approx(amps, abs=0.1)
    assert owner.number("offered_current", GARAGE) == LIMIT


async def test_amps_that_an_action_set_are_never_exceeded(
    hass: HomeAssistant, world: World, garage: Station, entry: MockConfigEntry
) -> None:
    owner = await move_in(hass, world, entry, CURE_ABOVE)
    car = Car(TESLA_2017)
    garage.plug(car)
    await world.pass_time(CAR_SECONDS)
    await set_current(owner, 6, GARAGE)
    await owner.set_limit(GARAGE, LIMIT)
    await set_current(owner, 9, GARAGE)
    assert await highest_offer(world, garage, 240) == 9
    assert car.stuck_at_six


@pytest.mark.parametrize(("load", "cured"), [(8.0, True), (10.0, False)])
async def test_the_cure_takes_only_what_the_main_fuse_leaves(
    hass: HomeAssistant, world: World, garage: Station, entry: MockConfigEntry, load: float, cured: bool
) -> None:
    for entity_id in PHASES:
        hass.states.async_set(entity_id, str(load), {"unit_of_measurement": "A", "device_class": "current"})
    owner = await move_in(hass, world, entry, {**CURE_ABOVE, "site": SITE})
    house = FusedHouse(world, garage)
    car = Car(TESLA_2017)
    garage.plug(car)
    await house.live(300, load)
    await owner.set_limit(GARAGE, LIMIT)
    assert await house.live(600, load) <= FUSE_AMPS
    assert car.stuck_at_six is not cured
