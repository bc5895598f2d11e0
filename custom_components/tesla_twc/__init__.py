"""Wall connectors of the second generation as devices of Home Assistant."""

import asyncio

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_DEVICE, EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import Event, HomeAssistant
from homeassistant.exceptions import ConfigEntryError, ConfigEntryNotReady, HomeAssistantError
from homeassistant.helpers import config_validation as cv, device_registry as dr, issue_registry as ir
from homeassistant.helpers.typing import ConfigType

from .cars.migration import WITH_CARS, async_migrate
from .const import DOMAIN, LOGGER, SIMULATED_DEVICE
from .coordinator import TwcConfigEntry, TwcCoordinator
from .house.followed_entities import async_follow_renames
from .port import connection
from .port.names import why_closed
from .problems.issues import UNKNOWN_CAR
from .registry.bus_id import bus_id
from .registry.devices import is_car, twcid_of
from .registry.naming import connector_name
from .runtime.availability import GONE
from .runtime.handover import Handover, async_forget_bus
from .runtime.role import role_of
from .services import async_setup_services
from .sessions.book import SessionBook, database_of
from .storage.options_check import problem_with
from .storage.store import BusStore
from .twc.bus.port.link import OPEN_ERRORS
from .twc.bus.snapshot import BusRole
from .twc.protocol.codes import TwcId

PLATFORMS = [
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.EVENT,
    Platform.NUMBER,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SWITCH,
]

GATEWAY_SECONDS = 4.0
"""Some network gateways take a moment until they let the next one in."""

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the actions, and follow the entities that the options name."""
    async_setup_services(hass)
    async_follow_renames(hass)
    return True


async def async_migrate_entry(hass: HomeAssistant, entry: TwcConfigEntry) -> bool:
    """Put an entry of an earlier version into today's words."""
    if entry.version > 1:
        return False
    if entry.minor_version < WITH_CARS:
        await async_migrate(hass, entry)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: TwcConfigEntry) -> bool:
    """Open the port of a bus and show what is on it."""
    if (problem := problem_with(entry)) is not None:
        raise ConfigEntryError(
            translation_domain=DOMAIN,
            translation_key="options_unusable",
            translation_placeholders={"problem": problem},
        )
    await connection.async_prepare(hass, entry.data)
    store = BusStore(hass, entry.entry_id)
    memory = await store.async_load()
    sessions = SessionBook(hass, entry)
    await sessions.async_load()
    handover = Handover(hass, entry)
    try:
        back = await handover.async_take_bus()
        coordinator = TwcCoordinator(hass, entry, store, memory, handover, back, sessions)
    except BaseException:
        # A lock that nobody frees would keep out every next attempt.
        await handover.async_leave(None)
        raise
    try:
        await _async_open(coordinator, patient=back is not None)
        coordinator.async_start()
        entry.runtime_data = coordinator
        await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    except BaseException:
        # Whatever it is: a port left open would keep out the next attempt, with heartbeats nobody decides on.
        await coordinator.async_abandon()
        raise

    async def stop(_: Event | None = None) -> None:
        # One that is switched off is not to be kept; one that is removed is taken from its keeper a moment later.
        goes_on = entry.disabled_by is None and role_of(entry.data) is BusRole.CONTROL
        await coordinator.async_stop(keep=goes_on and problem_with(entry) is None)

    entry.async_on_unload(stop)
    entry.async_on_unload(hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, stop))
    entry.async_on_unload(entry.add_update_listener(_async_options_changed))
    return True


async def _async_open(coordinator: TwcCoordinator, *, patient: bool) -> None:
    """Open the port; ``patient`` with one that another process closed a moment ago."""
    loop = coordinator.hass.loop
    deadline = loop.time() + (GATEWAY_SECONDS if patient else 0.0)
    try:
        while True:
            try:
                await coordinator.link.connect()
            except OPEN_ERRORS:
                if loop.time() >= deadline:
                    raise
                await asyncio.sleep(0.2)
            else:
                return
    except OPEN_ERRORS as error:
        closed = why_closed(error, coordinator.device)
        # Not "from error": that one may spell out the key of an ESPHome address, and this one is logged.
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key=f"port_{closed.key}",
            translation_placeholders={"port": closed.port, "error": closed.error},
        ) from None


async def async_unload_entry(hass: HomeAssistant, entry: TwcConfigEntry) -> bool:
    """Take down the entities; the port is released after them."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(hass: HomeAssistant, entry: TwcConfigEntry) -> None:
    """Delete what was kept of a bus."""
    await async_forget_bus(hass, entry)
    await BusStore(hass, entry.entry_id).async_remove()
    path = database_of(hass).path
    if await hass.async_add_executor_job(path.exists):
        # Home Assistant asks nothing more here, and what an owner charged for years is not ours to delete.
        LOGGER.info("The charges of this bus stay in %s; delete the file if you want them gone", path)
    for _, issue_id in list(ir.async_get(hass).issues):
        if issue_id.startswith(f"{UNKNOWN_CAR}_{entry.entry_id}"):
            ir.async_delete_issue(hass, DOMAIN, issue_id)
    if entry.data[CONF_DEVICE] == SIMULATED_DEVICE:
        connection.end_simulation(hass)


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: TwcConfigEntry, device: dr.AnyDeviceEntry
) -> bool:
    """Let the owner delete a wall connector that is gone, or say why not."""
    twcid = twcid_of(bus_id(entry), device)
    if twcid is None:
        raise _refusal(hass, entry, "car" if is_car(device) else "bus", None)
    if entry.state is not ConfigEntryState.LOADED:
        raise _refusal(hass, entry, "not_running", twcid)
    coordinator = entry.runtime_data
    connector = coordinator.latest().connectors.get(twcid)
    if connector is not None:
        if connector.presence not in GONE:
            raise _refusal(hass, entry, "still_there", twcid)
        if connector.counted_amps > 0:
            raise _refusal(hass, entry, "still_counted", twcid)
    coordinator.forget(twcid)
    return True


def _refusal(
    hass: HomeAssistant, entry: TwcConfigEntry, reason: str, twcid: TwcId | None
) -> HomeAssistantError:
    name = "" if twcid is None else connector_name(hass, entry.entry_id, twcid)
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=f"delete_{reason}",
        translation_placeholders={"name": name},
    )


async def _async_options_changed(hass: HomeAssistant, entry: TwcConfigEntry) -> None:
    """Apply changed options to the running bus; another port or role needs a new start, and nonsense may not go on."""
    running = entry.runtime_data
    before, now = (running.device, running.role), (entry.data[CONF_DEVICE], role_of(entry.data))
    if before != now or problem_with(entry) is not None:
        hass.config_entries.async_schedule_reload(entry.entry_id)
    else:
        entry.runtime_data.apply_options()
