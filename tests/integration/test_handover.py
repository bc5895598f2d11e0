"""A reload on a real port with a real keeper: a car goes on charging.

In real time, because another process takes part.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import replace
import errno
import gc
import os
from pathlib import Path
import signal
import subprocess
import threading
from typing import Any

from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.const import CONF_DEVICE, EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.storage import Store
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
from custom_components.tesla_twc.coordinator import TwcCoordinator
from custom_components.tesla_twc.port import connection
from custom_components.tesla_twc.registry.devices import register_bus
from custom_components.tesla_twc.runtime import handover
from custom_components.tesla_twc.runtime.handover import folder_of
from custom_components.tesla_twc.runtime.owner_settings import bus_settings
from custom_components.tesla_twc.storage.memory import Memory
from custom_components.tesla_twc.storage.store import BusStore
from custom_components.tesla_twc.twc.bus.settings import BusSettings, RememberedConnector
from custom_components.tesla_twc.twc.keeper import launch
from custom_components.tesla_twc.twc.keeper.folder import BusLock, places, prepare
from custom_components.tesla_twc.twc.keeper.keeper import LONELY_SECONDS
from custom_components.tesla_twc.twc.keeper.partner import Partner
from custom_components.tesla_twc.twc.keeper.state import KeptBus
from custom_components.tesla_twc.twc.protocol.codes import TwcId
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import CAR_MODELS
from custom_components.tesla_twc.twc.simulator.scene import Scene, build
from custom_components.tesla_twc.twc.simulator.tools.monitor import BusMonitor
from custom_components.tesla_twc.twc.simulator.tools.server import PtyServer
from tests.integration.owner import Owner, change_site

PATIENCE_SECONDS = 90
CONTACTOR_OPENS_SECONDS = 10.0
NIMBLE = replace(CAR_MODELS["tesla"], lag_seconds=0.1, start_seconds=0.2, rise_amps_per_second=50.0)
"""A car that does at once what others take their time for."""


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


def open_files() -> int:
    """Return how many files this process has open."""
    return len([*Path("/proc/self/fd").iterdir()])


def has_zombies() -> bool:
    """Whether a child of this process has ended and nobody took note."""
    try:
        return os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return False


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
        await self._be_known()
        assert await self.hass.config_entries.async_setup(self.entry.entry_id)
        twcid = self.station.connector.twcid
        await until(lambda: twcid in self.entry.runtime_data.latest().connectors)
        self.entry.runtime_data.owner_settings.set_current_limit(twcid, 16)
        await until(lambda: self.drawn_amps > 14)

    async def _be_known(self) -> None:
        """Let the bus have been there before: on an unknown one everybody waits for strangers to fall silent."""
        known = self.station.connector
        remembered = RememberedConnector(
            twcid=known.twcid, version=known.version, rated_amps=known.rated_amps, sign=known.sign
        )
        store = BusStore(self.hass, self.entry.entry_id)
        await store.async_save(Memory(remembered=(remembered,), device=self.entry.data[CONF_DEVICE]))

    async def reload(self) -> None:
        assert await self.hass.config_entries.async_reload(self.entry.entry_id)


def hasty(*chosen: Any) -> BusSettings:
    """How long an unknown bus is listened to is tested elsewhere."""
    return replace(bus_settings(*chosen), cold_listening_seconds=1.0)


@pytest.fixture
async def house(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[House]:
    monkeypatch.setattr("custom_components.tesla_twc.runtime.owner_settings.bus_settings", hasty)
    pytest_socket.socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)
    scene = build("single", asyncio.get_running_loop())
    scene.stations[1].plug(Car(NIMBLE, charge=0.3))
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
        # Whoever talks on the line comes to an end.
        await until(lambda: scene.line.is_quiet)


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


@pytest.mark.once
async def test_whoever_stops_giving_orders_leaves_no_keeper_that_goes_on_with_them(
    house: House, hass: HomeAssistant
) -> None:
    await house.start()
    await until(lambda: len(keepers(house.entry)) == 1)
    data = {**house.entry.data, "role": "listen"}
    hass.config_entries.async_update_entry(house.entry, data=data)
    await until(lambda: not keepers(house.entry) and house.entry.state is ConfigEntryState.LOADED)
    await hass.async_block_till_done()
    assert not house.entry.runtime_data.gives_orders
    await until(lambda: house.scene.line.is_quiet)
    before = house.heartbeats
    await asyncio.sleep(1.5)
    await house.reload()
    await asyncio.sleep(1.5)
    assert house.heartbeats == before
    assert not keepers(house.entry)


@pytest.mark.once
async def test_amps_that_an_action_fixed_outlive_the_hand_over(house: House, hass: HomeAssistant) -> None:
    await house.start()
    await until(lambda: len(keepers(house.entry)) == 1)
    twcid = house.station.connector.twcid
    house.entry.runtime_data.owner_settings.fix_current(twcid, 8, 3600)
    await until(lambda: house.drawn_amps < 9)
    await house.reload()
    for _ in range(6):
        await house.hear_heartbeats(1)
        assert house.station.connector.offered_amps == 8
    assert house.entry.runtime_data.decision.connectors[twcid].reason == "set_by_action"


GOOD_NIGHT: list[tuple[str, Callable[[TwcCoordinator, TwcId], None], int]] = [
    ("current limit", lambda coordinator, twcid: coordinator.owner_settings.set_current_limit(twcid, 8), 8),
    ("circuit limit", lambda coordinator, _: coordinator.owner_settings.set_circuit_limit(9), 9),
    (
        "charging",
        lambda coordinator, twcid: coordinator.owner_settings.set_charging_enabled(twcid, enabled=False),
        6,
    ),
    ("action", lambda coordinator, twcid: coordinator.owner_settings.fix_current(twcid, 7, None), 7),
    ("a limit above", lambda coordinator, twcid: coordinator.owner_settings.set_current_limit(twcid, 32), 16),
]


@pytest.mark.once
@pytest.mark.parametrize(
    ("say", "amps"), [words[1:] for words in GOOD_NIGHT], ids=[words[0] for words in GOOD_NIGHT]
)
async def test_what_the_owner_says_while_home_assistant_is_stopping_is_what_the_keeper_goes_on_with(
    house: House,
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
    say: Callable[[TwcCoordinator, TwcId], None],
    amps: int,
) -> None:
    await house.start()
    await until(lambda: len(keepers(house.entry)) == 1)
    await house.hear_heartbeats(3)
    writing, written, disk = asyncio.Event(), asyncio.Event(), Store._async_write_data

    async def slow_disk(store: Store[Any], data: dict[str, Any]) -> None:
        writing.set()
        await written.wait()
        await disk(store, data)

    coordinator, twcid = house.entry.runtime_data, house.station.connector.twcid
    with monkeypatch.context() as patched:
        patched.setattr(Store, "_async_write_data", slow_disk)
        change_site(house.entry, reserve=100)
        hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
        await until(writing.is_set)
        say(coordinator, twcid)
        written.set()
        await until(lambda: not coordinator.link.connected)
    await house.hear_heartbeats(6)
    assert house.station.connector.offered_amps == amps
    assert keepers(house.entry), "the keeper speaks"


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
    await asyncio.sleep(1)  # its last word may still be on its way
    heard = house.heartbeats
    await asyncio.sleep(3)
    assert house.heartbeats == heard


@pytest.mark.once
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


async def test_a_keeper_whose_start_nobody_waits_for_any_more_is_ended(
    house: House, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    starting = threading.Event()

    def slowly(place: Path) -> None:
        launch.start(place)
        starting.set()
        assert go_on.wait(PATIENCE_SECONDS)

    monkeypatch.setattr(handover, "start", slowly)
    house.entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(house.entry.entry_id)
    assert await hass.async_add_executor_job(starting.wait, PATIENCE_SECONDS)
    assert len(keepers(house.entry)) == 1
    assert await hass.config_entries.async_unload(house.entry.entry_id)
    go_on.set()
    async with asyncio.timeout(LONELY_SECONDS / 2):
        while keepers(house.entry):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    await until(lambda: places(folder_of(hass, house.entry)) == [])


async def test_options_that_change_while_a_keeper_is_started_are_those_it_hears(
    house: House, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def slowly(place: Path) -> None:
        assert go_on.wait(PATIENCE_SECONDS)
        launch.start(place)

    monkeypatch.setattr(handover, "start", slowly)
    told: list[float] = []
    tell = Partner.tell

    def note(partner: Partner, state: KeptBus, *, at_once: bool = False) -> None:
        told.append(state.keep_seconds)
        tell(partner, state, at_once=at_once)

    monkeypatch.setattr(Partner, "tell", note)
    house.entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(house.entry.entry_id)
    hass.config_entries.async_update_entry(house.entry, options={**house.entry.options, CONF_KEEP_MINUTES: 2})
    await house.hear_heartbeats(1)
    go_on.set()
    await until(lambda: bool(told))
    assert set(told) == {120.0}


@pytest.mark.once
async def test_a_bus_that_moved_to_a_port_of_which_nothing_can_be_kept_is_not_kept_on_the_old_one(
    house: House, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be the same wires, and then two would speak."""
    await house.start()
    await until(lambda: len(keepers(house.entry)) == 1)
    monkeypatch.setattr(connection, "can_be_kept", lambda data: False)
    hass.config_entries.async_update_entry(
        house.entry, data={**house.entry.data, CONF_DEVICE: "/dev/there_is_no_such_port"}
    )
    await until(lambda: house.entry.state is ConfigEntryState.SETUP_RETRY)
    await until(lambda: not keepers(house.entry))
    heard = house.heartbeats
    await asyncio.sleep(2)
    assert house.heartbeats == heard


@pytest.mark.once
async def test_a_keeper_of_another_port_is_ended_though_nothing_is_kept_now(
    house: House, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.start()
    await until(lambda: len(keepers(house.entry)) == 1)
    assert await hass.config_entries.async_unload(house.entry.entry_id)
    assert len(keepers(house.entry)) == 1
    monkeypatch.setattr(connection, "can_be_kept", lambda data: False)
    assert await hass.config_entries.async_setup(house.entry.entry_id)
    await until(lambda: not keepers(house.entry))


async def test_a_set_up_that_fails_early_leaves_no_lock_behind(
    house: House, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("nobody thought of this")

    house.entry.add_to_hass(hass)
    with monkeypatch.context() as broken:
        broken.setattr("custom_components.tesla_twc.TwcCoordinator", fail)
        assert not await hass.config_entries.async_setup(house.entry.entry_id)
    await house.reload()
    await house.hear_heartbeats(1)


@pytest.mark.parametrize("trouble", ["prepare", "places", "BusLock.take"])
async def test_a_disk_that_refuses_keeps_nobody_from_running_the_bus(
    house: House,
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    trouble: str,
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(f"custom_components.tesla_twc.runtime.handover.{trouble}", refuse)
    house.entry.add_to_hass(hass)
    register_bus(hass, house.entry)
    bus = Owner(hass, house.entry).device()
    assert bus is not None
    dr.async_get(hass).async_update_device(bus.id, name_by_user="The barn")
    assert await hass.config_entries.async_setup(house.entry.entry_id)
    await house.hear_heartbeats(1)
    assert keepers(house.entry) == []
    assert caplog.text.count("The barn cannot be kept while Home Assistant is away") == 1
    monkeypatch.undo()


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOSPC, "No space left"), subprocess.CalledProcessError(1, ["python"]), TimeoutError()],
)
async def test_a_keeper_that_cannot_be_started_is_nobodys_loss(
    house: House,
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    def refuse(place: Path) -> None:
        raise error

    monkeypatch.setattr(handover, "start", refuse)
    monkeypatch.setattr(handover, "NEXT_KEEPER_SECONDS", 0.5)
    house.entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(house.entry.entry_id)
    await house.hear_heartbeats(2)
    assert caplog.text.count("cannot be kept while Home Assistant is away") == 1
    assert places(folder_of(hass, house.entry)) == []


async def test_whoever_holds_the_bus_is_waited_for(
    house: House, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handover, "LOCK_FREE_SECONDS", 0.2)
    house.entry.add_to_hass(hass)
    folder = folder_of(hass, house.entry)
    prepare(folder)
    other = BusLock(folder)
    assert other.take()
    assert not await hass.config_entries.async_setup(house.entry.entry_id)
    assert house.entry.state is ConfigEntryState.SETUP_RETRY
    assert house.heartbeats == 0
    other.free()
    await house.reload()
    await house.hear_heartbeats(1)


@pytest.mark.once
async def test_a_keeper_that_hangs_is_ended_and_the_bus_taken(
    house: House, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.tesla_twc.twc.keeper.partner.KEEPER_ANSWER_SECONDS", 0.5)
    await house.start()
    await until(lambda: len(keepers(house.entry)) == 1)
    (hanging,) = keepers(house.entry)
    os.kill(int(hanging.name), signal.SIGSTOP)
    await house.reload()
    await until(lambda: hanging not in keepers(house.entry))
    await house.hear_heartbeats(2)


@pytest.mark.once
async def test_many_reloads_leave_no_files_open_and_no_children(house: House, hass: HomeAssistant) -> None:
    await house.start()
    await until(lambda: len(keepers(house.entry)) == 1)
    counts = []
    for _ in range(4):
        await house.reload()
        await until(lambda: len(keepers(house.entry)) == 1)
        await house.hear_heartbeats(1)
        await asyncio.sleep(0.5)
        gc.collect()
        counts.append(open_files())
    assert counts[-1] <= counts[0], counts
    assert not has_zombies()


@pytest.mark.once
async def test_a_keeper_that_dies_is_replaced_and_nothing_of_it_stays_open(
    house: House, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handover, "NEXT_KEEPER_SECONDS", 0.2)
    await house.start()
    counts = []
    for _ in range(3):
        await until(lambda: len(keepers(house.entry)) == 1)
        await house.hear_heartbeats(2)
        counts.append(open_files())
        (keeper,) = keepers(house.entry)
        os.kill(int(keeper.name), signal.SIGKILL)
        await until(lambda gone=keeper: gone not in keepers(house.entry))
    assert counts[-1] <= counts[0], counts
