"""How much of an offer a car really uses, so that what one leaves lies on the table for the others."""

from math import ceil

from ..bus.snapshot import WallConnectorSnapshot

LEFT_AMPS = 2.0
"""A car this far below its offer leaves something: more than the measuring error and the usual shortfall."""
SURE_SECONDS = 60.0
"""It does so for this long: cars start and ramp in less (protocol.md 3.4)."""
ROOM_AMPS = 2
"""It is offered a little more than it uses, so that it can be seen to want more."""


MORE_AMPS = 1.0
"""It draws so much more than it ever used: it wants more than was thought."""


class Appetite:
    """What one car uses of its offer."""

    def __init__(self) -> None:
        """Nothing is known: it may want everything."""
        self._since: float | None = None
        self._uses_amps: float | None = None

    def useful_amps(self, connector: WallConnectorSnapshot, highest: int, now: float) -> int:
        """Return the most it can use, in A per phase; at most ``highest``."""
        self._look(connector, now)
        if self._uses_amps is None:
            return highest
        return min(highest, max(connector.minimum_amps, ceil(self._uses_amps) + ROOM_AMPS))

    @property
    def uses_amps(self) -> float | None:
        """What it uses at most, in A per phase; None while it may want everything."""
        return self._uses_amps

    def _look(self, connector: WallConnectorSnapshot, now: float) -> None:
        """Learn what it uses while it is offered more; a dip of the offer tells nothing of that."""
        drawn = connector.drawn_amps or 0.0
        if not connector.plugged_in or (self._uses_amps is not None and drawn > self._uses_amps + MORE_AMPS):
            self._uses_amps = None
        if not connector.plugged_in or (connector.offered_amps or 0.0) - drawn < LEFT_AMPS:
            self._since = None
            return
        self._since = now if self._since is None else self._since
        if now - self._since >= SURE_SECONDS:
            self._uses_amps = drawn
