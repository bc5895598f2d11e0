"""Shares the surplus among cars: by priority, equally among equals, and without a whole ampere left over."""

from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from ...protocol.codes import TwcId


class Seeker(NamedTuple):
    """One wall connector that follows the surplus. Amps are A per phase."""

    twcid: TwcId
    priority: int
    watts_per_ampere: float
    minimum_amps: int
    useful_amps: int
    """The most that it can use."""
    running: bool
    """Whether its car may charge. A waiting one gets the share that it would have if it began."""
    takes_nothing: bool = False
    """Whether its car has taken nothing of its offer for long: it is full or asleep, and others may have its share."""
    held: bool = False
    """Whether its car draws its minimum whatever is decided: it cannot be stopped, or its mode keeps it."""

    @property
    def minimum_watts(self) -> float:
        """What its minimum needs."""
        return self.minimum_amps * self.watts_per_ampere


class SurplusSharing:
    """Shares the surplus, or what it may be, among those that seek it.

    A car that takes nothing keeps the share that it would have if it alone took something, and leaves it to the others.
    """

    def __init__(self, seekers: Sequence[Seeker]) -> None:
        """Take who seeks it."""
        takers = [one for one in seekers if not one.takes_nothing]
        self._line = _in_line(takers)
        self._as_if = {one.twcid: _in_line([*takers, one]) for one in seekers if one.takes_nothing}
        """The line as if one that takes nothing took something."""

    def share(self, watts: float) -> dict[TwcId, float]:
        """Return the W for each: its share, or, for one that waits, the least share that it would have if it began.

        A share may be less than the minimum, down to 0. The part of an ampere that no car can use goes to the first in
        line.
        """
        shares = _share(watts, self._line)
        for twcid, line in self._as_if.items():
            shares[twcid] = _share(watts, line)[twcid]
        return shares


class _Level(NamedTuple):
    """Those of one priority."""

    running: list[Seeker]
    waiting: list[Seeker]


class _Line(NamedTuple):
    """All that seek something."""

    levels: list[_Level]
    """The highest priority first."""
    held: list[Seeker]
    """Those of the running ones that draw their minimum whatever is decided, the last in line first."""
    held_watts: float
    """What these draw. In any case it is no surplus for others, whatever their priority."""


def _in_line(seekers: Sequence[Seeker]) -> _Line:
    """Return all by priority."""
    ranked = sorted(seekers, key=lambda one: -one.priority)
    levels = []
    for _, level in groupby(ranked, lambda one: one.priority):
        group = list(level)
        running = [one for one in group if one.running or one.held]
        waiting = [one for one in group if not (one.running or one.held)]
        levels.append(_Level(running, waiting))
    held_watts = sum([one.minimum_watts for one in seekers if one.held])
    return _Line(levels, [one for one in reversed(ranked) if one.held], held_watts)


def _share(watts: float, line: _Line) -> dict[TwcId, float]:
    """Return the W for each as if every car took its share."""
    shares: dict[TwcId, float] = {}
    left, promised = watts - line.held_watts, 0.0
    for level in line.levels:
        left = _share_level(left, level.running, shares)
        if not level.waiting:
            continue
        given_up = sum([_beyond_minimum(one, shares) for one in level.running])
        for one in level.waiting:
            # The minimum of a waiting car is not counted for the waiting cars after it.
            shares[one.twcid] = max(0.0, left + given_up - promised)
            promised += one.minimum_watts
    missing = line.held_watts - max(0.0, watts)
    for one in line.held:
        if missing > 0:
            from_grid = min(missing, shares[one.twcid])
            shares[one.twcid] -= from_grid
            missing -= from_grid
    return shares


def _beyond_minimum(one: Seeker, shares: dict[TwcId, float]) -> float:
    """Return what a running car would give up for a waiting one of equal priority."""
    return max(0.0, shares[one.twcid] - one.minimum_watts)


def _share_level(left: float, running: list[Seeker], shares: dict[TwcId, float]) -> float:
    """Give shares to the running cars of one priority; return the W that are left."""
    served = []
    for one in running:
        # That of a held one is taken off already.
        minimum = 0.0 if one.held else one.minimum_watts
        shares[one.twcid] = one.minimum_watts if one.held else min(max(0.0, left), minimum)
        if left >= minimum:
            served.append(one)
        left -= minimum
    if left <= 0 or not served:
        return left
    amps = _filled(left, served)
    for one in served:
        extra = (amps[one.twcid] - one.minimum_amps) * one.watts_per_ampere
        shares[one.twcid] += extra
        left -= extra
    hungry = [one for one in served if amps[one.twcid] < one.useful_amps]
    if hungry:
        shares[hungry[0].twcid] += left
        return 0.0
    return left


def _filled(watts: float, served: list[Seeker]) -> dict[TwcId, int]:
    """Raise all cars together from their minima, in whole amps, until the watts above the minima are used."""
    level = int(_level(watts, served))
    amps = {one.twcid: max(one.minimum_amps, min(one.useful_amps, level)) for one in served}
    watts -= sum([(amps[one.twcid] - one.minimum_amps) * one.watts_per_ampere for one in served])
    for one in sorted(served, key=lambda one: amps[one.twcid]):
        if amps[one.twcid] < one.useful_amps and watts >= one.watts_per_ampere:
            amps[one.twcid] += 1
            watts -= one.watts_per_ampere
    return amps


def _level(watts: float, served: list[Seeker]) -> float:
    """Return the A to which ``watts`` raise all cars at the same time, within their minima and maxima."""
    edges = sorted({one.minimum_amps for one in served} | {one.useful_amps for one in served})
    for low, high in pairwise(edges):
        rate = sum([one.watts_per_ampere for one in served if one.minimum_amps <= low < one.useful_amps])
        if rate * (high - low) >= watts:
            return low + (watts / rate if rate else 0.0) + 1e-9
        watts -= rate * (high - low)
    return float(edges[-1])
