"""A reload frees the old coordinator at once: no circle of references waits for the garbage collector."""

import gc
from weakref import ref

from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.integration.conftest import World
from tests.integration.owner import Owner


async def test_a_reload_frees_the_bus_that_was(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, garage: object, owner: Owner
) -> None:
    coordinator, link = ref(entry.runtime_data), ref(entry.runtime_data.link)
    gc.collect()
    gc.disable()
    try:
        assert await hass.config_entries.async_reload(entry.entry_id)
        await world.pass_time(30)
        assert (coordinator(), link()) == (None, None)
    finally:
        gc.enable()
