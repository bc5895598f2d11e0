"""Says whether several buses belong to one house, and what its options are when they join it.

Two buses that measure the house with the same sensors are in one house, and so are they where only one measures
anything. Otherwise only their owner knows. Whatever is put together, no guard of a main fuse is lost by it.
"""

from collections.abc import Iterable, Mapping
from enum import Enum, auto
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant, callback

from ..const import (
    CONF_CONSUMER_POWER,
    CONF_CONSUMERS,
    CONF_CONSUMPTION_POWER,
    CONF_FUSE,
    CONF_FUSE_CONTINUOUS,
    CONF_GRID_EXPORT,
    CONF_GRID_IMPORT,
    CONF_GRID_OTHERS,
    CONF_GRID_POWER,
    CONF_IMBALANCE,
    CONF_OTHER_LOADS,
    CONF_PHASE_POWERS,
    CONF_PHASE_POWERS_POSITIVE,
    CONF_PHASE_SENSORS,
    CONF_PHASE_VOLTS,
    CONF_PHASES,
    CONF_PHASES_POSITIVE,
    CONF_PRICES,
    CONF_SITE,
    CONF_TOLERATE_OVERLOAD,
    CONF_VOLTAGE,
)
from ..house.consumers import StoredConsumer, consumers_of
from ..house.sensors import sensors_of
from ..registry.house_entry import HOUSE_OPTIONS, house_entry, sharing_entries

_HEART = frozenset(
    {
        *(CONF_GRID_POWER, CONF_GRID_OTHERS, CONF_GRID_IMPORT, CONF_GRID_EXPORT),
        *(CONF_CONSUMPTION_POWER, CONF_PHASE_SENSORS),
    }
)
"""What there is once in a house: its grid connection and its main fuse."""
_OF_FUSE = (
    *(CONF_PHASE_SENSORS, CONF_PHASES_POSITIVE, CONF_FUSE, CONF_TOLERATE_OVERLOAD, CONF_FUSE_CONTINUOUS),
    *(CONF_IMBALANCE, CONF_PHASE_VOLTS, CONF_PHASE_POWERS, CONF_PHASE_POWERS_POSITIVE),
)


class Belonging(Enum):
    """Whether the buses there are belong to one house."""

    SETTLED = auto()
    """There is nothing to decide: one bus, or a house that they share already."""
    ONE_HOUSE = auto()
    UNSURE = auto()
    """Each measures something else."""


@callback
def buses_in_use(hass: HomeAssistant) -> list[ConfigEntry[Any]]:
    """Return the entries of the buses that may share a house, and that nobody has disabled."""
    return [bus for bus in sharing_entries(hass) if bus.disabled_by is None]


@callback
def belonging(hass: HomeAssistant, *, with_another: bool = False) -> Belonging:
    """Return whether the buses belong to one house; ``with_another``: together with one that measures nothing.

    One that is disabled counts as soon as it is enabled: until then it may be an adapter of years ago.
    """
    buses = buses_in_use(hass)
    if house_entry(hass) is not None or len(buses) + with_another < 2:
        return Belonging.SETTLED
    measuring = [found for bus in buses if (found := _measured(bus))]
    if len(measuring) < 2 or frozenset.intersection(*measuring):
        return Belonging.ONE_HOUSE
    return Belonging.UNSURE


def _measured(entry: ConfigEntry[Any]) -> frozenset[str]:
    """Return the sensors by which a bus knows the grid connection or the main fuse."""
    site = entry.options.get(CONF_SITE, {})
    return frozenset(entity_id for key, entity_id, _ in sensors_of(site) if key in _HEART)


@callback
def first_of(hass: HomeAssistant) -> ConfigEntry[Any]:
    """Return the bus whose house all share: the first that measures anything, or else the first."""
    buses = buses_in_use(hass)
    return next((bus for bus in buses if _measured(bus)), buses[0])


def options_of_house(founder: ConfigEntry[Any], buses: Iterable[ConfigEntry[Any]]) -> dict[str, Any]:
    """Return the options of the house that buses share: those of its first one, and what only others had.

    The main fuse of another bus is guarded on where the first one has none; of two ratings the lower one counts.
    """
    options = {key: value for key, value in founder.options.items() if key in HOUSE_OPTIONS}
    options |= {key: founder.options[key] for key in (CONF_PHASES, CONF_VOLTAGE)}
    site = without_other_loads(founder.options.get(CONF_SITE, {}))
    for bus in buses:
        others = bus.options.get(CONF_SITE, {})
        if CONF_PRICES in bus.options:
            options.setdefault(CONF_PRICES, bus.options[CONF_PRICES])
        if others_too := consumers_of(bus.options):
            options[CONF_CONSUMERS] = _together(consumers_of(options), others_too)
        if CONF_FUSE not in others or not others.get(CONF_PHASE_SENSORS):
            continue
        if not site.get(CONF_PHASE_SENSORS) or CONF_FUSE not in site:
            site |= {key: others[key] for key in _OF_FUSE if key in others}
        site[CONF_FUSE] = min(site[CONF_FUSE], others[CONF_FUSE])
    if site:
        options[CONF_SITE] = site
    return options


def _together(known: list[StoredConsumer], others: Iterable[StoredConsumer]) -> list[StoredConsumer]:
    """Return all consumers of two buses: each sensor once, and each name once."""
    together = list(known)
    for one in others:
        if all(
            one[CONF_CONSUMER_POWER] != other[CONF_CONSUMER_POWER] and one[CONF_NAME] != other[CONF_NAME]
            for other in together
        ):
            together.append(one)
    return together


def options_beside_house(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a bus keeps of its options: all but those of the house. Other loads hang on its own circuit."""
    kept = {key: value for key, value in options.items() if key not in HOUSE_OPTIONS}
    if loads := options.get(CONF_SITE, {}).get(CONF_OTHER_LOADS):
        kept[CONF_SITE] = {CONF_OTHER_LOADS: loads}
    return kept


def options_without_house(options: Mapping[str, Any], house: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a bus that has a house of its own again: that which it shared."""
    given = {key: value for key, value in house.items() if key in HOUSE_OPTIONS}
    own = options.get(CONF_SITE, {})
    return {**options, **given, CONF_SITE: {**given.get(CONF_SITE, {}), **own}}


def without_other_loads(site: Mapping[str, Any]) -> dict[str, Any]:
    """Return how a house is measured, without what is measured of one circuit."""
    return {key: value for key, value in site.items() if key != CONF_OTHER_LOADS}
