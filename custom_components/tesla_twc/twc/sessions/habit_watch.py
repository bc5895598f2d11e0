"""Follows one car from plug-in to plug-out and notes what it shows of itself."""

from .curing import CuringWatch
from .habits import CarHabits
from .reaction import ReactionWatch
from .refusing import RefusingWatch
from .resuming import ResumingWatch
from .sight import SILENT_SECONDS, Sight
from .steady_offer import SteadyOffer


class HabitWatch:
    """What is followed of one car. After a restart it begins anew: what it had found is kept with the session."""

    def __init__(self) -> None:
        """Nothing was seen."""
        self._seen_at: float | None = None
        self._reaction, self._resuming, self._refusing = ReactionWatch(), ResumingWatch(), RefusingWatch()
        self._steady_offer, self._curing = SteadyOffer(), CuringWatch()

    def follow(self, habits: CarHabits, sight: Sight) -> CarHabits:
        """Take in a moment; return the habits with what it shows."""
        if self._seen_at is not None and sight.now - self._seen_at > SILENT_SECONDS:
            self._resuming.silent()
            self._refusing.forget()
            self._reaction, self._steady_offer = ReactionWatch(), SteadyOffer()
        self._seen_at = sight.now
        habits = self._resuming.follow(sight, habits)
        if (seconds := self._reaction.follow(sight)) is not None:
            habits = habits.reacted(seconds)
        if (refusal := self._refusing.follow(sight)) is not None:
            habits = habits.refused(refusal)
        if (amps := self._steady_offer.follow(sight)) is not None:
            habits = habits.charged_at(amps)
        return self._curing.follow(sight, habits)
