"""A house with a listened bus and two led ones lives in one Home Assistant; its judge does not know the integration."""

from collections import defaultdict
import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from custom_components.tesla_twc.twc.simulator.line import Role, Transmission
from tests.integration.conftest import World
from tests.integration.week_house import WeekHouse
from tests.integration.week_monitor import Ear, Fuse, Wire
from tests.integration.week_story import Story

pytestmark = pytest.mark.once

LOGGER = logging.getLogger(__name__)
WEEK_PACE = 1.0
"""So much of each hour in which anything happens is lived in a week; nights and dull hours are left out."""
ENERGY_SHARE, ENERGY_KWH = 0.03, 0.15
"""How far the charges of a wall connector may be from what flowed there."""
PATIENCE_SECONDS = 7.0
"""One report of the meters, and what a car takes to follow: the longest that a fuse may carry more than its rating."""


def check(house: WeekHouse, story: Story, sessions_file: Path) -> dict[str, float]:
    """Hold everything that happened against the limits and against what flowed; return the figures."""
    monitor = house.monitor
    assert monitor.verdict == []
    assert max(house.main.longest_above, house.cable.longest_above) <= PATIENCE_SECONDS
    assert house.ear.said == 0, "on a bus that is listened to nothing is ever said"
    told: defaultdict[str, float] = defaultdict(float)
    sun = 0.0
    for session in story.sessions(sessions_file):
        told[session["wall_connector"]] += session["energy"]
        sun += session["energy_sun"]
    differences = {name: told[name] - kwh for name, kwh in monitor.kwh.items()}
    for name, kwh in monitor.kwh.items():
        assert abs(differences[name]) <= max(ENERGY_KWH, ENERGY_SHARE * kwh), (name, kwh, told[name])
    assert sun <= 1.05 * monitor.sun_kwh + 0.1, "the sun is given away once"
    return {
        "hours": monitor.seconds / 3600,
        "kwh": sum(monitor.kwh.values()),
        "kwh told": sum(told.values()),
        "largest difference, kWh": max(differences.values(), key=abs),
        "kwh of the sun": monitor.sun_kwh,
        "kwh of the sun told": sun,
        "highest at the main fuse, A": house.main.highest,
        "heat of the main fuse": house.main.hottest,
        "longest above, s": max(house.main.longest_above, house.cable.longest_above),
        "heat of the cable": house.cable.hottest,
        "highest on the annex, A": house.annex.highest,
    }


# The judge


def place(amps: float, *, can_be_moved: bool = True, offered: float = 0.0) -> Any:
    """An end of a wire at which so much flows, A per phase."""
    return SimpleNamespace(
        phase_amps=(amps,) * 3, can_be_moved=can_be_moved, outstanding_amps=max(amps, offered)
    )


def fuse(*places: Any, house: float = 0.0) -> Fuse:
    """A fuse of 40 A that has carried these for a minute."""
    found = Fuse("main", 40, lambda: places, lambda: (house,) * 3)
    for second in range(60):
        found.look(float(second))
    return found


def test_the_judge_blames_cars_for_a_breaker_and_nobody_for_what_the_house_does_alone() -> None:
    assert fuse(place(30), house=40).blamed
    assert fuse(place(30), house=40).longest_above == 60
    assert not fuse(house=70).blamed
    assert not fuse(place(20), house=20).blamed


def test_the_judge_of_a_wire_counts_what_may_flow_there() -> None:
    wire = Wire("annex", 40, lambda: [place(10, offered=26), place(15)])
    wire.free_until = 1.0
    wire.look(0.0)
    assert not wire.blamed, "an electrician is at work"
    wire.look(1.0)
    assert wire.blamed == ["1: 41.0 A on annex of 40 A"]
    assert wire.excess == 1


def test_the_judge_hears_every_byte_that_an_adapter_of_ours_says() -> None:
    ear = Ear()
    for role in Role:
        ear.transmitted(Transmission(talker="x", role=role, data=b"abc", start=0, end=1))
    assert ear.said == 3


# The house


@pytest.fixture
async def story(hass: HomeAssistant, world: World, freezer: FrozenDateTimeFactory) -> Story:
    """Build the house, and let its owner move in."""
    story = Story(hass, WeekHouse(hass, world, freezer), pace=0.0)
    await story.move_in()
    return story


async def test_two_days(story: Story, sessions_file: Path) -> None:
    await story.restart(2)
    await story.moved_to_another_feeder(5)
    figures = check(story.house, story, sessions_file)
    assert figures["kwh"] > 2


@pytest.mark.long
async def test_a_week(story: Story, sessions_file: Path) -> None:
    story.pace = WEEK_PACE
    await story.sunny_day(0)
    await story.bus_down(1)
    await story.restart(2)
    await story.unplugged_adapter(3)
    await story.removed_and_added(4)
    await story.moved_to_another_feeder(5)
    await story.sunny_day(6)
    figures = check(story.house, story, sessions_file)
    LOGGER.warning("The week: %s", {name: round(value, 2) for name, value in figures.items()})
    assert figures["kwh"] > 40
