"""evcc: the mode "pv", and "min+pv", with their delays (its core/loadpoint.go and core/site.go).

The target is what the car has less what the house takes from the grid. On for a minute of enough, off after three
minutes of import at the minimum; either timer starts again whenever its condition breaks. What a house battery takes
counts as surplus, and what it gives as import (its core/site.go, without a priority of the battery).
"""

from typing import override

from custom_components.tesla_twc.twc.replay.parked_car import ParkedCar
from custom_components.tesla_twc.twc.replay.rules import ReplayMoment

from .peer import MINIMUM_AMPS, Peer, Timer, watts_without_battery

VOLTS = 230.0
ENABLE_SECONDS, DISABLE_SECONDS = 60.0, 180.0


class Evcc(Peer):
    """Every half minute, with the car's own current at most 2 A below its offer."""

    def __init__(
        self, phases: int, most_amps: int, *, residual_watts: float = 0.0, keeps_minimum: bool = False
    ) -> None:
        """Take the W to leave for the grid, and whether the minimum is kept."""
        super().__init__(phases, most_amps)
        self._residual_watts = residual_watts
        self._keeps_minimum = keeps_minimum
        self._enable, self._disable = Timer(), Timer()

    @override
    def amps(self, view: ReplayMoment, car: ParkedCar) -> float:
        """Return whole amps: a wall connector is one of evcc's coarse chargers."""
        site = watts_without_battery(view) + self._residual_watts
        has = min(self.offer, car.amps + 2.0) if car.amps else 0.0
        target = max(0.0, has - site / (VOLTS * self.phases))
        if self._keeps_minimum:
            return float(max(MINIMUM_AMPS, int(target)))
        if self.offer >= MINIMUM_AMPS:
            if target >= MINIMUM_AMPS:
                self._disable.held(False, 0.0, view.now)
                return float(int(target))
            return 0.0 if self._disable.held(site >= 0, DISABLE_SECONDS, view.now) else MINIMUM_AMPS
        enabled = self._enable.held(target >= MINIMUM_AMPS, ENABLE_SECONDS, view.now)
        return MINIMUM_AMPS if enabled else 0.0
