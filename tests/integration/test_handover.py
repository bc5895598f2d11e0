"""A reload on a real port with a real keeper: a car goes on charging.

In real time, because another process takes part.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
import os
from pathlib import Path

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.const import CONF_DEVICE
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import pytest_socket

from custom_components.tesla_twc.const import (
    CONF_CIRCUIT_LIMIT,
    CONF_KEEP_MINUTES,
    CONF_PHASES,
    CONF_VOLTAGE,
    DOMAIN,
    NEW_ENTRY_OPTIONS,
)
from custom_components.tesla_twc.handover import folder_of
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import CAR_MODELS
from custom_components.tesla_twc.twc.simulator.monitor import BusMonitor
from custom_components.tesla_twc.twc.simulator.scene import Scene, build
from custom_components.tesla_twc.twc.simulator.server import PtyServer

PATIENCE_SECONDS = 90
CONTACTOR_OPENS_SECONDS = 10.0


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that is bound to come."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():  # noqa: ASYNC110 - what another process does sets no event
            await asyncio.sleep(0.05)


def keepers(entry: MockConfigEntry) -> list[Path]:
    """Return the processes that stand by for an entry, or keep its bus."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = (process / "cmdline").read_bytes()
            if entry.entry_id.encode() in command and b"runpy" in command:
                found.append(process)
    return found


class House:
    """A car at a wall connector on a pseudo-terminal, and the bus as Home Assistant has it."""

    def __init__(self, hass: HomeAssistant, scene: Scene, device: str) -> None:
        self.hass = hass
        self.scene = scene
        self.station = scene.stations[1]
        self.entry = MockConfigEntry(
            domain=DOMAIN,
            title="Garage",
            data={CONF_DEVICE: device},
            options={**NEW_ENTRY_OPTIONS, CONF_CIRCUIT_LIMIT: 16, CONF_PHASES: 3, CONF_VOLTAGE: 230},
        )
        self.monitor = BusMonitor(scene.line, circuit_limit_amps=16, silence_seconds=0.0)

    @property
    def drawn_amps(self) -> float:
        self.station.connector.advance(self.scene.clock.time())
        return self.station.connector.drawn_amps

    @property
    def heartbeats(self) -> int:
        return len(self.monitor.heartbeat_intervals(self.station.connector.twcid))

    async def hear_heartbeats(self, count: int) -> None:
        before = self.heartbeats
        await until(lambda: self.heartbeats >= before + count)

    async def start(self) -> None:
        """Set the bus up, let the car charge with all the circuit has, and wait for the keeper to stand by."""
        self.entry.add_to_hass(self.hass)
        assert await self.hass.config_entries.async_setup(self.entry.entry_id)
        twcid = self.station.connector.twcid
        await until(lambda: twcid in self.entry.runtime_data.latest().connectors)
        self.entry.runtime_data.set_current_limit(twcid, 16)
        await until(lambda: self.drawn_amps > 14)

    async def reload(self) -> None:
        assert await self.hass.config_entries.async_reload(self.entry.entry_id)


@pytest.fixture
async def house(hass: HomeAssistant) -> AsyncGenerator[House]:
    pytest_socket.socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)
    scene = build("single", asyncio.get_running_loop())
    scene.stations[1].plug(Car(CAR_MODELS["tesla"], charge=0.3))
    server = PtyServer(scene.line)
    server.start()
    house = House(hass, scene, server.path)
    try:
        yield house
        if house.entry.state.recoverable:
            await hass.config_entries.async_remove(house.entry.entry_id)
        await until(lambda: not keepers(house.entry))
        assert not folder_of(hass, house.entry).exists()
    finally:
        server.close()
        scene.remove(1)


async def test_a_reload_does_not_end_a_charge(
    house: House, hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    await house.start()
    await until(lambda: len(keepers(house.entry)) == 1)
    await house.hear_heartbeats(3)
    for _ in range(3):
        await house.reload()
        await house.hear_heartbeats(3)
        assert house.drawn_amps > 14
        await until(lambda: len(keepers(house.entry)) == 1)
    twcid = house.station.connector.twcid
    assert max(house.monitor.heartbeat_intervals(twcid)) < CONTACTOR_OPENS_SECONDS
    assert not house.monitor.violations
    assert caplog.text.count("while Home Assistant was away") == 3


async def test_an_unloaded_bus_is_kept_and_lasts_until_it_is_removed(
    house: House, hass: HomeAssistant
) -> None:
    await house.start()
    await until(lambda: len(keepers(house.entry)) == 1)
    await house.hear_heartbeats(3)
    assert await hass.config_entries.async_unload(house.entry.entry_id)
    await house.hear_heartbeats(4)
    assert house.drawn_amps > 14


async def test_a_bus_that_is_switched_off_is_left_alone(house: House, hass: HomeAssistant) -> None:
    await house.start()
    await until(lambda: len(keepers(house.entry)) == 1)
    await hass.config_entries.async_set_disabled_by(house.entry.entry_id, ConfigEntryDisabler.USER)
    await until(lambda: not keepers(house.entry))
    heard = house.heartbeats
    await asyncio.sleep(3)
    assert house.heartbeats == heard


async def test_no_keeper_stands_by_where_nothing_is_to_be_kept(house: House, hass: HomeAssistant) -> None:
    house.entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(house.entry, options={**house.entry.options, CONF_KEEP_MINUTES: 0})
    assert await hass.config_entries.async_setup(house.entry.entry_id)
    await house.hear_heartbeats(3)
    assert keepers(house.entry) == []
    hass.config_entries.async_update_entry(house.entry, options={**house.entry.options, CONF_KEEP_MINUTES: 3})
    await until(lambda: len(keepers(house.entry)) == 1)
    os.kill(int(keepers(house.entry)[0].name), 9)
    await house.hear_heartbeats(2)
    assert house.entry.runtime_data.link.connected, (
        "a dead keeper is nobody's loss as long as Home Assistant lives"
    )
