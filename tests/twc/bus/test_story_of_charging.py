"""Whole stories over real bytes: cars that charge, stop, wait for each other, and misbehave."""

from dataclasses import replace
from itertools import pairwise
import random

import pytest
from twc.bus.line.schedule import SECONDS_PER_CONNECTOR, SHORTEST_INTERVAL_SECONDS
from twc.bus.settings import ConnectorSettings, StopMethod
from twc.bus.snapshot import Presence, Problem, StopState
from twc.protocol.codes import Code, ConnectorState, Operation, PlugState
from twc.protocol.messages import ContactorCommand, ControllerHeartbeat
from twc.simulator.car_models import LEAF, OUTLANDER, TESLA, TESLA_2017, TESLA_US, ZOE
from twc.simulator.line import Role
from twc.simulator.unit import US, Habits, Unit, UnitFirmware, old_unit

from installation import Installation

GARAGE = Unit(serial_number="A18G0007973")
CARPORT = Unit(serial_number="A18G0002019")
OLD, OLD_TOO = old_unit("A16K0001234"), old_unit("A16K0005678")


def offers(installation: Installation, number: int = 0, since: float = 0.0) -> list[tuple[Operation, float]]:
    """The operations and amps that one wall connector was sent."""
    return [
        (frame.content.operation, frame.content.amps)
        for frame in installation.monitor.frames
        if isinstance(frame.content, ControllerHeartbeat)
        and frame.role is Role.CONTROLLER
        and frame.content.receiver == installation.twcid(number)
        and frame.time >= since
    ]


def contactor_orders(installation: Installation) -> list[tuple[float, bool]]:
    return [
        (frame.time, frame.content.close)
        for frame in installation.monitor.frames
        if isinstance(frame.content, ContactorCommand)
    ]


# Charging


@pytest.mark.parametrize("unit", [GARAGE, OLD], ids=["protocol 2", "protocol 1"])
async def test_a_car_charges_with_what_its_owner_allows(unit: Unit) -> None:
    installation = await Installation(unit).open()
    installation.wish(limit=13)
    car = installation.plug(ZOE)
    installation.run(90)
    assert car.amps == pytest.approx(12.4)
    seen = installation.seen()
    assert (seen.offered_amps, seen.charging, seen.plugged_in) == (13.0, True, True)
    assert seen.drawn_amps == pytest.approx(12.4)
    assert installation.broken_rules == set()


async def test_a_changed_limit_is_followed_within_seconds() -> None:
    installation = await Installation(GARAGE).open()
    car = installation.plug(ZOE)
    installation.run(90)
    installation.wish(limit=8)
    installation.run(8)
    assert car.amps == pytest.approx(7.4)
    installation.wish(limit=20)
    installation.run(12)
    assert car.amps == pytest.approx(19.4)


@pytest.mark.parametrize("count", [1, 2, 3])
async def test_a_changed_limit_is_on_the_wire_within_little_more_than_a_heartbeat(count: int) -> None:
    units = (GARAGE, CARPORT, Unit(serial_number="A18G0006388"))[:count]
    installation = await Installation(*units, circuit=80).open()
    for number in range(count):
        installation.plug(ZOE, number)
    installation.run(120)
    dice = random.Random(count)
    for _ in range(40):
        installation.run(dice.uniform(10, 14))
        number, limit = dice.randrange(count), dice.randint(6, 20)
        asked = installation.clock.time()
        installation.wish(number, limit=limit)
        installation.run(1.2 * max(SHORTEST_INTERVAL_SECONDS, SECONDS_PER_CONNECTOR * count))
        assert installation.station(number).offered_amps == limit, f"asked at {asked}"


@pytest.mark.parametrize("unit", [GARAGE, OLD], ids=["P2", "P1"])
async def test_an_automation_that_sets_another_limit_every_second_raises_a_car_six_times_a_minute(
    unit: Unit,
) -> None:
    installation = await Installation(unit).open()
    car = installation.plug(ZOE)
    installation.wish(limit=6)
    installation.run(90)
    since = installation.clock.time()
    dice = random.Random(5)
    for _ in range(300):
        limit = dice.randint(6, 32)
        installation.wish(limit=limit)
        installation.run(1)
        assert installation.station().offered_amps <= max(limit, 6) or installation.clock.time() - since < 2
    amps = [amps for operation, amps in offers(installation, since=since) if operation.carries_amps]
    rises = sum(later > earlier for earlier, later in pairwise(amps))
    assert 20 <= rises <= 31
    installation.wish(limit=32)
    installation.run(25)
    assert car.amps > 30


async def test_a_large_wall_connector_for_one_phase_gives_its_80_amps() -> None:
    big = Unit(serial_number="A17L0002433", model=US)
    installation = await Installation(big, circuit=80).open()
    car = installation.plug(TESLA_US)
    installation.run(90)
    assert installation.seen().offered_amps == 80.0
    assert car.amps == 48.0
    assert installation.broken_rules == set()


async def test_the_limit_is_asserted_again_after_the_car_paused_by_itself() -> None:
    # jnicolson/esphome#7: the offer falls back to 6 A, and a limit sent only once stays lost.
    installation = await Installation(GARAGE, circuit=16).open()
    pausing = replace(ZOE, pauses_after_seconds=60.0, pause_seconds=30.0)
    car = installation.plug(pausing)
    installation.run(90)
    assert car.paused
    installation.run(60)
    assert car.amps > 15


@pytest.mark.parametrize("unit", [Unit(serial_number="A18G0007973"), old_unit()], ids=["P2", "P1"])
async def test_a_wall_connector_stuck_in_starting_is_woken_by_a_new_limit(unit: Unit) -> None:
    sticky = replace(unit, habits=Habits(sticks_in_starting=True))
    installation = await Installation(sticky, circuit=16).open()
    car = installation.plug(replace(ZOE, pauses_after_seconds=60.0, pause_seconds=30.0))
    installation.run(240)
    assert car.amps > 15


async def test_a_car_that_ignores_09_while_it_is_ready_gets_its_limit_by_05() -> None:
    # ngardiner#215, a Polestar 2.
    habits = Habits(ignores_session_limit_when_ready=True)
    installation = await Installation(Unit(serial_number="A18G0007973", habits=habits)).open()
    installation.run(30)
    car = installation.plug(ZOE, asleep=True)
    installation.run(120)
    assert not car.asleep
    assert car.amps > 25


async def test_the_state_decides_the_operation() -> None:
    installation = await Installation(GARAGE, circuit=16).open()
    installation.run(30)
    installation.plug(ZOE)
    installation.run(60)
    installation.wish(limit=10)
    installation.run(10)
    used = {operation for operation, amps in offers(installation)}
    assert used == {Operation.KEEP_ALIVE, Operation.SET_LIMIT, Operation.SET_SESSION_LIMIT}
    assert offers(installation)[0] == (Operation.KEEP_ALIVE, 0.0)


async def test_a_car_plugged_in_while_it_may_charge_is_never_trapped() -> None:
    installation = await Installation(GARAGE).open()
    installation.run(60)
    car = installation.plug(TESLA)
    installation.run(60)
    assert not car.needs_replug
    assert car.amps > 15


# The circuit


async def test_two_cars_share_a_circuit_and_never_exceed_it() -> None:
    installation = await Installation(GARAGE, CARPORT, circuit=32).open()
    first = installation.plug(ZOE, 0)
    installation.run(90)
    assert first.amps == pytest.approx(25.4)
    second = installation.plug(ZOE, 1)
    installation.run(90)
    assert first.amps == second.amps == pytest.approx(15.4)
    assert installation.monitor.peak_outstanding_amps <= 32
    assert installation.broken_rules == set()


async def test_a_car_is_raised_only_after_the_other_was_seen_to_fall() -> None:
    installation = await Installation(GARAGE, CARPORT, circuit=32).open()
    sluggish = replace(ZOE, lag_seconds=8.0)
    installation.plug(sluggish, 0)
    installation.plug(ZOE, 1)
    installation.wish(1, limit=6)
    installation.run(120)
    installation.wish(0, limit=10)
    installation.wish(1, limit=22)
    for _ in range(60):
        installation.run(0.5)
        first, second = installation.station(0), installation.station(1)
        if first.drawn_amps > 20:
            assert second.offered_amps == 6.0
    assert installation.station(1).offered_amps == 22.0
    assert installation.broken_rules == set()


async def test_a_wall_connector_that_falls_silent_keeps_its_amps_for_a_minute() -> None:
    installation = await Installation(GARAGE, CARPORT, circuit=32).open()
    installation.plug(ZOE, 0)
    second = installation.plug(ZOE, 1)
    installation.run(120)
    assert second.amps == pytest.approx(15.4)
    installation.stations[0].silence(600)
    installation.run(55)
    assert second.amps == pytest.approx(15.4)
    installation.run(45)
    assert second.amps > 30
    assert installation.broken_rules == set()


async def test_a_lowered_circuit_limit_lowers_cars_without_ending_their_charge() -> None:
    installation = await Installation(GARAGE, CARPORT, circuit=32).open()
    cars = [installation.plug(ZOE, 0), installation.plug(LEAF, 1)]
    installation.run(120)
    installation.change(circuit_limit_amps=13)
    installation.run(15)
    assert sum(car.amps for car in cars) <= 13
    installation.run(300)
    assert all(car.amps > 5 for car in cars)
    assert [station.connector.contactor_closings for station in installation.stations] == [1, 1]
    assert [seen.problem for seen in installation.snapshot.connectors.values()] == [None, None]


@pytest.mark.parametrize(
    "units",
    [
        pytest.param((GARAGE, CARPORT), id="P2 and P2", marks=pytest.mark.long),
        pytest.param((OLD, OLD_TOO), id="P1 and P1", marks=pytest.mark.long),
        pytest.param((OLD, CARPORT), id="P1 and P2"),
    ],
)
async def test_two_cars_on_a_circuit_for_one_take_turns(units: tuple[Unit, Unit]) -> None:
    installation = await Installation(*units, circuit=10, turn=300.0).open()
    cars = [installation.plug(ZOE, 0), installation.plug(LEAF, 1)]
    charged: list[int] = []
    for _ in range(44):
        installation.run(50)
        charging = [number for number, car in enumerate(cars) if car.amps > 5]
        assert len(charging) <= 1
        if charging and charged[-1:] != charging:
            charged += charging
    assert len(charged) >= 6
    assert all(earlier != later for earlier, later in pairwise(charged))
    assert min(car.delivered_kwh for car in cars) > 0.5
    assert installation.broken_rules == set()


async def test_cars_that_take_a_minute_to_begin_take_turns_too() -> None:
    installation = await Installation(GARAGE, CARPORT, circuit=10, turn=600.0).open()
    slow = [replace(model, start_seconds=60.0) for model in (ZOE, LEAF)]
    cars = [installation.plug(model, number) for number, model in enumerate(slow)]
    installation.run(2400)
    assert all(car.delivered_kwh > 0.35 for car in cars)


async def test_without_decisions_cars_go_down_to_the_minimum_and_stay_there() -> None:
    installation = await Installation(GARAGE, circuit=16).open()
    car = installation.plug(ZOE)
    installation.run(120)
    installation.deciding = False
    installation.run(25)
    assert car.amps == pytest.approx(5.4)
    installation.deciding = True
    installation.run(15)
    assert car.amps > 15


async def test_when_the_controller_dies_the_wall_connector_ends_the_charge_by_itself() -> None:
    installation = await Installation(GARAGE).open()
    car = installation.plug(ZOE)
    installation.run(120)
    await installation.link.close()
    installation.run(30)
    assert car.amps == 0.0


# Stopping


async def test_protocol_1_is_stopped_by_zero_without_relay_chatter() -> None:
    installation = await Installation(OLD, circuit=16).open()
    car = installation.plug(ZOE)
    installation.run(120)
    assert installation.station().contactor_closings == 1
    installation.wish(enabled=False)
    stopped = installation.clock.time()
    installation.run(600)
    assert car.amps == 0.0
    assert installation.seen().stop is StopState.STOPPED
    assert installation.station().contactor_closings == 1
    assert set(offers(installation, since=stopped + 2)) == {(Operation.SET_LIMIT, 0.0)}
    installation.wish(enabled=True)
    installation.run(60)
    assert car.amps > 15
    assert installation.station().contactor_closings == 2


async def test_a_stopped_protocol_1_car_stays_stopped_through_a_restart_and_a_lost_port() -> None:
    installation = await Installation(OLD, circuit=16).open()
    installation.plug(ZOE)
    installation.run(120)
    installation.wish(enabled=False)
    installation.run(60)
    await installation.restart(away=4)
    installation.run(60)
    installation.port.unplug()
    await installation.clock.advance_async(3)
    installation.port.plug_in()
    await installation.clock.advance_async(3)
    installation.run(60)
    assert installation.station().contactor_closings == 1
    assert installation.drawn() == [0.0]


async def test_protocol_2_is_held_at_the_minimum_and_told_so() -> None:
    installation = await Installation(GARAGE, circuit=16).open()
    car = installation.plug(ZOE)
    installation.run(120)
    installation.wish(enabled=False)
    installation.run(600)
    assert car.amps == pytest.approx(5.4)
    assert installation.seen().stop is StopState.HOLDING
    assert installation.broken_rules == set()


async def test_a_car_plugged_into_a_stopped_protocol_1_connector_is_offered_the_minimum_first() -> None:
    # ngardiner#369: a car that meets 0 A at plug-in reports a fault and never starts.
    installation = await Installation(OLD, circuit=16).open()
    installation.wish(enabled=False)
    installation.run(120)
    car = installation.plug(TESLA)
    installation.run(45)
    assert not car.needs_replug
    assert car.amps < 6
    installation.run(60)
    assert car.amps == 0.0
    installation.wish(enabled=True)
    installation.run(60)
    assert car.amps > 15


async def test_a_contactor_is_opened_gently_and_closed_after_a_minute() -> None:
    installation = await Installation(GARAGE, circuit=16, stop_method=StopMethod.CONTACTOR).open()
    car = installation.plug(ZOE)
    installation.run(120)
    installation.wish(enabled=False)
    asked = installation.clock.time()
    currents = []
    while not contactor_orders(installation):
        installation.run(0.1)
        currents.append(car.amps)
    assert currents[-1] <= 7.0
    assert installation.clock.time() - asked < 16
    installation.run(10)
    assert car.amps == 0.0
    assert installation.seen().stop is StopState.STOPPED
    installation.wish(enabled=True)
    installation.run(120)
    (opened, opening), (closed, closing) = contactor_orders(installation)
    assert (opening, closing) == (False, True)
    assert closed - opened >= 60.0
    assert car.amps > 15
    assert installation.broken_rules == set()


async def test_a_contactor_opened_before_a_restart_is_closed_after_it() -> None:
    installation = await Installation(GARAGE, circuit=16, stop_method=StopMethod.CONTACTOR).open()
    car = installation.plug(ZOE)
    installation.run(120)
    installation.wish(enabled=False)
    installation.run(60)
    assert car.amps == 0.0
    await installation.restart(away=4)
    installation.run(60)
    assert car.amps == 0.0
    installation.wish(enabled=True)
    installation.run(120)
    assert car.amps > 15
    assert installation.broken_rules == set()


async def test_a_contactor_is_opened_four_times_an_hour_at_most() -> None:
    installation = await Installation(GARAGE, circuit=16, stop_method=StopMethod.CONTACTOR).open()
    installation.plug(ZOE)
    installation.run(120)
    for _ in range(12):
        installation.wish(enabled=False)
        installation.run(120)
        installation.wish(enabled=True)
        installation.run(120)
    opened = [time for time, close in contactor_orders(installation) if not close]
    assert len(opened) == 4
    assert max(opened) - min(opened) < 3600
    assert installation.drawn()[0] > 15


async def test_a_car_stopped_by_its_contactor_makes_room_on_a_circuit_for_one() -> None:
    installation = await Installation(GARAGE, CARPORT, circuit=10, stop_method=StopMethod.CONTACTOR).open()
    installation.plug(ZOE, 0)
    installation.run(120)
    installation.wish(0, enabled=False)
    installation.run(60)
    second = installation.plug(LEAF, 1)
    installation.run(240)
    assert second.amps == pytest.approx(9.2)
    assert installation.broken_rules == set()


async def test_a_tesla_that_resents_the_contactor_says_so_by_not_starting_again() -> None:
    installation = await Installation(GARAGE, circuit=16, stop_method=StopMethod.CONTACTOR).open()
    car = installation.plug(TESLA)
    installation.run(120)
    installation.wish(enabled=False)
    installation.run(60)
    installation.wish(enabled=True)
    installation.run(120)
    assert car.needs_replug
    assert car.amps == 0.0
    installation.stations[0].unplug()
    installation.run(30)
    installation.plug(TESLA)
    installation.run(60)
    assert installation.drawn()[0] > 15


async def test_a_new_car_at_an_opened_contactor_is_given_time_to_begin() -> None:
    installation = await Installation(GARAGE, circuit=16, stop_method=StopMethod.CONTACTOR).open()
    installation.plug(ZOE)
    installation.run(120)
    installation.wish(enabled=False)
    installation.run(600)
    installation.stations[0].unplug()
    installation.run(60)
    installation.plug(ZOE)
    problems, most = set(), 0.0
    for _ in range(90):
        installation.run(1)
        problems.add(installation.seen().problem)
        most = max(most, *installation.drawn())
    assert problems == {None}
    assert most == pytest.approx(5.4)
    assert installation.seen().stop is StopState.STOPPED


# Cars that misbehave


async def test_a_car_that_draws_too_much_is_lowered_and_then_left_without_heartbeats() -> None:
    installation = await Installation(GARAGE, CARPORT, circuit=20).open()
    greedy = installation.plug(replace(ZOE, shortfall_amps=-4.0), 0)
    installation.wish(0, limit=10)
    installation.run(60)
    assert installation.seen(0).problem is Problem.OVERDRAWING
    assert installation.seen(0).offered_amps == 6.0
    installation.run(90)
    assert greedy.amps == 0.0
    assert installation.seen(0).presence is Presence.RELEASED
    assert installation.seen(1).presence is Presence.LINKED


async def test_a_unit_that_ignores_its_limit_is_reported() -> None:
    deaf = Unit(serial_number="A18G0007973", habits=Habits(ignores_limits=True))
    installation = await Installation(deaf).open()
    installation.plug(ZOE)
    installation.run(90)
    assert installation.seen().problem is Problem.NOT_ACCEPTING


@pytest.mark.parametrize("unit", [GARAGE, old_unit()], ids=["P2", "P1"])
@pytest.mark.parametrize(("cure", "amps"), [(True, 12.2), (False, 5.2)])
async def test_the_6_amp_bug_is_cured_when_its_owner_asked_for_it(
    *, cure: bool, amps: float, unit: Unit
) -> None:
    installation = await Installation(unit, cure=cure).open()
    car = installation.plug(TESLA_2017)
    installation.wish(limit=6)
    installation.run(90)
    installation.wish(limit=13)
    installation.run(60)
    assert car.amps == pytest.approx(amps, abs=0.1)
    assert installation.broken_rules == set()


async def test_the_cure_never_exceeds_the_circuit() -> None:
    installation = await Installation(GARAGE, CARPORT, circuit=20, cure=True).open()
    stuck = installation.plug(TESLA_2017, 0)
    installation.plug(OUTLANDER, 1)
    installation.wish(0, limit=6)
    installation.wish(1, limit=10)
    installation.run(90)
    installation.wish(0, limit=10)
    installation.run(300)
    assert stuck.amps == pytest.approx(5.2)
    assert installation.broken_rules == set()


async def stuck_car() -> Installation:
    """A car that sticks at 6 A since its limit rose to 13 A, a moment before its cure."""
    installation = await Installation(GARAGE, cure=True).open()
    installation.plug(TESLA_2017)
    installation.wish(limit=6)
    installation.run(90)
    installation.spike = None
    installation.wish(limit=13)
    installation.run(30)
    assert installation.drawn() == pytest.approx([5.2])
    return installation


def spikes_of(installation: Installation, since: float) -> list[float]:
    return [amps for _, amps in offers(installation, since=since) if amps > 13]


@pytest.mark.parametrize("spike", [None, 0, 13, 15])
async def test_the_cure_never_offers_more_than_is_allowed_for_a_moment(spike: int | None) -> None:
    installation = await stuck_car()
    installation.spike = spike
    installation.run(400)
    assert max(amps for _, amps in offers(installation)) <= 13
    assert installation.drawn() == pytest.approx([5.2])


async def test_the_cure_waits_until_it_is_allowed() -> None:
    installation = await stuck_car()
    installation.run(300)
    installation.spike = 16
    since = installation.clock.time()
    installation.run(60)
    assert set(spikes_of(installation, since)) == {16}
    assert installation.drawn() == pytest.approx([12.2])


@pytest.mark.parametrize("change", ["the order", "the allowance"])
async def test_a_spike_ends_at_once_when_the_order_or_its_allowance_falls(change: str) -> None:
    installation = await stuck_car()
    installation.spike = 16
    since = installation.clock.time()
    while not spikes_of(installation, since):
        installation.run(0.1)
    installation.run(1.0)
    if change == "the order":
        installation.wish(limit=10)
    else:
        installation.spike = 13
        installation.wish()
    since = installation.clock.time()
    installation.run(1.2)
    assert offers(installation, since=since)
    assert spikes_of(installation, since) == []
    installation.spike = 16
    installation.run(20)
    assert spikes_of(installation, since) == [], "the next try is a minute later"


@pytest.mark.parametrize(
    ("unit", "allowed", "cable", "circuit", "spikes"),
    [
        pytest.param(GARAGE, True, 80, 32, {16.0}, id="P2, allowed"),
        pytest.param(GARAGE, False, 80, 32, set(), id="P2, not allowed"),
        pytest.param(GARAGE, True, 15, 32, set(), id="P2, not by the cable"),
        pytest.param(GARAGE, True, 80, 15, set(), id="P2, not by the circuit"),
        pytest.param(old_unit(), True, 80, 32, {16.0}, id="P1, allowed"),
        pytest.param(old_unit(), False, 80, 32, set(), id="P1, not allowed", marks=pytest.mark.long),
        pytest.param(old_unit(), True, 15, 32, set(), id="P1, not by the cable", marks=pytest.mark.long),
        pytest.param(old_unit(), True, 80, 15, set(), id="P1, not by the circuit", marks=pytest.mark.long),
    ],
)
async def test_a_cure_exceeds_the_current_limit_only_where_its_owner_allowed_that_and_the_wiring_does(
    *, allowed: bool, cable: int, circuit: int, spikes: set[float], unit: Unit
) -> None:
    installation = await Installation(unit, cure=True, circuit=circuit).open()
    car = installation.plug(TESLA_2017)
    installation.wish(limit=6)
    installation.run(90)
    owner = ConnectorSettings(maximum_amps=cable, limit_amps=13)
    installation.change(connectors={installation.twcid(): owner}, cure_above_limit=allowed)
    installation.wish(limit=13)
    since = installation.clock.time()
    installation.run(240)
    assert set(spikes_of(installation, since)) == spikes
    assert car.amps == pytest.approx(12.2 if spikes else 5.2, abs=0.1)
    assert installation.seen().offered_amps == 13
    assert installation.broken_rules == set()


async def test_an_unplugged_car_is_noticed_and_its_vin_forgotten() -> None:
    installation = await Installation(GARAGE).open()
    installation.plug(TESLA)
    installation.run(90)
    assert installation.seen().vin == TESLA.vin
    installation.stations[0].unplug()
    installation.run(30)
    seen = installation.seen()
    assert (seen.plugged_in, seen.vin, seen.charging) == (False, None, False)
    assert seen.state is ConnectorState.READY


async def test_another_wall_connector_of_the_same_twcid_does_not_inherit_a_plug_state() -> None:
    silent = UnitFirmware(
        version="4.4.13.0", announce_seconds=10.0, watchdog_seconds=10.0, answers_data=False
    )
    installation = await Installation(GARAGE).open()
    installation.plug(TESLA)
    installation.run(90)
    assert installation.seen().plug_state is PlugState.CHARGING
    twcid = installation.twcid()
    installation.stations[0].remove()
    installation.run(60)
    installation.hang(replace(GARAGE, firmware=silent))
    installation.run(180)
    seen = installation.snapshot.connectors[twcid]
    assert (seen.presence, seen.plug_state, seen.plugged_in) == (Presence.LINKED, None, False)


async def test_questions_about_the_car_are_asked_when_it_comes() -> None:
    installation = await Installation(GARAGE).open()
    installation.run(60)
    came = installation.clock.time()
    installation.plug(TESLA)
    while installation.seen().vin is None:
        installation.run(1)
    assert installation.clock.time() - came < 30
    vin = {Code.GET_VIN_START, Code.GET_VIN_MIDDLE, Code.GET_VIN_END}
    asked = [m for m in installation.monitor.messages() if getattr(m, "code", None) in vin]
    assert len(asked) == 3
