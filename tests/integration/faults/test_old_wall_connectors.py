"""The same with older wall connectors: one of protocol 1, and one whose firmware asks for a controller after 10 s."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import ZOE
from custom_components.tesla_twc.twc.simulator.station import Station
from custom_components.tesla_twc.twc.simulator.unit import FIRMWARE_MIDDLE, Habits, Unit, old_unit
from tests.integration.conftest import World
from tests.integration.faults import test_bad_lines, test_ports, test_wall_connectors
from tests.integration.faults.gateway import ADDRESS, Gateway
from tests.integration.faults.house import Fault, House, Verdict, judge
from tests.integration.owner import GARAGE, YARD

pytestmark = pytest.mark.once

CHOSEN = (
    "one bit wrong in 20 % of all frames",
    "a zero lost in 10 % of all frames",
    "a gateway keeps every byte for 2 s",
    "adapter unplugged for 5 s",
    "adapter unplugged for 90 s",
    "a wall connector reboots while its car charges",
    "a wall connector reports nonsense in one answer of ten",
    "another controller appears for five minutes",
)
FAULTS = [
    replace(fault, name=f"old units: {fault.name}")
    for fault in (*test_bad_lines.FAULTS, *test_ports.SERIAL_FAULTS, *test_wall_connectors.FAULTS)
    if fault.name in CHOSEN
]


@pytest.fixture
def garage(world: World) -> Station:
    """Hang up a unit of protocol 2 with firmware of 2018."""
    return world.wall_connector(Unit(serial_number=f"A17A000{GARAGE}", firmware=FIRMWARE_MIDDLE))


@pytest.fixture
def yard(world: World) -> Station:
    """Hang up a unit of protocol 1."""
    return world.wall_connector(old_unit(f"A16K000{YARD}"))


def test_all_that_were_chosen_exist() -> None:
    assert len(FAULTS) == len(CHOSEN)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_older_wall_connectors_bear_as_much(
    house: House, fault: Fault, keep: Callable[[Verdict], None]
) -> None:
    verdict = await house.undergo(fault)
    keep(verdict)
    judge(verdict, fault)


async def test_older_wall_connectors_notice_nothing_of_a_connection_that_died(
    world: World,
    garage: Station,
    yard: Station,
    entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
    keep: Callable[[Verdict], None],
) -> None:
    fault = next(one for one in test_ports.NETWORK_FAULTS if one.name.startswith("a gateway falls silent"))
    house = House(world, entry, caplog)
    house.gateway = world.openers[ADDRESS] = Gateway(world.port)
    await house.begin(garage, yard, device=ADDRESS)
    verdict = await house.undergo(replace(fault, name=f"old units: {fault.name}"))
    keep(verdict)
    judge(verdict, fault)


@pytest.mark.long
async def test_two_old_units_under_one_address_are_noticed_as_soon(
    house: House, keep: Callable[[Verdict], None]
) -> None:
    stubborn = Habits(repicks_twcid=False)

    def hang_a_twin(house: House) -> None:
        house.yard.connector.unit = replace(house.yard.connector.unit, habits=stubborn)
        twin = house.world.wall_connector(old_unit(f"B16K000{YARD}", habits=stubborn))
        twin.plug(Car(ZOE))
        house.guests.append(twin)

    twins = next(one for one in test_wall_connectors.FAULTS if one.begin is test_wall_connectors.hang_a_twin)
    fault = replace(twins, name=f"old units: {twins.name}", begin=hang_a_twin)
    verdict = await house.undergo(fault)
    keep(verdict)
    judge(verdict, fault)
