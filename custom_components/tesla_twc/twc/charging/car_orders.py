"""When a car that has a switch of its own is told to charge or not.

The current that its wall connector measures is the truth. A switch shows what its integration heard last, perhaps an
hour ago through its maker's servers (alandtse/tesla#101, home-assistant/core#109829, #110783, #118537); it decides only
where nothing is measured. Whoever ends a charge from outside, in the car's app or with that switch, is not overruled.
"""

from dataclasses import dataclass
from math import inf

from ..bus.snapshot import Presence, WallConnectorSnapshot
from ..protocol.codes import ConnectorState

TRIES = 3
"""A car that does not obey is not told for ever: each order may wake it (ngardiner#466)."""
RETRY_SECONDS = 60.0
"""A car takes up to a minute to follow an order that goes through its maker's servers."""
LATER_SECONDS = 900.0
"""A car that goes on all the same is awake, so it is told again, but seldom."""
BEGIN_SECONDS = 60.0
"""A car that was plugged in begins by itself within this time (protocol.md 3.4: half a minute)."""
LATE_SECONDS = 180.0
"""A charge that ends so soon after an order to stop ends because of it, though that was taken back meanwhile."""


@dataclass(slots=True)
class _Visit:
    """What is known of the car on the cable since it was plugged in. Times are s of the clock of the decision."""

    arrived_at: float = -inf
    """When it was plugged in, if that was seen."""
    stopped_outside: bool = False
    """Whether it ended a charge that it could have gone on with."""
    waits_for_order: bool = False
    """Whether it does not begin before it is told to, whatever its switch shows."""
    failed_at: float | None = None
    """When it was last told in vain to stop, as far as that is known."""
    wanted: bool | None = None
    charging: bool | None = None
    had_offer: bool = False
    idle_since: float | None = None
    tries: int = 0
    told_at: float = -inf
    off_at: float = -inf


class CarOrders:
    """What the car at one wall connector is told."""

    def __init__(self, *, stopped_outside: bool = False) -> None:
        """Take up what was known before a restart."""
        self._visit = _Visit(stopped_outside=stopped_outside)

    @property
    def stopped_outside(self) -> bool:
        """Whether its car ended a charge that it could have gone on with: full, or stopped by somebody."""
        return self._visit.stopped_outside

    @property
    def failed(self) -> bool:
        """Whether its car charges on, though it was told to stop often enough."""
        return self._visit.failed_at is not None

    def can_be_stopped(self, now: float) -> bool:
        """Whether an order may stop its car: it did not disobey lately."""
        return self._visit.failed_at is None or now - self._visit.failed_at >= LATER_SECONDS

    def set_by_owner(self) -> None:
        """Begin anew: its owner chose a mode, or switched charging on or off."""
        before = self._visit
        self._visit = _Visit(
            waits_for_order=before.waits_for_order or before.stopped_outside,
            wanted=before.wanted,
            charging=before.charging,
            had_offer=before.had_offer,
            idle_since=before.idle_since,
            off_at=before.off_at,
        )

    def look(
        self, facts: WallConnectorSnapshot, *, wanted: bool | None, shown: bool | None, now: float
    ) -> bool | None:
        """Return what the car is to be told now: whether to charge; None = nothing.

        ``wanted``: whether it shall charge; None: that is nobody's business. ``shown``: what its switch shows; None
        while it cannot be reached.
        """
        if facts.plugged_in is False:
            # The next car, or this one when it comes back, is another matter.
            self._visit = _Visit(arrived_at=now)
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
        """Notice how a charge ends: by our order, by the wall connector, or by the car."""
        visit, has_offer = self._visit, _has_offer(facts)
        if facts.charging:
            visit.stopped_outside = visit.waits_for_order = False
        elif facts.charging is False:
            visit.failed_at = None
            if visit.charging and (visit.wanted is False or now - visit.off_at < LATE_SECONDS):
                visit.waits_for_order = True
            elif visit.charging and visit.had_offer and has_offer:
                visit.stopped_outside = True
        if facts.charging is not False or not has_offer:
            visit.idle_since = None
        elif visit.idle_since is None:
            visit.idle_since = now
        visit.charging, visit.had_offer = facts.charging, has_offer

    def _take(self, wanted: bool | None, now: float) -> None:
        """Count anew when something else is wanted, or the car has obeyed for long; see whether it does not obey."""
        visit = self._visit
        obeyed = wanted is False and visit.charging is False and now - visit.told_at >= LATER_SECONDS
        if obeyed or (wanted is not visit.wanted and visit.failed_at is None):
            visit.tries, visit.told_at = 0, -inf
        visit.wanted = wanted
        in_vain = wanted is False and bool(visit.charging) and visit.tries >= TRIES
        if in_vain and now - visit.told_at >= RETRY_SECONDS:
            is_news = visit.failed_at is None or visit.failed_at < visit.told_at
            visit.failed_at = now if is_news else visit.failed_at

    def _contradicts(self, facts: WallConnectorSnapshot, wanted: bool, shown: bool, now: float) -> bool:
        """Whether the car does something else than what is wanted."""
        visit = self._visit
        if wanted and visit.stopped_outside:
            return False
        if facts.charging is None:
            # Nothing is measured.
            return shown is not wanted
        if not wanted and not facts.charging:
            # Who has just been plugged in is awake, and begins by itself before anybody could stop it.
            return shown and visit.tries == 0 and now - visit.arrived_at < BEGIN_SECONDS
        if facts.charging:
            return not wanted
        waited = visit.idle_since is not None and now - visit.idle_since >= BEGIN_SECONDS
        return not shown or visit.waits_for_order or waited

    def _may_tell(self, wanted: bool, now: float) -> bool:
        """Whether it was not told too often. Only one that charges on is told again after all, once in a while."""
        visit = self._visit
        if visit.tries < TRIES:
            return now - visit.told_at >= RETRY_SECONDS
        return not wanted and bool(visit.charging) and now - visit.told_at >= LATER_SECONDS


def _has_offer(facts: WallConnectorSnapshot) -> bool:
    """Whether its car could charge if it would."""
    served = facts.presence in (Presence.LINKED, Presence.STALE)
    return (
        served
        and bool(facts.offered_amps)
        and not facts.contactor_open
        and facts.state is not ConnectorState.ERROR
    )
