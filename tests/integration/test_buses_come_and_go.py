"""A bus of several that is unloaded, disabled, removed, pulled out, moved or not set up yet: every limit holds."""

from collections.abc import Awaitable, Callable

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.const import CONF_DEVICE
from homeassistant.core import HomeAssistant
import pytest

from custom_components.tesla_twc.const import DOMAIN
from custom_components.tesla_twc.runtime.handover import Handover
from custom_components.tesla_twc.runtime.house import RunningHouse
from custom_components.tesla_twc.twc.bus.timing import RESERVED_SECONDS
from custom_components.tesla_twc.twc.charging.house_address import HouseAddress
from custom_components.tesla_twc.twc.simulator.line import Line
from custom_components.tesla_twc.twc.simulator.memory import open_memory
from tests.integration.conftest import World
from tests.integration.owner import GARAGE, Owner
from tests.integration.two_buses import FUSE_AMPS, FUSED, Estate, two_buses

pytestmark = pytest.mark.once

HOUSE_AMPS = 4.0
ELSEWHERE = "/dev/ttyELSEWHERE"


async def charging(hass: HomeAssistant, world: World) -> tuple[Estate, Owner, Owner]:
    """Have both cars share what the main fuse leaves."""
    estate, garage, barn = await two_buses(hass, world, FUSED)
    for owner in (garage, barn):
        await owner.set_limit(GARAGE, 32)
    estate.house_amps = HOUSE_AMPS
    estate.plug_all()
    await estate.live(120)
    assert min(estate.drawn()) >= 6
    assert sum(estate.drawn()) < FUSE_AMPS - HOUSE_AMPS < 32, "each could take more alone"
    assert estate.breaker.is_spared
    return estate, garage, barn


def running(owner: Owner) -> RunningHouse:
    house: RunningHouse = owner.entry.runtime_data.house
    return house


def counted(owner: Owner, of: Owner) -> float:
    """What the house of one bus counts for the wall connector of another, A per phase."""
    inputs = running(owner).inputs
    assert inputs is not None
    return sum(
        one.facts.counted_amps
        for address, one in inputs.connectors.items()
        if isinstance(address, HouseAddress) and of.entry.entry_id in address.circuit
    )


async def unload(estate: Estate, owner: Owner) -> None:
    await estate.hass.config_entries.async_unload(owner.entry.entry_id)


async def disable(estate: Estate, owner: Owner) -> None:
    await estate.hass.config_entries.async_set_disabled_by(owner.entry.entry_id, ConfigEntryDisabler.USER)


async def remove(estate: Estate, owner: Owner) -> None:
    await estate.hass.config_entries.async_remove(owner.entry.entry_id)


async def pull_out(estate: Estate, owner: Owner) -> None:
    estate.ports[1].unplug()


async def move(estate: Estate, owner: Owner) -> None:
    """Move it to a port behind which there is nobody."""
    estate.world.openers[ELSEWHERE] = open_memory(Line(estate.world.clock), ELSEWHERE)
    data = {**owner.entry.data, CONF_DEVICE: ELSEWHERE}
    estate.hass.config_entries.async_update_entry(owner.entry, data=data)
    await estate.hass.async_block_till_done()


GONE = pytest.mark.parametrize("go", [unload, disable, remove, pull_out, move])


@GONE
async def test_what_a_bus_that_is_gone_had_is_given_away_after_its_own_time_out(
    hass: HomeAssistant, world: World, go: Callable[[Estate, Owner], Awaitable[None]]
) -> None:
    estate, garage, barn = await charging(hass, world)
    had = estate.drawn()[1]
    await go(estate, barn)
    await estate.live(5)
    assert counted(garage, barn) >= had - 1, "its car still draws"
    await estate.live(round(RESERVED_SECONDS) - 15)
    assert counted(garage, barn) > 0, "nobody knows how patient it is"
    await estate.live(90)
    assert counted(garage, barn) == 0
    first, second = estate.drawn()
    assert second == 0
    assert first > 14, "the other car has what it can take"
    assert estate.breaker.is_spared


async def test_a_bus_that_is_kept_counts_as_long_as_its_keeper_goes_on(
    hass: HomeAssistant, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    estate, garage, barn = await charging(hass, world)
    monkeypatch.setattr(Handover, "somebody_stands_by", True)
    await unload(estate, barn)
    await estate.live(300 + round(RESERVED_SECONDS) - 20)
    assert counted(garage, barn) > 0
    await estate.live(30)
    assert counted(garage, barn) == 0


async def test_a_kept_bus_that_is_removed_counts_until_its_own_time_out(
    hass: HomeAssistant, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    estate, garage, barn = await charging(hass, world)
    monkeypatch.setattr(Handover, "somebody_stands_by", True)
    await remove(estate, barn)
    await estate.live(round(RESERVED_SECONDS) - 10)
    assert counted(garage, barn) > 0
    await estate.live(20)
    assert counted(garage, barn) == 0


async def test_a_bus_that_comes_back_takes_its_place_again(hass: HomeAssistant, world: World) -> None:
    estate, garage, barn = await charging(hass, world)
    await unload(estate, barn)
    await estate.live(10)
    assert await hass.config_entries.async_setup(barn.entry.entry_id)
    await estate.live(180)
    assert min(estate.drawn()) >= 6
    assert running(garage) is running(barn)
    assert estate.breaker.is_spared


async def test_after_a_restart_a_bus_that_is_not_there_yet_counts_with_what_its_file_says(
    hass: HomeAssistant, world: World
) -> None:
    estate, garage, barn = await charging(hass, world)
    had = estate.drawn()[1]
    for owner in (garage, barn):
        await unload(estate, owner)
    await hass.config_entries.async_unload(estate.house.entry_id)
    del hass.data[f"{DOMAIN}_house"]
    assert await hass.config_entries.async_setup(garage.entry.entry_id)
    await estate.live(10)
    assert counted(garage, barn) >= had - 1
    assert await hass.config_entries.async_setup(barn.entry.entry_id)
    await estate.live(180)
    assert min(estate.drawn()) >= 6
    assert estate.breaker.is_spared


async def test_a_moved_bus_whose_wall_connectors_are_heard_again_counts_them_once(
    hass: HomeAssistant, world: World
) -> None:
    estate, garage, barn = await charging(hass, world)
    world.openers[ELSEWHERE] = world.openers[barn.entry.data[CONF_DEVICE]]
    hass.config_entries.async_update_entry(barn.entry, data={**barn.entry.data, CONF_DEVICE: ELSEWHERE})
    await hass.async_block_till_done()
    await estate.live(40)
    assert counted(garage, barn) <= 32
    await estate.live(120)
    assert min(estate.drawn()) >= 6
    assert estate.breaker.is_spared


async def test_one_bus_that_raises_does_not_stop_the_others(
    hass: HomeAssistant, world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    estate, garage, barn = await charging(hass, world)

    def fail(*_: object) -> None:
        raise RuntimeError("oops")

    monkeypatch.setattr(barn.entry.runtime_data.decider, "_connector", fail)
    monkeypatch.setattr(barn.entry.runtime_data, "_carry_out", fail)
    await garage.set_limit(GARAGE, 8)
    await estate.live(60)
    first, second = estate.drawn()
    assert first == pytest.approx(8, abs=1)
    assert second == pytest.approx(6, abs=1), "without orders its controller goes back to the minimum"
    assert estate.breaker.is_spared
    assert "oops" in caplog.text
    caplog.clear()
