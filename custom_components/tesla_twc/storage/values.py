"""Checks values wherever they are kept: options of an entry and the file of a bus, by the same rules."""

from collections.abc import Callable
from math import isfinite
from typing import Any

import voluptuous as vol

from ..twc.bus.settings import HARD_CAP_AMPS

LIMIT = vol.Range(min=1, max=HARD_CAP_AMPS)
"""A limit, A per phase; what is told to a wall connector is bent further, into what it can be told."""

PHASES = vol.Range(min=1, max=3)
"""How many phases there are, or which one."""


def number(complaint: str) -> Callable[[Any], float]:
    """Return what takes a finite number, and no text or truth value that could be made one, or complains."""

    def take(value: Any) -> float:
        if type(value) not in (int, float) or not isfinite(value):
            raise vol.Invalid(complaint)
        return float(value)

    return take
