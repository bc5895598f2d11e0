"""What is known of one wall connector."""

from types import SimpleNamespace
from typing import cast

import pytest
from twc.bus.connector.questions import UNANSWERED_LIMIT
from twc.bus.connector.wall_connector import WallConnector
from twc.bus.settings import ConnectorSettings
from twc.bus.timing import LOST_SECONDS, RESERVED_SECONDS
from twc.protocol.codes import Code, ConnectorState as State, Operation, PlugState, ProtocolVersion
from twc.protocol.messages import (
    ConnectorHeartbeat,
    ConnectorLinkReady,
    Data,
    Firmware,
    Meter,
    PlugStateReply,
    SerialNumber,
    UnaddressedFirmware,
    UnaddressedModel,
    UnaddressedSerialNumber,
    VinPart,
)

from bus_peers import GARAGE, OURS, P1, P2, START, answer, heard, met, remembered, settings


def announcement(*, sign: int = 0x8E, max_amps: float = 32.0) -> ConnectorLinkReady:
    return ConnectorLinkReady(sender=GARAGE, sign=sign, max_amps=max_amps, version=P2)


def meter(energy: int = 842) -> Meter:
    return Meter(sender=GARAGE, energy_kwh=energy, volts=(230, 230, 230), phase_amps=(0.0, 0.0, 0.0))


def heartbeat(*, offered: float = 6.0, drawn: float = 0.0) -> ConnectorHeartbeat:
    return ConnectorHeartbeat(
        sender=GARAGE,
        receiver=OURS,
        state=State.CHARGING,
        offered_amps=offered,
        drawn_amps=drawn,
        version=P2,
    )


def without_plug_state(version: ProtocolVersion = P2) -> WallConnector:
    """One whose firmware does not tell whether a car is plugged in."""
    connector = met(version=version)
    for _ in range(UNANSWERED_LIMIT):
        connector.questions.asked(Code.GET_PLUG_STATE, START)
    return connector


def plug(connector: WallConnector, state: PlugState, now: float = START) -> None:
    connector.hear_data(PlugStateReply(sender=GARAGE, plug_state=state), now)


# Memory


def test_everything_worth_keeping_survives_a_restart() -> None:
    connector = heard(offered=13.0)
    for _ in range(2):
        connector.hear_data(meter(), START)
    connector.hear_data(Firmware(sender=GARAGE, firmware="4.5.10.2"), START)
    connector.hear_data(SerialNumber(sender=GARAGE, serial_number="A18G0017973"), START)
    connector.hear_data(UnaddressedModel(model="EVW2T32HL"), START)
    known = connector.to_memory()
    assert known == remembered(
        offered_amps=13.0,
        energy_kwh=842.0,
        serial_number="A18G0017973",
        firmware="4.5.10.2",
        model="EVW2T32HL",
    )
    assert WallConnector.from_memory(known, START).to_memory() == known


def test_an_open_contactor_survives_a_restart_and_so_does_being_left_alone() -> None:
    known = remembered(contactor_open=True, released=True, opened_at=START - 10)
    connector = WallConnector.from_memory(known, START)
    assert connector.stopping.is_open
    assert connector.offer.released
    assert connector.to_memory() == known


def test_one_without_a_limit_is_left_alone_after_a_restart_and_one_of_protocol_1_is_told_0() -> None:
    """It may be asked for a moment just then whether there is a car, and a car that has come would be offered 6 A."""
    assert heard(order=None).to_memory().released
    assert not heard(order=None, version=ProtocolVersion.P1).to_memory().released


def test_a_higher_offer_on_its_way_is_what_is_remembered() -> None:
    connector = heard(offered=6.0)
    connector.sent(Operation.SET_SESSION_LIMIT, 16, START)
    assert connector.to_memory().offered_amps == 16


def test_energy_that_was_never_read_is_not_remembered_as_zero() -> None:
    assert heard().to_memory().energy_kwh is None


# Limits


@pytest.mark.parametrize(
    ("own", "circuit", "cap"),
    [
        (ConnectorSettings(maximum_amps=16), 20, 16),
        (ConnectorSettings(), 20, 20),
        (ConnectorSettings(), 63, 32),
    ],
)
def test_the_cap_is_the_lowest_of_cable_model_and_circuit(
    own: ConnectorSettings, circuit: int, cap: int
) -> None:
    assert met().cap_amps(settings(circuit, connectors={GARAGE: own})) == cap


def test_a_rating_is_counted_in_whole_amps() -> None:
    assert met(rated=31.99).cap_amps(settings(63)) == 31


def test_without_a_choice_of_its_owner_the_limit_is_the_minimum() -> None:
    assert met().limit_amps(settings(connectors={})) == 6


# Presence


def test_it_is_proven_by_two_announcements_an_answer_or_memory() -> None:
    connector = met()
    assert not connector.facts.proven
    connector.hear_announcement(announcement(), START)
    assert not connector.facts.proven
    connector.hear_announcement(announcement(), START + 6)
    assert connector.facts.proven
    assert heard(beats=1).facts.proven
    assert WallConnector.from_memory(remembered(), START).facts.proven


def test_it_answers_until_it_was_silent_for_26_seconds() -> None:
    assert heard().facts.answers(START + LOST_SECONDS - 0.1)
    assert not heard().facts.answers(START + LOST_SECONDS)
    assert not met().facts.answers(START)


def test_its_amps_stay_reserved_for_a_minute() -> None:
    assert heard().facts.reserved(START + RESERVED_SECONDS - 0.1)
    assert not heard().facts.reserved(START + RESERVED_SECONDS)
    assert not met().facts.reserved(START)
    assert WallConnector.from_memory(remembered(), START).facts.reserved(START + RESERVED_SECONDS - 0.1)


def test_after_a_silence_everything_it_was_told_is_forgotten() -> None:
    connector = heard(offered=16.0)
    connector.sent(Operation.SET_SESSION_LIMIT, 16, START)
    answer(connector, offered=0.0, now=START + LOST_SECONDS)
    assert connector.offer.commanded_amps is None
    assert connector.facts.offered_amps == 0.0
    assert connector.facts.consistent_heartbeats == 1


def test_a_reboot_announced_twice_is_believed() -> None:
    connector = heard(offered=16.0)
    connector.sent(Operation.SET_SESSION_LIMIT, 16, START)
    connector.hear_announcement(announcement(sign=0x5B), START + 11)
    assert (connector.offer.commanded_amps, connector.facts.offered_amps) == (16, 16.0)
    connector.hear_announcement(announcement(sign=0x5B), START + 12)
    assert (connector.offer.commanded_amps, connector.facts.offered_amps) == (None, 0.0)


def test_an_announcement_with_the_old_sign_is_no_reboot() -> None:
    connector = heard(offered=16.0)
    for second in range(3):
        connector.hear_announcement(announcement(), START + second)
    assert connector.facts.offered_amps == 16.0


def test_a_reboot_makes_every_question_worth_asking_again() -> None:
    connector = without_plug_state()
    assert connector.questions.unsupported(Code.GET_PLUG_STATE)
    connector.hear_announcement(announcement(sign=0x5B), START)
    assert not connector.questions.unsupported(Code.GET_PLUG_STATE)


# Believing


def test_an_offer_above_the_largest_model_is_noise() -> None:
    assert not met(rated=80.0).facts.judge_amps(heartbeat(offered=80.01), 80.0)
    assert met(rated=80.0).facts.judge_amps(heartbeat(offered=80.0), 80.0)


def test_a_current_far_above_the_rating_is_believed_when_reported_twice() -> None:
    connector = met()
    assert not connector.facts.judge_amps(heartbeat(drawn=60.0), 32.0)
    assert connector.facts.judge_amps(heartbeat(drawn=60.5), 32.0)


def test_two_impossible_currents_that_disagree_are_noise() -> None:
    connector = met()
    assert not connector.facts.judge_amps(heartbeat(drawn=60.0), 32.0)
    assert not connector.facts.judge_amps(heartbeat(drawn=90.0), 32.0)
    assert connector.facts.judge_amps(heartbeat(drawn=16.0), 32.0)
    assert not connector.facts.judge_amps(heartbeat(drawn=90.0), 32.0)


def test_a_current_somewhat_above_the_rating_is_measuring_error() -> None:
    assert met().facts.judge_amps(heartbeat(drawn=42.0), 32.0)


# The last two reports


def test_the_higher_of_the_last_two_reports_counts_for_the_offer() -> None:
    connector = heard(offered=16.0, drawn=15.0)
    answer(connector, offered=6.0, drawn=5.0, now=START)
    assert (
        connector.facts.offered_amps,
        connector.facts.recently_drawn_amps,
        connector.facts.drawn_amps,
    ) == (16.0, 15.0, 5.0)
    answer(connector, offered=6.0, drawn=5.0, now=START)
    assert (connector.facts.offered_amps, connector.facts.recently_drawn_amps) == (6.0, 5.0)


def test_a_first_answer_a_new_state_and_a_new_offer_are_news() -> None:
    connector = met()
    assert answer(connector, offered=6.0, drawn=5.0, now=START)
    assert not answer(connector, offered=6.0, drawn=5.5, now=START)
    assert answer(connector, offered=7.0, drawn=5.5, now=START)
    assert answer(connector, offered=7.0, drawn=5.5, state=State.NOT_CHARGING, now=START)


# Cars


@pytest.mark.parametrize("state", [State.CHARGING, State.NOT_CHARGING, State.PLUGGED_READY, State.STARTING])
def test_some_states_prove_a_car(state: State) -> None:
    assert heard(state=state).plug.plugged_in is True


@pytest.mark.parametrize("state", [State.READY, State.ERROR, State.BUSY, State.APPLYING_LIMIT])
def test_other_states_prove_nothing(state: State) -> None:
    assert heard(state=state).plug.plugged_in is None


def test_a_current_proves_a_car_whatever_the_state() -> None:
    assert heard(state=State.APPLYING_LIMIT, drawn=5.0).plug.plugged_in is True


def test_where_the_firmware_tells_no_plug_state_ready_means_no_car() -> None:
    connector = without_plug_state()
    answer(connector, state=State.NOT_CHARGING, now=START)
    answer(connector, state=State.READY, now=START + 1)
    assert connector.plug.plugged_in is False
    assert connector.plug.plugged_in_since is None


def test_an_old_wall_connector_that_is_ready_has_no_car_from_the_first_heartbeat_on() -> None:
    # A car that comes in the first half minute, while plug states are still asked for, is noticed as it comes.
    connector = heard(version=P1, state=State.READY)
    assert connector.plug.plugged_in is False
    answer(connector, state=State.NOT_CHARGING, now=START + 5)
    assert connector.stopping.establishing.update(0.0, START + 6)


def test_an_old_wall_connector_that_tells_its_plug_state_all_the_same_is_believed() -> None:
    connector = heard(version=P1, state=State.READY)
    plug(connector, PlugState.NOT_CHARGING)
    answer(connector, state=State.READY, now=START + 1)
    assert connector.plug.plugged_in is True


def test_where_the_firmware_tells_the_plug_state_ready_may_be_a_sleeping_car() -> None:
    connector = heard(state=State.NOT_CHARGING)
    answer(connector, state=State.READY, now=START + 1)
    assert connector.plug.plugged_in is True


@pytest.mark.parametrize(
    ("state", "plugged_in"),
    [(PlugState.UNPLUGGED, False), (PlugState.CHARGING, True), (PlugState.NOT_CHARGING, True)],
)
def test_the_plug_state_tells_whether_a_car_is_there(state: PlugState, *, plugged_in: bool) -> None:
    connector = heard(state=State.READY)
    plug(connector, state)
    assert (connector.plug.state, connector.plug.plugged_in) == (state, plugged_in)


def test_the_plug_state_nobody_explained_says_nothing() -> None:
    connector = heard(state=State.READY)
    plug(connector, PlugState.UNPLUGGED)
    plug(connector, PlugState.UNEXPLAINED)
    assert connector.plug.plugged_in is False


def test_nobody_is_unplugged_while_current_flows() -> None:
    connector = heard(drawn=5.0)
    plug(connector, PlugState.UNPLUGGED)
    assert connector.plug.plugged_in is True


def test_a_car_counts_from_when_it_was_plugged_in() -> None:
    connector = heard(state=State.READY)
    plug(connector, PlugState.UNPLUGGED)
    answer(connector, state=State.NOT_CHARGING, now=START + 5)
    answer(connector, state=State.CHARGING, now=START + 20)
    assert connector.plug.plugged_in_since == START + 5


def test_a_car_plugged_in_before_our_eyes_is_given_time_to_begin() -> None:
    connector = heard(state=State.READY)
    plug(connector, PlugState.UNPLUGGED)
    answer(connector, state=State.NOT_CHARGING, now=START + 5)
    assert connector.stopping.establishing.update(0.0, START + 6)


def test_a_car_that_was_there_before_us_is_not() -> None:
    connector = heard(state=State.NOT_CHARGING)
    assert not connector.stopping.establishing.update(0.0, START + 1)


def test_a_car_takes_its_vin_away_with_it() -> None:
    connector = heard(state=State.NOT_CHARGING)
    parts = {Code.VIN_START: "5YJ3E1E", Code.VIN_MIDDLE: "AXJF000", Code.VIN_END: "001"}
    for code, text in parts.items():
        connector.questions.asked(Code(code - 0x0200), START)
        connector.hear_data(VinPart(code=code, sender=GARAGE, text=text), START)
    assert connector.questions.vin.vin == "5YJ3E1EAXJF000001"
    plug(connector, PlugState.UNPLUGGED)
    assert connector.questions.vin.vin is None


# Data


def test_the_model_and_an_old_serial_number_come_without_an_address() -> None:
    connector = heard()
    connector.hear_data(UnaddressedModel(model="EVW2T32HL"), START)
    connector.hear_data(UnaddressedSerialNumber(serial_number="A16K0001234"), START)
    connector.hear_data(UnaddressedFirmware(firmware="4.4.13"), START)
    assert (connector.facts.model, connector.facts.serial_number, connector.facts.firmware) == (
        "EVW2T32HL",
        "A16K0001234",
        "4.4.13",
    )


def test_a_first_counter_reading_is_confirmed_soon() -> None:
    connector = heard(state=State.READY)
    connector.questions.asked(Code.GET_METER, START)
    connector.hear_data(meter(), START)
    due = connector.questions.next(alone=False)
    while due is not None and due[1] is not Code.GET_METER:
        connector.questions.asked(due[1], due[0] + 100)
        due = connector.questions.next(alone=False)
    assert due is not None
    assert due[0] <= START


def test_a_wall_connector_without_a_meter_counts_its_energy_itself() -> None:
    connector = met(version=P1)
    for code in (Code.GET_METER, Code.GET_FIRMWARE):
        for _ in range(UNANSWERED_LIMIT):
            connector.questions.asked(code, START)
    for second in range(3601):
        answer(connector, offered=16.0, drawn=16.0, now=START + second)
    assert connector.energy.kwh == pytest.approx(16 * 690 / 1000)


def test_it_is_charging_from_one_ampere_on() -> None:
    assert not heard(drawn=0.25).facts.charging
    assert heard(drawn=1.0).facts.charging
    assert not met().facts.charging


# Commands


def test_an_offer_that_is_not_taken_over_is_counted() -> None:
    connector = heard(offered=6.0)
    for tries in (1, 2, 3):
        connector.sent(Operation.SET_SESSION_LIMIT, 16, START)
        assert connector.offer.tries == tries
    connector.sent(Operation.SET_SESSION_LIMIT, 13, START)
    assert connector.offer.tries == 1
    connector.sent(Operation.KEEP_ALIVE, None, START)
    assert connector.offer.tries == 0


def test_a_repeated_zero_that_is_in_force_is_no_vain_try() -> None:
    connector = heard(offered=0.0, version=P1, order=0)
    for _ in range(5):
        connector.sent(Operation.SET_LIMIT, 0, START)
    assert connector.offer.tries == 0
    assert connector.offer.refusing_since is None


def test_a_current_above_every_offer_makes_the_next_heartbeat_urgent() -> None:
    connector = heard(offered=10.0, drawn=9.2)
    too_much = ConnectorHeartbeat(
        sender=connector.twcid,
        receiver=OURS,
        state=State.CHARGING,
        offered_amps=10.0,
        drawn_amps=14.0,
        version=P2,
    )
    assert [connector.hear_heartbeat(too_much, settings(), START + second) for second in range(1, 4)] == [
        True,
        True,
        False,
    ]


def second_answer(version: ProtocolVersion) -> ConnectorHeartbeat:
    return ConnectorHeartbeat(
        sender=GARAGE,
        receiver=OURS,
        state=State.CHARGING,
        offered_amps=16.0,
        drawn_amps=15.0,
        version=version,
    )


def test_a_second_answer_in_the_other_size_is_a_sign_of_two_units() -> None:
    connector = heard(offered=16.0, drawn=15.0)
    connector.identity.answered(P2, START)
    connector.hear_second_answer(second_answer(P1), START + 0.3)
    assert connector.identity.duplicates.is_suspected(START + 0.3)
    assert connector.version is P2


def test_a_second_answer_contradicts_nothing_where_the_first_was_not_believed() -> None:
    connector = met()
    connector.hear_second_answer(second_answer(P2), START)
    assert not connector.identity.duplicates.is_suspected(START)


def test_an_answer_of_a_kind_that_nobody_knows_yet_tells_nothing() -> None:
    connector = heard()
    before = connector.to_memory()
    connector.hear_data(cast(Data, SimpleNamespace(code=Code.METER)), START)
    assert connector.to_memory() == before
    assert connector.facts.meter is None
