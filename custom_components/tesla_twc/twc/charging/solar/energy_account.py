"""Sums up a power over time, so that a short, large deviation counts like a long, small one."""

JOULES_PER_WH = 3600.0


class EnergyAccount:
    """An account in Wh between two bounds. The power keeps its value until another one is set."""

    def __init__(self, *, floor_wh: float, ceiling_wh: float) -> None:
        """Begin with 0 Wh; the first power sets the time."""
        self._floor, self._ceiling = floor_wh, ceiling_wh
        self.wh = 0.0
        self.watts = 0.0
        """The power that flows in; negative: out."""
        self._at: float | None = None

    def flow(self, watts: float, now: float) -> None:
        """Update the account until ``now``, and set the power that flows in from then on; negative: out."""
        if self._at is not None:
            gathered = self.wh + self.watts * (now - self._at) / JOULES_PER_WH
            self.wh = max(self._floor, min(self._ceiling, gathered))
        self.watts, self._at = watts, now

    def empty(self) -> None:
        """Set the account to 0 Wh; the power stays."""
        self.wh = 0.0

    def reaches_at(self, wh: float) -> float | None:
        """Return when the account reaches ``wh`` at the present power, or None if it never does."""
        if self._at is None or not self.watts or (wh - self.wh) / self.watts < 0:
            return None
        return self._at + (wh - self.wh) * JOULES_PER_WH / self.watts
