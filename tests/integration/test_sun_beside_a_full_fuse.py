"""A car that waits for the sun and, once there is enough, for the main fuse: it is told what it really waits for."""

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.const import CONF_SITE
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import ZOE
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.fused_house import FUSE_AMPS, SITE, FusedHouse
from tests.integration.owner import GARAGE, Owner, move_in

pytestmark = pytest.mark.once

FULL_AMPS, QUIET_AMPS = 22.0, 4.0
SUN_WATTS = 9000.0
WATTS = {"unit_of_measurement": "W", "device_class": "power"}
SUNNY_SITE = {
    **SITE,
    "measurement": "grid",
    "grid_power": "sensor.grid",
    "grid_positive": "import",
    "meter_contains_connectors": True,
}


class SunnyFusedHouse(FusedHouse):
    """A house with so much sun that it exports in any case, and one phase that is nearly full."""

    sun_watts = 0.0

    def report(self, house: float) -> None:
        super().report(house)
        drawn = self.cars_amps * 3 * 230.0
        self.world.hass.states.async_set(
            "sensor.grid", f"{drawn - self.sun_watts:.0f}", WATTS, force_update=True
        )


@pytest.fixture
def house(world: World, garage: Station) -> SunnyFusedHouse:
    return SunnyFusedHouse(world, garage)


async def told(house: SunnyFusedHouse, owner: Owner, seconds: int, load: float) -> set[str]:
    """Live for a while, and return which decisions were told."""
    found = set()
    for _ in range(seconds // 5):
        assert await house.live(5, load) <= FUSE_AMPS
        found.add(str(owner.value("decision", GARAGE)))
    return found


async def test_a_start_that_the_fuse_refuses_is_no_stop_after_which_a_car_rests(
    house: SunnyFusedHouse, garage: Station, entry: MockConfigEntry
) -> None:
    house.report(QUIET_AMPS)
    how = {str(GARAGE): {"stop_method": "contactor"}}
    owner = await move_in(house.world.hass, house.world, entry, {CONF_SITE: SUNNY_SITE, "connectors": how})
    await owner.set_limit(GARAGE, 16)
    await owner.choose_mode(GARAGE, "solar")
    garage.plug(Car(ZOE))
    await told(house, owner, 200, QUIET_AMPS)
    assert owner.value("decision", GARAGE) == "waiting_for_surplus"
    await told(house, owner, 60, FULL_AMPS)
    house.sun_watts = SUN_WATTS
    await told(house, owner, 120, FULL_AMPS)
    assert await told(house, owner, 300, FULL_AMPS) == {"held_by_fuse"}
    assert await told(house, owner, 30, QUIET_AMPS) == {"held_by_fuse"}
    await told(house, owner, 60, QUIET_AMPS)
    assert garage.connector.drawn_amps > 5.0
    assert garage.connector.contactor_closings == 2, "once when the car came, and once now"
