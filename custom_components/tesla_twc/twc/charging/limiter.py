"""Limits all plans: first by the main fuse, then by each circuit. Others get what a car leaves unused of either.

Every plan goes through here before it becomes an order. One limiter remembers what was really done. In shadow mode a
second one limits the imagined plans; the real orders are limited in the same way.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil, floor, inf

from ..protocol.codes import TwcId
from .car_limit import CarLimit
from .circuit.demand import BEGINS_WITHIN_SECONDS, Demand, demand_of
from .circuit.sharing import CircuitSharing, fair_shares
from .circuit.wires import Wire
from .decision import Plan
from .inputs import ConnectorInput
from .main_fuse.conductor import Conductor, FuseView, Purpose
from .main_fuse.load_shedding import FuseStop, LoadShedding
from .main_fuse.room_left import RoomLeft
from .main_fuse.sharing import FuseSharing, Taken
from .outside_limit import OutsideHold
from .rooms import rooms
from .when_read import WhenRead
from .wiring import Wiring

TURN_CHECK_SECONDS = 5.0
"""How often turns are checked while a wall connector waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limited:
    """The plans within the limits."""

    plans: Mapping[TwcId, Plan]
    orders: Mapping[TwcId, int | None]
    """A per phase; 0 = shall not charge, None = gets no heartbeats."""
    left_alone: frozenset[TwcId]
    """Wall connectors that get no heartbeats because of the main fuse."""
    times: tuple[float | None, ...]
    """When to decide again if nothing changes before."""
    lasting_room: RoomLeft
    """What the main fuse leaves for each beside the others, if that has lasted."""
    room_now: RoomLeft
    """What it most likely leaves at this moment."""
    full_feeders: Mapping[TwcId, str] = field(default_factory=dict)
    """The feeder without sensors that leaves each no more, where its own circuit would."""
    full_by_circuit: frozenset[TwcId] = frozenset()
    """Those for which the circuit alone would leave no more than they have, whatever the main fuse leaves."""
    kept_by_fuse: frozenset[TwcId] = frozenset()
    """Those that the main fuse, or a circuit beside it, does not give all yet: another one may still draw it."""
    spikes: Mapping[TwcId, int] = field(default_factory=dict)
    """A per phase that the main fuse and the owner allow for some seconds, independent of the sun."""
    rooms: Mapping[str, int] = field(default_factory=dict)
    """A per phase that each circuit on a feeder without sensors may take at most now."""
    outside: Mapping[TwcId, OutsideHold] = field(default_factory=dict)
    """What limits from outside leave for those that may charge; empty without such limits."""

    def fuse_amps(self, one: ConnectorInput) -> int | None:
        """Return the A per phase that the main fuse leaves for one, if that has lasted; None: nothing limits it."""
        return _whole_amps(one, self.lasting_room)

    def fuse_left(self, one: ConnectorInput) -> int | None:
        """Return the A per phase that it most likely leaves for one now.

        Whether it has left them for long enough, and may leave them when a large load begins, matters to one that is
        held.
        """
        return _whole_amps(one, self.room_now)

    def behind(self, twcid: TwcId) -> str | None:
        """Return the feeder that leaves one the least, where one with sensors does."""
        tightest = self.lasting_room.tightest(twcid)
        return None if tightest is None else tightest.feeder


class Limiter:
    """Limits the cars of a house by the main fuse and the circuits, and remembers which of them were stopped."""

    def __init__(self, stops: Mapping[TwcId, FuseStop] | None = None) -> None:
        """Take which cars the main fuse had stopped before a restart."""
        self._sharing: dict[frozenset[str], CircuitSharing] = {}
        """One for the circuits that hang together."""
        self._shedding = LoadShedding(stops)
        self._shares = FuseSharing()
        self._car_limits: dict[TwcId, CarLimit] = {}

    def stops(self) -> dict[TwcId, FuseStop]:
        """Return which cars the main fuse has stopped."""
        return self._shedding.remembered()

    def limit(
        self,
        wiring: Wiring,
        connectors: Mapping[TwcId, ConnectorInput],
        plans: Mapping[TwcId, Plan],
        view: FuseView,
        now: float,
    ) -> Limited:
        """Return the plans as far as the main fuse and the circuits allow them."""
        moved = {twcid: one for twcid, one in connectors.items() if one.circuit not in wiring.loads}
        kept, needs = self._shedding.shed(moved, {twcid: plans[twcid] for twcid in moved}, view, now)
        plans = {twcid: kept.get(twcid, plan) for twcid, plan in plans.items()}
        left_alone = self._shedding.left_alone
        are_served = moved.keys() - left_alone
        self._note_car_limits(connectors, are_served, now)
        demands = [
            demand_of(
                one.facts,
                enabled=plans[twcid].charge,
                limit_amps=plans[twcid].amps,
                now=now,
                priority=one.priority,
                useful_amps=self._useful_amps(one, plans[twcid].amps) if twcid in are_served else None,
            )
            for twcid, one in connectors.items()
        ]
        wanted = [demand for demand in demands if demand.twcid in are_served]
        together = wiring.together()
        groups = [tuple(wiring.wires(names)) for names in together]
        allowed = self._share_fuse(connectors, wanted, needs, _with_wires(view, groups), now)
        served = [
            demand._replace(limit_amps=allowed[demand.twcid])
            if allowed.get(demand.twcid, demand.limit_amps) < demand.limit_amps
            else demand
            for demand in wanted
        ]
        shared: dict[TwcId, int | None] = {}
        full: set[TwcId] = set()
        parts = [_by_group(part, connectors, together) for part in (wanted, served)]
        for names, wires, before, guarded_there in zip(together, groups, *parts, strict=True):
            there = self._share_circuits(names, wiring, wires, guarded_there, now)
            full |= _full_by_circuit(before, guarded_there, there, wires)
            shared |= there
        orders = {demand.twcid: shared.get(demand.twcid) for demand in demands}
        orders |= {
            twcid: _as_it_is(one, plans[twcid]) for twcid, one in connectors.items() if twcid not in moved
        }
        limits_known_at = [car_limit.next_at for car_limit in self._car_limits.values()]
        turns_due_at = _turns_due_at(connectors, orders, now)
        times = (self._shedding.next_at, self._shares.next_at, *turns_due_at, *limits_known_at)
        takes = {twcid: float((orders[twcid] or 0) * one.facts.units) for twcid, one in connectors.items()}
        takers = {twcid: takes[twcid] for twcid in needs}
        return Limited(
            plans=plans,
            orders=orders,
            left_alone=left_alone,
            times=times,
            lasting_room=RoomLeft(view, takers, Purpose.RAISE),
            room_now=RoomLeft(view, takers, Purpose.CUT),
            full_feeders=WhenRead(wiring.full_feeders, takes),
            full_by_circuit=frozenset(full),
            kept_by_fuse=frozenset(
                demand.twcid for demand in wanted if allowed.get(demand.twcid, inf) < demand.limit_amps
            ),
            spikes=_spikes(connectors, plans, needs, view),
            rooms=rooms(wiring, {demand.twcid: demand for demand in demands}, orders),
        )

    def _share_circuits(
        self,
        names: Sequence[str],
        wiring: Wiring,
        wires: Sequence[Wire],
        demands: Sequence[Demand],
        now: float,
    ) -> dict[TwcId, int | None]:
        """Return what circuits that hang together leave each of their wall connectors."""
        turn_seconds = max(wiring.circuits[name].rotation_seconds for name in names)
        sharing = self._sharing.setdefault(frozenset(names), CircuitSharing(turn_seconds))
        sharing.rotation_seconds = turn_seconds
        return sharing.share(demands, wires, now)

    def _note_car_limits(
        self, connectors: Mapping[TwcId, ConnectorInput], served: Collection[TwcId], now: float
    ) -> None:
        """Learn what the cars that are served use, and forget what is gone."""
        for gone in self._car_limits.keys() - connectors.keys():
            del self._car_limits[gone]
        for twcid in served:
            if (car_limit := self._car_limits.get(twcid)) is None:
                car_limit = self._car_limits[twcid] = CarLimit()
            car_limit.note(connectors[twcid].facts, now)

    def _share_fuse(
        self,
        connectors: Mapping[TwcId, ConnectorInput],
        demands: list[Demand],
        needs: Mapping[TwcId, float],
        view: FuseView,
        now: float,
    ) -> dict[TwcId, int]:
        """Return the A per phase that the main fuse allows each."""
        taken = {demand.twcid: self._taken(connectors[demand.twcid], demand) for demand in demands}
        served = {twcid: amps for twcid, amps in needs.items() if twcid in taken}
        allowed = self._shares.share(demands, served, taken, view, now)
        return {demand.twcid: allowed[demand.twcid] // demand.units for demand in demands if allowed}

    def _useful_amps(self, one: ConnectorInput, highest: int) -> int | None:
        """Return what a charging car uses of the ``highest`` offer. What an idle one would use shows when it begins."""
        if not one.facts.charging:
            return None
        car_limit = self._car_limits[one.facts.twcid]
        useful = car_limit.useful_amps(one.facts, highest, one.car_largest_amps)
        return max(useful, one.car_minimum_amps or 0)

    def _taken(self, one: ConnectorInput, demand: Demand) -> Taken:
        facts, car_limit = one.facts, self._car_limits[one.facts.twcid]
        useful = car_limit.useful_amps(facts, demand.wish_amps)
        uses = car_limit.uses_amps
        offered = max(facts.offered_amps or 0.0, float(facts.commanded_amps or 0))
        return Taken(
            counted=facts.counted_amps,
            offered=offered * facts.units,
            charging=bool(facts.charging),
            useful=max(demand.need_amps, useful),
            expected=inf if uses is None else max(float(demand.need_amps), ceil(uses) * facts.units),
            insists=(facts.drawn_amps or 0.0) * facts.units if facts.disobeys else 0.0,
        )


def _as_it_is(one: ConnectorInput, plan: Plan) -> int:
    """Return the order for one that hears none now: if it comes back it gets no more than it has."""
    has = floor(one.facts.counted_amps / one.facts.units)
    return max(one.facts.minimum_amps, min(plan.amps, has)) if plan.charge else 0


def _by_group(
    demands: Iterable[Demand], connectors: Mapping[TwcId, ConnectorInput], groups: Sequence[Sequence[str]]
) -> list[list[Demand]]:
    """Return the demands on the circuits of each group; those on others are in none."""
    found: list[list[Demand]] = [[] for _ in groups]
    group_of = {name: there for names, there in zip(groups, found, strict=True) for name in names}
    for demand in demands:
        if (there := group_of.get(connectors[demand.twcid].circuit)) is not None:
            there.append(demand)
    return found


def _with_wires(view: FuseView, groups: Iterable[Iterable[Wire]]) -> FuseView:
    """Add what limits without a sensor to the conductors: what one does not carry for a car is left to the others."""
    if not view.conductors:
        return view
    wires = (
        Conductor.of_all(wire.members, limit=wire.amps, stops=False) for group in groups for wire in group
    )
    return replace(view, conductors=(*view.conductors, *wires))


def _whole_amps(one: ConnectorInput, room: RoomLeft) -> int | None:
    """Return the A per phase that are left for one; None where nothing limits it."""
    amps = room.of(one.facts.twcid)
    return None if amps == inf else floor(max(0.0, amps) / one.facts.units)


def _full_by_circuit(
    wanted: Sequence[Demand],
    guarded: Sequence[Demand],
    shared: Mapping[TwcId, int | None],
    wires: Sequence[Wire],
) -> frozenset[TwcId]:
    """Return for which the circuit is the bound; ``wanted`` is what was ``guarded`` by the main fuse afterwards."""
    if wanted == guarded:
        return frozenset()
    places = [demand for demand in wanted if shared[demand.twcid] is not None]
    alone = fair_shares(places, wires)
    return frozenset(
        demand.twcid
        for demand in places
        if alone[demand.twcid] // demand.units <= (shared[demand.twcid] or 0)
    )


def _spikes(
    connectors: Mapping[TwcId, ConnectorInput],
    plans: Mapping[TwcId, Plan],
    needs: Mapping[TwcId, float],
    view: FuseView,
) -> dict[TwcId, int]:
    """Return what each may be offered for some seconds: at most what the main fuse leaves or an action has set."""
    takers = {twcid: max(amps, connectors[twcid].facts.counted_amps) for twcid, amps in needs.items()}
    left = RoomLeft(view, takers, Purpose.RAISE)
    found = {}
    for twcid, one in connectors.items():
        if not plans[twcid].charge:
            found[twcid] = 0
            continue
        limit = one.limit_amps if one.spike_amps is None else one.spike_amps
        owner = limit if one.fixed_amps is None else one.fixed_amps
        room = max(0.0, left.of(twcid)) / one.facts.units
        found[twcid] = floor(min(float(owner), room))
    return found


def _turns_due_at(
    connectors: Mapping[TwcId, ConnectorInput], orders: Mapping[TwcId, int | None], now: float
) -> Iterator[float]:
    """Yield when each circuit has to be shared again: a turn ends, or a car that arrived has not begun."""
    waiting = {connectors[twcid].circuit for twcid, order in orders.items() if order is None}
    if waiting:
        yield now + TURN_CHECK_SECONDS
    for one in connectors.values():
        came = one.facts.plugged_in_since
        if came is not None and came + BEGINS_WITHIN_SECONDS > now and one.circuit not in waiting:
            yield came + BEGINS_WITHIN_SECONDS
