"""Who a wall connector is: its announcements, its reboots, and whether two units share one TWCID."""

from collections import deque

from ..protocol.codes import ProtocolVersion, TwcId
from ..protocol.messages import ConnectorLinkReady
from .settings import HARD_CAP_AMPS, MINIMUM_AMPS

_DUPLICATE_SECONDS = 60.0
_DUPLICATE_REMEMBERED_SECONDS = 3600.0
_TWIN_SECONDS = 120.0
_ANSWERS_WATCHED = 20
_GARBLED_ANSWERS = 8
"""Of the answers watched; a line that damages as many by noise is of no use anyway."""
_CONTRADICTIONS = 3
_SECOND_ANSWERS = 5


def plausible_rating(max_amps: float) -> bool:
    """Whether an announced rating can be a wall connector's (protocol.md 2.2: 32 and 80 A models are known)."""
    return MINIMUM_AMPS <= max_amps <= HARD_CAP_AMPS and max_amps == int(max_amps)


class Identity:
    """What announcements say of one wall connector; nothing is changed by a single contradicting frame."""

    def __init__(self, twcid: TwcId, version: ProtocolVersion, rated_amps: float, sign: int) -> None:
        """Start from a first announcement, or from what is remembered."""
        self.twcid = twcid
        self.version = version
        self.rated_amps = rated_amps
        self.sign = sign
        self._claimed_version: ProtocolVersion | None = None
        self._claimed_rating: float | None = None
        self._signs: deque[tuple[float, int]] = deque(maxlen=3)
        self._duplicate_seen_at: float | None = None
        self._other_sign_at = float("-inf")
        self._garbled: deque[bool] = deque(maxlen=_ANSWERS_WATCHED)
        self._contradictions: deque[float] = deque(maxlen=_CONTRADICTIONS)
        self._second_answers: deque[float] = deque(maxlen=_SECOND_ANSWERS)

    def announced(self, message: ConnectorLinkReady, now: float) -> bool:
        """Take an announcement. Returns whether it tells of a reboot: a new sign (protocol.md 1.10)."""
        self._claim_version(message.version)
        if message.max_amps == self._claimed_rating:
            self.rated_amps = message.max_amps
        self._claimed_rating = message.max_amps
        rebooted = message.sign != self.sign
        if rebooted:
            self._other_sign_at = now
        self.sign = message.sign
        self._watch_signs(message.sign, now)
        return rebooted

    def answered(self, version: ProtocolVersion) -> bool:
        """Take the length of a heartbeat. Returns whether it agrees with the version known by now."""
        if version is not self.version:
            self._claim_version(version)
        else:
            self._claimed_version = None
        return version is self.version

    def _claim_version(self, version: ProtocolVersion) -> None:
        """Believe another length than usual when seen twice running: zeros get lost (protocol.md 1.5, 2.2)."""
        if version is not self.version and version is self._claimed_version:
            self.version = version
        self._claimed_version = version

    def _watch_signs(self, sign: int, now: float) -> None:
        """A sign that comes back after another one belongs to a second unit: a reboot never returns to the old one."""
        if self._signs and self._signs[-1][1] == sign:
            self._signs[-1] = (now, sign)
            return
        self._signs.append((now, sign))
        if len(self._signs) == 3:
            (since, first), _, (_, third) = self._signs
            if first == third and now - since < _DUPLICATE_SECONDS:
                self._duplicate_seen_at = now

    def heartbeat_answered(self, *, garbled: bool, now: float) -> None:
        """Take how a heartbeat was answered. Two units that answer together garble each other (protocol.md 1.10).

        Noise does that too, so it counts only after another sign was heard from a unit that had not been silent.
        """
        self._garbled.append(garbled)
        if self._garbled.count(True) >= _GARBLED_ANSWERS and now - self._other_sign_at < _TWIN_SECONDS:
            self._duplicate_seen_at = now

    def answered_twice(self, *, contradicting: bool, now: float) -> None:
        """A second answer to one heartbeat came at once.

        A single unit does that now and then and repeats itself (protocol.md 2.4); two contradict or garble each other.
        """
        self._second_answers.append(now)
        if contradicting:
            self._contradictions.append(now)
        often = _all_within(self._second_answers, _SECOND_ANSWERS, now)
        if _all_within(self._contradictions, _CONTRADICTIONS, now) or (
            often and self._garbled.count(True) >= _SECOND_ANSWERS
        ):
            self._duplicate_seen_at = now

    def is_duplicate(self, now: float) -> bool:
        """Whether two units were heard under this TWCID lately."""
        seen = self._duplicate_seen_at
        return seen is not None and now - seen < _DUPLICATE_REMEMBERED_SECONDS


def _all_within(times: deque[float], count: int, now: float) -> bool:
    """Whether as many things as that happened within the last minute."""
    return len(times) == count and now - times[0] < _DUPLICATE_SECONDS
