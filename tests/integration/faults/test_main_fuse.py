"""A main fuse that leaves room for one of two cars that cannot be stopped, and one whose meter falls silent."""

from collections.abc import Callable

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.faults.fused import BUSY_AMPS, QUIET_AMPS, BehindAFuse
from tests.integration.faults.house import Fault, Verdict, judge
from tests.integration.fused_house import PHASES
from tests.integration.owner import GARAGE, YARD

pytestmark = pytest.mark.once

ONE_STOP_SECONDS = 110.0
"""Two reports until the cars are at their minimum, a minute of patience, 25 s after which a wall connector opens its
contactor, and what is between two looks."""
REST_SECONDS = 300.0


@pytest.fixture
async def house(
    world: World, garage: Station, yard: Station, entry: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> BehindAFuse:
    """Two cars charge behind a fuse with room for both."""
    house = BehindAFuse(world, entry, caplog)
    await house.begin_behind_the_fuse(garage, yard)
    return house


@pytest.mark.parametrize("hours", [1, pytest.param(4, marks=pytest.mark.long)])
async def test_a_house_that_leaves_room_for_one_of_two_cars_that_cannot_be_stopped(
    house: BehindAFuse, keep: Callable[[Verdict], None], hours: int
) -> None:
    def the_house_wakes(house: BehindAFuse) -> None:
        house.house_amps = BUSY_AMPS

    def one_waits(house: BehindAFuse) -> None:
        assert [house.owner.value("decision", twcid) for twcid in (GARAGE, YARD)] == ["held_by_fuse"] * 2
        assert house.owner.number("silent_stops", YARD) == 1
        assert house.starts == {GARAGE: 0, YARD: 0}
        assert house.seconds_above <= ONE_STOP_SECONDS
        assert house.issues() == []

    def the_house_sleeps(house: BehindAFuse) -> None:
        house.house_amps = QUIET_AMPS

    fault = Fault(
        name=f"the house leaves room for one of two cars for {hours} h",
        begin=the_house_wakes,
        looks=one_waits,
        end=the_house_sleeps,
        lasts=hours * 3600,
        gap={GARAGE: 2.5, YARD: hours * 3600 + 2 * REST_SECONDS},
        back=2 * REST_SECONDS,
        lowest={GARAGE: 5.0},
    )
    verdict = await house.undergo(fault)
    keep(verdict)
    judge(verdict, fault)
    assert house.starts == {GARAGE: 0, YARD: 1}


async def test_phases_of_the_main_fuse_that_are_gone_for_twenty_minutes(
    house: BehindAFuse, keep: Callable[[Verdict], None]
) -> None:
    def nobody_measures(house: BehindAFuse) -> None:
        house.meter.fall_silent(*PHASES)

    def the_owner_knows(house: BehindAFuse) -> None:
        shown = house.owner.shown("input_state")
        assert (shown.state, shown.attributes["stale"]) == ("minimum", ["phases"])
        assert house.issues() == ["stale_phases"]
        assert house.starts == {GARAGE: 0, YARD: 0}
        assert house.seconds_above <= ONE_STOP_SECONDS

    def they_are_back(house: BehindAFuse) -> None:
        house.meter.silent.clear()

    fault = Fault(
        name="the phases of the main fuse are gone for 20 min",
        begin=nobody_measures,
        looks=the_owner_knows,
        end=they_are_back,
        lasts=1300,
        gap={GARAGE: 2.5, YARD: 1300 + 2 * REST_SECONDS},
        back=2 * REST_SECONDS,
        lowest={GARAGE: 5.0},
        log=(".* hears nothing more of the main fuse: .*", ".* hears of the main fuse again"),
    )
    verdict = await house.undergo(fault)
    keep(verdict)
    judge(verdict, fault)
    assert house.issues() == []
