"""A program of bytes drives the controller: what it hears, what it is told, and what time it is.

Four honest wall connectors answer it, and the bytes decide what they do. In an honest program nobody lies in their
name, and all they take together must stay within the circuit; in any other program everything may be heard.
"""

from collections import deque
from collections.abc import Callable

from twc.bus.controller import Controller
from twc.bus.settings import BusSettings, ConnectorSettings, StopMethod
from twc.bus.snapshot import BusPhase
from twc.protocol.codes import BODY_LENGTHS, Code, ConnectorState, Damage, Operation, TwcId
from twc.protocol.decoding import decode
from twc.protocol.encoding import encode
from twc.protocol.framing import FrameRejected, RejectedFrame, Rejection, checksum
from twc.protocol.messages import ContactorCommand, ControllerHeartbeat, Message, Query

from honest_peer import P1, P2, HonestPeer

OURS = TwcId(0x7777)
NAMES = tuple(map(TwcId, (0x1111, 0x2222, 0x3333, 0x4444)))
ORDERS = (None, 0, 6, 16, 32, 5, 200, -3)
CODES = tuple(Code)
STATES = tuple(ConnectorState)
SENDABLE = (Operation.KEEP_ALIVE, Operation.SET_LIMIT, Operation.GRANT_START, Operation.SET_SESSION_LIMIT)
LONGEST_PROGRAM = 160
MOST_MESSAGES = 250
"""A program ends when the controller has said so much: long waits are slow to try."""
LOWERED_SECONDS = 60.0
"""After the circuit limit was lowered everything has followed within so long: the watchdogs have fired."""
UNKNOWN_SECONDS = 60.0
"""One that the owner told us to forget may draw on for so long, and nobody counts it."""


class Bytes:
    """The program, byte by byte; zeros after its end."""

    def __init__(self, data: bytes) -> None:
        """Begin at the beginning."""
        self._data, self._at = data, 0

    @property
    def left(self) -> bool:
        """Whether there is more."""
        return self._at < len(self._data)

    def take(self) -> int:
        """Return the next byte."""
        self._at += 1
        return self._data[self._at - 1] if self._at <= len(self._data) else 0

    def many(self, count: int) -> bytes:
        """Return so many bytes."""
        return bytes(self.take() for _ in range(count))


def one_input(data: bytes) -> None:
    """Try one program; raises AssertionError, or whatever the code under test raises."""
    program = Bytes(data[:LONGEST_PROGRAM])
    bench = Bench(honest=program.take() % 4 != 0)
    while program.left and bench.messages < MOST_MESSAGES:
        bench.step(program)


class Bench:
    """A controller, four wall connectors, and a clock."""

    def __init__(self, *, honest: bool) -> None:
        """Open the port; ``honest``: nobody speaks in the name of the wall connectors."""
        self.now = 1000.0
        self.honest = honest
        self.peers = {
            name: HonestPeer(name, version, rated)
            for name, version, rated in zip(NAMES, (P2, P1, P2, P2), (32.0, 32.0, 80.0, 32.0), strict=True)
        }
        choices = ConnectorSettings(maximum_amps=80, limit_amps=80)
        self.settings = BusSettings(circuit_limit_amps=32, connectors=dict.fromkeys(NAMES, choices))
        self.limits: deque[tuple[float, int]] = deque([(self.now, 32)])
        self.controller = Controller(self.settings, sign=0x77)
        self.controller.connected(self.now)
        self.connected = True
        self.messages = 0
        """What the controller has said so far."""
        self.lose_answers = 0
        self.unjudged_until = 0.0
        self.answers: list[tuple[float, Message]] = []

    def step(self, program: Bytes) -> None:
        """Carry out one instruction."""
        _INSTRUCTIONS[program.take() % len(_INSTRUCTIONS)](self, program)
        self._poll()
        self._judge_sum()

    def _peer(self, number: int) -> HonestPeer:
        return self.peers[NAMES[number % 4]]

    # Time

    def _wait(self, seconds: float) -> None:
        end = self.now + seconds
        for _ in range(3000):
            wakeup = self.controller.next_wakeup()
            times = [at for at, _ in self.answers] + ([] if wakeup is None else [wakeup])
            if not times or min(times) > end or self.messages >= MOST_MESSAGES:
                break
            self.now = max(self.now, min(times))
            self._deliver()
            self._poll()
            self._judge_sum()
        else:
            raise AssertionError("it wants to be woken again and again")
        self.now = max(self.now, end)

    def wait_briefly(self, program: Bytes) -> None:
        """Let up to 2.5 s pass."""
        self._wait(program.take() / 100)

    def wait(self, program: Bytes) -> None:
        """Let up to a minute and a half pass."""
        self._wait(program.take() / 3)

    # The line

    def _deliver(self) -> None:
        due = [message for at, message in self.answers if at <= self.now]
        self.answers = [(at, message) for at, message in self.answers if at > self.now]
        for message in due:
            self._hear(message)

    def _hear(self, message: Message) -> None:
        if self.connected:
            self.controller.line_active(self.now)
            self.controller.receive(message, self.now)

    def announce(self, program: Bytes) -> None:
        """Let a wall connector announce itself, as it does without a controller."""
        self._hear(self._peer(program.take()).announcement())

    def hear_anything(self, program: Bytes) -> None:
        """Hear any message that can be decoded: any code, any fields."""
        code = CODES[program.take() % len(CODES)]
        length = max(BODY_LENGTHS[code]) - 3
        payload = code.to_bytes(2, "big") + program.many(min(length, 9)).ljust(length, b"\x00")
        try:
            message = decode(payload + bytes([checksum(payload)]))
        except FrameRejected as error:
            if self.connected:
                self.controller.rejected(error.rejected, self.now)
            return
        if not self.honest or getattr(message, "sender", None) not in self.peers:
            self._hear(message)

    def lie(self, program: Bytes) -> None:
        """Hear something in the name of a wall connector, but never in an honest program."""
        peer, kind, high, low = self._peer(program.take()), program.take(), program.take(), program.take()
        if self.honest:
            return
        code = (Code.CONNECTOR_HEARTBEAT, Code.CONNECTOR_LINK_READY)[kind % 2]
        fields = peer.twcid.to_bytes(2, "big")
        if code is Code.CONNECTOR_HEARTBEAT:
            fields += OURS.to_bytes(2, "big") + bytes([kind // 2 % 16, high % 80, low, low % 80, high])
        else:
            fields += bytes([low, *((0x0C, 0x80) if high % 2 else (0x1F, 0x40))])
        payload = (code.to_bytes(2, "big") + fields).ljust(peer.version.body_length - 1, b"\x00")
        try:
            self._hear(decode(payload + bytes([checksum(payload)])))
        except FrameRejected:
            return

    def damage(self, program: Bytes) -> None:
        """Hear something that is no message."""
        kinds = list(Damage)
        kind = kinds[program.take() % len(kinds)]
        if self.connected:
            self.controller.rejected(RejectedFrame(b"", (Rejection(kind, "damage"),)), self.now)

    def lose(self, program: Bytes) -> None:
        """Let the next answers get lost."""
        self.lose_answers = program.take() % 40

    def port(self, program: Bytes) -> None:
        """Lose the port for a while."""
        if self.connected:
            self.controller.disconnected(self.now)
            assert self.controller.next_wakeup() is None
        self.now += program.take() / 2
        self.answers.clear()
        self.controller.connected(self.now)
        self.connected = True

    def restart(self, program: Bytes) -> None:
        """Stop the program and start it with what it remembers."""
        known = self.controller.remembered()
        self.now += program.take() / 2
        self.answers.clear()
        self.controller = Controller(self.settings, known, sign=0x77)
        self.controller.connected(self.now)

    # The owner

    def offer(self, program: Bytes) -> None:
        """Decide."""
        which = program.take()
        self.controller.offer(
            {
                name: ORDERS[program.take() % len(ORDERS)]
                for bit, name in enumerate(NAMES)
                if which >> bit & 1
            },
            self.now,
        )

    def offer_all(self, program: Bytes) -> None:
        """Decide the same for all."""
        self.controller.offer(dict.fromkeys(NAMES, program.take() % 81), self.now)

    def change(self, program: Bytes) -> None:
        """Change the settings."""
        circuit, most, limit, how = program.many(4)
        methods = list(StopMethod)
        choices = ConnectorSettings(
            maximum_amps=6 + most % 75, limit_amps=limit % 81, stop_method=methods[how % len(methods)]
        )
        self.settings = BusSettings(
            circuit_limit_amps=6 + circuit % 75,
            cure_six_amp_bug=how >= 128,
            connectors=dict.fromkeys(NAMES, choices),
        )
        self.limits.append((self.now, self.settings.circuit_limit_amps))
        self.controller.change(self.settings, self.now)

    def forget(self, program: Bytes) -> None:
        """Forget a wall connector; for a while nobody can count what it draws."""
        self.controller.forget(NAMES[program.take() % 4])
        self.unjudged_until = self.now + UNKNOWN_SECONDS

    # The cars

    def draw(self, program: Bytes) -> None:
        """Let a car draw."""
        self._peer(program.take()).draw(program.take() / 255)

    def state(self, program: Bytes) -> None:
        """Change what a wall connector says it is doing."""
        self._peer(program.take()).state = STATES[program.take() % len(STATES)]

    def trouble(self, program: Bytes) -> None:
        """Let a wall connector reboot, fall silent, or lose its car."""
        peer, kind = self._peer(program.take()), program.take() % 4
        if kind == 0:
            peer.reboot()
        elif kind == 1:
            peer.give_up()
        else:
            peer.mute = kind == 2

    # What must hold

    def _poll(self) -> None:
        message = self.controller.poll(self.now)
        if message is None:
            return
        self.messages += 1
        assert self.connected
        assert decode(encode(message)) == message
        assert self.controller.snapshot(self.now).phase is BusPhase.RUNNING
        assert self.controller.poll(self.now) is None, "one thing at a time"
        if isinstance(message, ControllerHeartbeat):
            self._hear_heartbeat(message)
        elif isinstance(message, Query | ContactorCommand):
            assert message.sender == OURS

    def _hear_heartbeat(self, message: ControllerHeartbeat) -> None:
        self._judge_heartbeat(message)
        peer = self.peers.get(message.receiver)
        if peer is None:
            return
        before = peer.outstanding
        answer = peer.hear(message, self.now)
        if peer.offered > before:
            self._judge_raise()
        if self.lose_answers:
            self.lose_answers -= 1
        elif answer is not None:
            self.answers.append((self.now + 0.19, answer))

    def _judge_heartbeat(self, message: ControllerHeartbeat) -> None:
        assert message.sender == OURS
        assert message.operation in SENDABLE
        assert message.amps == int(message.amps)
        if not message.operation.carries_amps:
            return
        assert message.amps >= 6 or (message.amps == 0 and message.version is P1)
        choices = self.settings.connectors.get(message.receiver, ConnectorSettings())
        cap = min(80, self.settings.circuit_limit_amps, choices.maximum_amps, choices.limit_amps)
        if self.honest and message.receiver in self.peers:
            cap = min(cap, self.peers[message.receiver].rated_amps)
        assert message.amps <= max(6, cap)

    def _total(self) -> float:
        for peer in self.peers.values():
            peer.advance(self.now)
        return sum(peer.outstanding for peer in self.peers.values())

    def _judge_raise(self) -> None:
        """What raises one must leave all within the circuit of this moment."""
        if self.honest and self.now >= self.unjudged_until:
            assert self._total() <= self.settings.circuit_limit_amps + 0.01, "raised into a full circuit"

    def _judge_sum(self) -> None:
        """All together stay within the circuit; each keeps the minimum it has until somebody says who must wait."""
        while len(self.limits) > 1 and self.limits[1][0] <= self.now - LOWERED_SECONDS:
            self.limits.popleft()
        if not self.honest or self.now < self.unjudged_until:
            return
        highest = max(limit for _, limit in self.limits)
        least = 6 * sum(peer.outstanding > 0 for peer in self.peers.values())
        assert self._total() <= max(highest, least) + 0.01, "more than the circuit carries"


_INSTRUCTIONS: tuple[Callable[[Bench, Bytes], None], ...] = (
    Bench.wait_briefly,
    Bench.wait,
    Bench.announce,
    Bench.hear_anything,
    Bench.lie,
    Bench.damage,
    Bench.lose,
    Bench.port,
    Bench.restart,
    Bench.offer,
    Bench.offer_all,
    Bench.change,
    Bench.forget,
    Bench.draw,
    Bench.state,
    Bench.trouble,
    Bench.wait_briefly,
    Bench.wait,
    Bench.announce,
    Bench.offer_all,
    Bench.draw,
    Bench.state,
)
