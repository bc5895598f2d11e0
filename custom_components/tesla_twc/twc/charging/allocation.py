"""Who gets how much of the circuit: whole amps by priority, equal shares among equals, and turns where not everybody's
minimum fits.

The bus moves from one result to the next without ever exceeding the circuit (``bus.ceiling``); this module only says
where to go.
"""

from collections.abc import Sequence

from ..protocol.codes import TwcId
from .claim import Claim
from .turns import Turns


class Sharing:
    """Divides the circuit among the wall connectors of a bus."""

    def __init__(self, rotation_seconds: float) -> None:
        """Take how long a turn lasts when cars have to wait for each other, in s."""
        self.rotation_seconds = rotation_seconds
        self._turns = Turns()

    def share(self, claims: Sequence[Claim], capacity_amps: int, now: float) -> dict[TwcId, int | None]:
        """Return what each wall connector shall have: A, 0 = its owner stopped it, None = it has to wait its turn."""
        if sum(claim.need_amps for claim in claims) <= capacity_amps:
            self._turns.everybody_fits(claims, now)
            admitted = list(claims)
        else:
            admitted = self._turns.admit(claims, capacity_amps, self.rotation_seconds, now)
        amps = fair_shares(admitted, capacity_amps)
        orders = {claim.twcid: amps[claim.twcid] // claim.units if claim.enabled else 0 for claim in admitted}
        return {claim.twcid: orders.get(claim.twcid) for claim in claims}


def fair_shares(admitted: Sequence[Claim], capacity_amps: int) -> dict[TwcId, int]:
    """Give everybody what they need, then fill up an ampere at a time: cars that want current, cars, empty places.

    Among these the higher priority is filled first. Equals get equal shares; the remainder goes to whoever stands
    first, so that no ampere is lost.
    """
    amps = {claim.twcid: claim.need_amps for claim in admitted}
    left = capacity_amps - sum(amps.values())
    for place in sorted({rank(claim) for claim in admitted}):
        hungry = [claim for claim in admitted if claim.enabled and rank(claim) == place]
        while left > 0 and (hungry := [claim for claim in hungry if amps[claim.twcid] < claim.wish_amps]):
            least = min(amps[claim.twcid] for claim in hungry)
            for claim in hungry:
                if left > 0 and amps[claim.twcid] == least:
                    amps[claim.twcid] += 1
                    left -= 1
    return amps


def rank(claim: Claim) -> tuple[int, int]:
    """Return who comes first: cars that want current, cars, empty places; among these the higher priority."""
    if not claim.plugged_in:
        return (2, -claim.priority)
    return (0 if claim.wants_current else 1, -claim.priority)
