"""Matches each answer to a heartbeat: the one just sent, an earlier one, one answered already, or none.

A slow gateway brings an answer after it was given up, or two at once; two units under one TWCID give two to one
heartbeat. The times at which answers come tell the two cases apart.
"""

from collections import deque
from enum import Enum, auto

LATEST_ANSWER_SECONDS = 5.0
"""Later than this an answer does not come, however slow the gateway."""
TOGETHER_SECONDS = 0.1
"""Two units answer within 50 ms of each other (protocol.md 1.12); heartbeats are further apart than this."""
SECOND_SECONDS = 1.0
"""A second answer to a heartbeat comes within this time of it."""
_SLOW_SECONDS = 600.0
_MOST_EXPECTED = 2


class ReplyKind(Enum):
    """What an answer belongs to."""

    ANSWER = auto()
    SECOND = auto()
    """One more to a heartbeat that was answered already."""
    UNASKED = auto()
    """To a heartbeat that was given up, or to none."""


class ReplyMatcher:
    """Keeps account of the heartbeats to one wall connector. All times are seconds of one clock."""

    def __init__(self) -> None:
        """Nothing was sent yet."""
        self.expected = 0
        """Heartbeats sent and not answered; an answer nobody asked for is not believed."""
        self.asked_at = float("-inf")
        self._came_at = float("-inf")
        self._damaged = False
        """Whether damage was heard since the last heartbeat, and no answer."""
        self._left_open = False
        self._given_up: deque[float] = deque()
        """When heartbeats were given up whose answers may still come."""
        self._slow_at = float("-inf")

    def asked(self, now: float) -> None:
        """Take that a heartbeat leaves. One that was answered by damage gets no other answer."""
        self.expected = min(_MOST_EXPECTED, max(0, self.expected - self._damaged) + 1)
        self._damaged = self._left_open = False
        self.asked_at = now

    def damaged(self) -> None:
        """Take that damage came in place of an answer."""
        self._damaged = True

    def given_up(self, now: float) -> None:
        """Take that no answer came in its time."""
        self._given_up.append(now)

    def accepted(self) -> None:
        """Take that an answer was accepted."""
        self.expected = max(0, self.expected - 1)
        self._damaged = False

    def classify(self, *, awaited: bool, fits: bool, now: float) -> ReplyKind:
        """Say what has come; ``awaited``: a heartbeat left a moment ago and this is the first to come after it.

        One that does not fit, for it has the size of the other protocol version, does not stand for the one that does.
        """
        if awaited and not fits:
            self._left_open = True
            return ReplyKind.ANSWER
        together = now - self._came_at < TOGETHER_SECONDS
        self._came_at = now
        if awaited or (fits and self._left_open):
            self._left_open = False
            return ReplyKind.ANSWER
        if self.expected and not together and not self._damaged:
            self._slow_at = now
        is_slow = now - self._slow_at < _SLOW_SECONDS
        if self.expected and (is_slow or not together):
            return ReplyKind.ANSWER
        if now - self.asked_at >= SECOND_SECONDS or (is_slow and self._take_given_up(now)):
            return ReplyKind.UNASKED
        return ReplyKind.SECOND

    def _take_given_up(self, now: float) -> bool:
        """Whether this may be the answer to a heartbeat given up; each can only come once."""
        while self._given_up and now - self._given_up[0] > LATEST_ANSWER_SECONDS:
            self._given_up.popleft()
        if not self._given_up:
            return False
        self._given_up.popleft()
        return True
