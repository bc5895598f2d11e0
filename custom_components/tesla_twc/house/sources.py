"""Finds what stands behind a sensor, to tell a value that does not change from a sensor that is silent.

Home Assistant writes a helper anew when one of its sources *changes*. A template of two sensors that report the same
every ten seconds is therefore silent for hours, and so is the battery power that the Energy dashboard makes of two
sensors. Many integrations do the same with a value that they were told again (home-assistant/core#108646).
"""

from collections.abc import Callable, Iterator

from homeassistant.const import ATTR_DEVICE_CLASS, ATTR_UNIT_OF_MEASUREMENT, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_component import DATA_INSTANCES

from .foreign_states import is_one_of
from .units import APPARENT_UNITS, CURRENT_UNITS, POWER_UNITS

DEEPEST = 4
"""Helpers are made of helpers now and then, and by mistake of themselves."""

_MEASURED = POWER_UNITS | CURRENT_UNITS | APPARENT_UNITS
_ELECTRIC = frozenset({
    "apparent_power", "current", "energy", "frequency", "power", "power_factor", "reactive_power", "voltage",
})  # fmt: skip
"""The device classes that a meter or an inverter tells together."""


def sources_of(hass: HomeAssistant, entity_id: str) -> tuple[str, ...]:
    """Return the sensors of power or current that a helper is made of at every moment; none for any other sensor.

    Helpers that look back in time (a filter, a mean, a derivative) are none of these: their source may be fresh while
    what they say is old. An entity keeps its sources to itself, so whatever is not there is taken for none.
    """
    entity = _entity(hass, entity_id)
    match None if entity is None or entity.platform is None else entity.platform.platform_name:
        case "template":
            listeners = getattr(getattr(entity, "_template_result_info", None), "listeners", None) or {}
            named = () if listeners.get("all") or listeners.get("domains") else listeners.get("entities", ())
        case "energy":
            named = getattr(entity, "_source_sensors", ())
        case "group" | "min_max":
            named = getattr(entity, "_entity_ids", ())
        case _:
            named = ()
    return tuple(sorted(one for one in named if one != entity_id and _measures(hass, one)))


def sources_heard_at(
    hass: HomeAssistant, entity_id: str, heard_at: Callable[[State], float], depth: int = DEEPEST
) -> float | None:
    """Return until when the value of a helper holds: until its oldest source was heard. None for any other sensor.

    ``heard_at``: when a state was last reported, in s of any clock.
    """
    times = []
    for source in sources_of(hass, entity_id) if depth else ():
        state = hass.states.get(source)
        if state is None or state.state in (STATE_UNAVAILABLE, STATE_UNKNOWN):
            return None
        behind = sources_heard_at(hass, source, heard_at, depth - 1)
        own = heard_at(state)
        times.append(own if behind is None else max(own, behind))
    return min(times, default=None)


def siblings_of(hass: HomeAssistant, entity_id: str) -> Iterator[str]:
    """Yield the other electric sensors that the same integration has on the same device."""
    registry = er.async_get(hass)
    registered = registry.async_get(entity_id)
    if registered is None or registered.device_id is None:
        return
    for other in er.async_entries_for_device(registry, registered.device_id):
        is_other = other.entity_id != entity_id and other.domain == "sensor"
        of_same = other.platform == registered.platform and (
            other.config_entry_id == registered.config_entry_id
        )
        if is_other and of_same:
            yield other.entity_id


def is_electric(state: State) -> bool:
    """Whether a sensor tells what a meter or an inverter measures."""
    return is_one_of(state, ATTR_DEVICE_CLASS, _ELECTRIC)


def _measures(hass: HomeAssistant, entity_id: str) -> bool:
    state = hass.states.get(entity_id)
    return state is not None and is_one_of(state, ATTR_UNIT_OF_MEASUREMENT, _MEASURED)


def _entity(hass: HomeAssistant, entity_id: str) -> Entity | None:
    component = hass.data.get(DATA_INSTANCES, {}).get(entity_id.partition(".")[0])
    return None if component is None else component.get_entity(entity_id)
