"""Writes one line into the log when sensors of a house fall silent or its main fuse is hot, and one when it is over.

A house that several buses share is logged once, and not by each of them.
"""

from collections.abc import Callable, Iterator

from ..house.sentences import names_of
from ..twc.charging.decision import Decision, InputState
from ..twc.charging.readings import PHASES
from .fuse_issues import Overload
from .matters import Matter, Matters
from .site_issues import SILENCE_TOLD_SECONDS


class HouseLog:
    """Remembers what was logged of a house."""

    def __init__(self, name: Callable[[], str]) -> None:
        """Take what the house is called, or the bus that is alone in it."""
        self._name = name
        self._told = Matters()
        self._blind_since: float | None = None
        self._unguarded_since: float | None = None
        self._overload = Overload()

    def note(self, decision: Decision, now: float) -> None:
        """Log what changed since the last decision. ``now`` is s of the house's clock."""
        found = {
            **dict(self._house(decision, now)),
            **dict(self._phases(decision, now)),
            **dict(self._fuse(decision, now)),
        }
        self._told.note(found, now)

    def _house(self, decision: Decision, now: float) -> Iterator[tuple[str, Matter]]:
        """Tell of sensors that fell silent, when Repairs does; at night the sun explains it."""
        if not decision.stale_inputs or decision.input_state is InputState.NIGHT:
            self._blind_since = None
            return
        self._blind_since = now if self._blind_since is None else self._blind_since
        if now - self._blind_since >= SILENCE_TOLD_SECONDS:
            missing = ", ".join(decision.stale_inputs)
            yield (
                "house",
                Matter(
                    f"{self._name()} hears nothing more of the house: {missing}",
                    f"{self._name()} hears of the house again",
                ),
            )

    def _phases(self, decision: Decision, now: float) -> Iterator[tuple[str, Matter]]:
        """Tell of phases of the main fuse that fell silent, when Repairs does, whatever the sun explains."""
        if PHASES not in decision.missing:
            self._unguarded_since = None
            return
        self._unguarded_since = now if self._unguarded_since is None else self._unguarded_since
        if now - self._unguarded_since >= SILENCE_TOLD_SECONDS:
            yield (
                PHASES,
                Matter(
                    f"{self._name()} hears nothing more of the main fuse: all cars together get 6 A at most",
                    f"{self._name()} hears of the main fuse again",
                ),
            )

    def _fuse(self, decision: Decision, now: float) -> Iterator[tuple[str, Matter]]:
        """Tell of sensors of the main fuse that cannot be believed, and of a phase that carries too much."""
        if (found := decision.fuse_findings).is_faulty:
            verdict = found.verdict.replace("_", " ")
            where = f"{verdict}: {names_of(found.phases)}" if found.phases else verdict
            yield (
                "fuse sensors",
                Matter(
                    f"{self._name()} cannot believe the sensors of the main fuse ({where}): "
                    "all cars together get 6 A at most",
                    f"{self._name()} believes the sensors of the main fuse again",
                ),
            )
        if hot := self._overload.judge(decision, now):
            yield (
                "fuse overload",
                Matter(
                    f"The main fuse of {self._name()} carries more than its rating on {names_of(hot)}",
                    f"The main fuse of {self._name()} has cooled down",
                ),
            )
