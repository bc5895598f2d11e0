"""Estimates the true current of a car from its offer and the measured current.

A car that follows its offer draws exactly the offer. The wall connector measures 5 to 15 % more (protocol.md 2.4), and
such an error would be taken from the grid. While a car changes from one offer to the next, the measured current is
used, corrected by the ratio that was measured at rest.
"""

from ...bus.snapshot import CHARGING_AMPS, WallConnectorSnapshot

CAR_FOLLOWS_SECONDS = 4.0
"""A car follows a changed offer within this time (protocol.md 3.3)."""
_HIGHEST_RATIO, _LOWEST_RATIO = 1.2, 0.8
"""The bounds of measured to offered current for a car that follows. Outside, it limits itself or is still falling."""


class OwnCurrent:
    """Estimates the current at one wall connector."""

    def __init__(self) -> None:
        """Begin without any report."""
        self.amps = 0.0
        """A per phase as decisions count them: in terms of the offer, so that the next one leaves nothing over."""
        self.measured_amps = 0.0
        """A per phase, as the wall connector reports them, but no more than that."""
        self._offered = 0.0
        self._changed_at = float("-inf")
        self._ratio = 1.0

    def note(self, connector: WallConnectorSnapshot, now: float) -> None:
        """Take in what the wall connector reports."""
        drawn, offered = connector.drawn_amps or 0.0, connector.offered_amps or 0.0
        if offered != self._offered:
            self._offered, self._changed_at = offered, now
        if drawn < CHARGING_AMPS:
            self.amps = 0.0
        elif now < self._changed_at + CAR_FOLLOWS_SECONDS:
            self.amps = drawn / self._ratio
        else:
            self.amps = self._learn_at_rest(drawn, offered)
        self.measured_amps = min(self.amps, drawn)

    def _learn_at_rest(self, drawn: float, offered: float) -> float:
        if drawn > offered * _HIGHEST_RATIO + 1.0:
            return drawn
        if offered and _LOWEST_RATIO <= drawn / offered <= _HIGHEST_RATIO:
            self._ratio = drawn / offered
        return min(offered, drawn + 1.0)

    @property
    def settled_at(self) -> float:
        """When the car counts as having followed the last offer."""
        return self._changed_at + CAR_FOLLOWS_SECONDS
