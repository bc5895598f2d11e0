"""What the owner is asked to put right, and that the asking ends by itself."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.const import DOMAIN
from custom_components.tesla_twc.twc.protocol.messages import ControllerHeartbeat
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import CarModel
from custom_components.tesla_twc.twc.simulator.foreign import ForeignController
from custom_components.tesla_twc.twc.simulator.line import Role
from custom_components.tesla_twc.twc.simulator.monitor import BusMonitor
from custom_components.tesla_twc.twc.simulator.station import Station
from custom_components.tesla_twc.twc.simulator.unit import Habits, Unit
from tests.integration.conftest import World
from tests.integration.dialogue_texts import STRINGS
from tests.integration.owner import GARAGE, Owner, live, move_in


def issues(hass: HomeAssistant) -> dict[str, ir.IssueEntry]:
    """Return what is shown under Repairs, by its id."""
    return {
        issue_id: issue for (domain, issue_id), issue in ir.async_get(hass).issues.items() if domain == DOMAIN
    }


def words(issue: ir.IssueEntry) -> str:
    """Return the English text of an issue with everything filled in."""
    assert issue.translation_key is not None
    texts = STRINGS["issues"][issue.translation_key]
    text = f"{texts['title']}\n{texts['description']}"
    return str(text.format(**(issue.translation_placeholders or {})))


async def test_another_controller_silences_us_until_it_is_gone(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    monitor = BusMonitor(world.line)
    other = ForeignController(world.line)
    other.appear()
    await live(world, 30)
    issue = issues(hass)[f"foreign_controller_{owner.entry.entry_id}"]
    assert "7973" in words(issue)
    assert "Wall connectors on ttyTWC" in words(issue)
    assert "rotary switch" in words(issue)
    assert not issue.is_fixable
    assert owner.shown("connected").attributes["phase"] == "muted"
    spoken = len(monitor.messages(ControllerHeartbeat, role=Role.CONTROLLER))
    await live(world, 30)
    assert len(monitor.messages(ControllerHeartbeat, role=Role.CONTROLLER)) == spoken
    other.leave()
    await live(world, 180)
    assert issues(hass) == {}
    assert owner.available("charging_current", GARAGE)


async def test_a_fourth_wall_connector_is_named(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    stations = []
    for number in range(4):
        stations.append(world.wall_connector(Unit(serial_number=f"A17A000100{number}")))
        await world.pass_time(1.7)
    owner = await move_in(hass, world, entry)
    await live(world, 60)
    issue = issues(hass)[f"too_many_connectors_{owner.entry.entry_id}"]
    refused = [str(station.connector.twcid) for station in stations if not station.connector.linked]
    assert len(refused) == 1
    assert refused[0] in words(issue)
    next(station for station in stations if not station.connector.linked).remove()
    await live(world, 60)
    assert issues(hass) == {}


async def test_two_wall_connectors_with_one_twcid_are_reported(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    stubborn = Habits(repicks_twcid=False)
    world.wall_connector(Unit(serial_number="A17A0003495", habits=stubborn), seed=1)
    world.wall_connector(Unit(serial_number="A18B0003495", habits=stubborn), seed=2)
    owner = await move_in(hass, world, entry)
    await live(world, 120)
    issue = issues(hass)[f"duplicate_id_{owner.entry.entry_id}_3495"]
    assert "3495" in words(issue)
    assert owner.shown("problem", GARAGE).attributes["problem"] == "duplicate_id"


async def test_a_car_that_draws_more_than_it_may_is_reported_until_it_is_unplugged(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    await owner.set_limit(GARAGE, 10)
    garage.plug(Car(CarModel(name="greedy", shortfall_amps=-4.0)))
    await live(world, 60)
    issue = issues(hass)[f"overdrawing_{owner.entry.entry_id}_3495"]
    assert "3495" in words(issue)
    assert owner.value("problem", GARAGE) == "on"
    assert owner.shown("problem", GARAGE).attributes["problem"] == "overdrawing"
    garage.unplug()
    await live(world, 1200)
    assert issues(hass) == {}
    assert owner.value("problem", GARAGE) == "off"


async def test_unloading_takes_the_issues_away(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    ForeignController(world.line).appear()
    await live(world, 30)
    assert issues(hass)
    assert await hass.config_entries.async_unload(owner.entry.entry_id)
    assert issues(hass) == {}


@pytest.mark.parametrize("key", ["foreign_controller", "too_many_connectors", "duplicate_id", "overdrawing"])
def test_every_issue_has_words(key: str) -> None:
    assert STRINGS["issues"][key]["title"]
    assert STRINGS["issues"][key]["description"]
