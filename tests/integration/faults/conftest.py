"""The house to which everything happens that can, and the table of what became of it (pytest -v)."""

from collections.abc import Callable

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.faults.house import House, Verdict

_VERDICTS = pytest.StashKey[list[Verdict]]()


@pytest.fixture
async def house(
    world: World, garage: Station, yard: Station, entry: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> House:
    """Two cars charge, on a serial port."""
    house = House(world, entry, caplog)
    await house.begin(garage, yard)
    return house


@pytest.fixture
def keep(request: pytest.FixtureRequest) -> Callable[[Verdict], None]:
    """Keep a verdict for the table."""
    return request.config.stash.setdefault(_VERDICTS, []).append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Show what was measured, if somebody wants to know much."""
    if config.get_verbosity() > 0:
        for verdict in config.stash.get(_VERDICTS, []):
            terminalreporter.write_line(str(verdict))
