"""The two seams between Home Assistant and a line: which clock runs, and how a port is opened.

Call them through this module (``connection.clock_of(hass)``): tests replace both, and then all of Home
Assistant talks to simulated wall connectors in simulated time.
"""

from dataclasses import dataclass

from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN, SIMULATED_DEVICE
from .twc.bus.clock import Clock
from .twc.bus.link import Opener, serial_opener
from .twc.simulator.memory import MemoryPort, open_memory
from .twc.simulator.scene import Scene, demo


@dataclass(frozen=True, slots=True)
class Simulation:
    """What stands in for hardware."""

    scene: Scene
    port: MemoryPort


_SIMULATION: HassKey[Simulation] = HassKey(f"{DOMAIN}_simulation")


def clock_of(hass: HomeAssistant) -> Clock:
    """Return what tells the time (s) and calls back at a time: the event loop."""
    return hass.loop


def opener_for(hass: HomeAssistant, device: str) -> Opener:
    """Return what opens ``device``: a serial port, a URL, or the simulated line of this Home Assistant."""
    return _simulated_port(hass) if device == SIMULATED_DEVICE else serial_opener(device)


def _simulated_port(hass: HomeAssistant) -> Opener:
    """Return the adapter on the simulated line.

    The line lives until its entry is removed, open or not: its cars stay where they are during a reload, and no energy
    counter goes back.
    """
    if _SIMULATION not in hass.data:
        scene = demo(clock_of(hass))
        hass.data[_SIMULATION] = Simulation(scene, open_memory(scene.line, SIMULATED_DEVICE))
    return hass.data[_SIMULATION].port


def end_simulation(hass: HomeAssistant) -> None:
    """Take the simulated wall connectors away; harmless if there are none."""
    if (simulation := hass.data.pop(_SIMULATION, None)) is not None:
        for number in list(simulation.scene.stations):
            simulation.scene.remove(number)
