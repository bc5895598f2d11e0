"""Home Assistant as a process of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
import socket
import sys

from .seed import PLAIN, seed

START_SECONDS = 180
"""A first start on a slow machine compiles every file it imports; later ones take five seconds."""
STOP_SECONDS = 60


class HouseError(Exception):
    """Raised with a sentence for people when the house cannot be run."""


class House:
    """A running Home Assistant and where to find it."""

    def __init__(self, folder: Path, port: int, process: asyncio.subprocess.Process) -> None:
        self.log_file = _log_of(folder)
        self.url = f"http://localhost:{port}"
        self._process = process

    @property
    def log(self) -> str:
        """Everything it has said since it started."""
        return self.log_file.read_text(errors="replace")

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    async def wait(self) -> int:
        """Wait until it ends by itself; return its exit code."""
        return await self._process.wait()

    async def stop(self) -> None:
        """Ask it to stop, and wait until it has."""
        if self._process.returncode is None:
            self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    async def wait_until_started(self) -> None:
        """Wait until every integration is set up. Raises HouseError if it ends or never gets there."""
        async with asyncio.timeout(START_SECONDS):
            while " initialized in " not in self.log:
                if self._process.returncode is not None:
                    raise HouseError(f"Home Assistant ended while starting:\n{self.log[-3000:]}")
                await asyncio.sleep(0.1)


@asynccontextmanager
async def running_house(folder: Path, port: int, configuration: str = PLAIN) -> AsyncIterator[House]:
    """Seed ``folder``, run Home Assistant on it, and stop it at the end."""
    if not port_is_free(port):
        raise HouseError(f"Port {port} is taken. Is another house running? Choose another one with --port.")
    seed(folder, port, configuration)
    with _log_of(folder).open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            Path(sys.executable).with_name("hass"),
            *("--skip-pip", "--log-no-color", "--config", folder),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is ours to pass on, once
        )
        house = House(folder, port, process)
        try:
            await house.wait_until_started()
            yield house
        finally:
            await house.stop()


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


def _log_of(folder: Path) -> Path:
    return folder / "stdout.log"
