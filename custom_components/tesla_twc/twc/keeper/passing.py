"""Passes an open port between Home Assistant and a keeper: as a descriptor, over a second local socket.

The first socket is read as a stream, which would drop descriptors. On this one each message is whole: the caller begins
with the secret, and a descriptor if it has one to pass; whoever is called passes one in the answer. Both know from the
first socket when to read here, so no call blocks.
"""

from contextlib import suppress
import hmac
import os
from pathlib import Path
import socket
import stat

from ..bus.port.passed_port import PassedPort
from .folder import bind, reach

PORTS = "ports"
_LONGEST_MESSAGE = 1024
_WITHOUT = b"none"


def listen_for_calls(place: Path) -> socket.socket | None:
    """Open the second socket of a place; None where that cannot be: ports are closed and opened there."""
    with suppress(OSError):
        return bind(place, PORTS, socket.SOCK_SEQPACKET)
    return None


def call(place: Path, secret: str, port: PassedPort | None = None) -> socket.socket | None:
    """Call the keeper at a place, and pass it a port; None if it takes none: an older one does not."""
    try:
        connection = reach(place, PORTS, socket.SOCK_SEQPACKET)
    except OSError:
        return None
    if _send(connection, secret.encode(), port):
        return connection
    connection.close()
    return None


def answer_call(
    listening: socket.socket | None, secret: str
) -> tuple[socket.socket | None, PassedPort | None]:
    """Return the caller that knows the secret, and the port it passed; None each where there is none."""
    while listening is not None:
        try:
            connection, _ = listening.accept()
        except OSError:
            break
        connection.setblocking(False)
        said, port = _receive(connection)
        if secret and hmac.compare_digest(said, secret.encode()):
            return connection, port
        connection.close()
        if port is not None:
            port.close()
    return None, None


def pass_port(connection: socket.socket, port: PassedPort) -> bool:
    """Pass a port to whoever called. Returns whether it is on its way; the one here is to be closed all the same."""
    return _send(connection, _WITHOUT, port)


def receive_port(connection: socket.socket) -> PassedPort | None:
    """Return the port that was passed in the answer; None if there is none."""
    return _receive(connection)[1]


def _send(connection: socket.socket, text: bytes, port: PassedPort | None) -> bool:
    with suppress(OSError):
        descriptors = [] if port is None else [port.fileno()]
        socket.send_fds(connection, [text], descriptors)
        return True
    return False


def _receive(connection: socket.socket) -> tuple[bytes, PassedPort | None]:
    text, descriptors = b"", list[int]()
    with suppress(OSError):
        text, descriptors, _, _ = socket.recv_fds(connection, _LONGEST_MESSAGE, 8)
    ports = [PassedPort(descriptor) for descriptor in descriptors]
    for other in ports[1:]:
        other.close()
    if not ports or _is_port(descriptors[0]):
        return text, ports[0] if ports else None
    ports[0].close()
    return text, None


def _is_port(descriptor: int) -> bool:
    """Whether a descriptor is something that a port can be: a terminal or a socket."""
    mode = os.fstat(descriptor).st_mode
    os.set_inheritable(descriptor, False)
    return stat.S_ISCHR(mode) or stat.S_ISSOCK(mode)
