"""Charging from the sun in the houses of docs/examples: each page followed by the letter, and lived in."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.core import HomeAssistant, ServiceCall
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.const import CONF_PHASES, DOMAIN
from custom_components.tesla_twc.twc.simulator.battery import Battery
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import LEAF, TESLA, TESLA_US
from custom_components.tesla_twc.twc.simulator.station import Station
from custom_components.tesla_twc.twc.simulator.unit import old_unit
from tests.integration.conftest import World
from tests.integration.example_house import ExampleHouse, Moment, Sensor
from tests.integration.example_stay import HOUR, MINUTE, Stay, drifting, kettle, move_to
from tests.integration.owner import GARAGE

pytestmark = pytest.mark.once


def fronius(key: str, value: Callable[[Moment], float | None], **how: Any) -> Sensor:
    """A sensor of the SolarNet device, which is asked every 10 s."""
    return Sensor(
        entity_id=f"sensor.solarnet_{key}",
        value=value,
        every=10,
        platform="fronius",
        unique_id=f"solar_net_123.4567-power_flow-{key}",
        **how,
    )


async def test_a_fronius_without_a_meter_sleeps_at_night_and_begins_again_in_the_morning(
    world: World, garage: Station, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    house = ExampleHouse(
        world,
        freezer,
        [garage],
        begins="2026-10-10T07:35:00+00:00",  # late in the afternoon
        place=(-12.46, 130.84),
        peak_watts=10_000,
        load=lambda seconds: (300 + kettle(seconds), 0, 0),
    )
    at = await move_to(
        "fronius_without_meter.md",
        world,
        entry,
        house,
        fronius("power_photovoltaics", lambda now: now.solar if now.sun > 1 else None),
    )
    await at.screens.open("wall_connector")
    await at.screens.answer(stop_method="contactor")
    await at.screens.open("site")
    await at.screens.answer(proposal="sensor.solarnet_power_photovoltaics")
    await at.screens.answer(solar_power=["sensor.solarnet_power_photovoltaics"], base_load=400)
    await at.screens.leave_the_rest()
    await at.screens.save()
    await at.owner.set_limit(GARAGE, 16)
    await at.owner.choose_mode(GARAGE, "solar")
    at.watch()
    garage.plug(Car(LEAF))
    await house.live_until(lambda: house.now().sun < 0, at_most=3 * HOUR)
    evening = house.stories[GARAGE].starts
    await house.live(17 * MINUTE)
    assert at.owner.value("input_state") == "night"
    assert house.issues == []
    house.skip(11.6 * HOUR)
    await house.live_until(lambda: house.stories[GARAGE].starts > evening, at_most=2 * HOUR)
    await house.live(10 * MINUTE)
    at.check()
    assert house.account.from_grid < 0.2 * house.account.car, "kettles are the price of having no meter"


async def test_a_meter_that_contains_the_car_makes_no_car_swing(
    world: World, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    garage = world.wall_connector(old_unit(f"A16K000{GARAGE}"))
    wired = MockConfigEntry(
        domain=DOMAIN, title=entry.title, data=entry.data, options={**entry.options, CONF_PHASES: 1}
    )
    house = ExampleHouse(
        world,
        freezer,
        [garage],
        begins="2026-10-10T03:00:00+00:00",  # before noon
        place=(-31.95, 115.86),
        peak_watts=7000,
        clouds=lambda seconds: drifting(seconds - 2400) if seconds > 2400 else 0.0,
        load=lambda seconds: (350 + (kettle(seconds) if seconds > 2400 else 0.0), 0, 0),
    )
    at = await move_to(
        "fronius_with_meter.md",
        world,
        wired,
        house,
        fronius("power_grid", lambda now: now.grid, late=2),
        fronius("power_photovoltaics", lambda now: now.solar),
    )
    await at.screens.open("site")
    await at.screens.answer(proposal="sensor.solarnet_power_grid")
    await at.screens.answer(
        grid_power="sensor.solarnet_power_grid",
        grid_positive="import",
        meter_contains_connectors=True,
        solar_power=["sensor.solarnet_power_photovoltaics"],
    )
    await at.screens.leave_the_rest()
    await at.screens.save()
    await at.owner.set_limit(GARAGE, 32)
    await at.owner.choose_mode(GARAGE, "solar")
    at.watch()
    garage.plug(Car(replace(TESLA_US, maximum_amps=32)))
    await house.live(10 * MINUTE)
    calm = len(house.stories[GARAGE].offers)
    await house.live(30 * MINUTE)
    amps = [offer for _, offer in house.stories[GARAGE].offers[calm - 1 :]]
    assert max(amps) - min(amps) <= 2, "the sun alone rises, and nothing else moves"
    await house.live(70 * MINUTE)
    at.check()
    assert house.account.from_grid < 0.03 * house.account.car
    assert house.stories[GARAGE].starts == 2, "one deep cloud stops it"


@pytest.mark.long
async def test_a_production_that_is_a_quarter_of_an_hour_old_is_followed_all_the_same(
    world: World, garage: Station, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    house = ExampleHouse(
        world,
        freezer,
        [garage],
        begins="2026-06-21T08:30:00+00:00",
        peak_watts=9000,
        clouds=lambda seconds: 0.7 if 3600 < seconds < 5400 else 0.0,
        load=lambda seconds: (200 + kettle(seconds), 200, 200),
    )
    power = Sensor(
        entity_id="sensor.solaredge_current_power",
        value=lambda now: now.solar,
        every=15 * MINUTE,
        late=10 * MINUTE,
        platform="solaredge",
        unique_id="1234567_current_power",
    )
    at = await move_to("solaredge_cloud.md", world, entry, house, power)
    await at.screens.open("wall_connector")
    await at.screens.answer(stop_method="hold_at_minimum", accepts_minimum=True)
    await at.screens.open("site")
    await at.screens.answer(proposal=power.entity_id)
    await at.screens.answer(solar_power=[power.entity_id], base_load=700)
    await at.screens.leave_the_rest()
    await at.screens.save()
    await at.owner.set_limit(GARAGE, 16)
    await at.owner.choose_mode(GARAGE, "solar")
    at.watch()
    garage.plug(Car(TESLA))
    await house.live(1.9 * HOUR)
    at.check()
    assert house.account.from_grid < 0.2 * house.account.car


def powerwall(key: str, unique_id: str, value: Callable[[Moment], float], **how: Any) -> Sensor:
    """A sensor of the site, which is asked every 30 s and answers in kW."""
    how = {"unit": "kW", "digits": 3, **how}
    return Sensor(
        entity_id=f"sensor.my_site_{key}",
        value=value,
        every=30,
        late=2,
        platform="powerwall",
        unique_id=f"TG0123456789AB_TG9876543210BA_{unique_id}",
        **how,
    )


SWITCH = "switch.my_car_charge"


def link_switch(hass: HomeAssistant, car: Car) -> None:
    """Let another integration know the car, and start and stop it."""

    async def switch(call: ServiceCall) -> None:
        car.paused = call.service == "turn_off"
        hass.states.async_set(SWITCH, STATE_OFF if car.paused else STATE_ON)

    for service in ("turn_on", "turn_off"):
        hass.services.async_register("homeassistant", service, switch)
    hass.states.async_set(SWITCH, STATE_ON)


async def powerwall_house(
    world: World,
    garage: Station,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> tuple[Stay, Car, Battery]:
    """Move into a house with a Powerwall and plug a car in."""
    battery = Battery(capacity_kwh=13.5, soc=44.0)
    house = ExampleHouse(
        world,
        freezer,
        [garage],
        begins="2026-10-09T21:50:00+00:00",  # morning
        place=(-33.87, 151.2),
        peak_watts=10_000,
        load=lambda seconds: (400 + kettle(seconds, every=2100), 0, 0),
        battery=battery,
    )
    at = await move_to(
        "powerwall.md",
        world,
        entry,
        house,
        powerwall("site_power", "site_instant_power", lambda now: now.grid / 1000),
        powerwall("solar_power", "solar_instant_power", lambda now: now.solar / 1000),
        powerwall("load_power", "load_instant_power", lambda now: (now.house + now.car) / 1000),
        powerwall("battery_power", "battery_instant_power", lambda now: -now.battery / 1000),
        powerwall("charge", "charge", lambda now: now.soc, unit="%", digits=0, device_class="battery"),
    )
    car = Car(replace(TESLA_US, maximum_amps=32))
    link_switch(world.hass, car)
    await at.screens.open("wall_connector")
    await at.screens.answer(stop_method="car_switch")
    await at.owner.enter_car("Model Y", car_switch=SWITCH, default_at=[str(GARAGE)])
    await at.screens.open("site")
    await at.screens.answer(proposal="sensor.my_site_site_power")
    await at.screens.answer(
        grid_power="sensor.my_site_site_power",
        grid_positive="import",
        meter_contains_connectors=True,
        solar_power=["sensor.my_site_solar_power"],
    )
    await at.screens.answer(
        battery_power="sensor.my_site_battery_power",
        battery_positive="discharging",
        battery_soc="sensor.my_site_charge",
    )
    await at.screens.leave_the_rest()
    await at.screens.save()
    await at.owner.set_limit(GARAGE, 32)
    await at.set_number("battery_first_soc", 50)
    await at.owner.choose_mode(GARAGE, "solar")
    at.watch()
    garage.plug(car)
    return at, car, battery


async def test_a_powerwall_goes_first_in_the_morning_and_then_the_car(
    world: World, garage: Station, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    at, car, battery = await powerwall_house(world, garage, entry, freezer)
    await at.house.live_until(lambda: car.amps > 0, at_most=HOUR)
    assert battery.soc >= 49.5, "it tells whole percents"
    await at.house.live(HOUR)
    at.check()
    account = at.house.account
    assert account.from_grid + account.from_battery < 0.02 * account.car
    assert battery.soc > 49.5
