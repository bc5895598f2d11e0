"""The seams between Home Assistant and a line."""

from unittest.mock import patch

from homeassistant.const import CONF_DEVICE
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.const import SIMULATED_DEVICE
from custom_components.tesla_twc.flow.scanning import scan_line
from custom_components.tesla_twc.port import connection
from custom_components.tesla_twc.twc.bus.port.scan import Verdict
from custom_components.tesla_twc.twc.simulator.clock import SimulatedClock


async def test_time_is_the_event_loops(hass: HomeAssistant) -> None:
    assert connection.clock_of(hass) is hass.loop


async def test_simulated_wall_connectors_wait_on_a_line_that_outlives_its_port(hass: HomeAssistant) -> None:
    clock = SimulatedClock()
    with patch.object(connection, "clock_of", return_value=clock):
        opener = connection.opener_for(hass, SIMULATED_DEVICE)
        assert connection.opener_for(hass, SIMULATED_DEVICE) is opener
    for _ in range(2):
        scan = hass.async_create_background_task(
            scan_line(opener, clock, on_open=lambda: None, on_progress=lambda _: None), "scan"
        )
        await clock.advance_async(12)
        report = await scan
        assert report.verdict is Verdict.FOUND
        assert [str(connector.twcid) for connector in report.connectors] == ["3495", "4580"]


async def test_simulated_wall_connectors_go_with_their_entry(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    clock = SimulatedClock()
    with patch.object(connection, "clock_of", return_value=clock):
        entry.add_to_hass(hass)
        hass.config_entries.async_update_entry(entry, data={CONF_DEVICE: SIMULATED_DEVICE})
        assert await hass.config_entries.async_setup(entry.entry_id)
        await clock.advance_async(30)
        await hass.config_entries.async_remove(entry.entry_id)
        await clock.advance_async(7200)
        assert clock.next_due() is None
