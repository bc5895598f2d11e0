"""Measures how long a car that charges takes to follow another offer."""

from dataclasses import dataclass

from .sight import Sight

STEADY_AMPS = 0.5
"""A current that moves by less stays as it is: the usual variation of what is reported."""
STEADY_SECONDS = 10.0
"""It has to stay for so long before the offer changes, or it still follows the offer before."""
STEP_AMPS = 2
"""An offer that changes by less may change nothing: cars step by 0.5 A, and leave up to 1 A (protocol.md 3.3, 3.9)."""
FOLLOWS_AMPS = 2.0
"""A car that draws so much less than its offer has a limit of its own, and does not have to follow."""
FIRST_CHANGE_AMPS = 1.0
"""The first change: more than the variation of a current that stays."""
GIVEN_UP_SECONDS = 60.0
"""A car that has not followed by then does not: it has a limit of its own."""


@dataclass(slots=True)
class _Step:
    """An offer that has changed."""

    at: float
    rises: bool
    drawn_amps: float
    """What the car drew then."""


class ReactionWatch:
    """Follows the offers to one car. Stops and starts do not count: they wait for a contactor."""

    def __init__(self) -> None:
        """No offer yet."""
        self._offer: int | None = None
        self._steady: tuple[float, float] | None = None
        """A current and since when it is that."""
        self._step: _Step | None = None

    def follow(self, sight: Sight) -> float | None:
        """Take in a moment; return the seconds that the car took, if it reacts now."""
        offer, drawn = sight.facts.commanded_amps, sight.facts.drawn_amps
        if not sight.is_charging or drawn is None or not offer or not sight.facts.offered_amps:
            self._offer = self._steady = self._step = None
            return None
        self._note_offer(offer, drawn, sight.now)
        if self._steady is None or abs(drawn - self._steady[0]) > STEADY_AMPS:
            self._steady = (drawn, sight.now)
        return self._judge(drawn, sight.now)

    def _note_offer(self, offer: int, drawn: float, now: float) -> None:
        before, self._offer = self._offer, offer
        if before is None or offer == before:
            return
        rises = offer > before
        if self._step is not None:
            # A step further in the same direction is the same change; one back makes it unclear what is followed.
            self._step = self._step if self._step.rises is rises else None
            return
        is_steady = self._steady is not None and now - self._steady[1] >= STEADY_SECONDS
        has_to_move = rises or offer <= drawn - FIRST_CHANGE_AMPS
        if is_steady and has_to_move and abs(offer - before) >= STEP_AMPS and before - drawn < FOLLOWS_AMPS:
            self._step = _Step(now, rises, drawn)

    def _judge(self, drawn: float, now: float) -> float | None:
        step = self._step
        if step is None:
            return None
        moved = drawn - step.drawn_amps if step.rises else step.drawn_amps - drawn
        seconds = now - step.at
        if moved < FIRST_CHANGE_AMPS and seconds <= GIVEN_UP_SECONDS:
            return None
        self._step = None
        return seconds if moved >= FIRST_CHANGE_AMPS else None
