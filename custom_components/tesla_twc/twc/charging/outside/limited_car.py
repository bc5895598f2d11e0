"""One wall connector within limits from outside: what it needs, what it may draw now, and what is left for it."""

from collections.abc import Sequence
from dataclasses import replace
from math import ceil, floor, inf

from ...protocol.codes import ProtocolVersion
from ..car_limit import CarLimit
from ..circuit.demand import Demand, demand_of
from ..decision import Plan
from ..inputs import ConnectorInput
from ..outside_limit import OutsideLimit
from ..reason import Reason

CAPACITY = 1_000_000
"""The whole of a limit, of which each car's minimum needs a part."""


class LimitedCar:
    """Amps are A per phase of one of its units."""

    def __init__(
        self,
        one: ConnectorInput,
        plan: Plan,
        now: float,
        watts: float,
        limits: Sequence[OutsideLimit],
        *,
        of_operator: bool,
    ) -> None:
        """Take its plan, the W of one A, and all limits that are for it.

        ``of_operator``: whether those of the grid operator are looked at now, or the others.
        """
        self.one, self.plan = one, plan
        self.limits = [limit for limit in limits if limit.is_grid_operators is of_operator]
        self._own = [limit for limit in limits if not limit.is_shared]
        self.twcid, self.units, self.minimum = one.facts.twcid, one.facts.units, one.facts.minimum_amps
        self.demand: Demand = demand_of(
            one.facts, enabled=plan.charge, limit_amps=plan.amps, now=now, priority=one.priority
        )
        self._watts = watts
        self.is_placed = False
        """Whether it may charge with its minimum at least."""
        self.allowed = 0
        """What is left for it."""

    @property
    def is_there(self) -> bool:
        """Whether there may be a car. An empty place draws nothing."""
        return self.one.facts.plugged_in is not False

    @property
    def only_silence_stops(self) -> bool:
        """Whether it holds the minimum for as long as it gets heartbeats."""
        is_p2 = self.one.facts.version is ProtocolVersion.P2
        return is_p2 and not self.one.can_stop and not self.one.facts.contactor_open

    @property
    def does_not_stop(self) -> bool:
        """Whether no order ends its current: only silence does, or it is known not to obey."""
        return self.only_silence_stops or self.one.facts.disobeys

    @property
    def wish(self) -> int:
        """The most that it is planned to have, and that the limits for it alone leave it."""
        own = min((limit.value / self.weight(limit) for limit in self._own), default=inf)
        return self.demand.wish_amps if own == inf else min(self.demand.wish_amps, floor(own + 1e-9))

    def useful(self, car_limit: CarLimit) -> int:
        """Return what its car is known to use of that; what an idle one would use shows when it begins."""
        if not self.one.facts.charging:
            return self.wish
        uses = car_limit.useful_amps(self.one.facts, self.wish, self.one.car_largest_amps)
        return max(uses, min(self.wish, self.one.car_minimum_amps or 0))

    def weight(self, limit: OutsideLimit) -> float:
        """Return what one of its amps takes of a limit, in the unit of the limit."""
        return self.units * (1.0 if limit.watts is None else self._watts)

    @property
    def counted(self) -> float:
        """What it may draw at this moment."""
        facts = self.one.facts
        is_told_not_to = self.one.can_stop and not (self.plan.charge and self.is_placed)
        if is_told_not_to and facts.version is ProtocolVersion.P2 and not self.one.stops_silently:
            # Its wall connector offers the minimum to a car that a switch has stopped.
            return facts.drawn_amps or 0.0
        return facts.counted_amps / self.units

    @property
    def at_most(self) -> float:
        """What it may draw until it has followed."""
        return max(self.counted, self.allowed)

    @property
    def fits_alone(self) -> bool:
        """Whether the limits that are for it alone leave it its minimum."""
        own = [limit for limit in self.limits if not limit.is_shared]
        return all(self.minimum * self.weight(limit) <= limit.value + 1e-9 for limit in own)

    def scaled(self, *, has_room_alone: bool) -> Demand:
        """Return its demand with the part that its minimum needs of the tightest limit that it shares with others.

        ``has_room_alone``: a single car always has room.
        """
        shared = [limit for limit in self.limits if limit.is_shared]
        need = max(
            (self.minimum * self.weight(one) / one.value if one.value > 0 else inf for one in shared),
            default=0.0,
        )
        part = CAPACITY + 1 if need > 1.0 + 1e-9 else ceil(round(need * CAPACITY, 6))
        if has_room_alone and self.units == 1:
            part = min(part, CAPACITY)
        return self.demand._replace(minimum_amps=part, units=1)

    def limited_plan(self, *, of_operator: bool) -> Plan:
        """Return its plan within the limits."""
        plan = self.plan
        if not plan.charge or self.allowed >= plan.amps:
            return plan
        reason = Reason.HELD_BY_GRID_OPERATOR if of_operator else Reason.HELD_BY_CEILING
        if not self.is_there or plan.reason is Reason.NO_CAR:
            reason = plan.reason
        return replace(plan, amps=self.allowed, charge=self.allowed > 0, reason=reason)
