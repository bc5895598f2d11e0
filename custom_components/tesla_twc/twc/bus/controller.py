"""The sans-I/O conversation with the wall connectors: what is said when, and what follows from a reply or from none.

Messages and time go in, messages come out. It is the last guard of every limit (``ceiling``), decides who is served
(``admission``) and whose turn it is (``schedule``), and stays silent while another controller speaks (``foreign``). It
never waits and never sleeps: somebody calls ``poll`` when ``next_wakeup`` says so.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
import secrets

from ..protocol.codes import QUERIES, Code, Damage, Operation, ProtocolVersion, TwcId
from ..protocol.decoding import decode
from ..protocol.framing import BYTE_SECONDS, FrameRejected, RejectedFrame, evened
from ..protocol.messages import (
    ConnectorHeartbeat,
    ConnectorLinkReady,
    ContactorCommand,
    ContactorReply,
    ControllerAnnouncement,
    ControllerHeartbeat,
    ControllerMessage,
    Data,
    Message,
    Order,
    Query,
    Reply,
    Unaddressed,
    UnaddressedReply,
    body_length,
)
from .asking import answer_to, next_question
from .connector.identity import plausible_rating
from .connector.operations import choose_operation
from .connector.reply_matching import LATEST_ANSWER_SECONDS, ReplyKind
from .connector.wall_connector import WallConnector
from .guard.admission import admit, is_released
from .guard.ceiling import current_has_room
from .guard.target import next_offer
from .line.announcement import Announcement
from .line.foreign import ECHO_SECONDS, Echoes, ForeignWatch
from .line.listening import Listening
from .line.quality import HeartbeatGaps, LineQuality
from .line.schedule import Schedule
from .roster import Roster
from .settings import MINIMUM_AMPS, BusSettings, RememberedConnector
from .snapshot import BusPhase, BusRole, BusSnapshot
from .snapshot_of import report
from .timing import RESERVED_SECONDS

TICK_SECONDS = 1.0
"""The controller is asked at least so often, because a wall connector may have fallen silent."""
DECISIONS_STALE_SECONDS = 15.0
"""Decisions older than this are not followed above the minimum (protocol.md 6.2 rule 5)."""
_DELIMITERS = 3


@dataclass(frozen=True, slots=True)
class _Awaited:
    """The one answer that may be on its way."""

    twcid: TwcId
    code: Code
    deadline: float


class Controller:
    """One controller on one bus. All times are seconds of one monotonic clock; all amps are A per phase."""

    def __init__(
        self,
        settings: BusSettings,
        remembered: Iterable[RememberedConnector] = (),
        *,
        moved: bool = False,
        taken_over_at: float | None = None,
        knows_all: bool = False,
        sign: int | None = None,
        chance: Callable[[], float],
    ) -> None:
        """Take the owner's settings and the wall connectors known from before.

        ``moved``: those were known on another port, so this may be another bus. ``taken_over_at``: another controller
        of ours spoke until then, and handed its bus over. ``knows_all``: others than ``remembered`` are left alone.
        ``chance`` (0 to 1, anew each time) keeps two of these from talking in lock step.
        """
        self.settings = settings
        self.counts: Counter[str] = Counter()
        self._roster = Roster(remembered, moved=moved)
        self._knows_all = knows_all
        self._listening = Listening(moved=moved, taken_over_at=taken_over_at)
        self._decided_at: float | None = None
        self._room: int | None = None
        self._awaited: _Awaited | None = None
        self._refused: tuple[TwcId, ...] = ()
        self._advanced_at = 0.0
        self._stumbled_at: float | None = None
        self._plain: set[TwcId] = set()
        """The wall connectors whose last heartbeat could not be built; their next one only lowers to the minimum."""
        self._schedule = Schedule(chance)
        self._foreign = ForeignWatch(settings.controller_id)
        self._line = LineQuality()
        self._gaps = HeartbeatGaps()
        self._echoes = Echoes(max(ECHO_SECONDS, settings.reply_window_seconds))
        sign = secrets.randbelow(256) if sign is None else sign
        self._announcement = Announcement(settings.controller_id, sign)

    @property
    def role(self) -> BusRole:
        """We are the controller."""
        return BusRole.CONTROL

    @property
    def _limits(self) -> BusSettings:
        """The owner's settings, with a circuit limit that holds in what is left to this bus."""
        room = self._room
        if room is None or room >= self.settings.circuit_limit_amps:
            return self.settings
        return replace(self.settings, circuit_limit_amps=room)

    def leaves_all_alone(self, now: float) -> bool:
        """Return whether each wall connector that it knows gets no heartbeats on purpose, and so may fall silent."""
        return len(self._roster) > 0 and all(is_released(connector, now) for connector in self._roster)

    # The port

    def connected(self, now: float) -> None:
        """Take that the port is open, and listen before the first message (protocol.md 6.2 rule 6)."""
        self._roster.resume(now)
        if self._listening.opened(self.settings, now, knows_somebody=len(self._roster) > 0):
            self._announcement.start(now)

    def disconnected(self, now: float) -> None:
        """Take that the port is closed."""
        self._listening.closed(now)
        self._awaited = None

    # The owner

    def offer(
        self,
        orders: Mapping[TwcId, int | None],
        now: float,
        spikes: Mapping[TwcId, int] | None = None,
        room: int | None = None,
    ) -> bool:
        """Take the order for each wall connector: A, 0 = shall not charge, None = the circuit has no room for it.

        ``spikes`` is what each may be offered for some seconds to wake its car, A; without it no more than the order.
        ``room`` is what a cable shared with other buses leaves to all of them, A; None: as much as the circuit carries.
        Returns whether anything is new, so that ``poll`` may have something to say sooner.
        """
        is_new = self._decided_at is None or room != self._room
        self._decided_at = now
        self._room = room
        for twcid, amps in orders.items():
            connector = self._roster.get(twcid)
            if connector is None:
                continue
            before = (connector.offer.order, connector.momentary_amps)
            connector.offer.order = amps
            connector.cure.allowed_amps = None if spikes is None else spikes.get(twcid)
            spikes_too_high = connector.momentary_amps < min(before[1], connector.offer.commanded_amps or 0)
            if amps != before[0] or spikes_too_high:
                self._schedule.hurry(twcid, now)
                is_new = True
        return is_new

    def change(self, settings: BusSettings, now: float) -> None:
        """Take other settings; they hold from the next heartbeat on."""
        self.settings = settings
        for connector in self._roster:
            self._schedule.hurry(connector.twcid, now)

    def forget(self, twcid: TwcId) -> None:
        """Forget a wall connector; one that is still there is met again with its next announcement."""
        self._roster.forget(twcid)

    def remembered(self) -> tuple[RememberedConnector, ...]:
        """Return what must survive a restart."""
        return self._roster.to_memory()

    # The line: hearing

    def line_active(self, now: float) -> None:
        """Take that bytes arrive: the line has to be silent for a while after them."""
        self._schedule.occupy(now)

    def rejected(self, frame: RejectedFrame, now: float) -> None:
        """Take a damaged frame. If an answer is awaited, this was probably it."""
        for reason in frame.reasons:
            self.counts[reason.damage.value] += 1
        self._schedule.occupy(now)
        sender = TwcId(int.from_bytes(frame.raw[2:4]))
        if (
            frame.intact
            and sender != self.settings.controller_id
            and not self._is_spoilt_answer(sender, int.from_bytes(frame.raw[1:2]))
        ):
            self._hear_otherwise(frame, now)
        else:
            self._hear_damage(now)

    def _is_spoilt_answer(self, sender: TwcId, number: int) -> bool:
        """Whether a frame of a controller is the answer awaited, with a damaged first byte (protocol.md 1.5)."""
        awaited = self._awaited
        return awaited is not None and (awaited.twcid, awaited.code & 0xFF) == (sender, number & 0xFF)

    def _hear_damage(self, now: float) -> None:
        self._line.damaged()
        if self._awaited is not None:
            connector = self._roster.get(self._awaited.twcid)
            if connector is not None and self._awaited.code is Code.CONNECTOR_HEARTBEAT:
                connector.hear_damage()
            self._unanswered(self._awaited, now)

    def _hear_otherwise(self, frame: RejectedFrame, now: float) -> None:
        """Take an undamaged frame of a length that only other programs use: no answer to us was damaged.

        A frame with our own address may be our echo that lost a zero, so it is not taken for another program's.
        """
        self._line.received()
        body = evened(frame)
        if body is None:
            return
        try:
            message = decode(body)
        except FrameRejected:
            return
        self._sort(message, now)

    def receive(self, message: Message, now: float) -> None:
        """Take a message from the line; one of a kind that is not listed here changes nothing."""
        self._schedule.occupy(now)
        if self._echoes.take(message, now):
            self.counts["echo"] += 1
            self._line.echoed()
            return
        if isinstance(message, ControllerMessage) and self._is_spoilt_answer(message.sender, message.code):
            self.counts[Damage.FIRST_BYTE.value] += 1
            self._hear_damage(now)
            return
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
                self._foreign.asked(message.receiver)
                self._hear_controller(message.sender, now)
            case ControllerAnnouncement():
                self.counts["announced"] += 1
                self._foreign.announced(message.sender, now)

    def _hear_announcement(self, message: ConnectorLinkReady, now: float) -> None:
        if message.sender == self.settings.controller_id:
            # It has our address; hearing us announce ourselves makes it choose another (protocol.md 1.10).
            self.counts["id_clash"] += 1
            self._announcement.start(now)
            return
        if not plausible_rating(message.max_amps):
            self.counts["implausible"] += 1
            return
        if self._knows_all and self._roster.get(message.sender) is None:
            self.counts["left_alone"] += 1
            return
        connector = self._roster.meet(message, now)
        if connector is None:
            self.counts["crowded"] += 1
        else:
            self._hurry_suspect(connector, now)

    def _hurry_suspect(self, connector: WallConnector, now: float) -> None:
        """Send the next heartbeat at once if two units may share this TWCID: they have to be lowered."""
        if connector.identity.duplicates.is_suspected(now):
            self._schedule.hurry(connector.twcid, now)

    def _hear_heartbeat(self, message: ConnectorHeartbeat, now: float) -> None:
        if message.receiver != self.settings.controller_id:
            # An answer that bears our own address is an echo of ours with a damaged first byte (protocol.md 1.5).
            if message.receiver and message.sender != self.settings.controller_id:
                self._hear_controller(message.receiver, now)
            return
        connector = self._roster.get(message.sender)
        if connector is None or now - connector.replies.asked_at > LATEST_ANSWER_SECONDS:
            self.counts["unasked"] += 1
            self._hear_controller(message.receiver, now)
            return
        awaited = self._stop_awaiting(connector.twcid, Code.CONNECTOR_HEARTBEAT)
        kind = connector.replies.classify(awaited=awaited, fits=message.version is connector.version, now=now)
        if kind is not ReplyKind.ANSWER:
            self.counts["unasked"] += 1
            if kind is ReplyKind.SECOND:
                connector.hear_second_answer(message, now)
                self._hurry_suspect(connector, now)
            return
        self._line.answered()
        connector.identity.duplicates.answered()
        if not connector.identity.answered(message.version, now):
            self.counts["other_length"] += 1
            self._hurry_suspect(connector, now)
        elif not connector.facts.judge_amps(message, connector.identity.rated_amps):
            self.counts["implausible"] += 1
        elif connector.hear_heartbeat(message, self.settings, now):
            self._schedule.hurry(connector.twcid, now)

    def _hear_data(self, message: Data, now: float) -> None:
        connector = self._roster.get(message.sender)
        if connector is None:
            self._hear_figures(message.sender, now)
        elif isinstance(message, ContactorReply) or connector.questions.expects(message.code):
            self._stop_awaiting(connector.twcid, message.code)
            connector.hear_data(message, now)
        else:
            self.counts["unasked"] += 1
            turned = self._foreign.has_announced(message.sender, now)
            if turned or now - connector.replies.asked_at >= RESERVED_SECONDS:
                # It answered us before and now tells its figures unasked: its rotary switch was turned away from F.
                self._hear_figures(message.sender, now)

    def _hear_figures(self, sender: TwcId, now: float) -> None:
        self.counts["foreign"] += 1
        self._foreign.add_figures(sender, now)

    def _hear_unaddressed(self, message: Unaddressed, now: float) -> None:
        """Take an answer without an address: it counts only for the question just asked (protocol.md 2.6)."""
        if self._awaited is None or self._awaited.code is not message.code:
            self.counts["unasked"] += 1
            return
        connector = self._roster.get(self._awaited.twcid)
        self._awaited = None
        if connector is not None:
            connector.hear_data(message, now)

    def _hear_controller(self, sender: TwcId, now: float) -> None:
        self.counts["foreign"] += 1
        self._foreign.add_evidence(sender, now)

    def _stop_awaiting(self, twcid: TwcId, code: Code) -> bool:
        """Wait no longer for an answer. Returns whether it was awaited."""
        awaited = self._awaited is not None and (self._awaited.twcid, self._awaited.code) == (twcid, code)
        if awaited:
            self._awaited = None
        return awaited

    # The line: speaking

    def poll(self, now: float) -> ControllerMessage | None:
        """Return the message that leaves now, if one may.

        Whoever asks again at the same ``now``, after this has raised, gets what can be said without what raised.
        """
        if self._stumbled_at == now:
            self._advance_the_least(now)
        elif self._awaited is not None and self._advanced_at == now < self._awaited.deadline:
            # What was just asked has to be answered before anything else is said.
            return None
        else:
            self._stumbled_at = now
            self._advance(now)
            self._stumbled_at = None
        if self._listening.phase is not BusPhase.RUNNING or self._awaited is not None:
            return None
        message = self._next_message(now)
        if message is not None:
            self.counts["sent"] += 1
            leaves = now + (body_length(message) + _DELIMITERS) * BYTE_SECONDS
            self._schedule.occupy(leaves)
            self._echoes.sent(message, leaves)
        return message

    def next_wakeup(self) -> float | None:
        """Return when ``poll`` should be called even if nothing is heard; None while the port is closed."""
        match self._listening.phase:
            case BusPhase.DISCONNECTED:
                return None
            case BusPhase.LISTENING:
                return self._listening.listening_until
            case BusPhase.MUTED:
                return self._foreign.gone_at()
            case _:
                pass
        if self._awaited is not None:
            return self._awaited.deadline
        heartbeat = self._schedule.next_heartbeat()
        times = [self._advanced_at + TICK_SECONDS]
        if heartbeat is not None:
            times.append(heartbeat[0])
        if self._announcement.due is not None:
            times.append(self._schedule.announcement_time(self._announcement.due))
        if (question := self._next_question()) is not None:
            times.append(question[0])
        return min(times)

    def _advance(self, now: float) -> None:
        """Take in what follows from the time alone: lost answers, gone controllers, ghosts, and who is served."""
        self._advanced_at = now
        self._advance_line(now)
        if self._awaited is not None and now >= self._awaited.deadline:
            late = self._roster.get(self._awaited.twcid)
            if late is not None and self._awaited.code is Code.CONNECTOR_HEARTBEAT:
                late.replies.given_up(now)
            self._unanswered(self._awaited, now)
        if self._listening.phase is BusPhase.DISCONNECTED:
            return
        if self._foreign.controller is not None:
            if not self._foreign.is_gone(now):
                self._listening.mute()
                self._awaited = None
                self._gaps.keep((), now)
                return
            self._foreign.forget()
            self._listening.listen(self.settings, now, cold=True)
            self._announcement.start(now)
        self._listening.advance(now)
        self._roster.drop_ghosts(now)
        for connector in self._roster:
            connector.grow_older(now)
            self._note_room(connector, now)
            if connector.facts.heard_at is not None:
                connector.offer.released = is_released(connector, now)
                if connector.offer.released:
                    connector.facts.left_alone_until = now
        served, refused = admit(list(self._roster), self._limits, now)
        twcids = [connector.twcid for connector in served]
        self._schedule.serve(twcids, now)
        self._gaps.keep(twcids, now)
        self._refused = tuple(connector.twcid for connector in refused)

    def _note_room(self, connector: WallConnector, now: float) -> None:
        """See whether there is room for the current of one that does not obey."""
        watch = connector.disobedience
        has_room = not watch.disobeys or current_has_room(
            connector, self._roster.others(connector), self._limits, now
        )
        watch.note_room(now, has_room=has_room)

    def _advance_the_least(self, now: float) -> None:
        """Take in only what has to be known before anything is sent; the rest stays as it was.

        That is another controller, an answer that did not come, and the silence before the first message.
        """
        self._advanced_at = now
        self._schedule.keep(connector.twcid for connector in self._roster)
        self._listening.advance(now)
        if self._listening.hears and self._foreign.controller is not None:
            self._listening.mute()
        if self._awaited is not None and now >= self._awaited.deadline:
            self._awaited = None

    def _advance_line(self, now: float) -> None:
        self._line.advance(now, hearing=self._listening.hears)

    def _unanswered(self, awaited: _Awaited, now: float) -> None:
        self._awaited = None
        self.counts["unanswered"] += 1
        connector = self._roster.get(awaited.twcid)
        if connector is not None and awaited.code is Code.CONNECTOR_HEARTBEAT:
            connector.facts.missed += 1
            if connector.facts.missed == 1:
                self._schedule.hurry(awaited.twcid, now)

    def _next_message(self, now: float) -> ControllerMessage | None:
        """Return the most urgent message that may leave now; heartbeats go first (protocol.md 3.12)."""
        heartbeat = self._schedule.next_heartbeat()
        if heartbeat is not None and heartbeat[0] <= now:
            receiver = self._roster.get(heartbeat[1])
            assert receiver is not None, "the schedule serves only whom the roster has"
            if receiver.twcid in self._plain:
                return self._plain_heartbeat(receiver, now)
            self._plain.add(receiver.twcid)
            message = self._heartbeat(receiver, now)
            self._plain.discard(receiver.twcid)
            return message
        announce_at = self._announcement.due
        if announce_at is not None and self._schedule.announcement_time(announce_at) <= now:
            return self._announcement.take(now)
        question = self._next_question()
        if question is not None and question[0] <= now:
            return self._ask(question[1], question[2], now)
        return None

    def _heartbeat(self, connector: WallConnector, now: float) -> ControllerHeartbeat:
        connector.identity.duplicates.asked(now)
        stale = self._decided_at is None or now - self._decided_at > DECISIONS_STALE_SECONDS
        cautious = stale or self._listening.expects_strangers(now)
        others = self._roster.others(connector)
        amps = next_offer(connector, others, self._limits, now, cautious=cautious)
        known = connector.facts.heartbeat if connector.facts.answers(now) else None
        operation = choose_operation(
            connector.version,
            known,
            amps,
            connector.offer.tries,
            insist=connector.offer.insists(amps),
            duplicates=connector.identity.duplicates.is_suspected(now),
        )
        connector.sent(operation, amps, now)
        self._schedule.sent_heartbeat(connector.twcid, now)
        self._await(connector, Code.CONNECTOR_HEARTBEAT, now)
        return ControllerHeartbeat(
            sender=self.settings.controller_id,
            receiver=connector.twcid,
            operation=operation,
            amps=float(amps or 0) if operation.carries_amps else 0.0,
            version=connector.version,
        )

    def _plain_heartbeat(self, connector: WallConnector, now: float) -> ControllerHeartbeat | None:
        """Return what brings a wall connector down to the minimum, when nobody can tell what it should have.

        It needs no room in the circuit: an offer is never raised by it, and a wall connector without one gets nothing.
        """
        self._plain.discard(connector.twcid)
        self._schedule.sent_heartbeat(connector.twcid, now)
        if not connector.offer.commanded_amps:
            return None
        self._await(connector, Code.CONNECTOR_HEARTBEAT, now)
        amps = connector.pace.apply(min(connector.offer.commanded_amps, MINIMUM_AMPS), now)
        second = connector.version is ProtocolVersion.P2 and connector.facts.charging
        return ControllerHeartbeat(
            sender=self.settings.controller_id,
            receiver=connector.twcid,
            operation=Operation.SET_SESSION_LIMIT if second else Operation.SET_LIMIT,
            amps=float(amps),
            version=connector.version,
        )

    def _next_question(self) -> tuple[float, WallConnector, Code] | None:
        """Return when a question may leave, its wall connector and its code, if the heartbeats leave room for one."""
        if not self._schedule.has_room_for_question:
            return None
        served = (connector for connector in self._roster if self._schedule.serves(connector.twcid))
        question = next_question(served, alone=len(self._roster) == 1)
        if question is None:
            return None
        since, connector, code = question
        leaves = self._schedule.question_time(since)
        return None if leaves is None else (leaves, connector, code)

    def _ask(self, connector: WallConnector, code: Code, now: float) -> Query | ContactorCommand:
        self._schedule.sent_question()
        self._await(connector, answer_to(code), now)
        sender, receiver, version = self.settings.controller_id, connector.twcid, connector.version
        if code in QUERIES:
            connector.questions.asked(code, now)
            return Query(code=code, sender=sender, receiver=receiver, version=version)
        connector.contactor_ordered(now)
        close = code is Code.CLOSE_CONTACTOR
        return ContactorCommand(close=close, sender=sender, receiver=receiver, version=version)

    def _await(self, connector: WallConnector, code: Code, now: float) -> None:
        if code is Code.CONNECTOR_HEARTBEAT:
            connector.heartbeat_left(now)
            self._line.asked()
            self._gaps.sent(connector.twcid, now)
        airtime = (connector.version.body_length + _DELIMITERS) * BYTE_SECONDS
        self._awaited = _Awaited(connector.twcid, code, now + airtime + self.settings.reply_window_seconds)

    # What is known

    def snapshot(self, now: float) -> BusSnapshot:
        """Freeze what is known."""
        self._advance_line(now)
        other = self._foreign.controller
        return BusSnapshot(
            now=now,
            phase=self._listening.phase,
            circuit_limit_amps=self.settings.circuit_limit_amps,
            connectors={
                connector.twcid: report(connector, self.settings, now) for connector in self._roster.proven()
            },
            foreign_controller=other,
            announced_controller=self._foreign.announcer(now),
            foreign_is_connector=self._foreign.is_connector
            or (other is not None and self._roster.get(other) is not None),
            line=self._line.health,
            longest_gap_seconds=self._gaps.longest(now),
            refused=self._refused,
            counts=dict(self.counts),
        )
