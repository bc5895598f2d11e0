"""The last changes of what was decided."""

import pytest

from custom_components.tesla_twc.runtime.decision_log import CHANGES_KEPT, DecisionLog
from custom_components.tesla_twc.twc.charging.decision import ConnectorDecision, Decision
from custom_components.tesla_twc.twc.charging.reason import Reason
from custom_components.tesla_twc.twc.protocol.codes import TwcId

pytestmark = pytest.mark.once

GARAGE = TwcId(0x3495)


def decided(amps: int, reason: Reason = Reason.FOLLOWING_SURPLUS) -> Decision:
    return Decision(
        connectors={GARAGE: ConnectorDecision(amps=amps, charge=amps > 0, reason=reason, terms={"grid": 1})},
        orders={GARAGE: amps},
        surplus_watts=amps * 690,
    )


def test_a_change_is_kept_with_what_was_told_before() -> None:
    log = DecisionLog()
    log.note(decided(6), {GARAGE: 6}, 10.0)
    log.note(decided(8), {GARAGE: 8}, 20.0)
    first, second = log.changes()
    assert (first.time, first.told, first.is_first) == (10.0, 6, True)
    assert (second.time, second.told_before, second.told, second.is_first) == (20.0, 6, 8, False)
    assert (second.reason, second.surplus_watts, second.terms) == (
        Reason.FOLLOWING_SURPLUS,
        5520,
        {"grid": 1},
    )


def test_what_stays_is_no_change() -> None:
    log = DecisionLog()
    for now in range(100):
        log.note(decided(6), {GARAGE: 6}, float(now))
    assert len(log.changes()) == 1


def test_another_reason_and_another_order_are_changes() -> None:
    log = DecisionLog()
    log.note(decided(6), {GARAGE: 6}, 0.0)
    log.note(decided(6, Reason.ABOUT_TO_STOP), {GARAGE: 6}, 1.0)
    log.note(decided(6, Reason.ABOUT_TO_STOP), {GARAGE: None}, 2.0)
    assert [change.told for change in log.changes()] == [6, 6, None]


def test_a_wall_connector_that_was_away_goes_on_where_it_was() -> None:
    log = DecisionLog()
    log.note(decided(6), {GARAGE: 6}, 0.0)
    log.note(Decision(), {}, 1.0)
    log.note(decided(6), {GARAGE: 6}, 2.0)
    assert len(log.changes()) == 1


def test_the_oldest_changes_make_room() -> None:
    log = DecisionLog()
    for now in range(CHANGES_KEPT + 10):
        log.note(decided(6 + now % 2), {GARAGE: 6 + now % 2}, float(now))
    assert len(log.changes()) == CHANGES_KEPT
    assert log.changes()[0].time == 10.0
