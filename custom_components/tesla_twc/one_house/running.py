"""The one running house of all buses that share it: begun by the first of them, and kept in a file of its own."""

import asyncio
from math import ceil
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..port import connection
from ..registry.house_entry import options_of, sharing_entries
from ..runtime.house import RunningHouse
from ..runtime.keeping import keeping_of
from ..runtime.owner_settings import bus_settings
from ..runtime.seat import BusPart
from ..storage.memory import Memory
from ..storage.store import BusStore
from ..twc.bus.settings import MINIMUM_AMPS, RememberedConnector
from ..twc.bus.snapshot import BusPhase, BusSnapshot, Presence, WallConnectorSnapshot
from ..twc.bus.timing import RESERVED_SECONDS
from ..twc.charging.house_address import in_house
from ..twc.charging.house_memory import joined, of_house
from ..twc.charging.inputs import ConnectorInput
from ..twc.protocol.codes import TwcId

_SHARED: HassKey[SharedHouse] = HassKey(f"{DOMAIN}_house")
_BEGINNING: HassKey[asyncio.Lock] = HassKey(f"{DOMAIN}_house_begins")


class SharedHouse:
    """A running house and its file."""

    def __init__(self, hass: HomeAssistant, house: RunningHouse, store: BusStore) -> None:
        """Write whenever something is worth it, and before Home Assistant stops."""
        self.house = house
        self._store = store
        self._ends = [
            house.listen(self._save_soon),
            hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, self._async_stop),
        ]

    def memory(self) -> Memory:
        """Return what belongs to no bus."""
        return Memory(
            site=self.house.owner.site,
            learnt=of_house(self.house.remembered()),
            outside=self.house.outside.remembered(),
        )

    @callback
    def _save_soon(self) -> None:
        self._store.save_soon(self.memory())

    async def _async_stop(self, _: Event) -> None:
        await self.async_save()

    async def async_save(self) -> None:
        """Write now."""
        await self._store.async_save(self.memory())

    async def async_end(self) -> Memory:
        """Follow nothing more, and return what is known in the end."""
        while self._ends:
            self._ends.pop()()
        await self.async_save()
        return self.memory()


async def async_shared_house(hass: HomeAssistant, entry: ConfigEntry[Any]) -> RunningHouse:
    """Return the running house with this entry; it is there as long as Home Assistant, whatever is loaded of it."""
    async with hass.data.setdefault(_BEGINNING, asyncio.Lock()):
        if (shared := hass.data.get(_SHARED)) is None:
            shared = hass.data[_SHARED] = await _async_begin(hass, entry)
        return shared.house


async def async_end_house(hass: HomeAssistant) -> Memory | None:
    """End the running house; return what it knew, or None if there was none."""
    shared = hass.data.pop(_SHARED, None)
    return None if shared is None else await shared.async_end()


@callback
def let_go(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Let the wall connectors of a bus that is being removed count until their own time-out: nobody keeps them."""
    if (shared := hass.data.get(_SHARED)) is not None:
        shared.house.let_go(entry.entry_id, connection.clock_of(hass).time() + RESERVED_SECONDS)


async def async_save_house(hass: HomeAssistant) -> None:
    """Write what is known of the running house."""
    if (shared := hass.data.get(_SHARED)) is not None:
        await shared.async_save()


async def _async_begin(hass: HomeAssistant, entry: ConfigEntry[Any]) -> SharedHouse:
    """Begin with everything that is kept of the house and of its buses.

    Whoever charges on a bus that is not loaded yet goes on, for its keeper or until its own time-out.
    """
    store = BusStore(hass, entry.entry_id)
    own = await store.async_load()
    buses = {bus.entry_id: await BusStore(hass, bus.entry_id).async_load() for bus in sharing_entries(hass)}
    learnt = joined(of_house(own.learnt), {name: memory.learnt for name, memory in buses.items()})
    clock = connection.clock_of(hass)
    house = RunningHouse(
        hass, entry.options, clock, own.site, learnt, own.outside, is_shared=True, name=entry.title
    )
    for bus in sharing_entries(hass):
        kept_seconds = 0.0 if bus.disabled_by else keeping_of(options_of(hass, bus)).seconds
        until = clock.time() + kept_seconds + RESERVED_SECONDS
        house.reserve(bus.entry_id, _remembered_part(bus, buses[bus.entry_id], clock.time()), until)
    return SharedHouse(hass, house, store)


def _remembered_part(entry: ConfigEntry[Any], memory: Memory, now: float) -> BusPart:
    """Return what a bus adds as far as its file tells: each wall connector with the offer that it had."""
    settings = bus_settings(entry.options, memory.connectors, memory.circuit_limit)
    bus = BusSnapshot(now=now, phase=BusPhase.DISCONNECTED, circuit_limit_amps=settings.circuit_limit_amps)
    connectors = {
        (address := in_house(known.twcid, entry.entry_id)): ConnectorInput(
            facts=_facts(known, address),
            circuit=entry.entry_id,
            limit_amps=max(MINIMUM_AMPS, ceil(known.offered_amps)),
            phases=settings.phases,
        )
        for known in memory.remembered
        if known.offered_amps > 0 and not known.released
    }
    return BusPart(bus=bus, connectors=connectors)


def _facts(known: RememberedConnector, address: TwcId) -> WallConnectorSnapshot:
    return WallConnectorSnapshot(
        twcid=address,
        presence=Presence.REMEMBERED,
        version=known.version,
        rated_amps=known.rated_amps,
        maximum_amps=max(MINIMUM_AMPS, ceil(known.offered_amps)),
        minimum_amps=MINIMUM_AMPS,
        offered_amps=known.offered_amps,
        drawn_amps=known.offered_amps,
        counted_amps=known.offered_amps,
        charging=True,
    )
