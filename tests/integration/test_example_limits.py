"""Fuses, circuits and automations of docs/examples: each page followed by the letter, and lived in."""

from dataclasses import replace

from freezegun.api import FrozenDateTimeFactory
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import LEAF, TESLA
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.example_house import ExampleHouse, Phases, Sensor
from tests.integration.example_stay import HOUR, MINUTE, drifting, kettle, move_to
from tests.integration.owner import GARAGE, YARD

pytestmark = pytest.mark.once


async def test_a_kettle_and_an_oven_find_room_under_the_main_fuse(
    world: World, garage: Station, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    def load(seconds: float) -> Phases:
        oven = 2300.0 if seconds > 1500 and seconds % 60 < 40 else 0.0
        return (1600 + kettle(seconds), 900 + oven, 500)

    house = ExampleHouse(
        world, freezer, [garage], begins="2026-11-25T17:00:00+00:00", load=load, fuse_amps=25
    )
    phases = [
        Sensor(
            entity_id=f"sensor.p1_meter_current_phase_{phase + 1}",
            value=lambda now, phase=phase: now.phase_amps[phase],
            every=5,
            late=1,
            unit="A",
            device_class="current",
            platform="homewizard",
            unique_id=f"HWE-P1_5c2faf0123ab_active_current_l{phase + 1}_a",
        )
        for phase in range(3)
    ]
    at = await move_to("main_fuse.md", world, entry, house, *phases)
    await at.screens.open("site")
    await at.screens.answer(method="none")
    await at.screens.answer(
        phase_sensors=[phase.entity_id for phase in phases], phases_positive="import", fuse=25
    )
    await at.screens.leave_the_rest()
    await at.screens.save()
    await at.owner.set_limit(GARAGE, 16)
    at.watch()
    garage.plug(Car(TESLA))
    await house.live(1.25 * HOUR)
    at.page.must_count("longest overload of a phase, s", house.longest_overload, off_by=5)
    at.check()
    assert house.longest_overload <= 10


TAKEN, GIVEN = "sensor.electricity_meter_power_consumption", "sensor.electricity_meter_power_production"


async def test_two_cars_share_a_circuit_and_one_goes_first(
    world: World, garage: Station, yard: Station, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    house = ExampleHouse(
        world,
        freezer,
        [garage, yard],
        begins="2026-06-21T05:50:00+00:00",
        peak_watts=12_500,
        load=lambda seconds: (300 + kettle(seconds, every=2000), 0, 0),
    )
    at = await move_to(
        "two_cars.md",
        world,
        entry,
        house,
        *(
            Sensor(
                entity_id=entity_id,
                value=lambda now, sign=sign: max(0.0, sign * now.grid) / 1000,
                every=10,
                late=1,
                unit="kW",
                digits=3,
                platform="dsmr",
                unique_id=f"12345678_{key}",
            )
            for entity_id, key, sign in (
                (TAKEN, "current_electricity_usage", 1),
                (GIVEN, "current_electricity_delivery", -1),
            )
        ),
    )
    for twcid in (GARAGE, YARD):
        await at.screens.open("wall_connector")
        await at.screens.answer(twcid=str(twcid))
        await at.screens.answer(stop_method="contactor")
    await at.screens.open("site")
    await at.screens.answer(proposal=f"{TAKEN}+{GIVEN}")
    await at.screens.answer(grid_import=TAKEN, grid_export=GIVEN, meter_contains_connectors=True)
    await at.screens.leave_the_rest()
    await at.screens.save()
    for twcid in (GARAGE, YARD):
        await at.owner.set_limit(twcid, 32)
        await at.owner.choose_mode(twcid, "solar")
    await at.set_number("priority", 8, GARAGE)
    at.watch()
    garage.plug(Car(replace(LEAF, maximum_amps=16)))
    await house.live(10 * MINUTE)
    yard.plug(Car(LEAF))
    assert garage.connector.drawn_amps > 10
    assert yard.connector.drawn_amps < 1
    await house.live(45 * MINUTE)
    assert garage.connector.drawn_amps == 16, "it has all it can take before"
    assert yard.connector.drawn_amps > 5, "the other one begins"
    for twcid in (GARAGE, YARD):
        await at.owner.choose_mode(twcid, "fast")
    await house.live(5 * MINUTE)
    assert (garage.connector.offered_amps, yard.connector.offered_amps) == (18, 14)
    garage.unplug()
    await house.live(5 * MINUTE)
    assert yard.connector.offered_amps == 26
    at.check()


async def test_an_automation_of_the_owner_sets_the_amps(
    world: World, garage: Station, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    house = ExampleHouse(
        world,
        freezer,
        [garage],
        begins="2026-06-21T09:00:00+00:00",
        peak_watts=5000,
        clouds=drifting,
        load=lambda seconds: (300 + kettle(seconds), 0, 0),
    )
    meter = Sensor(entity_id="sensor.grid_power", value=lambda now: now.grid, every=10, late=2)
    at = await move_to("own_automation.md", world, entry, house, meter)
    for block in at.page.yaml():
        for domain in block:
            assert await async_setup_component(world.hass, domain, block)
    await world.hass.async_block_till_done()
    at.watch()
    garage.plug(Car(LEAF))
    limits: set[float] = set()
    for _ in range(60):
        await house.live(MINUTE)
        limits.add(at.owner.number("current_limit", GARAGE))
    assert {6, 16} < limits <= set(range(6, 17))
    await world.hass.services.async_call(
        "automation", "turn_off", {"entity_id": "automation.amps_for_the_car"}, blocking=True
    )
    at.check()
    assert house.account.from_grid < 0.1 * house.account.car
