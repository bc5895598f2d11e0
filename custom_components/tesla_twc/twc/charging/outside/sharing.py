"""Shares what limits from outside leave among the cars: whole amps by priority, equally among equals, or in turns.

It only ever lowers a plan. Where a limit cannot carry the minimum of every car, some wait. A car that no offer can stop
cannot wait: it keeps its minimum, and others make room for it. For the grid operator its wall connector is left without
heartbeats instead, so that it opens its contactor, unless its car is the only one: 4.2 kW are 6 A on three phases.

A car is lowered at once. What it gives back is given to another one when it is seen to have fallen.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import floor, inf

from ...protocol.codes import TwcId
from ..car_limit import CarLimit
from ..circuit.sharing import rank
from ..circuit.turns import Turns
from ..circuit.wires import Wire, WiresLeft
from ..decision import Plan
from ..inputs import ConnectorInput
from ..outside_limit import OutsideHold, OutsideLimit
from ..settings import SiteSettings
from .limited_car import CAPACITY, LimitedCar
from .watts import MostWatts

WAITING_SECONDS = 5.0
"""How often turns are looked at while a car waits."""
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideShare:
    """The plans within the limits from outside."""

    plans: Mapping[TwcId, Plan]
    holds: Mapping[TwcId, OutsideHold] = field(default_factory=dict)
    """What is left for each wall connector that may charge and that a limit is for."""
    left_alone: frozenset[TwcId] = frozenset()
    """Wall connectors that get no heartbeats, because nothing else ends the charge there."""
    times: tuple[float | None, ...] = ()
    """When to decide again if nothing changes before."""


class OutsideSharing:
    """Shares the limits from outside, and remembers whose turn it is."""

    def __init__(self) -> None:
        """Begin without a limit."""
        self._turn_seconds = 0.0
        self._forget()

    def _forget(self) -> None:
        self._turns = {False: Turns(), True: Turns()}
        self._car_limits: dict[TwcId, CarLimit] = {}
        self._watts = MostWatts()

    def share(
        self,
        limits: Sequence[OutsideLimit],
        connectors: Mapping[TwcId, ConnectorInput],
        plans: Mapping[TwcId, Plan],
        site: SiteSettings,
        now: float,
        turn_seconds: float,
        loads: Collection[str] = (),
    ) -> OutsideShare:
        """Return the plans as far as the limits allow them.

        ``turn_seconds``: how long a turn lasts when cars have to wait for each other. ``loads``: circuits that get no
        orders; what their wall connectors may draw is gone.
        """
        self._turn_seconds = turn_seconds
        share = OutsideShare(plans=plans)
        if not limits:
            self._forget()
            return share
        self._watts.forget_others(connectors)
        self._car_limits = {twcid: one for twcid, one in self._car_limits.items() if twcid in connectors}
        for twcid, one in connectors.items():
            self._car_limits.setdefault(twcid, CarLimit()).note(one.facts, now)
        fixed = {twcid: one for twcid, one in connectors.items() if one.circuit in loads}
        limits = [self._without(limit, fixed, site) for limit in limits]
        connectors = {twcid: one for twcid, one in connectors.items() if twcid not in fixed}
        for of_operator in (True, False):
            if any(one.is_grid_operators is of_operator for one in limits):
                share = self._share(limits, connectors, share, site, now, of_operator=of_operator)
        return share

    def _without(
        self, limit: OutsideLimit, fixed: Mapping[TwcId, ConnectorInput], site: SiteSettings
    ) -> OutsideLimit:
        """Return what a limit leaves beside wall connectors that nobody can tell anything."""
        theirs = [one for twcid, one in fixed.items() if limit.members is None or twcid in limit.members]
        if not theirs:
            return limit
        if limit.watts is None:
            left = limit.value - sum(one.facts.counted_amps for one in theirs)
            return replace(limit, amps=max(0.0, left))
        drawn = sum(one.facts.counted_amps * self._watts.of(one, site) for one in theirs)
        return replace(limit, watts=max(0.0, limit.watts - drawn))

    def _share(
        self,
        limits: Sequence[OutsideLimit],
        connectors: Mapping[TwcId, ConnectorInput],
        before: OutsideShare,
        site: SiteSettings,
        now: float,
        *,
        of_operator: bool,
    ) -> OutsideShare:
        cars = [
            LimitedCar(
                one,
                before.plans[twcid],
                now,
                self._watts.of(one, site),
                [limit for limit in limits if limit.members is None or twcid in limit.members],
                of_operator=of_operator,
            )
            for twcid, one in connectors.items()
            if twcid not in before.left_alone
        ]
        cars = [car for car in cars if car.limits]
        there = [car for car in cars if car.is_there]
        self._place(there, now, of_operator=of_operator)
        self._fill(there, limits)
        _keep_promises(there, has_room_alone=of_operator)
        for car in cars:
            if not car.is_there:
                # A car that comes has the minimum until it is seen; a place without a car draws nothing.
                car.allowed = max(car.minimum, min(car.plan.amps, _room(car, there)))
        alone = {car.twcid for car in there if of_operator and not car.is_placed and car.does_not_stop}
        waits = any(car.plan.charge and not car.allowed for car in there)
        known = (one.next_at for one in self._car_limits.values())
        return OutsideShare(
            plans={**before.plans, **{car.twcid: car.limited_plan(of_operator=of_operator) for car in cars}},
            holds={**before.holds, **_holds(cars, before.holds)},
            left_alone=before.left_alone | alone,
            times=(*before.times, *known, now + WAITING_SECONDS if waits else None),
        )

    def _place(self, cars: Sequence[LimitedCar], now: float, *, of_operator: bool) -> None:
        """Decide which cars may charge with their minimum at least."""
        turns = self._turns[of_operator]
        demands = {car.twcid: car.scaled(has_room_alone=of_operator) for car in cars}
        shared = {limit for car in cars for limit in car.limits if limit.is_shared}
        members = [frozenset(car.twcid for car in cars if limit in car.limits) for limit in shared]
        everybody = Wire(frozenset(demands), inf)
        left = WiresLeft([everybody, *(Wire(twcids, CAPACITY) for twcids in members)], {})
        kept = [] if of_operator else [car for car in cars if car.only_silence_stops]
        placed = set()
        for car in sorted(kept, key=lambda car: rank(car.demand)):
            need = demands[car.twcid].need_amps
            if car.fits_alone and need <= left.of(car.twcid):
                placed.add(car.twcid)
            # Whatever is decided, it draws its minimum.
            left.take(car.twcid, need)
        taken = {car.twcid: demands[car.twcid].need_amps for car in kept}
        wires = [Wire(twcids, CAPACITY - sum(taken.get(one, 0) for one in twcids)) for twcids in members]
        rest = [demands[car.twcid] for car in cars if car not in kept and car.fits_alone]
        needs = {demand.twcid: demand.need_amps for demand in rest}
        if all(sum(needs.get(one, 0) for one in wire.members) <= wire.amps for wire in wires):
            turns.give_all_a_place(rest, now)
            placed |= needs.keys()
        else:
            admitted = turns.admit(rest, [everybody, *wires], self._turn_seconds, now)
            placed |= {demand.twcid for demand in admitted}
        for car in cars:
            car.is_placed = car.twcid in placed

    def _fill(self, cars: Sequence[LimitedCar], limits: Sequence[OutsideLimit]) -> None:
        """Give all that are placed the minimum, then what their cars use, and then what they could be offered."""
        placed = [car for car in cars if car.is_placed and car.plan.charge]
        for car in placed:
            car.allowed = car.minimum
        left = {limit: limit.value - _taken(limit, cars) for limit in limits}
        for most in (
            {car.twcid: car.useful(self._car_limits[car.twcid]) for car in placed},
            {car.twcid: car.wish for car in placed},
        ):
            for place in sorted({rank(car.demand) for car in placed}):
                hungry = [car for car in placed if rank(car.demand) == place]
                while hungry := [
                    car for car in hungry if car.allowed < most[car.twcid] and _fits_one_more(car, left)
                ]:
                    lucky = min(hungry, key=lambda car: car.allowed)
                    lucky.allowed += 1
                    for limit in lucky.limits:
                        left[limit] -= lucky.weight(limit)


def _taken(limit: OutsideLimit, cars: Iterable[LimitedCar]) -> float:
    """Return what cars take of a limit in the end: what is left for them, or what they draw whatever is decided."""
    return sum(
        (car.allowed or (car.counted if car.only_silence_stops else 0.0)) * car.weight(limit)
        for car in cars
        if limit in car.limits
    )


def _fits_one_more(car: LimitedCar, left: Mapping[OutsideLimit, float]) -> bool:
    return all(left[limit] + _ROUNDING >= car.weight(limit) for limit in car.limits)


def _room(car: LimitedCar, cars: Collection[LimitedCar]) -> int:
    """Return how many whole A more a car may draw beside what all of them may draw at this moment."""
    room = min(
        (limit.value - sum(other.at_most * other.weight(limit) for other in cars if limit in other.limits))
        / car.weight(limit)
        for limit in car.limits
    )
    return floor(max(0.0, room + _ROUNDING))


def _keep_promises(cars: Sequence[LimitedCar], *, has_room_alone: bool) -> None:
    """Raise cars only into what others have really given back.

    ``has_room_alone``: a car that nobody else stands beside may have its minimum.
    """
    wanted = {car.twcid: car.allowed for car in cars}
    for car in cars:
        car.allowed = min(car.allowed, floor(car.counted))
    for car in sorted(cars, key=lambda car: rank(car.demand)):
        more = wanted[car.twcid] - car.allowed
        if more <= 0:
            continue
        car.allowed += min(more, _room(car, cars))
        if car.allowed < car.minimum:
            is_alone = not any(other.at_most for other in cars if other is not car)
            car.allowed = car.minimum if has_room_alone and is_alone else 0


def _holds(cars: Iterable[LimitedCar], before: Mapping[TwcId, OutsideHold]) -> dict[TwcId, OutsideHold]:
    return {
        car.twcid: OutsideHold(
            amps=car.allowed,
            source=min(car.limits, key=lambda limit: limit.value / car.weight(limit)).source,
            planned_amps=before[car.twcid].planned_amps if car.twcid in before else car.plan.amps,
        )
        for car in cars
        if car.plan.charge
    }
