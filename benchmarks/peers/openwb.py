"""openWB 2: a start line of 1,500 W a phase, a control range of 0 to 230 W of import (its surplus_controlled.py).

Every 10 s. Inside the range nothing changes; outside, the amps aim at its middle, at most 5 A from what is drawn. A
house battery is passed over: cars come first.
"""

from enum import Enum, auto
from typing import override

from custom_components.tesla_twc.twc.replay.parked_car import ParkedCar
from custom_components.tesla_twc.twc.replay.rules import ReplayMoment

from .peer import MINIMUM_AMPS, Peer, Timer, watts_without_battery

RANGE_WATTS = (0.0, 230.0)
START_WATTS_PER_PHASE = 1500.0
ON_SECONDS, OFF_SECONDS = 30.0, 60.0
STEP_AMPS = 5.0


class _State(Enum):
    OFF = auto()
    RUNNING = auto()


class OpenWb(Peer):
    """Starts after half a minute above the line, stops after a minute of import at the minimum."""

    pace_seconds = 10.0

    def __init__(self, phases: int, most_amps: int) -> None:
        """Be off."""
        super().__init__(phases, most_amps)
        self._state = _State.OFF
        self._on, self._off = Timer(), Timer()
        self._aim = sum(RANGE_WATTS) / 2

    @override
    def amps(self, view: ReplayMoment, car: ParkedCar) -> float:
        grid = watts_without_battery(view)
        per_ampere = view.sample.volts * self.phases
        if self._state is _State.OFF:
            surplus = self._aim - grid + car.amps * per_ampere
            if not self._on.held(surplus >= START_WATTS_PER_PHASE * self.phases, ON_SECONDS, view.now):
                return 0.0
            self._state = _State.RUNNING
            return float(MINIMUM_AMPS)
        importing = grid > 0 and 0 < car.amps <= MINIMUM_AMPS + 0.5
        if self._off.held(importing, OFF_SECONDS, view.now):
            self._state = _State.OFF
            return 0.0
        if RANGE_WATTS[0] <= grid <= RANGE_WATTS[1]:
            return self.offer
        wanted = self.offer + (self._aim - grid) / per_ampere
        if car.amps:
            wanted = max(car.amps - STEP_AMPS, min(car.amps + STEP_AMPS, wanted))
        # It goes on from what the wall connector really offers: whole amps. From its own fractions it would saw.
        return float(int(max(MINIMUM_AMPS, min(self.most_amps, wanted))))
