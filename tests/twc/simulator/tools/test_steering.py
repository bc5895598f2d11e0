"""Commands steer a running simulation, and say what is wrong with themselves."""

import pytest
from twc.protocol.codes import Operation
from twc.simulator.car_models import TESLA, ZOE
from twc.simulator.scene import build
from twc.simulator.tools.arguments import CommandError
from twc.simulator.tools.monitor import BusMonitor
from twc.simulator.tools.steering import Steering

from driver import Driver


@pytest.fixture
def scene(clock):
    return build("pair", clock)


@pytest.fixture
def monitor(scene):
    return BusMonitor(scene.line)


@pytest.fixture
def steer(scene, monitor):
    return Steering(scene, monitor).run


@pytest.fixture
def charging(scene, steer, clock):
    """A car that charges at wall connector 1, and nobody who announces himself in between."""
    driver, station = Driver(scene.line, clock), scene.stations[1]
    steer("silence 2 60")
    steer("plug 1 zoe 50%")
    driver.keep(station, 3)
    driver.beat(station, Operation.SET_LIMIT, 16)
    driver.keep(station, 20)
    return driver, station


def test_cars_are_plugged_in_and_out(scene, steer):
    assert steer("plug 1 tesla 80%") == ""
    assert steer("plug 2") == ""
    car = scene.stations[1].connector.car
    assert (car.model, car.charge) == (TESLA, 0.8)
    steer("UNPLUG 1")
    assert scene.stations[1].connector.car is None


@pytest.mark.parametrize(
    ("mood", "attribute", "value"),
    [
        ("refuse", "refuses", True),
        ("accept", "refuses", False),
        ("sleep", "asleep", True),
        ("wake", "asleep", False),
        ("pause", "paused", True),
        ("resume", "paused", False),
        ("stick", "stuck_at_six", True),
        ("full", "full", True),
    ],
)
def test_cars_have_moods(scene, steer, mood, attribute, value):
    steer("plug 1 zoe")
    steer(f"car 1 {mood}")
    assert getattr(scene.stations[1].connector.car, attribute) is value


def test_the_status_names_everything_worth_knowing(steer, charging):
    one, two, line = steer("status").splitlines()
    assert one.startswith("1: 4580 P2 32 A, linked, state 01 charging, offers 16 A, draws 15.4 A, 842.3")
    assert one.endswith("kWh, Zoe 50%")
    assert (
        two == "2: 3495 P2 32 A, no controller, state 00 ready, offers 0 A, draws 0.0 A, 2499.30 kWh, no car"
    )
    assert line == "line: 0 collisions, 0 broken rules, peak 15.4 A drawn"


def test_the_status_says_when_a_car_wants_to_be_plugged_in_again(scene, steer, charging):
    scene.stations[1].connector.car.needs_replug = True
    assert "needs a re-plug" in steer("status")


def test_noise_echo_transmitter_and_delay_add_up(scene, steer):
    steer("echo on")
    steer("noise 5%")
    steer("delay 50 20")
    steer("transmitter off")
    faults = scene.line.faults
    assert faults.echo
    assert faults.transmitter_dead
    assert (faults.delay_seconds, faults.jitter_seconds) == (0.05, 0.02)
    assert faults.flipped > 0
    steer("noise 0")
    steer("delay 0")
    steer("transmitter on")
    faults = scene.line.faults
    assert faults.echo
    assert not faults.transmitter_dead
    assert faults.flipped == faults.delay_seconds == faults.split == 0


def test_silence_keeps_a_wall_connector_off_the_wire(steer, charging, clock):
    driver, station = charging
    steer("silence 1 10")
    assert driver.beat(station) is None
    clock.advance(10)
    assert driver.beat(station) is not None


def test_a_reboot_changes_the_sign(scene, steer):
    sign = scene.stations[1].connector.sign
    steer("reboot 1")
    assert scene.stations[1].connector.sign != sign


def test_a_clash_is_solved_by_the_wall_connectors_themselves(scene, steer, clock):
    one, two = (station.connector for station in scene.stations.values())
    steer("clash 2 1")
    assert one.twcid == two.twcid
    clock.advance(30)
    assert one.twcid != two.twcid


@pytest.mark.parametrize("how", ["ignores-lowering", "ignores-limits", "late"])
def test_a_wall_connector_is_made_to_obey_no_more_and_again(steer, charging, how):
    driver, station = charging
    steer(f"unit 1 {how}")
    assert driver.beat(station, Operation.SET_SESSION_LIMIT, 8).offered_amps == 16.0
    steer("unit 1 obeys")
    assert driver.beat(station, Operation.SET_SESSION_LIMIT, 8).offered_amps == 8.0


def test_a_wall_connector_is_made_to_ignore_0_amps_alone(steer, charging):
    driver, station = charging
    steer("unit 1 late")
    steer("unit 1 ignores-zero")
    assert driver.beat(station, Operation.SET_SESSION_LIMIT, 0).offered_amps == 16.0
    assert driver.beat(station, Operation.SET_SESSION_LIMIT, 8).offered_amps == 8.0


def test_wall_connectors_are_added_and_removed(scene, steer):
    assert steer("add p1 # an old one") == "wall connector 3"
    steer("remove 1")
    assert list(scene.stations) == [2, 3]
    assert steer("add") == "wall connector 4"


def test_another_controller_comes_and_goes(scene, steer):
    steer("foreign on")
    assert scene.foreign.present
    steer("foreign off")
    assert not scene.foreign.present


def test_broken_rules_are_listed(monitor, steer, charging):
    driver, station = charging
    assert steer("rules") == "no rule was broken"
    steer("limit 10")
    driver.keep(station, 1)
    assert "offers above the circuit limit: 16.00 A, limit 10 A" in steer("rules")
    steer("limit off")
    assert monitor.circuit_limit_amps is None


def test_help_lists_every_command_with_its_usage(steer):
    text = steer("help")
    for usage in ("plug N [CAR] [CHARGE%]", "noise SHARE%", "foreign on|off", "car N MOOD"):
        assert usage in text


def test_empty_lines_and_comments_are_no_commands(steer):
    assert steer("") == steer("   ") == steer("# a remark") == ""


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("dance", 'there is no command "dance"; "help" lists them'),
        ("plug", "something is missing; usage: plug N [CAR] [CHARGE%]"),
        ("plug 7", 'there is no wall connector "7"; there are: 1, 2'),
        ("plug x", 'there is no wall connector "x"; there are: 1, 2'),
        ("plug 1 bmw", 'there is no car "bmw"; there are: tesla, '),
        ("plug 1 zoe 150%", '"150%" is more than everything; usage: plug'),
        ("plug 1 zoe 50% now", '"now" is too much; usage: plug'),
        ("unplug 1", "no car is plugged in there"),
        ("car 1 refuse", "no car is plugged in there"),
        ("car 1 dance", 'there is no mood "dance"; there are: refuse, '),
        ("noise lots", '"lots" is not a number of per cent; usage: noise SHARE%'),
        ("noise nan", '"nan" is not a number of per cent'),
        ("delay -3", '"-3" is not a number of milliseconds'),
        ("echo maybe", '"maybe" is neither on nor off; usage: echo on|off'),
        ("silence 1", "something is missing"),
        ("remove 9", 'there is no wall connector "9"'),
        ("add p3", 'there is no kind "p3"; there are: p2, '),
        ("limit lots", '"lots" is not a number of amps'),
    ],
)
def test_every_mistake_is_named(steer, line, complaint):
    with pytest.raises(CommandError) as error:
        steer(line)
    assert str(error.value).startswith(complaint)


def test_a_second_car_does_not_fit(steer):
    steer("plug 1 zoe")
    with pytest.raises(CommandError, match="a Zoe is plugged in already"):
        steer("plug 1 tesla")


def test_nine_wall_connectors_do_not_fit(scene, steer):
    for _ in range(6):
        steer("add")
    with pytest.raises(CommandError, match="room for 8"):
        steer("add")
    for number in list(scene.stations):
        steer(f"remove {number}")
    with pytest.raises(CommandError, match="there are: none"):
        steer("plug 1")
    assert ZOE.name == "Zoe"
