"""The role of an idle wall connector, so that a real controller that is alone tells its figures (protocol.md 1.12).

It announces itself (FDE2), answers the heartbeats to its address (FDE0) as one without a car, and has no other words.
It stays away where the controller has anybody else to lead, as that makes it tell its figures, too. It leaves by saying
nothing more: its controller gives it up after 26 s (1.13). It never answers in the place of somebody else: its address
is one that nobody on the line has, and it drops it as soon as anybody else uses it.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..protocol.codes import ConnectorState, Operation, ProtocolVersion, TwcId
from ..protocol.framing import BYTE_SECONDS, RejectedFrame
from ..protocol.messages import (
    ConnectorHeartbeat,
    ConnectorLinkReady,
    ControllerHeartbeat,
    ControllerLinkReady1,
    ControllerLinkReady2,
    Message,
    Order,
    Reply,
    body_length,
)
from .line.foreign import SLOW_ECHO_SECONDS
from .line.schedule import LINE_SILENCE_SECONDS
from .overhearing_role import OverhearingRole
from .settings import BusSettings, RememberedConnector
from .snapshot import AwayReason, BusPhase, BusRole, BusSnapshot
from .timing import LOST_SECONDS

ANSWER_AFTER_SECONDS = (0.15, 0.2)
"""How long a wall connector takes to answer (protocol.md 1.12)."""
MOST_LED = 3
"""A controller leads no more (protocol.md 1.11: five blinks)."""
LATE_SECONDS = 0.2
"""A controller waits 0.5 s for an answer (protocol.md 2.7); a later one would be talked over."""
ANNOUNCE_SECONDS = (0.5, 0.5, 0.5, 0.5, 8.0)
"""Between announcements: a few in a row, then one every 6 to 10 s (protocol.md 1.12)."""
PULSE_SECONDS = 1.0
"""Time passes at least so often."""
_DELIMITERS = 3
_LOWEST, _HIGHEST = 0x0100, 0xFFFE
_AWKWARD = (0xC0, 0xDB)
"""Bytes that have to be escaped (protocol.md 1.4)."""


@dataclass(frozen=True, slots=True)
class _Said:
    """A message of ours, and when its last byte left."""

    message: ConnectorLinkReady | ConnectorHeartbeat
    at: float


class Joiner(OverhearingRole):
    """One line on which we are an idle wall connector. All times are s of one monotonic clock, amps A per phase."""

    def __init__(
        self,
        settings: BusSettings,
        remembered: Iterable[RememberedConnector] = (),
        *,
        rated_amps: float,
        chance: Callable[[], float],
    ) -> None:
        """Take the owner's settings, the wall connectors known from before, and the rating of the controller's model.

        ``rated_amps``: a controller that hears another rating than its own makes both report an error (protocol.md
        2.2). ``chance`` (0 to 1, anew each time) chooses the address and keeps two of these from answering in lock
        step.
        """
        super().__init__(settings, remembered)
        self.refused = False
        """Whether the controller forced an error on us: our rating is not its own, and nothing more is said."""
        self._rated_amps = rated_amps
        self._chance = chance
        self._polled_at = 0.0
        self._speaks_from = 0.0
        self._twcid: TwcId | None = None
        self._lost: deque[TwcId] = deque(maxlen=16)
        """The addresses that it gave up, which are somebody else's."""
        self._sign = 0
        self._announced = 0
        self._announce_at: float | None = None
        self._answer: _Said | None = None
        """The answer to the last heartbeat, and when it is due."""
        self._linked_at = float("-inf")
        self._version = ProtocolVersion.P2
        self._free_at = 0.0
        self._said: deque[_Said] = deque(maxlen=8)
        self._echoing = False
        """Whether the adapter returns what it sends."""

    @property
    def role(self) -> BusRole:
        """We are an idle wall connector."""
        return BusRole.JOIN

    # The port

    def connected(self, now: float) -> None:
        """Take that the port is open: listen first, to learn which addresses there are."""
        self._hearing.resume(now)
        self._polled_at = now
        self._begin_anew(now)

    def _begin_anew(self, now: float) -> None:
        """Have no address, and listen for a while before another one is taken."""
        if self._twcid is not None:
            self._lost.append(self._twcid)
        self._phase = BusPhase.LISTENING
        self._speaks_from = now + self.settings.cold_listening_seconds
        self._twcid = self._answer = self._announce_at = None
        self._linked_at = float("-inf")
        self._said.clear()

    def disconnected(self, now: float) -> None:
        """Take that the port is closed."""
        super().disconnected(now)
        self._twcid = self._answer = self._announce_at = None

    # Hearing

    def line_active(self, now: float) -> None:
        """Take that bytes arrive: the line has to be silent for a while before an announcement."""
        self._free_at = max(self._free_at, now + LINE_SILENCE_SECONDS)

    def rejected(self, frame: RejectedFrame, now: float) -> None:
        """Take a damaged frame. In the time for an answer it may be that of somebody else with our address."""
        self._answer = None
        self._hearing.rejected(frame, now)

    def receive(self, message: Message, now: float) -> None:
        """Take a message from the line."""
        if self._is_echo(message, now):
            self.counts["echo"] += 1
            return
        match message:
            case ConnectorLinkReady() | ConnectorHeartbeat() | Reply() if message.sender == self._twcid:
                # Somebody else has our address, or is another program like this one.
                self.counts["id_clash"] += 1
                self._begin_anew(now)
            case Order() if message.receiver == self._twcid:
                self._hearing.hear_order_to_us(message, now)
                if isinstance(message, ControllerHeartbeat):
                    self._hear_heartbeat(message, now)
            case _:
                if isinstance(message, ControllerHeartbeat | ControllerLinkReady1 | ControllerLinkReady2):
                    self._version = message.version
                # Whoever speaks now would be talked over.
                self._answer = None
                self._hearing.receive(message, now)

    def _is_echo(self, message: Message, now: float) -> bool:
        """Whether it is our own message that the adapter returns: each can come back once (protocol.md 1.2).

        Only announcements show that the adapter does so at all, because they bear our boot marker; the answer of
        another program with our address is word for word the same as ours.
        """
        if isinstance(message, ConnectorHeartbeat) and not self._echoing:
            return False
        for said in self._said:
            if said.message == message and now - said.at <= SLOW_ECHO_SECONDS:
                self._said.remove(said)
                self._echoing = self._echoing or isinstance(message, ConnectorLinkReady)
                return True
        return False

    def _hear_heartbeat(self, message: ControllerHeartbeat, now: float) -> None:
        """Plan the answer, if this was meant for us: nobody knows our address before we told it."""
        assert self._twcid is not None, "it was sent to us"
        if not self._announced:
            self.counts["unasked"] += 1
            self._begin_anew(now)
            return
        if message.operation is Operation.FORCE_ERROR:
            self.refused = True
            self._begin_anew(now)
            return
        least, most = ANSWER_AFTER_SECONDS
        answer = ConnectorHeartbeat(
            sender=self._twcid,
            receiver=message.sender,
            state=ConnectorState.READY,
            offered_amps=0.0,
            drawn_amps=0.0,
            version=self._version,
        )
        self._linked_at, self._announce_at = now, None
        self._answer = _Said(answer, now + least + (most - least) * self._chance())

    # Speaking

    def poll(self, now: float) -> ConnectorLinkReady | ConnectorHeartbeat | None:
        """Return the message that leaves now, if one may."""
        self._polled_at = now
        self._pass_time(now)
        if self._phase is BusPhase.DISCONNECTED or self.refused or now < self._speaks_from:
            return None
        if self._hearing.others(now) >= MOST_LED:
            # We would be one too many (protocol.md 1.11).
            if self._twcid is not None:
                self.counts["crowded_out"] += 1
                self._begin_anew(now)
            return None
        self._phase = BusPhase.RUNNING
        if self._twcid is None:
            self._choose(now)
        elif self._answer is None and now - self._linked_at >= LOST_SECONDS and self._announce_at is None:
            # Its controller is gone or has given it up.
            self._announced, self._announce_at = 0, now
        return self._take_answer(now) or self._take_announcement(now)

    def _choose(self, now: float) -> None:
        """Take an address that nobody on the line has, and a new boot marker."""
        twcid = TwcId(_LOWEST + int(self._chance() * (_HIGHEST - _LOWEST)))
        while not self._is_free(twcid):
            twcid = TwcId(_LOWEST if twcid >= _HIGHEST else twcid + 1)
        self._twcid, self._sign = twcid, 1 + int(self._chance() * 0xFE)
        self._announced, self._announce_at = 0, now

    def _is_free(self, twcid: TwcId) -> bool:
        awkward = set(twcid.to_bytes(2, "big")) & set(_AWKWARD)
        return not (awkward or twcid in self._lost or self._hearing.is_taken(twcid))

    def _take_answer(self, now: float) -> ConnectorHeartbeat | None:
        answer = self._answer
        if answer is None or now < answer.at:
            return None
        self._answer = None
        if now - answer.at > LATE_SECONDS:
            self.counts["late"] += 1
            return None
        assert isinstance(answer.message, ConnectorHeartbeat)
        self._leaves(answer.message, now)
        return answer.message

    def _take_announcement(self, now: float) -> ConnectorLinkReady | None:
        if self._twcid is None or self._announce_at is None or now < max(self._announce_at, self._free_at):
            return None
        if self._hearing.others(now):
            self._announced, self._announce_at = 0, now + ANNOUNCE_SECONDS[-1]
            return None
        pause = ANNOUNCE_SECONDS[min(self._announced, len(ANNOUNCE_SECONDS) - 1)]
        self._announced += 1
        self._announce_at = now + pause * (1 + 0.1 * self._chance())
        message = ConnectorLinkReady(
            sender=self._twcid, sign=self._sign, max_amps=self._rated_amps, version=self._version
        )
        self._leaves(message, now)
        return message

    def _leaves(self, message: ConnectorLinkReady | ConnectorHeartbeat, now: float) -> None:
        self.counts["sent"] += 1
        end = now + (body_length(message) + _DELIMITERS) * BYTE_SECONDS
        self.line_active(end)
        self._said.append(_Said(message, end))

    def next_wakeup(self) -> float | None:
        """Return when ``poll`` should be called even if nothing is heard; None while the port is closed."""
        if self._phase is BusPhase.DISCONNECTED:
            return None
        times = [self._polled_at + PULSE_SECONDS]
        if self._answer is not None:
            times.append(self._answer.at)
        if self._announce_at is not None:
            times.append(max(self._announce_at, self._free_at))
        return min(times)

    # What is known

    def snapshot(self, now: float) -> BusSnapshot:
        """Freeze what is known; we are no wall connector of it."""
        return self._hearing.snapshot(
            now,
            role=self.role,
            phase=self._phase,
            join_refused=self.refused,
            stays_away=self._stays_away(now),
        )

    def _stays_away(self, now: float) -> AwayReason | None:
        """Return why nothing is announced, once it has listened for long enough to know."""
        is_joined = now - self._linked_at < LOST_SECONDS
        if self.refused or is_joined or self._phase is BusPhase.DISCONNECTED or now < self._speaks_from:
            return None
        others = self._hearing.others(now)
        if others >= MOST_LED:
            return AwayReason.CROWDED
        return AwayReason.LED if others else None
