"""Shares the circuit among wall connectors: whole amps by priority, equally among equals, or in turns.

This module computes the target only. The bus changes from one result to the next without ever exceeding the circuit
(``bus.guard.ceiling``).
"""

from collections.abc import Mapping, Sequence

from ...protocol.codes import TwcId
from .demand import Demand
from .turns import Turns


class CircuitSharing:
    """Shares the circuit among the wall connectors of a bus, and remembers whose turn it is."""

    def __init__(self, rotation_seconds: float) -> None:
        """Take how long a turn lasts when cars have to wait for each other, in s."""
        self.rotation_seconds = rotation_seconds
        self._turns = Turns()

    def share(self, demands: Sequence[Demand], capacity_amps: int, now: float) -> dict[TwcId, int | None]:
        """Return what each wall connector shall have: A, 0 = shall not charge, None = has to wait for its turn."""
        if sum(demand.need_amps for demand in demands) <= capacity_amps:
            self._turns.give_all_a_place(demands, now)
            admitted = list(demands)
        else:
            admitted = self._turns.admit(demands, capacity_amps, self.rotation_seconds, now)
        amps = fair_shares(admitted, capacity_amps)
        orders = {
            demand.twcid: amps[demand.twcid] // demand.units if demand.enabled else 0 for demand in admitted
        }
        return {demand.twcid: orders.get(demand.twcid) for demand in demands}


def fair_shares(admitted: Sequence[Demand], capacity_amps: int) -> dict[TwcId, int]:
    """Give all what they need, then what their cars use, and then what they could be offered, as long as there is any.

    Single amperes are given in this order: cars that want current, other cars, empty places. Within each group higher
    priorities come first. Equals get equal shares; the remainder goes to the first in line, so that no ampere is lost.
    """
    amps = {demand.twcid: demand.need_amps for demand in admitted}
    for most in (
        {demand.twcid: demand.used_amps for demand in admitted},
        {demand.twcid: demand.wish_amps for demand in admitted},
    ):
        _fill(amps, admitted, most, capacity_amps - sum(amps.values()))
    return amps


def _fill(amps: dict[TwcId, int], admitted: Sequence[Demand], most: Mapping[TwcId, int], left: int) -> None:
    """Give what is ``left``, A, to those that are enabled and have less than their ``most``."""
    for place in sorted({rank(demand) for demand in admitted}):
        hungry = [demand for demand in admitted if demand.enabled and rank(demand) == place]
        while left > 0 and (hungry := [one for one in hungry if amps[one.twcid] < most[one.twcid]]):
            least = min(amps[demand.twcid] for demand in hungry)
            for demand in hungry:
                if left > 0 and amps[demand.twcid] == least:
                    amps[demand.twcid] += 1
                    left -= 1


def rank(demand: Demand) -> tuple[int, int]:
    """Return the place in the order: cars that want current, other cars, empty places; then by priority."""
    if not demand.plugged_in:
        return (2, -demand.priority)
    return (0 if demand.wants_current else 1, -demand.priority)
