"""Learns which sensors come in one message with others of their device, so that a message without them says: unchanged.

An integration that tells changes only writes those values of a message that differ from the one before. A current in
whole amps may be missing from a hundred messages, and it is none the less in each of them. Where the sensors of a
device come one by one, each on its own, none of them speaks for another: one clamp may hang while two go on.
"""

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta

AT_ONCE = timedelta(milliseconds=50)
"""Values of one message are written within milliseconds."""
REPORTS, ALONE = 8, 1
"""So many reports are looked at, of which so many may have come alone: the other values had not changed."""


class OneMessage:
    """Remembers of each sensor whether its reports came with others of its device."""

    def __init__(self) -> None:
        """Begin without any report."""
        self._last: dict[str, datetime] = {}
        self._came_with_others: dict[str, deque[bool]] = {}

    def note(self, entity_id: str, at: datetime, others: Iterable[datetime]) -> None:
        """Take in when a sensor was just reported, and when the others of its device were reported last."""
        if self._last.get(entity_id) == at:
            return
        self._last[entity_id] = at
        came = self._came_with_others.setdefault(entity_id, deque(maxlen=REPORTS))
        came.append(any(abs(other - at) <= AT_ONCE for other in others))

    def holds(self, entity_id: str) -> bool:
        """Whether whatever its device tells says that the value of this sensor still holds."""
        came = self._came_with_others.get(entity_id, ())
        return len(came) == REPORTS and sum(came) >= REPORTS - ALONE
