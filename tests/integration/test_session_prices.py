"""A kWh costs what the owner told the Energy dashboard."""

from typing import Any

from homeassistant.components.energy.data import async_get_manager
from homeassistant.components.recorder import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest

from custom_components.tesla_twc.house.price_units import price_of
from custom_components.tesla_twc.sessions.prices import HousePrices
from custom_components.tesla_twc.twc.sessions.energy import Prices


@pytest.fixture(autouse=True)
def custom_integrations(recorder_mock: Recorder, enable_custom_integrations: None) -> None:
    """Start the recorder before Home Assistant: the Energy dashboard needs it."""


GRID = {
    "type": "grid",
    "stat_energy_from": "sensor.taken",
    "stat_energy_to": "sensor.given",
    "stat_cost": None,
    "entity_energy_price": None,
    "number_energy_price": 0.30,
    "entity_energy_price_export": "sensor.feed_in",
    "number_energy_price_export": None,
    "stat_compensation": None,
    "cost_adjustment_day": 0.0,
}
OLDER_GRID = {
    "type": "grid",
    "flow_from": [
        {"stat_energy_from": "sensor.taken", "number_energy_price": 0.30, "entity_energy_price": None}
    ],
    "flow_to": [{"stat_energy_to": "sensor.given", "entity_energy_price": "sensor.feed_in"}],
}


@pytest.mark.parametrize("grid", [GRID, OLDER_GRID], ids=["today", "before"])
async def test_prices_are_those_of_the_energy_dashboard(hass: HomeAssistant, grid: dict[str, Any]) -> None:
    assert await async_setup_component(hass, "energy", {})
    prices = HousePrices(hass)
    await prices.async_read_preferences()
    assert prices.now() == Prices()
    manager = await async_get_manager(hass)
    manager.data = {"energy_sources": [{"type": "solar"}, grid], "device_consumption": []}
    await prices.async_read_preferences()
    assert prices.now() == Prices(grid=0.30)
    hass.states.async_set("sensor.feed_in", "8.5", {"unit_of_measurement": "ct/kWh"})
    assert prices.now() == Prices(grid=0.30, sun=0.085, battery=0.085)


@pytest.mark.parametrize(
    ("value", "unit", "price"),
    [
        ("0.31", "EUR/kWh", 0.31),
        ("31", "ct/kWh", 0.31),
        ("310", "EUR/MWh", 0.31),
        ("0.31", None, 0.31),
        ("0.31", "EUR/unheard", 0.31),
        ("31", "p/kWh", 0.31),
        ("-0.02", "EUR/kWh", -0.02),
        ("unavailable", "EUR/kWh", None),
        ("nan", "EUR/kWh", None),
        ("0.31", ["EUR"], 0.31),
        ("0.31", "€/kWh", 0.31),
        ("0.31", "USD/kWh", None),
        ("0.31", "$/kWh", None),
        ("3", "kW", None),
        ("40", "%", None),
    ],
)
def test_a_price_is_that_of_a_kwh(value: str, unit: object, price: float | None) -> None:
    found = price_of(value, unit, "EUR")
    assert found == (None if price is None else pytest.approx(price))


@pytest.mark.parametrize(
    "grid",
    [
        {},
        {"type": "grid"},
        {"type": ["grid"]},
        {"type": "grid", "number_energy_price": "dear", "entity_energy_price_export": ["sensor.a"]},
        {"type": "grid", "number_energy_price": float("nan"), "entity_energy_price": 7},
        {"type": "grid", "flow_from": None, "flow_to": []},
    ],
)
async def test_preferences_may_be_anything(hass: HomeAssistant, grid: dict[str, Any]) -> None:
    assert await async_setup_component(hass, "energy", {})
    prices = HousePrices(hass)
    manager = await async_get_manager(hass)
    manager.data = {"energy_sources": [grid], "device_consumption": []}
    await prices.async_read_preferences()
    assert prices.now() == Prices()


@pytest.mark.parametrize(
    "chosen", [None, [], "dear", {"price_grid": "dear"}, {"price_grid_entity": ["sensor.a"]}]
)
def test_choices_may_be_anything(hass: HomeAssistant, chosen: Any) -> None:
    assert HousePrices(hass, lambda: chosen).now().grid is None


def test_a_price_of_its_own_of_the_battery_is_no_price_of_the_sun(hass: HomeAssistant) -> None:
    """A battery that is priced at zero, or as the sun: 0.043 instead of about 0.10 a kWh."""
    hass.states.async_set("sensor.battery", "10.4", {"unit_of_measurement": "ct/kWh"})
    chosen = {"price_grid": 0.3, "price_feed_in": 0.08, "price_battery_entity": "sensor.battery"}
    assert HousePrices(hass, lambda: chosen).now() == Prices(grid=0.3, sun=0.08, battery=pytest.approx(0.104))
