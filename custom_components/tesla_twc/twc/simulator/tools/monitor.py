"""Watches the wire itself, not the code under test: who said what and when, and which rules were broken.

The rules are those of protocol.md 2.1 and 6.2. They are checked for ends with Role.CONTROLLER only; currents
and offers are read from the simulated wall connectors, where they cannot be embellished.
"""

from collections import defaultdict, deque
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from ...protocol.codes import Damage, Operation, ProtocolVersion, TwcId
from ...protocol.decoding import decode
from ...protocol.framing import FrameDecoder, FrameRejected, RejectedFrame, evened
from ...protocol.messages import ControllerHeartbeat, Message, Order
from ..line import Line, Role, Transmission

SILENCE_SECONDS = 0.2
"""Before every transmission (protocol.md 6.1)."""

UNNOTICEABLE_SECONDS = 0.03
"""A frame that began this recently cannot have been heard; talking over it is bad luck (protocol.md 3.12)."""

TOLERANCE_SECONDS = 0.002
MONITOR_TOLERANCE_AMPS = 0.05


class Rule(StrEnum):
    """What a controller must never do."""

    FORBIDDEN_COMMAND = "forbidden command"
    FORCED_ERROR = "operation 02"
    NOT_ON_THE_WHITELIST = "not on the whitelist"
    BROKEN_FRAME = "broken frame"
    WRONG_SIZE = "frame of the wrong size"
    TOO_MANY_AMPS = "too many amps"
    TOO_FEW_AMPS = "too few amps"
    FRACTIONAL_AMPS = "fractional amps"
    ZERO_IS_NO_STOP = "0 A for a protocol-2 connector"
    CIRCUIT_OFFERED = "offers above the circuit limit"
    CIRCUIT_DRAWN = "current above the circuit limit"
    TALKED_OVER = "talked over somebody"
    NO_SILENCE = "no silence before talking"
    TOO_MANY_QUESTIONS = "too many questions between heartbeats"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One broken rule."""

    time: float
    rule: Rule
    detail: str

    def __str__(self) -> str:
        """Write it as one line."""
        return f"{self.time:.3f} {self.rule}: {self.detail}"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardFrame:
    """One frame as it was sent, before the line damaged it."""

    time: float
    """When its transmission began."""
    talker: str
    role: Role
    content: Message | RejectedFrame
    collided: bool


class BusMonitor:
    """Records a line and judges the controllers on it."""

    def __init__(
        self,
        line: Line,
        *,
        circuit_limit_amps: float | None = None,
        silence_seconds: float = SILENCE_SECONDS,
        keep: int | None = 100_000,
    ) -> None:
        """Begin to watch. ``circuit_limit_amps`` may change while it runs; ``keep`` frames are remembered."""
        self.circuit_limit_amps = circuit_limit_amps
        self.violations: list[Violation] = []
        self.frames: deque[HeardFrame] = deque(maxlen=keep)
        self.collisions = 0
        """Transmissions that overlapped another one."""
        self.peak_drawn_amps = 0.0
        """The most that was ever drawn by all wall connectors together, A per phase."""
        self.peak_outstanding_amps = 0.0
        """The most that all wall connectors together could have drawn under their offers, A per phase."""
        self._line = line
        self._silence_seconds = silence_seconds
        self._decoders: dict[str, FrameDecoder] = defaultdict(FrameDecoder)
        self._recent: deque[Transmission] = deque(maxlen=12)
        self._heartbeats: dict[TwcId, list[float]] = defaultdict(list)
        self._heartbeats_since_question = 2
        self._exceeding: set[Rule] = set()
        line.observers.append(self)

    def stop(self) -> None:
        """Watch no longer."""
        self._line.observers.remove(self)

    def heartbeat_intervals(self, twcid: TwcId) -> list[float]:
        """Return the seconds between successive heartbeats to one wall connector."""
        times = self._heartbeats[twcid]
        return [after - before for before, after in pairwise(times)]

    def longest_heartbeat_gap(self, twcid: TwcId) -> float:
        """Return the longest time, in s, without a heartbeat to ``twcid``, from its first until now."""
        times = self._heartbeats[twcid]
        if not times:
            return float("inf")
        return max([*self.heartbeat_intervals(twcid), self._line.clock.time() - times[-1]])

    def messages(self, kind: type[Message] | None = None, *, role: Role | None = None) -> list[Message]:
        """Return the messages heard, of one kind and from one role if given."""
        return [
            frame.content
            for frame in self.frames
            if not isinstance(frame.content, RejectedFrame)
            and (kind is None or isinstance(frame.content, kind))
            and (role is None or frame.role is role)
        ]

    def transmitted(self, transmission: Transmission) -> None:
        """Record what was said, and judge it."""
        self.collisions += transmission.collided
        if transmission.role is Role.CONTROLLER:
            self._judge_timing(transmission)
        self._recent.append(transmission)
        for found in self._decoders[transmission.talker].feed(transmission.data):
            content = _content(found)
            self.frames.append(
                HeardFrame(
                    time=transmission.start,
                    talker=transmission.talker,
                    role=transmission.role,
                    content=content,
                    collided=transmission.collided,
                )
            )
            if transmission.role is Role.CONTROLLER:
                self._judge(content, transmission.start)

    def sampled(self, now: float) -> None:
        """Add up what the wall connectors draw, and what they may draw."""
        drawn = outstanding = 0.0
        for load in self._line.loads:
            load.advance(now)
            drawn += load.drawn_amps
            outstanding += load.outstanding_amps
        self.peak_drawn_amps = max(self.peak_drawn_amps, drawn)
        self.peak_outstanding_amps = max(self.peak_outstanding_amps, outstanding)
        self._compare(Rule.CIRCUIT_DRAWN, drawn, now)
        self._compare(Rule.CIRCUIT_OFFERED, outstanding, now)

    def _compare(self, rule: Rule, amps: float, now: float) -> None:
        """Note an excess once, when it begins."""
        limit = self.circuit_limit_amps
        if limit is None or amps <= limit + MONITOR_TOLERANCE_AMPS:
            self._exceeding.discard(rule)
        elif rule not in self._exceeding:
            self._exceeding.add(rule)
            self._note(rule, now, f"{amps:.2f} A, limit {limit:g} A")

    def _judge_timing(self, transmission: Transmission) -> None:
        """Check the silence before a controller's transmission."""
        for earlier in self._recent:
            unnoticed = earlier.start >= transmission.start - UNNOTICEABLE_SECONDS
            unheard = earlier.end <= transmission.start < self._heard_at(earlier)
            if (unnoticed or unheard) and earlier.talker != transmission.talker:
                continue
            silence = transmission.start - earlier.end
            if silence < 0:
                self._note(Rule.TALKED_OVER, transmission.start, f"{earlier.talker} was talking")
            elif silence < self._silence_seconds - TOLERANCE_SECONDS:
                self._note(
                    Rule.NO_SILENCE, transmission.start, f"{silence * 1000:.0f} ms after {earlier.talker}"
                )

    def _heard_at(self, earlier: Transmission) -> float:
        """Return when a transmission is heard: the simulated line carries everything until it is quiet again.

        Whoever talks on over its end is judged by itself.
        """
        heard_at = earlier.end
        for other in self._recent:
            if earlier.start <= other.start < heard_at:
                heard_at = max(heard_at, other.end)
        return heard_at

    def _judge(self, content: Message | RejectedFrame, now: float) -> None:
        if isinstance(content, RejectedFrame):
            self._judge_rejected(content, now)
            if (even := evened(content)) is not None:
                # No controller of ours may say it, but wall connectors obey it (protocol.md 1.6).
                self._judge_order(_content(even), now)
            return
        if isinstance(content, Order):
            self._judge_size(content.receiver, content.version, now)
        self._judge_order(content, now)

    def _judge_order(self, content: Message | RejectedFrame, now: float) -> None:
        if isinstance(content, ControllerHeartbeat):
            self._heartbeats[content.receiver].append(now)
            self._heartbeats_since_question += 1
            self._judge_heartbeat(content, now)
        elif isinstance(content, Order):
            if self._heartbeats_since_question < 2:
                between = self._heartbeats_since_question
                self._note(Rule.TOO_MANY_QUESTIONS, now, f"{content.code:04X} after {between} heartbeats")
            self._heartbeats_since_question = 0

    def _judge_rejected(self, frame: RejectedFrame, now: float) -> None:
        kinds = {rejection.damage for rejection in frame.reasons}
        if Damage.FORBIDDEN_CODE in kinds:
            rule = Rule.FORBIDDEN_COMMAND
        elif Damage.UNKNOWN_CODE in kinds:
            rule = Rule.NOT_ON_THE_WHITELIST
        else:
            rule = Rule.BROKEN_FRAME
        self._note(rule, now, f"{frame.raw.hex(' ')}: {frame.reason}")

    def _judge_heartbeat(self, heartbeat: ControllerHeartbeat, now: float) -> None:
        operation, amps, receiver = heartbeat.operation, heartbeat.amps, heartbeat.receiver
        if operation is Operation.FORCE_ERROR:
            self._note(Rule.FORCED_ERROR, now, f"to {receiver}")
        elif operation in (Operation.RAISE_BY_TWO, Operation.LOWER_BY_TWO):
            self._note(Rule.NOT_ON_THE_WHITELIST, now, f"operation {operation:02X} to {receiver}")
        elif operation.carries_amps:
            self._judge_amps(amps, receiver, heartbeat.version, now)

    def _judge_amps(self, amps: float, receiver: TwcId, version: ProtocolVersion, now: float) -> None:
        """Judge a limit by who gets it: other programs send one size to all (protocol.md 1.6)."""
        detail = f"{amps:g} A to {receiver}"
        receivers = [load for load in self._line.loads if load.twcid == receiver]
        versions = {load.version for load in receivers} or {version}
        if amps > min([80.0, *(load.rated_amps for load in receivers)]):
            self._note(Rule.TOO_MANY_AMPS, now, detail)
        if amps == 0.0 and ProtocolVersion.P2 in versions:
            self._note(Rule.ZERO_IS_NO_STOP, now, detail)
        if 0.0 < amps < max(one.minimum_amps for one in versions):
            self._note(Rule.TOO_FEW_AMPS, now, detail)
        if amps != int(amps):
            self._note(Rule.FRACTIONAL_AMPS, now, detail)

    def _judge_size(self, receiver: TwcId, version: ProtocolVersion, now: float) -> None:
        """Check that a wall connector gets frames of its own size (protocol.md 1.6)."""
        for load in self._line.loads:
            if load.twcid == receiver and load.version is not version:
                self._note(Rule.WRONG_SIZE, now, f"{version.body_length} bytes to {receiver}")

    def _note(self, rule: Rule, time: float, detail: str) -> None:
        self.violations.append(Violation(time=time, rule=rule, detail=detail))


def _content(found: bytes | RejectedFrame) -> Message | RejectedFrame:
    if isinstance(found, RejectedFrame):
        return found
    try:
        return decode(found)
    except FrameRejected as error:
        return error.rejected
