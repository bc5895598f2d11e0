"""Dialogues of the options that were begun for their owner, by a repair or at the end of the set-up.

A page may take such a dialogue up, or begin one of its own: that one then goes on in its place.
"""

from collections.abc import Mapping
from typing import Any, cast

from homeassistant.config_entries import OptionsFlow


def take_up(flow: OptionsFlow, source: str) -> list[Mapping[str, Any]]:
    """Return the contexts of what was begun for an entry from a source, this one included, and end the others."""
    dialogues = flow.hass.config_entries.options
    begun = [
        one
        for one in dialogues.async_progress_by_handler(flow.config_entry.entry_id)
        if one["context"].get("source") == source and one["flow_id"] != flow.flow_id
    ]
    for one in begun:
        dialogues.async_abort(one["flow_id"])
    contexts = (flow.context, *(one["context"] for one in begun))
    return [cast("Mapping[str, Any]", context) for context in contexts if context.get("source") == source]
