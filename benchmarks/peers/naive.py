"""What everybody writes first: every half minute, the surplus in whole amps."""

from typing import override

from custom_components.tesla_twc.twc.replay.parked_car import ParkedCar
from custom_components.tesla_twc.twc.replay.rules import ReplayMoment

from .peer import Peer, grid_watts


class Naive(Peer):
    """Rounds down what is there, and stops as soon as it is too little."""

    @override
    def amps(self, view: ReplayMoment, car: ParkedCar) -> float:
        per_ampere = view.sample.volts * self.phases
        return car.amps - grid_watts(view) / per_ampere
