"""What all charges of one car have shown of it together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from .habits import CarHabits, RefusedOffer, StopCount
from .session import Session

VISITS_THAT_AGREE = 2
"""So many visits have to show the same minimum: one may have been a chance."""
ROOMY_CHARGES = 3
"""So many charges have to be offered clearly more than the car has ever taken, or the limit may be the offer's."""
ROOM_LEFT_AMPS = 2.0
"""What clearly more is: more than measuring error and usual shortfall (protocol.md 3.9)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What is learnt of a car and acted on, A per phase."""

    minimum_amps: int | None = None
    """It takes nothing of a lower offer; None: not known."""
    largest_amps: float | None = None
    """It never took more, though it was offered more; None: not known."""


NOTHING_LEARNT = Learnt()


def reaction_seconds(sessions: Iterable[Session]) -> tuple[float | None, int]:
    """Return how long the car takes to follow an offer, and how often that was measured."""
    found = [seconds for one in sessions for seconds in one.habits.reactions]
    return (median(found) if found else None), len(found)


def stops_of(sessions: Iterable[Session]) -> tuple[StopCount, ...]:
    """Return what came of the stops, of each way."""
    total = CarHabits()
    for one in sessions:
        total = total.plus(CarHabits(stops=one.habits.stops))
    return total.stops


def cures_of(sessions: Sequence[Session]) -> tuple[int, int]:
    """Return how often the cure of the 6 A bug was offered, and how often it freed the car."""
    return sum(one.habits.cures for one in sessions), sum(one.habits.cured for one in sessions)


def learnt_minimum(sessions: Iterable[Session]) -> int | None:
    """Return the least that the car takes, A per phase, as far as at least two visits agree on it.

    Each visit tells the most that it refused. What two of them refused is refused, and one ampere more is the minimum.
    Whatever contradicts that leaves nothing learnt: a charge that began with so little, or that went on with less.
    """
    habits = [one.habits for one in sessions]
    visits = sorted((_most_refused(one.refusals) for one in habits if one.refusals), reverse=True)
    if len(visits) < VISITS_THAT_AGREE:
        return None
    minimum = visits[VISITS_THAT_AGREE - 1] + 1
    began = [refusal.began_amps for one in habits for refusal in one.refusals]
    charged = [one.least_offer_amps for one in habits if one.least_offer_amps is not None]
    return minimum if minimum <= min([*began, *charged]) else None


def _most_refused(refusals: Iterable[RefusedOffer]) -> int:
    return max(one.refused_amps for one in refusals)


def learnt_largest(sessions: Sequence[Session]) -> float | None:
    """Return the most that the car takes, A per phase, if enough charges could have given it clearly more."""
    largest = max((one.peak_amps for one in sessions), default=0.0)
    offers = [one.habits.most_offer_amps for one in sessions]
    roomy = sum(amps is not None and amps >= largest + ROOM_LEFT_AMPS for amps in offers)
    return largest if largest and roomy >= ROOMY_CHARGES else None


def learnt_of(sessions: Sequence[Session]) -> Learnt:
    """Return what is learnt of a car from its sessions."""
    return Learnt(minimum_amps=learnt_minimum(sessions), largest_amps=learnt_largest(sessions))
