"""Follows a car that has finished: it stays told as full until its owner has more offered to it than it left before.

An order that ends, as where a mode follows that waits for the sun, the same offer again, and more of the sun make no
car less full. If it wants any of that, it takes it.
"""

from math import inf

ANOTHER_LOOK_SECONDS = 30.0
"""A car that takes what it is offered begins within this time (protocol.md 3.4); a higher offer leaves within it."""


class FullCar:
    """What is offered to one car since it has finished. Amps are A per phase, times s of one clock."""

    def __init__(self) -> None:
        """It has not finished."""
        self._left_amps: float | None = None
        """The most that it was offered and left; None: it has not finished."""
        self._chosen_at = -inf
        """When its owner last chose something with which it shall charge."""
        self._looked_since: float | None = None
        """Since when it is offered what is worth another look."""

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
