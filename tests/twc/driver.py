"""A program on a simulated line that does exactly what a test says, good or bad, and remembers what it hears."""

from twc.protocol.codes import Code, Operation, ProtocolVersion, TwcId
from twc.protocol.decoding import decode
from twc.protocol.encoding import encode
from twc.protocol.framing import FrameDecoder, FrameRejected, RejectedFrame, checksum, wrap
from twc.protocol.messages import (
    ConnectorHeartbeat,
    ConnectorMessage,
    ContactorCommand,
    ControllerHeartbeat,
    Message,
    Query,
)
from twc.simulator.clock import SimulatedClock
from twc.simulator.line import Line, Role
from twc.simulator.station import Station

OUR_ID = TwcId(0x7777)


class Driver:
    """One end of the line with Role.CONTROLLER."""

    def __init__(self, line: Line, clock: SimulatedClock, role: Role = Role.CONTROLLER) -> None:
        self.heard: list[tuple[float, Message]] = []
        self.rejected: list[RejectedFrame] = []
        self._clock = clock
        self._decoder = FrameDecoder()
        self._tap = line.tap("driver", role, self._hear)

    def _hear(self, data: bytes) -> None:
        for found in self._decoder.feed(data):
            if isinstance(found, RejectedFrame):
                self.rejected.append(found)
                continue
            try:
                self.heard.append((self._clock.time(), decode(found)))
            except FrameRejected as error:
                self.rejected.append(error.rejected)

    @property
    def messages(self) -> list[Message]:
        """What was heard, without the times."""
        return [message for _, message in self.heard]

    def of(self, kind: type[Message]) -> list[Message]:
        """What was heard of one kind."""
        return [message for message in self.messages if isinstance(message, kind)]

    def send(self, message: Message) -> None:
        """Put a message on the line; the line does not move before time passes."""
        self._tap.send(wrap(encode(message)))

    def send_body(self, body_without_checksum: bytes) -> None:
        """Put on the line what the encoder would refuse to build."""
        self._tap.send(wrap(body_without_checksum + bytes([checksum(body_without_checksum)])))

    def send_raw(self, data: bytes) -> None:
        """Put bytes on the line."""
        self._tap.send(data)

    def heartbeat(
        self,
        station: Station,
        operation: Operation = Operation.KEEP_ALIVE,
        amps: float = 0.0,
        *,
        version: ProtocolVersion | None = None,
    ) -> None:
        """Send one heartbeat."""
        self.send(
            ControllerHeartbeat(
                sender=OUR_ID,
                receiver=station.connector.twcid,
                operation=operation,
                amps=amps,
                version=version or station.connector.version,
            )
        )

    def beat(
        self, station: Station, operation: Operation = Operation.KEEP_ALIVE, amps: float = 0.0
    ) -> ConnectorHeartbeat | None:
        """Send one heartbeat, let a second pass and return the answer."""
        before = len(self.heard)
        self.heartbeat(station, operation, amps)
        self._clock.advance(1.0)
        for _, message in self.heard[before:]:
            if isinstance(message, ConnectorHeartbeat) and message.sender == station.connector.twcid:
                return message
        return None

    def keep(self, station: Station, seconds: int) -> ConnectorHeartbeat:
        """Send a plain heartbeat every second and return the last answer."""
        answers = [self.beat(station) for _ in range(seconds)]
        last = answers[-1]
        assert last is not None
        return last

    def body(self, code: int, station: Station, fields: bytes = b"") -> bytes:
        """Lay out a P2 body, without its checksum, from us to a wall connector."""
        body = code.to_bytes(2, "big") + OUR_ID.to_bytes(2, "big")
        body += station.connector.twcid.to_bytes(2, "big") + fields
        return body.ljust(station.connector.version.body_length - 1, b"\x00")

    def ask(self, station: Station, code: Code) -> ConnectorMessage | None:
        """Ask one question and return its answer, if it comes within half a second."""
        return self._answer_to(
            Query(
                code=code, sender=OUR_ID, receiver=station.connector.twcid, version=station.connector.version
            )
        )

    def order_contactor(self, station: Station, *, close: bool) -> ConnectorMessage | None:
        """Send FCB1 or FCB2 and return its answer."""
        receiver, version = station.connector.twcid, station.connector.version
        return self._answer_to(
            ContactorCommand(close=close, sender=OUR_ID, receiver=receiver, version=version)
        )

    def _answer_to(self, message: Message) -> ConnectorMessage | None:
        before = len(self.heard)
        self.send(message)
        self._clock.advance(0.5)
        answers = [message for _, message in self.heard[before:]]
        return answers[0] if answers else None  # type: ignore[return-value]
