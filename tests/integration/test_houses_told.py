"""What flows in each house, told to a page while it looks."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser, async_fire_time_changed
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.tesla_twc.dashboard.house_flow import HouseFlow, entities_of, flow_of, told
from custom_components.tesla_twc.twc.charging.readings import Gap, ReadingUnit, SensorReading, SiteReadings
from custom_components.tesla_twc.twc.charging.settings import Measurement, SiteSettings
from tests.integration.conftest import World
from tests.integration.owner import Owner, live

GRID = SiteSettings(measurement=Measurement.GRID)
SILENT = SensorReading(None, 0.0, Gap.UNAVAILABLE)


def watts(value: float) -> SensorReading:
    return SensorReading(value, 0.0)


def test_what_remains_of_the_grid_the_sun_and_the_battery_is_the_house():
    readings = SiteReadings(grid=watts(500), solar=watts(6000), battery=watts(-1000), battery_soc=watts(61.6))
    assert flow_of(readings, GRID, 7000) == HouseFlow(
        solar=6000, grid=500, battery=-1000, cars=7000, home=500, soc=61.6
    )


def test_a_meter_that_does_not_see_the_cars_tells_the_house_alone():
    readings = SiteReadings(grid=watts(500), solar=watts(0))
    assert flow_of(readings, replace(GRID, meter_contains_connectors=False), 7000).home == 500


def test_a_house_that_meters_contradict_for_a_moment_takes_nothing_rather_than_less():
    assert flow_of(SiteReadings(grid=watts(-4000), solar=watts(3800)), GRID, 0).home == 0


def test_a_grid_alone_tells_the_house_only_while_the_cars_are_on_the_grid():
    assert flow_of(SiteReadings(grid=watts(7600)), GRID, 7000).home == 600
    assert flow_of(SiteReadings(grid=watts(100)), GRID, 7000).home is None


def test_nothing_is_computed_from_a_sensor_that_is_silent():
    assert flow_of(SiteReadings(grid=SILENT, solar=watts(3800)), GRID, 0).home is None
    assert flow_of(SiteReadings(grid=watts(300), solar=SILENT), GRID, 0).home is None
    assert flow_of(SiteReadings(grid=watts(300), battery=SILENT), GRID, 0).home is None


def test_what_a_house_uses_and_its_panels_tell_the_grid():
    site = SiteSettings(measurement=Measurement.CONSUMPTION)
    flow = flow_of(SiteReadings(consumption=watts(7600), solar=watts(5000), battery=watts(400)), site, 7000)
    assert (flow.home, flow.grid) == (600, 3000)
    apart = replace(site, meter_contains_connectors=False)
    flow = flow_of(SiteReadings(consumption=watts(600), solar=watts(5000)), apart, 7000)
    assert (flow.home, flow.grid) == (600, 2600)
    assert flow_of(SiteReadings(consumption=SILENT, solar=watts(5000)), site, 7000).grid is None


def test_an_assumed_base_load_is_the_house():
    site = SiteSettings(measurement=Measurement.BASE_LOAD, base_load_watts=300)
    flow = flow_of(SiteReadings(solar=watts(5000)), site, 1400)
    assert (flow.home, flow.grid) == (300, -3300)


def test_phases_are_told_where_they_are_in_amperes():
    phases = (watts(9.0), SensorReading(2000.0, 0.0, unit=ReadingUnit.WATTS), SILENT)
    assert flow_of(SiteReadings(phases=phases), SiteSettings(), 0).phases == (9.0, None, None)


@pytest.mark.parametrize(("elevation", "dark"), [(20.0, False), (-5.0, False), (-7.0, True), (None, False)])
def test_a_page_is_told_when_nothing_can_come_from_the_sun(elevation: float | None, dark: bool):
    flow = flow_of(SiteReadings(grid=watts(900), sun_elevation=elevation), GRID, 4000)
    assert flow.dark is dark
    assert told(flow, {}, lambda _: True)["dark"] is dark


SITE = {
    "measurement": "grid",
    "grid_import": "sensor.taken",
    "grid_export": "sensor.given",
    "solar_power": ["sensor.east", "sensor.west"],
    "battery_power": "sensor.battery",
    "battery_soc": "sensor.soc",
    "phase_sensors": ["sensor.l1"],
    "other_loads": ["sensor.heater"],
}


def test_each_sensor_stands_with_what_it_tells():
    assert entities_of(SITE) == {
        "grid": ["sensor.taken", "sensor.given"],
        "solar": ["sensor.east", "sensor.west"],
        "battery": ["sensor.battery"],
        "battery_soc": ["sensor.soc"],
        "phases": ["sensor.l1"],
    }
    assert entities_of({}) == {}


FLOW = HouseFlow(solar=6000.4, grid=500, battery=-1000, cars=7000, home=500, soc=61.6, phases=(9.04, None))


@pytest.mark.parametrize(
    ("hidden", "kept"),
    [
        (set(), {"solar": 6000, "grid": 500, "battery": -1000, "home": 500, "cars": 7000}),
        ({"sensor.west"}, {"solar": None, "grid": None, "battery": -1000, "home": None, "cars": 7000}),
        ({"sensor.soc"}, {"solar": 6000, "grid": 500, "battery": -1000, "home": 500, "cars": 7000}),
    ],
)
def test_nobody_is_told_what_he_may_not_see(hidden: set[str], kept: dict[str, int | None]):
    answer = told(FLOW, entities_of(SITE), lambda entity_id: entity_id not in hidden)
    assert answer["watts"] == kept
    assert not hidden & {entity for entities in answer["entities"].values() for entity in entities}
    assert answer["battery_soc"] == (None if "sensor.soc" in hidden else 62)
    assert answer["phases"] == [9.0, None]


def test_phases_that_somebody_may_not_see_are_not_told():
    assert told(FLOW, entities_of(SITE), lambda entity_id: entity_id != "sensor.l1")["phases"] == []


WATTS = {"unit_of_measurement": "W", "device_class": "power"}
MEASURED = {"measurement": "grid", "grid_power": "sensor.grid", "grid_positive": "import"}
SUNNY = {**MEASURED, "solar_power": ["sensor.sun"], "fuse": 35, "phase_sensors": ["sensor.l1"]}


@pytest.fixture
def entry(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    hass.states.async_set("sensor.grid", "-1500", WATTS)
    hass.states.async_set("sensor.sun", "2000", WATTS)
    hass.states.async_set("sensor.l1", "-2.2", {"unit_of_measurement": "A", "device_class": "current"})
    options = {**entry.options, "site": SUNNY}
    return MockConfigEntry(domain=entry.domain, title=entry.title, data=dict(entry.data), options=options)


async def later(hass: HomeAssistant) -> None:
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=3))
    await hass.async_block_till_done()


async def test_a_page_is_told_at_once_and_whenever_something_moves(
    hass: HomeAssistant,
    world: World,
    garage: Any,
    owner: Owner,
    hass_ws_client: WebSocketGenerator,
    socket_enabled: None,
) -> None:
    await live(world, 10)
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "tesla_twc/houses"})
    assert (await client.receive_json())["success"]
    (house,) = (await client.receive_json())["event"]["houses"]
    assert house["entry_ids"] == [owner.entry.entry_id]
    assert house["watts"] == {"solar": 2000, "grid": -1500, "battery": None, "home": 500, "cars": 0}
    assert house["fuse"] == 35
    assert (house["phases"], house["dark"]) == ([-2.2], False)
    assert house["entities"] == {"grid": ["sensor.grid"], "solar": ["sensor.sun"], "phases": ["sensor.l1"]}
    # What stays as it is is not told again.
    await later(hass)
    hass.states.async_set("sensor.sun", "2600", WATTS)
    await hass.async_block_till_done()
    await later(hass)
    (house,) = (await client.receive_json())["event"]["houses"]
    assert house["watts"]["home"] == 1100
    # A bus that is loaded anew is the same house to the page.
    await hass.config_entries.async_unload(owner.entry.entry_id)
    await later(hass)
    assert (await client.receive_json())["event"] == {"houses": []}
    await hass.config_entries.async_setup(owner.entry.entry_id)
    await later(hass)
    (house,) = (await client.receive_json())["event"]["houses"]
    assert house["watts"]["solar"] == 2600


async def test_a_user_is_told_what_he_may_see(
    hass: HomeAssistant,
    world: World,
    garage: Any,
    owner: Owner,
    hass_ws_client: WebSocketGenerator,
    hass_read_only_access_token: str,
    hass_read_only_user: MockUser,
    socket_enabled: None,
) -> None:
    await live(world, 10)
    hass_read_only_user.mock_policy({"entities": {"entity_ids": {"sensor.grid": {POLICY_READ: True}}}})
    client = await hass_ws_client(hass, hass_read_only_access_token)
    await client.send_json_auto_id({"type": "tesla_twc/houses"})
    assert (await client.receive_json())["success"]
    (house,) = (await client.receive_json())["event"]["houses"]
    assert house["entities"] == {"grid": ["sensor.grid"]}
    assert house["watts"]["solar"] is None
