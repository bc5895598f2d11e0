"""Entities of the house and of the cars that are renamed, deleted and put back."""

from typing import Any

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.const import CONF_CONNECTORS, CONF_SITE, DOMAIN
from custom_components.tesla_twc.house.followed_entities import missing_entities, renamed
from custom_components.tesla_twc.storage.store import VERSION
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import LEAF
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.owner import CAR_SECONDS, GARAGE, YARD, Owner, live, move_in
from tests.integration.test_repairs import issues

SITE = {
    "measurement": "grid",
    "grid_power": "sensor.grid",
    "grid_positive": "import",
    "solar_power": ["sensor.roof", "sensor.shed"],
    "phase_sensors": ["sensor.l1"],
    "fuse": 25,
}
CAR = {"stop_method": "car_switch", "car_switch": "input_boolean.car", "car_amps": "number.car"}
OPTIONS: dict[str, Any] = {CONF_SITE: SITE, CONF_CONNECTORS: {str(GARAGE): CAR, str(YARD): {"phases": 1}}}


def test_every_option_that_names_an_entity_follows_it_and_nothing_else_does() -> None:
    for before in (
        "sensor.grid",
        "sensor.roof",
        "sensor.shed",
        "sensor.l1",
        "input_boolean.car",
        "number.car",
    ):
        after = renamed(OPTIONS, before, "sensor.new")
        assert before not in str(after)
        assert str(after).replace("sensor.new", before) == str(OPTIONS)
    assert renamed(OPTIONS, "sensor.other", "sensor.new") == OPTIONS
    assert renamed(OPTIONS, "import", "sensor.new") == OPTIONS, "a sign is no entity"
    assert renamed({}, "sensor.grid", "sensor.new") == {}


@pytest.fixture
async def real(hass: HomeAssistant) -> er.EntityRegistry:
    """Run a meter and a switch of other integrations, as real entities with unique ids."""
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "input_boolean", {"input_boolean": {"car": {"initial": True}}})
    template = {
        "unique_id": "meter",
        "default_entity_id": "sensor.grid",
        "name": "Grid",
        "state": "-5000",
        "unit_of_measurement": "W",
        "device_class": "power",
    }
    assert await async_setup_component(hass, "template", {"template": [{"sensor": [template]}]})
    await hass.async_block_till_done()
    assert hass.states.get("sensor.grid") is not None
    return er.async_get(hass)


@pytest.fixture
async def owner_of_both(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    real: er.EntityRegistry,
    world: World,
    garage: Station,
    entry: MockConfigEntry,
) -> Owner:
    """Charge a car with a switch in a house with a meter of which something was learnt."""
    learnt = {"coach": {"gain": 1.0, "gain_error": 0.01, "delay_seconds": 5.0}}
    kept = {"circuit_limit": None, "wishes": {}, "learnt": learnt, "remembered": {}}
    key = f"{DOMAIN}.{entry.entry_id}"
    hass_storage[key] = {"version": VERSION, "minor_version": 1, "key": key, "data": kept}
    site = {"measurement": "grid", "grid_power": "sensor.grid", "grid_positive": "import"}
    car = {"stop_method": "car_switch", "car_switch": "input_boolean.car"}
    owner = await move_in(hass, world, entry, {CONF_SITE: site, CONF_CONNECTORS: {str(GARAGE): car}})
    await owner.set_limit(GARAGE, 16)
    garage.plug(Car(LEAF))
    await world.pass_time(CAR_SECONDS)
    return owner


async def test_what_is_renamed_goes_on_and_what_was_learnt_stays(
    hass: HomeAssistant,
    real: er.EntityRegistry,
    world: World,
    owner_of_both: Owner,
) -> None:
    owner = owner_of_both
    assert owner.value("meter") == "contained"
    seen: list[str] = []
    owner.entry.runtime_data.async_add_listener(lambda: seen.append(owner.value("input_state")))
    real.async_update_entity("sensor.grid", new_entity_id="sensor.meter_of_the_house")
    real.async_update_entity("input_boolean.car", new_entity_id="input_boolean.leaf")
    await hass.async_block_till_done()
    await world.pass_time(10)
    assert owner.entry.options[CONF_SITE]["grid_power"] == "sensor.meter_of_the_house"
    assert owner.entry.options[CONF_CONNECTORS][str(GARAGE)]["car_switch"] == "input_boolean.leaf"
    assert owner.entry.runtime_data.decider.inputs.readings.grid.value == -5000
    assert set(seen) <= {"fresh"}
    assert owner.value("meter") == "contained"
    await owner.choose_mode(GARAGE, "off")
    await live(world, 30)
    assert hass.states.get("input_boolean.leaf").state == "off"  # type: ignore[union-attr]


async def test_an_entry_that_does_not_run_follows_as_well(
    hass: HomeAssistant, real: er.EntityRegistry, owner_of_both: Owner
) -> None:
    entry_id = owner_of_both.entry.entry_id
    await hass.config_entries.async_set_disabled_by(entry_id, ConfigEntryDisabler.USER)
    real.async_update_entity("sensor.grid", new_entity_id="sensor.meter_of_the_house")
    real.async_update_entity("input_boolean.car", name="Leaf")
    await hass.async_block_till_done()
    assert owner_of_both.entry.options[CONF_SITE]["grid_power"] == "sensor.meter_of_the_house"
    assert owner_of_both.entry.options[CONF_CONNECTORS][str(GARAGE)]["car_switch"] == "input_boolean.car"


async def test_what_does_not_exist_is_told_of_in_words_of_its_own(
    hass: HomeAssistant, real: er.EntityRegistry, world: World, owner_of_both: Owner
) -> None:
    owner = owner_of_both
    await live(world, 60)
    assert issues(hass) == {}
    real.async_update_entity("sensor.grid", disabled_by=er.RegistryEntryDisabler.USER)
    real.async_remove("input_boolean.car")
    await hass.async_block_till_done()
    await live(world, 240)
    assert owner.shown("input_state").attributes["gaps"] == {"grid": "missing"}
    assert issues(hass) == {}, "an integration may be about to begin"
    await live(world, 300)
    (issue,) = issues(hass).values()
    assert (issue.translation_key, issue.is_fixable) == ("missing_entities", False)
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["entities"] == "input_boolean.car, sensor.grid"
    hass.states.async_set("input_boolean.car", "unavailable")
    hass.states.async_set("sensor.grid", "-5000", {"unit_of_measurement": "W"})
    await live(world, 60)
    assert issues(hass) == {}


async def test_every_entity_of_a_car_is_missed(
    hass: HomeAssistant,
) -> None:
    of_house = ["sensor.grid", "sensor.l1", "sensor.roof", "sensor.shed"]
    assert missing_entities(hass, OPTIONS, []) == of_house, "what an earlier version named counts no more"
    car = {"car_switch": "input_boolean.car", "soc": "sensor.soc", "name": "sensor.none"}
    assert missing_entities(hass, OPTIONS, [car]) == ["input_boolean.car", *of_house, "sensor.soc"]
