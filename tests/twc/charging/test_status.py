"""Each reason in the words of an owner: a new one has to find its word here."""

from dataclasses import replace

import pytest
from twc.bus.snapshot import Presence, Problem, WallConnectorSnapshot
from twc.charging.decision import ConnectorDecision
from twc.charging.reason import Reason
from twc.charging.status import (
    ChargingStatus,
    Status,
    charging_status,
    overheard_status,
    shown_reason,
    status_of,
)
from twc.protocol.codes import ConnectorState, ProtocolVersion, TwcId

IDLE = WallConnectorSnapshot(
    twcid=TwcId(0x1000),
    presence=Presence.LINKED,
    version=ProtocolVersion.P2,
    rated_amps=32,
    maximum_amps=32,
    minimum_amps=6,
    state=ConnectorState.NOT_CHARGING,
    offered_amps=16.0,
    commanded_amps=16,
    drawn_amps=0.0,
    plugged_in=True,
    charging=False,
)
CHARGING = replace(IDLE, state=ConnectorState.CHARGING, drawn_amps=5.2, charging=True)

ALWAYS = {
    Reason.CAR_FINISHED: Status.FINISHED,
    Reason.CAR_NEEDS_REPLUG: Status.PLUG_IN_AGAIN,
    Reason.CAR_TAKES_NOTHING: Status.TAKES_NOTHING,
    Reason.CONNECTOR_ERROR: Status.ERROR,
    Reason.NOT_HEARD: Status.NOT_ANSWERING,
    Reason.NOT_CONNECTED: Status.NOT_CONNECTED,
    Reason.OTHER_CONTROLLER: Status.OTHER_CONTROLLER,
}
HELD = {
    *(Reason.CANNOT_STOP, Reason.HOLDING_CANNOT_STOP, Reason.STOP_BUDGET_SPENT, Reason.STALE_INPUT_PAUSED),
}
CHARGES = {
    *(
        Reason.NO_CAR,
        Reason.NO_CAR_AWAKE,
        Reason.FULL_SPEED,
        Reason.AT_LIMIT,
        Reason.SET_BY_ACTION,
        Reason.NOT_MEASURED,
    ),
    *(Reason.CHARGE_NOW, Reason.READY_BY),
    Reason.CAR_AT_ITS_LIMIT,
    *(Reason.WAITING_FOR_SURPLUS, Reason.ABOUT_TO_START, Reason.RESTING, Reason.FOLLOWING_SURPLUS),
    *(Reason.AT_MINIMUM, Reason.ABOUT_TO_STOP, Reason.BATTERY_FIRST, Reason.BATTERY_HELPS),
    *(Reason.HELD_BY_FUSE, Reason.HELD_BY_CIRCUIT, Reason.WAITING_FOR_TURN, Reason.NOT_WATCHED),
    *(Reason.HELD_BY_GRID_OPERATOR, Reason.HELD_BY_CEILING),
    *(Reason.STALE_INPUT_WAITING, Reason.STALE_INPUT_HELD, Reason.STALE_INPUT_MINIMUM),
    *(Reason.STALE_INPUT_FIXED, Reason.TESTING_METER),
    *(Reason.NOT_BELIEVED_WAITING, Reason.NOT_BELIEVED_MINIMUM),
    *(Reason.WAITING_FOR_CAR, Reason.STOPPING, Reason.ESTABLISHING, Reason.OFF),
    *(Reason.UNKNOWN_CAR, Reason.NOT_ALLOWED, Reason.LESS_THAN_CAR_NEEDS),
}
"""While current flows it charges, whatever is to become of it."""
EXPECTED = {
    **ALWAYS,
    **dict.fromkeys(HELD, Status.HELD_AT_MINIMUM),
    **dict.fromkeys(CHARGES, Status.CHARGING),
}


def decided(reason: Reason, *, charge: bool, starting: bool = False) -> ConnectorDecision:
    return ConnectorDecision(amps=6 if charge else 0, charge=charge, reason=reason, starting=starting)


@pytest.mark.parametrize("reason", [*Reason])
def test_every_reason_has_a_word_while_current_flows(reason: Reason) -> None:
    assert status_of(CHARGING, decided(reason, charge=True)) is EXPECTED[reason]


@pytest.mark.parametrize("reason", [*Reason])
def test_every_reason_has_a_word_while_none_flows(reason: Reason) -> None:
    by_owner = {
        Reason.OFF: Status.OFF,
        Reason.NOT_ALLOWED: Status.NOT_ALLOWED,
        Reason.SET_BY_ACTION: Status.STOPPED_BY_ACTION,
        # It is offered the minimum, and its car has not begun.
        **dict.fromkeys((Reason.ESTABLISHING, Reason.CANNOT_STOP), Status.WAITING_FOR_CAR),
    }
    always = ALWAYS | {Reason.NOT_WATCHED: Status.NOT_WATCHED}
    without_order = always.get(reason, by_owner.get(reason, Status.WAITING))
    assert status_of(IDLE, decided(reason, charge=False)) is without_order
    # A contactor that rests after a stop lets no car begin.
    waits = Status.WAITING if reason is Reason.RESTING else Status.WAITING_FOR_CAR
    assert status_of(IDLE, decided(reason, charge=True)) is always.get(reason, waits)
    begins = Status.WAITING if reason is Reason.RESTING else Status.STARTING
    starting = replace(IDLE, state=ConnectorState.STARTING)
    assert status_of(starting, decided(reason, charge=True, starting=True)) is always.get(reason, begins)
    assert status_of(starting, decided(reason, charge=True)) is always.get(reason, waits), (
        "its start has failed"
    )
    empty, unknown = replace(IDLE, plugged_in=False), replace(IDLE, plugged_in=None)
    there_is_none = Status.OFF if reason is Reason.OFF else Status.READY
    assert status_of(empty, decided(reason, charge=True)) is always.get(reason, there_is_none)
    assert status_of(unknown, decided(reason, charge=True)) is always.get(reason)


@pytest.mark.parametrize("reason", [Reason.ESTABLISHING, Reason.CANNOT_STOP])
def test_a_car_that_begins_although_it_shall_not_is_starting(reason: Reason) -> None:
    assert status_of(IDLE, decided(reason, charge=False, starting=True)) is Status.STARTING


def test_what_was_drawn_when_it_was_heard_last_is_not_drawn_now() -> None:
    stopped = decided(Reason.OFF, charge=False)
    assert status_of(CHARGING, stopped) is Status.CHARGING
    assert status_of(CHARGING, stopped, is_heard=False) is Status.OFF


def test_nobody_is_waited_for_before_it_is_known_whether_there_is_a_car() -> None:
    waits, unknown = decided(Reason.WAITING_FOR_CAR, charge=True), replace(IDLE, plugged_in=None)
    assert shown_reason(IDLE, waits) is Reason.WAITING_FOR_CAR
    assert shown_reason(unknown, waits) is None
    assert (
        shown_reason(unknown, decided(Reason.WAITING_FOR_SURPLUS, charge=False)) is Reason.WAITING_FOR_SURPLUS
    )


def test_a_car_that_is_offered_nothing_yet_waits() -> None:
    kept = ConnectorDecision(amps=0, charge=True, reason=Reason.HELD_BY_CIRCUIT)
    assert status_of(IDLE, kept) is Status.WAITING


@pytest.mark.parametrize("reason", sorted(HELD))
def test_a_car_is_held_at_the_minimum_once_it_draws_no_more(reason: Reason) -> None:
    falling = replace(CHARGING, drawn_amps=16.0)
    assert status_of(falling, decided(reason, charge=True)) is Status.CHARGING
    held = replace(CHARGING, drawn_amps=7.2)
    assert status_of(held, decided(reason, charge=True)) is Status.HELD_AT_MINIMUM


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        ({"presence": Presence.REMEMBERED}, None),
        ({"presence": Presence.ANNOUNCED}, Status.NO_CONTROLLER),
        ({"presence": Presence.ANNOUNCED, "charging": True}, Status.CHARGING),
        ({"presence": Presence.LOST}, Status.NOT_ANSWERING),
        ({"problem": Problem.ERROR_STATE, "charging": True}, Status.ERROR),
        ({"charging": True, "plugged_in": None}, Status.CHARGING),
        ({"plugged_in": None}, None),
        ({"plugged_in": True}, Status.PLUGGED_IN),
        ({"plugged_in": False}, Status.READY),
    ],
)
def test_of_a_wall_connector_that_we_do_not_lead_only_what_is_seen_is_told(seen, told) -> None:
    assert overheard_status(replace(IDLE, **seen)) is told


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        ({"plugged_in": None, "charging": None}, None),
        ({"plugged_in": False}, ChargingStatus.DISCONNECTED),
        ({"plugged_in": True}, ChargingStatus.CONNECTED),
        ({"plugged_in": False, "charging": True}, ChargingStatus.CHARGING),
    ],
)
def test_other_energy_managers_are_told_one_of_three_words(seen, told) -> None:
    assert charging_status(replace(IDLE, **seen)) is told
