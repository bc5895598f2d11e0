"""What survives a restart, and what happens when it does not."""

from dataclasses import replace
from datetime import timedelta
import logging
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from hypothesis import given, strategies as st
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.tesla_twc.storage import SAVE_DELAY_SECONDS, BusStore, Memory
from custom_components.tesla_twc.twc.bus.settings import RememberedConnector
from custom_components.tesla_twc.twc.protocol.codes import ProtocolVersion, TwcId
from custom_components.tesla_twc.wishes import ConnectorWish

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
    wishes={GARAGE.twcid: ConnectorWish(current_limit=16, charging_enabled=False)},
    circuit_limit=20,
)


async def test_what_was_saved_is_loaded(hass: HomeAssistant, hass_storage: dict[str, Any]) -> None:
    await BusStore(hass, "bus").async_save(MEMORY)
    assert await BusStore(hass, "bus").async_load() == MEMORY


async def test_a_new_bus_remembers_nothing(hass: HomeAssistant, hass_storage: dict[str, Any]) -> None:
    assert await BusStore(hass, "bus").async_load() == Memory()


@pytest.mark.parametrize(
    "stored",
    [
        {"version": 2, "minor_version": 1, "key": KEY, "data": {"from": "the future"}},
        {"version": 1, "minor_version": 1, "key": KEY, "data": {}},
        {"version": 1, "minor_version": 1, "key": KEY, "data": []},
        {"version": 1, "minor_version": 1, "key": KEY, "data": "text"},
        {"version": 1, "minor_version": 1},
        {
            "version": 1,
            "minor_version": 1,
            "key": KEY,
            "data": {
                "circuit_limit": None,
                "wishes": {"3495": {"current_limit": 500, "charging_enabled": True}},
                "remembered": {},
            },
        },
    ],
)
async def test_what_cannot_be_understood_counts_as_nothing_and_is_said_once(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    stored: dict[str, Any],
) -> None:
    hass_storage[KEY] = stored
    assert await BusStore(hass, "bus").async_load() == Memory()
    warnings = [record for record in caplog.records if record.name.startswith("custom_components.tesla_twc")]
    assert [record.levelno for record in warnings] == [logging.WARNING]


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
    assert await BusStore(hass, "bus").async_load() == MEMORY


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


def test_energy_is_written_five_times_a_kwh_at_most() -> None:
    hundredths = [6782 + hundredth / 100 for hundredth in range(100)]
    assert len({remembered_energy(kwh) for kwh in hundredths}) <= 5


def test_energy_that_is_not_known_stays_so() -> None:
    assert (
        Memory(remembered=(replace(GARAGE, energy_kwh=None),)).with_energy_ahead().remembered[0].energy_kwh
        is None
    )
