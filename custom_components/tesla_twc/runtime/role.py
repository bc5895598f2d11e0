"""What we are on the bus of an entry, and the conversation that goes with it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..const import CONF_RATING, CONF_ROLE
from ..twc.bus.conversation import Conversation
from ..twc.bus.joiner import Joiner
from ..twc.bus.listener import Listener
from ..twc.bus.settings import BusSettings, RememberedConnector
from ..twc.bus.snapshot import BusRole

RATINGS = (32, 80)
"""A per phase: the two models there are (protocol.md 2.2)."""


def role_of(data: Mapping[str, Any]) -> BusRole:
    """Return the role that the data of an entry say; entries from before there were roles are controllers."""
    return BusRole(data.get(CONF_ROLE, BusRole.CONTROL))


def overhearing(
    data: Mapping[str, Any],
    settings: BusSettings,
    remembered: Iterable[RememberedConnector],
    chance: Callable[[], float],
) -> Conversation:
    """Return the conversation of an entry in a role in which nobody is given orders."""
    if role_of(data) is BusRole.LISTEN:
        return Listener(settings, remembered)
    return Joiner(settings, remembered, rated_amps=float(data.get(CONF_RATING, RATINGS[0])), chance=chance)
