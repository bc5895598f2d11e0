"""A clock that only moves when told: hours of bus traffic pass in a moment, and always in the same order."""

from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
import heapq

from ..bus.clock import Arguments, Handle

EPOCH_SECONDS = 1000.0
"""Where simulated time begins: not at 0, so that "never" and "at the beginning" cannot be confused."""


@dataclass(slots=True)
class Timer:
    """One call that is due later."""

    _call: Callable[[], object] | None

    def cancel(self) -> None:
        """Forget the call."""
        self._call = None

    @property
    def cancelled(self) -> bool:
        """Whether the call was forgotten, or made."""
        return self._call is None

    def fire(self) -> None:
        """Make the call, unless it was forgotten."""
        call, self._call = self._call, None
        if call is not None:
            call()


class SimulatedClock:
    """A Clock whose time passes by ``advance``."""

    def __init__(self, start: float = EPOCH_SECONDS) -> None:
        """Stand still at ``start``, in s."""
        self._now = start
        self._number = 0
        self._timers: list[tuple[float, int, Timer]] = []
        """Calls due at the same moment are made in the order they were asked for."""

    def time(self) -> float:
        """Return the simulated time in s."""
        return self._now

    def call_at(self, when: float, callback: Callable[[*Arguments], object], *args: *Arguments) -> Handle:
        """Call back at ``when``; a moment that has passed means the next advance, however short."""
        self._number += 1
        timer = Timer(lambda: callback(*args))
        heapq.heappush(self._timers, (max(when, self._now), self._number, timer))
        return timer

    def call_later(self, delay: float, callback: Callable[[*Arguments], object], *args: *Arguments) -> Handle:
        """Call back after ``delay`` s."""
        return self.call_at(self._now + delay, callback, *args)

    def next_due(self) -> float | None:
        """Return when the next call is due, or None if nobody waits."""
        while self._timers and self._timers[0][2].cancelled:
            heapq.heappop(self._timers)
        return self._timers[0][0] if self._timers else None

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` pass and make every call at exactly its time, also those asked for on the way."""
        end = self._now + seconds
        while self.advance_to_next(end):
            pass
        self._now = max(self._now, end)

    async def advance_async(
        self, seconds: float, settle: Callable[[], Awaitable[object]] | None = None
    ) -> None:
        """Like ``advance``, but let tasks run in between.

        ``settle`` is awaited before the first call, after each call and at the end. Without it the running
        loop gets a few turns, enough for a task to notice a callback and ask for the next.
        """
        settle = settle or _a_few_turns
        end = self._now + seconds
        await settle()
        while self.advance_to_next(end):
            await settle()
        self._now = max(self._now, end)
        await settle()

    def drift(self, end: float) -> None:
        """Let time pass until ``end``, but not past the next call that is due."""
        due = self.next_due()
        self._now = max(self._now, end if due is None else min(end, due))

    def advance_to_next(self, end: float) -> bool:
        """Go on to the next call and make it, if it is due by ``end``; return whether it was."""
        due = self.next_due()
        if due is None or due > end:
            return False
        _, _, timer = heapq.heappop(self._timers)
        self._now = max(self._now, due)
        timer.fire()
        return True


class _Turn:
    """One turn of whichever loop is awaiting, as asyncio.sleep(0) gives it."""

    def __await__(self) -> Generator[None, None, None]:
        yield


async def _a_few_turns() -> None:
    for _ in range(5):
        await _Turn()
