"""Counts how many heartbeats to one wall connector are answered; a bad line or a faulty unit lowers the share."""

from collections import deque
from dataclasses import dataclass

TALLY_MINUTES = 10
_MINUTE_SECONDS = 60.0
_SMALLEST_SAMPLE = 10
"""Fewer heartbeats are no sample to judge by."""


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
        number = int(now // _MINUTE_SECONDS)
        if not self._minutes or self._minutes[-1].number != number:
            self._minutes.append(_Minute(number))
        self._minutes[-1].well += well
        self._minutes[-1].all += 1

    def share(self, now: float) -> float | None:
        """Return the share of the last ten minutes, 0 to 1; None if too little was asked to tell."""
        before = now // _MINUTE_SECONDS - TALLY_MINUTES
        well = asked = 0
        for minute in self._minutes:
            if minute.number > before:
                well += minute.well
                asked += minute.all
        return None if asked < _SMALLEST_SAMPLE else well / asked
