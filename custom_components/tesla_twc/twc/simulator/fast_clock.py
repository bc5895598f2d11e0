"""A clock that runs faster than another: a simulated day of sun and cars passes while somebody watches."""

from collections.abc import Callable
from math import inf

from ..bus.clock import Arguments, Clock, Handle
from .clock import SimulatedClock

BREATH_SECONDS = 0.02
"""Real s for which calls are made in a row; then whoever else waits for the event loop has a turn."""

PATIENCE_SECONDS = 1.0
"""Real s by which this clock may be behind and still catches up. A machine that is slower than that sees time pass
more slowly, and is not kept busy for ever."""


EARLY_SECONDS = 1e-6
"""An event loop calls back up to its resolution too early."""


class FastClock:
    """A Clock on which ``speed`` s pass for each second of another one.

    Every call is made at exactly its time of this clock: while the event loop is held, this time stands still, and
    afterwards it is made up for call by call. So nothing on it is ever late. At sixty times the speed of an event
    loop that is held for half a second, wall connectors would otherwise miss their controller for 30 s.
    """

    def __init__(self, base: Clock, speed: float) -> None:
        """Begin at the time of ``base``. ``speed`` is how many times faster this clock runs, above 0."""
        self.speed = speed
        """How many s pass here for each s of the other clock."""
        self._base = base
        self._inner = SimulatedClock(base.time())
        self._base_start = base.time()
        self._start = self._inner.time()
        self._wakeup: Handle | None = None
        self._wakes_at = inf
        self._is_calling = False

    def time(self) -> float:
        """Return s since some moment: inside a call the time it was due, and never a time before one that waits."""
        if not self._is_calling:
            self._inner.drift(self._target())
        return self._inner.time()

    def call_at(self, when: float, callback: Callable[[*Arguments], object], *args: *Arguments) -> Handle:
        """Call back at ``when``; a moment that has passed means as soon as possible."""
        timer = self._inner.call_at(when, callback, *args)
        if when < self._wakes_at and not self._is_calling:
            self._sleep()
        return timer

    def _target(self) -> float:
        """Return the time it should be here."""
        return self._start + (self._base.time() - self._base_start) * self.speed

    def _sleep(self) -> None:
        """Ask the other clock to be woken when the next call is due."""
        if self._wakeup is not None:
            self._wakeup.cancel()
            self._wakeup = None
        due = self._inner.next_due()
        self._wakes_at = inf if due is None else due
        if due is not None:
            when = self._base_start + (due - self._start) / self.speed
            self._wakeup = self._base.call_at(when, self._catch_up)

    def _catch_up(self) -> None:
        """Make the calls that are due, each at its time."""
        self._wakeup = None
        self._forgive()
        breath_over = self._base.time() + BREATH_SECONDS
        target = self._target() + EARLY_SECONDS
        self._is_calling = True
        try:
            while self._inner.advance_to_next(target) and self._base.time() < breath_over:
                pass
        finally:
            self._is_calling = False
            self._sleep()

    def _forgive(self) -> None:
        """Give up the time that cannot be made up for, and go on from here at the usual speed."""
        due = self._inner.next_due()
        if due is not None:
            self._start -= max(0.0, self._target() - due - PATIENCE_SECONDS * self.speed)
