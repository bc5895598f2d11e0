"""Follows a car that has finished: it stays told as full until its owner has more offered to it than it left before.

An order that ends, as where a mode follows that waits for the sun, the same offer again, and more of the sun make no
car less full. If it wants any of that, it takes it. Over a restart it stays told as full, too (``KeptFull``).
"""

from dataclasses import dataclass
from math import inf

from ..bus.snapshot import WallConnectorSnapshot

ANOTHER_LOOK_SECONDS = 30.0
"""A car that takes what it is offered begins within this time (protocol.md 3.4); a higher offer leaves within it."""
SAME_COUNTER_KWH = 1.0
"""A counter that tells whole kWh proves no less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFull:
    """A full car, or one that ended its charge by itself and may be, in the form that survives a restart."""

    left_amps: float
    """The most that it was offered and left since it has finished, in A per phase."""
    kwh: float | None
    """The lifetime energy of its wall connector as it ended; None: not told."""
    vin: str | None
    """Its VIN, where the wall connector tells it."""
    since: float | None = None
    """When it ended its charge, in s of the clock of the bus; None: not known."""
    finished: bool = True
    """Whether it has taken nothing for long enough."""
    enough_since: float | None = None
    """Of one that has not: since when it takes nothing of an offer that is enough, by the same clock …"""
    needs_amps: float = 0.0
    """… which has to be so many A per phase."""

    @classmethod
    def first(cls, facts: WallConnectorSnapshot) -> "KeptFull":
        """Begin with what its wall connector tells as it ends."""
        return cls(left_amps=0.0, kwh=facts.energy_kwh, vin=facts.vin)

    def is_there(self, facts: WallConnectorSnapshot) -> bool:
        """Whether nothing shows that another car, or none, is there, or that this one has charged meanwhile."""
        is_another = None not in (self.vin, facts.vin) and self.vin != facts.vin
        if facts.plugged_in is False or is_another:
            return False
        return self.kwh is None or facts.energy_kwh is None or facts.energy_kwh < self.kwh + SAME_COUNTER_KWH


class FullCar:
    """What is offered to one car since it has finished. Amps are A per phase, times s of one clock."""

    def __init__(self, left_amps: float | None = None) -> None:
        """It has not finished, or has left that many A before a restart."""
        self._left_amps = left_amps
        """The most that it was offered and left; None: it has not finished."""
        self._chosen_at = -inf
        """When its owner last chose something with which it shall charge."""
        self._looked_since: float | None = None
        """Since when it is offered what is worth another look."""

    @property
    def left_amps(self) -> float | None:
        """The most that it was offered and left; None: it has not finished."""
        return self._left_amps

    @property
    def next_at(self) -> float | None:
        """Return when the present look is over."""
        return None if self._looked_since is None else self._looked_since + ANOTHER_LOOK_SECONDS

    def follow(self, *, finished: bool, offered_amps: float | None, is_new: bool, now: float) -> None:
        """Take in one look.

        ``finished``: whether it has ended its charge by itself. ``offered_amps``: what it leaves at this moment; None:
        it shall not charge, or cannot. ``is_new``: whether its owner chose anew, and it shall charge.
        """
        if not finished:
            self._left_amps = self._looked_since = None
            self._chosen_at = -inf
            return
        self._chosen_at = now if is_new else self._chosen_at
        if offered_amps is None:
            self._looked_since = None
            return
        left, lasts = self._left_amps, now - self._chosen_at < ANOTHER_LOOK_SECONDS
        if left is not None and offered_amps > left and lasts and self._looked_since is None:
            self._looked_since = now
        self._left_amps = max(left or 0.0, offered_amps)

    def is_told(self, now: float) -> bool:
        """Whether it is told as full at this moment."""
        looked = self._looked_since
        return self._left_amps is not None and (looked is None or now - looked >= ANOTHER_LOOK_SECONDS)
