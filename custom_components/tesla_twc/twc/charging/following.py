"""Which whole amps follow a surplus that never rests: down as soon as it costs, up when it is worth it.

Every change of the offer wears on somebody: the car, the recorder, the patience of the owner. What is bought from the
grid while an amp is too much counts in Wh, so a flicker of a second is ignored and a real drop is followed within
seconds. Going up waits until there is clearly more than the next amp, or the next kettle undoes it.
"""

from math import inf

from .bank import EnergyBank

LOWER_WH = 0.6
"""Bought from the grid before the amps are lowered: 2 s of a lost kilowatt, a minute of one tenth of an ampere."""
RAISE_WH = 4.0
"""Given away to the grid before the amps are raised."""
RAISE_MARGIN_WATTS = 250.0
"""There must be so much more than the next ampere needs: less than this is what a house sways by."""
RAISE_SPACING_SECONDS = 10.0
"""After any change (protocol.md 6.1)."""
LOWER_SPACING_SECONDS = 5.0
"""A car needs so long to follow (protocol.md 6.1)."""


class Follower:
    """The whole amps of one wall connector that follows the surplus."""

    def __init__(self, amps: int, now: float) -> None:
        """Begin with an offer in A per phase."""
        self.amps = amps
        self._changed_at = now - RAISE_SPACING_SECONDS
        self._bought = EnergyBank(floor_wh=0.0, ceiling_wh=inf)
        self._given_away = EnergyBank(floor_wh=0.0, ceiling_wh=inf)
        self.next_at: float | None = None
        """When to look again even if nothing changes."""

    def bound(self, lowest: int, highest: int, now: float) -> None:
        """Keep inside limits that may have changed, at once."""
        self._set(max(lowest, min(highest, self.amps)), now)

    def follow(
        self,
        low_watts: float,
        high_watts: float,
        watts_per_ampere: float,
        lowest: int,
        highest: int,
        now: float,
    ) -> None:
        """Take what it may use, in W: at least ``low_watts``, at most ``high_watts``."""
        self.bound(lowest, highest, now)
        has = self.amps * watts_per_ampere
        missing = has - high_watts if self.amps > lowest else 0.0
        spare = low_watts - has - watts_per_ampere - RAISE_MARGIN_WATTS if self.amps < highest else -1.0
        self._bought.flow(missing if missing > 0 else -has, now)
        self._given_away.flow(max(0.0, low_watts - has) if spare >= 0 else 0.0, now)
        if spare < 0:
            self._given_away.empty()
        lower_at = self._due(self._bought, LOWER_WH, LOWER_SPACING_SECONDS, now) if missing > 0 else inf
        raise_at = self._due(self._given_away, RAISE_WH, RAISE_SPACING_SECONDS, now) if spare >= 0 else inf
        if lower_at <= now:
            self._set(max(lowest, int(high_watts / watts_per_ampere + 1e-6)), now)
        elif raise_at <= now:
            self._set(min(highest, int(low_watts / watts_per_ampere + 1e-6)), now)
        due = min(lower_at, raise_at)
        self.next_at = due if now < due < inf else None

    def _due(self, bank: EnergyBank, wh: float, spacing_seconds: float, now: float) -> float:
        """When a change is due: enough energy, and long enough after the last change."""
        enough_at = now if bank.wh >= wh else bank.reaches_at(wh)
        return inf if enough_at is None else max(enough_at, self._changed_at + spacing_seconds)

    def _set(self, amps: int, now: float) -> None:
        if amps != self.amps:
            self.amps, self._changed_at = amps, now
            self._bought.empty()
            self._given_away.empty()
