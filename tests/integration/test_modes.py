"""Charging from the sun as an owner sees it: modes, numbers, switches, and the reason for every ampere."""

import logging
from typing import Any

from homeassistant.components.button import DOMAIN as BUTTON, SERVICE_PRESS
from homeassistant.components.number import DOMAIN as NUMBER, SERVICE_SET_VALUE
from homeassistant.components.select import DOMAIN as SELECT, SERVICE_SELECT_OPTION
from homeassistant.components.switch import DOMAIN as SWITCH, SERVICE_TURN_OFF, SERVICE_TURN_ON
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.const import CONF_CONNECTORS, CONF_SITE
from custom_components.tesla_twc.twc.protocol.codes import TwcId
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import LEAF
from custom_components.tesla_twc.twc.simulator.station import Station
from custom_components.tesla_twc.twc.simulator.tools.monitor import BusMonitor
from tests.integration.conftest import World
from tests.integration.owner import CAR_SECONDS, GARAGE, Owner, live, move_in
from tests.integration.test_repairs import issues

pytestmark = pytest.mark.once

GRID = "sensor.grid"
SITE = {CONF_SITE: {"measurement": "grid", "grid_power": GRID, "grid_positive": "import"}}
BATTERY = {"battery_power": "sensor.battery", "battery_soc": "sensor.soc", "battery_positive": "charging"}
STOPPABLE = {CONF_CONNECTORS: {str(GARAGE): {"stop_method": "contactor"}}}


class Meter:
    """A grid meter that contains the car, fed with a sun and a load."""

    def __init__(self, world: World, garage: Station) -> None:
        self.world, self.garage = world, garage
        self.sun, self.load = 0.0, 400.0

    def report(self) -> None:
        car = sum(self.garage.connector.session.outlet.phase_amps) * 230
        watts = round(self.load + car - self.sun)
        about = {"unit_of_measurement": "W", "device_class": "power"}
        self.world.hass.states.async_set(GRID, str(watts), about, force_update=True)

    async def live(self, seconds: int) -> None:
        """Let time pass, with a report every 5 s."""
        for _ in range(seconds // 5):
            self.report()
            self.world.clock.advance(5)
            await self.world.hass.async_block_till_done()


@pytest.fixture
def meter(hass: HomeAssistant, world: World, garage: Station) -> Meter:
    """Install a meter before the integration starts."""
    meter = Meter(world, garage)
    meter.report()
    return meter


@pytest.fixture
async def sunny(
    hass: HomeAssistant, world: World, garage: Station, meter: Meter, entry: MockConfigEntry
) -> Owner:
    """Run the integration with the meter, a one-phase car on the cable and 16 A allowed."""
    owner = await move_in(hass, world, entry, {**SITE, **STOPPABLE})
    await owner.set_limit(GARAGE, 16)
    garage.plug(Car(LEAF))
    await meter.live(CAR_SECONDS)
    return owner


async def act(owner: Owner, domain: str, action: str, key: str, twcid: TwcId | None, **data: Any) -> None:
    target = {"entity_id": owner.entity_id(key, twcid)}
    await owner.hass.services.async_call(domain, action, {**target, **data}, blocking=True)


async def choose(owner: Owner, mode: str) -> None:
    await act(owner, SELECT, SERVICE_SELECT_OPTION, "charge_mode", GARAGE, option=mode)


def why(owner: Owner) -> str:
    return owner.value("decision", GARAGE)


async def test_a_car_follows_the_sun_and_tells_why(
    world: World, garage: Station, meter: Meter, sunny: Owner
) -> None:
    monitor = BusMonitor(world.line, circuit_limit_amps=32)
    assert why(sunny) == "at_limit"
    await choose(sunny, "solar")
    await meter.live(900)
    assert why(sunny) == "waiting_for_surplus"
    assert garage.connector.drawn_amps < 1
    meter.sun = 3600.0
    await meter.live(900)
    assert why(sunny) == "following_surplus"
    assert 12 <= garage.connector.offered_amps <= 14, "the car stays 0.8 A below its offer"
    assert 3000 <= sunny.number("surplus_power") <= 3400
    assert 12 <= sunny.number("available_current") <= 15
    assert sunny.value("input_state") == "fresh"
    decided = sunny.shown("decision", GARAGE).attributes
    assert decided["current"] == garage.connector.offered_amps
    assert decided["phases"] == 1
    assert decided["mode"] == "solar"
    assert monitor.violations == []


async def test_a_car_that_does_not_begin_is_told_of_also_while_there_is_no_sun(
    hass: HomeAssistant, garage: Station, meter: Meter, sunny: Owner
) -> None:
    await choose(sunny, "solar")
    garage.unplug()
    await meter.live(30)
    meter.sun = 6000.0
    garage.plug(Car(LEAF, refuses=True))
    await meter.live(600)
    told_of = f"car_takes_nothing_{sunny.entry.entry_id}_3495"
    assert told_of in issues(hass)
    for sun in (0.0, 6000.0, 0.0):
        meter.sun = sun
        for _ in range(60):
            await meter.live(10)
            assert told_of in issues(hass), (sun, why(sunny))
    assert why(sunny) == "waiting_for_surplus"
    await choose(sunny, "off")
    await meter.live(30)
    assert told_of not in issues(hass), "nobody wants it to charge"


async def test_the_mode_of_the_bus_rules_those_without_one_of_their_own(
    meter: Meter, garage: Station, sunny: Owner
) -> None:
    assert sunny.value("charge_mode", GARAGE) == "follow_bus"
    await act(sunny, SELECT, SERVICE_SELECT_OPTION, "default_mode", None, option="off")
    await meter.live(120)
    assert why(sunny) == "off"
    await choose(sunny, "fast")
    await meter.live(120)
    assert why(sunny) == "at_limit"
    await choose(sunny, "follow_bus")
    await meter.live(10)
    assert why(sunny) == "off"


async def test_what_was_chosen_survives_a_restart(meter: Meter, sunny: Owner) -> None:
    sunny.hass.states.async_set("sensor.battery", "0", {"unit_of_measurement": "W"})
    sunny.hass.states.async_set("sensor.soc", "90", {"unit_of_measurement": "%"})
    await sunny.choose({CONF_SITE: SITE[CONF_SITE] | BATTERY})
    await meter.live(10)
    await choose(sunny, "solar_min")
    await act(sunny, NUMBER, SERVICE_SET_VALUE, "reserve", None, value=-300)
    await act(sunny, NUMBER, SERVICE_SET_VALUE, "battery_first_soc", None, value=60)
    await act(sunny, NUMBER, SERVICE_SET_VALUE, "priority", GARAGE, value=9)
    await act(sunny, NUMBER, SERVICE_SET_VALUE, "minimum_current", GARAGE, value=8)
    await act(sunny, SWITCH, SERVICE_TURN_OFF, "battery_discharge", None)
    await meter.live(600)
    closings = sunny.value("contactor_closings", GARAGE)
    await sunny.restart()
    await meter.live(60)
    shown = {key: sunny.value(key, GARAGE) for key in ("charge_mode", "priority", "minimum_current")}
    assert shown == {"charge_mode": "solar_min", "priority": "9", "minimum_current": "8"}
    assert sunny.value("reserve") == "-300"
    assert sunny.value("battery_first_soc") == "60"
    assert sunny.value("battery_discharge") == "off"
    assert sunny.value("contactor_closings", GARAGE) == closings != "0"
    assert sunny.number("offered_current", GARAGE) == 8


async def test_what_was_chosen_about_a_battery_outlives_the_time_without_one(
    meter: Meter, sunny: Owner
) -> None:
    await sunny.choose({CONF_SITE: SITE[CONF_SITE] | BATTERY})
    await meter.live(10)
    await act(sunny, NUMBER, SERVICE_SET_VALUE, "battery_first_soc", None, value=60)
    await act(sunny, SWITCH, SERVICE_TURN_OFF, "battery_discharge", None)
    await sunny.choose(SITE)
    await meter.live(10)
    assert sunny.registered("battery_first_soc") is None
    await sunny.restart()
    await sunny.choose({CONF_SITE: SITE[CONF_SITE] | BATTERY})
    await meter.live(10)
    assert sunny.value("battery_first_soc") == "60"
    assert sunny.value("battery_discharge") == "off"


async def test_the_shadow_decides_everything_and_changes_nothing(
    meter: Meter, garage: Station, sunny: Owner
) -> None:
    await act(sunny, SWITCH, SERVICE_TURN_ON, "shadow", None)
    await choose(sunny, "solar")
    await meter.live(900)
    assert why(sunny) == "waiting_for_surplus"
    assert garage.connector.offered_amps == 16
    await act(sunny, SWITCH, SERVICE_TURN_OFF, "shadow", None)
    await meter.live(120)
    assert garage.connector.drawn_amps < 1


async def test_amps_of_an_action_hold_for_their_time_and_end_with_a_mode(
    world: World, meter: Meter, garage: Station, sunny: Owner
) -> None:
    coordinator = sunny.entry.runtime_data
    coordinator.owner_settings.fix_current(GARAGE, 10, 120)
    await meter.live(60)
    assert (why(sunny), garage.connector.offered_amps) == ("set_by_action", 10)
    await meter.live(90)
    assert (why(sunny), garage.connector.offered_amps) == ("at_limit", 16)
    coordinator.owner_settings.fix_current(GARAGE, 9, None)
    await meter.live(60)
    assert garage.connector.offered_amps == 9
    await choose(sunny, "fast")
    await meter.live(30)
    assert garage.connector.offered_amps == 16
    coordinator.owner_settings.fix_current(GARAGE, 9, None)
    await meter.live(20)
    garage.unplug()
    await meter.live(30)
    garage.plug(Car(LEAF))
    await meter.live(60)
    assert garage.connector.offered_amps == 16


async def test_a_fraction_is_refused(sunny: Owner) -> None:
    with pytest.raises(ServiceValidationError, match="not a whole number"):
        await act(sunny, NUMBER, SERVICE_SET_VALUE, "reserve", None, value=10.5)
    with pytest.raises(ServiceValidationError, match="not a whole number of amps"):
        await act(sunny, NUMBER, SERVICE_SET_VALUE, "minimum_current", GARAGE, value=6.5)


async def test_the_meter_can_be_checked_while_a_car_charges(
    meter: Meter, garage: Station, sunny: Owner
) -> None:
    await meter.live(120)
    await act(sunny, BUTTON, SERVICE_PRESS, "check_meter", None)
    offered = set()
    for _ in range(60):
        await meter.live(10)
        offered.add(garage.connector.offered_amps)
        if sunny.shown("meter").attributes["check"] != "running":
            break
    assert {13.0, 16.0} <= offered
    assert sunny.value("meter") == "contained"
    about = sunny.shown("meter").attributes
    assert (about["check"], about["check_verdict"]) == ("done", "contained")
    assert about["gain"] == pytest.approx(1.0, abs=0.2)
    assert about["check_broken_off_by"] is None


async def test_without_a_charge_there_is_nothing_to_check(
    meter: Meter, garage: Station, sunny: Owner
) -> None:
    garage.unplug()
    await meter.live(60)
    with pytest.raises(ServiceValidationError, match="while a car charges"):
        await act(sunny, BUTTON, SERVICE_PRESS, "check_meter", None)


async def test_an_owner_without_sensors_is_not_bothered(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    await live(world, 30)
    assert owner.registered("surplus_power") is None
    assert owner.registered("check_meter") is None
    await choose(owner, "solar")
    assert why(owner) == "not_measured"


async def test_a_decision_is_logged_in_one_sentence_when_it_changes(
    meter: Meter, sunny: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.clear()
    await choose(sunny, "off")
    await meter.live(60)
    lines = [line for line in caplog.messages if line.startswith(f"Wall connector {GARAGE} gets 0 A (off)")]
    assert len(lines) == 1
