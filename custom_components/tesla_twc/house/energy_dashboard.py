"""Reads what the owner told the Energy dashboard."""

from collections.abc import Mapping
from typing import Any

from homeassistant.core import HomeAssistant

ENERGY = "energy"


async def async_energy_sources(hass: HomeAssistant) -> list[Mapping[str, Any]]:
    """Return its sources: grid, solar, battery …; none where there is no Energy dashboard."""
    if ENERGY not in hass.config.components:
        return []
    # Only here: it brings the recorder along, which not everybody has.
    from homeassistant.components.energy.data import async_get_manager  # noqa: PLC0415

    preferences = (await async_get_manager(hass)).data
    return list(preferences["energy_sources"]) if preferences else []
