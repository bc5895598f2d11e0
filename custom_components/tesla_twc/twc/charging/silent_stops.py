"""Follows stops of cars that got no order to stop, from the decision until their current has ended or they go on.

Their contactor is opened, or their wall connector is left without heartbeats: the car learns of it from its current
alone, and some refuse to begin again after a few (protocol.md 3.8). ``wear`` counts them.
"""

from collections.abc import Collection, Mapping

from ..bus.snapshot import Presence, StopState
from ..protocol.codes import TwcId
from .decision import Plan
from .inputs import ConnectorInput
from .outcome import OLD_SECONDS


class SilentStops:
    """The silent stops that are under way. Times are s of the clock of the decision."""

    def __init__(self) -> None:
        """Nobody is being stopped."""
        self._goes_on: dict[TwcId, bool] = {}
        """Whether the car of each would charge after the last decision: it was told to, or nothing could stop it."""
        self._under_way: dict[TwcId, bool] = {}
        """Who is being stopped, and whether by the circuit's turns."""

    def follow(
        self,
        connectors: Mapping[TwcId, ConnectorInput],
        plans: Mapping[TwcId, Plan],
        orders: Mapping[TwcId, int | None],
        now: float,
        left_alone: Collection[TwcId] = (),
    ) -> dict[TwcId, bool]:
        """Take in a decision; return whose car has been stopped silently by now, and whether by the circuit's turns.

        ``orders``: None for one that gets no heartbeats; ``left_alone``: whose are those because of the main fuse.
        """
        went_on, self._goes_on = self._goes_on, {}
        stopped = {}
        for twcid, plan in plans.items():
            one, is_alone = connectors[twcid], orders[twcid] is None
            self._goes_on[twcid] = not is_alone and (plan.charge or not one.can_stop)
            stops_now = went_on.get(twcid, False) and not self._goes_on[twcid]
            # A car that was just plugged in never was to go on, and its contactor is opened all the same.
            stops_now = stops_now or (one.stops_silently and one.facts.stop is StopState.STOPPING)
            # One that did not obey its order to stop is stopped by silence instead.
            stops_now = stops_now or (
                is_alone and one.facts.disobeys and one.facts.presence is Presence.LINKED
            )
            if stops_now and one.facts.charging and (one.stops_silently or is_alone):
                self._under_way[twcid] = is_alone and twcid not in left_alone
            if twcid in self._under_way and (has_stopped := self._has_stopped(one, now)) is not None:
                by_turn = self._under_way.pop(twcid)
                if has_stopped:
                    stopped[twcid] = by_turn
        for gone in self._under_way.keys() - connectors.keys():
            del self._under_way[gone]
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
