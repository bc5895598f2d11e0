"""What fails in Home Assistant itself: its loop, its disk, its recorder, its clock."""

from collections.abc import Callable
from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.tesla_twc.port import connection
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import DEVICE, World
from tests.integration.faults.frozen import FreezableLoop
from tests.integration.faults.house import BOTH_GO_ON, Fault, House, Verdict, judge


@pytest.mark.parametrize("seconds", [8, 20])
async def test_a_loop_that_is_blocked_for_seconds_costs_no_car_its_charge(
    world: World,
    garage: Station,
    yard: Station,
    entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    keep: Callable[[Verdict], None],
    seconds: int,
) -> None:
    loop = FreezableLoop(world.clock, world.port)
    world.openers[DEVICE] = loop
    monkeypatch.setattr(connection, "clock_of", lambda hass: loop)
    house = House(world, entry, caplog)
    await house.begin(garage, yard)

    def block(house: House) -> None:
        loop.frozen = True

    def go_on(house: House) -> None:
        loop.thaw()

    fault = Fault(
        name=f"the event loop is blocked for {seconds} s",
        begin=block,
        end=go_on,
        lasts=seconds,
        gap=seconds + 1.5,
        back=5,
        lowest=BOTH_GO_ON,
    )
    verdict = await house.undergo(fault)
    keep(verdict)
    judge(verdict, fault)
    assert min(verdict.gaps.values()) > seconds, "it was blocked"


@pytest.mark.once
@pytest.mark.parametrize("hours", [3, -30])
async def test_a_wall_clock_that_jumps_is_nobodys_business(
    house: House, freezer: FrozenDateTimeFactory, keep: Callable[[Verdict], None], hours: int
) -> None:
    house.world.hass.loop.slow_callback_duration = 1e9  # the frozen clock jumps inside of callbacks

    def jump(house: House) -> None:
        freezer.tick(timedelta(hours=hours))
        async_fire_time_changed(house.world.hass, dt_util.utcnow())

    def jump_back(house: House) -> None:
        freezer.tick(timedelta(hours=-hours))
        async_fire_time_changed(house.world.hass, dt_util.utcnow())

    fault = Fault(
        name=f"the wall clock jumps by {hours:+d} h, and back",
        begin=jump,
        end=jump_back,
        lasts=60,
        gap=2.5,
        back=5,
        lowest=BOTH_GO_ON,
    )
    verdict = await house.undergo(fault)
    keep(verdict)
    judge(verdict, fault)
