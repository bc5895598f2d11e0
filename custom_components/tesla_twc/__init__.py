"""Sets entries up, unloads and removes them, and says which of their devices an owner may delete."""

import asyncio
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import CONF_DEVICE, EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import Event, HomeAssistant
from homeassistant.exceptions import ConfigEntryError, ConfigEntryNotReady, HomeAssistantError
from homeassistant.helpers import config_validation as cv, device_registry as dr, issue_registry as ir
from homeassistant.helpers.typing import ConfigType

from .cars.migration import WITH_CARS, async_migrate
from .const import DOMAIN, LOGGER, SIMULATED_DEVICE
from .coordinator import TwcConfigEntry, TwcCoordinator
from .dashboard.resource import async_offer_card, async_serve_card, async_withdraw_card
from .dashboard.websocket import async_setup_websocket
from .house.followed_entities import async_follow_renames
from .house_coordinator import HouseConfigEntry, HouseCoordinator
from .one_house.founding import (
    ask_or_not,
    async_found_where_due,
    async_give_back,
    async_take_over,
    begin_again,
)
from .one_house.running import async_save_house, async_shared_house, let_go
from .port import connection
from .port.names import why_closed
from .problems.issues import UNKNOWN_CAR
from .registry.bus_id import bus_id
from .registry.devices import is_car, twcid_of
from .registry.house_entry import HOUSE_ENTITIES, bus_entries, house_of, is_house, options_of, sharing_entries
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
    Platform.TIME,
]

GATEWAY_SECONDS = 4.0
"""Some network gateways take a moment until they let the next one in."""

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the actions, follow the entities that the options name, and serve the dashboard and the card."""
    async_setup_services(hass)
    async_follow_renames(hass)
    async_setup_websocket(hass)
    await async_serve_card(hass)
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
    await async_offer_card(hass)
    _check_options(hass, entry)
    if is_house(entry):
        return await _async_setup_house(hass, entry)
    await async_found_where_due(hass)
    await connection.async_prepare(hass, entry.data)
    store = BusStore(hass, entry.entry_id)
    memory = await store.async_load()
    sessions = SessionBook(hass, entry)
    await sessions.async_load()
    shared = house_of(hass, entry)
    house = None if shared is None else await async_shared_house(hass, shared)
    handover = Handover(hass, entry)
    try:
        back = await handover.async_take_bus()
        coordinator = TwcCoordinator(hass, entry, store, memory, handover, back, sessions, house)
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
        usable = problem_with(entry, options_of(hass, entry)) is None
        await coordinator.async_stop(keep=goes_on and usable)
        await async_save_house(hass)

    entry.async_on_unload(stop)
    entry.async_on_unload(hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, stop))
    entry.async_on_unload(entry.add_update_listener(_async_options_changed))
    if house is None and house_of(hass, entry) is not None:
        # Another bus was added meanwhile.
        begin_again(hass, entry.entry_id)
    return True


def _check_options(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    if (problem := problem_with(entry, options_of(hass, entry))) is not None:
        raise ConfigEntryError(
            translation_domain=DOMAIN,
            translation_key="options_unusable",
            translation_placeholders={"problem": problem},
        )


async def _async_setup_house(hass: HomeAssistant, entry: ConfigEntry[Any]) -> bool:
    """Show the house that several buses share; it runs whether or not it is shown."""
    await async_take_over(hass, entry)
    entry.runtime_data = coordinator = HouseCoordinator(hass, entry, await async_shared_house(hass, entry))
    coordinator.async_start()
    await hass.config_entries.async_forward_entry_setups(entry, list(HOUSE_ENTITIES))
    entry.async_on_unload(entry.add_update_listener(_async_house_changed))
    return True


async def _async_house_changed(hass: HomeAssistant, entry: HouseConfigEntry) -> None:
    """Apply changed options of the house to all buses; nonsense may not go on."""
    if problem_with(entry) is not None:
        for one in (*sharing_entries(hass), entry):
            hass.config_entries.async_schedule_reload(one.entry_id)
        return
    entry.runtime_data.apply_options()


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
    platforms = list(HOUSE_ENTITIES) if is_house(entry) else PLATFORMS
    return await hass.config_entries.async_unload_platforms(entry, platforms)


async def async_remove_entry(hass: HomeAssistant, entry: TwcConfigEntry) -> None:
    """Delete what was kept of a bus, or give a house back to its buses."""
    if not bus_entries(hass):
        await async_withdraw_card(hass)
    if is_house(entry):
        await async_give_back(hass, entry)
        return
    ask_or_not(hass)
    let_go(hass, entry)
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
    twcid = None if is_house(entry) else twcid_of(bus_id(entry), device)
    if twcid is None:
        kind = "house" if is_house(entry) else "car" if is_car(device) else "bus"
        raise _refusal(hass, entry, kind, None)
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
    if before != now or problem_with(entry, options_of(hass, entry)) is not None:
        hass.config_entries.async_schedule_reload(entry.entry_id)
    else:
        entry.runtime_data.apply_options()
