"""Decides when a car that can be controlled by a switch is ordered to charge or to stop.

The current that the wall connector measures counts first. The switch shows what its integration heard last, perhaps an
hour ago through its maker's servers (alandtse/tesla#101, home-assistant/core#109829, #110783, #118537), so it counts
only where nothing is measured. A charge that was ended from outside, in the car's app or with that switch, stays ended.
"""

from dataclasses import dataclass
from math import inf

from ..bus.snapshot import Presence, WallConnectorSnapshot
from ..protocol.codes import ConnectorState

ORDER_TRIES = 3
"""How often an order is repeated to a car that does not obey. Each order may wake it (ngardiner/TWCManager#466)."""
ORDER_AGAIN_SECONDS = 60.0
"""The time between two orders: a car needs up to a minute to follow one that goes through its maker's servers."""
DISOBEYED_SECONDS = 900.0
"""After so long a car that still charges, in spite of all orders, is ordered again: it is awake anyway."""
BEGINS_ITSELF_SECONDS = 60.0
"""A car that was plugged in begins to charge by itself within this time (protocol.md 3.4: half a minute)."""
STOP_EFFECT_SECONDS = 180.0
"""A charge that ends within this time after an order to stop was ended by it, even if the order was withdrawn."""


@dataclass(slots=True)
class _OrdersSincePlugIn:
    """What the orders know of a car since it was plugged in. Times are s of the clock of the decision."""

    arrived_at: float = -inf
    """When it was plugged in, if that was seen."""
    stopped_outside: bool = False
    """Whether it ended a charge that it could have gone on with."""
    waits_for_order: bool = False
    """Whether it does not begin before it is told to, whatever its switch shows."""
    failed_at: float | None = None
    """When it last did not follow an order to stop."""
    wanted: bool | None = None
    charging: bool | None = None
    had_offer: bool = False
    idle_since: float | None = None
    tries: int = 0
    told_at: float = -inf
    off_at: float = -inf


class CarOrders:
    """Decides about the orders to the car at one wall connector, and remembers how it followed them."""

    def __init__(self, *, stopped_outside: bool = False) -> None:
        """Take what was known before a restart."""
        self._visit = _OrdersSincePlugIn(stopped_outside=stopped_outside)

    @property
    def stopped_outside(self) -> bool:
        """Whether the car ended a charge that it could have continued: it is full, or somebody stopped it."""
        return self._visit.stopped_outside

    @property
    def failed(self) -> bool:
        """Whether the car continues to charge after all orders to stop."""
        return self._visit.failed_at is not None

    def was_told_to_stop(self, now: float) -> bool:
        """Whether it was told to stop, so lately that a charge that ends now ends by that."""
        return self._visit.wanted is False and now - self._visit.off_at < STOP_EFFECT_SECONDS

    def can_be_stopped(self, now: float) -> bool:
        """Whether an order can stop the car, because it did not disobey lately."""
        return self._visit.failed_at is None or now - self._visit.failed_at >= DISOBEYED_SECONDS

    def set_by_owner(self) -> None:
        """Begin anew, because the owner chose a mode or switched charging on or off."""
        before = self._visit
        self._visit = _OrdersSincePlugIn(
            waits_for_order=before.waits_for_order or before.stopped_outside,
            wanted=before.wanted,
            charging=before.charging,
            had_offer=before.had_offer,
            idle_since=before.idle_since,
            off_at=before.off_at,
        )

    def decide(
        self, facts: WallConnectorSnapshot, *, wanted: bool | None, shown: bool | None, now: float
    ) -> bool | None:
        """Take in what is reported, and return the order for the car: charge or not; None = no order.

        ``wanted``: whether it shall charge; None if its charging is not controlled. ``shown``: what its switch shows;
        None while the switch is unavailable.
        """
        if facts.plugged_in is False:
            # What was learnt counts for one stay only, even if the same car comes back.
            self._visit = _OrdersSincePlugIn(arrived_at=now)
        if not facts.plugged_in:
            return None
        self._follow(facts, now)
        self._take(wanted, now)
        if wanted is None or shown is None or not self._contradicts(facts, wanted, shown, now):
            return None
        if not self._may_tell(wanted, now):
            return None
        visit = self._visit
        visit.tries, visit.told_at = visit.tries + 1, now
        visit.off_at = visit.off_at if wanted else now
        return wanted

    def _follow(self, facts: WallConnectorSnapshot, now: float) -> None:
        """Note how a charge ends: by our order, by the wall connector, or by the car."""
        visit, has_offer = self._visit, _has_offer(facts)
        if facts.charging:
            visit.stopped_outside = visit.waits_for_order = False
        elif facts.charging is False:
            visit.failed_at = None
            if visit.charging and (visit.wanted is False or now - visit.off_at < STOP_EFFECT_SECONDS):
                visit.waits_for_order = True
            elif visit.charging and visit.had_offer and has_offer:
                visit.stopped_outside = True
        if facts.charging is not False or not has_offer:
            visit.idle_since = None
        elif visit.idle_since is None:
            visit.idle_since = now
        visit.charging, visit.had_offer = facts.charging, has_offer

    def _take(self, wanted: bool | None, now: float) -> None:
        """Count orders anew when the wish changed or the car has obeyed for long; note when it does not obey."""
        visit = self._visit
        obeyed = wanted is False and visit.charging is False and now - visit.told_at >= DISOBEYED_SECONDS
        if obeyed or (wanted is not visit.wanted and visit.failed_at is None):
            visit.tries, visit.told_at = 0, -inf
        visit.wanted = wanted
        in_vain = wanted is False and bool(visit.charging) and visit.tries >= ORDER_TRIES
        if in_vain and now - visit.told_at >= ORDER_AGAIN_SECONDS:
            is_news = visit.failed_at is None or visit.failed_at < visit.told_at
            visit.failed_at = now if is_news else visit.failed_at

    def _contradicts(self, facts: WallConnectorSnapshot, wanted: bool, shown: bool, now: float) -> bool:
        """Whether the car does not do what is wanted."""
        visit = self._visit
        if wanted and visit.stopped_outside:
            return False
        if facts.charging is None:
            # Nothing is measured.
            return shown is not wanted
        if not wanted and not facts.charging:
            # A car that was just plugged in is awake and begins by itself, so it is stopped in advance.
            return shown and visit.tries == 0 and now - visit.arrived_at < BEGINS_ITSELF_SECONDS
        if facts.charging:
            return not wanted
        waited = visit.idle_since is not None and now - visit.idle_since >= BEGINS_ITSELF_SECONDS
        return not shown or visit.waits_for_order or waited

    def _may_tell(self, wanted: bool, now: float) -> bool:
        """Whether another order is allowed: few were given so far, or the car still charges and the last one is old."""
        visit = self._visit
        if visit.tries < ORDER_TRIES:
            return now - visit.told_at >= ORDER_AGAIN_SECONDS
        return not wanted and bool(visit.charging) and now - visit.told_at >= DISOBEYED_SECONDS


def _has_offer(facts: WallConnectorSnapshot) -> bool:
    """Whether the wall connector offers current that its car could use."""
    served = facts.presence in (Presence.LINKED, Presence.STALE)
    return (
        served
        and bool(facts.offered_amps)
        and not facts.contactor_open
        and facts.state is not ConnectorState.ERROR
    )
