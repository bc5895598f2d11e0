"""What other integrations say of their entities, whatever they say.

An attribute may be anything: a list where a unit should be, a text where a number should be, a number too large for
any. Nothing of that is an error of this integration, so it is read here as what it can mean, or as nothing.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from math import isfinite
from typing import Any

from homeassistant.core import HomeAssistant, State

LARGEST = 1e6
"""No amps, watts or percent of a house are more; with larger numbers, sums and steps run out of their range."""
NONSENSE = ""
"""Stands for a text that is none: it names no unit and no class."""


def text_of(value: Any) -> str | None:
    """Return a text as it is, None where there is nothing, and NONSENSE for anything else."""
    if value is None:
        return None
    return value if isinstance(value, str) else NONSENSE


def number_of(value: Any) -> float | None:
    """Return what can be read as a number of reasonable size, else None."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except ValueError, OverflowError:
        return None
    return number if isfinite(number) and abs(number) <= LARGEST else None


def attribute_text(state: State, name: str) -> str | None:
    """Return an attribute as ``text_of`` reads it."""
    return text_of(state.attributes.get(name))


def attribute_number(state: State, name: str) -> float | None:
    """Return an attribute as ``number_of`` reads it."""
    return number_of(state.attributes.get(name))


def is_one_of(state: State, name: str, known: Collection[str | None]) -> bool:
    """Whether an attribute is one of some texts; None among them stands for one that is not there."""
    return attribute_text(state, name) in known


def name_of(hass: HomeAssistant, entity_id: str) -> str:
    """Return what people call an entity."""
    state = hass.states.get(entity_id)
    return entity_id if state is None else text_of(state.name) or entity_id


def list_names(hass: HomeAssistant, entity_ids: Iterable[str], chosen: Iterable[str]) -> str:
    """Return what people call some entities, with the id behind a name that two of the ``chosen`` ones share."""
    listed = tuple(entity_ids)
    names = {entity_id: name_of(hass, entity_id) for entity_id in (*chosen, *listed)}
    alike = Counter(names.values())
    return ", ".join(
        names[one] if alike[names[one]] == 1 else f"{names[one]} ({one})" for one in dict.fromkeys(listed)
    )
