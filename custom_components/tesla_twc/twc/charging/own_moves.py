"""When the cars go from one power to another, and whether anything the meter said may have made them do so."""

from dataclasses import dataclass

MOVE_WATTS = 150.0
"""Less is the wobble of a car."""
BEFORE_SECONDS = 6.0
"""A car is on its way when it differs so much from what it drew so long ago."""
SETTLED_SECONDS = 4.0
"""And it has arrived when nothing has changed for so long: wall connectors tell their current every 1.5 s."""
LONGEST_SECONDS = 20.0
"""From nothing to 32 A takes a car 10 s and a little (protocol.md 6.1)."""
STARTING_SECONDS = 60.0
"""After a start the cars seem to step as one wall connector after the other is heard."""

QUIET_WATTS = 60.0
QUIET_SHARE = 0.2
"""Of a step: so much may the meter have moved before it."""


@dataclass(slots=True, kw_only=True)
class Move:
    """The cars on their way. Times are s of one clock."""

    began_at: float
    from_watts: float
    unrest_watts: float
    """How much the meter moved before."""
    just_now_watts: float
    """By how much it rose in the last few s, in which it may know of the move already."""
    on_purpose: bool
    """Whether the meter cannot be the cause."""
    changed_at: float
    last_watts: float

    def go_on(self, watts: float, now: float) -> None:
        """Note what the cars draw now."""
        if abs(watts - self.last_watts) >= MOVE_WATTS / 3:
            self.last_watts, self.changed_at = watts, now

    def is_over(self, now: float) -> bool:
        """Whether the cars have arrived."""
        return now - self.changed_at >= SETTLED_SECONDS or now - self.began_at >= LONGEST_SECONDS

    def was_provoked(self, watts: float) -> bool:
        """Whether the meter may have been the cause of a move that ended at ``watts``.

        Cars that follow a surplus go down when the meter goes up. So what the meter did just before may only be an
        early answer if it went the same way.
        """
        size = watts - self.from_watts
        allowed = max(QUIET_WATTS, QUIET_SHARE * abs(size))
        against = -self.just_now_watts if size > 0 else self.just_now_watts
        return not self.on_purpose and (self.unrest_watts > allowed or against > allowed)
