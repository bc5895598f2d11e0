"""What a simulated wall connector tells of itself, and what it suffers (protocol.md 2.1, 2.5, 2.6, 3.8)."""

from dataclasses import replace

import pytest
from twc.protocol.codes import Code, ConnectorState, Operation, PlugState
from twc.protocol.messages import (
    ContactorReply,
    Firmware,
    Meter,
    PlugStateReply,
    SerialNumber,
    UnaddressedFirmware,
    UnaddressedModel,
    UnaddressedSerialNumber,
)
from twc.simulator.car import Car
from twc.simulator.car_models import LEAF, TESLA, TWO_PHASE, ZOE
from twc.simulator.harm import Harm
from twc.simulator.unit import FIRMWARE_OLD, US, Unit, old_unit

from driver import OUR_ID

DATA = [
    Code.GET_METER,
    Code.GET_FIRMWARE,
    Code.GET_SERIAL_NUMBER,
    Code.GET_VIN_START,
    Code.GET_VIN_MIDDLE,
    Code.GET_VIN_END,
    Code.GET_PLUG_STATE,
]
VIN_CODES = [Code.GET_VIN_START, Code.GET_VIN_MIDDLE, Code.GET_VIN_END]


def charge(driver, station, car, amps=16.0, seconds=20):
    station.plug(car)
    driver.keep(station, 3)
    driver.beat(station, Operation.SET_LIMIT, amps)
    driver.keep(station, seconds)


def vin(driver, station):
    return "".join(driver.ask(station, code).text for code in VIN_CODES)


def test_new_firmware_tells_serial_number_model_and_version(driver, p2):
    driver.keep(p2, 2)
    assert driver.ask(p2, Code.GET_SERIAL_NUMBER) == SerialNumber(
        sender=p2.connector.twcid, serial_number="A17A0003495"
    )
    assert driver.ask(p2, Code.GET_FIRMWARE) == Firmware(sender=p2.connector.twcid, firmware="4.5.10.2")
    assert driver.ask(p2, Code.GET_UNADDRESSED_SERIAL_NUMBER) == UnaddressedSerialNumber(
        serial_number="A17A0003495"
    )
    assert driver.ask(p2, Code.GET_UNADDRESSED_MODEL) == UnaddressedModel(model="EVW2T32HL")
    assert driver.ask(p2, Code.GET_UNADDRESSED_FIRMWARE) == UnaddressedFirmware(firmware="4.5.10")


@pytest.mark.parametrize("unit", [old_unit(), Unit(firmware=FIRMWARE_OLD)], ids=["protocol 1", "protocol 2"])
def test_old_firmware_is_silent_on_everything_but_the_old_questions(driver, hang, clock, unit):
    station = hang(unit)
    driver.keep(station, 3)
    assert [driver.ask(station, code) for code in DATA] == [None] * len(DATA)
    assert driver.order_contactor(station, close=False) is None
    assert driver.ask(station, Code.GET_UNADDRESSED_FIRMWARE) == UnaddressedFirmware(firmware="4.4.13")


def test_the_plug_state_follows_cable_and_current(driver, p2):
    driver.keep(p2, 2)
    states = [driver.ask(p2, Code.GET_PLUG_STATE)]
    p2.plug(Car(ZOE))
    states.append(driver.ask(p2, Code.GET_PLUG_STATE))
    p2.unplug()
    charge(driver, p2, Car(ZOE))
    states.append(driver.ask(p2, Code.GET_PLUG_STATE))
    sender = p2.connector.twcid
    assert states == [
        PlugStateReply(sender=sender, plug_state=state)
        for state in (PlugState.UNPLUGGED, PlugState.NOT_CHARGING, PlugState.CHARGING)
    ]


def test_a_tesla_tells_its_vin_and_nobody_else_has_one(driver, p2):
    driver.keep(p2, 2)
    assert vin(driver, p2) == ""
    p2.plug(Car(TESLA))
    assert vin(driver, p2) == TESLA.vin
    p2.connector.car.asleep = True
    assert vin(driver, p2) == ""
    p2.unplug()
    p2.plug(Car(ZOE))
    assert vin(driver, p2) == ""


@pytest.mark.parametrize(
    ("model", "unit", "volts", "phase_amps"),
    [
        (ZOE, Unit(), (230, 230, 230), (9.5, 9.5, 9.5)),
        (TWO_PHASE, Unit(), (230, 230, 230), (9.0, 9.0, 0.0)),
        (LEAF, Unit(), (230, 230, 230), (9.0, 0.0, 0.0)),
        (ZOE, Unit(model=US), (240, 0, 0), (9.5, 0.0, 0.0)),
    ],
    ids=["three phases", "two phases", "one phase", "a three-phase car on one phase"],
)
def test_the_meter_shows_which_phases_the_car_uses(driver, hang, model, unit, volts, phase_amps):
    station = hang(unit)
    charge(driver, station, Car(model), amps=10)
    meter = driver.ask(station, Code.GET_METER)
    assert isinstance(meter, Meter)
    assert (meter.volts, meter.phase_amps) == (volts, phase_amps)


def test_the_meter_counts_whole_kwh_of_what_was_truly_delivered(driver, hang, clock):
    station = hang(Unit(energy_kwh=842.9))
    charge(driver, station, Car(TESLA), amps=17, seconds=30)
    station.connector.advance(clock.time())
    before, began = station.connector.true_kwh, clock.time()
    driver.keep(station, 600)
    station.connector.advance(clock.time())
    hours = (clock.time() - began) / 3600
    delivered = 16.0 * 3 * 230 / 1000 * hours
    assert station.connector.true_kwh - before == pytest.approx(delivered, rel=1e-9)
    assert driver.ask(station, Code.GET_METER).energy_kwh == int(station.connector.true_kwh) == 844


def test_energy_is_exact_however_finely_time_is_cut(driver, hang, clock, line):
    """A ramp of 3.5 A/s from 0 to 9.2 A takes 2.63 s and averages half of it."""
    station = hang(Unit())
    car = Car(TESLA)
    charge(driver, station, car, amps=10, seconds=60)
    closed_for = 60 + 1 - 0.5 - TESLA.start_seconds
    full = 9.2 * 690 / 3.6e6
    assert station.connector.true_kwh == pytest.approx(full * (closed_for - 9.2 / 3.5 / 2), rel=0.02)
    assert car.delivered_kwh == pytest.approx(station.connector.true_kwh)


def test_fcb2_opens_the_contactor_and_a_non_tesla_resumes_on_fcb1(driver, p2, clock):
    charge(driver, p2, Car(ZOE))
    assert driver.order_contactor(p2, close=False) == ContactorReply(sender=p2.connector.twcid, closed=False)
    answer = driver.keep(p2, 5)
    assert (answer.state, answer.drawn_amps, answer.offered_amps) == (ConnectorState.NOT_CHARGING, 0.0, 16.0)
    assert driver.order_contactor(p2, close=True) == ContactorReply(sender=p2.connector.twcid, closed=True)
    driver.keep(p2, 20)
    assert p2.connector.drawn_amps > 10
    assert p2.connector.contactor_closings == 2


def test_a_tesla_needs_a_replug_after_fcb2(driver, p2):
    car = Car(TESLA)
    charge(driver, p2, car)
    driver.order_contactor(p2, close=False)
    driver.keep(p2, 5)
    driver.order_contactor(p2, close=True)
    driver.keep(p2, 30)
    assert car.needs_replug
    assert p2.connector.drawn_amps == 0.0
    p2.unplug()
    charge(driver, p2, car)
    assert p2.connector.drawn_amps > 10


def test_pulling_the_plug_ends_an_opening_by_command(driver, p2):
    charge(driver, p2, Car(ZOE))
    driver.order_contactor(p2, close=False)
    p2.unplug()
    charge(driver, p2, Car(ZOE))
    assert p2.connector.drawn_amps > 10


FORBIDDEN = [
    (0xFC19, Harm.WROTE_IDENTITY),
    (0xFC1A, Harm.WROTE_MODEL),
    (0xFBE8, Harm.CRASHED),
    (0xFCE5, Harm.FLAPPED_CONTACTOR),
    (0xFCA1, Harm.SILENCED),
    (0xFBD2, Harm.UNKNOWN_COMMAND),
]


@pytest.mark.parametrize(("code", "harm"), FORBIDDEN)
def test_every_harmful_command_is_recorded(driver, p2, clock, code, harm):
    driver.keep(p2, 2)
    driver.send_body(driver.body(code, p2))
    clock.advance(1)
    assert [kind for _, kind in p2.connector.harms] == [harm]


@pytest.mark.parametrize(
    ("code", "answers_at_once", "answers_after_a_while", "answers_after_a_power_cycle"),
    [
        (0xFC19, False, False, False),
        (0xFC1A, False, False, False),
        (0xFBE8, False, False, True),
        (0xFCA1, False, True, True),
        (0xFCE5, True, True, True),
        (0xFBD2, True, True, True),
    ],
)
def test_a_harmed_unit_behaves_as_real_ones_did(
    driver, p2, clock, code, answers_at_once, answers_after_a_while, answers_after_a_power_cycle
):
    driver.keep(p2, 2)
    driver.send_body(driver.body(code, p2))
    clock.advance(1)
    assert (driver.beat(p2) is not None) is answers_at_once
    clock.advance(7)
    assert (driver.beat(p2) is not None) is answers_after_a_while
    p2.power_cycle()
    clock.advance(5.9)
    assert (driver.beat(p2) is not None) is answers_after_a_power_cycle


def test_operation_02_forces_an_error_and_then_silence_until_reset(driver, p2, clock):
    charge(driver, p2, Car(ZOE))
    driver.heard.clear()
    driver.send_body(driver.body(0xFBE0, p2, b"\x02\x04"))
    clock.advance(1)
    assert driver.messages[0].state is ConnectorState.ERROR
    assert p2.connector.drawn_amps == 0.0
    assert [harm for _, harm in p2.connector.harms] == [Harm.FORCED_ERROR]
    assert driver.beat(p2) is None
    p2.power_cycle()
    clock.advance(5.9)
    assert driver.beat(p2).state is not ConnectorState.ERROR


def test_frames_that_are_damaged_or_for_others_do_no_harm(driver, p2, hang, clock):
    other = hang(replace(Unit(), serial_number="A18G0004580"))
    driver.keep(p2, 2)
    driver.send_body(driver.body(0xFC19, other))
    clock.advance(1)
    driver.send_raw(b"\xc0\xfc\x19" + OUR_ID.to_bytes(2, "big") + p2.connector.twcid.to_bytes(2, "big"))
    driver.send_raw(bytes(9) + b"\x55\xc0")
    clock.advance(1)
    driver.send_body(b"\xfd\x99" + driver.body(0xFC19, p2)[2:])
    clock.advance(1)
    assert p2.connector.harms == []
    assert [harm for _, harm in other.connector.harms] == [Harm.WROTE_IDENTITY]


def test_a_unit_without_power_suffers_nothing(driver, p2, clock):
    driver.send_body(driver.body(0xFC19, p2))
    clock.advance(1)
    driver.send_body(driver.body(0xFC19, p2))
    clock.advance(1)
    p2.power_cycle()
    driver.send_body(driver.body(0xFC19, p2))
    clock.advance(1)
    assert len(p2.connector.harms) == 2
