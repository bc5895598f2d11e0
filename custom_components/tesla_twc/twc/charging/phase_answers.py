"""What the sensors of the main fuse have answered to the cars' steps, and what that adds up to.

One answer proves little, for the house moves as well. So something is concluded only where most of the last ones agree.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from ..protocol.codes import TwcId
from .house_phases import FuseFindings, PhaseVerdict

REMEMBERED = 6
"""Shares of each sensor that count."""
ENOUGH, ENOUGH_FOR_A_FAULT = 3, 4
"""So many must agree; more where it is against the usual …"""
MOST = 0.75
"""… and be so large a part of all that count."""


class Answer(StrEnum):
    """What one step found at one sensor."""

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
    """Return what a share of a step means; None where the house moved as well."""
    return next((answer for answer, (low, high) in _SHARES.items() if low <= share <= high), None)


Pattern = tuple[int, ...]
"""Which of its own conductors a car loads, 1 to 3; empty while its wall connector does not tell."""


class PhaseAnswers:
    """The last answers of each sensor to each car."""

    def __init__(self, remembered: Mapping[tuple[TwcId, Pattern], Sequence[str]] | None = None) -> None:
        """Take the answers of earlier steps: for each car a text of ``Answer`` for each sensor."""
        self._texts: dict[tuple[TwcId, Pattern], list[deque[Answer]]] = {
            key: [deque(map(Answer, text), maxlen=REMEMBERED) for text in texts]
            for key, texts in (remembered or {}).items()
        }

    def clear(self) -> None:
        """Begin anew: other sensors, or another sign."""
        self._texts.clear()

    def remembered(self) -> dict[tuple[TwcId, Pattern], tuple[str, ...]]:
        """Return what must survive a restart."""
        return {key: tuple("".join(one) for one in texts) for key, texts in self._texts.items()}

    def car_left(self, twcid: TwcId) -> None:
        """Forget a car of which nobody knows which conductors it loads: the next one may load others."""
        self._texts.pop((twcid, ()), None)

    def keep_for(self, sensors: int) -> None:
        """Forget what was said by another number of sensors."""
        self._texts = {key: texts for key, texts in self._texts.items() if len(texts) == sensors}

    def add(self, twcid: TwcId, loads: Pattern, answers: Sequence[Answer | None]) -> None:
        """Note what each sensor made of one step; None where it said nothing clear."""
        texts = self._texts.setdefault((twcid, loads), [deque(maxlen=REMEMBERED) for _ in answers])
        for text, answer in zip(texts, answers, strict=True):
            if answer is not None:
                text.append(answer)

    def patterns(self, twcid: TwcId) -> Iterable[Pattern]:
        """Return what its cars loaded when they stepped, as far as that was told."""
        return [loads for name, loads in self._texts if name == twcid]

    def verdict(self, twcid: TwcId, loads: Pattern, sensor: int) -> PhaseVerdict:
        """Return how one sensor answers one car."""
        texts = self._texts.get((twcid, loads))
        if texts is None or sensor >= len(texts):
            return PhaseVerdict.UNKNOWN
        return _verdict(texts[sensor])

    def steps(self, twcid: TwcId, loads: Pattern) -> int:
        """Return how many steps of a car have told."""
        return max(map(len, self._texts.get((twcid, loads), ())), default=0)

    def findings(self) -> FuseFindings:
        """Return what all cars' steps tell of the sensors together: a fault first."""
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
    """Return what most of the last answers agree on."""
    for answer, meaning in _MEANS.items():
        count = sum(one is answer for one in answers)
        enough = at_least if answer in (Answer.RISES, Answer.NOTHING) else ENOUGH_FOR_A_FAULT
        if count >= enough and count >= MOST * len(answers):
            return meaning
    return PhaseVerdict.UNKNOWN
