"""Runs step trials of the meter: chooses the wall connector, and keeps the result of the last one."""

from collections.abc import Mapping
from enum import StrEnum

from ...protocol.codes import TwcId
from ..decision import Plan
from ..inputs import ConnectorInput
from ..reason import Reason
from .learner import MeterFindings
from .step_trial import TRIAL_STEP_AMPS, BrokenOffBy, MeterReport, StepTrial, report


class CheckState(StrEnum):
    """The state of the meter check that the owner asked for."""

    NEVER = "never"
    RUNNING = "running"
    DONE = "done"
    BROKEN_OFF = "broken_off"
    """It ended early, because the car stopped or was limited."""


class MeterCheck:
    """Runs one step trial at a time."""

    def __init__(self) -> None:
        """Begin without a trial."""
        self.state = CheckState.NEVER
        self.report: MeterReport | None = None
        """The result of the last complete trial."""
        self.broken_off_by: BrokenOffBy | None = None
        """Why the last trial ended early; None if it did not."""
        self._twcid: TwcId | None = None
        self._is_there = False
        self._trial: StepTrial | None = None

    def begin(
        self,
        connectors: Mapping[TwcId, ConnectorInput],
        interval_seconds: float | None,
        findings: MeterFindings,
    ) -> bool:
        """Start a trial with the car that draws most; return False if no car can be moved by 3 A."""
        able = [twcid for twcid, one in connectors.items() if _can_move(one)]
        if not able:
            return False
        self._twcid = max(able, key=lambda twcid: connectors[twcid].facts.drawn_amps or 0.0)
        self._trial = StepTrial(interval_seconds, findings.delay_seconds)
        self.state = CheckState.RUNNING
        self.broken_off_by = None
        return True

    def break_off(self) -> None:
        """End a trial whose meter is another one now; harmless if there is none."""
        if self._trial is not None:
            self._trial.stop(BrokenOffBy.OPTIONS)

    def move_plan(self, one: ConnectorInput, plan: Plan, own_amps: float, highest: int, now: float) -> Plan:
        """Return the plan for a wall connector that draws ``own_amps``, with the step of the trial if it takes part."""
        if self._trial is None or one.facts.twcid != self._twcid:
            return plan
        self._is_there = True
        if not plan.charge:
            self._trial.stop()
        base = max(one.minimum_amps, round(own_amps))
        drawing = bool(one.facts.charging)
        amps = self._trial.advance(now, base, one.minimum_amps, highest, drawing=drawing)
        if amps is None:
            return plan
        return Plan(amps=amps, charge=True, reason=Reason.TESTING_METER, next_at=self._trial.next_at)

    def finish_if_over(self, findings: MeterFindings, interval_seconds: float | None) -> bool:
        """Write the report if the trial is over, after all plans of a decision were made; return whether it is over.

        ``findings`` are learnt from the load steps of this trial alone.
        """
        if self._trial is None:
            return False
        if not self._is_there:
            self._trial.stop(BrokenOffBy.GONE)
        self._is_there = False
        if not self._trial.finished:
            return False
        outcome = report(findings, self._trial, interval_seconds)
        is_done = self._trial.state.value == "done"
        self.state = CheckState.DONE if is_done else CheckState.BROKEN_OFF
        self.report = outcome if is_done else None
        self.broken_off_by = self._trial.broken_off_by
        self._trial = self._twcid = None
        return True


def _can_move(one: ConnectorInput) -> bool:
    """Whether a car charges and has room for the steps of a trial, below or above what it draws."""
    drawn = round(min(one.facts.drawn_amps or 0.0, one.facts.offered_amps or 0.0))
    highest = min(one.limit_amps, one.facts.maximum_amps)
    down, up = drawn - TRIAL_STEP_AMPS >= one.minimum_amps, drawn + TRIAL_STEP_AMPS <= highest
    return bool(one.facts.charging) and one.enabled and (down or up)
