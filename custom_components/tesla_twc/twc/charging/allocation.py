"""Who gets how much of the circuit: equal shares in whole amps, and turns where not everybody's minimum fits.

The bus moves from one result to the next without ever exceeding the circuit (``bus.ceiling``); this module only says
where to go.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..protocol.codes import TwcId

SETTLED_SECONDS = 120.0
"""A car that was plugged in takes up to a minute to begin (protocol.md 3.4); until then it keeps its share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one wall connector would like to have. Amps are A per phase."""

    twcid: TwcId
    limit_amps: int
    """The owner's current limit."""
    minimum_amps: int
    maximum_amps: int
    """What its cable, its model and the circuit allow."""
    enabled: bool
    """Whether the owner lets it charge."""
    stops_at_zero: bool
    """Whether it takes nothing from the circuit when it is not enabled; otherwise it holds the minimum."""
    plugged_in: bool
    """Whether there is a car."""
    wants_current: bool
    """Whether the car draws current, or was plugged in so lately that it may be about to."""

    @property
    def wish_amps(self) -> int:
        """What it can use."""
        return max(self.minimum_amps, min(self.limit_amps, self.maximum_amps))

    @property
    def need_amps(self) -> int:
        """What it takes from the circuit whatever it does: nothing, or the minimum."""
        return 0 if not self.enabled and self.stops_at_zero else self.minimum_amps

    @property
    def rank(self) -> int:
        """Whose turn comes first: cars that charge, cars that may, cars that shall not, places without a car."""
        if not self.plugged_in:
            return 3
        if not self.enabled:
            return 2
        return 0 if self.wants_current else 1


class Sharing:
    """Divides the circuit, and remembers whose turn it is when there is not enough for everybody."""

    def __init__(self, rotation_seconds: float) -> None:
        """Take how long a turn lasts when cars have to wait for each other, in s."""
        self.rotation_seconds = rotation_seconds
        self._queue: list[TwcId] = []
        self._turn_began: float | None = None

    def share(self, claims: Sequence[Claim], capacity_amps: int, now: float) -> dict[TwcId, int | None]:
        """Return what each wall connector shall have: A, 0 = its owner stopped it, None = it has to wait its turn."""
        self._line_up(claims)
        admitted = self._admit(claims, capacity_amps, now)
        amps = _fair_shares(admitted, capacity_amps)
        return {claim.twcid: amps.get(claim.twcid) for claim in claims}

    def _line_up(self, claims: Iterable[Claim]) -> None:
        """Newcomers go to the end of the queue."""
        present = {claim.twcid for claim in claims}
        self._queue = [twcid for twcid in self._queue if twcid in present]
        self._queue += [claim.twcid for claim in claims if claim.twcid not in self._queue]

    def _admit(self, claims: Sequence[Claim], capacity_amps: int, now: float) -> list[Claim]:
        """Return the claims whose minimum fits, in the order of their rank and of the queue."""
        if sum(claim.need_amps for claim in claims) <= capacity_amps:
            self._turn_began = None
            return self._in_order(claims)
        admitted = _fitting(self._in_order(claims), capacity_amps)
        waiting = [claim for claim in claims if claim not in admitted and claim.enabled and claim.plugged_in]
        if not waiting:
            self._turn_began = None
        elif self._turn_began is None:
            self._turn_began = now
        elif now - self._turn_began >= self.rotation_seconds:
            self._turn_began = now
            had_their_turn = [claim.twcid for claim in admitted]
            self._queue = [twcid for twcid in self._queue if twcid not in had_their_turn] + had_their_turn
            admitted = _fitting(self._in_order(claims), capacity_amps)
        return admitted

    def _in_order(self, claims: Iterable[Claim]) -> list[Claim]:
        return sorted(claims, key=lambda claim: (claim.rank, self._queue.index(claim.twcid)))


def _fitting(claims: Iterable[Claim], capacity_amps: int) -> list[Claim]:
    """Take claims in order while their minimum fits."""
    admitted = []
    for claim in claims:
        if claim.need_amps <= capacity_amps:
            capacity_amps -= claim.need_amps
            admitted.append(claim)
    return admitted


def _fair_shares(admitted: Sequence[Claim], capacity_amps: int) -> dict[TwcId, int]:
    """Give everybody the minimum, then fill up rank by rank, an ampere at a time, so that equals get equal shares.

    The remainder goes to whoever comes first in the queue: whole amps, and none is lost.
    """
    amps = {claim.twcid: claim.need_amps for claim in admitted}
    left = capacity_amps - sum(amps.values())
    for rank in sorted({claim.rank for claim in admitted}):
        hungry = [claim for claim in admitted if claim.rank == rank and claim.enabled]
        while left > 0 and (hungry := [claim for claim in hungry if amps[claim.twcid] < claim.wish_amps]):
            least = min(amps[claim.twcid] for claim in hungry)
            for claim in hungry:
                if left > 0 and amps[claim.twcid] == least:
                    amps[claim.twcid] += 1
                    left -= 1
    return {
        claim.twcid: amps[claim.twcid] if claim.enabled else 0
        for claim in admitted
    }
