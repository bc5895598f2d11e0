"""Counts wear: how often current began, and how often a car was cut off unawares; ``engine`` keeps to the budget."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf

from ..bus.snapshot import Presence, WallConnectorSnapshot
from ..protocol.codes import TwcId

LEFT_ALONE_SECONDS = 26.0
"""Without heartbeats for so long a contactor has opened by itself (protocol.md 1.13: 20 to 30 s)."""
CONTACTOR_OPEN_SECONDS = 20.0
"""After so long without current the contactor has been open; one or two heartbeats without a figure prove nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wear:
    """The counters of one wall connector."""

    closings: int = 0
    """How often current began to flow since the wall connector was first seen."""
    silent_stops: int = 0
    """How often the car that is plugged in was stopped without an order."""
    turn_stops: int = 0
    """How many of them made room for another car. The budget leaves them out: a car that must not be stopped by the sun
    would go on taking turns all night, and be stopped by them more often."""
    idle: bool = False
    """Whether no current has flowed for so long that the contactor is open; False: it flows, or nobody knows."""


class WearCounter:
    """Counts for all wall connectors. The counters survive restarts."""

    def __init__(self, remembered: Mapping[TwcId, Wear]) -> None:
        """Take the counters from before a restart."""
        self.wear = dict(remembered)
        self._plugged_in: dict[TwcId, bool] = {}
        self._idle_since: dict[TwcId, float | None] = {
            twcid: -inf for twcid, wear in remembered.items() if wear.idle
        }
        """Since when no current flows; None while it does."""

    def of(self, twcid: TwcId) -> Wear:
        """Return the counters of a wall connector."""
        return self.wear.get(twcid, Wear())

    def note(self, connector: WallConnectorSnapshot, now: float) -> None:
        """Count when current begins, and count stops anew when a car is plugged in."""
        twcid = connector.twcid
        if connector.plugged_in is not None:
            if connector.plugged_in and self._plugged_in.get(twcid) is False:
                self.wear[twcid] = replace(self.of(twcid), silent_stops=0, turn_stops=0)
            self._plugged_in[twcid] = connector.plugged_in
        self._note_current(connector, now)
        if twcid in self.wear or twcid in self._idle_since:
            since = self._idle_since.get(twcid)
            self._know_idle(twcid, since is not None and now - since >= CONTACTOR_OPEN_SECONDS)

    def _note_current(self, connector: WallConnectorSnapshot, now: float) -> None:
        twcid = connector.twcid
        if connector.presence is Presence.REMEMBERED:
            # What is taken for granted of one that was not heard yet is no report.
            return
        if connector.presence is Presence.RELEASED:
            self._left_alone(connector, now)
            return
        if connector.last_heard is not None and now - connector.last_heard >= LEFT_ALONE_SECONDS:
            # It gets heartbeats again and has not answered yet.
            return
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

    def _left_alone(self, connector: WallConnectorSnapshot, now: float) -> None:
        """Note one without heartbeats: what it said last tells nothing once its contactor has opened."""
        heard_at, since = connector.last_heard, self._idle_since.get(connector.twcid)
        if heard_at is not None and now - heard_at >= LEFT_ALONE_SECONDS:
            self._idle_since[connector.twcid] = -inf
        elif heard_at is None and since is None:
            # Somebody else may have kept it going until we began.
            self._idle_since[connector.twcid] = now

    def _know_idle(self, twcid: TwcId, idle: bool) -> None:
        if self.of(twcid).idle is not idle:
            self.wear[twcid] = replace(self.of(twcid), idle=idle)

    def stopped_silently(self, twcid: TwcId, *, by_turn: bool = False) -> None:
        """Count a stop of a charging car that got no order; ``by_turn``: it makes room for another car."""
        wear = self.of(twcid)
        turns = wear.turn_stops + by_turn
        self.wear[twcid] = replace(wear, silent_stops=wear.silent_stops + 1, turn_stops=turns)
