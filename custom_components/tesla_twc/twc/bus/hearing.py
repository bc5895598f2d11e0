"""What is overheard on a line where somebody else gives the orders: every wall connector, and who leads them.

It says nothing and has no way to. The roles ``listener`` and ``joiner`` are made of it.
"""

from collections import Counter
from collections.abc import Iterable

from ..protocol.codes import TwcId
from ..protocol.decoding import decode
from ..protocol.framing import FrameRejected, RejectedFrame, evened
from ..protocol.messages import (
    ConnectorHeartbeat,
    ConnectorLinkReady,
    ContactorCommand,
    ControllerAnnouncement,
    ControllerHeartbeat,
    Data,
    Message,
    Order,
    Query,
    Reply,
    Unaddressed,
    UnaddressedReply,
)
from .connector.identity import plausible_rating
from .connector.overheard import OverheardConnector
from .line.leader import Leaders
from .line.quality import LineQuality
from .roster import MAX_REMEMBERED, MAX_STRANGERS
from .settings import BusSettings, RememberedConnector
from .snapshot import AwayReason, BusPhase, BusRole, BusSnapshot
from .snapshot_of import report_overheard
from .timing import RESERVED_SECONDS

TOLD_UNASKED_SECONDS = 2.0
"""An answer comes within 0.2 s (protocol.md 1.12), and somewhat later through a gateway. What is told later without
having been asked for is told by a controller of itself."""
_NOBODY = TwcId(0)
_GHOST_SECONDS = 60.0


class Hearing:
    """The wall connectors of one line and their controller, as far as they can be overheard."""

    def __init__(self, settings: BusSettings, remembered: Iterable[RememberedConnector] = ()) -> None:
        """Take the owner's settings and the wall connectors known from before."""
        self.settings = settings
        self.counts: Counter[str] = Counter()
        self._remembered = {known.twcid: known for known in remembered}
        self._connectors: dict[TwcId, OverheardConnector] = {}
        self._resumed = False
        self._leaders = Leaders()
        self._line = LineQuality()
        self._asked: dict[TwcId, float] = {}
        """When a controller last spoke to each."""
        self._last_asked: TwcId | None = None

    # Whom it knows

    def resume(self, now: float) -> None:
        """Begin with those of the last run, once."""
        if not self._resumed:
            self._resumed = True
            for known in list(self._remembered.values())[:MAX_REMEMBERED]:
                self._connectors[known.twcid] = OverheardConnector(known.twcid, now, known)

    def is_taken(self, twcid: TwcId) -> bool:
        """Whether somebody on the line has this address, or had it."""
        return twcid in self._connectors or twcid in self._asked or self._leaders.knows(twcid)

    def others(self, now: float) -> int:
        """Return how many wall connectors there are that are led, or wait for a controller."""
        return sum(one.proven and not one.leads and one.is_there(now) for one in self._connectors.values())

    def forget(self, twcid: TwcId) -> None:
        """Forget one; if it is still there, it is met again."""
        self._connectors.pop(twcid, None)
        self._remembered.pop(twcid, None)

    def remembered(self) -> tuple[RememberedConnector, ...]:
        """Return what must survive a restart."""
        if not self._resumed:
            return tuple(self._remembered.values())
        heard = (one for one in self._connectors.values() if one.proven)
        return tuple(one.to_memory() for one in heard if one.facts.resumed or one.facts.heard_at is not None)

    def _meet(self, twcid: TwcId, now: float) -> OverheardConnector | None:
        """Return the one with this address, known or new; None if it is one too many."""
        if twcid not in self._connectors:
            if len(self._connectors) >= MAX_STRANGERS + MAX_REMEMBERED and not self._make_room():
                self.counts["crowded"] += 1
                return None
            self._connectors[twcid] = OverheardConnector(twcid, now)
        return self._connectors[twcid]

    def _make_room(self) -> bool:
        """Drop the one that was silent longest of those that were heard once, and may have been damage."""
        strangers = [one for one in self._connectors.values() if not one.proven]
        if strangers:
            del self._connectors[min(strangers, key=OverheardConnector.last_sign_of_life).twcid]
        return bool(strangers)

    # Time

    def advance(self, now: float, *, connected: bool) -> None:
        """Let time pass."""
        self._line.advance(now, hearing=connected)
        self._leaders.advance(now)
        self._asked = {twcid: at for twcid, at in self._asked.items() if now - at < RESERVED_SECONDS}
        for one in list(self._connectors.values()):
            one.grow_older(now)
            silent = now - one.last_sign_of_life() >= _GHOST_SECONDS
            if silent and (not one.proven or (one.facts.heard_at is None and not one.facts.resumed)):
                del self._connectors[one.twcid]

    # What is heard

    def rejected(self, frame: RejectedFrame, now: float) -> None:
        """Take a damaged frame, or an undamaged one of a length that only other programs use (protocol.md 1.6)."""
        for reason in frame.reasons:
            self.counts[reason.damage.value] += 1
        body = evened(frame) if frame.intact else None
        if body is None:
            self._line.damaged()
            return
        try:
            self._sort(decode(body), now)
        except FrameRejected:
            self._line.damaged()
        else:
            self._line.received()

    def receive(self, message: Message, now: float) -> None:
        """Take a message from the line; one of a kind that is not listed here changes nothing."""
        self.counts["received"] += 1
        self._line.received()
        self._sort(message, now)

    def _sort(self, message: Message, now: float) -> None:
        match message:
            case ConnectorLinkReady():
                self._hear_announcement(message, now)
            case ConnectorHeartbeat():
                self._hear_heartbeat(message, now)
            case Reply():
                self._hear_data(message, now)
            case UnaddressedReply():
                self._hear_unaddressed(message, now)
            case Query() if message.names_nobody:
                self.counts["unaddressed"] += 1
            case Order():
                self._hear_order(message, now)
            case ControllerAnnouncement():
                self.counts["announced"] += 1

    def _hear_announcement(self, message: ConnectorLinkReady, now: float) -> None:
        if not message.sender or not plausible_rating(message.max_amps):
            self.counts["implausible"] += 1
        elif (connector := self._meet(message.sender, now)) is not None:
            connector.hear_announcement(message, now)

    def _hear_heartbeat(self, message: ConnectorHeartbeat, now: float) -> None:
        if not message.receiver or message.sender in (_NOBODY, message.receiver):
            self.counts["implausible"] += 1
            return
        self._leaders.heard(message.receiver, now)
        connector = self._meet(message.sender, now)
        if connector is not None and not connector.hear_heartbeat(message, self.settings, now):
            self.counts["implausible"] += 1

    def _hear_order(self, message: ControllerHeartbeat | Query | ContactorCommand, now: float) -> None:
        sender, receiver = message.sender, message.receiver
        self._leaders.heard(sender, now)
        self._asked[receiver] = now
        self._last_asked = receiver
        if not isinstance(message, ControllerHeartbeat):
            return
        if (asked := self._connectors.get(receiver)) is not None:
            asked.asked(now)
        self._hear_plug(message, now)

    def hear_order_to_us(self, message: ControllerHeartbeat | Query | ContactorCommand, now: float) -> None:
        """Take what a controller says to the wall connector that we play: we are none of those that are shown."""
        self.counts["received"] += 1
        self._line.received()
        self._leaders.heard(message.sender, now)
        if isinstance(message, ControllerHeartbeat):
            self._hear_plug(message, now)

    def _hear_plug(self, message: ControllerHeartbeat, now: float) -> None:
        """Take whether the controller itself has a car; a program never says so, because it has no cable."""
        sender = message.sender
        if sender != self._leaders.leader:
            return
        teller = self._meet(sender, now) if message.plugged_in else self._connectors.get(sender)
        if teller is not None:
            teller.hear_plug(message, now)

    def _hear_data(self, message: Data, now: float) -> None:
        """Take figures: an answer, or what a controller tells of itself."""
        sender = message.sender
        connector = self._meet(sender, now)
        if connector is None:
            return
        answers = now - self._asked.get(sender, float("-inf")) <= TOLD_UNASKED_SECONDS
        is_led = connector.facts.answers(now) and sender != self._leaders.leader
        if answers or is_led:
            connector.hear_data(message, now)
        else:
            self._leaders.heard(sender, now)
            connector.hear_figures(message, self.settings, now)

    def _hear_unaddressed(self, message: Unaddressed, now: float) -> None:
        """Take an answer without an address: it is of whoever was asked a moment ago (protocol.md 2.6)."""
        asked = self._last_asked
        connector = None if asked is None else self._connectors.get(asked)
        if asked is None or connector is None or now - self._asked[asked] > TOLD_UNASKED_SECONDS:
            self.counts["unasked"] += 1
            return
        connector.hear_data(message, now)

    # What is known

    def snapshot(
        self,
        now: float,
        *,
        role: BusRole,
        phase: BusPhase,
        join_refused: bool = False,
        stays_away: AwayReason | None = None,
    ) -> BusSnapshot:
        """Freeze what is known."""
        self.advance(now, connected=phase is not BusPhase.DISCONNECTED)
        known = sorted(self._connectors.items())
        return BusSnapshot(
            now=now,
            phase=phase,
            circuit_limit_amps=self.settings.circuit_limit_amps,
            connectors={
                twcid: report_overheard(one, self.settings, now) for twcid, one in known if one.proven
            },
            role=role,
            leader=self._leaders.leader,
            join_refused=join_refused,
            stays_away=stays_away,
            foreign_controller=self._leaders.second,
            line=self._line.health,
            counts=dict(self.counts),
        )
