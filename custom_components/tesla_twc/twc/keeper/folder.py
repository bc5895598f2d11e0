"""The folder that Home Assistant and a keeper share: a lock, and a place with socket and secret for each keeper.

Everything in it is for its owner only. A keeper removes its own place and no other, so that an old one on its way out
never takes away what a new one needs.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
import fcntl
import json
import os
from pathlib import Path
import secrets
import select
import shutil
import signal
import socket
import struct
import time

LOCK = "lock"
SOCKET = "socket"
SECRET = "secret"  # noqa: S105 - the name of a file
LAST_WORDS = "last_words"
CRASHES = "crashes"

_OWNER_ONLY = 0o600
_SECRET_BYTES = 32
_DEATH_SECONDS = 5.0
"""The longest wait for a killed process to be gone."""
_PLACE = "keeper-"


def now() -> float:
    """Return the time that all processes share (s). It goes on while a computer sleeps, as wall connectors do."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


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
            if not self.is_valid:
                self.free()
        return self._descriptor is not None

    @property
    def is_valid(self) -> bool:
        """Whether it is held and keeps out others: not once somebody put another folder in the place of this one."""
        try:
            return self._descriptor is not None and os.path.samestat(
                os.fstat(self._descriptor), self._path.stat()
            )
        except OSError:
            return False

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
    """Return the places of all keepers, running or gone."""
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


def note_crash(folder: Path, within: float) -> int:
    """Write down that Home Assistant ended without a word. Returns how often it did in the last ``within`` seconds.

    It is a file, because the keeper that refuses a crash loop ends and the next one has to know of it.
    """
    path, today = folder / CRASHES, now()
    try:
        known = [float(crash) for crash in json.loads(path.read_text())]
    except (OSError, ValueError, TypeError):
        known = []
    # Times in the future are from before the computer was started.
    known = [*(crash for crash in known if 0 <= today - crash < within), today]
    with suppress(OSError):
        path.write_text(json.dumps(known))
    return len(known)


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


def bind(place: Path, name: str, kind: int) -> socket.socket:
    """Open another socket of a place, for its owner only; it makes nobody wait. Raises OSError."""
    listening = socket.socket(socket.AF_UNIX, kind)
    listening.setblocking(False)
    try:
        with _short_name(place) as folder:
            listening.bind(f"{folder}/{name}")
            Path(folder, name).chmod(_OWNER_ONLY)
        listening.listen()
    except OSError:
        listening.close()
        raise
    return listening


def reach(place: Path, name: str = SOCKET, kind: int = socket.SOCK_STREAM) -> socket.socket:
    """Connect to a socket of a place. Raises OSError if nobody listens there."""
    connection = socket.socket(socket.AF_UNIX, kind)
    connection.setblocking(False)  # one that hangs must not make its caller hang
    try:
        with _short_name(place) as folder:
            connection.connect(f"{folder}/{name}")
    except OSError:
        connection.close()
        raise
    return connection


@contextmanager
def _short_name(place: Path) -> Iterator[str]:
    """Yield a name of a place that fits into an address, wherever the configuration of Home Assistant lies."""
    descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


def end_by_force(place: Path) -> None:
    """End the keeper at a place whatever it does, and remove the place; harmless if nobody is there.

    Whoever listens there and is not provably that keeper is left alone, and so is the place: it may be a keeper of
    another container, which holds the lock and cannot be seen from here.
    """
    if _end_listener(place) or _is_deserted(place):
        clear(place)


def _end_listener(place: Path) -> bool:
    """Return whether a keeper listened there and was ended; False also if it may not be signalled."""
    with suppress(OSError), reach(place) as connection:
        process = _keeper_at(place, connection)
        if process is not None:
            try:
                signal.pidfd_send_signal(process, signal.SIGKILL)
                # A port that was passed to it is free only when the process is gone.
                select.select([process], [], [], _DEATH_SECONDS)
            finally:
                os.close(process)
            return True
    return False


def _is_deserted(place: Path) -> bool:
    """Whether nobody listens there; a socket that cannot be reached for another reason counts as used."""
    try:
        reach(place).close()
    except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
        return True
    except OSError:
        return False
    return False


def _keeper_at(place: Path, connection: socket.socket) -> int | None:
    """Return a descriptor of the process that listens at a place if it stands there, as keepers do; else None.

    The kernel says who began to listen: 0 for one that is not visible from here, which a signal would take for the
    whole process group of its sender. The descriptor is opened before the check, so no other process can get the
    number meanwhile.
    """
    size = struct.calcsize("3i")
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    number, user, _ = struct.unpack("3i", credentials)
    if number <= 1 or number == os.getpid() or user != os.geteuid():
        return None
    try:
        process = os.pidfd_open(number)
    except OSError:
        return None
    with suppress(OSError):
        if os.path.samestat(Path(f"/proc/{number}/cwd").stat(), place.stat()):
            return process
    os.close(process)
    return None
