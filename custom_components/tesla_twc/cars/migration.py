"""Migrates old entries: the car's entities in a wall connector's options become a car (subentry) of its own."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback

from ..const import (
    CONF_CAR_AMPS,
    CONF_CAR_SWITCH,
    CONF_CONNECTORS,
    CONF_DEFAULT_AT,
    CONF_STOP_METHOD,
    LOGGER,
    SUBENTRY_CAR,
)
from ..house.sentences import async_words
from ..registry.naming import connector_name
from ..twc.bus.settings import StopMethod
from ..twc.protocol.codes import TwcId
from .stored import car_subentries

WITH_CARS = 2
"""The minor version of an entry in which cars are subentries."""


async def async_migrate(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Enter the car of each wall connector that has a switch for it.

    The options stay as they are: the version before finds in them what it needs, should its owner go back to it.
    """
    choices = entry.options.get(CONF_CONNECTORS, {})
    for twcid, chosen in choices.items() if isinstance(choices, Mapping) else ():
        try:
            await _async_migrate_one(hass, entry, TwcId.parse(twcid), chosen)
        except (AttributeError, TypeError, ValueError) as error:
            # Options that nobody can have meant are told of when the entry is set up.
            LOGGER.warning("The car at wall connector %s cannot be taken over: %s", twcid, error)
    hass.config_entries.async_update_entry(entry, minor_version=WITH_CARS)


async def _async_migrate_one(
    hass: HomeAssistant, entry: ConfigEntry[Any], twcid: TwcId, chosen: Mapping[str, Any]
) -> None:
    if chosen.get(CONF_STOP_METHOD) == StopMethod.CAR_SWITCH and chosen.get(CONF_CAR_SWITCH):
        entities = {key: chosen[key] for key in (CONF_CAR_SWITCH, CONF_CAR_AMPS) if key in chosen}
        await async_link_car(hass, entry, twcid, entities)


async def async_link_car(
    hass: HomeAssistant, entry: ConfigEntry[Any], twcid: TwcId, entities: Mapping[str, Any]
) -> None:
    """Name the entities of the car that is expected at a wall connector; without one, enter it."""
    expected = [one for one in car_subentries(entry) if str(twcid) in one.data.get(CONF_DEFAULT_AT, ())]
    if len(expected) == 1:
        kept = {key: value for key, value in expected[0].data.items() if key != CONF_CAR_AMPS}
        hass.config_entries.async_update_subentry(entry, expected[0], data={**kept, **entities})
        return
    words = await async_words(hass)
    car = ConfigSubentry(
        data=MappingProxyType({**entities, CONF_DEFAULT_AT: [str(twcid)]}),
        subentry_type=SUBENTRY_CAR,
        title=words("car_at", name=connector_name(hass, entry.entry_id, twcid)),
        unique_id=None,
    )
    hass.config_entries.async_add_subentry(entry, car)


@callback
def pass_on(hass: HomeAssistant, entry: ConfigEntry[Any], former: TwcId, heir: TwcId) -> None:
    """Expect the cars of a wall connector under the other TWCID that it had to choose."""
    for car in car_subentries(entry):
        expected: list[str] = list(car.data.get(CONF_DEFAULT_AT, ()))
        if str(former) in expected and str(heir) not in expected:
            hass.config_entries.async_update_subentry(
                entry, car, data={**car.data, CONF_DEFAULT_AT: [*expected, str(heir)]}
            )
