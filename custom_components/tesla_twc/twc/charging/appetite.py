"""How much of an offer a car really uses, so that what one leaves lies on the table for the others."""

from math import ceil

from ..bus.snapshot import WallConnectorSnapshot

LEFT_AMPS = 2.0
"""A car this far below its offer leaves something: more than the measuring error and the usual shortfall."""
SURE_SECONDS = 60.0
"""It does so for this long: cars start and ramp in less (protocol.md 3.4)."""
ROOM_AMPS = 2
"""It is offered a little more than it uses, so that it can be seen to want more."""


class Appetite:
    """What one car uses of its offer."""

    def __init__(self) -> None:
        """Nothing is known: it may want everything."""
        self._since: float | None = None

    def useful_amps(self, connector: WallConnectorSnapshot, highest: int, now: float) -> int:
        """Return the most it can use, in A per phase; at most ``highest``."""
        drawn = connector.drawn_amps or 0.0
        offered = connector.offered_amps or 0.0
        if not connector.plugged_in or offered - drawn < LEFT_AMPS:
            self._since = None
            return highest
        self._since = now if self._since is None else self._since
        if now - self._since < SURE_SECONDS:
            return highest
        return min(highest, max(connector.minimum_amps, ceil(drawn) + ROOM_AMPS))
