"""Finds out who goes on with a current above everything that it was told, long after it could have obeyed.

A protocol-1 wall connector is stopped by an offer of 0 A, and nobody knows whether each one obeys it. One that goes on
reporting its old offer, and draws within that, is no overdraw: ``overdraw`` believes what it reports. Here counts what
was sent.

Whoever disobeys is left without heartbeats where its current has no room, so that its own watchdog opens the contactor
(protocol.md 1.13). Where there is room it is served on, and its owner is told.
"""

from collections import deque

from ..timing import STALE_SECONDS
from .overdraw import RELEASED_FOR_SECONDS, excess_amps

DISOBEYS_AFTER_SECONDS = 28.0
"""What was told earlier than this is obeyed: the slowest stop is allowed 20 s, a gateway may keep each frame 2 s, and
what a wall connector reports may be some seconds old (protocol.md 3.1, 3.3)."""
WITHOUT_ROOM_SECONDS = 10.0
"""So long the others on its circuit have to make room, before it is left without heartbeats."""
_REPORTS = 2
"""Agreeing frames, because one may be damaged (protocol.md 1.5)."""


class DisobedienceWatch:
    """Compares what one wall connector draws with what it was told. Amps are A per phase, times are s of one clock."""

    def __init__(self) -> None:
        """Nothing was told."""
        self.disobeys = False
        """Whether the last reports showed it; that holds while it is left without heartbeats, and reports nothing."""
        self._told: deque[tuple[float, float]] = deque()
        """What it was told in the last seconds, and when."""
        self._told_since: float | None = None
        """Since when it has been told something, and has answered without a gap."""
        self._heard_at = float("-inf")
        self._too_much = 0
        """Reports in a row of a current above all that."""
        self._without_room_since: float | None = None
        self._left_at = float("-inf")

    def tell(self, amps: float, now: float) -> None:
        """Take that an offer is on the wire: it may be heard, whether or not an answer comes."""
        self._told.append((now, amps))
        while now - self._told[0][0] > DISOBEYS_AFTER_SECONDS:
            self._told.popleft()

    def hear(
        self, told_amps: float | None, drawn_amps: float, now: float, *, is_current: bool = True
    ) -> None:
        """Take the current of one answer. ``told_amps``: the offer sent last; None: none since it lost us or rebooted.

        ``is_current``: whether that figure can be believed.
        """
        if told_amps is None or now - self._heard_at > STALE_SECONDS:
            self._told.clear()
            self._told_since, self._too_much = None, 0
        self._heard_at = now
        if told_amps is None:
            self.disobeys = False
            return
        self._told_since = now if self._told_since is None else self._told_since
        self.tell(told_amps, now)
        highest = max(amps for _, amps in self._told)
        is_too_much = is_current and excess_amps(highest, drawn_amps) > 0
        self._too_much = self._too_much + 1 if is_too_much else 0
        knows_enough = now - self._told_since >= DISOBEYS_AFTER_SECONDS
        self.disobeys = knows_enough and self._too_much >= _REPORTS

    def note_room(self, now: float, *, has_room: bool) -> None:
        """Take whether what it draws has room on its cable and circuit; leave it alone if it lasts that it has none."""
        if has_room or not self.disobeys or self.is_left_alone(now):
            self._without_room_since = None
            return
        since = now if self._without_room_since is None else self._without_room_since
        self._without_room_since = since
        if now - since >= WITHOUT_ROOM_SECONDS:
            self._left_at = now

    def is_left_alone(self, now: float) -> bool:
        """Whether it is to be left without heartbeats, as long as one that draws more than its offer is."""
        return now - self._left_at < RELEASED_FOR_SECONDS
