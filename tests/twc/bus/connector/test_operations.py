"""Which operation carries an offer: the table of protocol.md 3.3."""

import pytest
from twc.bus.connector.operations import choose_operation
from twc.protocol.codes import ConnectorState as State, Operation, ProtocolVersion, TwcId
from twc.protocol.messages import ConnectorHeartbeat

P1, P2 = ProtocolVersion.P1, ProtocolVersion.P2
KEEP_ALIVE, SET_LIMIT = Operation.KEEP_ALIVE, Operation.SET_LIMIT
GRANT_START, SET_SESSION_LIMIT = Operation.GRANT_START, Operation.SET_SESSION_LIMIT


def heartbeat(version: ProtocolVersion, state: State, offered: float) -> ConnectorHeartbeat:
    return ConnectorHeartbeat(
        sender=TwcId(0x7973),
        receiver=TwcId(0x7777),
        state=state,
        offered_amps=offered,
        drawn_amps=0.0,
        version=version,
    )


@pytest.mark.parametrize(
    ("version", "state", "offered", "wish", "operation"),
    [
        (P2, State.READY, 0.0, 16, SET_LIMIT),
        (P2, State.NOT_CHARGING, 6.0, 16, SET_LIMIT),
        (P2, State.PLUGGED_READY, 0.0, 6, SET_LIMIT),
        (P2, State.STARTING, 0.0, 16, GRANT_START),
        (P2, State.STARTING, 6.0, 16, SET_SESSION_LIMIT),
        (P2, State.CHARGING, 6.0, 16, SET_SESSION_LIMIT),
        (P2, State.CHARGING, 16.0, 6, SET_SESSION_LIMIT),
        (P2, State.RAISING, 8.0, 16, SET_SESSION_LIMIT),
        (P2, State.LOWERING, 8.0, 16, SET_SESSION_LIMIT),
        (P2, State.APPLYING_LIMIT, 8.0, 16, SET_SESSION_LIMIT),
        (P2, State.ADJUSTED, 8.0, 16, SET_SESSION_LIMIT),
        (P1, State.READY, 0.0, 16, SET_LIMIT),
        (P1, State.CHARGING, 6.0, 16, SET_LIMIT),
        (P1, State.STARTING, 0.0, 16, SET_LIMIT),
        (P1, State.NOT_CHARGING, 0.0, 6, SET_LIMIT),
        (P1, State.CHARGING, 16.0, 0, SET_LIMIT),
    ],
)
def test_the_state_decides_how_an_offer_is_made(
    version: ProtocolVersion, state: State, offered: float, wish: int, operation: Operation
) -> None:
    assert choose_operation(version, heartbeat(version, state, offered), wish, 0) is operation


@pytest.mark.parametrize("version", ProtocolVersion)
@pytest.mark.parametrize("state", State)
def test_an_offer_that_is_in_force_is_only_kept_alive(version: ProtocolVersion, state: State) -> None:
    assert choose_operation(version, heartbeat(version, state, 16.0), 16, 0) is KEEP_ALIVE


@pytest.mark.parametrize("version", ProtocolVersion)
@pytest.mark.parametrize("state", [State.ERROR, State.BUSY])
def test_a_busy_or_faulty_wall_connector_is_only_kept_alive(version: ProtocolVersion, state: State) -> None:
    assert choose_operation(version, heartbeat(version, state, 6.0), 16, 0) is KEEP_ALIVE


@pytest.mark.parametrize("version", ProtocolVersion)
def test_the_first_heartbeat_offers_nothing(version: ProtocolVersion) -> None:
    assert choose_operation(version, None, 16, 0) is KEEP_ALIVE


def test_without_a_limit_to_give_a_wall_connector_is_only_kept_alive() -> None:
    assert choose_operation(P2, heartbeat(P2, State.PLUGGED_READY, 0.0), None, 0) is KEEP_ALIVE


@pytest.mark.parametrize("state", State)
def test_zero_is_repeated_in_every_heartbeat_to_a_protocol_1_connector(state: State) -> None:
    # Alternating with keep-alives it made the relay click every second (protocol.md 3.4).
    assert choose_operation(P1, heartbeat(P1, state, 0.0), 0, 7) is SET_LIMIT


def test_zero_is_repeated_even_while_answers_are_missing() -> None:
    # A keep-alive in between would start the car.
    assert choose_operation(P1, None, 0, 0) is SET_LIMIT


@pytest.mark.parametrize(
    ("state", "tries", "operation"),
    [
        (State.NOT_CHARGING, 2, SET_LIMIT),
        (State.NOT_CHARGING, 3, SET_SESSION_LIMIT),
        (State.PLUGGED_READY, 2, SET_LIMIT),
        (State.PLUGGED_READY, 3, SET_SESSION_LIMIT),
        (State.READY, 30, SET_LIMIT),  # a Polestar in state 00 ignored 09 (ngardiner#215)
    ],
)
def test_a_plugged_connector_that_does_not_adopt_05_is_sent_09(
    state: State, tries: int, operation: Operation
) -> None:
    assert choose_operation(P2, heartbeat(P2, state, 0.0), 16, tries) is operation


def test_patience_changes_nothing_for_protocol_1() -> None:
    assert choose_operation(P1, heartbeat(P1, State.NOT_CHARGING, 0.0), 16, 9) is SET_LIMIT


def test_two_units_are_brought_to_a_limit_whatever_one_of_them_reported() -> None:
    # The other one may charge, and takes 09 only; or wait, and take 05 only (protocol.md 3.3).
    for state in State:
        for offered in (0.0, 6.0, 13.0):
            operations = [
                choose_operation(P2, heartbeat(P2, state, offered), 6, tries, duplicates=True)
                for tries in range(2)
            ]
            assert operations == [SET_SESSION_LIMIT, SET_LIMIT]


def test_two_units_of_protocol_1_take_05() -> None:
    assert choose_operation(P1, heartbeat(P1, State.CHARGING, 6.0), 6, 0, duplicates=True) is SET_LIMIT


def test_two_units_are_given_no_limit_where_there_is_none() -> None:
    assert choose_operation(P2, heartbeat(P2, State.CHARGING, 6.0), None, 0, duplicates=True) is KEEP_ALIVE
    assert choose_operation(P2, None, 6, 0, duplicates=True) is KEEP_ALIVE
