"""Whatever an action, an option or a file says, no wall connector is offered more than wiring and units carry.

Watched on the wire, where nothing can be embellished.
"""

from dataclasses import replace
import math
from typing import Any

from homeassistant.components.number import ATTR_VALUE, DOMAIN as NUMBER, SERVICE_SET_VALUE
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_DEVICE_ID, ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.tesla_twc.const import (
    CONF_CIRCUIT_LIMIT,
    CONF_CONNECTORS,
    CONF_FUSE,
    CONF_KEEP_MINUTES,
    CONF_MAXIMUM_CURRENT,
    CONF_ON_SHUTDOWN,
    CONF_PHASES,
    CONF_ROTATION_MINUTES,
    CONF_SITE,
    CONF_STALE_AMPS,
    CONF_STOP_METHOD,
    CONF_VOLTAGE,
    DOMAIN,
)
from custom_components.tesla_twc.services import ATTR_AMPS, SERVICE_SET_CURRENT
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import ZOE
from custom_components.tesla_twc.twc.simulator.line import Role
from custom_components.tesla_twc.twc.simulator.scene import KINDS
from custom_components.tesla_twc.twc.simulator.station import Station
from custom_components.tesla_twc.twc.simulator.tools.monitor import BusMonitor
from tests.integration.conftest import World
from tests.integration.owner import CAR_SECONDS, FOUND_SECONDS, GARAGE, YARD, live, move_in

pytestmark = pytest.mark.once

CIRCUIT_AMPS = 32
ABSURD: list[Any] = [81, 10**12, 1e300, -1, 0.5, math.nan, math.inf, "80", "lots", None, True, [80]]


@pytest.fixture
def monitor(world: World) -> BusMonitor:
    """Watch the wire for more than the circuit carries."""
    return BusMonitor(world.line, circuit_limit_amps=CIRCUIT_AMPS)


def big_ones(world: World) -> list[Station]:
    """Two wall connectors for 80 A, which would take all they are offered."""
    return [
        world.wall_connector(replace(KINDS["us"], serial_number=f"A17A000{twcid}"))
        for twcid in (GARAGE, YARD)
    ]


async def let_cars_charge(world: World, stations: list[Station]) -> None:
    for station in stations:
        if station.connector.car is None:
            station.plug(Car(replace(ZOE, maximum_amps=80.0), charge=0.1))
    await world.pass_time(CAR_SECONDS)


def said(monitor: BusMonitor) -> list[Any]:
    """Return everything that controllers said."""
    return monitor.messages(role=Role.CONTROLLER)


async def test_no_action_offers_more_than_the_circuit_carries(
    world: World, entry: MockConfigEntry, monitor: BusMonitor
) -> None:
    stations = big_ones(world)
    owner = await move_in(world.hass, world, entry)
    for twcid in (GARAGE, YARD):
        await owner.set_limit(twcid, CIRCUIT_AMPS)
    await let_cars_charge(world, stations)
    device = owner.device(GARAGE)
    assert device is not None
    limits = [owner.entity_id(key, GARAGE) for key in ("current_limit", "minimum_current")]
    actions: list[tuple[str, str, dict[str, Any], str]] = [
        *(
            (NUMBER, SERVICE_SET_VALUE, {ATTR_ENTITY_ID: limit}, ATTR_VALUE)
            for limit in (*limits, owner.entity_id("circuit_limit"))
        ),
        (DOMAIN, SERVICE_SET_CURRENT, {ATTR_DEVICE_ID: device.id}, ATTR_AMPS),
    ]
    for amps in (CIRCUIT_AMPS + 1, *ABSURD):
        for domain, action, data, field in actions:
            with pytest.raises((HomeAssistantError, vol.Invalid)):
                await world.hass.services.async_call(domain, action, {**data, field: amps}, blocking=True)
        await world.pass_time(5)
    await let_cars_charge(world, stations)
    assert owner.value("circuit_limit") == "32"
    assert monitor.violations == []
    assert 30 < monitor.peak_outstanding_amps <= CIRCUIT_AMPS


ODD_OPTIONS: list[dict[str, Any]] = [
    *({CONF_CIRCUIT_LIMIT: value} for value in ABSURD),
    *({CONF_CONNECTORS: {str(GARAGE): {CONF_MAXIMUM_CURRENT: value}}} for value in (81, math.nan, -6, "80", None)),
    *({CONF_CONNECTORS: value} for value in (None, [], "3495", {"3495": 80}, {"garage": {}}, {"123456": {}})),
    {CONF_CONNECTORS: {str(GARAGE): {CONF_STOP_METHOD: "raw"}}},
    *({CONF_PHASES: value} for value in (0, 4, 1.5, "3", math.nan, None)),
    *({CONF_VOLTAGE: value} for value in (0, -230, 1e9, math.nan, "230", None)),
    *({CONF_ROTATION_MINUTES: value} for value in (0, -1, math.inf, "30", None)),
    *({CONF_KEEP_MINUTES: value} for value in (-5, 1e9, math.nan, "5")),
    {CONF_ON_SHUTDOWN: "whatever"},
    *({CONF_SITE: value} for value in (None, [], "grid", {"measurement": "guess"})),
    *({CONF_SITE: {CONF_FUSE: value}} for value in (-25, 0, 1e9, math.nan, "25", [25])),
    *({CONF_SITE: {CONF_STALE_AMPS: value}} for value in (-6, 81, math.inf, "6")),
    *({CONF_CONNECTORS: {str(GARAGE): {CONF_PHASES: value}}} for value in (0, 4, 1.5, "1", "bus", None, True)),
    *({CONF_CONNECTORS: {str(GARAGE): {"accepts_minimum": value}}} for value in ("false", 0, 1, None)),
    *({CONF_CONNECTORS: {str(GARAGE): {"car_switch": value}}} for value in ("on", True, ["switch.car"])),
    {CONF_CONNECTORS: {str(GARAGE): {"car_amps": 6}}},
    *({key: value} for key in ("cure_six_amp_bug", "cure_above_limit", "zero_stops") for value in ("false", 1, None)),
    *({CONF_SITE: {key: "exprot"}} for key in ("grid_positive", "phases_positive", "battery_positive")),
    *({CONF_SITE: {"phase_powers_positive": value}} for value in ("exprot", None)),
    *({CONF_SITE: {"phase_powers": value}} for value in ("sensor.a", ["sensor.a"] * 4)),
    *({CONF_SITE: {"inverter_limit": value}} for value in (0, -8000, math.nan, "8000", 1e9)),
    *({CONF_SITE: {key: None}} for key in ("grid_positive", "phases_positive", "battery_positive")),
    *({CONF_SITE: {key: "false"}} for key in ("meter_contains_connectors", "tolerate_overload", "hidden_sun")),
    *({CONF_SITE: {key: ["sensor.a"]}} for key in ("grid_power", "consumption_power", "battery_power", "battery_soc")),
    *({CONF_SITE: {key: "sensor.a"}} for key in ("solar_power", "phase_sensors", "grid_import", "grid_export")),
    *({CONF_SITE: {key: "sensor.a"}} for key in ("grid_others", "battery_charge", "battery_discharge")),
    {CONF_SITE: {"battery_charge": ["sensor.a"], "battery_discharge": "sensor.b"}},
    {CONF_SITE: {"grid_others": ["sensor.a", "sensor.b", "sensor.c"]}},
    *({CONF_SITE: {key: [7]}} for key in ("solar_power", "phase_sensors")),
    *({CONF_SITE: {key: [f"sensor.l{number}" for number in range(4)]}} for key in ("phase_sensors", "other_loads")),
    *({CONF_SITE: {"other_loads": value}} for value in ("sensor.a", [7], None)),
    *({CONF_SITE: {"phase_volts": value}} for value in (0, -230, 1e9, math.nan, "230", None)),
    *({CONF_SITE: {"imbalance": value}} for value in (0, -20, 1e9, math.inf, "20", None)),
    *({CONF_SITE: {"fuse_continuous": value}} for value in ("false", 1, None)),
    *(
        {CONF_CONNECTORS: {str(GARAGE): {"house_phases": value}}}
        for value in ("122", "12", "", "L1", 231, [2, 3, 1], None)
    ),
]  # fmt: skip


@pytest.mark.parametrize("options", ODD_OPTIONS, ids=repr)
async def test_a_bus_with_options_that_cannot_be_meant_is_not_spoken_to(
    hass: HomeAssistant,
    world: World,
    entry: MockConfigEntry,
    monitor: BusMonitor,
    options: dict[str, Any],
) -> None:
    stations = big_ones(world)
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, options={**entry.options, **options})
    assert not await hass.config_entries.async_setup(entry.entry_id)
    await let_cars_charge(world, stations)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == "options_unusable"
    assert next(iter(options)) in (entry.reason or "")
    assert said(monitor) == []


@pytest.mark.parametrize(
    "options",
    [{CONF_CIRCUIT_LIMIT: 1000}, {CONF_CIRCUIT_LIMIT: None}, {CONF_SITE: "grid"}, {CONF_KEEP_MINUTES: "5"}],
    ids=repr,
)
async def test_a_running_bus_whose_options_become_nonsense_falls_silent(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, monitor: BusMonitor, options: dict[str, Any]
) -> None:
    stations = big_ones(world)
    owner = await move_in(hass, world, entry)
    for twcid in (GARAGE, YARD):
        await owner.set_limit(twcid, CIRCUIT_AMPS)
    await let_cars_charge(world, stations)
    before = entry.options
    await owner.choose(options)
    await live(world, 60)
    assert entry.error_reason_translation_key == "options_unusable"
    assert monitor.violations == []
    assert monitor.frames[-1].role is not Role.CONTROLLER
    assert [station.connector.drawn_amps for station in stations] == [0, 0], "the fail-safe of the units"
    hass.config_entries.async_update_entry(entry, options=before)
    await hass.config_entries.async_reload(entry.entry_id)
    await live(world, 60)
    assert entry.state is ConfigEntryState.LOADED
    assert monitor.violations == []


@pytest.mark.parametrize(
    "value",
    [80, 81, math.nan, "80", *(pytest.param(value, marks=pytest.mark.long) for value in (1e300, -1, True))],
    ids=repr,
)
@pytest.mark.parametrize("key", ["circuit_limit", "current_limit", "offered_amps", "rated_amps"])
async def test_no_file_raises_anything(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    world: World,
    entry: MockConfigEntry,
    monitor: BusMonitor,
    key: str,
    value: Any,
) -> None:
    stations = big_ones(world)
    owner = await move_in(hass, world, entry)
    for twcid in (GARAGE, YARD):
        await owner.set_limit(twcid, CIRCUIT_AMPS)
    await let_cars_charge(world, stations)
    await owner.let_changes_be_written()
    file = hass_storage[owner.storage_key]
    parts = {
        "circuit_limit": [file["data"]],
        "current_limit": list(file["data"]["wishes"].values()),
        "offered_amps": list(file["data"]["remembered"].values()),
        "rated_amps": list(file["data"]["remembered"].values()),
    }
    for part in parts[key]:
        assert key in part
        part[key] = value
    await owner.crash(file, hass_storage)
    await world.pass_time(FOUND_SECONDS)
    await let_cars_charge(world, stations)
    assert entry.state is ConfigEntryState.LOADED
    assert monitor.violations == []
    assert monitor.peak_drawn_amps <= CIRCUIT_AMPS
    assert said(monitor), "the bus was started all the same"
