"""Judges from the bytes of a port what is on the line: wall connectors, another controller, noise or nothing.

Nothing is sent (protocol.md 6.2 rule 6). Feed it everything that was received for SCAN_SECONDS, then read the verdict.
"""

from collections import Counter
from dataclasses import dataclass
from enum import Enum, auto

from ...protocol.codes import ProtocolVersion, TwcId
from ...protocol.decoding import decode
from ...protocol.framing import FrameDecoder, FrameRejected, RejectedFrame, evened
from ...protocol.messages import (
    ConnectorHeartbeat,
    ConnectorLinkReady,
    ControllerAnnouncement,
    Message,
    Order,
    Query,
    Reply,
    UnaddressedReply,
)
from ..settings import HARD_CAP_AMPS, MINIMUM_AMPS

SCAN_SECONDS = 12.0
"""A wall connector without a controller announces itself every 6 to 10 s; a controller is never silent for
more than 2.1 s (protocol.md 1.12, 6.2 rule 6)."""

_AGREEING_FRAMES = 2
"""Noise passes the checksum once in 256 times, so one frame alone proves no controller (protocol.md 1.5)."""

_NOBODY = TwcId(0)
"""Seen once as the receiver of a heartbeat: such a frame says nothing (protocol.md 2.4)."""


class Verdict(Enum):
    """What listening has shown."""

    FOUND = auto()
    """Wall connectors that wait for a controller."""
    SILENCE = auto()
    """Not a single byte."""
    NOISE = auto()
    """Bytes, and no announcement among them."""
    FOREIGN_CONTROLLER = auto()
    """Another controller runs this bus: two would fight over every limit (protocol.md 3.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardConnector:
    """A wall connector as it announced itself."""

    twcid: TwcId
    rated_amps: float
    """The limit of the model in A per phase, 32 or 80; not that of its wiring (protocol.md 1.11)."""
    version: ProtocolVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanReport:
    """The outcome of a scan."""

    verdict: Verdict
    connectors: tuple[HeardConnector, ...] = ()
    """Every wall connector heard, by TWCID."""
    foreign_controller: TwcId | None = None
    """The address of the other controller, if there is one."""


class Scan:
    """Listens to a line.

    One announcement is enough to list a wall connector, for an old one makes a single one in 10 s. Of
    announcements that disagree, the most frequent counts, and of equally frequent ones the first.
    """

    def __init__(self) -> None:
        """Start with a line of which nothing is known."""
        self._decoder = FrameDecoder()
        self._heard_bytes = False
        self._announcements: Counter[HeardConnector] = Counter()
        self._controllers: Counter[TwcId] = Counter()
        self._in_charge: set[TwcId] = set()
        """Controllers that did more than to announce themselves."""

    def feed(self, data: bytes) -> None:
        """Take the next bytes received, split anywhere."""
        self._heard_bytes = self._heard_bytes or bool(data)
        for found in self._decoder.feed(data):
            body = evened(found) if isinstance(found, RejectedFrame) else found
            if body is None:
                continue
            try:
                self._receive(decode(body))
            except FrameRejected:
                continue

    def report(self) -> ScanReport:
        """Judge what was heard so far."""
        connectors = self._connectors()
        for controller, frames in self._controllers.most_common(1):
            # A controller that only announces itself has not taken over the wall connectors that wait for one.
            idle = bool(connectors) and controller not in self._in_charge
            if frames >= _AGREEING_FRAMES and not idle:
                return ScanReport(
                    verdict=Verdict.FOREIGN_CONTROLLER, connectors=connectors, foreign_controller=controller
                )
        if connectors:
            return ScanReport(verdict=Verdict.FOUND, connectors=connectors)
        return ScanReport(verdict=Verdict.NOISE if self._heard_bytes else Verdict.SILENCE)

    def _receive(self, message: Message) -> None:
        if isinstance(message, ConnectorLinkReady):
            if _is_rating(message.max_amps):
                heard = HeardConnector(
                    twcid=message.sender, rated_amps=message.max_amps, version=message.version
                )
                self._announcements[heard] += 1
        elif (controller := _controller_behind(message)) is not None:
            self._controllers[controller] += 1
            if not isinstance(message, ControllerAnnouncement):
                self._in_charge.add(controller)

    def _connectors(self) -> tuple[HeardConnector, ...]:
        likeliest: dict[TwcId, HeardConnector] = {}
        for heard, _ in self._announcements.most_common():
            likeliest.setdefault(heard.twcid, heard)
        return tuple(likeliest[twcid] for twcid in sorted(likeliest))


def _is_rating(amps: float) -> bool:
    """Models are rated in whole amps; anything else is a damaged frame that passed the sum by chance."""
    return amps.is_integer() and MINIMUM_AMPS <= amps <= HARD_CAP_AMPS


def _controller_behind(message: Message) -> TwcId | None:
    """Whose presence a message proves: everything but an announcement is said by a controller or to one.

    A real controller also broadcasts its own figures, in frames with its own address (protocol.md 1.12).
    """
    match message:
        case ConnectorHeartbeat():
            return message.receiver if message.receiver != _NOBODY else None
        case Query() if message.names_nobody:
            pass
        case ControllerAnnouncement() | Order():
            return message.sender
        case Reply():
            return message.sender
        case ConnectorLinkReady() | UnaddressedReply():
            pass
    return None
