"""The real energy integration, with the recorder it needs."""

from homeassistant.components.energy.data import async_get_manager
from homeassistant.components.recorder import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.house.discovery import async_find


@pytest.fixture(autouse=True)
def custom_integrations(recorder_mock: Recorder, enable_custom_integrations: None) -> None:
    """Start the recorder before everything else."""


async def test_what_an_owner_told_the_energy_dashboard_is_proposed(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    entry.add_to_hass(hass)
    hass.states.async_set("sensor.meter", "-2340", {"device_class": "power", "unit_of_measurement": "W"})
    assert await async_find(hass, entry) == []
    assert await async_setup_component(hass, "energy", {})
    assert await async_find(hass, entry) == []
    manager = await async_get_manager(hass)
    await manager.async_update(
        {
            "energy_sources": [
                {
                    "type": "grid",
                    "stat_energy_from": "sensor.from",
                    "stat_energy_to": "sensor.to",
                    "stat_cost": None,
                    "entity_energy_price": None,
                    "number_energy_price": None,
                    "stat_compensation": None,
                    "entity_energy_price_export": None,
                    "number_energy_price_export": None,
                    "cost_adjustment_day": 0.0,
                    "power_config": {"stat_rate": "sensor.meter"},
                }
            ]
        }
    )
    (proposal,) = await async_find(hass, entry)
    assert proposal.options() == {"grid_power": "sensor.meter", "grid_positive": "import"}
    assert proposal.present == -2340
