"""Finds offers that a car is too proud for: it charged, took nothing of a lower offer, and began when that rose.

Only this proves a minimum. A car that is full, asleep, or waits for the hour of its own schedule also takes nothing of
an offer, but such a car has not just charged, does not stop when an offer falls, or does not begin when it rises.
"""

from dataclasses import dataclass

from .habits import RefusedOffer
from .sight import Sight

CHARGED_SECONDS = 60.0
"""It has to charge for so long before the offer falls."""
ENDS_SECONDS = 30.0
"""The current has to end within this time after the offer fell: a car follows within 4 s (protocol.md 3.3)."""
REFUSES_SECONDS = 90.0
"""It has to take nothing of the same offer for so long: three times what a car needs to begin (protocol.md 3.4)."""
UNKNOWN_SECONDS = 15.0
"""An offer that is not the ordered one for longer is none to go by. A rise waits 10 s for the one before (protocol.md
6.1), and a waiting car is asked once more by another offer for a moment (protocol.md 2.4)."""
BEGINS_SECONDS = 60.0
"""It has to begin within this time after the offer rose: twice what a car needs (protocol.md 3.4)."""


@dataclass(slots=True)
class _Idle:
    """A car that stopped when its offer fell."""

    amps: int
    """What it is offered."""
    since: float
    refused_amps: int | None = None
    """What it did not take for long enough, before the offer rose."""
    rose_at: float = 0.0


class RefusingWatch:
    """Follows the offers to one car."""

    def __init__(self) -> None:
        """Nothing is known."""
        self.forget()

    def forget(self) -> None:
        """Begin anew: whatever happened meanwhile, it was not seen."""
        self._charging_since: float | None = None
        self._charged_long = False
        self._amps: int | None = None
        self._fell_at: float | None = None
        self._idle: _Idle | None = None
        self._known_at: float | None = None

    def follow(self, sight: Sight) -> RefusedOffer | None:
        """Take in a moment; return what the car has refused, if it begins now."""
        if not sight.may_charge:
            self.forget()
            return None
        if not sight.is_charging and self._charging_since is not None:
            self._end(sight.facts.offered_amps or 0.0, sight.now)
        amps = sight.ordered_amps
        if amps is None:
            if self._known_at is not None and sight.now - self._known_at > UNKNOWN_SECONDS:
                self.forget()
            return None
        self._known_at = sight.now
        if sight.is_charging:
            return self._charges(amps, sight.now)
        if self._idle is not None and amps != self._idle.amps:
            self._idle = _moved(self._idle, amps, sight.now)
        return None

    def _charges(self, amps: int, now: float) -> RefusedOffer | None:
        idle, self._idle = self._idle, None
        self._charging_since = now if self._charging_since is None else self._charging_since
        if self._amps is not None and amps < self._amps:
            self._charged_long = now - self._charging_since >= CHARGED_SECONDS
            self._fell_at = now
        elif self._amps is not None and amps > self._amps:
            self._fell_at = None
        self._amps = amps
        if idle is None or idle.refused_amps is None or now - idle.rose_at > BEGINS_SECONDS:
            return None
        return RefusedOffer(refused_amps=idle.refused_amps, began_amps=amps)

    def _end(self, offered_amps: float, now: float) -> None:
        """Note that the current has ended, and whether that was because the offer fell.

        What is offered at this moment counts. What is ordered may already be less because the current has ended.
        """
        has_just_fallen = self._amps is not None and offered_amps < self._amps
        charged_long = self._charging_since is not None and now - self._charging_since >= CHARGED_SECONDS
        fell = self._fell_at is not None and self._charged_long and now - self._fell_at <= ENDS_SECONDS
        ended_by_it = fell or (has_just_fallen and charged_long)
        self._idle = _Idle(int(offered_amps), now) if ended_by_it else None
        self._charging_since = self._fell_at = self._amps = None
        self._charged_long = False


def _moved(idle: _Idle, amps: int, now: float) -> _Idle:
    """Return the same car under another offer."""
    if amps < idle.amps:
        return _Idle(amps, now)
    if now - idle.since >= REFUSES_SECONDS:
        return _Idle(amps, now, refused_amps=idle.amps, rose_at=now)
    return _Idle(amps, now, refused_amps=idle.refused_amps, rose_at=idle.rose_at)
