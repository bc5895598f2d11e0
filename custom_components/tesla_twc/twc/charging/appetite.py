"""Which cars want current. Nobody says so on this bus, so it is told from what a car does with an offer."""

from ..bus.snapshot import Presence, WallConnectorSnapshot
from ..protocol.codes import TwcId
from .allocation import SETTLED_SECONDS

_SERVED = (Presence.LINKED, Presence.STALE)


class Appetite:
    """A car wants current while it draws some, and as long as it has not had a fair chance to begin.

    The chance lasts ``SETTLED_SECONDS`` and is used up only while the car is offered something: one that
    waits for its turn without an offer keeps its appetite, however long it waits.
    """

    def __init__(self) -> None:
        """No car was seen yet."""
        self._chance_since: dict[TwcId, float] = {}

    def wants_current(self, connector: WallConnectorSnapshot, now: float) -> bool:
        """Judge the car of one wall connector at a time in s; to be asked whenever something was heard."""
        twcid = connector.twcid
        if not connector.plugged_in:
            self._chance_since.pop(twcid, None)
            return False
        offered = connector.presence in _SERVED and (connector.offered_amps or 0.0) >= connector.minimum_amps
        if connector.charging or not offered:
            self._chance_since[twcid] = now
        return now - self._chance_since.setdefault(twcid, now) < SETTLED_SECONDS
