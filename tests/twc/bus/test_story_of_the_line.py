"""Whole stories over real bytes: how the controller comes, meets wall connectors, and bears a bad line."""

from dataclasses import replace
from itertools import pairwise
import random

import pytest
from twc.bus.settings import ConnectorSettings, StopMethod
from twc.bus.snapshot import BusPhase, Presence, Problem
from twc.protocol.codes import Code, Damage, ProtocolVersion, TwcId
from twc.protocol.encoding import encode
from twc.protocol.framing import wrap
from twc.protocol.messages import ControllerHeartbeat, ControllerLinkReady1, ControllerLinkReady2, Query
from twc.simulator.car_models import LEAF, TESLA, TESLA_2017, TWO_PHASE, ZOE, CarModel
from twc.simulator.foreign import ForeignController
from twc.simulator.line import Role
from twc.simulator.line_faults import Faults, noisy
from twc.simulator.tools.monitor import Rule
from twc.simulator.unit import FIRMWARE_MIDDLE, FIRMWARE_NEW, Habits, Unit, old_unit

from bus_peers import OURS
from installation import Installation

GARAGE = Unit(serial_number="A18G0007973")
CARPORT = Unit(serial_number="A18G0002019")
YARD = Unit(serial_number="A18G0006388")
GATE = Unit(serial_number="A18G0003495")
ALL = (GARAGE, CARPORT, YARD)


def first_words(installation: Installation) -> list[tuple[float, object]]:
    """Everything the controller said, with the seconds since the beginning."""
    begin = 1000.0
    return [
        (frame.time - begin, frame.content)
        for frame in installation.monitor.frames
        if frame.role is Role.CONTROLLER
    ]


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[int(share * len(values))]


# Beginnings


async def test_a_cold_start_listens_for_twelve_seconds_and_then_greets_a_wall_connector() -> None:
    installation = await Installation(GARAGE).open()
    installation.run(11.9)
    assert first_words(installation) == []
    installation.run(3)
    time, message = first_words(installation)[0]
    assert 12.0 <= time <= 12.5
    assert isinstance(message, ControllerHeartbeat)
    assert installation.seen().presence is Presence.LINKED
    assert installation.broken_rules == set()


async def test_a_wall_connector_switched_on_later_is_found() -> None:
    installation = await Installation().open()
    installation.run(60)
    installation.hang(GARAGE)
    installation.run(8)
    assert installation.seen().presence is Presence.LINKED


async def test_after_a_restart_of_ours_a_charge_goes_on_without_a_scratch() -> None:
    installation = await Installation(GARAGE, circuit=16).open()
    car = installation.plug(TESLA)
    installation.run(120)
    before = installation.station().contactor_closings
    assert car.amps > 15
    await installation.restart(away=5)
    lowest = 99.0
    for _ in range(120):
        installation.run(1)
        lowest = min(lowest, car.amps)
    assert lowest > 15
    assert installation.station().contactor_closings == before
    assert installation.monitor.longest_heartbeat_gap(installation.twcid()) < 5 + 4 + 1
    assert installation.broken_rules == set()


@pytest.mark.parametrize("away", [1, 20])
@pytest.mark.parametrize(
    "other",
    [GARAGE, replace(GARAGE, firmware=FIRMWARE_MIDDLE), old_unit("A16K0005678")],
    ids=["p2", "p2-middle", "p1"],
)
@pytest.mark.parametrize("both_charge", [False, True])
async def test_a_restart_ends_no_charge_of_protocol_1_beside_another_on_a_small_circuit(
    away: float, other: Unit, *, both_charge: bool
) -> None:
    """Until the other one is heard it may run at all that its cable carries: no reason to stop a car for a moment."""
    installation = await Installation(old_unit("A16K0001234"), other, circuit=16).open()
    cars = [installation.plug(TESLA, 0)]
    if both_charge:
        cars.append(installation.plug(ZOE, 1))
    installation.run(180)
    before = [station.connector.contactor_closings for station in installation.stations]
    assert all(car.amps > 5 for car in cars)
    await installation.restart(away=away)
    for _ in range(120):
        installation.run(1)
        assert all(car.amps > 5 for car in cars)
    assert [station.connector.contactor_closings for station in installation.stations] == before
    assert installation.broken_rules == set()


async def test_after_a_restart_that_forgot_everything_the_car_still_charges_within_a_minute() -> None:
    installation = await Installation(GARAGE, circuit=16).open()
    car = installation.plug(ZOE)
    installation.run(120)
    await installation.restart(away=5, remember=False)
    installation.run(90)
    assert car.amps > 15
    assert installation.broken_rules == set()


async def test_the_voltage_energy_and_names_of_a_wall_connector_are_read() -> None:
    installation = await Installation(Unit(serial_number="A18G0007973", energy_kwh=842.4)).open()
    installation.plug(TESLA)
    installation.run(180)
    seen = installation.seen()
    assert (seen.serial_number, seen.firmware, seen.model) == ("A18G0007973", "4.5.10.2", "EVW2T32HL")
    assert seen.vin == TESLA.vin
    assert seen.volts == (230, 230, 230)
    assert seen.energy_kwh == pytest.approx(842.9, abs=0.5)


async def test_energy_follows_the_true_meter() -> None:
    installation = await Installation(Unit(serial_number="A18G0007973", energy_kwh=842.95), circuit=16).open()
    installation.plug(ZOE)
    last = 0.0
    for _ in range(60):
        installation.run(60)
        seen = installation.seen().energy_kwh
        if seen is not None:
            assert last <= seen
            assert seen == pytest.approx(installation.station().true_kwh, abs=1.0)
            last = seen
    assert last > 850


async def count_energy(habits: Habits, car: CarModel, hours: float, **settings: object) -> Installation:
    """Let a car charge at a wall connector with such a meter."""
    unit = Unit(serial_number="A18G0007973", energy_kwh=842.4, habits=habits)
    installation = await Installation(unit).open()
    installation.change(**settings)
    installation.run(120)
    installation.plug(replace(car, battery_kwh=None))
    installation.run(hours * 3600)
    return installation


@pytest.mark.parametrize(
    "car",
    [ZOE, pytest.param(LEAF, marks=pytest.mark.long), pytest.param(TWO_PHASE, marks=pytest.mark.long)],
    ids=lambda model: model.name,
)
async def test_a_counter_of_wh_is_taken_for_what_it_is(car: CarModel) -> None:
    installation = await count_energy(Habits(counts_per_kwh=1000.0), car, 1.0)
    charged = installation.station().true_kwh - 842.4
    first = installation.seen().energy_kwh
    installation.run(3600)
    assert charged > 5
    assert first is not None
    assert (installation.seen().energy_kwh or 0) - first == pytest.approx(charged, rel=0.05)
    assert installation.seen().odd_counter_share is None


async def test_a_counter_that_loses_half_of_what_flows_is_told_and_left_alone() -> None:
    installation = await count_energy(Habits(counts_per_kwh=0.45), ZOE, 1.0)
    told = installation.seen()
    assert told.odd_counter_share == pytest.approx(0.45, abs=0.03)
    before = installation.station().true_kwh
    installation.run(1800)
    charged = installation.station().true_kwh - before
    assert (installation.seen().energy_kwh or 0) - (told.energy_kwh or 0) == pytest.approx(charged, rel=0.05)
    assert installation.controller.remembered()[0].kwh_per_count == 0


@pytest.mark.parametrize(
    ("car", "phases", "assumed"),
    [
        (LEAF, 1, 3),
        (TWO_PHASE, 2, 3),
        (ZOE, 3, 1),
        pytest.param(LEAF, 1, 1, marks=pytest.mark.long),
        pytest.param(TWO_PHASE, 2, 1, marks=pytest.mark.long),
        pytest.param(ZOE, 3, 3, marks=pytest.mark.long),
    ],
)
async def test_the_counter_tells_the_phases_of_a_car_where_the_meter_does_not(
    car: CarModel, phases: int, assumed: int
) -> None:
    installation = await count_energy(Habits(tells_phase_amps=False), car, 0.75, phases=assumed)
    seen = installation.seen()
    assert (seen.phase_amps, seen.counted_phases) == ((0.0, 0.0, 0.0), phases)
    true_watts = installation.station().drawn_amps * phases * 230
    assert seen.power_watts == pytest.approx(true_watts, rel=0.02)
    assert seen.odd_counter_share is None


async def test_what_the_owner_says_of_the_phases_is_not_overruled_but_told() -> None:
    unit = Unit(serial_number="A18G0007973", habits=Habits(tells_phase_amps=False))
    installation = await Installation(unit).open()
    owner = ConnectorSettings(maximum_amps=80, limit_amps=80, phases=3)
    installation.change(connectors={installation.twcid(): owner})
    installation.plug(LEAF)
    installation.run(1.2 * 3600)
    seen = installation.seen()
    assert seen.counted_phases is None
    assert seen.power_watts == pytest.approx(3 * 230 * installation.station().drawn_amps, rel=0.02)
    assert seen.odd_counter_share == pytest.approx(1 / 3, abs=0.03)


# Questions


async def test_questions_an_old_firmware_does_not_know_end_after_three_tries() -> None:
    old = old_unit("A16K0001234")
    installation = await Installation(old).open()
    installation.plug(ZOE)
    installation.run(600)
    asked = [message.code for message in installation.monitor.messages(Query)]
    assert {asked.count(code) for code in (Code.GET_METER, Code.GET_PLUG_STATE, Code.GET_VIN_START)} == {3}
    seen = installation.seen()
    assert (seen.serial_number, seen.model, seen.firmware) == ("A16K0001234", "EVW2T32HL", "4.4.13")
    assert seen.energy_kwh is not None
    assert seen.plugged_in


@pytest.mark.parametrize("others", [(), (CARPORT, YARD)], ids=["alone", "of three"])
async def test_what_an_old_one_delivers_is_counted_soon_and_from_the_beginning(
    others: tuple[Unit, ...],
) -> None:
    """It has no counter. Whoever waits until that is sure tells of no charge meanwhile."""
    installation = await Installation(old_unit("A16K0001234"), *others).open()
    installation.run(10)
    installation.plug(ZOE)
    waited = 10
    while (energy := installation.seen().energy_kwh) is None:
        installation.run(1)
        waited += 1
    assert waited <= 35
    installation.run(60)
    energy = installation.seen().energy_kwh
    assert energy == pytest.approx(installation.stations[0].connector.true_kwh, rel=0.1)


@pytest.mark.parametrize("car", [LEAF, TESLA], ids=lambda model: model.name)
async def test_a_car_without_a_vin_does_not_starve_the_heartbeats(car) -> None:
    # ngardiner#453: endless questions for a VIN ended charges every 2 min 50 s.
    installation = await Installation(*ALL).open()
    installation.run(60)
    for number in range(3):
        installation.plug(car, number, asleep=True)
    installation.run(700)
    for number in range(3):
        intervals = installation.monitor.heartbeat_intervals(installation.twcid(number))[5:]
        assert percentile(intervals, 0.99) <= 2.5
        assert max(intervals) < 3.0
        asked = [
            message
            for message in installation.monitor.messages(Query)
            if message.receiver == installation.twcid(number)
            and message.code in (Code.GET_VIN_START, Code.GET_VIN_MIDDLE, Code.GET_VIN_END)
        ]
        # In vain while it sleeps, and once more when the charge begins: then a Tesla tells all three parts.
        assert len(asked) <= (4 if car is TESLA else 2)
    assert installation.broken_rules == set()


# A bad line


async def test_on_a_bad_line_three_wall_connectors_are_still_polled_often_enough() -> None:
    installation = await Installation(*ALL, faults=noisy(0.05), seed=3).open()
    for number, model in enumerate((TESLA, ZOE, LEAF)):
        installation.plug(model, number)
    installation.run(1800)
    for number in range(3):
        intervals = installation.monitor.heartbeat_intervals(installation.twcid(number))
        assert percentile(intervals, 0.99) <= 2.5
        assert max(intervals) < 10.0
        assert installation.seen(number).presence is Presence.LINKED
    assert not installation.broken_rules


async def test_an_adapter_that_returns_what_it_sends_is_not_taken_for_another_controller() -> None:
    installation = await Installation(GARAGE, CARPORT, faults=Faults(echo=True)).open()
    installation.plug(ZOE)
    installation.run(600)
    assert installation.snapshot.phase is BusPhase.RUNNING
    assert "foreign" not in installation.snapshot.counts
    assert installation.snapshot.counts["echo"] > 500
    assert installation.seen(0).charging
    assert installation.broken_rules == set()


async def test_a_network_gateway_that_dawdles_is_borne() -> None:
    faults = Faults(echo=True, delay_seconds=0.08, jitter_seconds=0.1, split=0.3)
    installation = await Installation(GARAGE, faults=faults).open()
    installation.plug(ZOE)
    installation.run(600)
    assert installation.seen().charging
    assert installation.snapshot.foreign_controller is None
    assert max(installation.monitor.heartbeat_intervals(installation.twcid())) < 5.0


async def test_a_transmitter_that_never_reaches_the_line_finds_nobody_and_says_so() -> None:
    installation = await Installation(GARAGE, faults=Faults(transmitter_dead=True)).open()
    installation.run(120)
    assert installation.seen().presence is Presence.ANNOUNCED
    assert installation.snapshot.counts["unanswered"] > 20


async def test_a_wall_connector_that_loses_its_power_is_lost_and_found_again() -> None:
    installation = await Installation(GARAGE, CARPORT).open()
    car = installation.plug(ZOE)
    installation.run(60)
    installation.stations[0].silence(50.0)
    installation.run(40)
    assert installation.seen(0).presence is Presence.LOST
    assert installation.seen(1).presence is Presence.LINKED
    installation.run(60)
    assert installation.seen(0).presence is Presence.LINKED
    assert car.amps > 15


async def test_a_rebooted_wall_connector_gets_its_limit_again() -> None:
    installation = await Installation(GARAGE, circuit=16).open()
    car = installation.plug(ZOE)
    installation.run(120)
    installation.stations[0].power_cycle()
    installation.run(90)
    assert car.amps > 15
    assert installation.broken_rules == set()


async def test_a_wall_connector_that_is_busy_now_and_then_keeps_its_charge() -> None:
    busy = Unit(serial_number="A18G0007973", habits=Habits(busy_share=0.2, idle_offset_amps=0.22))
    installation = await Installation(busy, circuit=16).open()
    car = installation.plug(ZOE)
    installation.run(300)
    assert car.amps > 15
    assert installation.seen().problem is None


async def test_nonsense_now_and_then_neither_raises_nor_releases_anybody() -> None:
    mad = Unit(serial_number="A18G0007973", habits=Habits(nonsense_share=0.1))
    installation = await Installation(mad, CARPORT, circuit=16).open()
    installation.plug(ZOE, 0)
    installation.plug(ZOE, 1)
    installation.run(900)
    assert installation.broken_rules == set()
    assert installation.seen(0).presence is Presence.LINKED
    assert installation.seen(0).problem is None
    assert installation.snapshot.counts["implausible"] > 30


# Addresses


async def test_a_wall_connector_with_our_address_takes_another_one() -> None:
    ours = Unit(serial_number="A18G0007777")
    installation = await Installation(ours, GARAGE).open()
    installation.run(60)
    assert installation.twcid(0) != OURS
    assert installation.seen(0).presence is Presence.LINKED
    assert installation.seen(1).presence is Presence.LINKED
    assert installation.snapshot.counts["id_clash"] > 0


async def test_two_units_under_one_address_are_noticed_and_never_exceed_the_circuit() -> None:
    habits = Habits(repicks_twcid=False)
    first = Unit(serial_number="A18G0007973", habits=habits)
    second = Unit(serial_number="B18G0007973", habits=habits, firmware=FIRMWARE_MIDDLE)
    installation = await Installation(first, second, circuit=32).open()
    installation.plug(ZOE, 0)
    installation.plug(ZOE, 1)
    installation.run(600)
    assert installation.seen().problem is Problem.DUPLICATE_ID
    assert installation.monitor.peak_drawn_amps <= 32


async def test_two_units_that_pick_new_addresses_are_both_served() -> None:
    installation = await Installation(GARAGE, Unit(serial_number="B18G0007973")).open()
    installation.run(90)
    linked = [seen for seen in installation.snapshot.connectors.values() if seen.presence is Presence.LINKED]
    assert len(linked) == 2


async def test_a_fourth_wall_connector_is_refused_and_the_others_are_not_disturbed() -> None:
    installation = await Installation(*ALL, GATE, circuit=80).open()
    installation.run(120)
    (refused,) = installation.snapshot.refused
    served = [number for number in range(4) if installation.twcid(number) != refused]
    assert len(served) == 3
    for number in served:
        assert max(installation.monitor.heartbeat_intervals(installation.twcid(number))[3:]) <= 2.5


# Other controllers


async def test_a_foreign_controller_is_left_alone_and_replaced_when_it_is_gone() -> None:
    installation = await Installation(GARAGE, CARPORT, circuit=16).open()
    car = installation.plug(ZOE)
    installation.run(120)
    foreign = ForeignController(installation.line, TwcId(0x1234))
    foreign.appear()
    installation.run(5)
    assert installation.snapshot.phase is BusPhase.RUNNING, "it has only announced itself"
    installation.run(5)
    assert installation.snapshot.phase is BusPhase.MUTED
    assert installation.snapshot.foreign_controller == TwcId(0x1234)
    said = len(installation.monitor.messages(role=Role.CONTROLLER))
    installation.run(300)
    assert len(installation.monitor.messages(role=Role.CONTROLLER)) == said
    foreign.leave()
    installation.run(59)
    assert len(installation.monitor.messages(role=Role.CONTROLLER)) == said
    installation.run(60)
    assert installation.snapshot.phase is BusPhase.RUNNING
    assert installation.snapshot.foreign_controller is None
    assert {seen.presence for seen in installation.snapshot.connectors.values()} == {Presence.LINKED}
    installation.run(60)
    assert car.amps > 9


async def test_a_program_that_only_announces_itself_stops_no_car() -> None:
    installation = await Installation(GARAGE, CARPORT, circuit=16).open()
    cars = [installation.plug(TESLA, 0), installation.plug(ZOE, 1)]
    installation.run(120)
    closings = [installation.station(number).contactor_closings for number in (0, 1)]
    tap = installation.line.tap("a program", Role.FOREIGN, lambda data: None)
    began = installation.clock.time()
    for kind in (ControllerLinkReady1,) * 6 + (ControllerLinkReady2,) * 3:
        tap.send(wrap(encode(kind(sender=TwcId(0x1234), sign=7, max_amps=0.0, version=ProtocolVersion.P1))))
        installation.run(0.9)
    tap.leave()
    installation.run(120)
    assert installation.snapshot.announced_controller == TwcId(0x1234)
    assert installation.snapshot.phase is BusPhase.RUNNING
    assert all(car.amps > 5 for car in cars)
    assert [installation.station(number).contactor_closings for number in (0, 1)] == closings
    for number in (0, 1):
        beats = [
            frame.time
            for frame in installation.monitor.frames
            if frame.time > began - 2
            and isinstance(frame.content, ControllerHeartbeat)
            and frame.content.receiver == installation.twcid(number)
        ]
        assert max(after - before for before, after in pairwise(beats)) <= 2.5
    assert installation.broken_rules <= {Rule.TALKED_OVER, Rule.NO_SILENCE}


async def test_a_foreign_controller_that_was_there_first_is_never_talked_over() -> None:
    installation = Installation(GARAGE)
    foreign = ForeignController(installation.line, TwcId(0x1234))
    foreign.appear()
    installation.run(60)
    await installation.open()
    installation.run(300)
    assert installation.monitor.messages(role=Role.CONTROLLER) == []
    assert installation.snapshot.foreign_controller == TwcId(0x1234)


async def test_a_second_controller_with_our_address_silences_us() -> None:
    installation = await Installation(GARAGE).open()
    installation.run(60)
    ForeignController(installation.line, OURS).appear()
    installation.run(30)
    assert installation.snapshot.phase is BusPhase.MUTED
    assert installation.snapshot.foreign_controller == OURS


# The port


async def test_a_pulled_adapter_that_comes_back_resumes_the_charge() -> None:
    installation = await Installation(GARAGE, circuit=16).open()
    car = installation.plug(ZOE)
    installation.run(120)
    installation.port.unplug()
    assert not installation.link.connected
    assert installation.snapshot.phase is BusPhase.DISCONNECTED
    await installation.clock.advance_async(6)
    installation.port.plug_in()
    await installation.clock.advance_async(2)
    assert installation.link.connected
    lowest = 99.0
    for _ in range(60):
        installation.run(1)
        lowest = min(lowest, car.amps)
    assert lowest > 15
    assert installation.broken_rules == set()


async def test_an_adapter_gone_for_an_hour_is_found_again() -> None:
    installation = await Installation(GARAGE, circuit=16).open()
    car = installation.plug(ZOE)
    installation.run(120)
    installation.port.unplug()
    await installation.clock.advance_async(3600)
    assert car.amps == 0.0
    installation.port.plug_in()
    await installation.clock.advance_async(60)
    assert installation.link.connected
    installation.run(60)
    assert car.amps > 15
    assert installation.broken_rules == set()


# Everything at once


def _any_unit(dice: random.Random, serial_number: str) -> Unit:
    """A wall connector of any age, with any of the habits that real ones have."""
    if dice.random() < 0.3:
        return replace(old_unit(serial_number), habits=Habits(idle_offset_amps=0.22))
    habits = Habits(
        idle_offset_amps=dice.choice((0.0, 0.25)),
        busy_share=dice.choice((0.0, 0.05)),
        nonsense_share=dice.choice((0.0, 0.02)),
        ignores_session_limit_when_ready=dice.random() < 0.3,
        sticks_in_starting=dice.random() < 0.3,
    )
    firmware = dice.choice((FIRMWARE_MIDDLE, FIRMWARE_NEW))
    return Unit(serial_number=serial_number, firmware=firmware, habits=habits)


def _trouble(installation: Installation, dice: random.Random) -> None:
    """Let something happen that happens to real installations."""
    number = dice.randrange(len(installation.stations))
    station = installation.stations[number]
    match dice.randrange(8):
        case 0:
            station.unplug()
        case 1 | 2:
            if station.connector.car is None:
                installation.plug(dice.choice((TESLA, TESLA_2017, ZOE, LEAF)), number)
        case 3:
            station.power_cycle()
        case 4:
            station.silence(dice.uniform(1, 90))
        case 5:
            if installation.twcid(number) in installation.wishes:
                installation.wish(number, limit=dice.randint(6, 32), enabled=dice.random() < 0.7)
        case 6:
            installation.deciding = not installation.deciding
        case 7:
            shares = {kind: dice.choice((0.0, 0.02, 0.1)) for kind in ("flipped", "lost_zeros", "truncated")}
            more = {kind: dice.choice((0.0, 0.05)) for kind in ("doubled", "stray", "replayed", "split")}
            installation.line.faults = Faults(**shares, **more, echo=dice.random() < 0.3)


@pytest.mark.parametrize(
    "seed", [*range(6), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(6, 12))]
)
async def test_whatever_happens_no_rule_is_broken(seed: int) -> None:
    """Half an hour each of a bad line, reboots, cars that come and go, and an owner who cannot decide."""
    dice = random.Random(seed)
    installation = await Installation(
        *(
            _any_unit(dice, serial)
            for serial in ("A16K0001234", "A18G0004580", "A17A0003495")[: 1 + seed % 3]
        ),
        circuit=dice.choice((6, 10, 16, 25, 32)),
        stop_method=dice.choice(tuple(StopMethod)),
        cure=dice.random() < 0.5,
        turn=600.0,
        seed=seed,
        faults=noisy(0.1),
        eager=False,
    ).open()
    for _ in range(90):
        installation.run(20)
        if dice.random() < 0.3:
            _trouble(installation, dice)
    assert [str(violation) for violation in installation.monitor.violations] == []
    counts = installation.snapshot.counts
    assert counts["sent"] > 500
    assert sum(counts.get(kind.value, 0) for kind in Damage) > 50
