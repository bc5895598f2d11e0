"""Sets up an entry in a process of its own and says which modules of the simulator that loaded: see its test."""

import asyncio
import os
import pty
import sys
import tty

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_DEVICE
from homeassistant.core import HomeAssistant
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_test_home_assistant

from custom_components.tesla_twc.const import (
    CONF_CIRCUIT_LIMIT,
    CONF_PHASES,
    CONF_VOLTAGE,
    DOMAIN,
    NEW_ENTRY_OPTIONS,
    SIMULATED_DEVICE,
)
from custom_components.tesla_twc.port import connection


async def device_of(kind: str) -> str:
    """Return a port of this kind that can be opened, with nobody on its line."""
    if kind == "serial":
        _, port = pty.openpty()
        tty.setraw(port)
        return os.ttyname(port)
    if kind == "socket":
        server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
        return f"socket://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    return SIMULATED_DEVICE


async def main(folder: str, *kinds: str) -> None:
    # No keeper shall take the port over at the end.
    connection.can_be_kept = lambda data: False
    async with async_test_home_assistant(config_dir=folder) as hass:
        hass.data.pop(DATA_CUSTOM_COMPONENTS)
        for kind in kinds:
            await set_up(hass, await device_of(kind))
        sys.stdout.write(" ".join(name for name in sys.modules if ".twc.simulator" in name))
        await hass.async_stop(force=True)


async def set_up(hass: HomeAssistant, device: str) -> None:
    entry = MockConfigEntry(
        domain=DOMAIN,
        data={CONF_DEVICE: device},
        options={**NEW_ENTRY_OPTIONS, CONF_CIRCUIT_LIMIT: 32, CONF_PHASES: 3, CONF_VOLTAGE: 230},
    )
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED, entry.reason
    assert hass.states.async_entity_ids(), "its platforms are loaded, too"
    await hass.config_entries.async_unload(entry.entry_id)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
