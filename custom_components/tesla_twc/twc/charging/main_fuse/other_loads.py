"""Measures other loads on the circuit of the wall connectors, such as a Gen 3 unit or a sauna."""

from collections.abc import Sequence
from math import inf

from ...protocol.codes import TwcId
from ..readings import SensorReading
from .conductor import HELD_SECONDS, SAFE_AMPS, Conductor
from .largest import Largest, LargestOfDay
from .phase_sensor import PhaseSensor


class OtherLoads:
    """Follows the sensors of other loads on one circuit. Amps are A per phase, times s of one clock.

    Each sensor measures one load or one phase of it, so the largest value counts.
    """

    def __init__(self) -> None:
        """Begin without any reading."""
        self._sensors: list[PhaseSensor] = []
        self._held = Largest()
        self._highest = LargestOfDay()
        self.are_silent = False
        """Whether one of the sensors has no usable reading."""
        self.next_at: float | None = None
        """When the next of them becomes silent unless it reports."""

    def follow(
        self,
        readings: Sequence[SensorReading],
        twcids: Sequence[TwcId],
        drawn: float,
        circuit_amps: int,
        now: float,
    ) -> tuple[Conductor, ...]:
        """Take in the readings, and return the circuit as a conductor; none without sensors.

        While a sensor is silent, the largest load of the last day is assumed.
        """
        if len(self._sensors) != len(readings):
            self._sensors = [PhaseSensor() for _ in readings]
        for sensor, reading in zip(self._sensors, readings, strict=True):
            sensor.follow(reading, now)
        heard = [one.last.value for one in self._sensors if one.last is not None and now <= one.silent_at()]
        self.are_silent = len(heard) < len(self._sensors)
        silent_at = [one.silent_at() + 0.1 for one in self._sensors]
        self.next_at = min((at for at in silent_at if now < at < inf), default=None)
        if not self._sensors:
            return ()
        taken = max(heard, default=0.0)
        if not self.are_silent:
            self._highest.add(taken, now)
            self._held.add(taken, now)
        else:
            highest = self._highest.largest()
            # Without a value since the start, the safe share is left to the cars.
            taken = max(taken, max(0.0, circuit_amps - SAFE_AMPS) if highest is None else highest)
        self._held.forget_before(now - HELD_SECONDS)
        held = self._held.since(now - HELD_SECONDS, taken)
        limit = float(circuit_amps)
        return (Conductor.of_all(twcids, limit=limit, rest=taken, held_rest=held, drawn=drawn),)
