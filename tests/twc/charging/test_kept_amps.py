"""A car that waits for amps which nobody draws is told for whom they are kept, and until when."""

from dataclasses import replace

import pytest
from twc.bus.snapshot import Presence, WallConnectorSnapshot
from twc.bus.timing import LOST_SECONDS, RESERVED_SECONDS
from twc.charging.decision import ConnectorDecision
from twc.charging.inputs import Circuit, ConnectorInput
from twc.charging.kept_amps import with_kept_amps
from twc.charging.reason import Reason
from twc.protocol.codes import ProtocolVersion, TwcId

NOW = 5_000.0
WAITS, SILENT, CHARGES = TwcId(0x1000), TwcId(0x2000), TwcId(0x3000)


def facts(twcid: TwcId, counted: float = 0.0, silent: float | None = 1.0) -> WallConnectorSnapshot:
    return WallConnectorSnapshot(
        twcid=twcid,
        presence=Presence.LINKED,
        version=ProtocolVersion.P2,
        rated_amps=32,
        maximum_amps=32,
        minimum_amps=6,
        counted_amps=counted,
        last_heard=None if silent is None else NOW - silent,
        plugged_in=True,
    )


def told(
    *others: WallConnectorSnapshot, limit: int = 16, amps: int = 0, reason: Reason = Reason.HELD_BY_CIRCUIT
) -> ConnectorDecision:
    connectors = {one.twcid: ConnectorInput(facts=one, limit_amps=16) for one in (facts(WAITS), *others)}
    decided = ConnectorDecision(amps=amps, charge=True, reason=reason, terms={"circuit_limit": limit})
    shown = dict.fromkeys(connectors, decided)
    return with_kept_amps(shown, connectors, {"": Circuit(limit_amps=limit)}, NOW)[WAITS]


@pytest.mark.parametrize(
    "reason", [Reason.HELD_BY_CIRCUIT, Reason.WAITING_FOR_TURN, Reason.NOT_CONNECTED], ids=str
)
def test_amps_that_are_kept_for_a_silent_one_are_told_with_their_end(reason):
    one = told(facts(SILENT, counted=12.0, silent=40.0), reason=reason)
    assert (one.terms["kept_amps"], one.terms["kept_for"]) == (12, "2000")
    assert one.timers["kept_left"] == NOW + RESERVED_SECONDS - 40.0
    assert one.terms["circuit_limit"] == 16, "and the rest as it was"


def test_amps_for_one_that_was_not_heard_since_a_start_are_told_with_their_end():
    remembered = facts(SILENT, counted=16.0, silent=None)
    one = told(replace(remembered, counts_unheard_until=NOW + 52.0))
    assert (one.terms["kept_amps"], one.terms["kept_for"]) == (16, "2000")
    assert one.timers["kept_left"] == NOW + 52.0
    assert told(remembered).timers == {}, "nobody knows it of one of another house"


def test_no_more_is_told_as_kept_than_others_leave():
    remembered = replace(facts(SILENT, counted=16.0, silent=None), counts_unheard_until=NOW + 52.0)
    one = told(facts(CHARGES, counted=6.0), remembered)
    assert (one.terms["kept_amps"], one.terms["kept_for"]) == (10, "2000")


def test_several_silent_ones_are_told_until_the_last_is_over():
    one = told(facts(SILENT, counted=6.0, silent=50.0), facts(CHARGES, counted=6.0, silent=30.0))
    assert (one.terms["kept_amps"], one.terms["kept_for"]) == (12, "2000, 3000")
    assert one.timers["kept_left"] == NOW + 30.0


@pytest.mark.parametrize(
    "others",
    [
        pytest.param((facts(SILENT, 12.0, LOST_SECONDS - 1),), id="it may draw at this moment"),
        pytest.param((facts(SILENT, 0.0, 300.0),), id="nothing is kept for it"),
        pytest.param((facts(CHARGES, 12.0), facts(SILENT, 6.0, 40.0)), id="it would wait all the same"),
        pytest.param((facts(SILENT, 6.0, 40.0),), id="there is room beside that"),
    ],
)
def test_nothing_else_is_told_as_kept(others):
    assert "kept_for" not in told(*others).terms


def test_a_car_that_has_amps_waits_for_nobody():
    assert "kept_for" not in told(facts(SILENT, counted=12.0, silent=40.0), amps=8).terms
    assert "kept_for" not in told(facts(SILENT, counted=12.0, silent=40.0), reason=Reason.OFF).terms


def test_one_that_drew_too_much_is_told_that():
    connectors = {
        one.twcid: ConnectorInput(facts=one, limit_amps=16)
        for one in (facts(WAITS), facts(SILENT, 12.0, 40.0))
    }
    decided = ConnectorDecision(amps=0, charge=True, reason=Reason.NOT_CONNECTED, overdrew=True)
    shown = {WAITS: decided, SILENT: replace(decided, overdrew=False)}
    assert with_kept_amps(shown, connectors, {"": Circuit(limit_amps=16)}, NOW)[WAITS] is decided
