"""What one charge has shown of its car: how it reacts, resumes, refuses, and what woke it."""

from dataclasses import dataclass, replace
from enum import StrEnum

MOST_REACTIONS = 20
"""So many are kept of one session, the last ones: a day of clouds has hundreds."""


class StopWay(StrEnum):
    """How a charge was stopped by us."""

    ZERO_AMPS = "zero_amps"
    """An offer of 0 A, which a protocol-1 connector understands (protocol.md 3.5)."""
    CONTACTOR = "contactor"
    """The contactor was opened by order (protocol.md 3.8)."""
    CAR_SWITCH = "car_switch"
    """The car was told by a switch of its own."""
    LEFT_ALONE = "left_alone"
    """Its wall connector got no heartbeats until its contactor opened (protocol.md 3.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopCount:
    """How often a car began again after stops of one way, and how often it did not."""

    way: str
    """In the words of ``StopWay``."""
    resumed: int = 0
    stayed: int = 0
    """It was offered current again and took none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedOffer:
    """A car charged, took nothing of a lower offer, and began again as soon as the offer rose. A per phase."""

    refused_amps: int
    began_amps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CarHabits:
    """What was seen of a car during one charge."""

    reactions: tuple[float, ...] = ()
    """Seconds from a changed offer to the first change of the current, each time."""
    stops: tuple[StopCount, ...] = ()
    cures: int = 0
    """How often it was offered the cure of the 6 A bug (protocol.md 3.6)."""
    cured: int = 0
    """How often it took more after that."""
    refusals: tuple[RefusedOffer, ...] = ()
    least_offer_amps: int | None = None
    """The lowest offer under which it charged steadily, A per phase; None: none lasted long enough."""
    most_offer_amps: int | None = None
    """The highest of these."""

    def reacted(self, seconds: float) -> "CarHabits":
        """Add a reaction."""
        return replace(self, reactions=(*self.reactions, round(seconds, 1))[-MOST_REACTIONS:])

    def refused(self, refusal: RefusedOffer) -> "CarHabits":
        """Add a refusal; the same once more tells nothing new."""
        return self if refusal in self.refusals else replace(self, refusals=(*self.refusals, refusal))

    def stopped(self, way: str, *, resumed: int = 0, stayed: int = 0) -> "CarHabits":
        """Count what came of a stop."""
        by_way = {one.way: one for one in self.stops}
        known = by_way.get(way, StopCount(way=way))
        by_way[way] = StopCount(way=way, resumed=known.resumed + resumed, stayed=known.stayed + stayed)
        return replace(self, stops=tuple(by_way.values()))

    def charged_at(self, offer_amps: int) -> "CarHabits":
        """Note that it charged steadily under an offer."""
        least = offer_amps if self.least_offer_amps is None else min(self.least_offer_amps, offer_amps)
        most = offer_amps if self.most_offer_amps is None else max(self.most_offer_amps, offer_amps)
        if (least, most) == (self.least_offer_amps, self.most_offer_amps):
            return self
        return replace(self, least_offer_amps=least, most_offer_amps=most)

    def plus(self, other: "CarHabits") -> "CarHabits":
        """Return what both have shown."""
        both = replace(
            self,
            reactions=(*self.reactions, *other.reactions)[-MOST_REACTIONS:],
            cures=self.cures + other.cures,
            cured=self.cured + other.cured,
        )
        for stop in other.stops:
            both = both.stopped(stop.way, resumed=stop.resumed, stayed=stop.stayed)
        for refusal in other.refusals:
            both = both.refused(refusal)
        for amps in (other.least_offer_amps, other.most_offer_amps):
            both = both if amps is None else both.charged_at(amps)
        return both
