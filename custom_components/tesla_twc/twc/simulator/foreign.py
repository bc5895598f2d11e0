"""Another controller on the line: a wall connector whose rotary switch is not at F, with a car of its own or without.

It says what a real one with firmware 4.5.3.2 said, at the times at which that one said it (protocol.md 1.12).
"""

from collections.abc import Iterator

from ..bus.clock import Handle
from ..protocol.codes import Code, ConnectorState, Operation, ProtocolVersion, TwcId
from ..protocol.decoding import decode
from ..protocol.encoding import encode
from ..protocol.framing import FrameDecoder, FrameRejected, RejectedFrame, checksum, wrap
from ..protocol.messages import (
    ConnectorHeartbeat,
    ConnectorLinkReady,
    ControllerHeartbeat,
    ControllerLinkReady1,
    ControllerLinkReady2,
    Message,
    Query,
)
from .answers import answer
from .car import Car
from .line import Line, Role
from .offered_charge import OfferedCharge
from .unit import FIRMWARE_MIDDLE, Unit, UnitModel

FIRST_GAPS = (1.00, 0.90, 0.60, 0.70, 0.65, 1.30)
"""Seconds after each FCE1 of a real controller with firmware 4.5.3.2."""

SECOND_GAPS = (0.60, 0.30, 0.70)
"""Seconds after each FBE2 of the same."""

ALONE_SECONDS = 1.95
"""Between two FDEB of a controller that has found nobody."""

_QUESTIONS = (
    Code.GET_METER,
    Code.GET_FIRMWARE,
    Code.GET_VIN_START,
    Code.GET_VIN_MIDDLE,
    Code.GET_VIN_END,
    Code.GET_SERIAL_NUMBER,
)

USUAL_TWCID = TwcId(0x7973)
"""The address of the real controller whose cadence was captured."""

USUAL_UNIT = Unit(
    serial_number="A18G0017973",
    model=UnitModel(name="EVW2T32HL", rated_amps=32.0, volts=(242, 0, 0)),
    firmware=FIRMWARE_MIDDLE,
    energy_kwh=11.0,
)
"""That real controller itself."""

DROPPED_SECONDS = 26.0
"""A wall connector that does not answer for so long gets no more heartbeats (protocol.md 1.13)."""

STEP_SECONDS = 0.25
"""How finely the time of its own car is cut."""

OTHER_RATING = b"\x02\x04"
"""The operation that forces an error, and its bit for a wall connector of another rating (protocol.md 2.3)."""

_Step = tuple[Message | bytes, float]


class ForeignController:
    """Announces itself, adopts every wall connector that does, and polls them."""

    def __init__(
        self,
        line: Line,
        twcid: TwcId = USUAL_TWCID,
        *,
        limit_amps: float = 12.0,
        sign: int = 0x76,
        unit: Unit = USUAL_UNIT,
    ) -> None:
        """Describe the controller; it keeps off the line until ``appear``."""
        self.twcid = twcid
        self.unit = unit
        self.session = OfferedCharge(unit)
        """What happens between it and its own car."""
        self.forced_errors: set[TwcId] = set()
        """Whom it told to report an error, because their rating is not its own."""
        self._stepped_at = line.clock.time()
        self._line = line
        self._limit_amps = limit_amps
        self._sign = sign
        self._known: dict[TwcId, ProtocolVersion] = {}
        self._answered_at: dict[TwcId, float] = {}
        self._reports: dict[TwcId, ConnectorHeartbeat] = {}
        self._tap = line.tap(f"foreign controller {twcid}", Role.FOREIGN, self._hear)
        self._tap.leave()
        self._decoder = FrameDecoder()
        self._script: Iterator[_Step] = iter(())
        self._timer: Handle | None = None

    @property
    def present(self) -> bool:
        """Whether it is on the line."""
        return self._timer is not None

    def appear(self) -> None:
        """Be powered up."""
        self.leave()
        self._tap = self._line.tap(f"foreign controller {self.twcid}", Role.FOREIGN, self._hear)
        self._script = self._conversation()
        self._next()

    def leave(self) -> None:
        """Be switched off."""
        self._tap.leave()
        self._known.clear()
        self._reports.clear()
        self._answered_at.clear()
        self.forced_errors.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def led(self) -> tuple[TwcId, ...]:
        """Whom it sends heartbeats."""
        return tuple(self._known)

    def plug(self, car: Car) -> None:
        """Plug a car in at the controller itself."""
        self._step()
        self.session.plug(car)
        self.session.take(Operation.SET_LIMIT, self._limit_amps)

    def unplug(self) -> Car | None:
        """Pull its plug."""
        self._step()
        return self.session.unplug()

    def _step(self) -> None:
        """Let the time pass for its own car."""
        now = self._line.clock.time()
        while (left := now - self._stepped_at) > 1e-9:
            seconds = min(left, STEP_SECONDS)
            self._stepped_at += seconds
            self.session.step(seconds, guided=self.present)

    def _next(self) -> None:
        """Say the next thing, and come back after its pause."""
        self._step()
        now = self._line.clock.time()
        for twcid in [one for one, at in self._answered_at.items() if now - at >= DROPPED_SECONDS]:
            del self._known[twcid], self._answered_at[twcid]
        message, pause = next(self._script)
        body = message if isinstance(message, bytes) else encode(message)
        self._tap.send(wrap(body))
        self._timer = self._line.clock.call_at(self._line.clock.time() + pause, self._next)

    def _conversation(self) -> Iterator[_Step]:
        for gap in FIRST_GAPS:
            yield self._link_ready(ControllerLinkReady1), gap
        for gap in SECOND_GAPS:
            yield self._link_ready(ControllerLinkReady2), gap
        turn = 0
        while True:
            if not self._known:
                yield self._own(Code.GET_METER), ALONE_SECONDS
                continue
            code = _QUESTIONS[turn % len(_QUESTIONS)]
            for twcid in tuple(self._known):
                yield self._heartbeat(twcid), 0.65
                yield self._heartbeat(twcid), 0.40
                yield self._own(code), 0.30
                yield self._question(twcid, code), 0.60
            turn += 1

    def _link_ready(self, kind: type[ControllerLinkReady1] | type[ControllerLinkReady2]) -> Message:
        return kind(sender=self.twcid, sign=self._sign, max_amps=0.0, version=ProtocolVersion.P2)

    def _own(self, code: Code) -> Message:
        """Tell a figure of its own, of the kind that it asks for."""
        told = answer(code, self.twcid, self.unit, self.session)
        assert told is not None, "its firmware knows all of them"
        return told

    def _heartbeat(self, twcid: TwcId) -> ControllerHeartbeat | bytes:
        """Answer states 04 and 08 without an offer; keep alive otherwise (protocol.md 2.4)."""
        if twcid in self.forced_errors:
            body = Code.CONTROLLER_HEARTBEAT.to_bytes(2, "big") + self.twcid.to_bytes(2, "big")
            body = (body + twcid.to_bytes(2, "big") + OTHER_RATING).ljust(15, b"\x00")
            return body + bytes((checksum(body),))
        report = self._reports.get(twcid)
        operation = Operation.KEEP_ALIVE
        if report is not None and report.offered_amps == 0.0:
            operation = _ANSWERS.get(report.state, Operation.KEEP_ALIVE)
        return ControllerHeartbeat(
            sender=self.twcid,
            receiver=twcid,
            operation=operation,
            amps=self._limit_amps if operation.carries_amps else 0.0,
            plugged_in=self.session.car is not None,
            version=self._known.get(twcid, ProtocolVersion.P2),
        )

    def _question(self, twcid: TwcId, code: Code) -> Query:
        version = self._known.get(twcid, ProtocolVersion.P2)
        return Query(code=code, sender=self.twcid, receiver=twcid, version=version)

    def _hear(self, data: bytes) -> None:
        for found in self._decoder.feed(data):
            if isinstance(found, RejectedFrame):
                continue
            try:
                message = decode(found)
            except FrameRejected:
                continue
            now = self._line.clock.time()
            if isinstance(message, ConnectorLinkReady):
                self._known[message.sender] = message.version
                self._answered_at[message.sender] = now
                if message.max_amps != self.unit.model.rated_amps:
                    self.forced_errors.add(message.sender)
            elif isinstance(message, ConnectorHeartbeat) and message.receiver == self.twcid:
                self._reports[message.sender] = message
                self._answered_at[message.sender] = now


_ANSWERS = {
    ConnectorState.PLUGGED_READY: Operation.SET_LIMIT,
    ConnectorState.STARTING: Operation.GRANT_START,
}
