"""Each blueprint does in Home Assistant what it promises, with the entities of this integration."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
import re
import shutil
from typing import Any
from urllib.parse import unquote

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.components.blueprint.schemas import BLUEPRINT_SCHEMA
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util, yaml as yaml_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
    async_mock_service,
)

from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import ZOE
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.owner import CAR_SECONDS, GARAGE, Owner, live, move_in
from tests.integration.test_car_dialogue import VIN, add_car

pytestmark = pytest.mark.once

BLUEPRINTS = Path(__file__).parents[2] / "blueprints" / "automation" / "tesla_twc"
ASKS_FOR = {
    "guest": {"charge": {"charge"}, "car": {"car", "charge_mode"}, "charge_mode": {"car", "charge_mode"}},
    "not_charging": {"plugged_in": {"plugged_in"}, "charging": {"charging"}},
    "not_plugged_in": {"plugged_in": {"plugged_in"}},
    "own_amps": {
        "current_limit": {"current_limit", "minimum_current"},
        "charging_enabled": {"charging_enabled"},
    },
    "session_ended": {"charge": {"charge"}},
}
"""What a picker offers of one wall connector: more than is asked for only where Home Assistant cannot tell it apart."""
TELL = [{"action": "test.tell", "data": {"title": "{{ title }}", "message": "{{ message }}"}}]


@pytest.fixture
async def owner(hass: HomeAssistant, world: World, entry: MockConfigEntry, garage: Station) -> Owner:
    """Run a wall connector that can be stopped, with a limit of 16 A."""
    contactor = {"connectors": {str(GARAGE): {"maximum_current": 32, "stop_method": "contactor"}}}
    owner = await move_in(hass, world, entry, contactor)
    await owner.set_limit(GARAGE, 16)
    return owner


@pytest.fixture
def told(hass: HomeAssistant) -> list[ServiceCall]:
    return async_mock_service(hass, "test", "tell")


@pytest.fixture
async def use(hass: HomeAssistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """Set an automation up that is made of a blueprint, as the page does."""
    shutil.copytree(BLUEPRINTS, tmp_path / "blueprints" / "automation" / "tesla_twc")
    monkeypatch.setattr(hass.config, "config_dir", str(tmp_path))

    async def make(name: str, **values: Any) -> None:
        automation = {"use_blueprint": {"path": f"tesla_twc/{name}.yaml", "input": values}, "alias": name}
        assert await async_setup_component(hass, "automation", {"automation": [automation]})
        await hass.async_block_till_done()
        state = hass.states.get(f"automation.{name}")
        assert state is not None
        assert state.state == "on"

    yield make
    await hass.services.async_call("automation", "turn_off", {"entity_id": "all"}, blocking=True)


def entity(hass: HomeAssistant, owner: Owner, platform: Platform, key: str) -> str:
    """Return the entity of the wall connector in the garage."""
    device = owner.device(GARAGE)
    assert device is not None
    (found,) = [
        one.entity_id
        for one in er.async_entries_for_device(er.async_get(hass), device.id)
        if one.domain == platform and one.translation_key == key
    ]
    return found


@pytest.mark.parametrize("file", sorted(BLUEPRINTS.glob("*.yaml")), ids=lambda file: file.stem)
def test_it_is_a_blueprint_that_can_be_imported_from_where_it_says(file: Path) -> None:
    blueprint = Blueprint(
        yaml_util.load_yaml_dict(file), expected_domain="automation", schema=BLUEPRINT_SCHEMA
    )
    assert blueprint.validate() is None
    source = str(blueprint.metadata["source_url"])
    assert source.endswith(f"/blob/main/blueprints/automation/tesla_twc/{file.name}")


def test_each_can_be_imported_from_its_page() -> None:
    page = (BLUEPRINTS.parents[2] / "docs" / "blueprints.md").read_text(encoding="utf-8")
    links = re.findall(r"blueprint_url=([^)]+)\)", page)
    files = {unquote(link).rpartition("/")[2] for link in links}
    assert files == {file.name for file in BLUEPRINTS.glob("*.yaml")}


async def test_a_picker_offers_what_is_asked_for_and_nothing_that_it_can_leave_out(
    hass: HomeAssistant, world: World, owner: Owner
) -> None:
    await add_car(hass, owner.entry, name="Guest car")
    await live(world, 5)
    device = owner.device(GARAGE)
    assert device is not None
    its = er.async_entries_for_device(er.async_get(hass), device.id)

    def offered(file: Path, name: str) -> set[str | None]:
        asked = yaml_util.load_yaml_dict(file)["blueprint"]["input"][name]["selector"]["entity"]["filter"]
        return {
            one.translation_key
            for one in its
            for wanted in asked
            if one.platform == wanted["integration"]
            and one.domain == wanted["domain"]
            and wanted.get("device_class") in (None, one.device_class or one.original_device_class)
        }

    found = {
        blueprint: {name: offered(BLUEPRINTS / f"{blueprint}.yaml", name) for name in inputs}
        for blueprint, inputs in ASKS_FOR.items()
    }
    assert found == ASKS_FOR


async def test_a_charge_is_told_with_its_energy_and_cost(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, told: list[ServiceCall], use: Any
) -> None:
    charge = entity(hass, owner, Platform.EVENT, "charge")
    await use("session_ended", charge=[charge], tell=TELL)
    garage.plug(Car(ZOE, charge=0.3))
    await world.pass_time(CAR_SECONDS)
    await live(world, 900)
    assert told == []
    garage.unplug()
    await live(world, 60)
    (call,) = told
    energy = owner.number("session_energy", GARAGE)
    assert energy > 0.5
    assert call.data["title"] == "A car was charged at Wall connector 3495"
    assert call.data["message"].startswith(f"{energy:.1f} kWh")
    # A visit without a charge is nothing to tell.
    garage.plug(Car(ZOE, charge=1.0))
    await live(world, 120)
    garage.unplug()
    await live(world, 60)
    assert len(told) == 1


async def test_an_evening_without_a_car_is_told_and_one_with_a_car_is_not(
    hass: HomeAssistant,
    world: World,
    garage: Station,
    owner: Owner,
    told: list[ServiceCall],
    use: Any,
    freezer: FrozenDateTimeFactory,
) -> None:
    hass.states.async_set("sensor.car_battery", "35", {"device_class": "battery"})
    hass.states.async_set("device_tracker.car", "home")
    await use(
        "not_plugged_in",
        at="21:30:00",
        plugged_in=[entity(hass, owner, Platform.BINARY_SENSOR, "plugged_in")],
        at_home=["device_tracker.car"],
        charge=["sensor.car_battery"],
        below=50,
        tell=TELL,
    )

    async def evening() -> int:
        now = dt_util.now()
        then = now.replace(hour=21, minute=30, second=0, microsecond=0)
        then += timedelta(days=1) if then <= now else timedelta(0)
        freezer.move_to(then + timedelta(seconds=1))
        async_fire_time_changed(hass, datetime.fromtimestamp(then.timestamp() + 1, dt_util.UTC))
        await hass.async_block_till_done()
        return len(told)

    assert owner.value("plugged_in", GARAGE) == "off"
    assert await evening() == 1
    assert told[0].data["message"] == "The car has 35 %."
    hass.states.async_set("sensor.car_battery", "80", {"device_class": "battery"})
    assert await evening() == 1, "it is full enough"
    hass.states.async_set("sensor.car_battery", "20", {"device_class": "battery"})
    hass.states.async_set("device_tracker.car", "not_home")
    assert await evening() == 1, "it is away"
    hass.states.async_set("device_tracker.car", "home")
    garage.plug(Car(ZOE, charge=0.2))
    await live(world, 60)
    assert owner.value("plugged_in", GARAGE) == "on"
    assert await evening() == 1, "it is plugged in"


async def test_a_car_that_would_refuse_to_start_again_is_told_of(
    hass: HomeAssistant, owner: Owner, told: list[ServiceCall], use: Any, freezer: FrozenDateTimeFactory
) -> None:
    decision = entity(hass, owner, Platform.SENSOR, "decision")
    await use("stop_budget_spent", decision=[decision], tell=TELL)
    state = hass.states.get(decision)
    assert state is not None
    assert "stop_budget_spent" in state.attributes["options"], "the word that it waits for exists"
    hass.states.async_set(decision, "stop_budget_spent", state.attributes)
    freezer.tick(61)
    async_fire_time_changed(hass, dt_util.utcnow())
    await hass.async_block_till_done()
    assert [call.data["title"] for call in told] == ["Wall connector 3495 holds the minimum"]


async def test_amps_of_an_own_sensor_are_followed_and_too_few_stop_the_car(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, use: Any, freezer: FrozenDateTimeFactory
) -> None:
    async def minutes(count: int) -> None:
        for _ in range(count):
            freezer.tick(60)
            async_fire_time_changed(hass, dt_util.utcnow())
            await live(world, 60)

    hass.states.async_set("sensor.amps", "unknown")
    await use(
        "own_amps",
        amps="sensor.amps",
        current_limit=entity(hass, owner, Platform.NUMBER, "current_limit"),
        charging_enabled=entity(hass, owner, Platform.SWITCH, "charging_enabled"),
        patience={"minutes": 2},
    )
    garage.plug(Car(ZOE, charge=0.3))
    await world.pass_time(CAR_SECONDS)
    hass.states.async_set("sensor.amps", "12.7")
    await minutes(3)
    assert owner.number("current_limit", GARAGE) == 12
    assert owner.value("charging_enabled", GARAGE) == "on"
    hass.states.async_set("sensor.amps", "3")
    await minutes(1)
    assert owner.number("current_limit", GARAGE) == 6
    assert owner.value("charging_enabled", GARAGE) == "on", "a cloud"
    await minutes(2)
    assert owner.value("charging_enabled", GARAGE) == "off"
    hass.states.async_set("sensor.amps", "9")
    await minutes(3)
    assert owner.value("charging_enabled", GARAGE) == "on"
    assert owner.number("current_limit", GARAGE) == 9


async def test_a_guest_gets_what_is_answered_and_the_mode_is_back_when_he_has_left(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, use: Any
) -> None:
    asked = async_mock_service(hass, "notify", "mobile_app_phone")
    await add_car(hass, owner.entry, name="Guest car")
    await add_car(hass, owner.entry, vin=VIN)
    hass.config_entries.async_update_entry(
        owner.entry, options={**owner.entry.options, "who_may_charge": "known_only"}
    )
    await live(world, 5)
    mode = entity(hass, owner, Platform.SELECT, "charge_mode")
    await use(
        "guest",
        charge=entity(hass, owner, Platform.EVENT, "charge"),
        car=entity(hass, owner, Platform.SELECT, "car"),
        charge_mode=mode,
        phone="notify.mobile_app_phone",
    )
    garage.plug(Car(ZOE, charge=0.3))
    await world.pass_time(CAR_SECONDS)
    await live(world, 120)
    assert owner.value("decision", GARAGE) == "not_allowed"
    (call,) = asked
    assert call.data["title"] == "A guest wants to charge"
    full, *_ = call.data["data"]["actions"]
    assert full["title"] == "Full speed"
    hass.bus.async_fire("mobile_app_notification_action", {"action": full["action"]})
    await live(world, 120)
    assert owner.value("charge_mode", GARAGE) == "fast"
    assert garage.connector.drawn_amps > 5
    garage.unplug()
    await live(world, 60)
    assert owner.value("charge_mode", GARAGE) == "follow_bus"
    assert owner.value("car", GARAGE) == "automatic"


async def test_why_a_car_is_not_charging_is_told_once_and_not_of_one_that_is_full(
    hass: HomeAssistant,
    world: World,
    garage: Station,
    owner: Owner,
    told: list[ServiceCall],
    use: Any,
    freezer: FrozenDateTimeFactory,
) -> None:
    await use(
        "not_charging",
        plugged_in=entity(hass, owner, Platform.BINARY_SENSOR, "plugged_in"),
        charging=entity(hass, owner, Platform.BINARY_SENSOR, "charging"),
        decision=entity(hass, owner, Platform.SENSOR, "decision"),
        minutes=10,
        tell=TELL,
    )

    async def minutes(count: int) -> None:
        for _ in range(count):
            freezer.tick(60)
            await live(world, 60)
            async_fire_time_changed(hass, dt_util.utcnow())
            await hass.async_block_till_done()

    await minutes(12)
    assert told == [], "there is no car"
    garage.plug(Car(ZOE, refuses=True))
    await minutes(8)
    assert told == []
    await minutes(20)
    (call,) = told
    assert call.data["title"] == "Wall connector 3495 is not charging"
    assert call.data["message"].startswith("The car takes nothing of 16 A: it is full, asleep,")
    garage.unplug()
    await minutes(1)
    garage.plug(Car(ZOE, charge=0.998))
    await minutes(20)
    assert owner.value("decision", GARAGE) == "car_finished"
    await owner.forbid_charging(GARAGE)
    await minutes(12)
    assert len(told) == 1
