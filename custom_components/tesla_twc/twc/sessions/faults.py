"""Faults of wall connectors, each told once, however often it comes back and Home Assistant restarts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..bus.snapshot import BusPhase, BusSnapshot, Problem
from ..protocol.codes import TwcId

SURE_SECONDS = 10.0
"""A wall connector that is met again reports an error in its first answer (protocol.md 3.10)."""
OVER_SECONDS = 60.0
"""A fault that was not seen for so long is over: it may come and go with every try of the wall connector."""


@dataclass(slots=True)
class StandingFaults:
    """What stands at which wall connector."""

    standing: dict[TwcId, str] = field(default_factory=dict)
    """In the words of ``Problem``."""
    changed: bool = False
    """Whether that is to be written; whoever writes it takes this back."""
    _began: dict[TwcId, tuple[Problem, float]] = field(default_factory=dict)
    _seen: dict[TwcId, float] = field(default_factory=dict)

    @classmethod
    def resumed(cls, kept: Mapping[str, str]) -> "StandingFaults":
        """Go on with what stood when it was written last."""
        return cls({TwcId(int(twcid, 16)): problem for twcid, problem in kept.items()})

    def follow(self, bus: BusSnapshot) -> Iterable[tuple[TwcId, str]]:
        """Take in one moment, and return what is a new fault in it."""
        new = []
        for twcid, facts in bus.connectors.items():
            if bus.phase is BusPhase.DISCONNECTED or facts.last_heard is None:
                continue
            problem = facts.problem
            if problem is None:
                self._began.pop(twcid, None)
                if bus.now - self._seen.setdefault(twcid, bus.now) >= OVER_SECONDS:
                    self.forget(twcid)
            elif problem is not Problem.LOST:
                # One that does not answer says nothing, and whether what it said before still holds nobody knows.
                self._seen[twcid] = bus.now
                if self._is_new(twcid, problem, bus.now):
                    self.standing[twcid] = problem.value
                    self.changed = True
                    new.append((twcid, problem.value))
        return new

    def _is_new(self, twcid: TwcId, problem: Problem, now: float) -> bool:
        """Whether a problem has stayed for long enough, and is not the one that was told."""
        was, began = self._began.setdefault(twcid, (problem, now))
        if was is not problem:
            self._began[twcid] = (problem, now)
            return False
        return now - began >= SURE_SECONDS and self.standing.get(twcid) != problem.value

    def forget(self, twcid: TwcId) -> None:
        """Take a fault for over; harmless if there is none."""
        self._seen.pop(twcid, None)
        if self.standing.pop(twcid, None) is not None:
            self.changed = True
