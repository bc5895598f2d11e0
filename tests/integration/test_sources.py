"""Sensors that say nothing because nothing has changed, and sensors that say nothing because they are dead."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.energy.data import async_get_manager
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.house.sources import sources_of
from custom_components.tesla_twc.twc.charging.readings import SensorReading
from tests.integration.test_site_sensors import GRID, METERED, PHASES, House

CHARGE, DISCHARGE = "sensor.charge", "sensor.discharge"
POWER: dict[str, Any] = {"unit_of_measurement": "W", "device_class": "power"}
NET = "{{ states('sensor.charge')|float(0) - states('sensor.discharge')|float(0) }}"
BESIDE_BATTERY = {**METERED, "battery_positive": "charging"}


@pytest.fixture(autouse=True)
def custom_integrations(recorder_mock: object, enable_custom_integrations: None) -> None:
    """The Energy dashboard needs the recorder, and the recorder comes before everything else."""


async def say(hass: HomeAssistant, entity_id: str, value: float, about: dict[str, Any] = POWER) -> None:
    hass.states.async_set(entity_id, str(value), about)
    await hass.async_block_till_done()


async def of_template(hass: HomeAssistant) -> str:
    sensor = {"name": "Net", "state": NET, **POWER}
    assert await async_setup_component(hass, "template", {"template": [{"sensor": [sensor]}]})
    return "sensor.net"


async def of_dashboard(hass: HomeAssistant) -> str:
    assert await async_setup_component(hass, "energy", {})
    await hass.async_block_till_done()
    battery = {
        "type": "battery",
        "stat_energy_from": "sensor.out",
        "stat_energy_to": "sensor.in",
        "power_config": {"stat_rate_from": DISCHARGE, "stat_rate_to": CHARGE},
    }
    await (await async_get_manager(hass)).async_update({"energy_sources": [battery]})  # type: ignore[typeddict-item]
    await hass.async_block_till_done()
    return "sensor.energy_battery_discharge_charge_net_power"


async def of_group(hass: HomeAssistant) -> str:
    group = {"platform": "group", "name": "Net", "entities": [CHARGE, DISCHARGE], "type": "sum"}
    assert await async_setup_component(hass, "sensor", {"sensor": [group]})
    return "sensor.net"


async def of_min_max(hass: HomeAssistant) -> str:
    most = {"platform": "min_max", "name": "Net", "entity_ids": [CHARGE, DISCHARGE], "type": "max"}
    assert await async_setup_component(hass, "sensor", {"sensor": [most]})
    return "sensor.net"


@pytest.mark.parametrize("made", [of_template, of_dashboard, of_group, of_min_max])
async def test_a_helper_is_as_old_as_its_oldest_source_though_it_says_nothing(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, made: Any
) -> None:
    await say(hass, CHARGE, 700)
    await say(hass, DISCHARGE, 0)
    helper = await made(hass)
    await hass.async_block_till_done()
    assert sources_of(hass, helper) == (CHARGE, DISCHARGE)
    house = House(hass, freezer, {**BESIDE_BATTERY, "battery_power": helper})
    for _ in range(60):
        house.pass_time(10)
        await say(hass, CHARGE, 700)
        await say(hass, DISCHARGE, 0)
    reading = battery(house)
    assert abs(reading.value or 0.0) == 700
    assert reading.reported_at <= house.clock.time() - 600
    assert reading.heard_at == house.clock.time()
    house.pass_time(20)
    await say(hass, DISCHARGE, 0)
    assert battery(house).heard_at == house.clock.time() - 20, "one source has stopped"
    hass.states.async_set(CHARGE, "unavailable")
    await hass.async_block_till_done()
    assert battery(house).alive_at is None


def battery(house: House) -> SensorReading:
    reading = house.sensors.readings().battery
    assert reading is not None
    return reading


async def test_a_helper_that_looks_back_in_time_is_not_looked_through(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    await say(hass, CHARGE, 700)
    slow = {"platform": "filter", "name": "Net", "entity_id": CHARGE, "filters": []}
    slow["filters"] = [{"filter": "time_throttle", "window_size": "01:00:00"}]
    assert await async_setup_component(hass, "sensor", {"sensor": [slow]})
    await hass.async_block_till_done()
    assert hass.states.get("sensor.net") is not None
    assert sources_of(hass, "sensor.net") == ()


async def test_the_phases_of_the_main_fuse_are_looked_through(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    sources = [f"sensor.power_l{number}" for number in (1, 2, 3)]
    for source in sources:
        await say(hass, source, 230)
    amps = {"unit_of_measurement": "A", "device_class": "current"}
    helpers = [
        {"name": f"L{number}", "state": f"{{{{ (states('{source}')|float / 230)|round }}}}", **amps}
        for number, source in enumerate(sources, 1)
    ]
    assert await async_setup_component(hass, "template", {"template": [{"sensor": helpers}]})
    await hass.async_block_till_done()
    house = House(hass, freezer, {"phase_sensors": PHASES, "fuse": 25})
    for _ in range(20):
        house.pass_time(2)
        for source in sources[:2]:
            await say(hass, source, 231)
    heard = [house.clock.time() - phase.heard_at for phase in house.sensors.readings().phases]
    assert heard[:2] == [0, 0]
    assert heard[2] >= 40, "its own source says nothing, whatever the others do"


def on_one_device(hass: HomeAssistant, *keys: str) -> None:
    entry = MockConfigEntry(domain="inverter")
    entry.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={("inverter", "1")}
    )
    for key in keys:
        er.async_get(hass).async_get_or_create(
            "sensor", "inverter", key, suggested_object_id=key, config_entry=entry, device_id=device.id
        )


async def test_a_sensor_that_tells_changes_only_is_as_fresh_as_what_its_device_tells_beside_it(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    on_one_device(hass, "grid", "volts", "uptime")
    volts = {"unit_of_measurement": "V", "device_class": "voltage"}
    house = House(hass, freezer, METERED)
    await say(hass, GRID, 0)
    told = house.clock.time()
    house.pass_time(300)
    await say(hass, "sensor.volts", 231, volts)
    house.pass_time(20)
    await say(hass, "sensor.uptime", 4711, {"unit_of_measurement": "s"})
    assert house.sensors.readings().grid == SensorReading(0, told, alive_at=told + 300)
    hass.states.async_set("sensor.volts", "unavailable")
    assert house.sensors.readings().grid == SensorReading(0, told)


async def test_a_sensor_that_repeats_itself_is_silent_when_it_does_not(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    on_one_device(hass, "grid", "volts")
    volts = {"unit_of_measurement": "V", "device_class": "voltage"}
    house = House(hass, freezer, METERED)
    for _ in range(4):
        house.pass_time(10)
        await say(hass, GRID, 500)
    house.pass_time(1)
    await say(hass, GRID, 501)
    told = house.clock.time()
    house.pass_time(300)
    await say(hass, "sensor.volts", 231, volts)
    assert house.sensors.readings().grid == SensorReading(501, told)


async def test_nobody_speaks_for_a_phase_of_the_main_fuse(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    on_one_device(hass, "l1", "l2", "l3")
    amps = {"unit_of_measurement": "A", "device_class": "current"}
    house = House(hass, freezer, {"phase_sensors": PHASES, "fuse": 25})
    for phase in PHASES:
        await say(hass, phase, 3, amps)
    told = house.clock.time()
    house.pass_time(60)
    await say(hass, PHASES[0], 4, amps)
    heard = [phase.heard_at for phase in house.sensors.readings().phases]
    assert heard == [told + 60, told, told]


AMPS = {"unit_of_measurement": "A", "device_class": "current"}
VOLTS = {"unit_of_measurement": "V", "device_class": "voltage"}


async def as_one_message(house: House, **values: float) -> None:
    """Let a device tell of those values that have changed, all of them in one go."""
    for key, value in values.items():
        house.hass.states.async_set(f"sensor.{key}", str(value), VOLTS if key == "volts" else AMPS)
    await house.hass.async_block_till_done()


@pytest.mark.parametrize("alone", [0, 1, 2])
async def test_a_phase_that_comes_in_one_message_with_others_still_holds_while_messages_come(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, alone: int
) -> None:
    on_one_device(hass, "l1", "l2", "l3", "volts")
    house = House(hass, freezer, {"phase_sensors": PHASES, "fuse": 25})
    await as_one_message(house, l1=3, l2=0, l3=0, volts=230)
    for number in range(8):
        house.pass_time(2)
        beside = {} if number < alone else {"volts": 231 + number}
        await as_one_message(house, l1=4 + number % 2, **beside)
    told = house.clock.time()
    house.pass_time(120)
    await as_one_message(house, volts=229)
    heard = house.sensors.readings().phases[0].heard_at
    assert heard == (told if alone > 1 else told + 120)
    house.pass_time(30)
    assert house.sensors.readings().phases[0].heard_at == heard, "nothing has come since"


async def test_a_phase_that_speaks_by_itself_is_not_held_by_its_neighbours(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    on_one_device(hass, "l1", "l2", "l3")
    house = House(hass, freezer, {"phase_sensors": PHASES, "fuse": 25})
    for number in range(20):
        for key in ("l1", "l2", "l3"):
            house.pass_time(0.3)
            await as_one_message(house, **{key: 3 + number % 2})
    told = house.sensors.readings().phases[2].heard_at
    for number in range(20):
        for key in ("l1", "l2"):
            house.pass_time(0.3)
            await as_one_message(house, **{key: 3 + number % 2})
    house.pass_time(20)
    await as_one_message(house, l1=9)
    assert house.sensors.readings().phases[2].heard_at == told


async def test_a_helper_of_a_phase_holds_while_the_messages_of_its_source_come(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    on_one_device(hass, "source", "volts")
    await as_one_message(House(hass, freezer, METERED), source=3, volts=230)
    helper = {"name": "L1", "state": "{{ states('sensor.source')|float }}", **AMPS}
    assert await async_setup_component(hass, "template", {"template": [{"sensor": [helper]}]})
    await hass.async_block_till_done()
    house = House(hass, freezer, {"phase_sensors": PHASES[:1], "fuse": 25})
    for number in range(9):
        house.pass_time(2)
        await as_one_message(house, source=4 + number % 2, volts=231 + number)
    told = house.clock.time()
    house.pass_time(120)
    await as_one_message(house, volts=229)
    assert house.sensors.readings().phases[0].heard_at == told + 120
