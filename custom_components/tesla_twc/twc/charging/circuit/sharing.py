"""Shares the circuit among wall connectors: whole amps by priority, equally among equals, or in turns.

This module computes the target only. The bus changes from one result to the next without ever exceeding the circuit
(``bus.guard.ceiling``).
"""

from collections.abc import Mapping, Sequence

from ...protocol.codes import TwcId
from .demand import Demand
from .turns import Turns
from .wires import Wire, WiresLeft, all_fit


class CircuitSharing:
    """Shares circuits among their wall connectors, and remembers whose turn it is.

    Circuits on one feeder without a sensor are shared together, all others each for itself.
    """

    def __init__(self, rotation_seconds: float) -> None:
        """Take how long a turn lasts when cars have to wait for each other, in s."""
        self.rotation_seconds = rotation_seconds
        self._turns = Turns()

    def share(self, demands: Sequence[Demand], wires: Sequence[Wire], now: float) -> dict[TwcId, int | None]:
        """Return what each wall connector shall have: A, 0 = shall not charge, None = has to wait for its turn.

        Each is on one of the ``wires`` at least.
        """
        if all_fit(wires, {demand.twcid: demand.need_amps for demand in demands}):
            self._turns.give_all_a_place(demands, now)
            admitted = list(demands)
        else:
            admitted = self._turns.admit(demands, wires, self.rotation_seconds, now)
        amps = fair_shares(admitted, wires)
        orders = {
            demand.twcid: amps[demand.twcid] // demand.units if demand.enabled else 0 for demand in admitted
        }
        return {demand.twcid: orders.get(demand.twcid) for demand in demands}


def one_circuit(demands: Sequence[Demand], capacity_amps: int) -> tuple[Wire]:
    """Return the wire that carries all of these."""
    return (Wire(frozenset(demand.twcid for demand in demands), capacity_amps),)


def fair_shares(admitted: Sequence[Demand], wires: Sequence[Wire]) -> dict[TwcId, int]:
    """Give all what they need, then what their cars use, and then what they could be offered, as long as there is any.

    Single amperes are given in this order: cars that want current, other cars, empty places. Within each group higher
    priorities come first. Equals get equal shares; the remainder goes to the first in line, so that no ampere is lost.
    """
    amps = {demand.twcid: demand.need_amps for demand in admitted}
    left = WiresLeft(wires, amps)
    equals: dict[tuple[int, int], list[TwcId]] = {}
    for demand in admitted:
        if demand.enabled:
            equals.setdefault(rank(demand), []).append(demand.twcid)
    wished = {demand.twcid: demand.wish_amps for demand in admitted}
    used = {demand.twcid: demand.used_of(wished[demand.twcid]) for demand in admitted}
    lines = [equals[one] for one in sorted(equals)]
    for line in lines:
        _fill(amps, line, used, left)
    for line in lines:
        # Any other has all that it could be offered, or finds no more left.
        _fill(amps, [twcid for twcid in line if wished[twcid] > used[twcid]], wished, left)
    return amps


def _fill(
    amps: dict[TwcId, int], hungry: Sequence[TwcId], most: Mapping[TwcId, int], left: WiresLeft
) -> None:
    """Give equals what is left, up to their ``most``: those that have least first, together as far as it reaches."""
    while hungry := [one for one in hungry if amps[one] < most[one] and left.of(one) >= 1]:
        least, *more = sorted({amps[one] for one in hungry})
        lowest = [one for one in hungry if amps[one] == least]
        level = min(most[one] for one in lowest)
        together = left.together(lowest, min([level, *more[:1]]) - least)
        step = max(1, together)
        for one in lowest:
            if together >= 1 or left.of(one) >= 1:
                amps[one] += step
                left.take(one, step)


def rank(demand: Demand) -> tuple[int, int]:
    """Return the place in the order: cars that want current, other cars, empty places; then by priority."""
    if not demand.plugged_in:
        return (2, -demand.priority)
    return (0 if demand.wants_current else 1, -demand.priority)
