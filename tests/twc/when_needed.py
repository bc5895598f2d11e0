"""Asks an engine as Home Assistant does: when anything changed that it knows, and at the time that it named."""

from dataclasses import dataclass

from twc.charging.decision import Decision
from twc.charging.engine import Engine
from twc.charging.inputs import Inputs


@dataclass
class WhenNeeded:
    """The last decision of an engine, and what it was made of."""

    _engine: Engine | None = None
    _inputs: Inputs | None = None
    _decision: Decision | None = None

    def decide(self, engine: Engine, inputs: Inputs, now: float) -> Decision:
        """Return what the engine decides, or has decided and still means."""
        if self._decision is not None and engine is self._engine and inputs == self._inputs:
            until = self._decision.next_at
            if until is None or now < until:
                return self._decision
        self._decision = engine.decide(inputs, now)
        self._engine, self._inputs = engine, inputs
        return self._decision
