"""Scenes: wall connectors on a line, cars that come and go, and a journal of it all."""

import pytest
from twc.protocol.codes import Operation, ProtocolVersion
from twc.protocol.messages import ConnectorLinkReady, ControllerLinkReady1
from twc.simulator.car import Car
from twc.simulator.car_models import TESLA, ZOE
from twc.simulator.scene import DEMO_VISITS, KINDS, SCENES, Scene, build, demo
from twc.simulator.tools.journal import Journal
from twc.simulator.unit import Unit

from driver import Driver


@pytest.fixture
def scene(clock):
    return Scene(clock)


@pytest.fixture
def told(scene):
    lines = []
    Journal(scene, lines.append)
    return lines


@pytest.mark.parametrize("name", SCENES)
def test_every_scene_has_the_wall_connectors_it_promises(name, clock):
    scene = build(name, clock)
    driver = Driver(scene.line, clock)
    clock.advance(15)
    announced = {message.sender for message in driver.of(ConnectorLinkReady)}
    assert announced == {station.connector.twcid for station in scene.stations.values()}
    assert len(announced) == len(scene.stations)


def test_there_is_no_other_scene(clock):
    with pytest.raises(KeyError):
        build("opera", clock)


def test_in_the_demo_both_cars_come_within_two_minutes_and_stay_a_while(clock):
    scene = demo(clock)
    clock.advance(120)
    cars = {number: station.connector.car for number, station in scene.stations.items()}
    assert {number: car.model for number, car in cars.items()} == {1: TESLA, 2: ZOE}
    clock.advance(1200)
    assert all(station.connector.car is cars[number] for number, station in scene.stations.items())


def test_in_the_demo_cars_leave_and_return_for_ever(clock):
    scene = demo(clock)
    clock.advance(DEMO_VISITS[1].first_seconds + DEMO_VISITS[1].stay_seconds + 1)
    assert scene.stations[2].connector.car is None
    clock.advance(DEMO_VISITS[1].away_seconds)
    assert scene.stations[2].connector.car is not None
    clock.advance(86_400)
    cars = set()
    for _ in range(100):
        clock.advance(60)
        cars.add(scene.stations[2].connector.car is None)
    assert cars == {True, False}


def test_a_demo_car_charges_when_a_controller_lets_it(clock):
    scene = demo(clock)
    driver = Driver(scene.line, clock)
    clock.advance(18)
    station = scene.stations[1]
    driver.keep(station, 2)
    driver.beat(station, Operation.SET_LIMIT, 16)
    driver.keep(station, 60)
    assert station.connector.drawn_amps > 10
    assert station.connector.true_kwh > 842.3


def test_the_demo_survives_what_is_done_to_it(clock):
    scene = demo(clock)
    scene.stations[1].plug(Car(ZOE))
    scene.remove(2)
    clock.advance(100)
    assert scene.stations[1].connector.car.model is ZOE
    clock.advance(3000)
    assert scene.stations[1].connector.car is None
    scene.remove(1)
    clock.advance(10_000)
    assert scene.stations == {}


def test_a_demo_car_whose_wall_connector_is_removed_does_not_leave(clock):
    scene = demo(clock)
    clock.advance(120)
    scene.remove(2)
    clock.advance(10_000)
    assert set(scene.stations) == {1}


def test_in_trouble_another_controller_comes_and_goes(clock):
    scene = build("trouble", clock)
    clock.advance(130)
    assert scene.foreign.present
    clock.advance(60)
    assert not scene.foreign.present


def test_a_controller_that_is_alone_charges_its_car_and_tells_of_nobody_else(clock):
    scene = build("alone", clock)
    clock.advance(60)
    assert scene.foreign.led == ()
    assert scene.foreign.session.outlet.amps == pytest.approx(12, abs=1)


def test_a_controller_leads_the_other_wall_connector_and_both_cars_charge(clock):
    scene = build("led", clock)
    clock.advance(120)
    led = scene.stations[1].connector
    assert scene.foreign.led == (led.twcid,)
    for outlet in (scene.foreign.session.outlet, led.session.outlet):
        assert outlet.amps == pytest.approx(12, abs=1)


def test_kinds_of_wall_connectors_are_what_they_are_called(scene):
    numbers = {kind: scene.add(kind) for kind in KINDS}
    connectors = {kind: scene.stations[number].connector for kind, number in numbers.items()}
    assert connectors["p1"].version is ProtocolVersion.P1
    assert connectors["us"].rated_amps == 80
    assert connectors["p1-us"].version is ProtocolVersion.P1
    assert len({connector.twcid for connector in connectors.values()}) == len(KINDS)


def test_a_scene_has_room_for_eight(scene):
    for digit in range(8):
        scene.add(Unit(serial_number=f"A18G000458{digit}"))
    with pytest.raises(ValueError, match="room for 8"):
        scene.add()
    with pytest.raises(KeyError):
        Scene(scene.clock).add("p3")


def test_the_journal_tells_a_charge_from_beginning_to_end(scene, told, clock):
    number = scene.add("p2")
    station, driver = scene.stations[number], Driver(scene.line, clock)
    driver.keep(station, 3)
    station.plug(Car(ZOE))
    driver.keep(station, 3)
    driver.beat(station, Operation.SET_LIMIT, 16)
    driver.keep(station, 20)
    station.unplug()
    clock.advance(40)
    scene.remove(number)
    scene.line.sample()
    assert told == [
        "1: on the line as 4580",
        "1: a controller is there",
        "1: Zoe plugged in",
        "1: offers 16 A",
        "1: contactor closed",
        "1: the car draws 15.4 A",
        "1: Zoe unplugged",
        "1: contactor opened",
        "1: the car draws 0.0 A",
        "1: offers 0 A",
        "1: no controller any more",
        "1: taken off the line",
    ]


def test_the_journal_tells_what_goes_wrong(scene, told, clock):
    number = scene.add("p2")
    station, driver = scene.stations[number], Driver(scene.line, clock)
    station.plug(Car(TESLA))
    driver.keep(station, 20)
    driver.send(
        ControllerLinkReady1(sender=station.connector.twcid, sign=1, max_amps=0.0, version=ProtocolVersion.P2)
    )
    clock.advance(5)
    driver.keep(station, 2)
    driver.send_body(driver.body(0xFBE0, station, b"\x02"))
    clock.advance(5)
    scene.foreign.appear()
    scene.line.sample()
    scene.foreign.leave()
    scene.line.sample()
    assert told[1:4] == [
        "1: Tesla plugged in",
        "1: a controller is there",
        "1: the car refuses until it is plugged in again",
    ]
    assert told[4].startswith("1: took the TWCID ")
    assert told[-4:] == [
        "1: an error was forced on it; it is silent until rebooted",
        "1: RECEIVED A COMMAND THAT DAMAGES REAL UNITS",
        "another controller appeared (7973)",
        "another controller left (7973)",
    ]
