"""The frozen facts about a wall connector."""

import pytest
from twc.bus.connector.stopping import OPEN_SECONDS, RESUMED_SECONDS, StopDecision
from twc.bus.connector.wall_connector import WallConnector
from twc.bus.presence import presence_of, problem_of
from twc.bus.settings import ConnectorSettings, StopMethod
from twc.bus.snapshot import Presence, Problem, StopState, WallConnectorSnapshot
from twc.bus.snapshot_of import report
from twc.bus.timing import LOST_SECONDS, RESERVED_SECONDS, STALE_SECONDS
from twc.protocol.codes import ConnectorState, Operation, PlugState
from twc.protocol.messages import ConnectorLinkReady, Firmware, Meter, PlugStateReply, SerialNumber

from bus_peers import GARAGE, P2, START, answer, heard, met, remembered, settings


def announce(connector: WallConnector, now: float, *, sign: int = 0x8E) -> WallConnector:
    message = ConnectorLinkReady(sender=GARAGE, sign=sign, max_amps=32.0, version=P2)
    connector.hear_announcement(message, now)
    return connector


def problem(connector: WallConnector, now: float = START) -> Problem | None:
    return problem_of(connector, presence_of(connector, now), now)


def overdrawing() -> WallConnector:
    connector = heard(offered=6.0, drawn=6.0)
    for _ in range(2):
        answer(connector, offered=6.0, drawn=39.0, now=START)
    return connector


# Presence


@pytest.mark.parametrize(
    ("silent", "presence"),
    [
        (0.0, Presence.LINKED),
        (STALE_SECONDS - 0.1, Presence.LINKED),
        (STALE_SECONDS, Presence.STALE),
        (LOST_SECONDS, Presence.LOST),
        (3600.0, Presence.LOST),
    ],
)
def test_a_silent_wall_connector_is_linked_then_stale_then_lost(silent: float, presence: Presence) -> None:
    assert presence_of(heard(), START + silent) is presence


def test_a_wall_connector_known_from_before_is_remembered_until_it_is_heard() -> None:
    connector = WallConnector.from_memory(remembered(), START)
    assert presence_of(connector, START) is Presence.REMEMBERED
    assert presence_of(connector, START + 3600.0) is Presence.REMEMBERED


def test_a_wall_connector_that_asks_for_a_controller_is_announced() -> None:
    assert presence_of(announce(met(), START), START) is Presence.ANNOUNCED


def test_a_wall_connector_left_without_heartbeats_is_released_when_it_has_fallen_silent() -> None:
    connector = overdrawing()
    assert presence_of(connector, START + 1.0) is Presence.LINKED
    assert presence_of(connector, START + STALE_SECONDS) is Presence.RELEASED


def test_one_whose_turn_has_just_come_is_not_lost_before_it_was_asked_in_vain() -> None:
    connector = heard()
    connector.facts.left_alone_until = START + 300.0
    assert presence_of(connector, START + 300.0 + LOST_SECONDS - 1) is Presence.ANNOUNCED
    assert presence_of(connector, START + 300.0 + LOST_SECONDS) is Presence.LOST


def test_a_released_wall_connector_that_asks_is_still_released() -> None:
    connector = announce(overdrawing(), START + 30.0)
    assert presence_of(connector, START + 30.0) is Presence.RELEASED


def test_one_left_alone_before_the_restart_is_released() -> None:
    connector = WallConnector.from_memory(remembered(offered_amps=16.0, released=True), START)
    assert presence_of(connector, START) is Presence.RELEASED


# Problems


def test_a_wall_connector_that_does_its_work_has_no_problem() -> None:
    assert problem(heard(offered=16.0, drawn=15.2)) is None


def test_a_lost_wall_connector_is_a_problem() -> None:
    assert problem(heard(), START + LOST_SECONDS) is Problem.LOST


def test_drawing_too_much_is_the_worst_problem_and_stays_one_while_it_is_left_alone() -> None:
    assert problem(overdrawing()) is Problem.OVERDRAWING
    assert problem(overdrawing(), START + 600.0) is Problem.OVERDRAWING


def test_two_units_under_one_address_are_a_problem() -> None:
    connector = heard()
    for number, sign in enumerate((1, 2, 1)):
        announce(connector, START + number, sign=sign)
    assert problem(connector, START + 3.0) is Problem.DUPLICATE_ID


def test_an_error_is_a_problem_while_it_is_reported() -> None:
    connector = heard(state=ConnectorState.ERROR)
    assert problem(connector) is Problem.ERROR_STATE
    assert problem(connector, START + STALE_SECONDS) is None


def test_the_error_of_one_that_is_left_alone_and_asked_now_and_then_is_none() -> None:
    connector = heard(state=ConnectorState.ERROR)
    connector.offer.released = True
    assert problem(connector) is None


def test_a_limit_not_taken_over_for_half_a_minute_is_a_problem() -> None:
    connector = heard(offered=6.0)
    for second in range(60):
        connector.sent(Operation.SET_SESSION_LIMIT, 16, START + second)
        answer(connector, offered=6.0, now=START + second)
        assert (problem(connector, START + second) is Problem.NOT_ACCEPTING) is (second > 30)
    answer(connector, offered=16.0, now=START + 60)
    connector.sent(Operation.KEEP_ALIVE, 16, START + 60)
    assert problem(connector, START + 60) is None


def test_a_limit_that_changes_every_few_seconds_is_no_refusal() -> None:
    connector = heard(offered=6.0)
    for second in range(90):
        connector.sent(Operation.SET_SESSION_LIMIT, 8 + second // 10, START + second)
        answer(connector, offered=float(8 + second // 10), now=START + second)
        assert problem(connector, START + second) is None


def test_a_contactor_that_does_not_open_is_a_problem() -> None:
    connector = heard(offered=6.0, drawn=5.2)
    assert problem(connector) is None
    for second in range(100):
        now = START + second
        connector.stop = connector.stopping.decide(
            wanted=True, version=P2, method=StopMethod.CONTACTOR, drawn_amps=5.2, now=now
        )
        if connector.stop.contactor is not None:
            connector.contactor_ordered(now)
        answer(connector, offered=6.0, drawn=5.2, now=now)
    assert problem(connector, START + 100.0) is Problem.STOP_FAILED


# The report


def facts(connector: WallConnector, now: float = START) -> WallConnectorSnapshot:
    return report(connector, settings(), now)


def test_before_the_first_heartbeat_nothing_is_made_up() -> None:
    said = facts(announce(met(), START))
    assert (said.state, said.offered_amps, said.drawn_amps, said.commanded_amps) == (None, None, None, None)
    assert (said.charging, said.plugged_in, said.power_watts, said.energy_kwh) == (None, None, None, None)
    assert (said.volts, said.phase_amps, said.vin, said.last_heard) == (None, None, None, None)
    assert (said.rated_amps, said.maximum_amps, said.minimum_amps) == (32.0, 32, 6)


def test_until_when_it_counts_unheard_is_told_until_it_is_heard() -> None:
    connector = WallConnector.from_memory(remembered(), START)
    assert facts(connector, START + 8.0).counts_unheard_until == START + RESERVED_SECONDS
    assert facts(connector, START + RESERVED_SECONDS).counts_unheard_until is None
    assert facts(heard()).counts_unheard_until is None


def test_everything_heard_is_reported() -> None:
    connector = heard(offered=16.0, drawn=15.0)
    connector.sent(Operation.SET_SESSION_LIMIT, 16, START)
    connector.stop = StopDecision(6, StopState.HOLDING)
    connector.hear_data(
        Meter(sender=GARAGE, energy_kwh=842, volts=(230, 231, 232), phase_amps=(15.0, 15.0, 0.0)), START
    )
    connector.hear_data(PlugStateReply(sender=GARAGE, plug_state=PlugState.CHARGING), START)
    connector.hear_data(Firmware(sender=GARAGE, firmware="4.5.10.2"), START)
    connector.hear_data(SerialNumber(sender=GARAGE, serial_number="A18G0017973"), START)
    said = facts(connector)
    assert (said.twcid, said.presence, said.version) == (GARAGE, Presence.LINKED, P2)
    assert (said.state, said.offered_amps, said.drawn_amps) == (ConnectorState.CHARGING, 16.0, 15.0)
    assert (said.commanded_amps, said.counted_amps) == (16, 16.0)
    assert (said.plug_state, said.plugged_in, said.plugged_in_since) == (PlugState.CHARGING, True, START)
    assert said.charging
    assert (said.volts, said.phase_amps) == ((230, 231, 232), (15.0, 15.0, 0.0))
    assert said.power_watts == 15.0 * 461
    assert (said.serial_number, said.firmware) == ("A18G0017973", "4.5.10.2")
    assert (said.stop, said.problem, said.last_heard) == (StopState.STOPPING, None, START)


@pytest.mark.parametrize(
    ("drawn", "stop"),
    [
        (0.25, StopState.STOPPED),
        (5.2, StopState.HOLDING),
        (7.2, StopState.HOLDING),
        (12.0, StopState.STOPPING),
    ],
)
def test_a_car_is_held_at_the_minimum_only_while_it_draws_that(drawn: float, stop: StopState) -> None:
    connector = heard(offered=6.0, drawn=drawn)
    connector.stop = StopDecision(6, StopState.HOLDING)
    assert facts(connector).stop is stop


def test_an_old_answer_about_the_plug_does_not_contradict_a_car_that_was_heard_of_since() -> None:
    connector = heard(offered=6.0, drawn=0.0)
    connector.hear_data(PlugStateReply(sender=GARAGE, plug_state=PlugState.UNPLUGGED), START)
    assert (facts(connector).plug_state, facts(connector).plugged_in) == (PlugState.UNPLUGGED, False)
    answer(connector, offered=6.0, drawn=5.0, now=START)
    assert (facts(connector).plug_state, facts(connector).plugged_in) == (None, True)
    connector.hear_data(PlugStateReply(sender=GARAGE, plug_state=PlugState.CHARGING), START)
    assert facts(connector).plug_state is PlugState.CHARGING


def test_one_the_circuit_has_no_room_for_waits_whatever_its_owner_wants() -> None:
    connector = heard()
    connector.offer.order = None
    assert facts(connector).stop is StopState.WAITING
    connector.offer.order = 6
    assert facts(connector).stop is StopState.NONE


def test_the_highest_offer_ever_is_what_cable_model_and_circuit_allow() -> None:
    bus = settings(20, connectors={GARAGE: ConnectorSettings(maximum_amps=13)})
    assert report(heard(), bus, START).maximum_amps == 13


def test_what_a_wall_connector_last_said_is_nothing_to_go_by_after_a_minute() -> None:
    said = facts(heard(offered=16.0, drawn=15.0), START + RESERVED_SECONDS)
    assert (said.state, said.offered_amps, said.drawn_amps, said.power_watts) == (None, None, None, None)
    assert said.last_heard == START


@pytest.mark.parametrize(
    ("state", "rests"),
    [(ConnectorState.READY, True), (ConnectorState.STARTING, False), (ConnectorState.CHARGING, False)],
)
def test_a_contactor_opened_before_a_restart_rests_until_a_car_begins(
    state: ConnectorState, rests: bool
) -> None:
    connector = WallConnector.from_memory(remembered(contactor_open=True), START)
    answer(connector, state=state, offered=6.0, drawn=0.0, now=START)
    facts = report(connector, settings(), START)
    assert (facts.contactor_rests, facts.contactor_open) == (rests, False), "nobody is sure that it is open"
    assert facts.rest_ends_at == (START + OPEN_SECONDS if rests else None)


@pytest.mark.parametrize(
    ("opened_at", "ends"), [(-25.0, 35.0), (-600.0, RESUMED_SECONDS), (30.0, 60.0), (None, 60.0)]
)
def test_a_rest_goes_on_over_a_restart_where_it_is_known_since_when(
    opened_at: float | None, ends: float
) -> None:
    """A time that has not come yet cannot be true: it then rests for the whole time."""
    at = None if opened_at is None else START + opened_at
    connector = WallConnector.from_memory(remembered(contactor_open=True, opened_at=at), START)
    answer(connector, state=ConnectorState.READY, offered=6.0, drawn=0.0, now=START)
    assert report(connector, settings(), START).rest_ends_at == START + ends
    assert connector.to_memory().opened_at == START + min(opened_at or 0.0, 0.0)
