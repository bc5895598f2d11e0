"""Another controller on the line: a wall connector whose rotary switch is not at F (protocol.md 1.12)."""

from collections.abc import Iterator

from ..bus.clock import Handle
from ..protocol.codes import Code, ConnectorState, Operation, ProtocolVersion, TwcId
from ..protocol.decoding import decode
from ..protocol.encoding import encode
from ..protocol.framing import FrameDecoder, FrameRejected, RejectedFrame, wrap
from ..protocol.messages import (
    ConnectorHeartbeat,
    ConnectorLinkReady,
    ControllerHeartbeat,
    ControllerLinkReady1,
    ControllerLinkReady2,
    Message,
    Meter,
    Query,
)
from .line import Line, Role

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

_Step = tuple[Message, float]


class ForeignController:
    """Announces itself, adopts every wall connector that does, and polls them."""

    def __init__(
        self, line: Line, twcid: TwcId = USUAL_TWCID, *, limit_amps: float = 12.0, sign: int = 0x76
    ) -> None:
        """Describe the controller; it keeps off the line until ``appear``."""
        self.twcid = twcid
        self._line = line
        self._limit_amps = limit_amps
        self._sign = sign
        self._known: dict[TwcId, ProtocolVersion] = {}
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
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _next(self) -> None:
        """Say the next thing, and come back after its pause."""
        message, pause = next(self._script)
        self._tap.send(wrap(encode(message)))
        self._timer = self._line.clock.call_at(self._line.clock.time() + pause, self._next)

    def _conversation(self) -> Iterator[_Step]:
        for gap in FIRST_GAPS:
            yield self._link_ready(ControllerLinkReady1), gap
        for gap in SECOND_GAPS:
            yield self._link_ready(ControllerLinkReady2), gap
        turn = 0
        while True:
            if not self._known:
                yield self._own_meter(), ALONE_SECONDS
                continue
            for twcid in tuple(self._known):
                yield self._heartbeat(twcid), 0.65
                yield self._heartbeat(twcid), 0.40
                yield self._own_meter(), 0.30
                yield self._question(twcid, _QUESTIONS[turn % len(_QUESTIONS)]), 0.60
            turn += 1

    def _link_ready(self, kind: type[ControllerLinkReady1] | type[ControllerLinkReady2]) -> Message:
        return kind(sender=self.twcid, sign=self._sign, max_amps=0.0, version=ProtocolVersion.P2)

    def _own_meter(self) -> Meter:
        return Meter(sender=self.twcid, energy_kwh=11, volts=(242, 0, 0), phase_amps=(0.0, 0.0, 0.0))

    def _heartbeat(self, twcid: TwcId) -> ControllerHeartbeat:
        """Answer states 04 and 08 without an offer; keep alive otherwise (protocol.md 2.4)."""
        report = self._reports.get(twcid)
        operation = Operation.KEEP_ALIVE
        if report is not None and report.offered_amps == 0.0:
            operation = _ANSWERS.get(report.state, Operation.KEEP_ALIVE)
        return ControllerHeartbeat(
            sender=self.twcid,
            receiver=twcid,
            operation=operation,
            amps=self._limit_amps if operation.carries_amps else 0.0,
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
            if isinstance(message, ConnectorLinkReady):
                self._known[message.sender] = message.version
            elif isinstance(message, ConnectorHeartbeat) and message.receiver == self.twcid:
                self._reports[message.sender] = message


_ANSWERS = {
    ConnectorState.PLUGGED_READY: Operation.SET_LIMIT,
    ConnectorState.STARTING: Operation.GRANT_START,
}
