"""From a message to a body, and the whitelist: what ``encode`` refuses, no part of this package can send."""

from collections.abc import Callable
from typing import Any

from .codes import QUERIES, Operation, ProtocolVersion
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
"""No value above this is ever framed (protocol.md 6.2 rule 3)."""

SENDABLE_OPERATIONS = frozenset(
    {Operation.KEEP_ALIVE, Operation.SET_LIMIT, Operation.GRANT_START, Operation.SET_SESSION_LIMIT}
)
"""Operation 02 forces an error and is never sent; 06 and 07 have one observer and nobody needs them (protocol.md 2.3)."""


class ForbiddenMessage(ValueError):
    """Raised by ``encode`` for something that must never be on the wire."""


def encode(message: Message) -> bytes:
    """Build a body, checksum included. Raises ForbiddenMessage for anything that must never be on the wire.

    The whitelist (protocol.md 2.1, 6.2 rules 3 and 10): only the messages of this module, no operation but 00, 05, 08
    and 09, whole hundredths of an ampere up to 80 A, 0 or at least 5 A in an offer to a wall connector.
    """
    length, fields = _FIELDS[type(message)](message)
    body = message.code.to_bytes(2, "big") + fields
    body = body.ljust(length - 1, b"\x00")
    return body + bytes([checksum(body)])


def _centiamps(amps: float) -> bytes:
    if not 0 <= amps <= 655.35:
        raise ForbiddenMessage(f"{amps} A does not fit on the wire")
    return round(amps * 100).to_bytes(2, "big")


def _u16(value: int) -> bytes:
    return value.to_bytes(2, "big")


def _link_ready_fields(message: LinkReady) -> tuple[int, bytes]:
    if message.max_amps > MAX_AMPS:
        raise ForbiddenMessage(f"{message.max_amps} A is more than {MAX_AMPS} A")
    fields = _u16(message.sender) + bytes([message.sign]) + _centiamps(message.max_amps)
    return message.version.body_length, fields


def _controller_heartbeat_fields(message: ControllerHeartbeat) -> tuple[int, bytes]:
    if message.operation not in SENDABLE_OPERATIONS:
        raise ForbiddenMessage(f"operation {message.operation:02X} is never sent")
    if not message.operation.carries_amps and message.amps:
        raise ForbiddenMessage("a keep-alive carries no amps")
    if message.amps and not ProtocolVersion.P1.minimum_amps <= message.amps <= MAX_AMPS:
        raise ForbiddenMessage(f"{message.amps} A is neither 0 nor within 5 to {MAX_AMPS} A")
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
        raise ForbiddenMessage(f"{message.code!r} is not a question")
    return message.version.body_length, _u16(message.sender) + _u16(message.receiver)


def _contactor_command_fields(message: ContactorCommand) -> tuple[int, bytes]:
    return message.version.body_length, _u16(message.sender) + _u16(message.receiver)


def _meter_fields(message: Meter) -> tuple[int, bytes]:
    fields = _u16(message.sender) + message.energy_kwh.to_bytes(4, "big")
    fields += b"".join(_u16(volts) for volts in message.volts)
    return 20, fields + bytes(round(amps * 2) for amps in message.phase_amps)


def _dotted(text: str) -> bytes:
    return bytes(int(part) for part in text.split("."))


def _vin_part_fields(message: VinPart) -> tuple[int, bytes]:
    if message.code not in VIN_PART_LENGTHS:
        raise ForbiddenMessage(f"{message.code!r} carries no VIN")
    return 20, _u16(message.sender) + message.text.encode("ascii")


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
    Firmware: lambda message: (16, _u16(message.sender) + _dotted(message.firmware)),
    SerialNumber: lambda message: (20, _u16(message.sender) + message.serial_number.encode("ascii")),
    VinPart: _vin_part_fields,
    PlugStateReply: lambda message: (16, _u16(message.sender) + bytes([message.plug_state])),
    ContactorReply: lambda message: (16, _u16(message.sender)),
    UnaddressedSerialNumber: lambda message: (14, message.serial_number.encode("ascii")),
    UnaddressedModel: lambda message: (14, message.model.encode("ascii").ljust(11, b"\xff")),
    UnaddressedFirmware: lambda message: (14, _dotted(message.firmware)),
}
