"""Entities that mean nothing in a house as it is measured are not there, and come when they do."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.tesla_twc.entities.site_entities import MEANT
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.owner import GARAGE, Owner, change_site, live

GRID = {"measurement": "grid", "grid_power": "sensor.grid", "grid_positive": "import"}
BASE_LOAD = {"measurement": "base_load", "solar_power": ["sensor.roof"], "base_load": 300}
BATTERY = {"battery_power": "sensor.battery", "battery_soc": "sensor.soc", "battery_positive": "charging"}
FUSE = {"measurement": "none", "phase_sensors": ["sensor.l1"], "fuse": 25}

MEASURED = {"surplus_power", "available_current", "input_state", "reserve", "start_grid_share", "shadow"}
WITH_METER = MEASURED | {"meter", "check_meter"}
WITH_BATTERY = WITH_METER | {"battery_first_soc", "battery_helps_soc", "battery_discharge"}


def there(owner: Owner) -> set[str]:
    return {key for key in MEANT if owner.registered(key) is not None}


def unavailable(owner: Owner) -> set[str]:
    return {key for key in there(owner) if not owner.available(key)}


async def test_a_house_without_meter_or_battery_has_nothing_that_shows_nothing(
    world: World, garage: Station, owner: Owner
) -> None:
    await live(world, 60)
    assert there(owner) == set()
    shown = [state.entity_id for state in world.hass.states.async_all() if state.state == "unavailable"]
    assert shown == []


@pytest.mark.parametrize(
    ("site", "expected"),
    [
        (GRID, WITH_METER),
        (BASE_LOAD, MEASURED),
        (GRID | BATTERY, WITH_BATTERY),
        (FUSE, {"input_state", "shadow"}),
        ({"measurement": "none"} | BATTERY, set()),
    ],
)
async def test_they_come_and_go_with_the_options(
    world: World, garage: Station, owner: Owner, site: dict[str, object], expected: set[str]
) -> None:
    await owner.choose({"site": site})
    await live(world, 10)
    assert there(owner) == expected
    await owner.restart()
    assert there(owner) == expected
    await owner.choose({"site": {"measurement": "none"}})
    await live(world, 10)
    assert there(owner) == set()


async def test_what_the_owner_called_one_is_back_with_it(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    await owner.choose({"site": GRID})
    await live(world, 10)
    registry = er.async_get(hass)
    registry.async_update_entity(
        owner.entity_id("reserve"), new_entity_id="number.for_the_grid", name="For the grid"
    )
    await owner.choose({"site": {"measurement": "none"}})
    await live(world, 10)
    assert hass.states.get("number.for_the_grid") is None
    await owner.restart()
    await owner.choose({"site": GRID})
    await live(world, 10)
    assert owner.entity_id("reserve") == "number.for_the_grid"
    assert owner.shown("reserve").name.endswith("For the grid")


async def test_what_the_owner_disabled_stays_disabled_whatever_the_house_has(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    await owner.choose({"site": GRID})
    await live(world, 10)
    disabled = owner.entity_id("reserve")
    er.async_get(hass).async_update_entity(disabled, disabled_by=er.RegistryEntryDisabler.USER)
    await hass.async_block_till_done()
    for site, expected in (({"measurement": "none"}, {"reserve"}), (GRID, WITH_METER)):
        await owner.choose({"site": site})
        await live(world, 10)
        for _ in range(2):
            assert there(owner) == expected
            assert owner.entity_id("reserve") == disabled
            assert not owner.is_enabled("reserve")
            assert hass.states.get(disabled) is None
            await owner.restart()


async def test_a_shadow_that_is_on_can_be_switched_off(world: World, garage: Station, owner: Owner) -> None:
    await owner.choose({"site": GRID})
    change_site(owner.entry, shadow=True)
    await owner.choose({"site": {"measurement": "none"}})
    await live(world, 10)
    assert there(owner) == {"shadow"}
    change_site(owner.entry, shadow=False)
    await live(world, 10)
    assert there(owner) == set()


async def test_the_words_of_the_protocol_are_diagnostics_and_the_owners_are_not(
    garage: Station, owner: Owner
) -> None:
    state, status = owner.registered("state", GARAGE), owner.registered("status", GARAGE)
    assert state is not None
    assert status is not None
    assert (state.entity_category, status.entity_category) == ("diagnostic", None)
