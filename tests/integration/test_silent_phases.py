"""Phases of the main fuse that nobody hears of any more: the owner is told, wherever the sun is."""

import logging

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.const import CONF_SITE
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import LEAF
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.dialogue_texts import STRINGS
from tests.integration.fused_house import PHASES, SITE, FusedHouse
from tests.integration.owner import CAR_SECONDS, GARAGE, Owner, move_in
from tests.integration.test_repairs import issues

pytestmark = pytest.mark.once

OURS = "custom_components.tesla_twc"
GRID = "sensor.grid"
METERED = {**SITE, "measurement": "grid", "grid_power": GRID, "grid_positive": "import"}


@pytest.fixture
async def fused(
    hass: HomeAssistant,
    world: World,
    garage: Station,
    entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> tuple[Owner, FusedHouse]:
    """Charge a car under a main fuse in a house whose surplus nobody measures."""
    house = FusedHouse(world, garage)
    house.report(4)
    owner = await move_in(hass, world, entry, {CONF_SITE: SITE})
    await owner.set_limit(GARAGE, 16)
    garage.plug(Car(LEAF))
    await house.live(CAR_SECONDS, 4)
    caplog.set_level(logging.INFO, OURS)
    caplog.clear()
    return owner, house


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith(OURS) and record.levelno >= logging.INFO
    ]


def sensors(owner: Owner) -> tuple[str, list[str], dict[str, str]]:
    shown = owner.shown("input_state")
    return shown.state, shown.attributes["stale"], shown.attributes["gaps"]


async def test_a_silent_phase_is_shown_at_once_and_told_once_when_it_lasts(
    hass: HomeAssistant,
    fused: tuple[Owner, FusedHouse],
    garage: Station,
    caplog: pytest.LogCaptureFixture,
) -> None:
    owner, house = fused
    assert sensors(owner) == ("fresh", [], {})
    assert owner.registered("surplus_power") is None, "the main fuse alone is no surplus"
    house.fall_silent(PHASES[1])
    await house.live(30, 4)
    assert sensors(owner) == ("minimum", ["phases"], {"phases": "unavailable"})
    assert garage.connector.offered_amps == 6
    await house.live(840, 4)
    assert (issues(hass), said(caplog)) == ({}, [])
    await house.live(60, 4)
    (issue,) = issues(hass).values()
    assert (issue.translation_key, issue.is_fixable) == ("stale_phases", False)
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["sensors"] == "l2"
    texts = STRINGS["issues"]["stale_phases"]
    told = (texts["title"] + texts["description"]).format(**issue.translation_placeholders)
    assert "ttyTWC" not in told, "there is only one bus"
    await house.live(1800, 4)
    house.silent.clear()
    await house.live(300, 4)
    assert (sensors(owner), issues(hass)) == (("fresh", [], {}), {})
    assert garage.connector.offered_amps == 16
    name = owner.entry.title
    assert said(caplog) == [
        f"{name} hears nothing more of the main fuse: all cars together get 6 A at most",
        f"{name} hears of the main fuse again",
    ]


async def test_phases_that_are_frozen_are_named_as_well_as_the_meter_beside_them(
    hass: HomeAssistant, fused: tuple[Owner, FusedHouse]
) -> None:
    owner, house = fused
    hass.config.latitude, hass.config.longitude = 0.0, 0.0

    def export() -> None:
        about = {"unit_of_measurement": "W", "device_class": "power"}
        hass.states.async_set(GRID, "-3000", about, force_update=True)

    export()
    await owner.choose({CONF_SITE: METERED})
    for _ in range(12):
        export()
        await house.live(5, 4)
    house.silent |= set(PHASES)
    for _ in range(12):
        export()
        await house.live(5, 4)
    assert sensors(owner) == ("minimum", ["phases"], {})
    assert owner.number("surplus_power") > 2000, "the meter is heard"
    await house.live(1200, 4)
    assert sensors(owner)[1] == ["grid", "phases"]
    keys = {issue.translation_key: issue.translation_placeholders for issue in issues(hass).values()}
    assert keys["stale_phases"] is not None
    assert keys["stale_phases"]["sensors"] == "l1, l2, l3"
