"""Chooses the whole amps that follow a varying surplus, with few changes.

Every change of the offer costs: the car reacts, and the recorder writes rows. So a small import is accepted until it
has cost some energy, and a large one is ended within a second or at once. The amps rise only if the surplus exceeds
the next ampere by the usual variation of the house: little in a calm house, much under clouds.
"""

from math import inf

from ..pace import Pace
from .energy_account import EnergyAccount

LOWER_WH = 0.1
"""A larger import lowers the amps after so much energy: a kilowatt for a third of a second, more than one flicker."""
SMALL_AMPERE_WATTS = 240.0
"""The power of an ampere on one phase."""
RAISE_SPACING_SECONDS = 20.0
"""From any change to a rise; at least 10 s (protocol.md 6.1). A car in motion makes its own power uncertain."""
LOWER_SPACING_SECONDS = 10.0
"""From any change to a decrease; at least the 5 s that a car needs to follow (protocol.md 6.1)."""


class CurrentFollower:
    """Holds the whole amps of one wall connector that follows the surplus."""

    def __init__(self, amps: int, now: float) -> None:
        """Begin with an offer in A per phase."""
        self.amps = amps
        self._changed_at = now - RAISE_SPACING_SECONDS
        self._imported = EnergyAccount(floor_wh=0.0, ceiling_wh=inf)
        self.next_at: float | None = None
        """When to adjust again if nothing changes before."""

    def bound(self, lowest: int, highest: int, now: float) -> None:
        """Keep the amps within limits, at once."""
        self._set(max(lowest, min(highest, self.amps)), now)

    def adjust(
        self,
        low_watts: float,
        high_watts: float,
        watts_per_ampere: float,
        lowest: int,
        highest: int,
        sway_watts: float,
        pace: Pace,
        now: float,
    ) -> None:
        """Adjust the amps to what it may use, from ``low_watts`` to ``high_watts``, between lowest and highest A."""
        self.bound(lowest, highest, now)
        has = self.amps * watts_per_ampere
        missing = has - high_watts if self.amps > lowest else 0.0
        # The variation of a house cancels an ampere on one phase sooner than one on three phases.
        small = min(1.0, SMALL_AMPERE_WATTS / watts_per_ampere)
        margin = small * (pace.raise_margin_watts + pace.raise_margin_sways * small * sway_watts)
        rounding = pace.rounding_watts / small
        can_rise = self.amps < highest and low_watts >= has + watts_per_ampere + margin
        self._imported.flow(missing if missing > 0 else -has, now)
        lower_at = self._lower_at(missing, pace, now)
        raise_at = max(now, self._changed_at + RAISE_SPACING_SECONDS) if can_rise else inf
        if lower_at <= now:
            amps = int((high_watts + rounding) / watts_per_ampere + 1e-6)
            self._set(max(lowest, min(self.amps - 1, amps)), now)
        elif raise_at <= now:
            amps = int((low_watts + rounding) / watts_per_ampere + 1e-6)
            self._set(min(highest, amps), now)
        due = min(lower_at, raise_at)
        self.next_at = due if now < due < inf else None

    def _lower_at(self, missing: float, pace: Pace, now: float) -> float:
        """Return when to lower: the import has cost enough, and the last change is long enough ago."""
        if missing <= 0:
            return inf
        enough = LOWER_WH if missing > pace.borne_watts else pace.borne_wh
        if missing > pace.at_once_watts:
            enough = 0.0
        enough_at = now if self._imported.wh >= enough else self._imported.reaches_at(enough)
        return inf if enough_at is None else max(enough_at, self._changed_at + LOWER_SPACING_SECONDS)

    def _set(self, amps: int, now: float) -> None:
        if amps != self.amps:
            self.amps, self._changed_at = amps, now
            self._imported.empty()
