"""Keeps what one wall connector has told, and when."""

from collections import deque

from ...protocol.messages import ConnectorHeartbeat, Meter
from ..settings import HARD_CAP_AMPS, RememberedConnector
from ..snapshot import CHARGING_AMPS
from ..timing import CONSISTENT_HEARTBEATS, LOST_SECONDS, RESERVED_SECONDS, STALE_SECONDS

UNANSWERED_HEARTBEATS = 3
"""A wall connector that answered none of so many heartbeats, and never one before, makes room for another."""

_MEASURING_ERROR = 1.25
"""The reported current is up to 15 % above a reference (protocol.md 3.9); more than this of the rating is doubted."""

_AT_ONCE_AMPS = 2.0
"""A current does not change by more between two answers to one heartbeat (protocol.md 3.14: 3.5 A/s)."""


class ConnectorFacts:
    """The announcements, heartbeats and readings of one wall connector. All times are seconds of one clock."""

    serial_number: str | None = None
    firmware: str | None = None
    model: str | None = None

    def __init__(self, now: float) -> None:
        """Start without any fact."""
        self.born_at = now
        self.resumed = False
        """Whether it was known before the controller restarted."""
        self.announced_at: float | None = None
        self.left_alone_until = float("-inf")
        """Until when it was deliberately left without heartbeats."""
        self.announcements = 0
        self._announcements_unanswered = 0
        self.rebooted = False
        """Whether it announced a reboot and has not answered since."""
        self.heard_at: float | None = None
        self.linked_at: float | None = None
        """Since when it answers without a gap."""
        self.consistent_heartbeats = 0
        self.missed = 0
        """Heartbeats in a row without an answer."""
        self.heartbeat: ConnectorHeartbeat | None = None
        self.recent: deque[ConnectorHeartbeat] = deque(maxlen=CONSISTENT_HEARTBEATS)
        """Its last heartbeats since it was linked; empty again as soon as they say nothing any more."""
        self._doubted_amps: float | None = None
        self.meter: Meter | None = None

    def recall(self, known: RememberedConnector) -> None:
        """Take who it is from an earlier run."""
        self.serial_number, self.firmware, self.model = known.serial_number, known.firmware, known.model

    # What it draws and takes for its offer

    @property
    def offered_amps(self) -> float:
        """The offer in force, the higher of its last two reports: one frame may be damaged."""
        return max([heartbeat.offered_amps for heartbeat in self.recent], default=0.0)

    @property
    def drawn_amps(self) -> float:
        """The current it draws, as last reported."""
        return self.heartbeat.drawn_amps if self.heartbeat else 0.0

    @property
    def recently_drawn_amps(self) -> float:
        """The current it draws, the higher of its last two reports."""
        return max([heartbeat.drawn_amps for heartbeat in self.recent], default=0.0)

    @property
    def charging(self) -> bool:
        """Whether current flows, whatever the state says."""
        return self.drawn_amps >= CHARGING_AMPS

    # Whether it is there

    def seconds_silent(self, now: float) -> float:
        """How long it has not answered, since it last did or since we know it."""
        return now - (self.born_at if self.heard_at is None else self.heard_at)

    def answers(self, now: float) -> bool:
        """Whether it counts as linked."""
        return self.linked_at is not None and self.seconds_silent(now) < LOST_SECONDS

    def reserved(self, now: float) -> bool:
        """Whether it may still be drawing what it was last offered."""
        return (self.heard_at is not None or self.resumed) and self.seconds_silent(now) < RESERVED_SECONDS

    @property
    def proven(self) -> bool:
        """Whether it is more than an address in one frame that may have been damaged."""
        return self.ever_answered or self.announcements >= CONSISTENT_HEARTBEATS

    @property
    def ever_answered(self) -> bool:
        """Whether it answered a heartbeat once, in this run or in an earlier one: nobody invented it."""
        return self.resumed or self.linked_at is not None

    @property
    def never_answers(self) -> bool:
        """Whether it announces itself and answers no heartbeat: it was invented, does not hear us, or is not heard."""
        return not self.ever_answered and self.missed >= UNANSWERED_HEARTBEATS

    def asks_after_reboot(self, now: float) -> bool:
        """Whether it announces a reboot again and again without an answer: what it was told before is void."""
        unanswered = self._announcements_unanswered >= CONSISTENT_HEARTBEATS
        return self.rebooted and unanswered and self.seconds_silent(now) >= STALE_SECONDS

    # What it tells

    def take_announcement(self, now: float) -> None:
        """Take an announcement: it has no controller, or lost it."""
        self.announced_at = now
        self.announcements += 1
        self._announcements_unanswered += 1

    def begin_link(self, now: float) -> None:
        """Begin a link: it answers for the first time, or again after a gap."""
        self.linked_at = now
        self.consistent_heartbeats = 0

    def take_heartbeat(self, message: ConnectorHeartbeat, now: float) -> None:
        """Take an answer that was found plausible."""
        self._announcements_unanswered, self.rebooted = 0, False
        self.heartbeat, self.heard_at = message, now
        self.missed = 0
        self.recent.append(message)
        self.consistent_heartbeats += 1

    def judge_amps(self, message: ConnectorHeartbeat, rated_amps: float) -> bool:
        """Return whether the amps of an answer can be true, and remember a current that has to be told twice.

        Noise passes the checksum now and then (protocol.md 1.5).
        """
        if message.offered_amps > HARD_CAP_AMPS:
            return False
        highest = rated_amps * _MEASURING_ERROR + 2
        if message.drawn_amps <= highest:
            self._doubted_amps = None
            return True
        agrees = self._doubted_amps is not None and abs(message.drawn_amps - self._doubted_amps) <= 1
        self._doubted_amps = message.drawn_amps
        return agrees

    def contradicts(self, message: ConnectorHeartbeat) -> bool:
        """Whether an answer says something else than the one before: a unit that answers twice repeats itself."""
        last = self.heartbeat
        if last is None:
            return False
        moved = abs(last.drawn_amps - message.drawn_amps)
        return (last.state, last.offered_amps) != (message.state, message.offered_amps) or (
            moved > _AT_ONCE_AMPS
        )

    def repeats(self, message: ConnectorHeartbeat) -> bool:
        """Whether an answer is word for word what was answered the time before."""
        return len(self.recent) > 1 and message == self.recent[0]
