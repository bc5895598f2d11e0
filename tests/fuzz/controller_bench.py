"""A controller, four honest wall connectors, and a clock: what happens between two instructions of a program.

Kept small and fast, because every input runs through it: the controller is woken only when something is due, and what
must hold (``verdicts``) is judged when it can have changed.
"""

from collections import deque

from twc.bus.controller import Controller
from twc.bus.line.schedule import no_chance
from twc.bus.settings import BusSettings, ConnectorSettings
from twc.protocol.codes import TwcId
from twc.protocol.framing import RejectedFrame
from twc.protocol.messages import ContactorCommand, ControllerHeartbeat, ControllerMessage, Message, Query

from honest_peer import P1, P2, HonestPeer
from verdicts import SpeechVerdict, SumVerdict, judge_heartbeat, judge_knowledge, judge_message

OURS = TwcId(0x7777)
NAMES = tuple(map(TwcId, (0x1111, 0x2222, 0x3333, 0x4444)))
MOST_WAKEUPS = 16
"""A program ends when the controller was woken so often, a dozen heartbeats: long ones are slow to try."""
DROWSY_SECONDS = 2.0
"""A busy computer wakes the controller so late, and it sends one heartbeat where it might have sent four."""
ANSWER_SECONDS = 0.19
"""So long after the first byte of a heartbeat its answer has arrived (protocol.md 1.9)."""
LONG_SECONDS = 60.0
"""Nothing is known any more of a bus that was away for so long (protocol.md 6.2 rules 4 and 6)."""
_ENDLESS = 3 * MOST_WAKEUPS


class Bench:
    """One try of the controller. All times are seconds of one clock."""

    def __init__(self, *, honest: bool = True) -> None:
        """Open the port; ``honest``: nobody speaks in the name of the wall connectors."""
        self.now = 1000.0
        self.honest = honest
        self.peers = {
            name: HonestPeer(name, version, rated)
            for name, version, rated in zip(NAMES, (P2, P1, P2, P2), (32.0, 32.0, 80.0, 32.0), strict=True)
        }
        choices = ConnectorSettings(maximum_amps=80, limit_amps=80)
        self.settings = BusSettings(circuit_limit_amps=32, connectors=dict.fromkeys(NAMES, choices))
        self.controller = Controller(self.settings, sign=0x77, chance=no_chance)
        self.sums = SumVerdict(32, self.now)
        self.speech = SpeechVerdict()
        self.question: Query | ContactorCommand | None = None
        """The last thing that was asked."""
        self.lose_answers = 0
        self.wakeups = 0
        self._answers: deque[tuple[float, Message]] = deque()
        self._connect(cold=True)

    @property
    def tired(self) -> bool:
        """Whether this program has been tried for long enough."""
        return self.wakeups >= MOST_WAKEUPS

    def peer(self, number: int) -> HonestPeer:
        """Return one of the wall connectors."""
        return self.peers[NAMES[number % 4]]

    # Time

    def wait(self, seconds: float, late_seconds: float = 0.0) -> None:
        """Let time pass, with the controller woken whenever it asks to be, or so much later."""
        end = self.now + seconds
        for _ in range(_ENDLESS):
            at = self.controller.next_wakeup()
            answered_at = self._answers[0][0] if self._answers else end
            if answered_at < end and (at is None or answered_at < at):
                self.now = max(self.now, answered_at)
                self._deliver()
                continue
            if at is None or at > end or self.tired:
                break
            self.now = max(self.now, at) + late_seconds
            self._deliver()
            self.poll()
        else:
            raise AssertionError("it wants to be woken again and again")
        self.now = max(self.now, end)
        self.judge_sum()

    def sleep(self, seconds: float) -> None:
        """Let time pass while nobody wakes the controller; what was said meanwhile is heard at its end."""
        self.now += seconds
        self.judge_sum()
        self._deliver()

    def poll(self) -> None:
        """Let the controller speak, if it wants to."""
        self.wakeups += 1
        message = self.controller.poll(self.now)
        if message is not None:
            self._spoken(message)
        if self.honest:
            self.sums.look(self.peers, self.now)

    def judge_sum(self) -> None:
        """Judge all amps together, unless somebody lied about them."""
        if self.honest:
            self.sums.judge(self.peers, self.now)

    def judge_knowledge(self) -> None:
        """Judge what is known."""
        judge_knowledge(self.controller, self.now)

    # The line

    def hear(self, message: Message) -> None:
        """Something arrives."""
        self.controller.line_active(self.now)
        self.controller.receive(message, self.now)
        self.speech.heard(self.now)

    def hear_damage(self, frame: RejectedFrame) -> None:
        """Something arrives that is no message."""
        self.controller.rejected(frame, self.now)
        self.speech.heard(self.now)

    def hear_doubtful(self, message: Message) -> None:
        """Something arrives that may be another controller's."""
        evidence = self.controller.counts["foreign"]
        self.hear(message)
        if self.controller.counts["foreign"] != evidence:
            self.speech.foreign(self.controller.snapshot(self.now).foreign_controller, self.now)

    def _deliver(self) -> None:
        while self._answers and self._answers[0][0] <= self.now:
            self.hear(self._answers.popleft()[1])

    def _spoken(self, message: ControllerMessage) -> None:
        judge_message(message, OURS)
        self.speech.spoken(message, self.now)
        if isinstance(message, ControllerHeartbeat):
            self._hear_heartbeat(message)
        elif isinstance(message, Query | ContactorCommand):
            self.question = message

    def _hear_heartbeat(self, message: ControllerHeartbeat) -> None:
        peer = self.peers.get(message.receiver)
        judge_heartbeat(message, self.settings, peer.rated_amps if peer is not None and self.honest else 80)
        if peer is None:
            return
        peer.advance(self.now)
        outstanding, told = peer.outstanding, peer.told_amps
        answer = peer.hear(message, self.now)
        # To be told again what was told before is no raise, even if the unit rebooted and had forgotten it.
        if self.honest and peer.outstanding > outstanding and peer.told_amps > told:
            self.sums.judge_raise(self.peers, self.now)
        if self.lose_answers:
            self.lose_answers -= 1
        elif answer is not None:
            self._answers.append((self.now + ANSWER_SECONDS, answer))

    # The port and the program

    def _connect(self, *, cold: bool) -> None:
        self.controller.connected(self.now)
        self.speech.connected(self.now, cold=cold)

    def lose_port(self, seconds: float) -> None:
        """Be without the port for a while."""
        self.controller.disconnected(self.now)
        assert self.controller.next_wakeup() is None
        assert self.controller.poll(self.now) is None
        self.now += seconds
        self._answers.clear()
        self._connect(cold=seconds >= LONG_SECONDS)

    def restart(self, seconds: float) -> None:
        """Stop the program and start it with what it remembers."""
        known = self.controller.remembered()
        self.now += seconds
        self._answers.clear()
        self.controller = Controller(self.settings, known, sign=0x77, chance=no_chance)
        self.speech = SpeechVerdict()
        self._connect(cold=not known)

    # The owner

    def change(self, settings: BusSettings) -> None:
        """Take other settings."""
        self.settings = settings
        self.sums.limited(settings.circuit_limit_amps, self.now)
        self.controller.change(settings, self.now)

    def forget(self, twcid: TwcId) -> None:
        """Forget a wall connector; for a while nobody can count what it draws."""
        self.controller.forget(twcid)
        self.sums.forgotten(self.now)
