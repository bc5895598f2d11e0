"""Several buses on feeders without sensors: no wire carries more than it may, whoever comes, goes or falls silent."""

import pytest
from twc.charging.house_address import circuit_of
from twc.charging.inputs import Feeder
from twc.charging.reason import Reason
from twc.simulator.car_models import TESLA, TESLA_US, ZOE
from twc.simulator.unit import Unit

from estate import Estate
from installation import Wish

SAME = "A18G0007973"
"""The serial number of a wall connector on each bus: their TWCIDs are the same."""


def unit(number: int) -> Unit:
    return Unit(serial_number=f"A18G000{0x1000 + number:04X}")


def feeder(name: str, amps: float, *carries: str) -> Feeder:
    return Feeder(name=name, limit_amps=amps, carries=frozenset(carries))


def two_buses(amps: float = 32) -> Estate:
    """The garage and the barn, each with a circuit of 32 A, on one cable."""
    estate = Estate(feeders=(feeder("yard", amps, "garage", "barn"),))
    estate.add("garage", Unit(serial_number=SAME), unit(1))
    estate.add("barn", Unit(serial_number=SAME))
    return estate


async def test_two_buses_share_the_cable_that_carries_both():
    estate = await two_buses().open()
    for number in range(2):
        estate.buses["garage"].plug(TESLA, number)
    estate.buses["barn"].plug(ZOE)
    estate.run(120)
    assert not estate.broken
    assert [round(amps) for amps in estate.buses["garage"].drawn()] == [10, 10]
    assert estate.drawn("barn") == pytest.approx(10, abs=1)


async def test_a_car_is_raised_only_once_another_bus_has_fallen():
    estate = two_buses()
    barn = estate.buses["barn"]
    estate.priorities["barn", barn.twcid()] = 9
    await estate.open()
    estate.buses["garage"].plug(ZOE)
    estate.run(90)
    assert estate.drawn("garage") > 18
    barn.plug(ZOE)
    estate.run(90)
    assert not estate.broken
    assert estate.drawn("barn") > 19
    assert estate.worst["yard"] <= 32.05


async def test_cars_take_turns_across_buses_where_a_cable_has_no_room_for_all():
    estate = two_buses(amps=12)
    estate.rotation_seconds = 200.0
    await estate.open()
    cars = [estate.buses["garage"].plug(ZOE, number) for number in range(2)]
    cars.append(estate.buses["barn"].plug(ZOE))
    charged = set[int]()
    for _ in range(12):
        estate.run(40)
        drawn = [amps > 5 for name in estate.buses for amps in estate.buses[name].drawn()]
        assert sum(drawn) <= 2
        charged |= {number for number, is_charging in enumerate(drawn) if is_charging}
    assert charged == {0, 1, 2}
    assert not estate.broken


async def test_a_car_is_told_of_the_cable_that_holds_it_back_and_of_its_circuit_only_where_that_is_full():
    estate = await two_buses(amps=20).open()
    for bus in estate.buses.values():
        bus.plug(ZOE)
    held = estate.run(120).connectors
    charging = [one for one in held.values() if one.reason is not Reason.NO_CAR]
    assert {(one.reason, one.terms.get("feeder")) for one in charging} == {(Reason.HELD_BY_CIRCUIT, "yard")}
    estate = two_buses(amps=63)
    estate.add("shed", unit(2), circuit=8)
    await estate.open()
    estate.buses["shed"].plug(ZOE)
    (alone,) = [one for twcid, one in estate.run(120).connectors.items() if circuit_of(twcid) == "shed"]
    assert (alone.reason, alone.amps, "feeder" in alone.terms) == (Reason.HELD_BY_CIRCUIT, 8, False)


async def test_a_car_that_waits_for_its_turn_is_told_which_cable_has_no_room():
    estate = two_buses(amps=12)
    await estate.open()
    for number in range(2):
        estate.buses["garage"].plug(ZOE, number)
    estate.buses["barn"].plug(ZOE)
    waiting = [one for one in estate.run(120).connectors.values() if one.reason is Reason.WAITING_FOR_TURN]
    assert [one.terms["feeder"] for one in waiting] == ["yard"]


async def test_a_bus_that_is_unloaded_keeps_its_amps_until_its_wall_connectors_have_stopped():
    estate = await two_buses().open()
    estate.buses["garage"].plug(TESLA_US)
    estate.buses["barn"].plug(ZOE)
    estate.run(60)
    await estate.close("barn")
    estate.buses["barn"].forgotten = True
    estate.run(20)
    assert estate.drawn("barn") > 5, "nobody told it to stop"
    estate.run(80)
    assert not estate.broken
    assert estate.drawn("barn") == 0
    assert estate.drawn("garage") > 24, "all but what the empty place beside it keeps"


async def test_a_wall_connector_that_appears_gets_nothing_before_there_is_room():
    estate = two_buses(amps=20)
    estate.buses["garage"].wishes[unit(2).factory_twcid] = Wish()
    await estate.open()
    estate.buses["garage"].plug(TESLA_US)
    estate.buses["barn"].plug(ZOE)
    estate.run(60)
    estate.buses["garage"].hang(unit(2))
    estate.buses["garage"].plug(ZOE, 2)
    estate.run(90)
    assert not estate.broken
    assert estate.worst["yard"] <= 20.05
    assert [amps > 5 for amps in estate.buses["garage"].drawn()] == [True, False, True]
    assert estate.drawn("barn") > 5
