"""What all peers have in common: one car, asked at their own pace."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import override

from custom_components.tesla_twc.twc.protocol.codes import TwcId
from custom_components.tesla_twc.twc.replay.parked_car import ParkedCar
from custom_components.tesla_twc.twc.replay.rules import ReplayMoment, ReplayRule

MINIMUM_AMPS = 6


class Peer(ReplayRule):
    """A rule that looks at the meter every ``pace_seconds`` and never in between."""

    pace_seconds = 30.0

    def __init__(self, phases: int, most_amps: int) -> None:
        """Take the phases and the most amps of the car."""
        self.phases = phases
        self.most_amps = most_amps
        self.offer = 0.0
        self._due = float("-inf")

    @override
    def decide(self, view: ReplayMoment) -> tuple[Mapping[TwcId, int], float | None]:
        twcid, car = next(iter(view.cars.items()))
        if view.now >= self._due:
            self._due = view.now + self.pace_seconds
            self.offer = self.amps(view, car)
        whole = int(min(self.offer, self.most_amps)) if self.offer >= MINIMUM_AMPS else 0
        return {twcid: whole}, self._due

    @abstractmethod
    def amps(self, view: ReplayMoment, car: ParkedCar) -> float:
        """Return what to offer, A per phase; less than 6 stops."""


def grid_watts(view: ReplayMoment) -> float:
    """What the meter told last."""
    return view.grid.value or 0.0


def watts_without_battery(view: ReplayMoment) -> float:
    """What the meter would tell if there were no house battery, for programs that are told its power, too."""
    return grid_watts(view) - view.sample.battery_watts


class Timer:
    """Runs while a condition holds."""

    def __init__(self) -> None:
        """Stand still."""
        self._since: float | None = None

    def held(self, condition: bool, seconds: float, now: float) -> bool:
        """Say whether the condition has held for ``seconds``; then begin anew."""
        if not condition:
            self._since = None
            return False
        self._since = now if self._since is None else self._since
        if now - self._since < seconds:
            return False
        self._since = None
        return True
