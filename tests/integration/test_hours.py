"""Hours of ordinary and of bad life: nothing to complain about in the log, nothing forbidden on the wire."""

import logging

from homeassistant.core import HomeAssistant
import pytest

from custom_components.tesla_twc.twc.protocol.messages import ControllerHeartbeat
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import LEAF, TESLA, ZOE
from custom_components.tesla_twc.twc.simulator.line_faults import QUIET, noisy
from custom_components.tesla_twc.twc.simulator.station import Station
from custom_components.tesla_twc.twc.simulator.tools.monitor import BusMonitor
from tests.integration.conftest import World
from tests.integration.owner import GARAGE, YARD, Owner, live

pytestmark = pytest.mark.once


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the warnings and errors of this integration, and of anybody about it."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.levelno >= logging.WARNING
        and ("tesla_twc" in record.name or "tesla_twc" in record.getMessage())
        and "which has not been tested by Home Assistant" not in record.getMessage()
    ]


async def test_hours_of_charging_leave_nothing_in_the_log_and_nothing_forbidden_on_the_wire(
    hass: HomeAssistant,
    world: World,
    garage: Station,
    yard: Station,
    owner: Owner,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    monitor = BusMonitor(world.line, circuit_limit_amps=32)
    for twcid in (GARAGE, YARD):
        await owner.set_limit(twcid, 32)
    garage.plug(Car(TESLA))
    await live(world, 300)
    yard.plug(Car(LEAF))
    await live(world, 300)
    await owner.set_circuit_limit(16)
    await live(world, 300)
    await owner.forbid_charging(GARAGE)
    await live(world, 300)
    world.port.unplug()
    await live(world, 30)
    world.port.plug_in()
    await live(world, 300)
    garage.unplug()
    await owner.allow_charging(GARAGE)
    garage.plug(Car(ZOE))
    await live(world, 300)
    assert complaints(caplog) == []
    assert monitor.violations == []
    assert owner.number("charging_current", GARAGE) > 5
    assert owner.number("charging_current", YARD) > 5


async def test_a_damaged_line_is_survived_without_a_word(
    world: World, garage: Station, yard: Station, owner: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    monitor = BusMonitor(world.line, circuit_limit_amps=32)
    await owner.set_limit(GARAGE, 20)
    garage.plug(Car(ZOE))
    await live(world, 60)
    world.line.faults = noisy(0.1)
    await live(world, 600)
    world.line.faults = QUIET
    await live(world, 60)
    assert complaints(caplog) == []
    assert monitor.violations == []
    assert monitor.messages(ControllerHeartbeat)
    assert owner.number("offered_current", GARAGE) == 20
    assert owner.available("charging_current", YARD)
