"""What the main fuse makes of the plans: first less for all, then stops by priority, in the end silence."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..protocol.codes import TwcId
from .claim import Claim
from .decision import ConnectorInput, Reason
from .fuse import FuseCap
from .pilot import Plan

PATIENCE_SECONDS = 60.0
"""A wall connector that cannot be stopped holds the minimum so long under an overloaded fuse; then it is left without
heartbeats and opens its contactor by itself. A breaker bears a few amps too much for minutes."""
REST_SECONDS = 300.0
"""A car stopped for the fuse stays stopped so long (protocol.md 6.1)."""


class FuseDuty:
    """Remembers whom of one bus the main fuse stopped. Amps are A per phase."""

    def __init__(self) -> None:
        """Nobody was stopped yet."""
        self._stopped_at: dict[TwcId, float] = {}
        self._left_alone_at: dict[TwcId, float] = {}
        self._overloaded_since: float | None = None

    @property
    def next_at(self) -> float | None:
        """When patience ends."""
        return None if self._overloaded_since is None else self._overloaded_since + PATIENCE_SECONDS

    def shed(
        self,
        connectors: Mapping[TwcId, ConnectorInput],
        plans: Mapping[TwcId, Plan],
        cap: FuseCap,
        now: float,
    ) -> dict[TwcId, Plan]:
        """Stop whoever's minimum does not fit, the lowest priority first; keep them stopped for a while.

        Those that cannot be stopped hold the minimum. Where the phases have room for that, only that it is not given
        back yet, nothing has to be borne.
        """
        if cap.amps is None:
            self._stopped_at.clear()
            self._left_alone_at.clear()
            self._overloaded_since = None
            return dict(plans)
        left, shed, overload = cap.amps, dict(plans), list[TwcId]()
        room = 0.0 if cap.room_amps is None else cap.room_amps
        for twcid in sorted(plans, key=lambda twcid: -connectors[twcid].priority):
            one, plan = connectors[twcid], plans[twcid]
            needs = one.minimum_amps * one.facts.units
            if self._rests(twcid, left >= needs, now):
                shed[twcid] = replace(plan, amps=0, charge=False, reason=Reason.HELD_BY_FUSE)
            elif not plan.charge or not one.facts.charging or left >= needs:
                taken = needs if plan.charge and one.facts.charging else 0
                left, room = left - taken, room - taken
            elif one.can_stop:
                self._stopped_at[twcid] = now
                shed[twcid] = replace(plan, amps=0, charge=False, reason=Reason.HELD_BY_FUSE)
            elif room >= needs:
                room -= needs
            else:
                overload.append(twcid)
        self._bear(overload, now)
        return shed

    def _rests(self, twcid: TwcId, fits: bool, now: float) -> bool:
        """Whether it stays stopped: long enough for its contactor, and until there is room for it."""
        stopped_at = self._stopped_at.get(twcid)
        if stopped_at is None:
            return False
        if fits and now >= stopped_at + REST_SECONDS:
            del self._stopped_at[twcid]
            return False
        return True

    def _bear(self, overload: Sequence[TwcId], now: float) -> None:
        """Bear those that cannot stop and for which there is no room for a while, then leave them alone."""
        if not overload:
            self._overloaded_since = None
            return
        if self._overloaded_since is None:
            self._overloaded_since = now
        if now >= self._overloaded_since + PATIENCE_SECONDS:
            self._left_alone_at |= dict.fromkeys(overload, now)
            self._overloaded_since = None

    def is_left_alone(self, claim: Claim, cap: FuseCap, now: float) -> bool:
        """Whether it gets no heartbeats for the sake of the fuse, until it has rested and there is room again."""
        since = self._left_alone_at.get(claim.twcid)
        if since is None:
            return False
        has_room = cap.amps is None or cap.amps >= claim.minimum_amps * claim.units
        if has_room and now >= since + REST_SECONDS:
            del self._left_alone_at[claim.twcid]
            return False
        return True

    @staticmethod
    def capacity_amps(circuit_amps: int, claims: Sequence[Claim], cap: FuseCap) -> int:
        """Return what the claims share: the circuit, or what the fuse leaves, but at least what they need.

        Whoever needs too much was stopped, is borne for a while, or is left alone; those without current take nothing.
        """
        if cap.amps is None:
            return circuit_amps
        return min(circuit_amps, max(int(cap.amps), sum(claim.need_amps for claim in claims)))
