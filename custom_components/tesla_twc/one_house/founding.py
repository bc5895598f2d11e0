"""Founds the house that several buses share, takes over what its first bus knew of it, and gives it back in the end.

Buses are stopped meanwhile: within the seconds that this takes no wall connector gives its controller up.
"""

import asyncio
from dataclasses import replace
from typing import Any

from homeassistant.config_entries import SOURCE_SYSTEM, ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util.hass_dict import HassKey

from ..const import CONF_FOUNDER, CONF_TAKEN_OVER, DOMAIN, LOGGER
from ..registry.bus_id import bus_id
from ..registry.devices import connectors_of
from ..registry.house_entry import house_entry, sharing_entries
from ..registry.naming import bus_name
from ..runtime.outside_memory import moved, of_one_bus
from ..runtime.owner_settings import OwnerConnectorSettings
from ..storage.memory import Memory
from ..storage.store import BusStore
from ..twc.charging.house_memory import of_house
from .joining import Belonging, belonging, buses_in_use, first_of, options_beside_house, options_without_house
from .moving import gather_entities, give_entities_back
from .running import async_end_house

_FOUNDING: HassKey[asyncio.Lock] = HassKey(f"{DOMAIN}_founding")

_RUNNING = (ConfigEntryState.LOADED, ConfigEntryState.FAILED_UNLOAD)

ONE_HOUSE = "one_house"
"""The issue that asks whether several buses belong to one house."""
LEARN_MORE_URL = "https://github.com/tesla-twc/ha-tesla-twc/blob/main/docs/several_buses.md"


async def async_found_where_due(hass: HomeAssistant) -> None:
    """Found the house of several buses, or ask their owner. Whatever goes wrong, the buses go on as they are."""
    async with hass.data.setdefault(_FOUNDING, asyncio.Lock()):
        try:
            found = belonging(hass)
            if found is Belonging.ONE_HOUSE:
                await _async_found(hass, first_of(hass))
            ask_or_not(hass)
        except Exception:  # noqa: BLE001 - a bus without a shared house is better than none
            LOGGER.exception("The house of several buses cannot be set up")


async def async_found_by(hass: HomeAssistant, founder: ConfigEntry[Any]) -> None:
    """Found the house of several buses as their owner says, with the options of one of them."""
    async with hass.data.setdefault(_FOUNDING, asyncio.Lock()):
        if house_entry(hass) is None:
            await _async_found(hass, founder)
        ask_or_not(hass)


async def _async_found(hass: HomeAssistant, founder: ConfigEntry[Any]) -> None:
    await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_SYSTEM}, data={CONF_FOUNDER: founder.entry_id}
    )


@callback
def ask_or_not(hass: HomeAssistant) -> None:
    """Ask whether the buses belong to one house, as long as only their owner knows."""
    if belonging(hass) is not Belonging.UNSURE:
        ir.async_delete_issue(hass, DOMAIN, ONE_HOUSE)
        return
    names = ", ".join(bus_name(hass, bus) for bus in buses_in_use(hass))
    ir.async_create_issue(
        hass,
        DOMAIN,
        ONE_HOUSE,
        data={"buses": names},
        is_fixable=True,
        is_persistent=False,
        learn_more_url=LEARN_MORE_URL,
        severity=ir.IssueSeverity.WARNING,
        translation_key=ONE_HOUSE,
        translation_placeholders={"buses": names},
    )


async def async_take_over(hass: HomeAssistant, house: ConfigEntry[Any]) -> None:
    """Let all buses leave their own houses for this one; harmless if they have already.

    Those that run are stopped, and begin again as soon as the house is set up.
    """
    buses = sharing_entries(hass)
    for bus in buses:
        if bus.state is ConfigEntryState.LOADED and not bus.runtime_data.house.is_shared:
            await hass.config_entries.async_unload(bus.entry_id)
            hass.loop.call_soon(begin_again, hass, bus.entry_id)
    founder = next((bus for bus in buses if bus_id(bus) == house.data[CONF_FOUNDER]), None)
    store = BusStore(hass, house.entry_id)
    if founder is not None and CONF_TAKEN_OVER not in house.data:
        known = await BusStore(hass, founder.entry_id).async_load()
        outside = moved(known.outside, founder.entry_id)
        await store.async_save(Memory(site=known.site, learnt=of_house(known.learnt), outside=outside))
        for bus in buses:
            if bus is not founder:
                await _async_keep_modes(hass, bus, known)
        hass.config_entries.async_update_entry(house, data={**house.data, CONF_TAKEN_OVER: True})
    for bus in buses:
        options = options_beside_house(bus.options)
        # One that could not be stopped goes on with the house that it has, until Home Assistant starts anew.
        if options != bus.options and bus.state not in _RUNNING:
            hass.config_entries.async_update_entry(bus, options=options)
    gather_entities(hass, house, buses)


async def _async_keep_modes(hass: HomeAssistant, bus: ConfigEntry[Any], house: Memory) -> None:
    """Let wall connectors that followed the default mode of their bus keep it, if that of the house is another."""
    store = BusStore(hass, bus.entry_id)
    memory = await store.async_load()
    if memory.site.charge_mode is house.site.charge_mode:
        return
    known = {*connectors_of(hass, bus), *memory.connectors, *(one.twcid for one in memory.remembered)}
    own = {twcid: memory.connectors.get(twcid, OwnerConnectorSettings()) for twcid in known}
    kept = {
        twcid: replace(one, charge_mode=memory.site.charge_mode) if one.charge_mode is None else one
        for twcid, one in own.items()
    }
    await store.async_save(replace(memory, connectors=kept))


async def async_give_back(hass: HomeAssistant, house: ConfigEntry[Any]) -> None:
    """Give a house that is being removed back to its buses: none goes on without the guard of its main fuse.

    Where there are several they found it again as soon as they begin, for they measure the same.
    """
    async with hass.data.setdefault(_FOUNDING, asyncio.Lock()):
        for entry_id in await _async_give_back(hass, house):
            # Not before the entry of the house is gone.
            hass.loop.call_soon(begin_again, hass, entry_id)


async def _async_give_back(hass: HomeAssistant, house: ConfigEntry[Any]) -> list[str]:
    """Do so, and return the entry ids of the buses that were stopped for it."""
    buses = sharing_entries(hass)
    running = [bus.entry_id for bus in buses if bus.state is ConfigEntryState.LOADED]
    for entry_id in running:
        await hass.config_entries.async_unload(entry_id)
    store = BusStore(hass, house.entry_id)
    known = await async_end_house(hass) or await store.async_load()
    for bus in buses:
        options = options_without_house(bus.options, house.options)
        hass.config_entries.async_update_entry(bus, options=options)
        of_bus = BusStore(hass, bus.entry_id)
        memory = await of_bus.async_load()
        fuse = replace(known.learnt.fuse, answers=memory.learnt.fuse.answers)
        learnt = replace(memory.learnt, intervals=known.learnt.intervals, meter=known.learnt.meter, fuse=fuse)
        outside = of_one_bus(known.outside, bus.entry_id)
        await of_bus.async_save(replace(memory, site=known.site, learnt=learnt, outside=outside))
    heir = next((bus for bus in buses if bus_id(bus) == house.data[CONF_FOUNDER]), None)
    if (heir := heir or next(iter(buses), None)) is not None:
        give_entities_back(hass, house, heir)
    await store.async_remove()
    return running


@callback
def begin_again(hass: HomeAssistant, entry_id: str) -> None:
    """Set up a bus that was stopped because its house changed."""
    entry = hass.config_entries.async_get_entry(entry_id)
    if entry is not None and entry.state.recoverable and not hass.is_stopping:
        hass.config_entries.async_schedule_reload(entry_id)
