"""Closes a network connection that is dead though nobody closed it, so that it is opened again.

A gateway that lost its power or its Wi-Fi closes nothing. The operating system notices after minutes, and never
while nothing is sent. A wall connector with a controller answers every second, and one without announces itself every
6 to 10 s (protocol.md 1.12): where both stop, either the line is dead or the wall connectors have no power. A new
connection repairs the first and does no harm to the second. Wall connectors that are left without heartbeats on purpose
say nothing before they have given their controller up.
"""

import asyncio
from collections.abc import Callable
import logging

from ..clock import Clock, Handle
from .link import Opener
from .schemes import is_on_network

DEAD_AFTER_SECONDS = 12.0
"""Silence after which a connection is given up: longer than any wall connector keeps it, and short enough that
heartbeats are back before the contactors open (20 to 30 s, protocol.md 1.13)."""
FIRST_ANNOUNCEMENT_SECONDS = 30.0
"""A wall connector without heartbeats announces itself so much later at the latest (protocol.md 1.13)."""
LONGEST_SILENCE_SECONDS = 600.0
"""Each attempt in vain doubles the silence that is waited for, up to this."""

CHECK_INTERVAL_SECONDS = 1.0

_LOGGER = logging.getLogger(__name__)


class DeadConnectionWatch:
    """Counts the silence of one connection after another. All times are seconds of one clock."""

    def __init__(self, *, somebody_is_there: bool = False) -> None:
        """Nothing was heard yet; ``somebody_is_there``: wall connectors were heard on this port before this run."""
        self._quiet_since: float | None = None
        self._left_alone_at = float("-inf")
        """When the wall connectors were without heartbeats on purpose the last time."""
        self._somebody_is_there = somebody_is_there
        self._patience = DEAD_AFTER_SECONDS

    def opened(self, now: float) -> None:
        """Take that a connection was made; its silence is counted from now on."""
        self._quiet_since = now

    def heard(self, now: float) -> None:
        """Take that bytes arrived; damaged ones and echoes show a living connection, too."""
        self._quiet_since = now
        self._somebody_is_there = True
        self._patience = DEAD_AFTER_SECONDS

    def give_up_if_dead(self, now: float, *, left_alone: bool = False) -> bool:
        """Give the connection up if it was silent for too long, and return whether it is to be closed and made anew.

        ``left_alone``: nobody is spoken to, so that nobody answers.

        A line on which nothing was ever heard is not wired yet, and a new connection would not help. Where wall
        connectors were heard before, a connection that stays silent from its beginning is one to a gateway that
        accepted it and serves another client, or none.
        """
        if self._quiet_since is None or not self._somebody_is_there:
            return False
        if left_alone:
            self._left_alone_at = now
            silent_for = now - self._quiet_since - FIRST_ANNOUNCEMENT_SECONDS
        else:
            silent_for = now - max(self._quiet_since, self._left_alone_at)
        if silent_for < self._patience:
            return False
        self._quiet_since = None
        self._patience = min(2 * self._patience, LONGEST_SILENCE_SECONDS)
        return True


class _Watched(asyncio.Protocol):
    """One connection, aborted when its watch gives it up; the link then opens the next as after any loss."""

    def __init__(
        self,
        inner: asyncio.Protocol,
        watch: DeadConnectionWatch,
        clock: Clock,
        leaves_all_alone: Callable[[float], bool],
    ) -> None:
        self._inner = inner
        self._watch = watch
        self._clock = clock
        self._leaves_all_alone = leaves_all_alone
        self._transport: asyncio.Transport | None = None
        self._timer: Handle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._watch.opened(self._clock.time())
        self._check_later()
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        self._watch.heard(self._clock.time())
        self._inner.data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._inner.connection_lost(exc)

    def _check_later(self) -> None:
        self._timer = self._clock.call_at(self._clock.time() + CHECK_INTERVAL_SECONDS, self._check)

    def _check(self) -> None:
        assert self._transport is not None, "the timer ends with the connection"
        now = self._clock.time()
        if not self._watch.give_up_if_dead(now, left_alone=self._leaves_all_alone(now)):
            self._check_later()
            return
        try:
            self._transport.abort()
        except Exception:
            _LOGGER.exception("A dead connection cannot be closed; it is made anew all the same")
            self._inner.connection_lost(None)


def watched(
    opener: Opener,
    clock: Clock,
    device: str,
    *,
    somebody_is_there: bool = False,
    leaves_all_alone: Callable[[float], bool] = lambda _: False,
) -> Opener:
    """Return an opener whose connections are given up when they are dead, if ``device`` is on the network.

    ``somebody_is_there``: wall connectors were heard on it before, by a scan or in an earlier run.
    ``leaves_all_alone``: whether at this moment nobody is spoken to on purpose.
    A local adapter that is gone is reported by its driver, and one that hangs is not mended by opening it again.
    """
    if not is_on_network(device):
        return opener
    watch = DeadConnectionWatch(somebody_is_there=somebody_is_there)

    async def open_port(
        protocol_factory: Callable[[], asyncio.Protocol],
    ) -> tuple[asyncio.Transport, asyncio.Protocol]:
        return await opener(lambda: _Watched(protocol_factory(), watch, clock, leaves_all_alone))

    return open_port
