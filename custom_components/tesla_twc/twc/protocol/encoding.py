"""From a message to a body, and the whitelist: what ``encode`` refuses, no part of this package can send."""

from collections.abc import Callable
from typing import Any

from .codes import QUERIES, Operation, ProtocolVersion
from .decoding import decode
from .framing import checksum
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
    LinkReady,
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

MAX_AMPS = 80
"""No offer above this is ever framed (protocol.md 6.2 rule 3)."""

SENDABLE_OPERATIONS = frozenset(
    {Operation.KEEP_ALIVE, Operation.SET_LIMIT, Operation.GRANT_START, Operation.SET_SESSION_LIMIT}
)
"""02 forces an error and is never sent; 06 and 07 have one observer and nobody needs them (2.3)."""


class ForbiddenMessage(ValueError):
    """Raised by ``encode`` for something that must never be on the wire."""


def encode(message: Message) -> bytes:
    """Build a body, checksum included. Raises ForbiddenMessage for what must never be on the wire.

    The whitelist (protocol.md 2.1, 6.2 rules 3 and 10): only the messages of this room, no operation but
    00, 05, 08 and 09, no announcement or offer above 80 A, an offer of 0 A or of at least 5 A. Amps are
    rounded to the hundredths that the wire carries. It judges what a receiver will read in the finished
    body, so a message that is not what its type promises does not get past it either.
    """
    fields_of = _FIELDS.get(type(message))
    if fields_of is None:
        raise ForbiddenMessage(f"{type(message).__name__} is not a message")
    try:
        length, fields = fields_of(message)
        body = (message.code.to_bytes(2, "big") + fields).ljust(length - 1, b"\x00")
        body += bytes([checksum(body)])
        readable = decode(body)
    except (AttributeError, OverflowError, TypeError, ValueError) as error:
        raise ForbiddenMessage(f"this {type(message).__name__} cannot be framed: {error}") from error
    _check_whitelist(readable)
    return body


def _check_whitelist(message: Message) -> None:
    if isinstance(message, LinkReady) and message.max_amps > MAX_AMPS:
        raise ForbiddenMessage(f"{message.max_amps} A is more than {MAX_AMPS} A")
    if not isinstance(message, ControllerHeartbeat):
        return
    if message.operation not in SENDABLE_OPERATIONS:
        raise ForbiddenMessage(f"operation {message.operation:02X} is never sent")
    if message.amps and not message.operation.carries_amps:
        raise ForbiddenMessage("a keep-alive carries no amps")
    if message.amps and not ProtocolVersion.P1.minimum_amps <= message.amps <= MAX_AMPS:
        raise ForbiddenMessage(f"{message.amps} A is neither 0 nor within 5 to {MAX_AMPS} A")


def _u16(value: int) -> bytes:
    return value.to_bytes(2, "big")


def _centiamps(amps: float) -> bytes:
    if 0 < amps < 0.005:
        raise ValueError(f"{amps} A would arrive as a stop")
    return _u16(round(amps * 100))


def _text(text: str, length: int) -> bytes:
    if len(text) > length:
        raise ValueError(f"{text!r} has more than {length} characters")
    return text.encode("ascii")


def _dotted(text: str, count: int) -> bytes:
    numbers = bytes(int(part) for part in text.split("."))
    if len(numbers) != count:
        raise ValueError(f"{text!r} does not have {count} numbers")
    return numbers


def _link_ready_fields(message: LinkReady) -> tuple[int, bytes]:
    fields = _u16(message.sender) + bytes([message.sign]) + _centiamps(message.max_amps)
    return message.version.body_length, fields


def _controller_heartbeat_fields(message: ControllerHeartbeat) -> tuple[int, bytes]:
    fields = (
        _u16(message.sender)
        + _u16(message.receiver)
        + bytes([message.operation])
        + _centiamps(message.amps)
        + bytes([message.plugged_in])
    )
    return message.version.body_length, fields


def _connector_heartbeat_fields(message: ConnectorHeartbeat) -> tuple[int, bytes]:
    fields = (
        _u16(message.sender)
        + _u16(message.receiver)
        + bytes([message.state])
        + _centiamps(message.offered_amps)
        + _centiamps(message.drawn_amps)
    )
    return message.version.body_length, fields


def _query_fields(message: Query) -> tuple[int, bytes]:
    if message.code not in QUERIES:
        raise ValueError(f"{message.code!r} is not a question")
    return message.version.body_length, _u16(message.sender) + _u16(message.receiver)


def _contactor_command_fields(message: ContactorCommand) -> tuple[int, bytes]:
    return message.version.body_length, _u16(message.sender) + _u16(message.receiver)


def _meter_fields(message: Meter) -> tuple[int, bytes]:
    if not len(message.volts) == len(message.phase_amps) == 3:
        raise ValueError("a meter has three phases")
    fields = _u16(message.sender) + message.energy_kwh.to_bytes(4, "big")
    fields += b"".join(_u16(volts) for volts in message.volts)
    return 20, fields + bytes(round(amps * 2) for amps in message.phase_amps)


def _vin_part_fields(message: VinPart) -> tuple[int, bytes]:
    if message.code not in VIN_PART_LENGTHS:
        raise ValueError(f"{message.code!r} carries no VIN")
    return 20, _u16(message.sender) + _text(message.text, VIN_PART_LENGTHS[message.code])


def _unaddressed_model_fields(message: UnaddressedModel) -> tuple[int, bytes]:
    """One FF closes the model, zeros follow: captured so from a real unit (protocol.md 4, number 76)."""
    return 14, (_text(message.model, 11) + b"\xff")[:11]


_FIELDS: dict[type, Callable[[Any], tuple[int, bytes]]] = {
    ControllerLinkReady1: _link_ready_fields,
    ControllerLinkReady2: _link_ready_fields,
    ConnectorLinkReady: _link_ready_fields,
    ControllerHeartbeat: _controller_heartbeat_fields,
    ConnectorHeartbeat: _connector_heartbeat_fields,
    ControllerIdle: lambda message: (14, _u16(message.sender)),
    Query: _query_fields,
    ContactorCommand: _contactor_command_fields,
    Meter: _meter_fields,
    Firmware: lambda message: (16, _u16(message.sender) + _dotted(message.firmware, 4)),
    SerialNumber: lambda message: (20, _u16(message.sender) + _text(message.serial_number, 11)),
    VinPart: _vin_part_fields,
    PlugStateReply: lambda message: (16, _u16(message.sender) + bytes([message.plug_state])),
    ContactorReply: lambda message: (16, _u16(message.sender)),
    UnaddressedSerialNumber: lambda message: (14, _text(message.serial_number, 11)),
    UnaddressedModel: _unaddressed_model_fields,
    UnaddressedFirmware: lambda message: (14, _dotted(message.firmware, 3)),
}
