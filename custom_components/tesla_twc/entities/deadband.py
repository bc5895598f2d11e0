"""Thins readings: decides when a change is large or lasting enough for a row in the recorder (``Detail``).

A wall connector reports every second, and the last digit of what it measures never rests. Written down as it
comes, one idle unit would fill 3,600 rows an hour. So every number is shown with a stated detail: a jump at
once, what has really changed after some seconds, a sway after a while, a creeping change in the end.
"""

from dataclasses import dataclass
from math import inf

JUMP_STEPS = 5
"""A change of so many steps is an event, such as a car that starts or stops, and is shown at once."""

LASTING_STEPS = 2
LASTING_SECONDS = 5
"""A value that was so many steps off for so long, always to the same side, has really changed."""

SOON_SECONDS = 30
"""A change of a step or two waits so long after the last one shown: a car's current sways by as much."""

STILL_SECONDS = 10
"""A sum that has not risen for so long is shown to the last digit: sums of one charge agree once it has ended."""

ALWAYS_SECONDS = 300
"""After so long even a change below one step is shown, so that no reading is off for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """How finely a reading is shown."""

    step: float
    """The smallest change worth telling, in the unit of the reading."""
    share: float = 0.0
    """Where a large reading needs no finer steps: the smallest change as a share of what is shown."""
    is_sum: bool = False
    """Whether it rises for a while and then rests, as energy does."""

    def steps(self, shown: float, value: float) -> float:
        """Return how many steps a value is away from the shown one."""
        return abs(value - shown) / max(self.step, abs(shown) * self.share)


CURRENT_DETAIL = Detail(step=0.2)
"""A of a car or a phase."""
POWER_DETAIL = Detail(step=50, share=0.01)
"""W of a car."""
ENERGY_DETAIL = Detail(step=0.1, is_sum=True)
"""kWh of a counter or a charge."""


class _Followed:
    """One reading, and whether it has moved away from what was shown of it."""

    def __init__(self, detail: Detail) -> None:
        """Start with nothing shown."""
        self._detail = detail
        self._since = -inf
        self._off_since: float | None = None
        """Since when every value was off by LASTING_STEPS at least, to the side of the last one."""
        self._is_above = False
        self._last: float | None = None
        self._last_moved = -inf
        self.shown: float | None = None

    def show(self, value: float | None, now: float) -> None:
        """Show a value from now on."""
        self.shown, self._since, self._off_since = value, now, None

    def is_due(self, value: float | None, now: float) -> bool:
        """Take note of the newest value, and return whether it is worth a row."""
        if value != self._last:
            self._last, self._last_moved = value, now
        if value is None or self.shown is None:
            return value is not self.shown
        steps = self._detail.steps(self.shown, value)
        lasts = self._lasts(steps, now, is_above=value > self.shown)
        if steps < 1:
            is_still = self._detail.is_sum and now - self._last_moved >= STILL_SECONDS
            return steps > 0 and (is_still or now - self._since >= ALWAYS_SECONDS)
        return lasts or steps >= JUMP_STEPS or now - self._since >= SOON_SECONDS

    def _lasts(self, steps: float, now: float, *, is_above: bool) -> bool:
        """Whether the value has been off for long enough, always to the same side."""
        if steps < LASTING_STEPS:
            self._off_since = None
        elif self._off_since is None or is_above is not self._is_above:
            self._off_since, self._is_above = now, is_above
        return self._off_since is not None and now - self._off_since >= LASTING_SECONDS


class Thinned:
    """One reading as it is shown."""

    def __init__(self, detail: Detail, beside: Detail | None = None) -> None:
        """Start with nothing shown. ``beside``: how finely another one is shown that must not contradict this one."""
        self._followed = _Followed(detail)
        self._beside = None if beside is None else _Followed(beside)

    @property
    def shown(self) -> float | None:
        """What is shown."""
        return self._followed.shown

    def take(self, value: float | None, now: float, beside: float | None = None) -> float | None:
        """Take the newest value at a time in s, and return the one to show; ``beside``: that of the other one."""
        due = self._followed.is_due(value, now)
        if self._beside is not None and self._beside.is_due(beside, now):
            due = True
        if due:
            self._followed.show(value, now)
            if self._beside is not None:
                self._beside.show(beside, now)
        return self._followed.shown
