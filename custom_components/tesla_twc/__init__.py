"""Wall connectors of the second generation as devices of Home Assistant."""

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_DEVICE, EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import Event, HomeAssistant
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers import device_registry as dr

from .const import DOMAIN
from .coordinator import TwcConfigEntry, TwcCoordinator
from .devices import twcid_of
from .news import GONE
from .ports import redacted
from .storage import BusStore
from .twc.bus.link import OPEN_ERRORS
from .twc.bus.port_errors import explain

PLATFORMS = [Platform.BINARY_SENSOR, Platform.NUMBER, Platform.SENSOR, Platform.SWITCH]


async def async_setup_entry(hass: HomeAssistant, entry: TwcConfigEntry) -> bool:
    """Open the port of a bus and show what is on it."""
    store = BusStore(hass, entry.entry_id)
    coordinator = TwcCoordinator(hass, entry, store, await store.async_load())
    # Released also when something fails on the way: a port left open would keep out the next attempt.
    entry.async_on_unload(coordinator.async_stop)
    device = entry.data[CONF_DEVICE]
    try:
        await coordinator.async_start()
    except OPEN_ERRORS as error:
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key=f"port_{explain(error, device)}",
            translation_placeholders={"port": redacted(device), "error": str(error)},
        ) from error
    entry.runtime_data = coordinator
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    entry.async_on_unload(entry.add_update_listener(_async_options_changed))

    async def stop(_: Event) -> None:
        await coordinator.async_stop()

    entry.async_on_unload(hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, stop))
    return True


async def async_unload_entry(hass: HomeAssistant, entry: TwcConfigEntry) -> bool:
    """Take down the entities; the port is released after them."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(hass: HomeAssistant, entry: TwcConfigEntry) -> None:
    """Delete what was kept of a bus."""
    await BusStore(hass, entry.entry_id).async_remove()


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: TwcConfigEntry, device: dr.AnyDeviceEntry
) -> bool:
    """Let the owner delete a wall connector that is gone. The bus itself goes with its config entry."""
    twcid = twcid_of(entry.entry_id, device)
    if twcid is None or entry.state is not ConfigEntryState.LOADED:
        # While the port is closed, nobody can say who is gone.
        return False
    coordinator = entry.runtime_data
    connector = coordinator.data.connectors.get(twcid)
    if connector is not None:
        if connector.presence not in GONE:
            return False
        coordinator.forget(twcid)
    return True


async def _async_options_changed(hass: HomeAssistant, entry: TwcConfigEntry) -> None:
    """Apply changed options to the running bus; only another port needs a new start."""
    if entry.data[CONF_DEVICE] != entry.runtime_data.device:
        hass.config_entries.async_schedule_reload(entry.entry_id)
    else:
        entry.runtime_data.apply_options()
