"""Disks that are full and files that cannot be read, with real files."""

import asyncio
from collections.abc import Callable, Iterator
import errno
import json
import logging
from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.storage.memory import Memory
from custom_components.tesla_twc.storage.store import BusStore
from custom_components.tesla_twc.storage.write_pace import PATIENT_SECONDS, SAVE_DELAY_SECONDS
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import ZOE
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.faults.house import OURS, Fault, House, Verdict, judge
from tests.integration.owner import CAR_SECONDS, GARAGE, YARD, move_in

pytestmark = pytest.mark.once

FULL_SECONDS = 2.2 * PATIENT_SECONDS

_REAL = {name: vars(Store)[name] for name in ("_async_load", "_async_write_data", "async_remove")}
"""What Home Assistant's tests replace to keep off the disk."""


@pytest.fixture
def folder(hass: HomeAssistant, tmp_path: Path) -> Iterator[Path]:
    """Keep Home Assistant's files on the disk, in a place of their own."""
    hass.config.config_dir = str(tmp_path)
    folder = tmp_path / ".storage"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as context:
        for name, method in _REAL.items():
            context.setattr(Store, name, method)
        yield folder


@pytest.fixture
async def house(
    folder: Path,
    world: World,
    garage: Station,
    yard: Station,
    entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> House:
    """Two cars charge, and what is kept of them is on disk."""
    house = House(world, entry, caplog)
    await house.begin(garage, yard)
    return house


def kept(folder: Path, house: House) -> Any:
    """Return what is on disk of the bus."""
    return json.loads((folder / house.owner.storage_key).read_text())["data"]


def set_aside(file: Path) -> list[bytes]:
    """Return what was put beside a file that could not be read."""
    return [path.read_bytes() for path in file.parent.iterdir() if path.name.startswith(f"{file.name}.")]


async def test_a_full_disk_interrupts_no_charge_and_is_said_once(
    house: House, folder: Path, keep: Callable[[Verdict], None]
) -> None:
    no_space = OSError(errno.ENOSPC, "No space left on device")
    full = patch("homeassistant.util.file.AtomicWriter", side_effect=no_space)

    async def fill(house: House) -> None:
        full.start()
        await house.owner.set_limit(YARD, 12)
        await house.owner.set_limit(YARD, 13)
        await house.owner.set_circuit_limit(30)

    def nothing_is_kept(house: House) -> None:
        assert house.owner.value("circuit_limit") == "30"
        assert kept(folder, house)["circuit_limit"] is None
        assert house.log() == [
            "What is kept of this bus cannot be written to disk, .* No space left on device"
        ]

    async def make_room(house: House) -> None:
        full.stop()
        await house.world.pass_time(PATIENT_SECONDS)

    fault = Fault(
        name="the disk is full for 11 min",
        begin=fill,
        end=make_room,
        lasts=FULL_SECONDS,
        gap=2.5,
        back=5,
        lowest={GARAGE: 15.0, YARD: 11.0},
        log=(
            "What is kept of this bus cannot be written to disk, .*No space left on device",
            "What is kept of this bus is written to disk again",
        ),
        complaints=None,
    )
    verdict = await house.undergo(fault)
    keep(verdict)
    judge(verdict, fault)
    attempts = [said for said in verdict.complaints if house.owner.storage_key in said]
    assert 1 <= len(attempts) <= 1 + FULL_SECONDS / PATIENT_SECONDS, "Home Assistant logs each of them"
    assert kept(folder, house)["circuit_limit"] == 30


async def test_what_could_not_be_written_is_written_later_though_nothing_else_changed(
    world: World, folder: Path
) -> None:
    store, memory = BusStore(world.hass, "bus"), Memory(circuit_limit=10)
    no_space = OSError(errno.ENOSPC, "No space left on device")
    with patch("homeassistant.util.file.AtomicWriter", side_effect=no_space) as write:
        store.save_soon(memory)
        await world.pass_time(SAVE_DELAY_SECONDS)
        assert write.call_count == 1
        store.save_soon(memory)
        await world.pass_time(PATIENT_SECONDS - SAVE_DELAY_SECONDS)
        assert write.call_count == 1
    store.save_soon(memory)
    await world.pass_time(2 * SAVE_DELAY_SECONDS)
    assert await BusStore(world.hass, "bus").async_load() == memory


async def test_a_disk_that_does_not_answer_is_asked_once(world: World, hass_storage: dict[str, Any]) -> None:
    store, answers = BusStore(world.hass, "bus"), asyncio.Event()

    async def hang(*_: Any) -> None:
        await answers.wait()

    with patch.object(Store, "async_save", autospec=True, side_effect=hang) as write:
        for amps in range(6, 16):
            store.save_soon(Memory(circuit_limit=amps))
            await world.clock.advance_async(60)
        assert write.call_count == 1
        answers.set()
        await world.hass.async_block_till_done()
        store.save_soon(Memory(circuit_limit=15))
        await world.clock.advance_async(60)
        assert write.call_count == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b'{"version": 2, "minor_version": 1, "data": {"from": "later"}}', 1, id="newer version"),
        pytest.param(b'{"version": 0, "minor_version": 1, "data": {}}', 1, id="unknown version"),
        pytest.param(b'{"version": 1, "minor_version": 1, "data": {"wishes": {"3495"', 0, id="cut off"),
        pytest.param(b"", 0, id="empty"),
        pytest.param(bytes(range(256)), 0, id="garbage"),
        pytest.param(b"[]", 1, id="something else"),
    ],
)
async def test_a_file_that_cannot_be_read_leaves_the_limits_at_the_safe_end(
    folder: Path,
    world: World,
    garage: Station,
    entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
    content: bytes,
    said: int,
) -> None:
    file = folder / f"tesla_twc.{entry.entry_id}"
    file.write_bytes(content)
    owner = await move_in(world.hass, world, entry)
    garage.plug(Car(ZOE))
    await world.pass_time(CAR_SECONDS)
    assert owner.value("current_limit", GARAGE) == "6"
    assert garage.connector.offered_amps == 6
    ours = [
        record
        for record in caplog.records
        if record.name.startswith(OURS) and record.levelno >= logging.WARNING
    ]
    assert len(ours) == said, "where Home Assistant finds the file corrupt it says so itself"
    assert set_aside(file) == [content], "it may be of use yet"
    await owner.set_limit(GARAGE, 16)
    await owner.let_changes_be_written()
    await owner.restart()
    await world.pass_time(CAR_SECONDS)
    assert garage.connector.offered_amps == 16
