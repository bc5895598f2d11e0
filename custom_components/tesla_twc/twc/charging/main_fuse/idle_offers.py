"""Gives idle wall connectors an offer only while the main fuse has room for a car that begins there.

Whoever switches a car on while there is no room for it waits for the room, and overloads nothing meanwhile. Two cars
that begin at the same time never get the same room: the second follows when the first draws, or after a minute.

An empty wall connector gets one offer and is left alone then: a car that comes meets no controller and starts later,
while one that meets 0 A never does (protocol.md 3.5).
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from math import inf

from ...bus.snapshot import Presence
from ...protocol.codes import ProtocolVersion, TwcId
from ..decision import Plan
from ..inputs import ConnectorInput
from ..reason import Reason

EMPTY_SECONDS = 10.0
"""A wall connector without a car loses its offer after so long without room, so that a new car does not begin."""
WELCOME_SECONDS = 20.0
"""It gets its offer back after so long with room."""
FIRST_OFFER_SECONDS = 60.0
"""A car that got its first offer so lately may still begin, and another one gets none for the same room meanwhile."""

SOON_BEGINS = frozenset({Reason.ABOUT_TO_START, Reason.RESTING, Reason.HELD_BY_FUSE})
"""A car whose plan has one of these reasons would begin but for the main fuse; others would wait in any case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleRoom:
    """Whether a car that begins at an idle wall connector has its minimum."""

    fits: bool
    """Now."""
    lasts: bool
    """With what the house may need next, too."""
    beside: bool
    """Now, and beside cars that have just been offered their first current."""


@dataclass(slots=True)
class _IdleOffer:
    """A wall connector that shall charge and draws nothing."""

    closed: bool
    """Whether it is kept without an offer."""
    offered_at: float
    """When a car that was kept off got an offer here: it may begin soon. Minus infinity: it always had one."""
    left_alone: bool = False
    """Whether its heartbeats must end for having no offer."""
    changes_since: float | None = None
    """Since when the opposite state would be right."""

    @property
    def changes_at(self) -> float | None:
        """When it changes if nothing happens before."""
        patience = WELCOME_SECONDS if self.closed else EMPTY_SECONDS
        return None if self.changes_since is None else self.changes_since + patience

    def change(self, now: float, *, is_right: bool) -> None:
        """Give or take the offer once that has been right for long enough."""
        if is_right:
            self.changes_since = None
            return
        if self.changes_since is None:
            self.changes_since = now
        if self.changes_at is not None and now >= self.changes_at:
            self.closed, self.changes_since, self.offered_at = not self.closed, None, now


class IdleOffers:
    """The offers of the idle wall connectors of one bus, as the main fuse allows them. Times are s."""

    def __init__(self) -> None:
        """Begin with no wall connector known."""
        self._offers: dict[TwcId, _IdleOffer] = {}
        self._meant: frozenset[TwcId] = frozenset()
        """The wall connectors that were to charge at the last decision."""
        self.times: list[float] = []
        """When the offers change that were looked at in this decision."""

    @property
    def left_alone(self) -> frozenset[TwcId]:
        """The wall connectors that get no heartbeats, so that they have no offer."""
        return frozenset(twcid for twcid, one in self._offers.items() if one.closed and one.left_alone)

    def begin(self, connectors: Container[TwcId]) -> None:
        """Begin a decision, without what is remembered of wall connectors that are absent in it."""
        self.times = []
        self._offers = {twcid: one for twcid, one in self._offers.items() if twcid in connectors}

    def end(self, plans: Mapping[TwcId, Plan]) -> None:
        """End a decision; ``plans``: what was planned without regard to the main fuse."""
        self._meant = frozenset(twcid for twcid, plan in plans.items() if plan.charge)

    def forget(self, twcid: TwcId) -> None:
        """Forget one that draws."""
        self._offers.pop(twcid, None)

    def clear(self) -> None:
        """Forget all of them: nothing guards the main fuse."""
        self._offers, self.times = {}, []

    def may_begin(self, one: ConnectorInput, now: float) -> bool:
        """Return whether its car has just been offered its first current, so that its room is not for another one."""
        offer = self._offers.get(one.facts.twcid)
        if offer is None or offer.closed or one.facts.plugged_in is False:
            return False
        return now < offer.offered_at + FIRST_OFFER_SECONDS

    def follow(self, one: ConnectorInput, plan: Plan, room: IdleRoom, now: float) -> Plan:
        """Take the offer while a car that begins there would have no room, or give none; return what it then has.

        An idle car that cannot be stopped keeps its minimum: it may be full, and the end of its heartbeats would wake
        it.
        """
        twcid, known = one.facts.twcid, self._offers.get(one.facts.twcid)
        is_left_alone = one.facts.presence is Presence.RELEASED
        has_car = one.facts.plugged_in is not False
        if one.facts.charging is None and not is_left_alone and (known is None or not known.closed):
            # One that has not reported since a restart may be charging all the while.
            return plan
        # A contactor that is open, or the car's switch, keeps a car off while its wall connector goes on offering.
        is_kept_off = one.facts.contactor_open or (one.can_stop and twcid not in self._meant)
        is_first = is_kept_off or _never_had_an_offer(one)
        begins_unasked = _begins_unasked(one)
        # One whose start the fuse refused is still refused, though its control begins again to count.
        is_meant = plan.charge or (known is not None and known.closed and plan.reason in SOON_BEGINS)
        if not is_meant and not begins_unasked:
            self.forget(twcid)
            return plan
        waits = is_first and (bool(one.facts.plugged_in) or is_left_alone) and not room.beside
        offer = self._offers.setdefault(twcid, _IdleOffer(closed=waits, offered_at=now if is_first else -inf))
        keeps = has_car and not one.can_stop and not offer.closed and not is_first
        should_have_one = (room.lasts and room.beside) if offer.closed else room.fits
        offer.change(now, is_right=keeps or should_have_one is not offer.closed)
        if offer.changes_at is not None:
            self.times.append(offer.changes_at)
        if not offer.closed:
            if self.may_begin(one, now):
                self.times.append(offer.offered_at + FIRST_OFFER_SECONDS)
            return plan
        offer.left_alone = begins_unasked
        if not is_meant:
            return plan
        is_seen = has_car and not (is_left_alone and one.facts.plugged_in is None)
        return replace(stopped(plan), reason=Reason.HELD_BY_FUSE if is_seen else Reason.NO_CAR)


def stopped(plan: Plan, until: float = inf) -> Plan:
    """Return the plan without current, for the main fuse, until a time in s at the earliest."""
    next_at = None if until == inf else until
    return replace(plan, amps=0, charge=False, reason=Reason.HELD_BY_FUSE, next_at=next_at)


def _begins_unasked(one: ConnectorInput) -> bool:
    """Whether a car begins there without an order as soon as there are heartbeats, also one that shall not charge.

    A protocol-2 connector treats 0 A as an offer, and a car that was plugged in just now gets the minimum in any case;
    without heartbeats it waits for its first offer (protocol.md 3.4, 3.5).
    """
    if one.facts.version is ProtocolVersion.P1:
        return False
    return one.facts.plugged_in is False or (_never_had_an_offer(one) and not one.facts.contactor_open)


def _never_had_an_offer(one: ConnectorInput) -> bool:
    return not one.facts.offered_amps and not one.facts.commanded_amps
