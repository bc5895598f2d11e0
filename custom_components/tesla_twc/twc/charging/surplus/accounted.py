"""Chooses the surplus that is told of the house and accounted with, out of all that are possible while a car changes.

It is the one nearest to what was told before: a car that changes is seen by its meter and told by its wall connector
at different moments, and neither makes sun. Where a meter shows a car's fall before its wall connector tells it, even
the least that is possible is too much for a moment. So more is believed at once only as far as no car could be behind
it, and otherwise once it has lasted. Decisions use the whole range, and nothing of this.
"""

from collections.abc import Callable

from ..power_history import PowerHistory
from .balance import UNSURE_SECONDS, Balance, Delay

TOLD_WITHIN_SECONDS = 5.0
"""A wall connector tells within this time what its car draws (protocol.md 3.1), also where several take turns."""


class AccountedSurplus:
    """Remembers what was told last. Times are s of the clock of the readings."""

    def __init__(self) -> None:
        """Begin with nothing told."""
        self._watts: float | None = None
        self._least = PowerHistory()
        """The least that was possible, W."""

    def account(self, balance: Balance, own_least: Callable[[], float], delay: Delay, now: float) -> Balance:
        """Return the balance with what is told of it; ``own_least``: the least of the cars' W that is counted in it."""
        if delay.unsure_seconds > UNSURE_SECONDS:
            # Of a slow meter the middle of what is possible is right on average, and an old value is not.
            self._least = PowerHistory()
            return self._told(balance)
        least, _ = balance.shown_watts
        self._least.add(least, now)
        if self._watts is not None and least > self._watts:
            # Unless a car has fallen that its wall connector has not told of, so much is there.
            lasting = self._least.least(now - TOLD_WITHIN_SECONDS, now)
            return self._told(balance.shown_at(max(self._watts, lasting, least - own_least())))
        return self._told(balance if self._watts is None else balance.shown_near(self._watts))

    def _told(self, balance: Balance) -> Balance:
        self._watts = balance.watts
        return balance
