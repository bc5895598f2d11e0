"""Tells the entries of buses from the one of the house that they share, and whose options are in force for a bus.

Most houses have one bus, and no entry of their own: what is known of such a house stands in the options of its bus.
Simulated wall connectors draw nothing from the main fuse, and their time may pass faster, so they share no house.
"""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_DEVICE, Platform
from homeassistant.core import HomeAssistant, callback

from ..const import (
    CONF_CONSUMERS,
    CONF_FEEDERS,
    CONF_FEW_STARTS,
    CONF_FORMER_PACE,
    CONF_GRID_OPERATOR,
    CONF_KIND,
    CONF_OUTSIDE,
    CONF_PRICES,
    CONF_ROTATION_MINUTES,
    CONF_SITE,
    DOMAIN,
    KIND_HOUSE,
    SIMULATED_DEVICE,
)

HOUSE_OPTIONS = frozenset(
    {
        *(CONF_SITE, CONF_FEEDERS, CONF_PRICES, CONF_FEW_STARTS, CONF_FORMER_PACE, CONF_ROTATION_MINUTES),
        *(CONF_OUTSIDE, CONF_GRID_OPERATOR, CONF_CONSUMERS),
    }
)
"""The options that a shared house has in place of its buses."""

HOUSE_ENTITIES: Mapping[Platform, tuple[str, ...]] = {
    Platform.BINARY_SENSOR: ("dimmed",),
    Platform.BUTTON: ("check_meter",),
    Platform.NUMBER: ("reserve", "battery_first_soc", "battery_helps_soc", "start_grid_share"),
    Platform.SELECT: ("default_mode",),
    Platform.SENSOR: (
        "surplus_power",
        "available_current",
        "input_state",
        "meter",
        "ceiling_power",
        "ceiling_current",
    ),
    Platform.SWITCH: ("battery_discharge", "shadow"),
}
"""The keys of the entities that a shared house has in place of its buses."""


def is_house(entry: ConfigEntry[Any]) -> bool:
    """Whether an entry is that of a house, and no bus."""
    return bool(entry.data.get(CONF_KIND) == KIND_HOUSE)


def bus_entries(
    hass: HomeAssistant, *, include_disabled: bool = True, include_ignore: bool = True
) -> list[ConfigEntry[Any]]:
    """Return the entries of all buses, the oldest first."""
    entries = hass.config_entries.async_entries(
        DOMAIN, include_disabled=include_disabled, include_ignore=include_ignore
    )
    return [entry for entry in entries if not is_house(entry)]


def sharing_entries(hass: HomeAssistant) -> list[ConfigEntry[Any]]:
    """Return the entries of the buses that belong to one house, disabled ones among them."""
    return [entry for entry in bus_entries(hass) if _can_share(entry)]


def _can_share(entry: ConfigEntry[Any]) -> bool:
    return bool(entry.data.get(CONF_DEVICE, SIMULATED_DEVICE) != SIMULATED_DEVICE)


@callback
def house_entry(hass: HomeAssistant) -> ConfigEntry[Any] | None:
    """Return the entry of the house that the buses share; None while there is none."""
    return hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, KIND_HOUSE)


@callback
def house_of(hass: HomeAssistant, entry: ConfigEntry[Any]) -> ConfigEntry[Any] | None:
    """Return the entry of the house that a bus shares with others; None where it has a house of its own."""
    return house_entry(hass) if _can_share(entry) else None


@callback
def options_of(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Mapping[str, Any]:
    """Return the options that are in force for a bus: its own, but for those that its shared house has."""
    if (house := house_of(hass, entry)) is None:
        return entry.options
    own = {key: value for key, value in entry.options.items() if key not in HOUSE_OPTIONS}
    return own | {key: value for key, value in house.options.items() if key in HOUSE_OPTIONS}
