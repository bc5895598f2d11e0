"""Which wall connectors are given heartbeats."""

import pytest
from twc.bus.connector.wall_connector import WallConnector
from twc.bus.guard.admission import admit, asks_for_controller, is_released, wants_heartbeats
from twc.bus.timing import LOST_SECONDS
from twc.protocol.codes import ConnectorState, Operation, TwcId
from twc.protocol.messages import ConnectorLinkReady

from bus_peers import CARPORT, GARAGE, GATE, P1, P2, START, YARD, answer, heard, met, remembered, settings


def announce(connector: WallConnector, now: float = START) -> WallConnector:
    message = ConnectorLinkReady(sender=connector.twcid, sign=0x8E, max_amps=32.0, version=connector.version)
    connector.hear_announcement(message, now)
    return connector


def newcomer(twcid: TwcId = GARAGE, now: float = START) -> WallConnector:
    return announce(met(twcid, now=now), now)


def wants(connector: WallConnector, *others: WallConnector, circuit: int = 32, now: float = START) -> bool:
    return wants_heartbeats(connector, others, settings(circuit), now)


def overdrawing(twcid: TwcId = GARAGE) -> WallConnector:
    connector = heard(twcid, offered=6.0, drawn=6.0)
    for _ in range(2):
        answer(connector, offered=6.0, drawn=39.0, now=START)
    return connector


def test_a_wall_connector_that_announces_itself_is_served() -> None:
    assert wants(newcomer())


def test_one_that_has_not_announced_itself_lately_is_not_there() -> None:
    assert not wants(met())
    assert not wants(newcomer(), now=START + LOST_SECONDS)


def test_one_that_answers_is_served() -> None:
    assert wants(heard(), now=START + LOST_SECONDS - 0.1)
    assert not wants(heard(), now=START + LOST_SECONDS)


def test_one_that_fell_silent_is_served_again_when_it_announces_itself() -> None:
    connector = announce(heard(offered=16.0), now=START + 40.0)
    assert asks_for_controller(connector, START + 40.0)
    assert wants(connector, now=START + 40.0)


def test_one_that_answered_since_its_announcement_does_not_ask() -> None:
    connector = newcomer()
    answer(connector, now=START + 1.0)
    assert not asks_for_controller(connector, START + 1.0)


def test_a_newcomer_waits_until_its_minimum_fits() -> None:
    other = heard(CARPORT, offered=16.0)
    assert not wants(newcomer(), other, circuit=20)
    assert wants(newcomer(), other, circuit=22)


def test_one_that_may_still_be_charging_is_served_whatever_the_room() -> None:
    connector = announce(heard(offered=16.0), now=START + 30.0)
    other = heard(CARPORT, offered=16.0, now=START + 30.0)
    assert wants(connector, other, circuit=16, now=START + 30.0)


def test_without_room_a_newcomer_is_watched_when_it_shall_have_no_limit() -> None:
    connector = newcomer()
    connector.offer.order = None
    assert wants(connector, heard(CARPORT, offered=16.0), circuit=16)


def test_one_known_from_before_the_restart_is_served_at_once() -> None:
    connector = WallConnector.from_memory(remembered(offered_amps=16.0), START)
    assert wants(connector, now=START + LOST_SECONDS - 0.1)
    assert not wants(connector, now=START + LOST_SECONDS)


# Left alone


@pytest.mark.parametrize(
    ("connector", "released"),
    [
        pytest.param(heard(offered=16.0, order=16), False, id="it may charge"),
        pytest.param(heard(offered=16.0, order=0), False, id="it is stopped"),
        pytest.param(heard(offered=16.0, order=None), True, id="no room, and it has an offer"),
        pytest.param(heard(drawn=5.0, order=None), True, id="no room, and its car charges"),
        pytest.param(
            heard(order=None, state=ConnectorState.READY), False, id="no room, but it was never given a limit"
        ),
        pytest.param(heard(order=None), True, id="no room, and a car that must not meet 0 A"),
        pytest.param(heard(offered=16.0, version=P1, order=None), False, id="protocol 1 is told 0 A instead"),
    ],
)
def test_a_protocol_2_connector_without_room_is_left_alone(
    connector: WallConnector, *, released: bool
) -> None:
    assert is_released(connector, START) is released
    assert wants(connector) is not released


def test_a_limit_on_its_way_has_to_be_taken_back_by_silence_too() -> None:
    connector = heard(order=None)
    connector.sent(Operation.SET_LIMIT, 6, START)
    assert is_released(connector, START)


def test_one_known_from_before_the_restart_is_heard_before_it_is_left_alone() -> None:
    charging = WallConnector.from_memory(remembered(offered_amps=16.0), START)
    charging.offer.order = None
    assert not is_released(charging, START)
    answer(charging, offered=16.0, drawn=15.0, now=START + 1)
    assert is_released(charging, START + 1)


def test_one_that_was_left_alone_before_the_restart_is_left_alone_after_it() -> None:
    waiting = WallConnector.from_memory(remembered(offered_amps=16.0, released=True), START)
    assert is_released(waiting, START)
    waiting.offer.order = 6
    assert not is_released(waiting, START)


def test_one_that_draws_too_much_is_left_alone_even_if_it_asks() -> None:
    connector = announce(overdrawing(), now=START + 30.0)
    assert not wants(connector, now=START + 30.0)


def test_one_that_drew_too_much_gets_another_chance_when_it_asks() -> None:
    later = START + 3600.0
    assert wants(announce(overdrawing(), now=later), now=later)


# No more than three


def test_a_fourth_wall_connector_is_refused() -> None:
    connectors = [
        newcomer(twcid, START + number) for number, twcid in enumerate((GARAGE, CARPORT, YARD, GATE))
    ]
    served, refused = admit(connectors, settings(80), START + 5.0)
    assert [connector.twcid for connector in served] == [GARAGE, CARPORT, YARD]
    assert [connector.twcid for connector in refused] == [GATE]


@pytest.mark.parametrize("order", [None, 6])
def test_a_fourth_is_refused_as_well_where_the_circuit_has_no_room_for_it(order: int | None) -> None:
    asking = newcomer(GATE)
    asking.offer.order = order
    others = [heard(twcid, offered=10.0, order=10) for twcid in (GARAGE, CARPORT, YARD)]
    served, refused = admit([asking, *others], settings(32), START)
    assert served == others
    assert refused == [asking]


def test_without_three_others_one_that_waits_for_room_is_not_refused() -> None:
    others = [heard(twcid, offered=16.0, order=16) for twcid in (GARAGE, CARPORT)]
    served, refused = admit([newcomer(GATE), *others], settings(32), START)
    assert served == others
    assert refused == []


def test_those_that_answer_keep_their_place_before_those_that_only_announce_themselves() -> None:
    asking = newcomer(GARAGE)
    answering = [heard(twcid, now=START + 1.0) for twcid in (CARPORT, YARD, GATE)]
    served, refused = admit([asking, *answering], settings(80), START + 1.0)
    assert served == answering
    assert refused == [asking]


def test_those_that_may_be_charging_keep_their_place_before_newcomers() -> None:
    asking = newcomer(GARAGE)
    known = [WallConnector.from_memory(remembered(twcid), START) for twcid in (CARPORT, YARD, GATE)]
    _, refused = admit([asking, *known], settings(80), START)
    assert refused == []
    for connector in known:
        answer(connector, now=START)
        announce(connector, START + 30.0)
    announce(asking, START + 30.0)
    _, refused = admit([asking, *known], settings(80), START + 30.0)
    assert refused == [asking]


def test_one_that_is_left_alone_takes_no_place() -> None:
    connectors = [overdrawing(GARAGE), *(heard(twcid) for twcid in (CARPORT, YARD, GATE))]
    served, refused = admit(connectors, settings(80), START)
    assert [connector.twcid for connector in served] == [CARPORT, YARD, GATE]
    assert refused == []


def test_the_state_of_an_empty_place_is_no_reason_to_leave_it_alone() -> None:
    assert wants(heard(state=ConnectorState.READY, order=None, version=P2))
