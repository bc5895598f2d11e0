"""From a message to a body, and the whitelist: what ``encode`` refuses, no part of this package can send."""

import struct

from .codes import ConnectorState
from .decoding import decode
from .framing import checksum
from .messages import CODECS, ConnectorHeartbeat, ConnectorLinkReady, Message


class ForbiddenMessage(ValueError):
    """Raised for something that must never be on the wire."""


def check_sendable(message: Message) -> None:
    """Raise ForbiddenMessage unless we may say this through a port (protocol.md 2.1, the transmit whitelist).

    ``encode`` also makes what wall connectors and other controllers say, for simulated ones.
    """
    codec = CODECS.get(type(message))
    if codec is None or not codec.specification.sendable:
        raise ForbiddenMessage(f"{type(message).__name__} is nothing that we may send")


def check_idle_connector(message: Message) -> None:
    """Raise ForbiddenMessage unless this is what a wall connector without a car says: FDE2, or FDE0 with 0 A.

    The whitelist of a bus that is joined (protocol.md 1.12). It has nothing in common with the one of a controller.
    """
    match message:
        case ConnectorLinkReady() if message.max_amps:
            return
        case ConnectorHeartbeat(state=ConnectorState.READY, offered_amps=0.0, drawn_amps=0.0):
            return
    raise ForbiddenMessage(f"{type(message).__name__} is nothing that an idle wall connector says")


def check_silence(message: Message) -> None:
    """Raise ForbiddenMessage: where we only listen there is nothing that may be sent."""
    raise ForbiddenMessage(f"{type(message).__name__} on a bus where nothing is ever sent")


def encode(message: Message) -> bytes:
    """Build a body, checksum included. Raises ForbiddenMessage for what must never be on the wire.

    The whitelist (protocol.md 2.1, 6.2 rules 3 and 10) is what the specifications in ``messages`` allow: only
    these messages, no operation but 00, 05, 08 and 09, no announcement or offer above 80 A, an offer of 0 A or of
    at least 5 A. Amps are rounded to the hundredths that the wire carries. It judges what a receiver will read in
    the finished body, so a message that is not what its type promises does not get past it either.
    """
    codec = CODECS.get(type(message))
    if codec is None:
        raise ForbiddenMessage(f"{type(message).__name__} is not a message")
    try:
        payload = codec.write(message)
        body = payload + bytes((checksum(payload),))
        readable = decode(body)
    except (AttributeError, OverflowError, TypeError, ValueError, struct.error) as error:
        raise ForbiddenMessage(f"this {type(message).__name__} cannot be framed: {error}") from error
    refusal = CODECS[type(readable)].refusal(readable)
    if refusal is not None:
        raise ForbiddenMessage(refusal)
    return body
