"""What survives a restart, and what happens when it does not."""

from dataclasses import replace
from datetime import timedelta
import logging
import math
from pathlib import Path
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from hypothesis import given, strategies as st
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.tesla_twc.runtime.overrides import KeptAmps
from custom_components.tesla_twc.runtime.owner_settings import OwnerConnectorSettings
from custom_components.tesla_twc.storage.memory import Memory
from custom_components.tesla_twc.storage.store import BusStore
from custom_components.tesla_twc.storage.write_pace import (
    PATIENT_SECONDS,
    SAVE_DELAY_SECONDS,
    SETTING_SECONDS,
    SETTINGS_AT_ONCE,
)
from custom_components.tesla_twc.twc.bus.settings import RememberedConnector
from custom_components.tesla_twc.twc.charging.engine_memory import EngineMemory
from custom_components.tesla_twc.twc.charging.full_car import KeptFull
from custom_components.tesla_twc.twc.charging.main_fuse.watch import FuseMemory
from custom_components.tesla_twc.twc.charging.meter.learner import MeterMemory
from custom_components.tesla_twc.twc.charging.wear import Wear
from custom_components.tesla_twc.twc.protocol.codes import ProtocolVersion, TwcId
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import ZOE
from custom_components.tesla_twc.twc.simulator.clock import SimulatedClock
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.owner import Owner, live

KEY = "tesla_twc.bus"
GARAGE = RememberedConnector(
    twcid=TwcId(0x3495),
    version=ProtocolVersion.P2,
    rated_amps=32.0,
    sign=0x8E,
    offered_amps=16.0,
    energy_kwh=6782.45,
    serial_number="A17A0003495",
    firmware="4.5.10.2",
    model="EVW2T32HL",
)
MEMORY = Memory(
    remembered=(GARAGE, replace(GARAGE, twcid=TwcId(0x6388), energy_kwh=None, model=None)),
    connectors={GARAGE.twcid: OwnerConnectorSettings(current_limit=16, charging_enabled=False)},
    circuit_limit=20,
)


async def test_what_was_saved_is_loaded(hass: HomeAssistant, hass_storage: dict[str, Any]) -> None:
    await BusStore(hass, "bus").async_save(MEMORY)
    assert await BusStore(hass, "bus").async_load() == MEMORY


RESTS = replace(GARAGE, contactor_open=True, opened_at=900.0)


@pytest.mark.parametrize(
    ("machine", "wall", "is_believed"),
    [
        pytest.param(20.0, 20.0, True, id="Home Assistant was away"),
        pytest.param(20.0, 3600.0, False, id="the wall clock was put right"),
        pytest.param(20.0, -3600.0, False, id="it was set back"),
        pytest.param(-900.0, 40.0, False, id="the machine began anew"),
        pytest.param(5e5, 5e5, True, id="after some days"),
    ],
)
async def test_since_when_a_contactor_is_open_is_believed_where_both_clocks_agree(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    freezer: FrozenDateTimeFactory,
    machine: float,
    wall: float,
    is_believed: bool,
) -> None:
    """Otherwise its contactor rests for the whole minute anew, as of a file that does not say it."""
    clock = SimulatedClock(start=1_000.0)
    memory = replace(MEMORY, remembered=(RESTS, replace(GARAGE, twcid=TwcId(0x6388))))
    with patch("custom_components.tesla_twc.storage.store.connection.clock_of", return_value=clock):
        await BusStore(hass, "bus").async_save(memory)
    freezer.tick(wall)
    later = SimulatedClock(start=1_000.0 + machine)
    with patch("custom_components.tesla_twc.storage.store.connection.clock_of", return_value=later):
        loaded = await BusStore(hass, "bus").async_load()
    known = memory.remembered if is_believed else (replace(RESTS, opened_at=None), memory.remembered[1])
    assert loaded == replace(memory, remembered=known)


ENDED = KeptFull(
    left_amps=0.0, kwh=12.5, vin=None, since=980.0, enough_since=982.0, finished=False, needs_amps=6.0
)


@pytest.mark.parametrize(
    ("machine", "wall", "since", "enough_since"),
    [
        pytest.param(20.0, 20.0, 980.0, 982.0, id="reloaded"),
        pytest.param(60.0, 60.0, 980.0, None, id="without heartbeats nothing was offered"),
        pytest.param(20.0, 3600.0, None, None, id="the wall clock was put right"),
        pytest.param(-900.0, 40.0, None, None, id="the machine began anew"),
    ],
)
async def test_since_when_a_car_takes_nothing_is_believed_where_both_clocks_agree(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    freezer: FrozenDateTimeFactory,
    machine: float,
    wall: float,
    since: float | None,
    enough_since: float | None,
) -> None:
    clock = SimulatedClock(start=1_000.0)
    memory = replace(MEMORY, learnt=EngineMemory(full={GARAGE.twcid: ENDED}))
    with patch("custom_components.tesla_twc.storage.store.connection.clock_of", return_value=clock):
        await BusStore(hass, "bus").async_save(memory)
    freezer.tick(wall)
    later = SimulatedClock(start=1_000.0 + machine)
    with patch("custom_components.tesla_twc.storage.store.connection.clock_of", return_value=later):
        loaded = await BusStore(hass, "bus").async_load()
    assert loaded.learnt.full == {GARAGE.twcid: replace(ENDED, since=since, enough_since=enough_since)}


async def test_a_new_bus_remembers_nothing(hass: HomeAssistant, hass_storage: dict[str, Any]) -> None:
    assert await BusStore(hass, "bus").async_load() == Memory()


@pytest.mark.parametrize(
    "file",
    [
        {"version": 2, "minor_version": 1, "key": KEY, "data": {"from": "the future"}},
        {"version": 1, "minor_version": 1, "key": KEY, "data": {}},
        {"version": 1, "minor_version": 1, "key": KEY, "data": []},
        {"version": 1, "minor_version": 1, "key": KEY, "data": "text"},
        {"version": 1, "minor_version": 1},
    ],
)
async def test_what_cannot_be_understood_counts_as_nothing_and_is_said_once(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    file: dict[str, Any],
) -> None:
    hass_storage[KEY] = file
    assert await BusStore(hass, "bus").async_load() == Memory()
    warnings = [record for record in caplog.records if record.name.startswith("custom_components.tesla_twc")]
    assert [record.levelno for record in warnings] == [logging.WARNING]


def stored(**changes: Any) -> dict[str, Any]:
    """Return what is on disk of a bus with one wall connector, with some of it changed."""
    remembered: dict[str, Any] = {
        "version": 2,
        "rated_amps": 32.0,
        "sign": 142,
        "offered_amps": 16,
        "energy_kwh": None,
        "serial_number": "A17A0003495",
        "firmware": None,
        "model": None,
    }
    wish = {"current_limit": 16, "charging_enabled": True}
    bus = {"circuit_limit": 20}
    for part in (remembered, wish, bus):
        part |= {name: value for name, value in changes.items() if name in part}
    data = {**bus, "wishes": {"3495": wish}, "remembered": {"3495": remembered}}
    return {"version": 1, "minor_version": 1, "key": KEY, "data": data}


@pytest.mark.parametrize(
    "change",
    [
        {"version": "2"},
        {"version": 3},
        {"rated_amps": 0},
        {"rated_amps": 81},
        {"rated_amps": "nan"},
        {"rated_amps": True},
        {"sign": 256},
        {"sign": False},
        {"offered_amps": float("nan")},
        {"offered_amps": "6"},
        {"energy_kwh": float("inf")},
        {"energy_kwh": 1e300},
        {"energy_kwh": 10**400},
        {"energy_kwh": "12"},
        {"energy_kwh": -1},
        {"serial_number": 3495},
        {"serial_number": "x" * 3000},
        {"circuit_limit": True},
        {"circuit_limit": 20.5},
        {"current_limit": 500},
        {"current_limit": True},
        {"current_limit": "16"},
        {"charging_enabled": 1},
    ],
    ids=str,
)
async def test_a_value_that_cannot_be_true_is_not_believed(
    hass: HomeAssistant, hass_storage: dict[str, Any], change: dict[str, Any]
) -> None:
    hass_storage[KEY] = stored()
    assert (await BusStore(hass, "bus").async_load()).circuit_limit == 20
    hass_storage[KEY] = stored(**change)
    assert await BusStore(hass, "bus").async_load() == Memory()


SETTINGS = {GARAGE.twcid: OwnerConnectorSettings(current_limit=32)}
ODD_LESSONS = [
    EngineMemory(intervals={"battery_soc": 90_000.0}),
    EngineMemory(intervals={"battery_soc": -1.0, "grid": 10.0}),
    EngineMemory(intervals={"battery_soc": math.nan}),
    EngineMemory(meter=MeterMemory(gain=1.0, gain_error=0.05, delay_seconds=-0.4)),
    EngineMemory(meter=MeterMemory(gain=math.inf, gain_error=0.05, delay_seconds=None)),
    EngineMemory(fuse=FuseMemory(intervals=(1e9, 5.0), delay_seconds=1e9)),
    EngineMemory(fuse=FuseMemory(intervals=(5.0,) * 4)),
    EngineMemory(fuse=FuseMemory(answers_within=1e9)),
    EngineMemory(feeders={"Yard": FuseMemory(intervals=(1e9, 5.0), delay_seconds=1e9)}),
    EngineMemory(fuse=FuseMemory(answers_within=math.nan)),
    EngineMemory(phases={GARAGE.twcid: 4}),
    EngineMemory(wear={GARAGE.twcid: Wear(closings=-1)}),
    EngineMemory(full={GARAGE.twcid: KeptFull(left_amps=math.nan, kwh=None, vin=None)}),
]


@pytest.mark.parametrize("learnt", ODD_LESSONS, ids=repr)
async def test_no_lesson_costs_the_owner_a_limit(
    hass: HomeAssistant, hass_storage: dict[str, Any], learnt: EngineMemory
) -> None:
    memory = replace(MEMORY, connectors=SETTINGS, learnt=learnt)
    await BusStore(hass, "bus").async_save(memory)
    back = await BusStore(hass, "bus").async_load()
    assert (back.connectors, back.remembered, back.circuit_limit) == (SETTINGS, MEMORY.remembered, 20)


async def test_a_lesson_is_bent_before_it_is_left_out(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    learnt = EngineMemory(
        intervals={"battery_soc": 90_000.0},
        meter=MeterMemory(gain=1.0, gain_error=0.05, delay_seconds=-0.4),
        phases={GARAGE.twcid: 1},
        phases_measured=frozenset({GARAGE.twcid}),
        fuse=FuseMemory(intervals=(1e9, 5.0), delay_seconds=1e9, answers_within=1e9),
        feeders={"Yard": FuseMemory(intervals=(1e9,), answers={(GARAGE.twcid, (1,)): ("+",)})},
    )
    await BusStore(hass, "bus").async_save(replace(MEMORY, learnt=learnt))
    back = (await BusStore(hass, "bus").async_load()).learnt
    assert back.intervals == {"battery_soc": 86_400.0}
    assert back.meter == MeterMemory(gain=1.0, gain_error=0.05, delay_seconds=0.0)
    assert (back.phases, back.phases_measured) == ({GARAGE.twcid: 1}, {GARAGE.twcid})
    day = 86_400.0
    assert back.fuse == FuseMemory(intervals=(day, 5.0), delay_seconds=day, answers_within=day)
    assert back.feeders == {"Yard": FuseMemory(intervals=(day,), answers={(GARAGE.twcid, (1,)): ("+",)})}


@pytest.mark.parametrize(
    "odd",
    [{"energy_kwh": 2.0**33}, {"serial_number": "A" * 65}, {"rated_amps": 500.0}, {"sign": 300}],
    ids=repr,
)
async def test_no_odd_wall_connector_costs_the_owner_a_limit(
    hass: HomeAssistant, hass_storage: dict[str, Any], odd: dict[str, Any]
) -> None:
    yard = replace(MEMORY.remembered[1], **odd)
    await BusStore(hass, "bus").async_save(replace(MEMORY, connectors=SETTINGS, remembered=(GARAGE, yard)))
    back = await BusStore(hass, "bus").async_load()
    assert (back.connectors, back.remembered[0]) == (SETTINGS, GARAGE)


async def test_a_wall_connector_that_cannot_be_kept_is_told_of_once(
    hass: HomeAssistant, hass_storage: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    store = BusStore(hass, "bus")
    odd = replace(MEMORY, remembered=(GARAGE, replace(MEMORY.remembered[1], rated_amps=500.0)))
    for circuit in (10, 20, None):
        await store.async_save(replace(odd, circuit_limit=circuit))
    told = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert [("6388" in text, "forget" in text) for text in told] == [(True, True)]
    assert (await BusStore(hass, "bus").async_load()).remembered == (GARAGE,)


LATER = {
    "limit_stops",
    "waits_for_car",
    "answers_within",
    "kwh_per_count",
    "stopped_outside",
    "rests",
    "full",
}
"""What the last release refuses to read."""
IN_USE = Memory(
    remembered=(replace(GARAGE, kwh_per_count=0.001, contactor_open=True, opened_at=0.5),),
    connectors={GARAGE.twcid: OwnerConnectorSettings(limit_stops=True)},
    fixed={GARAGE.twcid: KeptAmps(amps=10, waits_for_car=True)},
    learnt=EngineMemory(
        fuse=FuseMemory(answers_within=4.0),
        full={GARAGE.twcid: KeptFull(left_amps=16.0, kwh=6782.45, vin="5YJ3E7EB1KF000316")},
    ),
    stopped_outside=(GARAGE.twcid,),
)


@pytest.mark.parametrize(
    "rests",
    [
        {"clock": 1.0, "wall": 1.0, "opened": {"garage": 1.0}},
        {"clock": "1", "wall": 1.0, "opened": {}},
        {"clock": 1.0, "opened": {}},
    ],
)
async def test_a_rest_that_cannot_be_true_is_not_believed(
    hass: HomeAssistant, hass_storage: dict[str, Any], rests: dict[str, Any]
) -> None:
    file = stored()
    file["data"]["rests"] = rests
    hass_storage[KEY] = file
    assert await BusStore(hass, "bus").async_load() == Memory()


async def test_a_file_in_which_nothing_new_is_used_says_nothing_new(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    def keys(part: Any) -> set[str]:
        inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
        own = set(part) if isinstance(part, dict) else set()
        return own.union(*map(keys, inner))

    unused = replace(
        IN_USE,
        remembered=(GARAGE,),
        connectors=SETTINGS,
        fixed={GARAGE.twcid: KeptAmps(amps=10)},
        learnt=EngineMemory(fuse=FuseMemory(delay_seconds=4.0)),
        stopped_outside=(),
    )
    for memory, new in ((unused, set()), (IN_USE, LATER)):
        store = BusStore(hass, "bus")
        await store.async_save(memory)
        assert keys(hass_storage[KEY]["data"]) & LATER == new
        assert await store.async_load() == memory


async def test_a_file_with_a_lesson_that_an_earlier_version_wrote_keeps_its_limits(
    hass: HomeAssistant, hass_storage: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    file = stored()
    file["data"]["learnt"] = {"intervals": {"battery_soc": 90_000.0}, "phases": {"3495": 1}}
    hass_storage[KEY] = file
    back = await BusStore(hass, "bus").async_load()
    assert back.connectors == {GARAGE.twcid: OwnerConnectorSettings(current_limit=16)}
    assert back.learnt == EngineMemory(phases={GARAGE.twcid: 1})
    assert "learnt again: intervals" in caplog.text


async def test_an_unreadable_file_is_set_aside_for_a_later_version(
    hass: HomeAssistant, hass_storage: dict[str, Any], tmp_path: Path
) -> None:
    hass.config.config_dir = str(tmp_path)
    folder = tmp_path / ".storage"
    folder.mkdir()
    (folder / KEY).write_text("from the future")  # reading is simulated, setting aside is real
    hass_storage[KEY] = {"version": 7, "minor_version": 1, "data": {}}
    assert await BusStore(hass, "bus").async_load() == Memory()
    assert [file.name for file in folder.iterdir()] == [f"{KEY}.unreadable"]
    await BusStore(hass, "bus").async_remove()
    assert list(folder.iterdir()) == []


async def test_removing_a_bus_removes_its_file(hass: HomeAssistant, hass_storage: dict[str, Any]) -> None:
    store = BusStore(hass, "bus")
    await store.async_save(MEMORY)
    await store.async_remove()
    assert KEY not in hass_storage


async def pass_save_delay(hass: HomeAssistant) -> None:
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=SAVE_DELAY_SECONDS + 1))
    await hass.async_block_till_done()


async def test_a_change_is_written_soon_and_the_newest_goes_along(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    store = BusStore(hass, "bus")
    await store.async_load()
    store.save_soon(replace(MEMORY, circuit_limit=10))
    store.save_soon(MEMORY)
    assert KEY not in hass_storage
    await pass_save_delay(hass)
    assert hass_storage[KEY]["data"]["circuit_limit"] == 20
    assert await BusStore(hass, "bus").async_load() == MEMORY.with_energy_ahead()


async def test_what_is_on_disk_is_not_written_again(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    store = BusStore(hass, "bus")
    await store.async_save(MEMORY)
    del hass_storage[KEY]
    await store.async_save(MEMORY)
    store.save_soon(MEMORY)
    await pass_save_delay(hass)
    assert KEY not in hass_storage


def with_garage(**changes: Any) -> Memory:
    return replace(MEMORY, remembered=(replace(GARAGE, **changes), *MEMORY.remembered[1:]))


@pytest.mark.parametrize(
    ("memory", "at_once"),
    [
        (replace(MEMORY, circuit_limit=None), True),
        (replace(MEMORY, connectors={GARAGE.twcid: OwnerConnectorSettings(current_limit=15)}), True),
        (replace(MEMORY, remembered=MEMORY.remembered[:1]), True),
        (with_garage(offered_amps=17.0), True),
        (with_garage(offered_amps=15.0), False),
        (with_garage(energy_kwh=6782.46), True),
        (with_garage(energy_kwh=6782.44), False),
        (with_garage(firmware="4.5.10.3"), True),
    ],
)
async def test_what_must_survive_a_crash_is_written_at_once_and_the_rest_within_minutes(
    world: World, hass_storage: dict[str, Any], memory: Memory, at_once: bool
) -> None:
    store = BusStore(world.hass, "bus")
    await store.async_save(MEMORY)
    del hass_storage[KEY]
    store.save_soon(memory)
    await world.pass_time(SAVE_DELAY_SECONDS)
    assert (KEY in hass_storage) is at_once
    await world.pass_time(PATIENT_SECONDS)
    assert KEY in hass_storage


async def test_what_matters_does_not_wait_for_what_does_not(
    world: World, hass_storage: dict[str, Any]
) -> None:
    store = BusStore(world.hass, "bus")
    await store.async_save(MEMORY)
    store.save_soon(with_garage(offered_amps=6.0))
    await world.pass_time(100)
    store.save_soon(replace(MEMORY, circuit_limit=10))
    await world.pass_time(SAVE_DELAY_SECONDS)
    assert hass_storage[KEY]["data"]["circuit_limit"] == 10


@pytest.mark.once
async def test_a_charge_costs_few_writes_to_disk(
    world: World, hass_storage: dict[str, Any], garage: Station, owner: Owner
) -> None:
    await owner.set_limit(GARAGE.twcid, 32)
    garage.plug(Car(ZOE))
    await live(world, 60)
    before = garage.connector.true_kwh
    with patch.object(Store, "async_save", autospec=True, side_effect=Store.async_save) as write:
        await live(world, 900)
        energy = garage.connector.true_kwh - before
        assert energy > 4
        assert 0 < write.call_count <= 4 * energy
        garage.unplug()
        await live(world, 400)
        write.reset_mock()
        await live(world, 900)
        write.assert_not_called()


@pytest.mark.once
@pytest.mark.parametrize(
    "every", [pytest.param(1, marks=pytest.mark.long), pytest.param(7, marks=pytest.mark.long), 10]
)
async def test_an_automation_that_never_rests_wears_no_card_out_and_loses_a_minute_at_most(
    world: World, hass_storage: dict[str, Any], garage: Station, owner: Owner, every: int
) -> None:
    key = owner.storage_key
    wait = 0
    with patch.object(Store, "async_save", autospec=True, side_effect=Store.async_save) as write:
        for second in range(1800):
            if second % every == 0:
                await owner.set_limit(GARAGE.twcid, 6 + second // every % 10)
            await world.pass_time(1)
            wish = hass_storage[key]["data"]["wishes"].get("3495", {}) if key in hass_storage else {}
            wait = 0 if wish.get("current_limit") == owner.number("current_limit", GARAGE.twcid) else wait + 1
            assert wait <= SETTING_SECONDS + SAVE_DELAY_SECONDS + every
    assert 0 < write.call_count <= 1800 / SETTING_SECONDS + SETTINGS_AT_ONCE


def remembered_energy(kwh: float) -> float:
    """Return the energy that would be written for ``kwh``."""
    memory = Memory(remembered=(replace(GARAGE, energy_kwh=kwh),)).with_energy_ahead()
    energy = memory.remembered[0].energy_kwh
    assert energy is not None
    return energy


@given(kwh=st.floats(0, 100_000))
def test_energy_is_written_ahead_but_not_beyond_the_counters_next_whole_kwh(kwh: float) -> None:
    written = remembered_energy(kwh)
    assert kwh <= written <= kwh + 0.41
    assert int(written) == int(kwh)


def test_energy_that_is_not_known_stays_so() -> None:
    assert (
        Memory(remembered=(replace(GARAGE, energy_kwh=None),)).with_energy_ahead().remembered[0].energy_kwh
        is None
    )
