"""Home Assistant as a process of its own."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
import os
from pathlib import Path
import signal
import socket
import sys

from .seed import INTEGRATION, PLAIN, seed

START_SECONDS = 180
"""A first start on a slow machine compiles every file it imports; later ones take five seconds."""
STOP_SECONDS = 60


class HouseError(Exception):
    """Raised with a sentence for people when the house cannot be run."""


class House:
    """A running Home Assistant and where to find it."""

    def __init__(self, folder: Path, port: int, hass: Path | None = None) -> None:
        """``hass``: the command of another Home Assistant than the one of this environment."""
        self._hass = hass or Path(sys.executable).with_name("hass")
        self.url = f"http://localhost:{port}"
        self._folder = folder
        self.log_file = folder / "stdout.log"
        self._read_from = 0
        """Where in the log the words of the present run begin."""
        self._process: asyncio.subprocess.Process

    async def start(self) -> None:
        """Start it, for the first time or again, and wait until every integration is set up."""
        with self.log_file.open("ab") as log:
            self._read_from = log.tell()
            self._process = await asyncio.create_subprocess_exec(
                self._hass,
                *("--skip-pip", "--log-no-color", "--config", self._folder),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is ours to pass on, once
            )
        await self._wait_until_started()

    @property
    def log(self) -> str:
        """Everything it has said since it was started last."""
        return self.log_file.read_bytes()[self._read_from :].decode(errors="replace")

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    async def wait(self) -> int:
        """Wait until it ends by itself; return its exit code."""
        return await self._process.wait()

    async def kill(self) -> None:
        """End it as a lack of memory would: without a word."""
        self._process.kill()
        await self._process.wait()

    async def stop(self) -> None:
        """Ask it to stop, and wait until it has."""
        if self._process.returncode is None:
            self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    def keepers(self) -> list[int]:
        """Return the numbers of the processes that keep its buses, or stand by to do so."""
        return [int(process.name) for process in Path("/proc").glob("[0-9]*") if self._is_keeper(process)]

    def _is_keeper(self, process: Path) -> bool:
        try:
            command = (process / "cmdline").read_bytes()
        except OSError:
            return False
        return b"runpy" in command and f"{self._folder}/".encode() in command

    def end_keepers(self) -> None:
        """Nobody comes back: let the buses go."""
        for number in self.keepers():
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGTERM)

    async def _wait_until_started(self) -> None:
        async with asyncio.timeout(START_SECONDS):
            while " initialized in " not in self.log:
                if self._process.returncode is not None:
                    raise HouseError(f"Home Assistant ended while starting:\n{self.log[-3000:]}")
                await asyncio.sleep(0.1)


@asynccontextmanager
async def running_house(
    folder: Path,
    port: int,
    configuration: str = PLAIN,
    integration: Path = INTEGRATION,
    hass: Path | None = None,
    *,
    more: Iterable[Path] = (),
) -> AsyncIterator[House]:
    """Seed ``folder``, run Home Assistant on it, and stop it at the end. Raises HouseError.

    ``hass``: the command of another Home Assistant than the one of this environment.
    ``more``: folders of other integrations.
    """
    if not port_is_free(port):
        raise HouseError(f"Port {port} is taken. Is another house running? Choose another one with --port.")
    seed(folder, port, configuration, integration, *more)
    house = House(folder, port, hass)
    (folder / "stdout.log").unlink(missing_ok=True)
    try:
        await house.start()
        yield house
    finally:
        await house.stop()
        house.end_keepers()


def port_is_free(port: int) -> bool:
    """Tell whether a server could listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
