"""When a wall connector without a controller announces itself (protocol.md 1.12)."""

BURST_SECONDS = 0.5
"""Between the announcements of a burst."""

ANSWER_SECONDS = 0.2
"""From the second FBE2 heard to the first announcement of its answer."""

ANSWER_COUNT = 5
"""Announcements with which the second FBE2 is answered; the first is ignored."""

FASTEST_SHARE = 0.02
"""By how much the clock of a unit may be ahead. The oscillator of a cheap microcontroller is right to 1 or 2 %; nobody
measured those of these units."""


class Announcer:
    """Decides when FDE2 is due: in bursts, then every so many seconds, never while a controller is there.

    Each unit counts seconds of its own. Two that begin in the same instant, because they boot together or answer the
    same FBE2, drift apart so; with equal clocks they would talk over each other for ever and nobody would hear them.
    """

    def __init__(self, period_seconds: float, haste: float = 0.0) -> None:
        """Be silent until told; ``period_seconds`` is the firmware's, ``haste`` (0 to 1) its clock's."""
        self.due: float | None = None
        """When the next announcement is due."""
        self._pace = 1.0 - FASTEST_SHARE * haste
        self._period_seconds = period_seconds
        self._left = 0
        self._link_ready_heard = 0

    def burst(self, when: float, count: int) -> None:
        """Announce ``count`` times in quick succession from ``when``, then go on slowly."""
        self.due, self._left = when, count

    def resume(self, now: float) -> None:
        """Announce again because the controller fell silent."""
        self.due, self._link_ready_heard = now, 0

    def stop(self) -> None:
        """Stop because a controller is there."""
        self.due = None

    def announced(self, now: float) -> None:
        """Note that an announcement was made, and plan the next."""
        self._left = max(0, self._left - 1)
        self.due = now + self._pace * (BURST_SECONDS if self._left else self._period_seconds)

    def hear_link_ready(self, now: float) -> None:
        """Answer the second FBE2 of a controller that has not adopted this wall connector yet."""
        self._link_ready_heard += 1
        if self._link_ready_heard == 2 and self.due is not None:
            self.burst(now + self._pace * ANSWER_SECONDS, ANSWER_COUNT)
