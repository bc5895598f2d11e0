"""Counts wear: how often current began, and how often a car was cut off unawares; ``engine`` keeps to the budget."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf

from ..bus.snapshot import WallConnectorSnapshot
from ..protocol.codes import TwcId

CONTACTOR_OPEN_SECONDS = 20.0
"""After so long without current the contactor has been open; one or two heartbeats without a figure prove nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wear:
    """The counters of one wall connector."""

    closings: int = 0
    """How often current began to flow since the wall connector was first seen."""
    silent_stops: int = 0
    """How often the car that is plugged in was stopped without an order."""


class WearCounter:
    """Counts for all wall connectors. The counters survive restarts."""

    def __init__(self, remembered: Mapping[TwcId, Wear]) -> None:
        """Take the counters from before a restart."""
        self.wear = dict(remembered)
        self._plugged_in: dict[TwcId, bool] = {}
        self._idle_since: dict[TwcId, float | None] = {}
        """Since when no current flows; None while it does."""

    def of(self, twcid: TwcId) -> Wear:
        """Return the counters of a wall connector."""
        return self.wear.get(twcid, Wear())

    def note(self, connector: WallConnectorSnapshot, now: float) -> None:
        """Count when current begins, and count stops anew when a car is plugged in."""
        twcid = connector.twcid
        if connector.plugged_in is not None:
            if connector.plugged_in and self._plugged_in.get(twcid) is False:
                self.wear[twcid] = replace(self.of(twcid), silent_stops=0)
            self._plugged_in[twcid] = connector.plugged_in
        if not connector.charging and (connector.plugged_in is False or connector.contactor_open):
            # The next current is that of another car, or comes through a contactor that was open.
            self._idle_since[twcid] = -inf
            return
        if connector.charging is None:
            return
        # A charge that was running before a restart is not counted again.
        idle_since = self._idle_since.get(twcid)
        if not connector.charging:
            # The first charge of one that was never met before counts, however soon it begins.
            since = now if twcid in self.wear or twcid in self._idle_since else -inf
            self._idle_since[twcid] = since if idle_since is None else idle_since
            return
        if idle_since is not None and now - idle_since >= CONTACTOR_OPEN_SECONDS:
            self.wear[twcid] = replace(self.of(twcid), closings=self.of(twcid).closings + 1)
        self._idle_since[twcid] = None

    def stopped_silently(self, twcid: TwcId) -> None:
        """Count a stop of a charging car that got no order."""
        self.wear[twcid] = replace(self.of(twcid), silent_stops=self.of(twcid).silent_stops + 1)
