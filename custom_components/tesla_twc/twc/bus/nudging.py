"""A wall connector that waits in state 08 goes on only when a *new* limit arrives (protocol.md 2.4, jnicolson#7)."""

from ..protocol.codes import ConnectorState
from ..protocol.messages import ConnectorHeartbeat
from .settings import MINIMUM_AMPS
from .snapshot import CHARGING_AMPS

PATIENCE_SECONDS = 30.0
"""A car begins within half a minute of its limit (protocol.md 3.4)."""
NUDGES = 3
"""A car that refuses waits there for ever; it is not asked for ever (protocol.md 3.4, ngardiner#464)."""


class Nudge:
    """Changes the offer by 1 A for one heartbeat when a car does not begin; the next one says what was meant."""

    def __init__(self) -> None:
        """Nothing waits."""
        self._since: float | None = None
        self._left = NUDGES

    def amps(
        self, heartbeat: ConnectorHeartbeat | None, wish_amps: int, highest_amps: int, now: float
    ) -> int:
        """Return the offer to make: the wish, or now and then one next to it.

        ``highest_amps`` is what may be offered for a moment. Where that is the minimum, nothing can be changed.
        """
        if heartbeat is None or heartbeat.drawn_amps >= CHARGING_AMPS:
            self._since, self._left = None, NUDGES
            return wish_amps
        if heartbeat.state is not ConnectorState.STARTING or wish_amps < MINIMUM_AMPS:
            self._since = None
            return wish_amps
        self._since = now if self._since is None else self._since
        if now - self._since < PATIENCE_SECONDS or not self._left:
            return wish_amps
        other = wish_amps - 1 if wish_amps > MINIMUM_AMPS else wish_amps + 1
        if other > highest_amps:
            return wish_amps
        self._since, self._left = now, self._left - 1
        return other
