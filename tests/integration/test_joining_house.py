"""How several buses come to share a house, what becomes of what each knew, and what is left when it is removed."""

from typing import Any

from homeassistant.components.repairs import repairs_flow_manager
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    SOURCE_SYSTEM,
    SOURCE_USER,
    ConfigEntryDisabler,
    ConfigEntryState,
)
from homeassistant.const import CONF_DEVICE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc import button, number, switch
from custom_components.tesla_twc.const import CONF_SITE, DOMAIN, SIMULATED_DEVICE
from custom_components.tesla_twc.entities.decision import SITE_SENSORS
from custom_components.tesla_twc.entities.outside import CEILING_SENSORS, DIMMED
from custom_components.tesla_twc.registry.house_entry import HOUSE_ENTITIES, house_entry
from custom_components.tesla_twc.select import HOUSE_SELECTS
from custom_components.tesla_twc.twc.simulator.line import Line
from custom_components.tesla_twc.twc.simulator.unit import Unit
from tests.integration.conftest import World
from tests.integration.owner import FOUND_SECONDS, GARAGE, Owner, change_site
from tests.integration.test_repairs import issues
from tests.integration.two_buses import BARN, FUSED, GRID, METERED, PHASES, WATTS, Estate, two_buses

OTHER_GRID = "sensor.other_grid"
FUSE_OF_METER = {"phase_sensors": PHASES, "phases_positive": "import", "fuse": 35}


async def fix(hass: HomeAssistant, issue_id: str) -> Any:
    """Open the dialogue of an issue."""
    assert await async_setup_component(hass, "repairs", {})
    manager = repairs_flow_manager(hass)
    assert manager is not None
    return await manager.async_init(DOMAIN, data={"issue_id": issue_id})


async def answer(hass: HomeAssistant, form: Any, **given: Any) -> Any:
    """Answer it."""
    manager = repairs_flow_manager(hass)
    assert manager is not None
    return await manager.async_configure(form["flow_id"], given)


def unique_ids(hass: HomeAssistant, entry_id: str) -> dict[str, str]:
    """The entity ids of an entry by their unique ids."""
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry_id)
    return {entity.unique_id: entity.entity_id for entity in entities}


async def both(
    hass: HomeAssistant, world: World, first: dict[str, Any] | None, second: dict[str, Any] | None
) -> Estate:
    """Start Home Assistant with two buses that are configured already."""
    estate = Estate(hass, world)
    hass.states.async_set(OTHER_GRID, "0", WATTS)
    for device, line, site in (("/dev/ttyTWC", world.line, first), (BARN, Line(world.clock), second)):
        options = {} if site is None else {"site": site}
        estate.lay_bus(device, line, Unit(serial_number=f"A17A000{GARAGE}"), **options).add_to_hass(hass)
    estate.report()
    assert await hass.config_entries.async_setup(estate.entries[0].entry_id)
    await hass.async_block_till_done()
    for entry in estate.entries:
        if entry.state is ConfigEntryState.NOT_LOADED:
            assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await estate.live(FOUND_SECONDS)
    return estate


def test_a_shared_house_takes_all_entities_of_the_house() -> None:
    found = {
        "button": [button.CHECK_METER],
        "number": number.SITE_NUMBERS,
        "select": HOUSE_SELECTS,
        "binary_sensor": [DIMMED],
        "sensor": (*SITE_SENSORS, *CEILING_SENSORS),
        "switch": switch.SITE_SWITCHES,
    }
    assert {name: tuple(one.key for one in known) for name, known in found.items()} == {
        platform.value: keys for platform, keys in HOUSE_ENTITIES.items()
    }


@pytest.mark.once
@pytest.mark.parametrize(
    ("first", "second", "founder"),
    [
        pytest.param(METERED, METERED, 0, id="the same meter"),
        pytest.param(METERED, None, 0, id="only the first"),
        pytest.param(None, METERED, 1, id="only the second"),
        pytest.param(None, None, 0, id="nothing"),
        pytest.param({**METERED, **FUSE_OF_METER}, {**FUSED, "fuse": 25}, 0, id="the same main fuse"),
    ],
)
async def test_buses_that_measure_the_same_share_a_house_by_themselves(
    hass: HomeAssistant, world: World, first: Any, second: Any, founder: int
) -> None:
    estate = await both(hass, world, first, second)
    measured = first or second or {}
    site = estate.house.options.get(CONF_SITE, {})
    assert site.get("grid_power") == measured.get("grid_power")
    assert site.get("fuse") == (25 if "fuse" in measured else None), "of two ratings the lower one"
    assert estate.house.data["founder"] == estate.entries[founder].entry_id
    for entry in estate.entries:
        assert CONF_SITE not in entry.options
        assert entry.runtime_data.house is estate.house.runtime_data.house
    assert "one_house" not in issues(hass)


@pytest.mark.once
async def test_buses_that_measure_other_things_are_asked_for_and_joined_by_their_owner(
    hass: HomeAssistant, world: World
) -> None:
    other = {**METERED, "grid_power": OTHER_GRID, **FUSE_OF_METER}
    estate = await both(hass, world, METERED, other)
    garage, barn = (Owner(hass, entry) for entry in estate.entries)
    assert house_entry(hass) is None
    assert garage.registered("reserve") is not None
    assert barn.registered("reserve") is not None
    assert "one_house" in issues(hass)
    form = await fix(hass, "one_house")
    assert form["step_id"] == "join"
    done = await answer(hass, form, bus=garage.entry.entry_id)
    assert done["type"] == "create_entry"
    await hass.async_block_till_done()
    await estate.live(FOUND_SECONDS)
    site = estate.house.options[CONF_SITE]
    assert site["grid_power"] == GRID
    assert site["fuse"] == 35, "a main fuse that only the other one guarded is guarded on"
    assert barn.registered("reserve") is None
    assert "one_house" not in issues(hass)
    assert {entry.state for entry in estate.entries} == {ConfigEntryState.LOADED}
    assert estate.entries[0].runtime_data.house is estate.entries[1].runtime_data.house


@pytest.mark.once
async def test_a_repair_that_is_over_meanwhile_founds_nothing(hass: HomeAssistant, world: World) -> None:
    estate = await both(hass, world, METERED, {**METERED, "grid_power": OTHER_GRID})
    form = await fix(hass, "one_house")
    await hass.config_entries.async_remove(estate.entries[1].entry_id)
    assert "one_house" not in issues(hass)
    assert (await answer(hass, form, bus=estate.entries[0].entry_id))["reason"] == "already_fixed"
    assert house_entry(hass) is None


@pytest.mark.once
async def test_what_the_owner_set_is_taken_over_and_another_default_mode_is_kept_where_it_was(
    hass: HomeAssistant, world: World
) -> None:
    estate = await both(hass, world, METERED, {**METERED, "grid_power": OTHER_GRID})
    garage, barn = (Owner(hass, entry) for entry in estate.entries)
    change_site(garage.entry, reserve=300)
    await garage.choose_mode(None, "solar")
    ids = unique_ids(hass, garage.entry.entry_id)
    form = await fix(hass, "one_house")
    await answer(hass, form, bus=garage.entry.entry_id)
    await hass.async_block_till_done()
    await estate.live(FOUND_SECONDS)
    moved = unique_ids(hass, estate.house.entry_id)
    assert moved.items() <= ids.items(), "neither entity ids nor unique ids have changed"
    assert hass.states.get(moved[f"{garage.entry.entry_id}_reserve"]).state == "300"
    assert hass.states.get(moved[f"{garage.entry.entry_id}_default_mode"]).state == "solar"
    assert garage.value("charge_mode", GARAGE) == "follow_bus"
    assert barn.value("charge_mode", GARAGE) == "fast"


@pytest.mark.once
async def test_a_house_that_is_removed_comes_back_while_there_are_two_buses(
    hass: HomeAssistant, world: World
) -> None:
    estate, garage, barn = await two_buses(hass, world, {**METERED, **FUSE_OF_METER})
    change_site(garage.entry, reserve=300)
    before = estate.house
    options, ids = before.options, unique_ids(hass, before.entry_id)
    await hass.config_entries.async_remove(before.entry_id)
    await hass.async_block_till_done()
    await estate.live(FOUND_SECONDS)
    assert estate.house.entry_id != before.entry_id
    assert estate.house.options == options
    assert unique_ids(hass, estate.house.entry_id) == ids
    assert garage.entry.runtime_data.house is barn.entry.runtime_data.house
    assert garage.entry.runtime_data.house.owner.site.reserve == 300
    assert garage.entry.runtime_data.house.site.fuse_amps == 35


@pytest.mark.parametrize("is_founder", [True, False])
async def test_the_last_bus_gets_the_house_back(hass: HomeAssistant, world: World, is_founder: bool) -> None:
    estate, garage, barn = await two_buses(hass, world, {**METERED, **FUSE_OF_METER})
    last, gone = (garage, barn) if is_founder else (barn, garage)
    change_site(garage.entry, reserve=300)
    entity_ids = set(unique_ids(hass, estate.house.entry_id).values())
    await hass.config_entries.async_remove(gone.entry.entry_id)
    await estate.live(10)
    house = estate.house
    assert last.entry.runtime_data.house.is_shared, "a house outlives its buses"
    await hass.config_entries.async_remove(house.entry_id)
    await hass.async_block_till_done()
    await estate.live(FOUND_SECONDS)
    assert house_entry(hass) is None
    assert last.entry.options[CONF_SITE] == {**METERED, **FUSE_OF_METER}
    assert last.entry.runtime_data.house.site.fuse_amps == 35
    assert last.number("reserve") == 300
    assert entity_ids <= set(unique_ids(hass, last.entry.entry_id).values())


async def test_simulated_wall_connectors_share_no_house(hass: HomeAssistant, world: World) -> None:
    estate = Estate(hass, world)
    real = estate.lay_bus("/dev/ttyTWC", world.line, Unit(serial_number=f"A17A000{GARAGE}"))
    await estate.set_up(real)
    simulated = MockConfigEntry(
        domain=DOMAIN, data={CONF_DEVICE: SIMULATED_DEVICE, "speed": 1}, options=real.options
    )
    simulated.add_to_hass(hass)
    assert await hass.config_entries.async_setup(simulated.entry_id)
    await hass.async_block_till_done()
    assert house_entry(hass) is None


# The dialogue


async def test_a_second_bus_says_that_both_share_a_house(hass: HomeAssistant, world: World) -> None:
    estate = Estate(hass, world)
    await estate.set_up(
        estate.lay_bus("/dev/ttyTWC", world.line, Unit(serial_number=f"A17A000{GARAGE}"), site=METERED)
    )
    estate.lay_bus(BARN, Line(world.clock), Unit(serial_number=f"B17A000{GARAGE}"))
    flow = hass.config_entries.flow
    result: Any = await flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    result = await flow.async_configure(result["flow_id"], {"next_step_id": "serial"})
    result = await flow.async_configure(result["flow_id"], {CONF_DEVICE: BARN})
    await world.pass_time(12)
    await hass.async_block_till_done(wait_background_tasks=True)
    for given in (None, {}, {"circuit_limit": 16, "phases": "3", "voltage": 230}):
        result = await flow.async_configure(result["flow_id"], given)
    assert result["step_id"] == "one_house"
    assert result["description_placeholders"] == {"buses": "Wall connectors on ttyTWC"}
    result = await flow.async_configure(result["flow_id"], {})
    assert result["type"] == "create_entry"
    await hass.async_block_till_done()
    assert estate.house.title == "House"
    assert estate.house.options[CONF_SITE] == METERED
    assert result["result"].runtime_data.house.is_shared


@pytest.fixture
async def shared(hass: HomeAssistant, world: World) -> Estate:
    """Have two buses in one house."""
    estate, _, _ = await two_buses(hass, world, METERED)
    return estate


async def test_there_is_one_house_without_a_port_and_without_cars(
    hass: HomeAssistant, shared: Estate
) -> None:
    flow = hass.config_entries.flow
    context = {"source": SOURCE_SYSTEM}
    again = await flow.async_init(DOMAIN, context=context, data={"founder": shared.entries[0].entry_id})
    assert again["reason"] == "already_configured"
    context = {"source": SOURCE_RECONFIGURE, "entry_id": shared.house.entry_id}
    assert (await flow.async_init(DOMAIN, context=context))["reason"] == "house_has_no_port"
    assert shared.house.supported_subentry_types == {}


@pytest.mark.once
async def test_a_bus_that_is_disabled_founds_no_house_before_it_is_enabled(
    hass: HomeAssistant, world: World
) -> None:
    estate = Estate(hass, world)
    first = estate.lay_bus("/dev/ttyTWC", world.line, Unit(serial_number=f"A17A000{GARAGE}"), site=METERED)
    second = estate.lay_bus(BARN, Line(world.clock), Unit(serial_number=f"B17A000{GARAGE}"))
    second.add_to_hass(hass)
    await hass.config_entries.async_set_disabled_by(second.entry_id, ConfigEntryDisabler.USER)
    await estate.set_up(first)
    assert house_entry(hass) is None
    await hass.config_entries.async_set_disabled_by(second.entry_id, None)
    await hass.async_block_till_done()
    await estate.live(FOUND_SECONDS)
    assert estate.house.options[CONF_SITE] == METERED
    assert first.runtime_data.house is second.runtime_data.house


async def test_a_bus_that_cannot_be_stopped_keeps_the_guard_that_it_has(
    hass: HomeAssistant, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    estate = Estate(hass, world)
    first = estate.lay_bus("/dev/ttyTWC", world.line, Unit(serial_number=f"A17A000{GARAGE}"), site=FUSED)
    await estate.set_up(first)
    second = estate.lay_bus(BARN, Line(world.clock), Unit(serial_number=f"B17A000{GARAGE}"))

    async def refuse(*_: object) -> bool:
        return False

    monkeypatch.setattr("custom_components.tesla_twc.async_unload_entry", refuse)
    await estate.set_up(second)
    assert first.state is ConfigEntryState.FAILED_UNLOAD
    assert first.options[CONF_SITE] == FUSED
    assert second.runtime_data.house.site.fuse_amps == FUSED["fuse"]
