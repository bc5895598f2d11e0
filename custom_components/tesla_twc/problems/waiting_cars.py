"""Remembers cars that take nothing of what they are offered, so that the message stays when the sun goes."""

from ..twc.bus.snapshot import BusSnapshot
from ..twc.charging.decision import Decision
from ..twc.charging.reason import Reason
from ..twc.protocol.codes import TwcId

_DO_NOT_BEGIN = frozenset({Reason.CAR_NEEDS_REPLUG, Reason.CAR_TAKES_NOTHING})
_MAY_NOT = frozenset({Reason.OFF, Reason.SET_BY_ACTION, Reason.NOT_ALLOWED})
"""Its owner does not want it to charge; what it would do then is nobody's question."""


class WaitingCars:
    """The cars of one bus that take nothing of what they are offered."""

    def __init__(self) -> None:
        """No car waits."""
        self._waiting: dict[TwcId, Reason] = {}

    def follow(self, bus: BusSnapshot, decision: Decision) -> dict[TwcId, Reason]:
        """Take in what is decided, and return why a car does not begin, for each one that does not.

        It is so until the car charges, is unplugged or may no longer charge.
        """
        for twcid, decided in decision.connectors.items():
            if decided.reason in _DO_NOT_BEGIN:
                self._waiting[twcid] = decided.reason
            elif decided.reason in _MAY_NOT and not decided.charge:
                self._waiting.pop(twcid, None)
        for twcid in list(self._waiting):
            facts = bus.connectors.get(twcid)
            if facts is None or facts.charging or facts.plugged_in is False:
                del self._waiting[twcid]
        return {twcid: why for twcid, why in self._waiting.items() if bus.connectors[twcid].problem is None}
