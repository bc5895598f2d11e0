"""Stops a car that would be offered less than it charges with, so that its amps are no empty promise.

It only ever takes amps away: no limit is exceeded for the sake of a minimum. A car whose stop costs a closing of the
contactor is left with what it is offered: it takes nothing of it anyway. A minimum that was only learnt stops no car
that charges: one that goes on with less has none, and one that has it ends by itself.
"""

from collections.abc import Mapping
from dataclasses import replace

from ..protocol.codes import TwcId
from .inputs import ConnectorInput
from .limiter import Limited
from .reason import Reason

AGAIN_SECONDS = 300.0
"""Enough has to be left for so long after a stop: what others leave comes and goes, and each start may wake a car."""


class CarMinimum:
    """Remembers which cars were stopped because too little was left for them."""

    def __init__(self) -> None:
        """Begin with nobody stopped."""
        self._enough_since: dict[TwcId, float | None] = {}

    def apply(self, connectors: Mapping[TwcId, ConnectorInput], limited: Limited, now: float) -> Limited:
        """Return the same with the cars stopped that cannot use what they would get."""
        self._enough_since = {twcid: at for twcid, at in self._enough_since.items() if twcid in connectors}
        stopped = {twcid for twcid, one in connectors.items() if self._stops(one, limited.orders[twcid], now)}
        if not stopped:
            return limited
        plans = {
            twcid: replace(plan, amps=0, charge=False, reason=Reason.LESS_THAN_CAR_NEEDS)
            if twcid in stopped
            else plan
            for twcid, plan in limited.plans.items()
        }
        orders = {twcid: 0 if twcid in stopped else order for twcid, order in limited.orders.items()}
        since = (self._enough_since[twcid] for twcid in stopped)
        times = [at + AGAIN_SECONDS for at in since if at is not None]
        return replace(limited, plans=plans, orders=orders, times=(*limited.times, *times))

    def _stops(self, one: ConnectorInput, order: int | None, now: float) -> bool:
        twcid = one.facts.twcid
        needs = one.car_minimum_amps
        if needs is None or not order or not one.can_stop or one.stops_silently or not one.facts.plugged_in:
            self._enough_since.pop(twcid, None)
            return False
        if one.car_minimum_is_learnt and one.facts.charging:
            self._enough_since.pop(twcid, None)
            return False
        if order < needs:
            self._enough_since[twcid] = None
            return True
        if twcid not in self._enough_since:
            return False
        since = self._enough_since[twcid]
        since = self._enough_since[twcid] = now if since is None else since
        if now - since < AGAIN_SECONDS:
            return True
        del self._enough_since[twcid]
        return False
