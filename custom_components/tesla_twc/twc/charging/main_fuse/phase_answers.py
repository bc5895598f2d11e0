"""Decides how many load steps must agree before a car's phase, or a fault of a sensor, counts as known.

One response proves little, because the house changes as well. So a verdict needs most of the last responses to agree.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from ...protocol.codes import TwcId
from ..house_phases import FuseFindings, PhaseVerdict

REMEMBERED = 6
"""The number of responses of each sensor that count."""
ENOUGH, ENOUGH_FOR_A_FAULT = 3, 4
"""So many responses must agree; more for an unusual verdict …"""
MOST = 0.75
"""… and be at least this share of those that count."""


class Answer(StrEnum):
    """How one sensor responded to one load step."""

    RISES = "+"
    NOTHING = "0"
    FALLS = "-"
    HALF = "h"
    DOUBLE = "d"


_SHARES = {
    Answer.NOTHING: (-0.25, 0.25),
    Answer.RISES: (0.65, 1.35),
    Answer.FALLS: (-1.35, -0.65),
    Answer.HALF: (0.3, 0.6),
    Answer.DOUBLE: (1.6, 2.4),
}


def answer_of(share: float) -> Answer | None:
    """Return the response for a share of a load step; None for a share that proves nothing."""
    return next((answer for answer, (low, high) in _SHARES.items() if low <= share <= high), None)


Pattern = tuple[int, ...]
"""Which of its own conductors a car loads, 1 to 3; empty if its wall connector does not report it."""


class PhaseAnswers:
    """Keeps the last responses of each sensor to each car."""

    def __init__(self, remembered: Mapping[tuple[TwcId, Pattern], Sequence[str]] | None = None) -> None:
        """Take the responses to earlier steps: for each car a text of ``Answer`` for each sensor."""
        self._texts: dict[tuple[TwcId, Pattern], list[deque[Answer]]] = {
            key: [deque(map(Answer, text), maxlen=REMEMBERED) for text in texts]
            for key, texts in (remembered or {}).items()
        }

    def clear(self) -> None:
        """Begin anew, because other sensors or another sign were chosen."""
        self._texts.clear()

    def remembered(self) -> dict[tuple[TwcId, Pattern], tuple[str, ...]]:
        """Return what must survive a restart."""
        return {key: tuple("".join(one) for one in texts) for key, texts in self._texts.items()}

    def car_left(self, twcid: TwcId) -> None:
        """Forget a car whose conductors are unknown, because the next one may load others."""
        self._texts.pop((twcid, ()), None)

    def keep_for(self, sensors: int) -> None:
        """Forget responses of another number of sensors."""
        self._texts = {key: texts for key, texts in self._texts.items() if len(texts) == sensors}

    def add(self, twcid: TwcId, loads: Pattern, answers: Sequence[Answer | None]) -> None:
        """Note the response of each sensor to one step; None where it was not clear."""
        texts = self._texts.setdefault((twcid, loads), [deque(maxlen=REMEMBERED) for _ in answers])
        for text, answer in zip(texts, answers, strict=True):
            if answer is not None:
                text.append(answer)

    def patterns(self, twcid: TwcId) -> Iterable[Pattern]:
        """Return which conductors its cars loaded in their steps."""
        return [loads for name, loads in self._texts if name == twcid]

    def verdict(self, twcid: TwcId, loads: Pattern, sensor: int) -> PhaseVerdict:
        """Return the verdict on one sensor from the steps of one car."""
        texts = self._texts.get((twcid, loads))
        if texts is None or sensor >= len(texts):
            return PhaseVerdict.UNKNOWN
        return _verdict(texts[sensor])

    def steps(self, twcid: TwcId, loads: Pattern) -> int:
        """Return how many steps of a car were used."""
        return max(map(len, self._texts.get((twcid, loads), ())), default=0)

    def findings(self) -> FuseFindings:
        """Return the verdict on all sensors from the steps of all cars: a fault first."""
        contained = False
        for (_, loads), texts in self._texts.items():
            verdicts = [_verdict(one) for one in texts]
            for fault in (PhaseVerdict.INVERTED, PhaseVerdict.ODD):
                if fault in verdicts:
                    return FuseFindings(verdict=fault, phases=_numbers(verdicts, fault))
            surely = [_verdict(one, ENOUGH_FOR_A_FAULT) for one in texts]
            silent = _numbers(surely, PhaseVerdict.NOT_CONTAINED)
            missing = len(loads) == len(texts) == 3 and bool(silent)
            if missing or (verdicts and len(silent) == len(verdicts)):
                return FuseFindings(verdict=PhaseVerdict.NOT_CONTAINED, phases=silent)
            contained = contained or PhaseVerdict.CONTAINED in verdicts
        return FuseFindings(verdict=PhaseVerdict.CONTAINED if contained else PhaseVerdict.UNKNOWN)


def _numbers(verdicts: Iterable[PhaseVerdict], wanted: PhaseVerdict) -> tuple[int, ...]:
    return tuple(number for number, verdict in enumerate(verdicts, 1) if verdict is wanted)


_MEANS = {
    Answer.RISES: PhaseVerdict.CONTAINED,
    Answer.NOTHING: PhaseVerdict.NOT_CONTAINED,
    Answer.FALLS: PhaseVerdict.INVERTED,
    Answer.HALF: PhaseVerdict.ODD,
    Answer.DOUBLE: PhaseVerdict.ODD,
}


def _verdict(answers: Sequence[Answer] | deque[Answer], at_least: int = ENOUGH) -> PhaseVerdict:
    """Return the verdict that most of the last responses agree on."""
    for answer, meaning in _MEANS.items():
        count = answers.count(answer)
        enough = at_least if answer in (Answer.RISES, Answer.NOTHING) else ENOUGH_FOR_A_FAULT
        if count >= enough and count >= MOST * len(answers):
            return meaning
    return PhaseVerdict.UNKNOWN
