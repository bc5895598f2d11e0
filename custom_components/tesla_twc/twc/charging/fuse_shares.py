"""How much of the main fuse each car has: shared by priority on every conductor at once, cut at once, raised into room
that lasts.

The same shares are computed three times, for the three answers of ``fuse.py``. A car is cut to what is there now while
more flows than may flow, and lowered to what is surely too much when that lasts for some seconds; it is raised to what
there has been for a while, and only when those who have to fall for it have fallen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import floor, inf

from ..protocol.codes import TwcId
from .allocation import rank
from .claim import Claim
from .fuse import FuseView, View

TOLD_SECONDS = 4.0
"""A fast meter sees a car before its wall connector tells (protocol.md 3.1). That looks like a house that needs more,
and it is no reason to lower anybody while no conductor is overloaded."""
AGAIN_SECONDS = 2.0
"""While somebody could have more, it is looked at again so soon."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What one wall connector has of the fuse, and may still be drawing. A per phase, all its units together."""

    counted: float
    """The most of what it was commanded, reports as its offer and draws."""
    offered: float
    """What is in force now; it begins with that when we begin to guard."""
    charging: bool
    useful: int
    """The most that it is offered with a use, as far as its car has shown."""
    expected: float
    """The most that its car draws, as far as it has shown: the rest of an offer is there for others."""


class FuseShares:
    """Remembers what each car was allowed last. A per phase."""

    def __init__(self) -> None:
        """Nobody was allowed anything yet."""
        self._allowed: dict[TwcId, int] = {}
        self._too_much_since: dict[TwcId, float] = {}
        self.next_at: float | None = None

    def share(
        self,
        claims: Sequence[Claim],
        needs: Mapping[TwcId, float],
        taken: Mapping[TwcId, Taken],
        view: FuseView,
        now: float,
    ) -> dict[TwcId, int]:
        """Return the most that each claim may have, in A of all its units together.

        ``needs`` are those that are served, with what they need at least; what others are offered counts for nobody
        before they draw it.
        """
        self.next_at = None
        if not view.conductors:
            self._allowed.clear()
            self._too_much_since.clear()
            return {}
        raised, there, lowered = (
            _fill(claims, needs, taken, view, answer) for answer in (View.RAISE, View.NOW, View.LOWER)
        )
        allowed = {}
        for claim in sorted(claims, key=rank):
            twcid, one = claim.twcid, taken[claim.twcid]
            before = self._allowed.get(twcid, floor(one.offered) if one.charging else 0)
            if _is_idle(twcid, needs, taken):
                continue
            if (cut := self._cut(twcid, before, there[twcid], lowered[twcid], view, now)) < before:
                allowed[twcid] = cut
            elif raised[twcid] > before:
                allowed[twcid] = max(before, self._raised(claim, raised, needs, taken, view))
            else:
                allowed[twcid] = before
            if there[twcid] > allowed[twcid]:
                self._look_again(now + AGAIN_SECONDS)
        beside = {twcid: min(float(allowed[twcid]), taken[twcid].expected) for twcid in needs}
        idle = [claim for claim in claims if _is_idle(claim.twcid, needs, taken)]
        for claim in sorted(idle, key=lambda claim: (not claim.plugged_in, rank(claim))):
            # Its offer is what would be left for it, and of those that draw nobody waits for that. But two that draw
            # nothing are not offered the same room: after a power cut, or at the hour of a tariff, all begin at once.
            twcid, room = claim.twcid, view.room(claim.twcid, beside, View.RAISE)
            most = min(raised[twcid], floor(max(0.0, room))) if room < inf else raised[twcid]
            allowed[twcid] = min(there[twcid], max(claim.need_amps, most))
            beside[twcid] = float(allowed[twcid])
        self._allowed = allowed
        return allowed

    def _cut(self, twcid: TwcId, before: int, there: int, surely: int, view: FuseView, now: float) -> int:
        """Return what a car is left: under an overload what is there now, else less than before only if that lasts."""
        if any(one.overloaded and not one.tolerated for one in view.of(twcid)):
            self._too_much_since.pop(twcid, None)
            return min(before, there)
        if surely >= before or any(one.tolerated for one in view.of(twcid)):
            self._too_much_since.pop(twcid, None)
            return before
        since = self._too_much_since.setdefault(twcid, now)
        if now < since + TOLD_SECONDS:
            self._look_again(since + TOLD_SECONDS)
            return before
        del self._too_much_since[twcid]
        return min(before, max(there, surely - 1))

    def _raised(
        self,
        claim: Claim,
        raised: Mapping[TwcId, int],
        needs: Mapping[TwcId, float],
        taken: Mapping[TwcId, Taken],
        view: FuseView,
    ) -> int:
        """Return what a car may be raised to while the others may still be drawing what they had."""
        others = {
            twcid: min(max(float(raised[twcid]), taken[twcid].counted), taken[twcid].expected)
            for twcid in needs
        }
        room = view.room(claim.twcid, others, View.RAISE)
        return min(raised[claim.twcid], floor(max(0.0, room)) if room < inf else raised[claim.twcid])

    def _look_again(self, at: float) -> None:
        self.next_at = at if self.next_at is None else min(self.next_at, at)


def _is_idle(twcid: TwcId, needs: Mapping[TwcId, float], taken: Mapping[TwcId, Taken]) -> bool:
    """Whether a wall connector takes nothing from the fuse yet."""
    return not taken[twcid].charging and twcid not in needs


def _fill(
    claims: Sequence[Claim],
    needs: Mapping[TwcId, float],
    taken: Mapping[TwcId, Taken],
    view: FuseView,
    answer: View,
) -> dict[TwcId, int]:
    """Give everybody what they need, then what their cars use, and at last what is left on every conductor."""
    filling = _Filling(claims, needs, taken, view, answer)
    filling.fill({claim.twcid: min(claim.wish_amps, taken[claim.twcid].useful) for claim in claims})
    filling.fill({claim.twcid: claim.wish_amps for claim in claims})
    return filling.amps


class _Filling:
    """Gives an ampere after the other, the highest rank first and equals together."""

    def __init__(
        self,
        claims: Sequence[Claim],
        needs: Mapping[TwcId, float],
        taken: Mapping[TwcId, Taken],
        view: FuseView,
        answer: View,
    ) -> None:
        self.amps = {claim.twcid: claim.need_amps for claim in claims}
        self._takers = {twcid: float(self.amps.get(twcid, 0)) for twcid in needs}
        self._ranks = [
            [claim.twcid for claim in equals if claim.enabled]
            for _, equals in groupby(sorted(claims, key=rank), key=rank)
        ]
        self._taken, self._view, self._answer = taken, view, answer

    def fill(self, wishes: Mapping[TwcId, int]) -> None:
        """Fill up to so much."""
        for hungry in self._ranks:
            while hungry:
                least = min(self.amps[twcid] for twcid in hungry)
                hungry = [
                    twcid
                    for twcid in hungry
                    if self.amps[twcid] > least or self._add(twcid, wishes[twcid], alone=len(hungry) == 1)
                ]

    def _add(self, twcid: TwcId, wish: int, *, alone: bool) -> bool:
        """Give one another ampere, or all that there is if nobody else waits for it; return whether it wants more."""
        room = self._view.room(twcid, self._takers, self._answer)
        top = wish if room == inf else min(wish, floor(max(0.0, room)))
        if top <= self.amps[twcid]:
            return False
        self.amps[twcid] = top if alone else self.amps[twcid] + 1
        if twcid in self._takers:
            self._takers[twcid] = min(float(self.amps[twcid]), self._taken[twcid].expected)
        return not alone
