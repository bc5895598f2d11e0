"""Sensors of the house that fall silent by day and by night, and a wall clock that jumps under them."""

from collections.abc import Callable
from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.faults.house import Fault, Verdict, judge
from tests.integration.faults.sunny import SUN_WATTS, SunnyHouse
from tests.integration.owner import GARAGE, YARD

pytestmark = pytest.mark.once

NOON, MIDNIGHT, NEXT_NOON = (
    "2026-06-21T20:00:00+00:00",
    "2026-06-22T08:00:00+00:00",
    "2026-06-22T20:00:00+00:00",
)
"""On the west coast, where Home Assistant's tests live."""
THE_YARD_GOES_ON = {YARD: 12.0}


@pytest.fixture
async def house(
    world: World,
    garage: Station,
    yard: Station,
    entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
    freezer: FrozenDateTimeFactory,
) -> SunnyHouse:
    """A car follows the sun at noon."""
    house = SunnyHouse(world, entry, caplog)
    await house.begin_in_the_sun(garage, yard, freezer, NOON)
    return house


def meter_falls_silent(house: SunnyHouse) -> None:
    house.meter_speaks = False


def meter_is_back(house: SunnyHouse) -> None:
    house.meter_speaks = True


async def test_a_meter_that_is_gone_for_twenty_minutes_by_day(
    house: SunnyHouse, keep: Callable[[Verdict], None]
) -> None:
    def nobody_guesses(house: SunnyHouse) -> None:
        assert house.owner.value("input_state") == "given_up"
        assert house.owner.value("decision", GARAGE) == "stale_input_paused"
        assert house.issues() == ["stale_input"]

    fault = Fault(
        name="the grid meter is gone for 20 min by day",
        begin=meter_falls_silent,
        looks=nobody_guesses,
        end=meter_is_back,
        lasts=1300,
        gap=2.5,
        back=200,
        lowest=THE_YARD_GOES_ON,
        log=(".* hears nothing more of the house: grid", ".* hears of the house again"),
    )
    verdict = await house.undergo(fault)
    keep(verdict)
    judge(verdict, fault)
    assert house.issues() == []


async def test_a_meter_that_is_gone_at_night(house: SunnyHouse, keep: Callable[[Verdict], None]) -> None:
    async def night_falls(house: SunnyHouse) -> None:
        house.sun_watts = 0.0
        await house.world.pass_time(600)
        house.freezer.move_to(MIDNIGHT)
        house.meter_speaks = False

    def nothing_is_wrong(house: SunnyHouse) -> None:
        assert house.owner.value("input_state") == "night"
        assert house.issues() == []
        assert house.garage.connector.drawn_amps == 0

    async def the_sun_rises(house: SunnyHouse) -> None:
        house.freezer.move_to(NEXT_NOON)
        await house.world.pass_time(300)
        house.meter_speaks = True
        house.sun_watts = SUN_WATTS

    fault = Fault(
        name="the sensors of the house are gone for a night",
        begin=night_falls,
        looks=nothing_is_wrong,
        end=the_sun_rises,
        lasts=1300,
        gap=2.5,
        back=200,
        lowest=THE_YARD_GOES_ON,
    )
    verdict = await house.undergo(fault)
    keep(verdict)
    judge(verdict, fault)


@pytest.mark.parametrize("hours", [3, -30])
async def test_a_wall_clock_that_jumps_makes_no_reading_old(
    house: SunnyHouse, keep: Callable[[Verdict], None], hours: int
) -> None:
    def jump(house: SunnyHouse) -> None:
        house.freezer.tick(timedelta(hours=hours))
        async_fire_time_changed(house.world.hass, dt_util.utcnow())

    def readings_are_fresh(house: SunnyHouse) -> None:
        assert house.owner.value("input_state") == "fresh"

    fault = Fault(
        name=f"the wall clock jumps by {hours:+d} h while a car follows the sun",
        begin=jump,
        looks=readings_are_fresh,
        end=readings_are_fresh,
        lasts=120,
        gap=2.5,
        back=5,
        lowest={YARD: 12.0, GARAGE: 11.0},
    )
    verdict = await house.undergo(fault)
    keep(verdict)
    judge(verdict, fault)
