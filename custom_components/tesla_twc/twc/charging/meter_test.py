"""The deliberate test of the meter: the offered current moves 3 A and back a few times, and the coach listens.

In time the cars' own steps tell the same without it. An owner who has just chosen a sensor does not want to wait
for them, so a button does this once, in about four minutes for a fast meter.
"""

from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

from .coach import MeterFindings, MeterVerdict

STEP_AMPS = 3
"""A per phase: 690 W on one phase, a clear step for the coach."""
LEAST_HALF_SECONDS = 20.0
"""A car needs 3 s to follow (protocol.md 6.1), and the house must be heard without it as well."""
HALF_INTERVALS = 2.5
"""Reports of the meter to each half, one of which may be lost."""
HALF_WAVES = 8
"""Halves of the test: a verdict against the usual takes six or seven clear steps."""
HALF_WAVES_SLOW = 6
"""With a slow meter, for which even this takes more than an hour."""
SLOW_SECONDS = 120.0
"""Halves that are longer than this belong to a slow meter."""
LONGER = (1.0, 1.6, 1.2, 1.4, 1.0, 1.3, 1.7, 2.2)
"""Halves of different length, or an answer that is late by one half is the same as one with the other sign, and an
oven may switch as regularly as we do. The last one is long enough to hear a late answer."""
PATIENCE_SECONDS = 30.0
"""A car that draws nothing for so long has stopped; it may pause for a moment when the offer changes."""


class MeterTestState(StrEnum):
    """How far the test is."""

    RUNNING = "running"
    DONE = "done"
    IMPOSSIBLE = "impossible"
    """There is no room for 3 A, or the car stopped drawing."""


class BrokenOffBy(StrEnum):
    """Why a test ended early."""

    NO_ROOM = "no_room"
    """A limit leaves no 3 A between the minimum and itself."""
    CAR_STOPPED = "car_stopped"
    """The car drew nothing any more."""
    CHARGE_ENDED = "charge_ended"
    """The charge was ended: by its owner, its mode, or for want of sun."""
    GONE = "gone"
    """The wall connector is not there any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterReport:
    """What a test has shown, for the owner."""

    verdict: MeterVerdict
    gain: float | None
    """W of the meter per W of the cars."""
    delay_seconds: float | None
    interval_seconds: float | None
    """How often the meter reports."""


class MeterTest:
    """One test of one meter with the car of one wall connector. All times are s of one clock."""

    def __init__(
        self,
        interval_seconds: float | None,
        delay_seconds: float | None = None,
        *,
        half_waves: int | None = None,
    ) -> None:
        """Take how often the meter reports and how late it is, in s, as far as known.

        Every half wave is one clear step of the car; after an even number of them it is where it was.
        """
        slow = HALF_INTERVALS * (interval_seconds or 0.0) + (delay_seconds or 0.0)
        self.half_seconds = max(LEAST_HALF_SECONDS, slow)
        if half_waves is None:
            half_waves = HALF_WAVES if self.half_seconds <= SLOW_SECONDS else HALF_WAVES_SLOW
        halves = [self.half_seconds * LONGER[index % len(LONGER)] for index in range(half_waves)]
        self._edges = list(accumulate(halves, initial=LEAST_HALF_SECONDS))
        self._began_at: float | None = None
        self._passed = 0
        self._idle_since: float | None = None
        self._base = 0
        self._moved = 0
        self.state = MeterTestState.RUNNING
        self.broken_off_by: BrokenOffBy | None = None

    @property
    def finished(self) -> bool:
        """Whether the offered current is no longer the test's business."""
        return self.state is not MeterTestState.RUNNING

    @property
    def total_seconds(self) -> float:
        """How long the whole test takes."""
        return self._edges[-1]

    @property
    def next_at(self) -> float | None:
        """When the offered current moves next or the test ends; None before it began and when it is over."""
        if self._began_at is None or self.finished:
            return None
        return self._began_at + self._edges[self._passed]

    def stop(self, why: BrokenOffBy = BrokenOffBy.CHARGE_ENDED) -> None:
        """End it early: the owner has changed his mind, or the car was unplugged."""
        if not self.finished:
            self.state = MeterTestState.IMPOSSIBLE
            self.broken_off_by = why

    def amps(
        self, now: float, base_amps: int, minimum_amps: int, highest_amps: int, *, drawing: bool = True
    ) -> int | None:
        """Return what to offer now, in A per phase, or None when the test is over.

        ``base_amps`` is what the car draws, in whole A; that of the first call counts. The limits count at every call.
        ``drawing`` tells whether the car draws current.
        """
        if self.finished:
            return None
        if self._began_at is None:
            self._began_at = now
            self._base = max(minimum_amps, min(highest_amps, base_amps))
            down, up = self._base - STEP_AMPS, self._base + STEP_AMPS
            self._moved = down if down >= minimum_amps else up
        lowest, most = min(self._base, self._moved), max(self._base, self._moved)
        if lowest < minimum_amps or most > highest_amps:
            self.stop(BrokenOffBy.NO_ROOM)
            return None
        if self._has_stopped(now, drawing):
            self.stop(BrokenOffBy.CAR_STOPPED)
            return None
        self._passed = bisect_right(self._edges, now - self._began_at)
        if self._passed == len(self._edges):
            self.state = MeterTestState.DONE
            return None
        return self._moved if self._passed % 2 else self._base

    def _has_stopped(self, now: float, drawing: bool) -> bool:
        if drawing:
            self._idle_since = None
            return False
        if self._idle_since is None:
            self._idle_since = now
        return now - self._idle_since >= PATIENCE_SECONDS


def report(findings: MeterFindings, test: MeterTest, interval_seconds: float | None) -> MeterReport:
    """Return what a test has shown: nothing, unless whoever heard its steps came to a verdict.

    ``findings`` are those of a coach that has heard this test and nothing before it.
    """
    heard = test.state is MeterTestState.DONE and findings.steps > 0
    verdict = findings.verdict if heard else MeterVerdict.UNKNOWN
    known = verdict is not MeterVerdict.UNKNOWN
    return MeterReport(
        verdict=verdict,
        gain=findings.gain if known else None,
        delay_seconds=findings.delay_seconds if known else None,
        interval_seconds=interval_seconds,
    )
