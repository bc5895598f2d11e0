"""What an owner hears of checking the meter, who has pressed the button and looks elsewhere."""

from homeassistant.components.button import DOMAIN as BUTTON, SERVICE_PRESS
from homeassistant.components.persistent_notification import _async_get_or_create_notifications
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import LEAF
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.owner import CAR_SECONDS, GARAGE, Owner, change_site, move_in
from tests.integration.test_modes import SITE, STOPPABLE, Meter, act

ABOUT = {"measurement": "grid", "grid_power": "sensor.grid", "grid_positive": "import"}


@pytest.fixture
def meter(hass: HomeAssistant, world: World, garage: Station) -> Meter:
    """Install a meter before the integration starts."""
    meter = Meter(world, garage)
    meter.report()
    return meter


@pytest.fixture
async def sunny(
    hass: HomeAssistant, world: World, garage: Station, meter: Meter, entry: MockConfigEntry
) -> Owner:
    """Run the integration with the meter, a one-phase car that charges and 16 A allowed."""
    owner = await move_in(hass, world, entry, {**SITE, **STOPPABLE})
    await owner.set_limit(GARAGE, 16)
    garage.plug(Car(LEAF))
    await meter.live(CAR_SECONDS + 120)
    return owner


def told(owner: Owner) -> str | None:
    """Return what the notification of this bus says, title first."""
    notes = _async_get_or_create_notifications(owner.hass)
    note = notes.get(f"tesla_twc_meter_check_{owner.entry.entry_id}")
    return None if note is None else f"{note['title']}\n{note['message']}"


async def check(owner: Owner, meter: Meter) -> str:
    """Press the button and wait for the end."""
    await act(owner, BUTTON, SERVICE_PRESS, "check_meter", None)
    assert told(owner) is None
    for _ in range(60):
        await meter.live(10)
        if (said := told(owner)) is not None:
            return said
    raise AssertionError("the owner was told nothing")


async def test_the_result_is_told_in_words_with_what_was_measured(sunny: Owner, meter: Meter) -> None:
    said = await check(sunny, meter)
    assert said.startswith("Check of the meter\n")
    assert "The meter contains the wall connectors" in said
    assert "as your options say" in said
    assert "It reports every 5 s" in said
    about = sunny.shown("meter").attributes
    report = sunny.entry.runtime_data.house.meter_check.report
    assert report is not None
    assert report.gain is not None
    assert f"it told of {1000 * report.gain:,.0f} W" in said
    assert f"answer came {about['delay']} s late" in said


async def test_a_result_against_the_options_points_to_the_repair(sunny: Owner, meter: Meter) -> None:
    await sunny.choose({"site": {**ABOUT, "meter_contains_connectors": False}})
    await meter.live(30)
    said = await check(sunny, meter)
    assert "Your options say something else" in said
    assert "as your options say" not in said


async def test_an_undecided_check_is_told_of_without_figures(sunny: Owner, meter: Meter) -> None:
    await act(sunny, BUTTON, SERVICE_PRESS, "check_meter", None)
    for step in range(60):
        meter.load = 4000.0 if step % 2 else 400.0
        await meter.live(10)
        if told(sunny) is not None:
            break
    said = told(sunny)
    assert said is not None
    assert "remained undecided" in said
    assert "1,000 W" not in said


@pytest.mark.once
@pytest.mark.parametrize("why", ["limit", "mode", "car", "gone"])
async def test_why_a_check_was_broken_off_is_told(
    sunny: Owner, meter: Meter, garage: Station, why: str
) -> None:
    await act(sunny, BUTTON, SERVICE_PRESS, "check_meter", None)
    await meter.live(40)
    if why == "limit":
        await sunny.set_limit(GARAGE, 14)
    elif why == "mode":
        await sunny.choose_mode(GARAGE, "off")
    elif why == "car":
        garage.unplug()
    else:
        garage.remove()
    await meter.live(200)
    said = told(sunny)
    assert said is not None
    assert {
        "limit": "no room left to move the car by 3 A",
        "mode": "the charge was ended meanwhile",
        "car": "the car stopped drawing current",
        "gone": "does not answer any more",
    }[why] in said
    about = sunny.shown("meter").attributes
    assert (about["check"], about["check_verdict"]) == ("broken_off", None)


async def test_in_the_shadow_no_car_is_moved_for_a_check(sunny: Owner, meter: Meter) -> None:
    change_site(sunny.entry, shadow=True)
    await meter.live(10)
    with pytest.raises(ServiceValidationError, match="shadow mode"):
        await act(sunny, BUTTON, SERVICE_PRESS, "check_meter", None)
    assert sunny.shown("meter").attributes["check"] == "never"


@pytest.mark.once
async def test_a_later_check_takes_the_place_of_what_was_told(sunny: Owner, meter: Meter) -> None:
    await act(sunny, BUTTON, SERVICE_PRESS, "check_meter", None)
    await meter.live(40)
    await sunny.choose_mode(GARAGE, "off")
    await meter.live(20)
    assert "broken off" in (told(sunny) or "")
    await sunny.choose_mode(GARAGE, "fast")
    await meter.live(CAR_SECONDS + 240)
    await act(sunny, BUTTON, SERVICE_PRESS, "check_meter", None)
    await meter.live(10)
    assert told(sunny) is None
    await meter.live(400)
    assert "contains the wall connectors" in (told(sunny) or "")
