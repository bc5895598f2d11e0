"""Time as this package asks for it: a running asyncio loop, or a clock that only moves when told."""

from collections.abc import Callable
from typing import Protocol, TypeVarTuple

Arguments = TypeVarTuple("Arguments")


class Handle(Protocol):
    """A call that is due later."""

    def cancel(self) -> None:
        """Forget the call; harmless when it has already been made."""


class Clock(Protocol):
    """Tells the time and calls back. An asyncio event loop is one as it stands."""

    def time(self) -> float:
        """Return seconds since some moment; only differences mean something."""

    def call_at(self, when: float, callback: Callable[[*Arguments], object], *args: *Arguments) -> Handle:
        """Call ``callback(*args)`` once, at ``when`` or as soon after it as possible."""
