"""Judges over minutes how well a line works, so that a glitch is no fault and one good frame ends none.

Only the time in which the port is open and nobody else is the controller counts: nothing can be heard of a closed
port, and another controller is a fault of its own.
"""

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass

from ...protocol.codes import TwcId
from ..snapshot import LineHealth

FAULT_AFTER_SECONDS = 120.0
"""So long a line has to be bad before its fault is named. A gateway restarts in less, and a wall connector is found
in 30 s. A line that has worked is taken for bad after up to a minute of nothing, so it takes two to three in all."""
CURED_AFTER_SECONDS = 60.0
"""So long the line has to work well before the fault is over."""
DAMAGED_SHARE = 0.3
"""A line with this share of damaged frames is bad: three lost heartbeats in a row become likely."""
CURED_SHARE = 0.15
"""A line with less than this share of damaged frames works well again."""

_INTERVAL_SECONDS = 10.0
_INTERVALS = round(FAULT_AFTER_SECONDS / _INTERVAL_SECONDS)
_CURED_INTERVALS = round(CURED_AFTER_SECONDS / _INTERVAL_SECONDS)
_WELL_INTERVALS = 5
"""So many judgements of the last minute in a row have to be good: the first may be a burst of announcements."""
_NEXT_TO_NOTHING = 3
"""As good as nothing: noise passes the checksum once in 256 times (protocol.md 1.5)."""
_SMALLEST_SAMPLE = 10
"""Fewer frames are no sample to judge by."""


@dataclass(slots=True)
class _Interval:
    """What was heard and said in a few seconds."""

    received: int = 0
    damaged: int = 0
    asked: int = 0
    answered: int = 0

    @property
    def damaged_share(self) -> float:
        return self.damaged / (self.damaged + self.received) if self.damaged else 0.0


class LineQuality:
    """Names what is wrong with a line once it has lasted long enough."""

    def __init__(self) -> None:
        """Nothing is known of the line yet."""
        self.health = LineHealth.UNKNOWN
        self._intervals: deque[_Interval] = deque([_Interval()], maxlen=_INTERVALS)
        self._interval_age = 0.0
        self._bad_intervals = self._well_intervals = self._fault_intervals = 0
        self._suspected: LineHealth | None = None
        self._advanced_at = 0.0
        self._hearing = False
        self._echoes = False

    def received(self) -> None:
        """A frame of somebody else arrived undamaged."""
        self._intervals[-1].received += 1

    def damaged(self) -> None:
        """Something like a frame arrived."""
        self._intervals[-1].damaged += 1

    def echoed(self) -> None:
        """A frame of ours came back."""
        self._echoes = True

    def asked(self) -> None:
        """A heartbeat leaves."""
        self._intervals[-1].asked += 1

    def answered(self) -> None:
        """A heartbeat was answered."""
        self._intervals[-1].answered += 1

    def advance(self, now: float, *, hearing: bool) -> None:
        """Let time pass; ``hearing``: from now on, what is said on the line is heard and is our business."""
        if self._hearing:
            self._interval_age += now - self._advanced_at
        self._advanced_at, self._hearing = now, hearing
        if self._interval_age >= _INTERVAL_SECONDS:
            # It counts as one interval, however long: a computer that slept could not hear anything.
            self._interval_age = 0.0
            self._judge()
            self._intervals.append(_Interval())

    def _judge(self) -> None:
        if self._is_well(_total(list(self._intervals)[-_CURED_INTERVALS:])):
            self._bad_intervals = 0
            self._well_intervals += 1
            if self._well_intervals >= _WELL_INTERVALS:
                self.health = LineHealth.GOOD
            return
        self._bad_intervals, self._well_intervals = self._bad_intervals + 1, 0
        fault = self._fault(_total(self._intervals))
        self._fault_intervals = self._fault_intervals + 1 if fault is self._suspected else 1
        self._suspected = fault
        # A line under repair shows other faults for a while, so a named fault stays until another one has lasted.
        named = self.health not in (LineHealth.UNKNOWN, LineHealth.GOOD)
        if fault is not None and (self._fault_intervals if named else self._bad_intervals) > _INTERVALS:
            self.health = fault

    def _is_well(self, heard: _Interval) -> bool:
        if heard.received < _NEXT_TO_NOTHING or heard.damaged_share > CURED_SHARE:
            return False
        return heard.answered > 0 or heard.asked < _NEXT_TO_NOTHING

    def _fault(self, heard: _Interval) -> LineHealth | None:
        if heard.received < _NEXT_TO_NOTHING:
            if heard.damaged >= _NEXT_TO_NOTHING:
                return LineHealth.NOISE
            return LineHealth.ECHO if self._echoes else LineHealth.SILENT
        if heard.damaged >= _SMALLEST_SAMPLE and heard.damaged_share >= DAMAGED_SHARE:
            return LineHealth.DAMAGED
        if heard.asked >= _SMALLEST_SAMPLE and not heard.answered:
            return LineHealth.UNHEARD
        return None


def _total(intervals: Collection[_Interval]) -> _Interval:
    return _Interval(
        received=sum(interval.received for interval in intervals),
        damaged=sum(interval.damaged for interval in intervals),
        asked=sum(interval.asked for interval in intervals),
        answered=sum(interval.answered for interval in intervals),
    )


class HeartbeatGaps:
    """The longest time that a wall connector in our care went without a heartbeat."""

    def __init__(self) -> None:
        """Nobody is cared for."""
        self._longest: float | None = None
        self._last: dict[TwcId, float] = {}

    def sent(self, twcid: TwcId, now: float) -> None:
        """A heartbeat leaves."""
        if twcid in self._last:
            self._note(now - self._last[twcid])
        self._last[twcid] = now

    def keep(self, served: Collection[TwcId], now: float) -> None:
        """Go on with those that are to get heartbeats; to get none on purpose is no gap."""
        for twcid in self._last.keys() - set(served):
            self._note(now - self._last.pop(twcid))

    def longest(self, now: float) -> float | None:
        """Return the longest gap so far in s, one that lasts included; None before the second heartbeat."""
        if self._longest is None:
            return None
        return max((self._longest, *(now - last for last in self._last.values())))

    def _note(self, gap: float) -> None:
        self._longest = gap if self._longest is None else max(self._longest, gap)
