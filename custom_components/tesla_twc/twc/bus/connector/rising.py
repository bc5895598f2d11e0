"""Limits how often an offer rises: it falls at once, and rises step by step.

Cars that are told another limit every second drop to 6 A or give up (protocol.md 3.3, 6.1).
"""

from ..settings import MINIMUM_AMPS

RISE_SECONDS = 10.0
"""At least so long from one rise to the next (protocol.md 6.1)."""


class RisePace:
    """The pace at which the offer of one wall connector rises."""

    def __init__(self) -> None:
        """Nothing was offered."""
        self._amps = 0
        self._rose_at = float("-inf")

    def apply(self, permitted_amps: int, now: float) -> int:
        """Return what leaves of an offer, A per phase. No more than the minimum is no rise: a car may begin at once."""
        least = max(self._amps, MINIMUM_AMPS)
        if permitted_amps > least and now - self._rose_at < RISE_SECONDS:
            permitted_amps = least
        elif permitted_amps > least:
            self._rose_at = now
        self._amps = permitted_amps
        return permitted_amps
