"""Keeps since when contactors have been open over a restart, so that their rest goes on (protocol.md 3.8).

The clock of the bus is that of the machine: it goes on while Home Assistant restarts, and begins anew with the machine.
A time by it is believed only where the wall clock says that as much has passed. Otherwise the rest begins anew.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import voluptuous as vol

from ..twc.bus.settings import RememberedConnector
from ..twc.protocol.codes import TwcId
from .values import number

CLOCKS_AGREE_SECONDS = 5.0
"""Two clocks of one machine differ by less after a restart; a wall clock that was put right may differ by years."""

_moment = number("expected a time")
RESTS = vol.Schema(
    {
        vol.Required("clock"): _moment,
        vol.Required("wall"): _moment,
        vol.Required("opened"): {TwcId.parse: _moment},
    }
)
"""The moment in which it was written, by the clock of the bus and in s since 1970; when contactors were opened."""


def written(remembered: Iterable[RememberedConnector], now: float, wall: float) -> dict[str, Any] | None:
    """Return what to write of those whose contactors are open at this moment; None: none is."""
    opened = {str(known.twcid): known.opened_at for known in remembered if known.opened_at is not None}
    return {"clock": now, "wall": wall, "opened": opened} if opened else None


def resting(
    remembered: Iterable[RememberedConnector], stored: Mapping[str, Any], now: float, wall: float
) -> tuple[RememberedConnector, ...]:
    """Return them with the times at which they were opened, as far as those can be believed."""
    passed = now - stored["clock"]
    if passed < 0.0 or abs(passed - (wall - stored["wall"])) > CLOCKS_AGREE_SECONDS:
        return tuple(remembered)
    opened = stored["opened"]
    return tuple(
        replace(known, opened_at=opened[known.twcid])
        if known.contactor_open and opened.get(known.twcid, now) < now
        else known
        for known in remembered
    )
