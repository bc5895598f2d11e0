"""Changes an offer for a moment where a car does not begin.

A wall connector that waits in state 08 goes on only when a new limit arrives (protocol.md 2.4, jnicolson#7).
"""

from ...protocol.codes import ConnectorState
from ...protocol.messages import ConnectorHeartbeat
from ..settings import MINIMUM_AMPS
from ..snapshot import CHARGING_AMPS

NUDGE_AFTER_SECONDS = 30.0
"""A car begins within half a minute of its limit (protocol.md 3.4)."""
NUDGES = 3
"""So often a car is asked: one that refuses would wait there without end (protocol.md 3.4, ngardiner#464)."""


class Nudge:
    """Changes the offer by 1 A for one heartbeat when a car does not begin; the next one says what was meant."""

    def __init__(self) -> None:
        """Start without a waiting car."""
        self._since: float | None = None
        self._left = NUDGES

    def apply(
        self, heartbeat: ConnectorHeartbeat | None, target_amps: int, highest_amps: int, now: float
    ) -> int:
        """Return the offer to make: the target, or now and then one next to it.

        ``highest_amps`` is what may be offered for a moment. Where that is the minimum, nothing can be changed.
        """
        if heartbeat is None or heartbeat.drawn_amps >= CHARGING_AMPS:
            self._since, self._left = None, NUDGES
            return target_amps
        if heartbeat.state is not ConnectorState.STARTING or target_amps < MINIMUM_AMPS:
            self._since = None
            return target_amps
        self._since = now if self._since is None else self._since
        if now - self._since < NUDGE_AFTER_SECONDS or not self._left:
            return target_amps
        other = target_amps - 1 if target_amps > MINIMUM_AMPS else target_amps + 1
        if other > highest_amps:
            return target_amps
        self._since, self._left = now, self._left - 1
        return other
