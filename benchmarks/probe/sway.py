"""Currents and voltages that are never still, as those of real wall connectors."""

from dataclasses import replace

from custom_components.tesla_twc.twc.bus.clock import Clock
from custom_components.tesla_twc.twc.simulator.scene import Scene

SWAY_SHARE = 0.02
"""A current is never still. Three reports in a row from a real unit lie within 1 % (protocol.md 4, frames 85 to 87);
no longer recording is known, so this is twice that, anew each second."""
IDLE_AMPS = (0.19, 0.25)
"""What some units report on top, even when nothing flows (protocol.md 2.4)."""
SWAY_VOLTS = 2


class Sway:
    """Lets everything that is measured on a line move a little, once a second."""

    def __init__(self, scene: Scene, clock: Clock) -> None:
        """Begin in a second."""
        self._scene, self._clock = scene, clock
        self._next = clock.call_at(clock.time() + 1, self._sway)

    def end(self) -> None:
        """Let it rest."""
        self._next.cancel()

    def _sway(self) -> None:
        random = self._scene.line.random
        for station in self._scene.stations.values():
            unit = station.connector.unit
            habits = replace(
                unit.habits,
                measuring_gain=random.uniform(1 - SWAY_SHARE, 1 + SWAY_SHARE),
                idle_offset_amps=random.uniform(*IDLE_AMPS),
            )
            station.connector.unit = replace(unit, habits=habits)
            one, two, three = (volts + random.randint(-SWAY_VOLTS, SWAY_VOLTS) for volts in unit.model.volts)
            station.connector.session.outlet.volts = (one, two, three)
        self._next = self._clock.call_at(self._clock.time() + 1, self._sway)
