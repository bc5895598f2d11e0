"""Energy that gathers over time: what makes a short, large deviation and a long, small one weigh the same."""

JOULES_PER_WH = 3600.0


class EnergyBank:
    """An account in Wh between two bounds; the power that flows in stays as it is until it is said to be different."""

    def __init__(self, *, floor_wh: float, ceiling_wh: float) -> None:
        """Begin with 0 Wh at no time."""
        self._floor, self._ceiling = floor_wh, ceiling_wh
        self.wh = 0.0
        self.watts = 0.0
        """What flows in."""
        self._at: float | None = None

    def flow(self, watts: float, now: float) -> None:
        """Settle until ``now``, and let ``watts`` flow in from then on; negative ones flow out."""
        if self._at is not None:
            gathered = self.wh + self.watts * (now - self._at) / JOULES_PER_WH
            self.wh = max(self._floor, min(self._ceiling, gathered))
        self.watts, self._at = watts, now

    def empty(self) -> None:
        """Begin anew with 0 Wh; what flows goes on."""
        self.wh = 0.0

    def reaches_at(self, wh: float) -> float | None:
        """Return when the account holds ``wh`` if the flow goes on, or None if it never does."""
        if self._at is None or not self.watts or (wh - self.wh) / self.watts < 0:
            return None
        return self._at + (wh - self.wh) * JOULES_PER_WH / self.watts
