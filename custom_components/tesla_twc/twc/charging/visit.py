"""Follows how one car charges from plug-in to plug-out: whether it begins, obeys, ends by itself, or takes less."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field, replace
from math import inf

from ..bus.snapshot import WallConnectorSnapshot
from ..protocol.codes import ConnectorState
from .car_orders import STOP_EFFECT_SECONDS
from .enough_offer import EnoughOffer
from .full_car import FullCar, KeptFull
from .reason import Reason

SHORT_PAUSE_SECONDS = 10.0
"""A shorter interruption of the current is a pause in the charge and is not reported."""
TAKES_NOTHING_SECONDS = 180.0
"""A car that is offered current begins within this time (protocol.md 3.4: half a minute); later it is reported to
take none."""
CAR_FINISHED_SECONDS = 30.0
"""A car that ended its charge by itself and takes nothing for this time has finished: cars pause for less between two
steps (protocol.md 3.4). The account of a session ends the charge after the same time, with this reason."""
RESUMES_WITHIN_SECONDS = 15.0
"""After a restart, what a car is offered is known and ordered within this time; until then no offer has ended."""
STARTS_WITHIN_SECONDS = 60.0
"""A car whose wall connector says that it begins draws current within half of this time (protocol.md 3.4)."""
REPLUG_SECONDS = 90.0
"""A car that was stopped without an order, and is offered current again for this time, does not begin by itself."""
LESS_AMPS = 2.0
"""A car that takes so much less than its offer has a limit of its own; wall connectors tell 1 A too little at most
(protocol.md 2.4)."""
LESS_SECONDS = 20.0
"""A car whose current has not risen for this time rises no more: it follows a new offer within 4 s (protocol.md 3.3),
and then rises without a pause."""
RISING_AMPS = 0.5
"""A change of the reported current that is more than its usual variation."""
OFFERED_WITHIN_SECONDS = 3.0
"""An order leaves with the next heartbeat, and three wall connectors are polled every 1.8 s (protocol.md 1.9). One that
is not offered for longer waits until the amps of others are free."""
RAISED_WITHIN_SECONDS = 12.0
"""A higher offer leaves 10 s after the last one that was higher (protocol.md 6.1), and with the next heartbeat."""
TRAP_SECONDS = 15.0
"""A car that is offered nothing for this time after it was plugged in may never start (protocol.md 3.5)."""


_BEGINS = frozenset({ConnectorState.STARTING, ConnectorState.CHARGING})
"""What a wall connector reports of a car that begins …"""
_DOES_NOT_BEGIN = frozenset({ConnectorState.READY, ConnectorState.NOT_CHARGING, ConnectorState.PLUGGED_READY})
"""… and of one that does not. The other states tell of the offer and not of the car."""


def sent_to(facts: WallConnectorSnapshot) -> float:
    """Return the A that a wall connector was sent; while nothing was sent, as after a restart, what it reports."""
    return (facts.offered_amps or 0.0) if facts.commanded_amps is None else float(facts.commanded_amps)


@dataclass(slots=True)
class CarVisit:
    """What is known of a car since it was plugged in. Times are s of the clock of the decision."""

    charged: bool = False
    was_offered: bool = False
    """Whether it ever got an offer."""
    stopped_unawares: bool = False
    """Whether its last charge ended without an order, or it found no offer: some cars then refuse to begin."""
    told_to_stop_at: float = -inf
    """When its wall connector or its car was last told to end the present charge."""
    needs_replug: bool = False
    """Whether it was then offered current for long, and took none: it has to be plugged in again to begin."""
    ended_by_itself: bool = False
    """Whether it ended its last charge although it was offered current, and the offer has lasted since then."""
    enough: EnoughOffer = field(default_factory=EnoughOffer)
    needs_amps: float = 0.0
    """A that may have been missing when it ended its last charge: an offer of less proves nothing."""
    enough_since: float | None = None
    """Since when it takes nothing of an offer that is enough."""
    finished: bool = False
    """Whether it took nothing of it for long enough, after it had ended its charge by itself."""
    full: FullCar = field(default_factory=FullCar)
    idle_since: float = -inf
    offered_since: float | None = None
    """Since when it is offered current that it does not take."""
    left_since: float | None = None
    """When it was first offered current since any flowed, and took none."""
    resumed_at: float | None = None
    """When it was first seen after a restart, as long as its offer of before may go on."""
    takes_less_since: float | None = None
    """Since when it charges with less than it is offered and does not rise."""
    takes_amps: float = 0.0
    """What it charged with then."""
    without_offer_since: float | None = None
    begins_unasked: bool = False
    """Whether it begins although it shall not: it is offered the minimum all the same."""
    unasked_since: float | None = None
    """Since when its wall connector reports that."""
    ordered_since: float | None = None
    """Since when it has an order that it was not offered yet."""
    lower_since: float | None = None
    """Since when it was last sent less than was decided."""
    begins_since: float | None = None
    """Since when its wall connector reports that it begins, while no current flows."""
    start_failed: bool = False
    """Whether it did not begin then: it is waited for until current flows."""
    ends: bool = False
    """Whether its wall connector still reports the charge whose current has ended: that is no new start."""
    was_charging: bool = False
    """Whether current flowed at the last look …"""
    had_order: bool = False
    """… whether it was to flow …"""
    had_offer: bool = False
    """… and could …"""
    chosen: Hashable = None
    """… and what its owner had chosen."""

    @classmethod
    def resumed(cls, kept: KeptFull) -> "CarVisit":
        """Go on with a car that had ended its charge by itself before a restart."""
        return cls(
            charged=True,
            was_offered=True,
            ended_by_itself=True,
            finished=kept.finished,
            full=FullCar(kept.left_amps if kept.finished else None),
            idle_since=-inf if kept.since is None else kept.since,
            enough_since=kept.enough_since,
            needs_amps=kept.needs_amps,
            resumed_at=None if kept.finished else inf,
        )

    def kept(self, before: KeptFull | None, facts: WallConnectorSnapshot) -> KeptFull | None:
        """Return what is to be known after a restart of a car that ended by itself; ``before``: what was so far."""
        if not self.ended_by_itself:
            return None
        first, left = before or KeptFull.first(facts), self.full.left_amps
        return replace(
            first,
            left_amps=left or 0.0,
            vin=first.vin or facts.vin,
            since=None if self.idle_since == -inf else self.idle_since,
            finished=self.finished,
            enough_since=None if self.finished else self.enough_since,
            needs_amps=0.0 if self.finished else self.needs_amps,
        )

    def note(
        self,
        facts: WallConnectorSnapshot,
        order: int | None,
        now: float,
        *,
        is_served: bool,
        can_stop: bool,
        chosen: Hashable,
    ) -> None:
        """Take in one look: what is reported, and the order in A (``Outcome.note``)."""
        self._note_stop(facts, order, now, can_stop=can_stop)
        self._note_end(facts, now, is_served=is_served)
        self._note_trap(facts, now)
        # A contactor that is kept open shows the car no offer, whatever the order is.
        waits = bool(order) and is_served and not facts.charging and bool(facts.plugged_in)
        waits = waits and not facts.contactor_rests
        is_offered = bool(sent_to(facts))
        self._note_unasked(facts, now, may_begin=is_served and is_offered and order == 0)
        is_kept = waits and not is_offered
        self.ordered_since = (now if self.ordered_since is None else self.ordered_since) if is_kept else None
        waits = waits and is_offered
        self.offered_since = (now if self.offered_since is None else self.offered_since) if waits else None
        if facts.charging:
            self.left_since = None
        elif waits and self.left_since is None:
            self.left_since = now
        self._note_finished(order or 0, waits=waits, now=now)
        is_new = self.chosen is not None and chosen != self.chosen
        self.full.follow(
            finished=self.finished,
            offered_amps=sent_to(facts) if waits else None,
            is_new=is_new and bool(order),
            now=now,
        )
        self._note_start(facts, waits=waits, is_new=is_new, now=now)
        self._note_refusal(facts, now)
        self._note_less(facts, order, now)
        is_lower = sent_to(facts) < (order or 0)
        self.lower_since = (now if self.lower_since is None else self.lower_since) if is_lower else None
        self.was_charging, self.had_order, self.chosen = bool(facts.charging), bool(order), chosen
        self.had_offer = bool(order) and is_served

    def know_silent_stop(self) -> None:
        """Note that it was stopped without an order before anybody looked, as before a restart."""
        self.stopped_unawares = self.stopped_unawares or not self.charged

    def takes_nothing_since(self) -> float | None:
        """Return since when it has taken nothing, whatever it was offered meanwhile; None: nobody knows.

        Of one that was not seen to charge: since it was first offered something.
        """
        if self.idle_since == -inf:
            return None if self.ended_by_itself else self.left_since
        return self.idle_since

    def is_starting(self) -> bool:
        """Whether it is about to begin, as its wall connector reports."""
        return self.begins_unasked or (self.begins_since is not None and not self.start_failed)

    def pauses(self, now: float) -> bool:
        """Whether its current has ended so lately that it may only pause."""
        return now - self.idle_since < SHORT_PAUSE_SECONDS

    def is_kept_waiting(self, now: float) -> bool:
        """Whether it shall charge and is offered nothing: the amps of others have to become free first."""
        return self.ordered_since is not None and now - self.ordered_since >= OFFERED_WITHIN_SECONDS

    def waits_for_raise(self, now: float) -> bool:
        """Whether it is offered less than was decided for longer than a heartbeat takes."""
        return self.lower_since is not None and now - self.lower_since >= OFFERED_WITHIN_SECONDS

    def is_kept_low(self, now: float) -> bool:
        """Whether it is offered less than was decided, and not only until the next raise may leave."""
        return self.lower_since is not None and now - self.lower_since >= RAISED_WITHIN_SECONDS

    def takes_less(self, now: float) -> bool:
        """Whether it has a limit of its own that is lower than its offer."""
        return self.takes_less_since is not None and now - self.takes_less_since >= LESS_SECONDS

    def of_an_idle_car(self, now: float) -> Reason:
        """Return the most likely reason why a car that is offered current takes none."""
        waited = 0.0 if self.offered_since is None else now - self.offered_since
        if self.is_starting():
            return Reason.WAITING_FOR_CAR
        if self.stopped_unawares and waited >= REPLUG_SECONDS:
            return Reason.CAR_NEEDS_REPLUG
        if self.is_told_full(now):
            return Reason.CAR_FINISHED
        return Reason.CAR_TAKES_NOTHING if waited >= TAKES_NOTHING_SECONDS else Reason.WAITING_FOR_CAR

    def is_told_full(self, now: float) -> bool:
        """Whether it has finished, and nothing has been offered since that is worth another look."""
        return self.full.is_told(now) and not self.is_starting()

    def moments(self) -> Iterator[float]:
        """Yield when what is known of it may change although nothing is reported; past times included."""
        yield self.idle_since + SHORT_PAUSE_SECONDS
        if self.ordered_since is not None:
            yield self.ordered_since + OFFERED_WITHIN_SECONDS
        if self.lower_since is not None:
            yield self.lower_since + OFFERED_WITHIN_SECONDS
            yield self.lower_since + RAISED_WITHIN_SECONDS
        if self.without_offer_since is not None:
            yield self.without_offer_since + TRAP_SECONDS
        if self.takes_less_since is not None:
            yield self.takes_less_since + LESS_SECONDS
        if self.ended_by_itself and self.enough_since is not None:
            yield self.enough_since + CAR_FINISHED_SECONDS
        if self.full.next_at is not None:
            yield self.full.next_at
        if self.unasked_since is not None:
            yield self.unasked_since + STARTS_WITHIN_SECONDS
        if self.begins_since is not None:
            yield self.begins_since + STARTS_WITHIN_SECONDS
        if self.offered_since is not None:
            yield self.offered_since + CAR_FINISHED_SECONDS
            yield self.offered_since + REPLUG_SECONDS
            yield self.offered_since + TAKES_NOTHING_SECONDS

    def _note_unasked(self, facts: WallConnectorSnapshot, now: float, *, may_begin: bool) -> None:
        """Note a car that begins with the minimum that it is offered although it shall not charge."""
        idle = bool(facts.plugged_in) and not facts.charging and not facts.contactor_open
        if not may_begin or not idle or self.pauses(now) or facts.state in _DOES_NOT_BEGIN:
            self.unasked_since = None
        elif facts.state in _BEGINS and self.unasked_since is None:
            self.unasked_since = now
        since = self.unasked_since
        self.begins_unasked = since is not None and now - since < STARTS_WITHIN_SECONDS

    def _note_stop(
        self, facts: WallConnectorSnapshot, order: int | None, now: float, *, can_stop: bool
    ) -> None:
        """Note until when the present charge was to end: a car may need minutes to obey, and the order may change."""
        if facts.charging and not self.was_charging:
            self.told_to_stop_at = -inf
        is_told = bool(facts.charging) and not order
        was_told = self.was_charging and not self.had_order
        if can_stop and (is_told or was_told):
            self.told_to_stop_at = now

    def _note_end(self, facts: WallConnectorSnapshot, now: float, *, is_served: bool) -> None:
        """Note how a charge ends: by the car itself, or without its consent."""
        if facts.charging:
            self.charged, self.stopped_unawares, self.ended_by_itself = True, False, False
            self.enough.follow(facts.offered_amps or 0.0, now)
        elif self.was_charging:
            lost_its_offer = self.had_offer and not facts.offered_amps
            self.stopped_unawares = not is_served or facts.contactor_open or lost_its_offer
            obeyed = now - self.told_to_stop_at < STOP_EFFECT_SECONDS
            self.ended_by_itself = self.had_offer and not self.stopped_unawares and not obeyed
            self.needs_amps = 0.0 if self.enough.end() else self.enough.proved_amps
            self.idle_since = now
        elif self.charged and facts.contactor_open:
            self.stopped_unawares, self.ended_by_itself = True, False

    def _note_trap(self, facts: WallConnectorSnapshot, now: float) -> None:
        """Note a car that got no offer for so long after it was plugged in that it may never start."""
        self.was_offered = self.was_offered or bool(facts.plugged_in and facts.offered_amps)
        if self.was_offered or not facts.plugged_in:
            self.without_offer_since = None
        elif self.without_offer_since is None:
            self.without_offer_since = now
        elif now - self.without_offer_since >= TRAP_SECONDS:
            self.stopped_unawares = True

    def _note_finished(self, order: int, *, waits: bool, now: float) -> None:
        """Note whether a car that ended its charge by itself takes nothing for long enough."""
        if self._resumes(waits=waits, now=now):
            return
        is_enough = waits and order >= self.needs_amps
        self.enough_since = (now if self.enough_since is None else self.enough_since) if is_enough else None
        if not self.ended_by_itself:
            self.finished = False
        elif self.enough_since is not None and now - self.enough_since >= CAR_FINISHED_SECONDS:
            self.finished = True
        elif not waits and not self.finished:
            # The offer ended before anybody knew whether the car only paused.
            self.ended_by_itself = False

    def _resumes(self, *, waits: bool, now: float) -> bool:
        """Whether it is not known yet, so soon after a restart, if it is offered what it was offered before."""
        if self.resumed_at is not None:
            self.resumed_at = min(self.resumed_at, now)
            if waits or now - self.resumed_at >= RESUMES_WITHIN_SECONDS:
                self.resumed_at = None
        return self.resumed_at is not None

    def _note_start(self, facts: WallConnectorSnapshot, *, waits: bool, is_new: bool, now: float) -> None:
        """Note whether its car begins; a start that failed is not told as one again until something new happens."""
        if facts.charging or not waits or is_new:
            self.start_failed, self.begins_since = False, None
        self.ends = (self.ends or self.was_charging) and facts.state not in _DOES_NOT_BEGIN
        if not waits:
            return
        if facts.state in _BEGINS and self.begins_since is None and not self.ends:
            self.begins_since = now
        lasts = self.begins_since is not None and now - self.begins_since >= STARTS_WITHIN_SECONDS
        gave_up = self.begins_since is not None and facts.state in _DOES_NOT_BEGIN
        self.start_failed = self.start_failed or lasts or gave_up

    def _note_refusal(self, facts: WallConnectorSnapshot, now: float) -> None:
        """Note a car that was stopped without its consent and does not begin again."""
        if facts.charging or self.is_starting():
            self.needs_replug = False
        elif self.stopped_unawares and self.offered_since is not None:
            self.needs_replug = self.needs_replug or now - self.offered_since >= REPLUG_SECONDS

    def _note_less(self, facts: WallConnectorSnapshot, order: int | None, now: float) -> None:
        """Note since when a car charges with less than it is offered and does not rise."""
        drawn = facts.drawn_amps or 0.0
        if not facts.charging or drawn >= min(order or 0, facts.offered_amps or 0.0) - LESS_AMPS:
            self.takes_less_since = None
        elif self.takes_less_since is None or drawn > self.takes_amps + RISING_AMPS:
            self.takes_less_since, self.takes_amps = now, drawn
