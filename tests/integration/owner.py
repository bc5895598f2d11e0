"""What an owner sees of a bus in Home Assistant, and does with it."""

from copy import deepcopy
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from homeassistant.components.number import ATTR_VALUE, DOMAIN as NUMBER, SERVICE_SET_VALUE
from homeassistant.components.select import ATTR_OPTION, DOMAIN as SELECT, SERVICE_SELECT_OPTION
from homeassistant.components.switch import DOMAIN as SWITCH
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import ATTR_ENTITY_ID, SERVICE_TURN_OFF, SERVICE_TURN_ON, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import device_registry as dr, entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.const import DOMAIN, SUBENTRY_CAR
from custom_components.tesla_twc.port import connection
from custom_components.tesla_twc.registry.devices import connector_identifier
from custom_components.tesla_twc.storage.write_pace import SAVE_DELAY_SECONDS
from custom_components.tesla_twc.twc.protocol.codes import TwcId
from custom_components.tesla_twc.twc.simulator.clock import SimulatedClock

if TYPE_CHECKING:
    from tests.integration.conftest import World

GARAGE = TwcId(0x3495)
YARD = TwcId(0x6388)
"""Two wall connectors that many tests have; the serial numbers end in these digits."""

FOUND_SECONDS = 25
"""Listening, linking and the first questions take so long."""

CAR_SECONDS = 40
"""By then a plugged car has started and draws what it may."""


class Owner:
    """Looks at entities by their keys and never at the code behind them."""

    def __init__(self, hass: HomeAssistant, entry: MockConfigEntry) -> None:
        self.hass = hass
        self.entry = entry

    def entities(self, twcid: TwcId) -> list[er.RegistryEntry]:
        """Return everything registered for a wall connector."""
        entries = er.async_entries_for_config_entry(er.async_get(self.hass), self.entry.entry_id)
        return [entity for entity in entries if f"_{twcid}_" in entity.unique_id]

    def registered(self, key: str, twcid: TwcId | None = None) -> er.RegistryEntry | None:
        """Return the entity with a key, of the bus or of a wall connector."""
        owner = self.entry.entry_id if twcid is None else f"{self.entry.entry_id}_{twcid}"
        entries = er.async_entries_for_config_entry(er.async_get(self.hass), self.entry.entry_id)
        found = [entity for entity in entries if entity.unique_id == f"{owner}_{key}"]
        assert len(found) <= 1, found
        return found[0] if found else None

    def entity_id(self, key: str, twcid: TwcId | None = None) -> str:
        entity = self.registered(key, twcid)
        assert entity is not None, f"{key} of {twcid or 'the bus'} does not exist"
        return entity.entity_id

    def shown(self, key: str, twcid: TwcId | None = None) -> State:
        state = self.hass.states.get(self.entity_id(key, twcid))
        assert state is not None, f"{key} of {twcid or 'the bus'} shows nothing"
        return state

    def value(self, key: str, twcid: TwcId | None = None) -> str:
        return self.shown(key, twcid).state

    def number(self, key: str, twcid: TwcId | None = None) -> float:
        return float(self.value(key, twcid))

    def available(self, key: str, twcid: TwcId | None = None) -> bool:
        return self.value(key, twcid) != STATE_UNAVAILABLE

    def device(self, twcid: TwcId | None = None) -> dr.DeviceEntry | None:
        entry_id = self.entry.entry_id
        identifier = (DOMAIN, entry_id) if twcid is None else connector_identifier(entry_id, twcid)
        return dr.async_get(self.hass).async_get_device_by_identifier(identifier, entry_id)

    def devices(self) -> list[dr.DeviceEntry]:
        return dr.async_entries_for_config_entry(dr.async_get(self.hass), self.entry.entry_id)

    async def set_limit(self, twcid: TwcId, amps: Any) -> None:
        await self._call(
            NUMBER, SERVICE_SET_VALUE, self.entity_id("current_limit", twcid), {ATTR_VALUE: amps}
        )

    async def set_circuit_limit(self, amps: Any) -> None:
        await self._call(NUMBER, SERVICE_SET_VALUE, self.entity_id("circuit_limit"), {ATTR_VALUE: amps})

    async def choose_mode(self, twcid: TwcId | None, mode: str) -> None:
        """Choose what the amps of a wall connector follow, or of all those that follow the bus."""
        entity_id = self.entity_id("default_mode" if twcid is None else "charge_mode", twcid)
        await self._call(SELECT, SERVICE_SELECT_OPTION, entity_id, {ATTR_OPTION: mode})

    async def allow_charging(self, twcid: TwcId) -> None:
        await self._call(SWITCH, SERVICE_TURN_ON, self.entity_id("charging_enabled", twcid))

    async def forbid_charging(self, twcid: TwcId) -> None:
        await self._call(SWITCH, SERVICE_TURN_OFF, self.entity_id("charging_enabled", twcid))

    async def _call(
        self, domain: str, action: str, entity_id: str, data: dict[str, Any] | None = None
    ) -> None:
        await self.hass.services.async_call(
            domain, action, {ATTR_ENTITY_ID: entity_id, **(data or {})}, blocking=True
        )

    async def choose(self, options: dict[str, Any]) -> None:
        """Change options as the options dialogue does."""
        self.hass.config_entries.async_update_entry(self.entry, options={**self.entry.options, **options})
        await self.hass.async_block_till_done()

    async def enter_car(self, title: str = "Leaf", **data: Any) -> str:
        """Enter a car past its dialogue, and return its id."""
        car = ConfigSubentry(
            data=MappingProxyType(data), subentry_type=SUBENTRY_CAR, title=title, unique_id=data.get("vin")
        )
        self.hass.config_entries.async_add_subentry(self.entry, car)
        await self.hass.async_block_till_done()
        return car.subentry_id

    async def change_car(self, **data: Any) -> None:
        """Change the one car that there is past its dialogue; what is None is taken away."""
        (car,) = self.entry.subentries.values()
        told = {key: value for key, value in {**car.data, **data}.items() if value is not None}
        self.hass.config_entries.async_update_subentry(self.entry, car, data=told)
        await self.hass.async_block_till_done()

    def is_enabled(self, key: str, twcid: TwcId | None = None) -> bool:
        """Return whether an entity is enabled; the noisy ones are not."""
        entity = self.registered(key, twcid)
        return entity is not None and not entity.disabled

    @property
    def storage_key(self) -> str:
        """Return the name of the file that is kept of the bus."""
        return f"{DOMAIN}.{self.entry.entry_id}"

    async def let_changes_be_written(self) -> None:
        """Wait until what changed is on disk."""
        clock = connection.clock_of(self.hass)
        assert isinstance(clock, SimulatedClock)
        await clock.advance_async(SAVE_DELAY_SECONDS)
        await self.hass.async_block_till_done()

    async def crash(self, on_disk: Any, storage: dict[str, Any]) -> None:
        """Set the integration up again with nothing but what was on disk at some moment."""
        on_disk = deepcopy(on_disk)
        assert await self.hass.config_entries.async_unload(self.entry.entry_id)
        storage[self.storage_key] = on_disk
        assert await self.hass.config_entries.async_setup(self.entry.entry_id)
        await self.hass.async_block_till_done()

    async def restart(self) -> None:
        """Unload the integration and set it up again, as a restart of Home Assistant does."""
        assert await self.hass.config_entries.async_reload(self.entry.entry_id)
        await self.hass.async_block_till_done()


async def move_in(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, options: dict[str, Any] | None = None
) -> Owner:
    """Set the integration up and wait until it has found who is on the line."""
    entry.add_to_hass(hass)
    owner = Owner(hass, entry)
    hass.config_entries.async_update_entry(entry, options={**entry.options, **(options or {})})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await world.pass_time(FOUND_SECONDS)
    return owner


async def live(world: World, seconds: float) -> None:
    """Let much time pass quickly: Home Assistant's own tasks get their turn every ten seconds."""
    for _ in range(round(seconds / 10)):
        world.clock.advance(10)
        await world.hass.async_block_till_done()


def change_site(entry: MockConfigEntry, **changes: Any) -> None:
    """Change what the owner set about charging from the sun, past the entities."""
    owner = entry.runtime_data.house.owner
    owner.change(replace(owner.site, **changes))
