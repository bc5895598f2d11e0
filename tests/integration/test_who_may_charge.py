"""Everybody, known cars first, or known cars only: nothing is refused without a word."""

from typing import Any

from homeassistant.components.persistent_notification import _async_get_or_create_notifications
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.const import CONF_CONNECTORS
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import ZOE
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.owner import CAR_SECONDS, GARAGE, Owner, live, move_in
from tests.integration.test_car_dialogue import VIN, add_car
from tests.integration.test_cars import sessions
from tests.integration.test_options_flow import REST, begin, go_on
from tests.integration.test_sessions import charge, happenings, leave

__all__ = ["happenings"]

CONTACTOR = {CONF_CONNECTORS: {str(GARAGE): {"maximum_current": 32, "stop_method": "contactor"}}}


@pytest.fixture
async def owner(hass: HomeAssistant, world: World, entry: MockConfigEntry, garage: Station) -> Owner:
    """Run a wall connector that can be stopped, with a limit of 16 A."""
    owner = await move_in(hass, world, entry, CONTACTOR)
    await owner.set_limit(GARAGE, 16)
    return owner


async def let(hass: HomeAssistant, owner: Owner, who: str) -> None:
    """Choose who may charge, in the options."""
    result = await begin(hass, owner.entry, "general")
    others = {
        "rotation_minutes": 30,
        "cure_six_amp_bug": False,
        "cure_above_limit": False,
        "zero_stops": False,
    }
    await go_on(hass, result, {**others, **REST, "who_may_charge": who})
    await hass.async_block_till_done()


def notifications(hass: HomeAssistant) -> list[str]:
    return [one["title"] for one in _async_get_or_create_notifications(hass).values()]


async def plug_in(world: World, garage: Station, seconds: float = 120) -> None:
    garage.plug(Car(ZOE, charge=0.1))
    await world.pass_time(CAR_SECONDS)
    await live(world, seconds)


async def test_others_get_the_minimum_and_their_owner_is_told_what_to_do(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, happenings: list[dict[str, Any]]
) -> None:
    await let(hass, owner, "others_minimum")
    await plug_in(world, garage)
    assert garage.connector.offered_amps == 6
    assert owner.value("decision", GARAGE) == "unknown_car"
    assert notifications(hass) == ["A car is refused at Wall connector 3495"]
    told = [one for one in happenings if one["event_type"] == "refused"]
    assert [one["reason"] for one in told] == ["minimum"]
    zoe = await add_car(hass, owner.entry, name="Zoe")
    owner.entry.runtime_data.cars.choose(GARAGE, zoe)
    await live(world, 60)
    assert garage.connector.offered_amps == 16
    assert notifications(hass) == []
    await leave(world, garage)
    await live(world, 60)
    (session,) = await sessions(hass)
    assert (session["car"], session["refused"]) == ("Zoe", "minimum")


async def test_of_known_cars_only_another_is_stopped_and_told_of_once(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, happenings: list[dict[str, Any]]
) -> None:
    """TWCManager#104, #265, #303."""
    await add_car(hass, owner.entry, vin=VIN)
    await let(hass, owner, "known_only")
    await plug_in(world, garage)
    assert garage.connector.drawn_amps < 1
    assert owner.value("decision", GARAGE) == "not_allowed"
    assert owner.value("status", GARAGE) == "not_allowed"
    assert (
        owner.shown("decision", GARAGE).attributes["current_limit"]
        == owner.number("current_limit", GARAGE)
        > 6
    )
    await owner.restart()
    await live(world, 120)
    assert garage.connector.drawn_amps < 1
    assert notifications(hass) == ["A car is refused at Wall connector 3495"]
    assert [one["reason"] for one in happenings if one["event_type"] == "refused"] == ["refused"]
    await leave(world, garage)
    await live(world, 30)
    assert notifications(hass) == []
    await charge(world, garage, 120)
    assert garage.connector.offered_amps == 16, "a Tesla that is known by its VIN"
    assert notifications(hass) == []


async def test_a_car_that_may_not_charge_here_is_refused_and_one_that_may_is_not(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    car_id = await add_car(hass, owner.entry, vin=VIN, allowed=False)
    await charge(world, garage, 120)
    assert garage.connector.offered_amps == 16, "everybody may"
    await let(hass, owner, "known_only")
    await live(world, 120)
    assert owner.value("decision", GARAGE) == "not_allowed"
    assert garage.connector.drawn_amps < 1
    subentry = owner.entry.subentries[car_id]
    hass.config_entries.async_update_subentry(owner.entry, subentry, data={"vin": VIN, "allowed": True})
    await live(world, 60)
    assert owner.value("decision", GARAGE) != "not_allowed"


async def test_an_action_gives_a_stranger_no_more_than_the_minimum(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    await let(hass, owner, "others_minimum")
    await plug_in(world, garage)
    owner.entry.runtime_data.owner_settings.fix_current(GARAGE, 16, 3600)
    await live(world, 60)
    assert garage.connector.offered_amps == 6
    assert owner.value("decision", GARAGE) == "unknown_car"
