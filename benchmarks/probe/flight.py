"""Lets hours pass in a moment: our integration talks to a simulated line in simulated time.

Everything else is real, above all the recorder: what it writes in an hour can be counted after a minute.
"""

from homeassistant.core import HomeAssistant, ServiceCall, callback

from custom_components.tesla_twc.port import connection
from custom_components.tesla_twc.twc.simulator.clock import SimulatedClock
from custom_components.tesla_twc.twc.simulator.memory import open_memory
from custom_components.tesla_twc.twc.simulator.scene import Scene
from custom_components.tesla_twc.twc.simulator.tools.monitor import BusMonitor
from custom_components.tesla_twc.twc.simulator.tools.steering import Steering

from .sway import Sway


class Flight:
    """A line of its own, in a time of its own."""

    def __init__(self) -> None:
        """Lay the line with one wall connector."""
        self.clock = SimulatedClock()
        self.scene = Scene(self.clock, seed=1)
        self.scene.add("p2")
        self.steering = Steering(self.scene, BusMonitor(self.scene.line))
        self.sway = Sway(self.scene, self.clock)


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
