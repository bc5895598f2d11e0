"""What the entities show, and when they show nothing."""

from itertools import pairwise
from typing import Any
from unittest.mock import Mock

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.json import json_dumps
from homeassistant.setup import async_setup_component
from homeassistant.util.json import json_loads
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events
from syrupy.assertion import SnapshotAssertion

from custom_components.tesla_twc.twc.protocol.codes import ConnectorState, PlugState
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import LEAF, TESLA, ZOE
from custom_components.tesla_twc.twc.simulator.line_faults import noisy
from custom_components.tesla_twc.twc.simulator.station import Station
from custom_components.tesla_twc.twc.simulator.tools.monitor import BusMonitor
from custom_components.tesla_twc.twc.simulator.unit import US, Unit, old_unit
from tests.integration.conftest import World
from tests.integration.dialogue_texts import STRINGS
from tests.integration.owner import FOUND_SECONDS, GARAGE, YARD, Owner, live, move_in

PERIOD_KEYS = {
    f"{what}_{period}" for what in ("energy", "sun_energy", "cost") for period in ("today", "month", "year")
}
KEYS = {
    Platform.SENSOR: {
        "charging_current",
        "offered_current",
        "charging_power",
        "lifetime_energy",
        "voltage_l1",
        "voltage_l2",
        "voltage_l3",
        "current_l1",
        "current_l2",
        "current_l3",
        "state",
        "plug_state",
        "vin",
        "firmware_version",
        "rated_current",
        "bus_quality",
        "last_heard",
        "status",
        "charging_status",
        "decision",
        "contactor_closings",
        "silent_stops",
        *("session_energy", "session_sun_energy", "session_charging_time", "session_cost"),
        *PERIOD_KEYS,
    },
    Platform.EVENT: {"charge"},
    Platform.BINARY_SENSOR: {"plugged_in", "charging", "problem", "enabled"},
    Platform.NUMBER: {"current_limit", "minimum_current", "priority", "ready_energy"},
    Platform.SELECT: {"charge_mode"},
    Platform.SWITCH: {"charging_enabled", "charge_now", "ready_daily"},
    Platform.TIME: {"ready_by"},
}
BUS_KEYS = {
    Platform.SENSOR: {
        *("total_current", "total_power", "surplus_power", "available_current", "input_state", "meter"),
        *PERIOD_KEYS,
    },
    Platform.NUMBER: {
        *("circuit_limit", "reserve", "battery_first_soc", "battery_helps_soc", "start_grid_share"),
    },
    Platform.BINARY_SENSOR: {"connected"},
    Platform.BUTTON: {"check_meter"},
    Platform.SELECT: {"default_mode"},
    Platform.SWITCH: {"battery_discharge", "shadow"},
}


WHOLE_HOUSE = {
    "measurement": "grid",
    "grid_power": "sensor.grid",
    "battery_power": "sensor.battery",
    "battery_soc": "sensor.soc",
}
"""What it takes for every entity to mean something."""


@pytest.fixture
def everything_enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enable the entities that are off by default, as an owner can."""
    monkeypatch.setattr(Entity, "entity_registry_enabled_default", True)


async def test_the_keys_are_the_public_interface(hass: HomeAssistant, garage: Station, owner: Owner) -> None:
    await owner.choose({"site": WHOLE_HOUSE})
    found = {
        (entity.domain, entity.translation_key, entity.unique_id)
        for entity in er.async_entries_for_config_entry(er.async_get(hass), owner.entry.entry_id)
    }
    entry_id = owner.entry.entry_id
    wanted = {(domain, key, f"{entry_id}_3495_{key}") for domain, keys in KEYS.items() for key in keys}
    wanted |= {(domain, key, f"{entry_id}_{key}") for domain, keys in BUS_KEYS.items() for key in keys}
    assert found == wanted


async def test_registered_entities(
    hass: HomeAssistant, garage: Station, owner: Owner, snapshot: SnapshotAssertion
) -> None:
    await owner.choose({"site": WHOLE_HOUSE})
    entries = er.async_entries_for_config_entry(er.async_get(hass), owner.entry.entry_id)
    described = {
        entity.entity_id: {
            "name": entity.original_name,
            "class": entity.original_device_class,
            "category": entity.entity_category,
            "enabled": not entity.disabled,
            "unit": entity.unit_of_measurement,
            "capabilities": entity.capabilities,
            "options": entity.options,
        }
        for entity in sorted(entries, key=lambda entity: entity.entity_id)
    }
    # As plain JSON: the enums behind it change from one Home Assistant to the next.
    assert json_loads(json_dumps(described)) == snapshot


async def test_everything_a_charging_car_shows(
    world: World, everything_enabled: None, garage: Station, owner: Owner
) -> None:
    await owner.set_limit(GARAGE, 16)
    garage.plug(Car(TESLA))
    await live(world, 120)
    shown = {key: owner.value(key, GARAGE) for keys in KEYS.values() for key in keys}
    assert shown.pop("charging_current") == "15.2"
    assert shown.pop("offered_current") == "16.0"
    assert float(shown.pop("charging_power")) == pytest.approx(15.2 * 690, rel=0.01)
    assert 6782 <= float(shown.pop("lifetime_energy")) < 6783
    assert float(shown.pop("current_l2")) == 15.0
    assert shown.pop("last_heard") not in (STATE_UNAVAILABLE, STATE_UNKNOWN)
    assert shown.pop("charge") not in (STATE_UNAVAILABLE, STATE_UNKNOWN)
    assert 0 < float(shown.pop("session_energy")) < 0.5
    for key in PERIOD_KEYS:
        period = shown.pop(key)
        assert period == STATE_UNKNOWN if key.startswith("cost") else 0.0 <= float(period) < 0.5
    assert shown == {
        "session_sun_energy": "0.0",
        "session_charging_time": "1.0",
        "session_cost": STATE_UNKNOWN,
        "voltage_l1": "230",
        "voltage_l2": "230",
        "voltage_l3": "230",
        "current_l1": "15.0",
        "current_l3": "15.0",
        "state": "charging",
        "plug_state": "charging",
        "vin": "5YJ3E7EB1KF123456",
        "firmware_version": "4.5.10.2",
        "rated_current": "32.0",
        "bus_quality": "100",
        "plugged_in": "on",
        "charging": "on",
        "problem": "off",
        "current_limit": "16",
        "charging_enabled": "on",
        "charge_now": "off",
        "ready_by": "07:00:00",
        "ready_energy": "0.0",
        "ready_daily": "off",
        "charge_mode": "follow_bus",
        "minimum_current": "6",
        "priority": "5",
        "status": "charging",
        "charging_status": "charging",
        "enabled": "on",
        "decision": "at_limit",
        "contactor_closings": "1",
        "silent_stops": "0",
    }
    garage.unplug()
    await world.pass_time(20)
    assert owner.value("plugged_in", GARAGE) == "off"
    assert owner.value("charging", GARAGE) == "off"
    assert owner.value("vin", GARAGE) == STATE_UNKNOWN
    assert owner.value("plug_state", GARAGE) == "unplugged"


async def test_an_old_wall_connector_without_a_meter_shows_what_it_can(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    station = world.wall_connector(old_unit("A16K0003495"))
    owner = await move_in(hass, world, entry)
    station.plug(Car(LEAF))
    await live(world, 120)
    assert float(owner.value("charging_current", GARAGE)) == pytest.approx(5.2)
    assert owner.value("plugged_in", GARAGE) == "on"
    assert owner.value("plug_state", GARAGE) == STATE_UNKNOWN
    assert float(owner.value("lifetime_energy", GARAGE)) == pytest.approx(station.connector.true_kwh, abs=0.1)


async def test_a_single_phase_wall_connector_shows_the_power_of_its_one_phase(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    station = world.wall_connector(Unit(serial_number="A17A0003495", model=US))
    owner = await move_in(hass, world, entry, {"circuit_limit": 40, "phases": 1, "voltage": 240})
    await owner.set_limit(GARAGE, 40)
    station.plug(Car(ZOE))
    await live(world, 60)
    assert owner.shown("current_limit", GARAGE).attributes["max"] == 40
    assert float(owner.value("charging_power", GARAGE)) == pytest.approx(32 * 240, rel=0.02)


async def test_readings_are_unavailable_until_the_wall_connector_is_heard(
    world: World, garage: Station, owner: Owner
) -> None:
    await live(world, 60)
    await owner.restart()
    keys = {key for keys in KEYS.values() for key in keys if owner.is_enabled(key, GARAGE)}
    available = {key for key in keys if owner.available(key, GARAGE)}
    counted = {"lifetime_energy", "contactor_closings", "silent_stops", "charge"}
    counted |= {"energy_month", "energy_year"}
    counted |= {"session_energy", "session_sun_energy", "session_charging_time", "session_cost"}
    settings = {"current_limit", "minimum_current", "priority", "charge_mode", "charging_enabled", "enabled"}
    settings |= {"charge_now", "ready_by", "ready_energy", "ready_daily"}
    assert available == counted | settings, "what is counted for ever, and what can be set"
    await world.pass_time(FOUND_SECONDS)
    assert {key for key in keys if owner.available(key, GARAGE)} == keys


async def test_lifetime_energy_stays_while_the_wall_connector_sleeps(
    world: World, garage: Station, owner: Owner
) -> None:
    await live(world, 60)
    before = owner.number("lifetime_energy", GARAGE)
    garage.remove()
    await live(world, 120)
    assert not owner.available("charging_power", GARAGE)
    assert owner.number("lifetime_energy", GARAGE) == before


@pytest.mark.once
async def test_lifetime_energy_is_fine_true_never_falls_and_never_starts_at_zero(
    hass: HomeAssistant, world: World, garage: Station, entry: MockConfigEntry
) -> None:
    changes = async_capture_events(hass, "state_changed")
    owner = await move_in(hass, world, entry)
    await owner.set_limit(GARAGE, 32)
    garage.plug(Car(ZOE))
    await live(world, 900)
    await owner.restart()
    await live(world, 900)
    entity_id = owner.entity_id("lifetime_energy", GARAGE)
    states = [change.data["new_state"].state for change in changes if change.data["entity_id"] == entity_id]
    energies = [float(state) for state in states if state not in (STATE_UNAVAILABLE, STATE_UNKNOWN)]
    assert energies == sorted(energies)
    assert energies[0] >= 6782
    assert energies[-1] == pytest.approx(garage.connector.true_kwh, abs=1.0)
    steps = [after - before for before, after in pairwise(energies)]
    assert max(steps) < 1.0
    assert len([step for step in steps if step < 0.2]) > 20


async def test_lifetime_energy_does_not_fall_after_a_power_cut(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    world: World,
    garage: Station,
    owner: Owner,
) -> None:
    await owner.set_limit(GARAGE, 32)
    garage.plug(Car(ZOE))
    await live(world, 300)
    await owner.let_changes_be_written()
    on_disk = hass_storage[owner.storage_key]
    await live(world, 20)
    shown = owner.number("lifetime_energy", GARAGE)
    await owner.crash(on_disk, hass_storage)
    assert owner.number("lifetime_energy", GARAGE) >= shown
    await live(world, 120)
    assert owner.number("lifetime_energy", GARAGE) == pytest.approx(garage.connector.true_kwh, abs=1.0)


async def test_every_state_has_words(garage: Station, owner: Owner) -> None:
    texts = STRINGS["entity"]["sensor"]
    assert set(texts["state"]["state"]) == {state.slug for state in ConnectorState}
    assert set(texts["plug_state"]["state"]) == {state.slug for state in PlugState}
    assert owner.shown("state", GARAGE).attributes["options"] == [state.slug for state in ConnectorState]


async def test_a_restart_changes_nothing_in_the_registry(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    changes = async_capture_events(hass, er.EVENT_ENTITY_REGISTRY_UPDATED)
    await owner.restart()
    await world.pass_time(FOUND_SECONDS)
    assert [change.data for change in changes] == []


async def test_nothing_is_written_while_nothing_changes(
    world: World, garage: Station, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    await live(world, 60)
    writes = Mock()
    monkeypatch.setattr(Entity, "async_write_ha_state", writes)
    await live(world, 300)
    writes.assert_not_called()


async def test_a_reboot_of_the_wall_connector_does_not_make_its_readings_flicker(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    changes = async_capture_events(hass, "state_changed")
    garage.power_cycle()
    await live(world, 60)
    assert not [change for change in changes if change.data["new_state"].state == STATE_UNAVAILABLE]
    assert owner.available("charging_current", GARAGE)


async def test_asking_for_an_update_answers_from_memory(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    monitor = BusMonitor(world.line)
    assert await async_setup_component(hass, "homeassistant", {})
    entity_id = owner.entity_id("charging_current", GARAGE)
    await hass.services.async_call(
        "homeassistant", "update_entity", {"entity_id": [entity_id]}, blocking=True
    )
    await hass.async_block_till_done()
    assert owner.number("charging_current", GARAGE) == 0
    assert not monitor.frames


@pytest.mark.once
async def test_noise_on_the_line_never_shows_in_the_readings(
    hass: HomeAssistant, world: World, garage: Station, yard: Station, owner: Owner
) -> None:
    await owner.set_limit(GARAGE, 16)
    garage.plug(Car(TESLA))
    await live(world, 60)
    world.line.faults = noisy(0.1)
    changes = async_capture_events(hass, "state_changed")
    await live(world, 600)
    assert {change.data["new_state"].state for change in changes} & {
        STATE_UNAVAILABLE,
        STATE_UNKNOWN,
    } == set()
    assert owner.number("charging_current", GARAGE) == pytest.approx(15.2)
    assert owner.number("charging_current", YARD) == 0
