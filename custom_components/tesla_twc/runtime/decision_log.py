"""Keeps the last changes of what the wall connectors were told, with their reasons, for bug reports."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from ..twc.charging.decision import Decision
from ..twc.charging.reason import Reason
from ..twc.protocol.codes import TwcId

CHANGES_KEPT = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something else was decided for a wall connector than before."""

    time: float
    """Controller time, in s."""
    twcid: TwcId
    told: int | None
    """What the controller was told: A, 0 = shall not charge, None = has to wait for room in the circuit."""
    told_before: int | None = None
    is_first: bool = False
    """Whether nothing was told before."""
    amps: int
    """What was decided. In the shadow something else is told."""
    reason: Reason
    surplus_watts: float | None
    terms: Mapping[str, float | str | None]


class DecisionLog:
    """Keeps the last changes and lets the older ones go."""

    def __init__(self) -> None:
        """Nothing was decided yet."""
        self._changes: deque[Change] = deque(maxlen=CHANGES_KEPT)
        self._last: dict[TwcId, Change] = {}

    def note(self, decision: Decision, told: Mapping[TwcId, int | None], now: float) -> None:
        """Take what was decided at ``now`` and what the controller is told."""
        for twcid, decided in decision.connectors.items():
            last = self._last.get(twcid)
            order = told.get(twcid)
            if last is not None and (last.told, last.amps, last.reason) == (
                order,
                decided.amps,
                decided.reason,
            ):
                continue
            self._last[twcid] = Change(
                time=now,
                twcid=twcid,
                told=order,
                told_before=None if last is None else last.told,
                is_first=last is None,
                amps=decided.amps,
                reason=decided.reason,
                surplus_watts=decision.surplus_watts,
                terms=dict(decided.terms),
            )
            self._changes.append(self._last[twcid])

    def changes(self) -> tuple[Change, ...]:
        """Return what is kept, the oldest first."""
        return tuple(self._changes)
