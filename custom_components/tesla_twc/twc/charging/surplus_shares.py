"""Who gets how much of the surplus: by priority, equal shares among equals, and no whole ampere left over."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from ..protocol.codes import TwcId


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeker:
    """One wall connector that follows the surplus. Amps are A per phase."""

    twcid: TwcId
    priority: int
    watts_per_ampere: float
    minimum_amps: int
    useful_amps: int
    """The most it can use."""
    running: bool
    """Whether its car charges or may; one that waits is told what it would have if it began."""


def share_surplus(watts: float, seekers: Sequence[Seeker]) -> dict[TwcId, float]:
    """Return the W for each: what it has, or, for one that waits, what it would have at least if it began.

    One that gets less than its minimum is told so, down to 0. The part of an ampere that nobody can use goes to the
    first in line, so that the whole amps of all add up.
    """
    shares: dict[TwcId, float] = {}
    left, promised = watts, 0.0
    for _, level in groupby(sorted(seekers, key=lambda one: -one.priority), lambda one: one.priority):
        group = list(level)
        left = _share_level(left, [one for one in group if one.running], shares)
        given_up = sum(_beyond_minimum(one, shares) for one in group if one.running)
        for one in group:
            if not one.running:
                # Nobody counts on what somebody before it waits for.
                shares[one.twcid] = max(0.0, left + given_up - promised)
                promised += one.minimum_amps * one.watts_per_ampere
    return shares


def _beyond_minimum(one: Seeker, shares: dict[TwcId, float]) -> float:
    """What an equal that runs would give up for one that waits."""
    return max(0.0, shares[one.twcid] - one.minimum_amps * one.watts_per_ampere)


def _share_level(left: float, running: list[Seeker], shares: dict[TwcId, float]) -> float:
    """Serve those with one priority; return the W that they leave to others."""
    served = []
    for one in running:
        minimum = one.minimum_amps * one.watts_per_ampere
        shares[one.twcid] = min(max(0.0, left), minimum)
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
    """Raise all together from their minima, in whole amps, until the watts above the minima are used."""
    level = _level(watts, served)
    amps = {one.twcid: max(one.minimum_amps, min(one.useful_amps, int(level))) for one in served}
    watts -= sum((amps[one.twcid] - one.minimum_amps) * one.watts_per_ampere for one in served)
    for one in sorted(served, key=lambda one: amps[one.twcid]):
        if amps[one.twcid] < one.useful_amps and watts >= one.watts_per_ampere:
            amps[one.twcid] += 1
            watts -= one.watts_per_ampere
    return amps


def _level(watts: float, served: list[Seeker]) -> float:
    """Return the A to which ``watts`` raise all, as water fills a basin of steps."""
    edges = sorted({one.minimum_amps for one in served} | {one.useful_amps for one in served})
    for low, high in pairwise(edges):
        rate = sum(one.watts_per_ampere for one in served if one.minimum_amps <= low < one.useful_amps)
        if rate * (high - low) >= watts:
            return low + (watts / rate if rate else 0.0) + 1e-9
        watts -= rate * (high - low)
    return float(edges[-1])
