"""An owner without hardware watches cars charge beside a simulated house, in real or in fast time."""

from datetime import UTC, datetime
from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState
from homeassistant.const import CONF_DEVICE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc import async_remove_config_entry_device
from custom_components.tesla_twc.const import DOMAIN, SIMULATED_DEVICE
from custom_components.tesla_twc.port import connection
from custom_components.tesla_twc.registry.devices import bus_identifier, simulated_house_identifier
from custom_components.tesla_twc.twc.simulator.clock import SimulatedClock
from custom_components.tesla_twc.twc.simulator.fast_clock import FastClock
from custom_components.tesla_twc.twc.simulator.tools.monitor import BusMonitor
from tests.integration.conftest import DEVICE, World

SENSORS = {
    "simulated_solar_power": ("power", "W"),
    "simulated_consumption_power": ("power", "W"),
    "simulated_grid_power": ("power", "W"),
    "simulated_battery_power": ("power", "W"),
    "simulated_battery_soc": ("battery", "%"),
    "simulated_current_l1": ("current", "A"),
    "simulated_current_l2": ("current", "A"),
    "simulated_current_l3": ("current", "A"),
}


@pytest.fixture
def real_time(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> SimulatedClock:
    """Let what is real time to the integration pass only when a test says so."""
    clock = SimulatedClock()
    monkeypatch.setattr(connection, "clock_of", lambda hass: clock)
    return clock


async def set_up(hass: HomeAssistant, entry: MockConfigEntry, **speed: int) -> MockConfigEntry:
    """Run the integration on simulated wall connectors, as the dialogue leaves their entry."""
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, data={CONF_DEVICE: SIMULATED_DEVICE, **speed})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


async def let_pass(hass: HomeAssistant, clock: SimulatedClock, seconds: float) -> None:
    """Let time pass second by second, and Home Assistant finish what follows."""
    for _ in range(round(seconds)):
        await clock.advance_async(1)
        await hass.async_block_till_done()


def entity_id(hass: HomeAssistant, entry: MockConfigEntry, key: str) -> str:
    found = er.async_get(hass).async_get_entity_id("sensor", DOMAIN, f"{entry.entry_id}_{key}")
    assert found is not None, key
    return found


def number(hass: HomeAssistant, entry: MockConfigEntry, key: str) -> float:
    state = hass.states.get(entity_id(hass, entry, key))
    assert state is not None, key
    return float(state.state)


def house_of(hass: HomeAssistant, entry: MockConfigEntry) -> dr.DeviceEntry | None:
    identifier = simulated_house_identifier(entry.entry_id)
    return dr.async_get(hass).async_get_device_by_identifier(identifier, entry.entry_id)


async def test_the_house_is_a_device_with_the_sensors_of_a_real_one(
    hass: HomeAssistant, real_time: SimulatedClock, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)
    house = house_of(hass, entry)
    bus = dr.async_get(hass).async_get_device_by_identifier(bus_identifier(entry.entry_id), entry.entry_id)
    assert house is not None
    assert bus is not None
    assert (house.name, house.via_device_id) == ("Simulated house", bus.id)
    for key, (device_class, unit) in SENSORS.items():
        state = hass.states.get(entity_id(hass, entry, key))
        assert state is not None
        assert state.entity_id.startswith("sensor.simulated_house_")
        assert state.attributes["state_class"] == "measurement"
        assert state.attributes["device_class"] == device_class
        assert state.attributes["unit_of_measurement"] == unit


async def test_wall_connectors_at_a_real_port_have_no_simulated_house(
    hass: HomeAssistant, world: World, loaded: MockConfigEntry
) -> None:
    assert house_of(hass, loaded) is None
    registered = er.async_entries_for_config_entry(er.async_get(hass), loaded.entry_id)
    assert registered
    assert not [entity for entity in registered if "simulated" in entity.unique_id]


async def test_the_house_goes_when_its_owner_buys_real_wall_connectors(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)
    assert house_of(hass, entry) is not None
    hass.config_entries.async_update_entry(entry, data={CONF_DEVICE: DEVICE})
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert house_of(hass, entry) is None
    assert hass.states.get("sensor.simulated_house_grid_power") is None


async def test_the_house_cannot_be_deleted_on_its_own(
    hass: HomeAssistant, real_time: SimulatedClock, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)
    house = house_of(hass, entry)
    assert house is not None
    with pytest.raises(HomeAssistantError):
        await async_remove_config_entry_device(hass, entry, house)


async def test_the_meters_speak_every_two_seconds_also_if_nothing_changed(
    hass: HomeAssistant, real_time: SimulatedClock, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)
    reported: list[datetime] = []
    for _ in range(10):
        await let_pass(hass, real_time, 1)
        state = hass.states.get(entity_id(hass, entry, "simulated_battery_soc"))
        assert state is not None
        reported.append(state.last_reported.astimezone(UTC))
    assert len(set(reported)) == 6


async def test_a_car_shows_on_the_meters_of_the_house_on_each_of_its_phases(
    hass: HomeAssistant, real_time: SimulatedClock, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)
    await let_pass(hass, real_time, 10)
    before = {key: number(hass, entry, key) for key in SENSORS}
    await let_pass(hass, real_time, 50)  # the first car comes after 15 s and gets at least 6 A
    stations = connection.simulation(hass).scene.stations
    amps = sum(station.connector.drawn_amps for station in stations.values())
    assert amps > 4
    after = {key: number(hass, entry, key) for key in SENSORS}
    risen = {key: after[key] - before[key] for key in SENSORS}
    assert risen["simulated_consumption_power"] == pytest.approx(amps * 690, abs=40)
    balance = (
        after["simulated_consumption_power"]
        + after["simulated_battery_power"]
        - after["simulated_solar_power"]
    )
    assert after["simulated_grid_power"] == pytest.approx(balance, abs=2)
    assert after["simulated_battery_power"] < before["simulated_battery_power"]


@pytest.mark.long
@pytest.mark.once
async def test_a_reload_leaves_the_day_as_it_is(
    hass: HomeAssistant, real_time: SimulatedClock, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry, speed=60)
    morning = number(hass, entry, "simulated_solar_power")
    await let_pass(hass, real_time, 40)
    solar, soc = (number(hass, entry, f"simulated_{key}") for key in ("solar_power", "battery_soc"))
    assert solar > 1.3 * morning
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert number(hass, entry, "simulated_solar_power") == pytest.approx(solar, rel=0.1)
    assert number(hass, entry, "simulated_battery_soc") == pytest.approx(soc, abs=2)


@pytest.mark.once
async def test_in_fast_time_the_sun_rises_within_a_minute_and_no_heartbeat_is_missed(
    hass: HomeAssistant, real_time: SimulatedClock, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry, speed=60)
    simulation = connection.simulation(hass)
    assert isinstance(simulation.clock, FastClock)
    monitor = BusMonitor(simulation.scene.line, circuit_limit_amps=32)
    morning = number(hass, entry, "simulated_solar_power")
    await let_pass(hass, real_time, 45)
    assert number(hass, entry, "simulated_solar_power") > 2 * morning
    assert not monitor.violations
    for station in simulation.scene.stations.values():
        assert station.connector.linked
        assert station.connector.drawn_amps > 4
        assert monitor.longest_heartbeat_gap(station.connector.twcid) < 3


@pytest.mark.long
@pytest.mark.once
async def test_in_fast_time_the_meters_are_not_written_sixty_times_a_second(
    hass: HomeAssistant, real_time: SimulatedClock, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry, speed=60)
    await let_pass(hass, real_time, 3)
    written: list[Any] = []
    grid = entity_id(hass, entry, "simulated_grid_power")
    hass.bus.async_listen("state_changed", lambda event: written.append(event.data["entity_id"]))
    published: list[float] = []
    stop = entry.runtime_data.async_add_listener(lambda: published.append(real_time.time()))
    await let_pass(hass, real_time, 30)
    stop()
    assert 25 <= written.count(grid) <= 31
    assert 25 <= len(published) <= 40


async def test_the_dialogue_sets_up_a_simulation_that_runs_fast(
    hass: HomeAssistant, real_time: SimulatedClock
) -> None:
    flow = hass.config_entries.flow
    result = await flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    result = await flow.async_configure(result["flow_id"], {"next_step_id": "simulated"})
    result = await flow.async_configure(result["flow_id"], {"speed": "60"})
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    await let_pass(hass, real_time, 1)
    result = await flow.async_configure(result["flow_id"])
    assert result["step_id"] == "connectors_found"
    result = await flow.async_configure(result["flow_id"], {})
    limits = {"circuit_limit": 32, "phases": "3", "voltage": 230}
    result = await flow.async_configure(result["flow_id"], limits)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"] == {CONF_DEVICE: SIMULATED_DEVICE, "speed": 60}
    assert connection.simulation(hass).speed == 60


async def test_the_speed_of_a_dialogue_that_was_given_up_is_forgotten(
    hass: HomeAssistant, real_time: SimulatedClock
) -> None:
    fast = connection.bus_clock(hass, {CONF_DEVICE: SIMULATED_DEVICE, "speed": 60})
    assert isinstance(fast, FastClock)
    assert connection.bus_clock(hass, {CONF_DEVICE: SIMULATED_DEVICE, "speed": 60}) is fast
    assert connection.bus_clock(hass, {CONF_DEVICE: SIMULATED_DEVICE}) is real_time
    assert connection.bus_clock(hass, {CONF_DEVICE: DEVICE}) is real_time
