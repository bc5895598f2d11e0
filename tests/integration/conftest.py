"""Home Assistant against simulated wall connectors: real bytes, simulated time.

``world`` is what surrounds Home Assistant: a line, a clock, and the ports that lead to it. The integration
reaches it through ``custom_components.tesla_twc.port.connection`` and nowhere else.
"""

import asyncio
from asyncio import constants
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from dataclasses import dataclass, field
import linecache
import logging
from math import inf
import os
from pathlib import Path
import pty
import traceback
import tty
from typing import Any

from homeassistant.const import CONF_DEVICE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowManager
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.const import (
    CONF_CIRCUIT_LIMIT,
    CONF_PHASES,
    CONF_VOLTAGE,
    DOMAIN,
    NEW_ENTRY_OPTIONS,
    SIMULATED_DEVICE,
)
from custom_components.tesla_twc.house import sensors as site_sensors
from custom_components.tesla_twc.port import connection
from custom_components.tesla_twc.twc.bus.port.link import Opener
from custom_components.tesla_twc.twc.simulator.clock import SimulatedClock
from custom_components.tesla_twc.twc.simulator.connector import SimulatedConnector
from custom_components.tesla_twc.twc.simulator.line import Line
from custom_components.tesla_twc.twc.simulator.memory import MemoryPort, open_memory
from custom_components.tesla_twc.twc.simulator.station import Station
from custom_components.tesla_twc.twc.simulator.unit import Unit
import tests.efforts  # noqa: F401 - says how hard hypothesis tries
from tests.integration.dialogue_texts import check_texts
from tests.integration.owner import GARAGE, YARD, Owner, move_in

DEVICE = "/dev/ttyTWC"
TURNS = 5
"""So many turns of the loop bring a task from a callback to its next wait."""

# The test plugin has every statement of the recorder logged, and the log written to the terminal, too, where it lands
# between the results. Whoever fails shows its log anyhow.
logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)
root = logging.getLogger()
root.handlers = [handler for handler in root.handlers if type(handler) is not logging.StreamHandler]

# In its debug mode asyncio notes where every callback, task and future comes from. One frame is enough to find who
# forgot to wait; callbacks ask for ten, tasks and futures for the whole stack, which is a quarter of the time.
constants.DEBUG_STACK_DEPTH = 1
traceback.extract_stack.__defaults__ = (None, 1)
# For each of these frames the disk is asked whether its source has changed. Nobody changes it while tests run.
linecache.checkcache = lambda filename=None: None


@dataclass
class World:
    """One line with an adapter, in a time that only moves when a test says so."""

    hass: HomeAssistant
    clock: SimulatedClock
    line: Line
    port: MemoryPort
    """The adapter behind DEVICE and behind the simulated line of the set-up dialogue."""
    openers: dict[str, Opener] = field(default_factory=dict)
    """What opens which device. Every other device is opened for real."""

    def wall_connector(self, unit: Unit | None = None, *, seed: int = 0) -> Station:
        """Put a wall connector on the line and power it up."""
        return Station(self.line, SimulatedConnector(unit or Unit(), seed=seed))

    async def pass_time(self, seconds: float) -> None:
        """Let time pass on the line and in the integration, and Home Assistant finish what follows."""
        await self.clock.advance_async(seconds, _a_few_turns)
        await self.hass.async_block_till_done()


async def _a_few_turns() -> None:
    """Let tasks run that a callback of the line has woken. Mostly it wakes none, and turns of the loop take time."""
    loop: Any = asyncio.get_running_loop()
    for _ in range(TURNS):
        if not loop._ready:
            return
        await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def custom_integrations(enable_custom_integrations: None) -> None:
    """Let Home Assistant load this integration."""


@pytest.fixture
def caplog(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Keep the log from INFO on, unless a test asks for more.

    The test plugin keeps every line of DEBUG, of which Home Assistant writes one for each event and each update: a
    sixteenth of the time of a test that looks at the log. An owner sees none of them.
    """
    caplog.set_level(logging.INFO)
    return caplog


@pytest.fixture(autouse=True)
async def enable_event_loop_debug(request: pytest.FixtureRequest) -> None:
    """Have asyncio look for mistakes on the current Home Assistant only: it costs a fifth of the time.

    It takes the place of the test plugin's fixture, which does so always. No callback counts as slow: the log would
    say so, tests read the log, and a busy machine is no reason to fail.
    """
    loop = asyncio.get_running_loop()
    loop.set_debug(request.config.pluginmanager.hasplugin("ha_early"))
    loop.slow_callback_duration = inf


@pytest.fixture(autouse=True)
def every_dialogue_has_english_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check each dialogue that any test meets."""
    handle_step: Callable[..., Coroutine[Any, Any, Any]] = FlowManager._async_handle_step

    async def handle_and_check(manager: FlowManager, flow: Any, *args: Any) -> Any:
        result = await handle_step(manager, flow, *args)
        check_texts(manager, result)
        return result

    monkeypatch.setattr(FlowManager, "_async_handle_step", handle_and_check)


@pytest.fixture(autouse=True)
def sun_is_up(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the sun shine on each test that lives at the time of day at which it happens to run."""
    if "freezer" not in request.fixturenames:
        monkeypatch.setattr(site_sensors, "elevation", lambda observer, at: 45.0)


@pytest.fixture(autouse=True)
def sessions_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a file of sessions of its own: the configuration folder of the test plugin is everybody's."""
    path = tmp_path / "sessions.db"
    monkeypatch.setattr("custom_components.tesla_twc.sessions.book.FILE_NAME", str(path))
    return path


@pytest.fixture(autouse=True)
def dimming_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a log of the grid operator of its own."""
    path = tmp_path / "dimming.jsonl"
    monkeypatch.setattr("custom_components.tesla_twc.runtime.dimming_log.DIMMING_FILE", str(path))
    return path


@pytest.fixture(autouse=True)
async def what_has_begun_is_finished(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[None]:
    """Finish a reload that a test's last step began, before Home Assistant is taken down under it."""
    yield
    await hass.async_block_till_done()


@pytest.fixture
def world(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> World:
    """Surround Home Assistant with a line on which there is nobody yet."""
    clock = SimulatedClock()
    line = Line(clock)
    port = open_memory(line, DEVICE)
    world = World(hass, clock, line, port, {DEVICE: port, SIMULATED_DEVICE: port})
    open_for_real = connection.opener_for

    def opener_for(hass: HomeAssistant, device: str) -> Opener:
        return world.openers.get(device) or open_for_real(hass, device)

    monkeypatch.setattr(connection, "clock_of", lambda hass: clock)
    monkeypatch.setattr(connection, "opener_for", opener_for)
    monkeypatch.setattr(connection, "chance", lambda: 0.0)
    # No other process reaches this line.
    monkeypatch.setattr(connection, "can_be_kept", lambda data: False)
    return world


@pytest.fixture
def pseudo_terminal() -> Generator[tuple[int, int]]:
    """Yield both ends of a real port: what is written to the first arrives at the second."""
    far_end, port = pty.openpty()
    tty.setraw(port)
    yield far_end, port
    os.close(far_end)
    os.close(port)


@pytest.fixture
def entry() -> MockConfigEntry:
    """Describe a bus with 32 A on three phases, as the set-up dialogue leaves it; it is not added yet."""
    return MockConfigEntry(
        domain=DOMAIN,
        title="Wall connectors on ttyTWC",
        data={CONF_DEVICE: DEVICE},
        options={**NEW_ENTRY_OPTIONS, CONF_CIRCUIT_LIMIT: 32, CONF_PHASES: 3, CONF_VOLTAGE: 230},
    )


@pytest.fixture
async def loaded(hass: HomeAssistant, world: World, entry: MockConfigEntry) -> MockConfigEntry:
    """Run the integration on the line."""
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


@pytest.fixture
def garage(world: World) -> Station:
    """Put the first wall connector on the line."""
    return world.wall_connector(Unit(serial_number=f"A17A000{GARAGE}", energy_kwh=6782.4))


@pytest.fixture
def yard(world: World) -> Station:
    """Put the second wall connector on the line."""
    return world.wall_connector(Unit(serial_number=f"A17A000{YARD}", energy_kwh=842.0))


@pytest.fixture
async def owner(hass: HomeAssistant, world: World, entry: MockConfigEntry) -> Owner:
    """Run the integration and find who is on the line: name this fixture after the wall connectors."""
    return await move_in(hass, world, entry)
