"""What else hangs on the circuit of the wall connectors: a Gen 3 unit, a sauna, whatever its owner names."""

from collections.abc import Sequence
from math import inf

from ..protocol.codes import TwcId
from .fuse import HELD_SECONDS, SAFE_AMPS, Conductor
from .largest import Largest, LargestOfDay
from .phase_sensor import PhaseSensor
from .readings import Reading


class OtherLoads:
    """Follows the sensors of one circuit. Amps are A per phase, times s of one clock.

    Each sensor is one load, or one phase of it, so the largest counts.
    """

    def __init__(self) -> None:
        """Nothing was heard yet."""
        self._sensors: list[PhaseSensor] = []
        self._held = Largest()
        self._highest = LargestOfDay()
        self.are_silent = False
        """Whether one of the sensors says nothing usable."""
        self.next_at: float | None = None
        """When the next of them is silent if it says nothing until then."""

    def look(
        self,
        readings: Sequence[Reading],
        twcids: Sequence[TwcId],
        drawn: float,
        circuit_amps: int,
        now: float,
    ) -> tuple[Conductor, ...]:
        """Return the circuit as something that limits the cars; nothing where it has no other loads.

        While a sensor is silent, they take the most that they took within a day.
        """
        if len(self._sensors) != len(readings):
            self._sensors = [PhaseSensor() for _ in readings]
        for sensor, reading in zip(self._sensors, readings, strict=True):
            sensor.look(reading, now)
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
            # After a start nothing is known of it: the safe share is left to the cars.
            taken = max(taken, max(0.0, circuit_amps - SAFE_AMPS) if highest is None else highest)
        held = self._held.since(now - HELD_SECONDS, taken)
        limit = float(circuit_amps)
        return (Conductor.of_all(twcids, limit=limit, rest=taken, held_rest=held, drawn=drawn),)
