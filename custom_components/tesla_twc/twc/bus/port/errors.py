"""Names the reason why a port could not be opened, so that an owner can act on it. No port is touched."""

from collections.abc import Iterator
from enum import StrEnum
import errno
import socket

from .schemes import is_on_network


class PortProblem(StrEnum):
    """What is wrong with a port. Each has its own words in the command line and in the set-up dialogue."""

    NOT_FOUND = "not_found"
    """No such device: unplugged, renamed or misspelt."""
    BUSY = "busy"
    """Another program holds it."""
    NOT_A_PORT = "not_a_port"
    """A directory, a file, or a device that is no serial port."""
    REFUSED = "refused"
    """The host is there, and nothing listens on that TCP port."""
    UNREACHABLE = "unreachable"
    """The host is unknown, is off or does not answer in time."""
    UNKNOWN_SCHEME = "unknown_scheme"
    """The part before the colon is no kind of port."""
    BAD_ADDRESS = "bad_address"
    """The address cannot be understood: no host, no TCP port, or a number out of range."""
    NO_PERMISSION = "no_permission"
    """The port may not be opened by this user."""
    OTHER = "other"


_BY_ERRNO = {
    errno.ENOENT: PortProblem.NOT_FOUND,
    errno.ENOTDIR: PortProblem.NOT_FOUND,
    errno.ENODEV: PortProblem.NOT_FOUND,
    errno.ENXIO: PortProblem.NOT_FOUND,
    errno.EBUSY: PortProblem.BUSY,
    errno.EAGAIN: PortProblem.BUSY,
    errno.EISDIR: PortProblem.NOT_A_PORT,
    errno.ENOTTY: PortProblem.NOT_A_PORT,
    errno.ECONNREFUSED: PortProblem.REFUSED,
    errno.ECONNRESET: PortProblem.REFUSED,
    errno.EHOSTUNREACH: PortProblem.UNREACHABLE,
    errno.EHOSTDOWN: PortProblem.UNREACHABLE,
    errno.ENETUNREACH: PortProblem.UNREACHABLE,
    errno.ENETDOWN: PortProblem.UNREACHABLE,
    errno.ETIMEDOUT: PortProblem.UNREACHABLE,
    errno.EACCES: PortProblem.NO_PERMISSION,
    errno.EPERM: PortProblem.NO_PERMISSION,
}

_SENTENCES = {
    PortProblem.NOT_FOUND: (
        "There is no serial port {port}. Is the adapter plugged in? "
        "A serial port on the network is written socket://host:port."
    ),
    PortProblem.BUSY: "{port} is in use by another program. Stop that program and try again.",
    PortProblem.NOT_A_PORT: "{port} is not a serial port.",
    PortProblem.REFUSED: (
        "The host answers, but nothing listens at {port}. "
        "Is the TCP port right, and the serial server switched on?"
    ),
    PortProblem.UNREACHABLE: "{port} cannot be reached. Check the address, the network and the power.",
    PortProblem.UNKNOWN_SCHEME: (
        "{port} begins with a scheme that cannot be opened here. Use the path of a serial port, "
        "socket://host:port, rfc2217://host:port or esphome://host (which needs aioesphomeapi)."
    ),
    PortProblem.BAD_ADDRESS: (
        "{port} is not a complete address. It needs a host and a port number: socket://host:port."
    ),
    PortProblem.NO_PERMISSION: "This user may not open {port}. On most systems the group dialout may.",
    PortProblem.OTHER: "{port} cannot be opened: {error}",
}


def explain(error: BaseException, url: str) -> PortProblem:
    """Name the problem behind an error of ``link.OPEN_ERRORS``, raised by opening ``url``."""
    for link in _chain(error):
        problem = _problem(link)
        if problem is PortProblem.NO_PERMISSION and is_on_network(url):
            return PortProblem.UNREACHABLE  # a firewall, no file permission
        if problem is not PortProblem.OTHER:
            return problem
    return PortProblem.OTHER


def describe(error: BaseException, url: str) -> str:
    """Say the problem in a sentence. Keys and passwords in the query of ``url`` are left out."""
    port = url.partition("?")[0] or "without a name"
    return _SENTENCES[explain(error, url)].format(port=port, error=error)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what caused it: a gateway's own exceptions wrap the operating system's."""
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__


def _problem(error: BaseException) -> PortProblem:
    # The library is imported by the link alone, so its exception is known here by name.
    if type(error).__name__ == "UnknownUriScheme":
        return PortProblem.UNKNOWN_SCHEME
    if isinstance(error, ValueError):
        return PortProblem.BAD_ADDRESS
    if isinstance(error, TimeoutError | socket.gaierror):
        return PortProblem.UNREACHABLE
    if isinstance(error, OSError) and error.errno is not None:
        return _BY_ERRNO.get(error.errno, PortProblem.OTHER)
    return PortProblem.OTHER
