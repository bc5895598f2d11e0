"""Learns how a meter of the house contains the cars: whether at all, with which sign, how much, and how late.

It compares changes of the meter with the load steps that the cars make anyway. A wrong sign, or a wall connector that
is counted twice or not at all, is the most frequent mistake in such a set-up (docs/algorithms.md 2).

The meter also responds to kettles, ovens and clouds. Where the amps follow the surplus, a cloud causes a load step and
then looks like the response to it. So a step only counts if the meter was quiet before, and no response is accepted
after the cars have reacted to the meter.
"""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from statistics import fmean

from ..power_history import PowerHistory
from ..report_interval import ReportInterval
from .load_step import AFTER_START_SECONDS, COMPARED_SECONDS, STEP_WATTS, LoadStep
from .response_fit import LEAD_SECONDS, Estimate, ResponseFit

CLEAR_WATTS = 500.0
"""The smallest load step that can be found among the loads of a house."""
LEAST_STEPS = 3
"""The number of clear steps before the first verdict."""
OUTLIVED_STEPS = 2
"""A verdict other than "contained" must hold for so many further clear steps before it is reported …"""
OUTLIVED_STEPS_ODD = 3
"""… and for so many if the gain is odd: some odd gain always fits a few kettles, but not many."""
LARGEST_ERROR = 0.15
"""The largest standard error of the gain with a verdict."""
SURE_ERRORS = 3.0
"""The gain must be so many standard errors from the range of another verdict."""
NOTHING_BELOW = 0.15
"""A smaller gain counts as none."""
WHOLE_FROM, WHOLE_TO = 0.7, 1.3
"""The range of a full gain. Wall connectors measure 5 to 15 % high, so 0.85 is usual; two of three phases are 0.67."""
_QUIET_SECONDS = 8.0
_QUIET_INTERVALS = 2.2
_KEPT = 0.95
"""The weight that earlier steps keep after another one: about twenty count."""


class MeterVerdict(StrEnum):
    """How the meter contains the cars."""

    UNKNOWN = "unknown"
    CONTAINED = "contained"
    """It rises by what they draw."""
    INVERTED = "inverted"
    """It falls by what they draw."""
    NOT_CONTAINED = "not_contained"
    """It does not respond at all."""
    ODD = "odd"
    """It responds by another share: it measures one phase of three, or A are taken for W."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterMemory:
    """What the learner has found and must survive a restart."""

    gain: float
    gain_error: float
    delay_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterFindings:
    """What is known about the meter."""

    verdict: MeterVerdict = MeterVerdict.UNKNOWN
    gain: float | None = None
    """W of the meter per W of the cars, also without a verdict."""
    gain_error: float | None = None
    """Its standard error."""
    delay_seconds: float | None = None
    """From a load step to the middle of the meter's response; None if no response is known."""
    steps: int = 0
    """The number of clear load steps that were used since the start."""


class MeterLearner:
    """Learns about one meter. All times are s of one clock and never decrease."""

    def __init__(self, memory: MeterMemory | None = None, interval_seconds: float | None = None) -> None:
        """Take what was known before a restart, and how often the meter reports, in s, if known."""
        self._own = PowerHistory()
        self._began_at: float | None = None
        self._settled_at = -inf
        self._step: LoadStep | None = None
        self._report_interval = ReportInterval(interval_seconds)
        self._fit: ResponseFit | None = None
        self._recent: deque[tuple[float, float]] = deque(maxlen=32)
        self._waiting: deque[tuple[float, float]] = deque()
        self._sampled_at = -inf
        self._together: list[float] = []
        self._last: tuple[float, float] | None = None
        self._last_past: tuple[float, list[float]] | None = None
        self._listen_from = self._listen_until = -inf
        self._steps = 0
        self._counted = 0.0
        self._candidate: tuple[MeterVerdict, int] | None = None
        self._findings = MeterFindings() if memory is None else _remembered(memory)

    @property
    def findings(self) -> MeterFindings:
        """What is known about the meter now."""
        return self._findings

    def remembered(self) -> MeterMemory | None:
        """Return what must survive a restart, or None while there is no verdict."""
        found = self._findings
        if found.verdict is MeterVerdict.UNKNOWN or found.gain is None or found.gain_error is None:
            return None
        return MeterMemory(gain=found.gain, gain_error=found.gain_error, delay_seconds=found.delay_seconds)

    def note_own_power(self, watts: float, now: float, *, on_purpose: bool = False) -> None:
        """Note what the cars draw from ``now`` on, in W.

        ``on_purpose``: no reading of this meter can be the cause of a change, because a trial runs or no amps follow
        the surplus.
        """
        self._began_at = now if self._began_at is None else self._began_at
        self._settle(now)
        self._own.add(watts, now)
        if (step := self._step) is not None:
            step.note(watts, now)
            return
        before = self._own.at(max(now - COMPARED_SECONDS, self._settled_at))
        if abs(watts - before) >= STEP_WATTS:
            unrest, just_now = self._before(now)
            self._step = LoadStep(
                began_at=now,
                from_watts=before,
                unrest_watts=unrest,
                just_now_watts=just_now,
                on_purpose=on_purpose,
                changed_at=now,
                last_watts=watts,
            )

    def note_reading(self, watts: float, reported_at: float) -> None:
        """Note a report of the meter, in W."""
        if self._recent and reported_at <= self._recent[-1][0]:
            return
        self._settle(reported_at)
        self._recent.append((reported_at, watts))
        self._report_interval.note(reported_at)
        fit = self._choose_fit()
        if fit is None:
            return
        self._sample(fit, reported_at, watts)
        while self._waiting and self._is_due(self._waiting[0][0], reported_at):
            self._listen(fit, *self._waiting.popleft())

    def _sample(self, fit: ResponseFit, at: float, watts: float) -> None:
        """Make a sample of each report, or the mean of several reports of a fast meter.

        The mean suppresses small loads, and the second by which a step is known late.
        """
        interval = self._report_interval.interval_seconds or 0.0
        self._together.append(watts)
        if at - self._sampled_at < fit.spacing_seconds - interval / 2:
            return
        value = fmean(self._together) if fit.is_meaned else watts
        self._sampled_at = at
        self._together.clear()
        self._waiting.append((at, value))

    def _choose_fit(self) -> ResponseFit | None:
        """Return the response fit, a new one if the interval of the meter changed much; None while it is unknown."""
        interval = self._report_interval.interval_seconds
        if interval is None:
            return None
        if self._fit is None or not self._fit.suits(interval):
            self._fit = ResponseFit(interval)
            self._together.clear()
            self._counted = 0.0
            self._candidate = self._last = self._last_past = None
            self._listen_until = -inf
        return self._fit

    def _is_due(self, sampled_at: float, now: float) -> bool:
        """Whether all load steps are known to which a sample may respond."""
        until = sampled_at + LEAD_SECONDS
        return now >= until and (self._step is None or self._step.began_at > until)

    def _settle(self, now: float) -> None:
        """Finish a load step when the cars have arrived, and use it if it is clear."""
        step = self._step
        if step is None or not step.is_over(now):
            return
        self._step, self._settled_at = None, step.changed_at
        size = abs(self._own.latest - step.from_watts)
        starts = self._began_at is None or step.began_at < self._began_at + AFTER_START_SECONDS
        if starts or step.was_provoked(self._own.latest):
            self._listen_until = min(self._listen_until, step.began_at - LEAD_SECONDS)
        elif size >= CLEAR_WATTS and (fit := self._fit) is not None:
            if self._listen_until < step.began_at:
                self._listen_from = step.began_at - LEAD_SECONDS
            self._listen_until = step.changed_at + fit.longest_seconds + fit.spacing_seconds + LEAD_SECONDS
            fit.forget(_KEPT)
            self._counted = self._counted * _KEPT + 1.0
            self._steps += 1

    def _before(self, now: float) -> tuple[float, float]:
        """Return how much the meter varied before a load step could show, and by how much it rose since, in W."""
        until = now - LEAD_SECONDS
        since = until - max(
            _QUIET_SECONDS, _QUIET_INTERVALS * (self._report_interval.interval_seconds or 0.0)
        )
        values = [watts for at, watts in self._recent if since < at <= until]
        if len(values) < 2:
            return inf, 0.0
        return max(values) - min(values), self._recent[-1][1] - fmean(values)

    def _listen(self, fit: ResponseFit, at: float, watts: float) -> None:
        """Compare a sample with the one before it."""
        last, self._last = self._last, (at, watts)
        if last is None or not self._listen_from < at <= self._listen_until:
            return
        if at - last[0] > 3 * fit.spacing_seconds:
            return
        known = self._last_past
        before = known[1] if known is not None and known[0] == last[0] else fit.past(self._own, last[0])
        after = fit.past(self._own, at)
        self._last_past = (at, after)
        fit.add(before, after, watts - last[1])
        estimate = fit.estimate()
        if estimate is not None:
            self._judge(estimate)

    def _judge(self, estimate: Estimate) -> None:
        """Update the verdict from an estimate: set it with enough evidence, and withdraw it without."""
        likely = verdict_of(estimate.gain)
        if self._candidate is not None and self._candidate[0] is not likely:
            self._candidate = None
        verdict = _concluded(estimate, min(self._counted, estimate.weight))
        if verdict is not MeterVerdict.UNKNOWN and self._confirm(verdict):
            self._findings = self._found(verdict, estimate)
            return
        if self._counted >= LEAST_STEPS * _KEPT and likely is not self._findings.verdict:
            self._findings = self._found(MeterVerdict.UNKNOWN, estimate)

    def _confirm(self, verdict: MeterVerdict) -> bool:
        """Note a possible verdict, and return whether it may be reported: an unusual one has to hold for more steps."""
        if verdict in (MeterVerdict.CONTAINED, self._findings.verdict):
            self._candidate = None
            return True
        if self._candidate is None or self._candidate[0] is not verdict:
            self._candidate = (verdict, self._steps)
        outlived = OUTLIVED_STEPS_ODD if verdict is MeterVerdict.ODD else OUTLIVED_STEPS
        return self._steps >= self._candidate[1] + outlived

    def _found(self, verdict: MeterVerdict, estimate: Estimate) -> MeterFindings:
        answers = verdict not in (MeterVerdict.UNKNOWN, MeterVerdict.NOT_CONTAINED)
        return MeterFindings(
            verdict=verdict,
            gain=estimate.gain,
            gain_error=estimate.error,
            delay_seconds=estimate.delay_seconds if answers else None,
            steps=self._steps,
        )


def verdict_of(gain: float) -> MeterVerdict:
    """Return the verdict for an exactly known gain."""
    if abs(gain) <= NOTHING_BELOW:
        return MeterVerdict.NOT_CONTAINED
    if WHOLE_FROM <= abs(gain) <= WHOLE_TO:
        return MeterVerdict.CONTAINED if gain > 0 else MeterVerdict.INVERTED
    return MeterVerdict.ODD


def _concluded(estimate: Estimate, weight: float) -> MeterVerdict:
    """Return the only verdict that fits the estimate, or UNKNOWN."""
    # Three steps, of which the older ones have lost some weight.
    if weight < LEAST_STEPS * _KEPT * _KEPT or estimate.error >= LARGEST_ERROR or not estimate.unanimous:
        return MeterVerdict.UNKNOWN
    verdict = verdict_of(estimate.gain)
    if verdict is MeterVerdict.NOT_CONTAINED and not estimate.all_heard:
        return MeterVerdict.UNKNOWN
    reach = SURE_ERRORS * estimate.error
    if not verdict_of(estimate.gain - reach) is verdict is verdict_of(estimate.gain + reach):
        return MeterVerdict.UNKNOWN
    # Gains on both sides of 1, 0 and -1 are odd, so the error must not reach across these.
    crossed = any(abs(estimate.gain - other) < reach for other in (1.0, -1.0, 0.0))
    return MeterVerdict.UNKNOWN if verdict is MeterVerdict.ODD and crossed else verdict


def _remembered(memory: MeterMemory) -> MeterFindings:
    return MeterFindings(
        verdict=verdict_of(memory.gain),
        gain=memory.gain,
        gain_error=memory.gain_error,
        delay_seconds=memory.delay_seconds,
    )
