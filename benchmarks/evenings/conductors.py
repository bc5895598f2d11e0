"""The true currents at the main fuse: house, inverter and cars together, as physics has them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import acos, hypot, tan

from custom_components.tesla_twc.twc.simulator.connector import SimulatedConnector

from .appliances import WANDER_SECONDS, wander
from .plan import Connector, House


@dataclass(frozen=True, slots=True)
class Flow:
    """What flows through one conductor of the main fuse."""

    watts: float
    """Negative while it exports."""
    reactive: float
    """var."""
    volts: float

    @property
    def amps(self) -> float:
        """A, always positive: what heats the breaker."""
        return hypot(self.watts, self.reactive) / self.volts

    @property
    def signed_amps(self) -> float:
        """A as a meter with a sign tells it."""
        return -self.amps if self.watts < 0 else self.amps


class LivingHouse:
    """What the house itself takes. Times are s from the beginning of the evening and never go back."""

    def __init__(self, house: House, seed: int) -> None:
        """Lay out everything that will be switched."""
        self.house = house
        self._reactive_share = tan(acos(house.power_factor))
        self._base = list(house.base_watts)
        self._switched = [0.0] * house.conductors
        self._sun = 0.0
        self._wanders = [wander(seed, conductor) for conductor in range(house.conductors)]
        self._wander_at = 0.0
        self._changes = _changes(house)
        self._next = 0

    def advance(self, at: float) -> None:
        """Let time pass; before the evening begins only the base load is there."""
        while self._next < len(self._changes) and self._changes[self._next].at <= at:
            change = self._changes[self._next]
            self._next += 1
            for conductor in change.conductors:
                self._switched[conductor] += change.watts
            if change.sun_watts is not None:
                self._sun = change.sun_watts
        while self._wander_at <= at:
            self._wander_at += WANDER_SECONDS
            for conductor, values in enumerate(self._wanders):
                self._base[conductor] = self.house.base_watts[conductor] * (1.0 + next(values))

    def flow(self, conductor: int, car_amps: float = 0.0) -> Flow:
        """Return what flows while cars draw so much there; without them, what the house takes alone."""
        own = self._base[conductor] + self._switched[conductor]
        volts = self.house.volts[conductor]
        sun = self._sun if conductor == self.house.sun_phase else 0.0
        return Flow(own + car_amps * volts - sun, own * self._reactive_share, volts)


@dataclass(frozen=True, slots=True)
class _Change:
    at: float
    conductors: tuple[int, ...] = ()
    watts: float = 0.0
    sun_watts: float | None = None


def _changes(house: House) -> list[_Change]:
    found = [
        _Change(at, load.phases, watts)
        for load in house.loads
        for start, end in load.spells
        for at, watts in ((start, load.watts), (end, -load.watts))
    ]
    found += [_Change(at, sun_watts=watts) for at, watts in house.sun]
    return sorted(found, key=lambda change: change.at)


def car_amps(plan: Connector, connector: SimulatedConnector, *, split_phase: bool) -> list[tuple[int, float]]:
    """Return what the car at one wall connector draws from which conductor."""
    drawn = connector.session.outlet.phase_amps
    if split_phase:
        return [(wire, drawn[0]) for wire in plan.wires]
    return list(zip(plan.wires, drawn, strict=False))


def add_up(loads: Sequence[Sequence[tuple[int, float]]], conductors: int) -> list[float]:
    """Return what all cars draw from each conductor."""
    total = [0.0] * conductors
    for load in loads:
        for wire, amps in load:
            total[wire] += amps
    return total
