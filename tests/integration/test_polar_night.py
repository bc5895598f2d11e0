"""A house near the polar circle in December, where the sun is never high enough to tell a sleeping sensor by."""

from collections.abc import Iterator

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from custom_components.tesla_twc.problems.site_issues import MissingReadings
from custom_components.tesla_twc.twc.charging.decision import Decision, InputState
from custom_components.tesla_twc.twc.charging.settings import SiteSettings
from custom_components.tesla_twc.twc.charging.surplus.staleness import InputWatch
from tests.integration.test_site_sensors import GRID, METERED, House

pytestmark = pytest.mark.once

HOUR = 3600


@pytest.fixture
async def north(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> House:
    """A meter at 65 degrees north, a minute ago, shortly before noon."""
    await hass.config.async_update(latitude=65.0, longitude=25.5, elevation=10)
    freezer.move_to("2026-12-20 10:00:00+00:00")
    house = House(hass, freezer, METERED)
    await house.show(GRID, 500)
    return house


def told(house: House, hours: int, *, speaks: bool = False) -> Iterator[tuple[int, InputState, str | None]]:
    """Yield what is known and told in each hour."""
    watch, silence = InputWatch({}), MissingReadings()
    for hour in range(hours):
        if speaks:
            about = {"unit_of_measurement": "W"}
            house.hass.states.async_set(GRID, "500", about, force_update=True)
        now = house.clock.time()
        trusted = watch.follow(house.sensors.readings(), SiteSettings(), now)
        decision = Decision(input_state=trusted.state, stale_inputs=trusted.stale)
        yield hour, trusted.state, silence.judge(decision, now)
        house.pass_time(HOUR)


async def test_a_meter_that_died_is_told_of_after_a_day_though_the_sun_never_rises_high(north: House) -> None:
    known = list(told(north, 30))
    assert known[0][1] is InputState.FRESH
    assert {state for _, state, _ in known[1:]} == {InputState.NIGHT}, "it is night all day long"
    assert [since for hour, _, since in known if hour < 25] == [None] * 25
    # It was first missed at three in the morning of the west coast, where the clock of the tests is.
    assert {since for hour, _, since in known if hour >= 25} == {"2026-12-20 03:00"}


async def test_a_meter_that_speaks_in_the_dark_is_told_of_never(north: House) -> None:
    assert {since for _, _, since in told(north, 60, speaks=True)} == {None}


async def test_a_meter_that_sleeps_every_night_is_told_of_never(north: House) -> None:
    watch, silence = InputWatch({}), MissingReadings()
    for hour in range(24 * 4):
        if 9 <= (10 + hour) % 24 <= 13:
            await north.show(GRID, 500 + hour)
        now = north.clock.time()
        trusted = watch.follow(north.sensors.readings(), SiteSettings(), now)
        assert silence.judge(Decision(input_state=trusted.state, stale_inputs=trusted.stale), now) is None
        north.pass_time(HOUR)


def test_two_sensors_that_are_silent_in_turn_are_told_of_never() -> None:
    silence = MissingReadings()
    for hour in range(60):
        stale = ("solar",) if hour % 20 < 12 else ("grid",)
        assert silence.judge(Decision(input_state=InputState.NIGHT, stale_inputs=stale), hour * HOUR) is None


def test_what_was_told_of_by_day_stays_told_of_when_the_day_has_passed() -> None:
    silence = MissingReadings()
    by_day = Decision(input_state=InputState.GIVEN_UP, stale_inputs=("grid",))
    assert silence.judge(by_day, 0.0) is None
    assert silence.judge(by_day, 900.0) is not None
    by_night = Decision(input_state=InputState.NIGHT, stale_inputs=("grid",))
    assert silence.judge(by_night, 40_000.0) is None
    assert silence.judge(by_night, 86_400.0) is not None
    assert silence.judge(Decision(input_state=InputState.FRESH), 86_500.0) is None
    assert silence.judge(by_night, 86_600.0) is None
