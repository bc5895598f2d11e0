"""What a meter of the house makes of the cars: whether it contains them, with which sign, how much, and how late.

Nothing is disturbed for this: the cars' own steps are the question, the meter's changes are the answer. A wrong sign,
or a wall connector counted twice or not at all, is the most frequent mistake in such a set-up (field.md 2).

The house answers too: kettles, ovens, clouds. Where the amps follow the surplus, a cloud even causes the very step to
which it then looks like the answer. So a step only counts if the meter was quiet before it, and listening ends as soon
as the cars react to something.
"""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from statistics import fmean

from .answer_fit import LEAD_SECONDS, AnswerFit, Estimate
from .own_moves import BEFORE_SECONDS, MOVE_WATTS, STARTING_SECONDS, Move
from .power_history import PowerHistory
from .rhythm import Rhythm

CLEAR_WATTS = 500.0
"""A step of the cars that is large enough to be found in a house."""
LEAST_STEPS = 3
"""Clear steps before anything is said."""
OUTLIVED_STEPS = 2
"""Clear steps for which it must be true that the meter does not simply contain the cars before it is said."""
OUTLIVED_STEPS_ODD = 3
"""Of all gains there is one that fits a few kettles; it fits no more of them."""
LARGEST_ERROR = 0.15
SURE_ERRORS = 3.0
"""Standard errors between the gain and the next verdict."""
NOTHING_BELOW = 0.15
"""A gain this small is none."""
WHOLE_FROM, WHOLE_TO = 0.7, 1.3
"""Our own measurement is 5 to 15 % high, so 0.85 is usual; a meter on two of three phases shows 0.67."""
_QUIET_SECONDS = 8.0
_QUIET_INTERVALS = 2.2
_KEPT = 0.95
"""What earlier steps weigh after another one: twenty count."""


class MeterVerdict(StrEnum):
    """How the meter and the cars belong together."""

    UNKNOWN = "unknown"
    CONTAINED = "contained"
    """It rises by what they draw."""
    INVERTED = "inverted"
    """It falls by what they draw."""
    NOT_CONTAINED = "not_contained"
    """It does not answer at all."""
    ODD = "odd"
    """It answers, but neither wholly nor not at all: one phase of three, or amps taken for W."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoachMemory:
    """What must survive a restart."""

    gain: float
    gain_error: float
    delay_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterFindings:
    """What is known of the meter."""

    verdict: MeterVerdict = MeterVerdict.UNKNOWN
    gain: float | None = None
    """W of the meter per W of the cars; also while the verdict is open."""
    gain_error: float | None = None
    """Its standard error."""
    delay_seconds: float | None = None
    """From a step of the cars to the middle of the meter's answer; None where no answer is known."""
    steps: int = 0
    """Clear own steps that were listened to since the start."""


class MeterCoach:
    """Listens to the cars and to one meter. All times are s of one clock and never go back."""

    def __init__(self, memory: CoachMemory | None = None, interval_seconds: float | None = None) -> None:
        """Take what was known before a restart, and how often the meter reports, in s, if that is known."""
        self._own = PowerHistory()
        self._began_at: float | None = None
        self._settled_at = -inf
        self._move: Move | None = None
        self._rhythm = Rhythm(interval_seconds)
        self._fit: AnswerFit | None = None
        self._recent: deque[tuple[float, float]] = deque(maxlen=32)
        self._waiting: deque[tuple[float, float]] = deque()
        self._sampled_at = -inf
        self._together: list[float] = []
        self._last: tuple[float, float] | None = None
        self._last_past: tuple[float, list[float]] | None = None
        self._listen_from = self._listen_until = -inf
        self._steps = 0
        self._counted = 0.0
        self._suspected: tuple[MeterVerdict, int] | None = None
        self._findings = MeterFindings() if memory is None else _remembered(memory)

    @property
    def findings(self) -> MeterFindings:
        """What is known now."""
        return self._findings

    def remembered(self) -> CoachMemory | None:
        """Return what must survive a restart, or None while there is no verdict."""
        found = self._findings
        if found.verdict is MeterVerdict.UNKNOWN or found.gain is None or found.gain_error is None:
            return None
        return CoachMemory(gain=found.gain, gain_error=found.gain_error, delay_seconds=found.delay_seconds)

    def own_power(self, watts: float, now: float, *, on_purpose: bool = False) -> None:
        """Note what the cars draw from ``now`` on, in W.

        ``on_purpose`` says that no reading of this meter can be the cause of a change: the amps are tested, or follow
        no surplus.
        """
        self._began_at = now if self._began_at is None else self._began_at
        self._settle(now)
        self._own.add(watts, now)
        if (move := self._move) is not None:
            move.go_on(watts, now)
            return
        before = self._own.at(max(now - BEFORE_SECONDS, self._settled_at))
        if abs(watts - before) >= MOVE_WATTS:
            unrest, just_now = self._before(now)
            self._move = Move(
                began_at=now,
                from_watts=before,
                unrest_watts=unrest,
                just_now_watts=just_now,
                on_purpose=on_purpose,
                changed_at=now,
                last_watts=watts,
            )

    def reading(self, watts: float, reported_at: float) -> None:
        """Take a report of the meter, in W."""
        if self._recent and reported_at <= self._recent[-1][0]:
            return
        self._settle(reported_at)
        self._recent.append((reported_at, watts))
        self._rhythm.observe(reported_at)
        fit = self._fitting()
        if fit is None:
            return
        self._sample(fit, reported_at, watts)
        while self._waiting and self._is_due(self._waiting[0][0], reported_at):
            self._listen(fit, *self._waiting.popleft())

    def _sample(self, fit: AnswerFit, at: float, watts: float) -> None:
        """Make a sample of each report, or of many where the meter is fast.

        Their mean blurs the second by which we see a step late, and the hum of the house.
        """
        interval = self._rhythm.interval_seconds or 0.0
        self._together.append(watts)
        if at - self._sampled_at < fit.spacing_seconds - interval / 2:
            return
        value = fmean(self._together) if fit.is_meaned else watts
        self._sampled_at = at
        self._together.clear()
        self._waiting.append((at, value))

    def _fitting(self) -> AnswerFit | None:
        """Return the sums, new ones where the meter reports far less or far more often than before."""
        interval = self._rhythm.interval_seconds
        if interval is None:
            return None
        if self._fit is None or not self._fit.suits(interval):
            self._fit = AnswerFit(interval)
            self._together.clear()
            self._counted = 0.0
            self._suspected = self._last = self._last_past = None
            self._listen_until = -inf
        return self._fit

    def _is_due(self, sampled_at: float, now: float) -> bool:
        """Whether all is known that a sample may be the answer to."""
        until = sampled_at + LEAD_SECONDS
        return now >= until and (self._move is None or self._move.began_at > until)

    def _settle(self, now: float) -> None:
        """See whether the cars have arrived, and what their step is good for."""
        move = self._move
        if move is None or not move.is_over(now):
            return
        self._move, self._settled_at = None, move.changed_at
        size = abs(self._own.latest - move.from_watts)
        starts = self._began_at is None or move.began_at < self._began_at + STARTING_SECONDS
        if starts or move.was_provoked(self._own.latest):
            self._listen_until = min(self._listen_until, move.began_at - LEAD_SECONDS)
        elif size >= CLEAR_WATTS and (fit := self._fit) is not None:
            if self._listen_until < move.began_at:
                self._listen_from = move.began_at - LEAD_SECONDS
            self._listen_until = move.changed_at + fit.longest_seconds + fit.spacing_seconds + LEAD_SECONDS
            fit.forget(_KEPT)
            self._counted = self._counted * _KEPT + 1.0
            self._steps += 1

    def _before(self, now: float) -> tuple[float, float]:
        """Return how much the meter moved before it could know of a move, and by how much it rose since, in W."""
        until = now - LEAD_SECONDS
        since = until - max(_QUIET_SECONDS, _QUIET_INTERVALS * (self._rhythm.interval_seconds or 0.0))
        values = [watts for at, watts in self._recent if since < at <= until]
        if len(values) < 2:
            return inf, 0.0
        return max(values) - min(values), self._recent[-1][1] - fmean(values)

    def _listen(self, fit: AnswerFit, at: float, watts: float) -> None:
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
        """Conclude where there is enough evidence, and doubt what the evidence no longer bears."""
        likely = verdict_of(estimate.gain)
        if self._suspected is not None and self._suspected[0] is not likely:
            self._suspected = None
        verdict = _concluded(estimate, min(self._counted, estimate.weight))
        if verdict is not MeterVerdict.UNKNOWN and self._is_confirmed(verdict):
            self._findings = self._found(verdict, estimate)
            return
        if self._counted >= LEAST_STEPS * _KEPT and likely is not self._findings.verdict:
            self._findings = self._found(MeterVerdict.UNKNOWN, estimate)

    def _is_confirmed(self, verdict: MeterVerdict) -> bool:
        """Whether a verdict may be told: one against the usual has to outlive some more steps."""
        if verdict in (MeterVerdict.CONTAINED, self._findings.verdict):
            self._suspected = None
            return True
        if self._suspected is None or self._suspected[0] is not verdict:
            self._suspected = (verdict, self._steps)
        outlived = OUTLIVED_STEPS_ODD if verdict is MeterVerdict.ODD else OUTLIVED_STEPS
        return self._steps >= self._suspected[1] + outlived

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
    """Return what an exactly known gain means."""
    if abs(gain) <= NOTHING_BELOW:
        return MeterVerdict.NOT_CONTAINED
    if WHOLE_FROM <= abs(gain) <= WHOLE_TO:
        return MeterVerdict.CONTAINED if gain > 0 else MeterVerdict.INVERTED
    return MeterVerdict.ODD


def _concluded(estimate: Estimate, weight: float) -> MeterVerdict:
    """Return the only verdict that the evidence allows, or UNKNOWN."""
    # Three steps, of which the oldest has been forgotten a little.
    if weight < LEAST_STEPS * _KEPT * _KEPT or estimate.error >= LARGEST_ERROR or not estimate.unanimous:
        return MeterVerdict.UNKNOWN
    verdict = verdict_of(estimate.gain)
    if verdict is MeterVerdict.NOT_CONTAINED and not estimate.all_heard:
        return MeterVerdict.UNKNOWN
    reach = SURE_ERRORS * estimate.error
    if not verdict_of(estimate.gain - reach) is verdict is verdict_of(estimate.gain + reach):
        return MeterVerdict.UNKNOWN
    # There are odd gains on both sides of a whole one.
    crossed = any(abs(estimate.gain - other) < reach for other in (1.0, -1.0, 0.0))
    return MeterVerdict.UNKNOWN if verdict is MeterVerdict.ODD and crossed else verdict


def _remembered(memory: CoachMemory) -> MeterFindings:
    return MeterFindings(
        verdict=verdict_of(memory.gain),
        gain=memory.gain,
        gain_error=memory.gain_error,
        delay_seconds=memory.delay_seconds,
    )
