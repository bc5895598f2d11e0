"""Who gives the orders on a line where that is not our role, and whether there are two of them."""

from collections import deque
from dataclasses import dataclass, field

from ...protocol.codes import TwcId
from .foreign import FOREIGN_FRAMES, FOREIGN_SECONDS, GONE_SECONDS

MOST_LEADERS = 8
"""So many addresses are followed at once; a damaged frame that passed its checksum names one of its own."""


@dataclass(slots=True)
class _Candidate:
    """When a controller was heard; what it announces counts only beside what it orders or tells."""

    heard: deque[float] = field(default_factory=lambda: deque(maxlen=FOREIGN_FRAMES))
    proven: bool = False

    @property
    def last(self) -> float:
        return self.heard[-1]


class Leaders:
    """The controllers of a line, in the order in which they were proven. All times are s of one clock."""

    def __init__(self) -> None:
        """Nobody leads."""
        self._candidates: dict[TwcId, _Candidate] = {}
        self._proven: list[TwcId] = []

    def heard(self, twcid: TwcId, now: float) -> None:
        """Take a frame that only a controller in charge, or an answer to one, can be."""
        candidate = self._candidates.get(twcid)
        if candidate is None:
            if len(self._candidates) >= MOST_LEADERS and not self._make_room(now):
                return
            candidate = self._candidates[twcid] = _Candidate()
        candidate.heard.append(now)
        agreeing = len(candidate.heard) == FOREIGN_FRAMES and now - candidate.heard[0] <= FOREIGN_SECONDS
        if agreeing and not candidate.proven:
            candidate.proven = True
            self._proven.append(twcid)

    def _make_room(self, now: float) -> bool:
        """Drop whoever was named by a frame or two a while ago."""
        for twcid in [one for one, its in self._candidates.items() if now - its.last >= FOREIGN_SECONDS]:
            self.forget(twcid)
        return len(self._candidates) < MOST_LEADERS

    def advance(self, now: float) -> None:
        """Let time pass: whoever has been silent for long does not lead any more."""
        for twcid in [one for one, its in self._candidates.items() if now - its.last >= GONE_SECONDS]:
            self.forget(twcid)

    def forget(self, twcid: TwcId) -> None:
        """Forget one."""
        self._candidates.pop(twcid, None)
        if twcid in self._proven:
            self._proven.remove(twcid)

    @property
    def leader(self) -> TwcId | None:
        """The controller that was proven first and is still there."""
        return self._proven[0] if self._proven else None

    @property
    def second(self) -> TwcId | None:
        """Another one beside it."""
        return self._proven[1] if len(self._proven) > 1 else None

    def knows(self, twcid: TwcId) -> bool:
        """Whether this address was heard as that of a controller lately."""
        return twcid in self._candidates
