"""Chooses the surplus that is told of the house and accounted with, out of all that are possible while a car changes.

It is the one nearest to what was told before: a car that changes is seen by its meter and told by its wall connector
at different moments, and neither makes sun. Where a meter shows a car's fall before its wall connector tells it, even
the least that is possible is too much for a moment. So more is believed at once only as far as no car could be behind
it, and otherwise once it has lasted. Where a meter shows a car's rise before its wall connector tells it, even the most
that is possible is too little for a moment. That is shown at once, for it may be a cloud, and taken back as far as the
wall connectors tell of a rise soon after. Decisions use the whole range, and nothing of this: none is asked for when a
doubt ends, as wall connectors report every 2 s.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ..power_history import PowerHistory
from .balance import UNSURE_SECONDS, Balance, Delay

TOLD_WITHIN_SECONDS = 5.0
"""A wall connector tells within this time what its car draws (protocol.md 3.1), also where several take turns."""


@dataclass(slots=True)
class _Dip:
    """A surplus that has become less than what was possible before: of a cloud, or of a car that rises."""

    before_watts: float
    """What was told before it."""
    own_watts: float
    """What the cars drew when it began, as far as their wall connectors had told."""
    ends_at: float
    """When a car that is behind it has been told of, s."""


class AccountedSurplus:
    """Remembers what was told last. Times are s of the clock of the readings."""

    def __init__(self) -> None:
        """Begin with nothing told."""
        self._watts: float | None = None
        self._least = PowerHistory()
        """The least that was possible, W."""
        self._dip: _Dip | None = None

    def account(
        self,
        balance: Balance,
        own_least: Callable[[], float],
        delay: Delay,
        now: float,
        *,
        own_watts: float,
    ) -> Balance:
        """Return the balance with what is told of it.

        ``own_least``: the least of the cars' W that is counted in it. ``own_watts``: what they draw as told last.
        """
        if delay.unsure_seconds > UNSURE_SECONDS:
            # Of a slow meter the middle of what is possible is right on average, and an old value is not.
            self._least, self._dip = PowerHistory(), None
            return self._told(balance)
        least, most = balance.shown_watts
        self._least.add(least, now)
        if self._watts is not None and least > self._watts:
            # Unless a car has fallen that its wall connector has not told of, so much is there.
            lasting = self._least.least(now - TOLD_WITHIN_SECONDS, now)
            told = max(self._watts, lasting, least - own_least())
            return self._told(balance.shown_at(told))
        if self._watts is None:
            return self._told(balance)
        return self._told(balance.shown_near(self._without_dip(self._watts, most, own_watts, now)))

    def _without_dip(self, watts: float, most: float, own_watts: float, now: float) -> float:
        """Return what was told last, in W, or before a dip that a car is behind."""
        if self._dip is not None and now >= self._dip.ends_at:
            self._dip = None
        if most < watts:
            ends_at = now + TOLD_WITHIN_SECONDS
            if self._dip is None:
                self._dip = _Dip(watts, own_watts, ends_at)
            # A car that rises step by step makes one dip after the other.
            self._dip.before_watts = max(self._dip.before_watts, watts)
            self._dip.ends_at = ends_at
        if self._dip is None or own_watts <= self._dip.own_watts:
            return watts
        return max(watts, self._dip.before_watts)

    def _told(self, balance: Balance) -> Balance:
        self._watts = balance.watts
        return balance
