"""What wears: how often a contactor closed, and how often a car was stopped without being told."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..bus.snapshot import WallConnectorSnapshot
from ..protocol.codes import TwcId

PAUSE_SECONDS = 20.0
"""Current that is gone for so long means that the contactor was open; a heartbeat or two without a figure do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wear:
    """The account of one wall connector."""

    closings: int = 0
    """How often current began to flow since it was first met."""
    silent_stops: int = 0
    """How often the car on the cable was stopped without being told."""


class Ledger:
    """The accounts of all wall connectors; they survive restarts."""

    def __init__(self, remembered: Mapping[TwcId, Wear]) -> None:
        """Take the accounts of before."""
        self.wear = dict(remembered)
        self._plugged_in: dict[TwcId, bool] = {}
        self._idle_since: dict[TwcId, float | None] = {}
        """Since when no current flows; None while it does."""

    def of(self, twcid: TwcId) -> Wear:
        """Return the account of a wall connector."""
        return self.wear.get(twcid, Wear())

    def look(self, connector: WallConnectorSnapshot, now: float) -> None:
        """Count current that begins, and begin a new count of stops when another plug is in."""
        twcid = connector.twcid
        if connector.plugged_in is not None:
            if connector.plugged_in and self._plugged_in.get(twcid) is False:
                self.wear[twcid] = replace(self.of(twcid), silent_stops=0)
            self._plugged_in[twcid] = connector.plugged_in
        if connector.charging is None:
            return
        # A charge found running after a restart is the one of before.
        idle_since = self._idle_since.get(twcid)
        if not connector.charging:
            self._idle_since[twcid] = now if idle_since is None else idle_since
            return
        if idle_since is not None and now - idle_since >= PAUSE_SECONDS:
            self.wear[twcid] = replace(self.of(twcid), closings=self.of(twcid).closings + 1)
        self._idle_since[twcid] = None

    def stopped_silently(self, twcid: TwcId) -> None:
        """Count a stop of a charging car that was not told."""
        self.wear[twcid] = replace(self.of(twcid), silent_stops=self.of(twcid).silent_stops + 1)
