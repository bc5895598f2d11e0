"""Says how much each bus on a feeder without sensors may take now, so that all of them together never take too much.

Each bus guards this limit of the moment as it guards its circuit (``bus.guard.ceiling``). A bus gets more only once
what others give back is seen to be free.
"""

from collections.abc import Mapping, Sequence
from math import floor

from ..protocol.codes import TwcId
from .circuit.demand import Demand
from .wiring import Wiring


def rooms(
    wiring: Wiring, demands: Mapping[TwcId, Demand], orders: Mapping[TwcId, int | None]
) -> dict[str, int]:
    """Return the A per phase that each circuit on a feeder without sensors may take at most now."""
    feeders = {feeder.name: feeder.limit_amps for feeder in wiring.unmeasured}
    if not feeders:
        return {}
    above = {name: [feeder for feeder in feeders if name in wiring.below[feeder]] for name in wiring.circuits}
    names = [name for name in wiring.circuits if above[name]]
    taken = wiring.taken
    left = {
        feeder: limit - sum(taken[name] for name in names if feeder in above[name])
        for feeder, limit in feeders.items()
    }
    found = {name: floor(taken[name]) for name in names}
    obeying = [name for name in names if name not in wiring.loads]
    for name in obeying:
        wanted = sum(_takes(demands[twcid], orders[twcid]) for twcid in wiring.members[name])
        free = min(left[feeder] for feeder in above[name])
        more = max(0, floor(min(wanted - taken[name], free)))
        found[name] = min(wanted, floor(taken[name]) + more)
        for feeder in above[name]:
            left[feeder] -= more
    return found | _spread(obeying, above, left, found)


def _takes(demand: Demand, order: int | None) -> int:
    """Return what a wall connector takes with an order, A of all its units; one that shall not charge may keep some."""
    if order is None:
        return 0
    return order * demand.units or demand.need_amps


def _spread(
    names: Sequence[str],
    above: Mapping[str, Sequence[str]],
    left: Mapping[str, float],
    found: Mapping[str, int],
) -> dict[str, int]:
    """Return the rooms with what nobody needs: a new wall connector, or a car that has to be woken, may need it."""
    counts = {feeder: sum(feeder in above[name] for name in names) for feeder in left}
    return {
        name: found[name] + max(0, min(floor(left[feeder] / counts[feeder]) for feeder in above[name]))
        for name in names
    }
