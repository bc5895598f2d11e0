"""An owner says who may limit his cars from outside, and takes it back again."""

from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.storage.options_check import problem_with
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.owner import Owner
from tests.integration.test_price_flow import go_on

WATTS, AMPS = {"unit_of_measurement": "kW"}, {"unit_of_measurement": "A"}
GRID = {
    "grid_contact": "binary_sensor.box",
    "grid_watts": 4200,
    "grid_failsafe_watts": 4200,
    "grid_failsafe_hours": 2,
    "grid_failsafe_ends": False,
    "grid_silence": 0,
}


async def begin(hass: HomeAssistant, entry: MockConfigEntry, step: str) -> Any:
    menu = await hass.config_entries.options.async_init(entry.entry_id)
    return await go_on(hass, menu, {"next_step_id": step})


async def test_another_energy_manager_is_chosen_and_taken_back(
    hass: HomeAssistant, garage: Station, owner: Owner
) -> None:
    hass.states.async_set("sensor.plan", "7.4", WATTS)
    form = await begin(hass, owner.entry, "outside")
    answer = {"ceiling_entity": "sensor.plan", "ceiling_minutes": 15, "ceiling_failsafe": "value"}
    refused = await go_on(hass, form, answer)
    assert refused["errors"] == {"ceiling_value": "ceiling_value"}
    done = await go_on(hass, refused, {**answer, "ceiling_value": 5000})
    assert done["type"] == "create_entry"
    assert owner.entry.options["outside"] == {**answer, "ceiling_value": 5000, "ceiling_unit": "W"}
    assert problem_with(owner.entry) is None
    await hass.async_block_till_done()
    assert owner.number("ceiling_power") == 7400
    hass.states.async_set("sensor.amps", "10", AMPS)
    form = await begin(hass, owner.entry, "outside")
    await go_on(hass, form, {**answer, "ceiling_entity": "sensor.amps", "ceiling_failsafe": "stop"})
    await hass.async_block_till_done()
    assert owner.entry.options["outside"]["ceiling_unit"] == "A"
    assert (owner.registered("ceiling_power"), owner.number("ceiling_current")) == (None, 10)
    form = await begin(hass, owner.entry, "outside")
    await go_on(hass, form, {"ceiling_minutes": 15, "ceiling_failsafe": "nothing"})
    await hass.async_block_till_done()
    assert "outside" not in owner.entry.options
    assert owner.registered("ceiling_current") is None


@pytest.mark.parametrize(
    ("unit", "error"),
    [(None, "no_such_entity"), ({}, "ceiling_unit"), ({"unit_of_measurement": "%"}, "ceiling_unit")],
)
async def test_what_tells_no_power_and_no_current_is_refused(
    hass: HomeAssistant, garage: Station, owner: Owner, unit: dict[str, str] | None, error: str
) -> None:
    if unit is not None:
        hass.states.async_set("sensor.plan", "50", unit)
    form = await begin(hass, owner.entry, "outside")
    answer = {"ceiling_entity": "sensor.plan", "ceiling_minutes": 15, "ceiling_failsafe": "nothing"}
    refused = await go_on(hass, form, answer)
    assert refused["errors"] == {"ceiling_entity": error}


async def test_the_grid_operator_is_chosen_and_taken_back(
    hass: HomeAssistant, garage: Station, owner: Owner
) -> None:
    form = await begin(hass, owner.entry, "grid_operator")
    refused = await go_on(hass, form, {**GRID, "grid_limit": "sensor.box"})
    assert refused["errors"] == {"grid_contact": "no_such_entity", "grid_limit": "no_such_entity"}
    hass.states.async_set("binary_sensor.box", "off")
    hass.states.async_set("sensor.box", "16", AMPS)
    refused = await go_on(hass, refused, {**GRID, "grid_limit": "sensor.box"})
    assert refused["errors"] == {"grid_limit": "grid_limit_unit"}
    hass.states.async_set("sensor.box", "4.2", WATTS)
    await go_on(hass, refused, {**GRID, "grid_limit": "sensor.box"})
    await hass.async_block_till_done()
    assert owner.entry.options["grid_operator"] == {**GRID, "grid_limit": "sensor.box"}
    assert problem_with(owner.entry) is None
    assert owner.value("dimmed") == "off"
    form = await begin(hass, owner.entry, "grid_operator")
    answer = {key: value for key, value in GRID.items() if key != "grid_contact"}
    await go_on(hass, form, answer)
    await hass.async_block_till_done()
    assert "grid_operator" not in owner.entry.options
    assert owner.registered("dimmed") is None


@pytest.mark.parametrize(
    "options",
    [
        {"outside": {"ceiling_entity": "sensor.plan"}},
        {"outside": {"ceiling_entity": "sensor.plan", "ceiling_unit": "V"}},
        {"grid_operator": {"grid_watts": 4200}},
        {"grid_operator": {**GRID, "grid_watts": 1000}},
        {"grid_operator": {**GRID, "grid_failsafe_hours": 1}},
        {"grid_operator": {**GRID, "grid_failsafe_ends": "no"}},
    ],
)
def test_options_that_no_form_leaves_behind_are_found(
    entry: MockConfigEntry, options: dict[str, Any]
) -> None:
    broken = MockConfigEntry(domain=entry.domain, data=entry.data, options={**entry.options, **options})
    assert problem_with(broken) is not None
