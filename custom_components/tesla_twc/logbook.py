"""Writes the lines of the logbook about wall connectors in words."""

from collections.abc import Callable, Mapping
from math import floor
from typing import Any

from homeassistant.components.logbook.const import (
    LOGBOOK_ENTRY_ENTITY_ID,
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
)
from homeassistant.const import ATTR_DEVICE_ID, CONF_TYPE, Platform
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.translation import async_get_cached_translations

from .const import DOMAIN
from .house.sentences import loaded_words
from .registry.naming import name_of_device
from .sessions.bus_event import EVENT_CHARGE
from .twc.sessions.happening import UNPLUGGED, Happening

_STATES = {
    "reason": f"component.{DOMAIN}.entity.sensor.decision.state.",
    "problem": f"component.{DOMAIN}.entity.binary_sensor.problem.state_attributes.problem.state.",
}
"""Where the words for a reason and a problem stand."""

NOTHING_KWH = 0.005
"""A session with less has charged nothing."""
SMALL_KWH = 0.95
"""The energy of a smaller session is told with two decimals."""


@callback
def async_describe_events(
    hass: HomeAssistant,
    async_describe_event: Callable[[str, str, Callable[[Event], dict[str, str]]], None],
) -> None:
    """Say which events are described."""

    @callback
    def describe(event: Event) -> dict[str, str]:
        line = {LOGBOOK_ENTRY_NAME: "", LOGBOOK_ENTRY_MESSAGE: _message(hass, event.data)}
        device = dr.async_get(hass).async_get(event.data.get(ATTR_DEVICE_ID, ""))
        if device is None:
            return line
        entities = er.async_entries_for_device(er.async_get(hass), device.id)
        of_device = [
            one.entity_id for one in entities if one.domain == Platform.EVENT and one.platform == DOMAIN
        ]
        if of_device:
            line[LOGBOOK_ENTRY_ENTITY_ID] = of_device[0]
        return {**line, LOGBOOK_ENTRY_NAME: name_of_device(device)}

    async_describe_event(DOMAIN, EVENT_CHARGE, describe)


def _message(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
    """Return the words for an event; what there are no words for is told as it is."""
    language = hass.config.language
    sentences = async_get_cached_translations(hass, language, "common", DOMAIN)
    words = async_get_cached_translations(hass, language, "entity", DOMAIN)
    kind = str(data.get(CONF_TYPE))
    values = {
        name: words.get(begin + str(data[name]), str(data[name]))
        for name, begin in _STATES.items()
        if name in data
    }
    if kind == Happening.SESSION_ENDED:
        energy, share = data.get("energy", 0.0), data.get("sun_share")
        kind = f"{kind}_nothing" if energy < NOTHING_KWH else f"{kind}_sun" if share else kind
        told = loaded_words(hass).figure(energy, 2 if energy < SMALL_KWH else 1)
        values |= {"energy": told, "share": str(floor((share or 0.0) + 0.5))}
    elif kind == Happening.REFUSED or data.get("reason") == UNPLUGGED:
        kind = f"{kind}_{data.get('reason')}"
    elif data.get("sentence"):
        kind, values["sentence"] = f"{kind}_why", str(data["sentence"])
    elif "reason" in values:
        kind = f"{kind}_because"
    sentence = sentences.get(f"component.{DOMAIN}.common.charge_{kind}")
    return kind.replace("_", " ") if sentence is None else sentence.format(**values)
