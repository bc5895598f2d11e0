"""How many rows the recorder writes, with nothing lost that an owner could see."""

from dataclasses import replace
import random

from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.components.recorder.db_schema import States
from homeassistant.components.recorder.util import session_scope
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done

from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import ZOE
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.owner import GARAGE, Owner

SECONDS = 1800
"""Half an hour."""
IDLE_ROWS = 60
CHARGING_ROWS = 500


@pytest.fixture(autouse=True)
def custom_integrations(recorder_mock: Recorder, enable_custom_integrations: None) -> None:
    """Start the recorder before Home Assistant, as it has to be."""


def measure_unsteadily(station: Station, dice: random.Random) -> None:
    """Let the last digits of a measurement move, as those of real units do (protocol.md 2.4, frames 85 to 87)."""
    unit = station.connector.unit
    habits = replace(
        unit.habits, idle_offset_amps=dice.uniform(0.19, 0.25), measuring_gain=dice.uniform(0.985, 1.015)
    )
    station.connector.unit = replace(unit, habits=habits)


async def rows_of_half_an_hour(world: World, station: Station) -> int:
    """Let half an hour pass and count what the recorder wrote."""

    def count() -> int:
        with session_scope(hass=world.hass, read_only=True) as session:
            return session.query(States).count()

    dice = random.Random(1)
    await async_wait_recording_done(world.hass)
    before = await get_instance(world.hass).async_add_executor_job(count)
    for second in range(SECONDS):
        measure_unsteadily(station, dice)
        world.clock.advance(1)
        if second % 10 == 0:
            await world.hass.async_block_till_done()
    await async_wait_recording_done(world.hass)
    return await get_instance(world.hass).async_add_executor_job(count) - before


@pytest.mark.once
async def test_an_idle_wall_connector_writes_next_to_nothing(
    world: World, garage: Station, owner: Owner
) -> None:
    assert await rows_of_half_an_hour(world, garage) <= IDLE_ROWS


@pytest.mark.once
@pytest.mark.parametrize(
    "amps", [pytest.param(6, marks=pytest.mark.long), pytest.param(16, marks=pytest.mark.long), 32]
)
async def test_a_charging_wall_connector_is_drawn_finely_with_few_rows(
    world: World, garage: Station, owner: Owner, amps: int
) -> None:
    await owner.set_limit(GARAGE, amps)
    garage.plug(Car(ZOE))
    assert await rows_of_half_an_hour(world, garage) <= CHARGING_ROWS
    true_amps, true_kwh = garage.connector.drawn_amps, garage.connector.true_kwh
    assert owner.number("charging_current", GARAGE) == pytest.approx(true_amps, abs=1.0)
    assert owner.number("charging_power", GARAGE) == pytest.approx(true_amps * 690, abs=690)
    assert owner.number("lifetime_energy", GARAGE) == pytest.approx(true_kwh, abs=1.0)
