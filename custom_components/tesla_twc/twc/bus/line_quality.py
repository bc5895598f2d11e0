"""How well a line works, judged over minutes: a glitch is no fault, and a fault is not over with one good frame.

Only the time in which the port is open and nobody else is the controller counts: nothing can be heard of a closed
port, and another controller is a fault of its own.
"""

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass

from ..protocol.codes import TwcId
from .snapshot import LineHealth

FAULT_SECONDS = 120.0
"""So long a line has to be bad before its fault is named. A gateway restarts in less, and a wall connector is found
in 30 s. A line that has worked is taken for bad after up to a minute of nothing, so it takes two to three in all."""
CURE_SECONDS = 60.0
"""So long the line has to work well before the fault is over."""
DAMAGED_SHARE = 0.3
"""From here on a line is a bad one: lost heartbeats are repeated, but three in a row become likely."""
CURED_SHARE = 0.15
"""Below this it is well again."""

_STEP_SECONDS = 10.0
_STEPS = round(FAULT_SECONDS / _STEP_SECONDS)
_CURE_STEPS = round(CURE_SECONDS / _STEP_SECONDS)
_WELL_STEPS = 5
"""So many looks in a row at the last minute have to be good: the first may be a burst of announcements."""
_FEW = 3
"""As good as nothing: noise passes the checksum once in 256 times (protocol.md 1.5)."""
_SOME = 10
"""Fewer frames are no sample to judge by."""

TALLY_MINUTES = 10
_MINUTE = 60.0


@dataclass(slots=True)
class _Step:
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
        self._steps: deque[_Step] = deque([_Step()], maxlen=_STEPS)
        self._step_age = 0.0
        self._bad_steps = self._well_steps = self._fault_steps = 0
        self._suspected: LineHealth | None = None
        self._looked_at = 0.0
        self._hearing = False
        self._echoes = False

    def received(self) -> None:
        """A frame of somebody else arrived undamaged."""
        self._steps[-1].received += 1

    def damaged(self) -> None:
        """Something like a frame arrived."""
        self._steps[-1].damaged += 1

    def echoed(self) -> None:
        """A frame of ours came back."""
        self._echoes = True

    def asked(self) -> None:
        """A heartbeat leaves."""
        self._steps[-1].asked += 1

    def answered(self) -> None:
        """A heartbeat was answered."""
        self._steps[-1].answered += 1

    def look(self, now: float, *, hearing: bool) -> None:
        """Let time pass; ``hearing``: from now on, what is said on the line is heard and is our business."""
        if self._hearing:
            self._step_age += now - self._looked_at
        self._looked_at, self._hearing = now, hearing
        if self._step_age >= _STEP_SECONDS:
            # One step however long: a computer that slept has heard nothing, and that says nothing.
            self._step_age = 0.0
            self._judge()
            self._steps.append(_Step())

    def _judge(self) -> None:
        if self._is_well(_total(list(self._steps)[-_CURE_STEPS:])):
            self._bad_steps = 0
            self._well_steps += 1
            if self._well_steps >= _WELL_STEPS:
                self.health = LineHealth.GOOD
            return
        self._bad_steps, self._well_steps = self._bad_steps + 1, 0
        fault = self._fault(_total(self._steps))
        self._fault_steps = self._fault_steps + 1 if fault is self._suspected else 1
        self._suspected = fault
        # A line that is being mended goes through other faults: a name once given stays until another one has lasted.
        named = self.health not in (LineHealth.UNKNOWN, LineHealth.GOOD)
        if fault is not None and (self._fault_steps if named else self._bad_steps) > _STEPS:
            self.health = fault

    def _is_well(self, heard: _Step) -> bool:
        if heard.received < _FEW or heard.damaged_share > CURED_SHARE:
            return False
        return heard.answered > 0 or heard.asked < _FEW

    def _fault(self, heard: _Step) -> LineHealth | None:
        if heard.received < _FEW:
            if heard.damaged >= _FEW:
                return LineHealth.NOISE
            return LineHealth.ECHO if self._echoes else LineHealth.SILENT
        if heard.damaged >= _SOME and heard.damaged_share >= DAMAGED_SHARE:
            return LineHealth.DAMAGED
        if heard.asked >= _SOME and not heard.answered:
            return LineHealth.UNHEARD
        return None


def _total(steps: Collection[_Step]) -> _Step:
    return _Step(
        received=sum(step.received for step in steps),
        damaged=sum(step.damaged for step in steps),
        asked=sum(step.asked for step in steps),
        answered=sum(step.answered for step in steps),
    )


@dataclass(slots=True)
class _Minute:
    """What became of the heartbeats of one minute."""

    number: int
    well: int = 0
    all: int = 0


class AnswerTally:
    """How many of the heartbeats to one wall connector were answered well in the last minutes."""

    def __init__(self) -> None:
        """Nothing was asked yet."""
        self._minutes: deque[_Minute] = deque(maxlen=TALLY_MINUTES)
        self._waiting = False

    def asked(self, now: float) -> None:
        """A heartbeat leaves; one that is still unanswered stays so."""
        if self._waiting:
            self._count(now, well=False)
        self._waiting = True

    def answered(self, now: float) -> None:
        """It was answered, and the answer could be believed."""
        if self._waiting:
            self._count(now, well=True)
        self._waiting = False

    def _count(self, now: float, *, well: bool) -> None:
        number = int(now // _MINUTE)
        if not self._minutes or self._minutes[-1].number != number:
            self._minutes.append(_Minute(number))
        self._minutes[-1].well += well
        self._minutes[-1].all += 1

    def share(self, now: float) -> float | None:
        """Return the share of the last ten minutes, 0 to 1; None if too little was asked to tell."""
        recent = [minute for minute in self._minutes if minute.number > now // _MINUTE - TALLY_MINUTES]
        asked = sum(minute.all for minute in recent)
        return None if asked < _SOME else sum(minute.well for minute in recent) / asked


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
        for last in self._last.values():
            if self._longest is not None:
                self._note(now - last)
        return self._longest

    def _note(self, gap: float) -> None:
        self._longest = gap if self._longest is None else max(self._longest, gap)
