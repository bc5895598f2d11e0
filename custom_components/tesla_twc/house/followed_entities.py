"""The entities of other integrations that an owner chose: followed when they are renamed, missed when they are gone.

Options hold entity ids, and an owner may change those at any time (home-assistant/core#84284).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from ..const import (
    CAR_ENTITIES,
    CONF_CAR_AMPS,
    CONF_CAR_SWITCH,
    CONF_CONNECTORS,
    CONF_CONSUMERS,
    CONF_FEEDERS,
    CONF_PRICES,
    CONF_SITE,
    DOMAIN,
    OUTSIDE_ENTITIES,
    PRICE_ENTITIES,
)
from .consumers import renamed_in_consumers, sensors_of_consumers
from .feeders import renamed_in_feeders, sensors_of_feeders
from .outside_words import outside_entities
from .sensors import sensors_of

_OF_CARS = (CONF_CAR_SWITCH, CONF_CAR_AMPS)
"""What the options of a wall connector named before cars were entered by themselves."""


def chosen_entities(options: Mapping[str, Any]) -> Iterator[str]:
    """Yield the id of each entity of another integration that the options of an entry name."""
    yield from (entity_id for _, entity_id, _ in sensors_of(options.get(CONF_SITE, {})))
    for choices in options.get(CONF_CONNECTORS, {}).values():
        yield from (choices[key] for key in _OF_CARS if key in choices)
    yield from sensors_of_feeders(options)
    yield from sensors_of_consumers(options)
    yield from _of_prices(options).values()
    yield from outside_entities(options)


def _of_prices(options: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the entities that tell a price, by their keys. Prices may be anything: they stop no bus."""
    prices = options.get(CONF_PRICES)
    found = (
        {} if not isinstance(prices, Mapping) else {key: prices.get(key) for key in PRICE_ENTITIES.values()}
    )
    return {key: entity_id for key, entity_id in found.items() if isinstance(entity_id, str)}


def missing_entities(
    hass: HomeAssistant, options: Mapping[str, Any], cars: Iterable[Mapping[str, Any]]
) -> list[str]:
    """Return which of the entities that are used do not exist; ``cars`` are the data of their subentries."""
    used = [entity_id for _, entity_id, _ in sensors_of(options.get(CONF_SITE, {}))]
    used += sensors_of_feeders(options)
    used += sensors_of_consumers(options)
    used += (car[key] for car in cars for key in CAR_ENTITIES if key in car)
    used += _of_prices(options).values()
    used += outside_entities(options)
    return sorted({entity_id for entity_id in used if hass.states.get(entity_id) is None})


def renamed(options: Mapping[str, Any], before: str, now: str) -> dict[str, Any]:
    """Return the options of an entry after an entity got another id."""

    def rename(value: Any) -> Any:
        if isinstance(value, list):
            return [rename(one) for one in value]
        return now if value == before else value

    keys = {key for key, entity_id, _ in sensors_of(options.get(CONF_SITE, {})) if entity_id == before}
    changed = dict(options)
    if CONF_SITE in options:
        site = options[CONF_SITE]
        changed[CONF_SITE] = {key: rename(value) if key in keys else value for key, value in site.items()}
    if CONF_CONNECTORS in options:
        changed[CONF_CONNECTORS] = {
            twcid: {key: rename(value) if key in _OF_CARS else value for key, value in choices.items()}
            for twcid, choices in options[CONF_CONNECTORS].items()
        }
    if CONF_FEEDERS in options:
        changed[CONF_FEEDERS] = renamed_in_feeders(options, before, now)
    if CONF_CONSUMERS in options:
        changed[CONF_CONSUMERS] = renamed_in_consumers(options, before, now)
    if of_prices := _of_prices(options):
        changed[CONF_PRICES] = {
            **options[CONF_PRICES],
            **{key: rename(value) for key, value in of_prices.items()},
        }
    for mapping, keys_of in OUTSIDE_ENTITIES.items():
        if mapping in options:
            changed[mapping] = {
                key: rename(value) if key in keys_of else value for key, value in options[mapping].items()
            }
    return changed


@callback
def async_follow_renames(hass: HomeAssistant) -> None:
    """Keep the options of every entry right, whether or not it runs."""

    @callback
    def is_renamed(data: er.EventEntityRegistryUpdatedData) -> bool:
        return data["action"] == "update" and "old_entity_id" in data

    @callback
    def follow(event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        data = event.data
        if data["action"] != "update":
            return
        before, now = data["old_entity_id"], data["entity_id"]
        for entry in hass.config_entries.async_entries(DOMAIN):
            _follow_in_cars(hass, entry, before, now)
            if before not in chosen_entities(entry.options):
                continue
            options = renamed(entry.options, before, now)
            if entry.state is ConfigEntryState.LOADED:
                # First of all: what is changed by its owner makes what was learnt worthless.
                entry.runtime_data.rename_entities(options)
            hass.config_entries.async_update_entry(entry, options=options)

    hass.bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, follow, event_filter=is_renamed)


def _follow_in_cars(hass: HomeAssistant, entry: ConfigEntry[Any], before: str, now: str) -> None:
    for subentry in list(entry.subentries.values()):
        named = [key for key in CAR_ENTITIES if subentry.data.get(key) == before]
        if not named:
            continue
        is_loaded = entry.state is ConfigEntryState.LOADED
        if is_loaded:
            # First of all, as with the options.
            entry.runtime_data.rename_car_entity(before, now)
        data = {**subentry.data, **dict.fromkeys(named, now)}
        hass.config_entries.async_update_subentry(entry, subentry, data=data)
        if is_loaded:
            entry.runtime_data.cars.refresh()
