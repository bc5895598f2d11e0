"""The folder in which Home Assistant and a keeper meet: a lock, and a place with socket and secret for each keeper.

Everything in it is for its owner only. A keeper removes its own place and no other, so that an old one on its way out
never takes away what a new one needs.
"""

from contextlib import suppress
import fcntl
import os
from pathlib import Path
import secrets
import shutil
import socket

LOCK = "lock"
SOCKET = "socket"
SECRET = "secret"  # noqa: S105 - the name of a file
LAST_WORDS = "last_words"

_OWNER_ONLY = 0o600
_SECRET_BYTES = 32
_PLACE = "keeper-"


class BusLock:
    """Held by whoever speaks on the bus. The kernel frees it when its process ends, however it ends."""

    def __init__(self, folder: Path) -> None:
        """Name the lock; nothing is held yet."""
        self._path = folder / LOCK
        self._descriptor: int | None = None

    def take(self) -> bool:
        """Take it if it is free. Returns whether it is held now; raises OSError if the folder is unusable."""
        if self._descriptor is None:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _OWNER_ONLY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                return False
            self._descriptor = descriptor
        return True

    def free(self) -> None:
        """Let another speak; harmless when it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def prepare(folder: Path) -> None:
    """Make the folder, for its owner only. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)


def new_place(folder: Path) -> Path:
    """Make a place for a new keeper, with a secret that nobody else can read. Raises OSError."""
    place = folder / f"{_PLACE}{secrets.token_hex(4)}"
    place.mkdir(mode=0o700)
    descriptor = os.open(place / SECRET, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _OWNER_ONLY)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(_SECRET_BYTES))
    return place


def places(folder: Path) -> list[Path]:
    """Return where keepers stand, or once stood."""
    return sorted(folder.glob(f"{_PLACE}*"))


def secret_of(place: Path) -> str:
    """Return the secret of a place; empty if it has none any more."""
    with suppress(OSError):
        return (place / SECRET).read_text()
    return ""


def clear(place: Path) -> None:
    """Remove a place; harmless if it is gone."""
    shutil.rmtree(place, ignore_errors=True)


def take_last_words(folder: Path) -> str:
    """Return why a keeper broke down, and forget it; empty if none did."""
    path = folder / LAST_WORDS
    with suppress(OSError):
        words = path.read_text(errors="replace")
        path.unlink()
        return words
    return ""


def listen(place: Path) -> socket.socket:
    """Open the socket of a place. Changes the current folder: a longer name would not fit into an address."""
    os.chdir(place)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listening.bind(SOCKET)
    finally:
        os.umask(before)
    listening.listen()
    return listening


def reach(place: Path) -> socket.socket:
    """Connect to the socket of a place. Raises OSError if nobody listens there."""
    # The folder's own descriptor keeps the address short, wherever the configuration of Home Assistant lies.
    descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(f"/proc/self/fd/{descriptor}/{SOCKET}")
    except OSError:
        connection.close()
        raise
    finally:
        os.close(descriptor)
    return connection
