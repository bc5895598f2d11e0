"""Adapters that are pulled out, gateways that drop their connections or fall silent."""

from collections.abc import Callable

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.faults.gateway import ADDRESS, Gateway
from tests.integration.faults.house import BOTH_GO_ON, Fault, House, Verdict, judge
from tests.integration.owner import GARAGE

LOST = "The port of Wall connectors on ttyTWC is lost; trying to open it again"
BACK = "The port of Wall connectors on ttyTWC is open again"


def unplug(house: House) -> None:
    house.world.port.unplug()


def plug_in(house: House) -> None:
    house.world.port.plug_in()


def everything_is_unavailable(house: House) -> None:
    assert house.owner.value("connected") == "off"
    assert not house.owner.available("charging_current", GARAGE)
    assert not house.owner.available("total_power")


SERIAL_FAULTS = [
    Fault(
        name="adapter unplugged for 5 s",
        begin=unplug,
        looks=everything_is_unavailable,
        end=plug_in,
        lasts=5,
        gap=15,
        back=10,
        lowest=BOTH_GO_ON,
        log=(LOST, BACK),
    ),
    Fault(
        name="adapter unplugged for 90 s",
        begin=unplug,
        looks=everything_is_unavailable,
        end=plug_in,
        lasts=90,
        gap=160,
        back=90,
        log=(LOST, BACK),
    ),
    Fault(
        name="adapter unplugged for an hour",
        begin=unplug,
        looks=everything_is_unavailable,
        end=plug_in,
        lasts=3600,
        gap=3700,
        back=120,
        log=(LOST, BACK),
        replug=(GARAGE,),
    ),
]


@pytest.mark.parametrize("fault", SERIAL_FAULTS, ids=lambda fault: fault.name)
async def test_an_adapter_that_is_put_back_is_found(
    house: House, fault: Fault, keep: Callable[[Verdict], None]
) -> None:
    verdict = await house.undergo(fault)
    keep(verdict)
    judge(verdict, fault)


BY_ID = "/dev/serial/by-id/usb-FTDI_FT232R_A50285BI-if00-port0"


@pytest.fixture
async def networked(
    world: World, garage: Station, yard: Station, entry: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> tuple[House, Gateway]:
    """Two cars charge, behind a gateway."""
    gateway = world.openers[ADDRESS] = Gateway(world.port)
    house = House(world, entry, caplog)
    await house.begin(garage, yard, device=ADDRESS)
    return house, gateway
