"""When the file of a bus is written: soon enough for what matters, and seldom enough for a memory card."""

SAVE_DELAY_SECONDS = 5.0
"""What must be known after a crash is on disk at the latest so long after it happened."""

SETTING_SECONDS = 60.0
"""What was said, and what is offered because of it, is written no more often than this in the long run, and no later:
an automation may say something else every 10 s."""

SETTINGS_AT_ONCE = 10
"""So many may be written sooner: an owner who tries this and that is not an automation."""

PATIENT_SECONDS = 300.0
"""Everything else is: memory cards wear out. A disk that takes nothing is tried again as seldom: Home Assistant logs
each attempt."""


class WritePace:
    """Says when something is to be written; all times are in s of one clock."""

    def __init__(self) -> None:
        """Nothing was written yet, and no disk has refused anything."""
        self._paid_until = float("-inf")
        """When every setting written until now has had its share of the time."""
        self._not_before = float("-inf")
        """Until then a disk that took nothing is left alone."""

    def due(self, now: float, *, urgent: bool, said: bool) -> float:
        """Return when what has changed should be on disk.

        ``urgent``: it must be known after a crash; ``said``: it is what the owner or an automation said.
        """
        return max(self._wanted_at(now, urgent=urgent, said=said), self._not_before)

    def _wanted_at(self, now: float, *, urgent: bool, said: bool) -> float:
        if urgent:
            return now + SAVE_DELAY_SECONDS
        if said:
            return max(now + SAVE_DELAY_SECONDS, self._paid_until - (SETTINGS_AT_ONCE - 1) * SETTING_SECONDS)
        return now + PATIENT_SECONDS

    def written(self, now: float, *, urgent: bool, said: bool) -> None:
        """Hear that the disk took it. What is written because it is urgent costs no setting its turn."""
        # What was said may be unsaid again by the time it is written; that costs a write all the same.
        if said or not urgent:
            self._paid_until = max(self._paid_until, now) + SETTING_SECONDS

    def refused(self, now: float) -> None:
        """Hear that the disk took nothing."""
        self._not_before = now + PATIENT_SECONDS
