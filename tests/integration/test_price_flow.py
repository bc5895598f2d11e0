"""An owner says what a kWh costs, and sees in words what that means before it is kept."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.house.followed_entities import missing_entities
from custom_components.tesla_twc.twc.sessions.energy import Prices
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.owner import Owner


async def begin(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, Any]:
    menu = await hass.config_entries.options.async_init(entry.entry_id)
    return await go_on(hass, menu, {"next_step_id": "prices"})


async def go_on(hass: HomeAssistant, step: Any, answer: dict[str, Any]) -> Any:
    return await hass.config_entries.options.async_configure(step["flow_id"], answer)


def said(step: dict[str, Any]) -> str:
    return str(step["description_placeholders"]["now"])


async def test_prices_are_told_in_words_before_they_are_kept(
    hass: HomeAssistant, garage: Station, owner: Owner
) -> None:
    hass.states.async_set("sensor.tariff", "31", {"unit_of_measurement": "ct/kWh"})
    form = await begin(hass, owner.entry)
    assert said(form) == "Nothing says what a kWh from the grid costs now, so charges have no cost."
    check = await go_on(hass, form, {"price_grid_entity": "sensor.tariff", "price_feed_in": 0.08})
    assert check["step_id"] == "prices_check"
    assert said(check) == (
        "A kWh from the grid costs 0.310 EUR now. "
        "One from your roof costs 0.080 EUR: so much you would have been paid for it. "
        "One from the house battery costs 0.080 EUR."
    )
    done = await go_on(hass, check, {})
    assert done["type"] == "create_entry"
    assert owner.entry.options["prices"] == {"price_grid_entity": "sensor.tariff", "price_feed_in": 0.08}
    book = owner.entry.runtime_data.sessions
    assert book.prices_now == Prices(grid=0.31, sun=0.08, battery=0.08)
    hass.states.async_set("sensor.tariff", "25", {"unit_of_measurement": "ct/kWh"})
    assert book.prices_now.grid == pytest.approx(0.25)
    again = await begin(hass, owner.entry)
    assert said(again).startswith("A kWh from the grid costs 0.250 EUR")
    check = await go_on(hass, again, {"price_grid": 0.2})
    assert said(check).endswith(
        "One from your roof costs nothing: nobody pays for it. One from the house battery costs nothing."
    )


@pytest.mark.parametrize(
    ("state", "unit", "error"),
    [
        ("0.3", "USD/kWh", "price_currency"),
        ("0.3", "£/kWh", "price_currency"),
        ("0.3", "EUR/m³", "price_energy"),
        ("unavailable", "EUR/kWh", "price_no_number"),
        (None, None, "no_such_entity"),
    ],
)
async def test_what_is_no_price_is_refused_in_words(
    hass: HomeAssistant, garage: Station, owner: Owner, state: str | None, unit: str | None, error: str
) -> None:
    if state is not None:
        hass.states.async_set("sensor.tariff", state, {"unit_of_measurement": unit})
    form = await begin(hass, owner.entry)
    refused = await go_on(hass, form, {"price_grid_entity": "sensor.tariff"})
    assert refused["errors"] == {"price_grid_entity": error}
    check = await go_on(hass, refused, {"price_grid": 0.3})
    assert check["step_id"] == "prices_check"


async def test_a_price_is_said_once(hass: HomeAssistant, garage: Station, owner: Owner) -> None:
    hass.states.async_set("sensor.tariff", "0.3", {"unit_of_measurement": "EUR/kWh"})
    form = await begin(hass, owner.entry)
    refused = await go_on(hass, form, {"price_grid_entity": "sensor.tariff", "price_grid": 0.3})
    assert refused["errors"] == {"price_grid_entity": "price_twice"}


async def test_a_price_sensor_that_is_renamed_is_followed_and_one_that_is_gone_is_missed(
    hass: HomeAssistant, garage: Station, owner: Owner
) -> None:
    registry = er.async_get(hass)
    entity_id = registry.async_get_or_create("sensor", "tibber", "price").entity_id
    await owner.choose({"prices": {"price_grid_entity": entity_id}})
    assert missing_entities(hass, owner.entry.options, []) == [entity_id]
    registry.async_update_entity(entity_id, new_entity_id="sensor.tariff")
    await hass.async_block_till_done()
    assert owner.entry.options["prices"] == {"price_grid_entity": "sensor.tariff"}
    hass.states.async_set("sensor.tariff", "0.3", {"unit_of_measurement": "EUR/kWh"})
    assert missing_entities(hass, owner.entry.options, []) == []


@pytest.mark.parametrize("prices", [[], "dear", {"price_grid_entity": ["sensor.a"]}, {"price_grid": {}}])
async def test_damaged_prices_keep_no_bus_from_being_served(
    hass: HomeAssistant, garage: Station, owner: Owner, prices: Any
) -> None:
    await owner.choose({"prices": prices})
    assert await hass.config_entries.async_reload(owner.entry.entry_id)
    assert owner.entry.runtime_data.sessions.prices_now == Prices()
    assert missing_entities(hass, owner.entry.options, []) == []
