"""Shadow mode in a house with a main fuse: everything is decided and shown, and what protects stays on."""

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.const import CONF_CONNECTORS, CONF_SITE
from custom_components.tesla_twc.twc.charging.settings import ChargeMode
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import LEAF, ZOE
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.fused_house import FUSE_AMPS, SITE, FusedHouse
from tests.integration.owner import CAR_SECONDS, GARAGE, YARD, Owner, move_in
from tests.integration.test_car_control import SWITCH, LinkedCar

pytestmark = pytest.mark.once


@pytest.fixture
async def two(
    hass: HomeAssistant, world: World, garage: Station, yard: Station, entry: MockConfigEntry
) -> tuple[Owner, FusedHouse]:
    """Charge two cars that could take more than the fuse leaves them."""
    house = FusedHouse(world, garage, yard)
    house.report(4)
    owner = await move_in(hass, world, entry, {CONF_SITE: SITE})
    await owner.set_limit(GARAGE, 16)
    await owner.set_limit(YARD, 13)
    garage.plug(Car(ZOE))
    yard.plug(Car(LEAF))
    await house.live(300, 10)
    return owner, house


async def shade(owner: Owner, *, on: bool = True) -> None:
    await owner._call("switch", "turn_on" if on else "turn_off", owner.entity_id("shadow"))


@pytest.mark.long
async def test_whoever_turns_the_shadow_on_leaves_the_main_fuse_guarded(
    two: tuple[Owner, FusedHouse],
) -> None:
    owner, house = two
    guarded = await house.live(300, 10)
    await shade(owner)
    assert await house.live(300, 10) <= guarded <= FUSE_AMPS
    await house.live(10, 13)
    assert await house.live(300, 13) <= FUSE_AMPS


async def test_the_shadow_starts_no_car_that_is_off_and_raises_no_fixed_current(
    two: tuple[Owner, FusedHouse], garage: Station, yard: Station
) -> None:
    owner, house = two
    coordinator = owner.entry.runtime_data
    coordinator.owner_settings.set_charge_mode(GARAGE, ChargeMode.OFF)
    coordinator.owner_settings.fix_current(YARD, 7, None)
    await house.live(60, 4)
    assert (garage.connector.offered_amps, yard.connector.offered_amps) == (6, 7)
    await shade(owner)
    await house.live(300, 4)
    assert (garage.connector.offered_amps, yard.connector.offered_amps) == (6, 7)
    assert [owner.value("decision", twcid) for twcid in (GARAGE, YARD)] == ["cannot_stop", "set_by_action"]


async def test_in_the_shadow_a_car_with_a_switch_hears_of_the_fuse_and_nothing_of_the_sun(
    hass: HomeAssistant, world: World, garage: Station, entry: MockConfigEntry
) -> None:
    house, car = FusedHouse(world, garage), Car(LEAF)
    link = LinkedCar(hass, car)
    house.report(4)
    own = {"maximum_current": 32, "stop_method": "car_switch", "car_switch": SWITCH}
    owner = await move_in(hass, world, entry, {CONF_SITE: SITE, CONF_CONNECTORS: {str(GARAGE): own}})
    await owner.set_limit(GARAGE, 16)
    link.listen()
    garage.plug(car)
    await house.live(CAR_SECONDS, 4)
    await shade(owner)
    owner.entry.runtime_data.owner_settings.set_charge_mode(GARAGE, ChargeMode.SOLAR)
    await house.live(300, 4)
    assert owner.value("decision", GARAGE) == "not_measured"
    assert (link.orders, garage.connector.offered_amps) == ([], 16)
    await house.live(120, 24)
    assert link.orders == [("turn_off", SWITCH)]
    assert house.cars_amps < 1
    await house.live(900, 4)
    assert link.orders[1:] == [("turn_on", SWITCH)]
    assert house.cars_amps > 6
