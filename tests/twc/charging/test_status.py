"""Each reason in the words of an owner: a new one has to find its word here."""

from dataclasses import replace

import pytest
from twc.bus.snapshot import Presence, WallConnectorSnapshot
from twc.charging.decision import ConnectorDecision, Reason
from twc.charging.status import Status, status_of
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
CHARGING = replace(IDLE, state=ConnectorState.CHARGING, drawn_amps=15.2, charging=True)

ALWAYS = {
    Reason.CAR_FINISHED: Status.FINISHED,
    Reason.CAR_NEEDS_REPLUG: Status.PLUG_IN_AGAIN,
    Reason.CAR_TAKES_NOTHING: Status.TAKES_NOTHING,
    Reason.CONNECTOR_ERROR: Status.ERROR,
    Reason.NOT_HEARD: Status.NOT_ANSWERING,
    Reason.OTHER_CONTROLLER: Status.OTHER_CONTROLLER,
}
HELD = {Reason.CANNOT_STOP, Reason.HOLDING_CANNOT_STOP, Reason.STOP_BUDGET_SPENT}
CHARGES = {
    *(Reason.NO_CAR, Reason.FULL_SPEED, Reason.AT_LIMIT, Reason.SET_BY_ACTION, Reason.NOT_MEASURED),
    *(Reason.WAITING_FOR_SURPLUS, Reason.ABOUT_TO_START, Reason.RESTING, Reason.FOLLOWING_SURPLUS),
    *(Reason.AT_MINIMUM, Reason.ABOUT_TO_STOP, Reason.BATTERY_FIRST, Reason.BATTERY_HELPS),
    *(Reason.HELD_BY_FUSE, Reason.HELD_BY_CIRCUIT, Reason.WAITING_FOR_TURN, Reason.NOT_WATCHED),
    *(Reason.STALE_INPUT_WAITING, Reason.STALE_INPUT_HELD, Reason.STALE_INPUT_MINIMUM),
    *(Reason.STALE_INPUT_PAUSED, Reason.STALE_INPUT_FIXED, Reason.TESTING_METER),
    *(Reason.WAITING_FOR_CAR, Reason.STOPPING, Reason.ESTABLISHING, Reason.OFF),
}
"""While current flows it charges, whatever is to become of it."""
EXPECTED = {
    **ALWAYS,
    **dict.fromkeys(HELD, Status.HELD_AT_MINIMUM),
    **dict.fromkeys(CHARGES, Status.CHARGING),
}


def decided(reason: Reason, *, charge: bool) -> ConnectorDecision:
    return ConnectorDecision(amps=6 if charge else 0, charge=charge, reason=reason)


@pytest.mark.parametrize("reason", [*Reason])
def test_every_reason_has_a_word_while_current_flows(reason: Reason) -> None:
    assert status_of(CHARGING, decided(reason, charge=True)) is EXPECTED[reason]


@pytest.mark.parametrize("reason", [*Reason])
def test_every_reason_has_a_word_while_none_flows(reason: Reason) -> None:
    by_owner = Status.OFF if reason in (Reason.OFF, Reason.SET_BY_ACTION) else Status.WAITING
    assert status_of(IDLE, decided(reason, charge=False)) is ALWAYS.get(reason, by_owner)
    assert status_of(IDLE, decided(reason, charge=True)) is ALWAYS.get(reason, Status.STARTING)
    empty, unknown = replace(IDLE, plugged_in=False), replace(IDLE, plugged_in=None)
    assert status_of(empty, decided(reason, charge=True)) is ALWAYS.get(reason, Status.READY)
    assert status_of(unknown, decided(reason, charge=True)) is ALWAYS.get(reason)
