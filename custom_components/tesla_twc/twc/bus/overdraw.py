"""A wall connector that draws more than it was offered: lowered once, then left alone (protocol.md 6.2 rule 7)."""

from collections import deque
from enum import Enum, auto

TOLERANCE_AMPS = 1.0
TOLERANCE_SHARE = 0.1
"""The reported current is 5 to 15 % high (protocol.md 3.9), so so much above the offer is no overdraw."""
LOWER_SECONDS = 10.0
RELEASE_SECONDS = 30.0
RELEASED_FOR_SECONDS = 900.0
"""Then it is tried again at the minimum; a unit's own retry after a fault takes as long (protocol.md 1.11)."""


class Verdict(Enum):
    """What to do about the current drawn."""

    FINE = auto()
    LOWER = auto()
    """Offer the minimum and see."""
    RELEASE = auto()
    """Send no more heartbeats: the last resort that really opens the contactor."""


def excess_amps(limit_amps: float, drawn_amps: float) -> float:
    """Return by how much a current is above a limit, beyond what measuring errors explain; 0 if it is not."""
    return max(0.0, drawn_amps - limit_amps - max(TOLERANCE_AMPS, TOLERANCE_SHARE * limit_amps))


class OverdrawWatch:
    """Judges every heartbeat of one wall connector."""

    def __init__(self) -> None:
        """Nothing seen."""
        self._since: float | None = None
        self._lowered_at: float | None = None
        self._beyond_cap = 0
        self._offers: deque[tuple[float, float]] = deque()
        """The offers of the last seconds, and when each was in force."""
        self._released_at: float | None = None

    def judge(self, *, offered_amps: float, cap_amps: float, drawn_amps: float, now: float) -> Verdict:
        """Take the amps of one heartbeat. ``cap_amps``: the most this wall connector may ever draw."""
        # A cap lowered by its owner binds the car once it had time to follow the lower offer.
        followed = self._highest_offer(offered_amps, now)
        self._beyond_cap = self._beyond_cap + 1 if excess_amps(max(cap_amps, followed), drawn_amps) else 0
        if not excess_amps(offered_amps, drawn_amps):
            self._since = self._lowered_at = None
            return Verdict.FINE
        self._since = now if self._since is None else self._since
        if self._lowered_at is None and now - self._since > LOWER_SECONDS:
            self._lowered_at = now
        too_long = self._lowered_at is not None and now - self._lowered_at > RELEASE_SECONDS
        # Two agreeing frames, because one may be damaged (protocol.md 1.5).
        if too_long or self._beyond_cap >= 2:
            self._released_at = now
            self._since = self._lowered_at = None
            self._beyond_cap = 0
            return Verdict.RELEASE
        return Verdict.FINE if self._lowered_at is None else Verdict.LOWER

    def released(self, now: float) -> bool:
        """Whether the wall connector is still to be left without heartbeats."""
        return self._released_at is not None and now - self._released_at < RELEASED_FOR_SECONDS

    def _highest_offer(self, offered_amps: float, now: float) -> float:
        """Return the highest offer that a car may still be coming down from."""
        self._offers.append((now, offered_amps))
        while now - self._offers[0][0] > LOWER_SECONDS:
            self._offers.popleft()
        return max(amps for _, amps in self._offers)
