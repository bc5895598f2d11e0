"""A car that is switched on gets its first offer only where the main fuse bears that it begins."""

from dataclasses import dataclass, replace

import pytest
from twc.charging.inputs import ConnectorInput
from twc.charging.reason import Reason
from twc.protocol.codes import ProtocolVersion, TwcId

from fuse_house import FUSE_AMPS, GARAGE, YARD, FuseHouse, WiredCar, one


@pytest.mark.parametrize(
    ("can_stop", "version", "stopped_by"),
    [
        *((can_stop, version, "") for can_stop in (True, False) for version in ProtocolVersion),
        (True, ProtocolVersion.P2, "contactor"),
        (True, ProtocolVersion.P2, "switch"),
    ],
)
def test_a_car_that_is_switched_on_while_there_is_no_room_waits(
    can_stop: bool, version: ProtocolVersion, stopped_by: str
):
    house, car = one(
        lambda second: (24.0 if second < 400 else 4.0,) * 3,
        enabled=False,
        can_stop=can_stop,
        version=version,
        stopped_by=stopped_by,
    )
    house.live(200)
    car.enabled = True
    house.live(199)
    assert car.starts == 0
    assert house.peak() == 24.0
    house.live(180)
    assert car.amps > 0, "now there is room"
    assert house.over() == 0


@pytest.mark.parametrize("later", [0, 3, 6, 20])
@pytest.mark.parametrize("how", [(True, ""), (True, "contactor"), (True, "switch"), (False, "")])
def test_two_cars_are_not_offered_the_same_room(how: tuple[bool, str], later: int):
    can_stop, stopped_by = how
    cars = {
        twcid: WiredCar(enabled=False, can_stop=can_stop, stopped_by=stopped_by) for twcid in (GARAGE, YARD)
    }
    house = FuseHouse(cars, lambda _: (16.0,) * 3)
    house.live(200)
    cars[GARAGE].enabled = True
    house.live(later)
    cars[YARD].enabled = True
    house.live(300)
    assert [car.starts for car in cars.values()] == [1, 0]
    assert house.peak() <= FUSE_AMPS


def test_a_car_that_does_not_begin_keeps_the_room_from_another_one_for_a_minute_only():
    cars = {GARAGE: WiredCar(enabled=False, greed=0.0), YARD: WiredCar(enabled=False)}
    house = FuseHouse(cars, lambda _: (16.0,) * 3)
    house.live(200)
    for car in cars.values():
        car.enabled = True
    house.live(40)
    assert cars[YARD].starts == 0
    house.live(80)
    assert cars[YARD].amps > 0
    assert house.peak() <= FUSE_AMPS


def test_where_there_is_room_for_both_nobody_waits():
    cars = {twcid: WiredCar(enabled=False) for twcid in (GARAGE, YARD)}
    house = FuseHouse(cars, lambda _: (4.0,) * 3)
    house.live(200)
    for car in cars.values():
        car.enabled = True
    house.live(20)
    assert [car.starts for car in cars.values()] == [1, 1]


@dataclass
class SilentCar(WiredCar):
    """A car whose wall connector may not have reported since a restart."""

    reports: bool = True

    def input(self, twcid: TwcId, now: float) -> ConnectorInput:
        told = super().input(twcid, now)
        if self.reports:
            return told
        unknown = {"charging": None, "drawn_amps": None, "phase_amps": None, "offered_amps": None}
        facts = replace(told.facts, commanded_amps=None, contactor_open=False, **unknown)
        return replace(told, facts=facts)


@pytest.mark.parametrize("can_stop", [True, False])
def test_a_charge_goes_on_over_a_restart_in_a_house_that_takes_all_there_is(can_stop: bool):
    car = SilentCar(can_stop=can_stop)
    house = FuseHouse({GARAGE: car}, lambda _: (15.0,) * 3)
    house.live(300)
    assert car.amps > 0
    house.restart()
    car.reports = False
    house.live(5)
    assert all(offers[GARAGE] for offers in house.offers[-5:])
    car.reports = True
    house.live(60)
    assert car.starts == 1


def test_what_the_main_fuse_leaves_is_told_of_this_moment_to_whoever_waits_for_it():
    house, car = one(lambda second: (24.0 if second < 200 else 9.0,) * 3, enabled=False)
    house.live(100)
    car.enabled = True
    house.live(60)
    told = house.decision.connectors[GARAGE]
    assert (told.reason, told.terms["fuse_limit"]) == (Reason.HELD_BY_FUSE, 0)
    house.live(50)
    told = house.decision.connectors[GARAGE]
    assert told.reason is Reason.HELD_BY_FUSE, "there has to be room for a while"
    assert told.terms["fuse_limit"] == 15
