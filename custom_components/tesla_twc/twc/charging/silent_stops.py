"""Follows stops of cars that got no order to stop, from the decision until their current has ended or they go on.

Their contactor is opened, or their wall connector is left without heartbeats: the car learns of it from its current
alone, and some refuse to begin again after a few (protocol.md 3.8). ``wear`` counts them.
"""

from collections.abc import Collection, Mapping

from ..bus.snapshot import Presence, StopState
from ..protocol.codes import TwcId
from .decision import ConnectorInput, Plan
from .outcome import OLD_SECONDS


class SilentStops:
    """The silent stops that are under way. Times are s of the clock of the decision."""

    def __init__(self) -> None:
        """Nobody is being stopped."""
        self._goes_on: dict[TwcId, bool] = {}
        """Whether the car of each would charge after the last decision: it was told to, or nothing could stop it."""
        self._under_way: set[TwcId] = set()

    def follow(
        self,
        connectors: Mapping[TwcId, ConnectorInput],
        plans: Mapping[TwcId, Plan],
        left_alone: Collection[TwcId],
        now: float,
    ) -> list[TwcId]:
        """Take in a decision, and return whose car has been stopped silently by now."""
        went_on, self._goes_on = self._goes_on, {}
        stopped = []
        for twcid, plan in plans.items():
            one, is_alone = connectors[twcid], twcid in left_alone
            self._goes_on[twcid] = plan.charge or not (one.can_stop or is_alone)
            stops_now = went_on.get(twcid, False) and not self._goes_on[twcid]
            # A car that was just plugged in never was to go on, and its contactor is opened all the same.
            stops_now = stops_now or (one.stops_silently and one.facts.stop is StopState.STOPPING)
            if stops_now and one.facts.charging and (one.stops_silently or is_alone):
                self._under_way.add(twcid)
            if twcid in self._under_way and (has_stopped := self._has_stopped(one, now)) is not None:
                self._under_way.discard(twcid)
                if has_stopped:
                    stopped.append(twcid)
        self._under_way &= connectors.keys()
        return stopped

    def _has_stopped(self, one: ConnectorInput, now: float) -> bool | None:
        """Whether the stop has ended the current, or was taken back before it did; None: not yet."""
        if one.facts.presence is not Presence.LINKED:
            # Its last word is from before it lost its heartbeats, without which its contactor opens.
            silent = now - (now if one.facts.last_heard is None else one.facts.last_heard)
            return True if silent >= OLD_SECONDS else None
        if not one.facts.charging:
            return True
        goes_on = self._goes_on[one.facts.twcid] or one.facts.stop is StopState.HOLDING
        return False if goes_on and one.facts.stop is not StopState.STOPPING else None
