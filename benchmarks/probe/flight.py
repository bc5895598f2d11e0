"""Lets hours pass in a moment: our integration talks to a simulated line in simulated time.

Everything else is real, above all the recorder: what it writes in an hour can be counted after a minute.
"""

from dataclasses import replace

from homeassistant.core import HomeAssistant, ServiceCall, callback

from custom_components.tesla_twc.port import connection
from custom_components.tesla_twc.twc.simulator.clock import SimulatedClock
from custom_components.tesla_twc.twc.simulator.memory import open_memory
from custom_components.tesla_twc.twc.simulator.scene import Scene
from custom_components.tesla_twc.twc.simulator.tools.monitor import BusMonitor
from custom_components.tesla_twc.twc.simulator.tools.steering import Steering

SWAY_SHARE = 0.02
"""A current is never still. Three reports in a row from a real unit lie within 1 % (protocol.md 4, frames 85 to 87);
no longer recording is known, so this is twice that, anew each second."""
IDLE_AMPS = (0.19, 0.25)
"""What some units report on top, even when nothing flows (protocol.md 2.4)."""
SWAY_VOLTS = 2


class Flight:
    """A line of its own, in a time of its own."""

    def __init__(self) -> None:
        """Lay the line with one wall connector."""
        self.clock = SimulatedClock()
        self.scene = Scene(self.clock, seed=1)
        self.scene.add("p2")
        self.steering = Steering(self.scene, BusMonitor(self.scene.line))
        self.clock.call_later(1, self._sway)

    def _sway(self) -> None:
        """Let everything that is measured move a little, once a second."""
        random = self.scene.line.random
        for station in self.scene.stations.values():
            unit = station.connector.unit
            habits = replace(
                unit.habits,
                measuring_gain=random.uniform(1 - SWAY_SHARE, 1 + SWAY_SHARE),
                idle_offset_amps=random.uniform(*IDLE_AMPS),
            )
            station.connector.unit = replace(unit, habits=habits)
            one, two, three = (volts + random.randint(-SWAY_VOLTS, SWAY_VOLTS) for volts in unit.model.volts)
            station.connector.session.outlet.volts = (one, two, three)
        self.clock.call_later(1, self._sway)


def install(hass: HomeAssistant) -> None:
    """Replace the clock and the port of our integration, and take commands."""
    flight = Flight()
    port = open_memory(flight.scene.line)
    connection.clock_of = lambda hass: flight.clock
    connection.opener_for = lambda hass, device: port

    async def pass_time(call: ServiceCall) -> None:
        await flight.clock.advance_async(call.data["seconds"])

    @callback
    def steer(call: ServiceCall) -> None:
        flight.steering.run(call.data["command"])

    hass.services.async_register("probe", "pass_time", pass_time)
    hass.services.async_register("probe", "steer", steer)
