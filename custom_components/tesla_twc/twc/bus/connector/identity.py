"""The identity of a wall connector: its announcements, reboots and protocol version, and whether it is two units."""

from ...protocol.codes import ProtocolVersion, TwcId
from ...protocol.messages import ConnectorLinkReady
from ..settings import HARD_CAP_AMPS, MINIMUM_AMPS
from .duplicate_address import DuplicateAddressWatch

ANSWERING_SECONDS = 9.0
"""A unit that answered so lately has a controller: the oldest firmware announces itself after 10 s (protocol.md 1.13).
"""
_OWN_SIZE_SECONDS = 26.0
"""So long after an answer, announcements do not change the size of its frames: it is linked (protocol.md 6.1)."""
_OTHER_ANSWERS = 3
"""So many answers in the other size, and none in its own, show that it has become another one."""


def plausible_rating(max_amps: float) -> bool:
    """Whether an announced rating can be a wall connector's (protocol.md 2.2: 32 and 80 A models are known)."""
    return MINIMUM_AMPS <= max_amps <= HARD_CAP_AMPS and max_amps == int(max_amps)


class Identity:
    """The address, version and rating of one wall connector; a single contradicting frame changes none of them."""

    def __init__(self, twcid: TwcId, version: ProtocolVersion, rated_amps: float, sign: int) -> None:
        """Start from a first announcement, or from what is remembered."""
        self.twcid = twcid
        self.version = version
        self.rated_amps = rated_amps
        self.sign = sign
        self.duplicates = DuplicateAddressWatch()
        self._claimed_version: ProtocolVersion | None = None
        self._claimed_rating: float | None = None
        self._answered_at = float("-inf")
        """When it last answered in the size of its version."""
        self._other_answers = 0

    def announced(self, message: ConnectorLinkReady, now: float) -> bool:
        """Take an announcement. Returns whether it tells of a reboot: a new sign (protocol.md 1.10)."""
        self._take_size(message.version, now)
        if message.max_amps == self._claimed_rating:
            self.rated_amps = message.max_amps
        self._claimed_rating = message.max_amps
        rebooted = message.sign != self.sign
        self.sign = message.sign
        answering = now - self._answered_at < ANSWERING_SECONDS
        self.duplicates.announced(message.sign, new=rebooted, answering=answering, now=now)
        return rebooted

    def answered(self, version: ProtocolVersion, now: float) -> bool:
        """Take the length of a heartbeat. Returns whether it agrees with the version known by now."""
        if version is not self.version:
            self._other_answers += 1
        self._take_size(version, now)
        if version is not self.version:
            return False
        self._other_answers = 0
        self._claimed_version = None
        self._answered_at = now
        self.duplicates.take_own_size(now)
        return True

    def _take_size(self, version: ProtocolVersion, now: float) -> None:
        """Believe another length than usual when seen twice running: zeros get lost (protocol.md 1.5, 2.2).

        A unit that answered in its own size a moment ago has not become another one: there are two. The size in which
        it is spoken to stays, or the one that listens to it would run on without heartbeats.
        """
        if version is not self.version and now - self._answered_at < _OWN_SIZE_SECONDS:
            self.duplicates.take_other_size(now)
            if self._other_answers < _OTHER_ANSWERS or self.duplicates.is_proven(now):
                return
            self._claimed_version = version
        if version is not self.version and version is self._claimed_version:
            self.version = version
            self.duplicates.size_changed()
        self._claimed_version = version

    def garbled(self) -> None:
        """Take that damage came in place of an answer, perhaps two answers at once."""
        self._other_answers = 0
        self.duplicates.garbled()
