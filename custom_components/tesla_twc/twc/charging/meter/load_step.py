"""A load step: the cars change from one power to another, perhaps because of what the meter reported."""

from dataclasses import dataclass

STEP_WATTS = 150.0
"""A smaller change is normal variation of a car."""
COMPARED_SECONDS = 6.0
"""A step begins when the power differs from that of so long ago."""
SETTLED_SECONDS = 4.0
"""A step ends when nothing has changed for so long: wall connectors report their current every 1.5 s."""
LONGEST_RAMP_SECONDS = 20.0
"""The longest step: from 0 to 32 A a car takes little more than 10 s (protocol.md 6.1)."""
AFTER_START_SECONDS = 60.0
"""Steps so soon after a start are not used: each wall connector that is heard for the first time looks like one."""

PROVOKED_WATTS = 60.0
PROVOKED_SHARE = 0.2
"""The meter may have moved by so much before a step, in W and as a share of the step."""


@dataclass(slots=True, kw_only=True)
class LoadStep:
    """A change of the power of all cars. Times are s of one clock."""

    began_at: float
    from_watts: float
    unrest_watts: float
    """How much the meter varied before the step."""
    just_now_watts: float
    """By how much the meter rose in the last few s, in which it may already show the step."""
    on_purpose: bool
    """Whether the meter cannot be the cause of the step."""
    changed_at: float
    last_watts: float

    def note(self, watts: float, now: float) -> None:
        """Note what the cars draw now, in W."""
        if abs(watts - self.last_watts) >= STEP_WATTS / 3:
            self.last_watts, self.changed_at = watts, now

    def is_over(self, now: float) -> bool:
        """Whether the cars have arrived."""
        return now - self.changed_at >= SETTLED_SECONDS or now - self.began_at >= LONGEST_RAMP_SECONDS

    def was_provoked(self, watts: float) -> bool:
        """Whether the meter may have caused a step that ended at ``watts``.

        Cars that follow a surplus draw less when the meter rises. So a change of the meter just before the step can be
        an early response only if it has the same direction.
        """
        size = watts - self.from_watts
        allowed = max(PROVOKED_WATTS, PROVOKED_SHARE * abs(size))
        against = -self.just_now_watts if size > 0 else self.just_now_watts
        return not self.on_purpose and (self.unrest_watts > allowed or against > allowed)
