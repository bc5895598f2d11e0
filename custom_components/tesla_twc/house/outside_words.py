"""Reads what entities say of limits from outside: the grid operator's command, and the ceiling of another brain."""

from collections.abc import Mapping
from typing import Any

from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.core import HomeAssistant

from ..const import (
    CONF_CEILING_ENTITY,
    CONF_CEILING_UNIT,
    CONF_GRID_CONTACT,
    CONF_GRID_FAILSAFE_ENDS,
    CONF_GRID_FAILSAFE_HOURS,
    CONF_GRID_FAILSAFE_WATTS,
    CONF_GRID_LIMIT,
    CONF_GRID_OPERATOR,
    CONF_GRID_SILENCE,
    CONF_GRID_WATTS,
    CONF_OUTSIDE,
    DEFAULT_FAILSAFE_HOURS,
    DEFAULT_GRID_WATTS,
)
from ..twc.charging.outside.grid_operator import HEARTBEAT_LOST_SECONDS, GridSettings
from ..twc.charging.readings import Gap
from .units import Quantity, measure

AMPS = "A"
WATTS = "W"


def outside_entities(options: Mapping[str, Any]) -> tuple[str, ...]:
    """Return every entity by which somebody outside may limit the cars."""
    ceiling, operator = options.get(CONF_OUTSIDE, {}), options.get(CONF_GRID_OPERATOR, {})
    named = (ceiling.get(CONF_CEILING_ENTITY), operator.get(CONF_GRID_CONTACT), operator.get(CONF_GRID_LIMIT))
    return tuple(entity_id for entity_id in named if entity_id)


def grid_settings(chosen: Mapping[str, Any]) -> GridSettings:
    """Return what the owner configured of the grid operator."""
    minutes = float(chosen.get(CONF_GRID_SILENCE, 0))
    return GridSettings(
        watts=float(chosen.get(CONF_GRID_WATTS, DEFAULT_GRID_WATTS)),
        failsafe_watts=float(chosen.get(CONF_GRID_FAILSAFE_WATTS, DEFAULT_GRID_WATTS)),
        failsafe_seconds=float(chosen.get(CONF_GRID_FAILSAFE_HOURS, DEFAULT_FAILSAFE_HOURS)) * 3600,
        failsafe_ends=bool(chosen.get(CONF_GRID_FAILSAFE_ENDS, False)),
        silence_seconds=minutes * 60 if minutes else HEARTBEAT_LOST_SECONDS,
    )


def grid_words(hass: HomeAssistant, chosen: Mapping[str, Any]) -> tuple[bool, float | None] | None:
    """Return whether the grid operator limits the house and to how many W; None: nothing can be known.

    Without a number, what is configured counts. A number alone always limits.
    """
    contact, number = chosen.get(CONF_GRID_CONTACT), chosen.get(CONF_GRID_LIMIT)
    watts = None if number is None else _measured(hass, number, Quantity.POWER)
    if contact is None:
        return None if watts is None else (True, watts)
    state = hass.states.get(contact)
    if state is None or state.state not in (STATE_ON, STATE_OFF):
        return None
    return state.state == STATE_ON, watts


def ceiling_words(hass: HomeAssistant, chosen: Mapping[str, Any]) -> float | None:
    """Return the ceiling of another brain in its unit, never negative; None: it says nothing."""
    quantity = Quantity.CURRENT if chosen.get(CONF_CEILING_UNIT) == AMPS else Quantity.POWER
    value = _measured(hass, chosen[CONF_CEILING_ENTITY], quantity)
    return None if value is None else max(0.0, value)


def _measured(hass: HomeAssistant, entity_id: str, quantity: Quantity) -> float | None:
    state = hass.states.get(entity_id)
    if state is None:
        return None
    value = measure(state, quantity)
    return None if isinstance(value, Gap) else value
