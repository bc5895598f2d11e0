"""What the page *System information* tells."""

import asyncio
from typing import Any

from homeassistant.const import CONF_DEVICE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.loader import async_get_integration
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, get_system_health_info

from custom_components.tesla_twc.const import DOMAIN
from custom_components.tesla_twc.twc.simulator.foreign import ForeignController
from custom_components.tesla_twc.twc.simulator.line import Line
from custom_components.tesla_twc.twc.simulator.line_faults import Faults
from custom_components.tesla_twc.twc.simulator.memory import open_memory
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.dialogue_texts import STRINGS
from tests.integration.owner import Owner, live

OTHER_DEVICE = "/dev/ttyOTHER"


async def told(hass: HomeAssistant) -> dict[str, Any]:
    """Open the page."""
    assert await async_setup_component(hass, "system_health", {})
    info = await get_system_health_info(hass, DOMAIN)
    for key, value in info.items():
        info[key] = await value if asyncio.iscoroutine(value) else value
        assert STRINGS["system_health"]["info"][key]
    return info


async def test_a_bus_that_works(
    hass: HomeAssistant, world: World, garage: Station, yard: Station, owner: Owner
) -> None:
    await live(world, 60)
    info = await told(hass)
    assert info.pop("version") == str((await async_get_integration(hass, DOMAIN)).version)
    assert float(info.pop("longest_gap").removesuffix(" s")) < 3
    assert info == {"port": "connected", "connectors": "2 of 2", "bus_quality": "3495 100%, 6388 100%"}


async def test_a_bus_that_was_opened_just_now(
    hass: HomeAssistant, world: World, loaded: MockConfigEntry
) -> None:
    info = await told(hass)
    assert info["connectors"] == "0 of 0"
    assert info["bus_quality"] == info["longest_gap"] == "not known yet"


async def test_a_lost_port_is_a_failure_and_a_gap(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    await live(world, 60)
    world.port.unplug()
    await live(world, 40)
    info = await told(hass)
    assert info["port"] == {"type": "failed", "error": "lost, trying to open it again"}
    assert info["connectors"] == "0 of 1"
    assert float(info["longest_gap"].removesuffix(" s")) > 38


async def test_a_bus_that_cannot_be_opened(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    world.port.unplug()
    assert not await hass.config_entries.async_reload(owner.entry.entry_id)
    info = await told(hass)
    assert info["port"] == {"type": "failed", "error": "not open (setup retry)"}
    assert set(info) == {"version", "port"}


async def test_a_fault_of_the_line_is_named(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    world.line.faults = Faults(transmitter_dead=True)
    await live(world, 400)
    assert (await told(hass))["bus_quality"] == "heard, but nobody answers"


async def test_another_controller_is_named(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    ForeignController(world.line).appear()
    await live(world, 30)
    assert (await told(hass))["port"] == "connected, silent for another controller"


@pytest.mark.parametrize(
    ("role", "words"), [("listen", "only listened to"), ("join", "joined as an idle wall connector")]
)
async def test_a_bus_that_something_else_leads_is_named(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, role: str, words: str
) -> None:
    data = {**owner.entry.data, "role": role}
    hass.config_entries.async_update_entry(owner.entry, data=data)
    await hass.async_block_till_done()
    assert (await told(hass))["port"] == f"connected, {words}"


async def test_without_a_bus_there_is_nothing_to_tell(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    assert set(await told(hass)) == {"version"}


async def test_with_two_buses_each_is_told_by_name(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, entry: MockConfigEntry
) -> None:
    other_line = Line(world.clock)
    other_port = world.openers[OTHER_DEVICE] = open_memory(other_line, OTHER_DEVICE)
    other = MockConfigEntry(
        domain=DOMAIN, title="Yard", data={CONF_DEVICE: OTHER_DEVICE}, options=entry.options
    )
    other.add_to_hass(hass)
    assert await hass.config_entries.async_setup(other.entry_id)
    await live(world, 30)
    info = await told(hass)
    assert info["port"] == "Wall connectors on ttyTWC: connected; Yard: connected"
    assert info["connectors"] == "Wall connectors on ttyTWC: 1 of 1; Yard: 0 of 0"
    bus = Owner(hass, other).device()
    assert bus is not None
    dr.async_get(hass).async_update_device(bus.id, name_by_user="The barn")
    other_port.unplug()
    await live(world, 10)
    port = (await told(hass))["port"]
    assert port["type"] == "failed"
    assert port["error"] == "Wall connectors on ttyTWC: connected; The barn: lost, trying to open it again"
