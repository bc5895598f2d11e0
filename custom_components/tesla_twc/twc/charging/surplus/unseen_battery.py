"""Recognises by its state of charge that a house battery of which nobody measures the power feeds a car.

A battery keeps the grid at zero whatever a car draws, so with the grid alone a car that began in the sun goes on until
the battery is empty (evcc-io/evcc#32217). The state of charge falls meanwhile. Then only what is exported is surplus:
no battery gives to the grid what the sun does not give.
"""

from .balance import SATURATED_WATTS

LOST_PERCENT = 2.0
"""A state of charge in whole % trembles by one; a battery that lost two has given."""
GAINED_PERCENT = 1.0
"""One that gained so much since it was lowest takes again."""


class UnseenBattery:
    """Follows the state of charge of one battery, in %."""

    def __init__(self) -> None:
        """Begin without having heard of it."""
        self._highest: float | None = None
        self._lowest = 0.0
        self.gives = False
        """Whether it has given since the house exported last."""

    def note(self, soc: float, grid_watts: float) -> None:
        """Take in how full it is, and what the house takes from the grid."""
        exports = grid_watts <= -SATURATED_WATTS
        highest = soc if self._highest is None or exports else max(soc, self._highest)
        if self.gives:
            self._lowest = min(soc, self._lowest)
            if exports or soc >= self._lowest + GAINED_PERCENT:
                self.gives, highest = False, soc
        elif soc <= highest - LOST_PERCENT:
            self.gives, self._lowest = True, soc
        self._highest = highest
