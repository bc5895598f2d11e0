"""Keeps times by the clock of the bus over a restart, as far as they can be believed.

Since when contactors have been open, so that their rest goes on (protocol.md 3.8), and since when cars that ended their
charge by themselves take nothing.

The clock of the bus is that of the machine: it goes on while Home Assistant restarts, and begins anew with the machine.
A time by it is believed only where the wall clock says that as much has passed. Otherwise the rest begins anew.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import voluptuous as vol

from ..twc.bus.settings import RememberedConnector
from ..twc.bus.timing import LOST_SECONDS
from ..twc.charging.full_car import KeptFull
from ..twc.protocol.codes import TwcId
from .memory import Memory
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


def written(memory: Memory, now: float, wall: float) -> dict[str, Any] | None:
    """Return what to write of the times that hold at this moment; None: there is none."""
    opened = {str(known.twcid): known.opened_at for known in memory.remembered if known.opened_at is not None}
    if not opened and all(one.since is None for one in memory.learnt.full.values()):
        return None
    return {"clock": now, "wall": wall, "opened": opened}


def believed(memory: Memory, stored: Mapping[str, Any] | None, now: float, wall: float) -> Memory:
    """Return it with the times by the clock of the bus, as far as those can be believed; ``stored``: None: none was."""
    passed = None if stored is None else now - stored["clock"]
    if stored is None or passed is None or passed < 0.0:
        return _with_ends(memory, None, now)
    if abs(passed - (wall - stored["wall"])) > CLOCKS_AGREE_SECONDS:
        return _with_ends(memory, None, now)
    opened = stored["opened"]
    remembered = tuple(_resting(known, opened.get(known.twcid, now), now) for known in memory.remembered)
    return _with_ends(replace(memory, remembered=remembered), passed, now)


def _resting(known: RememberedConnector, opened: float, now: float) -> RememberedConnector:
    return replace(known, opened_at=opened) if known.contactor_open and opened < now else known


def _with_ends(memory: Memory, passed: float | None, now: float) -> Memory:
    """Return it with the ends of charges; ``passed``: how long nobody looked, in s, None: nobody knows."""
    full = {twcid: _ended(one, passed, now) for twcid, one in memory.learnt.full.items()}
    return memory if full == memory.learnt.full else replace(memory, learnt=replace(memory.learnt, full=full))


def _ended(one: KeptFull, passed: float | None, now: float) -> KeptFull:
    """Return it with what can be believed of its times. Whoever got no heartbeats for long was offered nothing."""
    if passed is None or (one.since is not None and one.since > now):
        return replace(one, since=None, enough_since=None)
    return replace(one, enough_since=None) if passed >= LOST_SECONDS else one
