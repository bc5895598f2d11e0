"""Notes which offer has proved to be enough for a car: it began with it, or went on with it for a while.

A car may want more than it is offered and end its charge for that. Such a car has not finished.
"""

from math import inf

GOES_ON_SECONDS = 30.0
"""A car that wants more ends within this time after its offer fell: it follows within 4 s (protocol.md 3.3)."""


class EnoughOffer:
    """Follows the offers to one car while it charges. Amps are A per phase, times s of one clock."""

    def __init__(self) -> None:
        """Nothing is proved yet."""
        self.proved_amps = inf
        """The lowest offer that was enough."""
        self._offered_amps = 0.0
        self._since: float | None = None
        """When the present span of time began; None while no current flows."""
        self._highest_amps = 0.0
        """The highest offer in that span: which of its offers kept the car is not known."""

    def follow(self, offered_amps: float, now: float) -> None:
        """Take in what a car that charges is offered."""
        if self._since is None:
            self.proved_amps = min(self.proved_amps, offered_amps)
            self._highest_amps, self._since = offered_amps, now
        elif now - self._since >= GOES_ON_SECONDS:
            self.proved_amps = min(self.proved_amps, self._highest_amps)
            self._highest_amps, self._since = self._offered_amps, now
        self._highest_amps = max(self._highest_amps, offered_amps)
        self._offered_amps = offered_amps

    def end(self) -> bool:
        """Note that the current has ended; return whether the last offer before was enough."""
        self._since = None
        return self._offered_amps >= self.proved_amps
