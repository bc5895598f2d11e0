"""docs/examples/openwb.md: what openWB's charge point of the kind MQTT sets and reads, and what comes of it.

The topics are those of its source (openWB/core, modules/chargepoints/mqtt); nothing of it is installed here. As there,
each payload is read as JSON.
"""

from collections.abc import AsyncGenerator
from datetime import timedelta
import json
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import async_fire_mqtt_message, async_fire_time_changed

from tests.integration.conftest import World
from tests.integration.example_page import Page
from tests.integration.owner import GARAGE, Owner
from tests.integration.test_outside import charging, drawn, later

pytestmark = pytest.mark.once
__all__ = ["charging"]

PAGE = Page("openwb.md")
POINT = "openWB/mqtt/chargepoint/4/"


class OpenWb:
    """The part of openWB's charge point that speaks MQTT."""

    def __init__(self, hass: HomeAssistant, broker: Any) -> None:
        self._hass, self._broker = hass, broker

    def set_current(self, amps: float) -> None:
        async_fire_mqtt_message(self._hass, POINT + "set/current", json.dumps(amps))

    def values(self) -> dict[str, Any]:
        """Return what it has heard, by the end of the topic."""
        told = {call.args[0]: call.args[1] for call in self._broker.async_publish.call_args_list}
        return {topic.removeprefix(POINT + "get/"): json.loads(payload) for topic, payload in told.items()}


@pytest.fixture
async def openwb(hass: HomeAssistant, mqtt_mock: Any, charging: Owner) -> AsyncGenerator[OpenWb]:
    (block,) = PAGE.yaml()
    assert await async_setup_component(hass, "automation", block)
    await hass.async_block_till_done()
    yield OpenWb(hass, mqtt_mock)
    await hass.services.async_call("automation", "turn_off", {"entity_id": "all"}, blocking=True)


async def test_a_car_follows_what_openwb_gives(
    world: World, charging: Owner, freezer: FrozenDateTimeFactory, openwb: OpenWb
) -> None:
    openwb.set_current(9.7)
    await later(world, freezer, 40)
    assert drawn(charging) == pytest.approx(9)
    openwb.set_current(0)
    await later(world, freezer, 40)
    assert charging.value("charging_enabled", GARAGE) == "off"
    assert drawn(charging) == pytest.approx(6), "nothing can stop it"
    openwb.set_current(12)
    await later(world, freezer, 40)
    assert charging.value("charging_enabled", GARAGE) == "on"
    assert drawn(charging) == pytest.approx(12)


async def test_openwb_hears_what_flows(
    hass: HomeAssistant, world: World, charging: Owner, freezer: FrozenDateTimeFactory, openwb: OpenWb
) -> None:
    freezer.tick(timedelta(seconds=10))
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    heard = openwb.values()
    assert (heard["plug_state"], heard["charge_state"], heard["phases_in_use"]) == (True, True, 3)
    assert heard["power"] == charging.number("charging_power", GARAGE) > 0
    assert heard["imported"] == pytest.approx(charging.number("lifetime_energy", GARAGE) * 1000, abs=1)
    assert heard["currents"] == [charging.number("charging_current", GARAGE)] * 3
