"""Home Assistant starts anew while a car charges from the sun: the sensors of the house come later than the bus."""

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.const import CONF_CONNECTORS
from custom_components.tesla_twc.twc.protocol.messages import ContactorCommand
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import LEAF
from custom_components.tesla_twc.twc.simulator.station import Station
from custom_components.tesla_twc.twc.simulator.tools.monitor import BusMonitor
from tests.integration.conftest import World
from tests.integration.owner import CAR_SECONDS, GARAGE, Owner, move_in
from tests.integration.test_modes import GRID, SITE, Meter, choose, why

pytestmark = pytest.mark.once


@pytest.fixture
def meter(world: World, garage: Station) -> Meter:
    meter = Meter(world, garage)
    meter.report()
    return meter


@pytest.fixture(params=["contactor", "hold_at_minimum"])
async def sunny(
    request: pytest.FixtureRequest,
    hass: HomeAssistant,
    world: World,
    garage: Station,
    meter: Meter,
    entry: MockConfigEntry,
) -> Owner:
    choices = {str(GARAGE): {"stop_method": request.param, "accepts_minimum": True}}
    owner = await move_in(hass, world, entry, {**SITE, CONF_CONNECTORS: choices})
    await owner.set_limit(GARAGE, 16)
    meter.sun = 3500.0
    garage.plug(Car(LEAF))
    await choose(owner, "solar")
    await meter.live(CAR_SECONDS + 300)
    return owner


async def test_a_car_that_follows_the_sun_is_not_stopped_by_a_reload(
    hass: HomeAssistant, world: World, garage: Station, meter: Meter, entry: MockConfigEntry, sunny: Owner
) -> None:
    assert why(sunny) == "following_surplus"
    before = garage.connector.drawn_amps
    assert before > 10
    monitor = BusMonitor(world.line, circuit_limit_amps=32)
    hass.states.async_set(GRID, STATE_UNAVAILABLE)
    assert await hass.config_entries.async_reload(entry.entry_id)
    lowest = before
    for _ in range(60):
        world.clock.advance(1)
        await hass.async_block_till_done()
        lowest = min(lowest, garage.connector.drawn_amps)
    assert lowest > 4, "the contactor stayed closed"
    await meter.live(120)
    assert why(sunny) == "following_surplus"
    assert garage.connector.drawn_amps == pytest.approx(before, abs=1.2)
    assert not [message for message in monitor.messages(ContactorCommand) if not message.close]
    assert not monitor.violations
