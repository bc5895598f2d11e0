"""Keeps a ceiling that somebody outside has set, and says what holds when it is not renewed in time."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from ...protocol.codes import TwcId
from ..outside_limit import OutsideLimit

MINIMUM_CEILING_AMPS = 6.0
"""The least that a wall connector offers."""


class Failsafe(StrEnum):
    """What holds after a ceiling was not renewed in time."""

    NOTHING = "nothing"
    """No ceiling any more."""
    MINIMUM = "minimum"
    """The minimum for each car."""
    STOP = "stop"
    """No charging; a car that cannot be stopped holds the minimum."""
    VALUE = "value"
    """Another ceiling."""


def nobody(feeder: str) -> frozenset[TwcId]:
    """Return which wall connectors hang on a feeder where there is none."""
    return frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingCeiling:
    """A ceiling as it was set. Exactly one of ``amps`` and ``watts`` is given."""

    source: str
    amps: float | None = None
    """A per phase."""
    watts: float | None = None
    members: frozenset[TwcId] | None = None
    """For which wall connectors together; None: for all, or for those on a feeder."""
    feeder: str | None = None
    """The name of the feeder that it is for."""
    until: float | None = None
    """When it has to have been renewed, in s of the clock of the decision; None: it holds until it is taken back."""
    failsafe: Failsafe = Failsafe.NOTHING
    failsafe_value: float | None = None
    """What holds with ``Failsafe.VALUE``, in the unit of the ceiling."""

    def is_renewed(self, now: float) -> bool:
        """Whether it still holds as it was set."""
        return self.until is None or now < self.until

    def is_over(self, now: float) -> bool:
        """Whether nothing of it holds any more."""
        return self.failsafe is Failsafe.NOTHING and not self.is_renewed(now)

    def in_force(
        self, twcids: Iterable[TwcId], now: float, below: Callable[[str], frozenset[TwcId]] = nobody
    ) -> list[OutsideLimit]:
        """Return what holds of it now.

        ``twcids`` are all wall connectors of the house; ``below`` tells which hang on a feeder.
        """
        if self.feeder is not None:
            return replace(self, members=below(self.feeder), feeder=None).in_force(twcids, now)
        if self.members == frozenset():
            return []
        if self.is_renewed(now):
            return [self._limit(self.amps, self.watts)]
        match self.failsafe:
            case Failsafe.NOTHING:
                return []
            case Failsafe.MINIMUM:
                each = sorted(self.members) if self.members is not None else list(twcids)
                return [
                    OutsideLimit(source=self.source, amps=MINIMUM_CEILING_AMPS, members=frozenset({twcid}))
                    for twcid in each
                ]
            case Failsafe.STOP:
                return [self._limit(0.0, None)]
            case Failsafe.VALUE:
                value = self.failsafe_value
                return [self._limit(value, None) if self.watts is None else self._limit(None, value)]

    def _limit(self, amps: float | None, watts: float | None) -> OutsideLimit:
        return OutsideLimit(source=self.source, amps=amps, watts=watts, members=self.members)
