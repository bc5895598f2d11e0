"""What the wiring leaves of the plans: first the main fuse, then the circuit.

Whatever the modes want goes through here, and nothing else gives orders. One of these keeps what was really done to the
wall connectors. In the shadow a second one imagines what would be done; what is done is guarded all the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ..bus.snapshot import BusSnapshot
from ..protocol.codes import TwcId
from .allocation import Sharing
from .claim import UNUSED_SECONDS, claim_of
from .decision import ConnectorInput
from .fuse import FuseCap
from .fuse_duty import FuseDuty
from .pilot import Plan

TURN_CHECK_SECONDS = 5.0
"""So often turns are looked after while somebody waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What is left of the plans."""

    plans: Mapping[TwcId, Plan]
    orders: Mapping[TwcId, int | None]
    """A per phase; 0 = shall not charge, None = gets no heartbeats."""
    left_alone: frozenset[TwcId]
    """Whoever is left without heartbeats for the sake of the fuse."""
    times: tuple[float | None, ...]
    """When to look again even if nothing changes."""


class Wiring:
    """The main fuse and the circuit of one bus, with what they did to whom."""

    def __init__(self, rotation_seconds: float) -> None:
        """Take how long a turn lasts in s."""
        self.sharing = Sharing(rotation_seconds)
        self._fuse = FuseDuty()

    def hold(
        self,
        bus: BusSnapshot,
        connectors: Mapping[TwcId, ConnectorInput],
        plans: Mapping[TwcId, Plan],
        cap: FuseCap,
        now: float,
    ) -> Held:
        """Return what the fuse and the circuit leave of the plans. ``cap`` is for all cars together."""
        plans = self._fuse.shed(connectors, plans, cap, now)
        orders = self._share(bus.circuit_limit_amps, connectors, plans, cap, now)
        times = (self._fuse.next_at, _turns_due_at(connectors, orders, now))
        return Held(plans=plans, orders=orders, left_alone=self._fuse.left_alone, times=times)

    def _share(
        self,
        circuit_amps: int,
        connectors: Mapping[TwcId, ConnectorInput],
        plans: Mapping[TwcId, Plan],
        cap: FuseCap,
        now: float,
    ) -> dict[TwcId, int | None]:
        claims = [
            claim_of(
                one.facts,
                enabled=plans[twcid].charge,
                limit_amps=plans[twcid].amps,
                now=now,
                priority=one.priority,
            )
            for twcid, one in connectors.items()
        ]
        served = [claim for claim in claims if claim.twcid not in self._fuse.left_alone]
        orders = self.sharing.share(served, self._fuse.capacity_amps(circuit_amps, served, cap), now)
        return {claim.twcid: orders.get(claim.twcid) for claim in claims}


def _turns_due_at(
    connectors: Mapping[TwcId, ConnectorInput], orders: Mapping[TwcId, int | None], now: float
) -> float | None:
    """When the sharing of the circuit has to be looked at again: turns end, and a car that came may not begin."""
    if None in orders.values():
        return now + TURN_CHECK_SECONDS
    came = (one.facts.plugged_in_since for one in connectors.values())
    return min(
        (at + UNUSED_SECONDS for at in came if at is not None and at + UNUSED_SECONDS > now), default=None
    )
