"""Hand-made wall connectors that do what a test tells them, and a conversation with them in simulated time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
import itertools

from twc.bus.connector.identity import Identity
from twc.bus.connector.wall_connector import WallConnector
from twc.bus.controller import Controller
from twc.bus.line.schedule import no_chance
from twc.bus.settings import BusSettings, ConnectorSettings, RememberedConnector
from twc.bus.snapshot import BusSnapshot, WallConnectorSnapshot
from twc.protocol.codes import Code, ConnectorState, ProtocolVersion, TwcId
from twc.protocol.framing import checksum
from twc.protocol.messages import (
    ConnectorHeartbeat,
    ConnectorLinkReady,
    ContactorCommand,
    ContactorReply,
    ControllerHeartbeat,
    ControllerMessage,
    Message,
    Query,
)

OURS, OTHER_CONTROLLER = TwcId(0x7777), TwcId(0xF00D)
GARAGE, CARPORT, YARD, GATE = TwcId(0x7973), TwcId(0x2019), TwcId(0x6388), TwcId(0x3495)
P1, P2 = ProtocolVersion.P1, ProtocolVersion.P2
START = 1000.0
ANSWER_SECONDS = 0.2


def settings(circuit: int = 32, **choices: object) -> BusSettings:
    """An owner who lets every wall connector have what the circuit carries, unless ``choices`` say otherwise."""
    generous = ConnectorSettings(maximum_amps=80, limit_amps=80)
    connectors = dict.fromkeys((GARAGE, CARPORT, YARD, GATE), generous)
    return BusSettings(**{"circuit_limit_amps": circuit, "connectors": connectors, **choices})  # type: ignore[arg-type]


def remembered(twcid: TwcId = GARAGE, **facts: object) -> RememberedConnector:
    """What is left of a wall connector after a restart."""
    known = {"version": P2, "rated_amps": 32.0, "sign": 0x8E, **facts}
    return RememberedConnector(twcid=twcid, **known)  # type: ignore[arg-type]


def met(
    twcid: TwcId = GARAGE, *, version: ProtocolVersion = P2, rated: float = 32.0, now: float = START
) -> WallConnector:
    """A wall connector that announced itself and was not heard since."""
    return WallConnector(Identity(twcid, version, rated, 0x8E), now)


def heard(
    twcid: TwcId = GARAGE,
    *,
    offered: float = 0.0,
    drawn: float = 0.0,
    state: ConnectorState = ConnectorState.CHARGING,
    version: ProtocolVersion = P2,
    beats: int = 2,
    order: int | None = 80,
    rated: float = 32.0,
    now: float = START,
) -> WallConnector:
    """A wall connector that answered so many heartbeats, all of them now and all alike."""
    connector = met(twcid, version=version, rated=rated, now=now)
    for _ in range(beats):
        answer(connector, offered=offered, drawn=drawn, state=state, now=now)
    connector.offer.order = order
    return connector


def answer(
    connector: WallConnector,
    *,
    now: float,
    offered: float = 0.0,
    drawn: float = 0.0,
    state: ConnectorState = ConnectorState.CHARGING,
    bus: BusSettings | None = None,
) -> bool:
    """Let a wall connector answer one heartbeat."""
    message = ConnectorHeartbeat(
        sender=connector.twcid,
        receiver=OURS,
        state=state,
        offered_amps=offered,
        drawn_amps=drawn,
        version=connector.version,
    )
    return connector.hear_heartbeat(message, bus or settings(), now)


def of_length(body: bytes, length: int) -> bytes:
    """A controller's body of 14 or 16 bytes with zeros more or less, as some programs send it; the sum is right."""
    fields = body[:13].ljust(length - 1, b"\x00")[: length - 1]
    return fields + bytes([checksum(fields)])


@dataclass
class Peer:
    """A wall connector without a will of its own: the test sets its state, its current and what it answers."""

    twcid: TwcId = GARAGE
    version: ProtocolVersion = P2
    rated: float = 32.0
    sign: int = 0x8E
    state: ConnectorState = ConnectorState.READY
    offered: float = 0.0
    drawn: float = 0.0
    charges: bool = False
    """Whether its car draws at once what it is offered."""
    obeys: bool = True
    """Whether it takes over the limits it is sent."""
    mute: bool = False
    data: dict[Code, Message] = field(default_factory=dict)
    """What it answers to questions; nothing to all others."""

    def announcement(self) -> ConnectorLinkReady:
        return ConnectorLinkReady(
            sender=self.twcid, sign=self.sign, max_amps=self.rated, version=self.version
        )

    def heartbeat(self, receiver: TwcId = OURS) -> ConnectorHeartbeat:
        return ConnectorHeartbeat(
            sender=self.twcid,
            receiver=receiver,
            state=self.state,
            offered_amps=self.offered,
            drawn_amps=self.drawn,
            version=self.version,
        )

    def hear(self, message: ControllerMessage) -> Message | None:
        """Return the answer to a message to it."""
        if self.mute:
            return None
        match message:
            case ControllerHeartbeat():
                self._obey(message)
                return self.heartbeat()
            case ContactorCommand():
                return ContactorReply(closed=message.close, sender=self.twcid)
            case Query():
                return self.data.get(message.code)
        return None

    def _obey(self, message: ControllerHeartbeat) -> None:
        if message.operation.carries_amps and self.obeys:
            self.offered = message.amps
            if self.version is P2 and message.amps < 6.0:
                self.offered = 6.0
        if self.charges:
            self.drawn = self.offered


@dataclass(frozen=True)
class Sent:
    """Something the controller said, and when."""

    time: float
    message: ControllerMessage


class Conversation:
    """A controller and its peers. Somebody decides every second, as long as there are ``orders``."""

    def __init__(
        self,
        *peers: Peer,
        bus: BusSettings | None = None,
        known: tuple[RememberedConnector, ...] = (),
        orders: Mapping[TwcId, int | None] | None = None,
        taken_over_at: float | None = None,
        connected: bool = True,
    ) -> None:
        self.peers = {peer.twcid: peer for peer in peers}
        self.controller = Controller(
            bus or settings(), known, taken_over_at=taken_over_at, sign=0x77, chance=no_chance
        )
        self.orders = orders
        self.now = START
        self.sent: list[Sent] = []
        self._decided_at = float("-inf")
        self._coming: list[tuple[float, int, Message]] = []
        self._numbers = itertools.count()
        if connected:
            self.connect()

    def connect(self) -> None:
        self.controller.connected(self.now)
        self._pump()

    def run(self, seconds: float) -> "Conversation":
        """Let time pass."""
        end = self.now + seconds
        while (when := self._next_event()) <= end:
            self.now = max(self.now, when)
            self._happen()
        self.now = end
        return self

    def _next_event(self) -> float:
        wakeup = self.controller.next_wakeup()
        events = [wakeup] if wakeup is not None else []
        if self.orders is not None:
            events.append(self._decided_at + 1.0)
        events += [when for when, _, _ in self._coming]
        return min(events, default=float("inf"))

    def _happen(self) -> None:
        self._coming.sort()
        while self._coming and self._coming[0][0] <= self.now:
            message = self._coming.pop(0)[2]
            self.controller.line_active(self.now)
            self.controller.receive(message, self.now)
        if self.orders is not None and self.now - self._decided_at >= 1.0:
            self._decided_at = self.now
            self.controller.offer(self.orders, self.now)
        self._pump()

    def _pump(self) -> None:
        while (message := self.controller.poll(self.now)) is not None:
            self.sent.append(Sent(self.now, message))
            peer = self.peers.get(getattr(message, "receiver", TwcId(0)))
            reply = peer.hear(message) if peer is not None else None
            if reply is not None:
                self.hear(reply, after=ANSWER_SECONDS)

    def run_to_heartbeat(self) -> ControllerHeartbeat:
        """Let time pass until the next heartbeat has left, and return it."""
        asked, since = len(self.heartbeats()), self.now
        while len(self.heartbeats()) == asked:
            self.run(0.01)
            assert self.now < since + 10.0, "no heartbeat leaves"
        return self.last()

    def hear(self, *messages: Message, after: float = 0.0) -> None:
        """Let something be heard, now or later."""
        for message in messages:
            self._coming.append((self.now + after, next(self._numbers), message))
        if not after:
            self._happen()

    def announce(self, *twcids: TwcId) -> None:
        """Let peers announce themselves: all of them, or these."""
        for twcid in twcids or self.peers:
            self.hear(self.peers[twcid].announcement())

    def link(self, seconds: float = 20.0) -> "Conversation":
        """Announce all peers and wait until they have answered."""
        self.announce()
        return self.run(seconds)

    @property
    def snapshot(self) -> BusSnapshot:
        return self.controller.snapshot(self.now)

    def connector(self, twcid: TwcId = GARAGE) -> WallConnectorSnapshot:
        return self.snapshot.connectors[twcid]

    def heartbeats(
        self, twcid: TwcId = GARAGE, since: float = 0.0
    ) -> list[tuple[float, ControllerHeartbeat]]:
        return [
            (sent.time, sent.message)
            for sent in self.sent
            if sent.time >= since
            and isinstance(sent.message, ControllerHeartbeat)
            and sent.message.receiver == twcid
        ]

    def questions(self, twcid: TwcId = GARAGE, since: float = 0.0) -> list[tuple[float, Code]]:
        return [
            (sent.time, sent.message.code)
            for sent in self.sent
            if sent.time >= since
            and isinstance(sent.message, Query | ContactorCommand)
            and sent.message.receiver == twcid
        ]

    def last(self, twcid: TwcId = GARAGE) -> ControllerHeartbeat:
        return self.heartbeats(twcid)[-1][1]
