"""Whose turn it is when the circuit cannot carry the minimum for every wall connector.

To lose its place stops a car, and some cars do not start again by themselves (protocol.md 3.2, 3.8). So nobody loses
a place to somebody who needs it less, and nobody before the turn is over.
"""

from collections.abc import Collection, Iterable, Sequence
from enum import IntEnum

from ..protocol.codes import TwcId
from .claim import UNUSED_SECONDS, Claim

WATCH_SECONDS = 120.0
"""How long an empty place is watched for a car before the next one is, as long as no car is there to lose anything.
Half of it passes until the amps of whoever was watched before are free."""


class Need(IntEnum):
    """How much a wall connector needs a place, the most first."""

    CHARGE = 0
    """A car that may charge, and as far as anybody knows wants to."""
    LEFTOVER = 1
    """A car that had its turn and did not use it."""
    HOLD = 2
    """A car that shall not charge and can only be held at the minimum."""
    WATCH = 3
    """No car; but without a place nobody would notice one."""
    NOTHING = 4
    """No car, and one would be noticed without a place."""


class Turns:
    """Remembers who has a place, since when, and who comes next."""

    def __init__(self) -> None:
        """Nobody has a place."""
        self._queue: list[TwcId] = []
        self._placed_at: dict[TwcId, float] = {}
        self._satisfied: set[TwcId] = set()

    def everybody_fits(self, claims: Iterable[Claim], now: float) -> None:
        """There is room for all; when it gets scarce again, those that are here keep their places first."""
        self._line_up(claims)
        self._satisfied.clear()
        self._placed_at = {claim.twcid: now for claim in claims if claim.plugged_in}

    def admit(
        self, claims: Sequence[Claim], capacity_amps: int, turn_seconds: float, now: float
    ) -> list[Claim]:
        """Return the claims that have a place now; their minima fit into ``capacity_amps``."""
        self._line_up(claims)
        self._notice_unused(claims, now)
        ended = self._end_turns(claims, turn_seconds, now)
        admitted = []
        for claim in sorted(claims, key=lambda claim: self._order(claim, ended)):
            if self._need(claim) is not Need.NOTHING and claim.need_amps <= capacity_amps:
                capacity_amps -= claim.need_amps
                admitted.append(claim)
        self._placed_at = {claim.twcid: self._placed_at.get(claim.twcid, now) for claim in admitted}
        return admitted

    def _line_up(self, claims: Iterable[Claim]) -> None:
        """Newcomers go to the end of the queue."""
        present = [claim.twcid for claim in claims]
        self._queue = [twcid for twcid in self._queue if twcid in present]
        self._queue += [twcid for twcid in present if twcid not in self._queue]

    def _notice_unused(self, claims: Iterable[Claim], now: float) -> None:
        for claim in claims:
            placed_at = self._placed_at.get(claim.twcid)
            if not claim.plugged_in or claim.wants_current:
                self._satisfied.discard(claim.twcid)
            elif placed_at is not None and now - placed_at >= UNUSED_SECONDS:
                self._satisfied.add(claim.twcid)

    def _end_turns(self, claims: Collection[Claim], turn_seconds: float, now: float) -> set[TwcId]:
        """Send those to the end of the queue whose turn is over, if somebody with the same need waits; return them.

        In the order of the queue: those who leave together come back in turn, and nobody stays on for ever.
        """
        ended = set()
        nobody_charges = all(self._need(claim) is not Need.CHARGE for claim in claims)
        for claim in sorted(claims, key=lambda claim: self._queue.index(claim.twcid)):
            placed_at = self._placed_at.get(claim.twcid)
            watches = nobody_charges and self._need(claim) is Need.WATCH
            seconds = min(turn_seconds, WATCH_SECONDS) if watches else turn_seconds
            if placed_at is None or now - placed_at < seconds:
                continue
            if any(
                other.twcid not in self._placed_at
                and self._need(other) is self._need(claim)
                and other.priority >= claim.priority
                for other in claims
            ):
                ended.add(claim.twcid)
                del self._placed_at[claim.twcid]
                self._queue.remove(claim.twcid)
                self._queue.append(claim.twcid)
        return ended

    def _need(self, claim: Claim) -> Need:
        if not claim.plugged_in:
            return Need.WATCH if claim.keeps_offer else Need.NOTHING
        if not claim.enabled:
            return Need.HOLD
        return Need.LEFTOVER if claim.twcid in self._satisfied else Need.CHARGE

    def _order(self, claim: Claim, ended: Collection[TwcId]) -> tuple[int, int, bool, bool, int]:
        """The greater need first, then the higher priority, those who have a place, those found charging, the queue."""
        has_none = claim.twcid not in self._placed_at
        found_charging = claim.charging and claim.twcid not in ended
        queue = self._queue.index(claim.twcid)
        return (self._need(claim), -claim.priority, has_none, not found_charging, queue)
