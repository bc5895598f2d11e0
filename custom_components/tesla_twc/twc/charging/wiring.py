"""What the wiring leaves of the plans: first the main fuse, then the circuit.

Whatever the modes want goes through here, and nothing else gives orders. One of these keeps what was really done to the
wall connectors. In the shadow a second one imagines what would be done; what is done is guarded all the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import ceil, floor, inf

from ..bus.snapshot import BusSnapshot
from ..protocol.codes import TwcId
from .allocation import Sharing
from .appetite import Appetite
from .claim import UNUSED_SECONDS, Claim, claim_of
from .decision import ConnectorInput
from .fuse import Conductor, FuseView, View
from .fuse_duty import FuseDuty, FuseStop
from .fuse_shares import FuseShares, Taken
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
    fuse_amps: Mapping[TwcId, int] = field(default_factory=dict)
    """A per phase that the fuse leaves for each; empty without a guard."""
    spikes: Mapping[TwcId, int] = field(default_factory=dict)
    """A per phase that the fuse and the owner leave for a moment, whatever the sun does."""


class Wiring:
    """The main fuse and the circuit of one bus, with what they did to whom."""

    def __init__(self, rotation_seconds: float, stops: Mapping[TwcId, FuseStop] | None = None) -> None:
        """Take how long a turn lasts in s, and whom the fuse had stopped before a restart."""
        self.sharing = Sharing(rotation_seconds)
        self._duty = FuseDuty(stops)
        self._shares = FuseShares()
        self._appetites: dict[TwcId, Appetite] = {}

    def stops(self) -> dict[TwcId, FuseStop]:
        """Return whom the fuse has stopped."""
        return self._duty.remembered()

    def hold(
        self,
        bus: BusSnapshot,
        connectors: Mapping[TwcId, ConnectorInput],
        plans: Mapping[TwcId, Plan],
        view: FuseView,
        now: float,
    ) -> Held:
        """Return what the fuse and the circuit leave of the plans."""
        plans, needs = self._duty.shed(connectors, plans, view, now)
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
        left_alone = self._duty.left_alone
        served = [claim for claim in claims if claim.twcid not in left_alone]
        guarded = _with_circuit(view, bus.circuit_limit_amps, connectors)
        allowed = self._allowed(connectors, served, needs, guarded, now)
        served = [
            replace(claim, limit_amps=min(claim.limit_amps, allowed.get(claim.twcid, claim.limit_amps)))
            for claim in served
        ]
        shared = self.sharing.share(served, bus.circuit_limit_amps, now)
        orders = {claim.twcid: shared.get(claim.twcid) for claim in claims}
        times = (self._duty.next_at, self._shares.next_at, _turns_due_at(connectors, orders, now))
        return Held(
            plans=plans,
            orders=orders,
            left_alone=left_alone,
            times=times,
            fuse_amps=_fuse_amps(connectors, orders, needs, view),
            spikes=_spikes(connectors, plans, needs, view),
        )

    def _allowed(
        self,
        connectors: Mapping[TwcId, ConnectorInput],
        claims: list[Claim],
        needs: Mapping[TwcId, float],
        view: FuseView,
        now: float,
    ) -> dict[TwcId, int]:
        """Return the A per phase that each may have for the sake of the fuse."""
        for gone in self._appetites.keys() - connectors.keys():
            del self._appetites[gone]
        taken = {claim.twcid: self._taken(connectors[claim.twcid], claim, now) for claim in claims}
        served = {twcid: amps for twcid, amps in needs.items() if twcid in taken}
        allowed = self._shares.share(claims, served, taken, view, now)
        return {claim.twcid: allowed[claim.twcid] // claim.units for claim in claims if allowed}

    def _taken(self, one: ConnectorInput, claim: Claim, now: float) -> Taken:
        facts = one.facts
        appetite = self._appetites.setdefault(facts.twcid, Appetite())
        useful = appetite.useful_amps(facts, claim.wish_amps, now)
        uses = appetite.uses_amps
        offered = max(facts.offered_amps or 0.0, float(facts.commanded_amps or 0))
        return Taken(
            counted=facts.counted_amps,
            offered=offered * facts.units,
            charging=bool(facts.charging),
            useful=max(claim.need_amps, useful),
            expected=inf if uses is None else max(float(claim.need_amps), ceil(uses) * facts.units),
        )


def _with_circuit(view: FuseView, circuit_amps: int, connectors: Mapping[TwcId, ConnectorInput]) -> FuseView:
    """Let what the circuit does not carry for one car be there for another, where something else limits them too."""
    if not view.conductors:
        return view
    circuit = Conductor.of_all(connectors, limit=float(circuit_amps), stops=False)
    return replace(view, conductors=(*view.conductors, circuit))


def _fuse_amps(
    connectors: Mapping[TwcId, ConnectorInput],
    orders: Mapping[TwcId, int | None],
    needs: Mapping[TwcId, float],
    view: FuseView,
) -> dict[TwcId, int]:
    """Return the A per phase that the fuse leaves for each beside what the others have."""
    if not view.conductors:
        return {}
    takers = {twcid: float((orders[twcid] or 0) * connectors[twcid].facts.units) for twcid in needs}
    rooms = {twcid: view.room(twcid, takers, View.RAISE) for twcid in connectors}
    return {
        twcid: floor(max(0.0, room) / connectors[twcid].facts.units)
        for twcid, room in rooms.items()
        if room < inf
    }


def _spikes(
    connectors: Mapping[TwcId, ConnectorInput],
    plans: Mapping[TwcId, Plan],
    needs: Mapping[TwcId, float],
    view: FuseView,
) -> dict[TwcId, int]:
    """Return what each may be offered for a moment: never more than the fuse leaves or an action has set."""
    takers = {twcid: max(amps, connectors[twcid].facts.counted_amps) for twcid, amps in needs.items()}
    found = {}
    for twcid, one in connectors.items():
        limit = one.limit_amps if one.spike_amps is None else one.spike_amps
        owner = limit if one.fixed_amps is None else one.fixed_amps
        room = max(0.0, view.room(twcid, takers, View.RAISE)) / one.facts.units
        found[twcid] = floor(min(float(owner), room)) if plans[twcid].charge else 0
    return found


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
