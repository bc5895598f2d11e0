"""What a wall connector takes, on the scale of its offers.

A car that follows its offer draws the offer, whatever the wall connector measures: that figure is 5 to 15 % high
(protocol.md 2.4), and an ampere more in the own use would be an ampere taken from the grid. While a car is on its way
from one offer to the next, the measured current tells where it is, and what was measured at rest tells how far that
figure is off.
"""

from ..bus.snapshot import CHARGING_AMPS, WallConnectorSnapshot

FOLLOW_SECONDS = 4.0
"""A car follows a changed offer within so long (protocol.md 3.3)."""
_HIGHEST_RATIO, _LOWEST_RATIO = 1.2, 0.8
"""Measured to offered current of a car that follows; beyond these it limits itself, or has still to fall."""


class OwnCurrent:
    """One wall connector."""

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self.amps = 0.0
        """A per phase."""
        self._offered = 0.0
        self._changed_at = float("-inf")
        self._ratio = 1.0

    def look(self, connector: WallConnectorSnapshot, now: float) -> None:
        """Take what it reports."""
        drawn, offered = connector.drawn_amps or 0.0, connector.offered_amps or 0.0
        if offered != self._offered:
            self._offered, self._changed_at = offered, now
        if drawn < CHARGING_AMPS:
            self.amps = 0.0
        elif now < self._changed_at + FOLLOW_SECONDS:
            self.amps = drawn / self._ratio
        else:
            self.amps = self._at_rest(drawn, offered)

    def _at_rest(self, drawn: float, offered: float) -> float:
        if drawn > offered * _HIGHEST_RATIO + 1.0:
            return drawn
        if offered and _LOWEST_RATIO <= drawn / offered <= _HIGHEST_RATIO:
            self._ratio = drawn / offered
        return min(offered, drawn + 1.0)

    @property
    def settled_at(self) -> float:
        """When the last offer counts as followed."""
        return self._changed_at + FOLLOW_SECONDS
