"""A real Home Assistant in a process of its own, wall connectors simulated in another, and a browser between them.

Everything here happens in real time, so tests wait for what shall happen and are in no hurry.
"""

from collections.abc import AsyncIterator
from pathlib import Path
import signal
import subprocess
import zipfile

from house.browser import find_browser, open_browser
from house.client import Client
from house.owner import onboard
from house.process import House, free_port, running_house
from house.seed import REPOSITORY
from house.simulation import Simulation, simulation
from playwright.async_api import Page, expect
import pytest
import pytest_asyncio

expect.set_options(timeout=120_000)


def pytest_configure() -> None:
    """Stop houses and simulators, too, when scripts/test is interrupted."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the owner's path leave pictures for the documentation, and walk it on another Home Assistant."""
    parser.addoption("--pictures", type=Path, help="a folder for pictures of what the owner sees")
    parser.addoption("--hass", type=Path, help="the command hass of another environment, to run that one")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run all of them in one loop, for they share a house."""
    here = [item for item in items if item.path.is_relative_to(Path(__file__).parent)]
    for item in here:
        item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def pictures(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = request.config.getoption("--pictures") or tmp_path_factory.mktemp("pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The integration as HACS installs it: unpacked from the zip that a release publishes."""
    folder = tmp_path_factory.mktemp("released")
    subprocess.run([REPOSITORY / "scripts" / "release", "--folder", folder], check=True)
    unpacked = folder / "tesla_twc"
    with zipfile.ZipFile(folder / "tesla_twc.zip") as packed:
        packed.extractall(unpacked)
    return unpacked


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, released: Path
) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("house")
    hass = request.config.getoption("--hass")
    async with running_house(folder, free_port(), integration=released, hass=hass) as house:
        await onboard(house.url)
        yield house


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def client(house: House) -> AsyncIterator[Client]:
    async with Client.connected(house.url) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def page(request: pytest.FixtureRequest, house: House, client: Client) -> AsyncIterator[Page]:
    if find_browser() is None:
        pytest.skip("there is no Chromium; install the package chromium to run the tests that look at pages")
    workers = "allow" if request.config.getoption("--hass") is None else "block"
    async with open_browser(house.url, client, service_workers=workers) as page:
        yield page


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def gateway() -> AsyncIterator[Simulation]:
    """Two wall connectors behind a serial gateway in the network."""
    async with simulation("--tcp", "127.0.0.1:0", "--scene", "pair") as running:
        yield running
