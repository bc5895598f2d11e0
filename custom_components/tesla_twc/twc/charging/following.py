"""Which whole amps follow a surplus that never rests: down when it costs, up when it is worth it.

Every change of the offer wears on somebody: the car, the recorder, the patience of the owner. So a small import is
borne until it has cost something, a large one is ended within a second or at once, and the amps rise only when there
is more than the next one needs by what the house usually sways. In a calm house that is next to nothing, under clouds
it is a lot.
"""

from math import inf

from .bank import EnergyBank
from .settings import Pace

LOWER_WH = 0.1
"""A larger import is followed after this: a kilowatt for a third of a second. A heartbeat's flicker is less."""
SMALL_AMPERE_WATTS = 240.0
"""An ampere of one phase."""
RAISE_SPACING_SECONDS = 20.0
"""After any change; at least 10 s (protocol.md 6.1). While a car still moves, its own power is a guess."""
LOWER_SPACING_SECONDS = 10.0
"""At least the 5 s that a car needs to follow (protocol.md 6.1)."""


class Follower:
    """The whole amps of one wall connector that follows the surplus."""

    def __init__(self, amps: int, now: float) -> None:
        """Begin with an offer in A per phase."""
        self.amps = amps
        self._changed_at = now - RAISE_SPACING_SECONDS
        self._bought = EnergyBank(floor_wh=0.0, ceiling_wh=inf)
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
        sway_watts: float,
        pace: Pace,
        now: float,
    ) -> None:
        """Take what it may use, in W: at least ``low_watts``, at most ``high_watts``; A from lowest to highest."""
        self.bound(lowest, highest, now)
        has = self.amps * watts_per_ampere
        missing = has - high_watts if self.amps > lowest else 0.0
        # What a house sways by undoes a small ampere sooner than one of three phases, and costs fewer changes there.
        small = min(1.0, SMALL_AMPERE_WATTS / watts_per_ampere)
        margin = small * (pace.raise_margin_watts + pace.raise_margin_sways * small * sway_watts)
        rounding = pace.rounding_watts / small
        can_rise = self.amps < highest and low_watts >= has + watts_per_ampere + margin
        self._bought.flow(missing if missing > 0 else -has, now)
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
        """When the import has cost enough, and long enough after the last change."""
        if missing <= 0:
            return inf
        enough = LOWER_WH if missing > pace.borne_watts else pace.borne_wh
        if missing > pace.at_once_watts:
            enough = 0.0
        enough_at = now if self._bought.wh >= enough else self._bought.reaches_at(enough)
        return inf if enough_at is None else max(enough_at, self._changed_at + LOWER_SPACING_SECONDS)

    def _set(self, amps: int, now: float) -> None:
        if amps != self.amps:
            self.amps, self._changed_at = amps, now
            self._bought.empty()
