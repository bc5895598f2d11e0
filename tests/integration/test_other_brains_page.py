"""docs/other_brains.md: every YAML on the page is run, against a car that charges."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
import yaml

from tests.integration import example_page
from tests.integration.conftest import World
from tests.integration.owner import GARAGE, Owner
from tests.integration.test_outside import CONTACT, OPERATOR, charging, drawn, later

pytestmark = pytest.mark.once
__all__ = ["charging"]

PAGE = example_page.EXAMPLES.parent / "other_brains.md"
BLOCKS: list[dict[str, Any]] = [
    yaml.safe_load(block) for block in example_page._YAML.findall(PAGE.read_text(encoding="utf-8"))
]
AUTOMATIONS = {
    block["automation"][0]["alias"]: block["automation"] for block in BLOCKS if "automation" in block
}
ACTIONS = [block for block in BLOCKS if "action" in block]
W, A = {"unit_of_measurement": "W"}, {"unit_of_measurement": "A"}


type Run = Callable[[str], Awaitable[None]]


@pytest.fixture
async def run(hass: HomeAssistant) -> AsyncGenerator[Run]:
    """Begin an automation of the page, and end it with the test."""

    async def begin(alias: str) -> None:
        assert await async_setup_component(hass, "automation", {"automation": AUTOMATIONS[alias]})
        await hass.async_block_till_done()

    yield begin
    await hass.services.async_call("automation", "turn_off", {"entity_id": "all"}, blocking=True)


async def test_emhass(
    hass: HomeAssistant, world: World, charging: Owner, freezer: FrozenDateTimeFactory, run: Run
) -> None:
    await run("EMHASS limits the cars")
    hass.states.async_set("sensor.p_deferrable0", "7000", W)
    await later(world, freezer, 30)
    assert drawn(charging) == pytest.approx(10)
    hass.states.async_set("sensor.p_deferrable0", "unavailable")
    await later(world, freezer, 1260)
    assert drawn(charging) == pytest.approx(6)


async def test_predbat(
    hass: HomeAssistant, world: World, charging: Owner, freezer: FrozenDateTimeFactory, run: Run
) -> None:
    await run("Predbat's slots for the car")
    hass.states.async_set("binary_sensor.predbat_car_charging_slot", "off")
    await later(world, freezer, 30)
    assert charging.value("decision", GARAGE) == "cannot_stop"
    hass.states.async_set("binary_sensor.predbat_car_charging_slot", "on")
    await later(world, freezer, 30)
    assert drawn(charging) == pytest.approx(16)


async def test_evcc(
    hass: HomeAssistant, world: World, charging: Owner, freezer: FrozenDateTimeFactory, run: Run
) -> None:
    await run("evcc limits the carport")
    hass.states.async_set("sensor.evcc_carport_max_current", "8", A)
    await later(world, freezer, 30)
    assert drawn(charging) == pytest.approx(8)
    hass.states.async_set("sensor.evcc_carport_max_current", "unknown")
    await later(world, freezer, 330)
    assert drawn(charging) == pytest.approx(10)


async def test_an_automation_of_ones_own(
    hass: HomeAssistant, world: World, charging: Owner, freezer: FrozenDateTimeFactory, run: Run
) -> None:
    await run("Evening peak")
    await hass.services.async_call(
        "automation", "trigger", {"entity_id": "automation.evening_peak"}, blocking=True
    )
    await later(world, freezer, 30)
    assert drawn(charging) == pytest.approx(10)


async def test_the_grid_operator(
    hass: HomeAssistant, world: World, charging: Owner, freezer: FrozenDateTimeFactory, tmp_path: Path
) -> None:
    hass.config.media_dirs = {"local": str(tmp_path / "media")}
    hass.states.async_set("binary_sensor.control_box", "on")
    template = next(block for block in BLOCKS if "template" in block)
    assert await async_setup_component(hass, "template", template)
    await hass.async_block_till_done()
    contact = CONTACT.replace("dimmer", "dimmed")
    await charging.choose({"grid_operator": {**OPERATOR, "grid_contact": contact}})
    await later(world, freezer, 30)
    assert drawn(charging) == pytest.approx(16)
    hass.states.async_set("binary_sensor.control_box", "off")
    await later(world, freezer, 60)
    assert drawn(charging) == pytest.approx(6)
    set_ceiling, export = ACTIONS
    for block in (set_ceiling, export):
        domain, _, action = block["action"].partition(".")
        answer = await hass.services.async_call(
            domain, action, block["data"], blocking=True, return_response=True
        )
        assert answer is not None
    assert [event["after"] for event in answer["events"]][-1] == "limited"  # type: ignore[index, union-attr]
