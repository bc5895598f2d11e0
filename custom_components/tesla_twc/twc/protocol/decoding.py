"""From a body to a message: every field in its range, every padding byte zero (protocol.md 1.5, 2)."""

from enum import IntEnum
from typing import TypeVar

from .codes import QUERIES, Code, ConnectorState, Damage, Operation, PlugState, ProtocolVersion, TwcId
from .framing import FrameRejected, RejectedFrame, Rejection, check_body
from .messages import (
    VIN_PART_LENGTHS,
    ConnectorHeartbeat,
    ConnectorLinkReady,
    ContactorCommand,
    ContactorReply,
    ControllerHeartbeat,
    ControllerIdle,
    ControllerLinkReady1,
    ControllerLinkReady2,
    Firmware,
    Message,
    Meter,
    PlugStateReply,
    Query,
    SerialNumber,
    UnaddressedFirmware,
    UnaddressedModel,
    UnaddressedSerialNumber,
    VinPart,
)

_Choice = TypeVar("_Choice", bound=IntEnum)


def decode(body: bytes) -> Message:
    """Read an unescaped body, checksum included.

    Raises FrameRejected for anything that is not a plausible message.
    """
    code = check_body(body)
    try:
        return _DECODERS[code](_Reader(body, code))
    except _Implausible as error:
        rejection = Rejection(Damage.IMPLAUSIBLE, str(error))
        raise FrameRejected(RejectedFrame(bytes(body), (rejection,), code)) from None


class _Implausible(ValueError):
    """A sum-correct body with a content no unit sends: noise passes the checksum once in 256 times (1.5)."""


class _Reader:
    """Takes fields out of a body, and insists that what is left over is zero."""

    def __init__(self, body: bytes, code: Code) -> None:
        self.code = code
        self._fields = body[2:-1]
        self._at = 0

    def bytes(self, count: int) -> bytes:
        self._at += count
        return self._fields[self._at - count : self._at]

    def u8(self) -> int:
        return self.bytes(1)[0]

    def u16(self) -> int:
        return int.from_bytes(self.bytes(2), "big")

    def twcid(self) -> TwcId:
        return TwcId(self.u16())

    def amps(self) -> float:
        return self.u16() / 100

    def text(self, count: int) -> str:
        """Printable ASCII, padded at the end with FF or 00."""
        text = self.bytes(count).rstrip(b"\x00\xff")
        if any(not 0x20 <= byte < 0x7F for byte in text):
            raise _Implausible("text is not printable")
        return text.decode("ascii")

    def dotted(self, count: int) -> str:
        return ".".join(str(byte) for byte in self.bytes(count))

    def version(self) -> ProtocolVersion:
        """What the length of the body says, once it is known to be 14 or 16."""
        return ProtocolVersion.P1 if len(self._fields) == 11 else ProtocolVersion.P2

    def choice(self, kind: type[_Choice]) -> _Choice:
        """One byte that must be a member of an enum."""
        number = self.u8()
        try:
            return kind(number)
        except ValueError:
            raise _Implausible(f"{kind.__name__} {number:02X} does not exist") from None

    def end(self) -> None:
        """Every byte behind the last field is zero in every capture."""
        if any(self._fields[self._at :]):
            raise _Implausible("padding is not zero")


_LinkReadyKind = type[ControllerLinkReady1] | type[ControllerLinkReady2] | type[ConnectorLinkReady]


def _link_ready(kind: _LinkReadyKind, read: _Reader) -> Message:
    message = kind(sender=read.twcid(), sign=read.u8(), max_amps=read.amps(), version=read.version())
    read.end()
    return message


def _controller_heartbeat(read: _Reader) -> Message:
    sender, receiver = read.twcid(), read.twcid()
    operation, amps, plugged_in = read.choice(Operation), read.amps(), read.u8()
    if plugged_in > 1:
        raise _Implausible(f"plugged in is {plugged_in}, neither 0 nor 1")
    read.end()
    return ControllerHeartbeat(
        sender=sender,
        receiver=receiver,
        operation=operation,
        amps=amps,
        plugged_in=bool(plugged_in),
        version=read.version(),
    )


def _connector_heartbeat(read: _Reader) -> Message:
    message = ConnectorHeartbeat(
        sender=read.twcid(),
        receiver=read.twcid(),
        state=read.choice(ConnectorState),
        offered_amps=read.amps(),
        drawn_amps=read.amps(),
        version=read.version(),
    )
    read.end()
    return message


def _query(read: _Reader) -> Message:
    message = Query(code=read.code, sender=read.twcid(), receiver=read.twcid(), version=read.version())
    read.end()
    return message


def _contactor_command(read: _Reader) -> Message:
    message = ContactorCommand(
        close=read.code is Code.CLOSE_CONTACTOR,
        sender=read.twcid(),
        receiver=read.twcid(),
        version=read.version(),
    )
    read.end()
    return message


def _controller_idle(read: _Reader) -> Message:
    message = ControllerIdle(sender=read.twcid())
    read.end()
    return message


def _meter(read: _Reader) -> Message:
    message = Meter(
        sender=read.twcid(),
        energy_kwh=int.from_bytes(read.bytes(4), "big"),
        volts=(read.u16(), read.u16(), read.u16()),
        phase_amps=(read.u8() / 2, read.u8() / 2, read.u8() / 2),
    )
    read.end()
    return message


def _firmware(read: _Reader) -> Message:
    message = Firmware(sender=read.twcid(), firmware=read.dotted(4))
    read.end()
    return message


def _serial_number(read: _Reader) -> Message:
    message = SerialNumber(sender=read.twcid(), serial_number=read.text(11))
    read.end()
    return message


def _vin_part(read: _Reader) -> Message:
    message = VinPart(code=read.code, sender=read.twcid(), text=read.text(VIN_PART_LENGTHS[read.code]))
    read.end()
    return message


def _plug_state(read: _Reader) -> Message:
    message = PlugStateReply(sender=read.twcid(), plug_state=read.choice(PlugState))
    read.end()
    return message


def _contactor_reply(read: _Reader) -> Message:
    message = ContactorReply(closed=read.code is Code.CONTACTOR_CLOSED, sender=read.twcid())
    read.end()
    return message


def _unaddressed_firmware(read: _Reader) -> Message:
    message = UnaddressedFirmware(firmware=read.dotted(3))
    read.end()
    return message


_DECODERS = {
    Code.CONTROLLER_LINK_READY_1: lambda read: _link_ready(ControllerLinkReady1, read),
    Code.CONTROLLER_LINK_READY_2: lambda read: _link_ready(ControllerLinkReady2, read),
    Code.CONNECTOR_LINK_READY: lambda read: _link_ready(ConnectorLinkReady, read),
    Code.CONTROLLER_HEARTBEAT: _controller_heartbeat,
    Code.CONNECTOR_HEARTBEAT: _connector_heartbeat,
    Code.CONTROLLER_IDLE: _controller_idle,
    **dict.fromkeys(QUERIES, _query),
    **dict.fromkeys((Code.CLOSE_CONTACTOR, Code.OPEN_CONTACTOR), _contactor_command),
    Code.METER: _meter,
    Code.FIRMWARE: _firmware,
    Code.SERIAL_NUMBER: _serial_number,
    **dict.fromkeys(VIN_PART_LENGTHS, _vin_part),
    Code.PLUG_STATE: _plug_state,
    **dict.fromkeys((Code.CONTACTOR_CLOSED, Code.CONTACTOR_OPENED), _contactor_reply),
    Code.UNADDRESSED_SERIAL_NUMBER: lambda read: UnaddressedSerialNumber(serial_number=read.text(11)),
    Code.UNADDRESSED_MODEL: lambda read: UnaddressedModel(model=read.text(11)),
    Code.UNADDRESSED_FIRMWARE: _unaddressed_firmware,
}
