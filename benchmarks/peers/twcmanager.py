"""TWCManager: what production leaves, every half minute, and a jump to 16 A on every rise (its TWCMaster, TWCSlave).

A stop needs the offer and the current to have been calm for a minute; until then a protocol-2 unit gives its minimum.
"""

from typing import override

from custom_components.tesla_twc.twc.replay.parked_car import ParkedCar
from custom_components.tesla_twc.twc.replay.rules import ReplayMoment

from .peer import MINIMUM_AMPS, Peer, watts_without_battery

POLICY_SECONDS = 30.0
SPIKE_AMPS = 16
SPIKE_SECONDS = 5.0
CALM_SECONDS = 60.0


class TwcManager(Peer):
    """Looks every 5 s, and at the house every 30 s."""

    pace_seconds = 5.0

    def __init__(self, phases: int, most_amps: int) -> None:
        """Be off."""
        super().__init__(phases, most_amps)
        self._policy_at = float("-inf")
        self._green_amps = 0.0
        self._reported_amps = 0.0
        self._changed_at = self._flipped_at = self._moved_at = float("-inf")
        self._wanted = 0.0
        self._drawn = self._decided = 0.0

    @override
    def amps(self, view: ReplayMoment, car: ParkedCar) -> float:
        now = view.now
        if now - self._policy_at >= POLICY_SECONDS:
            self._policy_at = now
            # Generation less consumption, of which the wall connector's own load is taken off again.
            self._green_amps = max(
                0.0, car.amps - watts_without_battery(view) / (view.sample.volts * self.phases)
            )
        if abs(car.amps - self._drawn) > 0.8:
            self._moved_at, self._drawn = now, car.amps
        offer = self._desired(now, charging=car.amps > 0)
        if offer != self._decided:
            self._decided, self._changed_at = offer, now
        self._reported_amps = offer or (MINIMUM_AMPS if car.amps else 0.0)
        if not offer and car.amps > 4 and now - max(self._changed_at, self._moved_at) < CALM_SECONDS:
            return MINIMUM_AMPS
        return offer

    def _desired(self, now: float, *, charging: bool) -> float:
        wanted: float = int(self._green_amps) if self._green_amps >= MINIMUM_AMPS else 0
        calm = now - self._flipped_at >= CALM_SECONDS
        if (self._wanted < MINIMUM_AMPS) != (wanted < MINIMUM_AMPS):
            self._wanted, self._flipped_at = wanted, now
        if wanted and wanted < SPIKE_AMPS and wanted > self._reported_amps:
            wanted = SPIKE_AMPS if now - self._changed_at > SPIKE_SECONDS else self._decided
        elif wanted and wanted < self._decided and now - self._changed_at < SPIKE_SECONDS:
            wanted = self._decided
        if not calm and charging:
            wanted = max(MINIMUM_AMPS, wanted)
        return min(wanted, self.most_amps)
