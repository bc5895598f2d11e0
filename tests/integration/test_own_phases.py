"""Two old wall connectors, which never tell phases, with cars that load one phase and three."""

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.const import CONF_CONNECTORS, CONF_SITE
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import LEAF, TESLA
from custom_components.tesla_twc.twc.simulator.unit import old_unit
from tests.integration.conftest import World
from tests.integration.owner import CAR_SECONDS, GARAGE, YARD, live, move_in

pytestmark = pytest.mark.once

GRID = "sensor.grid"
SITE = {CONF_SITE: {"measurement": "grid", "grid_power": GRID, "grid_positive": "import"}}


async def test_the_power_and_the_surplus_of_each_are_reckoned_with_its_own_phases(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    garage, yard = (world.wall_connector(old_unit(f"A16K000{twcid}")) for twcid in (GARAGE, YARD))
    owner = await move_in(hass, world, entry, {**SITE, CONF_CONNECTORS: {str(GARAGE): {"phases": 1}}})
    for twcid in (GARAGE, YARD):
        await owner.set_limit(twcid, 10)
    garage.plug(Car(LEAF))
    yard.plug(Car(TESLA))
    await live(world, CAR_SECONDS)
    assert owner.number("charging_power", GARAGE) == pytest.approx(2100, abs=150)
    assert owner.number("charging_power", YARD) == pytest.approx(6300, abs=450)
    before = [owner.number("lifetime_energy", twcid) for twcid in (GARAGE, YARD)]
    await live(world, 600)
    used = [
        owner.number("lifetime_energy", twcid) - kwh
        for twcid, kwh in zip((GARAGE, YARD), before, strict=True)
    ]
    assert used == [pytest.approx(0.34, abs=0.06), pytest.approx(1.02, abs=0.08)]

    await owner.choose_mode(None, "solar")
    for _ in range(120):
        drawn = 230 * garage.connector.drawn_amps + 690 * yard.connector.drawn_amps
        hass.states.async_set(GRID, f"{drawn - 2300:.0f}", {"unit_of_measurement": "W"}, force_update=True)
        await world.pass_time(10)
    assert owner.shown("decision", GARAGE).attributes["phases"] == 1
    assert owner.shown("decision", YARD).attributes["phases"] == 3
    assert owner.value("decision", GARAGE) == "following_surplus"
    assert garage.connector.drawn_amps > 8
    assert yard.connector.drawn_amps == 0, "2.3 kW are too little for three phases"


async def test_a_change_of_the_phases_counts_at_once(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    garage = world.wall_connector(old_unit(f"A16K000{GARAGE}"))
    owner = await move_in(hass, world, entry, SITE)
    garage.plug(Car(LEAF))
    await live(world, CAR_SECONDS)
    assert owner.number("charging_power", GARAGE) == pytest.approx(690 * 5.2, abs=200)
    await owner.choose({CONF_CONNECTORS: {str(GARAGE): {"phases": 1}}})
    await live(world, 10)
    assert owner.number("charging_power", GARAGE) == pytest.approx(230 * 5.2, abs=70)
