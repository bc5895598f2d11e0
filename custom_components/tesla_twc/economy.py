"""How often a reading is worth a row in the recorder.

A wall connector reports every second, and the last digit of what it measures never rests. Written down as it
comes, one idle unit would fill 3,600 rows an hour. So every number is shown with a stated detail: a jump at
once, a noticeable change soon, a creeping one in the end.
"""

from dataclasses import dataclass
from math import inf

JUMP_STEPS = 5
"""A change of so many steps is an event, such as a car that starts or stops, and is shown at once."""

SOON_SECONDS = 30
"""A change of a step or two waits so long after the last one shown: a car's current sways by as much."""

LATE_SECONDS = 300
"""After so long even a change below one step is shown, so that no reading is off for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """How finely a reading is shown."""

    step: float
    """The smallest change worth telling, in the unit of the reading."""
    share: float = 0.0
    """Where a large reading needs no finer steps: the smallest change as a share of what is shown."""

    def steps(self, shown: float, value: float) -> float:
        """Return how many steps a value is away from the shown one."""
        return abs(value - shown) / max(self.step, abs(shown) * self.share)


class Thinned:
    """One reading as it is shown."""

    def __init__(self, detail: Detail) -> None:
        """Start with nothing shown."""
        self._detail = detail
        self._since = -inf
        self.shown: float | None = None

    def take(self, value: float | None, now: float) -> float | None:
        """Take the newest value at a time in s, and return the one to show."""
        if self._is_worth_a_row(value, now):
            self.shown = value
            self._since = now
        return self.shown

    def _is_worth_a_row(self, value: float | None, now: float) -> bool:
        if value is None or self.shown is None:
            return value is not self.shown
        steps = self._detail.steps(self.shown, value)
        if steps < 1:
            return steps > 0 and now - self._since >= LATE_SECONDS
        return steps >= JUMP_STEPS or now - self._since >= SOON_SECONDS
