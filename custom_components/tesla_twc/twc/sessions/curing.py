"""Notes what came of each cure of the 6 A bug (protocol.md 3.6)."""

from dataclasses import replace

from .habits import CarHabits
from .sight import Sight

CURE_OVER_SECONDS = 20.0
"""So long after the cure began it is over, and the car has fallen to its new offer."""
CURE_COUNTS_SECONDS = 60.0
"""Later it was something else: then the next cure may follow."""
FREED_AMPS = 1.5
"""A car that takes so much more than before is freed: the current that is stuck moves by half of it."""


class CuringWatch:
    """Follows the cures of one car."""

    def __init__(self) -> None:
        """No cure yet."""
        self._count: int | None = None
        self._stuck: tuple[float, float] | None = None
        """What it drew when the cure began, A, and when that was."""

    def follow(self, sight: Sight, habits: CarHabits) -> CarHabits:
        """Take in a moment; return the habits with what it shows."""
        facts, now = sight.facts, sight.now
        before, self._count = self._count, facts.cures
        if before is not None and facts.cures > before:
            self._stuck = (facts.drawn_amps or 0.0, now)
            return replace(habits, cures=habits.cures + facts.cures - before)
        if self._stuck is None or now - self._stuck[1] < CURE_OVER_SECONDS:
            return habits
        is_freed = sight.is_charging and (facts.drawn_amps or 0.0) >= self._stuck[0] + FREED_AMPS
        if is_freed or now - self._stuck[1] > CURE_COUNTS_SECONDS:
            self._stuck = None
        return replace(habits, cured=habits.cured + 1) if is_freed else habits
