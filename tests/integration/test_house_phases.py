"""Which phases of the house a wall connector is on: stated in the options, or learnt, and shown."""

from dataclasses import replace
from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.twc.charging.house_phases import HousePhases
from custom_components.tesla_twc.twc.protocol.codes import TwcId
from custom_components.tesla_twc.twc.simulator.station import Station
from custom_components.tesla_twc.twc.simulator.unit import Unit
from tests.integration.conftest import World
from tests.integration.fused_house import AMPERES, PHASES, SITE
from tests.integration.owner import GARAGE, YARD, Owner, move_in


@pytest.fixture
async def fused(hass: HomeAssistant, world: World, garage: Station, entry: MockConfigEntry) -> Owner:
    """Guard a main fuse whose three phases are measured."""
    for entity_id in PHASES:
        hass.states.async_set(entity_id, "4", AMPERES)
    return await move_in(hass, world, entry, {"site": SITE})


def learn(owner: Owner, **found: HousePhases) -> None:
    """Let the decision know something, and show it."""
    coordinator = owner.entry.runtime_data
    known = {TwcId.parse(twcid.removeprefix("x")): phases for twcid, phases in found.items()}
    coordinator.decider.decision = replace(coordinator.decision, house_phases=known)
    coordinator.async_set_updated_data(coordinator.data)


def told(owner: Owner) -> tuple[str, dict[str, Any]]:
    state = owner.shown("house_phases", GARAGE)
    attributes = state.attributes
    return state.state, {name: attributes[name] for name in ("possible", "source", "steps")}


@pytest.mark.parametrize(
    ("found", "state", "possible", "source"),
    [
        (HousePhases(), "unknown", "", "unknown"),
        (HousePhases(possible=(1, 2, 3)), "unknown", "L1, L2, L3", "unknown"),
        (HousePhases(sure=(2,), possible=(3,), steps=1), "unknown", "L2, L3", "learnt"),
        (HousePhases(sure=(2,), steps=3), "L2", "L2", "learnt"),
        (HousePhases(sure=(1, 2, 3), stated=True), "L1 L2 L3", "L1, L2, L3", "stated"),
    ],
)
async def test_the_phases_of_a_car_are_shown_once_there_is_no_doubt(
    fused: Owner, found: HousePhases, state: str, possible: str, source: str
) -> None:
    learn(fused, x3495=found)
    assert told(fused) == (state, {"possible": possible, "source": source, "steps": found.steps})


async def test_it_is_there_only_while_there_are_phases_to_tell_apart(
    hass: HomeAssistant, world: World, fused: Owner
) -> None:
    assert fused.registered("house_phases", GARAGE) is not None
    for less in ({"phase_sensors": PHASES[:1]}, {"phase_sensors": []}, {"fuse": None}):
        site = {key: value for key, value in {**SITE, **less}.items() if value is not None}
        await fused.choose({"site": site})
        assert fused.registered("house_phases", GARAGE) is None
        await fused.choose({"site": {**SITE, "phase_sensors": PHASES[:2]}})
        assert fused.registered("house_phases", GARAGE) is not None
    await fused.choose({"site": {}})
    await fused.restart()
    assert fused.registered("house_phases", GARAGE) is None


async def test_a_wall_connector_that_comes_later_shows_it_too(world: World, fused: Owner) -> None:
    world.wall_connector(Unit(serial_number=f"A17A000{YARD}"))
    await world.pass_time(60)
    assert fused.value("house_phases", YARD) == "unknown"


async def test_without_a_main_fuse_there_is_none(garage: Station, owner: Owner) -> None:
    assert owner.registered("house_phases", GARAGE) is None


@pytest.mark.parametrize(
    ("stated", "house_phases"),
    [(None, None), ("123", (1, 2, 3)), ("231", (2, 3, 1)), ("321", (3, 2, 1))],
)
async def test_what_its_owner_states_reaches_the_decision(
    garage: Station, owner: Owner, stated: str | None, house_phases: tuple[int, ...] | None
) -> None:
    chosen = {} if stated is None else {"house_phases": stated}
    await owner.choose({"connectors": {"3495": chosen}})
    inputs = owner.entry.runtime_data.decider.inputs
    assert inputs.connectors[GARAGE].house_phases == house_phases


@pytest.mark.parametrize(("country", "volts"), [("US", 120), ("GB", 240), (None, 240)])
async def test_where_home_assistant_is_tells_the_volts_of_a_phase(
    hass: HomeAssistant, garage: Station, owner: Owner, country: str | None, volts: float
) -> None:
    hass.config.country = country
    await owner.choose({"phases": 1, "voltage": 240, "site": {**SITE, "phase_sensors": PHASES[:1]}})
    assert owner.entry.runtime_data.house.site.phase_volts == volts
