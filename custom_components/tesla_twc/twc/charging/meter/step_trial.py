"""A step trial of the meter: the offered current changes by 3 A and back a few times, and a learner evaluates it.

The load steps of normal charging show the same in the course of days. An owner who has just chosen a sensor can start
a trial with a button; it takes about four minutes with a fast meter.
"""

from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

from .learner import MeterFindings, MeterVerdict

TRIAL_STEP_AMPS = 3
"""A per phase: 690 W on one phase, a clear load step for the learner."""
LEAST_HALF_SECONDS = 20.0
"""The shortest half wave: a car needs 3 s to follow (protocol.md 6.1), and the house must be measured at rest too."""
HALF_INTERVALS = 2.5
"""The number of reports in each half wave, one of which may be lost."""
HALF_WAVES = 8
"""The number of half waves: an unusual verdict takes six or seven clear steps."""
HALF_WAVES_SLOW = 6
"""The number with a slow meter, for which even this takes more than an hour."""
SLOW_HALF_SECONDS = 120.0
"""A meter is slow if its half waves are longer than this."""
LONGER = (1.0, 1.6, 1.2, 1.4, 1.0, 1.3, 1.7, 2.2)
"""The relative length of each half wave. With equal ones a response that is late by one half wave would look like one
with the other sign, and an oven may switch as regularly. The last one is long enough for a late response."""
CAR_STOPPED_SECONDS = 30.0
"""A car that draws nothing for this time has stopped; a shorter pause is normal when the offer changes."""


class TrialState(StrEnum):
    """The state of a step trial."""

    RUNNING = "running"
    DONE = "done"
    IMPOSSIBLE = "impossible"
    """There is no room for 3 A, or the car stopped drawing."""


class BrokenOffBy(StrEnum):
    """Why a trial ended early."""

    NO_ROOM = "no_room"
    """A limit leaves no 3 A between the minimum and itself."""
    CAR_STOPPED = "car_stopped"
    """The car stopped drawing current."""
    CHARGE_ENDED = "charge_ended"
    """The charge was ended: by its owner, its mode, or for want of sun."""
    GONE = "gone"
    """The wall connector is no longer known."""
    OPTIONS = "options"
    """The sensors of the house were chosen anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterReport:
    """The result of a trial, for the owner."""

    verdict: MeterVerdict
    gain: float | None
    """W of the meter per W of the cars."""
    delay_seconds: float | None
    interval_seconds: float | None
    """How often the meter reports."""


class StepTrial:
    """Runs one trial of one meter with the car of one wall connector. All times are s of one clock."""

    def __init__(
        self,
        interval_seconds: float | None,
        delay_seconds: float | None = None,
        *,
        half_waves: int | None = None,
    ) -> None:
        """Take how often the meter reports and how late it is, in s, as far as known.

        Every half wave is one clear step of the car. After an even number of them its current is back.
        """
        slow = HALF_INTERVALS * (interval_seconds or 0.0) + (delay_seconds or 0.0)
        self.half_seconds = max(LEAST_HALF_SECONDS, slow)
        if half_waves is None:
            half_waves = HALF_WAVES if self.half_seconds <= SLOW_HALF_SECONDS else HALF_WAVES_SLOW
        halves = [self.half_seconds * LONGER[index % len(LONGER)] for index in range(half_waves)]
        self._edges = list(accumulate(halves, initial=LEAST_HALF_SECONDS))
        self._began_at: float | None = None
        self._passed = 0
        self._idle_since: float | None = None
        self._base = 0
        self._moved = 0
        self.state = TrialState.RUNNING
        self.broken_off_by: BrokenOffBy | None = None

    @property
    def finished(self) -> bool:
        """Whether the trial is over."""
        return self.state is not TrialState.RUNNING

    @property
    def total_seconds(self) -> float:
        """How long the whole trial takes."""
        return self._edges[-1]

    @property
    def next_at(self) -> float | None:
        """When the offered current changes next or the trial ends; None before it began and when it is over."""
        if self._began_at is None or self.finished:
            return None
        return self._began_at + self._edges[self._passed]

    def stop(self, why: BrokenOffBy = BrokenOffBy.CHARGE_ENDED) -> None:
        """End the trial early, because the owner ended the charge or the car was unplugged."""
        if not self.finished:
            self.state = TrialState.IMPOSSIBLE
            self.broken_off_by = why

    def advance(
        self, now: float, base_amps: int, minimum_amps: int, highest_amps: int, *, drawing: bool = True
    ) -> int | None:
        """Advance the trial, and return what to offer now, in A per phase; None when it is over.

        ``base_amps`` is what the car draws, in whole A; that of the first call counts. The limits count at every call.
        ``drawing`` tells whether the car draws current.
        """
        if self.finished:
            return None
        if self._began_at is None:
            self._began_at = now
            self._base = max(minimum_amps, min(highest_amps, base_amps))
            down, up = self._base - TRIAL_STEP_AMPS, self._base + TRIAL_STEP_AMPS
            self._moved = down if down >= minimum_amps else up
        lowest, most = min(self._base, self._moved), max(self._base, self._moved)
        if lowest < minimum_amps or most > highest_amps:
            self.stop(BrokenOffBy.NO_ROOM)
            return None
        if self._note_drawing(now, drawing):
            self.stop(BrokenOffBy.CAR_STOPPED)
            return None
        self._passed = bisect_right(self._edges, now - self._began_at)
        if self._passed == len(self._edges):
            self.state = TrialState.DONE
            return None
        return self._moved if self._passed % 2 else self._base

    def _note_drawing(self, now: float, drawing: bool) -> bool:
        if drawing:
            self._idle_since = None
            return False
        if self._idle_since is None:
            self._idle_since = now
        return now - self._idle_since >= CAR_STOPPED_SECONDS


def report(findings: MeterFindings, trial: StepTrial, interval_seconds: float | None) -> MeterReport:
    """Return the result of a trial; an unknown verdict if the learner found none.

    ``findings`` are those of a learner that has seen this trial alone.
    """
    heard = trial.state is TrialState.DONE and findings.steps > 0
    verdict = findings.verdict if heard else MeterVerdict.UNKNOWN
    known = verdict is not MeterVerdict.UNKNOWN
    return MeterReport(
        verdict=verdict,
        gain=findings.gain if known else None,
        delay_seconds=findings.delay_seconds if known else None,
        interval_seconds=interval_seconds,
    )
