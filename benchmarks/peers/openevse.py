"""OpenEVSE: its divert mode, smoothed quickly upwards and slowly downwards (its src/divert.cpp).

Every 10 s: the free amps, averaged with 20 s while they rise and with 10 min while they fall. Above the trigger the car
follows the unsmoothed figure; below it, it ends once it has charged for ten minutes.
"""

from math import exp, floor
from typing import override

from custom_components.tesla_twc.twc.replay.parked_car import ParkedCar
from custom_components.tesla_twc.twc.replay.rules import ReplayMoment

from .peer import MINIMUM_AMPS, Peer, grid_watts

ATTACK_SECONDS, DECAY_SECONDS = 20.0, 600.0
MINIMUM_SECONDS = 600.0
HYSTERESIS_AMPS = 0.5


class OpenEvse(Peer):
    """``ratio`` is how much of the power must come from the sun; above 1 it leaves a reserve."""

    pace_seconds = 10.0

    def __init__(self, phases: int, most_amps: int, *, ratio: float = 1.1) -> None:
        """Be off."""
        super().__init__(phases, most_amps)
        self._ratio = ratio
        self._smoothed = 0.0
        self._until: float | None = None

    @override
    def amps(self, view: ReplayMoment, car: ParkedCar) -> float:
        per_ampere = view.sample.volts * self.phases
        reserve = 1000 * max(0.0, self._ratio - 1)
        free = max(0.0, car.amps - (grid_watts(view) + reserve) / per_ampere)
        seconds = ATTACK_SECONDS if free > self._smoothed else DECAY_SECONDS
        self._smoothed += (free - self._smoothed) * (1 - exp(-self.pace_seconds / seconds))
        trigger = MINIMUM_AMPS * min(1.0, self._ratio)
        whole = floor(free) + (1 if free - floor(free) > min(1.0, self._ratio) else 0)
        if self._smoothed >= trigger + HYSTERESIS_AMPS:
            self._until = view.now + MINIMUM_SECONDS if self._until is None else self._until
            return max(MINIMUM_AMPS, whole)
        if self._smoothed <= trigger and self._until is not None and view.now >= self._until:
            self._until = None
            return 0.0
        return self.offer if self._until is not None else 0.0
