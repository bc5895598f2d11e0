"""Which wall connector plays the meter test, and what came out of the last one."""

from collections.abc import Mapping
from enum import StrEnum

from ..protocol.codes import TwcId
from .coach import MeterFindings
from .decision import ConnectorInput, Reason
from .meter_test import STEP_AMPS, BrokenOffBy, MeterReport, MeterTest, report
from .pilot import Plan


class CheckState(StrEnum):
    """What became of the owner's wish to check the meter."""

    NEVER = "never"
    RUNNING = "running"
    DONE = "done"
    BROKEN_OFF = "broken_off"
    """The car stopped or was limited meanwhile."""


class MeterCheck:
    """One test at a time."""

    def __init__(self) -> None:
        """Nobody asked yet."""
        self.state = CheckState.NEVER
        self.report: MeterReport | None = None
        """What the last finished test showed."""
        self.broken_off_by: BrokenOffBy | None = None
        """Why the last test ended early; None if it did not."""
        self._twcid: TwcId | None = None
        self._is_there = False
        self._test: MeterTest | None = None

    def begin(
        self,
        connectors: Mapping[TwcId, ConnectorInput],
        interval_seconds: float | None,
        findings: MeterFindings,
    ) -> bool:
        """Start a test with the car that draws most; return False if no car can be moved by 3 A."""
        able = [twcid for twcid, one in connectors.items() if _can_move(one)]
        if not able:
            return False
        self._twcid = max(able, key=lambda twcid: connectors[twcid].facts.drawn_amps or 0.0)
        self._test = MeterTest(interval_seconds, findings.delay_seconds)
        self.state = CheckState.RUNNING
        self.broken_off_by = None
        return True

    def plan(self, one: ConnectorInput, plan: Plan, own_amps: float, highest: int, now: float) -> Plan:
        """Return the plan for a wall connector that draws ``own_amps``, moved if the test is with it."""
        if self._test is None or one.facts.twcid != self._twcid:
            return plan
        self._is_there = True
        if not plan.charge:
            self._test.stop()
        base = max(one.minimum_amps, round(own_amps))
        drawing = bool(one.facts.charging)
        amps = self._test.amps(now, base, one.minimum_amps, highest, drawing=drawing)
        if amps is None:
            return plan
        return Plan(amps=amps, charge=True, reason=Reason.TESTING_METER, next_at=self._test.next_at)

    def look(self, findings: MeterFindings, interval_seconds: float | None) -> bool:
        """Write the report when the test is over, once all wall connectors have their plans; return whether it is.

        ``findings`` are what the steps of this test tell, and nothing older.
        """
        if self._test is None:
            return False
        if not self._is_there:
            self._test.stop(BrokenOffBy.GONE)
        self._is_there = False
        if not self._test.finished:
            return False
        outcome = report(findings, self._test, interval_seconds)
        is_done = self._test.state.value == "done"
        self.state = CheckState.DONE if is_done else CheckState.BROKEN_OFF
        self.report = outcome if is_done else None
        self.broken_off_by = self._test.broken_off_by
        self._test = self._twcid = None
        return True


def _can_move(one: ConnectorInput) -> bool:
    """Whether a car charges and has room for the steps of the test, below or above what it draws."""
    drawn = round(min(one.facts.drawn_amps or 0.0, one.facts.offered_amps or 0.0))
    highest = min(one.limit_amps, one.facts.maximum_amps)
    down, up = drawn - STEP_AMPS >= one.minimum_amps, drawn + STEP_AMPS <= highest
    return bool(one.facts.charging) and one.enabled and (down or up)
