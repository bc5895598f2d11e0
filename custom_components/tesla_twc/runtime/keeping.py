"""Reads from the options for how many minutes a keeper goes on at most (as ``twc/keeper/state.py`` allows), and how."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..const import (
    CONF_GRID_OPERATOR,
    CONF_KEEP_MINUTES,
    CONF_ON_SHUTDOWN,
    CONF_PHASE_SENSORS,
    CONF_SITE,
    DEFAULT_KEEP_MINUTES,
    ShutdownChoice,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """What happens on the bus while Home Assistant is away."""

    seconds: float
    """For how long heartbeats go on; 0 = not at all."""
    lowered: bool
    """Whether at the minimum only."""


def keeping_of(options: Mapping[str, Any]) -> Keeping:
    """Return what the owner chose.

    Neither a main fuse nor the grid operator is watched meanwhile, so with one of them it is the minimum at most.
    """
    choice = ShutdownChoice(options.get(CONF_ON_SHUTDOWN, ShutdownChoice.KEEP))
    minutes = int(options.get(CONF_KEEP_MINUTES, DEFAULT_KEEP_MINUTES))
    guards_fuse = bool(options.get(CONF_SITE, {}).get(CONF_PHASE_SENSORS))
    return Keeping(
        seconds=0.0 if choice is ShutdownChoice.TIME_OUT else max(0.0, minutes * 60.0),
        lowered=choice is ShutdownChoice.MINIMUM or guards_fuse or bool(options.get(CONF_GRID_OPERATOR)),
    )
