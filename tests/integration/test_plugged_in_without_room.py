"""A car that is plugged in while the main fuse has no room for it draws nothing, whatever its owner switches."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.const import CONF_SITE
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import TESLA, ZOE
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.fused_house import FUSE_AMPS, SITE, FusedHouse
from tests.integration.owner import GARAGE, Owner, move_in

pytestmark = pytest.mark.once

FULL_AMPS, QUIET_AMPS = 23.0, 4.0
NO_ROOM_TO_LOOK = "No car seen: the main fuse has to leave room for some time first."
HOW_IT_STOPS: list[dict[str, Any]] = [{"stop_method": "contactor"}, {"stop_method": "hold_at_minimum"}]


@pytest.fixture
def house(world: World, garage: Station) -> FusedHouse:
    return FusedHouse(world, garage)


async def beside_a_full_fuse(
    house: FusedHouse, entry: MockConfigEntry, how: dict[str, Any], *, enabled: bool = True
) -> Owner:
    """Move in, and let the house take nearly all before a car comes."""
    house.report(FULL_AMPS)
    owner = await move_in(
        house.world.hass, house.world, entry, {CONF_SITE: SITE, "connectors": {str(GARAGE): how}}
    )
    if not enabled:
        await owner.forbid_charging(GARAGE)
    await house.live(60, FULL_AMPS)
    return owner


@pytest.mark.parametrize("how", HOW_IT_STOPS, ids=lambda how: how["stop_method"])
async def test_switching_a_waiting_car_off_and_on_gives_it_nothing(
    house: FusedHouse, garage: Station, entry: MockConfigEntry, how: dict[str, Any]
) -> None:
    owner = await beside_a_full_fuse(house, entry, how)
    garage.plug(Car(ZOE))
    peaks = [await house.live(20, FULL_AMPS)]
    for switch in (owner.forbid_charging, owner.allow_charging) * 2:
        await switch(GARAGE)
        peaks.append(await house.live(20, FULL_AMPS))
    assert max(peaks) <= FUSE_AMPS
    await house.live(120, QUIET_AMPS)
    assert garage.connector.drawn_amps > 5.0, "now there is room"


@pytest.mark.parametrize("how", HOW_IT_STOPS, ids=lambda how: how["stop_method"])
async def test_a_car_that_comes_while_charging_is_off_gets_its_first_minimum_when_there_is_room(
    house: FusedHouse, garage: Station, entry: MockConfigEntry, how: dict[str, Any]
) -> None:
    owner = await beside_a_full_fuse(house, entry, how, enabled=False)
    assert (owner.value("decision", GARAGE), owner.value("status", GARAGE)) == ("off", "off")
    garage.plug(Car(ZOE))
    assert await house.live(120, FULL_AMPS) <= FUSE_AMPS
    offers = set()
    for _ in range(24):
        assert await house.live(5, QUIET_AMPS) <= FUSE_AMPS
        offers.add(garage.connector.offered_amps)
    assert offers == {0.0, 6.0}


@pytest.mark.parametrize("how", HOW_IT_STOPS, ids=lambda how: how["stop_method"])
async def test_one_that_waits_long_for_room_is_not_taken_for_broken(
    house: FusedHouse, garage: Station, entry: MockConfigEntry, how: dict[str, Any]
) -> None:
    """It is asked each minute, and its first answer after a time without heartbeats is an error."""
    owner = await beside_a_full_fuse(house, entry, how)
    told = set()
    for _ in range(30):
        await house.live(5, FULL_AMPS)
        told.add(owner.shown("decision", GARAGE).attributes["sentence"])
    assert told <= {"No car is plugged in.", NO_ROOM_TO_LOOK}
    garage.plug(Car(ZOE))
    shown = set()
    for _ in range(50):
        await house.live(5, FULL_AMPS)
        shown.add((owner.value("status", GARAGE), owner.value("problem", GARAGE)))
    assert not {status for status, _ in shown} & {"error", "charging", "starting"}, shown
    assert "on" not in {problem for _, problem in shown}


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("how", HOW_IT_STOPS, ids=lambda how: how["stop_method"])
async def test_a_tesla_that_came_without_room_for_it_begins_when_there_is(
    house: FusedHouse, garage: Station, entry: MockConfigEntry, how: dict[str, Any], enabled: bool
) -> None:
    """A car that meets 0 A never starts later; one that meets no controller does (protocol.md 3.5)."""
    owner = await beside_a_full_fuse(house, entry, how, enabled=enabled)
    garage.plug(Car(TESLA))
    assert await house.live(200, FULL_AMPS) <= FUSE_AMPS
    await owner.allow_charging(GARAGE)
    await house.live(180, QUIET_AMPS)
    assert garage.connector.drawn_amps > 5.0


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("how", HOW_IT_STOPS, ids=lambda how: how["stop_method"])
@pytest.mark.parametrize("waited", [10, 70])
async def test_a_tesla_that_waits_for_room_begins_later_also_after_a_restart(
    house: FusedHouse,
    garage: Station,
    entry: MockConfigEntry,
    how: dict[str, Any],
    enabled: bool,
    waited: int,
) -> None:
    """It is left alone from the first second: one that is offered the minimum and stopped has to be plugged in anew."""
    owner = await beside_a_full_fuse(house, entry, how, enabled=enabled)
    garage.plug(Car(TESLA))
    assert await house.live(waited, FULL_AMPS) <= FUSE_AMPS
    await owner.restart()
    assert await house.live(130, FULL_AMPS) <= FUSE_AMPS
    if enabled:
        assert owner.shown("decision", GARAGE).attributes["sentence"] == NO_ROOM_TO_LOOK
    await owner.allow_charging(GARAGE)
    await house.live(180, QUIET_AMPS)
    assert garage.connector.drawn_amps > 5.0
