"""Adapters that are pulled out, gateways that drop their connections or fall silent."""

from collections.abc import Callable

from homeassistant.const import CONF_DEVICE
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.const import CONF_FOUND
from custom_components.tesla_twc.twc.simulator.memory import open_memory
from custom_components.tesla_twc.twc.simulator.station import Station
from custom_components.tesla_twc.twc.simulator.tools.monitor import Rule
from tests.integration.conftest import World
from tests.integration.faults.gateway import ADDRESS, Gateway
from tests.integration.faults.house import BOTH_GO_ON, Fault, House, Verdict, judge
from tests.integration.owner import GARAGE, Owner

pytestmark = pytest.mark.once

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


def the_port_is_shown_as_lost(house: House) -> None:
    everything_is_unavailable(house)
    assert house.issues() == ["port_lost"]


SERIAL_FAULTS = [
    Fault(
        name="adapter unplugged for 5 s",
        begin=unplug,
        looks=everything_is_unavailable,
        end=plug_in,
        lasts=5,
        gap=12,
        back=2,
        lowest=BOTH_GO_ON,
        log=(LOST, BACK),
    ),
    Fault(
        name="adapter unplugged for 90 s",
        begin=unplug,
        looks=everything_is_unavailable,
        end=plug_in,
        lasts=90,
        gap=110,
        back=40,
        log=(LOST, BACK),
    ),
    Fault(
        name="adapter unplugged for an hour",
        begin=unplug,
        looks=the_port_is_shown_as_lost,
        end=plug_in,
        lasts=3600,
        gap=3625,
        back=40,
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


async def test_an_adapter_that_comes_back_under_another_node_waits_for_its_owner(
    house: House, keep: Callable[[Verdict], None]
) -> None:
    """The entry knows the bare name of a node; set-up stores the lasting name where there is one."""
    other = "/dev/ttyUSB7"
    hass = house.world.hass

    def plug_in_elsewhere(house: House) -> None:
        house.world.port.unplug()
        house.world.openers[other] = open_memory(house.world.line, other)

    async def reconfigure(house: House) -> None:
        hass.config_entries.async_update_entry(house.entry, data={CONF_DEVICE: other})
        await hass.async_block_till_done()

    fault = Fault(
        name="the adapter comes back as another /dev/ttyUSB…, and its owner says so after ten minutes",
        begin=plug_in_elsewhere,
        looks=the_port_is_shown_as_lost,
        end=reconfigure,
        lasts=600,
        gap=620,
        back=40,
        log=(LOST,),
        replug=(GARAGE,),
    )
    verdict = await house.undergo(fault)
    keep(verdict)
    judge(verdict, fault)
    assert house.owner.value("current_limit", GARAGE) == "16", "nothing had to be set anew"


@pytest.fixture
async def networked(
    world: World, garage: Station, yard: Station, entry: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> House:
    """Two cars charge, behind a gateway."""
    house = House(world, entry, caplog)
    house.gateway = world.openers[ADDRESS] = Gateway(world.port)
    await house.begin(garage, yard, device=ADDRESS)
    return house


def drop(house: House) -> None:
    house.gateway.drop()


def vanish(house: House) -> None:
    """Lose the Wi-Fi: what is open carries nothing, and nothing can be opened."""
    house.gateway.stall()
    house.gateway.reachable = False


def come_back(house: House) -> None:
    house.gateway.reachable = True
    house.gateway.flow_again()


def stall_for_good(house: House) -> None:
    """Forget the connection, as a gateway that restarted; a new one works."""
    house.gateway.stall()


def nothing(house: House) -> None:
    """It mends itself."""


NETWORK_FAULTS = [
    Fault(
        name="a gateway drops its connection",
        begin=drop,
        end=nothing,
        lasts=5,
        gap=6,
        back=2,
        lowest=BOTH_GO_ON,
        log=(LOST, BACK),
    ),
    Fault(
        name="a gateway keeps everything for 8 s and then lets it through at once",
        begin=stall_for_good,
        end=come_back,
        lasts=8,
        gap=10,
        back=2,
        lowest=BOTH_GO_ON,
        # What it held back leaves it in one piece, however long we paused in between.
        tolerated=frozenset({Rule.NO_SILENCE}),
    ),
    Fault(
        name="a gateway falls silent and keeps the connection open",
        begin=stall_for_good,
        end=nothing,
        lasts=60,
        gap=18,
        back=2,
        lowest=BOTH_GO_ON,
        log=(LOST, BACK),
    ),
    Fault(
        name="a gateway has no power for 90 s",
        begin=vanish,
        looks=everything_is_unavailable,
        end=come_back,
        lasts=90,
        gap=115,
        back=45,
        log=(LOST, BACK),
    ),
]


@pytest.mark.parametrize("fault", NETWORK_FAULTS, ids=lambda fault: fault.name)
async def test_a_gateway_that_fails_is_reached_again(
    networked: House, fault: Fault, keep: Callable[[Verdict], None]
) -> None:
    verdict = await networked.undergo(fault)
    keep(verdict)
    judge(verdict, fault)


@pytest.mark.parametrize("found", [True, False])
async def test_a_gateway_that_lets_us_in_and_serves_nobody_is_asked_again_where_somebody_was_found(
    hass: HomeAssistant, world: World, garage: Station, entry: MockConfigEntry, found: bool
) -> None:
    gateway = world.openers[ADDRESS] = Gateway(world.port)
    gateway.unserved = 1
    entry.add_to_hass(hass)
    data = {CONF_DEVICE: ADDRESS} | ({CONF_FOUND: True} if found else {})
    hass.config_entries.async_update_entry(entry, data=data)
    owner = Owner(hass, entry)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await world.pass_time(30)
    assert gateway.openings == (2 if found else 1)
    if found:
        assert owner.available("charging_current", GARAGE)


async def test_wall_connectors_without_power_are_told_once_though_their_connection_is_renewed_in_vain(
    networked: House,
) -> None:
    for station in networked.stations:
        station.remove()
    for _ in range(120):
        await networked.world.pass_time(30)
    assert networked.log() == [
        LOST,
        BACK,
        "Wall connector 3495 no longer answers",
        "Wall connector 6388 no longer answers",
    ]
    assert networked.gateway.openings <= 12, "less and less often"
